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

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_HIGHEST = 60.0  # in units of 1/window: left out is a share 1/(pi² 60) of the instantaneous part
_RESOLUTION = 50.0  # Hz, the widest first panel
_TOLERANCE = 1e-6
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
        To 1e-6 of the largest, plus 0.2% of what the spectra keep at infinite frequency over `window`.
    """
    highest = min(_HIGHEST / window, top)
    longest = max(window, float(np.abs(lags).max(initial=0.0)) + window, fastest)
    width = min(_RESOLUTION, 1.0 / longest)  # a wave a panel of 8 nodes
    edges = np.linspace(0.0, highest, max(2, math.ceil(highest / width)) + 1)
    total = np.zeros((lags.size, 1))
    left, right = edges[:-1], edges[1:]
    coarse = _panels(spectrum, left, right, lags, window)
    for _ in range(_MOST_HALVINGS):
        middle = 0.5 * (left + right)
        first = _panels(spectrum, left, middle, lags, window)
        second = _panels(spectrum, middle, right, lags, window)
        fine = first + second
        scale = np.abs(total + fine.sum(axis=0)).max()
        rough = np.abs(fine - coarse).max(axis=(1, 2)) > _TOLERANCE * scale * (right - left) / highest + 1e-9 * scale
        total = total + fine[~rough].sum(axis=0)
        if not rough.any():
            break
        left, right = np.concatenate([left[rough], middle[rough]]), np.concatenate([middle[rough], right[rough]])
        coarse = np.concatenate([first[rough], second[rough]])
    else:
        total = total + coarse.sum(axis=0)
    return 2.0 * total


def _panels(spectrum: Spectrum, left: FloatArray, right: FloatArray, lags: FloatArray, window: float) -> FloatArray:
    """Integrals over each panel by Gauss and Legendre's rule, (panels, lags, m): the half of f > 0."""
    per_chunk = max(1, _CHUNK // _NODES.size)
    pieces = []
    for a in range(0, left.size, per_chunk):
        middle, half = 0.5 * (right + left)[a : a + per_chunk], 0.5 * (right - left)[a : a + per_chunk]
        f = (middle[:, None] + half[:, None] * _NODES).reshape(-1)
        values = np.asarray(spectrum(f))
        weights = (half[:, None] * _WEIGHTS).reshape(-1) * np.sinc(f * window) ** 2
        waves = weights[:, None] * np.exp(2j * np.pi * f[:, None] * lags)
        shaped = waves.reshape(middle.size, _NODES.size, -1).swapaxes(1, 2)
        pieces.append((shaped @ values.reshape(middle.size, _NODES.size, -1)).real)
    return np.concatenate(pieces)
