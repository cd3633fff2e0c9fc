"""Integrate-and-fire neurons with any drift, in white noise: rate, CV, linear response, intervals.

For tau dV/dt = f(V) + sigma sqrt(tau) xi(t) between reset and threshold, f including mu, let T be the time of the next
spike and u(V) = <e^{-s T}> up to a factor. It satisfies (sigma²/2) u'' + f u' = tau s u and does not grow below, and
all that is asked for follows from it and from the stationary density P (a weak form of the Fokker-Planck equation with
u as test function):

    intervals      <e^{-s T}> from the reset, e^{-s t_ref} u(v_reset)/u(v_th)
    response       (1/tau) int u' P / (u(v_th) - e^{-s t_ref} u(v_reset)) to mu, int u'' P / 2 in its place to sigma²

so that a frequency costs one sweep upwards. The sweep carries v = u'/s, with v' = (2/sigma²)(tau u - f v): nothing
cancels at s = 0, where v is the mean time a potential difference takes and the response is the gain. Richardson (2007,
Phys. Rev. E 76; 2008, Biol. Cybern. 99) integrates the density's equation instead, downwards from the threshold, in
small steps; here steps are panels with collocation of order 15.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit, jit
from meanfield.neurons.drifts import barrier, crossing_time_without_noise, drift, effects, lowest_drift
from meanfield.neurons.panels import DIFFERENTIATE, INTEGRATE, MIRROR, POINTS, WEIGHTS, N, collocate, collocate_complex
from meanfield.neurons.partition import panel_edges, widths

_RARE = 20_000.0  # an exponent e^-x; a barrier is crossed in panels of 2 or so
_LARGE = 1e100


@jit
def drifts(kind: Any, mu: Any, p: Any, start: Any, h: Any) -> Any:
    """f at the points of all panels, (N, panels), which begin at `start` and have widths `h`, negative if downwards."""
    out = np.empty((N, h.size))
    for k in range(h.size):
        for i in range(N):
            out[i, k] = drift(kind, start[k] + h[k] * POINTS[i], mu, p)[0]
    return out


@jit
def units(a: Any, h: Any, f: Any) -> Any:
    """What panels make of a unit of y at their start, and of x, where y' = a (x - f y): at their points, (2, N, P)."""
    out = np.empty((2, *f.shape))
    out[0] = 1.0
    for i in range(N):
        for k in range(h.size):
            out[1, i, k] = a * POINTS[i] * h[k]
    collocate(a, h, f, out)
    return out


@fast_jit
def combine(rows: Any, start: Any, x: Any) -> Any:
    """y at the points (N, P) from `units`, its values at the starts of panels, and x in them."""
    out = np.empty(rows.shape[1:])
    for i in range(N):
        for k in range(start.size):
            out[i, k] = rows[0, i, k] * start[k] + rows[1, i, k] * x[k]
    return out


@jit
def interval_moments(kind: Any, mu: Any, sigma: Any, p: Any, second: Any) -> Any:
    """(log of the mean time from reset to threshold, its squared CV if it is asked for by `second`, else 0).

    Where even the logarithm of the density would need too many panels, it is the barrier's exponent, to leading order.
    """
    if sigma == 0.0:
        if lowest_drift(kind, mu, p) <= 0.0:
            return math.inf, 1.0
        return math.log(crossing_time_without_noise(kind, mu, p)), 0.0
    exponent = barrier(kind, mu, sigma, p)
    if exponent > _RARE:
        return exponent + math.log(p[0]), 1.0
    edges, reset = panel_edges(kind, mu, sigma, p, 0.0, False, 1.0)
    if edges.size == 0:
        return math.nan, math.nan
    a = 2.0 / (sigma * sigma)
    h = widths(edges)
    f = drifts(kind, mu, p, edges, h)
    rows = units(a, h, f)
    starts, x, shrunk = np.empty(h.size), np.empty(h.size), np.zeros(h.size, dtype=np.bool_)
    at, tau, scale, mean = p[0] / drift(kind, edges[0], mu, p)[0], p[0], 0.0, 0.0
    for k in range(h.size):
        starts[k], x[k] = at, tau
        if k >= reset:
            for i in range(N):
                mean += h[k] * WEIGHTS[i] * (rows[0, i, k] * at + rows[1, i, k] * tau)
        at = rows[0, N - 1, k] * at + rows[1, N - 1, k] * tau
        if at > _LARGE or mean > _LARGE:
            at, mean, tau, scale = at / _LARGE, mean / _LARGE, tau / _LARGE, scale + math.log(_LARGE)
            shrunk[k] = True
    if not second:
        return math.log(mean) + scale, 0.0
    return math.log(mean) + scale, variance(a, h, f, rows, starts, x, shrunk, reset) / (mean * mean)


@jit
def variance(a: Any, h: Any, f: Any, rows: Any, starts: Any, x: Any, shrunk: Any, reset: Any) -> Any:
    """Variance of the time from reset to threshold, the integral of w, w' = 2 v² - a f w.

    In the unit that v has at the end; at the end of `shrunk` panels it gets larger by _LARGE.
    """
    v = combine(rows, starts, x)
    driven = np.zeros((1, *v.shape))
    for i in range(N):
        for j in range(N):
            for k in range(h.size):
                driven[0, i, k] += 2.0 * INTEGRATE[i, j] * h[k] * v[j, k] * v[j, k]
    collocate(a, h, f, driven)
    first = x[0] / starts[0]
    spread, total = 2.0 * starts[0] ** 2 / (a * first), 0.0
    for k in range(h.size):
        if k >= reset:
            for i in range(N):
                total += h[k] * WEIGHTS[i] * (rows[0, i, k] * spread + driven[0, i, k])
        spread = rows[0, N - 1, k] * spread + driven[0, N - 1, k]
        if shrunk[k]:
            spread, total = spread / _LARGE**2, total / _LARGE**2
    return total


@jit
def density(kind: Any, mu: Any, sigma: Any, p: Any, edges: Any, reset: Any) -> Any:
    """(P at the points of panels (N, panels) over the rate [s/V], times e^-scale; scale; its integral, so scaled)."""
    h = widths(edges)
    rows = units(2.0 / (sigma * sigma), h, drifts(kind, mu, p, edges[1:], -h))
    starts, flux, scales = np.empty(h.size), np.zeros(h.size), np.empty(h.size)
    value, tau, scale = 0.0, p[0], 0.0
    for k in range(h.size - 1, -1, -1):
        flux[k] = tau if k >= reset else 0.0
        starts[k], scales[k] = value, scale
        value = rows[0, N - 1, k] * value + rows[1, N - 1, k] * flux[k]
        if value > _LARGE:
            value, tau, scale = value / _LARGE, tau / _LARGE, scale + math.log(_LARGE)
    for k in range(h.size):
        if scales[k] < scale:
            factor = math.exp(max(scales[k] - scale, -700.0))
            starts[k] *= factor
            flux[k] *= factor
    downwards = combine(rows, starts, flux)
    out = np.empty(downwards.shape)
    mass = 0.0
    for i in range(N):
        for k in range(h.size):
            out[i, k] = MIRROR[i, 0] * starts[k]
        for j in range(N):
            for k in range(h.size):
                out[i, k] += MIRROR[i, 1 + j] * downwards[j, k]
        for k in range(h.size):
            mass += h[k] * WEIGHTS[i] * out[i, k]
    return out, scale, mass


@jit
def weigh(kind: Any, p: Any, edges: Any, occupied: Any) -> Any:
    """Integrals of u' P and u'' P, weighted by `effects`, as sums over v = u'/s at each panel's start and points.

    To mu, to sigma², and that of v itself: (3, N + 1, P).
    """
    panels = edges.size - 1
    out = np.zeros((3, N + 1, panels))
    for k in range(panels):
        h = edges[k + 1] - edges[k]
        for i in range(N):
            parts = effects(kind, edges[k] + h * POINTS[i], p)
            here = WEIGHTS[i] * occupied[i, k]
            out[0, 1 + i, k] += h * here * parts[0]
            out[1, 1 + i, k] += h * here * parts[2]
            out[2, 1 + i, k] = h * WEIGHTS[i]
            for j in range(N + 1):
                out[0, j, k] += here * parts[1] * DIFFERENTIATE[i, j]
                out[1, j, k] += here * parts[3] * DIFFERENTIATE[i, j]
    return out


@fast_jit
def contract(weights: Any, rows: Any) -> Any:
    """Those sums over what panels make of a unit at their start (0) and of a unit of u (1): (3, 2, P)."""
    out = np.empty((3, 2, weights.shape[2]))
    for m in range(3):
        for r in range(2):
            for k in range(weights.shape[2]):
                out[m, r, k] = weights[m, 1, k] * rows[r, 0, k]
            for i in range(1, N):
                for k in range(weights.shape[2]):
                    out[m, r, k] += weights[m, 1 + i, k] * rows[r, i, k]
    return out


@jit
def answer(
    kind: Any, s: Any, mu: Any, sigma: Any, p: Any, edges: Any, reset: Any, f: Any, weights: Any, mass: Any
) -> Any:
    """(d rate/d mu, d rate/d sigma², f, 1 - f) at s, the first two over the share 1 - rate t_ref of active neurons.

    f is the transform of the density of intervals; `weights` are those of `weigh`, `mass` the integral of the density
    in its unit.
    """
    a, tau = 2.0 / (sigma * sigma), p[0]
    h = widths(edges)
    real, imaginary = np.empty((2, *f.shape)), np.zeros((2, *f.shape))
    real[0] = 1.0
    for i in range(N):
        for k in range(h.size):
            real[1, i, k] = a * tau * POINTS[i] * h[k]
    collocate_complex(a, tau * s, h, f, real, imaginary)
    re, im = contract(weights, real), contract(weights, imaginary)
    first = drift(kind, edges[0], mu, p)[0]
    u = 1.0 + 0.0j
    value = 2.0 * tau / (first + cmath.sqrt(first * first + 2.0 * sigma * sigma * tau * s))
    by_mu, by_variance, crossing, at_reset = 0.0j, 0.0j, 0.0j, u
    for k in range(h.size):
        if k == reset:
            at_reset = u
        by_mu += (weights[0, 0, k] + complex(re[0, 0, k], im[0, 0, k])) * value + complex(re[0, 1, k], im[0, 1, k]) * u
        by_variance += (weights[1, 0, k] + complex(re[1, 0, k], im[1, 0, k])) * value
        by_variance += complex(re[1, 1, k], im[1, 1, k]) * u
        sweep = complex(re[2, 0, k], im[2, 0, k]) * value + complex(re[2, 1, k], im[2, 1, k]) * u
        end = complex(real[0, N - 1, k], imaginary[0, N - 1, k]) * value
        value = end + complex(real[1, N - 1, k], imaginary[1, N - 1, k]) * u
        if k >= reset:
            crossing += sweep
        u += s * sweep
        size = abs(u.real) + abs(u.imag) + (abs(value.real) + abs(value.imag)) / tau
        if size > _LARGE:
            u, value, at_reset = u / size, value / size, at_reset / size
            by_mu, by_variance, crossing = by_mu / size, by_variance / size, crossing / size
    waiting = p[1] if abs(s * p[1]) < 1e-12 else -_expm1(-s * p[1]) / s
    rest = crossing + at_reset * waiting
    scale = 1.0 / (tau * mass * rest)
    return by_mu * scale, by_variance * scale, at_reset * cmath.exp(-s * p[1]) / u, s * rest / u


@jit
def _expm1(z: Any) -> Any:
    half = cmath.sinh(0.5 * z)
    return 2.0 * half * cmath.exp(0.5 * z)
