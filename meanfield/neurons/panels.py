"""Linear equations along the membrane potential, solved panel by panel: collocation at Radau's points.

On a panel of width h, the solution of y' = a (x - f y) (with x' = s y, or x given) is a polynomial that satisfies the
equation at n points, the far end among them (Radau IIA; Hairer & Wanner, Solving Ordinary Differential Equations II,
sec. IV.5): of order 2n - 1 at the far end, and damped where f is large, so that a panel may be much wider than the
layer in which y comes to x/f.

Equations are linear, so that panels need not wait for one another: what each makes of a unit at its start and of a unit
of x is found for all of them side by side, which is what processors do best, and then carried from panel to panel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import legendre

from meanfield._compiled import fast_jit, jit
from meanfield._validate import FloatArray

N = 8
_ABREAST = 32  # panels whose equations fit a processor's nearest memory


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


@fast_jit
def collocate(a: Any, h: Any, f: Any, right: Any) -> None:
    """Solve y + a h A f y = right at the points of all panels, A integrating from the start; y is left in `right`.

    `h` (P,) are widths, `f` (N, P) the drift at the points, `right` (R, N, P). No pivots are sought: times Radau's
    weights, the matrix has a positive symmetric part where f > 0, and where f < 0 panels are too narrow for it to lose
    that.
    """
    points, panels = f.shape  # not N, for which loops would be unrolled, and take long to compile
    matrix, scaled = np.empty((points, points, min(panels, _ABREAST))), np.empty(min(panels, _ABREAST))
    for first in range(0, panels, _ABREAST):
        n = min(panels - first, _ABREAST)
        for j in range(points):
            for k in range(n):
                scaled[k] = a * h[first + k] * f[j, first + k]
            for i in range(points):
                for k in range(n):
                    matrix[i, j, k] = INTEGRATE[i, j] * scaled[k]
            for k in range(n):
                matrix[j, j, k] += 1.0
        for p in range(points):
            for k in range(n):
                matrix[p, p, k] = 1.0 / matrix[p, p, k]
            for i in range(p + 1, points):
                for k in range(n):
                    matrix[i, p, k] *= matrix[p, p, k]
                for j in range(p + 1, points):
                    for k in range(n):
                        matrix[i, j, k] -= matrix[i, p, k] * matrix[p, j, k]
                for r in range(right.shape[0]):
                    for k in range(n):
                        right[r, i, first + k] -= matrix[i, p, k] * right[r, p, first + k]
        for i in range(points - 1, -1, -1):
            for r in range(right.shape[0]):
                for j in range(i + 1, points):
                    for k in range(n):
                        right[r, i, first + k] -= matrix[i, j, k] * right[r, j, first + k]
                for k in range(n):
                    right[r, i, first + k] *= matrix[i, i, k]


@fast_jit
def collocate_complex(a: Any, s: Any, h: Any, f: Any, real: Any, imaginary: Any) -> None:
    """As `collocate`, of y + a h A (f - h s A) y at complex `s`; the right side comes and y is left in two parts."""
    points, panels = f.shape  # not N, for which loops would be unrolled, and take long to compile
    re, im = np.empty((points, points, min(panels, _ABREAST))), np.empty((points, points, min(panels, _ABREAST)))
    scaled, square = np.empty(min(panels, _ABREAST)), np.empty(min(panels, _ABREAST))
    for first in range(0, panels, _ABREAST):
        n = min(panels - first, _ABREAST)
        for k in range(n):
            square[k] = a * h[first + k] * h[first + k]
        for j in range(points):
            for k in range(n):
                scaled[k] = a * h[first + k] * f[j, first + k]
            for i in range(points):
                by_re, by_im = s.real * _INTEGRATE_TWICE[i, j], s.imag * _INTEGRATE_TWICE[i, j]
                for k in range(n):
                    re[i, j, k] = INTEGRATE[i, j] * scaled[k] - by_re * square[k]
                    im[i, j, k] = -by_im * square[k]
            for k in range(n):
                re[j, j, k] += 1.0
        for p in range(points):
            for k in range(n):
                size = 1.0 / (re[p, p, k] * re[p, p, k] + im[p, p, k] * im[p, p, k])
                re[p, p, k] *= size
                im[p, p, k] *= -size
            for i in range(p + 1, points):
                for k in range(n):
                    x, y = re[i, p, k], im[i, p, k]
                    re[i, p, k] = x * re[p, p, k] - y * im[p, p, k]
                    im[i, p, k] = x * im[p, p, k] + y * re[p, p, k]
                for j in range(p + 1, points):
                    for k in range(n):
                        re[i, j, k] -= re[i, p, k] * re[p, j, k] - im[i, p, k] * im[p, j, k]
                        im[i, j, k] -= re[i, p, k] * im[p, j, k] + im[i, p, k] * re[p, j, k]
                for r in range(real.shape[0]):
                    for k in range(n):
                        x, y = real[r, p, first + k], imaginary[r, p, first + k]
                        real[r, i, first + k] -= re[i, p, k] * x - im[i, p, k] * y
                        imaginary[r, i, first + k] -= re[i, p, k] * y + im[i, p, k] * x
        for i in range(points - 1, -1, -1):
            for r in range(real.shape[0]):
                for j in range(i + 1, points):
                    for k in range(n):
                        x, y = real[r, j, first + k], imaginary[r, j, first + k]
                        real[r, i, first + k] -= re[i, j, k] * x - im[i, j, k] * y
                        imaginary[r, i, first + k] -= re[i, j, k] * y + im[i, j, k] * x
                for k in range(n):
                    x, y = real[r, i, first + k], imaginary[r, i, first + k]
                    real[r, i, first + k] = x * re[i, i, k] - y * im[i, i, k]
                    imaginary[r, i, first + k] = x * im[i, i, k] + y * re[i, i, k]
