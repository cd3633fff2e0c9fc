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


LIF_MODELS = [model for model in mf.models.MODELS.values() if all(isinstance(n, mf.LIF) for n in model().neurons)]


def test_binary_neurons_are_refused():
    with pytest.raises(TypeError, match="needs LIF neurons"):
        mf.sensitivity(mf.solve(mf.models.vanvreeswijk1998()))


@pytest.mark.parametrize("model", LIF_MODELS)
def test_every_derivative_of_every_model_is_finite(model):
    derivatives = mf.sensitivity(mf.solve(model()))
    assert all(np.isfinite(values).all() for values in derivatives.values())
    assert ("tau_s" in derivatives) == (model().neurons[0].tau_s > 0)


def test_unknown_parameter_names_the_nearest():
    with pytest.raises(KeyError, match="weight"):
        mf.sensitivity(mf.solve(network()))["weigth"]
