"""Excitation and inhibition over the indegree K, J ~ K^p: p = -1/2 balances, -1 lets fluctuations die, at 0 all grow.

Lines are theory (dashed beyond a Hopf line), dots simulation (only of p = -1/2, and only if Brian2 can be used).
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
from validation.compiler import SimulationUnavailable
from validation.scaling import ScalingReport, reference, scaling

NAMES = ("scaling",)
EXPONENTS = (-0.5, -1.0, 0.0)
INDEGREES = np.geomspace(100, 10_000, 61).round()
SIMULATED = (100, 300, 1000)
_WORDS = {-0.5: "A  J ~ 1/√K: balance", -1.0: "B  J ~ 1/K: no fluctuations", 0.0: "C  J constant: all grow"}
_QUANTITIES = {"excitation": "mean E", "inhibition": "mean I", "net": "|net|", "variance": "std of V"}


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table of powers, and a notice where nothing was simulated."""
    from_k = {-0.5: 0.0, -1.0: 0.0, 0.0: 500.0}  # below, constant weights leave silence
    driven = {p: INDEGREES[from_k[p] < INDEGREES] for p in EXPONENTS}
    theory = {p: mf.balance.scaling(reference(), degrees.tolist(), p) for p, degrees in driven.items()}
    simulated, notice = _simulated()
    figure, grid = plt.subplots(1, 3, figsize=(10, 3.6), sharex=True, sharey=True)
    lines = []
    for axes, (p, found) in zip(grid, theory.items(), strict=True):
        for colour, (name, label) in zip(plotting.COLOURS, _QUANTITIES.items(), strict=False):
            _draw_line(axes, found, name, colour, label)
            if simulated is not None and p == simulated.theory.exponent:
                marked = [_millivolts(name, e.mean) for e in simulated.measured[name]]
                axes.loglog(simulated.theory.indegree, marked, "o", color=colour, markersize=4)
            lines.append(f"J ~ K^{p:g}, {name:<10} ~ K^{found.exponents()[name][0]}")
        axes.set(title=_WORDS[p], xlabel="indegree K")
    grid[0].set_ylabel("input to E neurons (mV)")
    grid[0].set_ylim(1.0, 3000.0)
    grid[0].legend(loc="upper left", ncols=2)
    return save(figure, "balance_scaling", out, formats), "\n".join(lines), notice


def _simulated() -> tuple[ScalingReport | None, str]:
    try:
        return scaling(indegrees=SIMULATED, duration=0.3, progress=True), ""
    except SimulationUnavailable as error:
        return None, f"drawn without simulation: {error}"


def _draw_line(axes: Any, found: mf.balance.Scaling, name: str, colour: str, label: str) -> None:
    values = np.array([_millivolts(name, x) for x in getattr(found, name)[:, 0]])
    axes.loglog(found.indegree, values, "--", color=colour, linewidth=1)
    axes.loglog(found.indegree, np.where(found.is_stable, values, np.nan), color=colour, label=label)


def _millivolts(name: str, value: float) -> float:
    return float(np.sqrt(value) if name == "variance" else abs(value)) / mV
