"""Discrete time: x_i(t+1) = Σ_j J_ij φ(x_j(t)) + I + ξ_i(t) (Molgedey, Schuchhardt & Schuster 1992)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from meanfield.dmft.gaussian import kernel, moments
from meanfield.dmft.potential import Population

_LARGEST, _SMALLEST = 1e8, 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscreteSolution:
    """Stationary statistics of the map; the autocovariance is `c0` at lag zero and `c_inf` at all others.

    Attributes
    ----------
    population : Population
        What was solved; `noise` is the standard deviation of ξ at each step.
    mean_input, rate : float
        Mean of x, and <φ(x)>.
    c0, c_inf : float
        Variance of x, and the part of it that does not change in time.
    lyapunov : float
        Largest exponent a step, λ = ln(g² <φ'²>)/2; minus infinity if nothing is transmitted.
    """

    population: Population
    mean_input: float
    rate: float
    c0: float
    c_inf: float
    lyapunov: float

    @property
    def is_chaotic(self) -> bool:
        """Whether the exponent is positive."""
        return self.lyapunov > 0.0


def solve_discrete(
    g: Any, phi: Any = "tanh", *, noise: Any = 0.0, bias: Any = 0.0, mean_coupling: Any = 0.0
) -> DiscreteSolution:
    """Solve the map for N → ∞: c0 = g² <φ²> + σ², and c∞ the stable fixed point of c → g² <φφ>(c).

    Parameters
    ----------
    g, phi, bias, mean_coupling
        As of `meanfield.dmft.solve`.
    noise : float
        Standard deviation σ of the gaussian noise of each step.

    Raises
    ------
    ValueError, TypeError
        For bad arguments; if activity diverges.

    Examples
    --------
    >>> round(solve_discrete(1.5).lyapunov, 6)
    0.065217
    """
    population = Population.of(g, phi, noise=noise, bias=bias, mean_coupling=mean_coupling)
    c0 = _variance(population)
    u = population.mean_input(c0)
    rate, _, slope = moments(population.phi, u, c0)
    gain = population.g**2 * slope
    return DiscreteSolution(
        population=population,
        mean_input=u,
        rate=rate,
        c0=c0,
        c_inf=_static_part(population, u, c0),
        lyapunov=0.5 * math.log(gain) if gain > 0.0 else -math.inf,
    )


def _variance(population: Population) -> float:
    """Largest c0 = g² <φ²> + σ²."""

    def excess(c0: float) -> float:
        return population.static_excess(c0) - population.noise**2

    above = _LARGEST
    if excess(above) < 0.0:
        raise ValueError(
            f"activity diverges: at g = {population.g!r} {population.phi.name} makes more variance than it gets"
        )
    for c0 in np.geomspace(_LARGEST, _SMALLEST, 265)[1:]:
        if excess(float(c0)) < 0.0:
            return float(brentq(excess, c0, above, xtol=1e-300, rtol=1e-15))
        above = float(c0)
    return 0.0


def _static_part(population: Population, u: float, c0: float) -> float:
    """Where c → g² f(c) ends from 0: the least fixed point, by Newton's method on a concave function."""
    if c0 == 0.0:
        return 0.0
    found, g2, c = kernel(population.phi, u, c0), population.g**2, 0.0
    for _ in range(200):
        at = np.array([c])
        force, slope = c - g2 * float(found.value(at)[0]), 1.0 - g2 * float(found.slope(at)[0])
        if force >= 0.0 or slope <= 0.0 or c - force / slope == c:
            break
        c = min(c - force / slope, c0)
    return c
