"""Non-normality of a coupling matrix: what its eigenvalues do not tell about the transients of x' = -x + W x.

For the circular law of radius g: numerical abscissa sqrt(2) g, half of the squared Frobenius norm not in the
eigenvalues, and E‖x(t)‖² = e^{-2t} I0(2 g t) from a random start of length 1 (`Circular(g).transient`; of other
ensembles their `transient` too). So the worst start grows at first where sqrt(2) g > 1, though the law is stable up to
g = 1; a random one does not before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_rng, check_whole
from meanfield.fixedpoint import ConvergenceError
from meanfield.randommatrix.growth import product
from meanfield.randommatrix.matrices import as_matrix, is_dense, is_sparse
from meanfield.randommatrix.memory import check_memory

_DENSE_UP_TO = 2000  # beyond, extreme eigenvalues are found by Lanczos' method
_SVD_UP_TO = 300


def numerical_abscissa(matrix: Any, *, tol: float = 1e-8, rng: np.random.Generator | int | None = 0) -> float:
    """Return the largest eigenvalue of (W + W*)/2: the rate at which ‖x‖ can grow at first under x' = W x.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
    tol : float
        Of Lanczos' method, relative; used for n > 2000 and for sparse matrices.
    rng : Generator or int
        For its first vector.

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; for a LinearOperator, whose transpose is not known.
    ConvergenceError
        If Lanczos' method does not converge.

    Examples
    --------
    >>> numerical_abscissa([[0.0, 2.0], [0.0, 0.0]])
    1.0
    """
    matrix = _known(matrix)
    n = matrix.shape[0]
    symmetric = 0.5 * (matrix + matrix.conj().T)
    if n < 3 or (is_dense(matrix) and n <= _DENSE_UP_TO):
        dense = symmetric if is_dense(symmetric) else symmetric.toarray()
        return float(np.linalg.eigvalsh(dense)[-1])
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    start = check_rng(rng).standard_normal(n)
    try:
        found = eigsh(symmetric, 1, which="LA", ncv=min(n, 60), tol=tol, v0=start, return_eigenvectors=False)
    except ArpackNoConvergence as error:
        raise ConvergenceError(f"the numerical abscissa has not converged: {error}") from None
    return float(found[0])


def henrici_departure(matrix: Any) -> float:
    """Return sqrt(‖W‖_F² - sum |λ|²)/‖W‖_F: 0 for a normal matrix, 1 for a nilpotent one, 1/sqrt(2) for circular law.

    All eigenvalues are computed, so n is up to some thousands.

    Raises
    ------
    TypeError, ValueError
        As `as_matrix` and `spectrum`.

    Examples
    --------
    >>> henrici_departure([[0.0, 2.0], [0.0, 0.0]])
    1.0
    """
    from meanfield.randommatrix.spectrum import spectrum

    matrix = _known(matrix)
    entries = matrix.ravel() if is_dense(matrix) else matrix.data
    total = float(np.linalg.norm(entries))
    if total == 0.0:
        return 0.0
    inside = float(np.linalg.norm(spectrum(matrix, "all").eigenvalues)) / total
    return math.sqrt(max(1.0 - inside * inside, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transient:
    """What x' = -x + W x makes of a start of length 1.

    Attributes
    ----------
    times : (T,) array
        In units of the time constant.
    norm : (T,) array
        ‖e^{t(W-1)}‖, over the worst start.
    energy : (T,) array
        E‖x(t)‖² over random starts, ‖e^{t(W-1)}‖_F²/n.
    """

    times: FloatArray
    norm: FloatArray
    energy: FloatArray

    @property
    def amplification(self) -> float:
        """Largest ‖e^{t(W-1)}‖ at the times."""
        return float(self.norm.max())


def transient(matrix: Any, times: Any) -> Transient:
    """Return norm and mean energy of the transients of x' = -x + W x, by matrix exponentials.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        W; n up to about 2000. `mean_energy` is for larger ones.
    times : (T,) array_like
        From 0, rising; evenly spaced ones cost one exponential [time constants].

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; if the times do not rise from 0 or later; if it takes more memory than there is.

    Examples
    --------
    >>> found = transient([[0.0, 8.0], [0.0, 0.0]], [0.0, 1.0])       # feedforward: stable, and amplifies
    >>> [round(float(value), 4) for value in found.norm]
    [1.0, 2.9883]
    """
    from scipy.linalg import expm

    matrix = _known(matrix)
    n = matrix.shape[0]
    check_memory(f"the exponential of a {n} x {n} matrix", 8.0 * 8.0 * n * n)
    times = _times(times)
    dense = matrix if is_dense(matrix) else matrix.toarray()
    generator = dense - np.eye(n)
    steps: dict[float, Any] = {}
    state = np.eye(n, dtype=dense.dtype)
    norm, energy = np.empty(times.size), np.empty(times.size)
    for k, step in enumerate(np.diff(times, prepend=0.0)):
        if step > 0.0:
            key = float(f"{step:.12g}")  # differences of an even grid differ by rounding
            if key not in steps:
                steps[key] = expm(key * generator)
            state = steps[key] @ state
        norm[k] = _norm(state)
        energy[k] = np.linalg.norm(state) ** 2 / n
    return Transient(times=times, norm=norm, energy=energy)


def mean_energy(
    matrix: Any, times: Any, *, starts: int = 20, rng: np.random.Generator | int | None = 0
) -> tuple[FloatArray, FloatArray]:
    """Return E‖x(t)‖² under x' = -x + W x from random starts of length 1, and its standard error, for large sparse W.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
    times : (T,) array_like
        From 0, rising [time constants].
    starts : int
        Random starts, at least 2.
    rng : Generator or int

    Raises
    ------
    TypeError, ValueError
        As `transient`.
    """
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import expm_multiply

    matrix = _known(matrix)
    n, times = matrix.shape[0], _times(times)
    starts = check_whole("starts", starts, at_least=2)
    generator = matrix - (np.eye(n) if is_dense(matrix) else eye_array(n, format="csr"))
    x = check_rng(rng).standard_normal((n, starts))
    x /= np.linalg.norm(x, axis=0)
    energies = np.empty((times.size, starts))
    for k, step in enumerate(np.diff(times, prepend=0.0)):
        if step > 0.0:
            x = expm_multiply(step * generator, x)
        energies[k] = np.linalg.norm(x, axis=0) ** 2
    return energies.mean(axis=1), energies.std(axis=1, ddof=1) / math.sqrt(starts)


def _known(matrix: Any) -> Any:
    matrix = as_matrix("matrix", matrix)
    if not is_dense(matrix) and not is_sparse(matrix):
        raise ValueError("matrix must be an array or of scipy.sparse here, a LinearOperator does not tell its entries")
    return matrix


def _times(times: Any) -> FloatArray:
    times = np.atleast_1d(check("times", times, "1", nonnegative=True))
    if times.ndim != 1 or not times.size or (np.diff(times) < 0).any():
        raise ValueError("times must be a list that rises")
    return np.asarray(times, dtype=float)


def _norm(matrix: Any) -> float:
    """Largest singular value."""
    n = matrix.shape[0]
    if n <= _SVD_UP_TO:
        return float(np.linalg.norm(matrix, 2))
    from scipy.sparse.linalg import LinearOperator, eigsh

    adjoint = matrix.conj().T
    square = LinearOperator((n, n), matvec=lambda x: product(adjoint, product(matrix, x)), dtype=matrix.dtype)
    start = np.random.default_rng(0).standard_normal(n)
    return math.sqrt(float(eigsh(square, 1, v0=start, tol=1e-8, return_eigenvectors=False)[0]))
