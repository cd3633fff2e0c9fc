"""Newton's method for the self-consistent rates, made global by a pseudo-transient.

The algorithm is written once, over a function `transfer` that gives the rates and their derivatives; it is compiled
for networks of LIF neurons (microseconds a solution) and runs as plain Python for other neuron models.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from meanfield._compiled import interpreted, jit
from meanfield._validate import FloatArray
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import is_lif, lif_transfer, pack, rates_and_jacobian, transfer_of
from meanfield.network import Network

CONVERGED, STALLED, RUNAWAY = 0, 1, 2
transfer = lif_transfer  # what the compiled algorithm calls

RELATIVE_TOLERANCE = 1e-12
SOLVED = 1e-9  # relative residual of neurons other than LIF, whose rates are solutions of linear systems themselves
MAX_ITERATIONS = 500
IDLE_ITERATIONS = 5  # without progress, with a residual below `NEAR`: rounding stops it
NEAR = 1e-6
LONG = 1e15  # s; an implicit Euler step this long is a Newton step
RUNAWAY_RATE = 1e9  # Hz; beyond any rate that a neuron with a refractory period could have


@jit
def solve_linear(matrix: Any, vector: Any) -> Any:
    """Solve `matrix` x = `vector` in place by elimination with partial pivoting; False if singular.

    (P is small, and calling LAPACK from compiled code would make `import meanfield` load scipy.linalg.)
    """
    n = vector.size
    for column in range(n):
        pivot = column
        for row in range(column + 1, n):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        if not abs(matrix[pivot, column]) > 0.0:
            return False
        if pivot != column:
            for k in range(column, n):
                matrix[column, k], matrix[pivot, k] = matrix[pivot, k], matrix[column, k]
            vector[column], vector[pivot] = vector[pivot], vector[column]
        for row in range(column + 1, n):
            factor = matrix[row, column] / matrix[column, column]
            if factor != 0.0:
                for k in range(column + 1, n):
                    matrix[row, k] -= factor * matrix[column, k]
                vector[row] -= factor * vector[column]
    for row in range(n - 1, -1, -1):
        total = vector[row]
        for k in range(row + 1, n):
            total -= matrix[row, k] * vector[k]
        vector[row] = total / matrix[row, row]
    return True


@jit
def pseudo_transient_newton(network: Any, state: Any, time_step: Any, max_iterations: Any) -> Any:
    """Iterate `state[0]` (the rates) to self-consistency; returns (status, iterations).

    Implicit Euler steps of d rate/dt = transferred(rate) - rate, whose time step grows as the residual falls, so
    that the iteration ends as Newton's (switched evolution relaxation; Kelley & Keyes 1998). A step to negative
    rates or to a larger residual is rejected and retried with a shorter one.

    `state` has rows rate, mu, sigma and relative residual, all of the best iterate on return; `time_step` is the first
    one, in s.
    """
    n = state.shape[1]
    rate = state[0].copy()
    transferred = np.empty(n)
    jacobian = np.empty((n, n))
    new_rate = np.empty(n)
    new_transferred = np.empty(n)
    new_jacobian = np.empty((n, n))
    matrix = np.empty((n, n))
    step = np.empty(n)
    moments = np.empty((2, n))
    transfer(network, rate, transferred, jacobian, moments)
    residual = np.max(np.abs(transferred - rate))
    best = _relative_residual(rate, transferred, state, moments, np.inf)
    polishing = idle = 0
    for iteration in range(1, max_iterations + 1):
        for i in range(n):
            step[i] = transferred[i] - rate[i]
            for j in range(n):
                matrix[i, j] = -jacobian[i, j]
            matrix[i, i] += 1.0 + 1.0 / time_step
        acceptable = solve_linear(matrix, step)
        if acceptable:
            top = max(np.max(rate), np.max(transferred))
            for i in range(n):  # the same as rate + step, but exact to the digit for rates far below the others
                answer = rate[i] / time_step + transferred[i]
                for j in range(n):
                    answer += jacobian[i, j] * step[j]
                new_rate[i] = answer / (1.0 + 1.0 / time_step)
                if not new_rate[i] >= -1e-14 * top:
                    acceptable = False
                elif new_rate[i] < 0.0:
                    new_rate[i] = 0.0
        if acceptable and np.max(new_rate) > RUNAWAY_RATE:
            return RUNAWAY, iteration
        if acceptable:
            transfer(network, new_rate, new_transferred, new_jacobian, moments)
            new_residual = np.max(np.abs(new_transferred - new_rate))
            acceptable = new_residual <= 1.5 * residual + 1e-12 * np.max(new_rate)
        if not acceptable:
            if time_step < 1e-9:
                return STALLED, iteration
            time_step *= 0.3
            continue
        rate[:] = new_rate
        transferred[:] = new_transferred
        jacobian[:] = new_jacobian
        previous = best
        best = _relative_residual(rate, transferred, state, moments, best)
        idle = idle + 1 if best >= previous else 0
        if idle == IDLE_ITERATIONS and best <= NEAR:
            return STALLED, iteration
        if best <= RELATIVE_TOLERANCE:  # go on until rounding stops the progress, three steps at most
            polishing += 1
            if polishing > 3 or best >= 0.5 * previous:
                return CONVERGED, iteration
            time_step = LONG
        else:
            growth = 5.0 if new_residual <= 0.3 * residual else max(0.5, 1.5 * residual / new_residual)
            time_step = min(time_step * growth, LONG)
        residual = new_residual
    return STALLED, max_iterations


@jit
def _relative_residual(rate: Any, transferred: Any, state: Any, moments: Any, best: Any) -> Any:
    """Store the iterate in `state` if its largest relative residual is below `best`; returns the lower of both."""
    worst = 0.0
    for i in range(rate.size):
        difference = abs(transferred[i] - rate[i])
        if not difference <= 0.0:  # NaN too
            worst = max(worst, difference / max(rate[i], transferred[i]))
    if worst < best:
        for i in range(rate.size):
            difference = abs(transferred[i] - rate[i])
            state[0, i] = rate[i]
            state[1, i] = moments[0, i]
            state[2, i] = moments[1, i]
            state[3, i] = difference / max(rate[i], transferred[i]) if difference > 0.0 else 0.0
        return worst
    return best


def newton(network: Network, state: FloatArray, time_step: float = 1.0) -> tuple[FixedPoint | None, int]:
    """Iterate from `state[0]`; on failure `state` holds the best iterate.

    A long first `time_step` makes it Newton's method, which converges to unstable states nearby as well.
    """
    packed = pack(network)
    if is_lif(network):
        status, iterations = pseudo_transient_newton(packed, state, time_step, MAX_ITERATIONS)
    else:
        status, iterations = interpreted(pseudo_transient_newton, sys.modules[__name__], transfer=transfer_of(network))(
            packed, state, time_step, MAX_ITERATIONS
        )
    if status == CONVERGED or (status != RUNAWAY and _at_rounding(network, state)):
        return fixed_point_of(network, state, iterations), CONVERGED
    return None, status


def fixed_point_of(network: Network, state: FloatArray, iterations: int) -> FixedPoint:
    state.setflags(write=False)
    return FixedPoint(
        network=network,
        rate=state[0],
        mu=state[1],
        sigma=state[2],
        residual=state[3],
        iterations=iterations,
    )


def _at_rounding(network: Network, state: FloatArray) -> bool:
    """True if no iteration can lower the residual: it is what rounding explains.

    That is rounding of the input moments alone for LIF neurons, and of the rates themselves for others.
    """
    rate, _, _, residual = state
    if not (np.isfinite(residual).all() and (rate > 0).all()):
        return False
    _, jacobian, _ = rates_and_jacobian(network, rate)
    with np.errstate(invalid="ignore"):
        amplification = (np.abs(jacobian) @ rate) / rate
    tolerance = RELATIVE_TOLERANCE if is_lif(network) else SOLVED
    return bool((residual <= tolerance + 16 * np.finfo(float).eps * amplification).all())
