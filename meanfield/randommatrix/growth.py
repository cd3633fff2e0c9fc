"""The radius of a random matrix's disc, from how fast random vectors grow under it.

For a matrix of n independent entries and a random x that it does not know, ‖A^k x‖² grows as R^{2k} (exactly in the
mean for the circular law, after the first steps for rows, columns or blocks of different variance) as long as
k << sqrt(n); later the outermost eigenvalue of this one matrix takes over. So a few products measure R itself, free of
the excess of the outermost eigenvalue over R, which Arnoldi's method measures. Eigenvalues that are known to lie
outside are taken out first: with Q a basis of their vectors, (1 - QQ*) A has the other eigenvalues.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import check_rng, check_whole
from meanfield.randommatrix.matrices import as_matrix, is_dense, is_sparse
from meanfield.randommatrix.memory import check_memory

_FEWEST, _MOST = 12, 60  # products of a random vector
_WARM_UP = 4  # products after which rows, columns and blocks have settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Rate at which random vectors grow under a matrix.

    Attributes
    ----------
    radius : float
        Factor a product: the radius R of the disc for matrices of independent entries.
    error : float
        Standard error over the random vectors, and how much the later half differs from the earlier one, together.
    drift : float
        Later half minus earlier half of the products: positive and beyond the error where an eigenvalue outside the
        disc, or correlations between the entries, still take over.
    products : int
        Of the matrix and a vector.
    """

    radius: float
    error: float
    drift: float
    products: int

    def to_dict(self) -> dict[str, float]:
        """Plain values, for JSON."""
        return {"radius": self.radius, "error": self.error, "drift": self.drift, "products": self.products}


def growth(
    matrix: Any,
    *,
    without: NDArray[Any] | None = None,
    vectors: int | None = None,
    rng: np.random.Generator | int | None = 0,
) -> Growth:
    """Measure the radius of the disc of a random matrix, dense, sparse or a LinearOperator, with n up to millions.

    Parameters
    ----------
    matrix : (n, n) array_like, scipy.sparse matrix or LinearOperator
    without : (n, m) array, optional
        Orthonormal basis of the vectors of eigenvalues to leave out.
    vectors : int
        How many random vectors, at least 2; by default 8, and 4 beyond n = 100,000, where they scatter little.
    rng : Generator or int

    Returns
    -------
    Growth

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; if the vectors take more memory than there is.

    Notes
    -----
    The mean of ‖A^k x‖² is (R²)^k exactly for independent entries of one variance; correlations such as reciprocity τ
    change that to (R(1+|τ|))^{2k} times a power of k, and the estimate comes from below, with a `drift` above zero.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.random.default_rng(1).standard_normal((1000, 1000)) * 0.5 / 1000**0.5
    >>> found = growth(a)
    >>> abs(found.radius - 0.5) < 3 * found.error < 0.02
    True
    """
    matrix = as_matrix("matrix", matrix)
    n = matrix.shape[0]
    vectors = check_whole("vectors", (8 if n <= 100_000 else 4) if vectors is None else vectors, at_least=2)
    rng = check_rng(rng)
    basis = np.empty((n, 0)) if without is None else without
    check_memory(f"{vectors} vectors of length {n}", 16.0 * n * 3 * vectors)
    length = min(max(int(math.sqrt(n) / 4), _FEWEST), _MOST) // 2 * 2
    x = rng.standard_normal((n, vectors)).astype(np.result_type(basis, np.float64))
    x /= np.linalg.norm(_leave_out(x, basis), axis=0)
    steps = np.empty((_WARM_UP + length, vectors))
    for step in steps:
        x = _leave_out(product(matrix, x), basis)
        step[:] = np.linalg.norm(x, axis=0)
        if not step.all():  # nilpotent, or zero: no direction is left to grow
            return Growth(radius=0.0, error=0.0, drift=0.0, products=steps.size)
        x /= step
    half = length // 2
    earlier, later = (_rates(steps[part]) for part in (slice(_WARM_UP, _WARM_UP + half), slice(-half, None)))
    rates = _rates(steps[_WARM_UP:])
    scatter = float(rates.std(ddof=1) / math.sqrt(vectors))
    drift = float(later.mean() - earlier.mean())
    return Growth(radius=float(rates.mean()), error=math.hypot(scatter, 0.5 * drift), drift=drift, products=steps.size)


def product(matrix: Any, x: NDArray[Any]) -> NDArray[Any]:
    """matrix @ x, of whatever kind the matrix is."""
    return np.asarray(matrix @ x if is_dense(matrix) or is_sparse(matrix) or x.ndim == 1 else matrix.matmat(x))


def _leave_out(x: NDArray[Any], basis: NDArray[Any]) -> NDArray[Any]:
    return x - basis @ (basis.conj().T @ x) if basis.shape[1] else x


def _rates(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Geometric mean over the products, for each vector."""
    rates: NDArray[np.float64] = np.exp(np.log(steps).mean(axis=0))
    return rates
