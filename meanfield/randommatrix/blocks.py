"""Statistics of a given matrix by classes of neurons: what an ensemble of matrices like it would be drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check
from meanfield.randommatrix.ensembles import BlockGaussian
from meanfield.randommatrix.matrices import as_matrix, is_dense, is_sparse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Moments of the entries between classes of neurons, without the diagonal; matrices are [target, source].

    Attributes
    ----------
    names : tuple of str
        Labels of the B classes.
    sizes : (B,) int array
        Neurons in each.
    mean : (B, B) array
        N times the mean of an entry.
    mean_error : (B, B) array
        Standard error of `mean` for independent entries.
    std : (B, B) array
        sqrt(N) times the standard deviation of an entry.
    variance_error : (B, B) array
        Standard error of std², relative, from the fourth moment.
    reciprocity : (B, B) array
        Correlation of W_ij and W_ji; 0 where one does not vary.
    probability : (B, B) array
        Share of the entries that are not 0.
    dispersion : (B, B) array
        Variance of the in-degrees over that of independent connections: 1 for Erdős-Rényi graphs, 0 for fixed
        in-degrees and where all or no pairs are connected.
    row_dispersion : float
        Variance of the rows' sums about their means by class, over that of independent entries.
    centre : float
        Mean excess of the diagonal over the mean of its block: where the disc has its centre.
    """

    names: tuple[str, ...]
    sizes: NDArray[np.int64]
    mean: FloatArray
    mean_error: FloatArray
    std: FloatArray
    variance_error: FloatArray
    reciprocity: FloatArray
    probability: FloatArray
    dispersion: FloatArray
    row_dispersion: float
    centre: float

    @property
    def n(self) -> int:
        """Neurons in all."""
        return int(self.sizes.sum())

    @property
    def ensemble(self) -> BlockGaussian:
        """The ensemble of independent Gaussian entries with these means and variances."""
        zero_row_sum = self.row_dispersion < 0.1
        return BlockGaussian(self.sizes / self.n, self.mean, self.std, zero_row_sum)

    @property
    def mean_reciprocity(self) -> tuple[float, float]:
        """Correlation of W_ij and W_ji over all pairs, weighted by their variances, and its standard error."""
        pairs = np.outer(self.sizes, self.sizes) * self.std * self.std.T
        total = float(pairs.sum())
        if total == 0.0:
            return 0.0, 0.0
        error = np.sqrt(float((pairs * self.std * self.std.T).sum()) * 2.0) / total
        return float((pairs * self.reciprocity).sum()) / total, error

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        matrices = ("mean", "mean_error", "std", "variance_error", "reciprocity", "probability", "dispersion")
        return {
            "names": list(self.names),
            "sizes": self.sizes.tolist(),
            **{name: getattr(self, name).tolist() for name in matrices},
            "row_dispersion": self.row_dispersion,
            "centre": self.centre,
        }


def fit_blocks(matrix: Any, labels: ArrayLike | None = None) -> Blocks:
    """Return the moments of a matrix's entries by classes of neurons.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        Real, [target, source]. What a sparse matrix does not store counts as 0.
    labels : (n,) array, optional
        Class of each neuron; classes are sorted by label. All neurons are in one class by default.

    Raises
    ------
    TypeError, ValueError
        As `as_matrix`; for complex entries, a LinearOperator, fewer than 2 neurons in a class, labels of another number
        than n.

    Examples
    --------
    >>> import numpy as np
    >>> found = fit_blocks(np.arange(16.0).reshape(4, 4) % 3, labels=[0, 0, 1, 1])
    >>> found.names, found.mean[0].tolist()
    (('0', '1'), [4.0, 3.0])
    """
    matrix = as_matrix("matrix", matrix)
    if not is_dense(matrix) and not is_sparse(matrix):
        raise ValueError("matrix must be an array or of scipy.sparse here, a LinearOperator does not tell its entries")
    if np.iscomplexobj(matrix):
        raise TypeError("matrix must be real, got complex entries")
    n = matrix.shape[0]
    names, which = check_labels(labels, n)
    member = np.zeros((n, len(names)))
    member[np.arange(n), which] = 1.0
    sizes = member.sum(axis=0)
    if (sizes < 2).any():
        few = names[int(sizes.argmin())]
        raise ValueError(f"labels must give each class at least 2 neurons, got {int(sizes.min())} of class {few!r}")
    diagonal = np.asarray(matrix.diagonal())
    off = _without_diagonal(matrix, diagonal)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)

    def block_mean(powers: Any) -> FloatArray:
        return np.asarray(member.T @ (powers @ member) / pairs)

    size = float(np.abs(off).max()) or 1.0  # so that fourth powers neither under- nor overflow
    off = off / size
    first, second, third, fourth = (block_mean(_power(off, k)) for k in (1, 2, 3, 4))
    variance = np.maximum(second - first**2, 0.0)
    variance[variance < 1e-14 * second] = 0.0  # rounding
    around = fourth - 4.0 * first * third + 6.0 * first**2 * second - 3.0 * first**4
    connected = _ones(off)
    probability = block_mean(connected)
    cross = member.T @ (_times(off, off.T) @ member) / pairs - first * first.T
    both = np.sqrt(variance * variance.T)
    expected = np.diag(first)[which] * size
    row_sums = np.asarray(off @ member)
    return Blocks(
        names=names,
        sizes=sizes.astype(np.int64),
        mean=n * size * first,
        mean_error=n * size * np.sqrt(variance / pairs),
        std=np.sqrt(n * variance) * size,
        variance_error=np.sqrt(np.maximum(_ratio(around, variance**2) - 1.0, 0.0) / pairs) * (variance > 0.0),
        reciprocity=_ratio(cross, both),
        probability=probability,
        dispersion=_dispersion(np.asarray(connected @ member), member, probability * (1.0 - probability), pairs),
        row_dispersion=_row_dispersion(row_sums, which, variance, sizes),
        centre=float(np.mean(diagonal - expected)),
    )


def check_labels(labels: ArrayLike | None, n: int) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Names of the classes, sorted, and the class of each of n neurons.

    Raises
    ------
    ValueError
        If the labels are not n, or not all numbers are finite.
    """
    if labels is None:
        return ("all",), np.zeros(n, dtype=np.intp)
    given = np.asarray(labels)
    if given.shape != (n,):
        raise ValueError(f"labels must be one a neuron, {n}, got shape {given.shape}")
    if given.dtype.kind == "f":
        check("labels", given, "1")
    found, which = np.unique(given, return_inverse=True)
    return tuple(str(name) for name in found), which


def _without_diagonal(matrix: Any, diagonal: FloatArray) -> Any:
    if is_dense(matrix):
        off = matrix.copy()
        np.fill_diagonal(off, 0.0)
        return off
    if not diagonal.any():
        return matrix
    from scipy.sparse import diags_array

    off = (matrix - diags_array(diagonal, format="csr")).tocsr()
    off.eliminate_zeros()
    return off


def _power(matrix: Any, k: int) -> Any:
    return matrix**k if is_dense(matrix) else matrix.power(k)


def _times(a: Any, b: Any) -> Any:
    """Entry by entry."""
    return a * b if is_dense(a) else a.multiply(b).tocsr()


def _ones(matrix: Any) -> Any:
    """1 where an entry is not 0."""
    if is_dense(matrix):
        return (matrix != 0.0).astype(float)
    found = matrix.copy()
    found.data = (found.data != 0.0).astype(float)
    return found


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """above/below, 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)


def _dispersion(sums: FloatArray, member: FloatArray, variance: FloatArray, pairs: FloatArray) -> FloatArray:
    """Variance of sums over rows (n, B) within each class, over that of independent entries."""
    sizes = member.sum(axis=0)[:, None]
    mean = member.T @ sums / sizes
    spread = np.maximum(member.T @ sums**2 / sizes - mean**2, 0.0) * sizes / (sizes - 1.0)
    return _ratio(spread, variance * pairs / sizes)


def _row_dispersion(sums: FloatArray, which: NDArray[np.intp], variance: FloatArray, sizes: FloatArray) -> float:
    """Variance of whole rows' sums within the classes, over that of independent entries."""
    whole = sums.sum(axis=1)
    mean = np.bincount(which, whole) / sizes
    expected = float((variance @ sizes)[which].sum())
    return float(((whole - mean[which]) ** 2).sum()) / expected if expected > 0.0 else 0.0
