"""Matrices that users bring: checked, and read from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import LinearOperator

    Matrix = NDArray[Any] | csr_array | LinearOperator
else:
    Matrix = Any

FORMATS = (".npy", ".npz", ".mtx", ".mtx.gz")


def is_sparse(matrix: Any) -> bool:
    """Whether `matrix` is one of scipy.sparse."""
    from scipy.sparse import issparse

    return bool(issparse(matrix))


def is_dense(matrix: Any) -> bool:
    """Whether `matrix` is an array with all its entries."""
    return isinstance(matrix, np.ndarray)


def as_matrix(name: str, value: Any) -> Any:
    """Return a square matrix of finite numbers: a dense array, a CSR array of scipy.sparse, or a LinearOperator.

    Parameters
    ----------
    name : str
        What the matrix is called in errors.
    value : array_like, scipy.sparse matrix or LinearOperator
        The entries of a LinearOperator are not known, so they are not checked.

    Raises
    ------
    TypeError
        If it does not consist of numbers.
    ValueError
        If it is not square, empty, or has an entry that is not finite.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import LinearOperator

    if isinstance(value, LinearOperator):
        _check_square(name, value.shape)
        return value
    matrix = value if is_sparse(value) else np.asarray(value)
    if matrix.dtype.kind not in "biufc":
        raise TypeError(f"{name} must be a matrix of numbers, got entries of type {matrix.dtype}")
    _check_square(name, matrix.shape)
    kind = np.complex128 if matrix.dtype.kind == "c" else np.float64
    if not is_sparse(matrix):
        dense = matrix.astype(kind, copy=False)
        bad = ~np.isfinite(dense)
        if bad.any():
            i, j = (int(k) for k in np.argwhere(bad)[0])
            raise ValueError(f"{name} must be finite, got {dense[i, j]} at index ({i}, {j})")
        return dense
    compressed = csr_array(matrix, dtype=kind)
    compressed.sum_duplicates()
    bad = ~np.isfinite(compressed.data)
    if bad.any():
        k = int(np.argmax(bad))
        i = int(np.searchsorted(compressed.indptr, k, side="right")) - 1
        raise ValueError(f"{name} must be finite, got {compressed.data[k]} at index ({i}, {compressed.indices[k]})")
    return compressed


def _check_square(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"{name} must be square, got shape {tuple(shape)}")
    if shape[0] == 0:
        raise ValueError(f"{name} must have at least one row, got shape {tuple(shape)}")


def load_matrix(path: str | Path) -> Any:
    """Read a matrix from a file: NumPy's .npy, .npz (one array, or a scipy.sparse matrix), Matrix Market's .mtx.

    Returns
    -------
    ndarray or scipy.sparse.csr_array
        As `as_matrix`.

    Raises
    ------
    ValueError
        If the file holds no square matrix of finite numbers; names the file.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    name = path.name.lower()
    if not name.endswith(FORMATS):
        raise ValueError(f"{path}: a matrix is read from {', '.join(FORMATS[:-1])} and {FORMATS[-1]} files")
    if name.endswith(".npy"):
        return as_matrix(str(path), _load_array(path))
    return as_matrix(str(path), _load_npz(path) if name.endswith(".npz") else _load_market(path))


def load_labels(path: str | Path) -> NDArray[Any]:
    """Read one label a neuron from a .npy file, or from a text file with a label a line.

    Raises
    ------
    ValueError
        If it holds no one-dimensional array; names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    labels = _load_array(path) if path.suffix == ".npy" else np.array(path.read_text().split())
    if labels.ndim != 1:
        raise ValueError(f"{path}: labels must be one a neuron, got an array of shape {labels.shape}")
    return labels


def _load_array(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} is no NumPy array: {error}") from None
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{path} is no NumPy array")
    return array


def _load_npz(path: Path) -> Any:
    from zipfile import BadZipFile

    from scipy.sparse import load_npz

    try:
        with np.load(path, allow_pickle=False) as stored:
            names = list(stored.files) if hasattr(stored, "files") else []
            if "format" in names:
                return load_npz(path)
            if len(names) == 1:
                return stored[names[0]]
    except (ValueError, EOFError, BadZipFile, KeyError) as error:
        raise ValueError(f"{path} is no archive of one matrix: {error}") from None
    raise ValueError(f"{path} must hold one array or a scipy.sparse matrix, it holds {', '.join(names) or 'none'}")


def _load_market(path: Path) -> Any:
    from scipy.io import mmread

    try:
        return mmread(path)
    except (ValueError, TypeError, IndexError, EOFError) as error:
        raise ValueError(f"{path} is no Matrix Market file: {error}") from None
