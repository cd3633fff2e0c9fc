"""Densities of free paths at threshold, and what a change of the input does to them.

Notation as in `filtered_equation`: row i is a velocity at which threshold is reached, column j the one at which it was
left, k a time between; a path starts on threshold or, `t_ref` later, from reset.
"""

from __future__ import annotations

import cmath
import math
from typing import Any, NamedTuple

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.neurons.filtered_paths import impulse, modulated_covariances, weights

RESOLVED = 0.5  # |s| times an interval up to which e^{-st} is taken at its nodes
NOTHING = 45.0  # exponents beyond which a density is left out


class Paths(NamedTuple):
    """Free paths from one potential to threshold."""

    ratio: float  # T
    t_ref: float  # before the path starts, time in which u goes on
    level: float  # threshold
    start: float  # potential that they leave, threshold or reset
    t: FloatArray  # (K,)
    covariance: FloatArray  # (5, K), of `covariances`
    coefficients: FloatArray  # (K - 1, DEGREE + 1, DEGREE + 1)
    weight: FloatArray  # (K,), of the integral over time
    density: FloatArray  # (K, N, N)
    below: FloatArray  # (K, N): probability to be below threshold


@jit
def distance(ratio: Any, level: Any, start: Any, t: Any, c: Any, kept: Any, excess: Any) -> Any:
    """Threshold less the mean of v at time t, for u that exceeded the velocity's zero at threshold by `excess`.

    `kept` is the factor of u that is left when the path starts. Free of cancellation for paths that start on threshold.
    """
    beta = math.sqrt(0.5 / ratio)
    if start == level and kept == 1.0:
        return level * (-math.expm1(-t) - c) - beta * c * excess
    return level - start * math.exp(-t) - c * kept * (level + beta * excess)


@jit
def fill(
    ratio: Any, t_ref: Any, level: Any, start: Any, t: Any, covariance: Any, excess: Any, density: Any, below: Any
) -> None:
    """Fill `density` and `below`; `excess` (N,) is u less that at which threshold is reached without velocity."""
    n = excess.size
    zero = level * math.sqrt(2.0 * ratio)
    kept = math.exp(-t_ref / ratio)
    nothing = min(NOTHING + max(level, 0.0) ** 2 * (1.0 + ratio), 700.0)  # beyond what is rare for free paths
    for k in range(t.size):
        vv, vu, uu, c, e = covariance[0, k], covariance[1, k], covariance[2, k], covariance[3, k], covariance[4, k]
        determinant = vv * uu - vu * vu
        height = 1.0 / (2.0 * math.pi * math.sqrt(determinant))
        shrunk = e * kept
        slope = vu / vv
        given_v = 0.5 * vv / determinant
        for j in range(n):
            dv = distance(ratio, level, start, t[k], c, kept, excess[j])
            below[k, j] = 0.5 * math.erfc(-dv / math.sqrt(2.0 * vv))
            outer = 0.5 * dv * dv / vv
            if outer > nothing:
                density[k, :, j] = 0.0
                continue
            shift = zero * (1.0 - shrunk) - shrunk * excess[j] - slope * dv
            for i in range(n):
                du = excess[i] + shift
                exponent = outer + given_v * du * du
                density[k, i, j] = height * math.exp(-exponent) if exponent < nothing else 0.0


@jit
def contract(paths: Paths, excess: Any, flux: Any, by_density: Any, by_below: Any) -> None:
    """Derivatives of the density and of `below`, summed over the flux (N,) [per column] that starts the paths.

    Fills `by_density` (5, K, N) with those by v, u and twice by (v v), (v u), (u u), and `by_below` (2, K) by v, v v.
    """
    n = excess.size
    ratio, level = paths.ratio, paths.level
    zero = level * math.sqrt(2.0 * ratio)
    kept = math.exp(-paths.t_ref / ratio)
    by_density[:] = 0.0
    by_below[:] = 0.0
    for k in range(paths.t.size):
        vv, vu, uu = paths.covariance[0, k], paths.covariance[1, k], paths.covariance[2, k]
        determinant = vv * uu - vu * vu
        i11, i12, i22 = uu / determinant, -vu / determinant, vv / determinant
        shrunk = paths.covariance[4, k] * kept
        for j in range(n):
            dv = distance(ratio, level, paths.start, paths.t[k], paths.covariance[3, k], kept, excess[j])
            normal = math.exp(-0.5 * dv * dv / vv) / math.sqrt(2.0 * math.pi * vv) * flux[j]
            by_below[0, k] += normal
            by_below[1, k] -= dv / vv * normal
            for i in range(n):
                g = paths.density[k, i, j] * flux[j]
                if g == 0.0:
                    continue
                du = excess[i] + zero * (1.0 - shrunk) - shrunk * excess[j]
                a_v, a_u = i11 * dv + i12 * du, i12 * dv + i22 * du
                by_density[0, k, i] -= a_v * g
                by_density[1, k, i] -= a_u * g
                by_density[2, k, i] += (a_v * a_v - i11) * g
                by_density[3, k, i] += (a_v * a_u - i12) * g
                by_density[4, k, i] += (a_u * a_u - i22) * g


@jit
def add_perturbation(paths: Paths, s: Any, sign: Any, by_density: Any, by_below: Any, limit: Any, right: Any) -> None:
    """Add to `right` (2, N + 1) what modulated paths bring to threshold: to modulation of mu, and of sigma².

    The last column is the probability to be below. `limit` (2, N + 1) is the answer after a long time, of which the
    integrals over time are counted. Both boundaries move by -h, the filtered input is m/beta on u.
    """
    ratio = paths.ratio
    n = right.shape[1] - 1
    beta = math.sqrt(0.5 / ratio)
    m = 1.0 / (1.0 + s * ratio)
    h = m / (1.0 + s)
    kept = math.exp(-paths.t_ref / ratio)
    size = paths.t.size
    plain, still, moving = np.empty(size, np.complex128), np.empty(size, np.complex128), np.empty(size, np.complex128)
    border = RESOLVED / max(abs(s), 1e-300)
    weights(paths.t, paths.coefficients, 0.0j, border, still)
    weights(paths.t, paths.coefficients, s, border, moving)
    plain[:] = paths.weight - still
    late = cmath.exp(-s * paths.t_ref)
    total = paths.t[0]
    for k in range(size):
        total += paths.weight[k]
        if plain[k] == 0.0 and still[k] == 0.0 and moving[k] == 0.0:
            continue
        t = paths.t[k]
        c, e = impulse(t, ratio)
        wave = cmath.exp(-s * t)
        m_v = math.exp(-t) * h + c * kept * m * late
        m_u = m / beta * e * kept * late
        v = plain[k] * (wave * m_v - h) - still[k] * h + moving[k] * m_v
        u = plain[k] * (wave * m_u - m / beta) - still[k] * m / beta + moving[k] * m_u
        whole, without, with_wave = modulated_covariances(t, s, ratio, paths.t_ref)
        q = 0.5 * (plain[k] * whole + still[k] * without + moving[k] * with_wave)
        for i in range(n):
            right[0, i] += sign * (v * by_density[0, k, i] + u * by_density[1, k, i])
            right[1, i] += sign * (
                q[0] * by_density[2, k, i] + 2.0 * q[1] * by_density[3, k, i] + q[2] * by_density[4, k, i]
            )
        right[0, n] += sign * v * by_below[0, k]
        right[1, n] += sign * q[0] * by_below[1, k]
    for i in range(n + 1):
        right[0, i] -= sign * total * limit[0, i]
        right[1, i] -= sign * total * limit[1, i]


@jit
def add_density(paths: Paths, s: Any, sign: Any, columns: Any, stationary: Any, below: Any, matrix: Any) -> None:
    """Add to `matrix` (N + 1, N + 1) the transform at s of density and `below`, less their limits after a long time."""
    n = columns.size
    w = np.empty(paths.t.size, np.complex128)
    weights(paths.t, paths.coefficients, s, 0.0, w)
    first = paths.t[0]
    z = s * first
    early = first if abs(z) < 1e-12 else (1.0 - cmath.exp(-z)) / s
    factor = sign * cmath.exp(-s * paths.t_ref)
    total = early
    real, imaginary = np.zeros((n, n)), np.zeros((n, n))
    for k in range(paths.t.size):
        total += w[k]
        a, b = w[k].real, w[k].imag
        for i in range(n):
            for j in range(n):
                real[i, j] += a * paths.density[k, i, j]
                imaginary[i, j] += b * paths.density[k, i, j]
    for j in range(n):
        for i in range(n):
            matrix[i, j] += factor * columns[j] * (complex(real[i, j], imaginary[i, j]) - total * stationary[i])
        time = -total * below
        if paths.start < paths.level:
            time += early
        for k in range(paths.t.size):
            time += w[k] * paths.below[k, j]
        matrix[n, j] -= factor * columns[j] * time
