"""Dynamical mean-field theory of random rate networks, N → ∞ (Sompolinsky, Crisanti & Sommers 1988).

Time is in units of the neurons' time constant.
"""

from meanfield.dmft.discrete import DiscreteSolution, solve_discrete
from meanfield.dmft.lines import chaos_onset, local_instability
from meanfield.dmft.nonlinearities import Nonlinearity, PiecewiseLinear, Smooth, nonlinearity, saturating
from meanfield.dmft.solution import Solution, solve

__all__ = [
    "DiscreteSolution",
    "Nonlinearity",
    "PiecewiseLinear",
    "Smooth",
    "Solution",
    "chaos_onset",
    "local_instability",
    "nonlinearity",
    "saturating",
    "solve",
    "solve_discrete",
]
