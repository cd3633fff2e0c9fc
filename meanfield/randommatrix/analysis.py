"""A given matrix beside the law of matrices like it: is it inside the edge of chaos, and how sure is that?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check
from meanfield.randommatrix.blocks import Blocks, fit_blocks
from meanfield.randommatrix.ensembles import BlockGaussian, Elliptic
from meanfield.randommatrix.finite_size import EdgeExcess
from meanfield.randommatrix.matrices import as_matrix, is_dense
from meanfield.randommatrix.spectrum import Spectrum, spectrum

ComplexArray = NDArray[np.complex128]
_SURE = 2.0  # standard deviations
_OUTSIDE = 4.0  # standard deviations from which on an outlier is one, and reciprocity is there
_FEWEST = 10  # neurons for a law
_STEP = 1e-4  # of parameters, relative, for derivatives


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """What `analyse` finds. Numbers are those of gain times the matrix; stability is that of x' = -x + gain W x.

    Attributes
    ----------
    blocks : Blocks
        Statistics of the entries.
    ensemble : BlockGaussian or Elliptic
        Independent entries of the same means and variances; for one class with reciprocity τ well above its error, of
        the same τ.
    half_axes : (float, float)
        Of the predicted ellipse, along the real and along the imaginary axis: R(1+τ) and R(1-τ); with τ = 0 where it
        is not above its error, a disc.
    radius_error : float
        Standard error of R from that of the variances.
    outliers : (k,) complex array
        The ensemble's.
    outlier_errors : (k,) array
        Standard deviation of this matrix's about them.
    excess, excess_real : EdgeExcess
        Largest modulus and largest real part of n neurons over the disc's, relative.
    spectrum : Spectrum
        The eigenvalues of the matrix itself.
    distance : float or None
        Largest difference between the distributions of |λ - centre| (Kolmogorov's), predicted and actual without
        outliers; None where not all eigenvalues are known. About 0.6/sqrt(n) for a matrix of the ensemble.
    remarks : tuple of str
        What the ensemble does not have and this matrix does.
    """

    blocks: Blocks
    ensemble: BlockGaussian | Elliptic
    half_axes: tuple[float, float]
    radius_error: float
    outliers: ComplexArray
    outlier_errors: FloatArray
    excess: EdgeExcess
    excess_real: EdgeExcess
    spectrum: Spectrum
    distance: float | None
    remarks: tuple[str, ...]

    @property
    def radius(self) -> float:
        """The longer half-axis: R for a disc."""
        return max(self.half_axes)

    @property
    def edge(self) -> float:
        """Largest real part expected of the disc of n neurons."""
        return self.blocks.centre + self.half_axes[0] * (1.0 + self.excess_real.mean)

    @property
    def edge_error(self) -> float:
        """Its standard deviation over matrices, with the standard error of the fit."""
        return math.hypot(self.half_axes[0] * self.excess_real.std, self.radius_error)

    @property
    def reach(self) -> float:
        """How far from the centre the disc of a matrix of the ensemble goes; further out are outliers."""
        return self.radius * (1.0 + self.excess.mean + _OUTSIDE * self.excess.std) + 2.0 * self.radius_error

    @property
    def actual_outliers(self) -> ComplexArray:
        """Eigenvalues of the matrix beyond what matrices of the ensemble have at the edge of the disc."""
        return self.spectrum.beyond(self.reach, self.blocks.centre)

    @property
    def actual_disc(self) -> ComplexArray:
        """The other eigenvalues of the matrix, as far as they are known."""
        values = self.spectrum.eigenvalues
        return values[np.abs(values - self.blocks.centre) <= self.reach]

    @property
    def verdict(self) -> str:
        """Where matrices like this one lie, by two standard deviations.

        "inside" the edge of chaos or "beyond" it; "rates unstable", where an outlier alone is beyond 1; "undecided",
        where they fall on both sides.
        """
        edge, error = self.edge, self.edge_error
        right = [(float(m.real), float(e)) for m, e in zip(self.outliers, self.outlier_errors, strict=True)]
        if edge - _SURE * error > 1.0:
            return "beyond"
        if any(value - _SURE * sd > 1.0 for value, sd in right):
            return "rates unstable"
        if edge + _SURE * error < 1.0 and all(value + _SURE * sd < 1.0 for value, sd in right):
            return "inside"
        return "undecided"

    @property
    def is_stable(self) -> bool | None:
        """Whether all eigenvalues of this very matrix have real parts below 1; None where they are not known."""
        known = self.spectrum.part == "all" or (self.spectrum.part == "real" and self.spectrum.is_converged)
        if known or (self.spectrum.eigenvalues.real >= 1.0).any():
            return self.spectrum.abscissa < 1.0
        return None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; complex numbers as pairs."""
        return {
            "n": self.blocks.n,
            "blocks": self.blocks.to_dict(),
            "predicted": {
                "radius": self.radius,
                "half_axes": list(self.half_axes),
                "radius_error": self.radius_error,
                "largest_modulus": self.radius * (1.0 + self.excess.mean),
                "abscissa": self.edge,
                "abscissa_error": self.edge_error,
                "outliers": _pairs(self.outliers),
                "outlier_errors": self.outlier_errors.tolist(),
            },
            "actual": self.spectrum.to_dict() | {"outliers": _pairs(self.actual_outliers)},
            "distance": self.distance,
            "verdict": self.verdict,
            "is_stable": self.is_stable,
            "remarks": list(self.remarks),
        }

    def __str__(self) -> str:
        from meanfield.randommatrix.tables import analysis_table

        return analysis_table(self)


def analyse(
    matrix: Any,
    labels: ArrayLike | None = None,
    gain: ArrayLike = 1.0,
    *,
    part: str | None = None,
    rng: np.random.Generator | int | None = 0,
) -> Analysis:
    """Compare a matrix with the law of independent entries that have its means and variances.

    Parameters
    ----------
    matrix : (n, n) array_like or scipy.sparse matrix
        W, real, [target, source].
    labels : (n,) array, optional
        Class of each neuron, such as E and I.
    gain : float or (n,) array
        Slope of the neurons' transfer function: the columns of W are multiplied by it.
    part : str, optional
        Of the spectrum to compute, as in `spectrum`; by default "all" up to n = 5000, else "real".
    rng : Generator or int
        For Arnoldi's first vector.

    Raises
    ------
    TypeError, ValueError
        As `fit_blocks` and `spectrum`; for fewer than 10 neurons; for a gain of another shape.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.random.default_rng(1).standard_normal((400, 400)) * 0.7 / 20
    >>> found = analyse(w)
    >>> found.verdict, found.is_stable, analyse(w, gain=2.0).verdict
    ('inside', True, 'beyond')
    """
    matrix = as_matrix("matrix", matrix)
    n = matrix.shape[0]
    if n < _FEWEST:
        raise ValueError(f"matrix must have at least {_FEWEST} rows to be compared with a law, got {n}")
    matrix = _with_gain(matrix, gain, n)
    blocks = fit_blocks(matrix, labels)
    independent = blocks.ensemble
    ensemble, tau = _with_reciprocity(independent, blocks)
    part = part or ("all" if n <= 5000 else "real")
    found = spectrum(matrix, part, rng=rng)
    result = Analysis(
        blocks=blocks,
        ensemble=ensemble,
        half_axes=(independent.radius * (1.0 + tau), independent.radius * (1.0 - tau)),
        radius_error=_radius_error(independent, blocks) * (1.0 + abs(tau)),
        outliers=blocks.centre + ensemble.outliers,
        outlier_errors=_outlier_errors(independent, n),
        excess=_excess(ensemble, independent, n, "modulus"),
        excess_real=_excess(ensemble, independent, n, "real"),
        spectrum=found,
        distance=None,
        remarks=(),
    )
    return replace(result, distance=_distance(result), remarks=_remarks(result))


def _with_gain(matrix: Any, gain: ArrayLike, n: int) -> Any:
    gains = check("gain", gain, "1", shape=(n,), shape_words="(one a neuron)")
    if is_dense(matrix):
        return matrix * gains
    if not hasattr(matrix, "tocsr"):
        return matrix  # a LinearOperator, which is refused where its entries are asked for
    from scipy.sparse import diags_array

    return (matrix @ diags_array(gains, format="csr")).tocsr()


def _with_reciprocity(independent: BlockGaussian, blocks: Blocks) -> tuple[BlockGaussian | Elliptic, float]:
    """The ensemble and its reciprocity, taken for 0 within its error."""
    tau, error = blocks.mean_reciprocity
    if abs(tau) <= _OUTSIDE * error:
        return independent, 0.0
    tau = min(max(tau, -1.0), 1.0)
    if len(blocks.names) > 1:
        return independent, tau
    return Elliptic(float(blocks.std[0, 0]), tau, float(blocks.mean[0, 0])), tau


def _excess(ensemble: BlockGaussian | Elliptic, independent: BlockGaussian, n: int, of: str) -> EdgeExcess:
    """That of the ensemble; of an ellipse too narrow for its law, such as a symmetric matrix's, that of a disc."""
    try:
        return ensemble.edge_excess(n, of)
    except ValueError:
        return independent.edge_excess(n, of)


def _radius_error(ensemble: BlockGaussian, blocks: Blocks) -> float:
    """Standard error of the radius from those of the variances, by its derivatives."""
    total, radius = 0.0, ensemble.radius
    std = np.asarray(ensemble.std)
    for index in np.ndindex(std.shape):
        if std[index] > 0.0:
            changed = std.copy()
            changed[index] *= math.sqrt(1.0 + _STEP)
            slope = (replace(ensemble, std=changed).radius - radius) / _STEP
            total += (slope * float(blocks.variance_error[index])) ** 2
    return math.sqrt(total)


def _outlier_errors(ensemble: BlockGaussian, n: int) -> FloatArray:
    """Standard deviation of a matrix's outliers about those of its own means.

    An outlier λ moves by the sum over k of l W^{k+1} r/λ^k, W of zero mean; the k-th term has a variance that falls as
    (R²/|λ|²)^k, and the first is in the fitted means.
    """
    inside = ensemble.radius / np.abs(ensemble.outliers)
    return np.asarray(ensemble.outlier_scatter(n) * inside)


def _distance(found: Analysis) -> float | None:
    if found.spectrum.part != "all" or found.radius == 0.0:
        return None
    moduli = np.sort(np.abs(found.actual_disc - found.blocks.centre))
    if not moduli.size:
        return None
    grid = np.linspace(0.0, found.radius, 400)  # the law is smooth, and costs a solution a point
    expected = np.interp(moduli, grid, found.ensemble.cdf(grid), right=1.0)
    steps = np.arange(moduli.size + 1) / moduli.size
    return float(max(np.abs(steps[1:] - expected).max(), np.abs(steps[:-1] - expected).max()))


def _remarks(found: Analysis) -> tuple[str, ...]:
    words = []
    blocks, n = found.blocks, found.blocks.n
    reciprocity, error = blocks.mean_reciprocity
    if abs(reciprocity) > _OUTSIDE * error:
        known = "as theory has it" if len(blocks.names) == 1 else "which for several classes is an approximation"
        words.append(
            f"W_ij and W_ji are correlated by τ = {reciprocity:.3g}: the disc is an ellipse of half-axes R(1 ± τ), "
            + known
        )
    scattered = blocks.dispersion[blocks.probability < 0.5]
    if scattered.size and scattered.max() > 1.5:
        words.append(
            f"in-degrees vary {scattered.max():.3g} times as much as in independent connections: the law has no such "
            "rows"
        )
    strength = _mean_norm(blocks)
    stray = math.sqrt(strength * found.radius / math.sqrt(n))
    if blocks.row_dispersion > 0.1 and stray > found.radius:
        words.append(
            f"the means are large (norm {strength:.3g}, beside R sqrt(n) = {found.radius * math.sqrt(n):.3g}) and the "
            f"rows' sums vary: eigenvalues up to about {stray:.2g} can lie outside the disc without a predicted outlier"
        )
    if not found.spectrum.is_converged:
        words.append(
            f"{found.spectrum.eigenvalues.size} of {found.spectrum.asked} eigenvalues of the edge converged in "
            f"{found.spectrum.products} products: the actual edge is known by the growth of random vectors alone"
        )
    return tuple(words)


def _mean_norm(blocks: Blocks) -> float:
    """Largest singular value of the mean of W."""
    root = np.sqrt(blocks.sizes / blocks.n)
    return float(np.linalg.norm(blocks.mean * root[:, None] * root, 2))


def _pairs(values: ComplexArray) -> list[list[float]]:
    return [[float(value.real), float(value.imag)] for value in values]
