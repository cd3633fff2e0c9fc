"""Random matrices and the edge of chaos."""

from meanfield.randommatrix.analysis import Analysis, analyse
from meanfield.randommatrix.base import Ensemble, Outlier
from meanfield.randommatrix.blocks import Blocks, fit_blocks
from meanfield.randommatrix.delayed import DelayedBoundary, Loss, delayed_boundary
from meanfield.randommatrix.ensembles import BlockGaussian, Circular, Columns, Elliptic
from meanfield.randommatrix.finite_size import EdgeExcess, edge_excess
from meanfield.randommatrix.growth import Growth, growth
from meanfield.randommatrix.jacobian import EffectiveJacobian, critical_weight, effective_jacobian
from meanfield.randommatrix.lowrank import LowRank
from meanfield.randommatrix.matrices import load_labels, load_matrix
from meanfield.randommatrix.mljr import MLJR
from meanfield.randommatrix.nonnormality import (
    Transient,
    henrici_departure,
    mean_energy,
    numerical_abscissa,
    transient,
)
from meanfield.randommatrix.pseudospectra import Pseudospectrum, Resolvent, kreiss_bound, pseudospectrum
from meanfield.randommatrix.rowcolumn import RowColumn
from meanfield.randommatrix.sparse import SparseEI
from meanfield.randommatrix.spectrum import Spectrum, spectrum

__all__ = [
    "MLJR",
    "Analysis",
    "BlockGaussian",
    "Blocks",
    "Circular",
    "Columns",
    "DelayedBoundary",
    "EdgeExcess",
    "EffectiveJacobian",
    "Elliptic",
    "Ensemble",
    "Growth",
    "Loss",
    "LowRank",
    "Outlier",
    "Pseudospectrum",
    "Resolvent",
    "RowColumn",
    "SparseEI",
    "Spectrum",
    "Transient",
    "analyse",
    "critical_weight",
    "delayed_boundary",
    "edge_excess",
    "effective_jacobian",
    "fit_blocks",
    "growth",
    "henrici_departure",
    "kreiss_bound",
    "load_labels",
    "load_matrix",
    "mean_energy",
    "numerical_abscissa",
    "pseudospectrum",
    "spectrum",
    "transient",
]
