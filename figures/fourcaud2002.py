"""Fourcaud & Brunel (2002), Dynamics of the firing probability of noisy integrate-and-fire neurons, Neural Comput. 14.

The firing rate against the synaptic time constant, in the convention in which the noise keeps its intensity at low
frequencies: for three inputs the solver of `mf.LIFFiltered` (lines), the shift of fast synapses (dashed), the average
of slow ones (dotted), and simulated neurons (points, with twice their standard error). B: how far the two limits are
from the solver. With t_ref = 2 ms the current at reset has forgotten the spike where tau_s is below 1 ms: there the
shift, which takes it to be as at threshold, is 1 to 2% too high. Dips are where a limit crosses the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import ms, mV
from validation.filtered import NEURON, filtered_limits, simulate_filtered

NAMES = ("rates",)
INPUTS = ((15 * mV, 5 * mV), (19 * mV, 3 * mV), (23 * mV, 4 * mV))
TIMES = np.geomspace(0.1, 500.0, 45) * ms
SIMULATED = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0]) * ms
SPIKES = 8000


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = rates()
    return save(figure, "fourcaud2002_rates", out, formats), table, ""


def rates() -> tuple[Any, str]:
    """Both panels, and the simulated rates beside the solver's."""
    figure, (top, errors) = plt.subplots(1, 2, figsize=(8.6, 3.6))
    words = [f"{'mu':>4} {'sigma':>6} {'tau_s (ms)':>11} {'solver (Hz)':>12}   simulated (Hz)"]
    for (mu, sigma), colour in zip(INPUTS, plotting.COLOURS, strict=False):
        neurons = [replace(NEURON, tau_s=float(tau_s)) for tau_s in TIMES]
        solver = np.array([neuron.rate(mu, sigma) for neuron in neurons])
        fast, slow = np.transpose([filtered_limits(neuron, mu, sigma) for neuron in neurons])
        label = rf"$\mu$ = {mu / mV:g}, $\sigma$ = {sigma / mV:g} mV"
        top.plot(TIMES / ms, solver, color=colour, label=label)
        for limit, style in ((fast, "--"), (slow, ":")):
            top.plot(TIMES / ms, limit, style, color=colour, linewidth=1.1)
            errors.plot(TIMES / ms, np.abs(limit / solver - 1.0), style, color=colour, linewidth=1.1)
        for k, tau_s in enumerate(SIMULATED):
            neuron = replace(NEURON, tau_s=float(tau_s))
            rate = neuron.rate(mu, sigma)
            if rate < 0.3:
                continue
            seen = simulate_filtered(neuron, mu, sigma, spikes=SPIKES, rng=k).rate
            top.errorbar(tau_s / ms, seen.mean, 2.0 * seen.error, fmt="o", color=colour, markersize=3.5, linewidth=0.9)
            words.append(f"{mu / mV:4.0f} {sigma / mV:6.0f} {tau_s / ms:11.1f} {rate:12.4f}   {seen}")
    white = mf.LIF(tau_m=NEURON.tau_m, t_ref=NEURON.t_ref, v_th=NEURON.v_th, v_reset=NEURON.v_reset)
    for (mu, sigma), colour in zip(INPUTS, plotting.COLOURS, strict=False):
        top.plot(TIMES[0] / ms, white.rate(mu, sigma), "<", color=colour, markersize=4, clip_on=False)
    top.plot([], [], "--", color="0.4", label="fast: threshold, reset shifted")
    top.plot([], [], ":", color="0.4", label="slow: average over x")
    top.plot([], [], "o", color="0.4", markersize=3.5, label="simulated")
    top.plot([], [], "<", color="0.4", markersize=4, label=r"$\tau_s$ = 0")
    label = r"synaptic time constant $\tau_s$ (ms)"
    top.set(xscale="log", xlabel=label, ylabel="firing rate (Hz)", xlim=(TIMES[0] / ms, TIMES[-1] / ms), ylim=(0, 64))
    top.set_title(r"A  Rate, $\tau_m$ = 20 ms")
    top.legend(ncols=2, loc="upper left", fontsize=7)
    errors.set(xscale="log", yscale="log", xlabel=label, ylabel="relative error of the limits", ylim=(1e-4, 3.0))
    errors.set_title("B  Where the limits hold")
    return figure, "\n".join(words)
