"""Schuecker, Goedeke & Helias (2018), Optimal sequence memory in driven random networks.

A: the plane of gain and input: the line of local instability, g²<φ'²> = 1, and that of chaos, c0 = g²<φ²>; between them
perturbations grow at first and die all the same. B: the largest Lyapunov exponent across both lines. Lines are theory,
N → ∞; points are networks, mean and twice the standard error over realisations. Where the exponent is negative they lie
below theory by about 0.01: its mode is hardly bound there, so that tangent vectors find it slowly
(at g = 1.5 -0.060 over 100 time constants, -0.046 over 800, theory -0.035), and N is finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.rates import exponent, points
from figures.style import plt, save
from meanfield import plotting
from validation.ratenetwork import RateNetwork, gaussian_weights

NAMES = ("lines",)
NOISE = 0.5  # of B
SIMULATED = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
SIZE = 1000


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = lines()
    return save(figure, "schuecker2018_lines", out, formats), table, ""


def network(g: float, seed: int) -> RateNetwork:
    """One realisation."""
    return RateNetwork(weights=gaussian_weights(SIZE, g, rng=seed), noise=NOISE)


def lines() -> tuple[Any, str]:
    """Both panels, and the table of the exponents."""
    figure, (plane, cut) = plt.subplots(1, 2, figsize=(8.6, 3.6))
    sigma = np.geomspace(0.02, 1.5, 40)
    local = np.array([mf.dmft.local_instability(noise=s) for s in sigma])
    chaos = np.array([mf.dmft.chaos_onset(noise=s) for s in sigma])
    top = 3.2
    x = np.concatenate([[0.0], sigma])
    low, high = np.concatenate([[1.0], local]), np.concatenate([[1.0], chaos])
    plane.fill_between(x, 0.5, low, color="#DDEFF9", linewidth=0)
    plane.fill_between(x, low, high, color="#FBEBD0", linewidth=0)
    plane.fill_between(x, high, top, where=high < top, color="#F3D3C3", linewidth=0, interpolate=True)
    plane.plot(x, low, "--", color="black", label=r"local instability, $g^2\langle\phi'^2\rangle = 1$")
    plane.plot(x, high, color="black", label=r"chaos, $c_0 = g^2\langle\phi^2\rangle$")
    for words, place in (("chaotic", (0.3, 2.5)), ("expansive,\nnot chaotic", (1.0, 2.0)), ("stable", (0.9, 1.2))):
        plane.text(*place, words, ha="center", va="center")
    plane.set(xlim=(0.0, 1.5), ylim=(0.5, top), xlabel=r"input noise $\sigma$", ylabel="gain g")
    plane.set_title("A  Two lines")
    plane.legend(loc="lower right")
    gains = np.concatenate([np.linspace(0.8, 1.0, 3), np.linspace(1.01, 3.1, 50)])
    found = [exponent(lambda seed, g=g: network(g, seed), realisations=3) for g in SIMULATED]
    for noise, colour in ((0.0, "0.6"), (NOISE, plotting.COLOURS[0])):
        exponents = [mf.dmft.solve(g, noise=noise).lyapunov for g in gains]
        cut.plot(gains, exponents, color=colour, label=rf"theory, $\sigma$ = {noise:g}")
    points(cut, SIMULATED, *np.transpose(found), plotting.COLOURS[0], f"networks, N = {SIZE}")
    for place, style in ((mf.dmft.local_instability(noise=NOISE), "--"), (mf.dmft.chaos_onset(noise=NOISE), "-")):
        cut.axvline(place, color="black", linestyle=style, linewidth=0.8, zorder=0)
    cut.axhline(0.0, color="0.7", linewidth=0.7, zorder=0)
    cut.set(xlabel="gain g", ylabel="largest Lyapunov exponent")
    cut.set_title(rf"B  Input suppresses chaos, $\sigma$ = {NOISE:g}")
    cut.legend()
    words = [f"sigma = {NOISE:g}:{'g':>6} {'theory':>9} {'networks':>9} {'error':>8}"]
    for g, (mean, error) in zip(SIMULATED, found, strict=True):
        words.append(f"{'':12}{g:6.2f} {mf.dmft.solve(g, noise=NOISE).lyapunov:9.4f} {mean:9.4f} {error:8.4f}")
    return figure, "\n".join(words)
