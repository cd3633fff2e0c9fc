"""The law of a random matrix with independent entries of unequal variance.

Of N neurons a share alpha_c is in class c; entries from class d to class c have variance S_cd/N. As N grows
eigenvalues fill a disc with a density that depends on |z| alone (Girko 1984; Rajan & Abbott 2006; Aljadeff, Stern &
Sharpee 2015; Cook, Hachem, Najim & Renfrew 2018). Its squared radius R² is the largest eigenvalue of [S_cd alpha_d],
and within,

    F(r) = sum_c alpha_c r²/(r² + phi_c psi_c)

is the share of eigenvalues with |z| < r, where phi and psi are the positive solutions of

    phi_c = sum_d S_cd alpha_d phi_d/(r² + phi_d psi_d),   psi_d = sum_c S_cd alpha_c psi_c/(r² + phi_c psi_c).

If S_cd = a_c b_d they are phi = m_1 a, psi = m_2 b, and one number m_1 m_2 is left to find: Rajan & Abbott's case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_si

_TOLERANCE = 1e-13
_SWEEPS, _NEWTONS = 60, 60


@dataclass(frozen=True, eq=False)
class Profile:
    """A variance profile: `fractions` (B,) and `variance` (B, B), N times that of an entry, [target, source]."""

    fractions: FloatArray
    variance: FloatArray

    @cached_property
    def radius(self) -> float:
        """R of the disc."""
        return math.sqrt(largest_eigenvalue(self.variance * self.fractions))

    @cached_property
    def _factors(self) -> tuple[FloatArray, FloatArray] | None:
        """(a, b) with S = a b^T, if there are such."""
        row, column = np.unravel_index(int(np.argmax(self.variance)), self.variance.shape)
        largest = self.variance[row, column]
        if largest == 0.0:
            return np.zeros(len(self.fractions)), np.zeros(len(self.fractions))
        a, b = self.variance[:, column], self.variance[row] / largest
        return (a, b) if np.allclose(np.outer(a, b), self.variance, rtol=1e-12, atol=0.0) else None

    def cdf(self, r: Any) -> Any:
        """Share of the eigenvalues with |z| < r, for an array of radii."""
        r = _radii(r)
        return _like(r, np.array([self._at(float(x))[0] for x in r.flat]))

    def density(self, r: Any) -> Any:
        """Eigenvalues an area, over N, at |z| = r: F'(r)/(2 pi r)."""
        r = _radii(r)
        return _like(r, np.array([self._at(float(x))[1] for x in r.flat]))

    def mean_square(self) -> float:
        """Mean of |z|² over the eigenvalues."""
        nodes, weights = np.polynomial.legendre.leggauss(64)
        r = 0.5 * self.radius * (nodes + 1.0)
        return float(self.radius**2 - self.radius * (weights @ (r * self.cdf(r))))

    def frobenius(self) -> float:
        """Mean of the squared Frobenius norm, over N."""
        return float(self.fractions @ self.variance @ self.fractions)

    def transient(self, t: Any) -> Any:
        """Mean squared norm of the solution of x' = -x + W x at `t`, from random x(0) of norm 1.

        e^{-2t} sum_k t^{2k}/k!² <W^k W^kT>, the average being alpha^T [S alpha]^k 1; e^{-2t} I_0(2 g t) for one class.
        """
        t = _nonnegative("t", t)
        step = self.variance * self.fractions
        largest = float(t.max(initial=0.0)) * math.sqrt(np.abs(step).sum(axis=1).max(initial=0.0))
        total, power, log = np.zeros(t.shape), np.ones(len(self.fractions)), 0.0
        with np.errstate(divide="ignore"):
            log_t = np.log(t)
        for k in range(int(3.0 * largest) + 60):
            size = float(self.fractions @ power)
            if size == 0.0:
                break
            exponent = (2.0 * k * log_t if k else 0.0) + math.log(size) + log - 2.0 * math.lgamma(k + 1.0) - 2.0 * t
            total += np.exp(exponent)
            power = step @ power
            scale = float(power.max())
            if scale > 0.0:
                power, log = power / scale, log + math.log(scale)
        return _like(t, total)

    def _at(self, r: float) -> tuple[float, float]:
        """(F, density) at radius r."""
        if r >= self.radius or self.radius == 0.0:
            return 1.0, 0.0
        if r == 0.0:  # the limit, from a radius near it
            return 0.0, self._at(1e-4 * self.radius)[1]
        product, slope = self._product(r)
        total = r * r + product
        share = float(self.fractions @ (r * r / total))
        by_r = float(self.fractions @ ((2.0 * r * product - r * r * slope) / total**2))
        return share, by_r / (2.0 * math.pi * r)

    def _product(self, r: float) -> tuple[FloatArray, FloatArray]:
        """phi_c psi_c and its derivative by r."""
        factors = self._factors
        if factors is None:
            return self._product_of_any_rank(r)
        d = factors[0] * factors[1]
        m = self._multiplier(d, r)
        weight = self.fractions * d / (r * r + d * m) ** 2
        return d * m, d * (-2.0 * r * weight.sum() / (weight @ d))

    def _multiplier(self, d: FloatArray, r: float) -> float:
        """The m > 0 with <d/(r² + d m)> = 1, by Newton's method from below: the left side is convex and falls."""
        m = 0.0
        for _ in range(200):
            terms = d / (r * r + d * m)
            change = (self.fractions @ terms - 1.0) / (self.fractions @ terms**2)
            m += float(change)
            if abs(change) <= _TOLERANCE * m:
                break
        return m

    def _product_of_any_rank(self, r: float) -> tuple[FloatArray, FloatArray]:
        onto, back = self.variance * self.fractions, self.variance.T * self.fractions
        n = len(self.fractions)
        phi = psi = np.full(n, math.sqrt(max(self.radius**2 - r * r, 1e-300)))
        for _ in range(_SWEEPS):
            total = r * r + phi * psi
            phi, psi = np.sqrt(phi * (onto @ (phi / total))), np.sqrt(psi * (back @ (psi / total)))
            balance = math.sqrt((self.fractions @ phi) / (self.fractions @ psi))
            phi, psi = phi / balance, psi * balance
        for _ in range(_NEWTONS):
            jacobian, residual, _ = self._equations(onto, back, phi, psi, r)
            change = np.linalg.lstsq(jacobian, -residual, rcond=None)[0]
            change /= max(1.0, np.abs(change).max())  # of logarithms
            phi, psi = phi * np.exp(change[:n]), psi * np.exp(change[n:])
            if np.abs(change).max() < _TOLERANCE * 100:
                break
        else:
            if np.abs(change).max() > 1e-8:
                raise ValueError(f"the density at r = {r:g} was not found: do all classes reach each other (std > 0)?")
        jacobian, _, by_r = self._equations(onto, back, phi, psi, r)
        slope = np.linalg.lstsq(jacobian, -by_r, rcond=None)[0]
        return phi * psi, phi * psi * (slope[:n] + slope[n:])

    def _equations(self, onto: FloatArray, back: FloatArray, phi: Any, psi: Any, r: float) -> tuple[Any, Any, Any]:
        """(Jacobian in log phi and log psi, equations, their derivative by r); the last fixes the scale phi/psi."""
        total = r * r + phi * psi
        share = phi * psi / total
        parts = []
        for matrix, x, own_first in ((onto, phi, True), (back, psi, False)):
            terms = matrix * (x / total) / x[:, None]
            own, other = terms * (1.0 - share), -terms * share
            own = own - np.diag(terms.sum(axis=1))
            first, second = (own, other) if own_first else (other, own)
            parts.append((np.hstack([first, second]), terms.sum(axis=1) - 1.0, -2.0 * r * terms @ (1.0 / total)))
        scale = np.concatenate([self.fractions, -self.fractions])
        jacobian = np.vstack([parts[0][0], parts[1][0], scale])
        residual = np.concatenate([parts[0][1], parts[1][1], [self.fractions @ np.log(phi / psi)]])
        by_r = np.concatenate([parts[0][2], parts[1][2], [0.0]])
        return jacobian, residual, by_r


def largest_eigenvalue(matrix: FloatArray) -> float:
    """Largest eigenvalue (by modulus) of a non-negative matrix: real, by Perron and Frobenius."""
    return float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))


def _radii(r: Any) -> FloatArray:
    return _nonnegative("r", r)


def _nonnegative(name: str, value: Any) -> FloatArray:
    array = as_si(name, value, "1")
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        raise ValueError(f"{name} must be finite and not negative, got {float(array[bad].flat[0])!r}")
    return array


def _like(r: FloatArray, values: FloatArray) -> Any:
    return values.reshape(r.shape) if r.ndim else float(values.reshape(-1)[0])
