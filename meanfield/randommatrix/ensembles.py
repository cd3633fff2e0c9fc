"""Ensembles of random coupling matrices: what is known of their spectra as N grows, and samples to see it.

An ensemble says what a matrix W of any size n is drawn from; entries are scaled so that the spectrum does not depend on
n. All have `radius`, `abscissa`, `modes`, `outliers`, `density`, `cdf`, `critical_coupling`, `margin` and `sample`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check, check_choice, check_rng, check_scalar, check_whole
from meanfield.randommatrix.memory import require_memory
from meanfield.randommatrix.profile import Profile

ComplexArray = NDArray[np.complex128]
SIDES = ("left", "right")


def by_falling_real_part(values: Any) -> ComplexArray:
    """Return eigenvalues in that order."""
    values = np.asarray(values, dtype=complex)
    ordered: ComplexArray = values[np.argsort(-values.real, kind="stable")]
    return ordered


class Ensemble(ABC):
    """A random matrix W; x' = -x + W x is stable where `abscissa` is below 1.

    Spectra are those of large n: of a disc of radius R the eigenvalue farthest out is at R (1 + O(sqrt(log n / n))),
    a few percent at n = 1000.
    """

    @property
    @abstractmethod
    def radius(self) -> float:
        """Largest modulus in the bulk of the spectrum."""

    @property
    @abstractmethod
    def modes(self) -> ComplexArray:
        """Eigenvalues of the mean of W that are not 0: candidates for outliers."""

    @property
    def outliers(self) -> ComplexArray:
        """Eigenvalues outside the bulk: the modes with |mode| > radius (Tao 2013)."""
        return self.modes[np.abs(self.modes) > self.radius]

    @property
    def bulk_abscissa(self) -> float:
        """Largest real part in the bulk."""
        return self.radius

    @property
    def abscissa(self) -> float:
        """Largest real part of the spectrum."""
        return float(max([self.bulk_abscissa, *self.outliers.real]))

    @property
    def margin(self) -> float:
        """Distance 1 - abscissa to the edge of chaos; negative beyond."""
        return 1.0 - self.abscissa

    def critical_coupling(self, gain: float = 1.0) -> float:
        """Factor on all of W at which x' = -x + gain W x loses stability; infinite if it never does.

        Parameters
        ----------
        gain : float
            Slope of the neurons' transfer function.
        """
        gain = check_scalar("gain", gain, "1", positive=True)
        return 1.0 / (gain * self.abscissa) if self.abscissa > 0 else math.inf

    def critical_std(self, gain: float = 1.0) -> float:
        """Factor on the standard deviations alone, the mean kept, at which the bulk reaches the edge.

        0 if an outlier is beyond it whatever they are.
        """
        gain = check_scalar("gain", gain, "1", positive=True)
        if (gain * self.modes.real >= 1.0).any():
            return 0.0
        return 1.0 / (gain * self.bulk_abscissa) if self.bulk_abscissa > 0 else math.inf

    @abstractmethod
    def sample(self, n: int, *, rng: Any = None) -> Any:
        """Draw a matrix [target, source].

        Parameters
        ----------
        n : int
            Its size.
        rng : int or numpy Generator

        Raises
        ------
        ValueError
            For an n that the ensemble has no matrix of, or that does not fit in memory.
        """


class IndependentEntries(Ensemble):
    """Ensembles whose entries are independent, of a mean and a variance for each pair of classes."""

    @property
    @abstractmethod
    def profile(self) -> Profile:
        """The variances, and the law that follows."""

    @property
    def radius(self) -> float:
        """R of the disc, by the largest eigenvalue of the variance profile."""
        return self.profile.radius

    def density(self, r: ArrayLike) -> Any:
        """Eigenvalues an area over N at |z| = r, an array of radii."""
        return self.profile.density(r)

    def cdf(self, r: ArrayLike) -> Any:
        """Share of the eigenvalues with |z| < r."""
        return self.profile.cdf(r)

    def transient(self, t: ArrayLike) -> Any:
        """Mean of |x(t)|² for x' = -x + W x without the mean of W, from random x(0) of norm 1."""
        return self.profile.transient(t)

    @property
    def henrici(self) -> float:
        """Departure from normality sqrt((|W|_F² - sum |lambda|²)/N), without the mean of W; 0 for normal matrices."""
        return math.sqrt(max(self.profile.frobenius() - self.profile.mean_square(), 0.0))


@dataclass(frozen=True, eq=False)
class BlockGaussian(IndependentEntries):
    """Classes of neurons with a mean and a variance for each pair (Rajan & Abbott 2006; Aljadeff et al. 2015).

    Parameters
    ----------
    fractions : (B,) array
        Share of each class in the neurons; they add up to 1.
    mean : (B, B) array or float
        N times the mean of an entry, [target, source]. Its share of eigenvalues: those of [mean_cd fractions_d].
    std : (B, B) array or float
        sqrt(N) times the standard deviation of an entry, [target, source].
    zero_row_sum : bool
        Subtract from each row its mean deviation, over the sources: then each row of W sums to its mean exactly, as if
        excitation and inhibition balanced for each neuron (Rajan & Abbott 2006). It keeps the outliers where they are
        and the other eigenvalues within the disc, also where the mean is of order sqrt(N).

    Raises
    ------
    ValueError, TypeError
        For fractions that are not positive or do not sum to 1, a negative std, wrong shapes, NaN.

    Examples
    --------
    >>> balanced = BlockGaussian(fractions=[0.8, 0.2], mean=[[2, -10], [2, -10]], std=[[0.5, 2], [0.5, 2]])
    >>> round(balanced.radius, 6), balanced.outliers, round(balanced.critical_coupling(), 6)
    (1.0, array([], dtype=complex128), 1.0)
    """

    fractions: FloatArray
    mean: FloatArray | float = 0.0
    std: FloatArray | float = 1.0
    zero_row_sum: bool = False

    def __post_init__(self) -> None:
        fractions = check("fractions", self.fractions, "1", positive=True)
        if fractions.ndim != 1 or not fractions.size:
            raise ValueError(f"fractions must be a row of numbers, one a class, got shape {fractions.shape}")
        if abs(fractions.sum() - 1.0) > 1e-9:
            raise ValueError(f"fractions must sum to 1, got {float(fractions.sum())!r}")
        shape, words = (fractions.size, fractions.size), "([target, source])"
        object.__setattr__(self, "fractions", fractions)
        object.__setattr__(self, "mean", check("mean", self.mean, "1", shape=shape, shape_words=words))
        std = check("std", self.std, "1", nonnegative=True, shape=shape, shape_words=words)
        object.__setattr__(self, "std", std)

    @cached_property
    def profile(self) -> Profile:
        """The variances, and the law that follows."""
        return Profile(self.fractions, np.asarray(self.std) ** 2)

    @cached_property
    def modes(self) -> ComplexArray:
        """Eigenvalues of the mean of W that are not 0."""
        found = np.linalg.eigvals(self.mean * self.fractions).astype(complex)
        scale = np.abs(self.mean * self.fractions).max()
        return by_falling_real_part(found[np.abs(found) > 1e-12 * scale])

    def with_gain(self, slopes: ArrayLike, side: str = "left") -> BlockGaussian:
        """The ensemble of diag(slopes) W or W diag(slopes), a slope for each class; both have one spectrum."""
        slopes = check("slopes", slopes, "1", shape=self.fractions.shape, shape_words="(one a class)")
        side = check_choice("side", side, SIDES)
        factor = slopes[:, None] if side == "left" else slopes
        return BlockGaussian(self.fractions, self.mean * factor, np.abs(self.std * factor), self.zero_row_sum)

    def classes(self, n: int) -> NDArray[np.intp]:
        """Class of each of n neurons, in order."""
        ends = np.rint(np.cumsum(self.fractions) * n).astype(int)
        sizes = np.diff(ends, prepend=0)
        if (sizes < 1).any():
            raise ValueError(f"n must be large enough for a neuron of each class, got {n}")
        return np.repeat(np.arange(sizes.size), sizes)

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix (n, n), [target, source], the classes in order; see `Ensemble.sample`."""
        n = check_whole("n", n, at_least=1)
        require_memory("n", n, 2 * 8 * n * n)
        which = self.classes(n)
        matrix = check_rng(rng).standard_normal((n, n))
        ends = np.flatnonzero(np.diff(which, prepend=-1, append=len(which)))
        for c, rows in enumerate(map(slice, ends[:-1], ends[1:])):
            for d, columns in enumerate(map(slice, ends[:-1], ends[1:])):
                matrix[rows, columns] *= np.asarray(self.std)[c, d] / math.sqrt(n)
        if self.zero_row_sum:
            matrix -= matrix.mean(axis=1, keepdims=True)
        for c, rows in enumerate(map(slice, ends[:-1], ends[1:])):
            for d, columns in enumerate(map(slice, ends[:-1], ends[1:])):
                matrix[rows, columns] += np.asarray(self.mean)[c, d] / n
        return matrix


def Circular(std: float = 1.0, mean: float = 0.0) -> BlockGaussian:
    """Independent entries alike: a disc of radius `std`, evenly filled (Girko 1984; Bai 1997).

    Parameters
    ----------
    std, mean : float
        sqrt(N) times the standard deviation and N times the mean of an entry; `mean` is the outlier.

    Examples
    --------
    >>> ensemble = Circular(std=1.5)
    >>> ensemble.radius, ensemble.cdf(0.75), round(ensemble.henrici, 6)
    (1.5, 0.25, 1.06066)
    """
    std = check_scalar("std", std, "1", nonnegative=True)
    return BlockGaussian(np.ones(1), np.array([[check_scalar("mean", mean, "1")]]), np.array([[std]]))


def Columns(
    fractions: ArrayLike, mean: ArrayLike = 0.0, std: ArrayLike = 1.0, *, zero_row_sum: bool = False
) -> BlockGaussian:
    """Columns of W of their own mean and variance: classes of sources (Rajan & Abbott 2006, Phys. Rev. Lett. 97).

    Parameters
    ----------
    fractions : (B,) array
        Share of each class.
    mean, std : (B,) array or float
        N times the mean and sqrt(N) times the standard deviation of the entries that come from it.
    zero_row_sum : bool
        As in `BlockGaussian`.

    Examples
    --------
    >>> Columns([0.8, 0.2], mean=[1.0, -4.0], std=[0.5, 2.0]).radius
    1.0
    """
    share = check("fractions", fractions, "1", positive=True)
    rows = [
        check(name, value, "1", shape=share.shape, shape_words="(one a class)")
        for name, value in (("mean", mean), ("std", std))
    ]
    square = [np.tile(row, (share.size, 1)) for row in rows]
    return BlockGaussian(share, square[0], square[1], zero_row_sum)


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
        return _RankOneProfile(np.full(n, 1.0 / n), np.asarray(self.row) ** 2, np.asarray(self.column) ** 2)

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


class _RankOneProfile(Profile):
    """S = a b^T without the matrix."""

    def __init__(self, fractions: FloatArray, a: FloatArray, b: FloatArray) -> None:
        object.__setattr__(self, "fractions", fractions)
        object.__setattr__(self, "variance", np.zeros((0, 0)))
        object.__setattr__(self, "_given", (a, b))

    @cached_property
    def radius(self) -> float:
        """R of the disc."""
        a, b = self._factors
        return math.sqrt(float(self.fractions @ (a * b)))

    @property
    def _factors(self) -> tuple[FloatArray, FloatArray]:
        found: tuple[FloatArray, FloatArray] = self.__dict__["_given"]
        return found

    def frobenius(self) -> float:
        """Mean of the squared Frobenius norm, over N."""
        a, b = self._factors
        return float((self.fractions @ a) * (self.fractions @ b))

    def transient(self, t: Any) -> Any:
        """As `Profile.transient`: alpha^T [S alpha]^k 1 is <a><b> R^{2(k-1)}."""
        one = Profile(np.ones(1), np.array([[self.radius**2]])).transient(t)
        quiet = np.exp(-2.0 * np.asarray(t))
        ratio = self.frobenius() / self.radius**2 if self.radius else 0.0
        return ratio * (one - quiet) + quiet


@dataclass(frozen=True, eq=False)
class Elliptic(Ensemble):
    """Entries alike with W_ij and W_ji correlated: an evenly filled ellipse (Girko 1986; Sommers et al. 1988).

    Parameters
    ----------
    std : float
        sqrt(N) times the standard deviation of an entry.
    reciprocity : float
        Correlation tau of W_ij and W_ji, from -1 (antisymmetric) to 1 (symmetric).
    mean : float
        N times the mean of an entry.

    Notes
    -----
    Semi-axes are std (1 + tau) along the real axis and std (1 - tau). A mean theta with |theta| > std makes an outlier
    at theta + tau std²/theta (O'Rourke & Renfrew 2014).

    Examples
    --------
    >>> Elliptic(std=1.0, reciprocity=0.5).abscissa
    1.5
    >>> Elliptic(std=1.0, reciprocity=0.5, mean=2.0).outliers
    array([2.25+0.j])
    """

    std: float = 1.0
    reciprocity: float = 0.0
    mean: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "std", check_scalar("std", self.std, "1", nonnegative=True))
        tau = check_scalar("reciprocity", self.reciprocity, "1")
        if not -1.0 <= tau <= 1.0:
            raise ValueError(f"reciprocity must be a correlation, from -1 to 1, got {tau!r}")
        object.__setattr__(self, "reciprocity", tau)
        object.__setattr__(self, "mean", check_scalar("mean", self.mean, "1"))

    @property
    def axes(self) -> tuple[float, float]:
        """Semi-axes along the real and along the imaginary axis."""
        return self.std * (1.0 + self.reciprocity), self.std * (1.0 - self.reciprocity)

    @property
    def radius(self) -> float:
        """The longer semi-axis."""
        return max(self.axes)

    @property
    def bulk_abscissa(self) -> float:
        """The semi-axis along the real axis."""
        return self.axes[0]

    @property
    def modes(self) -> ComplexArray:
        """The mean."""
        return np.array([self.mean], dtype=complex) if self.mean else np.empty(0, dtype=complex)

    @property
    def outliers(self) -> ComplexArray:
        """mean + reciprocity std²/mean, where |mean| > std."""
        return np.array(
            [theta + self.reciprocity * self.std**2 / theta for theta in self.modes if abs(theta) > self.std]
        )

    @property
    def numerical_abscissa(self) -> float:
        """Largest eigenvalue of the symmetric part of the bulk, std sqrt(2 (1 + tau)): the steepest first growth."""
        return self.std * math.sqrt(2.0 * (1.0 + self.reciprocity))

    def contains(self, z: ArrayLike) -> NDArray[np.bool_]:
        """Whether points are within the ellipse."""
        z = np.asarray(z, dtype=complex)
        a, b = self.axes
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = (z.real / a) ** 2 + (z.imag / b) ** 2 <= 1.0
        return inside if a and b else (np.abs(z.real) <= a) & (np.abs(z.imag) <= b)

    def density(self, z: ArrayLike) -> Any:
        """Eigenvalues an area over N at complex points `z`; ValueError for |tau| = 1, where they are on a line."""
        a, b = self.axes
        if a == 0.0 or b == 0.0:
            raise ValueError(
                f"reciprocity = {self.reciprocity!r} puts all eigenvalues on a line: no density in the plane"
            )
        return np.where(self.contains(z), 1.0 / (math.pi * a * b), 0.0)[()]

    def cdf(self, r: ArrayLike) -> Any:
        """Share of the eigenvalues with |z| < r: the part of the ellipse within the circle."""
        r = check("r", r, "1", nonnegative=True)
        short, long = sorted(self.axes)
        if short == 0.0:  # the semicircle law on a line
            x = np.clip(r / long, 0.0, 1.0)
            return (2.0 / math.pi * (x * np.sqrt(1.0 - x * x) + np.arcsin(x)))[()]
        crossing = np.clip((r**2 - short**2) / max(long**2 - short**2, 1e-300), 0.0, 1.0)
        angle = np.arcsin(np.sqrt(crossing))  # by Green's theorem, along the arcs of both curves
        polar = np.arctan2(short * np.cos(angle), long * np.sin(angle))
        area = 2.0 * short * long * angle + 2.0 * np.minimum(r, long) ** 2 * polar
        return np.where(r <= short, r**2 / (short * long), np.where(r >= long, 1.0, area / (math.pi * short * long)))[
            ()
        ]

    def with_gain(self, slope: float) -> Elliptic:
        """The ensemble of slope W, one slope for all: of unequal slopes the law is not known here."""
        if np.ndim(slope):
            raise ValueError("slopes of an Elliptic ensemble must be one number: unequal gains break W_ij ~ W_ji")
        slope = check_scalar("slope", slope, "1")
        return Elliptic(abs(slope) * self.std, self.reciprocity, slope * self.mean)

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix (n, n), with zero variance of no entry; see `Ensemble.sample`."""
        n = check_whole("n", n, at_least=1)
        require_memory("n", n, 3 * 8 * n * n)
        x = check_rng(rng).standard_normal((n, n))
        symmetric, antisymmetric = (x + x.T) / math.sqrt(2.0), (x - x.T) / math.sqrt(2.0)
        tau = self.reciprocity
        matrix = math.sqrt((1.0 + tau) / 2.0) * symmetric + math.sqrt((1.0 - tau) / 2.0) * antisymmetric
        return matrix * (self.std / math.sqrt(n)) + self.mean / n


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
    def outliers(self) -> ComplexArray:
        """The modes outside the bulk; moved by a reciprocal bulk."""
        if isinstance(self.bulk, Elliptic):
            std, tau = self.bulk.std, self.bulk.reciprocity
            return np.array([m + tau * std**2 / m for m in self.modes if abs(m) > std], dtype=complex)
        return self.modes[np.abs(self.modes) > self.radius]

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix; n is the length of `left` and `right`, which are kept."""
        n = check_whole("n", n, at_least=1)
        if n != len(self.left):
            raise ValueError(f"n must be the length of left and right, {len(self.left)}, got {n}")
        matrix: FloatArray = self.bulk.sample(n, rng=rng) + self.left @ self.right.T / n
        return matrix
