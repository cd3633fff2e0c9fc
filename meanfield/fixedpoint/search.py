"""Several fixed points of a network of any size: Newton iterations with deflation, from many starts.

Deflation (Farrell, Birkisson & Funke 2015) multiplies the residual by 1 + 1/|x - x_k|² for each state x_k that is
known, in x = log(1 + rate/Hz), so that Newton's method does not go there again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from meanfield._validate import FloatArray
from meanfield.fixedpoint.homotopy import follow_coupling
from meanfield.fixedpoint.newton import LONG, newton
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import rates_and_jacobian
from meanfield.network import Network

_LEVELS = (0.0, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.9)
_RANDOM_STARTS = 24


def high_rates(network: Network) -> FloatArray:
    """A scale of high rates, (P,) [Hz]: one over the refractory period, or 500 Hz without one."""
    return np.array([1.0 / max(getattr(neuron, "t_ref", 0.0), 2e-3) for neuron in network.neurons])


def search_with_deflation(network: Network, near: Sequence[FloatArray] = ()) -> list[FixedPoint]:
    """Return the fixed points found, in the order found; there may be more. `near` are rates to begin with, too."""
    states: list[FixedPoint] = []
    starts = [*near, *_starts(network)]
    for start in starts:
        _refine(network, start, states)
    if not states:
        followed = follow_coupling(network, np.zeros(network.n_populations))
        if followed is not None:
            _refine(network, followed, states)
    known = 0
    while states and known < len(states):  # deflate again whenever something new turned up
        known = len(states)
        for start in starts:
            found = _deflated_newton(network, start, states)
            if found is not None:
                _refine(network, found, states, LONG)
    return states


def _starts(network: Network) -> list[FloatArray]:
    top = high_rates(network)
    rng = np.random.default_rng(network.n_populations)  # the same starts every time
    spread = 10.0 ** rng.uniform(-4, 0, (_RANDOM_STARTS, network.n_populations))
    return [level * top for level in _LEVELS] + [row * top for row in spread]


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
    x = np.log1p(start)
    known = np.array([np.log1p(state.rate) for state in states])
    identity = np.eye(start.size)
    for _ in range(80):
        rate = np.expm1(x)
        answered, jacobian, _ = rates_and_jacobian(network, rate)
        try:
            step = np.linalg.solve(identity - jacobian, answered - rate) / (1.0 + rate)
        except np.linalg.LinAlgError:
            return None
        distance = x - known
        squared = np.maximum((distance**2).sum(axis=1), 1e-300)
        gradient = (-2.0 * distance / (squared * (1.0 + squared))[:, None]).sum(axis=0)
        denominator = 1.0 - gradient @ step
        step = step / (denominator if denominator != 0.0 else 1e-300)
        largest = np.abs(step).max()
        if not np.isfinite(largest):
            return None
        x = np.maximum(x + step * min(1.0, 1.0 / max(largest, 1e-300)), 0.0)
        if x.max() > np.log(1e9):
            return None
        if largest < 1e-7:
            near: FloatArray = np.expm1(x)
            return near
    return None
