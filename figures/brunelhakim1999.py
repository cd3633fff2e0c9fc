"""Brunel & Hakim (1999), Fast global oscillations in networks of integrate-and-fire neurons with low firing rates.

Phase diagram of the inhibitory network over mean and amplitude of its external input: where the stationary state is
stable, and the line of Hopf points beyond which the network oscillates; the frequency along that line; and spectra of
the population rate as the line is approached. Parameters
are those of `meanfield.models.brunelhakim1999`; the marked network is the one of the model's defaults. The line is
that of the full linear theory, where the paper expands for low rates; its printed figure was not compared,
ranges are ours.
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

NAMES = ("phases",)
POINTS = (100, 80)  # of the grid in mu_ext and sigma_ext
PLACE = (25 * mV, 1 * mV)
NOISE = 5 * mV
APPROACH = (20 * mV, 25 * mV, 29 * mV)  # the line is at 30.6 mV


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = phases()
    return save(figure, "brunelhakim1999_phases", out, formats), table(lines), ""


def phases() -> tuple[Any, list[mf.Line]]:
    """Classes over (mu_ext, sigma_ext) with the Hopf line, and the frequency along it."""
    dataset = mf.phase_diagram(
        "brunelhakim1999",
        mu_ext=np.linspace(10 * mV, 40 * mV, POINTS[0]),
        sigma_ext=np.linspace(0.2 * mV, 8 * mV, POINTS[1]),
    )
    lines = mf.boundaries("brunelhakim1999", dataset)
    figure, (plane, frequency, spectra) = plt.subplots(1, 3, figsize=(13.5, 3.8), width_ratios=(1.5, 1, 1))
    plotting.phase_diagram(plane, dataset)
    for line in lines:
        plotting.line(plane, line)
    plotting.points(plane, {"": PLACE}, "defaults of the model")
    plane.set_title("A  Classes and Hopf line")
    plane.set(xlabel=r"external mean $\mu_\mathrm{ext}$ (mV)", ylabel=r"external noise $\sigma_\mathrm{ext}$ (mV)")
    for line, colour in zip(lines, plotting.COLOURS, strict=False):
        frequency.plot(line.parameters["mu_ext"] / mV, line.frequency, color=colour, label="network, on the Hopf line")
        frequency.plot(
            line.parameters["mu_ext"] / mV, line.rate[:, 0], "--", color=colour, label="a neuron's rate there"
        )
    frequency.set(xlabel=r"external mean $\mu_\mathrm{ext}$ (mV)", ylabel="frequency (Hz)", ylim=(0, None))
    frequency.set_title("B  The network is faster than its neurons")
    frequency.legend()
    _draw_spectra(spectra)
    return figure, lines


def _draw_spectra(axes: Any) -> None:
    """Spectra N C(f)/rate at one amplitude of the noise, for means up to the Hopf line."""
    f = np.arange(1.0, 400.0)
    for mu, colour in zip(APPROACH, plotting.COLOURS, strict=False):
        fp = mf.solve(mf.models.brunelhakim1999(mu_ext=mu, sigma_ext=NOISE))
        power = mf.power_spectra(fp, f)[:, 0, 0].real * fp.network.sizes[0] / fp.rate[0]
        axes.semilogy(f, power, color=colour, label=rf"$\mu_\mathrm{{ext}}$ = {mu / mV:g} mV")
    axes.set(xlabel="frequency (Hz)", ylabel=r"spectrum $N\,C(f)/\nu$ (1 is Poisson)")
    axes.set_title(rf"C  Towards the line, $\sigma_\mathrm{{ext}}$ = {NOISE / mV:g} mV")
    axes.legend()


def table(lines: Sequence[mf.Line]) -> str:
    """Where the Hopf lines run, and their frequencies."""
    words = []
    for line in lines:
        spans = [
            f"{name} {values.min() / mV:.3g} to {values.max() / mV:.3g} mV" for name, values in line.parameters.items()
        ]
        low, high = line.frequency.min(), line.frequency.max()
        words.append(f"{line.kind} line: {', '.join(spans)}, {low:.4g} to {high:.4g} Hz")
    return "\n".join(words)
