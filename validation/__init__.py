"""Simulations of meanfield's networks, and theory set against them. Needs Brian2, g++ and make.

``python -m validation brunel2000 --g 5 --eta 2`` prints a table of predictions, theory and simulation.
"""

from validation.compiler import SimulationUnavailable
from validation.crossvalidation import cross_validate
from validation.modulation import Modulation
from validation.portrait import portrait
from validation.predictions import KINDS
from validation.predictions.edge import CriticalWeight
from validation.predictions.learning import LearnedRate
from validation.report import Report
from validation.results import Currents, Simulation
from validation.simulation import simulate
from validation.sweep import simulate_many

__all__ = [
    "KINDS",
    "CriticalWeight",
    "Currents",
    "LearnedRate",
    "Modulation",
    "Report",
    "Simulation",
    "SimulationUnavailable",
    "cross_validate",
    "portrait",
    "simulate",
    "simulate_many",
]
