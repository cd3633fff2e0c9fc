"""Networks: input moments, immutability, and bad input."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)


def arguments(**changes):
    words = {
        "names": ["E", "I"],
        "sizes": [10_000, 2_500],
        "neurons": LIF,
        "indegree": [[1000, 250], [1000, 250]],
        "weight": [[0.1 * mV, -0.5 * mV]] * 2,
        "delay": 1.5 * ms,
        "drives": [mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=20 * Hz)],
    }
    return words | changes


def test_input_moments_are_brunels():
    """Brunel (2000), eqs. 4 and 5, for both populations alike."""
    net = mf.Network(**arguments())
    nu, g, gamma, tau, j, c, nu_ext = 38.0, 5.0, 0.25, 20e-3, 0.1e-3, 1000, 20.0
    mu, sigma = net.input_moments(nu)
    np.testing.assert_allclose(mu, c * j * tau * (nu_ext + nu * (1 - gamma * g)), rtol=1e-13)
    np.testing.assert_allclose(sigma**2, c * j**2 * tau * (nu_ext + nu * (1 + gamma * g**2)), rtol=1e-13)


def test_drives_add():
    net = mf.Network(**arguments(drives=[mf.ConstantDrive(mu=[1 * mV, 2 * mV]), mf.WhiteNoiseDrive(sigma=3 * mV)] * 2))
    mu, sigma = net.input_moments(0.0)
    np.testing.assert_allclose(mu, [2 * mV, 4 * mV])
    np.testing.assert_allclose(sigma**2, 2 * (3 * mV) ** 2)


def test_network_cannot_be_changed():
    net = mf.Network(**arguments())
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.label = "x"
    with pytest.raises(ValueError, match="read-only"):
        net.weight[0, 0] = 1.0
    weight = np.array(arguments()["weight"])
    made = mf.Network(**arguments(weight=weight))
    weight[0, 0] = 7.0  # the caller's array is the caller's
    assert made.weight[0, 0] == 0.1 * mV


def test_equal_networks_are_equal_and_hash_alike():
    a, b = mf.Network(**arguments()), mf.Network(**arguments())
    assert a == b
    assert hash(a) == hash(b)
    assert a != dataclasses.replace(a, delay=2 * ms)
    for other in (pickle.loads(pickle.dumps(a)), copy.deepcopy(a)):
        assert other == a
        assert not other.weight.flags.writeable


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"indegree": [[1000, 250]]}, r"indegree must have shape \(2, 2\).*got shape \(1, 2\)"),
        ({"weight": [1.0, 2.0, 3.0]}, r"weight must have shape \(2, 2\).*got shape \(3,\)"),
        ({"delay": [[1, 2, 3]]}, r"delay must have shape \(2, 2\).*got shape \(1, 3\)"),
        ({"delay": -1 * ms}, r"delay must not be negative, got -0.001 s"),
        ({"weight": [[np.nan, 0], [0, 0]]}, r"weight must be finite, got nan V at index \(0, 0\)"),
        ({"indegree": [[-1, 0], [0, 0]]}, r"indegree must not be negative, got -1.0 at index \(0, 0\)"),
        ({"sizes": [100]}, r"sizes must have shape \(2,\)"),
        ({"sizes": [100, 2.5]}, r"whole numbers.*2.5"),
        ({"names": ["E", "E"]}, "names must all be different, got 'E'"),
        ({"names": []}, "at least one population"),
        ({"neurons": [LIF]}, "neurons must be one model or 2"),
        (
            {"drives": [mf.PoissonDrive(indegree=[1, 2, 3], weight=0.1 * mV, rate=1 * Hz)]},
            r"drive indegree .*shape \(2,\).*\(3,\)",
        ),
    ],
)
def test_bad_values_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        mf.Network(**arguments(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"neurons": "LIF"}, "neurons must be a neuron model"),
        ({"names": "EI"}, "names must be a sequence"),
        ({"weight": "strong"}, "weight must be a number or an array in V, got 'strong'"),
        ({"names": 5}, "names must be a sequence of names, got 5"),
        ({"drives": [42]}, "drives must be PoissonDrive"),
        ({"drives": 5}, "drives must be PoissonDrive, ConstantDrive or WhiteNoiseDrive, or several, got 5"),
    ],
)
def test_bad_types_are_named(changes, words):
    with pytest.raises(TypeError, match=words):
        mf.Network(**arguments(**changes))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: mf.PoissonDrive(indegree=1, weight=1, rate=-5),
            "drive rate must not be negative, got -5.0 Hz",
        ),
        (lambda: mf.WhiteNoiseDrive(sigma=-1 * mV), "drive sigma must not be negative, got -0.001 V"),
        (lambda: mf.ConstantDrive(mu=np.inf), "drive mu must be finite, got inf V"),
    ],
)
def test_bad_drives_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_brian2_quantities_are_taken_and_their_dimension_is_checked():
    brian2 = pytest.importorskip("brian2")
    net = mf.Network(**arguments(weight=np.array([[0.1, -0.5]] * 2) * brian2.mV, delay=1.5 * brian2.ms))
    assert net == mf.Network(**arguments())
    with pytest.raises(TypeError, match="delay must be in s"):
        mf.Network(**arguments(delay=1.5 * brian2.mV))
    with pytest.raises(TypeError, match="weight must be in V"):
        mf.Network(**arguments(weight=np.ones((2, 2)) * brian2.pA))


def test_white_noise_on_a_membrane_with_filtered_synapses_is_refused():
    """Theory would shift the threshold by the white part too, which has no synaptic current."""
    filtered = dataclasses.replace(LIF, tau_s=5 * ms)
    with pytest.raises(ValueError, match=r"population E has tau_s = 0.005 s and drive sigma = 0.001 V"):
        mf.Network(**arguments(neurons=filtered, drives=[mf.WhiteNoiseDrive(sigma=1 * mV)]))
    mf.Network(**arguments(neurons=filtered, drives=[mf.WhiteNoiseDrive(sigma=0.0)]))


SPREAD = mf.UniformDelay(0.0, 3 * ms)
MIXED = [[1.5 * ms, SPREAD], [mf.GaussianDelay(1 * ms, 0.5 * ms, low=0.1 * ms), mf.ExponentialDelay(2 * ms)]]


@pytest.mark.parametrize("delay", [SPREAD, MIXED, np.array(MIXED, dtype=object), tuple(map(tuple, MIXED))])
def test_delays_may_be_distributions(delay):
    net = mf.Network(**arguments(delay=delay))
    expected = [[SPREAD] * 2] * 2 if delay is SPREAD else [[mf.FixedDelay(1.5 * ms), SPREAD], MIXED[1]]
    assert net.delays == tuple(map(tuple, expected))
    assert net.delay.tolist() == expected
    np.testing.assert_array_equal(net.mean_delay, [[d.expectation for d in row] for row in expected])
    np.testing.assert_array_equal(net.packed_delays, [[d.packed() for d in row] for row in expected])
    assert net.packed_delays is net.packed_delays
    assert not any(a.flags.writeable for a in (net.delay, net.mean_delay, net.packed_delays))


def test_fixed_delays_are_floats_however_they_are_given():
    plain = mf.Network(**arguments(delay=[[1 * ms, 2 * ms], [1 * ms, 2 * ms]]))
    assert plain.delay.dtype == float
    for delay in ([[mf.FixedDelay(1 * ms), 2 * ms]] * 2, [[mf.FixedDelay(1 * ms), mf.FixedDelay(2 * ms)]] * 2):
        net = mf.Network(**arguments(delay=delay))
        assert net == plain
        assert hash(net) == hash(plain)
        assert net.delay.dtype == float
    assert plain.delays == ((mf.FixedDelay(1 * ms), mf.FixedDelay(2 * ms)),) * 2
    np.testing.assert_array_equal(plain.packed_delays, [[d.packed() for d in row] for row in plain.delays])
    np.testing.assert_array_equal(plain.mean_delay, plain.delay)


def test_networks_with_distributions_are_compared_copied_and_pickled():
    net, again = (mf.Network(**arguments(delay=[list(row) for row in MIXED])) for _ in range(2))
    assert net == again
    assert hash(net) == hash(again)
    assert net != mf.Network(**arguments(delay=SPREAD))
    assert net != mf.Network(**arguments())
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net), dataclasses.replace(net, label=net.label)):
        assert other == net
        assert hash(other) == hash(net)
        assert not other.delay.flags.writeable


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        ([[SPREAD, 1.0]], r"delay with distributions must have 2 rows of 2 \(\[target, source\]\), got"),
        ([SPREAD, 1.0], "delay with distributions must have 2 rows of 2"),
        ([[SPREAD, -1.0], [0, 0]], r"delay\[0, 1\] must not be negative, got -1.0 s"),
        ([[SPREAD, "x"], [0, 0]], r"delay\[0, 1\] must be a number or an array in s, got 'x'"),
        (mf.UniformDelay, "delay must be a number or an array in s"),
    ],
)
def test_bad_mixtures_of_delays_are_named(delay, words):
    with pytest.raises((ValueError, TypeError), match=words):
        mf.Network(**arguments(delay=delay))


def test_models_take_distributions():
    assert mf.models.brunel2000(delay=SPREAD).delays == ((SPREAD,) * 2,) * 2
    assert mf.models.brunel2000_b(delay_ei=SPREAD).delays[0] == (mf.FixedDelay(1.5 * ms), SPREAD)
    assert mf.models.brunelhakim1999(delay=SPREAD).delays == ((SPREAD,),)
    assert mf.models.bos2016(delay_i=SPREAD).delays[3][6:] == (mf.FixedDelay(1.5 * ms), SPREAD)


@pytest.mark.parametrize("model", [mf.models.potjans2014, mf.models.bos2016])
def test_microcircuit_delays_spread_by_half_their_mean(model):
    net = model(delay_spread=0.5)
    assert model().delay.dtype == float
    assert net.delays[0][0] == mf.GaussianDelay(1.5 * ms, 0.75 * ms, low=0.1 * ms)
    assert net.delays[5][7] == mf.GaussianDelay(0.75 * ms, 0.375 * ms, low=0.1 * ms)
    np.testing.assert_array_equal(net.indegree, model().indegree)
    with pytest.raises(ValueError, match=r"delay_spread must be 0 if delay_e is a distribution, got 0.5"):
        model(delay_e=SPREAD, delay_spread=0.5)


def test_weight_that_overflows_is_refused():
    with pytest.raises(ValueError, match="weight is too large"):
        mf.Network(**arguments(weight=[[1e160, 0.0], [0.0, 0.0]]))


def test_negative_rate_is_refused():
    with pytest.raises(ValueError, match="rate must not be negative"):
        mf.Network(**arguments()).input_moments([-1.0, 2.0])
