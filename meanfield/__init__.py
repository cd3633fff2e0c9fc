"""Mean-field theory and stability of balanced networks of spiking neurons.

Quantities are plain floats in SI units (`meanfield.units` helps to write them), matrices are [target, source], and
y = (V - mu)/sigma throughout.
"""

from meanfield import models, parameters, units
from meanfield.delays import ExponentialDelay, FixedDelay, GaussianDelay, UniformDelay
from meanfield.fixedpoint import (
    ConvergenceError,
    FixedPoint,
    FixedPointSet,
    Sensitivity,
    external_rate_for,
    sensitivity,
    solve,
    solve_all,
)
from meanfield.io import dump, load
from meanfield.network import ConstantDrive, Network, PoissonDrive, WhiteNoiseDrive
from meanfield.neurons.lif import LIF

__version__ = "0.1.0"

__all__ = [
    "LIF",
    "ConstantDrive",
    "ConvergenceError",
    "ExponentialDelay",
    "FixedDelay",
    "FixedPoint",
    "FixedPointSet",
    "GaussianDelay",
    "Network",
    "PoissonDrive",
    "Sensitivity",
    "UniformDelay",
    "WhiteNoiseDrive",
    "__version__",
    "dump",
    "external_rate_for",
    "load",
    "models",
    "parameters",
    "sensitivity",
    "solve",
    "solve_all",
    "units",
]
