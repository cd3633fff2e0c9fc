"""Random matrices and the edge of chaos."""

from meanfield.randommatrix.ensembles import (
    BlockGaussian,
    Circular,
    Columns,
    Elliptic,
    Ensemble,
    LowRank,
    RowColumn,
)
from meanfield.randommatrix.jacobian import EffectiveJacobian, critical_weight, effective_jacobian
from meanfield.randommatrix.sparse import SparseEI

__all__ = [
    "BlockGaussian",
    "Circular",
    "Columns",
    "EffectiveJacobian",
    "Elliptic",
    "Ensemble",
    "LowRank",
    "RowColumn",
    "SparseEI",
    "critical_weight",
    "effective_jacobian",
]
