"""A leaky neuron behind filtered noise, without approximation but for the discretisation, without units.

By the chain of currents at spikes where V surely rises to threshold, else by the integral equation on threshold. Times
are in units of tau_m, inputs of sigma, rates of 1/tau_m.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.neurons.filtered_chain import (
    MODES,
    NODES,
    Chain,
    build,
    chain_response,
    chain_spectrum,
    chain_variation,
    follow_flux,
    surely_rises,
)
from meanfield.neurons.filtered_equation import (
    Equation,
    Neuron,
    discretise,
    is_resolvable,
    prepare,
    resolution,
    response,
    scaled_rate,
    spectrum,
    squared_variation,
    time_step,
)

_COARSER = 1.4  # factor between the steps of two discretisations, of which the difference is the error
_FEWER_MODES, _FEWER_NODES = 24, 80
_SLOWEST = 1e-3  # of |omega| max(1, tau_s), below which the spectrum is as at 0


def way(neuron: Neuron) -> str | None:
    """What answers: "chain", or "solver" for the equation; None where noise is too weak for both."""
    if surely_rises(neuron):
        return "chain"
    return "solver" if is_resolvable(neuron) else None


@jit
def solve_rate(neuron: Neuron, out: Any) -> None:
    """Fill `out` (2,) with the rate and its logarithm; NaN where noise is too weak."""
    out[0] = out[1] = np.nan
    if surely_rises(neuron):
        out[0] = build(neuron, MODES, NODES).flux[0]
        out[1] = math.log(out[0])
    elif is_resolvable(neuron):
        nodes = resolution(neuron)
        equation = discretise(neuron, nodes, time_step(neuron, nodes))
        rate = scaled_rate(equation)
        out[0] = rate * math.exp(equation.scale)
        out[1] = math.log(rate) + equation.scale


def coarser_rate(neuron: Neuron) -> float:
    """The rate of a coarser discretisation."""
    if surely_rises(neuron):
        return float(build(neuron, _FEWER_MODES, _FEWER_NODES).flux[0])
    nodes = resolution(neuron)
    equation = discretise(neuron, nodes - 4, _COARSER * time_step(neuron, nodes))
    return float(scaled_rate(equation)) * math.exp(equation.scale)


@lru_cache(maxsize=16)
def _solution(neuron: Neuron) -> Chain | Equation:
    """The chain, or the equation ready for responses."""
    if surely_rises(neuron):
        chain = build(neuron, MODES, NODES)
        follow_flux(chain)
        return chain
    nodes = resolution(neuron)
    equation = discretise(neuron, nodes, time_step(neuron, nodes))
    prepare(equation)
    return equation


@lru_cache(maxsize=16)
def rate_and_gains(neuron: Neuron) -> tuple[float, float, float]:
    """(rate, d rate/d mu, d rate/d sigma²)."""
    found = _solution(neuron)
    if isinstance(found, Chain):
        rate, gains = float(found.flux[0]), chain_response(found, 0.0j).real
    else:
        unit = math.exp(found.scale)
        rate, gains = float(scaled_rate(found)) * unit, response(found, 0.0j).real * unit
    return rate, float(gains[0]), float(gains[1])


@jit
def _chain_responses(chain: Chain, s: Any, out: Any) -> None:
    for k in range(s.size):
        out[:, k] = chain_response(chain, s[k])


@jit
def _responses(equation: Equation, s: Any, out: Any) -> None:
    for k in range(s.size):
        out[:, k] = response(equation, s[k])
    out *= math.exp(equation.scale)


def responses(neuron: Neuron, s: FloatArray) -> FloatArray:
    """Answers (2, n) to e^{st} on mu, through the filter, and on sigma², at the complex `s` (n,)."""
    found = _solution(neuron)
    out = np.empty((2, s.size), dtype=complex)
    s = np.ascontiguousarray(s)
    if isinstance(found, Chain):
        _chain_responses(found, s, out)
    else:
        _responses(found, s, out)
    return out


def variation(neuron: Neuron) -> float:
    """CV of single intervals."""
    found = _solution(neuron)
    if isinstance(found, Chain):
        return float(chain_variation(found))
    return math.sqrt(max(squared_variation(found), 0.0))


def power(neuron: Neuron, omega: float) -> float:
    """Power spectrum of the spikes."""
    found = _solution(neuron)
    s = max(abs(omega), _SLOWEST / max(1.0, neuron.ratio)) * 1j
    if isinstance(found, Chain):
        return float(chain_spectrum(found, s))
    return float(spectrum(found, s)) * math.exp(found.scale)
