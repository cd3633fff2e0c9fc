"""Mean-field theory and stability of balanced networks of spiking neurons.

Quantities are plain floats in SI units (`meanfield.units` helps to write them), matrices are [target, source], and
y = (V - mu)/sigma throughout.
"""

from importlib import import_module
from types import ModuleType

from meanfield import balance, binary, models, parameters, plasticity, randommatrix, spikecoding, units
from meanfield.balance import portrait
from meanfield.continuation import Branch, Line, SpecialPoint, branch, fold_line, hopf_line
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
from meanfield.fluctuations import (
    ColouredSpectrum,
    Correlations,
    NoiseSuppression,
    SteppedState,
    WindowedNoise,
    coloured_spectrum,
    correlations,
    cross_correlation,
    noise_suppression,
    power_spectra,
    stepped_state,
    windowed_noise,
)
from meanfield.heterogeneity import RateDistribution, rate_distribution
from meanfield.io import dump, load
from meanfield.network import ConstantDrive, Network, PoissonDrive, WhiteNoiseDrive
from meanfield.neurons.binary import Binary
from meanfield.neurons.lif import LIF
from meanfield.neurons.lif_conductance import LIFConductance
from meanfield.neurons.lif_filtered import LIFFiltered
from meanfield.neurons.lif_shot import LIFShot
from meanfield.neurons.nonlinear import EIF, QIF
from meanfield.neurons.transfer_curve import CurveChange, TransferCurve, current_curve, synaptic_curve, transfer_curve
from meanfield.phasediagram import boundaries, phase_diagram
from meanfield.response import loop_gain
from meanfield.stability import Stability, StabilityError, stability
from meanfield.synapses import with_conductances, with_filtered_currents, with_finite_jumps

__version__ = "0.1.0"

__all__ = [
    "EIF",
    "LIF",
    "QIF",
    "Binary",
    "Branch",
    "ColouredSpectrum",
    "ConstantDrive",
    "ConvergenceError",
    "Correlations",
    "CurveChange",
    "ExponentialDelay",
    "FixedDelay",
    "FixedPoint",
    "FixedPointSet",
    "GaussianDelay",
    "LIFConductance",
    "LIFFiltered",
    "LIFShot",
    "Line",
    "Network",
    "NoiseSuppression",
    "PoissonDrive",
    "RateDistribution",
    "Sensitivity",
    "SpecialPoint",
    "Stability",
    "StabilityError",
    "SteppedState",
    "TransferCurve",
    "UniformDelay",
    "WhiteNoiseDrive",
    "WindowedNoise",
    "__version__",
    "balance",
    "binary",
    "boundaries",
    "branch",
    "coloured_spectrum",
    "correlations",
    "cross_correlation",
    "current_curve",
    "dump",
    "external_rate_for",
    "fold_line",
    "hopf_line",
    "load",
    "loop_gain",
    "models",
    "noise_suppression",
    "parameters",
    "phase_diagram",
    "plasticity",
    "portrait",
    "power_spectra",
    "randommatrix",
    "rate_distribution",
    "sensitivity",
    "solve",
    "solve_all",
    "spikecoding",
    "stability",
    "stepped_state",
    "synaptic_curve",
    "transfer_curve",
    "units",
    "windowed_noise",
    "with_conductances",
    "with_filtered_currents",
    "with_finite_jumps",
]

_ON_DEMAND = ("derivations", "dmft")  # imported when first used: they need sympy, or scipy.optimize


def __getattr__(name: str) -> ModuleType:
    if name in _ON_DEMAND:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ON_DEMAND])
