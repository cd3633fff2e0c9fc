"""Portrait of the asynchronous irregular state: Brunel's network at g = 6, eta = 1.5, in simulation and theory.

A, spikes of 50 E neurons; B, rate of all neurons; C, intervals of E neurons and the density of the renewal process in
white noise; D, spectrum of the rate of all neurons and that of linear response.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from validation import SimulationUnavailable, simulate
from validation.statistics import Intervals, cvs, population_rate, rate_spectrum

NAMES = ("portrait",)
SHOWN = 0.3  # s
BIN = 1e-3  # s, of the rate that is drawn
FINE = 5e-4  # s, of the spectrum


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice. Without Brian2 there is nothing to draw."""
    network = mf.models.brunel2000(g=6, eta=1.5)
    state = mf.solve(network)
    try:
        found = simulate(network, duration=2.0, warmup=0.3, rng=1, progress=True)
    except SimulationUnavailable as error:
        return [], "", f"nothing drawn: {error}"
    colour, dark = plotting.COLOURS[0], "black"
    n, everything = sum(network.sizes), np.concatenate(found.times)
    figure, grid = plt.subplots(2, 2, figsize=(8.4, 5.4), width_ratios=(1.5, 1))
    raster, histogram, rate_axes, spectrum_axes = grid.flat
    shown = (found.times[0] < SHOWN) & (found.indices[0] < 50)
    raster.plot(found.times[0][shown] * 1e3, found.indices[0][shown], "|", color=colour, markersize=4)
    raster.set(title="A  spikes of 50 E neurons", ylabel="neuron", xlim=(0, SHOWN * 1e3))
    edges, rate = population_rate(everything, n, SHOWN, BIN)
    rate_axes.stairs(rate, edges * 1e3, color=colour, fill=True, alpha=0.7)
    rate_axes.axhline(state.rate[0], color=dark, linewidth=1, label="theory")
    rate_axes.set(title="B  rate of all neurons", xlabel="time (ms)", ylabel="rate (Hz)", xlim=(0, SHOWN * 1e3))
    rate_axes.legend(loc="upper right")
    intervals = Intervals.of(found.times[0], found.indices[0])
    longest = 6.0 / state.rate[0]
    t = np.linspace(1e-4, longest, 300)
    bins = np.linspace(0, longest, 60)
    density = np.histogram(intervals.lengths, bins)[0] / intervals.lengths.size / np.diff(bins)
    histogram.stairs(density, bins * 1e3, color=colour, fill=True, alpha=0.7, label="simulation")
    neuron = network.neurons[0]
    assert isinstance(neuron, mf.LIF)
    white = neuron.isi_density(t, float(state.mu[0]), float(state.sigma[0]))
    histogram.plot(t * 1e3, white, color=dark, linewidth=1, label="theory, white noise")
    histogram.set(title="C  inter-spike intervals", xlabel="interval (ms)", ylabel="density (1/s)")
    histogram.legend()
    _, fine = population_rate(everything, n, found.duration, FINE)
    f, power, _ = rate_spectrum(fine, FINE, 0.25)
    share = np.array(network.sizes) / n
    theory = np.einsum("i,fij,j->f", share, mf.power_spectra(state, f), share).real
    spectrum_axes.loglog(f, power, color=colour, label="simulation")
    spectrum_axes.loglog(f, theory, color=dark, linewidth=1, label="theory, linear response")
    spectrum_axes.set(title="D  spectrum of that rate", xlabel="frequency (Hz)", ylabel="power (Hz)")
    spectrum_axes.legend()
    cv = cvs(intervals, network.sizes[0]).mean()
    table = (
        f"rate {found.rate[0]:.2f} Hz (theory {state.rate[0]:.2f}), CV {cv:.3f} (white noise {state.cv[0]:.3f}), "
        f"peak {f[power.argmax()]:.0f} Hz (theory {f[theory.argmax()]:.0f})"
    )
    return save(figure, "portrait", out, formats), table, ""
