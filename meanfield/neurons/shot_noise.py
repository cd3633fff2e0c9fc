"""Exponentially filtered Poisson spikes, as a Markov process on a few values.

h jumps by 1 at the rate nu/tau and decays with the time constant tau; its cumulants are nu/n (Campbell's theorem), and
functions of it move by (L f)(h) = [-h f'(h) + nu (f(h + 1) - f(h))]/tau. L maps polynomials to polynomials of the same
degree. On the n points of Gauss's rule for the distribution of h, it is therefore a matrix that is exact for all
polynomials of degree below n: no diffusion is assumed, and no h is negative.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._validate import FloatArray

_DIGITS = 80  # moments of twice as many orders as points are ill-conditioned
_RAREST = 1e-4  # nu; fewer spikes are taken as that many


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShotNoise:
    """Values of h, and how weights q = p/sqrt(weight) of probability p over them move, d q/dt = `generator` q/tau.

    Attributes
    ----------
    values, root : (n,) array
        h, and the square root of its probability, which is q at rest.
    generator, by_nu : (n, n) array
        The generator, and its derivative by nu.
    """

    values: FloatArray
    root: FloatArray
    generator: FloatArray
    by_nu: FloatArray


@lru_cache(maxsize=256)
def shot_noise(nu: float, n: int) -> ShotNoise:
    """Shot noise of `nu` spikes in a time constant on `n` values."""
    nu = max(nu, _RAREST)
    sd = (0.5 * nu) ** 0.5
    alpha, beta = _recurrence(nu, n)
    x, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta[1:], 1) + np.diag(beta[1:], -1))
    vectors = vectors * np.sign(vectors[0])
    root = vectors[0]
    shifted, _ = _polynomials(x + 1.0 / sd, alpha, beta)
    _, slopes = _polynomials(x, alpha, beta)
    jump = (root[:, None] * shifted) @ vectors - np.eye(n)  # f(h + 1) - f(h), for functions times root
    decay = ((nu + sd * x) * root)[:, None] * slopes @ vectors / sd
    return ShotNoise(values=nu + sd * x, root=root, generator=(nu * jump - decay).T.copy(), by_nu=jump.T.copy())


def _recurrence(nu: float, n: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients of the orthonormal polynomials of (h - nu)/sd, from its moments (Chebyshev's algorithm)."""
    with decimal.localcontext() as context:
        context.prec = _DIGITS
        sd = (decimal.Decimal(nu) / 2).sqrt()
        cumulants = [decimal.Decimal(0)] + [decimal.Decimal(nu) / j / sd**j if j > 1 else 0 for j in range(1, 2 * n)]
        moments = [decimal.Decimal(1)]
        for k in range(1, 2 * n):
            total, choose = decimal.Decimal(0), 1
            for j in range(1, k + 1):  # choose = (k - 1 over j - 1)
                total += choose * cumulants[j] * moments[k - j]
                choose = choose * (k - j) // j
            moments.append(total)
        before: list[Any] = [decimal.Decimal(0)] * (2 * n)
        now = moments
        alpha, beta = [moments[1]], [decimal.Decimal(1)]
        for k in range(1, n):
            after = [decimal.Decimal(0)] * (2 * n)
            for m in range(k, 2 * n - k):
                after[m] = now[m + 1] - alpha[-1] * now[m] - beta[-1] * before[m]
            alpha.append(after[k + 1] / after[k] - now[k] / now[k - 1])
            beta.append(after[k] / now[k - 1])
            before, now = now, after
        return np.array([float(a) for a in alpha]), np.array([float(b.sqrt()) for b in beta])


def _polynomials(x: FloatArray, alpha: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orthonormal polynomials at x, (points, n), and their derivatives."""
    n = alpha.size
    values, slopes = np.zeros((x.size, n)), np.zeros((x.size, n))
    values[:, 0] = 1.0
    for j in range(n - 1):
        values[:, j + 1] = (x - alpha[j]) * values[:, j]
        slopes[:, j + 1] = values[:, j] + (x - alpha[j]) * slopes[:, j]
        if j:
            values[:, j + 1] -= beta[j] * values[:, j - 1]
            slopes[:, j + 1] -= beta[j] * slopes[:, j - 1]
        values[:, j + 1] /= beta[j + 1]
        slopes[:, j + 1] /= beta[j + 1]
    return values, slopes
