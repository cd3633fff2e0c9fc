"""Balance of excitation and inhibition: when it exists, how it scales and how tight it is, and what state it makes."""

from meanfield.balance.conditions import Condition
from meanfield.balance.currents import CurrentSpectra, current_spectra, loop_sensitivity
from meanfield.balance.driveresponse import StepResponse, drive_response, latency, step_response, uncoupled
from meanfield.balance.inhibition import Crossing, Inhibition, crossing, inhibition
from meanfield.balance.portrait import Portrait, portrait
from meanfield.balance.responsetimes import ResponseTimes, response_times
from meanfield.balance.scaling import Exponent, Scaling, mean_parts, power_law, scaled, scaling
from meanfield.balance.solve import Balance, BalanceError, solve
from meanfield.balance.tightness import Tightness, tightness

__all__ = [
    "Balance",
    "BalanceError",
    "Condition",
    "Crossing",
    "CurrentSpectra",
    "Exponent",
    "Inhibition",
    "Portrait",
    "ResponseTimes",
    "Scaling",
    "StepResponse",
    "Tightness",
    "crossing",
    "current_spectra",
    "drive_response",
    "inhibition",
    "latency",
    "loop_sensitivity",
    "mean_parts",
    "portrait",
    "power_law",
    "response_times",
    "scaled",
    "scaling",
    "solve",
    "step_response",
    "tightness",
    "uncoupled",
]
