"""Theory against simulation: `cross_validate` and its table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check_whole
from meanfield.units import ms, mV
from validation import statistics
from validation.notes import Findings, explain
from validation.simulation import Simulation, draw_seeds
from validation.sweep import simulate_many

UNITS = {"rate": "Hz", "mu": "mV", "sigma": "mV", "cv": "1"}


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
        return json.dumps(without_nan(self.to_dict()), indent=2)

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
    ValueError, TypeError
        For fewer than 2 trials, or no whole number of them, and as of `simulate`.
    meanfield.ConvergenceError
        If there is no state to compare with.
    """
    trials = check_whole("trials", trials, at_least=2)  # for a standard error
    state = mf.solve(network)
    seeds = draw_seeds(rng, 2)

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
    by_name = {(row.prediction, row.population): row for row in rows}
    notes = explain(Findings(network=network, rows=by_name, measured=measured, duration=duration, dt=dt))
    if check_dt:
        notes += (_compare_steps(network, found, run(dt / 2, seeds[1]), dt),)
    return Report(
        network=network,
        rows=tuple(rows),
        measured=measured,
        notes=notes,
        duration=duration,
        trials=trials,
        dt=dt,
    )


def summarise(simulation: Simulation) -> dict[str, list[float]]:
    """Everything that a report says of a run, by population."""
    summary = {"mu": [float(mu.mean()) / mV for mu in simulation.mu]}
    summary["sigma"] = [float(np.sqrt((sigma**2).mean())) / mV for sigma in simulation.sigma]
    by_population = [
        statistics.of_trains(times, indices, size, simulation.duration)
        for times, indices, size in zip(simulation.times, simulation.indices, simulation.network.sizes, strict=True)
    ]
    return {name: [found[name] for found in by_population] for name in by_population[0]} | summary


def _compare_steps(network: mf.Network, coarse: list[Any], fine: list[Any], dt: float) -> str:
    words = []
    for i, name in enumerate(network.names):
        a = statistics.Estimate.of([trial["rate"][i] for trial in coarse])
        b = statistics.Estimate.of([trial["rate"][i] for trial in fine])
        words.append(f"{name} {a} to {b} Hz")
    return f"Time step {dt / ms:g} to {dt / 2 / ms:g} ms changes the rate: " + ", ".join(words)


def without_nan(value: Any) -> Any:
    """Replace what is not finite by None, which JSON has a word for."""
    if isinstance(value, dict):
        return {k: without_nan(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
