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

from meanfield._compiled import jit
from meanfield.neurons.panels import DIFFERENTIATE, MIRROR, POINTS, WEIGHTS, N, accumulate, advance

LEAKY, EXPONENTIAL, QUADRATIC, CONDUCTANCE = 0, 1, 2, 3
MOST_PANELS = 20_000
_NEGLIGIBLE = 45.0  # e^-45 of the density
_RARE = 20_000.0  # an exponent e^-x; a barrier is crossed in panels of 2 or so
_GROWTH = 1.5  # of an exponent over a panel
_SCALE = 0.5  # of the length over which the drift changes
_WIDEST = 0.4  # of the coordinate of a neuron of conductances, whose drift has poles at i pi/2
_LARGE = 1e100


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
    total, parts = 0.0, 64
    h = (p[2] - p[3]) / parts
    for k in range(parts):
        total += h * max(-drift(kind, p[3] + (k + 0.5) * h, mu, p)[0], 0.0)
    return 2.0 * total / (sigma * sigma)


@jit
def _width(kind: Any, v: Any, mu: Any, sigma: Any, p: Any, size: Any) -> Any:
    """Width of a panel at V over which the solutions are smooth; `size` is |s|."""
    f, slope, curvature = drift(kind, v, mu, p)
    slope, curvature = abs(slope), abs(curvature)
    diffusive, gradual = math.inf, math.inf
    if slope > 0.0:
        diffusive, gradual = sigma / math.sqrt(slope), 0.5 * abs(f) / slope
    if curvature > 0.0:
        diffusive = min(diffusive, (sigma * sigma / curvature) ** (1.0 / 3.0))
        gradual = min(gradual, 0.5 * math.sqrt(2.0 * abs(f) / curvature))
    width = _SCALE * max(diffusive, gradual)
    if kind == CONDUCTANCE:
        width = min(width, _WIDEST)
    if f < 0.0:
        width = min(width, 0.5 * _GROWTH * sigma * sigma / -f)
    if size > 0.0:
        tau_s = 1j * p[0] * size
        root = cmath.sqrt(f * f + 2.0 * sigma * sigma * tau_s)
        width = min(width, _GROWTH / abs(2.0 * tau_s / (f + root)))
    return width


@jit
def _graded(kind: Any, v: Any, mu: Any, sigma: Any, p: Any, size: Any, above: Any) -> Any:
    """The same, narrower where the density has a layer below `above`: threshold or reset."""
    width = _width(kind, v, mu, sigma, p, size)
    width = min(width, max(_width(kind, v - width, mu, sigma, p, size), 0.3 * width))
    f = drift(kind, v, mu, p)[0]
    if f > 0.0:
        width = min(width, max(0.5 * _GROWTH * sigma * sigma / f, 0.7 * (above - v)))
    return max(width, 1e-12 * abs(v))  # what is thinner has no weight


@jit
def lower_bound(kind: Any, mu: Any, sigma: Any, p: Any) -> Any:
    """A potential below which there is no probability to speak of."""
    v, exponent = p[3], 0.0
    while exponent < _NEGLIGIBLE:
        step = _width(kind, v, mu, sigma, p, 0.0)
        f = drift(kind, v - 0.5 * step, mu, p)[0]
        v -= step
        exponent = max(exponent + 2.0 * f * step / (sigma * sigma), 0.0)  # from where the density is largest
    return v


@jit
def panel_edges(kind: Any, mu: Any, sigma: Any, p: Any, size: Any, layers: Any) -> Any:
    """(edges of the panels from below, index of the one that is the reset); none if there would be too many.

    With `layers` they are fine enough for the density below threshold. Below the reset they always are: a sweep that
    begins there with a guess has forgotten it after a few panels.
    """
    bottom = lower_bound(kind, mu, sigma, p)
    edges = np.empty(MOST_PANELS + 2)
    edges[0] = p[2]
    count, at_reset = 1, 0
    for above, below in ((p[2], p[3]), (p[3], bottom)):
        v = above
        while v > below:
            layer = layers or above < p[2]
            width = _graded(kind, v, mu, sigma, p, size, above if layer else math.inf)
            if v - width < below + 0.3 * width:
                width = v - below if v - width < below else 0.5 * (v - below)
            v = below if v - width <= below else v - width
            if count == edges.size:
                return edges[:0], 0
            edges[count] = v
            count += 1
        if above == p[2]:
            at_reset = count - 1
    return edges[:count][::-1].copy(), count - 1 - at_reset


@jit
def drifts(kind: Any, mu: Any, p: Any, edges: Any) -> Any:
    """f at the points of all panels, (panels, N)."""
    out = np.empty((edges.size - 1, N))
    for k in range(out.shape[0]):
        for i in range(N):
            out[k, i] = drift(kind, edges[k] + (edges[k + 1] - edges[k]) * POINTS[i], mu, p)[0]
    return out


@jit
def weigh(kind: Any, p: Any, edges: Any, occupied: Any) -> Any:
    """The density at the points of all panels times the `effects` of the inputs, (4, panels, N)."""
    out = np.empty((4, *occupied.shape))
    for k in range(out.shape[1]):
        for i in range(N):
            parts = effects(kind, edges[k] + (edges[k + 1] - edges[k]) * POINTS[i], p)
            for j in range(4):
                out[j, k, i] = parts[j] * occupied[k, i]
    return out


@jit
def density(kind: Any, mu: Any, sigma: Any, p: Any, edges: Any, reset: Any) -> Any:
    """(P at the points of all panels over the rate [s/V], times e^-scale; scale; the integral of P, so scaled)."""
    panels = edges.size - 1
    a = 2.0 / (sigma * sigma)
    out = np.empty((panels, N))
    scales = np.empty(panels)
    matrix, f = np.empty((N, N)), np.empty(N)
    nodes = np.empty(N)
    value, scale = 0.0, 0.0
    for k in range(panels - 1, -1, -1):
        h = edges[k + 1] - edges[k]
        for i in range(N):
            f[i] = drift(kind, edges[k + 1] - h * POINTS[i], mu, p)[0]
        flux = p[0] * math.exp(-scale) if k >= reset else 0.0
        advance(value, flux, 0.0, a, h, f, matrix, nodes)
        for i in range(N):
            out[k, i] = MIRROR[i, 0] * value
            for j in range(N):
                out[k, i] += MIRROR[i, 1 + j] * nodes[j]
        scales[k] = scale
        value = nodes[N - 1]
        if value > _LARGE:
            value /= _LARGE
            scale += math.log(_LARGE)
    highest = scale
    mass = 0.0
    for k in range(panels):
        factor = math.exp(max(scales[k] - highest, -700.0))
        for i in range(N):
            out[k, i] *= factor
            mass += (edges[k + 1] - edges[k]) * WEIGHTS[i] * out[k, i]
    return out, highest, mass


@jit
def interval_moments(kind: Any, mu: Any, sigma: Any, p: Any, second: Any) -> Any:
    """(log of the mean time from reset to threshold, its squared CV, which is asked for by `second`).

    Where even the logarithm of the density would need too many panels, it is the barrier's exponent, to leading order.
    """
    if sigma == 0.0:
        if lowest_drift(kind, mu, p) <= 0.0:
            return math.inf, 1.0
        return math.log(crossing_time_without_noise(kind, mu, p)), 0.0
    exponent = barrier(kind, mu, sigma, p)
    if exponent > _RARE:
        return exponent + math.log(p[0]), 1.0
    edges, reset = panel_edges(kind, mu, sigma, p, 0.0, False)
    if edges.size == 0:
        return math.nan, math.nan
    a = 2.0 / (sigma * sigma)
    matrix, f = np.empty((N, N)), np.empty(N)
    v, w, source = np.empty(N), np.empty(N), np.empty(N)
    tau, scale = p[0], 0.0
    first = drift(kind, edges[0], mu, p)[0]
    at, spread = tau / first, 2.0 * (tau / first) ** 2 / (a * first)
    mean, variance = 0.0, 0.0
    for k in range(edges.size - 1):
        h = edges[k + 1] - edges[k]
        for i in range(N):
            f[i] = drift(kind, edges[k] + h * POINTS[i], mu, p)[0]
        advance(at, tau * math.exp(-scale), 0.0, a, h, f, matrix, v)
        at = v[N - 1]
        if k >= reset:
            mean += h * np.dot(WEIGHTS, v)
        if second:
            for i in range(N):
                source[i] = 2.0 * v[i] * v[i]
            accumulate(spread, source, a, h, f, matrix, w)
            spread = w[N - 1]
            if k >= reset:
                variance += h * np.dot(WEIGHTS, w)
        if at > _LARGE or mean > _LARGE:
            at, mean = at / _LARGE, mean / _LARGE
            spread, variance = spread / _LARGE**2, variance / _LARGE**2
            scale += math.log(_LARGE)
    return math.log(mean) + scale, variance / (mean * mean)


@jit
def answer(
    kind: Any, s: Any, mu: Any, sigma: Any, p: Any, edges: Any, reset: Any, f: Any, weighted: Any, mass: Any
) -> Any:
    """(d rate/d mu, d rate/d sigma², f, 1 - f) at s, the first two over the share 1 - rate t_ref of active neurons.

    f is the transform of the density of intervals; `weighted` the density of V at the points of the panels times the
    `effects` of the inputs (4, panels, N), and `mass` its integral, in any unit.
    """
    a = 2.0 / (sigma * sigma)
    tau = p[0]
    matrix, v = np.empty((N, N), dtype=np.complex128), np.empty(N, dtype=np.complex128)
    first = drift(kind, edges[0], mu, p)[0]
    u = 1.0 + 0.0j
    value = 2.0 * tau / (first + cmath.sqrt(first * first + 2.0 * sigma * sigma * tau * s))
    by_mu, by_variance, crossing, at_reset = 0.0j, 0.0j, 0.0j, u
    for k in range(edges.size - 1):
        h = edges[k + 1] - edges[k]
        if k == reset:
            at_reset = u
        advance(value, tau * u, tau * s, a, h, f[k], matrix, v)
        sweep = 0.0j
        for i in range(N):
            slope = DIFFERENTIATE[i, 0] * value
            for j in range(N):
                slope += DIFFERENTIATE[i, 1 + j] * v[j]
            by_mu += WEIGHTS[i] * (h * weighted[0, k, i] * v[i] + weighted[1, k, i] * slope)
            by_variance += WEIGHTS[i] * (h * weighted[2, k, i] * v[i] + weighted[3, k, i] * slope)
            sweep += h * WEIGHTS[i] * v[i]
        if k >= reset:
            crossing += sweep
        u += s * sweep
        value = v[N - 1]
        size = max(abs(u), abs(value) / tau)
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
