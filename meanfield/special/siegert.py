"""The Siegert integral, its logarithm's worth of range, and its derivatives, to the last digits of a double.

With f(u) = e^{u²}(1 + erf u) = erfcx(-u), threshold y and reset y - d in units of the noise,

    I(y, d) = integral of f from y - d to y,     rate = 1/(t_ref + tau_m sqrt(pi) I).

Everything here is scaled by e^{-max(y, 0)²}, so that nothing overflows, and takes (y, d), so that nothing cancels
before it is seen: I is a difference of one univariate antiderivative, in the form that loses no digits for each sign of
y and y - d. Siegert (1951); Amit & Tsodyks (1991), Network 2; Brunel & Hakim (1999).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit, jit
from meanfield.special.compensated import product_error
from meanfield.special.polynomials import EDGE, TABLES, piecewise, tail

SQRT_PI = math.sqrt(math.pi)
_INVERSE_SQRT_PI = 1.0 / math.sqrt(math.pi)
_ERFCX, _ERFCX_TAIL = TABLES["erfcx"], TABLES["erfcx_tail"]
_ERFCX_K, _ERFCX_K_TAIL = TABLES["erfcx_k"], TABLES["erfcx_k_tail"]
_ERFCX_H, _ERFCX_H_TAIL = TABLES["erfcx_h"], TABLES["erfcx_h_tail"]
_ERFCX_INT, _ERFCX_INT_TAIL = TABLES["erfcx_int"], TABLES["erfcx_int_tail"]
_F_INT, _F_INT_TAIL = TABLES["f_int"], TABLES["f_int_tail"]
_LOG_REMAINDER = TABLES["log_remainder"]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@fast_jit
def erfcx(x: Any) -> Any:
    """e^{x²} erfc(x) for x >= 0."""
    if x < EDGE:
        return piecewise(_ERFCX, x)
    return _INVERSE_SQRT_PI / x * tail(_ERFCX_TAIL, x)


@fast_jit
def erfcx_k(x: Any) -> Any:
    """-erfcx'(x)/2 = 1/sqrt(pi) - x erfcx(x) for x >= 0."""
    if x < EDGE:
        return piecewise(_ERFCX_K, x)
    return 0.5 * _INVERSE_SQRT_PI / x / x * tail(_ERFCX_K_TAIL, x)


@fast_jit
def erfcx_h(x: Any) -> Any:
    """erfcx''(x)/2 for x >= 0."""
    if x < EDGE:
        return piecewise(_ERFCX_H, x)
    return _INVERSE_SQRT_PI / x / x / x * tail(_ERFCX_H_TAIL, x)


@fast_jit
def erfcx_integral(x: Any) -> Any:
    """Integral of erfcx from 0 to x >= 0."""
    if x < EDGE:
        return piecewise(_ERFCX_INT, x)
    return _INVERSE_SQRT_PI * (math.log(x) + tail(_ERFCX_INT_TAIL, x))


@fast_jit
def scaled_f_integral(y: Any) -> Any:
    """e^{-y²} times the integral of f from 0 to y >= 0."""
    if y < EDGE:
        return piecewise(_F_INT, y)
    return tail(_F_INT_TAIL, y) / y


@jit
def log1p(z: Any) -> Any:
    """log(1 + z) for z >= 0: the logarithm of the rounded sum, and the rounding error to first order.

    (As exact as the C library's, and without its branches, which are hard to predict.)
    """
    u = 1.0 + z
    return math.log(u) + (z - (u - 1.0)) / u


@fast_jit
def erfcx_integral_between(a: Any, d: Any) -> Any:
    """Integral of erfcx from a to a + d, for a, d >= 0, without cancellation for any d.

    It is (log1p(d/(a + 4)) + R(tb) - R(ta))/sqrt(pi), for a smooth R and t = (x - 4)/(x + 4). The polynomial R is
    differenced by Horner's scheme for both ends at once, in even and odd parts that the processor works on together:
    with R(t) = A(t²) + t B(t²), [R(tb) - R(ta)]/(tb - ta) = (ta + tb)(A[ta², tb²] + ta B[ta², tb²]) + B(tb²).
    """
    if d > 0.5 + 0.5 * a and a + d < EDGE:
        return piecewise(_ERFCX_INT, a + d) - piecewise(_ERFCX_INT, a)
    ia = 1.0 / (a + 4.0)
    ib = 1.0 / (a + d + 4.0)
    ta = 1.0 - 8.0 * ia
    tb = 1.0 - 8.0 * ib
    ua = ta * ta
    ub = tb * tb
    even, odd = _LOG_REMAINDER[24], _LOG_REMAINDER[23]  # at tb²
    even_slope = odd_slope = 0.0
    for k in range(22, -1, -2):
        even_slope = even_slope * ua + even
        even = even * ub + _LOG_REMAINDER[k]
    for k in range(21, 0, -2):
        odd_slope = odd_slope * ua + odd
        odd = odd * ub + _LOG_REMAINDER[k]
    slope = (ta + tb) * (even_slope + ta * odd_slope) + odd
    return _INVERSE_SQRT_PI * (log1p(d * ia) + 8.0 * (d * ia) * ib * slope)


@jit
def scaling(y: Any) -> Any:
    """e^{-max(y, 0)²}, which the scaled functions take to compute it once; rounded as y² is."""
    return math.exp(-y * y) if y > 0.0 else 1.0


@jit
def corrected_scaling(y: Any, y_error: Any, e: Any) -> Any:
    """e^{-(y + y_error)²} for y > 0 from `scaling`, with the rounding error of the square put back."""
    return e - e * (product_error(y, y, y * y) + 2.0 * y * y_error)


@jit
def scaled_integral(y: Any, d: Any, e: Any) -> Any:
    """e^{-max(y, 0)²} I(y, d), for d >= 0 and e = scaling(y)."""
    if y <= 0.0:
        return erfcx_integral_between(-y, d)
    r = y - d
    if r <= 0.0:
        if d > 0.5:
            return scaled_f_integral(y) + e * erfcx_integral(-r)
        total = 0.0  # both parts may be tiny, where tables from 0 have no relative digits: quadrature has
        for k in range(8):
            u = y - 0.5 * d * (1.0 + _NODES[k])
            total += _WEIGHTS[k] * (erfcx(-u) if u <= 0.0 else 2.0 * math.exp(u * u) - erfcx(u))
        return 0.5 * d * total * e
    if d * y > 0.5:
        return scaled_f_integral(y) - math.exp(-d * (y + r)) * scaled_f_integral(r)
    # f(u) = 2 e^{u²} - erfcx(u); the first over a short way by quadrature, the second without cancellation
    total = 0.0
    for k in range(8):
        t = 0.5 * d * (1.0 + _NODES[k])
        total += _WEIGHTS[k] * math.exp(t * (t - 2.0 * y))
    return total * d - e * erfcx_integral_between(r, d)


@jit
def gain_differences(y: Any, d: Any, e: Any) -> Any:
    """e^{-max(y, 0)²} ([f], [u f(u)]) between reset and threshold, for e = scaling(y); both are positive.

    d rate/d mu = rate² tau_m sqrt(pi)/sigma [f], d rate/d sigma = rate² tau_m sqrt(pi)/sigma [u f].
    """
    if y <= 0.0:
        a = -y
        if d > 0.25 + 0.25 * a:
            return erfcx(a) - erfcx(a + d), erfcx_k(a) - erfcx_k(a + d)
        first = second = 0.0
        for k in range(8):
            x = a + 0.5 * d * (1.0 + _NODES[k])
            first += _WEIGHTS[k] * erfcx_k(x)
            second += _WEIGHTS[k] * erfcx_h(x)
        return d * first, 0.5 * d * second
    r = y - d
    if d * max(2.0, 2.0 * y) <= 1.0:
        first = second = 0.0
        for k in range(8):  # integrals of f' and of (u f)' = f''/2
            t = 0.5 * d * (1.0 + _NODES[k])
            u = y - t
            if u <= 0.0:
                first += _WEIGHTS[k] * 2.0 * erfcx_k(-u) * e
                second += _WEIGHTS[k] * erfcx_h(-u) * e
            else:
                f = 2.0 * math.exp(-t * (y + u)) - erfcx(u) * e
                slope = 2.0 * u * f + 2.0 * _INVERSE_SQRT_PI * e
                first += _WEIGHTS[k] * slope
                second += _WEIGHTS[k] * (f + u * slope)
        return 0.5 * d * first, 0.5 * d * second
    f_th = 2.0 - e * erfcx(y)
    if r <= 0.0:
        f_r = e * erfcx(-r)
        rf_r = -e * (_INVERSE_SQRT_PI - erfcx_k(-r))
    else:
        f_r = 2.0 * math.exp(-d * (y + r)) - e * erfcx(r)
        rf_r = r * f_r
    return f_th - f_r, y * f_th - rf_r


@jit
def rate(y: Any, y_error: Any, d: Any, tau_m: Any, t_ref: Any) -> Any:
    """Firing rate for a threshold at y + y_error, where |y_error| is below the rounding of y."""
    e = scaling(y)
    integral = tau_m * SQRT_PI * scaled_integral(y, d, e)
    if y <= 0.0:
        return 1.0 / (t_ref + integral)
    e = corrected_scaling(y, y_error, e)
    return e / (t_ref * e + integral)


@jit
def log_rate(y: Any, y_error: Any, d: Any, tau_m: Any, t_ref: Any) -> Any:
    """Logarithm of the firing rate, where the rate itself is below the smallest double too."""
    e = scaling(y)
    integral = tau_m * SQRT_PI * scaled_integral(y, d, e)
    if y <= 0.0:
        return -math.log(t_ref + integral)
    if y > 1e150:
        return -math.inf
    square = y * y
    correction = product_error(y, y, square) + 2.0 * y * y_error
    return -square - (correction + math.log(t_ref * e + integral))


@jit
def rate_and_gains(y: Any, y_error: Any, d: Any, tau_m: Any, t_ref: Any) -> Any:
    """(rate, sigma d rate/d mu, sigma d rate/d sigma) for unfiltered synapses."""
    e = scaling(y)
    integral = tau_m * SQRT_PI * scaled_integral(y, d, e)
    by_f, by_uf = gain_differences(y, d, e)
    if y > 0.0:
        e = corrected_scaling(y, y_error, e)
    denominator = t_ref * e + integral
    nu = e / denominator
    weight = nu / denominator * tau_m * SQRT_PI
    return nu, weight * by_f, weight * by_uf
