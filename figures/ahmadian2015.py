"""Ahmadian, Fumarola & Miller (2015), Properties of networks with partially structured and partially random
connectivity, Phys. Rev. E 91:012820.

Eigenvalues of M + L J R over the theory of `meanfield.randommatrix.MLJR`, for three kinds of its examples. A, a chain
of neurons, each driving the next with weight w: a ring w² - std² <= |lambda|² <= w² + std², with a few eigenvalues in
its hole, which carry no density. B, pairs of an excitatory and an inhibitory neuron whose weights w/2 cancel: in Schur
form one pattern drives another with weight w, and the disc is larger though every eigenvalue of M is 0. C, two groups
of neurons of opposite self-coupling, the second of which receives and sends more randomness. Below, the densities: over
|lambda| in A and B, in C along the real axis (in a strip about it).

Parameters are ours, the printed figures were not compared. Points have standard errors over matrices. Theory of the
chain is of an endless one; a chain with ends has more in the hole, falling with N (std = w/2: of 150 eigenvalues 10%,
of 300 8%, of 900 3%; without ends 4%, 3%, 1%), so that its ring is a little emptier than theory says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures.spectra import POINT, circle, cloud, eigenvalues, misfit, radial_histogram, ring_means
from figures.style import plt, save
from meanfield import plotting
from meanfield.randommatrix import MLJR

NAMES = ("examples",)
N, TRIALS, TRIAL_N = 600, 12, 400
CHAIN_WEIGHT, CHAIN_STD = 1.0, 0.8
PAIR_WEIGHT = 4.0
GROUPS = {"mean": [[0.8, 0.0], [0.0, -0.8]], "left": [0.8, 1.2], "right": [0.9, 1.2]}
STRIP = 0.25  # half its width


def chain(n: int) -> MLJR:
    """A chain of n neurons."""
    return MLJR(np.diag(np.full(n - 1, CHAIN_WEIGHT), 1), std=CHAIN_STD)


def endless_chain() -> MLJR:
    """The law of a long chain: that of a closed one."""
    return MLJR(CHAIN_WEIGHT * np.roll(np.eye(48), 1, axis=1), std=CHAIN_STD, repeated=True)


def pairs() -> MLJR:
    """Excitatory and inhibitory neurons whose weights cancel."""
    half = 0.5 * PAIR_WEIGHT
    return MLJR([[half, -half], [half, -half]], repeated=True)


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = examples()
    return save(figure, "ahmadian2015_examples", out, formats), "\n".join(lines), ""


def examples() -> tuple[Any, list[str]]:
    """Eigenvalues over the edge of theory, densities below, and the lines of the table."""
    figure, grid = plt.subplots(2, 3, figsize=(10.5, 6.9), height_ratios=(1.15, 1))
    lines = [_draw_chain(*grid[:, 0]), _draw_pairs(*grid[:, 1]), _draw_groups(*grid[:, 2])]
    for letter, axes in zip("DEF", grid[1], strict=True):
        axes.set_title(f"{letter}  {TRIALS} matrices of {TRIAL_N}")
        axes.legend()
    return figure, lines


def _draw_chain(plane: Any, density: Any) -> str:
    inner = math.sqrt(CHAIN_WEIGHT**2 - CHAIN_STD**2)
    outer = math.sqrt(CHAIN_WEIGHT**2 + CHAIN_STD**2)
    values = eigenvalues(chain(N), N, [1])[0]
    cloud(plane, values, 1.6)
    for radius in (inner, outer):
        circle(plane, radius)
    plane.set_title(f"A  a chain, $w$ = {CHAIN_WEIGHT:g}, std {CHAIN_STD:g}")
    sample = eigenvalues(chain(TRIAL_N), TRIAL_N, range(TRIALS))
    edges = np.r_[np.linspace(0.0, inner, 5), np.linspace(inner, outer, 8)[1:], 1.1 * outer]
    words = _draw_radial(density, endless_chain(), sample, edges, np.linspace(inner, outer, 40)[1:-1])
    hole = int((np.abs(values) < 0.9 * inner).sum())
    return f"chain: {hole} of {N} eigenvalues within 0.9 of the hole's radius {inner:.3f}; {words}"


def _draw_pairs(plane: Any, density: Any) -> str:
    law = pairs()
    values = eigenvalues(law, N, [1])[0]
    cloud(plane, values, 2.4)
    circle(plane, law.radius, "theory")
    circle(plane, law.std, "without M", color="0.6", ls="--")
    plane.legend(loc="upper right", borderaxespad=0.0)
    plane.set_title(f"B  E-I pairs, $w$ = {PAIR_WEIGHT:g}, R = {law.radius:.3f}")
    sample = eigenvalues(law, TRIAL_N, range(TRIALS))
    edges = law.radius * np.linspace(0.0, 1.1, 12)
    words = _draw_radial(density, law, sample, edges, law.radius * np.linspace(0.001, 0.999, 100))
    return f"pairs: R = {law.radius:.4f}, largest |lambda| {np.abs(values).max():.4f}; {words}"


def _draw_radial(axes: Any, law: MLJR, sample: Any, edges: Any, r: Any) -> str:
    mean, error = radial_histogram(axes, sample, edges, POINT, "simulated")
    line = np.r_[0.0, law.density(r), 0.0]
    axes.plot(np.r_[r[0], r, r[-1]], line, color=plotting.COLOURS[1], label="theory")
    axes.set(xlabel=r"$|\lambda|$", ylabel="density of eigenvalues", xlim=(0.0, None), ylim=(0.0, None))
    within = (edges[1:] < 0.95 * r[-1]) & (edges[:-1] > r[0])
    away = misfit(mean[within], error[within], ring_means(law, edges)[within])
    return f"rms of (rings well within - theory)/s.e. {away:.2f}"


def _draw_groups(plane: Any, density: Any) -> str:
    law = MLJR(**GROUPS, repeated=True)
    values = eigenvalues(law, N, [1])[0]
    x = np.linspace(-2.2, 2.2, 161)
    found = law.density(x + 1j * x[:, None])
    shown = np.where(found > 0.0, found, np.nan)
    plane.pcolormesh(x, x, shown, cmap="Oranges", vmin=0.0, vmax=1.6 * float(found.max()), rasterized=True)
    cloud(plane, values, 2.2)
    plane.contour(x, x, law.contains(x + 1j * x[:, None]), [0.5], colors=plotting.COLOURS[1], linewidths=1.3)
    plane.set_title("C  two groups, L and R diagonal")
    sample = eigenvalues(law, TRIAL_N, range(TRIALS))
    edges = np.linspace(-2.2, 2.2, 23)
    strips = [row.real[np.abs(row.imag) < STRIP] for row in sample]
    shares = np.array([np.histogram(row, edges)[0] for row in strips]) / (TRIAL_N * 2.0 * STRIP * np.diff(edges))
    mean, error = shares.mean(axis=0), shares.std(axis=0, ddof=1) / math.sqrt(TRIALS)
    middle = 0.5 * (edges[1:] + edges[:-1])
    density.errorbar(middle, mean, error, fmt="o", ms=3, lw=1, color=POINT, label="simulated")
    across = STRIP * (np.arange(20) + 0.5) / 20
    theory = law.density(x + 1j * across[:, None]).mean(axis=0)
    density.plot(x, theory, color=plotting.COLOURS[1], label="theory")
    density.set(xlabel=rf"Re $\lambda$, where |Im $\lambda$| < {STRIP:g}", ylabel="density of eigenvalues")
    density.set(ylim=(0.0, 1.35 * float(mean.max())))
    total = float(found.sum() * (x[1] - x[0]) ** 2)
    outside = float(np.mean(~law.contains(np.ravel(sample))))
    return f"groups: density over the plane {total:.3f}, {outside:.1%} of simulated eigenvalues outside the edge"
