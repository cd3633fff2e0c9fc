"""An analysis in words: what ``meanfield spectrum`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from meanfield.randommatrix.analysis import Analysis

VERDICTS = {
    "inside": "inside the edge of chaos",
    "beyond": "beyond the edge of chaos",
    "rates unstable": "rates unstable: an outlier is beyond 1, the disc is not",
    "undecided": "undecided: at this n, matrices of these statistics fall on both sides of the edge",
}
_SHOWN = 6  # outliers


def analysis_table(found: Analysis) -> str:
    """Statistics by block, predicted and actual spectrum, verdict."""
    blocks, actual = found.blocks, found.spectrum
    width = max(len("target <- source"), *(len(f"{a} <- {b}") for a in blocks.names for b in blocks.names))
    lines = [f"{blocks.n} neurons: " + ", ".join(f"{k} {s}" for k, s in zip(blocks.names, blocks.sizes, strict=True))]
    lines.append(
        f"{'target <- source':<{width}} {'N mean':>10} {'√N std':>10} {'p':>7} {'recipr.':>8} {'in-degrees':>11}"
    )
    for i, target in enumerate(blocks.names):
        for j, source in enumerate(blocks.names):
            lines.append(
                f"{f'{target} <- {source}':<{width}} {blocks.mean[i, j]:>10.4g} {blocks.std[i, j]:>10.4g} "
                f"{blocks.probability[i, j]:>7.4f} {blocks.reciprocity[i, j]:>8.3f} {blocks.dispersion[i, j]:>11.3f}"
            )
    lines += ["(in-degrees: their variance over that of independent connections)", ""]
    lines.append(f"{'':<19} {'predicted':>20} {'actual':>15}")
    largest = found.radius * (1.0 + found.excess.mean)
    spread = found.radius * found.excess.std
    lines.append(f"{'disc: radius':<19} {_number(found.radius, found.radius_error):>20} {_bulk(found):>15}")
    lines.append(f"{'  largest modulus':<19} {_number(largest, spread):>20} {_known(found, 'modulus'):>15}")
    lines.append(f"{'  largest real part':<19} {_number(found.edge, found.edge_error):>20} {_known(found, 'real'):>15}")
    lines.append(f"{'outliers':<19} {_outliers(found.outliers):>20} {_outliers(found.actual_outliers):>15}")
    if found.distance is not None:
        usual = 0.6 / np.sqrt(actual.n)
        lines.append(f"distributions of |λ| differ by {found.distance:.4f} (about {usual:.4f} for the ensemble's own)")
    lines += ["", f"{VERDICTS[found.verdict]}"]
    if found.is_stable is not None:
        words = "decay" if found.is_stable else "do not all decay"
        lines.append(f"this very matrix: the modes of x' = -x + W x {words}")
    lines += [f"note: {remark}" for remark in found.remarks]
    return "\n".join(lines)


def _bulk(found: Analysis) -> str:
    bulk = found.spectrum.bulk
    return "" if bulk is None else _number(bulk.radius, bulk.error)


def _known(found: Analysis, of: str) -> str:
    """Largest of the disc's eigenvalues in modulus (from the centre) or real part."""
    actual, disc = found.spectrum, found.actual_disc
    if disc.size and (actual.part == "all" or (actual.part == of and actual.is_converged)):
        largest = np.abs(disc - found.blocks.centre) if of == "modulus" else disc.real
        return f"{largest.max():.4f}"
    return "not known"


def _number(value: float, error: float) -> str:
    return f"{value:.4f} ± {error:.4f}"


def _outliers(values: NDArray[np.complex128]) -> str:
    words = [
        f"{value.real:.4g}" if abs(value.imag) < 1e-9 * abs(value) else f"{value.real:.4g}{value.imag:+.4g}i"
        for value in values[:_SHOWN]
    ]
    return ", ".join([*words, *(["..."] if values.size > _SHOWN else [])]) or "none"
