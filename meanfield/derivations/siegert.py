"""The Siegert formula from the Fokker-Planck equation of the LIF neuron, and the static gains by differentiation."""

from __future__ import annotations

from typing import Any

import sympy as sp

from meanfield.derivations.derivation import Derivation, Step, equation

NAME = "siegert"
TITLE = "The rate of a LIF neuron in white noise: from the Fokker-Planck equation to the Siegert formula"
ASSUMPTIONS = (
    "The membrane potential `V` relaxes with `tau_m` [s] to `mu` [V] under white noise of the amplitude `sigma` [V]; "
    "its free variance is `sigma`²/2.",
    "At the threshold `V_th` the neuron fires, and stays for `t_ref` [s] before it goes on from the reset `V_r`.",
    "The state is stationary; `nu` is the rate [Hz], and `P` the density of `V` while it is not refractory.",
    "Source: Siegert (1951); Ricciardi (1977); Brunel and Hakim (1999).",
)

t, V, mu, u, v = sp.symbols("t V mu u v", real=True)
V_th, V_r, y_th, y_r = sp.symbols("V_th V_r y_th y_r", real=True)
tau_m, sigma, nu, t_ref = sp.symbols("tau_m sigma nu t_ref", positive=True)
P, p, q, f = (sp.Function(name) for name in ("P", "p", "q", "f"))
C_1 = sp.Symbol("C1")  # as dsolve calls it


def build() -> Derivation:
    """Derive rate and gains."""
    drift, diffusion = (mu - V) / tau_m, sigma**2 / tau_m
    density = P(V, t)
    flux = drift * density - (diffusion * density).diff(V) / 2
    fokker_planck = -flux.diff(V).doit()
    stationary = flux.subs(density, P(V)).doit()
    scaled = stationary.subs(P(V).diff(V), (p(u) / sigma).diff(u) / sigma).subs(P(V), p(u) / sigma)
    scaled = sp.expand(tau_m * scaled.subs(V, mu + sigma * u))
    above = sp.dsolve(equation(scaled, nu * tau_m), p(u)).rhs
    above = above.subs(C_1, sp.solve(above.subs(u, y_th), C_1)[0])
    below = sp.dsolve(equation(scaled, 0), p(u)).rhs
    constant = sp.solve((below - above).subs(u, y_r), C_1)[0]
    below = below.subs(C_1, constant)
    weight = sp.integrate(sp.exp(-(v**2)), (v, -sp.oo, u)).rewrite(sp.erf)
    weight = sp.expand(weight)
    quotient_slope = sp.simplify((above * sp.exp(u**2)).diff(u))
    integrand = sp.factor(-quotient_slope * weight)
    mass = sp.Integral(sp.expand(integrand / (sp.sqrt(sp.pi) * nu * tau_m)), (u, y_r, y_th))
    mass = mass.func(sp.factor(mass.function), *mass.limits)
    normalisation = sp.sqrt(sp.pi) * nu * tau_m * mass
    area = sp.Symbol("A")  # solve would look for a closed form of the integral
    (rate_scaled,) = sp.solve((normalisation + nu * t_ref - 1).subs(mass, area), nu)
    limits = {y_th: (V_th - mu) / sigma, y_r: (V_r - mu) / sigma}
    rate = rate_scaled.subs(area, mass.subs(limits))
    interval = 1 / rate.replace(mass.subs(limits), sp.Integral(f(u), (u, limits[y_r], limits[y_th])))
    by_mu, by_sigma = (_gain(interval, variable) for variable in (mu, sigma))
    asymptote = sp.limit(u * mass.function, u, -sp.oo)
    noiseless = _noiseless(asymptote, limits)
    explicit = [gain.replace(f, lambda end: mass.function.subs(u, end)).subs(limits) for gain in (by_mu, by_sigma)]
    steps = (
        Step("The flux of probability is that of the drift and that of the diffusion:", equation(sp.Symbol("S"), flux)),
        Step(
            "The density changes by what flows in, the Fokker-Planck equation:",
            equation(density.diff(t), fokker_planck),
        ),
        Step(
            "In the stationary state the flux is `nu` between `V_r` and `V_th` and 0 below `V_r`. With `u` = (`V` - "
            "`mu`) / `sigma`, `p` the density of `u`, and times `tau_m`, between reset and threshold:",
            equation(scaled, nu * tau_m),
        ),
        Step("Below the reset:", equation(scaled, 0)),
        Step("Solve the first, with an absorbing threshold, `p` = 0 at `y_th`:", equation(p(u), above)),
        Step("Solve the second, continuous at the reset `y_r`:", equation(p(u), below)),
        Step(
            "To normalise, integrate by parts. The integral of the Gaussian from minus infinity is",
            equation(sp.Symbol("G"), weight),
        ),
        Step(
            "and the quotient `q` of `p` and the Gaussian, constant below the reset and 0 at threshold, has above "
            "the reset the slope",
            equation(q(u).diff(u), quotient_slope),
        ),
        Step(
            "The boundary terms vanish, at threshold with `p` and at minus infinity with `G`; what is left is minus "
            "the integral of `G` times that slope. With the probability `nu` `t_ref` of being refractory the sum is 1:",
            equation(normalisation + nu * t_ref, 1),
        ),
        Step("Solve for the rate, with the limits in volts, the Siegert formula:", equation(nu, rate)),
        Step(
            "Differentiate the interval 1/`nu`, of which the limits alone depend on `mu`. With `f` for the "
            "integrand, the gain is",
            equation(sp.Derivative(sp.Function("nu")(mu), mu), by_mu),
        ),
        Step(
            "and for `sigma`, where each end is weighted with its limit:",
            equation(sp.Derivative(sp.Function("nu")(sigma), sigma), by_sigma),
        ),
        Step(
            "Far above threshold both limits are far below 0, where `u` times the integrand tends to the constant `a`,",
            equation(sp.Symbol("a"), asymptote),
        ),
        Step("so that without noise the interval is", equation(1 / nu, noiseless)),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(
            equation(nu, rate),
            equation(sp.Derivative(sp.Function("nu")(mu), mu), by_mu),
            equation(sp.Derivative(sp.Function("nu")(sigma), sigma), by_sigma),
        ),
        quantities={
            "rate": rate,
            "gain_mu": explicit[0],
            "gain_sigma": explicit[1],
            "density": above,
            "density_below": below,
            "rate_noiseless": 1 / noiseless,
        },
    )


def _gain(interval: Any, variable: Any) -> Any:
    """d rate/d variable = -nu² d interval/d variable, in terms of the integrand f at y_th and y_r."""
    slope = sp.expand(interval.diff(variable)).subs({V_th: mu + sigma * y_th, V_r: mu + sigma * y_r})
    return sp.factor(-(nu**2) * sp.expand(sp.simplify(slope)))


def _noiseless(asymptote: Any, limits: Any) -> Any:
    """Interval between spikes once the integrand is the asymptote over u."""
    integral = sp.integrate(asymptote / v, v)
    between = integral.subs(v, -limits[y_th]) - integral.subs(v, -limits[y_r])  # log of the modulus: both are negative
    return t_ref + sp.sqrt(sp.pi) * tau_m * sp.simplify(between)
