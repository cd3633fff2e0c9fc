"""Schuecker, Diesmann & Helias (2015), Modulated escape from a metastable state driven by colored noise, PRE 92.

The response of the rate to a modulation of the mean that comes through the synapses, without the synapses' own filter
1/(1 + i omega tau_s), which is the same in all: white noise, the shift of threshold and reset (`mf.LIF` with tau_s),
the solver of `mf.LIFFiltered`, and simulated neurons (points, twice the standard error).
In coloured noise the rate follows fast inputs with a finite amplitude and without a lag, since they change V's velocity
at threshold (Brunel, Chance, Fourcaud & Abbott 2001, Phys. Rev. Lett. 86); the shift has the 1/sqrt(omega) of white
noise.
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
from validation.filtered import NEURON, simulate_response

NAMES = ("response",)
MU, SIGMA = 19 * mV, 4 * mV
FREQUENCIES = np.geomspace(1.0, 1000.0, 61)
SIMULATED = (3.0, 10.0, 30.0, 100.0, 300.0)
TIME_CONSTANTS = (0.5 * ms, 5 * ms)
SPIKES = 60_000
MODULATION = 0.25  # of the rate: linear to some per cent


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = responses()
    return save(figure, "schuecker2015_response", out, formats), table, ""


def responses() -> tuple[Any, str]:
    """Amplitude above phase, a column a time constant; and the simulated values beside the solver's."""
    figure, axes = plt.subplots(2, 2, figsize=(8.2, 5.2), sharex=True, sharey="row")
    s = 2j * np.pi * FREQUENCIES
    words = [f"{'tau_s (ms)':>10} {'f (Hz)':>7} {'solver':>20} {'simulated (Hz/mV)':>20} {'error':>7}"]
    for (size, phase), tau_s in zip(axes.T, TIME_CONSTANTS, strict=True):
        neuron = replace(NEURON, tau_s=tau_s)
        shifted = mf.LIF(tau_m=neuron.tau_m, t_ref=neuron.t_ref, v_th=neuron.v_th, v_reset=neuron.v_reset, tau_s=tau_s)
        unfiltered = 1.0 + s * tau_s
        lines = {
            "white noise": (replace(shifted, tau_s=0.0).response(s, MU, SIGMA)[0], "0.6", "-"),
            "shift": (shifted.response(s, MU, SIGMA)[0] * unfiltered, plotting.COLOURS[1], "--"),
            "solver": (neuron.response(s, MU, SIGMA)[0] * unfiltered, plotting.COLOURS[0], "-"),
        }
        for label, (answer, colour, style) in lines.items():
            size.plot(FREQUENCIES, np.abs(answer) * mV, style, color=colour, label=label)
            phase.plot(FREQUENCIES, np.degrees(np.unwrap(np.angle(answer))), style, color=colour)
        for k, f in enumerate(SIMULATED):
            answer = neuron.response(2j * np.pi * f, MU, SIGMA)[0]
            amplitude = MODULATION * neuron.rate(MU, SIGMA) / abs(answer)
            seen, error = simulate_response(neuron, MU, SIGMA, f, by="mu", amplitude=amplitude, spikes=SPIKES, rng=k)
            words.append(f"{tau_s / ms:10.1f} {f:7.0f} {answer * mV:20.4f} {seen * mV:20.4f} {error * mV:7.4f}")
            seen *= 1.0 + 2j * np.pi * f * tau_s
            error *= abs(1.0 + 2j * np.pi * f * tau_s)
            marks = {"fmt": "o", "color": plotting.COLOURS[0], "markersize": 3.5, "linewidth": 0.9}
            size.errorbar(f, abs(seen) * mV, 2.0 * error * mV, **marks, label="simulated" if k == 0 else None)
            phase.errorbar(f, np.degrees(np.angle(seen)), 2.0 * np.degrees(error / abs(seen)), **marks)
        size.set_title(rf"$\tau_s$ = {tau_s / ms:g} ms, $\tau_m$ = 20 ms")
        size.set(xscale="log", yscale="log")
        phase.set(xlabel="frequency (Hz)")
    axes[0, 0].set_ylabel(r"|d rate/d$\mu$| (Hz/mV)")
    axes[1, 0].set_ylabel("phase (degrees)")
    axes[0, 1].legend(loc="lower left")
    return figure, "\n".join(words)
