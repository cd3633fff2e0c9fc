"""Lines of folds and Hopf points through a phase diagram, begun where neighbouring points differ."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import FloatArray
from meanfield.continuation import Line, SpecialPoint, line_near
from meanfield.fixedpoint import ConvergenceError

if TYPE_CHECKING:
    import xarray as xr

_NEAR = 1.5  # grid steps; an edge this close to a line is explained by it
_SAME_FREQUENCY = 0.35  # relative; two Hopf lines that cross differ by more
_SAME_MODE = 4.0  # ratio of frequencies at neighbouring points; beyond, they belong to different modes
_FASTEST = 1500.0  # Hz; beyond, harmonics of neurons that fire like clocks follow one another by the dozen
_WITNESSES = 9  # points of a line that tell whether it is known
_MOST_FAILURES = 25  # starts that lead to no line, of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Two neighbouring points of a grid between which a line must pass.

    Attributes
    ----------
    kind : str
        "fold" or "Hopf".
    at : (2,) array
        Where it passes about, in grid steps.
    guess : SpecialPoint
        Parameters, rates and frequency there.
    frequencies : (float, float)
        Between which the frequency lies there [Hz].
    others : tuple of SpecialPoint
        Further guesses, at the points themselves.
    """

    kind: str
    at: FloatArray
    guess: SpecialPoint
    frequencies: tuple[float, float] = (0.0, 0.0)
    others: tuple[SpecialPoint, ...] = ()


def boundaries(model: Any, dataset: xr.Dataset, **fixed: Any) -> list[Line]:
    """Follow each line of folds or Hopf points that a phase diagram shows, once, within its axes.

    A fold line passes where the number of states of neighbouring points differs by two, a Hopf line where a state
    that is stable at one has a growing oscillation, of less than 1.5 kHz, at the other.

    Parameters
    ----------
    model : callable or str
        The model of the phase diagram.
    dataset : xarray.Dataset
        As `phase_diagram` returns, over two axes.
    **fixed
        Parameters that the phase diagram was computed with and that are no axes.

    Returns
    -------
    list of Line
        In the order found, folds first. Where no line could be followed a warning says so and names a point.

    Raises
    ------
    ValueError
        If the phase diagram has not two axes, or was computed with other parameters.

    Examples
    --------
    >>> import meanfield as mf
    >>> ds = mf.phase_diagram("brunel2000", g=[5.0, 6.0, 7.0], eta=[2.0, 3.0, 4.0])
    >>> [line.kind for line in mf.boundaries("brunel2000", ds)]
    ['Hopf']
    """
    axes = _axes(dataset)
    _check_fixed(dataset, fixed)
    bounds = {name: (float(values.min()), float(values.max())) for name, values in axes.items()}
    if any(low == high for low, high in bounds.values()):
        return []
    lines: list[Line] = []
    for kind, edges in (("fold", _folds(dataset, axes)), ("Hopf", _hopfs(dataset, axes))):
        lost: list[Edge] = []
        for edge in sorted(edges, key=lambda edge: -edge.guess.rate.max()):  # high rates make the steps long
            if any(_explains(line, edge, axes) for line in lines if line.kind == kind):
                continue
            line = _follow(model, edge, bounds, fixed) if len(lost) < _MOST_FAILURES else None
            if line is not None and not _is_known(line, lines, axes):
                lines.append(line)
            if line is None or not _explains(line, edge, axes):
                lost.append(edge)
        _warn_of_lost(kind, [edge for edge in lost if not any(_explains(line, edge, axes) for line in lines)])
    return lines


def _follow(model: Any, edge: Edge, bounds: Mapping[str, Any], fixed: Mapping[str, Any]) -> Line | None:
    try:
        return line_near(model, edge.kind, [edge.guess, *edge.others], bounds=bounds, **fixed)
    except (ConvergenceError, np.linalg.LinAlgError):
        return None


def _is_known(line: Line, lines: Iterable[Line], axes: Mapping[str, FloatArray]) -> bool:
    """True if points all along a line lie on others; where lines come near each other, one alone may."""
    others = [other for other in lines if other.kind == line.kind]
    for k in np.unique(np.linspace(0, len(line) - 1, _WITNESSES).astype(int)):
        parameters = {name: float(values[k]) for name, values in line.parameters.items()}
        frequency = float(line.frequency[k])
        guess = SpecialPoint(kind=line.kind, parameters=parameters, rate=line.rate[k], frequency=frequency)
        at = np.array([float(_steps(axes[name], np.array(value))) for name, value in parameters.items()])
        point = Edge(kind=line.kind, at=at, guess=guess, frequencies=(frequency, frequency))
        if not any(_explains(other, point, axes) for other in others):
            return False
    return True


def _warn_of_lost(kind: str, lost: Sequence[Edge]) -> None:
    if lost:
        where = ", ".join(f"{name} = {value:.4g}" for name, value in lost[0].guess.parameters.items())
        warnings.warn(
            f"{len(lost)} pairs of neighbouring points have a {kind} between them that is on no line that could be "
            f"followed, the first near {where}; a finer grid may help",
            stacklevel=3,
        )


def _axes(dataset: xr.Dataset) -> dict[str, FloatArray]:
    names = [str(name) for name in dataset["n_states"].dims]
    if len(names) != 2:
        raise ValueError(f"lines are drawn over two axes, this phase diagram has {len(names)}: {', '.join(names)}")
    return {name: np.asarray(dataset[name].values, dtype=float) for name in names}


def _check_fixed(dataset: xr.Dataset, fixed: Mapping[str, Any]) -> None:
    stored: dict[str, str] = json.loads(dataset.attrs["fixed_parameters"])
    given = {name: repr(value) for name, value in sorted(fixed.items())}
    if stored != given:
        raise ValueError(
            f"the phase diagram was computed with {stored or 'no'} fixed parameters, got {given or 'none'}"
        )


def _neighbours(shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], tuple[int, int]]]:
    """Views of the points that have a neighbour one step up an axis, of these neighbours, and the step."""
    most = slice(None)
    yield (slice(shape[0] - 1), most), (slice(1, None), most), (1, 0)
    yield (most, slice(shape[1] - 1)), (most, slice(1, None)), (0, 1)


def _pairs(condition: Callable[[Any, Any], NDArray[Any]], shape: tuple[int, ...]) -> Iterator[tuple[Any, Any, int]]:
    """Neighbours (one, other, state) where `condition` of their views, (points..., states), is true."""
    for here, there, step in _neighbours(shape):
        for i, j, k in np.argwhere(condition(here, there)):
            yield (int(i), int(j)), (int(i) + step[0], int(j) + step[1]), int(k)


def _folds(dataset: xr.Dataset, axes: Mapping[str, FloatArray]) -> Iterator[Edge]:
    """Edges across which two states vanish; the guess is between these two, at the point that has them."""
    number, rate = dataset["n_states"].values, dataset["rate"].values
    counts = number.astype(int)

    def differ(here: Any, there: Any) -> NDArray[Any]:
        fewest = np.minimum(counts[here], counts[there])
        return np.asarray((np.abs(counts[here] - counts[there]) == 2) & (fewest >= 1))[..., None]

    for one, other, _ in _pairs(differ, number.shape):
        more, fewer = (one, other) if number[one] > number[other] else (other, one)
        gone = _vanishing(rate[more][: number[more]], rate[fewer][: number[fewer]])
        yield Edge(
            kind="fold",
            at=0.5 * (np.array(more) + np.array(fewer)),
            guess=SpecialPoint(
                kind="fold",
                parameters=_between(axes, more, fewer, 0.5),
                rate=rate[more][gone : gone + 2].mean(axis=0),
                frequency=0.0,
            ),
        )


def _vanishing(more: FloatArray, fewer: FloatArray) -> int:
    """Index of the first of two neighbouring states without which `more` is most like `fewer`."""
    return min(
        range(len(more) - 1),
        key=lambda k: float(np.abs(np.log1p(np.delete(more, [k, k + 1], 0)) - np.log1p(fewer)).sum()),
    )


def _hopfs(dataset: xr.Dataset, axes: Mapping[str, FloatArray]) -> Iterator[Edge]:
    """Edges across which a state begins to oscillate; the guess is where the growth rate is about 0."""
    number, rate = dataset["n_states"].values, dataset["rate"].values
    unstable, growth, frequency = (dataset[name].values for name in ("n_unstable", "growth_rate", "frequency"))
    oscillates = (unstable >= 2) & (frequency > 0) & (frequency < _FASTEST)

    def differ(here: Any, there: Any) -> NDArray[Any]:
        begins = ((unstable[here] == 0) & oscillates[there]) | ((unstable[there] == 0) & oscillates[here])
        return np.asarray(begins & (number[here] == number[there])[..., None])

    for one, other, k in _pairs(differ, number.shape):
        still, grows = (one, other) if unstable[one][k] == 0 else (other, one)
        before, after = growth[still][k], growth[grows][k]
        share = float(before / (before - after)) if before < 0 < after else 0.5
        ends = float(frequency[still][k]), float(frequency[grows][k])
        span = min(ends), max(ends)
        if not ends[0] > 0 or span[1] > _SAME_MODE * span[0]:  # at the stable point another mode is nearest
            span = ends[1] / _SAME_MODE, ends[1]
            ends = ends[1], ends[1]
        guesses = [
            SpecialPoint(
                kind="Hopf",
                parameters=_between(axes, still, grows, x),
                rate=(1.0 - x) * rate[still][k] + x * rate[grows][k],
                frequency=(1.0 - x) * ends[0] + x * ends[1],
            )
            for x in (share, 1.0, 0.0)
        ]
        yield Edge(
            kind="Hopf",
            at=(1.0 - share) * np.array(still) + share * np.array(grows),
            guess=guesses[0],
            frequencies=span,
            others=tuple(guesses[1:]),
        )


def _between(
    axes: Mapping[str, FloatArray], one: tuple[int, int], other: tuple[int, int], share: float
) -> dict[str, float]:
    return {
        name: float(np.clip((1.0 - share) * values[i] + share * values[j], values.min(), values.max()))
        for (name, values), i, j in zip(axes.items(), one, other, strict=True)
    }


def _explains(line: Line, edge: Edge, axes: Mapping[str, FloatArray]) -> bool:
    """True if the line passes by the edge, a Hopf line with the right frequency.

    A fold line explains a change of stability too: between the points a state may vanish and another appear.
    """
    if (line.kind, edge.kind) == ("Hopf", "fold") or len(line) < 2:
        return False
    path = np.stack([_steps(values, line.parameters[name]) for name, values in axes.items()], axis=1)
    away = _distances(path, edge.at)
    near = away <= _NEAR
    if line.kind == "Hopf":
        middle = 0.5 * (line.frequency[1:] + line.frequency[:-1])
        low, high = edge.frequencies
        near &= ((1.0 - _SAME_FREQUENCY) * low <= middle) & (middle <= (1.0 + _SAME_FREQUENCY) * high)
    return bool(near.any())


def _steps(axis: FloatArray, values: FloatArray) -> FloatArray:
    """Values of a parameter in steps of its axis, whichever way it runs."""
    order = np.argsort(axis)
    return np.asarray(np.interp(values, axis[order], order.astype(float)))


def _distances(path: FloatArray, point: FloatArray) -> FloatArray:
    """Distances of a point from each segment of a path."""
    start, along = path[:-1], np.diff(path, axis=0)
    length2 = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((point - start) * along).sum(axis=1) / length2, 0.0, 1.0)
    return np.asarray(np.linalg.norm(start + share[:, None] * along - point, axis=1))
