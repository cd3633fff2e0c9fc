"""The binary neuron: an error function, its derivatives, and its place in a network."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import meanfield as mf
from meanfield.neurons.base import DynamicNeuron

NEURON = mf.Binary(tau=0.01, v_th=1.0)
INPUTS = {"mu": st.floats(-3.0, 5.0), "sigma": st.floats(0.2, 4.0)}


def test_it_is_a_neuron_with_a_response():
    assert isinstance(NEURON, DynamicNeuron)


@given(**INPUTS)
def test_activity_is_the_complementary_error_function(mu, sigma):
    assert NEURON.rate(mu, sigma) == pytest.approx(0.5 * math.erfc((1.0 - mu) / (sigma * math.sqrt(2.0))), rel=1e-13)
    assert NEURON.log_rate(mu, sigma) == pytest.approx(math.log(NEURON.rate(mu, sigma)), rel=1e-12, abs=1e-14)


@given(**INPUTS)
def test_active_above_threshold_is_inactive_below(mu, sigma):
    assert NEURON.rate(mu, sigma) + NEURON.rate(2.0 - mu, sigma) == pytest.approx(1.0, rel=1e-14)


@given(**INPUTS)
def test_gains_are_derivatives(mu, sigma):
    step = 1e-5
    rate, by_mu, by_variance = NEURON.rate_and_gain(mu, sigma)
    assert rate == NEURON.rate(mu, sigma)
    assert by_mu == pytest.approx(
        (NEURON.rate(mu + step, sigma) - NEURON.rate(mu - step, sigma)) / (2 * step), abs=1e-8
    )
    spread = [math.sqrt(sigma**2 + shift) for shift in (-step, step)]
    difference = (NEURON.rate(mu, spread[1]) - NEURON.rate(mu, spread[0])) / (2 * step)
    assert by_variance == pytest.approx(difference, abs=1e-7)
    assert NEURON.gain(mu, sigma)[1] == pytest.approx(2 * sigma * by_variance, rel=1e-14)


def test_response_is_a_low_pass_of_the_gain():
    _, by_mu, by_variance = NEURON.rate_and_gain(0.5, 0.7)
    s = np.array([0.0, 100j])
    mean, variance = NEURON.response(s, 0.5, 0.7)
    np.testing.assert_allclose(mean, by_mu / (1.0 + s * 0.01), rtol=1e-14)
    np.testing.assert_allclose(variance, by_variance / (1.0 + s * 0.01), rtol=1e-14)
    with pytest.raises(ValueError, match="right of -1/tau = -100"):
        NEURON.response(-100.0, 0.5, 0.7)


def test_without_noise_it_is_a_step():
    np.testing.assert_array_equal(NEURON.rate(np.array([0.5, 1.0, 1.5]), 0.0), [0.0, 0.0, 1.0])
    assert NEURON.rate_and_gain(1.5, 0.0) == (1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="gain is infinite at mu = v_th"):
        NEURON.rate_and_gain(1.0, 0.0)


@pytest.mark.parametrize(
    ("arguments", "word"), [((math.nan, 1.0), "mu"), ((1.0, -1.0), "sigma"), ((1.0, math.inf), "sigma")]
)
def test_bad_input_is_named(arguments, word):
    with pytest.raises(ValueError, match=f"^{word} must be"):
        NEURON.rate(*arguments)


def test_moments_of_a_network_are_sums_over_active_sources():
    net = mf.models.vanvreeswijk1998(K=400, m0=0.2)
    mu, sigma = net.input_moments([0.1, 0.3])
    np.testing.assert_allclose(mu, [20 * (0.2 + 0.1 - 0.6), 20 * (0.16 + 0.1 - 0.54)], rtol=1e-13)
    np.testing.assert_allclose(sigma**2, [0.1 + 4 * 0.3, 0.1 + 3.24 * 0.3], rtol=1e-13)


def test_a_file_reads_back(tmp_path):
    net = mf.models.renart2010(size=500)
    mf.dump(net, tmp_path / "net.toml")
    assert mf.load(tmp_path / "net.toml") == net


def test_a_start_at_threshold_without_noise_is_no_obstacle():
    net = mf.models.vanvreeswijk1998(K=100, m0=0.1)  # sqrt(100) 0.1 is the threshold of E
    assert mf.solve(net).residual.max() < 1e-12
