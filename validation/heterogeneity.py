"""Rates that differ over neurons: `compare_distributions` sets theory against simulated networks.

What a recording of finite duration measures of a neuron's rate has the noise of its spike count besides. The variance
over neurons is therefore measured as the covariance of the rates in two halves of the time, which that noise does not
enter. For quantiles and logarithms theory is given the noise: counts whose variance is CV² times their mean.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check_whole
from meanfield.units import ms
from validation.notes import OVERSHOOT
from validation.report import Row, to_json
from validation.results import Simulation
from validation.sweep import simulate_many

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SAMPLE = 200_000  # neurons of theory, for quantiles of counts


def at_time_step(network: mf.Network, sigma: FloatArray, dt: float) -> mf.Network:
    """Return a network of LIF neurons whose thresholds are higher as those of a simulation in steps are.

    A threshold that is looked at every `dt` is crossed later than one that is always watched, as if it were higher by
    0.5826 standard deviations of a step, sigma sqrt(dt/tau_m) (Siegmund 1979, Adv. Appl. Probab. 11). That is for noise
    that is Gaussian in a step: many spikes arrive in each. Synapses with a time constant need no such correction.
    """

    def neuron(own: Any, width: float) -> Any:
        if not isinstance(own, mf.LIF) or own.tau_s > 0.0:
            return own
        return replace(own, v_th=own.v_th + OVERSHOOT * width * float(np.sqrt(dt / own.tau_m)))

    return replace(network, neurons=[neuron(*pair) for pair in zip(network.neurons, sigma.tolist(), strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Rates over neurons, in theory and simulated; prints as a table.

    Attributes
    ----------
    network : meanfield.Network
    connections : str
    distribution : meanfield.RateDistribution
        Theory.
    rows : tuple of Row
        The mean over neurons, their standard deviation, its ratio to the mean, the standard deviation of log rates and
        the correlations with in-degrees; rates in Hz. Theory is that of `at_time_step`.
    limits : tuple of float
        Theory's value of each row for a time step of 0.
    duration, dt : float
        [s]
    trials : int
    """

    network: mf.Network
    connections: str
    distribution: mf.RateDistribution
    rows: tuple[Row, ...]
    limits: tuple[float, ...]
    duration: float
    trials: int
    dt: float

    def __getitem__(self, key: tuple[str, str]) -> Row:
        """The row of (prediction, population)."""
        for row in self.rows:
            if (row.prediction, row.population) == key:
                return row
        raise KeyError(key)

    def __str__(self) -> str:
        head = (
            f"{self.network.label}, {self.connections}: {self.trials} networks, {self.duration:g} s, "
            f"dt = {self.dt / ms:g} ms; theory for dt to 0, and at this dt"
        )
        homogeneous = ", ".join(f"{rate:.4g}" for rate in self.distribution.homogeneous.rate)
        lines = [head, f"rate without heterogeneity (Hz): {homogeneous}"]
        lines.append(f"{'':26}{'dt to 0':>10}{'theory':>10}{'simulation':>12}{'± error':>10}{'difference':>12}{'z':>7}")
        for row, limit in zip(self.rows, self.limits, strict=True):
            name = f"{row.prediction} {row.population}" + (f" ({row.unit})" if row.unit != "1" else "")
            lines.append(
                f"{name:26}{limit:10.4g}{row.theory:10.4g}{row.simulation:12.4g}{row.error:10.2g}"
                f"{row.difference:11.1f}%{row.z:7.1f}"
            )
        return "\n".join(lines)

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        rows = [
            asdict(row) | {"difference": row.difference, "z": row.z, "limit": limit}
            for row, limit in zip(self.rows, self.limits, strict=True)
        ]
        head = {"network": self.network.label, "connections": self.connections, "duration": self.duration}
        return to_json(head | {"trials": self.trials, "dt": self.dt, "rows": rows})


def compare_distributions(
    network: mf.Network,
    *,
    connections: str = "Erdős-Rényi",
    threshold_std: Any = 0.0,
    duration: float = 10.0,
    warmup: float = 0.3,
    trials: int = 3,
    dt: float = 0.1 * ms,
    rng: Any = 1,
    processes: int | None = None,
    progress: bool = False,
) -> Comparison:
    """Compare the distribution of rates over neurons with simulated networks.

    Parameters
    ----------
    network : meanfield.Network
    connections, threshold_std
        As of `simulate` and `meanfield.rate_distribution`.
    duration, warmup, dt : float
        As of `simulate` [s]; rates need some tens of spikes a neuron.
    trials : int
        Networks to simulate, at least 2: standard errors are over them.
    rng : int or numpy Generator
    processes : int, optional
        Runs at the same time.
    progress : bool
        Show a progress bar on stderr.

    Raises
    ------
    ConvergenceError, SimulationUnavailable, ValueError, TypeError
        As `meanfield.rate_distribution` and `simulate`.
    """
    trials = check_whole("trials", trials, at_least=2)
    distribution = mf.rate_distribution(network, connections=connections, threshold_std=threshold_std)
    coarse = mf.rate_distribution(
        at_time_step(network, distribution.sigma, dt), connections=connections, threshold_std=threshold_std
    )
    words: dict[str, Any] = {"connections": connections, "threshold_std": threshold_std, "dt": dt, "warmup": warmup}
    words |= {"duration": duration, "rng": rng, "processes": processes, "progress": progress}
    found = simulate_many([network] * trials, summary=measure, **words)
    theory, limit = predict(coarse, duration), predict(distribution, duration)
    rows = []
    for key, value in theory.items():
        prediction, population = key
        unit = "1" if prediction.startswith(("std log", "std/", "corr")) else "Hz"
        rows.append(Row.of(prediction, value, [trial[key] for trial in found], population=population, unit=unit))
    return Comparison(
        network=network,
        connections=connections,
        distribution=distribution,
        rows=tuple(rows),
        limits=tuple(limit.values()),
        duration=duration,
        trials=trials,
        dt=dt,
    )


def measured_rates(simulation: Simulation, population: int = 0) -> tuple[FloatArray, FloatArray]:
    """Rates [Hz] of each neuron of a population in the first and in the second half of a run, (n,) each."""
    half = 0.5 * simulation.duration
    times, indices = simulation.times[population], simulation.indices[population]
    n = simulation.network.sizes[population]
    first = np.bincount(indices[times < half], minlength=n) / half
    return first, np.bincount(indices[times >= half], minlength=n) / half


def measure(simulation: Simulation) -> dict[tuple[str, str], float]:
    """What a run says of rates over neurons, by (prediction, population)."""
    found: dict[tuple[str, str], float] = {}
    names = simulation.network.names
    for i, name in enumerate(names):
        first, second = measured_rates(simulation, i)
        rate = 0.5 * (first + second)
        std = float(np.sqrt(max(np.cov(first, second)[0, 1], 0.0)))
        found |= _of_moments(name, float(rate.mean()), std) | _of_measured(name, rate, simulation.duration)
        for j, source in enumerate(names):
            indegree = simulation.indegree[i][:, j]
            if indegree.std() > 0.0 and std > 0.0:
                found[f"corr. with K from {source}", name] = float(np.cov(rate, indegree)[0, 1] / indegree.std() / std)
    return found


def predict(distribution: mf.RateDistribution, duration: float) -> dict[tuple[str, str], float]:
    """The same of theory."""
    found: dict[tuple[str, str], float] = {}
    names = distribution.network.names
    for i, name in enumerate(names):
        found |= _of_moments(name, float(distribution.rate[i]), float(distribution.std[i]))
        found |= _of_measured(name, distribution.sample_counts(SAMPLE, duration, i, rng=1) / duration, duration)
        for j, source in enumerate(names):
            if distribution.connections != "fixed indegree" and distribution.network.indegree[i, j] > 0:
                found[f"corr. with K from {source}", name] = distribution.indegree_correlation(j, i)
    return found


def _of_moments(name: str, mean: float, std: float) -> dict[tuple[str, str], float]:
    return {("mean", name): mean, ("std", name): std, ("std/mean", name): std / mean if mean > 0 else float("nan")}


def _of_measured(name: str, rate: FloatArray, duration: float) -> dict[tuple[str, str], float]:
    """Statistics that the noise of counts enters, of the neurons that fire where they are of logarithms.

    For quantiles the whole numbers of spikes are spread evenly over half a spike up and down.
    """
    firing = rate[rate > 0.0]
    found = {("std log rate", name): float(np.log(firing).std()) if firing.size else float("nan")}
    even = rate + (np.random.default_rng(1).random(rate.size) - 0.5) / duration
    return found | {(f"quantile {p:g}", name): float(np.quantile(even, p)) for p in QUANTILES}
