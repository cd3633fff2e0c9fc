"""A random matrix plus one of low rank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from meanfield._validate import FloatArray, check, check_choice, check_scalar, check_whole
from meanfield.randommatrix.base import SIDES, ComplexArray, Ensemble, by_falling_real_part
from meanfield.randommatrix.ensembles import BlockGaussian, Elliptic
from meanfield.randommatrix.finite_size import EdgeExcess
from meanfield.randommatrix.rowcolumn import RowColumn


@dataclass(frozen=True, eq=False)
class LowRank(Ensemble):
    """A random matrix plus one of low rank, independent of it: W = bulk + (1/N) left @ right.T (Tao 2013).

    Parameters
    ----------
    bulk : Ensemble
        Of zero mean.
    left, right : (N, k) array
        What the low-rank part sends to and reads from each neuron.

    Notes
    -----
    The candidates are the eigenvalues theta of the overlaps right.T @ left/N; of an elliptic bulk the outliers are at
    theta + tau std²/theta.

    Examples
    --------
    >>> from meanfield.randommatrix import Circular
    >>> u = np.ones((100, 1))
    >>> LowRank(Circular(0.5), left=2 * u, right=u).outliers
    array([2.+0.j])
    """

    bulk: Ensemble
    left: FloatArray
    right: FloatArray

    def __post_init__(self) -> None:
        if not isinstance(self.bulk, Ensemble):
            raise TypeError(f"bulk must be an ensemble, got {self.bulk!r}")
        if isinstance(self.bulk, LowRank) or len(self.bulk.modes):
            raise ValueError("bulk must have zero mean: put all of the low rank into left and right")
        arrays = [np.atleast_1d(check(name, getattr(self, name), "1")) for name in ("left", "right")]
        arrays = [x[:, None] if x.ndim == 1 else x for x in arrays]
        if arrays[0].ndim != 2 or arrays[0].shape != arrays[1].shape:
            raise ValueError(f"left and right must be of one shape (N, k), got {arrays[0].shape} and {arrays[1].shape}")
        for name, array in zip(("left", "right"), arrays, strict=True):
            object.__setattr__(self, name, array)

    @property
    def radius(self) -> float:
        """That of the bulk, which a low rank does not change."""
        return self.bulk.radius

    @property
    def bulk_abscissa(self) -> float:
        """That of the bulk."""
        return self.bulk.bulk_abscissa

    @cached_property
    def modes(self) -> ComplexArray:
        """Eigenvalues of the overlaps."""
        return by_falling_real_part(np.linalg.eigvals(self.right.T @ self.left / len(self.left)))

    @property
    def threshold(self) -> float:
        """That of the bulk."""
        return self.bulk.threshold

    @property
    def shift(self) -> float:
        """That of the bulk: a reciprocal one moves outliers."""
        return self.bulk.shift

    def edge_excess(self, n: int, of: str = "modulus") -> EdgeExcess:
        """That of the bulk."""
        return self.bulk.edge_excess(n, of)

    def density(self, r: Any) -> Any:
        """That of the bulk."""
        return self.bulk.density(r)

    def cdf(self, r: Any) -> Any:
        """That of the bulk: outliers are too few to count."""
        return self.bulk.cdf(r)

    def with_gain(self, slopes: ArrayLike, side: str = "left") -> LowRank:
        """The ensemble of diag(slopes) W or W diag(slopes), slopes as the bulk takes them (by class or by neuron)."""
        n = len(self.left)
        if isinstance(self.bulk, RowColumn):
            copies = np.size(self.bulk.row)
            if n % copies:
                raise ValueError(f"left and right must have a multiple of the bulk's {copies} neurons, got {n}")
            values = check("slopes", slopes, "1", shape=(copies,), shape_words="(one a neuron)")
            bulk: Ensemble = self.bulk.with_gain(values, side)
            each = np.tile(values, n // copies)
        elif isinstance(self.bulk, BlockGaussian):
            shape = self.bulk.fractions.shape
            values = check("slopes", slopes, "1", shape=shape, shape_words="(one a class)")
            each, bulk = values[self.bulk.classes(n)], self.bulk.with_gain(values, side)
        elif isinstance(self.bulk, Elliptic):
            slope = check_scalar("slopes", slopes, "1")
            each, bulk = np.full(n, slope), self.bulk.with_gain(slope)
        else:
            raise TypeError(f"gains are not known for a bulk of type {type(self.bulk).__name__}")
        if check_choice("side", side, SIDES) == "left":
            return LowRank(bulk, each[:, None] * self.left, self.right)
        return LowRank(bulk, self.left, each[:, None] * self.right)

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix; n is the length of `left` and `right`, which are kept."""
        n = check_whole("n", n, at_least=1)
        if n != len(self.left):
            raise ValueError(f"n must be the length of left and right, {len(self.left)}, got {n}")
        matrix: FloatArray = self.bulk.sample(n, rng=rng) + self.left @ self.right.T / n
        return matrix
