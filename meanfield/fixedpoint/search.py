"""Several fixed points of a network of any size: Newton iterations with deflation, from many starts.

Deflation (Farrell, Birkisson & Funke 2015) multiplies the residual by 1 + 1/|x - x_k|² for each state x_k that is
known, in x = log(1 + rate/Hz), so that Newton's method does not go there again.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from meanfield._compiled import interpreted, jit
from meanfield._validate import FloatArray
from meanfield.fixedpoint import newton as newton_module
from meanfield.fixedpoint.homotopy import follow_coupling
from meanfield.fixedpoint.newton import LONG, newton, solve_linear, transfer
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import first_alike, is_lif, pack, transfer_of
from meanfield.network import Network

_LEVELS = (0.0, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.9)
_RANDOM_STARTS = 24
_MOST_STEPS = 80
_RUNAWAY = math.log(1e9)  # of x


def high_rates(network: Network) -> FloatArray:
    """A scale of high rates, (P,) [Hz]: one over the refractory period, or 500 Hz without one."""
    return np.array([1.0 / max(t_ref, 2e-3) for t_ref in _refractory(network)])


def _refractory(network: Network) -> list[float]:
    return [getattr(neuron, "t_ref", 0.0) for neuron in network.neurons]


def search_with_deflation(network: Network, near: Sequence[FloatArray] = ()) -> list[FixedPoint]:
    """Return the fixed points found, in the order found; there may be more. `near` are rates to begin with, too.

    A start from which iterations come to an input that a neuron refuses leads nowhere; if that is why no state was
    found, the neuron's ValueError is raised.
    """
    states: list[FixedPoint] = []
    starts = [*near, *_starts(network)]
    refused: ValueError | None = None
    for start in starts:
        try:
            _refine(network, start, states)
        except ValueError as error:
            refused = refused or error
    if not states:
        if refused is not None:
            raise refused
        followed = follow_coupling(network, np.zeros(network.n_populations))
        if followed is not None:
            _refine(network, followed, states)
    known = 0
    while states and known < len(states):  # deflate again whenever something new turned up
        known = len(states)
        for start in starts:
            with suppress(ValueError):
                found = _deflated_newton(network, start, states)
                if found is not None:
                    _refine(network, found, states, LONG)
    return states


def _starts(network: Network) -> list[FloatArray]:
    """Levels of all rates; at random too, unless all populations answer alike, which is a search along a line."""
    top = high_rates(network)
    levels = [level * top for level in _LEVELS]
    first = first_alike(network)
    if not any(first):
        return levels
    rng = np.random.default_rng(network.n_populations)  # the same starts every time
    spread = 10.0 ** rng.uniform(-4, 0, (_RANDOM_STARTS, network.n_populations))
    return levels + [row * top for row in spread[:, first]]


def _refine(network: Network, near: FloatArray, states: list[FixedPoint], time_step: float = 1.0) -> None:
    """Iterate from `near` and append what is found, if it is new."""
    state = np.empty((4, network.n_populations))
    state[0] = near
    found, _ = newton(network, state, time_step)
    if found is None:
        return
    scale = 1e-300 + found.rate.max()
    if not any(np.allclose(found.rate, old.rate, rtol=1e-8, atol=1e-12 * scale) for old in states):
        states.append(found)


def _deflated_newton(network: Network, start: FloatArray, states: list[FixedPoint]) -> FloatArray | None:
    """Return rates where the deflated iteration settles, away from `states`, or None."""
    rate = np.array(start, dtype=float)
    known = np.array([np.log1p(state.rate) for state in states])
    search: Any = deflated_newton
    if not is_lif(network):
        search = interpreted(search, newton_module, sys.modules[__name__], transfer=transfer_of(network))
    highest = np.array([math.log1p(1.0 / t) if t > 0.0 else math.inf for t in _refractory(network)])
    return rate if search(pack(network), rate, known, highest) else None


@jit
def deflated_newton(network: Any, rate: Any, known: Any, highest: Any) -> Any:
    """Iterate `rate` (P,) in x = log(1 + rate/Hz) away from the `known` x (k, P); True if it settles.

    x stays between 0 and `highest` (P,), beyond which no state can be.
    """
    n = rate.size
    x = np.log1p(rate)
    answered = np.empty(n)
    step = np.empty(n)
    jacobian = np.empty((n, n))
    moments = np.empty((2, n))
    for _ in range(_MOST_STEPS):
        transfer(network, rate, answered, jacobian, moments)
        for i in range(n):
            step[i] = answered[i] - rate[i]
            for j in range(n):
                jacobian[i, j] = -jacobian[i, j]
            jacobian[i, i] += 1.0
        if not solve_linear(jacobian, step):
            return False
        for i in range(n):
            step[i] /= 1.0 + rate[i]
        denominator = 1.0
        for k in range(known.shape[0]):
            squared = 1e-300
            along = 0.0
            for i in range(n):
                squared += (x[i] - known[k, i]) ** 2
                along += (x[i] - known[k, i]) * step[i]
            denominator += 2.0 * along / (squared * (1.0 + squared))
        largest = 0.0
        for i in range(n):
            step[i] /= denominator if denominator != 0.0 else 1e-300
            if not math.isfinite(step[i]):
                return False
            largest = max(largest, abs(step[i]))
        moved = False
        for i in range(n):
            before = x[i]
            x[i] = min(max(x[i] + step[i] * min(1.0, 1.0 / max(largest, 1e-300)), 0.0), highest[i])
            if x[i] > _RUNAWAY:
                return False
            moved = moved or x[i] != before
            rate[i] = math.expm1(x[i])
        if largest < 1e-7:
            return True
        if not moved:  # held at an end for ever
            return False
    return False
