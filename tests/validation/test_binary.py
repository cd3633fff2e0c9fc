"""Simulated binary networks: exact small cases, bookkeeping, and theory within standard errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.binary import finite_size_state, pair_correlations, track
from validation.binary import simulate_binary
from validation.binary_statistics import (
    current_correlation,
    mean_and_error,
    pair_covariances,
    rates,
)
from validation.binary_statistics import (
    pair_correlations as measured_correlations,
)

TAU = 0.01
NOISE = mf.WhiteNoiseDrive(sigma=1.0)


def one(mu, **others):
    arguments = {
        "names": ["A"], "sizes": [200], "neurons": mf.Binary(tau=TAU, v_th=1.0), "indegree": [[0]], "weight": [[0]],
        "drives": [mf.ConstantDrive(mu=mu), NOISE],
    }  # fmt: skip
    return mf.Network(**arguments | others)


def test_without_connections_neurons_are_independent():
    """Activity H((v_th - mu)/sigma), variance m (1 - m)/N, correlation time tau, flips 2 m (1 - m)/tau."""
    run = simulate_binary(one(0.5), duration=40.0, step=TAU, warmup=0.1, rng=1)
    m = mf.Binary(tau=TAU, v_th=1.0).rate(0.5, 1.0)
    mean, error = rates(run)
    assert abs(mean - m)[0] < 4 * error[0]
    assert error[0] == pytest.approx(np.sqrt(m * (1 - m) / 200 * 2 * TAU / 40), rel=0.5)
    covariance, error = pair_covariances(run)
    assert abs(covariance[0, 0]) < 4 * error[0, 0]
    x = run.activity[:, 0] - mean[0]
    assert (x[1:] @ x[:-1]) / (x @ x) == pytest.approx(np.exp(-1), abs=0.06)
    assert run.flips / run.updates == pytest.approx(2 * m * (1 - m), rel=0.01)
    assert run.updates == pytest.approx(200 * 40.1 / TAU, rel=0.005)


def test_two_neurons_that_hear_each_other_exactly():
    """Two neurons, each the other's source, with noise: a Markov chain of four states solved by hand."""
    both = one(0.0, sizes=[1, 1], names=["A", "B"], indegree=[[0, 1], [1, 0]], weight=[[0, 1.5], [-0.8, 0]])
    run = simulate_binary(both, duration=400.0, step=TAU / 2, rng=2)
    on = mf.Binary(tau=TAU, v_th=1.0).rate
    chain = np.zeros((4, 4))  # states 2 a + b
    for a in (0, 1):
        for b in (0, 1):
            p, q = on(1.5 * b, 1.0), on(-0.8 * a, 1.0)
            for target, weight in ((2 + b, p), (b, 1 - p), (2 * a + 1, q), (2 * a, 1 - q)):
                chain[2 * a + b, target] += weight / 2
    values, vectors = np.linalg.eig(chain.T)
    law = np.real(vectors[:, np.argmax(values.real)])
    law /= law.sum()
    expected = np.array([law[2] + law[3], law[1] + law[3], law[3]])
    mean, error = mean_and_error(np.column_stack([run.activity, run.activity.prod(axis=1)]), 50)
    assert (np.abs(mean - expected) < 4 * error).all()


@pytest.mark.parametrize("connections", ["Erdős-Rényi", "fixed indegree"])
def test_inputs_are_counts_of_active_sources(connections):
    """Mean and quenched variance of the indegree, read off the inputs when all sources are always active."""
    net = mf.Network(
        names=["A", "B"], sizes=[400, 300], neurons=[mf.Binary(tau=TAU, v_th=-9.0), mf.Binary(tau=TAU, v_th=1e6)],
        indegree=[[0, 0], [100, 0]], weight=[[0, 0], [0.5, 0]],
    )  # fmt: skip
    run = simulate_binary(net, duration=0.05, connections=connections, sample=300, rng=3)
    assert (run.activity == [1.0, 0.0]).all()
    indegree = run.inputs[1][-1, :, 0] / 0.5
    if connections == "fixed indegree":
        assert (indegree == 100).all()
    else:
        assert abs(indegree.mean() - 100) < 4 * np.sqrt(75 / 300)
        assert indegree.var(ddof=1) == pytest.approx(75, rel=4 * np.sqrt(2 / 300))


def test_activities_and_heterogeneity_are_those_of_theory():
    net = mf.models.vanvreeswijk1998(K=1000, m0=0.2, size=5000)
    state = finite_size_state(net)
    run = simulate_binary(net, duration=2.0, rng=4)
    mean, error = rates(run)
    assert (np.abs(mean - state.activity) < 4 * error + 0.002).all()  # 0.002: weights are of finite size
    np.testing.assert_allclose(run.overlap, state.overlap, rtol=0.04)


def test_correlations_are_those_of_theory():
    net = mf.models.renart2010(size=800)
    expected = pair_correlations(net, connections="Erdős-Rényi")
    run = simulate_binary(net, duration=30.0, step=TAU / 2, sample=100, rng=5)
    found, error = measured_correlations(run)
    assert (np.abs(found - expected.correlation) < 4 * error + 0.08 * np.abs(expected.correlation)).all()
    for first, second in (((0, 2), (0, 2)), ((1,), (1,)), ((0, 2), (1,))):
        value, deviation = current_correlation(run, 0, first, second)
        assert abs(value - expected.current_correlation(0, first, second)) < 4 * deviation + 0.02


def test_a_step_of_the_drive_is_followed_faster_than_tau():
    net = mf.models.vanvreeswijk1998(K=400, m0=0.15, size=10_000)
    times = np.arange(0.0, 0.06, 5e-4)
    drive = net.mu_ext * np.where(times < 0.03, 1.0, 1.4)[:, None]
    theory = track(net, times, drive)
    run = simulate_binary(net, duration=times[-1] + 5e-4, step=5e-4, mu_ext=lambda _: drive, rng=6)
    late = times > 0.045
    risen = theory[late].mean(axis=0) - theory[0]
    assert (np.abs(run.activity - theory).max(axis=0) < 0.3 * risen).all()
    assert ((run.activity[62:70].mean(axis=0) - run.activity[:60].mean(axis=0)) > 0.45 * risen).all()  # at 3 ms


def test_the_same_seed_is_the_same_run():
    net = mf.models.vanvreeswijk1998(K=50, m0=0.3, size=200)
    runs = [simulate_binary(net, duration=0.1, rng=seed).activity for seed in (7, 7, 8)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_bad_input_is_named():
    net = mf.models.vanvreeswijk1998(K=50, size=200)
    with pytest.raises(TypeError, match="neurons must be Binary, population E has LIF"):
        simulate_binary(mf.models.brunel2000(), duration=1.0)
    with pytest.raises(ValueError, match="without delays"):
        simulate_binary(replace(net, delay=1e-3), duration=1.0)
    with pytest.raises(ValueError, match="E has 500 from E, which has 200 neurons"):
        simulate_binary(mf.models.vanvreeswijk1998(K=500, size=200), duration=1.0)
    with pytest.raises(ValueError, match="duration must be positive"):
        simulate_binary(net, duration=0.0)
