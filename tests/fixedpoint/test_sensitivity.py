"""Sensitivities against finite differences of solved networks, and the inverse problem against the direct one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV


def network() -> mf.Network:
    """E/I with everything different between the populations, filtered synapses, and every kind of drive."""
    return mf.Network(
        names=["E", "I"],
        sizes=[8000, 2000],
        neurons=[
            mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=1 * ms),
            mf.LIF(tau_m=12 * ms, t_ref=1 * ms, v_th=18 * mV, v_reset=11 * mV, tau_s=0.5 * ms),
        ],
        indegree=[[800, 200], [700, 150]],
        weight=[[0.1 * mV, -0.6 * mV], [0.12 * mV, -0.5 * mV]],
        delay=1.5 * ms,
        drives=[
            mf.PoissonDrive(indegree=800, weight=[0.1 * mV, 0.12 * mV], rate=[14 * Hz, 15 * Hz]),
            mf.ConstantDrive(mu=[1 * mV, 0.5 * mV]),
        ],
    )


def with_parameter(net: mf.Network, name: str, index: tuple[int, ...], value: float) -> mf.Network:
    """A copy of `net` with one entry of one parameter set."""

    def set_in(array):
        array = np.array(array)
        array[index] = value
        return array

    if name.startswith("drives"):
        position, field = int(name[7]), name.split(".")[1]
        drives = list(net.drives)
        drives[position] = dataclasses.replace(drives[position], **{field: set_in(getattr(drives[position], field))})
        return dataclasses.replace(net, drives=drives)
    if name in ("indegree", "weight"):
        return dataclasses.replace(net, **{name: set_in(getattr(net, name))})
    neurons = list(net.neurons)
    neurons[index[0]] = dataclasses.replace(neurons[index[0]], **{name: value})
    return dataclasses.replace(net, neurons=neurons)


def value_of(net: mf.Network, name: str, index: tuple[int, ...]) -> float:
    if name.startswith("drives"):
        return float(getattr(net.drives[int(name[7])], name.split(".")[1])[index])
    if name in ("indegree", "weight"):
        return float(getattr(net, name)[index])
    return float(getattr(net.neurons[index[0]], name))


@pytest.mark.parametrize("name", list(mf.sensitivity(mf.solve(network()))))
def test_every_derivative_is_that_of_the_solved_network(name):
    net = network()
    derivative = mf.sensitivity(mf.solve(net))[name]
    for index in np.ndindex(derivative.shape[1:]):
        value = value_of(net, name, index)
        h = 1e-3 * abs(value)

        def rate(x, index=index):
            return mf.solve(with_parameter(net, name, index, x)).rate

        # fourth-order central difference
        numeric = (8 * (rate(value + h) - rate(value - h)) - (rate(value + 2 * h) - rate(value - 2 * h))) / (12 * h)
        scale = np.abs(numeric).max()
        np.testing.assert_allclose(derivative[(slice(None), *index)], numeric, rtol=2e-7, atol=2e-8 * scale)


@pytest.mark.parametrize("model", list(mf.models.MODELS.values()))
def test_every_derivative_of_every_model_is_finite(model):
    derivatives = mf.sensitivity(mf.solve(model()))
    assert all(np.isfinite(values).all() for values in derivatives.values())
    assert ("tau_s" in derivatives) == (model().neurons[0].tau_s > 0)


def test_unknown_parameter_names_the_nearest():
    with pytest.raises(KeyError, match="weight"):
        mf.sensitivity(mf.solve(network()))["weigth"]


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
    with pytest.raises(ValueError, match="its rate without this drive"):
        mf.external_rate_for(net, [400.0, 0.1])


def test_drive_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="got 3"):
        mf.external_rate_for(mf.models.brunel2000(), 5.0, drive=3)
