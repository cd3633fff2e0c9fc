"""What a population's rate says of an oscillation: its variance in a band, its resonance, how they scale with N.

Near a supercritical Hopf point the critical mode z of a network of N neurons obeys

    z' = (a + i omega) z - b |z|² z + noise of intensity 1/N,

so that I = |z|² has the stationary density exp(N (a I - b I²/2)) on I > 0, up to units: a Gaussian cut off at 0. Its
mean falls as 1/N below the line (a < 0), as 1/sqrt(N) on it, and tends to a/b above it. That is what the boundary is
read from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares, minimize
from scipy.special import log_ndtr

from meanfield._validate import FloatArray
from validation.statistics import Estimate

CRITICAL_EXPONENT = 0.5  # of N, in the variance at the Hopf point
DRAWS = 2000  # of the measured variances, for the error of the crossing


def chi(times: FloatArray, indices: Any, n_neurons: int, duration: float, window: float) -> float:
    """`statistics.synchrony` of the counts in windows of all neurons, without their matrix of counts."""
    n_windows = int(np.floor(duration / window + 1e-9))
    bins = np.floor(times / window + 1e-6).astype(np.int64)
    inside = bins < n_windows
    neurons, bins = np.asarray(indices)[inside].astype(np.int64), bins[inside]
    _, counts = np.unique(neurons * n_windows + bins, return_counts=True)
    single = (counts.astype(float) ** 2).sum() / n_windows / n_neurons
    single -= np.mean((np.bincount(neurons, minlength=n_neurons) / n_windows) ** 2)
    common = (np.bincount(bins, minlength=n_windows) / n_neurons).var()
    return float(np.sqrt(common / single)) if single > 0 else math.nan


def segment_spectra(counts: FloatArray, n_neurons: int, bin_width: float, segment: float) -> tuple[FloatArray, Any]:
    """Spectra of a population's rate, each of one segment.

    Parameters
    ----------
    counts : (n,) array
        Spikes of all neurons in bins.
    n_neurons : int
    bin_width, segment : float
        [s]

    Returns
    -------
    frequency : (m,) array
        [Hz], without 0.
    power : (segments, m) array
        Two-sided [Hz], corrected for the width of the bins; ValueError if not even one segment fits.
    """
    n = round(segment / bin_width)
    if not 2 <= n <= counts.size:
        raise ValueError(f"segment must hold 2 bins and fit in the data, got {segment} s")
    pieces = counts[: counts.size // n * n].reshape(-1, n) / n_neurons
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    f = np.fft.rfftfreq(n, bin_width)[1:]
    power = np.abs(np.fft.rfft(pieces, axis=1)[:, 1:]) ** 2 / segment
    return f, power / np.sinc(f * bin_width) ** 2


def band_variance(f: FloatArray, power: FloatArray, floor: float, band: tuple[float, float]) -> Any:
    """Variance [Hz²] of the rate at frequencies within `band` [Hz] of either sign, above a flat `floor` [Hz]; (...)."""
    inside = (f >= band[0]) & (f <= band[1])
    return 2.0 * (power[..., inside] - floor).sum(axis=-1) * (f[1] - f[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Resonance:
    """A noisy focus fitted to a spectrum.

    Attributes
    ----------
    peak, peak_error : float
        Frequency at which the fitted spectrum is largest, with its standard error [Hz]; NaN if it has no peak.
    damping, damping_error : float
        -Re s of the focus [1/s]: what `-rightmost.real` is in theory; not below what the segments resolve.
    """

    peak: float
    peak_error: float
    damping: float
    damping_error: float


def fit_resonance(f: FloatArray, power: FloatArray, n_segments: int, band: tuple[float, float]) -> Resonance:
    """Fit S = (a + b w²)/((w0² - w²)² + 4 gamma² w²) + c, any spectrum of a noisy focus in noise, within a band.

    By Whittle's likelihood, in which each bin is exponentially distributed about S.

    Parameters
    ----------
    f : (m,) array
        [Hz]
    power : (m,) array
        Mean over segments.
    n_segments : int
        How many went into it.
    band : (float, float)
        [Hz]
    """
    inside = (f >= band[0]) & (f <= band[1])
    f, power = f[inside], power[inside]
    unit = power.mean()
    smooth = np.convolve(power, np.ones(5) / 5, "same")
    middle = float(f[smooth.argmax()])
    x, y = (f / middle) ** 2, power / unit

    def log_model(q: FloatArray) -> FloatArray:
        a, b, c, w2, damping2 = np.exp(q)
        return np.log((a + b * x) / ((w2 - x) ** 2 + 4.0 * damping2 * x) + c)

    def loss(q: FloatArray) -> float:
        model = log_model(q)
        return float(n_segments * np.sum(model + y * np.exp(-model)))

    fits = []
    for width in (0.02, 0.08, 0.3):
        height = smooth.max() / unit * 4 * width**2
        start = np.log([height / 2, height / 2, y.min() / 2 + 1e-3, 1.0, width**2])
        limits = [(v - 12, v + 12) for v in start[:3]] + [(-1.4, 1.4), (-14.0, 0.0)]
        fits.append(minimize(loss, start, method="L-BFGS-B", bounds=limits))
    best = min(fits, key=lambda fit: fit.fun).x
    jacobian = _derivative(log_model, best)
    covariance = np.linalg.pinv(n_segments * jacobian.T @ jacobian)

    def answers(q: FloatArray) -> FloatArray:
        return np.array([middle * _peak(np.exp(q)), 2.0 * math.pi * middle * math.exp(0.5 * q[4])])

    peak, damping = answers(best)
    slopes = _derivative(answers, best)
    errors = np.sqrt(np.diag(slopes @ covariance @ slopes.T))
    return Resonance(peak=peak, peak_error=errors[0], damping=damping, damping_error=errors[1])


def _peak(q: FloatArray) -> float:
    """Where (a + b x)/((w2 - x)² + 4 d2 x) is largest, as sqrt(x); NaN if at x = 0."""
    a, b, _, w2, d2 = q
    p, r = 4.0 * d2 - 2.0 * w2, w2**2
    if b * r <= a * p:
        return math.nan
    return math.sqrt((b * r - a * p) / (a + math.sqrt(a * a - b * (a * p - b * r))))


def _derivative(function: Any, q: FloatArray) -> FloatArray:
    steps = 1e-4 * np.eye(q.size)
    return np.stack([(function(q + step) - function(q - step)) / 2e-4 for step in steps], axis=-1)


def scaling_exponent(sizes: FloatArray, variance: FloatArray, error: FloatArray) -> tuple[Any, Any]:
    """Exponent p of variance ~ N^-p over sizes (the last axis), and its standard error.

    1 where neurons fire asynchronously, 1/2 on the Hopf line, 0 where the network oscillates.
    """
    weight = (variance / error) ** 2  # of a logarithm
    x, y = np.log(sizes), np.log(variance)
    x = x - (weight * x).sum(-1, keepdims=True) / weight.sum(-1, keepdims=True)
    norm = (weight * x**2).sum(-1)
    return -(weight * x * y).sum(-1) / norm, norm**-0.5


def crossing(
    parameter: FloatArray, sizes: FloatArray, variance: FloatArray, error: FloatArray, rng: Any = 1
) -> Estimate:
    """Value of a parameter where the exponent passes 1/2, the first from the stable side, where the list begins.

    Its error is the spread over variances drawn about the measured ones; NaN if half of them or more do not cross.

    Parameters
    ----------
    parameter : (n,) array
        From the stable to the oscillating side.
    sizes : (m,) array
    variance, error : (n, m) arrays
    """
    rng = np.random.default_rng(rng)
    found = []
    for _ in range(DRAWS):
        drawn = variance * np.exp(error / variance * rng.standard_normal(variance.shape))
        above = scaling_exponent(sizes, drawn, error)[0] - CRITICAL_EXPONENT
        below = np.flatnonzero(above < 0)
        if below.size and below[0] > 0:
            k = below[0]
            share = above[k - 1] / (above[k - 1] - above[k])
            found.append(parameter[k - 1] + share * (parameter[k] - parameter[k - 1]))
    if len(found) <= DRAWS / 2:
        return Estimate(math.nan, math.nan)
    return Estimate(float(np.median(found)), float(np.std(found)))


def mean_intensity(a: Any, b: Any, n: Any) -> Any:
    """Mean of I > 0 under exp(n (a I - b I²/2)): 1/(n |a|) far below the line, a/b far above it.

    >>> round(float(mean_intensity(-1.0, 1e-9, 50.0)), 6), round(float(mean_intensity(1.0, 2.0, 1e6)), 6)
    (0.02, 0.5)
    """
    z = np.asarray(a) * np.sqrt(n / b)
    hazard = np.exp(-0.5 * z**2 - 0.5 * math.log(2.0 * math.pi) - log_ndtr(z))
    with np.errstate(divide="ignore"):
        far = -1.0 / z * (1.0 - 2.0 / z**2)  # z + hazard cancels there
    return np.where(z < -1e3, far, z + hazard) / np.sqrt(n * b)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalForm:
    """The normal form fitted to intensities: where a(parameter) = 0, and how well the fit describes them.

    `error` is that of the fit times sqrt(chi2/freedom) where this exceeds 1: what the three numbers of the normal form
    do not describe counts as noise.
    """

    boundary: float
    error: float
    chi2: float
    freedom: int


def fit_normal_form(parameter: FloatArray, noise: FloatArray, intensity: FloatArray, error: FloatArray) -> NormalForm:
    """Fit `mean_intensity` with a = slope (parameter - boundary) and constant b.

    Parameters
    ----------
    parameter, intensity, error : (n,) arrays
    noise : (n,) array
        What n is proportional to: the number of neurons over the strength of one's noise.
    """
    unit, relative = 1.0 / noise.mean(), error / intensity  # keeps the numbers near 1
    low, high = parameter.min(), parameter.max()

    def residual(q: FloatArray) -> FloatArray:
        a = q[0] * (parameter - q[1]) / (high - low)
        return (np.log(mean_intensity(a, math.exp(q[2]), noise * unit) / intensity)) / relative

    starts = [(s, m, c) for s in (-30.0, -3.0, 3.0, 30.0) for m in (low, (low + high) / 2, high) for c in (-1.0, 1.0)]
    fits = [least_squares(residual, start, x_scale=[5.0, high - low, 1.0]) for start in starts]
    best = min(fits, key=lambda fit: fit.cost)
    freedom = parameter.size - 3
    scatter = max(1.0, 2 * best.cost / freedom)
    covariance = np.linalg.pinv(best.jac.T @ best.jac) * scatter
    return NormalForm(
        boundary=float(best.x[1]), error=float(np.sqrt(covariance[1, 1])), chi2=float(2 * best.cost), freedom=freedom
    )
