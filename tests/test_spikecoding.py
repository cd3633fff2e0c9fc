"""Spike-coding networks: what the decoder derives, and that the code does what it was derived for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanfield.spikecoding import SpikeCodingNetwork, random_decoder
from tests.validation.networks import needs_compiler
from validation.spikecoding import integrate, poisson_code, simulate_spike_coding


def network(rng, j=3, n=7, **changed):
    values = {
        "decoder": rng.normal(size=(j, n)),
        "dynamics": rng.normal(size=(j, j)),
        "decay": 10.0,
        "leak": 20.0,
        "linear_cost": 0.02,
        "quadratic_cost": 0.003,
    }
    return SpikeCodingNetwork(**(values | changed))


@given(st.integers(0, 2**32 - 1))
def test_a_spike_changes_the_loss_by_twice_the_distance_to_threshold(seed):
    """So that a neuron above threshold lowers the loss by its spike, and one below would raise it."""
    rng = np.random.default_rng(seed)
    net = network(rng)
    x, rates = rng.normal(size=3), rng.uniform(0, 20, size=7)
    for i in range(7):
        after = rates + net.decay * (np.arange(7) == i)
        gain = net.loss(x, after) - net.loss(x, rates)
        assert gain == pytest.approx(2 * (net.threshold[i] - net.potential(x, rates)[i]), rel=1e-9, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_a_spike_takes_the_fast_weights_from_the_potentials(seed):
    rng = np.random.default_rng(seed)
    net = network(rng)
    x, rates = rng.normal(size=3), rng.uniform(0, 20, size=7)
    jumps = [net.potential(x, rates + net.decay * (np.arange(7) == j)) - net.potential(x, rates) for j in range(7)]
    np.testing.assert_allclose(np.transpose(jumps), -net.fast, atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_between_spikes_the_network_moves_potentials_as_their_definition_does(seed):
    """dV/dt = Γᵀ(dx/dt - dx̂/dt) - mu lambda_d dr/dt, but for the term Γᵀ(A + leak)(x - x̂), which is left out."""
    rng = np.random.default_rng(seed)
    net = network(rng)
    x, rates, c = rng.normal(size=3), rng.uniform(0, 20, size=7), rng.normal(size=3)
    estimate = net.decoder @ rates / net.decay
    dx = net.dynamics @ x + c
    exact = net.decoder.T @ (dx + net.decay * estimate) + net.quadratic_cost * net.decay**2 * rates
    left_out = net.decoder.T @ (net.dynamics + net.leak * np.eye(3)) @ (x - estimate)
    of_network = -net.leak * net.potential(x, rates) + net.input @ c + net.slow @ rates
    np.testing.assert_allclose(of_network + left_out, exact, atol=1e-8)


def test_one_neuron_is_a_leaky_integrator_that_resets_by_twice_its_threshold():
    net = SpikeCodingNetwork(decoder=[[0.3]], decay=10.0)
    assert net.fast[0, 0] == pytest.approx(2 * net.threshold[0])
    assert net.slow[0, 0] == 0
    assert net.coding_error == pytest.approx(0.3 / np.sqrt(12))


def test_the_read_out_is_a_sum_of_exponentials():
    net = network(np.random.default_rng(1))
    times, indices, at = np.array([0.01, 0.02, 0.05]), np.array([2, 0, 2]), np.array([0.0, 0.02, 0.04, 0.3])
    direct = np.array(
        [
            sum(net.decoder[:, i] * np.exp(-10 * (t - s)) for s, i in zip(times, indices, strict=True) if s <= t)
            + np.zeros(3)
            for t in at
        ]
    )
    np.testing.assert_allclose(net.decode(times, indices, at), direct, atol=1e-15)
    np.testing.assert_allclose(net.filtered(times, indices, at) @ net.decoder.T / net.decay, direct, atol=1e-15)


def test_poisson_error_is_that_of_poisson_trains():
    net = SpikeCodingNetwork(decoder=[[1.0, -1.0]], decay=10.0)
    drive = np.full((60_000, 1), 8.0)
    found = poisson_code(net, drive, np.zeros(1), np.random.default_rng(3))[1000:, 0]
    variance = float(net.poisson_error([8.0, 0.0])[0] ** 2)
    assert found.mean() == pytest.approx(0.8, abs=4 * np.sqrt(2 * variance / (10.0 * 59)))
    # A shot noise's variance over 59 s, correlation time 0.1 s: standard error of the variance about 6%.
    assert found.var() == pytest.approx(variance, rel=0.25)


def test_the_variables_are_integrated_exactly():
    spin = np.array([[0.0, 6.0], [-6.0, 0.0]])
    x = integrate(spin, np.concatenate([[[1000.0, 0.0]], np.zeros((999, 2))]))
    np.testing.assert_allclose(np.hypot(*x.T), np.hypot(*x[0]), rtol=1e-12)
    assert np.linalg.norm(x[0]) == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"decoder": [1.0, 2.0]}, "decoder must have shape"),
        ({"decoder": [[1.0, 0.0]], "dynamics": [[0.0]]}, "decoder must have a weight for every neuron, .* neuron 1"),
        ({"dynamics": np.eye(2)}, r"dynamics must have shape \(3, 3\)"),
        ({"decay": 0.0}, "decay must be positive, got 0.0 Hz"),
        ({"linear_cost": -1.0}, "linear_cost must not be negative"),
    ],
)
def test_bad_decoders_are_refused(changed, words):
    with pytest.raises(ValueError, match=words):
        network(np.random.default_rng(1), **changed)


@needs_compiler
def test_simulated_error_is_the_theorys_and_every_spike_lowers_the_loss():
    net = SpikeCodingNetwork(decoder=random_decoder(1, 32, size=1.0), decay=10.0)
    t = 1e-3 * np.arange(800)
    x = 1.5 * np.sin(2 * np.pi * t) * np.minimum(t / 0.2, 1)
    drive = (np.gradient(x, t) + 10 * x)[:, None]
    run = simulate_spike_coding(net, drive, rng=2)
    # The error is a sawtooth of hundreds of teeth: its rms is known to a few per cent.
    assert run.error() == pytest.approx(net.coding_error, rel=0.05)
    assert run.tightness() < 0.01
    spikes = np.arange(50, 250)
    before = net.filtered(run.times, run.indices, run.times[spikes] - 1e-9)
    after = net.filtered(run.times, run.indices, run.times[spikes])
    at = np.array([np.interp(s, np.r_[0, run.t], np.r_[0, run.x[:, 0]]) for s in run.times[spikes]])[:, None]
    gain = net.loss(at, after) - net.loss(at, before)
    assert (gain < 0.05 * net.threshold[0]).all()  # but for x between the input's steps, which is interpolated
    assert simulate_spike_coding(net, drive, noise=1.0, rng=2).error() > 1.2 * run.error()
