"""Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Inhibitory plasticity balances excitation and inhibition.

``tuned`` (their figs. 1 and 2): a neuron that hears eight groups of tuned excitatory and of inhibitory inputs, before,
while and after the inhibitory weights learn, beside mean-field theory (`meanfield.plasticity`). Neurons are
current-based, as theory's are; the paper's have conductances. ``recurrent`` (their fig. 4): the paper's
conductance-based network of 8000 and 2000 neurons, and a current-based one of the same size with its theory.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield.plasticity import InhibitoryPlasticity, TunedNeuron
from meanfield.plotting import COLOURS
from meanfield.units import Hz, ms, mV
from validation import SimulationUnavailable
from validation.learning import RecurrentSimulation, simulate_recurrent, simulate_tuned

NAMES = ("tuned", "recurrent")
LIF = mf.LIF(tau_m=20 * ms, t_ref=5 * ms, v_th=10 * mV, v_reset=0.0)
PREFERRED = 4
SHOWN = 150  # neurons in a raster
NANO = 1e-9


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figures named, both if none is; returns the files, a table, and a notice if nothing can be simulated."""
    written, lines = [], []
    for name, make in (("tuned", tuned), ("recurrent", recurrent)):
        if not panels or any(name.startswith(panel) for panel in panels):
            try:
                figure, words = make()
            except SimulationUnavailable as error:
                return written, "\n".join(lines), f"vogels2011: skipped, {error}"
            written += save(figure, f"vogels2011_{name}", out, formats)
            lines += words
    return written, "\n".join(lines), ""


def tuned_neuron() -> TunedNeuron:
    """Eight groups of 100 excitatory and 25 inhibitory inputs; each stimulus raises the rate of one group."""
    weight = 0.2 * mV * (0.3 + 1.1 / (1 + (np.arange(8) - PREFERRED) ** 4))  # the paper's tuning curve
    rate = 4 + 16 * np.eye(8)
    return TunedNeuron(
        neuron=LIF,
        excitatory_indegree=100,
        excitatory_weight=weight,
        inhibitory_indegree=25,
        rate=rate,
        mu_ext=6 * mV,
    )


def tuned(duration: float = 400.0) -> tuple[Any, list[str]]:
    """The tuned neuron learns, from hardly any inhibition."""
    neuron = tuned_neuron()
    rule = InhibitoryPlasticity(eta=0.03 * mV, tau=20 * ms, rho0=5 * Hz)
    learned = rule.fixed_point(neuron)
    run = simulate_tuned(neuron, rule, duration=duration, progress=False)
    after = duration / 2
    figure, ((courses, weights), (curve, moments)) = plt.subplots(2, 2, figsize=(8.8, 6.0))
    theory = rule.trajectory(neuron, np.zeros(8), run.t)
    for group, colour in ((PREFERRED, COLOURS[0]), (PREFERRED + 1, COLOURS[1]), (0, COLOURS[2])):
        courses.plot(run.t, run.weight[:, :, group] * 1e3, color=colour, lw=0.5, alpha=0.35)
        courses.plot(run.t, theory[:, group] * 1e3, "--", color=colour, lw=2, label=f"channel {group + 1}, theory")
    courses.set(xlabel="time (s)", ylabel="inhibitory weight (mV)", title="A  learning: theory, and eight neurons")
    courses.set_ylim(0, 2.1)
    courses.legend(ncols=2)
    channels = np.arange(1, 9)
    mean, error = run.learned(after)
    weights.plot(channels, neuron.excitatory_weight * 1e3, "o-", color="black", label="excitatory")
    weights.plot(channels, learned.weight * 1e3, "--", color=COLOURS[1], label="inhibitory, theory")
    weights.errorbar(channels, mean * 1e3, error * 1e3, fmt="s", color=COLOURS[1], label="inhibitory, learned")
    weights.set(xlabel="channel", ylabel="weight (mV)", title="B  inhibition becomes tuned as excitation is")
    weights.legend()
    rates, rates_error = run.rate(after, 8)
    offset = rule.rate_offset(neuron, learned)
    curve.plot(channels, neuron.firing_rate(np.zeros(8)), "-", color="grey", label="before, theory")
    first = run.count[: int(8 / run.block)].mean() / run.block
    curve.plot(channels, rule.rho0 + offset, "--", color=COLOURS[1], label="after, theory with correlations")
    curve.errorbar(channels, rates, rates_error, fmt="s", color=COLOURS[1], label="after, simulated")
    curve.axhline(rule.rho0, color="black", lw=0.8, ls=":", label="target")
    curve.set(
        xlabel="stimulated channel", ylabel="output rate (Hz)", yscale="log", title="C  tuning curve", ylim=(3, 200)
    )
    curve.legend(ncols=2)
    currents(moments, neuron, learned.weight)
    relaxation = rule.relaxation_time(neuron, learned)
    lines = [
        f"relaxation times {relaxation[0]:.3g} to {relaxation[-1]:.3g} s; rate in the first 8 s {first:.3g} Hz",
        "learned rates (Hz): " + ", ".join(f"{r:.2f} ± {e:.2f}" for r, e in zip(rates, rates_error, strict=True)),
        "theory (Hz): " + ", ".join(f"{r:.2f}" for r in rule.rho0 + offset),
        "learned weights (mV): " + ", ".join(f"{1e3 * w:.3f}" for w in mean),
        "theory (mV): " + ", ".join(f"{1e3 * w:.3f}" for w in learned.weight),
    ]
    return figure, lines


def currents(axes: Any, neuron: TunedNeuron, weight: Any) -> None:
    """Mean excitation and inhibition under each stimulus, before and after."""
    channels = np.arange(1, neuron.n_stimuli + 1)
    without, _ = neuron.input_moments(np.zeros(neuron.n_groups))
    net, sigma = neuron.input_moments(weight)
    axes.plot(channels, without * 1e3, "o-", color="black", label="excitation (net input before)")
    axes.plot(channels, (without - net) * 1e3, "s-", color=COLOURS[1], label="inhibition after")
    axes.plot(channels, net * 1e3, "o--", color=COLOURS[0], label="net input after")
    axes.fill_between(
        channels, (net - sigma / np.sqrt(2)) * 1e3, (net + sigma / np.sqrt(2)) * 1e3, color=COLOURS[0], alpha=0.2
    )
    axes.axhline(10, color="black", lw=0.8, ls=":", label="threshold")
    axes.set(
        xlabel="stimulated channel", ylabel="mean input (mV)", title="D  detailed balance (theory)", ylim=(0, None)
    )
    axes.legend()


def recurrent_network() -> mf.Network:
    """Current-based neurons in the paper's numbers; from I to E nothing yet."""
    return mf.Network(
        names=["E", "I"],
        sizes=[8000, 2000],
        neurons=LIF,
        indegree=[[160, 40]] * 2,
        weight=[[0.2 * mV, -1e-9 * mV], [0.2 * mV, -1.5 * mV]],
        delay=1 * ms,
        drives=[mf.ConstantDrive(mu=15 * mV)],
        label="recurrent network of Vogels et al. (2011), current-based",
    )


def recurrent(duration: float = 16.0) -> tuple[Any, list[str]]:
    """Both recurrent networks learn."""
    rule = InhibitoryPlasticity(eta=0.05 * mV, tau=20 * ms, rho0=5 * Hz)
    network = recurrent_network()
    learned = rule.fixed_point(network)
    expected = rule.rho0 + float(rule.rate_offset(network, learned)[0])
    slow = float(rule.relaxation_time(network, learned)[0])
    with_conductances = InhibitoryPlasticity(eta=0.1 * NANO, tau=20 * ms, rho0=3 * Hz)
    frozen = InhibitoryPlasticity(eta=1e-9 * NANO, tau=20 * ms, rho0=3 * Hz)
    before = simulate_recurrent(None, frozen, duration=1.0, rng=1)
    runs = {
        "conductances": simulate_recurrent(None, with_conductances, duration=duration, rng=1),
        "currents": simulate_recurrent(network, rule, duration=duration, rng=1),
    }
    figure = plt.figure(figsize=(9.2, 7.4))
    grid = figure.subplots(3, 2)
    shown = runs["conductances"]
    panels = ((before, 0.7, "A  before"), (shown, duration - 0.3, "B  after learning"))
    for axes, (run, begin, title) in zip(grid[0], panels, strict=True):
        raster(axes, run, begin)
        axes.set_title(f"{title} (conductances)")
    compare(grid[1], {"before": (before, 0.5, 1.0), "after": (shown, duration - 5.0, duration)})
    lines = [f"conductances, without inhibition of E: {before.rates(0.5, 1.0).mean():.4g} Hz"]
    for axes, (name, run), target in zip(grid[2], runs.items(), (3.0, 5.0), strict=True):
        edges = np.geomspace(0.1, duration, 25)
        middle = np.sqrt(edges[1:] * edges[:-1])
        course = [run.rates(a, b).mean() for a, b in itertools.pairwise(edges)]
        axes.loglog(middle, course, "o-", ms=3, color=COLOURS[0], label="E, simulated")
        axes.axhline(target, color="black", lw=0.8, ls=":", label="target")
        axes.set(xlabel="time (s)", ylabel="mean rate of E (Hz)", title=f"{'EF'[name == 'currents']}  {name}")
        late = run.rates(duration - 5, duration)
        lines.append(
            f"{name}: rate {run.rates(0, 0.5).mean():.4g} Hz in the first half second, {late.mean():.4g} ± "
            f"{late.std() / np.sqrt(late.size):.1g} Hz in the last 5 s (target {target:g} Hz), |E - I|/E "
            f"{run.tightness(0, 0.5):.3g} and {run.tightness(duration - 5, duration):.3g}"
        )
    grid[2, 1].axhline(expected, color=COLOURS[1], ls="--", label="theory with correlations")
    follow = [mean_rate(network, w) for w in rule.trajectory(network, 0.0, middle)[:, 0]]
    grid[2, 1].plot(middle, follow, color=COLOURS[1], lw=1, label="mean dynamics, theory")
    lines.append(f"currents: relaxation in {slow:.3g} s (theory)")
    for axes in grid[2]:
        axes.legend()
    weight = runs["currents"].weight[-500:].mean()
    lines.append(
        f"currents: theory {expected:.4g} Hz, weight {1e3 * weight:.4g} mV (theory {1e3 * learned.weight[0]:.4g})"
    )
    return figure, lines


def raster(axes: Any, run: RecurrentSimulation, begin: float) -> None:
    """Spikes of some neurons over 0.3 s."""
    times, indices = run.times[0], run.indices[0]
    here = (times >= begin) & (times < begin + 0.3) & (indices < SHOWN)
    axes.plot(1e3 * (times[here] - begin), indices[here], ".", ms=1.6, color="black")
    axes.set(xlabel="time (ms)", ylabel="E neuron", xlim=(0, 300), ylim=(0, SHOWN))


def mean_rate(network: mf.Network, weight: float) -> float:
    """Rate of E in theory at a weight from I to E."""
    weights = np.array(network.weight)
    weights[0, 1] = -weight
    return float(mf.solve(replace(network, weight=weights)).rate[0])


def compare(row: Any, spans: dict[str, tuple[RecurrentSimulation, float, float]]) -> None:
    """Distribution of rates, and mean currents of neurons, before and after."""
    rates, pairs = row
    for (name, (run, begin, end)), colour in zip(spans.items(), ("grey", COLOURS[0]), strict=True):
        found = run.rates(begin, end)
        bins = np.linspace(0, 200, 101)
        rates.hist(found, bins=bins, color=colour, alpha=0.7, density=True, label=f"{name}, mean {found.mean():.1f} Hz")
        here = (run.t >= begin) & (run.t < end)
        e, i = run.excitation[here].mean(axis=0), run.inhibition[here].mean(axis=0)
        pairs.plot(1e9 * e, 1e9 * i, ".", color=colour, label=name)
    rates.set(xlabel="rate (Hz)", ylabel="density", title="C  rates of E neurons (conductances)", yscale="log")
    rates.legend()
    pairs.axline((0.2, 0.2), slope=1, color="black", lw=0.8, ls=":")
    pairs.set(xlabel="mean excitation (nA)", ylabel="mean inhibition (nA)", title="D  currents into 100 neurons")
    pairs.legend()
