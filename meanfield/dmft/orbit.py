"""The orbit c(τ) in a coordinate in which all is smooth, and the Schrödinger operator upon it.

With y = (c - c∞)/(c0 - c∞) = sech²(s + s0)/sech²(s0) the time τ(s) is a smooth function of s: y falls exponentially at
the end, as c does, and quadratically at the top, where c'² has its zero; with noise the zero lies above c0, and s0 > 0
puts it there. Nodes in s then give spectral accuracy, with no boundary-value problem to solve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eigh

from meanfield._validate import FloatArray
from meanfield.dmft.gaussian import _unit_legendre
from meanfield.dmft.potential import Potential

NODES = 96
_END = 20.0  # of s: y is 4e-17 of what it was
_QUADRATURE = 24
_FAR = 12.0  # s0 of an orbit whose c'² has no zero above c0


@dataclass(frozen=True, slots=True)
class Orbit:
    """c(τ) on nodes in s.

    Attributes
    ----------
    c0, rest, shift : float
        c at lag zero, at infinity, and s0.
    s, c, pace, time : ndarray
        Nodes, c, dτ/ds and τ there.
    series : ndarray
        Legendre coefficients of τ(s) over [0, end].
    """

    c0: float
    rest: float
    shift: float
    s: FloatArray
    c: FloatArray
    pace: FloatArray
    time: FloatArray
    series: FloatArray

    def at(self, lags: FloatArray) -> FloatArray:
        """c at lags of either sign."""
        return self.rest + (self.c0 - self.rest) * _height(self.coordinate(np.abs(lags), beyond=True), self.shift)

    def coordinate(self, lags: FloatArray, *, beyond: bool = False) -> FloatArray:
        """s at lags from 0; those past the last node have its s, or a larger one with `beyond`."""
        end = float(self.s[-1])
        s = np.interp(lags, self.time, self.s)
        derivative = legendre.legder(self.series)
        for _ in range(8):  # Newton's method from a line through the nodes
            x = 2.0 * s / end - 1.0
            pace = np.maximum(legendre.legval(x, derivative) * 2.0 / end, 1e-300)
            s = np.clip(s - (legendre.legval(x, self.series) - lags) / pace, 0.0, end)
        past = np.maximum(lags - self.time[-1], 0.0)
        s = np.where(past > 0.0, end + (past / self.pace[-1] if beyond else 0.0), s)  # τ is linear in s there
        return np.asarray(s)

    def half_width(self) -> float:
        """Lag at which c is halfway between c0 and c∞."""
        s = math.acosh(math.sqrt(2.0) * math.cosh(self.shift)) - self.shift
        return float(legendre.legval(2.0 * s / self.s[-1] - 1.0, self.series))


def _height(s: FloatArray, shift: float) -> FloatArray:
    """sech²(s + s0)/sech²(s0), which does not overflow."""
    ratio = np.exp(-s) * (1.0 + math.exp(-2.0 * shift)) / (1.0 + np.exp(-2.0 * (s + shift)))
    height: FloatArray = ratio**2
    return height


def orbit(potential: Potential, noise: float, nodes: int = NODES) -> Orbit:
    """Follow the particle from c0 = `potential.kernel.variance` to its rest, on this many nodes."""
    c0, rest = potential.kernel.variance, potential.rest()
    force = float(potential.force(np.array([c0]))[0])
    span = c0 - rest
    if noise == 0.0:
        shift = 0.0
    elif force >= 0.0:
        shift = _FAR
    else:
        shift = min(math.asinh(noise**2 / math.sqrt(-2.0 * force * span)), _FAR)  # sinh² s0 = zero above c0, over span
    x, _ = _lobatto(nodes)
    s = 0.5 * _END * (x + 1.0)
    y = _height(s, shift)
    c = rest + span * y
    pace = 2.0 * np.tanh(s + shift) * y * span / _speed(potential, noise, s, shift, y, rest)
    if noise == 0.0:
        pace[0] = math.sqrt(2.0 * span / -force)  # 0/0 at the top
    series = np.asarray(np.linalg.solve(legendre.legvander(x, nodes - 1), pace), dtype=np.float64)
    time: FloatArray = np.asarray(0.5 * _END * legendre.legint(series, lbnd=-1.0), dtype=np.float64)
    return Orbit(c0, rest, shift, s, c, pace, np.asarray(legendre.legval(x, time)), time)


def _speed(potential: Potential, noise: float, s: FloatArray, shift: float, y: FloatArray, rest: float) -> FloatArray:
    """-c' = sqrt(2 ∫ h dc), from whichever end loses no digits."""
    c0 = potential.kernel.variance
    span = c0 - rest
    t, weight = _unit_legendre(_QUADRATURE)
    upper = y > 0.5
    squared = np.empty_like(y)
    fallen = np.tanh(s[upper]) ** 2 if shift == 0.0 else 1.0 - y[upper]
    below = c0 - span * fallen[:, None] * t**2  # t² clusters nodes at c0, where kinks of φ leave square roots
    lost = (potential.force(below) * 2.0 * t) @ weight
    squared[upper] = noise**4 - 2.0 * span * fallen * lost
    above = rest + span * y[~upper, None] * t
    squared[~upper] = 2.0 * (span * y[~upper]) ** 2 * ((potential.force_slope(above) * (1.0 - t)) @ weight)
    speed: FloatArray = np.sqrt(np.maximum(squared, 1e-300))
    return speed


@cache
def _lobatto(n: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Lobatto-Legendre nodes and weights on [-1, 1]."""
    last = np.zeros(n)
    last[-1] = 1.0
    inner = np.sort(legendre.legroots(legendre.legder(last)).real)
    for _ in range(2):  # the companion matrix's roots, polished
        inner -= legendre.legval(inner, legendre.legder(last)) / legendre.legval(inner, legendre.legder(last, 2))
    x = np.concatenate(([-1.0], inner, [1.0]))
    return x, 2.0 / (n * (n - 1) * legendre.legval(x, last) ** 2)


@cache
def _differentiation(n: int) -> FloatArray:
    """Derivative at the Lobatto nodes of what is given there, (n, n)."""
    x, _ = _lobatto(n)
    last = np.zeros(n)
    last[-1] = 1.0
    p = legendre.legval(x, last)
    apart = x[:, None] - x
    np.fill_diagonal(apart, 1.0)
    matrix = p[:, None] / (p * apart)
    np.fill_diagonal(matrix, 0.0)
    matrix[0, 0], matrix[-1, -1] = -n * (n - 1) / 4.0, n * (n - 1) / 4.0
    return matrix


def ground_energy(path: Orbit, well: FloatArray, edge: float, *, odd: bool = False, robin: float = 0.0) -> float:
    """Least eigenvalue of -∂² + `well` on the half-line.

    Parameters
    ----------
    path : Orbit
    well : ndarray
        The potential at the nodes, `edge` its value at infinity.
    odd : bool
        ψ(0) = 0; else ψ'(0) = `robin` ψ(0).
    """
    n = path.s.size
    _, weights = _lobatto(n)
    half = 0.5 * float(path.s[-1])
    d = _differentiation(n) / half
    stiffness = d.T @ ((half * weights / path.pace)[:, None] * d)
    measure = half * weights * path.pace
    stiffness[np.diag_indices(n)] += measure * well
    stiffness[0, 0] += robin
    first = 1 if odd else 0
    energy = min(0.0, edge)
    for _ in range(30):  # beyond the last node ψ falls with a rate that depends on the energy
        outside = math.sqrt(max(edge - energy, 0.0))
        matrix = stiffness.copy()
        matrix[-1, -1] += outside
        scale = 1.0 / np.sqrt(measure[first:])
        matrix = matrix[first:, first:] * scale[:, None] * scale
        found = float(eigh(0.5 * (matrix + matrix.T), eigvals_only=True, subset_by_index=(0, 0))[0])
        if abs(found - energy) < 1e-14 * max(1.0, abs(edge)):
            return min(found, edge)
        energy = min(found, edge)
    return energy
