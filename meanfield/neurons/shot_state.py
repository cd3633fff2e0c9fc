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
import threading
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
            matrix[:] = 0.0
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
def _bandwidths(matrix: Any) -> Any:
    """(below, above) the diagonal: how far elements are from it."""
    n = matrix.shape[0]
    below, above = 0, 0
    for i in range(n):
        k = 0
        while k < i - below and matrix[i, k] == 0.0:
            k += 1
        below = max(below, i - k)
        k = n - 1
        while k > i + above and matrix[i, k] == 0.0:
            k -= 1
        above = max(above, k - i)
    return below, above


@jit
def _band(matrix: Any, below: Any, above: Any) -> Any:
    """The transposed matrix in LAPACK's form of a band, whose columns are rows here, with room for what pivots fill."""
    n = matrix.shape[0]
    out = np.zeros((n, 2 * above + below + 1))
    for j in range(n):
        for i in range(max(j - below, 0), min(j + above + 1, n)):
            out[j, above + below + i - j] = matrix[j, i]
    return out


@jit
def _resolvents(s: Any, columns: Any, right: Any, left: Any, out: Any) -> None:
    """Fill `out` (m, len(s)) with left @ (H - s)^-1 @ right, of an upper Hessenberg matrix H given by its columns.

    From the last column down, each is combined with the one before it so that the matrix becomes triangular, and is
    used up at once (Henry 1994): H is read once for each s, and nothing of its size is written.
    """
    n = right.size
    real, imaginary = np.empty(n), np.empty(n)  # of the column at hand
    b_real, b_imaginary = np.empty(n), np.empty(n)
    factors, found = np.empty(n, dtype=np.complex128), np.empty(n, dtype=np.complex128)
    swapped = np.empty(n, dtype=np.bool_)
    for at in range(s.size):
        shift = s[at]
        real[:], imaginary[:] = columns[n - 1], 0.0
        real[n - 1] -= shift.real
        imaginary[n - 1] -= shift.imag
        b_real[:], b_imaginary[:] = right, 0.0
        for k in range(n - 1, 0, -1):
            before = columns[k - 1]
            below, pivot = before[k], complex(real[k], imaginary[k])
            swapped[k] = abs(below) > abs(pivot)
            factor = pivot / below if swapped[k] else below / pivot
            y = complex(b_real[k], b_imaginary[k]) / (below if swapped[k] else pivot)
            f_r, f_i, y_r, y_i = factor.real, factor.imag, y.real, y.imag
            c, d = real[k - 1], imaginary[k - 1]  # where the shift is
            e, f = before[k - 1] - shift.real, -shift.imag
            if swapped[k]:
                for i in range(k - 1):
                    real[i] -= f_r * before[i]
                    imaginary[i] -= f_i * before[i]
                    b_real[i] -= y_r * before[i]
                    b_imaginary[i] -= y_i * before[i]
                c, d, e, f = e, f, c, d
            else:
                for i in range(k - 1):
                    re, im = real[i], imaginary[i]
                    b_real[i] -= y_r * re - y_i * im
                    b_imaginary[i] -= y_r * im + y_i * re
                    real[i] = before[i] - (f_r * re - f_i * im)
                    imaginary[i] = -(f_r * im + f_i * re)
            b_real[k - 1] -= y_r * c - y_i * d
            b_imaginary[k - 1] -= y_r * d + y_i * c
            real[k - 1] = e - (f_r * c - f_i * d)
            imaginary[k - 1] = f - (f_r * d + f_i * c)
            factors[k], found[k] = factor, y
        combined = complex(b_real[0], b_imaginary[0]) / complex(real[0], imaginary[0])
        for k in range(1, n):
            rest = found[k] - factors[k] * combined
            found[k - 1] = rest if swapped[k] else combined
            if not swapped[k]:
                combined = rest
        found[n - 1] = combined
        for m in range(left.shape[0]):
            total = 0.0j
            for k in range(n):
                total += left[m, k] * found[k]
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
        matrix, by_e, by_i = _room("square", 3 * n * n).reshape(3, n, n)
        lost = np.zeros((3, n))
        _generator(kind, edges, a, b, *rates, matrix, by_e, by_i, lost)
        at_reset, one = np.empty(n), np.zeros(n)
        value_at(edges, x_r, at_reset)
        one[::N] = np.sqrt(np.diff(edges))
        self._one, self._at_reset, self._lost = one, at_reset, lost
        self.size, self.edges, self._asked = n, edges, 0
        self._solve(matrix, by_e, by_i)
        if size > 0.0:
            self._matrix = matrix.copy()  # out of the room
        if not fires:
            self.kappa, self.log_kappa = 0.0, -math.inf
        if self.kappa < 0.0:  # lost to roundings: a mean input that is very far below the reset
            self._be_silent(exponent)

    def _be_silent(self, exponent: float) -> None:
        self.silent = True
        self.log_kappa, self.kappa = -exponent, math.exp(-exponent)
        self.spread, self.static = 1.0, np.zeros(2)

    def _solve(self, matrix: FloatArray, by_e: FloatArray, by_i: FloatArray) -> None:
        from scipy.linalg import lapack

        n = self.size
        bordered = _room("bordered", (n + 1) ** 2).reshape(n + 1, n + 1).T
        bordered[:n, :n] = matrix[::-1, ::-1]  # from theta down, so that what is rare there stays accurate
        bordered[:n, n], bordered[n, :n], bordered[n, n] = self._one[::-1], self._at_reset[::-1], 0.0
        factors, pivots, _ = lapack.dgetrf(bordered, overwrite_a=True)
        right = np.zeros((n + 1, 2), order="F")
        right[:n, 0], right[n, 1] = self._lost[0, ::-1], 1.0
        h = lapack.dgetrs(factors, pivots, right[:, 0])[0][:n][::-1]
        density = lapack.dgetrs(factors, pivots, right[:, 1], trans=1)[0][:n][::-1]
        self.kappa = float(density @ self._lost[0])
        self.log_kappa = math.log(self.kappa) if self.kappa > 0.0 else -math.inf
        self.spread = max(1.0 + 2.0 * float(density @ h), 0.0)
        self.density = density
        # <y - y(x + A)> as a functional of y
        self._by = np.stack([density - density @ by_e, density - density @ by_i])
        gone = density @ self._lost[1], density @ self._lost[2]
        self.static = self._by @ h + gone

    @cached_property
    def _reduced(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Columns of L in Hessenberg's form, and -1 and the functionals in its basis."""
        from scipy.linalg import lapack

        n = self.size
        work = int(lapack.dgehrd_lwork(n)[0])
        packed, tau, _ = lapack.dgehrd(self._matrix, lwork=work)
        vectors = np.concatenate([self._one[:, None], self._at_reset[:, None], self._by.T], axis=1)
        if n > 1:  # the basis itself is not needed, only what it makes of these
            vectors[1:] = lapack.dormqr("L", "T", packed[1:, :-1], tau, vectors[1:], work)[0]
        columns = np.triu(packed, -1).T
        return np.ascontiguousarray(columns), -vectors[:, 0], np.ascontiguousarray(vectors[:, 1:].T)

    @cached_property
    def _banded(self) -> tuple[int, int, FloatArray, int]:
        """Bandwidths, the band, and for how many s it takes less than Hessenberg's form to solve for each directly.

        Hessenberg's form takes 10/3 n³ real operations, elimination in a band some 8 n below (below + above) for
        complex numbers, which are slower in a narrow band.
        """
        below, above = _bandwidths(self._matrix)
        worth = int(0.3 * self.size**2 / max(above * (above + below), 1))
        return below, above, _band(self._matrix, below, above) if worth else np.empty((0, 0)), worth

    def transforms(self, s: ComplexArray) -> ComplexArray:
        """(3, n) y(x_r), <y - y(x + A)>, and that of jumps down, at complex s."""
        out = np.empty((3, s.size), dtype=complex)
        self._asked += s.size
        if self._asked <= self._banded[3]:
            for at, value in enumerate(s):
                out[:, at] = self._direct(complex(value))
        else:
            _resolvents(s, *self._reduced, out)
        return out

    def _direct(self, s: complex) -> ComplexArray:
        """`transforms` at one s, by elimination in the band of L."""
        from scipy.linalg import lapack

        below, above, band, _ = self._banded
        shifted = band.astype(complex)
        shifted[:, above + below] -= s
        left = np.asfortranarray(np.concatenate([self._at_reset[None], self._by]).T, dtype=complex)
        solved = lapack.zgbsv(above, below, shifted.T, left, overwrite_ab=True, overwrite_b=True)[2]
        return np.asarray(-self._one @ solved)


_rooms = threading.local()


def _room(name: str, size: int) -> FloatArray:
    """Numbers to work in, which are overwritten by the next to ask: new pages of memory take as long as the work."""
    kept: FloatArray | None = getattr(_rooms, name, None)
    if kept is None or kept.size < size:
        kept = np.empty(size)
        setattr(_rooms, name, kept)
    return kept[:size]


@lru_cache(maxsize=16)
def shot_state(
    kind: int, shape: tuple[float, ...], rates: tuple[float, float], size: float = 0.0, finer: float = 1.0
) -> ShotState:
    """The state of (theta, x_r, a, b) at (R_e, R_i), for frequencies up to `size`; the last ones are kept."""
    return ShotState(kind, shape, rates, size, finer)
