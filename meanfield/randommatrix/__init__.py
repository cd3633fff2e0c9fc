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

__all__ = [
    "BlockGaussian",
    "Circular",
    "Columns",
    "EffectiveJacobian",
    "Elliptic",
    "Ensemble",
    "LowRank",
    "RowColumn",
    "critical_weight",
    "effective_jacobian",
]
