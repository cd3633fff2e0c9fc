"""The irregularity of a LIF neuron in white noise, from the moments of its first passage."""

from __future__ import annotations

from typing import Any

import sympy as sp

from meanfield.derivations.derivation import Derivation, Step, equation
from meanfield.derivations.siegert import V_r, V_th, mu, nu, sigma, tau_m, u, v, y_r, y_th

NAME = "cv"
TITLE = "The coefficient of variation of the inter-spike intervals of a LIF neuron in white noise"
ASSUMPTIONS = (
    "The membrane potential relaxes with `tau_m` [s] to `mu` [V] under white noise of the amplitude `sigma` [V]; `u` "
    "is its distance from `mu` over `sigma`, `y_th` that of the threshold and `y_r` that of the reset.",
    "`T` and `M` are the mean and the mean square of the time from `u` to threshold, `Q` = `M` - `T`² its variance; "
    "far below they grow less than the exponential of `u`² does.",
    "The rate `nu` [Hz] includes the refractory period, which is constant and adds nothing to the variance.",
    "Source: Tuckwell (1988); Brunel (2000), appendix A.",
)

T, M, Q, w = (sp.Function(name) for name in ("T", "M", "Q", "w"))


def build() -> Derivation:
    """Derive the CV."""
    mean = _backward(T(u)) + 1
    square = _backward(M(u)) + 2 * T(u)
    mean_slope = _bounded_slope(mean)
    curvature = sp.solve(mean, T(u).diff(u, 2))[0]
    square_curvature = sp.solve(square, M(u).diff(u, 2))[0]
    variance = _backward(M(u) - T(u) ** 2)
    variance = variance.subs(M(u).diff(u, 2), square_curvature).subs(T(u).diff(u, 2), curvature)
    variance_source = sp.simplify(variance)
    weighted = sp.simplify((sp.exp(-(u**2)) * Q(u).diff(u)).diff(u) - 2 * tau_m * sp.exp(-(u**2)) * _backward(Q(u)))
    source = sp.factor(2 * tau_m * sp.exp(-(u**2)) * variance_source.subs(T(u).diff(u), mean_slope))
    inner = sp.Integral(sp.exp(v**2) * (1 + sp.erf(v)) ** 2, (v, -sp.oo, u))
    scale = sp.simplify(source.subs(u, v) / inner.function)
    variance_slope = scale * sp.exp(u**2) * inner
    squared = -scale * nu**2 * sp.Integral(sp.exp(u**2) * inner, (u, y_r, y_th))
    in_volts = squared.subs({y_th: (V_th - mu) / sigma, y_r: (V_r - mu) / sigma})
    cv_squared = sp.Symbol("CV") ** 2
    steps = (
        Step("The mean time to threshold obeys the backward equation:", equation(mean, 0)),
        Step("and the mean square time:", equation(square, 0)),
        Step(
            "Solve the first for the slope of `T`, with the constant that keeps it from growing as the exponential of "
            "`u`² far below:",
            equation(T(u).diff(u), mean_slope),
        ),
        Step(
            "Put `Q` = `M` - `T`² into the left side, with the two equations; all but the slope of `T` cancels:",
            equation(_backward(Q(u)), variance_source),
        ),
        Step(
            "Times twice `tau_m` and the Gaussian, the left side is a derivative (the difference vanishes):",
            equation(
                (sp.exp(-(u**2)) * Q(u).diff(u)).diff(u) - 2 * tau_m * sp.exp(-(u**2)) * _backward(Q(u)), weighted
            ),
        ),
        Step("and the right side, with the slope of `T`:", equation(sp.Symbol("h"), source)),
        Step(
            "so that one integration from minus infinity gives the slope of `Q`:",
            equation(Q(u).diff(u), variance_slope),
        ),
        Step(
            "At threshold `Q` is 0; its value at the reset is the variance of the intervals. Times `nu`², the square "
            "of the coefficient of variation:",
            equation(cv_squared, squared),
        ),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(equation(cv_squared, in_volts),),
        quantities={"cv_squared": squared, "variance_source": variance_source, "mean_slope": mean_slope},
    )


def _backward(moment: Any) -> Any:
    """The backward operator of the membrane potential, drift and diffusion, in units of sigma."""
    return (-u * moment.diff(u) + moment.diff(u, 2) / 2) / tau_m


def _bounded_slope(mean: Any) -> Any:
    """T'(u), a first-order equation, with the part proportional to e^{u²} removed at -infinity."""
    slope = sp.dsolve(mean.subs(T(u).diff(u), w(u)).doit(), w(u)).rhs
    constant = sp.Symbol("C1")
    (bounded,) = sp.solve(sp.limit(sp.expand(slope * sp.exp(-(u**2))), u, -sp.oo), constant)
    return sp.factor(slope.subs(constant, bounded))
