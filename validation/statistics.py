"""Statistics of spike trains, vectorised over neurons.

Spikes are given as `times` [s], ascending within [0, duration), and `indices`, the neuron of each. Neurons without
enough spikes are left out, never counted as zero; what is measured by neuron has one entry for each that is left.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray

MIN_INTERVALS = 5  # inter-spike intervals that a neuron needs to enter an average
SAMPLE = 1000  # neurons for counts and correlations
COUNT_WINDOW = 0.005  # s, for correlation and synchrony
LONG_WINDOWS = 5  # equal parts of the time, for the Fano factor


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error over trials or blocks; the error is NaN for a single one."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: Any) -> Estimate:
        """From independent values, those that are NaN (nothing to measure) left out."""
        values = np.asarray(values, dtype=float)
        values = values[np.isfinite(values)]
        if values.size == 0:
            return cls(float("nan"), float("nan"))
        error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else float("nan")
        return cls(float(values.mean()), float(error))

    def __str__(self) -> str:
        return f"{self.mean:.4g} ± {self.error:.2g}" if np.isfinite(self.error) else f"{self.mean:.4g}"


@dataclass(frozen=True, slots=True)
class Intervals:
    """Inter-spike intervals [s] of all neurons, neuron by neuron, in the order of time."""

    lengths: FloatArray
    neurons: Any

    @classmethod
    def of(cls, times: FloatArray, indices: Any) -> Intervals:
        """Collect them from spikes that ascend in time."""
        order = np.argsort(indices, kind="stable")
        times, neurons = times[order], np.asarray(indices)[order]
        same = neurons[1:] == neurons[:-1]
        return cls(np.diff(times)[same], neurons[1:][same])


def rates(indices: Any, n_neurons: int, duration: float) -> FloatArray:
    """Firing rate of each neuron, (n_neurons,) [Hz]."""
    return np.bincount(indices, minlength=n_neurons) / duration


def cvs(intervals: Intervals, n_neurons: int, min_intervals: int = MIN_INTERVALS) -> FloatArray:
    """Coefficient of variation of each neuron's intervals (population standard deviation over mean), (m,)."""
    count, mean = _means(intervals.lengths, intervals.neurons, n_neurons)
    deviations = (intervals.lengths - mean[intervals.neurons]) ** 2
    _, variance = _means(deviations, intervals.neurons, n_neurons)
    enough = count >= max(min_intervals, 1)
    return np.sqrt(variance[enough]) / mean[enough]


def cv2s(intervals: Intervals, n_neurons: int, min_intervals: int = MIN_INTERVALS) -> FloatArray:
    """CV2 of each neuron: mean of 2|I' - I|/(I' + I) over successive intervals (Holt et al. 1996), (m,)."""
    differences, sums, neurons = _successive(intervals)
    count, mean = _means(2 * np.abs(differences) / sums, neurons, n_neurons)
    return mean[count >= max(min_intervals - 1, 1)]


def lvs(intervals: Intervals, n_neurons: int, min_intervals: int = MIN_INTERVALS) -> FloatArray:
    """Local variation of each neuron: mean of 3 ((I' - I)/(I' + I))² (Shinomoto et al. 2003), (m,)."""
    differences, sums, neurons = _successive(intervals)
    count, mean = _means(3 * (differences / sums) ** 2, neurons, n_neurons)
    return mean[count >= max(min_intervals - 1, 1)]


def counts_in_windows(times: FloatArray, indices: Any, n_neurons: int, duration: float, window: float) -> FloatArray:
    """Spike counts, (n_neurons, number of whole windows)."""
    n_windows = int(np.floor(duration / window + 1e-9))
    bins = np.floor(times / window + 1e-9).astype(np.int64)
    inside = bins < n_windows
    flat = np.asarray(indices)[inside].astype(np.int64) * n_windows + bins[inside]
    return np.bincount(flat, minlength=n_neurons * n_windows).reshape(n_neurons, n_windows).astype(float)


def fano_factors(counts: FloatArray) -> FloatArray:
    """Variance over mean of each neuron's counts (of those that fire), (m,)."""
    mean = counts.mean(axis=1)
    firing = mean > 0
    return counts.var(axis=1)[firing] / mean[firing]


def pairwise_correlation(counts: FloatArray) -> float:
    """Mean Pearson correlation of the counts over all pairs of neurons whose counts vary."""
    varying = counts[counts.var(axis=1) > 0]
    n = len(varying)
    if n < 2:
        return float("nan")
    standard = (varying - varying.mean(axis=1, keepdims=True)) / varying.std(axis=1, keepdims=True)
    total = standard.sum(axis=0)  # sum over pairs without the matrix of all pairs
    return float((np.mean(total**2) - n) / (n * (n - 1)))


def synchrony(counts: FloatArray) -> float:
    """Golomb and Rinzel's chi: deviation of the mean count over that of single neurons; 1/sqrt(N) if independent."""
    single = counts.var(axis=1).mean()
    return float(np.sqrt(counts.mean(axis=0).var() / single)) if single > 0 else float("nan")


def population_rate(
    times: FloatArray, n_neurons: int, duration: float, bin_width: float
) -> tuple[FloatArray, FloatArray]:
    """Rate of a population in bins: (edges (n + 1,) [s], rate (n,) [Hz])."""
    edges = np.arange(int(np.floor(duration / bin_width + 1e-9)) + 1) * bin_width
    bins = np.floor(times / bin_width + 1e-6).astype(np.int64)
    counts = np.bincount(bins[bins < edges.size - 1], minlength=edges.size - 1)
    return edges, counts / n_neurons / bin_width


def rate_spectrum(rate: FloatArray, bin_width: float, segment: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Power spectrum of a population's rate by Welch's method without overlap.

    Parameters
    ----------
    rate : (n,) array
        In bins of `bin_width` [s], as `population_rate` gives.
    segment : float
        Length of a segment [s].

    Returns
    -------
    frequency : (m,) array
        [Hz]
    power : (m,) array
        Two-sided density [Hz]; N independent Poisson trains of rate nu give nu/N.
    error : (m,) array
        Standard error over segments [Hz].
    """
    n = round(segment / bin_width)
    if not 2 <= n <= rate.size // 2:
        raise ValueError(f"segment must hold 2 bins and fit in the data twice, got {segment} s")
    pieces = rate[: rate.size // n * n].reshape(-1, n)
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(pieces, axis=1) * bin_width) ** 2 / segment
    error = power.std(axis=0, ddof=1) / np.sqrt(len(pieces))
    return np.fft.rfftfreq(n, bin_width)[1:], power.mean(axis=0)[1:], error[1:]


def of_trains(times: FloatArray, indices: Any, n_neurons: int, duration: float) -> dict[str, float]:
    """Every statistic of a population that is one number, its mean over neurons; NaN where there is nothing to measure.

    rate [Hz], cv, CV2, LV; Fano factor in windows of a fifth of the time; pairwise correlation and synchrony of counts
    in 5 ms. The last three are of the first 1000 neurons.
    """
    intervals = Intervals.of(times, indices)
    sample = min(n_neurons, SAMPLE)
    times_of_sample, indices_of_sample = times[indices < sample], indices[indices < sample]

    def counts(window: float) -> FloatArray:
        return counts_in_windows(times_of_sample, indices_of_sample, sample, duration, window)

    unbiased = LONG_WINDOWS / (LONG_WINDOWS - 1)
    short = counts(min(COUNT_WINDOW, duration / LONG_WINDOWS))
    return {
        "rate": float(rates(indices, n_neurons, duration).mean()),
        "cv": _mean(cvs(intervals, n_neurons)),
        "CV2": _mean(cv2s(intervals, n_neurons)),
        "LV": _mean(lvs(intervals, n_neurons)),
        "Fano factor": _mean(fano_factors(counts(duration / LONG_WINDOWS))) * unbiased,
        "correlation": pairwise_correlation(short),
        "synchrony": synchrony(short),
    }


def over_blocks(
    times: FloatArray, indices: Any, n_neurons: int, duration: float, n_blocks: int = 10
) -> dict[str, Estimate]:
    """As `of_trains`, with standard errors over equal blocks of time, for a single run.

    The means are those of the whole run, since short trains bias the CV; blocks should be longer than what is
    correlated in time.
    """
    if n_blocks < 2:
        raise ValueError(f"n_blocks must be at least 2 for a standard error, got {n_blocks}")
    length = duration / n_blocks
    ends = np.searchsorted(times, np.arange(n_blocks + 1) * length)
    blocks = [
        of_trains(times[a:b] - k * length, indices[a:b], n_neurons, length)
        for k, (a, b) in enumerate(itertools.pairwise(ends))
    ]
    whole = of_trains(times, indices, n_neurons, duration)
    return {name: Estimate(mean, Estimate.of([block[name] for block in blocks]).error) for name, mean in whole.items()}


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _means(values: FloatArray, groups: Any, n: int) -> tuple[Any, FloatArray]:
    """Count and mean of the values of each group; the mean of none is 0."""
    count = np.bincount(groups, minlength=n)
    return count, np.bincount(groups, weights=values, minlength=n) / np.maximum(count, 1)


def _successive(intervals: Intervals) -> tuple[FloatArray, FloatArray, Any]:
    """Differences and sums of successive intervals of the same neuron, and the neuron."""
    same = intervals.neurons[1:] == intervals.neurons[:-1]
    after, before = intervals.lengths[1:][same], intervals.lengths[:-1][same]
    return after - before, after + before, intervals.neurons[1:][same]
