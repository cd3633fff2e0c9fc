"""The command line: the only code of the library that prints.

Exit status: 0, 1 when a computation has no answer (no self-consistent state), 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from meanfield import __version__, cli_balance
from meanfield._validate import FloatArray, check_known
from meanfield.balance import BalanceError
from meanfield.continuation import Line
from meanfield.fixedpoint import ConvergenceError, FixedPoint, solve, solve_all
from meanfield.io import parse_quantity
from meanfield.models import MODELS, build, parameter_defaults
from meanfield.network import Network
from meanfield.parameters import Family, family
from meanfield.phasediagram import boundaries, phase_diagram
from meanfield.phasediagram.classes import CLASSES
from meanfield.stability import Stability, StabilityError, stability
from meanfield.units import mV

BAD_INPUT = 2
MANY_POINTS = 2000  # beyond, processes are worth their start
NO_ANSWER = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _parser()
    known, extra = parser.parse_known_args(arguments)
    return run_command(lambda: int(known.command(known, extra)), parser.prog)


def run_command(command: Callable[[], int], program: str) -> int:
    """Run `command`, turning what a user can cause into one line on stderr and an exit status."""
    try:
        return command()
    except (BalanceError, ConvergenceError, StabilityError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return NO_ANSWER
    except (ValueError, TypeError, OSError) as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130


def network_from_arguments(name: str, extra: Sequence[str]) -> Network:
    """Build the network of a command line: a model's name or a file, and what is left, ``--g 5 --delay 2ms``.

    Raises
    ------
    ValueError
        For a word that is no ``--parameter value``, and as `meanfield.models.build`, which reads the values.
    """
    return build(name, parse_parameters(extra))


def parse_parameters(words: Sequence[str]) -> dict[str, str]:
    """Take ``["--g", "5", "--delay=2ms"]`` apart.

    >>> parse_parameters(["--g", "5", "--delay=2ms"])
    {'g': '5', 'delay': '2ms'}
    """
    parameters: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise ValueError(f"unexpected argument {word!r}; parameters are given as --name value")
        name, equals, value = word[2:].partition("=")
        if not equals:
            if not rest:
                raise ValueError(f"parameter --{name} lacks its value")
            value = rest.pop(0)
        parameters[name.replace("-", "_")] = value
    return parameters


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meanfield", description="Mean-field theory of networks of spiking neurons.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"meanfield {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    solve_command = commands.add_parser(
        "solve",
        help="self-consistent states of a network",
        description="Self-consistent rates of a model (meanfield models lists them) or of a network file. "
        "Parameters of a model follow as --name value, for example: meanfield solve brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    solve_command.add_argument("network", metavar="NET.toml|MODEL")
    solve_command.add_argument("--all", action="store_true", help="every fixed point, and whether that is proven")
    solve_command.add_argument("--json", action="store_true", help="print JSON")
    solve_command.set_defaults(command=_solve)
    derive_command = commands.add_parser(
        "derive",
        help="derivations of the theory, step by step",
        description="A derivation of the theory, computed by sympy: assumptions, steps, result.",
        allow_abbrev=False,
    )
    derive_command.add_argument("name", metavar="NAME", nargs="?")
    derive_command.add_argument("--latex", action="store_true", help="print a section for a LaTeX document")
    derive_command.add_argument("--list", action="store_true", help="list the names and what they show")
    derive_command.set_defaults(command=_derive)
    _add_stability(commands)
    _add_phase_diagram(commands)
    cli_balance.add(commands, network_from_arguments)
    models_command = commands.add_parser("models", help="list the models of the literature and their parameters")
    models_command.add_argument("--json", action="store_true", help="print JSON")
    models_command.set_defaults(command=_models)
    return parser


def _add_stability(commands: Any) -> None:
    command = commands.add_parser(
        "stability",
        help="is a state stable, and what destroys it",
        description="Linear stability of the self-consistent states: the roots of det(1 - L(s)) right of a line. "
        "Parameters as for solve, for example: meanfield stability brunel2000 --g 6 --eta 4",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--all", action="store_true", help="of every fixed point")
    command.add_argument("--line", metavar="X", default="0", help="real part [1/s] right of which all roots are listed")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_stability)


def _add_phase_diagram(commands: Any) -> None:
    command = commands.add_parser(
        "phase-diagram",
        help="states, stability and classes over a grid of two parameters",
        description="Every state of a model over two of its parameters: a dataset, a figure, and a table. Other "
        "parameters follow as --name value. A run that was interrupted goes on when it is repeated. For example: "
        "meanfield phase-diagram brunel2000 --x g=0:8:200 --y eta=0:4:200 --out out",
        allow_abbrev=False,
    )
    command.add_argument("model", metavar="MODEL")
    for axis in ("x", "y"):
        command.add_argument(f"--{axis}", required=True, metavar="NAME=LOW:HIGH:N", help=f"{axis} axis, as g=0:8:200")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for figure and dataset")
    command.add_argument("--store", type=Path, metavar="PATH", help="dataset, default: DIR/phase_diagram.zarr")
    command.add_argument(
        "--engine", metavar="ENGINE", help="serial, processes or a scheduler, tcp://host:port; default: by size"
    )
    command.add_argument("--no-lines", action="store_true", help="only the grid, no fold and Hopf lines")
    command.set_defaults(command=_phase_diagram)


def _solve(known: argparse.Namespace, extra: Sequence[str]) -> int:
    network = network_from_arguments(known.network, extra)
    if known.all:
        states = solve_all(network)
        found, proof = list(states), states.proof
        answer: dict[str, Any] = {"is_complete": states.is_complete, "proof": proof}
    else:
        found, proof, answer = [solve(network)], "", {}
    if known.json:
        answer |= {"network": network.label, "states": [state.to_dict() for state in found]}
        print(json.dumps(answer, indent=2))
    else:
        print("\n\n".join([network.label, *map(state_table, found)] + ([proof] if proof else [])))
    return 0 if found else NO_ANSWER


def state_table(state: FixedPoint) -> str:
    """A fixed point as a plain-text table, a line a population."""
    width = max(len("population"), *map(len, state.network.names))
    lines = [f"{'population':<{width}} {'rate (Hz)':>12} {'mu (mV)':>10} {'sigma (mV)':>10} {'CV':>7} {'residual':>9}"]
    columns = zip(
        state.network.names,
        state.rate,
        state.mu / mV,
        state.sigma / mV,
        state.cv,
        state.residual,
        strict=True,
    )
    for name, rate, mu, sigma, cv, residual in columns:
        lines.append(f"{name:<{width}} {rate:>12.6g} {mu:>10.4f} {sigma:>10.4f} {cv:>7.4f} {residual:>9.1e}")
    return "\n".join(lines)


def _derive(known: argparse.Namespace, extra: Sequence[str]) -> int:
    from meanfield.derivations import derive, titles  # imports sympy

    if extra:
        raise ValueError(f"unexpected argument {extra[0]!r}")
    if known.list:
        width = max(map(len, titles()))
        print("\n".join(f"{name:<{width}}  {title}" for name, title in titles().items()))
        return 0
    if known.name is None:
        raise ValueError(f"derive needs the name of a derivation; known: {', '.join(titles())}")
    derivation = derive(known.name)
    print(derivation.latex() if known.latex else derivation.text())
    return 0


def _stability(known: argparse.Namespace, extra: Sequence[str]) -> int:
    network = network_from_arguments(known.network, extra)
    states = list(solve_all(network)) if known.all else [solve(network)]
    answers = [stability(state, line=parse_quantity("--line", known.line, "1")) for state in states]
    if known.json:
        found = [
            state.to_dict() | {"stability": answer.to_dict()} for state, answer in zip(states, answers, strict=True)
        ]
        print(json.dumps({"network": network.label, "states": found}, indent=2))
    else:
        print("\n\n".join([network.label, *map(stability_table, answers)]))
    return 0 if answers else NO_ANSWER


def stability_table(answer: Stability) -> str:
    """Stability of a state as plain text: its rates, what becomes of it, and a line a root."""
    rates = ", ".join(
        f"{name} {rate:.6g} Hz" for name, rate in zip(answer.state.network.names, answer.state.rate, strict=True)
    )
    verdict = "stable" if answer.is_stable else f"unstable ({answer.kind})"
    lines = [f"{rates}: {verdict}"]
    if answer.rightmost is not None:
        lines.append(f"rightmost root {answer.rightmost.real:.6g}/s at {answer.frequency:.6g} Hz")
    lines.append(f"{answer.count} roots right of {answer.line:g}/s, conjugates included")
    lines += [f"{root.real:>14.6g}/s {root.imag / (2.0 * np.pi):>12.6g} Hz" for root in answer.roots]
    return "\n".join(lines)


def _phase_diagram(known: argparse.Namespace, extra: Sequence[str]) -> int:
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
    return {name: parse_quantity(name, text, model.unit(name)) for name, text in texts.items()}


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


def _draw_phase_diagram(dataset: Any, lines: Sequence[Line], out: Path) -> list[Path]:
    """Write PNG and PDF; a file has its name only when it is complete."""
    from matplotlib.figure import Figure  # without pyplot: no display is asked for

    from meanfield import plotting

    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = plotting.phase_diagram(figure.subplots(), dataset)
    for line in lines:
        plotting.line(axes, line)
    fixed = ", ".join(f"{name} = {value}" for name, value in json.loads(dataset.attrs["fixed_parameters"]).items())
    axes.set_title(dataset.attrs["model"] + (f" ({fixed})" if fixed else ""), loc="left", fontsize="medium")
    paths = [out / f"phase_diagram.{extension}" for extension in ("png", "pdf")]
    for path in paths:
        with tempfile.TemporaryDirectory(dir=out, prefix=".saving-") as directory:
            temporary = Path(directory) / path.name
            figure.savefig(temporary, dpi=160)
            os.replace(temporary, path)
    return paths


def _models(known: argparse.Namespace, extra: Sequence[str]) -> int:
    if extra:
        raise ValueError(f"unexpected argument {extra[0]!r}")
    if known.json:
        print(json.dumps({name: parameter_defaults(name) for name in MODELS}, indent=2))
        return 0
    for name, model in MODELS.items():
        print(f"{name}: {(model.__doc__ or '').strip().splitlines()[0]}")
        defaults = ", ".join(
            f"{key}={np.format_float_positional(v, trim='-')}" for key, v in parameter_defaults(name).items()
        )
        print(f"    {defaults}  (SI units)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
