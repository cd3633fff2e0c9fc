"""Renart, de la Rocha, Bartho, Hollender, Parga, Reyes & Harris (2010), The asynchronous state in cortical circuits.

Science 327, 587. A, population activities follow the external one; B, correlations of pairs of neurons against network
size; C, correlations of the currents of pairs of neurons: of excitation, of inhibition, of the one with the other, and
of their sum; D, the distribution of pairwise correlations beside that of trains shifted against each
other. Lines are theory (`meanfield.binary.pair_correlations`), points simulated, bars standard errors. The network is
`meanfield.models.renart2010`, whose weights are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import ms
from validation.binary import BinarySimulation, simulate_binary
from validation.binary_statistics import current_correlation, pair_correlations, state_correlations

NAMES = ("correlations",)
DURATIONS = {125: 150.0, 250: 100.0, 500: 80.0, 1000: 40.0, 2000: 25.0, 4000: 8.0}  # s by network size
SHOWN = 2000  # size of the network of A and D
TAU = 10 * ms
ERDOS_RENYI = "Erdős-Rényi"
PAIRS = {"EE": (0, 0), "EI": (0, 1), "II": (1, 1)}
CURRENTS: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "excitation, excitation": ((0, 2), (0, 2)),
    "inhibition, inhibition": ((1,), (1,)),
    "excitation, inhibition": ((0, 2), (1,)),
    "net": ((0, 1, 2), (0, 1, 2)),
}


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = correlations()
    return save(figure, "renart2010_correlations", out, formats), "\n".join(lines), ""


def correlations() -> tuple[Any, list[str]]:
    """All panels, and the lines of the table."""
    figure, grid = plt.subplots(2, 2, figsize=(9.5, 7.2))
    runs = {
        size: simulate_binary(mf.models.renart2010(size=size), duration=duration, step=TAU / 2, sample=100, rng=size)
        for size, duration in DURATIONS.items()
    }
    sizes = np.geomspace(min(DURATIONS), 2 * max(DURATIONS), 30).round()
    theory = [mf.binary.pair_correlations(mf.models.renart2010(size=size), connections=ERDOS_RENYI) for size in sizes]
    _traces(grid[0, 0])
    lines = _neurons(grid[0, 1], sizes, theory, runs)
    lines += _currents(grid[1, 0], sizes, theory, runs)
    lines += _histogram(grid[1, 1], runs[SHOWN])
    for axes in (grid[0, 1], grid[1, 0]):
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xticks(list(DURATIONS), [str(size) for size in DURATIONS])
    return figure, lines


def _traces(axes: Any) -> None:
    """Activities in units of their standard deviations."""
    seen = simulate_binary(mf.models.renart2010(size=SHOWN), duration=100 * TAU, step=TAU / 20, rng=1)
    colours = (plotting.COLOURS[0], plotting.COLOURS[1], "0.5")
    for a, name in enumerate(seen.network.names):
        x = seen.activity[:, a]
        shown = (seen.times >= 40 * TAU) & (seen.times < 60 * TAU)
        z = (x - x.mean()) / x.std()
        axes.plot(seen.times[shown] / TAU - 40, z[shown], color=colours[a], lw=1, label=name)
    axes.set(xlabel=r"time ($\tau$)", ylabel="population activity (standard deviations)")
    axes.set_title(f"A  Inhibition follows excitation, N = {SHOWN}")
    axes.legend(ncols=3)


def _neurons(axes: Any, sizes: Any, theory: Any, runs: dict[int, BinarySimulation]) -> list[str]:
    lines = ["correlation of pairs of neurons: N, then theory, simulation of EE, of EI and of II"]
    found = {size: pair_correlations(run) for size, run in runs.items()}
    for (name, pair), colour in zip(PAIRS.items(), plotting.COLOURS, strict=False):
        axes.loglog(sizes, [at.correlation[pair] for at in theory], color=colour, label=name)
        means, errors = ([both[k][pair] for both in found.values()] for k in (0, 1))
        axes.errorbar(list(runs), means, errors, fmt="o", ms=4, color=colour)
    middle = theory[15].correlation[0, 1]
    axes.loglog(sizes, 2.5 * middle * sizes[15] / sizes, ":", color="0.5", label=r"$\propto 1/N$")
    axes.set(xlabel="neurons $N$ of each population", ylabel="mean correlation of pairs")
    axes.set_title("B  Neurons: weakly correlated")
    axes.legend()
    for size, (mean, error) in found.items():
        at = mf.binary.pair_correlations(mf.models.renart2010(size=size), connections=ERDOS_RENYI).correlation
        lines.append(f"{size}: {', '.join(f'{at[p]:.2e} {mean[p]:.2e} ± {error[p]:.1e}' for p in PAIRS.values())}")
    return lines


def _currents(axes: Any, sizes: Any, theory: Any, runs: dict[int, BinarySimulation]) -> list[str]:
    lines = ["correlation of currents onto E: N, then theory, simulation of " + "; ".join(CURRENTS)]
    found = {
        size: [current_correlation(run, 0, first, second) for first, second in CURRENTS.values()]
        for size, run in runs.items()
    }
    for k, ((name, (first, second)), colour) in enumerate(zip(CURRENTS.items(), plotting.COLOURS, strict=False)):
        shade = "black" if name == "net" else colour
        axes.semilogx(sizes, [at.current_correlation(0, first, second) for at in theory], color=shade, label=name)
        means, errors = ([values[k][m] for values in found.values()] for m in (0, 1))
        axes.errorbar(list(runs), means, errors, fmt="o", ms=4, color=shade)
    axes.axhline(0.0, lw=0.8, color="0.7")
    axes.set(xlabel="neurons $N$ of each population", ylabel="correlation of currents", ylim=(-0.55, 0.85))
    axes.set_title("C  Currents: strongly correlated, but they cancel")
    axes.legend(ncols=2, loc="upper center")
    for size, values in found.items():
        at = mf.binary.pair_correlations(mf.models.renart2010(size=size), connections=ERDOS_RENYI)
        words = (
            f"{at.current_correlation(0, *sources):.3f} {mean:.3f} ± {error:.3f}"
            for sources, (mean, error) in zip(CURRENTS.values(), values, strict=True)
        )
        lines.append(f"{size}: {'; '.join(words)}")
    return lines


def _histogram(axes: Any, run: BinarySimulation) -> list[str]:
    """Pairs of E at equal times, and with one train shifted by half of the recording's length."""
    together = state_correlations(run, 0)
    shifted = state_correlations(run, 0, shift=run.times.size // 2)
    edges = np.linspace(-0.08, 0.08, 41)
    styles: tuple[tuple[str, Any, str], ...] = (
        ("pairs", together, plotting.COLOURS[0]),
        ("shifted in time", shifted, "0.6"),
    )
    for name, values, colour in styles:
        axes.hist(values, edges, density=True, histtype="step", color=colour, label=name, lw=1.4)
    axes.axvline(together.mean(), color=plotting.COLOURS[0], ls=":", label=f"mean {together.mean():.1e}")
    axes.set(xlabel="correlation of a pair of E", ylabel="density over pairs")
    axes.set_title(f"D  Pairs of E beside chance, N = {run.network.sizes[0]}")
    axes.legend()
    words = f"mean {together.mean():.2e}, sd {together.std():.2e}; shifted {shifted.mean():.2e}, {shifted.std():.2e}"
    return [f"pairs of E at N = {run.network.sizes[0]}: {words}"]
