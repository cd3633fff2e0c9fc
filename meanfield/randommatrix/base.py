"""What all ensembles of random coupling matrices have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check_scalar
from meanfield.randommatrix.finite_size import EdgeExcess, edge_excess
from meanfield.randommatrix.profile import Profile

ComplexArray = NDArray[np.complex128]
SIDES = ("left", "right")
_RIM = 1e-4  # of the radius: where the density of the edge is taken
_FEWEST = 10.0  # eigenvalues that an edge is made of


@dataclass(frozen=True, slots=True)
class Outlier:
    """What becomes of an eigenvalue of the mean.

    Attributes
    ----------
    mode : complex
        The eigenvalue of the mean.
    value : complex
        Where W has its eigenvalue, if it has.
    exists : bool
        Whether it does, outside the bulk.
    why : str
        The condition, with its numbers.
    """

    mode: complex
    value: complex
    exists: bool
    why: str


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
    def threshold(self) -> float:
        """Modulus above which a mode makes an outlier: the radius, if entries are independent (Tao 2013)."""
        return self.radius

    @property
    def shift(self) -> float:
        """s of an outlier's place m + s/m, for the mode m; 0 if entries are independent."""
        return 0.0

    @property
    def candidates(self) -> tuple[Outlier, ...]:
        """What becomes of each mode."""
        found = []
        for mode in self.modes:
            exists = bool(abs(mode) > self.threshold)
            words = "above" if exists else "not above"
            value = complex(mode + self.shift / mode)
            why = f"|mode| = {abs(mode):.6g} is {words} {self.threshold:.6g}"
            found.append(Outlier(complex(mode), value, exists, why))
        return tuple(found)

    @property
    def outliers(self) -> ComplexArray:
        """Eigenvalues outside the bulk."""
        return np.array([found.value for found in self.candidates if found.exists], dtype=complex)

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
        """Least factor on the standard deviations alone, the mean kept, at which the spectrum reaches the edge.

        By the bulk, or by an outlier that a reciprocal bulk moves; 0 if the mean alone is beyond the edge.
        """
        gain = check_scalar("gain", gain, "1", positive=True)
        if (gain * self.modes.real >= 1.0).any():
            return 0.0
        factors = [1.0 / (gain * self.bulk_abscissa) if self.bulk_abscissa > 0 else math.inf]
        for mode in self.modes:
            rise = self.shift * mode.real / abs(mode) ** 2  # of the real part, at factor 1
            factor = math.sqrt((1.0 / gain - mode.real) / rise) if rise > 0.0 else math.inf
            if factor * self.threshold < abs(mode):
                factors.append(factor)
        return min(factors)

    def edge_excess(self, n: int, of: str = "modulus") -> EdgeExcess:
        """How far the outermost eigenvalue of the bulk of one matrix lies outside the law, relative.

        Parameters
        ----------
        n : int
            Size of the matrix.
        of : str
            "modulus" or "real" (part).

        Raises
        ------
        ValueError
            Where it is not known (it is for independent entries and for even ellipses); for a size below 10.
        """
        raise ValueError(f"the finite-size law of the edge is not known for {type(self).__name__}")

    @abstractmethod
    def density(self, r: Any) -> Any:
        """Eigenvalues an area over N."""

    @abstractmethod
    def cdf(self, r: Any) -> Any:
        """Share of the eigenvalues with |z| < r."""

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
    def class_means(self) -> FloatArray | None:
        """N times the mean of an entry between the classes of `profile`; None if it is zero."""
        return None

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

    def edge_excess(self, n: int, of: str = "modulus") -> EdgeExcess:
        """As `Ensemble.edge_excess`: that of n eigenvalues in an even disc, fewer where the law is thin at its edge."""
        radius = self.radius
        if radius == 0.0:
            return edge_excess(n, of)
        density = float(self.density((1.0 - _RIM) * radius))
        return edge_excess(max(n * math.pi * radius**2 * density, _FEWEST), of)

    def transient(self, t: ArrayLike) -> Any:
        """Mean of |x(t)|² for x' = -x + W x without the mean of W, from random x(0) of norm 1."""
        return self.profile.transient(t)

    @property
    def numerical_abscissa(self) -> float:
        """Largest eigenvalue of (W + W^T)/2, with the mean: above 1, some x' = -x + W x grow at first.

        sqrt(2) g for entries alike.
        """
        return self.profile.symmetric_edge(self.class_means)

    @property
    def henrici(self) -> float:
        """Departure from normality sqrt((|W|_F² - sum |lambda|²)/N), without the mean of W; 0 for normal matrices."""
        return math.sqrt(max(self.profile.frobenius() - self.profile.mean_square(), 0.0))

    def outlier_scatter(self, n: int) -> FloatArray:
        """Standard deviation of each of the `outliers` at size n, by chance from matrix to matrix.

        To first order in 1/n: the variance is <|l|², [1 - S alpha/|m|²]^{-1} S |r|²>/(n |<l, r>|²), with l and r the
        mode's left and right vectors over the classes; it grows without bound towards the disc.
        """
        return self._scatter(n, exact_columns=False)

    def _scatter(self, n: int, *, exact_columns: bool) -> FloatArray:
        means, alpha = self.class_means, self.profile.fractions
        if means is None:
            return np.empty(0)
        values, right = np.linalg.eig(means * alpha)
        lefts = np.linalg.pinv(right) / alpha  # <l_k, r_j> = 1 for k = j
        step = self.profile.variance * alpha
        found = []
        for mode in [c.mode for c in self.candidates if c.exists]:
            k = int(np.argmin(np.abs(values - mode)))
            left = lefts[k] - (lefts[k] @ alpha if exact_columns else 0.0)  # sums of columns do not vary
            onto = np.linalg.solve(np.eye(alpha.size) - step / abs(mode) ** 2, step @ np.abs(right[:, k]) ** 2)
            found.append(math.sqrt(float((alpha * np.abs(left) ** 2) @ onto) / n))
        return np.array(found)


def by_falling_real_part(values: Any) -> ComplexArray:
    """Return eigenvalues in that order."""
    values = np.asarray(values, dtype=complex)
    ordered: ComplexArray = values[np.argsort(-values.real, kind="stable")]
    return ordered
