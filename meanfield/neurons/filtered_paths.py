"""Free paths of a leaky membrane behind an Ornstein-Uhlenbeck current: Gaussian, whatever the time constants.

In units of tau_m and sigma, with T = tau_s/tau_m and beta = 1/sqrt(2 T),

    dv/dt = -v + beta u,    du/dt = -u/T + sqrt(2/T) xi(t),

u of unit variance. An impulse on u acts as k(a) = (beta c(a), e^{-a/T}) after a time a, c(a) = (e^{-a/T} -
e^{-a})/(1 - 1/T); means and covariances of (v, u) after any time follow from it. Integrals over time are taken on nodes
between which functions are polynomials, so that weights for e^{-st} are exact at any complex s.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import jit

DEGREE = 5  # of the polynomials
_GAUSS, _GAUSS_WEIGHT = (0.5 * np.array(a) for a in np.polynomial.legendre.leggauss(12))
_GAUSS = _GAUSS + 0.5
_FINE = 500  # points by which a time grid is inverted
_NEAR_ONE = 1e-4  # of T: what divides by (1 - T)² is then taken at this distance


@jit
def impulse(a: Any, ratio: Any) -> Any:
    """Effect c on v (without beta) and e^{-a/T} on u, a time `a` after an impulse; T = `ratio`."""
    z = (1.0 / ratio - 1.0) * a
    if abs(z) > 1.0:
        return (math.exp(-a) - math.exp(-a / ratio)) / (1.0 / ratio - 1.0), math.exp(-a / ratio)
    mean = 1.0 - 0.5 * z if abs(z) < 1e-8 else -math.expm1(-z) / z
    return a * math.exp(-a) * mean, math.exp(-a / ratio)


@jit
def crowding(t: Any, ratio: Any, gap: Any) -> Any:
    """Inverse of the relative width in time of the passages across `gap`, between ends that are known."""
    return 0.0 if t > 50.0 else ratio * gap * math.sqrt(12.0 / t) * t / math.expm1(t)


@jit
def time_nodes(first: Any, last: Any, step: Any, ratio: Any, gap: Any) -> Any:
    """Times from `first` to `last`, `step` apart in their logarithm, and closer where passages across `gap` crowd."""
    low, high = math.log(first), math.log(last)
    position = np.empty(_FINE)
    logs = np.empty(_FINE)
    before = 0.0
    for k in range(_FINE):
        logs[k] = low + (high - low) * k / (_FINE - 1)
        now = (1.0 + 0.2 * crowding(math.exp(logs[k]), ratio, gap)) / step
        position[k] = 0.0 if k == 0 else position[k - 1] + 0.5 * (before + now) * (logs[k] - logs[k - 1])
        before = now
    n = max(math.ceil(position[-1]) + 1, DEGREE + 3)
    return np.exp(np.interp(np.linspace(0.0, position[-1], n), position, logs))


@jit
def covariances(t: Any, ratio: Any, t_ref: Any) -> Any:
    """Rows (var v, cov, var u, c, e^{-t/T}) after times `t` (n,), of which u had a time `t_ref` more."""
    n = t.size
    out = np.empty((5, n))
    beta2 = 0.5 / ratio
    beta = math.sqrt(beta2)
    vv, vu, uu, before = 0.0, 0.0, 0.0, 0.0
    earlier = -math.expm1(-2.0 * t_ref / ratio)
    for k in range(n):
        while before < t[k]:
            now = min(t[k], max(2.0 * before, min(ratio, 1.0)))
            d = now - before
            for g in range(_GAUSS.size):
                c, e = impulse(before + d * _GAUSS[g], ratio)
                q = 2.0 / ratio * d * _GAUSS_WEIGHT[g]
                vv += q * beta2 * c * c
                vu += q * beta * c * e
                uu += q * e * e
            before = now
        c, e = impulse(t[k], ratio)
        out[0, k] = vv + earlier * beta2 * c * c
        out[1, k] = vu + earlier * beta * c * e
        out[2, k] = uu + earlier * e * e
        out[3, k], out[4, k] = c, e
    return out


@jit
def _decayed(rate: Any, t: Any) -> Any:
    """Integral of e^{-rate a} from 0 to t."""
    z = rate * t
    if abs(z) < 1e-3:
        return t * (1.0 - z * (0.5 - z * (1.0 / 6.0 - z * (1.0 / 24.0 - z / 120.0))))
    return (1.0 - cmath.exp(-z)) / rate


@jit
def modulated_covariances(t: Any, s: Any, ratio: Any, t_ref: Any) -> Any:
    """Covariances (v v, v u, u u) that noise of intensity e^{st} adds, t after; those of `t_ref` before included.

    Returns them whole, and their parts without and with the factor e^{-st}.
    """
    whole = np.zeros(3, dtype=np.complex128)
    still = np.zeros(3, dtype=np.complex128)
    moving = np.zeros(3, dtype=np.complex128)
    far = ratio if abs(ratio - 1.0) > _NEAR_ONE else 1.0 + _NEAR_ONE
    slope = 1.0 / (1.0 - 1.0 / far)
    beta = math.sqrt(0.5 / ratio)
    rates = (2.0 / far + s, 1.0 + 1.0 / far + s, 2.0 + s)
    factors = (
        (slope * slope * beta * beta, -2.0 * slope * slope * beta * beta, slope * slope * beta * beta),
        (slope * beta, -slope * beta, 0.0),
        (1.0, 0.0, 0.0),
    )
    for i in range(3):
        for j in range(3):
            q = 2.0 / ratio * factors[i][j]
            if q != 0.0:
                still[i] += q / rates[j]
                moving[i] -= q / rates[j] * cmath.exp(-(rates[j] - s) * t)
    if abs(rates[2]) * t < 0.3 and t / ratio < 0.3:  # where the parts cancel
        for g in range(_GAUSS.size):
            c, e = impulse(t * _GAUSS[g], ratio)
            q = 2.0 / ratio * t * _GAUSS_WEIGHT[g] * cmath.exp(-s * t * _GAUSS[g])
            whole[0] += q * beta * beta * c * c
            whole[1] += q * beta * c * e
            whole[2] += q * e * e
    else:
        whole[:] = still + cmath.exp(-s * t) * moving
    if t_ref > 0.0:
        c, e = impulse(t, ratio)
        earlier = 2.0 / ratio * _decayed(2.0 / ratio + s, t_ref)
        for i, product in enumerate((beta * beta * c * c, beta * c * e, e * e)):
            moving[i] += earlier * product
            whole[i] += cmath.exp(-s * t) * earlier * product
    return whole, still, moving


@jit
def polynomials(t: Any) -> Any:
    """For each interval of `t` (n,) the coefficients (n - 1, power, node) of the polynomial through the nodes about it.

    The variable runs from 0 to 1 over the interval; the first node is `interval - DEGREE//2`, within the grid.
    """
    n = t.size
    out = np.empty((n - 1, DEGREE + 1, DEGREE + 1))
    for k in range(n - 1):
        first = min(max(k - DEGREE // 2, 0), n - DEGREE - 1)
        x = (t[first : first + DEGREE + 1] - t[k]) / (t[k + 1] - t[k])
        for node in range(DEGREE + 1):
            c = np.zeros(DEGREE + 1)
            c[0] = 1.0
            for other in range(DEGREE + 1):
                if other != node:
                    scale = 1.0 / (x[node] - x[other])
                    for power in range(DEGREE, 0, -1):
                        c[power] = (c[power - 1] - x[other] * c[power]) * scale
                    c[0] *= -x[other] * scale
            out[k, :, node] = c
    return out


@jit
def weights(t: Any, coefficients: Any, s: Any, shortest: Any, out: Any) -> None:
    """Fill `out` (n,) so that its product with f(t) is the integral of e^{-st} f, over the intervals >= `shortest`."""
    n = t.size
    out[:] = 0.0
    moments = np.empty(DEGREE + 1, dtype=np.complex128)
    for k in range(n - 1):
        d = t[k + 1] - t[k]
        if d < shortest:
            continue
        z = s * d
        if abs(z) < 2.0:  # the last by its series, the others from it
            term = 1.0 + 0.0j
            moments[DEGREE] = 0.0
            for j in range(30):
                moments[DEGREE] += term / (DEGREE + 1 + j)
                term *= -z / (j + 1.0)
                if abs(term) < 1e-17:
                    break
            end = cmath.exp(-z)
            for power in range(DEGREE, 0, -1):
                moments[power - 1] = (z * moments[power] + end) / power
        else:
            end = cmath.exp(-z)
            moments[0] = (1.0 - end) / z
            for power in range(1, DEGREE + 1):
                moments[power] = (power * moments[power - 1] - end) / z
        factor = d * cmath.exp(-s * t[k])
        first = min(max(k - DEGREE // 2, 0), n - DEGREE - 1)
        for node in range(DEGREE + 1):
            total = 0.0j
            for power in range(DEGREE + 1):
                total += moments[power] * coefficients[k, power, node]
            out[first + node] += factor * total
