"""Tetzlaff, Helias, Einevoll & Diesmann (2012), Decorrelation of neural-network activity by inhibitory feedback.

Spectra of the population rate of the intact network and of its feedforward replay, in which the same neurons hear
spike trains that do not hear them (`meanfield.noise_suppression`): A, an inhibitory network; B, excitation and
inhibition, network C of Brunel (2000). Below the networks' resonances feedback suppresses fluctuations. The paper's
neurons and parameters differ; what is shown is its comparison.
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

NAMES = ("suppression",)
FREQUENCIES = np.geomspace(1.0, 1000.0, 400)  # Hz


def networks() -> dict[str, mf.Network]:
    """The two networks, by the titles of their panels."""
    return {
        "A  inhibitory network": mf.models.brunelhakim1999(mu_ext=25 * mV, sigma_ext=5 * mV),
        "B  excitation and inhibition": mf.models.brunel2000(g=5, eta=2),
    }


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = suppression()
    return save(figure, "tetzlaff2012_suppression", out, formats), "\n".join(lines), ""


def suppression() -> tuple[Any, list[str]]:
    """Spectra with and without feedback, and the lines of the table."""
    figure, grid = plt.subplots(1, 2, figsize=(8.4, 3.4), sharex=True)
    lines = ["power at 1 Hz with feedback over that of the replay"]
    for axes, (title, network) in zip(grid, networks().items(), strict=True):
        found = mf.noise_suppression(mf.solve(network), FREQUENCIES)
        for k, (name, colour) in enumerate(zip(network.names, plotting.COLOURS, strict=False)):
            axes.loglog(FREQUENCIES, found.recurrent[:, k], color=colour, label=f"{name}, intact")
            axes.loglog(FREQUENCIES, found.feedforward[:, k], "--", color=colour, label=f"{name}, replay")
            lines.append(f"{title[3:]}, {name}: {found.ratio[0, k]:.3g}")
        axes.set_title(title)
        axes.set(xlabel="frequency (Hz)", ylabel="spectrum of the population rate (Hz)")
        axes.legend()
    return figure, lines
