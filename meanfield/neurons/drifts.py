"""Drifts of integrate-and-fire neurons, by kind, and what they say without solving anything."""

from __future__ import annotations

import math
from typing import Any

from meanfield._compiled import jit
from meanfield.neurons.panels import POINTS, WEIGHTS, N

LEAKY, EXPONENTIAL, QUADRATIC, CONDUCTANCE = 0, 1, 2, 3


@jit
def drift(kind: Any, v: Any, mu: Any, p: Any) -> Any:
    """(f, df/dV, d²f/dV²) at V; `p` is what the neuron packs."""
    if kind == EXPONENTIAL:
        spike = p[5] * math.exp(min((v - p[4]) / p[5], 300.0))
        return mu - v + spike, spike / p[5] - 1.0, spike / (p[5] * p[5])
    if kind == QUADRATIC:
        away = v - p[4]
        return mu - p[6] + 0.5 * away * away / p[5], away / p[5], 1.0 / p[5]
    if kind == CONDUCTANCE:  # -A/cosh x - B tanh x
        sech, tanh = 1.0 / math.cosh(v), math.tanh(v)
        first, second = p[4] * sech, p[5] * sech
        return (
            -first - p[5] * tanh,
            first * tanh - second * sech,
            first * (1.0 - 2.0 * tanh * tanh) + (2.0 * second * sech * tanh),
        )
    return mu - v, -1.0, 0.0


@jit
def effects(kind: Any, v: Any, p: Any) -> Any:
    """What the two inputs weigh u' and u'' by at V: mu (1, 0) and sigma² (0, 1/2).

    Spikes of conductance synapses, tau_m times per second each, move V by j = b (E - V), and thus weigh the derivatives
    by V with j and j²/2; here derivatives are by x, V = c + w sinh x.
    """
    if kind == CONDUCTANCE:
        slope, bend = p[7] * math.cosh(v), math.tanh(v)
        potential = p[6] + p[7] * math.sinh(v)
        e = p[8] * (p[10] - potential) / slope
        i = p[9] * (p[11] - potential) / slope
        return e - 0.5 * e * e * bend, 0.5 * e * e, i - 0.5 * i * i * bend, 0.5 * i * i
    return 1.0, 0.0, 0.0, 0.5


@jit
def lowest_drift(kind: Any, mu: Any, p: Any) -> Any:
    """The least drift between reset and threshold: without noise the neuron fires where it is positive."""
    lowest = min(drift(kind, p[3], mu, p)[0], drift(kind, p[2], mu, p)[0])
    if kind in (EXPONENTIAL, QUADRATIC) and p[3] < p[4] < p[2]:  # it is least at the soft threshold
        lowest = min(lowest, drift(kind, p[4], mu, p)[0])
    return lowest


@jit
def crossing_time_without_noise(kind: Any, mu: Any, p: Any) -> Any:
    """Time from reset to threshold where the drift is positive."""
    v, total = p[3], 0.0
    while v < p[2]:
        f, slope, curvature = drift(kind, v, mu, p)
        width = 0.3 * min(f / (abs(slope) + 1e-300), math.sqrt(2.0 * f / (abs(curvature) + 1e-300)))
        if kind == LEAKY:
            width = min(width, 0.3 * f)
        h = min(width, p[2] - v)
        for i in range(N):
            total += h * WEIGHTS[i] * p[0] / drift(kind, v + h * POINTS[i], mu, p)[0]
        v = v + h if h < p[2] - v else p[2]
    return total


@jit
def barrier(kind: Any, mu: Any, sigma: Any, p: Any) -> Any:
    """The exponent that a crossing is rare by: 2/sigma² times the integral of -f where f < 0."""
    if kind != CONDUCTANCE and lowest_drift(kind, mu, p) >= 0.0:
        return 0.0
    total, parts = 0.0, 64
    h = (p[2] - p[3]) / parts
    for k in range(parts):
        total += h * max(-drift(kind, p[3] + (k + 0.5) * h, mu, p)[0], 0.0)
    return 2.0 * total / (sigma * sigma)
