"""Pictures of theory and of spikes: every function takes Axes and returns them.

The colours are Okabe and Ito's, which colour-blind readers tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from meanfield._validate import FloatArray
from meanfield.units import ms

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from meanfield.fixedpoint import FixedPointSet

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


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
