"""Networks of excitation and inhibition with Dale's law: one population where all neurons receive the same, or `dale`.

Kadmon & Sompolinsky (2015); Mastrogiuseppe & Ostojic (2017), who find two transitions: to fluctuations around a finite
mean, and to fluctuations that only the saturation of φ bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.dmft.gaussian import moments
from meanfield.dmft.nonlinearities import THRESHOLD_LINEAR
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
    return Population.of(
        j * math.sqrt((1.0 - p) * (excitatory + g**2 * inhibitory)),
        phi,
        noise=noise,
        bias=bias,
        mean_coupling=float(j * (excitatory - g * inhibitory)),
        fixed_indegree=True,
    )


def dale(indegrees: Any, strengths: Any, fractions: Any, *, n: Any = math.inf) -> tuple[FloatArray, FloatArray]:
    """Return gains and means, for `solve_populations`, of populations that obey Dale's law.

    Each neuron of population a has K_ab synapses of strength J_ab from the N_b = α_b N neurons of population b, so that
    entries of J have the mean p J_ab and the variance p (1 - p) J_ab² with p = K_ab/N_b: m_ab = K_ab J_ab/α_b and
    g_ab² = (1 - p) K_ab J_ab²/α_b. They are not Gaussian, which makes a difference of the order of 1/K.

    Parameters
    ----------
    indegrees : array_like
        K_ab, (P, P), [target, source].
    strengths : array_like
        J_ab, (P, P); those from one population have one sign.
    fractions : array_like
        α_b, (P,).
    n : float
        N; by default infinite, for p = 0.

    Returns
    -------
    gains, means : ndarray
        g_ab and m_ab, (P, P).

    Raises
    ------
    ValueError, TypeError
        For bad shapes and values; for strengths from a population that are of both signs; for more synapses than
        neurons to come from.

    Examples
    --------
    >>> gains, means = dale([[80, 20], [80, 20]], [[0.1, -0.5], [0.1, -0.6]], [0.8, 0.2])
    >>> gains.round(3).tolist(), means.round(3).tolist()
    ([[1.0, 5.0], [1.0, 6.0]], [[10.0, -50.0], [10.0, -60.0]])
    """
    alpha = check("fractions", fractions, "1", positive=True)
    if alpha.ndim != 1 or abs(alpha.sum() - 1.0) > 1e-9:
        raise ValueError(f"fractions must be parts of the neurons whose sum is 1, got {fractions!r}")
    shape = (alpha.size, alpha.size)
    k = check("indegrees", indegrees, "1", nonnegative=True, shape=shape, shape_words="[target, source]")
    j = check("strengths", strengths, "1", shape=shape, shape_words="[target, source]")
    mixed = (j > 0.0).any(axis=0) & (j < 0.0).any(axis=0)
    if mixed.any():
        column = int(np.argmax(mixed))
        raise ValueError(f"strengths from one population must have one sign, got {j[:, column].tolist()} from {column}")
    size = float(n)
    probability = k / (alpha * size)
    if not (probability <= 1.0).all():
        raise ValueError(f"indegrees must be at most the number of neurons of their source, n = {n!r} is too few")
    return np.sqrt((1.0 - probability) * k * j**2 / alpha), k * j / alpha


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
