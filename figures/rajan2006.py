"""Rajan & Abbott (2006), Eigenvalue spectra of random matrices for neural networks, Phys. Rev. Lett. 97:188104.

1: excitatory and inhibitory columns of opposite means of order sqrt(N), which cancel on average but not in a row: the
spectrum of the deviations alone fills the disc of theory, with the means eigenvalues leave it, and with deviations that
sum to zero in each row they are back. 2: columns of unequal variance, whose spectrum is a disc denser at its middle.
3: its density over |lambda|, for several ratios of the variances and for several shares of excitatory neurons.

The printed figures were not compared: sizes, means and ratios are ours. Points are of 20 matrices of 300, with
standard errors; finite N shows in
the outermost ring, smeared over the edge, and in the innermost, where eigenvalues on the real axis weigh most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures.spectra import circle, cloud, eigenvalues, misfit, radial_histogram, ring_means
from figures.style import plt, save
from meanfield import plotting
from meanfield.randommatrix import Columns

NAMES = ("1", "2", "3")
N, TRIALS, TRIAL_N = 700, 20, 300
MEAN = 3.0  # sqrt(N) times an entry's mean, of excitatory columns
RATIOS = (1.0, 2.0, 5.0)  # of the standard deviations, inhibitory over excitatory
SHARES = (0.5, 0.8, 0.95)  # of excitatory neurons


def ensemble(share: float, ratio: float, mean: float = 0.0, *, zero_row_sum: bool = False) -> Any:
    """Excitatory and inhibitory columns of radius 1; N times the means are `mean` and what cancels it."""
    excitatory = 1.0 / math.sqrt(share + (1.0 - share) * ratio**2)
    return Columns(
        [share, 1.0 - share],
        mean=[mean, -mean * share / (1.0 - share)],
        std=[excitatory, ratio * excitatory],
        zero_row_sum=zero_row_sum,
    )


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figures named, all if none is; returns the files written, a table, and no notice."""
    written, lines = [], []
    for name, figure in zip(NAMES, (figure_1, figure_2, figure_3), strict=True):
        if not panels or any(name.startswith(panel) for panel in panels):
            drawn, table = figure()
            written += save(drawn, f"rajan2006_figure{name}", out, formats)
            lines += table
    return written, "\n".join(lines), ""


def figure_1() -> tuple[Any, list[str]]:
    """Eigenvalues without means, with them, and with them and rows that sum to zero."""
    means = MEAN * math.sqrt(N)
    cases = {
        "A  no means": ensemble(0.5, 1.0),
        "B  means, rows as they come": ensemble(0.5, 1.0, means),
        "C  means, rows sum to zero": ensemble(0.5, 1.0, means, zero_row_sum=True),
    }
    figure, grid = plt.subplots(1, 3, figsize=(10.5, 3.6))
    lines = []
    for axes, (title, law) in zip(grid, cases.items(), strict=True):
        values = eigenvalues(law, N, [1])[0]
        outside = np.abs(values) > 1.1 * law.radius
        cloud(axes, values, 2.2)
        axes.plot(values[outside].real, values[outside].imag, "o", color=plotting.COLOURS[0], ms=3.5, mew=0)
        circle(axes, law.radius)
        axes.set_title(title)
        lines.append(
            f"{title[3:]}: {outside.sum()} of {N} eigenvalues beyond 1.1 R, |lambda| <= {abs(values).max():.3f}"
        )
    return figure, lines


def figure_2() -> tuple[Any, list[str]]:
    """Eigenvalues where inhibitory columns vary more, with means and rows that sum to zero."""
    figure, grid = plt.subplots(1, 3, figsize=(10.5, 3.6))
    lines = []
    for axes, letter, ratio in zip(grid, "ABC", RATIOS, strict=True):
        law = ensemble(0.5, ratio, MEAN * math.sqrt(N), zero_row_sum=True)
        values = eigenvalues(law, N, [1])[0]
        cloud(axes, values, 1.3)
        circle(axes, law.radius)
        inner = float(np.mean(np.abs(values) < 0.5))
        axes.set_title(rf"{letter}  $\sigma_I/\sigma_E$ = {ratio:g}")
        lines.append(f"ratio {ratio:g}: share with |lambda| < R/2 {inner:.3f}, theory {law.cdf(0.5):.3f}")
    return figure, lines


def figure_3() -> tuple[Any, list[str]]:
    """Density over |lambda|: theory through simulated rings."""
    figure, grid = plt.subplots(1, 2, figsize=(8.4, 3.6), sharey=True)
    panels = (
        (r"A  $f$ = 0.5", [(rf"$\sigma_I/\sigma_E$ = {ratio:g}", 0.5, ratio) for ratio in RATIOS]),
        (r"B  $\sigma_I/\sigma_E$ = 5", [(rf"$f$ = {share:g}", share, 5.0) for share in SHARES]),
    )
    edges, r = np.linspace(0.0, 1.1, 12), np.linspace(0.001, 1.0, 200)
    lines = []
    for axes, (title, cases) in zip(grid, panels, strict=True):
        for colour, (label, share, ratio) in zip(plotting.COLOURS, cases, strict=False):
            law = ensemble(share, ratio)
            values = eigenvalues(law, TRIAL_N, range(TRIALS))
            mean, error = radial_histogram(axes, values, edges, colour, label)
            axes.plot(np.r_[r, 1.0, 1.1], np.r_[law.density(r), 0.0, 0.0], color=colour)
            away = misfit(mean[:-2], error[:-2], ring_means(law, edges)[:-2])
            lines.append(f"f = {share:g}, ratio {ratio:g}: rms of (rings within 0.9 R - theory)/s.e. {away:.2f}")
        axes.set(title=title, xlabel=r"$|\lambda|/R$", xlim=(0.0, 1.12), yscale="log", ylim=(0.03, None))
        axes.legend(title=f"points: {TRIALS} matrices of {TRIAL_N}; lines: theory", title_fontsize=8)
    grid[0].set_ylabel(r"density of eigenvalues $\times R^2$")
    return figure, lines
