"""Sompolinsky, Crisanti & Sommers (1988), Chaos in random neural networks.

A: autocovariance of x for several gains; B: largest Lyapunov exponent against the gain, with ε²/2 near onset; C: how
the exponent of finite networks approaches theory. Lines are dynamical mean-field theory, N → ∞; points are networks,
mean and twice the standard error over realisations. Finite networks lie below: their exponent, and near onset whether
there is chaos at all, varies between realisations, and correlations decay sooner.
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

NAMES = ("chaos",)
GAINS = (2.0, 3.0, 5.0)
REACH = 20.0  # of the lags
SIMULATED = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
CONVERGENCE = 2.0  # the gain of C
SIZES = {125: 24, 250: 16, 500: 10, 1000: 6, 2000: 3}  # realisations of each
SIZE = 1000


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = chaos()
    return save(figure, "sompolinsky1988_chaos", out, formats), table, ""


def network(g: float, n: int, seed: int) -> RateNetwork:
    """One realisation."""
    return RateNetwork(weights=gaussian_weights(n, g, rng=seed))


def chaos() -> tuple[Any, str]:
    """The three panels, and a table of the exponents."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.0, 3.4))
    for g, colour in zip(GAINS, plotting.COLOURS, strict=False):
        theory = mf.dmft.solve(g)
        lags, found = covariances(lambda seed, g=g: network(g, SIZE, seed), REACH)
        mean, error = mean_and_error(found[:, ::5] / theory.c0)
        fine = np.linspace(-REACH, REACH, 801)
        left.plot(fine, theory.autocovariance(fine) / theory.c0, color=colour, label=f"g = {g:g}")
        for side in (-1, 1):
            points(left, side * lags[::5], mean, error, colour)
    left.axhline(0.0, color="0.7", linewidth=0.7, zorder=0)
    left.set(xlabel="lag (time constants)", ylabel=r"autocovariance $c(\tau)/c_0$")
    left.set_title(f"A  Autocovariance, N = {SIZE}")
    left.legend()
    gains = np.concatenate([np.linspace(0.5, 1.0, 2), np.linspace(1.01, 5.2, 60)])
    middle.plot(gains, [mf.dmft.solve(g).lyapunov for g in gains], color="black", label="theory")
    near = np.linspace(1.0, 1.5, 50)
    middle.plot(near, (near - 1.0) ** 2 / 2, ":", color=plotting.COLOURS[1], label=r"$(g-1)^2/2$")
    found = [exponent(lambda seed, g=g: network(g, SIZE, seed), realisations=2) for g in SIMULATED]
    points(middle, SIMULATED, *np.transpose(found), plotting.COLOURS[0], f"networks, N = {SIZE}")
    middle.axhline(0.0, color="0.7", linewidth=0.7, zorder=0)
    middle.set(xlabel="gain g", ylabel="largest Lyapunov exponent", ylim=(-0.2, None))
    middle.set_title("B  Chaos from g = 1")
    middle.legend(loc="upper left")
    sizes = [
        exponent(lambda seed, n=n: network(CONVERGENCE, n, seed), realisations=trials) for n, trials in SIZES.items()
    ]
    points(right, list(SIZES), *np.transpose(sizes), plotting.COLOURS[0], "networks")
    right.axhline(mf.dmft.solve(CONVERGENCE).lyapunov, color="black", label=r"theory, $N \to \infty$")
    right.set(xscale="log")
    right.set_xticks(list(SIZES), labels=map(str, SIZES))
    right.minorticks_off()
    right.set(xlabel="neurons N", ylabel="largest Lyapunov exponent")
    right.set_title(f"C  Convergence with N, g = {CONVERGENCE:g}")
    right.legend(loc="lower right")
    lines = [f"{'g':>6} {'N':>6} {'theory':>9} {'networks':>9} {'error':>8}"]
    rows = [(g, SIZE, *f) for g, f in zip(SIMULATED, found, strict=True)]
    rows += [(CONVERGENCE, n, *f) for n, f in zip(SIZES, sizes, strict=True)]
    lines += [f"{g:6.2f} {n:6d} {mf.dmft.solve(g).lyapunov:9.4f} {mean:9.4f} {e:8.4f}" for g, n, mean, e in rows]
    return figure, "\n".join(lines)
