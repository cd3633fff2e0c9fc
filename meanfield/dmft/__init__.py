"""Dynamical mean-field theory of random rate networks, N → ∞ (Sompolinsky, Crisanti & Sommers 1988).

Time is in units of the neurons' time constant.
"""

from meanfield.dmft.discrete import DiscreteSolution, solve_discrete
from meanfield.dmft.excitation_inhibition import (
    critical_coupling,
    dale,
    divergence_coupling,
    excitation_inhibition,
)
from meanfield.dmft.lines import chaos_onset, local_instability
from meanfield.dmft.nonlinearities import Nonlinearity, PiecewiseLinear, Smooth, nonlinearity, saturating
from meanfield.dmft.populations import PopulationsSolution, solve_populations
from meanfield.dmft.potential import Population
from meanfield.dmft.solution import Solution, solve, solve_population

__all__ = [
    "DiscreteSolution",
    "Nonlinearity",
    "PiecewiseLinear",
    "Population",
    "PopulationsSolution",
    "Smooth",
    "Solution",
    "chaos_onset",
    "critical_coupling",
    "dale",
    "divergence_coupling",
    "excitation_inhibition",
    "local_instability",
    "nonlinearity",
    "saturating",
    "solve",
    "solve_discrete",
    "solve_population",
    "solve_populations",
]
