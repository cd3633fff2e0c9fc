"""Richardson (2004) and Richardson & Gerstner (2005): conductances, their noise, and their filtering.

A: rate of a neuron of instantaneous conductances against the rate of excitatory spikes, at three rates of inhibition:
jumps of finite size (lines), the diffusion with multiplicative noise (dashed), the effective time constant with
additive noise (dotted), and simulation (dots). B: the same beside what current synapses of these
weights would do.
C: rate against the time constant of both conductances, at a fixed input (total conductance 5.2, tau_0 = 3.9 ms):
solved, the effective time constant with the shift of fast synapses (dashed), and simulation. Parameters are ours.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import Hz, ms, mV
from validation.conductance import NeuronRun, shifted_rate, simulate_neuron

NAMES = ("conductance",)
FAST = mf.LIFConductance(
    tau_m=20 * ms,
    t_ref=2 * ms,
    v_th=20 * mV,
    v_reset=10 * mV,
    e_e=70 * mV,
    e_i=-5 * mV,
    weight_e=0.2 * mV,
    weight_i=-0.6 * mV,
)
JUMPS = dataclasses.replace(FAST, jumps="finite")
STRONG = dataclasses.replace(FAST, weight_e=0.5 * mV, weight_i=-1.5 * mV)
INHIBITION = (1000 * Hz, 3000 * Hz, 6000 * Hz)
INPUT = (7500 * Hz, 1800 * Hz)
TAUS = np.geomspace(0.05, 50, 25) * ms


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = conductance()
    return save(figure, "richardson2004_conductance", out, formats), table, ""


def currents(neuron: mf.LIFConductance, rate_e: Any, rate_i: float) -> Any:
    """Rate of a LIF for which spikes are jumps of the same size everywhere."""
    lif = mf.LIF(tau_m=neuron.tau_m, t_ref=neuron.t_ref, v_th=neuron.v_th, v_reset=neuron.v_reset)
    return lif.rate(*neuron.receptors.moments(rate_e, rate_i))


def conductance(duration: float = 100.0) -> tuple[Any, str]:
    """The three panels, and a table."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12.0, 3.6))
    lines = ["inhibition Hz  excitation Hz  simulated Hz  finite jumps  multiplicative  effective tau"]
    for colour, rate_i in zip(plotting.COLOURS, INHIBITION, strict=False):
        centre = 6000 * Hz + 2.35 * rate_i
        rate_e = np.linspace(0.8 * centre, 1.35 * centre, 60)
        solved = JUMPS.rate(*FAST.receptors.moments(rate_e, rate_i))
        left.plot(rate_e / 1e3, FAST.rate(*FAST.receptors.moments(rate_e, rate_i)), "--", color=colour, lw=1)
        label = f"{rate_i / 1e3:g} inhibitory spikes/ms"
        left.plot(rate_e / 1e3, solved, color=colour, label=label)
        left.plot(rate_e / 1e3, [shifted_rate(FAST, r, rate_i) for r in rate_e], ":", color=colour, lw=1)
        middle.plot(rate_e / 1e3, solved, color=colour, label=label)
        middle.plot(rate_e / 1e3, currents(FAST, rate_e, rate_i), ":", color=colour)
        for rate in rate_e[12::12]:
            run = simulate_neuron(FAST, rate, rate_i, duration=duration, rng=1)
            _point(left, rate / 1e3, run, colour)
            moments = FAST.receptors.moments(rate, rate_i)
            theories = float(JUMPS.rate(*moments)), float(FAST.rate(*moments))
            effective = shifted_rate(FAST, rate, rate_i)
            lines.append(
                f"{rate_i:13.0f}{rate:15.0f}{run.rate:14.2f}{theories[0]:15.2f}{theories[1]:16.2f}{effective:15.2f}"
            )
    for axes in (left, middle):
        axes.set(xlabel="excitatory spikes/ms", ylabel="firing rate (Hz)", ylim=(0, 105))
    left.set_title("A  jumps; multiplicative (dashed), additive (dotted)")
    left.legend(loc="upper left")
    middle.set_title("B  conductances (lines) and currents (dotted)")
    moments = STRONG.receptors.moments(*INPUT)
    cells = [dataclasses.replace(STRONG, tau_e=float(tau), tau_i=float(tau)) for tau in TAUS]
    blue, red, green = plotting.COLOURS[:3]
    right.semilogx(TAUS / ms, [cell.rate(*moments) for cell in cells], color=blue, label="solved")
    shifted = [shifted_rate(cell, *INPUT) for cell in cells]
    right.semilogx(TAUS / ms, shifted, "--", color=red, label="shift of fast synapses")
    right.axhline(STRONG.rate(*moments), color=green, ls=":", label="instantaneous, diffusion")
    for cell in cells[::4]:
        run = simulate_neuron(cell, *INPUT, duration=2 * duration, rng=1)
        _point(right, cell.tau_e / ms, run, "black")
        lines.append(
            f"tau_s = {cell.tau_e / ms:6.2f} ms: simulated {run.rate:6.2f} ± {run.rate_error:4.2f} Hz, "
            f"solved {cell.rate(*moments):6.2f}, shift {shifted_rate(cell, *INPUT):6.2f}"
        )
    right.set(xlabel="time constant of both conductances (ms)", ylabel="firing rate (Hz)", ylim=(0, None))
    right.set_title("C  filtered conductances (dots simulated)")
    right.legend()
    return figure, "\n".join(lines)


def _point(axes: Any, x: float, run: NeuronRun, colour: str) -> None:
    if math.isfinite(run.rate):
        axes.errorbar(x, run.rate, 2 * run.rate_error, fmt="o", ms=3.5, lw=0.9, color=colour)
