"""Single neurons under finite jumps, fixed and exponentially distributed, beside each theory of their rate.

Uncoupled neurons with Poisson drives, in the compiled program of a network: one program for each kind of amplitudes and
time step, in which all regimes run. `python -m validation shot` prints regimes and methods with their errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._validate import check, check_known, check_rng, check_whole
from meanfield.neurons.lif_shot import AMPLITUDES
from meanfield.units import ms, mV
from validation.report import to_json
from validation.simulation import draw_seeds, simulate
from validation.statistics import Estimate, Intervals, rates

NEURON = mf.LIFShot(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, weight_e=1 * mV, weight_i=-2 * mV)
# What it is: weights [mV], rates of spikes [Hz], and where V rests [mV]
REGIMES: dict[str, tuple[tuple[float, float], tuple[float, float], float]] = {
    "small jumps, below threshold": ((0.1, -0.5), (19_200, 2_400), 0),
    "small jumps, above threshold": ((0.1, -0.5), (22_500, 2_300), 0),
    "1 mV, below threshold": ((1, -2), (1_000, 150), 0),
    "1 mV, near threshold": ((1, -2), (1_500, 300), 0),
    "strong inhibition": ((0.5, -2.5), (3_200, 400), 0),
    "large jumps, 3 mV": ((3, -1.3), (300, 200), 0),
    "large jumps, 5 mV": ((5, -5), (150, 50), 0),
    "excitation alone": ((2, 0), (320, 0), 0),
    "at rest above threshold": ((2, -2), (100, 300), 24),
}
METHODS = ("fixed", "exponential", "diffusion")
_NEURONS = 200
_WARMUP = 0.2  # s
_SHORTEST = 0.25  # s, of a run


def noise_factor(amplitudes: str) -> float:
    """<A²>/<A>², by which amplitudes that are drawn raise the variance of the input."""
    return 2.0 if amplitudes == "exponential" else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A regime with one kind of amplitudes.

    Attributes
    ----------
    regime, amplitudes : str
    simulated : dict of float to Estimate
        Rates [Hz] by time step [s].
    cv, cv_theory : float
        Of the intervals, at the shortest step, and in the theory of these amplitudes.
    rates : dict of str to float
        Rates [Hz] of the methods: `LIFShot` of either kind, and a diffusion of the same mean and variance.
    """

    regime: str
    amplitudes: str
    simulated: dict[float, Estimate]
    cv: float
    cv_theory: float
    rates: dict[str, float]

    @property
    def limit(self) -> Estimate:
        """The rate at the shortest step."""
        return self.simulated[min(self.simulated)]

    def error(self, method: str) -> float:
        """Relative error of a method."""
        return self.rates[method] / self.limit.mean - 1.0

    @property
    def z(self) -> float:
        """Difference of the theory of these amplitudes to the simulation, in standard errors."""
        return (self.rates[self.amplitudes] - self.limit.mean) / self.limit.error


@dataclass(frozen=True, slots=True)
class ShotTable:
    """Rows; prints as a table."""

    rows: tuple[Row, ...]

    def to_json(self) -> str:
        """All numbers as JSON."""
        return to_json([asdict(row) for row in self.rows])

    def __str__(self) -> str:
        steps = sorted(self.rows[0].simulated, reverse=True)
        head = f"{'regime':30}{'amplitudes':>12}" + "".join(f"{f'{dt / ms:g} ms':>18}" for dt in steps)
        lines = [head + f"{'theory':>9}{'z':>6}{'CV':>7}{'theory':>8}" + "".join(f"{name:>13}" for name in METHODS)]
        for row in self.rows:
            seen = [row.simulated[dt] for dt in steps]
            lines.append(
                f"{row.regime:30}{row.amplitudes:>12}"
                + "".join(f"{estimate.mean:10.3f} ± {estimate.error:5.3f}" for estimate in seen)
                + f"{row.rates[row.amplitudes]:9.3f}{row.z:+6.1f}{row.cv:7.3f}{row.cv_theory:8.3f}"
                + "".join(f"{100 * row.error(name):+12.1f}%" for name in METHODS)
            )
        return "\n".join([*lines, "rates in Hz; methods: relative to the simulation at the shortest step"])


def shot(
    regimes: Sequence[str] = tuple(REGIMES),
    *,
    spikes: int = 60_000,
    dts: Sequence[float] = (1e-4, 2e-5),
    rng: Any = 1,
    progress: bool = False,
) -> ShotTable:
    """Set theories of finite jumps beside simulated neurons, in several regimes.

    Parameters
    ----------
    regimes : sequence of str
        Of `REGIMES`.
    spikes : int
        About how many are simulated of each; 60,000 make the rate's standard error 0.4% where intervals are irregular.
    dts : sequence of float
        Time steps [s]; the spikes of a step act together at its end.
    rng : Generator or int
    progress : bool
        Show a progress bar on stderr.

    Raises
    ------
    ValueError, SimulationUnavailable
        For other regimes; as `simulate`.
    """
    check_known("regime", regimes, tuple(REGIMES))
    spikes = check_whole("spikes", spikes, at_least=_NEURONS)
    steps = [float(dt) for dt in check("dts", list(dts), "s", positive=True)]
    points = [(name, amplitudes) for amplitudes in AMPLITUDES for name in regimes]
    seeds = draw_seeds(check_rng(rng), len(points) * len(steps))
    found = []
    for name, amplitudes in tqdm(points, disable=not progress, desc="neurons"):
        found.append(_row(name, amplitudes, spikes, steps, [seeds.pop() for _ in steps]))
    return ShotTable(tuple(sorted(found, key=lambda row: list(regimes).index(row.regime))))


def uncoupled(neuron: mf.LIFShot, rate_e: float, rate_i: float, size: int) -> mf.Network:
    """`size` neurons that spikes of these rates [Hz] reach, and nothing else."""
    weights = (neuron.weight_e, neuron.weight_i)
    drives = [
        mf.PoissonDrive(indegree=1.0 if weight else 0.0, weight=weight, rate=rate)
        for weight, rate in zip(weights, (rate_e, rate_i), strict=True)
    ]
    return mf.Network(names=["one"], sizes=[size], neurons=neuron, indegree=[[0.0]], weight=[[0.0]], drives=drives)


def _row(name: str, amplitudes: str, spikes: int, dts: Sequence[float], seeds: Sequence[int]) -> Row:
    weights, inputs, rest = REGIMES[name]
    neuron = replace(NEURON, weight_e=weights[0] * mV, weight_i=weights[1] * mV, mu_0=rest * mV, amplitudes=amplitudes)
    mu, sigma = neuron.receptors.moments(*map(float, inputs))
    theory = {kind: float(replace(neuron, amplitudes=kind).rate(mu, sigma)) for kind in AMPLITUDES}
    lif = mf.LIF(tau_m=neuron.tau_m, t_ref=neuron.t_ref, v_th=neuron.v_th, v_reset=neuron.v_reset)
    theory["diffusion"] = float(lif.rate(mu + neuron.mu_0, sigma * math.sqrt(noise_factor(amplitudes))))
    duration = max(spikes / theory[amplitudes] / _NEURONS, _SHORTEST)
    simulated, cv = {}, math.nan
    for dt, seed in sorted(zip(dts, seeds, strict=True), reverse=True):
        run = simulate(uncoupled(neuron, *inputs, _NEURONS), duration=duration, warmup=_WARMUP, dt=dt, rng=seed)
        simulated[dt] = Estimate.of(rates(run.indices[0], _NEURONS, duration))
        lengths = Intervals.of(run.times[0], run.indices[0]).lengths
        cv = float(np.std(lengths) / np.mean(lengths))
    return Row(
        regime=name,
        amplitudes=amplitudes,
        simulated=simulated,
        cv=cv,
        cv_theory=float(neuron.cv(mu, sigma)),
        rates=theory,
    )
