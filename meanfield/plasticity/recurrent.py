"""One plastic connection of a network: the weight that it learns, and how the network answers to that weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_choice
from meanfield.fixedpoint import ConvergenceError, FixedPoint, solve
from meanfield.network import Network
from meanfield.neurons.base import DynamicNeuron
from meanfield.response import loop_gain

_FREQUENCIES = np.geomspace(1e-2, 2e4, 600)  # rad/s
_DOUBLINGS = 60


def connection(network: Network, target: str, source: str) -> tuple[int, int]:
    """Indices of two connected populations; ValueError if there is no such connection."""
    i = network.names.index(check_choice("target", target, network.names))
    j = network.names.index(check_choice("source", source, network.names))
    if network.indegree[i, j] == 0:
        raise ValueError(f"population {target} has no synapses from {source}, so that none can learn")
    return i, j


def with_weight(network: Network, i: int, j: int, weight: float) -> Network:
    """The network with the jump -`weight` [V] onto population i from population j."""
    weights = np.array(network.weight)
    weights[i, j] = -weight
    return replace(network, weight=weights)


def learned_state(network: Network, i: int, j: int, rho0: float, w_max: float) -> tuple[float, FixedPoint, bool]:
    """(weight, state, clipped): the weight at which population i fires at `rho0`, or the bound that is nearest to it.

    The rate is followed from no inhibition up, from state to state.
    """
    from scipy.optimize import brentq

    state = solve(with_weight(network, i, j, 0.0))
    if state.rate[i] <= rho0:
        return 0.0, state, bool(state.rate[i] < rho0)

    def excess(weight: float) -> float:
        return float(solve(with_weight(network, i, j, weight), start=state.rate).rate[i]) - rho0

    high = min(float(np.abs(network.weight).max()) or 1e-4, w_max)
    for _ in range(_DOUBLINGS):
        if excess(high) < 0:
            break
        if high >= w_max:
            return w_max, solve(with_weight(network, i, j, w_max), start=state.rate), True
        high = min(2.0 * high, w_max)
    else:
        raise ConvergenceError(f"no weight brings population {network.names[i]} down to {rho0} Hz")
    weight = float(brentq(excess, 0.0, high, xtol=1e-15, rtol=1e-13))
    state = solve(with_weight(network, i, j, weight), start=np.where(np.arange(len(state.rate)) == i, rho0, state.rate))
    if abs(state.rate[i] - rho0) > 1e-6 * rho0:
        raise ConvergenceError(
            f"population {network.names[i]} jumps past {rho0} Hz at a weight of {weight:.6g} V: there is a fold"
        )
    return weight, state, False


def follower(network: Network, i: int, j: int) -> Callable[[float], FixedPoint]:
    """Self-consistent state as a function of the weight, each searched from the one before."""
    rate = None

    def follow(weight: float) -> FixedPoint:
        nonlocal rate
        state = solve(with_weight(network, i, j, weight), start=rate)
        rate = state.rate
        return state

    return follow


def weight_slopes(state: FixedPoint, i: int, j: int) -> FloatArray:
    """d nu_i/d w [Hz/V] of population i when all its weights change, and of one neuron when its own do, (2,)."""
    alone = _reach(state, i, j) @ np.array(state.gains)[:, i]
    feedback = np.linalg.inv(np.eye(len(state.rate)) - state.jacobian)
    return np.array([feedback[i, i] * alone, alone])


def _reach(state: FixedPoint, i: int, j: int) -> FloatArray:
    """Derivatives of (mu, sigma²) of population i by the weight, (2,) [no unit, V]."""
    network = state.network
    per_jump = network.neurons[i].tau_m * network.indegree[i, j] * state.rate[j]
    return np.array([-per_jump, -2.0 * per_jump * network.weight[i, j]])


def _responses(state: FixedPoint, i: int, s: complex) -> Any:
    neuron = state.network.neurons[i]
    if not isinstance(neuron, DynamicNeuron):
        raise TypeError(f"population {state.network.names[i]}: {type(neuron).__name__} has no linear response")
    return np.array(neuron.response(s, float(state.mu[i]), float(state.sigma[i])))


def synapse_response(state: FixedPoint, i: int, j: int, s: float) -> float:
    """Laplace transform at `s` [1/s] of how a spike of one synapse changes the rate of its target [no unit]."""
    network = state.network
    jump = float(network.weight[i, j])
    effect = network.neurons[i].tau_m * np.array([jump, jump**2]) @ _responses(state, i, s)
    return float((effect * network.delays[i][j].transform(s)).real)


def traces(s: complex, tau: float) -> complex:
    """tau/s (1 + 1/(1 + s tau)): from a change of the postsynaptic rate, times r_pre, to the weight over eta."""
    return tau / s * (1.0 + 1.0 / (1.0 + s * tau))


def loops(state: FixedPoint, i: int, j: int, tau: float, rho0: float) -> Callable[[float], Any]:
    """Q(i omega), of the population's common weight and of one neuron's own."""
    n = len(state.rate)
    delay = state.network.delays[i][j]

    def loop(omega: float) -> Any:
        s = 1j * omega
        alone = _reach(state, i, j) @ _responses(state, i, s) * delay.transform(s)
        answers = np.linalg.inv(np.eye(n) - loop_gain(state, s))[:, i] * alone
        post = traces(s, tau) * state.rate[j]
        pre = rho0 * tau**2 / (1.0 + s * tau)
        return np.array([post * answers[i] - pre * answers[j], post * alone])

    return loop


def largest_rate(loop: Callable[[float], Any]) -> float:
    """Smallest eta > 0 with eta Q(i omega) = 1 for one of the loops; infinite if there is none."""
    from scipy.optimize import brentq

    values = np.array([loop(omega) for omega in _FREQUENCIES])
    smallest = math.inf
    for k, imaginary in enumerate(values.imag.T):
        for m in np.flatnonzero(np.diff(np.sign(imaginary))):
            omega = brentq(lambda x, k=k: float(loop(x)[k].imag), _FREQUENCIES[m], _FREQUENCIES[m + 1], rtol=1e-10)
            real = float(loop(omega)[k].real)
            if real > 0:
                smallest = min(smallest, 1.0 / real)
    return smallest
