"""Chance, Abbott & Reyes (2002), Gain modulation from background synaptic input.

A: rate against an injected current, on backgrounds of excitation and inhibition that balance each other: more of it
lowers the slope. Conductances decay with 5 and 10 ms and a spike opens 2% and 6% of the membrane's own, as in the
paper, at multiples of 7000 and 3000 spikes a second; the membrane is ours, and so is the inhibitory reversal
potential, at which the background's mean current is about none. Points are simulated neurons. B: what makes it:
conductance alone shifts the curve, noise alone raises its foot and lowers its slope, and both together scale it (a
LIF with a shunt of one membrane's conductance, and noise of 3 and 9 mV).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import Hz, ms, mV
from validation.conductance import simulate_neuron

NAMES = ("gain",)
TAU_M, V_TH, V_RESET = 20 * ms, 16 * mV, 10 * mV
SPIKES = (7000 * Hz, 3000 * Hz)
BACKGROUNDS = (1.0, 2.0, 3.0)
QUIET, NOISY, SHUNT = 3 * mV, 9 * mV, 1.0


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = gain()
    return save(figure, "chance2002_gain", out, formats), table, ""


def neuron() -> mf.LIFConductance:
    """Weights are the jumps that a conductance of that size makes halfway from reset to threshold."""
    e_e, e_i, ref = 70 * mV, -10 * mV, 0.5 * (V_TH + V_RESET)
    area_e, area_i = 0.02 * 5 * ms / TAU_M, 0.06 * 10 * ms / TAU_M
    return mf.LIFConductance(
        tau_m=TAU_M,
        t_ref=2 * ms,
        v_th=V_TH,
        v_reset=V_RESET,
        e_e=e_e,
        e_i=e_i,
        weight_e=-np.expm1(-area_e) * (e_e - ref),
        weight_i=-np.expm1(-area_i) * (e_i - ref),
        tau_e=5 * ms,
        tau_i=10 * ms,
    )


def gain(points: int = 37, duration: float = 60.0) -> tuple[Any, str]:
    """Both panels, and a table of changes."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6))
    cell = neuron()
    curves = []
    for colour, k in zip(plotting.COLOURS, BACKGROUNDS, strict=False):
        drive = np.linspace(0, 24 + 8 * k, points) * mV
        curve = mf.current_curve(cell, drive, k * SPIKES[0], k * SPIKES[1], label=f"{k:g}x background")
        curves.append(curve)
        left.plot(curve.drive / mV, curve.rate, color=colour, label=curve.label)
        for current in drive[7::5]:
            there = dataclasses.replace(cell, mu_0=float(current))
            run = simulate_neuron(there, k * SPIKES[0], k * SPIKES[1], duration=duration, rng=1)
            left.plot(current / mV, run.rate, "o", ms=3.5, color=colour)
    left.set(xlabel="injected current, as depolarisation at rest (mV)", ylabel="firing rate (Hz)", ylim=(0, 80))
    left.set_title("A  balanced background (lines theory, dots simulated)")
    left.legend()
    lif = mf.LIF(tau_m=TAU_M, t_ref=2 * ms, v_th=V_TH, v_reset=V_RESET)
    mu = np.linspace(-30, 100, 521) * mV
    cases = {
        "control": mf.transfer_curve(lif, mu, QUIET),
        "conductance alone": mf.transfer_curve(lif, mu, QUIET, shunt=SHUNT),
        "noise alone": mf.transfer_curve(lif, mu, NOISY),
        "both": mf.transfer_curve(lif, mu, NOISY, shunt=SHUNT),
    }
    for colour, style, (name, curve) in zip(plotting.COLOURS[3:], ("-", "--", ":", "-."), cases.items(), strict=False):
        right.plot(curve.drive / mV, curve.rate, style, color=colour, label=name)
    right.set(xlabel="mean input (mV)", ylabel="firing rate (Hz)", xlim=(-10, 70), ylim=(0, 80))
    right.set_title("B  what conductance and noise do apart")
    right.legend()
    lines = [f"{a.label} to {b.label}: {a.change_to(b, low=5, high=40)}" for a, b in pairwise(curves)]
    lines += [f"control to {name}: {cases['control'].change_to(curve)}" for name, curve in list(cases.items())[1:]]
    return figure, "\n".join(lines)
