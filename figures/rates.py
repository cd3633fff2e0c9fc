"""What the figures of rate networks share: estimates over realisations of the couplings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from validation.lyapunov import lyapunov_spectrum
from validation.ratenetwork import RateNetwork, autocovariance, simulate_rates

DURATION = 100.0  # recorded, in time constants
DT = 0.2


def covariances(network: Callable[[int], RateNetwork], max_lag: float, *, realisations: int = 4) -> tuple[Any, Any]:
    """Lags, and the autocovariance of each realisation, (realisations, lags)."""
    found = []
    for seed in range(realisations):
        run = simulate_rates(network(seed), duration=DURATION, warmup=60.0, dt=DT, trials=4, rng=seed)
        lags, c = autocovariance(run, max_lag)
        found.append(c)
    return lags, np.array(found)


def mean_and_error(found: Any) -> tuple[Any, Any]:
    """Mean and standard error over realisations, the first axis."""
    return np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / len(found) ** 0.5


def exponent(network: Callable[[int], RateNetwork], *, realisations: int = 4) -> tuple[float, float]:
    """Mean and standard error over realisations of the largest Lyapunov exponent."""
    found = [
        lyapunov_spectrum(network(seed), count=1, duration=1.5 * DURATION, dt=DT, rng=seed).exponents[0]
        for seed in range(realisations)
    ]
    mean, error = mean_and_error(found)
    return float(mean), float(error)


def points(axes: Any, x: Any, means: Any, errors: Any, colour: str, label: str | None = None) -> None:
    """Simulated points with twice their standard error."""
    axes.errorbar(x, means, 2.0 * np.asarray(errors), fmt="o", color=colour, markersize=3.5, linewidth=0.9, label=label)
