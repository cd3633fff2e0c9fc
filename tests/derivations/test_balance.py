"""The balanced state against linear algebra and against the states of networks of growing indegree."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import meanfield as mf
from meanfield.derivations import derive
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)

BALANCED = np.array([[1.0, -2.0], [1.0, -1.8]]) * mV  # square root of K times the weights
DRIVEN = np.array([1.0, 0.85]) * mV
R_X = 20 * Hz


def balance_numbers():
    numbers = {f"j_{a}{b}": abs(BALANCED[i, j]) for i, a in enumerate("EI") for j, b in enumerate("EI")}
    return numbers | {"j_EX": DRIVEN[0], "j_IX": DRIVEN[1], "r_X": R_X}


def balanced_network(indegree):
    root = np.sqrt(indegree)
    return mf.Network(
        names=["E", "I"],
        sizes=[1000, 1000],
        neurons=LIF,
        indegree=np.full((2, 2), indegree),
        weight=BALANCED / root,
        drives=[mf.PoissonDrive(indegree=indegree, weight=DRIVEN / root, rate=R_X)],
    )


def evaluate(quantity, numbers):
    expression = derive("balance").quantities[quantity]
    return derive("balance").function(quantity)(**{name: numbers[name] for name in map(str, expression.free_symbols)})


def test_balance_solves_the_linear_system():
    rates = [evaluate(name, balance_numbers()) for name in ("r_E", "r_I")]
    np.testing.assert_allclose(rates, np.linalg.solve(BALANCED, -DRIVEN * R_X), rtol=1e-12)
    conditions = ("positive_E", "positive_I", "stable_determinant")
    assert all(evaluate(name, balance_numbers()) for name in conditions)


def test_rates_approach_balance_as_the_square_root_of_the_indegree():
    limit = np.array([evaluate(name, balance_numbers()) for name in ("r_E", "r_I")])
    errors = []
    for indegree in (1e6, 1e8, 1e10):
        state = mf.solve(balanced_network(indegree), start=limit)
        errors.append(np.abs(state.rate - limit))
        numbers = balance_numbers() | {"K": indegree, "tau_E": LIF.tau_m, "tau_I": LIF.tau_m}
        numbers |= {"mu_E": state.mu[0], "mu_I": state.mu[1]}
        finite = [evaluate(name, numbers) for name in ("r_E_finite", "r_I_finite")]
        np.testing.assert_allclose(finite, state.rate, rtol=1e-7)
    np.testing.assert_allclose(np.divide(errors[1], errors[2]), 10, rtol=0.05)
    np.testing.assert_allclose(state.rate, limit, rtol=2e-3)


def test_positivity_and_stability_are_what_they_say_on_random_networks():
    rng = np.random.default_rng(3)
    names = [f"j_{a}{b}" for a in "EI" for b in "EIX"]
    seen = set()
    for _ in range(200):
        numbers = dict(zip(names, rng.uniform(0.2, 2, 6), strict=True)) | {"r_X": 1.0}
        numbers |= dict(zip(("alpha_E", "alpha_I"), rng.uniform(0.5, 2, 2), strict=True))
        matrix = np.array([[numbers["j_EE"], -numbers["j_EI"]], [numbers["j_IE"], -numbers["j_II"]]])
        rates = np.linalg.solve(matrix, [-numbers["j_EX"], -numbers["j_IX"]])
        gains = np.array([[numbers["alpha_E"]], [numbers["alpha_I"]]])
        is_stable = np.linalg.eigvals(gains * matrix).real.max() < 0
        determinant = evaluate("stable_determinant", numbers)
        assert is_stable == (determinant and evaluate("stable_trace", numbers))
        if determinant:
            assert (rates[0] > 0) == evaluate("positive_E", numbers)
            assert (rates[1] > 0) == evaluate("positive_I", numbers)
        seen.add((bool(is_stable), bool((rates > 0).all())))
    assert len(seen) == 4


def test_balance_of_van_vreeswijk_and_sompolinsky():
    E, I, J_E, J_I, m_0 = 1.0, 0.8, 2.0, 1.8, 0.1
    m_E = derive("balance").function("m_E")(E=E, I=I, J_E=J_E, J_I=J_I, m_0=m_0)
    m_I = derive("balance").function("m_I")(E=E, I=I, J_E=J_E, J_I=J_I, m_0=m_0)
    assert m_E == pytest.approx((J_I * E - J_E * I) * m_0 / (J_E - J_I), rel=1e-12)
    assert m_I == pytest.approx((E - I) * m_0 / (J_E - J_I), rel=1e-12)
    np.testing.assert_allclose([E * m_0 + m_E - J_E * m_I, I * m_0 + m_E - J_I * m_I], 0, atol=1e-15)
    ratios = dict(zip(sp.symbols("E I J_E J_I", positive=True), (E, I, J_E, J_I), strict=True))
    assert all(bool(condition.subs(ratios)) for condition in derive("balance").result[-2:])
    outside = ratios | {sp.Symbol("I", positive=True): 0.95}  # E/I < J_E/J_I
    assert not all(bool(condition.subs(outside)) for condition in derive("balance").result[-2:])
