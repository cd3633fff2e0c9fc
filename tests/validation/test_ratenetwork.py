"""Rate networks: the integrator against Brian2, and networks against dynamical mean-field theory."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from validation.lyapunov import LyapunovSpectrum, lyapunov_spectrum
from validation.ratenetwork import (
    RateNetwork,
    Recording,
    autocovariance,
    block_weights,
    gaussian_weights,
    indegree_weights,
    simulate_rates,
)


def test_trajectories_are_those_of_brian2():
    """Same Runge-Kutta steps in a small network in double precision: equal to rounding."""
    brian2 = pytest.importorskip("brian2")
    weights = gaussian_weights(30, 1.8, rng=3, dtype=float)
    start = np.random.default_rng(4).standard_normal((30, 1))

    @brian2.implementation("numpy", discard_units=True)
    @brian2.check_units(x=1, result=1)
    def coupling(x):
        return weights @ np.tanh(x)

    brian2.prefs.codegen.target = "numpy"
    brian2.start_scope()
    group = brian2.NeuronGroup(
        30,
        "dx/dt = (-x + coupling(x))/second : 1",
        method="rk4",
        dt=0.1 * brian2.second,
        namespace={"coupling": coupling},
    )
    group.x = start[:, 0]
    monitor = brian2.StateMonitor(group, "x", record=True, when="end", dt=0.1 * brian2.second)
    brian2.Network(group, monitor).run(10 * brian2.second)
    ours = simulate_rates(
        RateNetwork(weights=weights), duration=10.0, warmup=0.0, dt=0.1, record_every=1, initial=start
    )
    np.testing.assert_allclose(ours.x[:, :, 0], monitor.x.T, atol=1e-12)


def test_noise_alone_is_exact_at_any_step():
    network = RateNetwork(weights=np.zeros((400, 400)), noise=0.7)
    lags, c = autocovariance(simulate_rates(network, duration=200, warmup=10, dt=0.5, record_every=1, rng=1), 4.0)
    np.testing.assert_allclose(c, 0.49 * np.exp(-lags), atol=0.01)


def test_steps_converge_with_the_fourth_order():
    weights = gaussian_weights(50, 1.5, rng=1, dtype=float)
    start = np.random.default_rng(2).standard_normal((50, 1))
    ends = [
        simulate_rates(
            RateNetwork(weights=weights), duration=4, warmup=0, dt=dt, record_every=round(4 / dt), initial=start
        ).x[-1]
        for dt in (0.2, 0.1, 0.05)
    ]
    ratio = np.abs(ends[0] - ends[1]).max() / np.abs(ends[1] - ends[2]).max()
    assert 12 < ratio < 24


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_autocovariance_is_that_of_theory(noise):
    """Within three standard errors over networks, which differ by more than noise does at this size, and 1/N."""
    theory = mf.dmft.solve(2.0, noise=noise)
    found = []
    for seed in range(6):
        network = RateNetwork(weights=gaussian_weights(600, 2.0, rng=seed), noise=noise)
        run = simulate_rates(network, duration=60, warmup=30, dt=0.2, record_every=2, trials=4, rng=10 + seed)
        lags, c = autocovariance(run, 4.0)
        found.append(c)
    error = np.std(found, axis=0, ddof=1) / 6**0.5
    assert (error < 0.05 * theory.c0).all()
    assert (np.abs(np.mean(found, axis=0) - theory.autocovariance(lags)) < 3.5 * error + 5 / 600).all()


def test_the_full_spectrum_has_its_sum_and_its_dimension():
    """Σλ/N = tr(-1 + J φ')/N = -1 when J_ii = 0; entropy and dimension are those of a chaotic attractor."""
    network = RateNetwork(weights=gaussian_weights(60, 5.0, rng=2, dtype=float))
    found = lyapunov_spectrum(network, duration=60, warmup=30)
    assert found.exponents.sum() / 60 == pytest.approx(-1.0, abs=1e-4)
    assert (np.diff(found.exponents) <= 0).all()
    assert 0 < found.entropy_rate < 60
    assert 1 < found.dimension < 60
    first = lyapunov_spectrum(network, count=2, duration=60, warmup=30)
    assert first.exponents[0] == pytest.approx(found.exponents[0], abs=5 * (found.errors[0] + first.errors[0]))
    assert np.abs(found.exponents).min() < 0.1  # of time shifts: zero


def test_exponents_of_a_stable_network_are_eigenvalues():
    weights = gaussian_weights(40, 0.5, rng=5, dtype=float)
    found = lyapunov_spectrum(RateNetwork(weights=weights), duration=200, warmup=60)
    eigenvalues = np.sort(np.linalg.eigvals(weights).real)[::-1] - 1
    np.testing.assert_allclose(found.exponents, eigenvalues, atol=0.02)
    assert found.dimension == 0
    assert found.entropy_rate == 0


def test_the_map_has_the_exponent_of_theory():
    exponents = [
        lyapunov_spectrum(
            RateNetwork(weights=gaussian_weights(800, 2.0, rng=s), is_map=True), count=1, duration=300, rng=s
        ).exponents[0]
        for s in range(4)
    ]
    error = np.std(exponents, ddof=1) / 2
    assert np.mean(exponents) == pytest.approx(mf.dmft.solve_discrete(2.0).lyapunov, abs=3.5 * error + 5 / 800)


def test_kaplan_yorke():
    found = LyapunovSpectrum(exponents=np.array([0.5, 0.0, -1.0, -2.0]), errors=np.zeros(4), size=4)
    assert found.dimension == 2.5
    assert found.entropy_rate == 0.5
    part = LyapunovSpectrum(exponents=np.array([0.5, 0.1]), errors=np.zeros(2), size=4)
    with pytest.raises(ValueError, match="only 2 of 4"):
        _ = part.entropy_rate
    with pytest.raises(ValueError, match="only 2 of 4"):
        _ = part.dimension


def test_weights_have_the_moments_they_were_asked_for():
    weights = block_weights([300, 700], [[1.0, 2.0], [3.0, 0.5]], [[0.0, -40.0], [20.0, 0.0]], rng=1)
    assert weights.dtype == np.float32
    assert np.diag(weights).max() == 0
    assert weights[:300, 300:].std() * 1000**0.5 == pytest.approx(2.0, rel=0.01)
    assert weights[300:, :300].mean() * 1000 == pytest.approx(20.0, rel=0.02)
    sparse = indegree_weights([80, 20], [16, 4], [0.5, -2.0], rng=1)
    assert ((sparse == 0.5).sum(axis=1) == 16).all()
    assert ((sparse == -2.0).sum(axis=1) == 4).all()
    assert (sparse[:, :80] >= 0).all()
    assert np.diag(sparse).max() == 0


def test_bad_arguments():
    for words, call in (
        ("square matrix", lambda: RateNetwork(weights=np.zeros((2, 3)))),
        ("weights must be finite", lambda: RateNetwork(weights=np.full((2, 2), np.nan))),
        ("noise must not be negative", lambda: RateNetwork(weights=np.zeros((2, 2)), noise=-1.0)),
        ("n must be at least 2", lambda: gaussian_weights(1, 1.0, rng=1)),
        ("smaller than their part", lambda: indegree_weights([8, 2], [8, 2], [1.0, -1.0], rng=1)),
        ("twice as long", lambda: autocovariance(Recording(interval=1.0, x=np.zeros((5, 1, 1))), 4.0)),
        ("must not exceed", lambda: lyapunov_spectrum(RateNetwork(weights=np.zeros((2, 2))), count=3)),
        (
            "initial must have shape",
            lambda: simulate_rates(RateNetwork(weights=np.zeros((2, 2))), duration=1.0, initial=np.zeros((3, 1))),
        ),
    ):
        with pytest.raises(ValueError, match=words):
            call()
