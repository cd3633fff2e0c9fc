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


def test_weight_that_overflows_is_refused():
    with pytest.raises(ValueError, match="weight is too large"):
        mf.Network(**arguments(weight=[[1e160, 0.0], [0.0, 0.0]]))


def test_negative_rate_is_refused():
    with pytest.raises(ValueError, match="rate must not be negative"):
        mf.Network(**arguments()).input_moments([-1.0, 2.0])


def test_delays_may_be_distributed():
    """Floats stay floats; one distribution makes all of them distributions; variants and copies keep them."""
    net = mf.models.brunel2000()
    assert net.delay.dtype == float
    spread = mf.UniformDelay(0.0, 3 * ms)
    mixed = dataclasses.replace(net, delay=[[spread, 1.5 * ms], [mf.ExponentialDelay(1 * ms), mf.FixedDelay(2 * ms)]])
    assert mixed.delays[0][0] == spread
    assert mixed.delays[0][1] == mf.FixedDelay(1.5 * ms)
    np.testing.assert_allclose(mixed.mean_delay, [[1.5 * ms, 1.5 * ms], [1 * ms, 2 * ms]])
    for other in (dataclasses.replace(mixed, label="b"), pickle.loads(pickle.dumps(mixed))):
        assert other.delays == mixed.delays
    assert pickle.loads(pickle.dumps(mixed)) == mixed
    assert hash(pickle.loads(pickle.dumps(mixed))) == hash(mixed)
    assert mixed != net
    assert dataclasses.replace(net, delay=mf.FixedDelay(1.5 * ms)) == net
    with pytest.raises(ValueError, match=r"delay must have shape \(2, 2\)"):
        dataclasses.replace(net, delay=[[spread, 1.0]])
    with pytest.raises(ValueError, match="FixedDelay delay must not be negative"):
        dataclasses.replace(net, delay=[[spread, -1.0], [0.0, 0.0]])
