"""Ostojic (2014), Two types of asynchronous activity in networks of excitatory and inhibitory spiking neurons.

"rates": the network over the strength J of its synapses, simulation beside mean-field theory (white noise) and the
state that is consistent to second order (coloured noise), with the three weights at which variants of random-matrix
theory put the edge of chaos; rasters and single neurons' rates at J = 0.2 mV and 0.8 mV, the paper's two regimes.
"maps": where the random-matrix edge lies beside Hopf lines and classes, for this network and for that of Brunel (2000).

The paper's printed panels were not compared. The simulations here find a gradual change, no transition at any of the
three weights (as Engelken et al. 2016 did); docs/edge.rst has the numbers. In the map of this network the border of "SI
fast" consists of modes near multiples of 1/delay, 1.8 kHz, along which `meanfield.boundaries` begins no lines: all
noise is the network's own, and theory's answer to its variance does not fall with frequency.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.randommatrix import critical_weight
from meanfield.randommatrix.jacobian import VARIANTS
from meanfield.units import ms, mV

NAMES = ("maps", "rates")
POINTS = (60, 60)  # of a map
WEIGHTS = tuple(w * mV for w in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8))
TRIALS, DURATION, THEORY_TIME = 2, 2.0, 2000.0  # of each weight; s
REGIMES = (0.2 * mV, 0.8 * mV)
SHOWN = 40  # neurons in a raster
WINDOW = 1.0  # s, of a raster
SMOOTHING = 25 * ms  # standard deviation of the kernel of single neurons' rates
_DASHES = dict(zip(VARIANTS, (":", "-.", "--"), strict=True))  # as in the maps


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figures named, all if none is; returns the files written, a table, and a notice (or "")."""
    written, table, notice = [], "", ""
    wanted = [name for name in NAMES if not panels or any(name.startswith(panel) for panel in panels)]
    if "maps" in wanted:
        written += save(maps(), "ostojic2014_maps", out, formats)
    if "rates" in wanted:
        found, why_not = simulate_all()
        written += save(rates(*(found or (None, {}))), "ostojic2014_rates", out, formats)
        table = str(found[0]) if found else ""
        notice = f"theory only, nothing is simulated: {why_not}" if why_not else ""
    return written, table, notice


def simulate_all() -> tuple[tuple[Any, dict[float, Any]] | None, str]:
    """The experiment over J and a run of each regime; without a compiler or Brian2, nothing, and the reason."""
    try:
        from validation import SimulationUnavailable, simulate
        from validation.edge import STEP, edge
    except ImportError as error:
        return None, f"{error.name} is not installed"
    try:
        experiment = edge(WEIGHTS, trials=TRIALS, duration=DURATION, theory_time=THEORY_TIME, progress=True)
        runs = {w: simulate(mf.models.ostojic2014(weight=w), duration=WINDOW, dt=STEP, rng=7) for w in REGIMES}
    except SimulationUnavailable as error:
        return None, str(error)
    return (experiment, runs), ""


def rates(experiment: Any, runs: dict[float, Any]) -> Any:
    """Rate, CV and slow fluctuations over J; raster and single neurons' rates of the two regimes."""
    figure = plt.figure(figsize=(11.4, 6.4))
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.25))
    rate, cv, slow = above.subplots(1, 3)
    weights = np.linspace(0.05, 0.85, 33) * mV
    states = [mf.solve(mf.models.ostojic2014(weight=w)) for w in weights]
    white: dict[str, Any] = {"color": plotting.COLOURS[0], "label": "mean field, white noise"}
    rate.plot(weights / mV, [fp.rate[0] for fp in states], **white)
    cv.plot(weights / mV, [fp.cv[0] for fp in states], **white)
    if experiment is not None:
        _draw_experiment(rate, cv, slow, experiment)
    for variant in VARIANTS:
        at = critical_weight("ostojic2014", bounds=(0.05 * mV, 1 * mV), variant=variant) / mV
        for axes in (rate, cv, slow):
            axes.axvline(at, color=plotting.EDGE_COLOUR, linewidth=0.9, linestyle=_DASHES[variant])
        slow.plot([], [], color=plotting.EDGE_COLOUR, linestyle=_DASHES[variant], label=f"radius 1, {variant}")
    rate.set(ylabel="rate (Hz)", ylim=(0, None))
    rate.set_title("A  Rates")
    cv.set(ylabel="CV of inter-spike intervals", ylim=(0, None))
    cv.set_title("B  Irregularity")
    slow.set_ylabel("variance over squared mean")
    slow.set_title("C  Slow fluctuations of a neuron's rate")
    for axes in (rate, cv, slow):
        axes.set(xlabel="J (mV)", xlim=(0.05, 0.85))
    for axes, corner in ((rate, "upper left"), (slow, "lower right")):
        axes.legend(loc=corner, fontsize=7)
    _draw_regimes(below, runs)
    return figure


def _draw_experiment(rate: Any, cv: Any, slow: Any, experiment: Any) -> None:
    """Theory consistent to second order, and the simulated points with their standard errors."""
    weights = np.array([p.weight for p in experiment.predictions]) / mV
    theory = {"color": plotting.COLOURS[1], "label": "second order, coloured noise"}
    error = np.array([p.coloured_rate_error for p in experiment.predictions])
    middle = np.array([p.coloured_rate for p in experiment.predictions])
    rate.plot(weights, middle, **theory)
    rate.fill_between(weights, middle - error, middle + error, color=theory["color"], alpha=0.2, linewidth=0)
    cv.plot(weights, [p.coloured_cv for p in experiment.predictions], **theory)
    slow.plot(weights, [p.slow_variance for p in experiment.predictions], **theory)
    for axes, name in ((rate, "rate"), (cv, "cv"), (slow, "slow_variance")):
        found = [getattr(m, name) for m in experiment.measurements]
        axes.errorbar(
            weights,
            [x.mean for x in found],
            [x.error for x in found],
            fmt="o",
            color="black",
            markersize=3.5,
            label=f"simulation, {experiment.size} neurons",
        )


def _draw_regimes(part: Any, runs: dict[float, Any]) -> None:
    """Raster above the rates of three neurons, one column a regime."""
    grid = part.subplots(2, 2, sharex=True, height_ratios=(1.4, 1))
    for k, weight in enumerate(REGIMES):
        raster, single = grid[:, k]
        raster.set_title(f"{'DE'[k]}  J = {weight / mV:g} mV")
        if weight in runs:
            times, indices = runs[weight].times[0], runs[weight].indices[0]
            seen = indices < SHOWN
            plotting.raster(raster, times[seen], indices[seen])
            t = np.arange(0, WINDOW, 1 * ms)
            for neuron, colour in zip(range(3), plotting.COLOURS, strict=False):
                own = times[indices == neuron]
                kernel = np.exp(-0.5 * ((t[:, None] - own) / SMOOTHING) ** 2).sum(axis=1)
                single.plot(t / ms, kernel / (SMOOTHING * np.sqrt(2 * np.pi)), color=colour, linewidth=1)
        else:
            raster.text(0.5, 0.5, "not simulated", ha="center", transform=raster.transAxes)
        single.set(xlabel="time (ms)", ylabel="rate (Hz)", xlim=(0, WINDOW / ms), ylim=(0, None))


def maps() -> Any:
    """Classes, fold and Hopf lines and the random-matrix edge, over two parameters."""
    figure, grid = plt.subplots(2, 2, figsize=(10.4, 7.0))
    weights, gs = np.linspace(0.05, 1.0, POINTS[0]) * mV, np.linspace(3.0, 8.0, POINTS[1])
    across, etas = np.linspace(3.0, 8.0, POINTS[0]), np.linspace(0.3, 4.0, POINTS[1])
    diagrams: dict[str, tuple[str, dict[str, Any]]] = {
        r"A  Ostojic (2014), $\mu_\mathrm{ext}$ = 24 mV": ("ostojic2014", {"weight": weights, "g": gs}),
        r"B  Brunel (2000), $\nu_\mathrm{ext} = 2\,\nu_\mathrm{thr}$": (
            "brunel2000",
            {"weight": weights, "g": gs, "eta": 2.0},
        ),
        "C  Brunel (2000), J = 0.1 mV": ("brunel2000", {"g": across, "eta": etas, "weight": 0.1 * mV}),
        "D  Brunel (2000), J = 0.5 mV": ("brunel2000", {"g": across, "eta": etas, "weight": 0.5 * mV}),
    }
    labelled: dict[str, Any] = {}
    for (title, (model, axes_and_fixed)), axes in zip(tqdm(diagrams.items(), desc="maps"), grid.flat, strict=True):
        _draw_map(axes, model, axes_and_fixed)
        axes.set_title(title)
        handles, labels = axes.get_legend_handles_labels()
        labelled |= dict(zip(labels, handles, strict=True))
        axes.get_legend().remove()
    figure.legend(labelled.values(), labelled.keys(), loc="outside right upper")
    return figure


def _draw_map(axes: Any, model: str, axes_and_fixed: dict[str, Any]) -> None:
    dataset = mf.phase_diagram(model, engine="serial", **axes_and_fixed)
    fixed = {name: value for name, value in axes_and_fixed.items() if np.ndim(value) == 0}
    plotting.phase_diagram(axes, dataset)
    for line in mf.boundaries(model, dataset, **fixed):
        plotting.line(axes, line)
    plotting.edge(axes, dataset)
    for variant in ("mean", "1-p"):
        radius = dataset["radius"].copy(data=_radii(model, dataset, fixed, variant)).assign_attrs(variant=variant)
        plotting.edge(axes, dataset.assign(radius=radius), linestyle=_DASHES[variant], linewidth=0.9)


def _radii(model: str, dataset: Any, fixed: dict[str, Any], variant: str) -> Any:
    """Radii of the states of a dataset by another variant than its own."""
    family = mf.parameters.family(model)
    axes = {str(name): dataset[name].values for name in dataset["n_states"].dims}
    number, rate, mu, sigma = (dataset[name].values for name in ("n_states", "rate", "mu", "sigma"))
    radii = np.full(dataset["radius"].shape, np.nan)
    for at in np.ndindex(number.shape):
        network = family(
            **fixed, **{name: float(values[i]) for i, (name, values) in zip(at, axes.items(), strict=True)}
        )
        for k in range(number[at]):
            own = {"rate": rate[at][k], "mu": mu[at][k], "sigma": sigma[at][k]}
            state = mf.FixedPoint(network=network, residual=np.zeros(network.n_populations), iterations=0, **own)
            radii[at][k] = mf.randommatrix.effective_jacobian(state, variant).radius
    return radii
