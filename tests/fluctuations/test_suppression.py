"""Feedback against its feedforward replay."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from tests.fluctuations.networks import brunel, hawkes, uncoupled

F = np.array([0.0, 3.0, 30.0, 300.0])


def test_one_population_in_closed_form():
    fp = hawkes(strength=4.0, delay=1e-3)
    gain = mf.loop_gain(fp, 2j * np.pi * F)[:, 0, 0]
    independent, recorded = (mf.noise_suppression(fp, F, replay=r).ratio[:, 0] for r in ("independent", "recorded"))
    np.testing.assert_allclose(independent, 1 / (abs(1 - gain) ** 2 * (1 + abs(gain) ** 2)), rtol=1e-12)
    np.testing.assert_allclose(recorded, 1 / (abs(1 - gain) ** 2 + abs(gain) ** 2), rtol=1e-12)
    assert (np.r_[independent[:2], recorded[:2]] < 0.05).all()


def test_without_feedback_nothing_is_suppressed():
    np.testing.assert_allclose(mf.noise_suppression(uncoupled(), F).ratio, 1.0, rtol=1e-12)


def test_balanced_network_suppresses_slow_fluctuations_and_not_its_resonance():
    fp = brunel()
    found = mf.noise_suppression(fp, [1.0, mf.stability(fp).frequency])
    assert (found.ratio[0] < 0.2).all()
    assert (found.ratio[1] > 1).all()
    np.testing.assert_allclose(found.recurrent, mf.power_spectra(fp, found.f).diagonal(axis1=1, axis2=2).real)


def test_replay_of_what_the_network_fires_has_the_power_that_its_covariance_gives():
    """Fed with its own covariance the feedforward power is D + L C L†: written out for two populations."""
    fp = brunel()
    found = mf.noise_suppression(fp, F, replay="recorded")
    gain, spectra = mf.loop_gain(fp, 2j * np.pi * F), mf.power_spectra(fp, F)
    sources = fp.network.neurons[0].spectrum(F, fp.mu[0], fp.sigma[0]) / fp.network.sizes[0]
    a, b = gain[:, 0, 0], gain[:, 0, 1]
    expected = sources + abs(a) ** 2 * spectra[:, 0, 0] + abs(b) ** 2 * spectra[:, 1, 1]
    expected += 2 * (a * spectra[:, 0, 1] * b.conj()).real
    np.testing.assert_allclose(found.feedforward[:, 0], expected.real, rtol=1e-10)


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match="replay must be one of 'independent', 'recorded', got 'none'"):
        mf.noise_suppression(brunel(), F, replay="none")
    with pytest.raises(ValueError, match="one-dimensional"):
        mf.noise_suppression(brunel(), np.ones((2, 2)))
