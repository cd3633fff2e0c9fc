"""Brunel (2000), Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons.

Figure 1, rates and CV of all self-consistent states against g; Figures 2 and 7, phase diagrams (their own module);
Figure 8, rasters and population rates of the four states, theory marked on simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from figures.brunel2000_phases import figure_2, figure_7
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import ms

ETAS = (0.8, 0.9, 1.1, 2.0, 4.0)  # external rate over threshold rate, Figure 1
SHOWN = 50  # neurons in a raster
BIN = 0.5 * ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One state of Figure 8; `published` is the simulated rate that the paper gives [Hz]."""

    name: str
    title: str
    g: float
    eta: float
    window: float
    duration: float
    published: float | None


PANELS = (
    Panel(name="8A", title="synchronous regular", g=3, eta=2, window=100 * ms, duration=0.3, published=None),
    Panel(name="8B", title="synchronous irregular, fast", g=6, eta=4, window=100 * ms, duration=1.0, published=60.7),
    Panel(name="8C", title="asynchronous irregular", g=5, eta=2, window=200 * ms, duration=1.0, published=37.7),
    Panel(name="8D", title="synchronous irregular, slow", g=4.5, eta=0.9, window=300 * ms, duration=2.0, published=5.5),
)
NAMES = ("1", "2", "7", *(panel.name for panel in PANELS))


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the panels named, all if none is; returns the files written, the table, and a notice (or "")."""
    written, words, notice = [], "", ""
    wanted = [name for name in NAMES if not panels or any(name.startswith(panel) for panel in panels)]
    if "1" in wanted:
        written += save(figure_1(), "brunel2000_figure1", out, formats)
    if "2" in wanted:
        written += save(figure_2(), "brunel2000_figure2", out, formats)
    if "7" in wanted:
        written += save(figure_7(), "brunel2000_figure7", out, formats)
    states = [panel for panel in PANELS if panel.name in wanted]
    if states:
        simulations, why_not = run(states)
        suffix = "" if len(states) == len(PANELS) else "_" + "".join(panel.name for panel in states)
        written += save(figure_8(states, simulations, why_not), f"brunel2000_figure8{suffix}", out, formats)
        words = table(states, simulations)
        notice = f"theory only, nothing is simulated: {why_not}" if why_not else ""
    return written, words, notice


def figure_1() -> Any:
    """Rate and CV of every state against g, for several external rates."""
    gs = np.unique(np.concatenate([np.linspace(0, 8, 161), np.linspace(3.6, 4.6, 101)]))
    figure, (rate, cv) = plt.subplots(1, 2, figsize=(8.2, 3.6))
    for eta, colour in zip(tqdm(ETAS, desc="Figure 1, states of theory"), plotting.COLOURS, strict=False):
        states = [mf.solve_all(mf.models.brunel2000(g=g, eta=eta)) for g in gs]
        label = rf"$\nu_\mathrm{{ext}} = {eta:g}\,\nu_\mathrm{{thr}}$"
        plotting.branches(rate, gs, states, "rate", color=colour, label=label, linewidth=1.4)
        plotting.branches(cv, gs, states, "cv", color=colour, linewidth=1.4)
    rate.set(yscale="log", ylim=(1e-3, 900), xlabel="relative inhibitory strength $g$", ylabel="firing rate (Hz)")
    rate.set_title("A  Rates of all self-consistent states")
    rate.plot([], [], "--", color="0.4", label="unstable (saddle)")
    rate.legend(loc="lower left", bbox_to_anchor=(0.0, 0.12))
    cv.set(ylim=(0, 1.05), xlabel="relative inhibitory strength $g$", ylabel="CV of inter-spike intervals")
    cv.set_title("B  Irregularity (white-noise theory)")
    for axes in (rate, cv):
        axes.axvline(4, color="0.6", linewidth=0.8, linestyle=":")
        axes.set_xlim(0, 8)
    cv.annotate("$g = 4$: inhibition\nbalances excitation", (4, 0.05), (4.4, 0.06), fontsize=8, color="0.35")
    return figure


def run(states: Sequence[Panel]) -> tuple[dict[str, Any], str]:
    """Simulate the panels; without a compiler or Brian2, nothing, and the reason."""
    try:
        from validation import SimulationUnavailable, simulate
    except ImportError as error:
        return {}, f"{error.name} is not installed"
    simulations = {}
    for k, panel in enumerate(states):
        network = mf.models.brunel2000(g=panel.g, eta=panel.eta)
        try:
            simulations[panel.name] = simulate(network, duration=panel.duration, rng=100 + k, progress=True)
        except SimulationUnavailable as error:
            return {}, str(error)
    return simulations, ""


def figure_8(states: Sequence[Panel], simulations: dict[str, Any], why_not: str) -> Any:
    """Raster of excitatory neurons above the population rate, one column a panel."""
    columns = min(len(states), 2)
    rows = -(-len(states) // columns)
    figure = plt.figure(figsize=(4.4 * columns, 3.4 * rows))
    for panel, part in zip(states, np.ravel(figure.subfigures(rows, columns, squeeze=False)), strict=False):
        raster, rate = part.subplots(2, 1, sharex=True, height_ratios=(2, 1.2))
        theory = float(mf.solve(mf.models.brunel2000(g=panel.g, eta=panel.eta)).rate[0])
        raster.set_title(
            rf"{panel.name}  {panel.title}: $g={panel.g:g}$, $\nu_\mathrm{{ext}}={panel.eta:g}\,\nu_\mathrm{{thr}}$"
        )
        if panel.name in simulations:
            _draw_simulation(raster, rate, panel, simulations[panel.name], theory)
        else:
            raster.text(
                0.5, 0.5, f"not simulated:\n{why_not}"[:90], ha="center", transform=raster.transAxes, fontsize=8
            )
            raster.set_yticks([])
            rate.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, 2 * theory))
            rate.axhline(theory, color=plotting.COLOURS[1], linestyle="--")
        rate.plot([], [], color=plotting.COLOURS[1], linestyle="--", label=f"theory {theory:.3g} Hz")
        rate.legend(loc="upper right", handlelength=1.6)
        rate.set_xlim(0, panel.window / ms)
    return figure


def _draw_simulation(raster: Any, rate: Any, panel: Panel, simulation: Any, theory: float) -> None:
    from validation.statistics import population_rate

    start = simulation.duration - panel.window
    times, indices = simulation.times[0], simulation.indices[0]
    seen = (times >= start) & (indices < SHOWN)
    plotting.raster(raster, times[seen] - start, indices[seen])
    raster.set_ylim(-1, SHOWN)
    all_times = np.sort(np.concatenate(simulation.times))
    window = all_times[all_times >= start] - start
    edges, values = population_rate(window, sum(simulation.network.sizes), panel.window, BIN)
    plotting.population_rate(rate, edges, values, theory=theory)
    rate.set_ylim(0, 1.45 * max(values.max(), theory))


def table(states: Sequence[Panel], simulations: dict[str, Any]) -> str:
    """Rates, CV and frequency of the global oscillation: theory, simulation, and the paper's simulation."""
    lines = [
        f"{'panel':7}{'(g, eta)':>11}{'rate (Hz): theory':>19}{'simulation':>12}{'published':>11}"
        f"{'CV: theory':>12}{'simulation':>12}{'oscillation (Hz)':>18}"
    ]
    for panel in states:
        state = mf.solve(mf.models.brunel2000(g=panel.g, eta=panel.eta))
        words = [f"{panel.name:7}{f'({panel.g:g}, {panel.eta:g})':>11}{state.rate[0]:19.4g}"]
        published = f"{panel.published:.1f}" if panel.published else "-"
        simulated, cv, frequency = _measure(simulations[panel.name]) if panel.name in simulations else ("-",) * 3
        words.append(f"{simulated:>12}{published:>11}{state.cv[0]:12.3f}{cv:>12}{frequency:>18}")
        lines.append("".join(words))
    return "\n".join(lines)


def _measure(simulation: Any) -> tuple[str, str, str]:
    """Rate, CV of E, and the frequency where the spectrum of the population rate is highest, as words."""
    from validation import statistics

    network = simulation.network
    rate = float(np.array(network.sizes) @ simulation.rate / sum(network.sizes))
    intervals = statistics.Intervals.of(simulation.times[0], simulation.indices[0])
    cv = statistics.cvs(intervals, network.sizes[0])
    times = np.sort(np.concatenate(simulation.times))
    _, activity = statistics.population_rate(times, sum(network.sizes), simulation.duration, BIN)
    frequency, power, _ = statistics.rate_spectrum(activity, BIN, min(0.25, simulation.duration / 2))
    return f"{rate:.2f}", f"{cv.mean():.3f}" if cv.size else "-", f"{frequency[np.argmax(power)]:.0f}"
