"""The stationary state of a leaky integrator under finite jumps: how long it takes to threshold, and what changes that.

With y(x, s) the Laplace transform of the probability that x has not come to theta by t, (L - s) y = -1, everything
follows from the plain matrix L of `shot_panels`: <e^{-sT}> = 1 - s y, and the rate's answer to more jumps of one kind,

    d nu/d R (s) = int P (u(x + a) - u(x)) dx / (1 - u(x_r) e^{-s t_ref}),      u = 1 - s y,

for a jump more at time t changes the spikes expected from then on, and P, the density of x, is the dual of L^-1. At
s = 0 all is solved for h = y/y(x_r) - 1 and kappa = 1/y(x_r), from L h + kappa = -L 1, which keeps its relative
accuracy where spikes are rare. At other s, L is brought to Hessenberg's form once, so that each s takes n² operations.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.neurons.shot_panels import (
    EXPONENTIAL,
    N,
    barrier,
    decay,
    exponential_jumps,
    fixed_jumps,
    panel_edges,
    value_at,
)

ComplexArray = NDArray[np.complex128]

RAREST = 100.0  # -log of kappa beyond which it is known to leading order only
_NEXT_TO_NOTHING = 1e-6  # jumps in tau_m for none, which would leave nothing to connect the sides of 0
DYNAMIC = 16.0  # of |s| that panels are made for where s is not 0


@jit
def _generator(
    kind: Any, edges: Any, a: Any, b: Any, rate_e: Any, rate_i: Any, out: Any, by_e: Any, by_i: Any, lost: Any
) -> None:
    """Fill L, the jumps up and down, all (n, n), and what all three lose at theta, (3, n)."""
    n = out.shape[0]
    decay(edges, out, lost[0])
    for by, matrix, gone in ((a, by_e, lost[1]), (-b, by_i, lost[2])):
        if by == 0.0:
            for m in range(n):
                matrix[m, m] = 1.0
        elif kind == EXPONENTIAL:
            exponential_jumps(edges, by, matrix, gone)
        else:
            fixed_jumps(edges, by, matrix, gone)
    for m in range(n):
        for k in range(n):
            out[m, k] += rate_e * by_e[m, k] + rate_i * by_i[m, k]
        out[m, m] -= rate_e + rate_i
        lost[0, m] += rate_e * lost[1, m] + rate_i * lost[2, m]


@jit
def _resolvents(s: Any, matrix: Any, right: Any, left: Any, out: Any) -> None:
    """Fill `out` (m, len(s)) with left @ (matrix - s)^-1 @ right, of an upper Hessenberg matrix."""
    n = matrix.shape[0]
    work, x = np.empty((n, n), dtype=np.complex128), np.empty(n, dtype=np.complex128)
    for at in range(s.size):
        for i in range(n):
            for j in range(max(i - 1, 0), n):
                work[i, j] = matrix[i, j]
            work[i, i] -= s[at]
            x[i] = right[i]
        for k in range(n - 1):
            if abs(work[k + 1, k]) > abs(work[k, k]):
                for j in range(k, n):
                    work[k, j], work[k + 1, j] = work[k + 1, j], work[k, j]
                x[k], x[k + 1] = x[k + 1], x[k]
            factor = work[k + 1, k] / work[k, k]
            for j in range(k + 1, n):
                work[k + 1, j] -= factor * work[k, j]
            x[k + 1] -= factor * x[k]
        for k in range(n - 1, -1, -1):
            value = x[k]
            for j in range(k + 1, n):
                value -= work[k, j] * x[j]
            x[k] = value / work[k, k]
        for m in range(left.shape[0]):
            total = 0.0j
            for k in range(n):
                total += left[m, k] * x[k]
            out[m, at] = total


class ShotState:
    """What is known of one state; times in tau_m, potentials from where the membrane rests.

    Attributes
    ----------
    log_kappa, kappa : float
        Inverse mean time from reset to threshold.
    spread : float
        Squared coefficient of variation of that time.
    static : (2,) array
        <y - y(x + A)> kappa and the same of jumps down, at s = 0.
    """

    def __init__(self, kind: int, shape: tuple[float, ...], rates: tuple[float, float], size: float, finer: float):
        theta, x_r, a, b = shape
        exponent = barrier(kind, theta, a, b, *rates)
        self.silent = exponent > RAREST
        if self.silent:
            self._be_silent(exponent)
            return
        fires = rates[0] > 0.0 or theta < 0.0
        if rates == (0.0, 0.0) and not fires:
            rates = (_NEXT_TO_NOTHING, 0.0)
        edges = panel_edges(kind, theta, x_r, a, b, *rates, size, finer)
        if edges.size == 0:
            raise ValueError("weight_e and weight_i are too small: the density would need too many panels; use LIF")
        n = (edges.size - 1) * N
        matrix, by_e, by_i, lost = np.empty((n, n)), np.zeros((n, n)), np.zeros((n, n)), np.zeros((3, n))
        _generator(kind, edges, a, b, *rates, matrix, by_e, by_i, lost)
        at_reset, one = np.empty(n), np.zeros(n)
        value_at(edges, x_r, at_reset)
        one[::N] = np.sqrt(np.diff(edges))
        self._matrix, self._one, self._at_reset, self._lost = matrix, one, at_reset, lost
        self.size, self.edges = n, edges
        self._solve(by_e, by_i)
        if not fires:
            self.kappa, self.log_kappa = 0.0, -math.inf
        if self.kappa < 0.0:  # lost to roundings: a mean input that is very far below the reset
            self._be_silent(exponent)

    def _be_silent(self, exponent: float) -> None:
        self.silent = True
        self.log_kappa, self.kappa = -exponent, math.exp(-exponent)
        self.spread, self.static = 1.0, np.zeros(2)

    def _solve(self, by_e: FloatArray, by_i: FloatArray) -> None:
        from scipy.linalg import lu_factor, lu_solve

        n = self.size
        bordered = np.zeros((n + 1, n + 1))
        bordered[:n, :n] = self._matrix[::-1, ::-1]  # from theta down, so that what is rare there stays accurate
        bordered[:n, n], bordered[n, :n] = self._one[::-1], self._at_reset[::-1]
        factors = lu_factor(bordered, check_finite=False)
        right = np.zeros((n + 1, 2))
        right[:n, 0], right[n, 1] = self._lost[0, ::-1], 1.0
        solution = lu_solve(factors, right[:, 0])
        density = lu_solve(factors, right[:, 1], trans=1)[:n][::-1]
        h = solution[:n][::-1]
        self.kappa = float(density @ self._lost[0])
        self.log_kappa = math.log(self.kappa) if self.kappa > 0.0 else -math.inf
        self.spread = max(1.0 + 2.0 * float(density @ h), 0.0)
        self.density = density
        # <y - y(x + A)> as a functional of y
        self._by = np.stack([density - density @ by_e, density - density @ by_i])
        gone = density @ self._lost[1], density @ self._lost[2]
        self.static = self._by @ h + gone

    @cached_property
    def _reduced(self) -> tuple[Any, Any, Any]:
        from scipy.linalg import hessenberg

        reduced, basis = hessenberg(self._matrix, calc_q=True, check_finite=False)
        left = np.concatenate([self._at_reset[None], self._by]) @ basis
        return np.ascontiguousarray(reduced), -(basis.T @ self._one), np.ascontiguousarray(left)

    def transforms(self, s: ComplexArray) -> ComplexArray:
        """(3, n) y(x_r), <y - y(x + A)>, and that of jumps down, at complex s."""
        out = np.empty((3, s.size), dtype=complex)
        reduced, right, left = self._reduced
        _resolvents(s, reduced, right, left, out)
        return out


@lru_cache(maxsize=16)
def shot_state(
    kind: int, shape: tuple[float, ...], rates: tuple[float, float], size: float = 0.0, finer: float = 1.0
) -> ShotState:
    """The state of (theta, x_r, a, b) at (R_e, R_i), for frequencies up to `size`; the last ones are kept."""
    return ShotState(kind, shape, rates, size, finer)
