"""The linearised model, its fold and its Hopf condition, against eigenvalues, roots and the index of states."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

import meanfield as mf
from meanfield.delays import FixedDelay
from meanfield.derivations import derive
from meanfield.units import ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)


def loop_gain(s, gain, coupling, tau, delay):
    return gain[:, None] * coupling * FixedDelay(delay=delay).transform(s) / (1 + s * tau[:, None])


def test_characteristic_determinant_of_two_different_populations():
    rng = np.random.default_rng(1)
    determinant = derive("linearised").function("determinant")
    for _ in range(20):
        gain, tau, coupling = rng.uniform(1, 9, 2), rng.uniform(5, 30, 2) * ms, rng.normal(size=(2, 2))
        delay, s = rng.uniform(0.5, 3) * ms, complex(*rng.normal(scale=300, size=2))
        expected = np.linalg.det(np.eye(2) - loop_gain(s, gain, coupling, tau, delay))
        weights = {f"W_{a}{b}": coupling[i, j] for i, a in enumerate("EI") for j, b in enumerate("EI")}
        constants = {"alpha_E": gain[0], "alpha_I": gain[1], "tau_E": tau[0], "tau_I": tau[1]}
        np.testing.assert_allclose(determinant(s=s, D=delay, **weights, **constants), expected, rtol=1e-12)


@pytest.mark.parametrize(("g", "eta"), [(5, 2), (6, 4), (3.5, 0.8), (4.5, 0.9)])
def test_at_s_zero_the_determinant_is_that_of_the_index(g, eta):
    state = mf.solve_all(mf.models.brunel2000(g=g, eta=eta))[-1]
    weights = state.jacobian / state.gains[0][:, None]  # mean and variance together: any [target, source] will do
    determinant = derive("linearised").function("determinant")(
        s=0.0,
        D=1.5 * ms,
        tau_E=20 * ms,
        tau_I=20 * ms,
        alpha_E=state.gains[0][0],
        alpha_I=state.gains[0][1],
        **{f"W_{a}{b}": weights[i, j] for i, a in enumerate("EI") for j, b in enumerate("EI")},
    )
    np.testing.assert_allclose(determinant, np.linalg.det(np.eye(2) - state.jacobian), rtol=1e-12)
    assert np.sign(determinant) == state.index


@pytest.mark.parametrize("kappa", [-30.0, -3.0, -0.02, 0.5, 4.0])
@pytest.mark.parametrize("branch", [-3, -1, 0, 1, 5])
def test_lambert_roots_solve_the_characteristic_equation(kappa, branch):
    tau, delay = 20 * ms, 1.5 * ms
    derivation = derive("linearised")
    root = derivation.function("root")(tau=tau, D=delay, kappa=kappa, n=branch)
    residual = derivation.function("characteristic")(s=root, tau=tau, D=delay, kappa=kappa)
    assert abs(residual) < 1e-11 * (1 + abs(root) * tau)


def test_root_found_by_newton_from_the_equation_alone():
    tau, delay, kappa = 20 * ms, 1.5 * ms, -30.0
    found = optimize.newton(lambda s: 1 + s * tau - kappa * np.exp(-s * delay), 100 + 1000j, tol=1e-10)
    root = derive("linearised").function("root")(tau=tau, D=delay, kappa=kappa, n=0)
    np.testing.assert_allclose([found.real, abs(found.imag)], [root.real, abs(root.imag)], rtol=1e-9)


MU, SIGMA, C_E, C_I = 18 * mV, 5 * mV, 1e9, 2.5e8
J = 0.1 * mV * 1000 / C_E  # so many synapses, so weak, that the network's own variance is negligible


def with_fixed_gain(g):
    """A network that has its state at mu = MU and sigma = SIGMA whatever g is."""
    weight = [[J, -g * J]] * 2
    inside = LIF.tau_m * J * (C_E - g * C_I) * LIF.rate(MU, SIGMA)
    return mf.Network(
        names=["E", "I"],
        sizes=[10_000, 2_500],
        neurons=LIF,
        indegree=[[C_E, C_I]] * 2,
        weight=weight,
        delay=1.5 * ms,
        drives=[mf.ConstantDrive(mu=MU - inside), mf.WhiteNoiseDrive(sigma=SIGMA)],
    )


def test_the_index_changes_sign_at_critical_inhibition():
    alpha = LIF.tau_m * LIF.gain(MU, SIGMA)[0]
    g_c = derive("critical-inhibition").function("g_c")(C_E=C_E, C_I=C_I, J=J, alpha=alpha)
    assert 0 < g_c < 4
    for offset, index in ((-0.05, -1), (-0.005, -1), (0.005, 1), (0.05, 1), (3.0, 1)):
        states = mf.solve_all(with_fixed_gain(g_c + offset))
        state = min(states, key=lambda state: abs(state.rate[0] - LIF.rate(MU, SIGMA)))
        np.testing.assert_allclose(state.rate, LIF.rate(MU, SIGMA), rtol=1e-4)
        assert state.index == index, offset


def test_loop_gain_and_growth_at_critical_inhibition():
    derivation = derive("critical-inhibition")
    numbers = {"C_E": 1000, "C_I": 250, "J": 0.1 * mV, "alpha": 40.0}
    g_c = derivation.function("g_c")(**numbers)
    kappa, root = derivation.function("kappa"), derive("linearised").function("root")
    assert kappa(g=g_c, **numbers) == pytest.approx(1, rel=1e-12)
    assert kappa(g=derivation.function("g_end")(**numbers), **numbers) == pytest.approx(-1, rel=1e-12)
    times = {"tau": 20 * ms, "D": 1.5 * ms}
    step = 1e-5
    roots = [root(n=0, kappa=kappa(g=g_c + h, **numbers), **times).real for h in (-step, step)]
    growth = derivation.function("growth")(tau=20 * ms, D=1.5 * ms, C_I=250, J=0.1 * mV, alpha=40.0)
    assert roots[1] < 0 < roots[0]
    assert (roots[1] - roots[0]) / (2 * step) == pytest.approx(growth, rel=1e-4)


@pytest.mark.parametrize(("g", "eta"), [(2.5, 0.8), (3.0, 0.8), (3.5, 0.8), (3.8, 0.9), (5, 2), (6, 4)])
def test_with_the_variance_it_is_the_index_of_brunels_network(g, eta):
    """The fold in g at the gains of a state: on the side of it where the state's index says."""
    derivation = derive("critical-inhibition")
    for state in mf.solve_all(mf.models.brunel2000(g=g, eta=eta)):
        by_mu, by_variance = (LIF.tau_m * gains[0] for gains in state.gains)
        if by_mu < 1e-3:
            continue  # silent: nothing to compare
        numbers = {"C_E": 1000, "C_I": 250, "J": 0.1 * mV, "alpha": by_mu, "beta": by_variance}
        noisy = derivation.function("noisy_determinant")(g=g, **numbers)
        np.testing.assert_allclose(noisy, np.linalg.det(np.eye(2) - state.jacobian), rtol=1e-10, atol=1e-12)
        g_c = derivation.function("g_c_noisy")(**numbers)
        assert derivation.function("noisy_determinant")(g=g_c, **numbers) == pytest.approx(0, abs=1e-10)
        assert np.sign(g - g_c) == state.index


def test_small_variance_moves_the_fold_as_its_first_order_says():
    derivation = derive("critical-inhibition")
    numbers = {"C_E": 1000, "C_I": 250, "J": 0.1 * mV, "alpha": 40.0}
    without = derivation.function("g_c")(**numbers)
    moved = derivation.function("g_c_noisy")(beta=1e-1, **numbers) - without
    assert moved == pytest.approx(derivation.function("noisy_shift")(beta=1e-1, **numbers), rel=1e-3)


def hopf(tau, delay):
    condition = derive("hopf").function("condition")
    omega = optimize.brentq(lambda w: condition(omega=w, tau=tau, D=delay), np.pi / 2 / delay, np.pi / delay, xtol=1e-9)
    return omega, derive("hopf").function("k_c")(omega=omega, tau=tau)


@pytest.mark.parametrize("delay", [0.1 * ms, 1.5 * ms, 20 * ms, 200 * ms])
def test_the_rightmost_root_crosses_at_the_critical_gain(delay):
    tau = 20 * ms
    omega, k_c = hopf(tau, delay)
    root = derive("linearised").function("root")
    rightmost = [
        max((root(tau=tau, D=delay, kappa=-k, n=n) for n in range(-8, 9)), key=np.real) for k in (k_c, k_c * 1.001)
    ]
    assert abs(rightmost[0].real) < 1e-9 / delay
    assert abs(rightmost[0].imag) == pytest.approx(omega, rel=1e-9)
    velocity = derive("hopf").function("crossing")(omega=omega, tau=tau, D=delay, k=k_c)
    assert rightmost[1].real / (1e-3 * k_c) == pytest.approx(velocity, rel=5e-3)


def test_fast_oscillations_have_a_period_of_four_delays():
    """The error of the series falls as the next power of D/tau: 3 for omega D, 1 (after 2 terms) for k_c."""
    tau = 20 * ms
    errors = []
    for ratio in (0.02, 0.01, 0.005):
        omega, k_c = hopf(tau, ratio * tau)
        fast = derive("hopf").function("omega_fast")(tau=tau, D=ratio * tau)
        errors.append(
            [abs(fast - omega) * ratio * tau, abs(derive("hopf").function("k_fast")(tau=tau, D=ratio * tau) - k_c)]
        )
    order = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(order, [[3, 1]] * 2, atol=0.1)
    assert omega * ratio * tau == pytest.approx(np.pi / 2, rel=0.01)


def test_hopf_inhibition_has_the_critical_gain():
    numbers = {"C_E": 1000, "C_I": 250, "J": 0.1 * mV, "alpha": 40.0}
    omega, k_c = hopf(20 * ms, 1.5 * ms)
    g_h = derive("hopf").function("g_H")(k=k_c, **numbers)
    assert derive("critical-inhibition").function("kappa")(g=g_h, **numbers) == pytest.approx(-k_c, rel=1e-12)
    shown = [float(step.equation.rhs) for step in derive("hopf").steps[-2:]]
    np.testing.assert_allclose(shown, [omega / 2 / np.pi, k_c], rtol=1e-5)
