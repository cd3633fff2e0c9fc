"""Integrals over frequency of spectra seen through a window: what counts in windows and bins covary by.

Counts in windows of length w that begin at t + tau and at t have the covariance w² c_w(tau), with

    c_w(tau) = integral of S(f) sinc²(pi f w) e^{2 pi i f tau} df,

so correlations in windows (tau = 0) and correlation functions in bins are one integral. Where the response has an
instantaneous part S does not vanish at high frequency, and the window alone makes the integral converge, as 1/f².
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from meanfield._validate import FloatArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
# The last two coefficients in Legendre polynomials, which tell whether the panel resolves what it integrates.
_LAST = (np.polynomial.legendre.legvander(_NODES, 15)[:, -2:] * [14.5, 15.5]).T * _WEIGHTS
_HIGHEST = 60.0  # in units of 1/window: left out is a share 1/(pi² 60) of the instantaneous part
_RESOLUTION, _RESONANT = 100.0, 5000.0  # Hz: the widest first panel, and up to where
_WAVES = 1.5  # in a panel, at most
_PANELS_A_DECADE = 8  # of the tail
_TOLERANCE = 1e-5  # of the largest integral, for those coefficients; what the rule leaves is far smaller
_MOST_HALVINGS = 30
_CHUNK = 4096  # frequencies at a time

Spectrum = Callable[[FloatArray], Any]  # f (n,) [Hz] -> (n, m)


def seen_through_window(spectrum: Spectrum, lags: FloatArray, window: float, fastest: float, top: float) -> FloatArray:
    """c_w of spectra that are conjugate at -f, at each lag.

    Parameters
    ----------
    spectrum : callable
        Spectra (n, m) at frequencies (n,) [Hz].
    lags : (k,) array
        [s]
    window : float
        w [s].
    fastest : float
        Longest time [s] that is in the phase of the spectra, besides the lags: their delays.
    top : float
        Highest frequency [Hz] at which the spectra are known.

    Returns
    -------
    (k, m) array
        To about 1e-6 of the largest; at lags other than 0 and `window` plus 0.1% of what the spectra keep at high
        frequency over `window`.
    """
    highest = min(_HIGHEST / window, top)
    order = np.argsort(np.abs(lags))
    longest = max(float(np.abs(lags[order[-1]])) + window, fastest)
    low, wide = min(highest, _RESONANT), _WAVES / longest
    edges = np.linspace(0.0, low, max(2, math.ceil(low / min(_RESOLUTION, wide))) + 1)
    if highest > low:
        edges = np.concatenate([edges[:-1], np.linspace(low, highest, math.ceil((highest - low) / wide) + 1)])

    def waves(f: FloatArray) -> Any:
        return np.sinc(f * window)[:, None] ** 2 * np.exp(2j * np.pi * f[:, None] * lags[order])

    body = _integral(spectrum, waves, edges)[np.argsort(order)]
    # Beyond, with e(t) = e^{2 pi i f t}, the weight is (2 e(tau) - e(tau + w) - e(tau - w))/(2 pi f w)²: of that counts
    # what does not oscillate.
    steady = 2.0 * np.isclose(lags, 0.0, atol=1e-9 * window) - 1.0 * np.isclose(np.abs(lags), window, rtol=1e-9)
    if steady.any() and highest < top:
        edges = np.geomspace(highest, top, math.ceil(_PANELS_A_DECADE * math.log10(top / highest)) + 2)
        tail = _integral(spectrum, lambda f: (2.0 * np.pi * f[:, None] * window) ** -2.0, edges, np.abs(body).max())
        body = body + steady[:, None] * tail
    return np.asarray(2.0 * body, dtype=float)


def _integral(spectrum: Spectrum, weights: Callable[[FloatArray], Any], edges: FloatArray, scale: float = 0.0) -> Any:
    """Real part of the integral of weights (n, k) times spectra (n, m) over f > 0, (k, m): panels, halved where rough.

    `scale` is the least that errors are relative to.
    """
    left, right = edges[:-1], edges[1:]
    total: Any = 0.0
    for _ in range(_MOST_HALVINGS):
        integrals, errors = _panels(spectrum, weights, left, right)
        largest = max(np.abs(total + integrals.sum(axis=0)).max(), scale)
        rough = errors > _TOLERANCE * largest
        total = total + integrals[~rough].sum(axis=0)
        if not rough.any():
            return total
        middle = 0.5 * (left + right)[rough]
        left, right = np.concatenate([left[rough], middle]), np.concatenate([middle, right[rough]])
    raise ValueError(
        f"the spectra could not be integrated near {float(left[0]):.6g} Hz: is the state at an instability?"
    )


def _panels(
    spectrum: Spectrum, weights: Callable[[FloatArray], Any], left: FloatArray, right: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Integrals over panels by Gauss and Legendre's rule, (panels, k, m), and their errors, (panels,).

    The errors are those of the first and of the last weight, which are the slowest and the fastest.
    """
    per_chunk = max(1, _CHUNK // _NODES.size)
    integrals, errors = [], []
    for a in range(0, left.size, per_chunk):
        middle, half = 0.5 * (right + left)[a : a + per_chunk], 0.5 * (right - left)[a : a + per_chunk]
        f = (middle[:, None] + half[:, None] * _NODES).reshape(-1)
        weight = np.asarray(weights(f), dtype=complex).reshape(middle.size, _NODES.size, -1) * half[:, None, None]
        values = np.asarray(spectrum(f)).reshape(middle.size, _NODES.size, -1)
        integrals.append(_real_sum(weight * _WEIGHTS[:, None], values))
        probed = weight[:, :, [0, -1]]
        last = [np.abs(_real_sum(probed * row[:, None], values)).max(axis=(1, 2)) for row in _LAST]
        errors.append(np.maximum(*last))
    return np.concatenate(integrals), np.concatenate(errors)


def _real_sum(weight: Any, values: Any) -> Any:
    """Re sum over nodes of weights (panels, nodes, k) times values (panels, nodes, m), (panels, k, m)."""
    left = np.concatenate([weight.real, -weight.imag], axis=1).swapaxes(1, 2)
    return np.ascontiguousarray(left) @ np.concatenate([values.real, values.imag], axis=1)
