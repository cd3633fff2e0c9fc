"""Theory against simulation: `cross_validate` and its table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield.units import ms, mV
from validation import statistics
from validation.simulation import Simulation
from validation.sweep import simulate_many

UNITS = {"rate": "Hz", "mu": "mV", "sigma": "mV", "cv": "1"}
COUNT_WINDOW = 5 * ms
SAMPLE = 1000  # neurons for counts; pairs grow as its square


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One prediction: theory, simulation with its standard error over trials, and the difference."""

    prediction: str
    population: str
    unit: str
    theory: float
    simulation: float
    error: float

    @property
    def difference(self) -> float:
        """(theory - simulation)/simulation in percent; NaN where the simulation measured nothing or 0."""
        return 100 * (self.theory - self.simulation) / self.simulation if self.simulation else float("nan")

    @property
    def z(self) -> float:
        """(theory - simulation) in standard errors of the simulation."""
        return (self.theory - self.simulation) / self.error if self.error > 0 else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `cross_validate` found; prints as a table.

    Attributes
    ----------
    network : meanfield.Network
    rows : tuple of Row
        rate, mu, sigma and cv of every population.
    measured : dict
        Statistics without a prediction yet, by population: CV2, LV, Fano factor, correlation, synchrony.
    notes : tuple of str
        Where theory and simulation differ, and what the measurements say about why.
    duration, trials, dt
        Of the simulation; [s], number, [s].
    """

    network: mf.Network
    rows: tuple[Row, ...]
    measured: dict[str, dict[str, statistics.Estimate]]
    notes: tuple[str, ...]
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
        head = f"{self.network.label}: {self.trials} trials of {self.duration:g} s, dt = {self.dt / ms:g} ms"
        lines = [head, f"{'':16}{'theory':>12}{'simulation':>14}{'± error':>10}{'difference':>12}{'z':>8}"]
        for row in self.rows:
            name = f"{row.prediction} {row.population}" + (f" ({row.unit})" if row.unit != "1" else "")
            lines.append(
                f"{name:16}{row.theory:12.4g}{row.simulation:14.4g}{row.error:10.2g}{row.difference:11.1f}%{row.z:8.1f}"
            )
        for population, found in self.measured.items():
            words = ", ".join(f"{name} {estimate}" for name, estimate in found.items())
            lines.append(f"measured in {population}: {words}")
        return "\n".join([*lines, *(f"* {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        rows = [asdict(row) | {"difference": row.difference, "z": row.z} for row in self.rows]
        measured = {p: {k: asdict(e) for k, e in found.items()} for p, found in self.measured.items()}
        head = {"network": self.network.label, "duration": self.duration, "trials": self.trials, "dt": self.dt}
        return head | {"rows": rows, "measured": measured, "notes": list(self.notes)}

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        return json.dumps(_without_nan(self.to_dict()), indent=2)

    def to_dataframe(self) -> Any:
        """The rows as a pandas DataFrame (pandas is not a dependency)."""
        import pandas

        return pandas.DataFrame(self.to_dict()["rows"])


def cross_validate(
    network: mf.Network,
    *,
    duration: float = 1.0,
    warmup: float = 0.3,
    trials: int = 4,
    dt: float = 0.1 * ms,
    rng: Any = 1,
    processes: int | None = None,
    check_dt: bool = False,
    progress: bool = False,
) -> Report:
    """Solve a network, simulate it, and set one against the other.

    Parameters
    ----------
    network : meanfield.Network
    duration, warmup, dt : float
        As of `simulate` [s].
    trials : int
        Independent runs, each with connections, drive and initial state of its own; at least 2, since the errors are
        taken over them.
    rng : int or numpy Generator
    processes : int, optional
        Runs at the same time; as many as there are cores by default.
    check_dt : bool
        Simulate again with half the time step, and report what it changes.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        For fewer than 2 trials.
    meanfield.ConvergenceError
        If there is no state to compare with.
    """
    if trials < 2:
        raise ValueError(f"trials must be at least 2 for a standard error, got {trials}")
    state = mf.solve(network)
    seeds = np.random.default_rng(rng).integers(1, 2**62, size=2)

    def run(step: float, seed: int) -> list[dict[str, Any]]:
        return simulate_many(
            [network] * trials,
            summary=summarise,
            duration=duration,
            warmup=warmup,
            dt=step,
            rng=seed,
            processes=processes,
            progress=progress,
        )

    found = run(dt, seeds[0])
    theory = {"rate": state.rate, "mu": state.mu / mV, "sigma": state.sigma / mV, "cv": state.cv}
    rows = []
    for prediction, values in theory.items():
        for i, population in enumerate(network.names):
            estimate = statistics.Estimate.of([trial[prediction][i] for trial in found])
            rows.append(
                Row(
                    prediction=prediction,
                    population=population,
                    unit=UNITS[prediction],
                    theory=float(values[i]),
                    simulation=estimate.mean,
                    error=estimate.error,
                )
            )
    names = ("CV2", "LV", "Fano factor", "correlation", "synchrony")
    measured = {
        population: {name: statistics.Estimate.of([trial[name][i] for trial in found]) for name in names}
        for i, population in enumerate(network.names)
    }
    notes = explain(network, rows, measured)
    if check_dt:
        notes.append(_compare_steps(network, found, run(dt / 2, seeds[1]), dt))
    return Report(
        network=network,
        rows=tuple(rows),
        measured=measured,
        notes=tuple(notes),
        duration=duration,
        trials=trials,
        dt=dt,
    )


def summarise(simulation: Simulation) -> dict[str, list[float]]:
    """Everything that a report says of a run, by population."""
    summary: dict[str, list[float]] = {"rate": list(simulation.rate)}
    summary["mu"] = [float(mu.mean()) / mV for mu in simulation.mu]
    summary["sigma"] = [float(np.sqrt((sigma**2).mean())) / mV for sigma in simulation.sigma]
    by_population = [
        _trains(times, indices, size, simulation.duration)
        for times, indices, size in zip(simulation.times, simulation.indices, simulation.network.sizes, strict=True)
    ]
    return summary | {name: [found[name] for found in by_population] for name in by_population[0]}


def _trains(times: Any, indices: Any, size: int, duration: float) -> dict[str, float]:
    intervals = statistics.Intervals.of(times, indices)
    sample = min(size, SAMPLE)
    of_sample = indices < sample
    counts = statistics.counts_in_windows(times[of_sample], indices[of_sample], sample, duration, COUNT_WINDOW)
    long_counts = statistics.counts_in_windows(times[of_sample], indices[of_sample], sample, duration, duration / 5)
    return {
        "cv": _mean(statistics.cvs(intervals, size)),
        "CV2": _mean(statistics.cv2s(intervals, size)),
        "LV": _mean(statistics.lvs(intervals, size)),
        "Fano factor": _mean(statistics.fano_factors(long_counts)) * 5 / 4,  # unbiased variance over 5 windows
        "correlation": statistics.pairwise_correlation(counts),
        "synchrony": statistics.synchrony(counts),
    }


def _mean(values: Any) -> float:
    return float(values.mean()) if values.size else float("nan")


def explain(network: mf.Network, rows: Sequence[Row], measured: dict[str, Any]) -> list[str]:
    """Say where theory fails beyond 3 standard errors and 2%, with what was measured that bears on it."""
    notes = []
    deviating = {row.prediction for row in rows if abs(row.z) > 3 and abs(row.difference) > 2}
    find = {(row.prediction, row.population): row for row in rows}
    if not deviating:
        return notes
    cvs = [find["cv", name].simulation for name in network.names]
    synchronies = [measured[name]["synchrony"].mean for name in network.names]
    floor = [1 / np.sqrt(min(size, SAMPLE)) for size in network.sizes]
    synchronous = np.nanmax(np.array(synchronies) / floor)
    if synchronous > 3:
        notes.append(
            f"The population's activity fluctuates {synchronous:.1f} times as much as that of independent neurons "
            "(1/sqrt(N)): theory describes the stationary state of independent neurons, which is an approximation "
            "here, or is not stable."
        )
    excess = max(
        find["sigma", name].simulation / float(np.sqrt(variance)) - 1
        for name, variance in zip(network.names, _independent_variance(network, find), strict=True)
    )
    if excess > 0.01 and "sigma" in deviating:
        notes.append(
            f"sigma is {100 * excess:.1f}% above what independent trains of the simulated rates would give: spikes "
            "that arrive in the same time step add variance."
        )
    if np.nanmax(np.abs(np.square(cvs) - 1)) > 0.1 and deviating & {"cv", "rate"}:
        notes.append(
            f"The spike trains that neurons receive are not Poisson: CV² is {np.nanmin(np.square(cvs)):.2f} to "
            f"{np.nanmax(np.square(cvs)):.2f}, so that their slow fluctuations are about that fraction of the white "
            "noise that theory assumes. Input that is quieter than white makes a neuron fire more regularly, noisier "
            "input less (a self-consistent, coloured spectrum would account for it)."
        )
    sigmas = np.array([find["sigma", name].simulation for name in network.names])
    largest = np.abs(network.weight).max(axis=1) / mV / sigmas
    distance = [
        (neuron.v_th / mV - find["mu", name].simulation) / sigma
        for neuron, name, sigma in zip(network.neurons, network.names, sigmas, strict=True)
    ]
    if deviating & {"rate", "cv"} and np.nanmax(np.array(distance) * largest) > 0.05:
        notes.append(
            f"Spikes are jumps of up to {np.nanmax(largest):.2f} sigma while threshold is {np.nanmax(distance):.1f} "
            "sigma above the mean: at low rates the diffusion limit (infinitely many, infinitely small jumps) is "
            "least exact."
        )
    return notes


def _independent_variance(network: mf.Network, find: dict[tuple[str, str], Row]) -> Any:
    """sigma² of Poisson trains at the simulated rates, (P,) [mV²]."""
    simulated = np.array([find["rate", name].simulation for name in network.names])
    return (network.input_moments(simulated)[1] / mV) ** 2


def _compare_steps(network: mf.Network, coarse: list[Any], fine: list[Any], dt: float) -> str:
    words = []
    for i, name in enumerate(network.names):
        a = statistics.Estimate.of([trial["rate"][i] for trial in coarse])
        b = statistics.Estimate.of([trial["rate"][i] for trial in fine])
        words.append(f"{name} {a} to {b} Hz")
    return f"Time step {dt / ms:g} to {dt / 2 / ms:g} ms changes the rate: " + ", ".join(words)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_nan(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
