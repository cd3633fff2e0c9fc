"""Random matrices: the law of an ensemble beside eigenvalues of samples, at their finite size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meanfield._validate import check_whole
from meanfield.randommatrix import MLJR, BlockGaussian, EffectiveJacobian, Ensemble, LowRank, SparseEI, spectrum
from meanfield.randommatrix.spectrum import DENSE_UP_TO
from validation.crossvalidation import cross_validate
from validation.report import Report, Row
from validation.simulation import draw_seeds

SIZE = 1000
SHARES = (0.25, 0.5, 0.75)  # of the radius, within which eigenvalues are counted
_ROUNDING = 1e-9  # of an outlier that is the same in each matrix, relative


@cross_validate.register
def cross_validate_ensemble(
    ensemble: Ensemble, *, n: int | None = None, trials: int = 8, rng: Any = 1, progress: bool = False
) -> Report:
    """Compare the law of an ensemble with the eigenvalues of matrices drawn from it.

    Parameters
    ----------
    ensemble : Ensemble
    n : int, optional
        Size of the matrices, 1000 by default; that of the ensemble where it has one.
    trials : int
        Matrices, 2 at least.
    rng : int or numpy Generator
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Report
        Largest modulus and real part of the bulk, beside what is expected of the outermost of n eigenvalues where that
        is known; the share of eigenvalues within parts of the radius; each outlier, and its standard deviation over
        matrices. Of sparse matrices beyond n = 5000 the radius, by the growth of random vectors, and the outliers.

    Raises
    ------
    ValueError, TypeError
        For fewer than 2 trials, and an n that the ensemble has no matrix of, or that does not fit in memory.
    """
    trials = check_whole("trials", trials, at_least=2)
    n = check_whole("n", _size(ensemble) if n is None else n, at_least=10)
    seeds = draw_seeds(rng, trials)
    large = isinstance(ensemble, SparseEI) and n > DENSE_UP_TO
    spectra = []
    for seed in tqdm(seeds, disable=not progress, desc="matrices"):
        matrix = ensemble.sample(n, rng=seed)
        if large:
            k = 2 * max(len(ensemble.outliers), 1)
            spectra.append(spectrum(matrix, "modulus", k=k, vectors=40, restarts=4, rng=seed))
        else:
            spectra.append(spectrum(matrix, "all"))
    outliers = [_nearest(found.eigenvalues, ensemble.outliers) for found in spectra]
    if large:
        rows = [Row.of("radius of the disc", ensemble.radius, [found.bulk.radius for found in spectra])]
        notes: tuple[str, ...] = (
            "the radius is measured by the growth of random vectors, outliers by Arnoldi's method",
        )
    else:
        bulks = [np.delete(found.eigenvalues, own) for found, own in zip(spectra, outliers, strict=True)]
        rows, notes = _bulk(ensemble, n, bulks)
    values = np.array([found.eigenvalues[own] for found, own in zip(spectra, outliers, strict=True)])
    rows += _outliers(ensemble, n, values)
    name = type(ensemble).__name__
    return Report(
        title=f"{name}: {trials} matrices, n = {n}",
        settings={"ensemble": name, "n": n, "trials": trials},
        rows=tuple(rows),
        notes=notes,
    )


@cross_validate.register
def cross_validate_jacobian(
    jacobian: EffectiveJacobian, *, n: int | None = None, trials: int = 8, rng: Any = 1, progress: bool = False
) -> Report:
    """As `cross_validate_ensemble`, of the Gaussian ensemble with the moments of an effective coupling.

    Parameters
    ----------
    jacobian : EffectiveJacobian
    n, trials, rng, progress
        As of `cross_validate_ensemble`.

    Returns
    -------
    Report

    Raises
    ------
    ValueError, TypeError
        As `cross_validate_ensemble`.
    """
    ensemble = BlockGaussian(**jacobian.moments, zero_row_sum=True)
    return cross_validate_ensemble(ensemble, n=n, trials=trials, rng=rng, progress=progress)


def _size(ensemble: Ensemble) -> int:
    """The size of its matrices where it has one, else about 1000."""
    if isinstance(ensemble, SparseEI):
        return ensemble.n
    if isinstance(ensemble, LowRank):
        return len(ensemble.left)
    if isinstance(ensemble, MLJR) and not ensemble.repeated:
        return ensemble.size
    of = ensemble.size if isinstance(ensemble, MLJR) else np.size(getattr(ensemble, "row", 1.0))
    return max(SIZE - SIZE % of, of)


def _nearest(eigenvalues: NDArray[Any], outliers: NDArray[Any]) -> list[int]:
    """Which eigenvalues are the outliers: each time the nearest one that is not taken."""
    taken: list[int] = []
    for outlier in outliers:
        distance = np.abs(eigenvalues - outlier)
        distance[taken] = np.inf
        taken.append(int(np.argmin(distance)))
    return taken


def _bulk(ensemble: Ensemble, n: int, bulks: list[NDArray[Any]]) -> tuple[list[Row], tuple[str, ...]]:
    rows, notes = [], []
    for name, of, law, measure in (
        ("largest |λ|", "modulus", ensemble.radius, np.abs),
        ("largest Re λ", "real", ensemble.bulk_abscissa, np.real),
    ):
        try:
            expected = law * (1.0 + ensemble.edge_excess(n, of).mean)
            notes.append(f"{name}: the law's {law:.6g}, and how far beyond the outermost of n = {n} is expected")
        except ValueError as error:
            expected = law
            notes.append(f"{name}: by the law of n to infinity ({error})")
        rows.append(Row.of(name, expected, [measure(values).max() for values in bulks]))
    for share in SHARES:
        r = share * ensemble.radius
        counts = [(np.abs(values) < r).mean() for values in bulks]
        rows.append(Row.of(f"share within {share:g} R", ensemble.cdf(r), counts))
    return rows, tuple(notes)


def _outliers(ensemble: Ensemble, n: int, values: NDArray[Any]) -> Iterator[Row]:
    """Each outlier, real and imaginary part, and its scatter where it is known; `values` (trials, outliers)."""
    scatter = getattr(ensemble, "outlier_scatter", None)
    scatters = scatter(n) if scatter is not None else None
    for k, outlier in enumerate(ensemble.outliers):
        if outlier.imag < 0.0:
            continue  # its conjugate has been
        parts = [("Re", np.real), ("Im", np.imag)] if outlier.imag else [("", np.real)]
        for word, part in parts:
            row = Row.of(f"outlier {word}".strip(), part(outlier), part(values[:, k]), population=str(k + 1))
            yield row.with_error_of_at_least(_ROUNDING * abs(outlier))
        if scatters is not None and scatters[k] > 0.0:
            trials = len(values)
            mean_square = (np.abs(values[:, k] - values[:, k].mean()) ** 2).sum() / (trials - 1)
            std = float(np.sqrt(mean_square))
            yield Row(
                prediction="outlier's std",
                population=str(k + 1),
                unit="1",
                theory=float(scatters[k]),
                simulation=std,
                error=std / np.sqrt(2.0 * (trials - 1)),  # of a normal variable's
            )
