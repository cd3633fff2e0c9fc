"""What the figures of rate networks share: estimates over realisations of the couplings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from validation.lyapunov import lyapunov_spectrum
from validation.ratenetwork import RateNetwork, autocovariance, simulate_rates


def covariances(
    network: Callable[[int], RateNetwork], max_lag: float, *, realisations: int = 4, duration: float = 100.0
):
    """Lags, and mean and standard error over realisations of the autocovariance."""
    found = []
    for seed in range(realisations):
        run = simulate_rates(
            network(seed),
            duration=max(duration, 3.0 * max_lag),
            warmup=60.0,
            dt=0.2,
            record_every=2,
            trials=4,
            rng=seed,
        )
        lags, c = autocovariance(run, max_lag)
        found.append(c)
    return lags, np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / realisations**0.5


def exponent(
    network: Callable[[int], RateNetwork], *, realisations: int = 4, duration: float = 150.0
) -> tuple[float, float]:
    """Mean and standard error over realisations of the largest Lyapunov exponent."""
    found = [
        lyapunov_spectrum(network(seed), count=1, duration=duration, dt=0.2, rng=seed).exponents[0]
        for seed in range(realisations)
    ]
    return float(np.mean(found)), float(np.std(found, ddof=1) / realisations**0.5)


def points(axes: Any, x: Any, means: Any, errors: Any, colour: str, label: str | None = None) -> None:
    """Simulated points with twice their standard error."""
    axes.errorbar(x, means, 2.0 * np.asarray(errors), fmt="o", color=colour, markersize=3.5, linewidth=0.9, label=label)
