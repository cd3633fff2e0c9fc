"""Slow fluctuations of single neurons' rates: their autocovariance, and how large and how slow they are.

The counts of neuron i are split as n_i(t) = n(t) + x_i(t), n(t) the mean over all neurons of the same kind. What the
population does together is in n; x_i is the neuron's own. Its autocovariance at lag t, over the squared rate,

    C(t) = <x_i(u) x_i(u + t)> / nu²,

has a part that decays, the fluctuations of the neuron's rate, and a plateau, the variance of rates over neurons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from meanfield._validate import FloatArray

BIN = 5e-3  # s
FIRST_LAG = 20e-3  # s; before, what a neuron's own last spike does
LAST_LAG = 0.25  # s
_TIMES = np.geomspace(5e-3, 0.2, 60)  # s, tried as time scales
_REFINEMENTS = 4


@dataclass(frozen=True, slots=True)
class Slowness:
    """Fit of A exp(-(t - 20 ms)/T) + B to C(t): A `variance`, T `time` [s], B `plateau`."""

    variance: float
    time: float
    plateau: float


def lags() -> FloatArray:
    """The lags of an autocovariance [s]: whole bins, from one to `LAST_LAG`."""
    return np.arange(1, round(LAST_LAG / BIN) + 1) * BIN


def autocovariance(counts: FloatArray) -> FloatArray:
    """C at `lags`, from counts (neurons, bins of `BIN`).

    The mean over time is not subtracted by neuron, so short recordings leave no bias but that of 1/neurons, for which
    the result is corrected.

    Raises
    ------
    ValueError
        For fewer than 2 neurons or too few bins.
    """
    n_neurons, n_bins = counts.shape
    last = lags().size
    if n_neurons < 2 or n_bins <= 2 * last:
        raise ValueError(f"counts must be of 2 neurons and {2 * last + 1} bins at least, got {counts.shape}")
    own = counts - counts.mean(axis=0)
    products = np.zeros(last)
    for part in np.array_split(own, max(1, n_neurons // 500)):  # the transforms of all would take much memory
        power = np.abs(np.fft.rfft(part, n_bins + last, axis=1)) ** 2
        products += np.fft.irfft(power.sum(axis=0), n_bins + last)[1 : last + 1]
    pairs = (n_bins - np.arange(1, last + 1)) * (n_neurons - 1)
    return products / pairs / counts.mean() ** 2


def autocovariance_of_spectrum(f: FloatArray, spectrum: FloatArray, rate: float) -> FloatArray:
    """C at `lags` of neurons with a spike-train spectrum [Hz] at frequencies from 0 in equal steps; no plateau."""
    weight = np.full(f.size, 2.0 * (f[1] - f[0]))
    weight[0] *= 0.5
    smoothed = weight * (spectrum - rate) * np.sinc(f * BIN) ** 2  # counts in bins
    return np.cos(2.0 * np.pi * np.outer(lags(), f)) @ smoothed / rate**2


def fit(covariance: FloatArray) -> Slowness:
    """Least squares over lags from `FIRST_LAG`; the time scale is between 5 and 200 ms."""
    seen = lags() >= FIRST_LAG - 0.5 * BIN
    t, values = lags()[seen] - FIRST_LAG, covariance[seen]

    def at(time: float) -> tuple[float, FloatArray]:
        columns = np.stack([np.exp(-t / time), np.ones_like(t)], axis=1)
        solution = np.linalg.lstsq(columns, values, rcond=None)[0]
        return float(((columns @ solution - values) ** 2).sum()), solution

    times = _TIMES
    for _ in range(_REFINEMENTS):
        k = int(np.argmin([at(time)[0] for time in times]))
        best = float(times[k])
        times = np.geomspace(times[max(k - 1, 0)], times[min(k + 1, times.size - 1)], 11)
    variance, plateau = at(best)[1]
    return Slowness(float(variance), best, float(plateau))
