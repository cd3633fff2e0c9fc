"""Bos, Diesmann & Helias (2016), Identifying anatomical origins of coexisting oscillations in the microcircuit.

Spectra of the population rates of the microcircuit with the paper's changes (`meanfield.models.bos2016`) and delays
spread by half of their mean, and its least damped modes: gamma at 73 Hz and a fast oscillation at 284 Hz, as the paper
describes them (its printed figure was not compared). Both modes lie so close to the axis that linear theory with the
response to mean and variance of the input finds them just growing (1.3 and 9.1 per second): the formula is then
evaluated all the same, its peaks are where the network would oscillate, and narrower than simulated ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting

NAMES = ("spectra",)
SPREAD = 0.5  # of the delays, relative
FREQUENCIES = np.arange(1.0, 400.0, 0.5)  # Hz
LAYERS = ("L23", "L4", "L5", "L6")


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table of the modes, and a notice if the state is unstable."""
    fp = mf.solve(mf.models.bos2016(delay_spread=SPREAD))
    modes = mf.stability(fp, line=-40.0)
    notice = "" if modes.is_stable else f"figures: {modes}: about an unstable state the spectra are formal"
    return save(spectra(fp, modes), "bos2016_spectra", out, formats), table(modes), notice


def spectra(fp: mf.FixedPoint, modes: mf.Stability) -> Any:
    """A panel a layer: spectra of E and I, N C(f)/rate, with the frequencies of the least damped modes."""
    power = mf.power_spectra(fp, FREQUENCIES, check_stability=False)
    figure, grid = plt.subplots(1, 4, figsize=(10.5, 3.0), sharex=True, sharey=True)
    for layer, axes in enumerate(grid):
        for offset, (kind, colour) in enumerate(zip("EI", plotting.COLOURS, strict=False)):
            k = 2 * layer + offset
            scaled = power[:, k, k].real * fp.network.sizes[k] / fp.rate[k]
            axes.semilogy(FREQUENCIES, scaled, color=colour, label=f"{kind}, {fp.rate[k]:.1f} Hz")
        for root in modes.roots[modes.roots.imag > 0]:
            axes.axvline(root.imag / (2 * np.pi), color="0.6", linewidth=0.8, linestyle=":", zorder=0)
        axes.axhline(1.0, color="0.6", linewidth=0.8, zorder=0)
        axes.set_title(LAYERS[layer])
        axes.set_xlabel("frequency (Hz)")
        axes.legend(loc="upper right")
    grid[0].set_ylabel(r"spectrum $N\,C(f)/\nu$ (1 is Poisson)")
    return figure


def table(modes: mf.Stability) -> str:
    """The modes right of the line, a line each."""
    lines = ["mode: frequency (Hz), growth rate (1/s)"]
    lines += [f"{root.imag / (2 * np.pi):12.1f} {root.real:12.2f}" for root in modes.roots]
    return "\n".join(lines)
