"""Neurons that tell excitatory spikes from inhibitory ones, behind a protocol of two moments.

Spikes of each receptor arrive at a total rate, r_e and r_i, and move the potential by J_e = `weight_e` > 0 and
J_i = `weight_i` <= 0. That the rest of the library knows an input by its mean and variance loses nothing, since the map

    mu = tau_m (J_e r_e + J_i r_i),      sigma² = tau_m (J_e² r_e + J_i² r_i)

can be inverted; derivatives go by its transpose, d nu/d r_s = tau_m (J_s d nu/d mu + J_s² d nu/d sigma²), at every
complex frequency. A network whose weights are J_e and J_i thus has the loop gain K d nu/d r_s exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_scalar

_ROUNDING = 1e-6  # of sigma²: by so much a rate may be negative (it is then 0), or sigma² not J_e mu without inhibition
_SAME_WEIGHT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptors:
    """The jumps of the potential that spikes make, and the rates of spikes that have given moments.

    Parameters
    ----------
    tau_m : float
        Membrane time constant [s].
    weight_e, weight_i : float
        Jump J_e > 0 by an excitatory and J_i <= 0 by an inhibitory spike [V]. With J_i = 0 there is excitation alone:
        sigma² is then J_e mu.

    Raises
    ------
    ValueError, TypeError
        For weights of the wrong sign.

    Examples
    --------
    >>> from meanfield.units import ms, mV, Hz
    >>> receptors = Receptors(tau_m=20*ms, weight_e=0.1*mV, weight_i=-0.5*mV)
    >>> mu, sigma = receptors.moments(58_000*Hz, 9_500*Hz)
    >>> round(mu / mV, 6), round(sigma / mV, 6)
    (21.0, 7.687652)
    >>> [round(rate) for rate in receptors.rates(mu, sigma)]
    [58000, 9500]
    """

    tau_m: float
    weight_e: float
    weight_i: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "tau_m", check_scalar("tau_m", self.tau_m, "s", positive=True))
        object.__setattr__(self, "weight_e", check_scalar("weight_e", self.weight_e, "V", positive=True))
        weight_i = check_scalar("weight_i", self.weight_i, "V")
        if weight_i > 0.0:
            raise ValueError(
                f"weight_i must not be positive, since inhibition lowers the potential, got {weight_i!r} V"
            )
        object.__setattr__(self, "weight_i", weight_i)

    def moments(self, rate_e: Any, rate_i: Any) -> tuple[Any, Any]:
        """(mu, sigma) [V] of the input at the total rates r_e and r_i [Hz], floats or arrays that broadcast."""
        a, b = self.weight_e, self.weight_i
        mu = self.tau_m * (a * rate_e + b * rate_i)
        sigma = np.sqrt(self.tau_m * (a * a * rate_e + b * b * rate_i))
        return mu, float(sigma) if np.ndim(sigma) == 0 else sigma

    def rates(self, mu: FloatArray | float, sigma: FloatArray | float) -> tuple[Any, Any]:
        """(r_e, r_i) [Hz] with these moments [V], finite floats or arrays that broadcast.

        A rate that is negative by no more than 1e-6 of its terms is taken as 0: so much for roundings in a sum over
        populations.

        Raises
        ------
        ValueError
            For moments that no rates have, naming them, the weights, and what would do.
        """
        a, b = self.weight_e, self.weight_i
        mu, variance = np.broadcast_arrays(mu, np.square(sigma))
        over_e, over_i = variance - b * mu, variance - a * mu  # r_e and r_i up to positive factors
        slack = _ROUNDING * (variance + np.maximum(a, -b) * np.abs(mu))
        bad = (over_e < -slack) | (over_i < -slack)
        if b == 0.0:
            bad |= (np.abs(over_i) > slack) | (mu < 0.0)
        if bad.any():
            raise ValueError(self._impossible(float(mu[bad].flat[0]), float(np.sqrt(variance[bad].flat[0]))))
        if b == 0.0:
            rate_e = np.maximum(mu, 0.0) / (self.tau_m * a)
            return rate_e[()], np.zeros_like(rate_e)[()]
        scale = 1.0 / (self.tau_m * (a - b))
        return (np.maximum(over_e, 0.0) * (scale / a))[()], (np.maximum(over_i, 0.0) * (scale / -b))[()]

    def by_moments(self, by_e: Any, by_i: Any) -> tuple[Any, Any]:
        """(d nu/d mu, d nu/d sigma²) from (d nu/d r_e, d nu/d r_i), real or complex; without inhibition (.., 0)."""
        a, b = self.weight_e, self.weight_i
        per_e = by_e / (self.tau_m * a)
        if b == 0.0:
            return per_e, 0.0 * per_e
        per_i = by_i / (self.tau_m * b)
        by_variance = (per_e - per_i) / (a - b)
        return per_e - a * by_variance, by_variance

    def by_rates(self, by_mu: Any, by_variance: Any) -> tuple[Any, Any]:
        """(d nu/d r_e, d nu/d r_i) from (d nu/d mu, d nu/d sigma²), real or complex."""
        a, b = self.weight_e, self.weight_i
        return self.tau_m * a * (by_mu + a * by_variance), self.tau_m * b * (by_mu + b * by_variance)

    def _impossible(self, mu: float, sigma: float) -> str:
        a, b = self.weight_e, self.weight_i
        weights = f"weight_e = {a!r} V and weight_i = {b!r} V"
        given = f"no rates of spikes of {weights} have mu = {mu!r} V and sigma = {sigma!r} V"
        if b == 0.0:
            needed = f": without inhibition sigma is sqrt(weight_e mu) = {np.sqrt(a * max(mu, 0.0)):.6g} V, and mu >= 0"
        elif mu > 0.0:
            needed = f": weight_e must be at most sigma²/mu = {sigma * sigma / mu:.6g} V"
        else:
            needed = f": weight_i must be at least sigma²/mu = {sigma * sigma / mu:.6g} V"
        return given + needed


def receptors_of(neuron: Any) -> Receptors | None:
    """Return the receptors of a neuron that has them (its attribute `receptors`), else None."""
    found = getattr(neuron, "receptors", None)
    return found if isinstance(found, Receptors) else None


def check_weights(name: str, receptors: Receptors, weights: FloatArray, source: str) -> None:
    """Raise ValueError if a weight [V] onto population `name` is not its receptor's; `source` says where it is."""
    for weight in weights:
        own = receptors.weight_e if weight > 0.0 else receptors.weight_i
        if abs(weight - own) > _SAME_WEIGHT * abs(own):
            kind = "weight_e" if weight > 0.0 else "weight_i"
            raise ValueError(
                f"weights onto population {name} must be those of its receptors, {kind} = {own!r} V: "
                f"{source} has {float(weight)!r} V (make the network of LIF neurons, then give them receptors)"
            )
