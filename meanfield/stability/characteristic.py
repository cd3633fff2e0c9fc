"""The characteristic function of a network's linear dynamics, and how its phase turns along a line.

The roots of det(1 - L(s)) are the zeros of H(s) = det(1 - L(s)) prod_i h_i(s), where the h_i cancel the poles of the
neurons' responses: H is analytic for Re s > -1/tau_m, so its phase along a closed curve counts the zeros inside.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield.response import loop_matrix

_LARGEST_TURN = 1.0  # rad, of the phase between neighbouring points
_LARGEST_CHANGE = 1.6  # of the function, relative
_SHORTEST = 1e-9  # relative to the frequency
_DEEPEST = 60
_SQUARINGS = 6


@jit
def determinant(matrix: Any) -> Any:
    """Determinant of a small complex matrix, which is overwritten (Gaussian elimination)."""
    n = matrix.shape[0]
    if n == 1:
        return matrix[0, 0]
    if n == 2:
        return matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]
    product = 1.0 + 0.0j
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if matrix[pivot, k] == 0.0:
            return 0.0j
        if pivot != k:
            for j in range(n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            product = -product
        product *= matrix[k, k]
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            for j in range(k + 1, n):
                matrix[i, j] -= factor * matrix[k, j]
    return product


@jit
def characteristic(state: Any, s: Any) -> Any:
    """(det(1 - L(s)), H(s))."""
    n = state.mu.size
    answers = np.empty((3, n), dtype=np.complex128)
    matrix = np.empty((n, n), dtype=np.complex128)
    loop_matrix(state, s, answers, matrix)
    poles = 1.0 + 0.0j
    for i in range(n):
        poles *= answers[2, i]
        for j in range(n):
            matrix[i, j] = -matrix[i, j]
        matrix[i, i] += 1.0
    value = determinant(matrix)
    return value, value * poles


@jit
def loop_radius(state: Any, s: Any) -> Any:
    """Spectral radius of L(s); beyond two populations a bound that is a few percent larger."""
    n = state.mu.size
    answers = np.empty((3, n), dtype=np.complex128)
    matrix = np.empty((n, n), dtype=np.complex128)
    loop_matrix(state, s, answers, matrix)
    if n == 1:
        return abs(matrix[0, 0])
    if n == 2:
        half = 0.5 * (matrix[0, 0] + matrix[1, 1])
        root = cmath.sqrt(half * half - determinant(matrix))
        return max(abs(half + root), abs(half - root))
    log = 0.0
    for power in range(_SQUARINGS + 1):  # the norm of L^64, to the power 1/64
        size = 0.0
        for i in range(n):
            row = 0.0
            for j in range(n):
                row += abs(matrix[i, j])
            size = max(size, row)
        if size == 0.0:
            return 0.0
        log += math.log(size) / 2.0**power
        if power < _SQUARINGS:
            matrix /= size
            matrix = _square(matrix)
    return math.exp(log)


@jit
def _square(matrix: Any) -> Any:
    n = matrix.shape[0]
    out = np.zeros_like(matrix)
    for i in range(n):
        for k in range(n):
            for j in range(n):
                out[i, j] += matrix[i, k] * matrix[k, j]
    return out


@jit
def turn(state: Any, start: Any, end: Any, at_start: Any, at_end: Any, samples: Any, count: Any) -> Any:
    """Change of the phase of H along the straight line from `start` to `end`, in steps that cannot hide a turn.

    Points visited after `start` are appended to `samples` (2, capacity) with H there, as long as there is room.
    Returns (phase, count, fine): not fine where steps had to become too short, at or beside a zero.
    """
    pending = np.empty((2, _DEEPEST), dtype=np.complex128)
    pending[0, 0], pending[1, 0] = end, at_end
    depth = 1
    here, value = start, at_start
    total = 0.0
    fine = True
    while depth > 0:
        there, other = pending[0, depth - 1], pending[1, depth - 1]
        if value == 0.0 or other == 0.0:
            return total, count, False
        phase = cmath.phase(other / value)
        change = abs(other - value) / min(abs(other), abs(value))
        resolved = abs(phase) < _LARGEST_TURN and change < _LARGEST_CHANGE
        too_short = abs(there - here) < _SHORTEST * (abs(there) + 1.0) or depth == _DEEPEST
        if resolved or too_short:
            fine = fine and resolved
            total += phase
            here, value = there, other
            depth -= 1
            if count < samples.shape[1]:
                samples[0, count], samples[1, count] = here, value
                count += 1
        else:
            middle = 0.5 * (here + there)
            pending[0, depth], pending[1, depth] = middle, characteristic(state, middle)[1]
            depth += 1
    return total, count, fine


@jit
def closing_phase(state: Any, s: Any) -> Any:
    """Sum of the principal phases of the factors of H at s where the loop gain is below 1: det(1 - L), and each h."""
    n = state.mu.size
    answers = np.empty((3, n), dtype=np.complex128)
    gain = np.empty((n, n), dtype=np.complex128)
    loop_matrix(state, s, answers, gain)
    total = 0.0
    for i in range(n):
        total += cmath.phase(answers[2, i])
    pieces = 8 * n
    previous = 1.0 + 0.0j
    for k in range(1, pieces + 1):  # det(1 - t L) has no zero for t in [0, 1]
        matrix = -(k / pieces) * gain
        for i in range(n):
            matrix[i, i] += 1.0
        value = determinant(matrix)
        total += cmath.phase(value / previous)
        previous = value
    return total
