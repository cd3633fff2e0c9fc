"""Random matrices and the edge of chaos."""

from meanfield.randommatrix.finite_size import EdgeExcess, edge_excess
from meanfield.randommatrix.growth import Growth, growth
from meanfield.randommatrix.jacobian import EffectiveJacobian, critical_weight, effective_jacobian
from meanfield.randommatrix.matrices import load_labels, load_matrix
from meanfield.randommatrix.spectrum import Spectrum, spectrum

__all__ = [
    "EdgeExcess",
    "EffectiveJacobian",
    "Growth",
    "Spectrum",
    "critical_weight",
    "edge_excess",
    "effective_jacobian",
    "growth",
    "load_labels",
    "load_matrix",
    "spectrum",
]
