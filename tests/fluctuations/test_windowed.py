"""Fluctuations in windows, intact and with feedback cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import mV

WINDOW = 0.05


@pytest.fixture(scope="module")
def state():
    return mf.solve(mf.models.brunel2000(g=5, eta=2))


def test_intact_networks_have_the_correlations_of_counts(state):
    found, counts = mf.windowed_noise(state, WINDOW), mf.correlations(state, WINDOW)
    sizes = np.array(state.network.sizes)
    np.testing.assert_allclose(found.correlation, counts.correlation.diagonal(), rtol=1e-4)
    np.testing.assert_allclose(found.power, counts.population_fano * state.rate / sizes, rtol=1e-4)


@pytest.mark.parametrize("replay", ["independent", "recorded"])
def test_power_is_that_of_the_spectra_through_the_window(state, replay):
    """Sum over frequencies of noise_suppression's spectra, what is above the last by its mean level there."""
    f = np.arange(0.5, 1000.0)
    seen = mf.noise_suppression(state, f, replay=replay).feedforward
    weight = 2 * WINDOW * np.sinc(f * WINDOW) ** 2
    tail = seen[-50:].mean(axis=0) * (1 - weight.sum())  # all of them add up to 1
    found = mf.windowed_noise(state, WINDOW, replay=replay)
    np.testing.assert_allclose(found.power, weight @ seen + tail, rtol=2e-3)


def test_independent_trains_leave_shared_sources_alone(state):
    """Every sender alike: of one sign the correlation is K/N less what the drive adds to the variance."""
    found = mf.windowed_noise(state, WINDOW, replay="independent")
    np.testing.assert_allclose(found.inhibition, 250 / 2500, rtol=1e-3)
    counts = mf.correlations(state, WINDOW)
    single = counts.variance[0] - counts.covariance[0, 0]
    drive = 1000 * 20.0  # K_ext rate_ext, of the same weight
    np.testing.assert_allclose(found.excitation, 0.1 * 1000 * single / (1000 * single + drive), rtol=1e-3)


def test_recorded_trains_bring_the_inputs_of_the_network(state):
    intact, replayed = mf.windowed_noise(state, WINDOW), mf.windowed_noise(state, WINDOW, replay="recorded")
    for name in ("excitation", "inhibition", "net"):
        np.testing.assert_allclose(getattr(replayed, name), getattr(intact, name), rtol=1e-6)


def test_excitation_and_inhibition_are_correlated_and_their_sum_is_not(state):
    found = mf.windowed_noise(state, WINDOW)
    cut = mf.windowed_noise(state, WINDOW, replay="independent")
    assert (found.excitation > 5 * cut.excitation).all()
    assert (found.inhibition > 5 * cut.inhibition).all()
    assert (found.net < 0.5 * cut.net).all()


def test_independent_neurons_have_neither(state):
    """Without synapses: the power of one neuron's counts over N, and no correlations."""
    alone = mf.solve(mf.balance.uncoupled(state))
    found = mf.windowed_noise(alone, WINDOW)
    counts = mf.correlations(alone, WINDOW)
    np.testing.assert_allclose(found.power, counts.variance / np.array(alone.network.sizes), rtol=1e-5)
    for name in ("correlation", "excitation", "inhibition", "net"):
        np.testing.assert_allclose(getattr(found, name), 0.0, atol=1e-9)


def test_what_has_no_such_noise_is_refused(state):
    with pytest.raises(ValueError, match="replay must be one of 'independent', 'recorded', got 'shuffled'"):
        mf.windowed_noise(state, WINDOW, replay="shuffled")
    with pytest.raises(ValueError, match="window must be at least 1e-06 s"):
        mf.windowed_noise(state, 1e-9)
    with pytest.raises(ValueError, match="fp must be a stable state"):
        mf.windowed_noise(mf.solve(mf.models.brunel2000(g=6, eta=4)), WINDOW)
    with pytest.raises(TypeError, match="auto_spectra must be a ColouredSpectrum"):
        mf.windowed_noise(state, WINDOW, auto_spectra=np.ones(3))


def test_white_noise_of_their_own_is_no_input_of_spikes():
    fp = mf.solve(mf.models.brunelhakim1999(mu_ext=25 * mV, sigma_ext=5 * mV))
    found = mf.windowed_noise(fp, WINDOW, replay="independent")
    n = fp.network
    assert found.inhibition[0] == pytest.approx(float(n.indegree[0, 0] / n.sizes[0]), rel=1e-6)
    assert found.excitation[0] == 0.0
    assert found.net[0] == pytest.approx(found.inhibition[0])
    quieter = mf.solve(replace(n, weight=n.weight / 4))
    suppressed = [
        mf.windowed_noise(x, WINDOW).power / mf.windowed_noise(x, WINDOW, replay="independent").power
        for x in (fp, quieter)
    ]
    assert (suppressed[0] < suppressed[1]).all()
    assert (suppressed[1] < 1).all()
