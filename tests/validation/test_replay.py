"""A network whose feedback is cut: what its neurons hear and do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import LIF, needs_brian2, needs_compiler
from tests.validation.test_currents import NETWORK as CURRENTS
from validation.replay import replay_network
from validation.results import Simulation
from validation.statistics import pairwise_correlation
from validation.suppression import suppression


def trains(network: mf.Network, rate: float, duration: float, together: bool = False) -> Simulation:
    """Poisson trains in the place of a simulation; one and the same for all neurons of a population, or independent."""
    rng = np.random.default_rng(3)
    times, indices = [], []
    for size in network.sizes:
        if together:
            own = np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))
            when, who = np.repeat(own, size), np.tile(np.arange(size), own.size)
        else:
            n = rng.poisson(rate * duration * size)
            when, who = np.sort(rng.uniform(0, duration, n)), rng.integers(0, size, n)
        times.append(when)
        indices.append(who)
    nothing = tuple(np.zeros(size) for size in network.sizes)
    return Simulation(
        network=network,
        duration=duration,
        warmup=0.0,
        dt=1e-4,
        seed=1,
        times=tuple(times),
        indices=tuple(indices),
        mu=nothing,
        sigma=nothing,
        indegree=nothing,
        queue="none",
    )


NETWORK = mf.Network(
    names=["E", "I"],
    sizes=[800, 200],
    neurons=LIF,
    indegree=[[80, 20], [80, 20]],
    weight=[[0.2 * mV, -0.8 * mV]] * 2,
    delay=1.5 * ms,
    drives=[mf.PoissonDrive(indegree=100, weight=0.2 * mV, rate=60 * Hz)],
)


def test_independent_trains_leave_the_correlation_of_shared_sources():
    """Two neurons share K²/N sources: correlations K/N for one population, of all by the variances that they bring."""
    rate = 30.0
    found = replay_network(trains(NETWORK, rate, 6.0), replay="independent", window=0.002, inputs=150)
    brought = rate * np.array([80 * 0.2**2, 20 * 0.8**2])
    drive = 100 * 0.2**2 * 60
    shared = brought * np.array([80 / 800, 20 / 200])
    excitation, inhibition = found.excitation[0], found.inhibition[0]
    for inputs, expected in (
        (excitation, shared[0] / (brought[0] + drive)),
        (inhibition, 0.1),
        (excitation + inhibition, shared.sum() / (brought.sum() + drive)),
    ):
        error = np.sqrt(2 / inputs.shape[1]) * (expected + 1 / 150)  # of the variance of the sum of the inputs
        assert pairwise_correlation(inputs) == pytest.approx(expected, abs=4 * error)
        assert expected > 6 * error


def test_mean_inputs_and_rates_are_those_of_theory():
    rate = 30.0
    found = replay_network(trains(NETWORK, rate, 1.5), window=0.02, inputs=200)
    mu, sigma = NETWORK.input_moments([rate, rate])
    for i in range(2):
        net = (found.excitation[i] + found.inhibition[i]).mean() * 20 * ms / found.window
        assert net == pytest.approx(mu[i], rel=0.01)
        assert found.counts[i].mean() / found.window == pytest.approx(LIF.rate(mu[i], sigma[i]), rel=0.06)
        assert found.rate[i].mean() == pytest.approx(found.counts[i].mean() / found.window)


def test_shifting_takes_correlations_of_trains_away():
    """Trains that all fire at once are heard as such; shifted, only shared sources are left."""
    same = trains(NETWORK, 30.0, 2.0, together=True)
    recorded = replay_network(same, window=0.02, inputs=100).excitation[0]
    shifted = replay_network(same, replay="independent", window=0.02, inputs=100).excitation[0]
    assert pairwise_correlation(recorded) > 0.9
    assert pairwise_correlation(shifted) < 0.1
    assert shifted.mean() == pytest.approx(recorded.mean(), rel=0.02)


def test_what_cannot_be_replayed_is_refused():
    run = trains(NETWORK, 10.0, 0.2)
    with pytest.raises(ValueError, match="unknown replay 'shuffled'"):
        replay_network(run, replay="shuffled")
    with pytest.raises(ValueError, match=r"window must be from 0.0001 s to 0.1 s, got 1 s"):
        replay_network(run, window=1.0)
    spread = replace(run, network=replace(NETWORK, delay=mf.UniformDelay(low=1 * ms, high=2 * ms)))
    with pytest.raises(TypeError, match="replay is for fixed delays"):
        replay_network(spread)
    filtered = replace(
        run,
        network=replace(
            NETWORK,
            neurons=mf.LIF(**{"tau_m": 20 * ms, "t_ref": 2 * ms, "v_th": 20 * mV, "v_reset": 10 * mV, "tau_s": 5 * ms}),
        ),
    )
    with pytest.raises(TypeError, match="without synaptic filters"):
        replay_network(filtered)


@needs_brian2
@needs_compiler
def test_feedback_suppresses_what_shared_sources_bring():
    """In theory cut feedback makes the power of E 1.7 and of I 3.9 times as large."""
    found = suppression(CURRENTS, duration=1.0, trials=2, window=0.05, inputs=20, coloured=False)
    intact, cut = (found.measured[kind] for kind in ("intact", "independent"))
    assert cut["power"][1].mean > 2 * intact["power"][1].mean
    assert cut["power"][0].mean > 1.2 * intact["power"][0].mean
    for i in range(2):
        assert intact["excitation"][i].mean == pytest.approx(found.measured["recorded"]["excitation"][i].mean, abs=0.15)
        assert cut["excitation"][i].mean < 0.1
        for kind in ("recorded", "independent"):
            assert found.rate[kind][i].mean == pytest.approx(found.rate["intact"][i].mean, rel=0.05)
    assert "independent" in str(found)
    assert '"theory"' in found.to_json()
