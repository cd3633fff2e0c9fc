"""Linear response of the leaky neuron in white noise, and its first-passage time, at complex frequencies.

In units of the membrane time constant, with threshold y, reset r = y - d and g_s as in `parabolic`,

    d rate/d mu      = rate/sigma  T_1,  T_1 = [g']/((1 + s) G),
    d rate/d sigma²  = rate/sigma² T_2,  T_2 = [g'']/(2 (2 + s) G),     G = g(y) - e^{-s t_ref} g(r),

where [.] is the difference between threshold and reset. Brunel & Hakim (1999), Neural Comput. 11; Lindner &
Schimansky-Geier (2001), PRL 86. The first-passage time from reset to threshold has <e^{-s t}> = g(r)/g(y).

Differences are never formed of numbers that are nearly equal: they come from Taylor steps where the reset is near, from
quadrature where s is small.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit
from meanfield.special.liouville_green import logarithm_and_slope, slope
from meanfield.special.parabolic import SQRT_2, increment_left, left, log_size, march, scaled_left, step

_LARGE_S = 29.0  # from here on the Liouville-Green expansion holds at every y
_ONE_STEP = 0.6  # scaled reset distance that one Taylor step spans
_FAR = 8.0  # and from this y on, at every s, for the solution that grows
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_NODES_12, _WEIGHTS_12 = np.polynomial.legendre.leggauss(12)


@fast_jit
def expm1(z: Any) -> Any:
    """e^z - 1 for complex z."""
    if abs(z) > 0.3:
        return cmath.exp(z) - 1.0
    total = 1.0 + 0.0j
    for n in range(14, 1, -1):
        total = 1.0 + z * total / n
    return z * total


@fast_jit
def _refractory_increment(s: Any, z: Any) -> Any:
    """(1 - e^{-s z})/s."""
    if s == 0.0:
        return z + 0.0j
    return -expm1(-s * z) / s


@fast_jit
def _log_ratio(y: Any, d: Any, s: Any) -> Any:
    """log(g(y - d)/g(y)), minus the integral of the slope, where its expansion holds all the way."""
    nearest = min(abs(y), abs(y - d))
    panels = 1 + int(2.0 * d / math.sqrt(nearest * nearest + abs(s)))
    half = 0.5 * d / panels
    total = 0.0j
    for panel in range(panels):
        for k in range(_NODES.size):
            total += _WEIGHTS[k] * slope(y - half * (2.0 * panel + 1.0 - _NODES[k]), s)
    return -half * total


@fast_jit
def _from_slopes(y: Any, r: Any, s: Any, log_ratio: Any, z: Any) -> Any:
    """(T_1, T_2, h) from the slopes at threshold and reset and log(g(r)/g(y))."""
    q_y, q_r = slope(y, s), slope(r, s)
    lost = -expm1(log_ratio)
    whole = -expm1(log_ratio - s * z)
    first = (q_y - q_r) + lost * q_r
    second = (y * q_y - r * q_r) + lost * (r * q_r + s)
    return first / ((1.0 + s) * whole), second / ((2.0 + s) * whole), SQRT_2 * whole / q_y


@fast_jit
def _from_left_quadrature(y: Any, d: Any, s: Any) -> Any:
    """Differences over a reset distance that is short compared with |y|, y <= 0, as integrals."""
    half = 0.5 * d
    log_scale = log_size(y, s)
    a_1 = a_2 = a_3 = 0.0j
    for k in range(_NODES_12.size):
        u = y - half * (1.0 - _NODES_12[k])
        _, g_1, g_2, g_3 = scaled_left(u, s, log_scale)
        a_1 += _WEIGHTS_12[k] * g_1
        a_2 += _WEIGHTS_12[k] * g_2
        a_3 += _WEIGHTS_12[k] * g_3
    g_r, _, _, _ = scaled_left(y - d, s, log_scale)
    by_s = SQRT_2 * half * a_1
    g_1y = scaled_left(y, s, log_scale)[1]
    return g_r, g_r + s * by_s, g_1y, by_s, 2.0 * (s + 1.0) * half * a_2, SQRT_2 * (s + 1.0) * (s + 2.0) * half * a_3


@fast_jit
def _from_one_step(y: Any, d: Any, s: Any) -> Any:
    """Differences over a short reset distance, by one Taylor step from the reset."""
    r = y - d
    if abs(s) >= _LARGE_S:
        g, g_1 = 1.0 + 0.0j, slope(r, s) / (SQRT_2 * s)
    elif r <= 0.0:
        g, g_1, _, _ = left(r, s)
    else:
        g, g_1, _, _ = left(0.0, s)
        g, g_1, _ = march(0.0, r, s, g, g_1)
    by_s, of_g_1 = step(r, s, d, g, g_1)
    return g, g + s * by_s, g_1 + of_g_1, by_s, SQRT_2 * of_g_1, s * by_s + SQRT_2 * (y * of_g_1 + d * g_1)


@fast_jit
def _from_both_ends(y: Any, d: Any, s: Any) -> Any:
    """Differences of the functions at threshold and reset; the one that vanishes with s by its increments."""
    r = y - d
    if r > 0.0:
        g, g_1, _, _ = left(0.0, s)
        g_r, g_1r, _ = march(0.0, r, s, g, g_1)
        g_y, g_1y, by_s = march(r, y, s, g_r, g_1r)
        return g_r, g_y, g_1y, by_s, SQRT_2 * (g_1y - g_1r), s * by_s + SQRT_2 * (y * g_1y - r * g_1r)
    g_r, g_1r, g_2r, _ = left(r, s)
    right = 0.0j
    if y <= 0.0:
        g_y, g_1y, g_2y, _ = left(y, s)
        second = (s + 1.0) * (g_2y - g_2r)
    else:
        g, g_1, _, _ = left(0.0, s)
        g_y, g_1y, right = march(0.0, y, s, g, g_1)
        second = g_y + SQRT_2 * y * g_1y - (s + 1.0) * g_2r
    if abs(g_y - g_r) < 0.03 * abs(g_y):
        by_s = right + increment_left(r, min(y, 0.0), s)
    else:
        by_s = (g_y - g_r) / s
    return g_r, g_y, g_1y, by_s, SQRT_2 * (g_1y - g_1r), second


@fast_jit
def _is_left_and_near(y: Any, d: Any, s: Any) -> Any:
    """True where differences are best had as integrals: g varies as |y|^{-s}, and y g'/g + s cancels for s << y²."""
    if y > 0.0 or d >= 0.3 * (1.0 - y):
        return False
    return abs(s) < _LARGE_S or (abs(s) < min(0.1 * y * y, 200.0) and abs(s) * d < 3.0 * (1.0 - y))


@fast_jit
def _differences(y: Any, d: Any, s: Any) -> Any:
    """(g(r), g(y), g_{s+1}(y), [g]/s, [g']/s, [g'']/(2 s)) at moderate y and s."""
    if _is_left_and_near(y, d, s):
        return _from_left_quadrature(y, d, s)
    if d * (1.0 + abs(y) + math.sqrt(2.0 * abs(s))) < _ONE_STEP:
        return _from_one_step(y, d, s)
    return _from_both_ends(y, d, s)


@fast_jit
def _log_ratio_at_large_s(y: Any, d: Any, s: Any) -> Any:
    """log(g(y - d)/g(y)) at large s, by the slope over short distances."""
    if d < 0.3 * math.sqrt(y * y + abs(s)):
        return _log_ratio(y, d, s)
    return logarithm_and_slope(y - d, s)[0] - logarithm_and_slope(y, s)[0]


@fast_jit
def response(y: Any, d: Any, s: Any, z: Any) -> Any:
    """(T_1, T_2, h) at complex s, for a refractory period z; times in units of the membrane time constant.

    h = G/(s g_{s+1}(y)) is analytic for Re s > -1, and its zeros are the poles of T_1 and T_2.
    """
    r = y - d
    if r > _FAR:  # only the growing solution matters
        return _from_slopes(y, r, s, _log_ratio(y, d, s), z)
    if y > _FAR and y * y - max(r, 0.0) ** 2 > 45.0:  # and the reset is forgotten
        q = slope(y, s)
        return q / (1.0 + s), (y * q + s) / (2.0 + s), SQRT_2 / q
    is_near = d * (1.0 + abs(y) + math.sqrt(2.0 * abs(s))) < _ONE_STEP or _is_left_and_near(y, d, s)
    if abs(s) >= _LARGE_S and not is_near:
        return _from_slopes(y, r, s, _log_ratio_at_large_s(y, d, s), z)
    g_r, _, g_1y, by_s, first, second = _differences(y, d, s)
    whole = by_s + _refractory_increment(s, z) * g_r
    return first / ((1.0 + s) * whole), second / ((2.0 + s) * whole), whole / g_1y


@fast_jit
def first_passage(y: Any, d: Any, s: Any, z: Any) -> Any:
    """(f, 1 - f) for the transform f = <e^{-s t}> of the inter-spike interval, refractory period z included."""
    r = y - d
    if d * (1.0 + abs(y) + math.sqrt(2.0 * abs(s))) >= _ONE_STEP and abs(s) >= _LARGE_S:
        log_f = _log_ratio_at_large_s(y, d, s) - s * z
        return cmath.exp(log_f), -expm1(log_f)
    if y <= _FAR or abs(s) >= _LARGE_S:
        g_r, g_y, _, by_s, _, _ = _differences(y, d, s)
        return cmath.exp(-s * z) * g_r / g_y, s * (by_s + _refractory_increment(s, z) * g_r) / g_y
    return _rare_passage(y, r, s, z)


@fast_jit
def _rare_passage(y: Any, r: Any, s: Any, z: Any) -> Any:
    """As `first_passage` for a threshold beyond `_FAR`: beyond it g = a (growing) + b (decaying)."""
    g, g_1, _, _ = left(0.0, s)
    g_far, g_1far, _by_s = march(0.0, _FAR, s, g, g_1)
    grows, decays = slope(_FAR, s), -slope(-_FAR, s)
    a = s * (SQRT_2 * g_1far - decays * g_far / s) / (grows - decays) if s != 0.0 else 0.0j
    b = g_far - a
    log_y = _log_growth(y, s)
    decayed_y = b * cmath.exp(-_log_decay(y, s))
    if r > _FAR:
        log_ratio = _log_ratio(y, y - r, s)
        shrunk = cmath.exp(log_ratio)
        decayed_r = b * cmath.exp(-_log_decay(r, s))
        small = cmath.exp(-log_y)
        whole = a + decayed_y * small
        f = cmath.exp(-s * z) * (a * shrunk + decayed_r * small) / whole
        change = a * -expm1(log_ratio) + (decayed_y - decayed_r) * small
        return f, (change - expm1(-s * z) * (a * shrunk + decayed_r * small)) / whole
    if r > 0.0:
        g_r, _, _ = march(0.0, r, s, g, g_1)
    else:
        g_r, _, _, _ = left(r, s)
    small = cmath.exp(-log_y)
    whole = a + decayed_y * small
    f = cmath.exp(-s * z) * g_r * small / whole
    return f, (a + (decayed_y - cmath.exp(-s * z) * g_r) * small) / whole


@fast_jit
def _log_growth(y: Any, s: Any) -> Any:
    """Logarithm of the growing solution at y over that at `_FAR`."""
    return -_log_ratio(y, y - _FAR, s)


@fast_jit
def _log_decay(y: Any, s: Any) -> Any:
    """Minus the logarithm of the decaying solution at y over that at `_FAR`: the growing one's at -y."""
    return _log_ratio(-_FAR, y - _FAR, s)
