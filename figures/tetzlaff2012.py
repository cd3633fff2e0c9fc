"""Tetzlaff, Helias, Einevoll & Diesmann (2012), Decorrelation of neural-network activity by inhibitory feedback.

Spectra of the population rate of the intact network and of its feedforward replay, in which the same neurons hear
the same spike trains made independent, which do not hear them (`meanfield.noise_suppression`): A, an inhibitory
network; B, excitation and inhibition, network C of Brunel (2000). Below the networks' resonances feedback suppresses
fluctuations. C, why: inputs of pairs of neurons of network B are correlated more where feedback is cut, although
excitation and inhibition apart are correlated far less. Dots are simulated networks and replays (`validation.replay`),
theory is with the spike trains' own spectra. The paper's neurons and parameters differ; what is shown is its
comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import mV
from validation import Simulation, SimulationUnavailable, simulate
from validation.replay import Replayed, replay_network
from validation.statistics import population_rate, rate_spectrum
from validation.suppression import fluctuations, of_network

NAMES = ("suppression",)
FREQUENCIES = np.geomspace(1.0, 1000.0, 400)  # Hz
DURATION = 3.0  # s
WINDOW = 0.05  # s, of inputs
SEGMENT = 0.2  # s, of spectra
BANDS = np.geomspace(4.0, 1000.0, 19)  # Hz, in which spectra are averaged
INPUTS = ("excitation", "inhibition", "net")


def networks() -> dict[str, mf.Network]:
    """The two networks, by the titles of their panels."""
    return {
        "A  inhibitory network": mf.models.brunelhakim1999(mu_ext=25 * mV, sigma_ext=5 * mV),
        "B  excitation and inhibition": mf.models.brunel2000(g=5, eta=2),
    }


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and a notice where nothing can be simulated."""
    figure, lines, notice = suppression()
    return save(figure, "tetzlaff2012_suppression", out, formats), "\n".join(lines), notice


def suppression() -> tuple[Any, list[str], str]:
    """Spectra with and without feedback, correlations of inputs, and the lines of the table."""
    figure, grid = plt.subplots(1, 3, figsize=(12.0, 3.5), width_ratios=(1, 1, 0.8))
    lines, notice = ["power at 1 Hz with feedback over that of the replay"], ""
    for axes, (title, network) in zip(grid, networks().items(), strict=False):
        fp = mf.solve(network)
        spectra = mf.coloured_spectrum(fp)
        found = mf.noise_suppression(fp, FREQUENCIES, auto_spectra=spectra)
        runs: tuple[Simulation, Replayed] | None = None
        try:
            run = simulate(network, duration=DURATION, currents=200, current_bin=WINDOW, progress=True)
            runs = run, replay_network(run, replay="independent", window=WINDOW)
        except SimulationUnavailable as error:
            notice = f"tetzlaff2012: theory alone, {error}"
        for k, (name, colour) in enumerate(zip(network.names, plotting.COLOURS, strict=False)):
            axes.loglog(FREQUENCIES, found.recurrent[:, k], color=colour, label=f"{name}, intact")
            axes.loglog(FREQUENCIES, found.feedforward[:, k], "--", color=colour, label=f"{name}, replay")
            lines.append(f"{title[3:]}, {name}: {found.ratio[0, k]:.3g}")
            if runs is not None:
                dots(axes, runs, k, colour)
        axes.set_title(title)
        axes.set(xlabel="frequency (Hz)", ylabel="spectrum of the population rate (Hz)")
        axes.legend()
        lines += inputs(grid[2], fp, spectra, runs) if title.startswith("B") else []
    return figure, lines, notice


def dots(axes: Any, runs: tuple[Simulation, Replayed], k: int, colour: str) -> None:
    """Simulated spectra, in bands of frequency."""
    run, replayed = runs
    _, rate = population_rate(run.times[k], run.network.sizes[k], run.duration, run.dt)
    for values, marker, face in ((rate, "o", colour), (replayed.rate[k], "s", "white")):
        f, power, _ = rate_spectrum(values, run.dt, SEGMENT)
        band = np.digitize(f, BANDS)
        there = [b for b in range(1, BANDS.size) if (band == b).any()]
        x, y = ([v[band == b].mean() for b in there] for v in (f, power))
        axes.plot(x, y, marker, ms=3.5, color=colour, mfc=face)


def inputs(axes: Any, fp: mf.FixedPoint, spectra: Any, runs: tuple[Simulation, Replayed] | None) -> list[str]:
    """Correlations of the inputs of two E neurons, intact and replayed."""
    kinds = {"intact": None, "replay": "independent"}
    theory = {
        name: mf.windowed_noise(fp, WINDOW, replay=replay, auto_spectra=spectra) for name, replay in kinds.items()
    }
    measured = {}
    if runs is not None:
        run, cut = runs
        measured = {
            "intact": of_network(run, WINDOW),
            "replay": fluctuations(cut.counts, cut.excitation, cut.inhibition, WINDOW),
        }
    lines = [f"correlation of inputs of E in {WINDOW * 1e3:g} ms: theory, simulation"]
    place = np.arange(len(INPUTS))
    for (name, one), shift, colour in zip(theory.items(), (-0.2, 0.2), plotting.COLOURS[2:4], strict=True):
        values = [float(getattr(one, part)[0]) for part in INPUTS]
        axes.bar(place + shift, values, 0.36, color=colour, alpha=0.6, label=f"{name}, theory")
        words = [f"{value:.3g}" for value in values]
        if name in measured:
            simulated = [measured[name][part][0] for part in INPUTS]
            axes.plot(place + shift, simulated, "o", ms=4, color="black", label="simulated" if shift > 0 else None)
            words = [f"{a}, {b:.3g}" for a, b in zip(words, simulated, strict=True)]
        lines.append(f"{name}: " + "; ".join(f"{part} {w}" for part, w in zip(INPUTS, words, strict=True)))
    axes.set(yscale="log", ylim=(0.01, 3), ylabel="correlation of inputs of two E neurons")
    axes.set_xticks(place, ["excitation", "inhibition", "both"])
    axes.set_title("C  inputs, in windows of 50 ms")
    axes.legend()
    return lines
