"""Roxin, Brunel, Hansel, Mongillo & van Vreeswijk (2011), On the distribution of firing rates, J. Neurosci. 31.

A, the argument: the mean input is Gaussian over neurons, the transfer function is expansive, so that rates are skewed
and their mean is above the rate at the mean input; B, the distribution of rates; C, the same over the logarithm, with
the network whose in-degrees are all the same, where what differs is the noise of counting spikes for a finite time; D,
rate against in-degree; E, rates as thresholds differ more and more, in-degrees being the same; F, which share of the
spikes which share of the neurons fires. Lines are theory (`meanfield.rate_distribution`, thresholds corrected for the
time step, see `validation.heterogeneity`), bars and points are simulated. The network has 20,000 E and 5,000 I neurons
that are alike, K = 400 and 100; it is not one of the paper's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield.plotting import COLOURS
from meanfield.units import ms, mV
from validation import SimulationUnavailable
from validation.heterogeneity import at_time_step, measured_rates
from validation.results import Simulation
from validation.simulation import simulate

NAMES = ("rates",)
DT = 0.1 * ms
DURATION = 10.0  # s
SPREAD_DURATION = 3.0
SPREADS = (0.0, 1.0 * mV, 2.0 * mV, 3.0 * mV)  # of thresholds, simulated
GRAPHS = {"Erdős-Rényi": COLOURS[5], "fixed indegree": COLOURS[4]}


def network() -> mf.Network:
    """Sparse, inhibition-dominated, driven by noise besides: rates of some hertz."""
    return mf.Network(
        names=["E", "I"],
        sizes=[20_000, 5_000],
        neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
        indegree=[[400, 100]] * 2,
        weight=[[0.2 * mV, -1.0 * mV]] * 2,
        delay=1.5 * ms,
        drives=[mf.ConstantDrive(mu=15 * mV), mf.WhiteNoiseDrive(sigma=5 * mV)],
        label="sparse network of 25,000 LIF neurons",
    )


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files, a table, and a notice if nothing can be simulated."""
    del panels
    notice = ""
    try:
        runs = {name: simulate(network(), duration=DURATION, dt=DT, connections=name, rng=3) for name in GRAPHS}
        spread_runs = [
            simulate(network(), duration=SPREAD_DURATION, dt=DT, threshold_std=spread, rng=4) for spread in SPREADS
        ]
    except SimulationUnavailable as error:
        notice = f"roxin2011: theory alone, {error}"
        runs, spread_runs = {}, []
    figure, lines = rates(runs, spread_runs)
    return save(figure, "roxin2011_rates", out, formats), "\n".join(lines), notice


def rates(runs: dict[str, Simulation], spread_runs: Sequence[Simulation]) -> tuple[Any, list[str]]:
    """Draw all panels."""
    coarse = at_time_step(network(), mf.rate_distribution(network()).sigma, DT)
    theory = {name: mf.rate_distribution(coarse, connections=name) for name in GRAPHS}
    random = theory["Erdős-Rényi"]
    figure, ((transfer, linear, logarithmic), (indegrees, spreads, lorenz)) = plt.subplots(2, 3, figsize=(11, 6.4))
    explain(transfer, random)
    distributions(linear, logarithmic, theory, runs)
    against_indegree(indegrees, random, runs)
    against_spread(spreads, coarse, spread_runs)
    shares(lorenz, random, runs)
    return figure, table(theory, runs)


def explain(axes: Any, found: mf.RateDistribution) -> None:
    """The Gaussian of the inputs below, the transfer function, and the distribution of rates on the left."""
    mu, std, sigma = float(found.mu[0]), float(found.mu_std[0]), float(found.sigma[0])
    neuron = found.network.neurons[0]
    x = mu + std * np.linspace(-3.5, 3.5, 201)
    top = neuron.rate(float(x[-1]), sigma)
    axes.plot(x / mV, neuron.rate(x, sigma), color="black", label="transfer function")
    gaussian = np.exp(-0.5 * ((x - mu) / std) ** 2)
    axes.fill_between(x / mV, 0.3 * top * gaussian, color=COLOURS[2], alpha=0.5, lw=0, label="mean inputs")
    nu = np.linspace(0.05, top, 400)
    density = found.density(nu)
    width = (x[-1] - x[0]) / mV
    axes.fill_betweenx(
        nu,
        x[0] / mV,
        x[0] / mV + 0.3 * width * density / density.max(),
        color=COLOURS[0],
        alpha=0.5,
        lw=0,
        label="rates",
    )
    axes.plot([mu / mV, mu / mV, x[0] / mV], [0, *[neuron.rate(mu, sigma)] * 2], ":", color="black", lw=0.9)
    axes.plot(x[0] / mV, found.rate[0], ">", color=COLOURS[0], clip_on=False, label="mean rate")
    axes.set(xlabel="mean input (mV)", ylabel="rate (Hz)", xlim=(x[0] / mV, x[-1] / mV), ylim=(0, top))
    axes.set_title("A  Gaussian inputs, skewed rates")
    axes.legend(loc="upper center")


def distributions(linear: Any, logarithmic: Any, theory: Any, runs: dict[str, Simulation]) -> None:
    """Density of rates, and of their logarithm."""
    found = theory["Erdős-Rényi"]
    nu = np.geomspace(*found.quantile([0.0002, 0.9998]), 400)
    approximate = found.lognormal()
    if run := runs.get("Erdős-Rényi"):
        measured = _rates(run)
        edges = np.arange(-0.5, nu[-1] * DURATION, 4) / DURATION  # four numbers of spikes a bin
        linear.hist(measured, edges, density=True, color=COLOURS[5], alpha=0.6, label="simulated, E neurons")
    per_decade = nu * np.log(10)
    top = float((found.density(nu) * per_decade).max())
    for axes, factor in ((linear, 1.0), (logarithmic, per_decade / top)):
        axes.plot(nu, found.density(nu) * factor, color=COLOURS[0], label="theory")
        axes.plot(nu, approximate.density(nu) * factor, "--", color=COLOURS[1], label="log-normal approximation")
    linear.axvline(found.rate[0], color="black", lw=0.8, ls=":", label="mean, theory")
    linear.set(xlabel="rate (Hz)", ylabel="density (1/Hz)", xlim=(0, nu[-1]), title="B  Erdős-Rényi connections")
    linear.legend()
    same = theory["fixed indegree"]
    rate = float(same.rate[0])
    width = float(same.homogeneous.cv[0]) * np.sqrt(rate / DURATION)
    counted = np.exp(-0.5 * ((nu - rate) / width) ** 2) / (np.sqrt(2 * np.pi) * width) * per_decade
    logarithmic.plot(nu, counted / counted.max(), color="black", lw=1, label=f"noise of counts in {DURATION:g} s")
    for name, scale in (("Erdős-Rényi", top), ("fixed indegree", float(counted.max()))):
        if run := runs.get(name):
            counts = np.rint(_rates(run) * DURATION)
            edges = _count_edges(nu[0] * DURATION, nu[-1] * DURATION)
            heights = np.histogram(counts, edges)[0] / counts.size / np.diff(np.log10(edges)) / scale
            style = {"fill": True, "color": GRAPHS[name], "alpha": 0.6, "label": f"simulated, {name}"}
            logarithmic.stairs(heights, edges / DURATION, **style)
    logarithmic.set(xlabel="rate (Hz)", ylabel="density over log rate (relative)", xscale="log", xlim=(nu[0], nu[-1]))
    logarithmic.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    logarithmic.set(ylim=(0, 1.75), title="C  nearly Gaussian over log rate")
    logarithmic.legend(loc="upper left", fontsize=7)


def _count_edges(low: float, high: float) -> Any:
    """Edges of bins between whole numbers of spikes, about 4% apart: bins of unequal numbers of counts make combs."""
    edges = np.unique(np.floor(np.geomspace(max(low, 1.0), high, round(np.log(high / max(low, 1.0)) / 0.04))))
    return edges + 0.5


def against_indegree(axes: Any, found: mf.RateDistribution, runs: dict[str, Simulation]) -> None:
    """Mean rate of the neurons of an in-degree."""
    net = found.network
    for source, colour, marker in ((0, COLOURS[0], "o"), (1, COLOURS[1], "s")):
        mean = float(net.indegree[0, source])
        std = np.sqrt(mean * (1 - mean / net.sizes[source]))
        z = np.linspace(-3, 3, 25)
        rate = found.rate_given_indegree(mean + std * z, source)
        words = f"from {net.names[source]}, correlation {found.indegree_correlation(source):.2f}"
        if run := runs.get("Erdős-Rényi"):
            given = (run.indegree[0][:, source] - mean) / std
            simulated = np.cov(given, _rates(run))[0, 1] / given.std() / _std(run)  # without the noise of counts
            words += f" ({simulated:.2f})"
            edges = np.linspace(-3, 3, 13)
            place = np.digitize(given, edges) - 1
            groups = [_rates(run)[place == k] for k in range(12)]
            centres = [given[place == k].mean() for k in range(12)]
            errors = [group.std() / np.sqrt(group.size) for group in groups]
            axes.errorbar(centres, [g.mean() for g in groups], errors, fmt=marker, ms=3.5, color=colour)
        axes.plot(z, rate, color=colour, label=words)
    axes.set(xlabel="in-degree, from its mean (s.d.)", ylabel="mean rate (Hz)", title="D  rate against in-degree")
    axes.set_ylim(0, None)
    axes.legend(title="theory (simulation)", title_fontsize=8)


def against_spread(axes: Any, coarse: mf.Network, spread_runs: Sequence[Simulation]) -> None:
    """Mean, median and standard deviation of rates against the spread of thresholds."""
    spreads = np.linspace(0.0, 3.0 * mV, 13)
    found = [mf.rate_distribution(coarse, connections="fixed indegree", threshold_std=spread) for spread in spreads]
    curves = {
        "mean": [d.rate[0] for d in found],
        "median": [d.quantile(0.5) for d in found],
        "standard deviation": [d.std[0] for d in found],
    }
    points: dict[str, list[float]] = {name: [] for name in curves}
    for run in spread_runs:
        points["mean"].append(float(_rates(run).mean()))
        points["median"].append(float(np.median(_rates(run))))
        points["standard deviation"].append(_std(run))
    for (name, curve), colour, marker in zip(curves.items(), COLOURS, "osD", strict=False):
        axes.plot(spreads / mV, curve, color=colour, label=name)
        if spread_runs:
            axes.plot(np.array(SPREADS) / mV, points[name], marker, ms=5, color=colour, clip_on=False)
    if spread_runs:
        axes.plot([], [], "o", color="grey", ms=5, label="points: simulated")
    axes.set(xlabel="standard deviation of thresholds (mV)", ylabel="rate (Hz)", xlim=(0, 3), ylim=(0, None))
    axes.set_title("E  thresholds differ, in-degrees do not")
    axes.legend()


def shares(axes: Any, found: mf.RateDistribution, runs: dict[str, Simulation]) -> None:
    """Lorenz curve: share of the spikes that the slowest neurons fire."""
    p = (np.arange(400) + 0.5) / 400
    spikes = np.cumsum(found.quantile(p))
    if run := runs.get("Erdős-Rényi"):
        ordered = np.sort(_rates(run))
        share = np.cumsum(ordered) / ordered.sum()
        gini = 1 - 2 * share.mean()
        axes.plot(
            np.arange(1, ordered.size + 1) / ordered.size,
            share,
            color=COLOURS[5],
            lw=4,
            alpha=0.7,
            label=f"simulated for {run.duration:g} s, Gini coefficient {gini:.3f}",
        )
    axes.plot(p + 0.5 / 400, spikes / spikes[-1], color=COLOURS[0], label=f"theory, {found.gini():.3f}")
    axes.plot([0, 1], [0, 1], ":", color="black", lw=0.9, label="all the same")
    axes.set(xlabel="share of neurons, slowest first", ylabel="share of spikes", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("F  few neurons fire many of the spikes")
    axes.legend()


def table(theory: Any, runs: dict[str, Simulation]) -> list[str]:
    """Means and deviations over E neurons."""
    lines = []
    for name, found in theory.items():
        words = f"{name}: mean {found.rate[0]:.2f} Hz, standard deviation {found.std[0]:.2f} Hz"
        if run := runs.get(name):
            words += f"; simulated {_rates(run).mean():.2f} and {_std(run):.2f} Hz"
        lines.append(words)
    mean, std, skewness = theory["Erdős-Rényi"].log_moments()
    lines.append(f"log rate: mean {mean:.3f}, standard deviation {std:.3f}, skewness {skewness:.2f} (theory)")
    return lines


def _rates(run: Simulation) -> Any:
    """Rates of the E neurons over the whole run."""
    first, second = measured_rates(run)
    return 0.5 * (first + second)


def _std(run: Simulation) -> float:
    """Standard deviation of the rates of the E neurons, without the noise of counts."""
    return float(np.sqrt(max(np.cov(*measured_rates(run))[0, 1], 0.0)))
