"""Aljadeff, Stern & Sharpee (2015), Transition to chaos in random networks with cell-type-specific connectivity.

Phys. Rev. Lett. 114:088101, Figure 1: eigenvalues of matrices whose variance is set by the types of target and source,
within the circle of radius sqrt(Lambda_1), Lambda_1 the largest eigenvalue of [g_cd² alpha_d]; insets show the gains
g_cd, and Re = 1 is where silence gives way to chaos. Below, the density over |lambda|, which is not even, and the
radius as a small, excitable group grows: it takes network B beyond 1, where the average variance alone would leave it
at 0.85.

The paper's panels have N = 2500 and activity as insets; sizes and gains are ours, its printed figure was not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures.spectra import circle, cloud, eigenvalues, misfit, radial_histogram, ring_means
from figures.style import plt, save
from meanfield import plotting
from meanfield.randommatrix import BlockGaussian

NAMES = ("1",)
N, TRIALS, TRIAL_N = 800, 12, 300
NETWORKS = {
    "A  two types, silent": ((0.7, 0.3), ((0.4, 0.9), (1.1, 0.5))),
    "B  a few are excitable": ((0.9, 0.1), ((0.6, 1.4), (1.4, 2.8))),
    "C  three types in a ring": ((0.4, 0.3, 0.3), ((0.2, 2.4, 0.2), (0.2, 0.2, 2.4), (2.4, 0.2, 0.2))),
}
GAINS = (1.5, 2.5, 3.5)  # within the excitable group; others have 0.6
SIZES = (0.02, 0.1, 0.2, 0.3, 0.4)


def excitable(share: float, gain: float) -> BlockGaussian:
    """A share of neurons with a gain of their own, coupled to the others by the mean gain."""
    between = 0.5 * (0.6 + gain)
    return BlockGaussian([1.0 - share, share], std=[[0.6, between], [between, gain]])


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = figure_1()
    return save(figure, "aljadeff2015_figure1", out, formats), "\n".join(lines), ""


def figure_1() -> tuple[Any, list[str]]:
    """Clouds, densities, and the radius over the parameters; and the lines of the table."""
    figure, grid = plt.subplots(2, 3, figsize=(10.5, 7.2), height_ratios=(1.15, 1))
    lines = []
    for column, (title, (shares, gains)) in enumerate(NETWORKS.items()):
        law = BlockGaussian(shares, std=gains)
        _draw_cloud(grid[0, column], title, law)
        even = float(np.sqrt(law.fractions @ np.asarray(law.std) ** 2 @ law.fractions))
        words = f"{title[3:]}: R = {law.radius:.4f}, of the average variance {even:.4f}"
        if column < 2:
            away = _draw_density(grid[1, column], law)
            grid[1, column].set_title(f"{'DE'[column]}  Density of {title[0]}")
            words += f"; rms of (rings within 0.9 R - theory)/s.e. {away:.2f}"
        lines.append(words)
    lines += _draw_radius(grid[1, 2])
    return figure, lines


def _draw_cloud(axes: Any, title: str, law: BlockGaussian) -> None:
    cloud(axes, eigenvalues(law, N, [1]), 2.1)
    circle(axes, law.radius, color=plotting.COLOURS[0])
    axes.axvline(1.0, color=plotting.COLOURS[3], lw=1)
    axes.set_title(f"{title}, R = {law.radius:.2f}")
    inset = axes.inset_axes([0.02, 0.74, 0.24, 0.24])
    edges = np.r_[0.0, np.cumsum(law.fractions)]
    inset.pcolormesh(edges, edges, law.std, cmap="Greys", vmin=0.0, vmax=3.0, edgecolors="0.4", linewidth=0.4)
    inset.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(1, 0), aspect="equal")


def _draw_density(axes: Any, law: BlockGaussian) -> float:
    edges, r = law.radius * np.linspace(0.0, 1.1, 12), law.radius * np.linspace(0.001, 1.0, 200)
    values = eigenvalues(law, TRIAL_N, range(TRIALS))
    mean, error = radial_histogram(axes, values, edges, "0.35", f"{TRIALS} matrices of {TRIAL_N}")
    axes.plot(
        np.r_[r, law.radius, edges[-1]], np.r_[law.density(r), 0.0, 0.0], color=plotting.COLOURS[0], label="theory"
    )
    even = 1.0 / (np.pi * law.radius**2)
    axes.plot([0.0, law.radius, law.radius, edges[-1]], [even, even, 0.0, 0.0], ":", color="0.6", label="an even disc")
    axes.set(xlabel=r"$|\lambda|$", ylabel=r"density of eigenvalues", ylim=(0.0, None))
    axes.legend()
    return misfit(mean[:-2], error[:-2], ring_means(law, edges)[:-2])


def _draw_radius(axes: Any) -> list[str]:
    """Radius over the share of excitable neurons, theory and the outermost eigenvalue; what finite N adds."""
    shares, excess = np.linspace(0.001, 0.45, 80), []
    for colour, gain in zip(plotting.COLOURS, GAINS, strict=False):
        axes.plot(shares, [excitable(share, gain).radius for share in shares], color=colour, label=f"$g$ = {gain:g}")
        for share in SIZES:
            law = excitable(share, gain)
            largest = np.abs(eigenvalues(law, TRIAL_N, range(4))).max(axis=1)
            axes.errorbar(share, largest.mean(), largest.std(ddof=1) / 2.0, fmt="o", ms=3, color=colour)
            excess.append(largest.mean() / law.radius - 1.0)
    axes.axhline(1.0, color=plotting.COLOURS[3], lw=1)
    axes.set(xlabel="share of excitable neurons", ylabel=r"radius, largest $|\lambda|$", title="F  Radius")
    axes.set(xlim=(0.0, 0.45), ylim=(0.0, None))
    axes.legend(title="gain among them")
    return [f"largest |lambda| of {TRIAL_N} over R: {1 + min(excess):.3f} to {1 + max(excess):.3f}"]
