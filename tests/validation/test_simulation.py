"""What the simulation does: connections, delays, exact integration, input statistics."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import LIF, needs_compiler, relay, same, small
from validation import compiler, simulate
from validation.structure import structure_of


@needs_compiler
def test_the_seed_decides_everything():
    one, again, other = (simulate(small(), duration=0.2, rng=seed) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)


@needs_compiler
@pytest.mark.parametrize("delay", [0.1 * ms, 1.5 * ms, 7.3 * ms])
def test_a_spike_arrives_exactly_one_delay_later(delay):
    run = simulate(relay(delay), duration=0.3, warmup=0.0)
    clock, listener = run.times
    assert clock.size > 5
    assert run.dt == 0.1 * ms
    np.testing.assert_allclose(listener[:5] - clock[:5], delay, atol=1e-9)


SPREAD = {
    "uniform": mf.UniformDelay(0.5 * ms, 3.5 * ms),
    "gaussian": mf.GaussianDelay(1.5 * ms, 1 * ms, low=0.4 * ms),
    "exponential": mf.ExponentialDelay(2 * ms, low=1 * ms),
}


def fan(delays, n: int = 4000) -> mf.Network:
    """A neuron that fires every 32 ms, and a population of listeners for each of three distributions of delays."""
    clock = mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=20 * mV, v_reset=0.0)
    listener = mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=10 * mV, v_reset=0.0)
    column = [0.0] + [1.0] * len(delays)
    beside = [0.0] * len(delays)
    return mf.Network(
        names=["clock", *map(str, range(len(delays)))],
        sizes=[1] + [n] * len(delays),
        neurons=[clock] + [listener] * len(delays),
        indegree=[[k, *beside] for k in column],
        weight=[[15 * mV * k, *beside] for k in column],
        delay=[[delay] + [0.0] * len(delays) for delay in (0.0, *delays)],
        drives=[mf.ConstantDrive(mu=[25 * mV, *beside])],
    )


def measured_lags(run, i: int) -> np.ndarray:
    """Lag of each listener's first spike behind the clock's first."""
    _, first = np.unique(run.indices[i], return_index=True)
    return run.times[i][first] - run.times[0][0]


def assert_drawn_from(lags, delay, dt):
    """Mean, deviation and quantiles of lags are those of delays rounded to steps, within five standard errors."""
    expected = np.maximum(np.rint(delay.sample(400_000, rng=5) / dt), 1) * dt
    scatter = expected.std()
    assert lags.mean() == pytest.approx(expected.mean(), abs=5 * scatter / np.sqrt(lags.size))
    kurtosis = np.mean(((expected - expected.mean()) / scatter) ** 4)
    assert lags.std() == pytest.approx(scatter, rel=5 * np.sqrt((kurtosis - 1) / lags.size) / 2)
    for edge in np.quantile(expected, [0.1, 0.5, 0.9]):
        share = np.mean(expected <= edge + 0.5 * dt)
        assert np.mean(lags <= edge + 0.5 * dt) == pytest.approx(
            share, abs=5 * np.sqrt(share * (1 - share) / lags.size)
        )
    assert lags.min() >= max(delay.low - 0.5 * dt, dt) - 1e-9


@needs_compiler
def test_delays_are_drawn_from_their_distributions():
    run = simulate(fan(SPREAD.values()), duration=0.064, warmup=0.0, rng=3)
    for i, delay in enumerate(SPREAD.values(), start=1):
        lags = measured_lags(run, i)
        assert lags.size == run.network.sizes[i]
        assert lags.mean() == pytest.approx(delay.expectation, abs=5 * lags.std() / np.sqrt(lags.size))
        assert_drawn_from(lags, delay, run.dt)


@needs_compiler
def test_distributions_are_set_at_run_time_and_drawn_by_the_seed(monkeypatch):
    """Other parameters need no new program; delays below a step count as one; a synapse keeps its delay."""
    simulate(fan(SPREAD.values()), duration=0.01)
    monkeypatch.setattr(compiler, "_build_in_fresh_process", lambda *_: pytest.fail("compiled again"))
    other = [mf.UniformDelay(0.0, 1 * ms), mf.GaussianDelay(3 * ms, 0.5 * ms), mf.ExponentialDelay(0.5 * ms)]
    runs = [simulate(fan(other), duration=0.096, warmup=0.0, rng=seed) for seed in (1, 1, 2)]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2])
    for i, delay in enumerate(other, start=1):
        assert_drawn_from(measured_lags(runs[0], i), delay, runs[0].dt)
        by_neuron = np.argsort(runs[0].indices[i], kind="stable")
        spikes = runs[0].times[i][by_neuron].reshape(runs[0].network.sizes[i], -1)
        lags = spikes - runs[0].times[0][: spikes.shape[1]]
        np.testing.assert_allclose(lags, np.broadcast_to(lags[:, :1], lags.shape), atol=1e-9)


def test_a_structure_knows_fixed_from_distributed():
    fixed, spread = structure_of(small(), 1e-4), structure_of(small(delay=SPREAD["uniform"]), 1e-4)
    assert fixed != spread
    assert fixed == structure_of(small(delay=2 * ms), 1e-4)
    assert spread == structure_of(small(delay=mf.UniformDelay(0.0, 1 * ms)), 1e-4)
    apart = [[40, 0], [40, 10]]  # a delay that no synapse has does not matter
    delay = [[1 * ms, SPREAD["gaussian"]], [1 * ms, 1 * ms]]
    assert structure_of(small(indegree=apart, delay=delay), 1e-4) == structure_of(small(indegree=apart), 1e-4)


def test_without_a_compiler_delays_are_drawn_too(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="without compiling"):
        run = simulate(fan(SPREAD.values(), n=1500), duration=0.064, warmup=0.0, rng=3)
    for i, delay in enumerate(SPREAD.values(), start=1):
        assert_drawn_from(measured_lags(run, i), delay, run.dt)


@needs_compiler
def test_membrane_is_integrated_exactly():
    """Intervals of a noiseless neuron are tau_m log(mu/(mu - v_th)), to within the step in which a spike is seen."""
    run = simulate(relay(1.5 * ms), duration=2.0, warmup=0.0)
    exact = 20 * ms * np.log(25 / 5)
    intervals = np.diff(run.times[0])
    assert np.all(intervals >= exact - 1e-9)
    assert np.all(intervals <= exact + run.dt + 1e-9)


@needs_compiler
def test_refractory_period():
    """With an input far above threshold the interval is t_ref and the way up, to within a step."""
    fast = mf.LIF(tau_m=20 * ms, t_ref=5 * ms, v_th=20 * mV, v_reset=0.0)
    net = dataclasses.replace(relay(1.5 * ms), neurons=[fast, LIF], drives=[mf.ConstantDrive(mu=[1.0, 0.0])])
    intervals = np.diff(simulate(net, duration=0.5, warmup=0.0).times[0])
    exact = 5 * ms + 20 * ms * np.log(1 / (1 - 0.02))
    assert np.all(intervals >= exact - 1e-9)
    assert np.all(intervals <= exact + 1e-4 + 1e-9)


@needs_compiler
@pytest.mark.parametrize("indegree", [1, 3, 10])
def test_in_degree_is_exact_and_set_at_run_time(indegree):
    """Every listener spike is one jump of indegree times the weight; too few synapses stay below threshold."""
    run = simulate(relay(1.5 * ms, indegree, 2.5 * mV), duration=0.3, warmup=0.0)
    expected = 2.5 * mV * indegree * run.times[0].size / (0.3 / run.dt)
    received = run.mu[1][0] * run.dt / (20 * ms)
    late = run.times[0][-1] > 0.3 - 1.5 * ms  # the last spike may still be on its way
    assert received == pytest.approx(expected, rel=0.2 if late else 1e-9)
    assert (run.times[1].size > 0) == (indegree == 10)


@needs_compiler
def test_every_neuron_has_the_same_in_degree_from_random_sources():
    """With all sources firing alike, a fixed in-degree gives every target the same input."""
    net = mf.Network(
        names=["in", "out"],
        sizes=[50, 200],
        neurons=[mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=0.0), mf.LIF(tau_m=20 * ms, v_th=1.0, v_reset=0.0)],
        indegree=[[0, 0], [20, 0]],
        weight=[[0, 0], [0.1 * mV, 0]],
        delay=1 * ms,
        drives=[mf.ConstantDrive(mu=[25 * mV, 0.0])],
    )
    run = simulate(net, duration=3.0, warmup=0.5)
    counts = np.bincount(run.indices[0], minlength=50)
    assert counts.max() - counts.min() <= 1
    per_target = run.mu[1] * 3.0 / (20 * ms) / (0.1 * mV)
    assert np.all(np.abs(per_target - 20 * counts.mean()) <= 20)
    assert np.unique(np.round(per_target)).size > 1  # but from different sources


def watched(indegree: int) -> mf.Network:
    """Regular neurons of different phases, and others that fire once for each spike that reaches them."""
    return mf.Network(
        names=["in", "out"],
        sizes=[50, 200],
        neurons=[mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=0.0), mf.LIF(tau_m=20 * ms, v_th=10 * mV, v_reset=0.0)],
        indegree=[[0, 0], [indegree, 0]],
        weight=[[0, 0], [15 * mV, 0]],
        delay=1 * ms,
        drives=[mf.ConstantDrive(mu=[25 * mV, 0.0])],
    )


def connections(run) -> tuple[np.ndarray, np.ndarray]:
    """Who is connected to whom, (200, 50), from spike times alone; and for each source the first that fires alike.

    Sources that fire in the same steps cannot be told apart. Spikes of the last delay, 10 steps, do not arrive.
    """
    steps = [np.rint(times / run.dt).astype(int) for times in run.times]
    arrivals = steps[0] + 10
    on_time = arrivals < round(run.duration / run.dt)
    trains = [tuple(arrivals[on_time & (run.indices[0] == k)]) for k in range(50)]
    answers = [set(steps[1][run.indices[1] == k]) for k in range(200)]
    connected = np.array([[answer.issuperset(train) for train in trains] for answer in answers])
    return connected, np.array([trains.index(train) for train in trains])


@needs_compiler
def test_connections_change_with_the_seed_and_with_the_in_degree():
    def run(indegree, seed):
        return connections(simulate(watched(indegree), duration=0.2, warmup=0.0, rng=seed))[0]

    first, other = run(1, 1), run(1, 2)
    np.testing.assert_array_equal(first, run(1, 1))
    assert (first & other).sum() < 0.15 * first.sum()  # by chance 1 in 50
    assert run(5, 1).sum() > 3 * first.sum()


@needs_compiler
def test_sources_are_drawn_uniformly():
    """One source for each of 200 targets, from 50: chi² of how often each is drawn, against its mean and deviation."""
    connected, alike = connections(simulate(watched(1), duration=0.2, warmup=0.0, rng=7))
    apart, sources = np.unique(alike, return_counts=True)
    drawn = connected[:, apart]
    assert np.all(drawn.sum(axis=1) == 1)
    expected = 200 * sources / 50
    chi2 = np.sum((drawn.sum(axis=0) - expected) ** 2 / expected)
    freedom = sources.size - 1
    assert abs(chi2 - freedom) < 4 * np.sqrt(2 * freedom)


@needs_compiler
def test_filtered_synapses_as_solved_by_hand():
    """Spike times under exponential currents, also with tau_s = tau_m, against the solution between two spikes."""
    clock = mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=20 * mV, v_reset=0.0)
    for tau_s in (5 * ms, 20 * ms, 80 * ms):
        listener = mf.LIF(tau_m=20 * ms, t_ref=3 * ms, v_th=10 * mV, v_reset=2 * mV, tau_s=tau_s)
        net = dataclasses.replace(relay(1.5 * ms, 1, 25 * mV), neurons=[clock, listener])
        run = simulate(net, duration=1.0, warmup=0.0, rng=8)
        sources, found = (np.rint(times / run.dt).astype(int) for times in run.times)
        assert found.size > 10
        np.testing.assert_array_equal(found, listener_spikes(sources + 15, listener, 25 * mV, run.dt, found[0], 10_000))


def listener_spikes(arrivals, neuron, weight, dt, first, steps):
    """Spikes of a neuron with exponential synaptic currents, given the first: the propagators of its two equations."""
    a, b = np.exp(-dt / neuron.tau_s), np.exp(-dt / neuron.tau_m)
    if neuron.tau_s == neuron.tau_m:
        mix = dt / neuron.tau_m * b
    else:
        mix = neuron.tau_s / (neuron.tau_s - neuron.tau_m) * (a - b)
    jump = weight * neuron.tau_m / neuron.tau_s
    v, current, rests, spikes = -np.inf, 0.0, 0, []  # silent until the first, since the start is random
    arriving = np.bincount(arrivals, minlength=steps)
    for step in range(steps):
        if rests:
            rests -= 1
        else:
            v = b * v + mix * current
        current = a * current + jump * arriving[step]
        if v >= neuron.v_th or step == first:
            v, rests = neuron.v_reset, round(neuron.t_ref / dt)
            spikes.append(step)
    return np.array(spikes)


@needs_compiler
@pytest.mark.parametrize("mean", [0.0, 0.03, 2.0, 150.0])
def test_external_spikes_are_poisson(mean):
    """Mean and variance of the number in a step, from below one to beyond one table."""
    weight, n, duration = 0.01 * mV, 200, 1.0
    net = mf.Network(
        names=["X"],
        sizes=[n],
        neurons=mf.LIF(tau_m=20 * ms, v_th=1000.0, v_reset=0.0),
        indegree=[[0]],
        weight=[[0.0]],
        drives=[mf.PoissonDrive(indegree=1, weight=weight, rate=mean / (0.1 * ms))],
    )
    run = simulate(net, duration=duration, rng=5)
    mu, sigma = net.input_moments(0.0)
    samples = n * duration / run.dt
    z_mean = (run.mu[0].mean() - mu[0]) / (mu[0] / np.sqrt(mean * samples)) if mean else run.mu[0].mean()
    assert abs(z_mean) < 4
    if mean:
        relative = np.sqrt((2 + 1 / mean) / samples)  # standard error of a Poisson variance
        assert abs((run.sigma[0] ** 2).mean() / sigma[0] ** 2 - 1) < 4 * relative
    else:
        assert run.sigma[0].max() == 0.0


@needs_compiler
def test_uncoupled_neurons_under_white_noise_fire_as_theory_says():
    """No recurrence, no jumps: what differs is the threshold looked at once a step, a shift of 0.5826 sigma sqrt(dt).

    (Broadie, Glasserman & Kou 1997: barriers watched at steps are as if moved out by zeta(1/2)/sqrt(2 pi).)
    """
    n, duration = 2000, 2.0
    for mu, sigma in [(15 * mV, 5 * mV), (24 * mV, 3 * mV)]:
        net = mf.Network(
            names=["X"],
            sizes=[n],
            neurons=LIF,
            indegree=[[0]],
            weight=[[0.0]],
            drives=[mf.ConstantDrive(mu=mu), mf.WhiteNoiseDrive(sigma=sigma)],
        )
        run = simulate(net, duration=duration, rng=3)
        moved = 0.5826 * sigma * np.sqrt(run.dt / LIF.tau_m)
        watched = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV + moved, v_reset=10 * mV)
        expected = watched.rate(mu, sigma)
        error = watched.cv(mu, sigma) * np.sqrt(expected / (n * duration))
        assert abs(run.rate[0] - expected) < 4 * error + 0.002 * expected


@needs_compiler
def test_input_moments_are_those_of_the_simulated_rates():
    net = small(drives=[mf.PoissonDrive(indegree=100, weight=0.4 * mV, rate=80 * Hz), mf.ConstantDrive(mu=1 * mV)])
    run = simulate(net, duration=4.0, rng=2)
    mu, sigma = net.input_moments(run.rate)
    for i in range(2):
        assert run.mu[i].mean() == pytest.approx(mu[i], rel=0.01)
        # synchrony adds variance, refractory regularity does not act within a step
        assert np.sqrt((run.sigma[i] ** 2).mean()) == pytest.approx(sigma[i], rel=0.08)


@needs_compiler
def test_filtered_synapses_bring_the_same_charge():
    """Exponential currents: mu is tau_m K J nu, and the listener's mean potential is it."""
    net = relay(1.5 * ms, 1, 3 * mV)
    filtered = mf.LIF(tau_m=20 * ms, v_th=1.0, v_reset=0.0, tau_s=5 * ms)
    run = simulate(dataclasses.replace(net, neurons=[net.neurons[0], filtered]), duration=2.0, warmup=0.3)
    expected = 20 * ms * 3 * mV * run.rate[0]
    assert run.mu[1][0] == pytest.approx(expected, rel=0.02)


@needs_compiler
def test_three_populations_of_different_kinds_under_every_drive():
    """Input moments are those of theory at the simulated rates: jumps and currents, two Poisson drives, all drives."""
    jumps, currents = LIF, dataclasses.replace(LIF, tau_s=3 * ms, tau_m=12 * ms)
    net = mf.Network(
        names=["A", "B", "C"],
        sizes=[120, 80, 60],
        neurons=[jumps, currents, jumps],
        indegree=[[10, 0, 5], [12, 8, 0], [0, 20.4, 0]],
        weight=[[0.1 * mV, 0, -0.2 * mV], [0.1 * mV, -0.1 * mV, 0], [0, 0.1 * mV, 0]],
        delay=[[1 * ms, 0, 2 * ms], [0.5 * ms, 4 * ms, 0], [0, 1 * ms, 0]],
        drives=[
            mf.PoissonDrive(indegree=100, weight=0.1 * mV, rate=60 * Hz),
            mf.PoissonDrive(indegree=[50, 20, 0], weight=[-0.2 * mV, 0.1 * mV, 0], rate=20 * Hz),
            mf.ConstantDrive(mu=[13 * mV, 12 * mV, 8 * mV]),
            mf.WhiteNoiseDrive(sigma=[1 * mV, 0.0, 3 * mV]),
        ],
    )
    run = simulate(net, duration=4.0, rng=6)
    assert np.all(run.rate > 2)
    expected = dataclasses.replace(net, indegree=np.rint(net.indegree)).input_moments(run.rate)
    for i in range(3):
        error = run.mu[i].std(ddof=1) / np.sqrt(run.mu[i].size)
        assert run.mu[i].mean() == pytest.approx(expected[0][i], abs=5 * error + 1e-12)
        assert np.sqrt(np.mean(run.sigma[i] ** 2)) == pytest.approx(expected[1][i], rel=0.01)


@needs_compiler
def test_exponential_and_quadratic_neurons_fire_as_theory_says():
    """A population of each in white noise, of its own mean and amplitude; steps of 0.05 ms make 0.3% of the rate."""
    eif = mf.EIF(tau_m=20 * ms, t_ref=2 * ms, v_t=20 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)
    qif = mf.QIF(tau_m=10 * ms, v_t=20 * mV, delta_t=2 * mV, v_th=18 * mV, v_peak=80 * mV, v_reset=5 * mV)
    net = mf.Network(
        names=["EIF", "QIF"],
        sizes=[2000, 2000],
        neurons=[eif, qif],
        indegree=np.zeros((2, 2)),
        weight=np.zeros((2, 2)),
        drives=[mf.ConstantDrive(mu=[20 * mV, 17 * mV]), mf.WhiteNoiseDrive(sigma=[4 * mV, 6 * mV])],
    )
    run = simulate(net, duration=2.0, dt=0.05 * ms, rng=1)
    state = mf.solve(net)
    for i, name in enumerate(net.names):
        counts = np.bincount(run.indices[i], minlength=2000) / 2.0
        error = counts.std() / np.sqrt(2000)
        assert counts.mean() == pytest.approx(state.rate[i], abs=4 * error + 0.005 * state.rate[i]), name
