"""g_s(y) = e^{y²/2} D_{-s}(-sqrt(2) y) and its neighbours g_{s+1}, g_{s+2} at moderate complex s.

g_s' = sqrt(2) s g_{s+1} and g_s = (s+1) g_{s+2} - sqrt(2) y g_{s+1}: left of 0 the recurrence is stable downwards in s,
and starts where the Liouville-Green expansion holds; right of 0 the function grows as e^{y²}, and is continued by
Taylor steps. g_0 = 1.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit
from meanfield.special.liouville_green import logarithm_and_slope

SQRT_2 = math.sqrt(2.0)
_LARGE = 56.0  # |p²| and
_LARGE_ORDER = 20.0  # |2s - 1| from which twelve terms of the expansion reach the last digits
_MOST_TERMS = 64
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


@fast_jit
def _raised(y: Any, s: Any) -> Any:
    """How far s must be raised for the expansion to hold."""
    imaginary = 2.0 * s.imag
    steps = 2
    rest = _LARGE * _LARGE - imaginary * imaginary
    if rest > 0.0:
        steps = max(steps, math.ceil(0.5 * (math.sqrt(rest) - y * y + 1.0) - s.real))
    rest = _LARGE_ORDER * _LARGE_ORDER - imaginary * imaginary
    if rest > 0.0:
        steps = max(steps, math.ceil(0.5 * (math.sqrt(rest) + 1.0) - s.real))
    return steps


@fast_jit
def left(y: Any, s: Any) -> Any:
    """(g_s, g_{s+1}, g_{s+2}, g_{s+3}) for y <= 0."""
    return scaled_left(y, s, 0.0)


@fast_jit
def log_size(y: Any, s: Any) -> Any:
    """About log |g_s(y)| for y <= 0, to scale by."""
    return logarithm_and_slope(y, s + _raised(y, s))[0].real


@fast_jit
def scaled_left(y: Any, s: Any, log_scale: Any) -> Any:
    """As `left`, times e^{-log_scale}, for orders at which the functions underflow."""
    steps = _raised(y, s)
    order = s + steps
    log, q = logarithm_and_slope(y, order)
    g = cmath.exp(log - log_scale)
    g_1 = q * g / (SQRT_2 * order)
    g_2 = g_3 = g_1
    x = -SQRT_2 * y
    for _ in range(steps):
        g, g_1, g_2, g_3 = order * g_1 + x * g, g, g_1, g_2
        order -= 1.0
    return g, g_1, g_2, g_3


@fast_jit
def step(y: Any, s: Any, h: Any, g: Any, g_1: Any) -> Any:
    """Increments of g_s (divided by s) and of g_{s+1} from y to y + h, by the Taylor series of the equation."""
    b_0 = SQRT_2 * g_1 * h
    b_1 = (y * SQRT_2 * g_1 + g) * h * h
    increment = b_0 + b_1
    slope_increment = 2.0 * b_1
    c_1, c_2 = 2.0 * y * h, 2.0 * h * h
    small = 0
    for n in range(1, _MOST_TERMS):
        b_2 = (c_1 * (n + 1) * b_1 + c_2 * (n + s) * b_0) / ((n + 1.0) * (n + 2.0))
        increment += b_2
        slope_increment += (n + 2.0) * b_2
        b_0, b_1 = b_1, b_2
        if (abs(b_2.real) + abs(b_2.imag)) * (n + 2) < 1e-17 * (abs(increment.real) + abs(increment.imag)):
            small += 1
            if small == 2:
                break
        else:
            small = 0
    return increment, slope_increment / (SQRT_2 * h)


@fast_jit
def march(start: Any, end: Any, s: Any, g: Any, g_1: Any) -> Any:
    """(g_s, g_{s+1}, increment of g_s divided by s) at `end`, from their values at `start`, 0 <= start <= end."""
    total = 0.0j
    x = start
    while x < end:
        h = min(0.75, 3.0 / math.sqrt(1.0 + 2.0 * abs(s) + x * x))
        if x + 1.15 * h >= end:
            h = end - x
        increment, increment_1 = step(x, s, h, g, g_1)
        total += increment
        g += s * increment
        g_1 += increment_1
        x += h
    return g, g_1, total


@fast_jit
def increment_left(r: Any, y: Any, s: Any) -> Any:
    """(g_s(y) - g_s(r))/s for r <= y <= 0, by quadrature of the slope: no digits are lost as s -> 0."""
    total = 0.0j
    low = r
    while low < y:
        high = min(y, 0.4 * low) if low < -1.5 else y  # g varies over its distance from 0
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        part = 0.0j
        for k in range(_NODES.size):
            _, g_1, _, _ = left(middle + half * _NODES[k], s)
            part += _WEIGHTS[k] * g_1
        total += SQRT_2 * half * part
        low = high
    return total
