"""Random matrices and the edge of chaos."""

from meanfield.randommatrix.base import Ensemble, Outlier
from meanfield.randommatrix.ensembles import BlockGaussian, Circular, Columns, Elliptic
from meanfield.randommatrix.jacobian import EffectiveJacobian, critical_weight, effective_jacobian
from meanfield.randommatrix.lowrank import LowRank
from meanfield.randommatrix.mljr import MLJR
from meanfield.randommatrix.rowcolumn import RowColumn
from meanfield.randommatrix.sparse import SparseEI

__all__ = [
    "MLJR",
    "BlockGaussian",
    "Circular",
    "Columns",
    "EffectiveJacobian",
    "Elliptic",
    "Ensemble",
    "LowRank",
    "Outlier",
    "RowColumn",
    "SparseEI",
    "critical_weight",
    "effective_jacobian",
]
