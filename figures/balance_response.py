"""How fast balanced networks follow their drive: linear response, and simulated networks.

Excitation and inhibition that cancel make a network fast (van Vreeswijk & Sompolinsky 1996, 1998): A, the rate after a
step of the drive, for several in-degrees K with weights ~ 1/sqrt(K), and of the same neurons without each other at the
same rate and noise; B, time to half of the change over K; C, sinusoids; D, a drive that changes, tracked. Dots are
simulated networks of 12,500 LIF neurons; dashed are neurons alone, whose drive changes such that their rates would end
up the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield.plotting import COLOURS
from validation import SimulationUnavailable
from validation.response import FREQUENCIES, INDEGREES, ResponseReport, response
from validation.scaling import reference

NAMES = ("response",)
OVER = np.geomspace(100, 10_000, 9)  # K
ALONE = "0.45"
SHOWN = 1  # of the simulated K, in D


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files, the table of the simulation, and a notice where nothing can be simulated."""
    notice, found = "", None
    try:
        found = response(indegrees=INDEGREES, progress=True)
    except SimulationUnavailable as error:
        notice = f"balance_response: theory alone, {error}"
    return save(figure(found), "balance_response", out, formats), str(found or ""), notice


def figure(found: ResponseReport | None) -> Any:
    """The four panels; those of the simulation alone are left out without one."""
    shape, grid = plt.subplots(2, 2, figsize=(9.2, 6.6))
    theory = mf.balance.response_times(reference(), INDEGREES)
    steps(grid[0, 0], theory, found)
    rise(grid[0, 1], mf.balance.response_times(reference(), np.rint(OVER)), found)
    sinusoids(grid[1, 0], theory, found)
    tracking(grid[1, 1], found)
    return shape


def by_kind(found: ResponseReport | None, label: str) -> list[Any]:
    """Simulated networks, or their neurons alone, in the order of K."""
    return [one for one in found.found if one.label == label] if found else []


def steps(axes: Any, theory: mf.balance.ResponseTimes, found: ResponseReport | None) -> None:
    """A: change of the rate over the final one."""
    for k, (one, colour) in enumerate(zip(theory.network, COLOURS, strict=False)):
        axes.plot(one.t * 1e3, one.normalised[:, 0], color=colour, label=f"$K$ = {theory.indegree[k]:g}")
    for one, colour in zip(by_kind(found, "network"), COLOURS, strict=False):
        t, share = coarse(one.t, 4), coarse(one.share[1], 4)
        axes.plot(t * 1e3, share, ".", ms=3, color=colour)
    alone = theory.alone[-1]
    axes.plot(alone.t * 1e3, alone.normalised[:, 0], "--", color=ALONE, label="neurons alone")
    for one in by_kind(found, "alone")[-1:]:
        axes.plot(coarse(one.t, 10) * 1e3, coarse(one.share[1], 10), ".", ms=3, color=ALONE)
    axes.axhline(1.0, color="black", lw=0.6, ls=":")
    axes.set(xlim=(0, 25), ylim=(0, 2.6), xlabel="time after a step of the drive (ms)", ylabel="change of rate / final")
    axes.set_title("A  A step: the network is there in a millisecond")
    axes.legend(title="lines: theory; dots: simulated")


def rise(axes: Any, theory: mf.balance.ResponseTimes, found: ResponseReport | None) -> None:
    """B: time to half of the change."""
    network, alone = theory.of("rise_time")
    axes.loglog(theory.indegree, network[:, 0] * 1e3, color=COLOURS[0], label="network")
    axes.loglog(theory.indegree, alone[:, 0] * 1e3, "--", color=ALONE, label="neurons alone")
    guide = network[0, 0] * 1e3 * theory.indegree[0] / theory.indegree
    axes.loglog(theory.indegree, 1.5 * guide, ":", color="black", lw=0.8, label=r"$\propto 1/K$")
    for label, colour in (("network", COLOURS[0]), ("alone", ALONE)):
        for one in by_kind(found, label):
            measured = one.values["rise"][1]
            axes.errorbar(one.indegree, measured.mean * 1e3, measured.error * 1e3, fmt="o", ms=4, color=colour)
    axes.axhline(0.1, color="black", lw=0.6, ls="-.", label="time step of the simulation")
    axes.set(xlabel="indegree $K$", ylabel="time to half of the change (ms)", title="B  Rise time over $K$")
    axes.legend()


def sinusoids(axes: Any, theory: mf.balance.ResponseTimes, found: ResponseReport | None) -> None:
    """C: modulus of the response to sinusoids over that to slow changes."""
    f = np.geomspace(2, 1000, 200)
    for k, (one, colour) in enumerate(zip(theory.network, COLOURS, strict=False)):
        modulus = np.abs(mf.balance.drive_response(one.state, 2j * np.pi * f)[:, 0] / one.final[0])
        axes.loglog(f, modulus, color=colour, label=f"$K$ = {theory.indegree[k]:g}")
    alone = theory.alone[-1]
    modulus = np.abs(mf.balance.drive_response(alone.state, 2j * np.pi * f)[:, 0] / alone.final[0])
    axes.loglog(f, modulus, "--", color=ALONE, label="neurons alone")
    dots = [(one, colour) for one, colour in zip(by_kind(found, "network"), COLOURS, strict=False)]
    for one, colour in [*dots, *((one, ALONE) for one in by_kind(found, "alone")[-1:])]:
        values = [estimate for _, estimate in one.gains]
        axes.errorbar(FREQUENCIES, [v.mean for v in values], [v.error for v in values], fmt="o", ms=3.5, color=colour)
    axes.axhline(1.0, color="black", lw=0.6, ls=":")
    axes.set(xlabel="frequency (Hz)", ylabel="change of rate / that to slow changes", ylim=(0.1, 8))
    axes.set_title("C  Sinusoids: passed on up to the resonance")
    axes.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], ["0.1", "0.2", "0.5", "1", "2", "5"])
    axes.minorticks_off()
    axes.legend()


def tracking(axes: Any, found: ResponseReport | None) -> None:
    """D: rates under a sum of sinusoids."""
    axes.set_title("D  Tracking a drive that changes")
    if found is None:
        axes.set_axis_off()
        return
    network, alone = (by_kind(found, label)[SHOWN] for label in ("network", "alone"))
    t = np.arange(network.course.size) + 0.5
    expected, measured = network.followed
    axes.plot(t, expected.mean() + network.values["gain"][0] * (network.course - 1), color="black", lw=0.8, ls=":")
    axes.plot(t, expected, color=COLOURS[0], label=f"network, $K$ = {network.indegree:g}")
    axes.plot(t, measured - measured.mean() + expected.mean(), ".", ms=3, color=COLOURS[0])
    axes.plot(t, alone.followed[0], "--", color=ALONE, label="neurons alone")
    other = alone.followed[1]
    axes.plot(t, other - other.mean() + alone.followed[0].mean(), ".", ms=3, color=ALONE)
    axes.plot([], [], color="black", lw=0.8, ls=":", label="rate that the drive calls for")
    axes.set(xlabel="time (ms)", ylabel="rate (Hz), mean as in theory", xlim=(0, t[-1]), ylim=(4, 43))
    axes.legend()


def coarse(values: Any, steps: int) -> Any:
    """Means over so many bins."""
    return values[: values.size // steps * steps].reshape(-1, steps).mean(axis=1)
