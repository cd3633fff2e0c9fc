"""Covariances in windows and as functions of the lag: exact results for a linear network, sum rules."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms, mV
from tests.fluctuations.networks import SIZE, STRENGTH, TAU, brunel, hawkes, uncoupled

DECAY = (1 + STRENGTH) / TAU


def hawkes_peak(fp):
    """A of the covariance function A e^{-DECAY |tau|} of two neurons of the inhibitory Hawkes network."""
    return fp.rate[0] / SIZE * (1 - (1 + STRENGTH) ** 2) / (2 * TAU * (1 + STRENGTH))


@pytest.mark.parametrize("window", [2 * ms, 30 * ms, 2.0])
def test_hawkes_counts_are_exact(window):
    fp = hawkes()
    x = DECAY * window
    expected = 2 * hawkes_peak(fp) / DECAY * (1 - (1 - np.exp(-x)) / x)
    found = mf.correlations(fp, window)
    assert found.covariance[0, 0] == pytest.approx(expected, rel=1e-4)
    assert found.variance[0] == pytest.approx(fp.rate[0] + expected, rel=1e-6)


def test_hawkes_covariance_function_is_exact():
    fp = hawkes()
    width = 1 * ms
    lags = np.array([-25, -4, 3, 11, 40]) * ms
    through_triangle = (np.sinh(DECAY * width / 2) / (DECAY * width / 2)) ** 2
    expected = hawkes_peak(fp) * np.exp(-DECAY * abs(lags)) * through_triangle
    found = mf.cross_correlation(fp, lags, bin_width=width)
    np.testing.assert_allclose(found[:, 0, 0], expected, rtol=1e-3, atol=1e-5 * abs(hawkes_peak(fp)))


@pytest.mark.parametrize("bin_width", [0.5 * ms, 2 * ms])
def test_covariance_function_sums_to_the_covariance(bin_width):
    fp = brunel()
    n = round(80 * ms / bin_width)
    lags = np.arange(-n, n + 1) * bin_width
    total = mf.cross_correlation(fp, lags, bin_width=bin_width).sum(axis=0) * bin_width
    np.testing.assert_allclose(total, mf.correlations(fp).covariance, rtol=1e-3)


def test_covariance_function_and_windows_are_one():
    """At lag 0 in bins of T it is the covariance of counts in T, over T²; and reversing time exchanges the neurons."""
    fp = brunel()
    window = 5 * ms
    at_zero = mf.cross_correlation(fp, 0.0, bin_width=window)
    assert at_zero.shape == (2, 2)
    np.testing.assert_allclose(window * at_zero, mf.correlations(fp, window).covariance, rtol=1e-4)
    lags = np.array([0.7, 3.0, 9.0]) * ms
    forth, back = (mf.cross_correlation(fp, x) for x in (lags, -lags))
    np.testing.assert_allclose(forth, back.swapaxes(1, 2), rtol=1e-5, atol=1e-5 * abs(forth).max())


def test_long_windows_tend_to_the_limit():
    fp = brunel()
    limit = mf.correlations(fp)
    gaps = [abs(mf.correlations(fp, window).covariance / limit.covariance - 1).max() for window in (1.0, 10.0)]
    assert gaps[0] < 0.05
    assert gaps[1] == pytest.approx(gaps[0] / 10, rel=0.05)  # as 1/T


def test_variance_of_the_population_is_its_spectrum():
    fp = brunel()
    found = mf.correlations(fp)
    spectrum = mf.power_spectra(fp, 0.0).diagonal().real
    np.testing.assert_allclose(found.population_fano, spectrum * fp.network.sizes / fp.rate, rtol=1e-10)
    assert (abs(found.correlation) < 1).all()


def test_correlations_are_inverse_to_the_size_at_fixed_indegree():
    net = mf.models.brunel2000(g=5, eta=2)
    large = mf.solve(dataclasses.replace(net, sizes=[100 * n for n in net.sizes]))
    found, expected = mf.correlations(large), mf.correlations(mf.solve(net))
    np.testing.assert_allclose(100 * found.covariance, expected.covariance, rtol=1e-8)
    np.testing.assert_allclose(100 * found.correlation, expected.correlation, rtol=0.02)


def test_fano_factor_of_renewal_neurons():
    """CV² for long windows, 1 for short ones, and falling from one to the other where CV < 1."""
    fp = uncoupled()
    np.testing.assert_allclose(mf.correlations(fp).fano, fp.cv**2, rtol=1e-10)
    windows = [mf.correlations(fp, w).fano for w in (5e-5, 5 * ms, 0.1, 1.0, 1000.0)]
    np.testing.assert_allclose(windows[0], 1 - 5e-5 * fp.rate, rtol=1e-4)  # at most one spike: a coin
    np.testing.assert_allclose(windows[-1], fp.cv**2, rtol=1e-4)
    assert (np.diff(windows, axis=0) < 0).all()
    np.testing.assert_array_equal(mf.correlations(fp).covariance, 0.0)
    np.testing.assert_allclose(mf.correlations(fp).population_fano, fp.cv**2, rtol=1e-10)


def test_what_cannot_be_is_named():
    fp = brunel()
    with pytest.raises(ValueError, match="window must be positive"):
        mf.correlations(fp, -1.0)
    with pytest.raises(ValueError, match=r"bin_width must be at least 1e-06 s"):
        mf.cross_correlation(fp, 0.0, bin_width=1e-9)
    with pytest.raises(ValueError, match="stable"):
        mf.correlations(brunel(6, 4))
    silent = dataclasses.replace(uncoupled().network, drives=[mf.ConstantDrive(mu=1 * mV)])
    with pytest.raises(ValueError, match="population E is silent"):
        mf.correlations(mf.solve(silent))


def white_spectrum(fp, factor=1.0):
    """White-noise theory's spectra in the form of coloured ones, rates and spectra times a factor."""
    f = np.arange(0.0, 5000.5, 0.5)
    spectra = np.stack(
        [n.spectrum(f, float(m), float(s)) for n, m, s in zip(fp.network.neurons, fp.mu, fp.sigma, strict=True)], axis=1
    )
    nothing = np.zeros(fp.rate.size)
    return mf.ColouredSpectrum(
        state=fp,
        rate=factor * fp.rate,
        cv=fp.cv,
        f=f,
        spectra=factor * spectra,
        rate_error=nothing,
        cv_error=nothing,
        spectra_error=0.0,
        iterations=0,
    )


@pytest.mark.parametrize("window", [None, 10 * ms, 100 * ms])
def test_given_spectra_take_the_place_of_theory(window):
    fp = brunel()
    expected = mf.correlations(fp, window)
    for factor in (1.0, 0.5):  # all covariances are linear in the spectra
        found = mf.correlations(fp, window, auto_spectra=white_spectrum(fp, factor))
        np.testing.assert_allclose(found.covariance, factor * expected.covariance, rtol=2e-3)
        np.testing.assert_allclose(found.fano, expected.fano, rtol=1e-3)
    lags = np.array([0.0, 3 * ms])
    np.testing.assert_allclose(
        mf.cross_correlation(fp, lags, auto_spectra=white_spectrum(fp)), mf.cross_correlation(fp, lags), rtol=5e-3
    )


def test_coloured_spectra_bring_the_fano_factor_of_the_simulation():
    """0.21 in 100 ms is simulated (12,500 neurons, 10 s); white-noise theory has 0.48."""
    fp = brunel()
    coloured = mf.coloured_spectrum(fp, duration=500.0, rng=1)
    assert mf.correlations(fp, 100 * ms).fano[0] == pytest.approx(0.48, abs=0.005)
    assert mf.correlations(fp, 100 * ms, auto_spectra=coloured).fano[0] == pytest.approx(0.21, abs=0.015)


def test_spectra_that_do_not_fit():
    fp = brunel()
    with pytest.raises(TypeError, match="auto_spectra must be a ColouredSpectrum"):
        mf.correlations(fp, auto_spectra=np.ones((3, 2)))
    one = dataclasses.replace(white_spectrum(fp), rate=np.ones(1))
    with pytest.raises(ValueError, match="auto_spectra is of 1 populations, the state of 2"):
        mf.correlations(fp, auto_spectra=one)
