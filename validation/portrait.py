"""Portrait of a simulated network, beside that of theory (`meanfield.portrait`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check_whole
from meanfield.balance.conditions import Condition
from meanfield.balance.portrait import Portrait, common_criteria, mean_over_neurons, verdict_of
from validation import rhythm, statistics
from validation.results import Simulation
from validation.sweep import simulate_many

BIN = 5e-4  # s, of the rate of all neurons: fast oscillations have periods of 3 ms
SEGMENT = 0.25  # s, of its spectrum
# Relative amplitude of the rate: at 1 its troughs reach 0. Measured in Brunel's network of 12,500 neurons: 0.73 in the
# stable state (g, eta) = (5, 2), and 1.27, 2.0 and 2.9 in the oscillating ones (6, 4), (3, 2) and (4.5, 0.9).
SYNCHRONOUS = 1.0


def portrait(
    network: mf.Network,
    *,
    duration: float = 1.0,
    warmup: float = 0.3,
    trials: int = 2,
    dt: float = 1e-4,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> Portrait:
    """Portrait of a network as simulated, with standard errors over trials.

    It is irregular as in theory, by the mean CV. It is synchronous if the rate of all neurons, in bins of 0.5 ms, is
    modulated by 1 or more: sqrt(2 V)/nu, with V its variance above that of independent Poisson trains, is the
    amplitude of a sinusoid of that variance. A finite network that is stable is modulated too, the more the closer it
    is to an instability and the fewer neurons it has.

    Parameters
    ----------
    network : meanfield.Network
    trials : int
        Independent runs, two at least for errors.
    duration, warmup, dt, rng, processes, store, progress
        As of `simulate_many`.

    Returns
    -------
    meanfield.balance.Portrait
        Statistics as of `statistics.of_trains`.

    Raises
    ------
    ValueError
        For fewer than two trials, for less than two segments of 0.25 s, for neurons that do not fire often enough to
        have a CV, and as of `simulate`.
    """
    trials = check_whole("trials", trials, at_least=2)
    if not duration >= 2 * SEGMENT:
        raise ValueError(f"duration must be at least {2 * SEGMENT:g} s, two segments of the spectrum, got {duration} s")
    found = simulate_many(
        [network] * trials,
        summary=summarise,
        duration=duration,
        warmup=warmup,
        dt=dt,
        rng=rng,
        processes=processes,
        store=store,
        progress=progress,
    )
    names = list(found[0]["trains"][0])
    estimates = {
        name: [statistics.Estimate.of([one["trains"][i][name] for one in found]) for i in range(len(network.names))]
        for name in names
    }
    known = {name: row for name, row in estimates.items() if all(math.isfinite(e.mean) for e in row)}
    if "cv" not in known:
        raise ValueError(f"{network.label} fires too rarely for a CV in {duration} s; simulate longer")
    values = {name: np.array([e.mean for e in row]) for name, row in known.items()}
    modulation = statistics.Estimate.of([one["modulation"] for one in found])
    asynchronous = Condition(
        name="asynchronous",
        inequality=f"{SYNCHRONOUS:g} > amplitude of the population rate over its mean",
        left=SYNCHRONOUS,
        right=modulation.mean,
        unit="1",
        kind="asynchronous",
    )
    rate, cv = (mean_over_neurons(network, values[name]) for name in ("rate", "cv"))
    criteria = (asynchronous, *common_criteria(rate, cv, "CV"))
    f, power = found[0]["frequency"], np.mean([one["power"] for one in found], axis=0)
    inside = (f >= 8.0) & (f <= 500.0)  # two steps of frequency and more
    return Portrait(
        network=network,
        source="simulation",
        values=values,
        errors={name: np.array([e.error for e in row]) for name, row in known.items()},
        peak=float(f[inside][power[inside].argmax()]),
        verdict=verdict_of(criteria),
        criteria=criteria,
    )


def summarise(simulation: Simulation) -> dict[str, Any]:
    """Statistics of each population, and spectrum and modulation of the rate of all neurons."""
    sizes, duration = simulation.network.sizes, simulation.duration
    trains = [
        statistics.of_trains(times, indices, size, duration)
        for times, indices, size in zip(simulation.times, simulation.indices, sizes, strict=True)
    ]
    n = sum(sizes)
    _, rate = statistics.population_rate(np.concatenate(simulation.times), n, duration, BIN)
    f, power = rhythm.segment_spectra(rate * n * BIN, n, BIN, SEGMENT)
    mean = rate.mean()
    excess = rate.var() - mean / n / BIN
    modulation = math.sqrt(2.0 * max(excess, 0.0)) / mean if mean > 0.0 else 0.0
    return {"trains": trains, "frequency": f, "power": power.mean(axis=0), "modulation": modulation}
