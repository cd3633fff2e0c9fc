"""Networks of spiking neurons: solve them, simulate them with Brian2, and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import meanfield as mf
from meanfield._validate import check_known, check_whole
from meanfield.units import ms
from validation import statistics
from validation.crossvalidation import cross_validate
from validation.notes import Findings
from validation.predictions import state, tightness
from validation.report import Report, Row
from validation.results import Simulation
from validation.simulation import draw_seeds
from validation.sweep import simulate_many

Values = Mapping[str, Sequence[float | None]]  # one number a population, by quantity; None where it has no meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """A set of quantities that theory and a run both have; a file of this package each.

    Attributes
    ----------
    units : dict of str
        Unit of each quantity, in the order of the table; "1" of pure numbers.
    theory, measure : callable
        Of a `meanfield.FixedPoint` and of a `validation.Simulation`: its quantities, (P,) each. `measure` may have
        others, which `measured` names: they are shown without a prediction.
    explain : callable, optional
        Notes from a `validation.notes.Findings`.
    currents : int
        Neurons of each population whose currents `measure` needs recorded.
    """

    units: Mapping[str, str]
    theory: Callable[[mf.FixedPoint], Values]
    measure: Callable[[Simulation], Values]
    measured: Sequence[str] = ()
    explain: Callable[[Any], tuple[str, ...]] | None = None
    currents: int = 0


PREDICTIONS = {
    "state": Predictions(
        units=state.UNITS,
        theory=state.theory,
        measure=state.measure,
        measured=state.MEASURED,
        explain=state.explain,
    ),
    "tightness": Predictions(
        units=tightness.UNITS,
        theory=tightness.theory,
        measure=tightness.measure,
        currents=tightness.SAMPLED,
    ),
}


@cross_validate.register
def cross_validate_network(
    network: mf.Network,
    *,
    predictions: Sequence[str] = ("state",),
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
    predictions : sequence of str
        Names of `PREDICTIONS`.
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
        For fewer than 2 trials, or no whole number of them, for unknown predictions, and as of `simulate`.
    meanfield.ConvergenceError
        If there is no state to compare with.
    """
    trials = check_whole("trials", trials, at_least=2)  # for a standard error
    if isinstance(predictions, str) or not predictions:
        raise ValueError(f"predictions must be names such as ('state',), got {predictions!r}")
    check_known("predictions", predictions, PREDICTIONS)
    chosen = [PREDICTIONS[name] for name in predictions]
    fp = mf.solve(network)
    seeds = draw_seeds(rng, 2)

    def run(step: float, seed: int) -> list[dict[str, Any]]:
        return simulate_many(
            [network] * trials,
            summary=partial(_summary, chosen),
            duration=duration,
            warmup=warmup,
            dt=step,
            rng=seed,
            currents=max(one.currents for one in chosen),
            processes=processes,
            progress=progress,
        )

    found = run(dt, seeds[0])
    rows, measured = [], {population: {} for population in network.names}
    for one in chosen:
        theory = one.theory(fp)
        for name, unit in one.units.items():
            for i, population in enumerate(network.names):
                if theory[name][i] is None:
                    continue
                trial_values = [trial[name][i] for trial in found]
                rows.append(Row.of(name, theory[name][i], trial_values, population=population, unit=unit))
        for i, population in enumerate(network.names):
            for name in one.measured:
                measured[population][name] = statistics.Estimate.of([trial[name][i] for trial in found])
    findings = Findings(
        network=network,
        rows={(row.prediction, row.population): row for row in rows},
        measured=measured,
        duration=duration,
        dt=dt,
    )
    notes = tuple(note for one in chosen if one.explain is not None for note in one.explain(findings))
    if check_dt:
        notes += (_compare_steps(network, found, run(dt / 2, seeds[1]), dt),)
    return Report(
        title=f"{network.label}: {trials} trials of {duration:g} s, dt = {dt / ms:g} ms",
        settings={"network": network.label, "duration": duration, "trials": trials, "dt": dt},
        rows=tuple(rows),
        measured={population: words for population, words in measured.items() if words},
        notes=notes,
    )


def _summary(chosen: Sequence[Predictions], simulation: Simulation) -> dict[str, Sequence[float | None]]:
    """Everything that a report says of a run, by population; the rate is always there."""
    summary: dict[str, Sequence[float | None]] = {"rate": simulation.rate.tolist()}
    for one in chosen:
        summary.update(one.measure(simulation))
    return summary


def _compare_steps(network: mf.Network, coarse: list[Any], fine: list[Any], dt: float) -> str:
    words = []
    for i, name in enumerate(network.names):
        a = statistics.Estimate.of([trial["rate"][i] for trial in coarse])
        b = statistics.Estimate.of([trial["rate"][i] for trial in fine])
        words.append(f"{name} {a} to {b} Hz")
    return f"Time step {dt / ms:g} to {dt / 2 / ms:g} ms changes the rate: " + ", ".join(words)
