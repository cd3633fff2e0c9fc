"""Kadmon & Sompolinsky (2015), Transition to chaos in random neuronal networks.

Threshold-linear neurons that inhibition balances: x' = -x + J [x]_+ + I, the mean of J negative. A: static and moving
part of the variance against the gain; the network turns chaotic at g = √2, where half of the neurons are active.
B: autocovariance, which decays to the static part; C: largest Lyapunov exponent. Lines are theory, N → ∞; points are
networks, mean and twice the standard error over realisations. The strengths of mean and input are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.rates import covariances, exponent, mean_and_error, points
from figures.style import plt, save
from meanfield import plotting
from validation.ratenetwork import RateNetwork, gaussian_weights

NAMES = ("transition",)
INPUT, MEAN = 4.0, -12.0
SIMULATED = (1.1, 1.3, 1.5, 1.6, 1.7, 1.8, 1.9)
SHOWN = (1.6, 1.8)
SIZE = 1000


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = transition()
    return save(figure, "kadmon2015_transition", out, formats), table, ""


def theory(g: float) -> mf.dmft.Solution:
    """Dynamical mean-field theory of the network."""
    return mf.dmft.solve(g, "threshold-linear", bias=INPUT, mean_coupling=MEAN)


def network(g: float, seed: int) -> RateNetwork:
    """One realisation."""
    weights = gaussian_weights(SIZE, g, mean_coupling=MEAN, rng=seed)
    return RateNetwork(weights=weights, phi="threshold-linear", bias=INPUT)


def transition() -> tuple[Any, str]:
    """The three panels, and a table."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.0, 3.4))
    gains = np.concatenate([np.linspace(1.0, 1.41, 15), np.linspace(1.4143, 1.95, 40)])
    states = [theory(g) for g in gains]
    blue, red, green = plotting.COLOURS[:3]
    left.semilogy(gains, [s.c0 for s in states], color=blue, label=r"variance $c_0$")
    left.semilogy(gains, [s.c_inf for s in states], "--", color=red, label=r"static part $c_\infty$")
    lags = covariances(lambda seed: network(1.0, seed), 25.0, realisations=1)[0]
    measured = {g: covariances(lambda seed, g=g: network(g, seed), 25.0)[1] for g in SIMULATED}
    ends = {g: mean_and_error(found[:, [0, -1]]) for g, found in measured.items()}
    for k, colour in enumerate((blue, red)):
        points(left, SIMULATED, [m[k] for m, _ in ends.values()], [e[k] for _, e in ends.values()], colour)
    left.set(xlabel="gain g", ylabel="variance of x")
    left.set_title("A  Variance")
    left.legend(loc="upper left")
    for g, colour in zip(SHOWN, (blue, green), strict=True):
        fine, state = np.linspace(0.0, 25.0, 501), theory(g)
        middle.plot(fine, state.autocovariance(fine) / state.c0, color=colour, label=f"g = {g:g}")
        middle.axhline(state.c_inf / state.c0, color=colour, linestyle=":", linewidth=0.8)
        points(middle, lags[::5], *mean_and_error(measured[g][:, ::5] / measured[g][:, :1]), colour)
    middle.set(xlabel="lag (time constants)", ylabel=r"autocovariance $c(\tau)/c_0$", ylim=(None, 1.02))
    middle.set_title(f"B  Autocovariance, N = {SIZE}")
    middle.legend(loc="lower left")
    right.plot(gains, [s.lyapunov for s in states], color="black", label="theory")
    found = [exponent(lambda seed, g=g: network(g, seed), realisations=4) for g in SIMULATED]
    points(right, SIMULATED, *np.transpose(found), blue, f"networks, N = {SIZE}")
    right.axhline(0.0, color="0.7", linewidth=0.7, zorder=0)
    right.set(xlabel="gain g", ylabel="largest Lyapunov exponent")
    right.set_title("C  Exponent")
    right.legend(loc="upper left")
    for axes in (left, right):
        axes.axvline(2**0.5, color="0.5", linestyle=":", zorder=0)
    below = right.get_xaxis_transform()
    right.annotate(r"$\sqrt{2}$", (2**0.5, 0.02), (4, 0), xycoords=below, textcoords="offset points")
    lines = [f"{'g':>6} {'c0':>9} {'networks':>9} {'error':>8} {'lambda':>9} {'networks':>9} {'error':>8}"]
    for (g, (c, errors)), (mean, error) in zip(ends.items(), found, strict=True):
        state = theory(g)
        lines.append(
            f"{g:6.2f} {state.c0:9.4f} {c[0]:9.4f} {errors[0]:8.4f} {state.lyapunov:9.4f} {mean:9.4f} {error:8.4f}"
        )
    return figure, "\n".join(lines)
