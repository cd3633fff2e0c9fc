"""Around the simulation: programs built once and reused, many runs, kills, and what happens without tools."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import needs_compiler, relay, same, small, spike_counts
from validation import SimulationUnavailable, compiler, simulate, simulate_many
from validation.compiler import missing_tools
from validation.structure import structure_of


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
def test_parallel_runs_are_the_runs_alone(tmp_path):
    nets = [small(label=str(k), delay=(1 + k) * ms) for k in range(4)]
    together = simulate_many(nets, summary=spike_counts, duration=0.2, rng=9, processes=2)
    seeds = np.random.default_rng(9).integers(1, 2**62, size=4)
    alone = [spike_counts(simulate(net, duration=0.2, rng=int(s))) for net, s in zip(nets, seeds, strict=True)]
    assert together == alone
    assert len({tuple(counts) for counts in together}) == 4


@needs_compiler
def test_many_runs_go_on_where_they_were_killed(tmp_path):
    """SIGKILL while summaries are written: what is there is kept, the rest computed, the result is the same."""
    code = (
        "from tests.validation.networks import small, spike_counts\n"
        "from validation import simulate_many\n"
        f"simulate_many([small(label=str(k)) for k in range(12)], summary=spike_counts, duration=1.0, rng=4,"
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
    resumed = simulate_many(nets, summary=spike_counts, duration=1.0, rng=4, store=tmp_path)
    assert all((tmp_path / name).stat().st_mtime_ns == when for name, when in kept.items())
    assert resumed == simulate_many(nets, summary=spike_counts, duration=1.0, rng=4)


LONG_RUN = (
    "from tests.validation.networks import small, spike_counts\n"
    "from validation import simulate_many\n"
    "print('started', flush=True)\n"
    "simulate_many([small(label=str(k)) for k in range(4)], summary=spike_counts, duration=1000.0, processes=2)\n"
)


@needs_compiler
@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGINT])
def test_no_simulation_outlives_its_parent(what):
    """Killed or interrupted in the middle of runs of some minutes: soon nothing of the session is left."""
    simulate(small(), duration=0.05)
    process = subprocess.Popen(
        [sys.executable, "-c", LONG_RUN], start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    process.stdout.readline()
    deadline = time.monotonic() + 30
    while _size_of_group(process.pid) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _size_of_group(process.pid) == 3  # itself and two simulations
    process.send_signal(what)
    process.communicate(timeout=30)
    deadline = time.monotonic() + 30
    while _size_of_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _size_of_group(process.pid) == 0


def _size_of_group(group: int) -> int:
    found = subprocess.run(["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return sum(int(pgid) == group and "Z" not in state for pgid, state in map(str.split, found.splitlines()))


@needs_compiler
def test_a_program_wanted_twice_at_once_is_built_once(tmp_path, monkeypatch):
    builds = []

    def build(structure, directory):
        builds.append(structure)
        time.sleep(0.3)
        directory.mkdir()
        (directory / "main").write_bytes(b"binary")
        (directory / "name").write_text("code")
        record = {"binary": hashlib.sha256(b"binary").hexdigest(), "files": {}, "queue": "Brian2"}
        (directory / "complete.json").write_text(json.dumps(record))

    monkeypatch.setenv("MEANFIELD_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiler, "_build_in_fresh_process", build)
    structure = structure_of(small(), 1e-4)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(compiler.program_for, [structure] * 4))
    assert len(builds) == 1
    assert {program.binary for program in found} == {tmp_path / "programs" / "code" / "main"}


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
    code = (
        "from tests.validation.networks import relay\n"
        "from validation import simulate\n"
        "simulate(relay(0.0015), duration=0.1, warmup=0.0)\n"
    )
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


def test_without_a_compiler_the_network_is_the_same(monkeypatch):
    """Compiled and not: rates and input moments of a small network agree within the scatter of runs."""
    net = small(sizes=[200, 50])
    compiled = [simulate(net, duration=0.5, rng=seed) for seed in range(8)] if not missing_tools() else []
    if not compiled:
        pytest.skip("nothing to compare with")
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="without compiling"):
        run = simulate(net, duration=0.5, rng=1)
    assert all(np.array_equal(own, ours) for own, ours in zip(run.indegree, compiled[0].indegree, strict=True))
    for quantity in (lambda r: r.rate, lambda r: np.array([m.mean() for m in (*r.mu, *r.sigma)])):
        values = np.array([quantity(r) for r in compiled])
        # the difference of one run and of the mean of 8, in t of 7 degrees of freedom: 6 has a chance of 5e-4
        assert np.all(np.abs(quantity(run) - values.mean(axis=0)) < 6 * values.std(axis=0, ddof=1) * np.sqrt(9 / 8))


def test_without_brian2_the_reason_is_said(monkeypatch):
    monkeypatch.setattr(compiler.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SimulationUnavailable, match=r"Brian2 is not installed.*meanfield\[sim\]"):
        simulate(small())


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
    with pytest.raises(ValueError, match=message):
        simulate_many([small()], summary=spike_counts, **words)


def test_less_than_one_process_is_refused():
    with pytest.raises(ValueError, match="processes must be at least 1, got 0"):
        simulate_many([small()], summary=spike_counts, processes=0)


@pytest.mark.parametrize("rng", ["x", -1, 2.5])
def test_what_seeds_nothing_is_refused(rng):
    with pytest.raises(TypeError, match=f"rng must be a numpy Generator or a whole number .*, got {rng!r}"):
        simulate(small(), rng=rng)
    with pytest.raises(TypeError, match=f"rng must be a numpy Generator or a whole number .*, got {rng!r}"):
        simulate_many([small()], summary=spike_counts, rng=rng)


def test_half_a_process_is_refused():
    with pytest.raises(TypeError, match=r"processes must be a whole number, got 1\.5"):
        simulate_many([small()], summary=spike_counts, processes=1.5)


@needs_compiler
def test_a_compiler_with_options_is_a_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("MEANFIELD_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("CXX", f"{os.environ.get('CXX', 'g++')} -DOPTION")
    assert missing_tools() == []
    assert simulate(relay(1.5 * ms), duration=0.1, warmup=0.0).times[0].size > 0


def test_a_compiler_that_is_missing_is_named_without_its_options(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler -m64")
    assert "no-such-compiler" in missing_tools()
    monkeypatch.setenv("CXX", "")
    assert "" not in missing_tools()


def test_a_compiler_that_cannot_be_read_is_refused(monkeypatch):
    monkeypatch.setenv("CXX", "g++ '-m64")
    with pytest.raises(ValueError, match=r"CXX must be the command of a C.. compiler, got .*-m64"):
        missing_tools()


@needs_compiler
def test_one_failing_run_ends_them_all():
    def fail(simulation):
        raise ArithmeticError("no summary of this")

    started = time.monotonic()
    with pytest.raises(ArithmeticError, match="no summary of this"):
        simulate_many([small()] + [small()] * 40, summary=fail, duration=2.0, processes=2)
    assert time.monotonic() - started < 10
