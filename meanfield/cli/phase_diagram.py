"""``meanfield phase-diagram``: states, stability and classes over a grid of two parameters."""

from __future__ import annotations

import argparse
import json
import math
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_known
from meanfield.cli.common import parse_parameters, save
from meanfield.continuation import Line
from meanfield.io import parse_parameter, parse_quantity
from meanfield.models import PUBLISHED
from meanfield.parameters import Family, family
from meanfield.phasediagram import boundaries, phase_diagram
from meanfield.phasediagram.classes import CLASSES

MANY_POINTS = 2000  # beyond, processes are worth their start


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "phase-diagram",
        help="states, stability and classes over a grid of two parameters",
        description="Every state of a model or network over two of its parameters: a dataset, a figure, and a table. "
        "Other parameters follow as --name value. A run that was interrupted goes on when it is repeated. For example: "
        "meanfield phase-diagram brunel2000 --x g=0:8:200 --y eta=0:4:200 --out out. Parameters of a network file are "
        "its parts: weight[E,I]=-1mV:-0.2mV:50 (onto E from I), drive0.rate=10Hz:40Hz:50, tau_m[E], weight_scale",
        allow_abbrev=False,
    )
    command.add_argument("model", metavar="NET.toml|MODEL")
    for axis in ("x", "y"):
        command.add_argument(f"--{axis}", required=True, metavar="NAME=LOW:HIGH:N", help=f"{axis} axis, as g=0:8:200")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for figure and dataset")
    command.add_argument("--store", type=Path, metavar="PATH", help="dataset, default: DIR/phase_diagram.zarr")
    command.add_argument(
        "--engine", metavar="ENGINE", help="serial, processes or a scheduler, tcp://host:port; default: by size"
    )
    command.add_argument("--no-lines", action="store_true", help="only the grid, no fold and Hopf lines")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    if find_spec("matplotlib") is None:
        raise ValueError("phase-diagram draws with matplotlib, which is not installed (pip install matplotlib)")
    model = family(known.model)
    axes: dict[str, Any] = dict(parse_range(model, word) for word in (known.x, known.y))
    if len(axes) < 2:
        raise ValueError(f"--x and --y must be two parameters, got {known.x.partition('=')[0]} twice")
    fixed = _fixed_parameters(model, parse_parameters(extra))
    for name in axes:
        if name in fixed:
            raise ValueError(f"parameter --{name} is an axis already")
    n_points = math.prod(len(values) for values in axes.values())
    if known.out.exists() and not known.out.is_dir():
        raise ValueError(f"--out {known.out} is no directory")
    known.out.mkdir(parents=True, exist_ok=True)
    store = known.store or known.out / "phase_diagram.zarr"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        dataset = phase_diagram(
            known.model,
            store=store,
            engine=known.engine or ("processes" if n_points > MANY_POINTS else "serial"),
            progress=find_spec("tqdm") is not None,
            **fixed,
            **axes,
        )
        lines = [] if known.no_lines else boundaries(known.model, dataset, **fixed)
    for warning in caught:
        if issubclass(warning.category, UserWarning):
            print(f"meanfield: {warning.message}", file=sys.stderr)
    print(class_table(dataset))
    if lines:
        print("\n" + line_table(lines))
    print()
    for path in (store, *_draw_phase_diagram(dataset, lines, known.out)):
        print(path)
    return 0


def parse_range(model: Family, text: str) -> tuple[str, FloatArray]:
    """Read an axis such as ``g=0:8:200`` or ``delay=1ms:4ms:50``: its name and values, both ends included.

    >>> parse_range(family("brunel2000"), "delay=1ms:4ms:4")
    ('delay', array([0.001, 0.002, 0.003, 0.004]))
    """
    name, equals, rest = text.partition("=")
    name, parts = name.strip().replace("-", "_"), rest.split(":")
    if not equals or len(parts) != 3:
        raise ValueError(f"an axis must be NAME=LOW:HIGH:N, such as g=0:8:200, got {text!r}")
    check_known(f"parameter of {model.label}:", [name], model.names)
    low, high = (parse_quantity(f"axis {name}", part, model.unit(name)) for part in parts[:2])
    try:
        n = int(parts[2])
    except ValueError:
        raise ValueError(f"axis {name} must have a whole number of values, got {parts[2]!r}") from None
    if n < 1:
        raise ValueError(f"axis {name} is empty: it must have at least one value, got {n}")
    if n > 1 and not low < high:
        raise ValueError(f"axis {name} must run upwards, got {text!r}")
    return name, np.linspace(low, high, n)


def _fixed_parameters(model: Family, texts: Mapping[str, str]) -> dict[str, Any]:
    check_known(f"parameter of {model.label}:", texts, model.names)
    return {name: parse_parameter(name, text, model.unit(name)) for name, text in texts.items()}


def class_table(dataset: Any) -> str:
    """Share of each class in a phase diagram, as plain text."""
    found = dataset["class"].values
    lines = [f"{'class':<12} {'points':>8} {'share':>7}"]
    for value in np.unique(found):
        number = int((found == value).sum())
        word = "failed" if value < 0 else CLASSES[value]
        lines.append(f"{word:<12} {number:>8} {number / found.size:>7.1%}")
    complete = int(dataset["is_complete"].values.sum())
    lines.append(f"{complete} of {found.size} points are proven to have no other state")
    return "\n".join(lines)


def line_table(lines: Sequence[Line]) -> str:
    """Lines and their special points as plain text, parameters in SI units."""
    words = []
    for line in lines:
        low, high = line.frequency.min(), line.frequency.max()
        span = "" if line.kind == "fold" else f", {low:.4g} to {high:.4g} Hz"
        words.append(f"{line.kind} line, {len(line)} points{span}")
        for point in line.special:
            where = ", ".join(f"{name} = {value:.5g}" for name, value in point.parameters.items())
            words.append(f"    {point.kind:<16} {where}")
    return "\n".join(words)


def _published(dataset: Any) -> tuple[dict[str, tuple[float, float]], str]:
    """Networks that papers simulate and that lie in this plane, by name: (x, y) in SI units; and whose they are."""
    x, y = dataset["n_states"].dims
    label, networks = PUBLISHED.get(dataset.attrs["model"], ("", {}))
    if json.loads(dataset.attrs["fixed_parameters"]):  # they have the defaults
        return {}, ""
    places = {name: (at[x], at[y]) for name, at in networks.items() if set(at) == {x, y}}
    inside = {
        name: place
        for name, place in places.items()
        if all(dataset[axis].min() <= value <= dataset[axis].max() for axis, value in zip((x, y), place, strict=True))
    }
    return inside, label if inside else ""


def _draw_phase_diagram(dataset: Any, lines: Sequence[Line], out: Path) -> list[Path]:
    """Write PNG and PDF."""
    from matplotlib.figure import Figure  # without pyplot: no display is asked for

    from meanfield import plotting

    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = plotting.phase_diagram(figure.subplots(), dataset)
    for line in lines:
        plotting.line(axes, line)
    plotting.edge(axes, dataset)
    plotting.points(axes, *_published(dataset))
    fixed = ", ".join(f"{name} = {value}" for name, value in json.loads(dataset.attrs["fixed_parameters"]).items())
    axes.set_title(dataset.attrs["model"] + (f" ({fixed})" if fixed else ""), loc="left", fontsize="medium")
    paths = [out / f"phase_diagram.{extension}" for extension in ("png", "pdf")]
    for path in paths:
        save(figure, path)
    return paths
