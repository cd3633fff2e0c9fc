"""The external rate that makes a network fire as wanted: inverse of `solve`, lowest of several, refusals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV


def test_external_rate_for_inverts_solve():
    net = mf.models.potjans2014()
    state = mf.solve(net)
    np.testing.assert_allclose(mf.external_rate_for(net, state.rate), 8 * Hz, rtol=1e-9)


@pytest.mark.parametrize("target", [0.01, 1.0, 30.0, [5.0, 12.0]])
def test_network_driven_as_told_fires_as_wanted(target):
    net = mf.models.brunel2000(g=5, eta=2)
    rates = mf.external_rate_for(net, target)
    driven = dataclasses.replace(net, drives=[dataclasses.replace(net.drives[0], rate=rates)])
    state = mf.solve(driven, start=target)
    np.testing.assert_allclose(state.rate, np.broadcast_to(target, 2), rtol=1e-9)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (600.0, "below 1/t_ref = 500 Hz, got 600 Hz"),
        (0.0, "target_rate must be positive"),
        ([1.0, 2.0, 3.0], r"shape \(2,\).*got shape \(3,\)"),
    ],
)
def test_unreachable_target_is_refused(target, words):
    with pytest.raises(ValueError, match=words):
        mf.external_rate_for(mf.models.brunel2000(), target)


def test_target_below_the_recurrent_input_is_refused():
    net = mf.models.brunel2000(g=1, eta=1)
    with pytest.raises(ValueError, match="the least rate that this drive can give"):
        mf.external_rate_for(net, [400.0, 0.1])


def test_drive_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="got 3"):
        mf.external_rate_for(mf.models.brunel2000(), 5.0, drive=3)


@pytest.mark.parametrize(
    ("eta", "mu"), [(0.0, 21 * mV), (0.0, 25 * mV), (0.0, 40 * mV), (0.5, 15 * mV), (0.5, 40 * mV), (2.0, 19.99 * mV)]
)
@pytest.mark.parametrize("tau_s", [0.0, 5 * ms])
def test_round_trip_down_to_no_drive_at_all(eta, mu, tau_s):
    """What the network does by itself needs a drive of 0, though rounding may ask for less."""
    net = mf.models.brunel2000(g=4.5, eta=eta)
    neurons = [dataclasses.replace(neuron, tau_s=tau_s) for neuron in net.neurons]
    net = dataclasses.replace(net, neurons=neurons, drives=[*net.drives, mf.ConstantDrive(mu=mu)])
    state = mf.solve(net)
    found = mf.external_rate_for(net, state.rate)
    np.testing.assert_allclose(found, eta * 10 * Hz, rtol=1e-9, atol=0.0)


def pacemaker(tau_s: float, mu: float) -> mf.Network:
    """One uncoupled neuron, above threshold by itself, under strong external synapses."""
    return mf.Network(
        names=["X"],
        sizes=[1],
        neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=tau_s),
        indegree=[[0]],
        weight=[[0.0]],
        drives=[mf.PoissonDrive(indegree=1, weight=2 * mV, rate=0.0), mf.ConstantDrive(mu=mu)],
    )


def driven(net: mf.Network, rate: float) -> float:
    neuron, poisson = net.neurons[0], net.drives[0]
    mean = neuron.tau_m * float(poisson.weight[0]) * rate
    return neuron.rate(float(net.mu_ext[0]) + mean, float(np.sqrt(mean * poisson.weight[0])))


def test_the_lower_of_two_drives_is_found():
    """With tau_s > 0 noise first lowers the rate of a neuron above threshold; beyond the minimum it rises again."""
    net = pacemaker(5 * ms, 25 * mV)
    rates = np.linspace(0.0, 60.0, 60_001)
    answers = np.array([driven(net, rate) for rate in rates])
    lowest = int(answers.argmin())
    assert 0 < lowest < 60_000
    for share in (0.01, 0.5, 0.99):
        target = share * answers[0] + (1 - share) * answers[lowest]
        first = int(np.flatnonzero(answers <= target)[0])
        found = float(mf.external_rate_for(net, target)[0])
        assert rates[first - 1] <= found <= rates[first]
        assert driven(net, found) == pytest.approx(target, rel=1e-9)
    found = float(mf.external_rate_for(net, answers[0] * 1.01)[0])  # met once
    assert found > rates[lowest]
    assert driven(net, found) == pytest.approx(answers[0] * 1.01, rel=1e-9)
    just = float(mf.external_rate_for(net, answers[lowest])[0])  # at the minimum, where two solutions meet
    assert driven(net, just) == pytest.approx(answers[lowest], rel=1e-9)


def test_a_rate_below_all_that_the_drive_can_give_is_refused():
    net = pacemaker(5 * ms, 25 * mV)
    least = min(driven(net, rate) for rate in np.linspace(0.0, 60.0, 6001))
    with pytest.raises(ValueError, match="the least rate that this drive can give") as error:
        mf.external_rate_for(net, 0.9999 * least)
    assert f"target_rate of X must be at least {least:g} Hz" in str(error.value)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"network": "brunel2000"}, TypeError, "network must be a meanfield.Network .*got 'brunel2000'"),
        ({"drive": "x"}, TypeError, "drive must be a whole number, got 'x'"),
        ({"drive": 0.5}, TypeError, "drive must be a whole number, got 0.5"),
        ({"drive": -1}, ValueError, "drive must be at least 0, got -1"),
        ({"drive": 1}, ValueError, "drive must be the index of one of the 1 drives, got 1"),
    ],
)
def test_wrong_arguments_are_named(words, error, message):
    with pytest.raises(error, match=message):
        mf.external_rate_for(**({"network": mf.models.brunel2000(), "target_rate": 5.0} | words))
