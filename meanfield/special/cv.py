"""Irregularity of the inter-spike intervals in closed univariate form.

With Q' = 2 u Q + f² and W' = Q, both zero at -infinity, the double integral of Brunel (2000), app. A, is a difference:

    CV² = 2 pi (rate tau_m)² [W(y_th) - W(y_r)],

where the rate includes the refractory period.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit, jit
from meanfield.special.polynomials import EDGE, TABLES, piecewise, tail
from meanfield.special.siegert import SQRT_PI, scaled_integral, scaling

_W, _W_TAIL, _Q, _Q_TAIL = (TABLES[name] for name in ("w", "w_tail", "q", "q_tail"))
_BIG_W, _BIG_W_TAIL, _BIG_Q, _BIG_Q_TAIL = (TABLES[f"big_{name}"] for name in ("w", "w_tail", "q", "q_tail"))
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


@fast_jit
def w_left(x: Any) -> Any:
    """W(-x) for x >= 0."""
    if x < EDGE:
        return piecewise(_W, x)
    return tail(_W_TAIL, x) / x / x


@fast_jit
def q_left(x: Any) -> Any:
    """Q(-x) for x >= 0."""
    if x < EDGE:
        return piecewise(_Q, x)
    return tail(_Q_TAIL, x) / x / x / x


@fast_jit
def w_right(y: Any) -> Any:
    """e^{-2y²} W(y) for y >= 0."""
    if y < EDGE:
        return piecewise(_BIG_W, y)
    return tail(_BIG_W_TAIL, y) / y / y


@fast_jit
def q_right(y: Any) -> Any:
    """e^{-2y²} Q(y) for y >= 0."""
    if y < EDGE:
        return piecewise(_BIG_Q, y)
    return tail(_BIG_Q_TAIL, y) / y


@jit
def scaled_w_difference(y: Any, d: Any) -> Any:
    """e^{-2 max(y, 0)²} [W(y) - W(y - d)], by quadrature of Q where the difference would cancel."""
    if y <= 0.0:
        a = -y
        if d > 0.25 + 0.25 * a:
            return w_left(a) - w_left(a + d)
        total = 0.0
        for k in range(10):
            total += _WEIGHTS[k] * q_left(a + 0.5 * d * (1.0 + _NODES[k]))
        return total * 0.5 * d
    r = y - d
    if d * max(2.0, 4.0 * y) <= 1.0:
        total = 0.0
        for k in range(10):
            t = 0.5 * d * (1.0 + _NODES[k])
            u = y - t
            if u <= 0.0:
                total += _WEIGHTS[k] * q_left(-u) * math.exp(-2.0 * y * y)
            else:
                total += _WEIGHTS[k] * q_right(u) * math.exp(-2.0 * t * (y + u))
        return total * 0.5 * d
    if r <= 0.0:
        return w_right(y) - math.exp(-2.0 * y * y) * w_left(-r)
    return w_right(y) - math.exp(-2.0 * d * (y + r)) * w_right(r)


@jit
def cv(y: Any, d: Any, tau_m: Any, t_ref: Any) -> Any:
    """Coefficient of variation of the inter-spike intervals."""
    e = scaling(y)
    refractory = t_ref / (tau_m * SQRT_PI) * e
    return math.sqrt(2.0 * scaled_w_difference(y, d)) / (scaled_integral(y, d, e) + refractory)
