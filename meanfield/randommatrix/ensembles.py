"""Ensembles of random coupling matrices: what is known of their spectra as N grows, and samples to see it.

An ensemble says what a matrix W of any size n is drawn from; entries are scaled so that the spectrum does not depend on
n. All have `radius`, `abscissa`, `modes`, `outliers`, `density`, `cdf`, `critical_coupling`, `margin` and `sample`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check, check_choice, check_rng, check_scalar, check_whole
from meanfield.randommatrix.base import SIDES, ComplexArray, Ensemble, IndependentEntries, by_falling_real_part
from meanfield.randommatrix.finite_size import EdgeExcess, edge_excess
from meanfield.randommatrix.memory import require_memory
from meanfield.randommatrix.profile import Profile, plain


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
        Each row of deviations from the mean adds up to 0, as if excitation and inhibition balanced for each neuron
        (Rajan & Abbott 2006), and so does each of its overlaps with the columns of the mean: deviations J times the
        mean M is 0. The eigenvalues of W are then those of M and of J, exactly: modes do not scatter, and the others
        stay within the disc also where the mean is of order sqrt(N). Without it a large mean whose modes cancel
        (J_E balances J_I on average alone) sends eigenvalues out of the disc that no law of the mean foresees.

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
        return Profile.of(self.fractions, np.asarray(self.std) ** 2)

    @cached_property
    def modes(self) -> ComplexArray:
        """Eigenvalues of the mean of W that are not 0."""
        found = np.linalg.eigvals(self.mean * self.fractions).astype(complex)
        scale = np.abs(self.mean * self.fractions).max()
        return by_falling_real_part(found[np.abs(found) > 1e-12 * scale])

    @property
    def class_means(self) -> FloatArray | None:
        """N times the mean of an entry between classes; None if all are zero."""
        means = np.asarray(self.mean)
        return means if means.any() else None

    def outlier_scatter(self, n: int) -> FloatArray:
        """As `IndependentEntries.outlier_scatter`; 0 with `zero_row_sum`."""
        return np.zeros(len(self.outliers)) if self.zero_row_sum else super().outlier_scatter(n)

    def with_gain(self, slopes: ArrayLike, side: str = "left") -> BlockGaussian:
        """The ensemble of diag(slopes) W or W diag(slopes), a slope for each class; both have one spectrum."""
        slopes = check("slopes", slopes, "1", shape=self.fractions.shape, shape_words="(one a class)")
        side = check_choice("side", side, SIDES)
        factor = slopes[:, None] if side == "left" else slopes
        return BlockGaussian(self.fractions, self.mean * factor, np.abs(self.std * factor), self.zero_row_sum)

    def _columns_of_mean(self) -> FloatArray:
        """(B, k) basis of what the mean's columns are made of, and of equal rows."""
        columns = np.hstack([np.ones((self.fractions.size, 1)), np.asarray(self.mean)])
        columns[:, 1:] /= np.abs(self.mean).max() or 1.0
        vectors, sizes, _ = np.linalg.svd(columns)
        kept: FloatArray = vectors[:, : int((sizes > 1e-12 * sizes[0]).sum())]
        return kept

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
            basis = self._columns_of_mean()[which]
            basis = np.linalg.qr(basis)[0]
            matrix -= (matrix @ basis) @ basis.T
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
    def threshold(self) -> float:
        """Modulus above which the mean makes an outlier: std, not the radius (O'Rourke & Renfrew 2014)."""
        return self.std

    @property
    def shift(self) -> float:
        """tau std²: an outlier is at mean + tau std²/mean."""
        return self.reciprocity * self.std**2

    @property
    def numerical_abscissa(self) -> float:
        """Largest eigenvalue of (W + W^T)/2: std sqrt(2 (1 + tau)), or the outlier that the mean makes of it.

        Above 1, some x' = -x + W x grow at first.
        """
        half = self.std * math.sqrt((1.0 + self.reciprocity) / 2.0)
        return self.mean + half**2 / self.mean if self.mean > half else 2.0 * half

    @property
    def henrici(self) -> float:
        """Departure from normality sqrt((|W|_F² - sum |lambda|²)/N), without the mean: std sqrt((1 - tau²)/2)."""
        return self.std * math.sqrt((1.0 - self.reciprocity**2) / 2.0)

    def transient(self, t: ArrayLike) -> Any:
        """Mean of |x(t)|² for x' = -x + W x without the mean of W, from random x(0) of norm 1.

        e^{-2t} sum_n std^{2n-2} h_n², where h_n = t^{n-1}/(n-1)! 0F1(n+1; tau std² t²) is the transform of the n-th
        power of the resolvent's trace: of the pairings only those within and between two powers of W are left.
        """
        from scipy.special import gammaln, hyp0f1

        t = check("t", t, "1", nonnegative=True)
        order = np.arange(1, int(4.0 * self.std * t.max(initial=0.0)) + 60)
        reach = self.std * t[..., None]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            log = np.where(order > 1, (order - 1) * np.log(reach), 0.0) - gammaln(order) - t[..., None]
            total = ((np.exp(log) * hyp0f1(order + 1.0, self.reciprocity * reach**2)) ** 2).sum(axis=-1)
        if not np.isfinite(total).all():
            raise ValueError(f"t must be below about {350 / max(self.std, 1e-3):.3g} for this ensemble, got {t.max()}")
        return plain(total)

    def edge_excess(self, n: int, of: str = "modulus") -> EdgeExcess:
        """As `Ensemble.edge_excess`; not known where the ellipse is as narrow as the distance of eigenvalues."""
        a, b = self.axes
        if a == 0.0 or b == 0.0:
            raise ValueError(f"reciprocity = {self.reciprocity!r} puts all eigenvalues on a line: no law of the edge")
        return edge_excess(n, of, ratio=b / a)

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
        return plain(np.where(self.contains(z), 1.0 / (math.pi * a * b), 0.0))

    def cdf(self, r: ArrayLike) -> Any:
        """Share of the eigenvalues with |z| < r: the part of the ellipse within the circle."""
        r = check("r", r, "1", nonnegative=True)
        short, long = sorted(self.axes)
        if short == 0.0:  # the semicircle law on a line
            x = np.clip(r / long, 0.0, 1.0)
            return plain(2.0 / math.pi * (x * np.sqrt(1.0 - x * x) + np.arcsin(x)))
        crossing = np.clip((r**2 - short**2) / max(long**2 - short**2, 1e-300), 0.0, 1.0)
        angle = np.arcsin(np.sqrt(crossing))  # by Green's theorem, along the arcs of both curves
        polar = np.arctan2(short * np.cos(angle), long * np.sin(angle))
        area = 2.0 * short * long * angle + 2.0 * np.minimum(r, long) ** 2 * polar
        within = np.where(r <= short, r**2, area / math.pi) / (short * long)
        return plain(np.where(r >= long, 1.0, within))

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
