"""Fast oscillations of a network dominated by inhibition: the Hopf condition of a delayed negative feedback."""

from __future__ import annotations

import math

import sympy as sp

from meanfield.derivations import linearised
from meanfield.derivations.critical_inhibition import g, net_gain
from meanfield.derivations.derivation import Derivation, Step, equation
from meanfield.derivations.linearised import D, s, tau

NAME = "hopf"
TITLE = "Hopf condition: the oscillation that delayed inhibition sets off"
ASSUMPTIONS = (
    "The characteristic equation is that of the derivation linearised, for E and I neurons that are alike.",
    "Inhibition dominates: the static loop gain `kappa` is negative, and `k` = -`kappa` is positive.",
    "`tau` is the time constant, `D` the delay [s], `omega` the angular frequency [rad/s].",
)

k, omega, epsilon, x = sp.symbols("k omega epsilon x", positive=True)
cosine, sine = sp.symbols("c_omega s_omega", real=True)
k_c, g_H, x_c, f_c, omega_c = sp.symbols("k_c g_H x_c f_c omega_c")

EXAMPLE = {tau: 0.02, D: 0.0015}  # those of Brunel (2000), model A [s]


def build() -> Derivation:
    """Derive frequency and critical gain."""
    characteristic = linearised.characteristic(-k)
    on_axis = sp.expand_complex(characteristic.subs(s, sp.I * omega))
    real, imaginary = (
        part.subs({sp.cos(omega * D): cosine, sp.sin(omega * D): sine}) for part in on_axis.as_real_imag()
    )
    phase = sp.solve([real, imaginary], [cosine, sine])
    tangent = phase[sine] / phase[cosine]
    (critical,) = sp.solve(phase[sine] ** 2 + phase[cosine] ** 2 - 1, k)
    crossing = _crossing_velocity(characteristic)
    condition = omega * tau * sp.cos(omega * D) + sp.sin(omega * D)
    scaled = sp.expand(condition.subs({tau: D / epsilon}).subs(omega, x / D) * epsilon)
    fast = _fast_solution(scaled)
    fast_gain = sp.series(critical.subs({tau: D / epsilon}).subs(omega, fast / D) * epsilon, epsilon, 0, 2).removeO()
    fast_gain = sp.expand((fast_gain / epsilon).subs(epsilon, D / tau))
    fast_omega = sp.expand(fast.subs(epsilon, D / tau) / D)
    (inhibition,) = sp.solve(equation(-net_gain(), k), g)
    example_omega, example_gain = _example(condition, critical)
    steps = (
        Step("The characteristic equation with `k` = -`kappa`:", equation(characteristic, 0)),
        Step(
            "On the imaginary axis, at `s` = i `omega`, with `c_omega` and `s_omega` for cosine and sine of `omega` "
            "`D`, the real part:",
            equation(real, 0),
        ),
        Step("and the imaginary part:", equation(imaginary, 0)),
        Step("They are linear in cosine and sine. The cosine:", equation(sp.cos(omega * D), phase[cosine])),
        Step(
            "The sine; it is positive and the cosine negative, so that the first frequency is where `omega` `D` is "
            "between a quarter and half a turn:",
            equation(sp.sin(omega * D), phase[sine]),
        ),
        Step("Their quotient has no `k`: it is the condition for the frequency,", equation(sp.tan(omega * D), tangent)),
        Step("and their squares add up to 1, which gives the critical gain:", equation(k_c, critical)),
        Step(
            "By implicit differentiation of the characteristic equation, the real part `lambda` of the root grows with "
            "`k` wherever it is on the axis: every crossing is into instability, and the smallest critical gain, "
            "that of the lowest frequency, is where the state loses its stability.",
            equation(sp.Function("lambda")(k).diff(k), crossing),
        ),
        Step(
            "For delays that are short, write `x` = `omega` `D` and `epsilon` = `D` / `tau`; the condition becomes:",
            equation(scaled, 0),
        ),
        Step("Solve it by a power series in `epsilon`, order by order:", equation(x_c, fast + sp.O(epsilon**3))),
        Step("The frequency of fast oscillations, a period of nearly four delays:", equation(omega_c, fast_omega)),
        Step("and their critical gain, large as the time constant over the delay:", equation(k_c, fast_gain)),
        Step(
            "With the weights `J` `C_E` and -`g` `J` `C_I` the critical gain is reached at the inhibition:",
            equation(g_H, inhibition.subs(k, k_c)),
        ),
        Step(
            "An example: `tau` = 20 ms and `D` = 1.5 ms. The first root, found numerically [Hz]:",
            equation(f_c, example_omega),
        ),
        Step("and the critical gain:", equation(k_c, example_gain)),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(
            equation(sp.tan(omega * D), tangent),
            equation(k_c, critical),
            equation(g_H, inhibition.subs(k, k_c)),
            equation(omega_c, fast_omega),
        ),
        quantities={
            "condition": condition,
            "k_c": critical,
            "g_H": inhibition,
            "omega_fast": fast_omega,
            "k_fast": fast_gain,
            "crossing": crossing,
        },
    )


def _crossing_velocity(characteristic: sp.Expr) -> sp.Expr:
    """Re ds/dk on the imaginary axis, the exponential eliminated by the equation itself."""
    velocity = -characteristic.diff(k) / characteristic.diff(s)
    (exponential,) = sp.solve(characteristic.subs(sp.exp(-s * D), x), x)
    on_axis = velocity.subs(sp.exp(-s * D), exponential).subs(s, sp.I * omega)
    return sp.factor(sp.simplify(sp.re(sp.expand_complex(on_axis))))


def _fast_solution(scaled: sp.Expr) -> sp.Expr:
    """x to second order in epsilon, from x = pi/2 at epsilon = 0."""
    solution: sp.Expr = sp.pi / 2
    unknown = sp.Symbol("a")
    for order in (1, 2):
        trial = sp.series(scaled.subs(x, solution + unknown * epsilon**order), epsilon, 0, order + 1).removeO()
        (coefficient,) = sp.solve(sp.expand(trial).coeff(epsilon, order), unknown)
        solution += coefficient * epsilon**order
    return solution


def _example(condition: sp.Expr, critical: sp.Expr) -> tuple[sp.Float, sp.Float]:
    """Frequency [Hz] and critical gain of the example, by bisection on the numerical condition."""
    from scipy.optimize import brentq

    delay = float(EXAMPLE[D])
    residual = sp.lambdify(omega, condition.subs(EXAMPLE))
    root = brentq(residual, 0.5 * math.pi / delay, math.pi / delay, xtol=1e-12 / delay)
    gain = critical.subs(EXAMPLE).subs(omega, root)
    return sp.Float(root / (2 * math.pi), 6), sp.Float(gain, 6)
