"""What makes two runs the same: model, parameters, axes, code; and words for how they differ."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import meanfield
from meanfield.io import to_dict
from meanfield.network import Network

if TYPE_CHECKING:
    from meanfield.phasediagram.grid import Grid

_PACKAGE = Path(__file__).parents[1]
_COMPUTES_NOTHING = ("cli", "plotting.py")


@cache
def code_fingerprint() -> str:
    """Hash of the sources and tables of the package that results depend on."""
    digest = hashlib.sha256()
    for path in sorted(p for p in _PACKAGE.rglob("*") if p.suffix in (".py", ".npz")):
        name = path.relative_to(_PACKAGE).as_posix()
        if name.split("/")[0] not in _COMPUTES_NOTHING:
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def source_of(model: Any) -> str:
    """Source of a model function; empty for a name, a file or a network, and where there is none to be had."""
    if not callable(model):
        return ""
    try:
        return inspect.getsource(model)
    except (OSError, TypeError):
        return ""


def networks_digest(model: Callable[..., Network], points: Sequence[Mapping[str, float]]) -> str:
    """Hash of the networks at some points: what the source does not show, such as functions that a model calls."""
    digest = hashlib.sha256()
    for point in points:
        try:
            words = json.dumps(to_dict(model(**point)), default=repr)
        except Exception as error:  # a point that fails is as telling
            words = repr(error)
        digest.update(words.encode())
    return digest.hexdigest()[:16]


def record_of(
    *, label: str, source: str, networks: str, populations: Sequence[str], grid: Grid, created: str
) -> dict[str, Any]:
    """All that a store keeps about its run, as JSON holds it; floats survive JSON exactly."""
    return {
        "model": label,
        "source": source,
        "networks": networks,
        "populations": list(populations),
        "axes": {name: values.tolist() for name, values in grid.axes.items()},
        "units": dict(grid.units),
        "fixed": {name: repr(value) for name, value in sorted(grid.fixed.items())},
        "block": list(grid.block),
        "version": meanfield.__version__,
        "code": code_fingerprint(),
        "created": created,
    }


def differences(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """In words, how a stored run differs from the one asked for; empty if it is the same but for its date."""
    codes = [f"{record['version']} (code {record['code']})" for record in (stored, asked)]
    if set(stored) != set(asked):  # a record of another version may have other entries
        return [_versions(*codes)]
    if stored["model"] != asked["model"]:
        return [f"model: stored {stored['model']}, asked for {asked['model']}"]
    found = list(_axes(stored["axes"], asked["axes"]))
    for name in sorted(set(stored["fixed"]) | set(asked["fixed"])):
        before, now = (record["fixed"].get(name, "its default") for record in (stored, asked))
        if before != now:
            found.append(f"parameter {name}: stored {before}, asked for {now}")
    if stored["populations"] != asked["populations"]:
        found.append(f"populations: stored {_list(stored['populations'])}, asked for {_list(asked['populations'])}")
    if not found and stored["block"] != asked["block"]:
        found.append(f"block: stored {tuple(stored['block'])}, asked for {tuple(asked['block'])}")
    if stored["source"] != asked["source"]:
        found.append(f"source of {asked['model']}: {_first_line(stored['source'], asked['source'])}")
    if codes[0] != codes[1]:
        found.append(_versions(*codes))
    if not found and (stored["networks"], stored["units"]) != (asked["networks"], asked["units"]):
        found.append(f"{asked['model']} makes other networks than it did, though its own source is the same")
    return found


def _versions(stored: str, asked: str) -> str:
    return f"meanfield: stored with version {stored}, this is version {asked}"


def _axes(stored: Mapping[str, list[float]], asked: Mapping[str, list[float]]) -> Iterator[str]:
    if list(stored) != list(asked):
        yield f"axes: stored {_list(stored)}, asked for {_list(asked)}"
        return
    for name, before in stored.items():
        now = asked[name]
        if len(before) != len(now):
            yield f"axis {name}: stored {_span(before)}, asked for {_span(now)}"
        elif before != now:
            k = next(i for i, (a, b) in enumerate(zip(before, now, strict=True)) if a != b)
            yield f"axis {name}: stored {before[k]!r} at index {k}, asked for {now[k]!r}"


def _span(values: list[float]) -> str:
    return f"{len(values)} values from {values[0]!r} to {values[-1]!r}"


def _list(words: Any) -> str:
    return ", ".join(words)


def _first_line(stored: str, asked: str) -> str:
    lines = zip_longest(stored.splitlines(), asked.splitlines(), fillvalue="nothing")
    number, (before, now) = next((i, pair) for i, pair in enumerate(lines, 1) if pair[0] != pair[1])
    return f"line {number} stored as {before.strip()!r}, now {now.strip()!r}"
