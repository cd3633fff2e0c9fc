"""Eigenvalues of a given matrix: all of them where they fit, else those at the edge, by Arnoldi's method.

The edge of a random matrix's disc is dense in eigenvalues: at distance 1/sqrt(n) there are about sqrt(n) of them.
Arnoldi's method finds outliers fast and that edge slowly, so it is run with many vectors, what has not converged is
left out and said, and the radius of the disc is measured apart, by how fast random vectors grow under the matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import FloatArray, check_choice, check_rng, check_scalar, check_whole
from meanfield.randommatrix.growth import Growth, growth, product
from meanfield.randommatrix.matrices import as_matrix, is_dense, is_sparse
from meanfield.randommatrix.memory import check_memory

DENSE_UP_TO = 5000  # beyond, the eigenvalues of a sparse matrix are those at the edge, unless all are asked for
ORDERS = {"modulus": "LM", "real": "LR"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """Eigenvalues of a matrix.

    Attributes
    ----------
    n : int
        Rows of the matrix.
    part : str
        "all", or what the eigenvalues are the largest in: "modulus" or "real" (part).
    eigenvalues : complex array
        By falling modulus, by falling real part if that is `part`. Only those that have converged.
    residuals : array
        ‖A v - λ v‖ for unit vectors v; of a dense computation empty, it is accurate to rounding.
    asked : int
        How many were looked for.
    products : int
        Products of the matrix and a vector that this took.
    bulk : Growth or None
        Of a partial spectrum: radius of the disc, measured without the eigenvalues that converged.
    memory : float
        What this needed beside the matrix, estimated [bytes].
    """

    n: int
    part: str
    eigenvalues: NDArray[np.complex128]
    residuals: FloatArray
    asked: int
    products: int
    bulk: Growth | None
    memory: float

    @property
    def is_converged(self) -> bool:
        """Whether all eigenvalues that were looked for are here."""
        return self.eigenvalues.size >= self.asked

    @property
    def radius(self) -> float:
        """Largest modulus known: of a partial spectrum that of the eigenvalues found or of the disc, the larger one."""
        floor = 0.0 if self.bulk is None else self.bulk.radius
        return float(max([floor, *np.abs(self.eigenvalues)]))

    @property
    def abscissa(self) -> float:
        """Largest real part known: of a partial spectrum that of the eigenvalues found or of the disc, the larger one.

        Where all those of largest real part have converged, theirs alone.
        """
        if self.bulk is None or (self.part == "real" and self.is_converged):
            return float(self.eigenvalues.real.max())
        return float(max([self.bulk.radius, *self.eigenvalues.real]))

    def beyond(self, radius: float, centre: complex = 0.0) -> NDArray[np.complex128]:
        """The eigenvalues found that are further than `radius` from `centre`."""
        return self.eigenvalues[np.abs(self.eigenvalues - centre) > radius]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; complex numbers as pairs. Of more than 100 eigenvalues, the first."""
        return {
            "n": self.n,
            "part": self.part,
            "count": int(self.eigenvalues.size),
            "asked": self.asked,
            "is_converged": self.is_converged,
            "radius": self.radius,
            "abscissa": self.abscissa,
            "eigenvalues": [[float(value.real), float(value.imag)] for value in self.eigenvalues[:100]],
            "bulk": None if self.bulk is None else self.bulk.to_dict(),
        }


def spectrum(
    matrix: Any,
    part: str | None = None,
    *,
    k: int = 6,
    vectors: int = 120,
    restarts: int = 10,
    tol: float = 1e-3,
    rng: np.random.Generator | int | None = 0,
) -> Spectrum:
    """Return eigenvalues of a matrix: all, or the outermost ones of a large sparse matrix.

    Parameters
    ----------
    matrix : (n, n) array_like, scipy.sparse matrix or LinearOperator
    part : str, optional
        "all"; "modulus" or "real" for the k eigenvalues largest in it. By default "all" for arrays and for sparse
        matrices up to n = 5000, else "modulus".
    k : int
        How many to look for.
    vectors : int
        Of Arnoldi's basis, which take 8 n bytes each.
    restarts : int
        After so many the search ends with what has converged. Outliers take one or two. At the edge of a disc of
        n = 100,000, 150 vectors and 20 restarts give the two outermost eigenvalues, 120 and 8, or 60 and 30, none;
        `bulk` has its radius all the same.
    tol : float
        Of the eigenvalues, relative.
    rng : Generator or int
        For the first vector.

    Returns
    -------
    Spectrum
        With fewer than k eigenvalues if not all have converged; then `is_converged` is False.

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; for an unknown part; if it takes more memory than there is, with how much it takes.

    Examples
    --------
    >>> spectrum([[3.0, 2.0], [0.0, -1.0]]).eigenvalues.tolist()
    [(3+0j), (-1+0j)]
    """
    matrix = as_matrix("matrix", matrix)
    n = matrix.shape[0]
    if part is None:
        part = "all" if is_dense(matrix) or (is_sparse(matrix) and n <= DENSE_UP_TO) else "modulus"
    check_choice("part", part, ("all", *ORDERS))
    if part == "all" or n <= k + 2:
        return _all(matrix, n)
    k = check_whole("k", k, at_least=1)
    vectors = min(max(check_whole("vectors", vectors, at_least=3), 2 * k + 2), n - 1)
    tol = check_scalar("tol", tol, "1", positive=True)
    restarts = check_whole("restarts", restarts, at_least=1)
    return _outermost(matrix, part, k, vectors, restarts, tol, check_rng(rng))


def _all(matrix: Any, n: int) -> Spectrum:
    from scipy.linalg import eigvals

    item = 16 if np.issubdtype(matrix.dtype or np.float64, np.complexfloating) else 8
    memory = float(item) * n * n * (1 if is_dense(matrix) else 2)  # LAPACK overwrites a copy
    check_memory(f"all eigenvalues of a {n} x {n} matrix", memory, 'of a sparse matrix part="modulus" takes less')
    if is_sparse(matrix):
        dense = matrix.toarray()
    else:
        dense = matrix if is_dense(matrix) else matrix @ np.eye(n)
    found = np.asarray(eigvals(dense, overwrite_a=dense is not matrix, check_finite=False), dtype=np.complex128)
    return Spectrum(
        n=n,
        part="all",
        eigenvalues=_in_order(found, "modulus"),
        residuals=np.empty(0),
        asked=n,
        products=0,
        bulk=None,
        memory=memory,
    )


def _outermost(
    matrix: Any, part: str, k: int, vectors: int, restarts: int, tol: float, rng: np.random.Generator
) -> Spectrum:
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigs

    n = matrix.shape[0]
    is_complex = np.issubdtype(matrix.dtype or np.float64, np.complexfloating)
    memory = float(16 if is_complex else 8) * n * (vectors + 4.0 * k + 20.0)
    check_memory(f"Arnoldi's basis of {vectors} vectors of length {n}", memory, "fewer vectors take less")
    count = 0

    def apply(x: Any) -> Any:
        nonlocal count
        count += 1
        return product(matrix, x)

    operator = LinearOperator((n, n), matvec=apply, dtype=np.complex128 if is_complex else np.float64)
    options: dict[str, Any] = {"which": ORDERS[part], "ncv": vectors, "maxiter": restarts, "tol": tol}
    try:
        values, basis = eigs(operator, k=k, v0=rng.standard_normal(n), **options)
    except ArpackNoConvergence as error:
        values, basis = error.eigenvalues, error.eigenvectors
    except ArpackError as error:  # such as a matrix of zeros, from which no basis can be built
        if not _is_zero(matrix, n, rng):
            raise ValueError(f"Arnoldi's method fails on this matrix: {error}") from None
        values, basis = np.zeros(k, dtype=complex), np.eye(n, k)
    values, basis = np.asarray(values, dtype=np.complex128), np.asarray(basis).reshape(n, -1)
    residuals = np.array([np.linalg.norm(product(matrix, v) - w * v) for w, v in zip(values, basis.T, strict=True)])
    order = _order(values, part)
    bulk = growth(matrix, without=_real_basis(basis, is_complex), rng=rng)
    return Spectrum(
        n=n,
        part=part,
        eigenvalues=values[order],
        residuals=residuals[order] if residuals.size else np.empty(0),
        asked=k,
        products=count + values.size + bulk.products,
        bulk=bulk,
        memory=memory,
    )


def _is_zero(matrix: Any, n: int, rng: np.random.Generator) -> bool:
    return not np.any(product(matrix, rng.standard_normal(n)))


def _real_basis(vectors: NDArray[Any], is_complex: bool) -> NDArray[Any]:
    """An orthonormal basis of the space of eigenvectors; of a real matrix a real one, with their conjugates."""
    if not vectors.shape[1]:
        return vectors
    columns = vectors if is_complex else np.hstack([vectors.real, vectors.imag])
    left, weights, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, weights > 1e-6 * weights[0]])


def _order(values: NDArray[np.complex128], part: str) -> NDArray[np.intp]:
    first = np.abs(values) if part == "modulus" else values.real
    order: NDArray[np.intp] = np.lexsort((-values.imag, -np.round(first, 12)))  # conjugates are neighbours
    return order


def _in_order(values: NDArray[np.complex128], part: str) -> NDArray[np.complex128]:
    return values[_order(values, part)]
