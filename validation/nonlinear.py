"""Single EIF and QIF neurons in white noise: what theory answers, beside Brian2 at several time steps.

A program is compiled for each model and time step, a population of unconnected neurons; neuron parameters, mean and
noise are arguments of it, so that all regimes run through it.

A step is the end of a spike: V that has passed `v_peak` within one is reset at its end, and the last part of an
upstroke that grows faster than steps follow takes one more. That is the same for all inputs, can be computed without
noise (`lateness`), and is taken off in the column z-. `python -m validation nonlinear` prints the table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._compiled import CORES
from meanfield._validate import check_known, check_whole
from meanfield.units import ms, mV
from validation.report import to_json
from validation.simulation import Simulation, draw_seeds, simulate
from validation.statistics import Estimate, Intervals, cvs, rates

_MEMBRANE = {"tau_m": 20 * ms, "t_ref": 2 * ms, "v_t": 20 * mV, "v_reset": 10 * mV}
NEURONS: dict[str, mf.EIF | mf.QIF] = {
    "EIF, delta_t = 0.5 mV": mf.EIF(**_MEMBRANE, delta_t=0.5 * mV, v_peak=30 * mV),
    "EIF, delta_t = 2 mV": mf.EIF(**_MEMBRANE, delta_t=2 * mV, v_peak=40 * mV),
    "QIF, delta_t = 2 mV": mf.QIF(**_MEMBRANE, delta_t=2 * mV, v_th=18 * mV, v_peak=80 * mV),
}
# What it is: mean from where the neuron fires without noise, and amplitude of the noise [mV].
REGIMES: dict[str, tuple[float, float]] = {
    "noise-driven": (-3, 5),
    "loud noise": (-8, 10),
    "at threshold": (0, 3),
    "mean-driven": (3, 3),
    "nearly regular": (6, 1),
}
SIZE = 100  # neurons
DRIVEN = 6 * mV  # above where a neuron fires without noise, for its lateness


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was simulated in steps of `dt` [s]: rate [Hz] and CV, with standard errors over neurons; `late` in [s]."""

    dt: float
    late: float
    rate: Estimate
    cv: Estimate

    @classmethod
    def of(cls, run: Simulation, late: float) -> Step:
        """Measure a run of one population."""
        per_neuron = rates(run.indices[0], SIZE, run.duration)
        intervals = Intervals.of(run.times[0], run.indices[0])
        whole = float(intervals.lengths.std() / intervals.lengths.mean())
        spread = Estimate.of(cvs(intervals, SIZE)).error
        return cls(dt=run.dt, late=late, rate=Estimate.of(per_neuron), cv=Estimate(whole, spread))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One neuron in one input: theory's rate [Hz] and CV, and simulations, the coarsest step first."""

    neuron: str
    regime: str
    mu: float
    sigma: float
    rate: float
    cv: float
    steps: tuple[Step, ...]

    def error(self, step: Step) -> float:
        """Relative difference of the simulated rate to theory's."""
        return step.rate.mean / self.rate - 1.0

    def z(self, step: Step) -> float:
        """The difference in standard errors."""
        return (step.rate.mean - self.rate) / step.rate.error

    def z_late(self, step: Step) -> float:
        """The difference that is left when each interval of theory is longer by what spikes are late."""
        return (step.rate.mean - self.rate / (1.0 + self.rate * step.late)) / step.rate.error

    def z_cv(self, step: Step) -> float:
        """That of the CV."""
        return (step.cv.mean - self.cv) / step.cv.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonlinear:
    """Rows of the experiment; prints as a table."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        dts = [step.dt for step in self.rows[0].steps]
        head = f"{'neuron':22}{'input':16}{'mu':>4}{'sigma':>6}{'rate':>9}"
        head += "".join(f"{f'dt = {dt / ms:g} ms':>18}{'error':>8}{'z':>6}{'z-':>6}" for dt in dts)
        lines = [head + f"{'CV':>8}{f'dt = {dts[-1] / ms:g} ms':>18}{'z':>6}"]
        for row in self.rows:
            line = f"{row.neuron:22}{row.regime:16}{row.mu / mV:4g}{row.sigma / mV:6g}{row.rate:9.3f}"
            for step in row.steps:
                seen = f"{step.rate.mean:.3f} ± {step.rate.error:.3f}"
                line += f"{seen:>18}{row.error(step):+8.2%}{row.z(step):+6.1f}{row.z_late(step):+6.1f}"
            last = row.steps[-1]
            seen = f"{last.cv.mean:.4f} ± {last.cv.error:.4f}"
            lines.append(line + f"{row.cv:8.4f}{seen:>18}{row.z_cv(last):+6.1f}")
        return "\n".join(
            [
                *lines,
                "mu and sigma in mV, rates in Hz; error: simulation relative to theory, z in"
                " standard errors, z- without what spikes are late by steps",
            ]
        )

    def to_json(self) -> str:
        """As JSON, in SI units."""
        return to_json([asdict(row) for row in self.rows])


def uncoupled(neuron: mf.EIF | mf.QIF, mu: float, sigma: float) -> mf.Network:
    """Return a population of `SIZE` neurons without synapses, in white noise of their own."""
    return mf.Network(
        names=["neurons"],
        sizes=[SIZE],
        neurons=neuron,
        indegree=[[0]],
        weight=[[0]],
        drives=[mf.ConstantDrive(mu=mu), mf.WhiteNoiseDrive(sigma=sigma)],
    )


def lateness(neuron: mf.EIF | mf.QIF, mu: float, dt: float) -> float:
    """Mean time [s] by which spikes are late in steps of `dt` [s] as the program makes them, without noise.

    Over neurons of slightly different inputs about `mu` [V], which spike at all times within a step.
    """
    size, v_reset = 200, neuron.v_reset
    inputs = mu + 0.01 * (mu - neuron.v_th) * np.linspace(-1, 1, size)

    def speed(v: Any) -> Any:
        if isinstance(neuron, mf.QIF):
            return (inputs - neuron.v_th + (v - neuron.v_t) ** 2 / (2 * neuron.delta_t)) / neuron.tau_m
        growth = np.exp(np.clip((v - neuron.v_t) / neuron.delta_t, -50, 30))
        return (inputs - v + neuron.delta_t * growth) / neuron.tau_m

    v, steps = np.full(size, v_reset), np.zeros(size)
    while (below := v < neuron.v_peak).any():
        v = np.where(below, v + dt * speed(v + 0.5 * dt * speed(v)), v)
        steps += below
    return float(np.mean(steps * dt - (1.0 / neuron.rate(inputs, 0.0) - neuron.t_ref)))


def nonlinear(
    neurons: Sequence[str] = tuple(NEURONS),
    regimes: Sequence[str] = tuple(REGIMES),
    *,
    dts: Sequence[float] = (0.1 * ms, 0.02 * ms),
    spikes: int = 40_000,
    rng: Any = 1,
    progress: bool = False,
) -> Nonlinear:
    """Set theory beside simulated neurons, over models, inputs and time steps.

    Parameters
    ----------
    neurons, regimes : sequence of str
        Of `NEURONS` and `REGIMES`.
    dts : sequence of float
        Time steps [s].
    spikes : int
        About how many are simulated at each point; 40,000 make the standard error of a rate 0.5% times the CV.
    rng : Generator or int
    progress : bool
        Show a progress bar on stderr.

    Raises
    ------
    ValueError
        For names that are not there, no time step, or fewer than 20 spikes a neuron.
    SimulationUnavailable
        As of `validation.simulate`.
    """
    check_known("neuron", neurons, tuple(NEURONS))
    check_known("regime", regimes, tuple(REGIMES))
    if not dts:
        raise ValueError("dts must have one time step at least, got none")
    check_whole("spikes", spikes, at_least=20 * SIZE)
    points = [(neuron, regime) for neuron in neurons for regime in regimes]
    jobs = [(point, dt) for dt in dts for point in points]
    seeds = draw_seeds(rng, len(jobs))
    with ThreadPoolExecutor(CORES) as pool:  # each run is a process that its thread waits for
        found = pool.map(lambda job, seed: _simulate(*job[0], job[1], spikes, seed), jobs, seeds)
        steps = dict(zip(jobs, tqdm(found, total=len(jobs), disable=not progress, desc="neurons"), strict=True))
    rows = []
    for name, regime in points:
        neuron, mu, sigma = _point(name, regime)
        rows.append(
            Row(
                neuron=name,
                regime=regime,
                mu=mu,
                sigma=sigma,
                rate=neuron.rate(mu, sigma),
                cv=neuron.cv(mu, sigma),
                steps=tuple(steps[(name, regime), dt] for dt in dts),
            )
        )
    return Nonlinear(rows=tuple(rows))


def _point(name: str, regime: str) -> tuple[mf.EIF | mf.QIF, float, float]:
    neuron = NEURONS[name]
    above, sigma = REGIMES[regime]
    return neuron, neuron.v_th + above * mV, sigma * mV


def _simulate(name: str, regime: str, dt: float, spikes: int, seed: int) -> Step:
    neuron, mu, sigma = _point(name, regime)
    duration = spikes / (SIZE * float(neuron.rate(mu, sigma)))
    run = simulate(uncoupled(neuron, mu, sigma), duration=duration, warmup=0.2, dt=dt, rng=seed)
    return Step.of(run, lateness(neuron, neuron.v_th + DRIVEN, dt))


def coupled(name: str, *, indegree_e: int = 1000, g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """Return the network of Brunel (2000) of these neurons.

    Parameters
    ----------
    name : str
        Of `NEURONS`.
    indegree_e : int
        Excitatory synapses onto a neuron: 1000, of weight 0.1 mV, in his network. Weights grow as 1/sqrt(indegree_e),
        so that neurons of one rate make as much noise.
    g, eta : float
        Relative strength of inhibition, and external rate over that which brings mu to 20 mV.

    Raises
    ------
    ValueError
        For another name.
    """
    check_known("neuron", [name], tuple(NEURONS))
    weight = 0.1 * mV * math.sqrt(1000 / indegree_e)
    net = mf.models.brunel2000(g=g, eta=eta, indegree_e=indegree_e, weight=weight)
    return replace(net, neurons=NEURONS[name])
