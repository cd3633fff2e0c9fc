"""Balance of excitation and inhibition: when it exists, how it scales, and what state it makes."""

from meanfield.balance.conditions import Condition
from meanfield.balance.driveresponse import StepResponse, drive_response, latency, step_response, uncoupled
from meanfield.balance.inhibition import Crossing, Inhibition, crossing, inhibition
from meanfield.balance.portrait import Portrait, portrait
from meanfield.balance.responsetimes import ResponseTimes, response_times
from meanfield.balance.scaling import Exponent, Scaling, mean_parts, power_law, scaled, scaling
from meanfield.balance.solve import Balance, BalanceError, solve

__all__ = [
    "Balance",
    "BalanceError",
    "Condition",
    "Crossing",
    "Exponent",
    "Inhibition",
    "Portrait",
    "ResponseTimes",
    "Scaling",
    "StepResponse",
    "crossing",
    "drive_response",
    "inhibition",
    "latency",
    "mean_parts",
    "portrait",
    "power_law",
    "response_times",
    "scaled",
    "scaling",
    "solve",
    "step_response",
    "uncoupled",
]
