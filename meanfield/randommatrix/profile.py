"""The law of a random matrix with independent entries of unequal variance.

Of N neurons a share alpha_c is in class c; entries from class d to class c have variance S_cd/N. As N grows
eigenvalues fill a disc with a density that depends on |z| alone (Girko 1984; Rajan & Abbott 2006; Aljadeff, Stern &
Sharpee 2015; Cook, Hachem, Najim & Renfrew 2018). Its squared radius R² is the largest eigenvalue of [S_cd alpha_d],
and within,

    F(r) = sum_c alpha_c r²/(r² + phi_c psi_c)

is the share of eigenvalues with |z| < r, where phi and psi are the positive solutions of

    phi_c = sum_d S_cd alpha_d phi_d/(r² + phi_d psi_d),   psi_d = sum_c S_cd alpha_c psi_c/(r² + phi_c psi_c).

If S_cd = a_c b_d they are phi = m_1 a, psi = m_2 b, and one number m_1 m_2 is left to find: Rajan & Abbott's case.
Classes that do not all reach each other make a block triangular matrix: the spectrum is that of its diagonal blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_si

_TOLERANCE = 1e-11
_SWEEPS, _NEWTONS = 60, 60
_NEAREST = 1e-4  # radius, of R, that stands for the limits at 0
_RIM = 1e-9  # of R²: nearer to the edge than this the equations lose their digits


@dataclass(frozen=True, eq=False)
class Profile:
    """A variance profile S = left @ right.T, (B, k) each, of classes with shares `fractions` (B,)."""

    fractions: FloatArray
    left: FloatArray
    right: FloatArray

    @classmethod
    def of(cls, fractions: FloatArray, variance: FloatArray) -> Profile:
        """Return the profile of S = `variance` (B, B), N times the variance of an entry, [target, source]."""
        return cls(fractions, variance, np.eye(len(fractions)))

    @cached_property
    def variance(self) -> FloatArray:
        """S (B, B)."""
        found: FloatArray = self.left @ self.right.T
        return found

    @cached_property
    def radius(self) -> float:
        """R of the disc."""
        return math.sqrt(largest_eigenvalue((self.right.T * self.fractions) @ self.left))

    def cdf(self, r: Any) -> Any:
        """Share of the eigenvalues with |z| < r, for an array of radii."""
        r = _nonnegative("r", r)
        found = sum(share * part.solve(r.ravel())[0] for share, part in self._parts)
        return _like(r, np.where(r.ravel() >= self.radius, 1.0, found) * (r.ravel() > 0.0))

    def density(self, r: Any) -> Any:
        """Eigenvalues an area, over N, at |z| = r: F'(r)/(2 pi r), without those that are 0 exactly."""
        r = _nonnegative("r", r)
        found = sum(share * part.solve(r.ravel())[1] for share, part in self._parts)
        return _like(r, np.where(r.ravel() >= self.radius, 0.0, found))

    def mean_square(self) -> float:
        """Mean of |z|² over the eigenvalues."""
        ends = sorted({0.0, *(part.radius for _, part in self._parts)})
        nodes, weights = np.polynomial.legendre.leggauss(64)
        total = self.radius**2
        for low, high in pairwise(ends):
            r = low + 0.5 * (high - low) * (nodes + 1.0)
            total -= (high - low) * float(weights @ (r * self.cdf(r)))
        return total

    def frobenius(self) -> float:
        """Mean of the squared Frobenius norm, over N."""
        return float((self.fractions @ self.left) @ (self.fractions @ self.right))

    def transient(self, t: Any) -> Any:
        """Mean squared norm of the solution of x' = -x + W x at `t`, from random x(0) of norm 1.

        e^{-2t} sum_k t^{2k}/k!² <W^k W^kT>, the average being alpha^T [S alpha]^k 1; e^{-2t} I_0(2 g t) for one class.
        """
        t = _nonnegative("t", t)
        total, power, log = np.zeros(t.shape), np.ones(len(self.fractions)), 0.0
        largest = float(t.max(initial=0.0)) * math.sqrt(self._onto(power).max(initial=0.0))
        with np.errstate(divide="ignore"):
            log_t = np.log(t)
        for k in range(int(3.0 * largest) + 60):
            size = float(self.fractions @ power)
            if size == 0.0:
                break
            exponent = (2.0 * k * log_t if k else 0.0) + math.log(size) + log - 2.0 * math.lgamma(k + 1.0) - 2.0 * t
            total += np.exp(exponent)
            power = self._onto(power)
            scale = float(power.max())
            if scale > 0.0:
                power, log = power / scale, log + math.log(scale)
        return _like(t, total)

    def symmetric_edge(self, mean: FloatArray | None = None) -> float:
        """Largest eigenvalue of (W + W^T)/2, the numerical abscissa.

        The edge is the least z for which g_c = 1/(z - sum_d T_cd alpha_d g_d), T = (S + S^T)/4, has a positive
        solution (Lehner 1999; Ajanki, Erdős & Krüger 2019); a mean (B, B) makes an outlier at the z where
        [(mean_cd + mean_dc)/2 alpha_d g_d(z)] has the eigenvalue 1.
        """
        highest = math.sqrt(max((self._onto(np.ones(len(self.fractions))) + self._back()).max(initial=0.0), 0.0))
        edge = _bisect(lambda z: self._resolvent(z) is None, 0.0, highest)
        if mean is None:
            return edge
        half = 0.5 * (mean + mean.T)

        def outside(z: float) -> bool:
            g = self._resolvent(z)
            root = np.sqrt(self.fractions * (0.0 if g is None else g))
            return bool(np.linalg.eigvalsh(root[:, None] * half * root).max() >= 1.0)

        start = edge * (1.0 + 1e-9) + 1e-12 * np.abs(half).max(initial=0.0)
        if start == 0.0 or not outside(start):
            return edge
        return _bisect(outside, start, start + highest + float(np.linalg.norm(half)))

    def _onto(self, x: FloatArray) -> FloatArray:
        found: FloatArray = self.left @ (self.right.T @ (self.fractions * x))
        return found

    def _back(self) -> FloatArray:
        found: FloatArray = self.right @ (self.left.T @ self.fractions)
        return found

    def _resolvent(self, z: float) -> FloatArray | None:
        """g by Newton's method on x = T alpha g in the factors' coordinates: it grows to the least solution, if any."""
        onto = np.hstack([self.left, self.right]) / 4.0
        back = np.hstack([self.right, self.left]).T * self.fractions
        x = np.zeros(len(back))
        for _ in range(200):
            gap = z - onto @ x
            if not (gap > 0.0).all():
                return None
            g: FloatArray = 1.0 / gap
            try:
                change = np.linalg.solve(np.eye(len(x)) - (back * g**2) @ onto, back @ g - x)
            except np.linalg.LinAlgError:  # the edge itself
                return None
            if (change < -1e-9 * (np.abs(x) + 1e-300)).any():
                return None
            x = x + change
            if (change <= 1e-13 * x).all():
                return g
        return None

    @cached_property
    def _parts(self) -> tuple[tuple[float, _RankOne | _AnyRank], ...]:
        """(share of the neurons, law) of each set of classes that reach each other."""
        if self.left.shape[1] == 1:
            return ((1.0, _RankOne(self.fractions, self.left[:, 0] * self.right[:, 0])),)
        from scipy.sparse.csgraph import connected_components

        factors = _factors(self.variance)
        if factors is not None:
            return ((1.0, _RankOne(self.fractions, factors[0] * factors[1])),)
        count, member = connected_components(self.variance > 0.0, directed=True, connection="strong")
        parts: list[tuple[float, _RankOne | _AnyRank]] = []
        for k in range(count):
            own = np.flatnonzero(member == k)
            share = float(self.fractions[own].sum())
            fractions, block = self.fractions[own] / share, self.variance[np.ix_(own, own)] * share
            factors = _factors(block)
            law = _AnyRank(fractions, block) if factors is None else _RankOne(fractions, factors[0] * factors[1])
            parts.append((share, law))
        return tuple(parts)


@dataclass(frozen=True, eq=False)
class _RankOne:
    """S = a b^T: the law depends on d = a b alone."""

    fractions: FloatArray
    d: FloatArray

    @cached_property
    def radius(self) -> float:
        return math.sqrt(float(self.fractions @ self.d))

    def solve(self, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(F, density) at radii (R,)."""
        return _inside(self, r)

    def product(self, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """phi_c psi_c = d_c m and its derivative by r, where <d/(r² + d m)> = 1.

        By Newton's method from below: the left side is convex in m and falls.
        """
        m = np.zeros((r.size, 1))
        square = r[:, None] ** 2
        for _ in range(200):
            terms = self.d / (square + self.d * m)
            change = ((terms @ self.fractions - 1.0) / (terms**2 @ self.fractions))[:, None]
            m = np.maximum(m + change, 0.0)
            if (np.abs(change) <= 1e-13 * m + 1e-18 * self.radius**2).all():
                break
        weight = self.fractions * self.d / (square + self.d * m) ** 2
        slope = -2.0 * r * weight.sum(axis=1) / (weight @ self.d)
        return self.d * m, self.d * slope[:, None]


@dataclass(frozen=True, eq=False)
class _AnyRank:
    """A variance profile in which all classes reach each other."""

    fractions: FloatArray
    variance: FloatArray

    @cached_property
    def radius(self) -> float:
        return math.sqrt(largest_eigenvalue(self.variance * self.fractions))

    def solve(self, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(F, density) at radii (R,)."""
        return _inside(self, np.where(r < self.radius, np.minimum(r, self.radius * math.sqrt(1.0 - _RIM)), r))

    def product(self, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """phi_c psi_c and its derivative by r: averaged sweeps, then Newton's method in the logarithms."""
        onto, back = self.variance * self.fractions, self.variance.T * self.fractions
        square = r[:, None] ** 2
        n = len(self.fractions)
        phi = psi = np.sqrt(np.maximum(self.radius**2 - square, 1e-300)) * np.ones(n)
        for _ in range(_SWEEPS):
            total = square + phi * psi
            phi, psi = np.sqrt(phi * (phi / total @ onto.T)), np.sqrt(psi * (psi / total @ back.T))
            balance = np.sqrt((phi @ self.fractions) / (psi @ self.fractions))[:, None]
            phi, psi = phi / balance, psi * balance
        tolerance = np.maximum(_TOLERANCE, 1e-14 / (1.0 - (r / self.radius) ** 2))
        for _ in range(_NEWTONS):
            jacobian, residual, _ = self._equations(onto, back, phi, psi, r)
            change = -(np.linalg.pinv(jacobian) @ residual[:, :, None])[:, :, 0]
            size = np.abs(change).max(axis=1)
            change /= np.maximum(1.0, size)[:, None]
            phi, psi = phi * np.exp(change[:, :n]), psi * np.exp(change[:, n:])
            if (size < tolerance).all():
                break
        else:
            if (size > 1e3 * tolerance).any():
                raise ValueError(f"the density at r = {r[np.argmax(size / tolerance)]:g} was not found")
        jacobian, _, by_r = self._equations(onto, back, phi, psi, r)
        slope = -(np.linalg.pinv(jacobian) @ by_r[:, :, None])[:, :, 0]
        return phi * psi, phi * psi * (slope[:, :n] + slope[:, n:])

    def _equations(
        self, onto: FloatArray, back: FloatArray, phi: FloatArray, psi: FloatArray, r: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(Jacobian in log phi and log psi, equations, their derivative by r); the last fixes the scale phi/psi."""
        total = r[:, None] ** 2 + phi * psi
        share = (phi * psi / total)[:, None, :]
        rows, residuals, by_r = [], [], []
        for matrix, x, own_first in ((onto, phi, True), (back, psi, False)):
            terms = matrix * (x / total)[:, None, :] / x[:, :, None]
            sums = terms.sum(axis=2)
            own = terms * (1.0 - share) - np.eye(x.shape[1]) * sums[:, :, None]
            other = -terms * share
            rows.append(np.concatenate([own, other] if own_first else [other, own], axis=2))
            residuals.append(sums - 1.0)
            by_r.append(-2.0 * r[:, None] * (terms / total[:, None, :]).sum(axis=2))
        scale = np.broadcast_to(np.concatenate([self.fractions, -self.fractions]), (r.size, 1, 2 * phi.shape[1]))
        residuals.append((np.log(phi / psi) @ self.fractions)[:, None])
        by_r.append(np.zeros((r.size, 1)))
        return np.concatenate([*rows, scale], axis=1), np.hstack(residuals), np.hstack(by_r)


def _inside(law: _RankOne | _AnyRank, r: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(F, density) from a law's product of phi and psi; 1 and 0 from the edge on."""
    share, density = np.ones(r.size), np.zeros(r.size)
    within = r < law.radius
    if not within.any():
        return share, density
    x = np.maximum(r[within], _NEAREST * law.radius * (r[within] == 0.0))
    product, slope = law.product(x)
    square = x[:, None] ** 2
    total = square + product
    share[within] = (square / total) @ law.fractions
    by_r = ((2.0 * x[:, None] * product - square * slope) / total**2) @ law.fractions
    density[within] = by_r / (2.0 * math.pi * x)
    return share, density


def _factors(variance: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """(a, b) with S = a b^T, if there are such."""
    row, column = np.unravel_index(int(np.argmax(variance)), variance.shape)
    largest = variance[row, column]
    if largest == 0.0:
        return np.zeros(len(variance)), np.zeros(len(variance))
    a, b = variance[:, column], variance[row] / largest
    return (a, b) if np.allclose(np.outer(a, b), variance, rtol=1e-12, atol=0.0) else None


def largest_eigenvalue(matrix: FloatArray) -> float:
    """Largest eigenvalue (by modulus) of a non-negative matrix: real, by Perron and Frobenius."""
    return float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))


def _bisect(below: Any, low: float, high: float) -> float:
    """Where `below` turns from true to false."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if below(middle) else (low, middle)
    return high


def _nonnegative(name: str, value: Any) -> FloatArray:
    array = as_si(name, value, "1")
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        raise ValueError(f"{name} must be finite and not negative, got {float(array[bad].flat[0])!r}")
    return array


def _like(r: FloatArray, values: Any) -> Any:
    return plain(np.reshape(values, r.shape))


def plain(values: Any) -> Any:
    """An array as it is, but one of no dimensions as a float."""
    return values if np.ndim(values) else float(values)
