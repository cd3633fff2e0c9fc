"""Sparse networks of excitatory and inhibitory neurons as random matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._compiled import jit
from meanfield._validate import FloatArray, check, check_choice, check_rng, check_scalar, check_whole
from meanfield.randommatrix.base import SIDES, ComplexArray, IndependentEntries
from meanfield.randommatrix.memory import require_memory
from meanfield.randommatrix.profile import Profile

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RULES = {
    "fixed indegree": "each neuron has the same number of synapses of each kind, so that all rows have one sum",
    "fixed outdegree": "each neuron makes the same number of synapses",
    "erdos-renyi": "each pair is connected with one probability, independently",
}
SCALINGS = {"1/sqrt(K)": -0.5, "1/K": -1.0, "constant": 0.0}
_BYTES = 12  # of a synapse in a sparse matrix


@dataclass(frozen=True, kw_only=True)
class SparseEI(IndependentEntries):
    """Excitatory and inhibitory neurons, each pair of them connected with probability p = C/N at most once.

    R² = (1 - p_E) C_E J_E² + (1 - p_I) C_I J_I², and one mode at C_E J_E + C_I J_I.

    Parameters
    ----------
    sizes : (int, int)
        Numbers N_E and N_I of neurons.
    indegree : (int, int)
        Synapses C_E and C_I onto a neuron (their mean, where they vary).
    weight : (float, float)
        What a synapse of each kind adds, J_E and J_I, in units of the neurons' decay; inhibition is negative.
    rule : str
        "fixed indegree", "fixed outdegree" or "erdos-renyi".

    Notes
    -----
    With fixed in-degrees all rows have one sum, which is then an eigenvalue of each matrix, also within the disc.
    Otherwise the mode is an outlier where its modulus is above R; within the disc there is none. It is scattered about
    its value by `outlier_scatter`: wide where excitation and inhibition nearly cancel, and near R, where finite
    matrices may have no outlier to tell from the disc. Fixed out-degrees are those of each source.

    Examples
    --------
    >>> net = SparseEI(sizes=(8000, 2000), indegree=(800, 200), weight=(0.02, -0.1))
    >>> round(net.radius, 6), net.modes.round(6)
    (1.444991, array([-4.+0.j]))
    """

    sizes: tuple[int, int]
    indegree: tuple[int, int]
    weight: tuple[float, float]
    rule: str = "fixed indegree"

    def __post_init__(self) -> None:
        for name in ("sizes", "indegree"):
            pair = _pair(name, getattr(self, name))
            object.__setattr__(self, name, tuple(check_whole(f"{name}[{k}]", pair[k], at_least=1 - k) for k in (0, 1)))
        pair = _pair("weight", self.weight)
        object.__setattr__(self, "weight", tuple(check_scalar(f"weight[{k}]", pair[k], "1") for k in (0, 1)))
        check_choice("rule", self.rule, RULES)
        for kind, c, n in zip("EI", self.indegree, self.sizes, strict=True):
            if c > n:
                raise ValueError(f"indegree of {kind} must be at most the number of neurons {n}, got {c}")

    @property
    def n(self) -> int:
        """Number of neurons."""
        return sum(self.sizes)

    @cached_property
    def profile(self) -> Profile:
        """The variances, and the law that follows: that of two kinds of columns."""
        present = [k for k in (0, 1) if self.sizes[k]]
        fractions = np.array([self.sizes[k] for k in present]) / self.n
        probability = np.array([self.indegree[k] / self.sizes[k] for k in present])
        variance = self.n * probability * (1.0 - probability) * np.array([self.weight[k] for k in present]) ** 2
        return Profile.of(fractions, np.tile(variance, (len(present), 1)))

    @property
    def modes(self) -> ComplexArray:
        """C_E J_E + C_I J_I."""
        total = sum(c * j for c, j in zip(self.indegree, self.weight, strict=True))
        return np.array([total], dtype=complex)

    @property
    def has_exact_mode(self) -> bool:
        """Whether the mode is an eigenvalue of each matrix, wherever it lies."""
        return self.rule == "fixed indegree"

    @property
    def class_means(self) -> FloatArray | None:
        """N times the mean of an entry between the populations."""
        sums = [self.n * c * j / n for c, j, n in zip(self.indegree, self.weight, self.sizes, strict=True) if n]
        return np.tile(sums, (len(sums), 1)) if any(sums) else None

    def outlier_scatter(self, n: int | None = None) -> FloatArray:
        """As `IndependentEntries.outlier_scatter`, of the ensemble's own n; 0 for fixed in-degrees.

        With fixed out-degrees columns have exact sums: only the difference of the modes of E and I scatters.
        """
        self._check_n(n)
        if self.has_exact_mode:
            return np.zeros(len(self.outliers))
        return self._scatter(self.n, exact_columns=self.rule == "fixed outdegree")

    def with_gain(self, slopes: ArrayLike, side: str = "right") -> SparseEI:
        """The ensemble of W diag(slopes), a slope for all or one each for E and I.

        On the left only one for all: diag(slopes) W and W diag(slopes) have one spectrum, but the former is not of
        this kind.
        """
        values = check("slopes", slopes, "1", shape=(2,), shape_words="(E and I)")
        if check_choice("side", side, SIDES) == "left" and values[0] != values[1]:
            raise ValueError(f"slopes must be alike on the left, got {values.tolist()}; use side='right': one spectrum")
        return replace(self, weight=(float(values[0] * self.weight[0]), float(values[1] * self.weight[1])))

    def scaled(self, factor: float, scaling: str) -> SparseEI:
        """The network with `factor` times the synapses and neurons, weights scaled by the number K of synapses.

        With "1/sqrt(K)" the radius, and so the critical coupling, stays where it is as K grows; with "1/K" it falls as
        1/sqrt(K), and with "constant" weights it grows as sqrt(K) (van Vreeswijk & Sompolinsky 1998). The mode grows as
        sqrt(K) with the first, so that balance needs C_E J_E + C_I J_I < 0.

        >>> net = SparseEI(sizes=(8000, 2000), indegree=(800, 200), weight=(0.01, -0.05))
        >>> [round(net.scaled(4, scaling).radius / net.radius, 6) for scaling in ("1/sqrt(K)", "1/K", "constant")]
        [1.0, 0.5, 2.0]
        """
        factor = check_scalar("factor", factor, "1", positive=True)
        exponent = SCALINGS[check_choice("scaling", scaling, SCALINGS)]
        sizes = tuple(round(n * factor) for n in self.sizes)
        indegree = tuple(round(c * factor) for c in self.indegree)
        by = factor**exponent
        return SparseEI(
            sizes=(sizes[0], sizes[1]),
            indegree=(indegree[0], indegree[1]),
            weight=(by * self.weight[0], by * self.weight[1]),
            rule=self.rule,
        )

    def critical_indegree(self, scaling: str = "constant") -> float:
        """Mean number of synapses K = C_E + C_I at which the bulk reaches the edge, the ratio of kinds and p kept.

        Infinite or 0 with "1/sqrt(K)", where the radius does not depend on K.

        >>> round(SparseEI(sizes=(8000, 2000), indegree=(800, 200), weight=(0.01, -0.05)).critical_indegree())
        1916
        """
        exponent = SCALINGS[check_choice("scaling", scaling, SCALINGS)]
        power = exponent + 0.5  # of K in the radius
        k = float(sum(self.indegree))
        if power == 0.0 or self.radius == 0.0:
            return math.inf if self.radius < 1.0 else 0.0
        return float(k * self.radius ** (-1.0 / power))

    def sample(self, n: int | None = None, *, rng: Any = None) -> csr_array:
        """Draw a matrix, [target, source], excitatory neurons first.

        Parameters
        ----------
        n : int, optional
            Only the ensemble's own number of neurons; there for the sake of other ensembles.
        rng : int or numpy Generator

        Returns
        -------
        (N, N) scipy.sparse.csr_array
        """
        from scipy.sparse import csc_array, csr_array

        self._check_n(n)
        by_source = self.rule == "fixed outdegree"
        require_memory("n", self.n, _BYTES * (2 if by_source else 1) * sum(self.indegree) * self.n)
        indptr, indices, data = (self._by_source if by_source else self._by_target)(check_rng(rng))
        shape = (self.n, self.n)
        if by_source:
            return csc_array((data, indices, indptr), shape=shape).tocsr()
        return csr_array((data, indices, indptr), shape=shape)

    def _by_target(self, rng: np.random.Generator) -> tuple[NDArray[Any], ...]:
        """(indptr, indices, data) of the rows: those from E before those from I."""
        counts = np.zeros((self.n, 2), dtype=np.int64)
        for k, (c, size) in enumerate(zip(self.indegree, self.sizes, strict=True)):
            counts[:, k] = rng.binomial(size, c / size, self.n) if self.rule == "erdos-renyi" and size else c
        indptr = np.concatenate([[0], counts.sum(axis=1).cumsum()])
        indices = np.empty(indptr[-1], dtype=np.int32)
        data = np.empty(indptr[-1])
        starts = indptr[:-1]
        for k, first in enumerate((0, self.sizes[0])):
            _fill_distinct(starts, counts[:, k], first, self.sizes[k], self.weight[k], rng, indices, data)
            starts = starts + counts[:, k]
        return indptr, indices, data

    def _by_source(self, rng: np.random.Generator) -> tuple[NDArray[Any], ...]:
        """(indptr, indices, data) of the columns, where each makes the same number of synapses, or one more."""
        counts, weights = [], []
        for c, size, weight in zip(self.indegree, self.sizes, self.weight, strict=True):
            each, more = divmod(c * self.n, size) if size else (0, 0)
            counts.append(np.full(size, each) + (np.arange(size) < more))
            weights.append(np.full(size, weight))
        all_counts = np.concatenate(counts)
        indptr = np.concatenate([[0], all_counts.cumsum()])
        indices = np.empty(indptr[-1], dtype=np.int32)
        data = np.repeat(np.concatenate(weights), all_counts)
        _fill_distinct(indptr[:-1], all_counts, 0, self.n, None, rng, indices, data)
        return indptr, indices, data

    def _check_n(self, n: int | None) -> None:
        if n is not None and n != self.n:
            raise ValueError(f"n must be the number of neurons, {self.n}, got {n} (see `scaled`)")


@jit
def _fill_distinct(
    starts: Any, counts: Any, first: Any, size: Any, weight: Any, rng: Any, indices: Any, data: Any
) -> None:
    """Write `counts[i]` distinct numbers from `first` to `first + size` at `starts[i]`, and their weights, if given.

    Floyd's algorithm for each i: one draw a number, the last possible one where a draw is taken already.
    """
    taken = np.full(size, -1, dtype=np.int64)
    for i in range(counts.size):
        k = starts[i]
        for last in range(size - counts[i], size):
            drawn = int(rng.random() * (last + 1))
            if taken[drawn] == i:
                drawn = last
            taken[drawn] = i
            indices[k] = first + drawn
            if weight is not None:
                data[k] = weight
            k += 1


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    try:
        first, second = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair, of excitatory and inhibitory neurons, got {value!r}") from None
    return first, second
