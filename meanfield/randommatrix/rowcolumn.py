"""Coupling matrices whose neurons all differ, as targets and as sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from meanfield._validate import FloatArray, check, check_choice, check_rng, check_whole
from meanfield.randommatrix.base import SIDES, ComplexArray, IndependentEntries
from meanfield.randommatrix.memory import require_memory
from meanfield.randommatrix.profile import Profile


@dataclass(frozen=True, eq=False)
class RowColumn(IndependentEntries):
    """Entries of standard deviation row_i column_j/sqrt(N): each neuron has its own factors, as target and as source.

    R² = <row² column²>, over the same neuron. Gains diag(phi') are a row factor (on the left) or a column's.

    Parameters
    ----------
    row, column : (N,) array or float
        Factors of each neuron.

    Examples
    --------
    >>> RowColumn(row=[1.0, 2.0], column=[2.0, 1.0]).radius
    2.0
    """

    row: FloatArray | float = 1.0
    column: FloatArray | float = 1.0

    def __post_init__(self) -> None:
        given = [check(name, getattr(self, name), "1", nonnegative=True) for name in ("row", "column")]
        try:
            both = np.broadcast_arrays(np.atleast_1d(given[0]), given[1])
        except ValueError:
            raise ValueError(f"row and column must be of one length, got {given[0].shape}, {given[1].shape}") from None
        if both[0].ndim != 1:
            raise ValueError(f"row and column must be rows of numbers, one a neuron, got shape {both[0].shape}")
        for name, values in zip(("row", "column"), both, strict=True):
            object.__setattr__(self, name, values.copy())

    @cached_property
    def profile(self) -> Profile:
        """The variances, and the law that follows: it needs row_i column_i alone."""
        n = np.size(self.row)
        row, column = (np.asarray(x)[:, None] ** 2 for x in (self.row, self.column))
        return Profile(np.full(n, 1.0 / n), row, column)

    @property
    def modes(self) -> ComplexArray:
        """None: the mean is zero."""
        return np.empty(0, dtype=complex)

    def with_gain(self, slopes: ArrayLike, side: str = "left") -> RowColumn:
        """The ensemble of diag(slopes) W or W diag(slopes), a slope for each neuron."""
        slopes = np.abs(check("slopes", slopes, "1", shape=np.shape(self.row), shape_words="(one a neuron)"))
        if check_choice("side", side, SIDES) == "left":
            return RowColumn(self.row * slopes, self.column)
        return RowColumn(self.row, self.column * slopes)

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix (n, n); n is a multiple of the number of factors, which are repeated."""
        n = check_whole("n", n, at_least=1)
        if n % np.size(self.row):
            raise ValueError(f"n must be a multiple of the number of neurons given, {np.size(self.row)}, got {n}")
        require_memory("n", n, 2 * 8 * n * n)
        row, column = (np.tile(x, n // np.size(x)) for x in (self.row, self.column))
        matrix: FloatArray = check_rng(rng).standard_normal((n, n)) * row[:, None] * (column / math.sqrt(n))
        return matrix
