"""`solve`: the stationary state of a random rate network as N grows, and its largest Lyapunov exponent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_si
from meanfield.dmft.gaussian import moments
from meanfield.dmft.nonlinearities import Nonlinearity, PiecewiseLinear
from meanfield.dmft.orbit import NODES, Orbit, ground_energy, orbit
from meanfield.dmft.potential import (
    Population,
    Potential,
    chaotic_or_driven_variance,
    largest_static_variance,
)

NODES_OF_BENDS = 256  # noise and bends of φ leave the well a square root in time at lag zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Statistics of x in the stationary state; lags are in units of the time constant.

    Attributes
    ----------
    population : Population
        What was solved.
    mean_input : float
        Mean u of x.
    rate : float
        <φ(x)>.
    c0 : float
        Variance of x, over neurons and time.
    c_inf : float
        Autocovariance at infinite lag: the variance over neurons of their means.
    local_gain : float
        g² <φ'²>: beyond 1 perturbations grow at first (local instability).
    half_width : float
        Lag at which the autocovariance is halfway between c0 and c_inf; infinite for a static state.
    lyapunov : float
        Largest Lyapunov exponent [1/time constant]: λ = -1 + sqrt(1 - E0) (Sompolinsky et al. 1988), E0 the ground
        state of -∂² + 1 - g² <φ'φ'>(τ); of a static state -1 + g sqrt<φ'²>.
    zero_mode : float
        Energy of the operator's mode c'(τ), exactly 0: what is found instead is the numerical error of E0.
    """

    population: Population
    mean_input: float
    rate: float
    c0: float
    c_inf: float
    local_gain: float
    half_width: float
    lyapunov: float
    zero_mode: float
    _orbit: Orbit | None = field(default=None, repr=False, compare=False)

    @property
    def is_chaotic(self) -> bool:
        """Whether the largest Lyapunov exponent is positive."""
        return self.lyapunov > 0.0

    @property
    def is_static(self) -> bool:
        """Whether x does not move."""
        return self._orbit is None

    @property
    def kind(self) -> str:
        """Return "fixed point", "chaos", "driven, stable", "driven, locally unstable" or "driven, chaos"."""
        if self.population.noise == 0.0:
            return "chaos" if self.is_chaotic else "fixed point"
        if self.is_chaotic:
            return "driven, chaos"
        return "driven, locally unstable" if self.local_gain > 1.0 else "driven, stable"

    @property
    def lyapunov_error(self) -> float:
        """Error of the exponent that the error of the zero mode makes likely."""
        return abs(self.zero_mode) / (2.0 * (1.0 + self.lyapunov))

    def autocovariance(self, lags: Any) -> Any:
        """c(τ) = <x(t) x(t + τ)> - u² at lags of any shape.

        Raises
        ------
        TypeError, ValueError
            For lags that are no finite numbers.
        """
        array = as_si("lags", lags, "1")
        if not np.isfinite(array).all():
            raise ValueError("lags must be finite")
        found = np.full(array.shape, self.c0) if self._orbit is None else self._orbit.at(array)
        return float(found) if array.ndim == 0 else found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        p = self.population
        return {
            "g": p.g,
            "phi": p.phi.name,
            "noise": p.noise,
            "bias": p.bias,
            "mean_coupling": p.mean_coupling,
            "kind": self.kind,
            "mean_input": self.mean_input,
            "rate": self.rate,
            "c0": self.c0,
            "c_inf": self.c_inf,
            "local_gain": self.local_gain,
            "half_width": self.half_width if math.isfinite(self.half_width) else None,
            "lyapunov": self.lyapunov,
            "zero_mode": self.zero_mode,
        }


def solve(
    g: Any,
    phi: Any = "tanh",
    *,
    noise: Any = 0.0,
    bias: Any = 0.0,
    mean_coupling: Any = 0.0,
    fixed_indegree: bool = False,
) -> Solution:
    """Solve x_i' = -x_i + Σ_j J_ij φ(x_j) + I + ξ_i for N → ∞, couplings gaussian and independent.

    Parameters
    ----------
    g : float
        √N times the standard deviation of J_ij.
    phi : str, Nonlinearity, sympy expression or (phi, derivative)
        As of `meanfield.dmft.nonlinearity`.
    noise : float
        σ of white noise <ξ(t) ξ(t')> = 2σ² δ(t - t').
    bias, mean_coupling : float
        I, and N times the mean of J_ij: the mean of x is u = I + m <φ>.
    fixed_indegree : bool
        Rows of J have equal sums (such as a fixed number of synapses of each strength): g² <φφ> becomes g² cov(φ, φ).

    Returns
    -------
    Solution
        The chaotic state if there is one, else the static state of largest variance; with noise the only one.

    Raises
    ------
    ValueError, TypeError
        For bad arguments; if activity diverges.

    Notes
    -----
    A network without chaos may have several static states, and one with φ steeper off 0 than at 0 both (Pazó 2024): the
    one of largest variance is returned. λ is that of perturbations off the mean; the mean's own stability is not asked.

    Examples
    --------
    >>> import meanfield as mf
    >>> round(mf.dmft.solve(g=1.5, phi="tanh").lyapunov, 6)
    0.046746
    """
    return solve_population(
        Population.of(g, phi, noise=noise, bias=bias, mean_coupling=mean_coupling, fixed_indegree=fixed_indegree)
    )


def solve_population(population: Population) -> Solution:
    """As `solve`, for a population that is checked already."""
    static = largest_static_variance(population)
    c0 = chaotic_or_driven_variance(population, static)
    return _static(population, static) if c0 is None else _moving(population, c0)


def _static(population: Population, variance: float) -> Solution:
    u = population.mean_input(variance)
    rate, _, slope = moments(population.phi, u, variance)
    gain = population.g**2 * slope
    return Solution(
        population=population,
        mean_input=u,
        rate=rate,
        c0=variance,
        c_inf=variance,
        local_gain=gain,
        half_width=math.inf,
        lyapunov=math.sqrt(gain) - 1.0,
        zero_mode=0.0,
    )


def _moving(population: Population, c0: float) -> Solution:
    potential = Potential.at(population, c0)
    bends = isinstance(population.phi, PiecewiseLinear) and population.noise > 0.0
    path = orbit(potential, population.noise, NODES_OF_BENDS if bends else NODES)
    well = potential.force_slope(path.c)
    edge = float(potential.force_slope(np.array([path.rest]))[0])
    energy = ground_energy(path, well, edge)
    return Solution(
        population=population,
        mean_input=potential.mean_input,
        rate=potential.kernel.mean,
        c0=c0,
        c_inf=path.rest,
        local_gain=population.g**2 * float(potential.kernel.slope(np.array([c0]))[0]),
        half_width=path.half_width(),
        lyapunov=math.sqrt(1.0 - energy) - 1.0,
        zero_mode=_zero_mode(population, potential, path, well, edge),
        _orbit=path,
    )


def _zero_mode(population: Population, potential: Potential, path: Orbit, well: FloatArray, edge: float) -> float:
    """Energy of ψ = c': odd without noise; with noise ψ'(0)/ψ(0) is c''/c' = -h(c0)/σ²."""
    if population.noise == 0.0:
        return ground_energy(path, well, edge, odd=True)
    force = float(potential.force(np.array([path.c0]))[0])
    return ground_energy(path, well, edge, robin=-force / population.noise**2)


__all__ = ["Nonlinearity", "Solution", "solve", "solve_population"]
