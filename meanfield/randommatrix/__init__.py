"""Random matrices and the edge of chaos."""

from meanfield.randommatrix.jacobian import EffectiveJacobian, critical_weight, effective_jacobian

__all__ = ["EffectiveJacobian", "critical_weight", "effective_jacobian"]
