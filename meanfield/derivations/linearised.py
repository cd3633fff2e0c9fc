"""Two populations of rate units with delay, linearised: det(1 - L(s)) = 0, and its roots where E and I are alike."""

from __future__ import annotations

from typing import Any

import sympy as sp

from meanfield.derivations.derivation import Derivation, Step, equation

NAME = "linearised"
TITLE = "The linearised model of two populations with delay, and its characteristic equation"
ASSUMPTIONS = (
    "Populations E and I fire at the rates `r_E` and `r_I` [Hz], which relax with the time constants `tau_E` and "
    "`tau_I` [s] to what the transfer functions `phi_E` and `phi_I` answer to the input [V/s].",
    "Spikes arrive after the delay `D` [s]; the weights `W_EE`, `W_EI`, `W_IE`, `W_II` [V] are [target, source], "
    "summed over synapses, negative for inhibition; `x_E` and `x_I` [V/s] come from outside.",
    "The state is stationary at `nu_E` and `nu_I`; `alpha_E` and `alpha_I` [1/V] are the slopes of the transfer "
    "functions there: of a LIF neuron, its membrane time constant times d rate/d mu.",
)

t = sp.Symbol("t", real=True)
s = sp.Symbol("s")
tau, D, alpha = sp.symbols("tau D alpha", positive=True)
tau_E, tau_I, alpha_E, alpha_I = sp.symbols("tau_E tau_I alpha_E alpha_I", positive=True)
W_EE, W_EI, W_IE, W_II, W_E, W_I, kappa = sp.symbols("W_EE W_EI W_IE W_II W_E W_I kappa", real=True)
nu_E, nu_I, x_E, x_I, a_E, a_I, epsilon = sp.symbols("nu_E nu_I x_E x_I a_E a_I epsilon", real=True)
n = sp.Symbol("n", integer=True)
r_E, r_I, phi_E, phi_I = (sp.Function(name) for name in ("r_E", "r_I", "phi_E", "phi_I"))


def characteristic(strength: Any) -> Any:
    """Return the characteristic function 1 + s tau - kappa e^{-sD} of like populations, for a given kappa."""
    return _reduced(_loop_gain(_linear_system(*_residuals())))[0].subs(kappa, strength)


def build() -> Derivation:
    """Derive the characteristic equation."""
    residuals = _residuals()
    perturbed = [_perturb(residual) for residual in residuals]
    system = _linear_system(*residuals)
    loop_gain = _loop_gain(system)
    determinant = _determinant(loop_gain)
    reduced, product, alike_gain = _reduced(loop_gain)
    (root,) = sp.solve(reduced, s)
    branches = root.replace(sp.LambertW, lambda z: sp.LambertW(z, n))
    zero = sp.zeros(2, 1)
    steps = (
        Step("The rate of E relaxes to what its neurons answer to the delayed rates:", _equation_of_motion(0)),
        Step("And that of I:", _equation_of_motion(1)),
        Step(
            "Perturb the stationary rates by `epsilon` times amplitudes `a_E` and `a_I` that grow as the exponential "
            "of `s` `t`, and keep the first order in `epsilon`, the derivative at 0. For E:",
            equation(perturbed[0], 0),
        ),
        Step("For I:", equation(perturbed[1], 0)),
        Step(
            "Divide by the exponential; the amplitudes solve a linear system:",
            equation(sp.MatMul(system.as_immutable(), sp.ImmutableMatrix([a_E, a_I]), evaluate=False), zero),
        ),
        Step(
            "Divide each row by its relaxation, 1 + `s` `tau_E` or 1 + `s` `tau_I`: the system is 1 - `L`, where `L` "
            "is the loop gain:",
            equation(sp.Symbol("L"), loop_gain),
        ),
        Step(
            "There is a solution other than 0 where the determinant vanishes, the characteristic equation:",
            equation(determinant, 0),
        ),
        Step(
            "Let the neurons of E and I be alike, so that both have `tau`, `alpha` and the inputs `W_E` from E and "
            "`W_I` from I. The loop gain has two equal rows:",
            equation(sp.Symbol("L"), alike_gain),
        ),
        Step(
            "so that it has rank one: its determinant vanishes,", equation(sp.Function("det")(sp.Symbol("L")), product)
        ),
        Step(
            "and det(1 - `L`) = 1 - tr `L`. Times 1 + `s` `tau`, with the static loop gain `kappa` = `alpha` (`W_E` + "
            "`W_I`), one root equation is left:",
            equation(reduced, 0),
        ),
        Step("Its roots are the branches `n` of the Lambert function:", equation(s, branches)),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(equation(determinant, 0), equation(reduced, 0), equation(s, branches)),
        quantities={"determinant": determinant, "loop_gain": loop_gain, "characteristic": reduced, "root": branches},
    )


def _residuals() -> tuple[Any, Any]:
    """Left minus right sides of the two equations of motion."""
    late_E, late_I = r_E(t - D), r_I(t - D)
    return (
        tau_E * r_E(t).diff(t) + r_E(t) - phi_E(W_EE * late_E + W_EI * late_I + x_E),
        tau_I * r_I(t).diff(t) + r_I(t) - phi_I(W_IE * late_E + W_II * late_I + x_I),
    )


def _equation_of_motion(population: int) -> sp.Basic:
    change = (tau_E * r_E(t).diff(t), tau_I * r_I(t).diff(t))[population]
    return equation(change, change - _residuals()[population])


def _perturb(residual: Any) -> Any:
    """First order of a residual in a perturbation of the stationary state."""
    moved = residual.replace(r_E, lambda time: nu_E + epsilon * a_E * sp.exp(s * time))
    moved = moved.replace(r_I, lambda time: nu_I + epsilon * a_I * sp.exp(s * time)).doit()
    slope = alpha_E if residual.has(phi_E) else alpha_I
    return moved.diff(epsilon).subs(epsilon, 0).replace(lambda term: isinstance(term, sp.Subs), lambda term: slope)


def _linear_system(*residuals: Any) -> Any:
    """The matrix that multiplies the amplitudes, once the exponential is divided out."""
    first_orders = [sp.expand(sp.expand(_perturb(residual)) * sp.exp(-s * t)) for residual in residuals]
    return sp.linear_eq_to_matrix(first_orders, [a_E, a_I])[0]


def _loop_gain(system: Any) -> Any:
    relaxation = sp.diag(1 + s * tau_E, 1 + s * tau_I)
    return (sp.eye(2) - relaxation.inv() * system).applyfunc(sp.factor).as_immutable()


def _determinant(loop_gain: Any) -> Any:
    """det(1 - L), taken of letters first: of the entries themselves sympy would make one wide fraction."""
    letters = sp.Matrix(2, 2, sp.symbols("L_EE L_EI L_IE L_II"))
    return (sp.eye(2) - letters).det().subs(dict(zip(letters, loop_gain, strict=True)))


def _reduced(loop_gain: Any) -> tuple[Any, Any, Any]:
    """Of like populations: characteristic function, determinant of the loop gain, and the loop gain itself."""
    alike = {alpha_E: alpha, alpha_I: alpha, tau_E: tau, tau_I: tau, W_EE: W_E, W_IE: W_E, W_EI: W_I, W_II: W_I}
    gain = loop_gain.subs(alike)
    times_relaxation = sp.expand(sp.simplify((sp.eye(2) - gain).det() * (1 + s * tau)))
    return sp.expand(times_relaxation.subs(W_E, kappa / alpha - W_I)), sp.simplify(gain.det()), gain
