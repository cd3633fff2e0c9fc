"""The linear balance solution: rates of two populations when the indegree is large."""

from __future__ import annotations

from typing import Any

import sympy as sp

from meanfield.derivations.derivation import Derivation, Step, equation

NAME = "balance"
TITLE = "The balanced state of two populations: linear rates at large indegree"
ASSUMPTIONS = (
    "Each neuron has of the order of `K` synapses from E, from I and from an external population X of the rate `r_X` "
    "[Hz], each of the order of `j` over the square root of `K`: `j_EI` [V] and the others are indegree times weight "
    "over the square root of `K`, [target, source], all positive; inhibition enters with a minus sign.",
    "The mean input `mu_E`, `mu_I` [V] stays of the order of the threshold as `K` grows, as it must for rates that are "
    "neither 0 nor the highest possible; `tau_E`, `tau_I` [s] are membrane time constants.",
    "For stability: rates follow their inputs with `tau_E` and `tau_I`, with the gains `alpha_E`, `alpha_I` [Hz/V], "
    "without delay.",
    "Source: van Vreeswijk and Sompolinsky (1996, 1998).",
)

K, r_X, tau_E, tau_I, alpha_E, alpha_I = sp.symbols("K r_X tau_E tau_I alpha_E alpha_I", positive=True)
j_EE, j_EI, j_EX, j_IE, j_II, j_IX = sp.symbols("j_EE j_EI j_EX j_IE j_II j_IX", positive=True)
r_E, r_I, mu_E, mu_I = sp.symbols("r_E r_I mu_E mu_I", real=True)
J_E, J_I, E, I, m_0 = sp.symbols("J_E J_I E I m_0", positive=True)

_VREESWIJK = {j_EE: 1, j_IE: 1, j_EI: J_E, j_II: J_I, j_EX: E, j_IX: I, r_X: m_0}


def build() -> Derivation:
    """Derive the rates, and when they are positive and stable."""
    inputs = (
        sp.sqrt(K) * tau_E * (j_EE * r_E - j_EI * r_I + j_EX * r_X),
        sp.sqrt(K) * tau_I * (j_IE * r_E - j_II * r_I + j_IX * r_X),
    )
    finite = sp.solve([inputs[0] - mu_E, inputs[1] - mu_I], [r_E, r_I])
    limit = {rate: sp.limit(finite[rate], K, sp.oo) for rate in (r_E, r_I)}
    correction = {rate: sp.factor(sp.simplify((finite[rate] - limit[rate]) * sp.sqrt(K))) for rate in (r_E, r_I)}
    flow = sp.Matrix([(alpha_E * inputs[0] - r_E) / tau_E, (alpha_I * inputs[1] - r_I) / tau_I])
    jacobian = flow.jacobian([r_E, r_I])
    leading = (jacobian / sp.sqrt(K)).applyfunc(lambda entry: sp.limit(sp.expand(entry), K, sp.oo)).as_immutable()
    stable_det = _ordered(sp.expand(leading.det() / (alpha_E * alpha_I * j_II * j_IE)))
    stable_trace = _ordered(-leading.trace())
    denominator = sp.expand(leading.det() / (alpha_E * alpha_I))
    numerators = {rate: sp.expand(sp.cancel(limit[rate] * denominator / r_X)) for rate in (r_E, r_I)}
    limit = {rate: r_X * numerators[rate] / denominator for rate in (r_E, r_I)}
    positive_e = _ordered(sp.expand(numerators[r_E] / (j_IX * j_II)))
    positive_i = _ordered(sp.expand(numerators[r_I] / (j_IX * j_IE)))
    special = {rate: sp.factor(limit[rate].subs(_VREESWIJK)) for rate in (r_E, r_I)}
    chain = tuple(condition.subs(_VREESWIJK) for condition in (positive_e, stable_det))
    m_E, m_I = sp.symbols("m_E m_I")
    steps = (
        Step(
            "The mean input of E; it is of the order of the square root of `K` unless the sum cancels:",
            equation(mu_E, inputs[0]),
        ),
        Step("The mean input of I:", equation(mu_I, inputs[1])),
        Step("They are linear in the rates. Solved for the rate of E, at any `K`:", equation(r_E, finite[r_E])),
        Step("and for that of I:", equation(r_I, finite[r_I])),
        Step(
            "Let `K` grow while the inputs stay finite: transfer function and threshold drop out. E:",
            equation(r_E, limit[r_E]),
        ),
        Step("I:", equation(r_I, limit[r_I])),
        Step(
            "What is left falls as one over the square root of `K`, exactly so at given inputs. For E, times the "
            "square root of `K`:",
            equation(sp.Symbol("Delta_E"), correction[r_E]),
        ),
        Step("For I:", equation(sp.Symbol("Delta_I"), correction[r_I])),
        Step(
            "Rates that follow their inputs have the Jacobian below, divided by the square root of `K`, at large `K`:",
            equation(sp.Symbol("A"), leading),
        ),
        Step("It is stable if its determinant is positive, or", stable_det),
        Step("and its trace negative, or", stable_trace),
        Step("With that determinant the rate of E is positive if", positive_e),
        Step("and that of I if the following holds, which the two conditions on either side of it imply:", positive_i),
        Step(
            "In the units of van Vreeswijk and Sompolinsky, where excitatory weights are 1, inhibitory ones `J_E` and "
            "`J_I`, external ones `E` and `I`, and the external rate is `m_0`, the rate of E is",
            equation(m_E, special[r_E]),
        ),
        Step("that of I is", equation(m_I, special[r_I])),
        Step("and the conditions are", chain[0]),
        Step("and", chain[1]),
    )
    return Derivation(
        name=NAME,
        title=TITLE,
        assumptions=ASSUMPTIONS,
        steps=steps,
        result=(
            equation(r_E, limit[r_E]),
            equation(r_I, limit[r_I]),
            positive_e,
            stable_det,
            stable_trace,
            *chain,
        ),
        quantities={
            "r_E": limit[r_E],
            "r_I": limit[r_I],
            "r_E_finite": finite[r_E],
            "r_I_finite": finite[r_I],
            "m_E": special[r_E],
            "m_I": special[r_I],
            "positive_E": positive_e,
            "positive_I": positive_i,
            "stable_determinant": stable_det,
            "stable_trace": stable_trace,
        },
    )


def _ordered(difference: Any) -> sp.Basic:
    """Return the inequality a > b for a - b > 0, of products without other signs."""
    terms = sp.Add.make_args(difference)
    gains = [term for term in terms if term.is_positive]
    losses = [-term for term in terms if not term.is_positive]
    return sp.Gt(sp.Add(*gains), sp.Add(*losses), evaluate=False)
