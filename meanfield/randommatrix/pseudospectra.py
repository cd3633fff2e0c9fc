"""Pseudospectra and the Kreiss constant: the norm of the resolvent (z - W)^{-1} about the spectrum.

As in Trefethen (1999, Acta Numerica 8) and his and Embree's book (2005, ch. 39): one Schur form, then at each z the
smallest singular value of z - T by inverse Lanczos iteration, which takes two triangular solves a step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import FloatArray, as_complex, check
from meanfield.randommatrix.matrices import as_matrix, is_dense, is_sparse
from meanfield.randommatrix.memory import check_memory

ComplexArray = NDArray[np.complex128]
_STEPS = 60  # of Lanczos' iteration at most; a few are usual
_ROUNDS = 5  # in which the search for the Kreiss constant is refined
_SIDE = 9  # points on a side of its grids


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pseudospectrum:
    """Smallest singular value of z - W over a grid.

    Attributes
    ----------
    real, imag : arrays
        Axes of the grid.
    sigma : (len(imag), len(real)) array
        Smallest singular value of z - W at z = real + i imag, 1/‖(z - W)^{-1}‖: W can be given the eigenvalue z by a
        perturbation of that norm.
    """

    real: FloatArray
    imag: FloatArray
    sigma: FloatArray

    def abscissa(self, eps: float) -> float:
        """Largest real part on the grid with sigma <= eps; minus infinity if there is none."""
        columns = (self.sigma <= eps).any(axis=0)
        return float(self.real[columns].max()) if columns.any() else -math.inf


class Resolvent:
    """The norm of (z - W)^{-1} at many z: the Schur form of W is computed once.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        n up to about 3000: the Schur form takes 25 n³ operations and 48 n² bytes.

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; if it takes more memory than there is.

    Examples
    --------
    >>> round(Resolvent([[0.0, 1.0], [0.0, 0.0]]).sigma(1.0), 4)      # (3 - sqrt 5)/2, its root
    0.618
    """

    def __init__(self, matrix: Any) -> None:
        from scipy.linalg import schur

        matrix = as_matrix("matrix", matrix)
        n = matrix.shape[0]
        check_memory(f"the Schur form of a {n} x {n} matrix", 48.0 * n * n)
        if not is_dense(matrix):
            matrix = matrix.toarray() if is_sparse(matrix) else matrix @ np.eye(n)
        self.is_real = not np.iscomplexobj(matrix)
        triangle, _ = schur(matrix, output="complex", check_finite=False)
        self.eigenvalues: ComplexArray = np.diag(triangle).copy()
        self._shifted = np.asfortranarray(-triangle)  # z - T, but for its diagonal
        self._start = np.random.default_rng(0).standard_normal((n, 2)) @ np.array([1.0, 1.0j])

    def sigma(self, z: complex, tol: float = 1e-5) -> float:
        """Smallest singular value of z - W, to the relative accuracy `tol`; 0 at an eigenvalue."""
        from scipy.linalg.blas import ztrsv

        diagonal = z - self.eigenvalues
        size = float(np.abs(diagonal).max())
        if np.abs(diagonal).min() <= 1e-15 * max(size, abs(z), 1e-300):
            return 0.0
        np.fill_diagonal(self._shifted, diagonal)
        v = self._start / np.linalg.norm(self._start)
        before, beta = np.zeros_like(v), 0.0
        alphas: list[float] = []
        betas: list[float] = []
        last = 0.0
        for _ in range(min(_STEPS, v.size)):
            w = ztrsv(self._shifted, ztrsv(self._shifted, v, trans=2), overwrite_x=True)
            if not np.isfinite(w).all():
                return 0.0
            w = w - beta * before
            alpha = float(np.vdot(v, w).real)
            w = w - alpha * v
            alphas.append(alpha)
            largest = _largest(alphas, betas)
            beta = float(np.linalg.norm(w))
            if abs(largest - last) <= tol * largest or beta <= 1e-14 * largest:
                break
            betas.append(beta)
            before, v, last = v, w / beta, largest
        return 1.0 / math.sqrt(largest)

    def norm(self, z: complex) -> float:
        """‖(z - W)^{-1}‖, infinite at an eigenvalue."""
        sigma = self.sigma(z)
        return 1.0 / sigma if sigma > 0.0 else math.inf


def _largest(alphas: list[float], betas: list[float]) -> float:
    """Largest eigenvalue of a symmetric tridiagonal matrix."""
    if len(alphas) == 1:
        return alphas[0]
    return float(np.linalg.eigvalsh(np.diag(alphas) + np.diag(betas, -1))[-1])  # reads the lower triangle


def pseudospectrum(matrix: Any, real: Any, imag: Any) -> Pseudospectrum:
    """Return the smallest singular value of z - W over a grid of z.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        As for `Resolvent`; n = 1000 takes about 10 ms a point.
    real, imag : arrays
        Axes of the grid. For a real matrix, z and its conjugate are computed once.

    Raises
    ------
    TypeError, ValueError
        As `Resolvent`; for axes that are not finite numbers.
    """
    resolvent = Resolvent(matrix)
    across, up = (np.atleast_1d(check(name, axis, "1")) for name, axis in (("real", real), ("imag", imag)))
    heights, index = np.unique(np.abs(up) if resolvent.is_real else up, return_inverse=True)
    rows = np.array([[resolvent.sigma(complex(x, y)) for x in across] for y in heights])
    return Pseudospectrum(real=across, imag=up, sigma=rows.reshape(heights.size, across.size)[index.ravel()])


def kreiss_bound(matrix: Any) -> tuple[float, complex]:
    """Return a lower bound of sup_t ‖e^{t(W-1)}‖ from the resolvent, and the point z that gives it.

    The Kreiss constant K = sup over Re z > 0 of Re z ‖(z + 1 - W)^{-1}‖ obeys K <= sup_t ‖e^{t(W-1)}‖ <= e n K. It is
    searched on grids that are refined about their best point, so what is returned is a lower bound of K too.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        W of x' = -x + W x, as for `Resolvent`.

    Returns
    -------
    bound : float
        At least 1, infinite where W - 1 is unstable.
    z : complex
        Infinite where the bound is the limit 1 of large z; the eigenvalue where it is infinite.

    Examples
    --------
    >>> bound, z = kreiss_bound([[0.0, 8.0], [0.0, 0.0]])       # sup ‖e^{tA}‖ is 2.99
    >>> round(bound, 3)
    2.125
    """
    resolvent = Resolvent(matrix)
    rightmost = resolvent.eigenvalues[np.argmax(resolvent.eigenvalues.real)] - 1.0
    if rightmost.real >= 0.0:
        return math.inf, complex(rightmost)
    reach = float(np.abs(resolvent.eigenvalues).max()) + abs(resolvent.sigma(1.0 + rightmost)) + 1.0
    best, at = 1.0, complex(math.inf, 0.0)
    low, high = math.log(1e-3 * reach), math.log(10.0 * reach)
    bottom, top = (0.0 if resolvent.is_real else -reach), reach
    for _ in range(_ROUNDS):
        logs, heights = np.linspace(low, high, _SIDE), np.linspace(bottom, top, _SIDE)
        points = as_complex("z", np.exp(logs)[:, None] + 1j * heights, "1").ravel()
        values = np.array([z.real * resolvent.norm(1.0 + z) for z in points])
        k = int(values.argmax())
        if values[k] > best:
            best, at = float(values[k]), complex(points[k])
        width, height = 1.5 * (logs[1] - logs[0]), 1.5 * (heights[1] - heights[0])
        i, j = divmod(k, _SIDE)
        low, high = logs[i] - width, logs[i] + width
        bottom, top = heights[j] - height, heights[j] + height
    return best, at
