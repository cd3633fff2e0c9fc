"""Mean-field theory and stability of balanced networks of spiking neurons.

Quantities are plain floats in SI units (`meanfield.units` helps to write them), matrices are [target, source], and
y = (V - mu)/sigma throughout.
"""

from importlib import import_module
from types import ModuleType

from meanfield import models, units
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
    "FixedPoint",
    "FixedPointSet",
    "Network",
    "PoissonDrive",
    "Sensitivity",
    "WhiteNoiseDrive",
    "__version__",
    "dump",
    "external_rate_for",
    "load",
    "models",
    "sensitivity",
    "solve",
    "solve_all",
    "units",
]

_ON_DEMAND = ("derivations",)  # imported when first used: they need sympy


def __getattr__(name: str) -> ModuleType:
    if name in _ON_DEMAND:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ON_DEMAND])
