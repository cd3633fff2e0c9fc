"""Balance of excitation and inhibition: when it exists, how it scales, and what state it makes."""

from meanfield.balance.conditions import Condition
from meanfield.balance.inhibition import Crossing, Inhibition, crossing, inhibition
from meanfield.balance.portrait import Portrait, portrait
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
    "Scaling",
    "crossing",
    "inhibition",
    "mean_parts",
    "portrait",
    "power_law",
    "scaled",
    "scaling",
    "solve",
]
