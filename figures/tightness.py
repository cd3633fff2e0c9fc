"""Loose and tight balance over time scales: lines are theory, dots a simulation with its standard errors.

Two networks with the same delays: Brunel's (g = 5, eta = 2), whose mean net input is 18% of excitation, and one with as
many inhibitory as excitatory neurons and stronger synapses, whose is 5%. A, what the loop leaves of a fluctuation; B,
the net current of one neuron over its E and I, averaged over windows; C, the same by frequency; D, correlation of E
with -I.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.balance import Tightness
from meanfield.balance.tightness import LOST
from meanfield.units import Hz, ms, mV
from validation.compiler import SimulationUnavailable
from validation.tightness import tightness

NAMES = ("tightness",)
DURATION = 5.0  # s
_DELAY = mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)
_POPULATION = 0


def networks() -> dict[str, mf.Network]:
    """The loose and the tight network."""
    return {
        "loose": mf.models.brunel2000(g=5, eta=2, delay=_DELAY),
        "tight": mf.models.brunel2000(g=4, eta=8, weight=0.2 * mV, indegree_e=500, gamma=1.0, delay=_DELAY),
    }


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, the verdicts, and a notice where nothing was simulated."""
    figure, grid = plt.subplots(2, 2, figsize=(8.4, 6.4))
    lines, notice = [], ""
    for colour, (name, network) in zip(plotting.COLOURS, networks().items(), strict=False):
        theory = mf.balance.tightness(network, auto_spectra=mf.coloured_spectrum(mf.solve(network)))
        _draw(grid, theory, colour, name)
        lines.append(f"{name}, theory: beta {theory.beta[0]:.3f}, {theory.sentence}")
        try:
            found = tightness(network, duration=DURATION, trials=1, progress=True, coloured=False).simulation
        except SimulationUnavailable as error:
            notice = f"drawn without simulation: {error}"
        else:
            _mark(grid, found, colour)
            lines.append(f"{name}, simulation: beta {found.beta[0]:.3f}, {found.sentence}")
    _label(grid)
    return save(figure, "tightness", out, formats), "\n".join(lines), notice


def _draw(grid: Any, found: Tightness, colour: str, name: str) -> None:
    label = f"{name}, |net|/E = {found.beta[_POPULATION]:.2f}"
    grid[0, 0].loglog(found.frequency, found.loop[:, _POPULATION], color=colour, label=label)
    grid[0, 1].semilogx(found.window, found.residual[:, _POPULATION], color=colour)
    grid[1, 0].semilogx(found.frequency, found.residual_spectrum[:, _POPULATION], color=colour)
    grid[1, 1].plot(found.lag / ms, found.correlation[:, _POPULATION], color=colour)


def _mark(grid: Any, found: Tightness, colour: str) -> None:
    by_axes = (
        (grid[0, 0], found.frequency, "loop"),
        (grid[0, 1], found.window, "residual"),
        (grid[1, 0], found.frequency, "residual_spectrum"),
        (grid[1, 1], found.lag / ms, "correlation"),
    )
    for axes, x, name in by_axes:
        y, error = getattr(found, name)[:, _POPULATION], found.errors[name][:, _POPULATION]
        axes.errorbar(x, y, error, fmt="o", color=colour, markersize=2.5, elinewidth=0.8, linestyle="none")


def _label(grid: Any) -> None:
    grid[0, 0].axhline(LOST, color="0.6", linewidth=0.8, linestyle=":")
    grid[0, 0].annotate("half is left", (1.1, LOST * 1.05), color="0.4", fontsize=7)
    grid[0, 0].set(title="A  sensitivity of the loop", xlabel="frequency (Hz)", ylabel="T(f)", xlim=(1 * Hz, 600 * Hz))
    grid[0, 0].legend()
    grid[0, 1].set(title="B  one neuron, in windows", xlabel="window T (s)", ylabel="std net / √(var E + var I)")
    grid[1, 0].set(title="C  one neuron, by frequency", xlabel="frequency (Hz)", ylabel="S_net / (S_E + S_I)")
    grid[1, 0].set(xlim=(1 * Hz, 600 * Hz))
    grid[1, 1].set(title="D  in bins of 1 ms", xlabel="lag of inhibition (ms)", ylabel="correlation of E with -I")
    grid[1, 1].set_xlim(-20.0, 20.0)
    for axes in (grid[0, 1], grid[1, 0]):
        axes.axhline(1.0, color="0.6", linewidth=0.8, linestyle=":")
        axes.set_ylim(0.0, None)
