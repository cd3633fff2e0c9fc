"""Pictures of theory and of spikes: every function takes Axes and returns them.

The colours are Okabe and Ito's, which colour-blind readers tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from meanfield._validate import FloatArray
from meanfield.phasediagram.classes import CLASSES, is_fast
from meanfield.units import ms, mV

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from meanfield.continuation import Line, SpecialPoint
    from meanfield.fixedpoint import FixedPointSet
    from meanfield.randommatrix import Analysis, DelayedBoundary, Pseudospectrum

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
CLASS_COLOURS = {  # tints of the same, apart in lightness too
    "failed": "#303030",
    "none": "#FFFFFF",
    "quiescent": "#E8E8E8",
    "AI": "#A6D8F5",
    "AR": "#66C2A5",
    "SI fast": "#F4C56A",
    "SI slow": "#F7EF9A",
    "SR": "#E58E5B",
    "saddle": "#8C8C8C",
    "bistable": "#DDA9C8",
    "unknown": "#606060",
}
LINE_STYLES = {"fold": "-", "fast Hopf": "--", "slow Hopf": ":"}
EDGE_COLOUR = "#7A1FA2"  # of no class and no other line
SPECIAL_MARKERS = {"cusp": "^", "Bogdanov-Takens": "s", "zero-Hopf": "D", "double-Hopf": "o"}
_SPECIAL_STYLE: dict[str, Any] = {"color": "white", "markeredgecolor": "black", "markersize": 4.5, "zorder": 4}
_POINT_STYLE: dict[str, Any] = {
    "color": "black",
    "markeredgecolor": "white",
    "markersize": 8,
    "clip_on": False,  # on the border too
    "zorder": 5,
}
SHOWN_UNITS = {"s": ("ms", ms), "V": ("mV", mV)}  # what axes are labelled in, where that is not SI


def branches(
    axes: Axes,
    parameter: Sequence[float],
    states: Sequence[FixedPointSet],
    of: str = "rate",
    population: int = 0,
    **style: Any,
) -> Axes:
    """Draw a quantity of every fixed point against a parameter.

    Points are joined where two neighbouring values of the parameter have the same number of states; where states
    appear or vanish in pairs the lines end. States of negative index, which are unstable, are dashed.

    Parameters
    ----------
    axes : matplotlib Axes
    parameter : sequence of n float
    states : sequence of n FixedPointSet
        All states at each value of the parameter.
    of : str
        Attribute of `FixedPoint` to draw: rate, mu, sigma or cv.
    population : int
        Which population.
    **style
        For `Axes.plot`.

    Returns
    -------
    matplotlib Axes
    """
    label = style.pop("label", None)
    first = 0
    counts = [len(found) for found in states]
    for last in range(1, len(counts) + 1):
        if last < len(counts) and counts[last] == counts[first]:
            continue
        for k in range(counts[first]):
            values = [float(getattr(found[k], of)[population]) for found in states[first:last]]
            unstable = _mostly_unstable(states[first:last], k)
            axes.plot(parameter[first:last], values, label=label, linestyle="--" if unstable else "-", **style)
            label = None
        first = last
    return axes


def _mostly_unstable(states: Sequence[FixedPointSet], k: int) -> bool:
    """True if state k of most of the sets has a negative index."""
    return sum(found[k].index for found in states) < 0


def raster(axes: Axes, times: FloatArray, neurons: Any, *, colour: str = "black") -> Axes:
    """Draw spikes as dots, `times` [s] on an axis in ms, `neurons` by index; returns the Axes."""
    axes.plot(np.asarray(times) / ms, neurons, ".", color=colour, markersize=2.4, markeredgewidth=0, rasterized=True)
    axes.set_ylabel("neuron")
    return axes


def population_rate(axes: Axes, edges: FloatArray, rate: FloatArray, *, theory: float | None = None) -> Axes:
    """Draw a population's rate [Hz] in bins with `edges` [s], and the rate that theory gives; returns the Axes."""
    axes.stairs(rate, np.asarray(edges) / ms, color=COLOURS[0], fill=True, linewidth=0)
    if theory is not None:
        axes.axhline(theory, color=COLOURS[1], linewidth=1.2, linestyle="--")
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("rate (Hz)")
    return axes


def phase_diagram(axes: Axes, dataset: xr.Dataset) -> Axes:
    """Draw the class of every point of a phase diagram over two parameters, with a legend of the classes there are.

    Parameters
    ----------
    axes : matplotlib Axes
    dataset : xarray.Dataset
        As `meanfield.phase_diagram` returns, over two axes: the first is drawn to the right, the second upwards.

    Returns
    -------
    matplotlib Axes
        Data are in SI units, tick labels in ms and mV.

    Raises
    ------
    ValueError
        If the phase diagram has not two axes.
    """
    from matplotlib.colors import ListedColormap

    names = [str(name) for name in dataset["class"].dims]
    if len(names) != 2:
        raise ValueError(f"a phase diagram is drawn over two axes, this one has {len(names)}: {', '.join(names)}")
    found = dataset["class"].values
    words = ("failed", *CLASSES)  # values from -1
    edges = [_cell_edges(dataset[name].values) for name in names]
    colours = ListedColormap([CLASS_COLOURS[word] for word in words])
    axes.pcolormesh(*edges, found.T, cmap=colours, vmin=-1.5, vmax=len(CLASSES) - 0.5, rasterized=True)
    for value in np.unique(found):
        word = words[int(value) + 1]
        axes.scatter([], [], marker="s", s=70, color=CLASS_COLOURS[word], edgecolor="0.4", linewidth=0.5, label=word)
    axes.set(xlim=edges[0][[0, -1]], ylim=edges[1][[0, -1]])
    for name, axis in zip(names, (axes.xaxis, axes.yaxis), strict=True):
        _label(axis, name, dataset[name].attrs.get("units", "1"))
    return _with_legend(axes)


def line(axes: Axes, line: Line) -> Axes:
    """Draw a line of folds (solid) or of Hopf points (fast ones dashed, slow ones dotted), with its special points.

    It is thin where other modes grow already, so that crossing it makes no state stable or unstable. Fast and slow
    are as in the classes of a phase diagram: by frequency times mean delay. Special points are marked where the line
    bounds stability, and cusps and Bogdanov-Takens points everywhere.

    Parameters
    ----------
    axes : matplotlib Axes
    line : Line
        Its first parameter is drawn to the right, its second upwards, in SI units.

    Returns
    -------
    matplotlib Axes
    """
    x, y = line.parameters.values()
    for first, last, kind, matters in _stretches(line):
        part = slice(first, last + 1)
        colour, width = ("black", 1.6) if matters else ("0.35", 0.7)
        axes.plot(x[part], y[part], LINE_STYLES[kind], color=colour, linewidth=width, label=kind if matters else None)
    for point in line.special:
        if not _matters(line, point):
            continue
        (across, up), marker = point.parameters.values(), SPECIAL_MARKERS[point.kind]
        axes.plot(
            across, up, marker, color="white", markeredgecolor="black", markersize=4.5, label=point.kind, zorder=4
        )
    return _with_legend(axes)


def edge(axes: Axes, dataset: xr.Dataset, state: int | None = None, **style: Any) -> Axes:
    """Draw where the radius of the effective Jacobian is 1, interpolated on the grid of a phase diagram.

    The line is drawn among points with the same number of states, since only there a state has a neighbour: it ends
    within a cell of a fold.

    Parameters
    ----------
    axes : matplotlib Axes
    dataset : xarray.Dataset
        As `meanfield.phase_diagram` returns, over two axes.
    state : int, optional
        Of this state alone, in the order of the dataset; of all by default.
    **style
        For `Axes.plot`.

    Returns
    -------
    matplotlib Axes
        As they were if the radius nowhere passes 1.
    """
    from contourpy import contour_generator

    names = [str(name) for name in dataset["n_states"].dims]
    across, up = (dataset[name].values for name in names)
    if min(across.size, up.size) < 2:
        return axes
    drawn: dict[str, Any] = {"color": EDGE_COLOUR, "linestyle": "-.", "linewidth": 1.6, "zorder": 3} | style
    label = drawn.pop("label", f"random-matrix edge ({dataset['radius'].attrs['variant']})")
    for count in np.unique(dataset["n_states"].values):
        for k in range(count) if state is None else {state} & set(range(count)):
            radius = np.where(dataset["n_states"].values == count, dataset["radius"].values[..., k], np.nan)
            paths: Any = contour_generator(across, up, radius.T).lines(1.0)
            for path in paths:
                axes.plot(path[:, 0], path[:, 1], label=label, **drawn)
                label = None
    return _with_legend(axes) if label is None else axes


def spectrum(axes: Axes, found: Analysis) -> Axes:
    """Draw the eigenvalues of a matrix, the disc and the outliers that are predicted, and the line of stability Re = 1.

    Parameters
    ----------
    axes : matplotlib Axes
    found : Analysis
        As `meanfield.randommatrix.analyse` returns. Of a partial spectrum the eigenvalues that have converged.

    Returns
    -------
    matplotlib Axes
        Of equal scales.
    """
    turn = np.linspace(0.0, 2.0 * np.pi, 401)
    across, up = found.half_axes
    values, outliers = found.spectrum.eigenvalues, found.actual_outliers
    axes.plot(values.real, values.imag, ".", color=COLOURS[0], markersize=2.5, label="eigenvalues", rasterized=True)
    if outliers.size:
        axes.plot(outliers.real, outliers.imag, ".", color=COLOURS[0], markersize=8, label="outliers")
    x, y = found.blocks.centre + across * np.cos(turn), up * np.sin(turn)
    axes.plot(x, y, color=COLOURS[1], linewidth=1.4, label="predicted disc" if across == up else "predicted ellipse")
    if found.outliers.size:
        hollow: dict[str, Any] = {"color": "none", "markeredgecolor": COLOURS[1], "markersize": 9}
        axes.plot(found.outliers.real, found.outliers.imag, "o", label="predicted outliers", **hollow)
    axes.axvline(1.0, color="black", linewidth=0.9, linestyle="--", label="edge of stability")
    axes.set(xlabel="Re λ", ylabel="Im λ", aspect="equal")
    return _with_legend(axes)


def pseudospectrum(axes: Axes, found: Pseudospectrum, levels: Sequence[float] | None = None) -> Axes:
    """Draw contours of the smallest singular value of z - W, at powers of 10 by default, labelled; returns the Axes."""
    if levels is None:
        logs = np.log10(np.maximum(found.sigma, 1e-300))
        levels = (10.0 ** np.arange(np.ceil(max(logs.min(), -12.0)), np.floor(logs.max()) + 1.0)).tolist()
    drawn = axes.contour(found.real, found.imag, found.sigma, levels=levels, cmap="viridis", linewidths=1.0)
    axes.clabel(drawn, fmt=lambda level: f"{level:.0e}", fontsize="x-small")
    axes.set(xlabel="Re z", ylabel="Im z", aspect="equal")
    return axes


def delayed_boundary(axes: Axes, boundary: DelayedBoundary, highest: float, **style: Any) -> Axes:
    """Draw the curve λ(ω) of eigenvalues that neither grow nor decay, up to a frequency [Hz]; returns the Axes."""
    _, values = boundary.curve(highest)
    drawn: dict[str, Any] = {"color": COLOURS[2], "linewidth": 1.2} | style
    axes.plot(values.real, values.imag, **drawn)
    axes.set(xlabel="Re λ", ylabel="Im λ", aspect="equal")
    return axes


def points(axes: Axes, places: Mapping[str, tuple[float, float]], label: str = "") -> Axes:
    """Mark places by their names, such as the networks that a paper simulates: name -> (x, y) in SI units."""
    for name, (x, y) in places.items():
        axes.plot(
            x,
            y,
            "P",
            color="black",
            markeredgecolor="white",
            markersize=8,
            label=label or None,
            clip_on=False,
            zorder=5,
        )
        axes.annotate(name, (x, y), (5, -12), textcoords="offset points", weight="bold", zorder=5)
    return _with_legend(axes) if label else axes


def _matters(line: Line, point: SpecialPoint) -> bool:
    """True for a point where other lines end, or next to which the line bounds stability."""
    if point.kind in ("cusp", "Bogdanov-Takens"):
        return True
    away = sum(np.abs(values - point.parameters[name]) / np.ptp(values) for name, values in line.parameters.items())
    k = int(np.argmin(away))
    return bool((line.unstable[max(k - 1, 0) : k + 2] == 0).any())


def _stretches(line: Line) -> Iterator[tuple[int, int, str, bool]]:
    """Runs of points (first, last) of one kind, and whether the line bounds stability there."""
    fast = is_fast(line.frequency, line.delay)
    kinds = ["fold" if line.kind == "fold" else "fast Hopf" if quick else "slow Hopf" for quick in fast]
    keys = list(zip(kinds, (line.unstable == 0).tolist(), strict=True))
    first = 0
    for last in range(1, len(keys)):
        if keys[last] != keys[first] or last == len(keys) - 1:
            yield first, last, *keys[first]
            first = last


def _cell_edges(values: FloatArray) -> FloatArray:
    """Edges of the cells around the points of an axis."""
    if values.size == 1:
        half = 0.5 * abs(values[0]) or 0.5
        return np.array([values[0] - half, values[0] + half])
    middle = 0.5 * (values[1:] + values[:-1])
    return np.concatenate([[values[0]], middle, [values[-1]]])


def _label(axis: Axis, name: str, unit: str) -> None:
    shown, factor = SHOWN_UNITS.get(unit, (unit, 1.0))
    axis.set_label_text(name if unit == "1" else f"{name} ({shown})")
    axis.set_major_formatter(lambda value, _: f"{value / factor:g}")


def _with_legend(axes: Axes) -> Axes:
    """Renew the legend, right of the axes, with every name once."""
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys(), loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
    return axes
