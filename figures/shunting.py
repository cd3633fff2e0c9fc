"""Shunting inhibition: gain and dynamic range.

A: rate of a LIF over its mean input with a shunt of 0, 1, 2 and 4 of the membrane's own conductance, without noise
(dashed) and with it. B: what the shunt does over rates from 2 to 40 Hz, at several amplitudes of noise: the part of
the displacement of the curve's top that is shift (1 is subtraction, 0 division). C: gain d rate/d mu at 9 Hz,
relative to no shunt. D: dynamic range of a neuron of conductances over the rate of its excitatory spikes against the
rate of its shunting inhibition, at matched rates of firing: the span of drive that takes it from 2 to 40 Hz, and that
in decibels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import Hz, ms, mV

NAMES = ("shunting",)
LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
MU = np.linspace(-200, 400, 2401) * mV
SHUNTS = np.linspace(0.0, 4.0, 17)
NOISE = (2 * mV, 5 * mV, 10 * mV, 20 * mV)
CELL = mf.LIFConductance(
    tau_m=20 * ms,
    t_ref=2 * ms,
    v_th=20 * mV,
    v_reset=10 * mV,
    e_e=70 * mV,
    e_i=0.0,
    weight_e=0.3 * mV,
    weight_i=-0.6 * mV,
)


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = shunting()
    return save(figure, "shunting", out, formats), table, ""


def shunting() -> tuple[Any, str]:
    """The four panels, and a table of changes by a shunt of 1."""
    figure, ((curves, part), (gains, spans)) = plt.subplots(2, 2, figsize=(9.0, 6.6))
    for colour, shunt in zip(plotting.COLOURS, (0, 1, 2, 4), strict=False):
        for sigma, style in ((0.0, "--"), (10 * mV, "-")):
            curve = mf.transfer_curve(LIF, MU, sigma, shunt=shunt)
            curves.plot(curve.drive / mV, curve.rate, style, color=colour, label=f"shunt {shunt}" if sigma else None)
    curves.set(xlim=(-20, 120), ylim=(0, 80), xlabel="mean input (mV)", ylabel="firing rate (Hz)")
    curves.set_title("A  without noise (dashed), and sigma = 10 mV")
    curves.legend()
    lines = []
    for colour, sigma in zip(plotting.COLOURS, NOISE, strict=False):
        rest = mf.transfer_curve(LIF, MU, sigma)
        changes = [rest.change_to(mf.transfer_curve(LIF, MU, sigma, shunt=shunt)) for shunt in SHUNTS]
        name = f"sigma = {sigma / mV:g} mV"
        part.plot(SHUNTS[1:], [change.subtractive_part for change in changes[1:]], color=colour, label=name)
        gains.plot(SHUNTS, [change.gain for change in changes], color=colour, label=name)
        lines.append(f"{name}, shunt {SHUNTS[4]:g}: {changes[4]}")
    for axes, what in ((part, "part of the displacement that is shift"), (gains, "gain at 9 Hz, relative")):
        axes.set(xlabel="shunt (membrane's own conductance)", ylabel=what)
        axes.axhline(1.0, color="0.7", lw=0.8, zorder=0)
        axes.legend()
    part.set_title("B  subtraction (1) and division (0)")
    gains.set_title("C  gain")
    inhibition = np.linspace(0, 8000, 17) * Hz
    found = [mf.synaptic_curve(CELL, np.linspace(500, 40_000, 800), rate) for rate in inhibition]
    widths = [curve.span() for curve in found]
    decibels = [10 * np.log10(curve.drive_at(40.0) / curve.drive_at(2.0)) for curve in found]
    blue, red = plotting.COLOURS[:2]
    spans.plot(inhibition / 1e3, np.array(widths) / 1e3, color=blue)
    spans.set(xlabel="shunting inhibition (1000 spikes/s)")
    spans.set_ylabel("span of excitation, 2 to 40 Hz (1000 spikes/s)", color=blue)
    other = spans.twinx()
    other.spines["right"].set_visible(True)
    other.plot(inhibition / 1e3, decibels, "--", color=red)
    other.set_ylabel("the same in decibels", color=red)
    spans.set_title("D  dynamic range at matched rates")
    lines.append(
        f"dynamic range without and with {inhibition[-1] / 1e3:g} inhibitory spikes a ms: "
        f"{widths[0]:.0f} and {widths[-1]:.0f} spikes/s, {decibels[0]:.2f} and {decibels[-1]:.2f} dB"
    )
    return figure, "\n".join(lines)
