"""Populations: reductions to one, block gains, and the transitions of E/I networks; simulated networks beside them."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from validation.ratenetwork import RateNetwork, autocovariance, block_weights, indegree_weights, simulate_rates

dmft = mf.dmft
INDEGREES, INHIBITION = (80, 20), 5.0


def test_equal_populations_are_one():
    """Gains that depend on the source alone: g² = Σ α_b g_b²."""
    found = dmft.solve_populations([[1.5, 2.0], [1.5, 2.0]], [0.3, 0.7], "threshold-linear", bias=1.0, means=-3.0)
    one = dmft.solve((0.3 * 1.5**2 + 0.7 * 4.0) ** 0.5, "threshold-linear", bias=1.0, mean_coupling=-3.0)
    np.testing.assert_allclose(found.c0, one.c0, rtol=1e-9)
    assert found.lyapunov == pytest.approx(one.lyapunov, abs=1e-8)
    assert abs(found.zero_mode) < 1e-9
    lags = np.array([0.5, 5.0, 20.0])
    np.testing.assert_allclose(found.autocovariance(lags), np.tile(one.autocovariance(lags), (2, 1)), rtol=1e-7)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"noise": [0.3, 0.6], "bias": [0.2, 0.0]},
        {"means": [[-1.0, 0.5], [1.0, -2.0]], "bias": 0.5},
        {"means": [[-1.0, 0.5], [1.0, -2.0]], "bias": 0.5, "fixed_indegree": True},
    ],
)
def test_block_gains_obey_their_equations(options):
    gains, fractions = np.array([[1.0, 2.5], [0.7, 1.6]]), np.array([0.4, 0.6])
    found = dmft.solve_populations(gains, fractions, **options)
    lags, step = np.array([0.5, 2.0, 6.0]), 1e-2
    left, c, right = (found.autocovariance(lags + d) for d in (-step, 0.0, step))
    z = np.linspace(-8.5, 8.5, 401)
    w = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()

    def product(b, covariance):
        inner = np.tanh(found.mean_input[b] + covariance**0.5 * z[:, None] + (found.c0[b] - covariance) ** 0.5 * z) @ w
        return w @ inner**2 - (options.get("fixed_indegree", False) * found.rate[b]) ** 2

    f = np.array([[product(b, value) for value in c[b]] for b in range(2)])
    np.testing.assert_allclose((left - 2 * c + right) / step**2, c - (fractions * gains**2) @ f, atol=2e-5)
    rate = [w @ np.tanh(found.mean_input[b] + found.c0[b] ** 0.5 * z) for b in range(2)]
    np.testing.assert_allclose(found.rate, rate, atol=1e-10)
    means = np.broadcast_to(options.get("means", 0.0), (2, 2))
    np.testing.assert_allclose(found.mean_input, options.get("bias", 0.0) + (fractions * means) @ rate, atol=1e-9)
    assert abs(found.zero_mode) < 1e-7


def test_block_gains_turn_chaotic_where_the_spectral_radius_is_one():
    """R² = max eig[α_b g_ab²] (Aljadeff, Stern & Sharpee 2015)."""
    gains, fractions = np.array([[1.0, 2.0], [0.5, 1.5]]), np.array([0.3, 0.7])
    radius = np.abs(np.linalg.eigvals(fractions * gains**2)).max() ** 0.5
    below, above = (dmft.solve_populations(gains * factor / radius, fractions) for factor in (0.98, 1.02))
    assert below.lyapunov == pytest.approx(-0.02)
    assert above.is_chaotic
    assert above.lyapunov < 4e-4


def test_block_networks_have_the_variances_of_theory():
    gains = [[1.0, 3.0], [1.0, 2.0]]
    theory = dmft.solve_populations(gains, [0.5, 0.5])
    found = []
    for seed in range(5):
        network = RateNetwork(weights=block_weights([400, 400], gains, rng=seed))
        run = simulate_rates(network, duration=60, warmup=40, dt=0.2, trials=4, rng=seed)
        x = run.x.astype(float)
        found.append([(x[:, :400] ** 2).mean(), (x[:, 400:] ** 2).mean()])
    error = np.std(found, axis=0, ddof=1) / 5**0.5
    assert (np.abs(np.mean(found, axis=0) - theory.c0) < 3.5 * error + 5 / 800 * theory.c0).all()


def test_first_transition_of_the_dale_network():
    """At J = 1/sqrt(C_E + g² C_I) where φ' = 1 (Mastrogiuseppe & Ostojic 2017)."""
    critical = dmft.critical_coupling(INDEGREES, INHIBITION)
    assert critical == pytest.approx((80 + 25 * 20) ** -0.5, rel=1e-12)
    below, above = (
        dmft.solve_population(dmft.excitation_inhibition(factor * critical, INDEGREES, INHIBITION, bias=1.0))
        for factor in (0.99, 1.01)
    )
    assert below.is_static
    assert below.c0 == 0.0
    assert above.is_chaotic
    assert above.c_inf == 0.0  # rows of equal sums: neurons differ in nothing


def test_second_transition_of_the_dale_network():
    """Mean and variance diverge towards it; beyond, saturation alone bounds them."""
    edge = dmft.divergence_coupling(INDEGREES, INHIBITION)

    def state(factor, phi="threshold-linear"):
        return dmft.solve_population(dmft.excitation_inhibition(factor * edge, INDEGREES, INHIBITION, phi, bias=1.0))

    near, nearer = state(0.99), state(0.999)
    assert nearer.rate / near.rate == pytest.approx(10, rel=0.05)
    assert nearer.c0 / near.c0 == pytest.approx(100, rel=0.1)
    with pytest.raises(ValueError, match="activity diverges"):
        state(1.001)
    low, high = (state(1.2, dmft.saturating(0.0, maximum)) for maximum in (2.0, 20.0))
    assert high.rate > 5 * low.rate


def test_dale_populations_that_receive_the_same_are_one():
    """Solved by collocation over two populations, and by quadrature of one."""
    gains, means = dmft.dale([INDEGREES] * 2, [[0.05, -0.25]] * 2, [0.8, 0.2])
    found = dmft.solve_populations(gains, [0.8, 0.2], "threshold-linear", means=means, bias=1.0, fixed_indegree=True)
    one = dmft.solve_population(dmft.excitation_inhibition(0.05, INDEGREES, INHIBITION, bias=1.0))
    assert one.is_chaotic
    np.testing.assert_allclose(found.c0, one.c0, rtol=1e-8)
    np.testing.assert_allclose(found.half_width, one.half_width, rtol=1e-6)
    np.testing.assert_allclose(found.mean_input, one.mean_input, rtol=1e-8)
    assert found.lyapunov == pytest.approx(one.lyapunov, abs=1e-7)


def test_gains_and_means_of_dale_are_those_of_sparse_matrices():
    sizes, indegrees, strengths = [60, 40], [[30, 10], [12, 20]], [[0.3, -0.5], [0.2, -0.4]]
    gains, means = dmft.dale(indegrees, strengths, [0.6, 0.4], n=100)
    weights = indegree_weights(sizes, indegrees, strengths, rng=1).astype(float)
    edges = (slice(0, 60), slice(60, 100))
    for a in range(2):
        for b in range(2):
            block = weights[edges[a], edges[b]]
            assert block.mean() * 100 == pytest.approx(means[a, b], rel=1e-6)
            assert block.std() * 10 == pytest.approx(gains[a, b], rel=1e-6)


def test_a_dale_network_fluctuates_as_theory_says():
    """With the part 1 - p of the variance that connections with the probability p leave; without it c0 is 2.4 times."""
    indegrees, coupling = (240, 60), 0.04
    theory = dmft.solve_population(
        dmft.excitation_inhibition(coupling, indegrees, INHIBITION, bias=1.0, probability=0.25)
    )
    found, means = [], []
    for seed in range(5):
        weights = indegree_weights([960, 240], indegrees, (coupling, -INHIBITION * coupling), rng=seed)
        network = RateNetwork(weights=weights, phi="threshold-linear", bias=1.0)
        run = simulate_rates(network, duration=60, warmup=40, dt=0.2, trials=3, rng=seed)
        lags, c = autocovariance(run, 4.0)
        found.append(c)
        means.append(run.x.mean(dtype=float))
    error = np.std(found, axis=0, ddof=1) / 5**0.5
    assert np.mean(means) == pytest.approx(theory.mean_input, abs=3.5 * np.std(means, ddof=1) / 5**0.5 + 0.02)
    # 60 inhibitory sources are not a gaussian: corrections of order 1/C_I beside those of N
    assert (np.abs(np.mean(found, axis=0) - theory.autocovariance(lags)) < 3.5 * error + 0.05 * theory.c0).all()


def test_bad_arguments():
    for words, call in (
        ("sum is 1", lambda: dmft.solve_populations([[1.0]], [0.5])),
        ("gains must have shape", lambda: dmft.solve_populations(np.ones((3, 3)), [0.5, 0.5])),
        ("gains must not be negative", lambda: dmft.solve_populations(-np.ones((2, 2)), [0.5, 0.5])),
        ("indegrees must have shape", lambda: dmft.excitation_inhibition(0.1, (1, 2, 3), 5.0)),
        ("one sign, got .0.1, -0.1. from 1", lambda: dmft.dale([[8, 2]] * 2, [[0.1, 0.1], [0.1, -0.1]], [0.8, 0.2])),
        ("n = 5 is too few", lambda: dmft.dale([[8, 2]] * 2, [[0.1, -0.1]] * 2, [0.8, 0.2], n=5)),
        ("parts of the neurons", lambda: dmft.dale([[8, 2]] * 2, [[0.1, -0.1]] * 2, [0.8, 0.3])),
        ("lags must be finite", lambda: dmft.solve_populations([[1.5]], [1.0]).autocovariance(np.inf)),
    ):
        with pytest.raises(ValueError, match=words):
            call()
