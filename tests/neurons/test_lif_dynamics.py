"""Linear response, intervals and spectra of the leaky neuron in volts and seconds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson

import meanfield as mf
from meanfield.units import ms, mV

NEURON = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
FILTERED = mf.LIF(tau_m=10 * ms, t_ref=2 * ms, v_th=15 * mV, v_reset=0.0, tau_s=0.5 * ms)
INPUTS = [(21 * mV, 8 * mV), (15 * mV, 3 * mV), (10 * mV, 5 * mV), (40 * mV, 2 * mV), (5 * mV, 20 * mV)]


@pytest.mark.parametrize("neuron", [NEURON, FILTERED], ids=["white", "filtered"])
@pytest.mark.parametrize(("mu", "sigma"), INPUTS)
def test_static_limit(neuron, mu, sigma):
    _, by_mu, by_variance = neuron.rate_and_gain(mu, sigma)
    found = neuron.response(0.0, mu, sigma)
    assert found[0] == pytest.approx(by_mu, rel=1e-10)
    assert found[1] == pytest.approx(by_variance, rel=1e-10)


@pytest.mark.parametrize(("mu", "sigma"), INPUTS)
def test_high_frequency_laws(mu, sigma):
    """rate sqrt(2)/sigma (omega tau)^{-1/2} e^{-i pi/4} and rate/sigma²."""
    omega = 4e7
    nu = NEURON.rate(mu, sigma)
    by_mu, by_variance = NEURON.response(1j * omega, mu, sigma)
    law = nu * math.sqrt(2) / sigma / math.sqrt(omega * 20 * ms) * np.exp(-0.25j * math.pi)
    assert by_mu == pytest.approx(law, rel=0.02)
    assert by_variance == pytest.approx(nu / sigma**2, rel=0.03)


def test_synaptic_filter_divides():
    """Beside a neuron without filter whose threshold and reset are shifted by hand."""
    mu, sigma, s = 12 * mV, 4 * mV, 40 + 300j
    shift = FILTERED.shift * sigma
    shifted = mf.LIF(tau_m=10 * ms, t_ref=2 * ms, v_th=15 * mV + shift, v_reset=shift)
    by_mu, by_variance = FILTERED.response(s, mu, sigma)
    plain_mu, plain_variance = shifted.response(s, mu, sigma)
    lowpass = 1 + s * 0.5 * ms
    assert by_mu == pytest.approx(plain_mu / lowpass, rel=1e-11)
    moved = plain_variance - FILTERED.shift / (2 * sigma) * plain_mu
    assert by_variance == pytest.approx(moved / lowpass, rel=1e-11)


def test_response_moves_like_the_rate_at_a_slow_change():
    """A slow oscillation of mu is followed: the response there is the finite difference of the rate."""
    mu, sigma = 18 * mV, 5 * mV
    slow = NEURON.response(2j * math.pi * 0.01, mu, sigma)[0]
    difference = (NEURON.rate(mu + 1e-7, sigma) - NEURON.rate(mu - 1e-7, sigma)) / 2e-7
    assert slow == pytest.approx(difference, rel=1e-3)


@pytest.mark.parametrize(("mu", "sigma"), INPUTS)
def test_interval_density_has_the_moments_of_theory(mu, sigma):
    rate, cv = NEURON.rate(mu, sigma), NEURON.cv(mu, sigma)
    t = np.linspace(0.0, (1 + 30 * max(cv, 0.05)) / rate, 6001)
    density = NEURON.isi_density(t, mu, sigma)
    assert (density >= 0).all()
    assert (density[t <= 2 * ms] == 0).all()
    moments = [simpson(density * t**k, x=t) for k in range(3)]
    assert moments[0] == pytest.approx(1, abs=2e-4)
    assert moments[1] == pytest.approx(1 / rate, rel=5e-4)
    assert math.sqrt(moments[2] - moments[1] ** 2) * rate == pytest.approx(cv, rel=5e-3)


def test_transform_is_that_of_the_density():
    mu, sigma = 21 * mV, 8 * mV
    t = np.linspace(0, 0.6, 20001)
    density = NEURON.isi_density(t, mu, sigma)
    for s in (0.0, 20.0, 300j, 40 + 700j):
        assert simpson(density * np.exp(-s * t), x=t) == pytest.approx(NEURON.isi_transform(s, mu, sigma), abs=1e-5)


@pytest.mark.parametrize(("mu", "sigma"), INPUTS)
def test_spectrum_goes_from_rate_cv2_to_rate(mu, sigma):
    rate, cv = NEURON.rate(mu, sigma), NEURON.cv(mu, sigma)
    f = np.array([0.0, 1e-7, 1e-5, 1e-4, 1e-3]) * rate
    low = NEURON.spectrum(f, mu, sigma)
    assert low[0] == rate * cv**2
    np.testing.assert_allclose(low, rate * cv**2, rtol=2e-2)
    np.testing.assert_allclose(low[:3], rate * cv**2, rtol=2e-6)  # on both sides of the switch to the limit
    assert NEURON.spectrum(1e5, mu, sigma) == pytest.approx(rate, rel=1e-6)
    np.testing.assert_array_equal(NEURON.spectrum(-f, mu, sigma), low)


def test_spectrum_is_that_of_a_simulated_renewal_process():
    """Periodograms of 400 trains drawn from the interval density, within five standard errors."""
    mu, sigma = 21 * mV, 8 * mV
    t = np.linspace(0, 0.5, 50_001)
    distribution = np.cumsum(NEURON.isi_density(t, mu, sigma)) * t[1]
    rng = np.random.default_rng(9)
    f = np.array([5.0, 20.0, 40.0, 80.0, 150.0])
    trains, seconds = 400, 20.0
    powers = np.empty((trains, f.size))
    for k in range(trains):
        intervals = np.interp(rng.random(1200), distribution / distribution[-1], t)
        spikes = np.cumsum(intervals)
        spikes = spikes[(spikes > 5) & (spikes < 5 + seconds)]
        powers[k] = abs(np.exp(-2j * np.pi * f[:, None] * spikes).sum(axis=1)) ** 2 / seconds
    error = powers.std(axis=0, ddof=1) / math.sqrt(trains)
    assert (abs(powers.mean(axis=0) - NEURON.spectrum(f, mu, sigma)) < 5 * error).all()


@settings(max_examples=200, deadline=None)
@given(
    mu=st.floats(-0.1, 0.5),
    sigma=st.floats(0, 0.1),
    real=st.floats(-500, 1e5),
    imaginary=st.floats(-1e6, 1e6),
)
def test_never_nan(mu, sigma, real, imaginary):
    """A number, or a ValueError that names what is outside."""
    answer, words = (0.0,), ""
    try:
        answer = NEURON.response(complex(real, imaginary), mu, sigma)
    except ValueError as error:
        words = str(error)
    assert words == "" or "s must be finite" in words or "sigma is too" in words
    assert np.isfinite(answer).all()


def test_broadcasting():
    f = np.array([[1.0], [100.0]])
    by_mu, by_variance = NEURON.response(2j * np.pi * f, np.array([10 * mV, 20 * mV, 30 * mV]), 5 * mV)
    assert by_mu.shape == by_variance.shape == (2, 3)
    assert by_mu[1, 2] == NEURON.response(2j * np.pi * 100.0, 30 * mV, 5 * mV)[0]
    assert NEURON.spectrum(f, 20 * mV, 5 * mV).shape == (2, 1)


def test_silent_neuron_does_not_respond():
    assert NEURON.response(1j, 10 * mV, 0.0) == (0, 0)
    assert NEURON.spectrum(10.0, 10 * mV, 0.0) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: NEURON.response(-500.0, 20 * mV, 5 * mV), r"Re s >= -400 1/s"),
        (lambda: NEURON.response(1e9j, 20 * mV, 5 * mV), r"\|s\| <= 5e\+07 1/s"),
        (lambda: NEURON.response(math.nan, 20 * mV, 5 * mV), "s must be finite"),
        (lambda: NEURON.response(1j, 25 * mV, 0.0), "sigma is too small at mu = 0.025 V, sigma = 0.0 V"),
        (lambda: NEURON.response(1j, 25 * mV, -1.0), "sigma must not be negative"),
        (lambda: NEURON.response([1j, 2j], [0.0] * 3, 5 * mV), "s, mu and sigma must broadcast"),
        (lambda: NEURON.spectrum(1e9, 20 * mV, 5 * mV), "f must be at most"),
        (lambda: NEURON.isi_density(math.inf, 20 * mV, 5 * mV), "t must be finite, got inf s"),
    ],
)
def test_outside_of_the_domain_it_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
