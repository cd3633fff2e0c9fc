"""Stationary states: limits in K, the order parameter and its distribution, stability and latency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.binary import finite_size_state, stationary_state, track
from meanfield.models import vanvreeswijk1998

ERDOS_RENYI = "Erdős-Rényi"


def test_activities_approach_the_linear_solution_as_one_over_root_k():
    """m_E = (J_I E - J_E I) m0/(J_E - J_I) = m0 = m_I here; the distance falls as 1/sqrt(K), but for logarithms."""
    far, near = (0.1 - mf.solve(vanvreeswijk1998(K=k, m0=0.1, size=1e12)).rate for k in (1e8, 1e10))
    assert (far > 0).all()
    np.testing.assert_allclose(far / near, 10.0, rtol=1e-2)


def test_the_limit_of_other_weights():
    net = vanvreeswijk1998(K=1e12, m0=0.2, drive_e=1.2, drive_i=0.9, j_e=2.2, j_i=1.9, size=1e13)
    expected = [(1.9 * 1.2 - 2.2 * 0.9) * 0.2 / 0.3, 0.3 * 0.2 / 0.3]
    np.testing.assert_allclose(mf.solve(net).rate, expected, rtol=1e-4)


def test_sparse_connections_are_those_of_solve():
    net = vanvreeswijk1998()
    np.testing.assert_array_equal(stationary_state(net).activity, mf.solve(net).rate)


def test_erdos_renyi_is_sparse_when_n_is_large():
    net = vanvreeswijk1998(size=1e9)
    np.testing.assert_allclose(stationary_state(net, connections=ERDOS_RENYI).activity, mf.solve(net).rate, rtol=1e-5)


def test_self_consistency_with_corrections():
    net = vanvreeswijk1998(size=3000)
    state = stationary_state(net, connections=ERDOS_RENYI)
    answers = [n.rate(mu, v**0.5) for n, mu, v in zip(net.neurons, state.mu, state.variance, strict=True)]
    np.testing.assert_allclose(answers, state.activity, rtol=1e-12)
    coupling = net.variance_coupling
    np.testing.assert_allclose(state.variance, coupling @ (state.activity - state.overlap / 3), rtol=1e-8)
    np.testing.assert_allclose(state.quenched_variance, coupling @ state.overlap * 2 / 3, rtol=1e-8)


@pytest.mark.parametrize("population", [0, 1])
def test_the_distribution_has_the_moments_m_and_q(population):
    state = stationary_state(vanvreeswijk1998())
    x = 0.5 * (1.0 + np.tanh(np.linspace(-16, 16, 40_001)))  # dense at both ends
    x = x[(x > 0) & (x < 1)]
    density = state.activity_density(x, population)
    moments = [np.trapezoid(density * x**k, x) for k in range(3)]
    expected = [1.0, state.activity[population], state.overlap[population]]
    np.testing.assert_allclose(moments, expected, rtol=1e-6)
    steps = np.diff(state.activity_cdf(x, population))
    np.testing.assert_allclose(
        np.cumsum(steps)[::4000], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))[::4000], atol=1e-6
    )


def test_the_order_parameter_lies_between_homogeneous_and_frozen():
    state = stationary_state(vanvreeswijk1998())
    assert (state.activity**2 < state.overlap).all()
    assert (state.overlap < state.activity).all()
    np.testing.assert_allclose(state.quenched_variance, state.network.variance_coupling @ state.overlap, rtol=1e-10)


def test_equal_indegrees_make_all_neurons_alike():
    state = stationary_state(vanvreeswijk1998(), connections="fixed indegree")
    np.testing.assert_allclose(state.overlap, state.activity**2, rtol=1e-10)
    with pytest.raises(ValueError, match="same activity"):
        state.activity_density(0.5)


def test_noise_that_is_drawn_anew_does_not_last():
    state = stationary_state(mf.models.renart2010(size=1000), connections=ERDOS_RENYI)
    assert state.activity[2] == pytest.approx(0.1, rel=1e-13)
    assert state.overlap[2] == pytest.approx(0.01, rel=1e-10)


def test_the_critical_ratio_of_times_is_where_stability_ends():
    ratio = stationary_state(vanvreeswijk1998()).critical_tau_ratio
    for factor, stable in ((0.999, True), (1.001, False)):
        net = vanvreeswijk1998(tau_e=0.01, tau_i=0.01 * ratio * factor)
        found = mf.stability(mf.solve(net))
        assert found.is_stable is stable
        assert stationary_state(net).is_stable is stable
    assert found.kind == "Hopf"
    eigenvalues = np.linalg.eigvals(stationary_state(net).jacobian)
    assert found.rightmost == pytest.approx(eigenvalues[eigenvalues.imag > 0][0], rel=1e-8)


def test_latency_is_the_lag_behind_a_slow_ramp_and_tau_without_feedback():
    state = stationary_state(vanvreeswijk1998())
    net = state.network
    times = np.linspace(0.0, 0.2, 401)
    m0 = 0.1 * (1.0 + 1e-3 * times)
    followed = track(net, times, net.mu_ext / 0.1 * m0[:, None])
    at_once = stationary_state(vanvreeswijk1998(m0=float(m0[-1]))).activity
    slope = (at_once - state.activity) / 0.2
    np.testing.assert_allclose((at_once - followed[-1]) / slope, state.latency(), rtol=2e-2)
    alone = mf.Network(
        names=["A"], sizes=[10], neurons=mf.Binary(tau=0.02, v_th=1.0), indegree=[[0]], weight=[[0]],
        drives=[mf.ConstantDrive(mu=0.5), mf.WhiteNoiseDrive(sigma=1.0)],
    )  # fmt: skip
    assert stationary_state(alone).latency()[0] == pytest.approx(0.02, rel=1e-12)


def test_latency_falls_as_one_over_root_k():
    far, near = (stationary_state(vanvreeswijk1998(K=k, size=1e12)).latency() for k in (1e8, 1e10))
    np.testing.assert_allclose(far / near, 10.0, rtol=1e-2)


def test_a_constant_drive_is_followed_by_nothing():
    net = vanvreeswijk1998(m0=0.2)
    followed = track(net, [0.0, 0.05, 0.1], np.tile(net.mu_ext, (3, 1)))
    np.testing.assert_allclose(followed, np.tile(mf.solve(net).rate, (3, 1)), rtol=1e-7)


def test_finite_size_vanishes_in_large_populations():
    net = vanvreeswijk1998(K=1000)
    shares = []
    for size in (4000, 400_000):
        state = finite_size_state(replace(net, sizes=(size, size)))
        shares.append(state.correlated_variance / state.variance)
    assert (np.array(shares) < 0).all()
    np.testing.assert_allclose(shares[1], -1000 / 400_000, rtol=0.25)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="unknown connections"):
        stationary_state(vanvreeswijk1998(), connections="dense")
    with pytest.raises(ValueError, match="E has 1000 synapses from E, which has 500 neurons"):
        stationary_state(vanvreeswijk1998(K=1000, size=500))
    with pytest.raises(TypeError, match="neurons must be Binary, population E has LIF"):
        stationary_state(mf.models.brunel2000())
    with pytest.raises(ValueError, match="m0 must be an activity"):
        vanvreeswijk1998(m0=1.5)
    with pytest.raises(ValueError, match="times must be two or more"):
        track(vanvreeswijk1998(), [1.0, 0.0], np.zeros((2, 2)))
