"""Self-consistent states of a network: `solve`, `solve_all`, their sensitivities, and the inverse problem."""

from meanfield.fixedpoint.inverse import external_rate_for
from meanfield.fixedpoint.sensitivity import Sensitivity, sensitivity
from meanfield.fixedpoint.solve import solve, solve_all
from meanfield.fixedpoint.state import ConvergenceError, FixedPoint, FixedPointSet

__all__ = [
    "ConvergenceError",
    "FixedPoint",
    "FixedPointSet",
    "Sensitivity",
    "external_rate_for",
    "sensitivity",
    "solve",
    "solve_all",
]
