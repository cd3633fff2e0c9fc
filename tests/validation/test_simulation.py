"""The simulation engine: connectivity, delays, exact integration, reuse of programs, and what happens without tools."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from validation import SimulationUnavailable, compiler, simulate, simulate_many
from validation.compiler import missing_tools

needs_compiler = pytest.mark.skipif(bool(missing_tools()), reason=f"no {' and no '.join(missing_tools())} found")
LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)


def small(**changes) -> mf.Network:
    """Brunel's network in small: 400 E and 100 I neurons."""
    words = {
        "names": ["E", "I"],
        "sizes": [400, 100],
        "neurons": LIF,
        "indegree": [[40, 10], [40, 10]],
        "weight": [[0.4 * mV, -2.0 * mV]] * 2,
        "delay": 1.5 * ms,
        "drives": [mf.PoissonDrive(indegree=100, weight=0.4 * mV, rate=50 * Hz)],
    }
    return mf.Network(**(words | changes))


def relay(delay: float, indegree: float = 1.0, weight: float = 15 * mV) -> mf.Network:
    """A neuron that fires regularly, and one that shows what it receives."""
    return mf.Network(
        names=["clock", "listener"],
        sizes=[1, 1],
        neurons=[
            mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=20 * mV, v_reset=0.0),
            mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=10 * mV, v_reset=0.0),
        ],
        indegree=[[0, 0], [indegree, 0]],
        weight=[[0, 0], [weight, 0]],
        delay=delay,
        drives=[mf.ConstantDrive(mu=[25 * mV, 0.0])],
    )


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.times + a.indices, b.times + b.indices, strict=True))


@needs_compiler
def test_the_seed_decides_everything():
    one, again, other = (simulate(small(), duration=0.2, rng=seed) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)


@needs_compiler
def test_other_parameters_need_no_new_program(monkeypatch):
    simulate(small(), duration=0.05)
    monkeypatch.setattr(compiler, "_build_in_fresh_process", lambda *_: pytest.fail("compiled again"))
    changed = small(
        neurons=mf.LIF(tau_m=15 * ms, t_ref=1 * ms, v_th=18 * mV, v_reset=9 * mV),
        indegree=[[50, 20], [30, 5]],
        weight=[[0.3 * mV, -1.0 * mV]] * 2,
        delay=2 * ms,
        drives=[mf.PoissonDrive(indegree=80, weight=0.5 * mV, rate=40 * Hz)],
    )
    simulate(changed, duration=0.1)


@needs_compiler
@pytest.mark.parametrize("delay", [0.1 * ms, 1.5 * ms, 7.3 * ms])
def test_a_spike_arrives_exactly_one_delay_later(delay):
    run = simulate(relay(delay), duration=0.3, warmup=0.0)
    clock, listener = run.times
    assert clock.size > 5
    assert run.dt == 0.1 * ms
    np.testing.assert_allclose(listener[:5] - clock[:5], delay, atol=1e-9)


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
def test_parallel_runs_are_the_runs_alone(tmp_path):
    nets = [small(label=str(k), delay=(1 + k) * ms) for k in range(4)]
    together = simulate_many(nets, summary=_spike_counts, duration=0.2, rng=9, processes=2)
    seeds = np.random.default_rng(9).integers(1, 2**62, size=4)
    alone = [_spike_counts(simulate(net, duration=0.2, rng=int(s))) for net, s in zip(nets, seeds, strict=True)]
    assert together == alone
    assert len({tuple(counts) for counts in together}) == 4


@needs_compiler
def test_many_runs_go_on_where_they_were_killed(tmp_path):
    """SIGKILL while summaries are written: what is there is kept, the rest computed, the result is the same."""
    code = (
        "from tests.validation.test_simulation import small, _spike_counts\n"
        "from validation import simulate_many\n"
        f"simulate_many([small(label=str(k)) for k in range(12)], summary=_spike_counts, duration=1.0, rng=4,"
        f" processes=1, store={str(tmp_path)!r})\n"
    )
    simulate(small(), duration=0.05)
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.pickle"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.pickle")}
    assert 2 <= len(kept) < 12
    nets = [small(label=str(k)) for k in range(12)]
    resumed = simulate_many(nets, summary=_spike_counts, duration=1.0, rng=4, store=tmp_path)
    assert all((tmp_path / name).stat().st_mtime_ns == when for name, when in kept.items())
    assert resumed == simulate_many(nets, summary=_spike_counts, duration=1.0, rng=4)


def _spike_counts(simulation) -> list[int]:
    return [int(times.size) for times in simulation.times]


@needs_compiler
def test_a_damaged_program_is_not_run_but_built_again(tmp_path, monkeypatch):
    monkeypatch.setenv("MEANFIELD_CACHE_DIR", str(tmp_path))
    first = simulate(relay(1.5 * ms), duration=0.1, warmup=0.0)
    programs = [p for p in (tmp_path / "programs").iterdir() if (p / "main").exists()]
    assert len(programs) == 1
    (programs[0] / "main").write_bytes(b"not a program")
    assert same(simulate(relay(1.5 * ms), duration=0.1, warmup=0.0), first)
    assert not list((tmp_path / "programs").glob(".building-*"))


@needs_compiler
def test_a_build_that_is_killed_leaves_nothing_that_is_trusted(tmp_path, monkeypatch):
    code = "from tests.validation.test_simulation import *; simulate(relay(1.5 * ms), duration=0.1, warmup=0.0)"
    environment = os.environ | {"MEANFIELD_CACHE_DIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, start_new_session=True)
    programs = tmp_path / "programs"
    deadline = time.monotonic() + 60
    while not list(programs.glob(".building-*/program/*.cpp")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert list(programs.glob(".building-*/program/*.cpp"))  # it was in the middle of it
    assert not list(programs.glob("*/complete.json"))
    reference = simulate(relay(1.5 * ms), duration=0.1, warmup=0.0)
    monkeypatch.setenv("MEANFIELD_CACHE_DIR", str(tmp_path))
    assert same(simulate(relay(1.5 * ms), duration=0.1, warmup=0.0), reference)


@needs_compiler
def test_a_failing_binary_is_an_error(monkeypatch):
    """Brian2's binary ends with status 0 after an unknown argument; its words on stderr are taken seriously."""
    from validation import simulation

    original = simulation.parameters_of
    monkeypatch.setattr(simulation, "parameters_of", lambda *a: original(*a) | {"population0.nonsense": 1.0})
    with pytest.raises(RuntimeError, match="nonsense"):
        simulate(small(), duration=0.05)


def test_without_a_compiler_small_networks_run_anyway(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="no make and no g\\+\\+ found: simulating .* without compiling"):
        run = simulate(relay(1.5 * ms), duration=0.1, warmup=0.0)
    np.testing.assert_allclose(run.times[1][:2] - run.times[0][:2], 1.5 * ms, atol=1e-9)


def test_without_a_compiler_large_networks_are_refused(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SimulationUnavailable, match=r"1\.56e\+07 synapses.*install g\+\+ and make"):
        simulate(mf.models.brunel2000())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"duration": -1.0}, "duration must be positive, got -1.0 s"),
        ({"dt": 0.0}, "dt must be positive, got 0.0 s"),
        ({"warmup": np.nan}, "warmup must be finite, got nan s"),
        ({"duration": 1e-6}, "at least one time step"),
    ],
)
def test_bad_times_are_named(words, message):
    with pytest.raises(ValueError, match=message):
        simulate(small(), **words)
