"""Linear equations along the membrane potential, solved panel by panel: collocation at Radau's points.

On a panel of width h, the solution of y' = a (x - f y) (with x' = s y, or x given) is a polynomial that satisfies the
equation at n points, the far end among them (Radau IIA; Hairer & Wanner, Solving Ordinary Differential Equations II,
sec. IV.5): of order 2n - 1 at the far end, and damped where f is large, so that a panel may be much wider than the
layer in which y comes to x/f.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import legendre

from meanfield._compiled import jit
from meanfield._validate import FloatArray

N = 8


def _radau() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Points in (0, 1], integrals from 0 to each, derivatives, and values at the points counted from the far end."""
    difference = np.zeros(N + 1)
    difference[N - 1 :] = -1.0, 1.0  # P_n - P_{n-1} vanishes at the points
    points = np.sort(legendre.legroots(difference).real)
    points[-1] = 1.0
    powers = legendre.legvander(points, N - 1)
    integrals = np.stack([legendre.legint(row, lbnd=-1) for row in np.eye(N)])
    integrate = legendre.legvander(points, N) @ integrals.T @ np.linalg.inv(powers)
    with_start = np.concatenate([[-1.0], points])
    basis = np.linalg.inv(legendre.legvander(with_start, N))
    slopes = np.stack([legendre.legder(row) for row in np.eye(N + 1)])
    differentiate = legendre.legvander(points, N - 1) @ slopes.T @ basis
    mirror = legendre.legvander(-points, N) @ basis
    return 0.5 * (1.0 + points), 0.5 * integrate, 2.0 * differentiate, mirror


POINTS, INTEGRATE, DIFFERENTIATE, MIRROR = _radau()
_INTEGRATE_TWICE = INTEGRATE @ INTEGRATE
WEIGHTS = INTEGRATE[-1].copy()


@jit
def solve_in_place(matrix: Any, right: Any) -> None:
    """Gaussian elimination with partial pivots; the answer is left in `right`."""
    n = right.size
    for k in range(n):
        pivot, largest = k, abs(matrix[k, k])
        for i in range(k + 1, n):
            size = abs(matrix[i, k])
            if size > largest:
                pivot, largest = i, size
        if pivot != k:
            for j in range(k, n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            right[k], right[pivot] = right[pivot], right[k]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, n):
            factor = matrix[i, k] * inverse
            if factor != 0.0:
                for j in range(k + 1, n):
                    matrix[i, j] -= factor * matrix[k, j]
                right[i] -= factor * right[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            right[k] -= matrix[k, j] * right[j]
        right[k] /= matrix[k, k]


@jit
def advance(start: Any, x: Any, s: Any, a: Any, h: Any, f: Any, matrix: Any, out: Any) -> None:
    """Fill `out` (N,) with y at the points of a panel, y' = a (X - f y), X' = s y, from X = `x` and y = `start`.

    `f` (N,) holds f there; `matrix` (N, N) is room to work in, of the type of `out`.
    """
    for i in range(N):
        for j in range(N):
            matrix[i, j] = a * h * (INTEGRATE[i, j] * f[j] - h * s * _INTEGRATE_TWICE[i, j])
        matrix[i, i] += 1.0
        out[i] = start + a * h * x * POINTS[i]
    solve_in_place(matrix, out)


@jit
def accumulate(start: Any, source: Any, a: Any, h: Any, f: Any, matrix: Any, out: Any) -> None:
    """As `advance`, for y' = source - a f y with the source given at the points."""
    for i in range(N):
        out[i] = start
        for j in range(N):
            matrix[i, j] = a * h * INTEGRATE[i, j] * f[j]
            out[i] += h * INTEGRATE[i, j] * source[j]
        matrix[i, i] += 1.0
    solve_in_place(matrix, out)
