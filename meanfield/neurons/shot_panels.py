"""The membrane potential under finite jumps: panels between its kinks, and the generator of its motion on them.

In units of tau_m, x = V - mu_0 decays to 0, jumps up at rate R_e and down at rate R_i, and is killed at theta. A
function of where x is now, such as the mean time T(x) to the next spike, obeys the backward equation

    (L T)(x) = -x T'(x) + R_e [<T(x + A)> - T(x)] + R_i [<T(x - B)> - T(x)] = -1,      T = 0 from theta on,

with fixed jumps A = a and B = b, or exponentially distributed ones of these means. T is smooth but for a jump at theta
and, with fixed jumps, kinks: at theta - k a + j b the derivative of order k + j jumps. It is a polynomial in each panel
and satisfies the equation weakly (Galerkin's method), with the value upstream (towards x = 0) where panels meet. What
is then asked for, averages over starting points or over the density of x (its dual), is wrong by the product of two
errors only, that of T and that of the density, so that kinks of high order need no panels of their own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.polynomial import legendre

from meanfield._compiled import jit
from meanfield._validate import FloatArray

N = 8  # Legendre functions a panel
FIXED, EXPONENTIAL = 0, 1  # distributions of the jumps

_ORDER = 40  # of the last kinks that may have panels of their own
_SHARP = 0.1, 0.01  # kinks that are weaker have none: where many jumps make the way to theta, and where few
_REACH = 2.2  # of a panel, over the scale on which solutions vary
_GROWTH = 3.0  # from a panel to the next one away from a kink
_NEGLIGIBLE = 37.0  # -log of what is not there
_SAME = 1e-9  # of theta or a: kinks so near each other are one
_MOST = 400  # panels


def _legendre() -> tuple[FloatArray, ...]:
    """Gauss's points and weights on (-1, 1); integrals of the m-th function times the n-th's slope, and times xi."""
    points, weights = legendre.leggauss(N)
    scale = np.sqrt(np.arange(N) + 0.5)
    basis = legendre.legvander(points, N - 1) * scale
    slopes = np.stack([legendre.legval(points, legendre.legder(row)) for row in np.eye(N)], axis=1) * scale
    by_slope = basis.T @ (weights[:, None] * slopes)
    by_moment = basis.T @ ((weights * points)[:, None] * slopes)
    return points, weights, by_slope, by_moment


POINTS, WEIGHTS, _BY_SLOPE, _BY_MOMENT = _legendre()
_NORMS = np.sqrt(2.0 * np.arange(N) + 1.0)
_AHEAD = (2.0 * np.arange(N) + 1.0) / (np.arange(N) + 1.0)  # of the recurrence of Legendre polynomials
_BACK = np.arange(N) / (np.arange(N) + 1.0)
_GAUSS, _GAUSS_WEIGHTS = legendre.leggauss(24)


@jit
def _cumulant(kind: Any, z: Any) -> Any:
    """Cumulant function log <e^{q x}> over the rate, of x that jumps by A (mean z/q) and decays: of shot noise."""
    if kind == EXPONENTIAL:
        return -math.log1p(-z)
    total = 0.0  # the integral of (e^{z u} - 1)/u over u from 0 to 1
    for i in range(_GAUSS.size):
        u = 0.5 * (1.0 + _GAUSS[i])
        total += 0.5 * _GAUSS_WEIGHTS[i] * math.expm1(z * u) / u
    return total


@jit
def _pull(kind: Any, k: Any, a: Any, b: Any, rate_e: Any, rate_i: Any) -> Any:
    """(x, dx/dk) where e^{k x} is a solution: x k = R_e <e^{kA} - 1> + R_i <e^{-kB} - 1>; it grows from the mean."""
    if kind == EXPONENTIAL:
        up, down = 1.0 / (1.0 - a * k), 1.0 / (1.0 + b * k)
        x = rate_e * a * up - rate_i * b * down
        return x, rate_e * (a * up) ** 2 + rate_i * (b * down) ** 2
    x, slope = 0.0, 0.0
    for rate, z, jump in ((rate_e, a * k, a), (rate_i, -b * k, -b)):
        if rate == 0.0:
            continue
        first = math.expm1(z) / z if abs(z) > 1e-5 else 1.0 + 0.5 * z
        second = (math.exp(z) - first) / z if abs(z) > 1e-3 else 0.5 + z / 3.0
        x += rate * jump * first
        slope += rate * jump * jump * second
    return x, slope


@jit
def growth(kind: Any, x: Any, a: Any, b: Any, rate_e: Any, rate_i: Any) -> Any:
    """The k > 0 of e^{k x}, as `_pull` has it, for x above the mean: how steep solutions are there."""
    k, last = 0.0, 1.0 / a
    low, high = 0.0, (1.0 / a if kind == EXPONENTIAL else 700.0 / a)
    for _ in range(60):
        at, slope = _pull(kind, k, a, b, rate_e, rate_i)
        if at < x:
            low = k
        else:
            high = k
        last, k = k, k + (x - at) / slope
        if not low < k < high:
            k = 0.5 * (low + high)
        if abs(k - last) < 1e-10 * k:
            break
    return k


@jit
def barrier(kind: Any, theta: Any, a: Any, b: Any, rate_e: Any, rate_i: Any) -> Any:
    """Logarithm of how rarely x comes to theta, to leading order: 0 if its mean is beyond, infinite if it cannot."""
    mean = rate_e * a - rate_i * b
    if mean >= theta:
        return 0.0
    if rate_e == 0.0 and theta >= 0.0:  # it does not fire, but may if a single jump is enough
        if kind == EXPONENTIAL:
            return theta / a
        return math.inf if a < theta else 0.0
    total = 0.0
    for i in range(_GAUSS.size):
        x = mean + 0.5 * (1.0 + _GAUSS[i]) * (theta - mean)
        total += 0.5 * _GAUSS_WEIGHTS[i] * (theta - mean) * growth(kind, x, a, b, rate_e, rate_i)
    return total


@jit
def _bottom(kind: Any, x_r: Any, a: Any, b: Any, rate_e: Any, rate_i: Any) -> Any:
    """Where there is no probability to speak of below, by Chernoff's bound for the potential without a threshold."""
    if rate_i * b == 0.0:  # room for what a first jump down would do
        return min(0.0, x_r) - (b * _NEGLIGIBLE if kind == EXPONENTIAL else b)
    width = math.sqrt(rate_e * a * a + rate_i * b * b)
    largest = 0.999 / b if kind == EXPONENTIAL else 60.0 / b
    low, high = math.log(0.05 / (width + b)), math.log(largest)
    depth = math.inf
    for k in range(41):
        q = math.exp(low + (high - low) * k / 40.0)
        exponent = rate_e * _cumulant(kind, -q * a) + rate_i * _cumulant(kind, q * b)
        depth = min(depth, (_NEGLIGIBLE + exponent) / q)
    return min(0.0, x_r) - max(depth, b)


@jit
def _breaks(kind: Any, bottom: Any, theta: Any, x_r: Any, a: Any, b: Any, rate_e: Any, rate_i: Any) -> Any:
    """Ends that panels must have, sorted: bottom, 0, reset, theta, and the kinks that are sharp enough to matter.

    After m jumps on the way to theta a kink is smooth to the order m, and blurred by the decay of x meanwhile.
    """
    found = np.empty(_MOST // 4)
    found[0], found[1], count = bottom, theta, 2
    for x in (0.0, x_r):
        if bottom < x < theta and (count == 2 or x != 0.0):
            found[count] = x
            count += 1
    if kind == EXPONENTIAL or rate_e == 0.0:
        return np.sort(found[:count])
    tolerance = _SAME * max(abs(theta), a)
    blurred = 1.0 + math.sqrt((rate_e * a * a + rate_i * b * b) / (max(abs(theta), a) * a))
    sharp = min(_SHARP[0], _SHARP[1] * blurred * blurred)
    p = rate_e / (rate_e + rate_i) if b > 0.0 else 1.0
    for m in range(1, _ORDER + 1):
        blur = math.exp(-((m / blurred) ** 2))
        for j in range(m if p < 1.0 else 1):  # jumps down among the m, and how likely so many are
            share = math.lgamma(m + 1.0) - math.lgamma(j + 1.0) - math.lgamma(m - j + 1.0)
            share = math.exp(share) * p ** (m - j) * (1.0 - p) ** j
            x = theta - (m - j) * a + j * b
            if share * blur < sharp or x >= theta or x <= bottom or abs(x) < 1e-3 * a:
                continue
            new = count < found.size
            for i in range(count):
                new = new and abs(found[i] - x) > tolerance
            if new:
                found[count] = x
                count += 1
    return np.sort(found[:count])


@jit
def panel_edges(
    kind: Any, theta: Any, x_r: Any, a: Any, b: Any, rate_e: Any, rate_i: Any, size: Any, finer: Any
) -> Any:
    """Ends of the panels from below, for frequencies up to |s| = `size`; none if there would be too many.

    `finer` (1 or more) divides the length of the panels: for an estimate of the error.
    """
    bottom = _bottom(kind, x_r, a, b, rate_e, rate_i)
    if bottom >= theta:
        bottom = theta - max(abs(theta), a)
    breaks = _breaks(kind, bottom, theta, x_r, a, b, rate_e, rate_i)
    mean = rate_e * a - rate_i * b
    width = math.sqrt(rate_e * a * a + rate_i * b * b + a * a)
    total = rate_e + rate_i + size
    edges = np.empty(_MOST + 1)
    edges[0] = breaks[0]
    count = 1
    for i in range(breaks.size - 1):
        high = breaks[i + 1]
        inner = breaks[i] if high > 0.0 else high  # the end towards 0, where the layer of a kink begins
        layer = math.inf
        if kind == FIXED and rate_e > 0.0 and inner != 0.0 and i > 0:
            layer = max(abs(inner) / total, 0.05 * a)
        x = breaks[i]
        while x < high:
            steep = (1.0 + math.sqrt(2.0 * size)) / width
            if x > mean and (rate_e > 0.0 or x < 0.0):
                steep += growth(kind, x, a, b, rate_e, rate_i)
            h = min(_REACH / steep, max(_REACH * layer, (_GROWTH - 1.0) * abs(x - inner))) / finer
            left = high - x
            pieces = math.ceil(left / h - 1e-9)
            x = high if pieces <= 1 else x + (0.5 * left if pieces == 2 else h)
            if count == edges.size:
                return edges[:0]
            edges[count] = x
            count += 1
    return edges[:count].copy()


@jit
def basis_at(edges: Any, k: Any, x: Any, out: Any) -> None:
    """Fill `out` (N,) with the orthonormal Legendre functions of panel k at x."""
    h = edges[k + 1] - edges[k]
    xi, scale = 2.0 * (x - edges[k]) / h - 1.0, 1.0 / math.sqrt(h)
    before, now = 0.0, 1.0
    for n in range(N):
        out[n] = scale * _NORMS[n] * now
        before, now = now, _AHEAD[n] * xi * now - _BACK[n] * before


@jit
def value_at(edges: Any, x: Any, row: Any) -> None:
    """Fill `row` (n,) with the weights that give a function at x; at an end of panels, the one nearer to 0 has it."""
    row[:] = 0.0
    k = min(max(np.searchsorted(edges, x) - 1, 0), edges.size - 2)  # edges[k] < x <= edges[k + 1]
    if x < 0.0 and x == edges[k + 1] and k + 2 < edges.size:
        k += 1
    basis_at(edges, k, x, row[k * N : (k + 1) * N])


@jit
def decay(edges: Any, out: Any, killed: Any) -> None:
    """Fill `out` (n, n) and `killed` (n,) with -x d/dx: of T it is out @ T + killed * T(theta)."""
    panels = edges.size - 1
    out[:] = 0.0
    killed[:] = 0.0
    own, other = np.empty(N), np.empty(N)
    for k in range(panels):
        c, h = 0.5 * (edges[k] + edges[k + 1]), edges[k + 1] - edges[k]
        at = k * N
        for m in range(N):
            for n in range(N):
                out[at + m, at + n] = -2.0 * c / h * _BY_SLOPE[m, n] - _BY_MOMENT[m, n]
        inner, beside = (edges[k], k - 1) if c > 0.0 else (edges[k + 1], k + 1)
        if inner == 0.0:
            continue
        basis_at(edges, k, inner, own)
        if beside < panels:
            basis_at(edges, beside, inner, other)
        for m in range(N):
            for n in range(N):
                out[at + m, at + n] -= abs(inner) * own[m] * own[n]
                if beside < panels:
                    out[at + m, beside * N + n] += abs(inner) * own[m] * other[n]
            if beside == panels:
                killed[at + m] = abs(inner) * own[m]


@jit
def fixed_jumps(edges: Any, by: Any, out: Any, killed: Any) -> None:
    """Fill `out` (n, n) and `killed` (n,) with T(x + by); what jumps below all panels stays at the bottom."""
    panels = edges.size - 1
    out[:] = 0.0
    killed[:] = 0.0
    here, there = np.empty(N), np.empty(N)
    for k in range(panels):
        low = edges[k]
        target = np.searchsorted(edges, low + by, side="right") - 1  # the panel just above low + by; -1 below all
        while low < edges[k + 1]:
            high = edges[k + 1]
            if target < panels:
                high = min(high, max(edges[target + 1] - by, low))
            for i in range(N if high - low > 1e-13 * (edges[k + 1] - edges[k]) else 0):
                x = low + 0.5 * (1.0 + POINTS[i]) * (high - low)
                weight = 0.5 * WEIGHTS[i] * (high - low)
                basis_at(edges, k, x, here)
                if target == panels:
                    for m in range(N):
                        killed[k * N + m] += weight * here[m]
                    continue
                onto = max(target, 0)
                basis_at(edges, onto, max(x + by, edges[0]), there)
                for m in range(N):
                    for n in range(N):
                        out[k * N + m, onto * N + n] += weight * here[m] * there[n]
            low = high
            if target == panels:
                break
            target += 1


@jit
def exponential_jumps(edges: Any, by: Any, out: Any, killed: Any) -> None:
    """As `fixed_jumps`, for jumps of mean `by` that are exponentially distributed, up or down as its sign.

    g(x) = <T(x + A)> is e^{-z/|by|} g(z further) + an integral over what is between, so that it is known panel by panel
    from where jumps lead; pieces of panels are no longer than jumps. Of the panels beyond, it is as at the end of its
    own panel there, times how much is left of that.
    """
    panels = edges.size - 1
    out[:] = 0.0
    killed[:] = 0.0
    up, length = by > 0.0, abs(by)
    here, there, row = np.empty(N), np.empty(N), np.empty(N)
    inside, left = np.empty(N), np.empty(N)
    parts = np.empty((N + 1, N))
    g, g_killed = np.zeros(out.shape[0]), 1.0  # where jumps lead, all weight is on theta or on the bottom
    if not up:
        basis_at(edges, 0, edges[0], g[:N])
        g_killed = 0.0
    for step in range(panels):
        k = panels - 1 - step if up else step
        own = slice(k * N, (k + 1) * N)
        pieces = math.ceil((edges[k + 1] - edges[k]) / length)
        h = (edges[k + 1] - edges[k]) / pieces
        for i in range(N + 1):
            z = h * (0.5 * (1.0 + POINTS[i]) if i < N else 1.0)
            for j in range(N):
                parts[i, j] = 0.5 * WEIGHTS[j] * z * math.exp(-0.5 * (1.0 + POINTS[j]) * z / length) / length
        inside[:], left[:], fading = 0.0, 0.0, 1.0
        for piece in range(pieces):
            end = edges[k + 1] - piece * h if up else edges[k] + piece * h  # where jumps lead from this piece
            for i in range(N + 1):
                z = h * (0.5 * (1.0 + POINTS[i]) if i < N else 1.0)  # how far from it
                x = end - z if up else end + z
                fades = math.exp(-z / length)
                row[:] = fades * inside
                for j in range(N):
                    t = 0.5 * (1.0 + POINTS[j]) * z
                    basis_at(edges, k, x + t if up else x - t, there)
                    for n in range(N):
                        row[n] += parts[i, j] * there[n]
                if i == N:
                    inside[:] = row
                    fading *= fades
                    continue
                basis_at(edges, k, x, here)
                weight = 0.5 * WEIGHTS[i] * h
                for m in range(N):
                    left[m] += weight * here[m] * fades * fading
                    for n in range(N):
                        out[k * N + m, k * N + n] += weight * here[m] * row[n]
        for m in range(N):
            killed[k * N + m] += left[m] * g_killed
            for n in range(g.size):
                out[k * N + m, n] += left[m] * g[n]
        g *= fading
        g[own] += inside
        g_killed *= fading
