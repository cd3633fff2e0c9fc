"""Covariances of finite networks: Lyapunov's equation, symmetries, the spectrum's integral, scaling with size."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.binary import pair_correlations, stationary_state
from meanfield.binary.correlations import lyapunov

ERDOS_RENYI = "Erdős-Rényi"


def test_lyapunov_of_a_random_matrix():
    rng = np.random.default_rng(1)
    a = rng.normal(size=(4, 4)) - 5 * np.eye(4)
    d = rng.normal(size=(4, 4))
    d = d @ d.T
    c = lyapunov(a, d)
    np.testing.assert_allclose(a @ c + c @ a.T, -d, atol=1e-12)
    np.testing.assert_array_equal(c, c.T)


def test_independent_neurons_are_uncorrelated():
    alone = mf.Network(
        names=["A", "B"], sizes=[100, 50], neurons=mf.Binary(tau=0.02, v_th=1.0),
        indegree=[[0, 0]] * 2, weight=[[0, 0]] * 2,
        drives=[mf.ConstantDrive(mu=[0.5, 0.2]), mf.WhiteNoiseDrive(sigma=1.0)],
    )  # fmt: skip
    found = pair_correlations(alone)
    m = found.state.activity
    np.testing.assert_allclose(found.population, np.diag(m * (1 - m) / [100, 50]), rtol=1e-12)
    np.testing.assert_allclose(found.pairs, 0.0, atol=1e-18)


def test_one_population_by_hand():
    """C = (m - q)/(N (1 - w)): negative feedback w < 0 makes a population quieter than its neurons."""
    net = mf.Network(
        names=["I"], sizes=[1000], neurons=mf.Binary(tau=0.01, v_th=0.0), indegree=[[100]], weight=[[-0.1]],
        drives=mf.ConstantDrive(mu=2.0),
    )  # fmt: skip
    found = pair_correlations(net)
    state = found.state
    w = state.coupling[0, 0]
    assert w < -1
    assert found.population[0, 0] == pytest.approx((state.activity - state.overlap)[0] / 1000 / (1 - w), rel=1e-12)
    assert found.pairs[0, 0] < 0


def test_the_integral_of_the_spectrum_is_the_covariance():
    net = mf.models.vanvreeswijk1998()
    found = pair_correlations(net)
    state = found.state
    single = state.activity - state.overlap
    f = np.tan(np.linspace(-np.pi / 2, np.pi / 2, 20_003)[1:-1]) * 100  # dense where the spectrum is large
    omega = 2 * np.pi * f
    sources = 2 * single * state.tau / (1 + (omega[:, None] * state.tau) ** 2)
    spectra = mf.power_spectra(mf.solve(net), f, auto_spectra=sources)
    np.testing.assert_allclose(np.trapezoid(spectra.real, f, axis=0), found.population, rtol=1e-4)


def test_pairs_decay_as_one_over_n_at_fixed_k():
    found = [pair_correlations(mf.models.vanvreeswijk1998(K=500, size=n)).correlation * n for n in (1e4, 1e6)]
    np.testing.assert_allclose(*found, rtol=1e-3)


def test_currents_of_excitation_and_inhibition_cancel():
    net = mf.models.renart2010(size=100_000)
    found = pair_correlations(net, connections=ERDOS_RENYI)
    net_current = found.current_correlation("E")
    parts = found.current_correlation("E", ["E", "X"], ["E", "X"]), found.current_correlation("E", ["I"], ["I"])
    opposite = found.current_correlation("E", ["E", "X"], ["I"])
    assert opposite < -0.2
    assert min(parts) > 0.2
    assert 0 < net_current < 0.05 * min(parts)


def test_net_current_decays_as_one_over_root_n_while_its_parts_stay():
    sizes = (10**7, 10**9)
    found = [pair_correlations(mf.models.renart2010(size=n), connections=ERDOS_RENYI) for n in sizes]
    net = [f.current_correlation("E") for f in found]
    parts = [f.current_correlation("E", ["I"], ["I"]) for f in found]
    assert net[0] / net[1] == pytest.approx(10, rel=0.1)
    assert parts[0] == pytest.approx(parts[1], rel=0.05)


def test_net_covariance_is_the_sum_of_its_parts():
    found = pair_correlations(mf.models.renart2010(size=1000), connections=ERDOS_RENYI)
    strength = found.state.network.mean_coupling[0]
    assert found.current_covariance("E").sum() == pytest.approx(strength @ found.population @ strength, rel=1e-9)


def test_an_unstable_state_has_no_correlations():
    ratio = stationary_state(mf.models.vanvreeswijk1998()).critical_tau_ratio
    with pytest.raises(ValueError, match="is unstable"):
        pair_correlations(mf.models.vanvreeswijk1998(tau_e=0.01, tau_i=0.011 * ratio))


def test_unknown_population():
    with pytest.raises(ValueError, match="unknown population 'Y'; known: E, I, X"):
        pair_correlations(mf.models.renart2010()).current_correlation("Y")
