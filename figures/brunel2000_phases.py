"""Phase diagrams of Brunel (2000), model A: Figure 2, several delays, and Figure 7, distributions of delays.

What is shown: the class of every point of (g, eta) by the criteria of `meanfield.phasediagram.classes`, fold lines and
Hopf lines with their special points, and the four networks A-D that Figure 8 simulates. Lines are thin where other
modes have grown before.

What differs from the paper: it has no class AR or bistable; here a network is regular or irregular by the CV of
white-noise theory, 0.5, an edge without a bifurcation, and the thin lines are added. The printed panels were not
compared: the fixed delay of 1.5 ms and delays spread evenly over 0 to 3 ms are the paper's, the other delays, and the
layout and ranges of the panels, are a choice made here.

At a delay of one refractory period, 2 ms, the border between SR and AR at high rates is made of harmonics beyond
1.5 kHz, along which `meanfield.boundaries` begins no lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from figures.style import plt
from meanfield import plotting
from meanfield.units import ms

POINTS = (100, 80)  # of the grid in g and in eta
PLACES = {name: (at["g"], at["eta"]) for name, at in mf.models.PUBLISHED["brunel2000"][1].items()}
FIGURE_2: dict[str, Any] = {
    "A  all delays 1.5 ms": 1.5 * ms,
    "B  all delays 2 ms": 2.0 * ms,
    "C  all delays 3 ms": 3.0 * ms,
}
FIGURE_7: dict[str, Any] = {
    "A  all delays 1.5 ms": 1.5 * ms,
    "B  Gaussian, 1.5 ± 0.75 ms": mf.GaussianDelay(1.5 * ms, 0.75 * ms),
    "C  uniform, 0 to 3 ms": mf.UniformDelay(0.0, 3.0 * ms),
    "D  exponential, mean 1.5 ms": mf.ExponentialDelay(1.5 * ms),
}


def figure_2() -> Any:
    """Phase diagrams for delays that are all the same."""
    return _panels(FIGURE_2, "Figure 2, phase diagrams")


def figure_7() -> Any:
    """Phase diagrams for delays of one mean and several distributions."""
    return _panels(FIGURE_7, "Figure 7, phase diagrams")


def _panels(delays: Mapping[str, Any], words: str) -> Any:
    """Two panels a row, and one legend for all, where a panel is missing or beside them."""
    figure, grid = plt.subplots(2, 2, figsize=(9.6, 7.0), sharex=True, sharey=True)
    labelled: dict[str, Any] = {}
    for (title, delay), axes in zip(tqdm(delays.items(), desc=words), grid.flat, strict=False):
        _draw(axes, delay)
        axes.set_title(title)
        handles, labels = axes.get_legend_handles_labels()
        labelled |= dict(zip(labels, handles, strict=True))
        axes.get_legend().remove()
    for axes in grid.flat:
        axes.set(xlabel="relative inhibitory strength $g$", ylabel=r"external rate $\nu_\mathrm{ext}/\nu_\mathrm{thr}$")
        axes.label_outer()
    empty = grid.flat[len(delays) :]
    for axes in empty:
        axes.set_axis_off()
    (empty[0] if empty.size else figure).legend(
        labelled.values(), labelled.keys(), loc="center" if empty.size else "outside right upper"
    )
    return figure


def _draw(axes: Any, delay: Any) -> None:
    dataset = mf.phase_diagram(
        "brunel2000", g=np.linspace(0, 8, POINTS[0]), eta=np.linspace(0, 4, POINTS[1]), delay=delay
    )
    plotting.phase_diagram(axes, dataset)
    for line in mf.boundaries("brunel2000", dataset, delay=delay):
        plotting.line(axes, line)
    plotting.points(axes, PLACES, "networks of Figure 8")
