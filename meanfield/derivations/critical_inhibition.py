"""The inhibition from which on a balanced state cannot be lost by a fold."""

from __future__ import annotations

import sympy as sp

from meanfield.derivations import linearised
from meanfield.derivations.derivation import Derivation, Step, equation
from meanfield.derivations.linearised import alpha, kappa, s

NAME = "critical-inhibition"
TITLE = "Critical inhibition: where excitation outgrows the recurrent inhibition of a balanced network"
ASSUMPTIONS = (
    "E and I neurons are alike; each has `C_E` excitatory synapses of the weight `J` [V] and `C_I` inhibitory ones, "
    "`g` times as strong.",
    "`alpha` [1/V] is the slope of the rate with respect to the input [V/s], that is, the membrane time constant times "
    "d rate/d mu; `alpha` `J` is then the number of spikes that one spike adds.",
    "`beta` [1/V²], in the last steps, is the slope with respect to the variance of the input: the membrane time "
    "constant times d rate/d sigma².",
    "The characteristic equation is that of the derivation linearised, with one delay `D` and one time constant `tau`.",
)

g = sp.Symbol("g", real=True)
C_E, C_I, J = sp.symbols("C_E C_I J", positive=True)
beta = sp.Symbol("beta", real=True)
g_c = sp.Symbol("g_c", real=True)
F = sp.Function("F")


def net_gain() -> sp.Expr:
    """Return the static loop gain kappa = alpha J (C_E - g C_I) of the weights J (C_E, -g C_I)."""
    weights = sp.Matrix([[J * C_E, -g * J * C_I]])
    return alpha * J * sp.expand(sum(weights) / J)


def build() -> Derivation:
    """Derive the fold condition and the stability beyond it."""
    characteristic = linearised.characteristic(kappa)
    gain = net_gain()
    at_rest = characteristic.subs(s, 0)
    (critical,) = sp.solve(at_rest.subs(kappa, gain), g)
    distance = sp.factor(at_rest.subs(kappa, gain).subs(C_E, sp.solve(equation(critical, g_c), C_E)[0]))
    slope = characteristic.diff(s)
    growth = -characteristic.subs(kappa, gain).diff(g) / characteristic.subs(kappa, gain).diff(s)
    growth = sp.factor(growth.subs(s, 0).subs(g, critical))
    (upper,) = sp.solve(equation(gain, -1), g)
    beyond = sp.expand(upper - critical)
    noisy = 1 - gain - beta * J**2 * (C_E + g**2 * C_I)
    constant, _, square = reversed(sp.Poly(noisy, g).all_coeffs())
    far = next(root for root in sp.solve(noisy, g) if sp.limit(root, beta, 0, "+") == sp.oo)
    near = sp.simplify(constant / square / far)  # the product of the roots: this form is regular at beta = 0
    shift = sp.factor(near.diff(beta).subs(beta, 0))
    steps = (
        Step("The characteristic equation, with the static loop gain `kappa`:", equation(characteristic, 0)),
        Step("The weights from E and from I are `J` `C_E` and -`g` `J` `C_I`, and so:", equation(kappa, gain)),
        Step(
            "A fold is a root at `s` = 0; there the delay and the time constant drop out:",
            equation(at_rest.subs(kappa, gain), 0),
        ),
        Step("Solve for `g`:", equation(g_c, critical)),
        Step(
            "Away from it, the characteristic function `F` at `s` = 0 is proportional to the distance: negative below "
            "`g_c`, where a positive root must exist since the function grows without bound in `s`, positive above:",
            equation(F(0), distance),
        ),
        Step(
            "For positive `kappa` it increases with real `s`, so that it has no real root from 0 on where it begins "
            "positive; for negative `kappa` it is positive there anyway. Above `g_c` the state is stable against the "
            "fold:",
            equation(F(s).diff(s), slope),
        ),
        Step(
            "At `g_c` the root moves through 0 as inhibition grows, at the rate (by implicit differentiation):",
            equation(sp.Function("s")(g).diff(g), growth),
        ),
        Step(
            "Where `s` has a real part that is not negative, the modulus of 1 + `s` `tau` is at least 1 and that of "
            "the exponential at most 1: no root at all while `kappa` is between -1 and 1. Its lower end is at",
            equation(g, sp.expand(upper)),
        ),
        Step(
            "so that whatever the delay the state is stable from `g_c` on over at least the range below; beyond it "
            "only oscillations can arise (see the derivation hopf):",
            equation(sp.Symbol("Delta_g"), beyond),
        ),
        Step(
            "Spikes add to the variance too, `J`² each from E and `g`² `J`² from I. To the static condition that adds:",
            equation(noisy, 0),
        ),
        Step(
            "It is quadratic in `g`. One root goes to infinity as `beta` vanishes (beyond it the variance that "
            "inhibition brings outweighs its mean); the other one tends to the condition above:",
            equation(g_c, near),
        ),
        Step("To first order in `beta` the fluctuations move it by:", equation(sp.Symbol("delta_g"), beta * shift)),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(equation(g_c, critical), sp.Gt(g, critical, evaluate=False), equation(g_c, near)),
        quantities={
            "g_c": critical,
            "kappa": gain,
            "growth": growth,
            "g_end": upper,
            "g_c_noisy": near,
            "noisy_determinant": noisy,
            "noisy_shift": beta * shift,
        },
    )
