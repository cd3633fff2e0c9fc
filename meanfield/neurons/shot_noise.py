"""Exponentially filtered Poisson spikes, as a Markov process on a few values, and those values in many positions.

h jumps by 1 at the rate nu/tau and decays with the time constant tau; its cumulants are nu/n (Campbell's theorem), and
functions of it move by (L f)(h) = [-h f'(h) + nu (f(h + 1) - f(h))]/tau. L maps polynomials to polynomials of the same
degree. On n points of a rule for the distribution of h that is exact up to degree 2n - 2, it is therefore a matrix that
is exact for all polynomials of degree below n: no diffusion is assumed.

Such rules form a family of one parameter, the last diagonal entry t of the Jacobi matrix (Gauss's is one of them): any
point is a node of just one rule, so that the family as a whole prefers no place. What ends where a line crosses the
nodes' grid, as neurons end at threshold, depends on the place of the line within the grid; the mean over the family
does not. (All but Gauss's rule may have a node at a negative h, of little weight.) Over t with a Cauchy distribution
the mean rule has a smooth density, and that is the true one at x if centre and width are those of the continued
fraction that goes on where the matrix ends (its Weyl function at x), here of constant coefficients.
"""

from __future__ import annotations

import decimal
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._validate import FloatArray

_DIGITS = 80  # moments of twice as many orders as points are ill-conditioned
_RAREST = 1e-4  # nu; fewer spikes are taken as that many
_WITHIN = 0.95  # of the band in which nodes lie


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShotNoise:
    """Values of h by each of m rules, and how q = p/sqrt(weight) of probability p moves: d q/dt = `generator` q/tau.

    Attributes
    ----------
    values, root : (m, n) array
        h, and the square root of its probability, which is q at rest.
    generator, by_nu : (m, n, n) array
        The generator, and its derivative by nu.
    """

    values: FloatArray
    root: FloatArray
    generator: FloatArray
    by_nu: FloatArray


def shot_noise(nu: float, n: int, phases: FloatArray, place: float) -> ShotNoise:
    """Shot noise of `nu` spikes in a time constant on `n` values, by a rule for each of `phases` in (0, 1), (m,).

    Rules of evenly spaced phases have nodes evenly spread about `place`, in units of sqrt(nu/2) from the mean.
    """
    nu = max(nu, _RAREST)
    sd = math.sqrt(0.5 * nu)
    alpha, beta = _recurrence(nu, n + 2)
    width = 0.5 * (beta[n] + beta[n + 1])
    real = 0.5 * float(np.clip(alpha[n] - place, -2.0 * _WITHIN * width, 2.0 * _WITHIN * width))
    tail = (real + 1j * math.sqrt(width * width - real * real)) * (beta[n] / width) ** 2
    last = alpha[n - 1] - tail.real + tail.imag * np.tan(math.pi * (phases - 0.5))
    jacobi = np.tile(np.diag(alpha[:n]) + np.diag(beta[1:n], 1) + np.diag(beta[1:n], -1), (phases.size, 1, 1))
    jacobi[:, -1, -1] = last
    x, vectors = np.linalg.eigh(jacobi)
    vectors = vectors * np.sign(vectors[:, :1])
    root = vectors[:, 0]
    shifted, _ = _polynomials(x + 1.0 / sd, alpha[:n], beta[:n])
    _, slopes = _polynomials(x, alpha[:n], beta[:n])
    jump = (root[..., None] * shifted) @ vectors - np.eye(n)  # f(h + 1) - f(h), for functions times root
    decay = ((nu + sd * x) * root)[..., None] * slopes @ vectors / sd
    return ShotNoise(
        values=nu + sd * x,
        root=root,
        generator=np.swapaxes(nu * jump - decay, 1, 2).copy(),
        by_nu=np.swapaxes(jump, 1, 2).copy(),
    )


@lru_cache(maxsize=256)
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
    """Orthonormal polynomials at x, (*x.shape, n), and their derivatives."""
    n = alpha.size
    values, slopes = np.zeros((*x.shape, n)), np.zeros((*x.shape, n))
    values[..., 0] = 1.0
    for j in range(n - 1):
        values[..., j + 1] = (x - alpha[j]) * values[..., j]
        slopes[..., j + 1] = values[..., j] + (x - alpha[j]) * slopes[..., j]
        if j:
            values[..., j + 1] -= beta[j] * values[..., j - 1]
            slopes[..., j + 1] -= beta[j] * slopes[..., j - 1]
        values[..., j + 1] /= beta[j + 1]
        slopes[..., j + 1] /= beta[j + 1]
    return values, slopes
