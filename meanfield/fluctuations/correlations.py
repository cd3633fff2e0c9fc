"""Covariances of spike trains: by pair of populations, in windows and as functions of the lag.

In linear response the mean covariance of two different neurons of populations i and j is that of the population rates
without what a neuron shares with itself alone (Helias, Tetzlaff & Diesmann 2014): c_ij = C_ij - delta_ij S_i/N_i. It is
1/N, and a neuron's own spectrum is S_i + c_ii, so that N_i (S_i + c_ii) + N_i (N_i - 1) c_ii = N_i² C_ii.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fluctuations.coloured import ColouredSpectrum
from meanfield.fluctuations.integrals import seen_through_window
from meanfield.fluctuations.spectra import propagate, require_stable, single_spectra, transfer
from meanfield.response import ComplexArray, highest_frequency


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlations:
    """Covariances of spike counts in windows of length T, in linear response.

    Attributes
    ----------
    state : FixedPoint
        The state.
    window : float or None
        T [s]; None for T -> infinity.
    covariance : (P, P) array
        Mean covariance of the counts of two different neurons of populations i and j, over T [Hz].
    variance : (P,) array
        Variance of one neuron's count, over T [Hz].
    rate : (P,) array
        Rates of the neurons whose spike trains these are [Hz].
    """

    state: FixedPoint
    window: float | None
    covariance: FloatArray
    variance: FloatArray
    rate: FloatArray

    @property
    def correlation(self) -> FloatArray:
        """Correlation coefficient of the counts of two different neurons of populations i and j, (P, P)."""
        deviation = np.sqrt(self.variance)
        return np.asarray(self.covariance / deviation[:, None] / deviation)

    @property
    def fano(self) -> FloatArray:
        """Variance over mean of one neuron's count, (P,); for T -> infinity CV² of a renewal process, but for 1/N."""
        return self.variance / self.rate

    @property
    def population_fano(self) -> FloatArray:
        """Variance over mean of the count of all spikes of a population, (P,); `fano` if neurons are independent."""
        others = np.array(self.state.network.sizes) - 1.0
        return (self.variance + others * self.covariance.diagonal()) / self.rate


def correlations(
    fp: FixedPoint, window: float | None = None, *, auto_spectra: ColouredSpectrum | None = None
) -> Correlations:
    """Covariances and correlations of spike counts by pair of populations, and Fano factors.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    window : float, optional
        Length T of the counting window [s]; without it T -> infinity: the spectra at f -> 0, free of approximations
        beyond linear response.
    auto_spectra : ColouredSpectrum, optional
        What `coloured_spectrum` found of one neuron's spike train, in the place of white-noise theory.

    Returns
    -------
    Correlations

    Raises
    ------
    ValueError, TypeError
        As `power_spectra`; for a window that is not positive or shorter than 1 µs, and for a population that is
        silent, whose counts do not vary.

    Notes
    -----
    In Brunel's network (g = 5, eta = 2) the Fano factor of counts in 100 ms is 0.48 in white-noise theory, 0.204 with
    the self-consistent coloured spectrum, and 0.21 in simulation.

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.correlations(mf.solve(mf.models.brunel2000(g=5, eta=2)))
    >>> print(f"{found.correlation[0, 1]:.1e}, {found.fano[0]:.3f}, {found.population_fano[0]:.4f}")
    4.3e-03, 0.459, 27.7086
    """
    require_stable(fp)
    _require_spikes(fp)
    rate = train_rates(fp, auto_spectra)
    diagonal = np.arange(rate.size)
    if window is None:
        zero = np.zeros(1)
        pairs = pair_spectra(fp, zero, auto_spectra)[0].real
        variance = single_spectra(fp, zero, auto_spectra)[0] + pairs[diagonal, diagonal]
        return Correlations(state=fp, window=None, covariance=pairs, variance=variance, rate=rate)
    window = check_scalar("window", window, "s", positive=True)
    if window < SHORTEST:
        raise ValueError(f"window must be at least {SHORTEST:g} s, got {window!r} s")
    n = rate.size

    def both(f: FloatArray) -> ComplexArray:
        single = single_spectra(fp, f, auto_spectra) - rate  # what a Poisson process has is integrated by hand
        return np.concatenate([pair_spectra(fp, f, auto_spectra).reshape(-1, n * n), single], axis=1)

    seen = window * spectra_in_window(fp, both, np.zeros(1), window)[0]
    pairs = seen[: n * n].reshape(n, n)
    pairs = 0.5 * (pairs + pairs.T)
    variance = rate + seen[n * n :] + pairs[diagonal, diagonal]
    return Correlations(state=fp, window=window, covariance=pairs, variance=variance, rate=rate)


def cross_correlation(
    fp: FixedPoint, lags: Any, *, bin_width: float = 1e-3, auto_spectra: ColouredSpectrum | None = None
) -> FloatArray:
    """Covariance functions of the spike trains of two different neurons, by pair of populations.

    c_ij(tau) = <s_i(t + tau) s_j(t)> - rate_i rate_j as it is measured from counts in bins: over a bin's width at both
    times, that is through a triangle of twice that width. (Without bins it is singular: jumps of the membrane
    potential make some neurons fire at once, a delay after the spike.) Times `bin_width`, its sum over all lags that
    are multiples of `bin_width` is the covariance for infinite windows.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    lags : float or (K,) array
        Lag tau [s]; positive where neuron i fires after neuron j.
    bin_width : float
        [s]
    auto_spectra : ColouredSpectrum, optional
        As in `correlations`.

    Returns
    -------
    (..., P, P) array
        c [Hz²], [i, j]; c_ij(-tau) = c_ji(tau). The peak at tau = 0 of a neuron with itself is not in it.

    Raises
    ------
    ValueError, TypeError
        As `correlations`.

    Examples
    --------
    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> lags = np.arange(-60, 61) * 1e-3
    >>> c = mf.cross_correlation(fp, lags)
    >>> bool(np.isclose(c[:, 0, 1].sum() * 1e-3, mf.correlations(fp).covariance[0, 1], rtol=1e-3))
    True
    """
    lags = check("lags", lags, "s")
    bin_width = check_scalar("bin_width", bin_width, "s", positive=True)
    if bin_width < SHORTEST:
        raise ValueError(f"bin_width must be at least {SHORTEST:g} s, got {bin_width!r} s")
    require_stable(fp)
    n = train_rates(fp, auto_spectra).size
    if not lags.size:
        return np.empty((*lags.shape, n, n))
    seen = spectra_in_window(
        fp, lambda f: pair_spectra(fp, f, auto_spectra).reshape(-1, n * n), lags.reshape(-1), bin_width
    )
    return seen.reshape(*lags.shape, n, n)


SHORTEST = 1e-6  # s


def pair_spectra(fp: FixedPoint, f: FloatArray, auto_spectra: ColouredSpectrum | None) -> ComplexArray:
    """Cross-spectra of two different neurons by populations, (F, P, P).

    With M = (1 - L)^{-1} and K = M - 1 it is K D + D K† + K D K†, which keeps its digits where it is small.
    """
    sources = single_spectra(fp, f, auto_spectra) / np.array(fp.network.sizes)
    echo = transfer(fp, f) - np.eye(fp.rate.size)
    once: ComplexArray = echo * sources[:, None, :]
    return once + once.conj().swapaxes(-1, -2) + propagate(echo, sources)


def spectra_in_window(fp: FixedPoint, spectrum: Any, lags: FloatArray, window: float) -> FloatArray:
    """`seen_through_window` for the delays of a network, and up to the frequencies that its neurons answer."""
    longest = 2.0 * float(fp.network.mean_delay.max())
    return seen_through_window(spectrum, lags, window, longest, highest_frequency(fp.network))


def train_rates(fp: FixedPoint, auto_spectra: Any) -> FloatArray:
    """Rates that the spectra tend to at high frequency."""
    if auto_spectra is None:
        return fp.rate
    if not isinstance(auto_spectra, ColouredSpectrum):
        raise TypeError(f"auto_spectra must be a ColouredSpectrum, which has all frequencies, got {auto_spectra!r}")
    if auto_spectra.rate.shape != fp.rate.shape:
        raise ValueError(f"auto_spectra is of {auto_spectra.rate.size} populations, the state of {fp.rate.size}")
    return auto_spectra.rate


def _require_spikes(fp: FixedPoint) -> None:
    for name, rate in zip(fp.network.names, fp.rate, strict=True):
        if not rate > 0.0:
            raise ValueError(f"population {name} is silent: its counts have no correlations")
