"""Networks of excitation and inhibition with Dale's law whose neurons all receive the same: one population.

Kadmon & Sompolinsky (2015); Mastrogiuseppe & Ostojic (2017), who find two transitions: to fluctuations around a finite
mean, and to fluctuations that only the saturation of φ bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from scipy.optimize import brentq

from meanfield._validate import check, check_scalar
from meanfield.dmft.gaussian import moments
from meanfield.dmft.nonlinearities import THRESHOLD_LINEAR, nonlinearity
from meanfield.dmft.potential import Population, Potential


def excitation_inhibition(
    coupling: Any,
    indegrees: Any,
    inhibition: Any,
    phi: Any = "threshold-linear",
    *,
    bias: Any = 0.0,
    noise: Any = 0.0,
    probability: Any = 0.0,
) -> Population:
    """Return the population that excitatory and inhibitory neurons with equal, fixed in-degrees are.

    Synapses have strength J from C_E excitatory and -g J from C_I inhibitory neurons (Mastrogiuseppe & Ostojic 2017):
    g² becomes J² (C_E + g² C_I), the mean coupling J (C_E - g C_I); `meanfield.dmft.solve_population` solves it.

    Parameters
    ----------
    coupling : float
        J.
    indegrees : (float, float)
        C_E and C_I.
    inhibition : float
        g.
    phi, bias, noise
        As of `meanfield.dmft.solve`.
    probability : float
        Of a connection, C/N: neurons that share sources fluctuate together, which leaves 1 - p of g². 0 as N → ∞.

    Raises
    ------
    ValueError, TypeError
        For bad arguments.

    Examples
    --------
    >>> excitation_inhibition(0.1, (80, 20), 5.0).mean_coupling
    -2.0
    """
    j, g = check_scalar("coupling", coupling, "1", nonnegative=True), check_scalar("inhibition", inhibition, "1")
    excitatory, inhibitory = check("indegrees", indegrees, "1", nonnegative=True, shape=(2,))
    p = check_scalar("probability", probability, "1", nonnegative=True)
    if p > 1.0:
        raise ValueError(f"probability must be at most 1, got {p!r}")
    return Population(
        g=j * math.sqrt((1.0 - p) * (excitatory + g**2 * inhibitory)),
        phi=nonlinearity(phi),
        noise=check_scalar("noise", noise, "1", nonnegative=True),
        bias=check_scalar("bias", bias, "1"),
        mean_coupling=float(j * (excitatory - g * inhibitory)),
        fixed_indegree=True,
    )


def critical_coupling(indegrees: Any, inhibition: Any, phi: Any = "threshold-linear", *, bias: Any = 1.0) -> float:
    """Coupling J at which the network's uniform fixed point turns unstable: the first transition.

    Raises
    ------
    ValueError, TypeError
        For bad arguments, or if it is stable up to J = 1000.
    """

    def excess(j: float) -> float:
        population = excitation_inhibition(j, indegrees, inhibition, phi, bias=bias)
        slope = moments(population.phi, population.mean_input(0.0), 0.0)[2]
        return population.g**2 * slope - 1.0

    return _first_zero(excess, "instability of the uniform state")


def divergence_coupling(indegrees: Any, inhibition: Any) -> float:
    """Coupling J beyond which only saturation of φ bounds the fluctuations: the second transition.

    There mean and variance of a threshold-linear network diverge together, so that inputs no longer count.

    Raises
    ------
    ValueError, TypeError
        For bad arguments, or if there is none up to J = 1000.
    """

    def excess(j: float) -> float:
        population = excitation_inhibition(j, indegrees, inhibition, THRESHOLD_LINEAR)
        return -Potential.at(population, 1.0).excess(0.0)

    return _first_zero(excess, "divergence")


def _first_zero(excess: Callable[[float], float], what: str) -> float:
    low, high = 1e-4, 1.2e-4
    while excess(high) <= 0.0:
        low, high = high, 1.2 * high
        if high > 1e3:
            raise ValueError(f"no {what} up to a coupling of 1000")
    return float(brentq(excess, low, high, xtol=1e-15, rtol=1e-14))
