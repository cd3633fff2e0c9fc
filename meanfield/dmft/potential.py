"""The autocorrelation as a particle in a potential: c'' = -dV/dc, V(c; c0) = -c²/2 + g² ∫ f(c) dc.

The force is h(c) = c - g² (f(c) - κ <φ>²), κ = 1 when in-degrees are fixed, else 0. The particle starts at c0 with the
velocity -σ² that white noise gives it and comes to rest on the potential's top c∞, so that c0 is where
∫_{c∞}^{c0} h dc = σ⁴/2 (Sompolinsky, Crisanti & Sommers 1988; Schuecker, Goedeke & Helias 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.optimize import brentq

from meanfield._validate import FloatArray, check_scalar
from meanfield.dmft.gaussian import Kernel, kernel, moments
from meanfield.dmft.nonlinearities import Nonlinearity, nonlinearity

_LARGEST = 1e8  # variances beyond count as divergence
_SMALLEST = 1e-14
_PER_DECADE = 12  # variances tried where static states are looked for
_MEANS = 241  # means tried on each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One population of x' = -x + J φ(x) + I + noise, or several that receive the same (units of the time constant).

    Attributes
    ----------
    g : float
        √N times the standard deviation of a coupling.
    phi : Nonlinearity
    noise : float
        σ of the white noise 2σ²δ(t): σ² is the variance that it alone would give.
    bias : float
        I.
    mean_coupling : float
        N times the mean of a coupling.
    fixed_indegree : bool
        Whether every row of J has the same sum: then inputs do not differ between neurons in their means.
    """

    g: float
    phi: Nonlinearity
    noise: float = 0.0
    bias: float = 0.0
    mean_coupling: float = 0.0
    fixed_indegree: bool = False

    @classmethod
    def of(cls, g: Any, phi: Any, *, noise: Any, bias: Any, mean_coupling: Any, fixed_indegree: Any = False) -> Self:
        """From arguments as of `meanfield.dmft.solve`; ValueError or TypeError for bad ones."""
        return cls(
            g=check_scalar("g", g, "1", nonnegative=True),
            phi=nonlinearity(phi),
            noise=check_scalar("noise", noise, "1", nonnegative=True),
            bias=check_scalar("bias", bias, "1"),
            mean_coupling=check_scalar("mean_coupling", mean_coupling, "1"),
            fixed_indegree=bool(fixed_indegree),
        )

    def static_excess(self, variance: float) -> float:
        """Return c0 - g² var φ, zero in a static state without noise."""
        mean, square, _ = moments(self.phi, self.mean_input(variance), variance)
        return variance - self.g**2 * (square - self.fixed_indegree * mean**2)

    def mean_input(self, variance: float) -> float:
        """Return u = I + m <φ>: of several solutions the one nearest to I.

        Raises
        ------
        ValueError
            If there is none: excitation runs away.
        """
        if self.mean_coupling == 0.0:
            return self.bias

        def excess(u: float) -> float:
            return u - self.bias - self.mean_coupling * moments(self.phi, u, variance)[0]

        here = excess(self.bias)
        if here == 0.0:
            return self.bias
        direction = -math.copysign(1.0, here)
        reach = max(1e-3, abs(here))
        near = self.bias
        while reach < _LARGEST:
            far = self.bias + direction * reach
            if excess(far) * here <= 0.0:
                return float(brentq(excess, near, far, xtol=1e-15, rtol=1e-15))
            near, reach = far, 1.3 * reach
        raise ValueError(
            f"the mean input runs away with mean_coupling = {self.mean_coupling!r}: no state is stationary"
        )


@dataclass(frozen=True, slots=True)
class Potential:
    """The force h at one c0, and where the particle comes to rest."""

    kernel: Kernel
    g: float
    offset: float  # κ <φ>²
    mean_input: float

    @classmethod
    def at(cls, population: Population, variance: float) -> Potential:
        """Build it for a population whose x has this variance."""
        u = population.mean_input(variance)
        found = kernel(population.phi, u, variance)
        return cls(found, population.g, population.fixed_indegree * found.mean**2, u)

    def force(self, c: FloatArray) -> FloatArray:
        """h(c), which is c''."""
        return c - self.g**2 * (self.kernel.value(c) - self.offset)

    def force_slope(self, c: FloatArray) -> FloatArray:
        """h'(c) = 1 - g² <φ'φ'>."""
        return 1.0 - self.g**2 * self.kernel.slope(c)

    def work(self, low: float, high: float) -> float:
        """∫ h dc from `low` to `high`."""
        c = np.array([low, high])
        total = 0.5 * c**2 - self.g**2 * (self.kernel.integral(c) - self.offset * c)
        return float(total[1] - total[0])

    def rest(self) -> float:
        """c∞: the least zero of h, or where h is largest if it has none (h is concave)."""
        c, end = 0.0, self.kernel.variance
        for _ in range(200):  # Newton's method from the left cannot pass the first zero of what is concave
            at = np.array([c])
            force, slope = float(self.force(at)[0]), float(self.force_slope(at)[0])
            if force >= 0.0 or -force < 1e-16 * c:
                return c
            if slope <= 0.0 or c - force / slope >= end or c - force / slope == c:
                break
            c -= force / slope

        def tilt(c: float) -> float:
            return float(self.force_slope(np.array([c]))[0])

        if tilt(0.0) <= 0.0:
            return 0.0
        return end if tilt(end) >= 0.0 else float(brentq(tilt, 0.0, end, xtol=1e-300, rtol=1e-15))

    def excess(self, noise: float) -> float:
        """∫ h dc - σ⁴/2, over c0²: zero at the solution, negative where c0 is too small."""
        c0 = self.kernel.variance
        return (self.work(self.rest(), c0) - 0.5 * noise**4) / c0**2


def largest_static_variance(population: Population) -> float:
    """Largest c0 with c0 = g² var φ, without noise; 0 if there is none but that, infinity if it diverges."""
    decades = np.arange(math.log10(_LARGEST), math.log10(_SMALLEST), -1.0 / _PER_DECADE)
    above = _LARGEST
    if population.static_excess(above) < 0.0:
        return math.inf
    for variance in 10.0 ** decades[1:]:
        if population.static_excess(variance) < 0.0:
            return float(brentq(population.static_excess, variance, above, xtol=1e-300, rtol=1e-15))
        above = float(variance)
    return 0.0


def chaotic_or_driven_variance(population: Population, static: float) -> float | None:
    """c0 of the solution that moves; None if only the static state is there.

    Searched downwards: from the static variance without noise (c0 is below, since c'' < 0 there), from above all
    with noise.

    Raises
    ------
    ValueError
        If the variance that the network makes exceeds any c0: its activity diverges.
    """
    noise = population.noise

    def excess(variance: float) -> float:
        return Potential.at(population, variance).excess(noise)

    if math.isinf(static):
        high = _LARGEST
        if excess(high) <= 0.0:
            raise ValueError(
                f"activity diverges: at g = {population.g!r} {population.phi.name} makes more variance than it gets"
            )
    elif noise == 0.0:
        if static == 0.0 or float(Potential.at(population, static).force_slope(np.array([static]))[0]) >= 0.0:
            return None
        high = static
        if excess(high) <= 0.0:  # so near the transition that rounding hides what moves
            return None
    else:
        high = max(static, noise**2)
        while excess(high) <= 0.0:
            high *= 1.5
    low, shrink = high, 0.02
    while excess(low := low * (1.0 - shrink)) > 0.0:
        high, shrink = low, min(2.0 * shrink, 0.5)
        if low < _SMALLEST * 1e-6:
            return None
    return float(brentq(excess, low, high, xtol=1e-300, rtol=1e-14))
