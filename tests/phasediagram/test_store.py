"""The store: kills, mismatches, strangers, and two at a time."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.phasediagram import identity
from meanfield.phasediagram.engines import Serial
from tests.phasediagram import models

AXES = {"g": np.linspace(1, 8, 15), "eta": np.linspace(0.2, 4, 15)}
BLOCK = 3
N_BLOCKS = 25
PROGRAM = """
import sys, warnings
import numpy as np
import meanfield as mf
from tests.phasediagram import models
if __name__ == "__main__":
    warnings.simplefilter("ignore")
    axes = {"g": np.linspace(1, 8, 15), "eta": np.linspace(0.2, 4, 15)}
    mf.phase_diagram(models.fussy, store=sys.argv[1], engine=sys.argv[2], block=3, **axes)
"""


class Counting:
    """The serial engine, with the blocks that it was asked for."""

    def __init__(self, stop_after=None):
        self.blocks = []
        self.stop_after = stop_after

    def run(self, evaluation, jobs):
        for k, values in Serial().run(evaluation, jobs):
            if len(self.blocks) == self.stop_after:
                raise KeyboardInterrupt
            self.blocks.append(k)
            yield k, values


@pytest.fixture(autouse=True)
def _no_warning_of_failed_points(recwarn):
    """The model fails at g > 6, on purpose."""
    import warnings

    warnings.filterwarnings("ignore", message=".*points failed")


def diagram(**options):
    return mf.phase_diagram(models.fussy, **({"block": BLOCK} | options), **AXES)


@pytest.fixture(scope="module")
def reference():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return diagram()


def same(a, b):
    xr.testing.assert_identical(a.drop_attrs(deep=False), b.drop_attrs(deep=False))


def start(tmp_path, store, engine="serial"):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, program, store, engine],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def markers(store):
    folder = store / ".meanfield" / "blocks"
    return {int(path.name) for path in folder.iterdir()} if folder.is_dir() else set()


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)


def is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_goes_on_and_ends_the_same(tmp_path, reference, seed):
    moments = random.Random(seed)
    store = tmp_path / "run.zarr"
    for _ in range(2):
        before = markers(store)
        process = start(tmp_path, store)
        wait_for(lambda: markers(store) - before or process.poll() is not None)  # noqa: B023
        time.sleep(moments.uniform(0, 0.15))
        process.kill()
        process.communicate()
        assert before < markers(store)  # a rerun keeps what was there
    done = markers(store)
    assert (xr.open_zarr(store).reason != "not computed").sum() >= len(done) * BLOCK**2  # readable at any time
    counting = Counting()
    result = diagram(store=store, engine=counting)
    assert sorted(counting.blocks) == sorted(set(range(N_BLOCKS)) - done)
    same(result, reference)
    same(xr.open_zarr(store).load(), reference)
    assert result.attrs == xr.open_zarr(store).attrs


def test_an_unfinished_store_reads_as_not_computed(tmp_path):
    store = tmp_path / "run.zarr"
    with pytest.raises(KeyboardInterrupt):
        diagram(store=store, engine=Counting(stop_after=4))
    ds = xr.open_zarr(store).load()
    n_computed = int((ds.reason != "not computed").sum())
    assert n_computed == 4 * BLOCK**2
    is_missing = ds.reason.values == "not computed"
    assert np.isnan(ds.rate.values[is_missing]).all()
    assert (ds.n_states.values[is_missing] == -1).all()
    assert not ds.is_complete.values[is_missing].any()


def test_a_block_without_its_marker_is_computed_again(tmp_path, reference):
    store = tmp_path / "run.zarr"
    diagram(store=store)
    (store / ".meanfield" / "blocks" / "7").unlink()
    chunk = next(path for path in (store / "rate" / "c" / "1" / "2").rglob("*") if path.is_file())  # block 7
    chunk.write_bytes(chunk.read_bytes()[:10])  # what a torn write would leave
    counting = Counting()
    same(diagram(store=store, engine=counting), reference)
    assert counting.blocks == [7]
    again = Counting()
    same(diagram(store=store, engine=again), reference)
    assert again.blocks == []


def test_failed_points_survive_the_store(tmp_path):
    store = tmp_path / "run.zarr"
    diagram(store=store)
    bad = xr.open_zarr(store).load().sel(g=slice(6.1, None))
    assert bad.sizes["g"] == 4
    assert all("must not be above 6" in reason for reason in bad.reason.values.flat)
    assert (bad.n_states == -1).all()
    assert np.isnan(bad.rate).all()
    assert not bad.is_complete.any()


def test_another_run_is_refused_with_its_differences(tmp_path, monkeypatch):
    store = tmp_path / "run.zarr"
    run = {"g": [3.0, 5.0], "eta": [1.0, 2.0], "delay": 1e-3}
    mf.phase_diagram("brunel2000", store=store, **run)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}

    def refuse(words, model="brunel2000", **other):
        with pytest.raises(ValueError, match=words):
            mf.phase_diagram(model, store=store, **(run | other))

    refuse(r"axis eta: stored 2\.0 at index 1, asked for 2\.0000000000000004", eta=[1.0, np.nextafter(2, 3)])
    refuse(r"axis g: stored 2 values from 3\.0 to 5\.0, asked for 3 values from 3\.0 to 6\.0", g=[3.0, 5.0, 6.0])
    refuse(r"parameter delay: stored 0\.001, asked for 0\.002", delay=2e-3)
    refuse(r"parameter tau_m: stored its default, asked for 0\.01", tau_m=0.01)
    refuse("axes: stored g, eta, asked for g, eta, delay", delay=[1e-3])
    refuse(r"block: stored \(1, 1\), asked for \(2, 2\)", block=2)
    with pytest.raises(ValueError, match="model: stored brunel2000, asked for fussy"):
        mf.phase_diagram(models.fussy, store=store, g=[3.0, 5.0], eta=[1.0, 2.0])
    monkeypatch.setattr(identity, "code_fingerprint", lambda: "another")
    refuse(r"stored with version [0-9.]+ \(code [0-9a-f]{16}\), this is version [0-9.]+ \(code another\)")
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_a_model_that_was_edited_is_refused(tmp_path):
    def make(source, **names):
        path = tmp_path / "model.py"
        path.write_text(source)
        scope = {"mf": mf} | names
        exec(compile(source, path, "exec"), scope)
        import linecache

        linecache.checkcache(str(path))
        return scope["model"]

    source = "def model(g, eta=2.0):\n    return mf.models.brunel2000(g=g, eta=eta + shift)\n"
    store = tmp_path / "run.zarr"
    mf.phase_diagram(make(source, shift=0.0), store=store, g=[5.0])
    with pytest.raises(ValueError, match=r"source of model: line 1 stored as .*eta=2\.0.*, now .*eta=2\.50"):
        mf.phase_diagram(make(source.replace("2.0", "2.50"), shift=0.0), store=store, g=[5.0])
    with pytest.raises(ValueError, match="makes other networks than it did"):
        mf.phase_diagram(make(source, shift=1.0), store=store, g=[5.0])


def test_what_is_no_store_is_left_alone(tmp_path):
    file = tmp_path / "thesis.txt"
    file.write_text("precious")
    with pytest.raises(ValueError, match=r"thesis\.txt is a file, not a store"):
        diagram(store=file)
    with pytest.raises(ValueError, match="a directory of something else"):
        diagram(store=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert file.read_text() == "precious"


def test_an_empty_directory_becomes_a_store(tmp_path):
    mf.phase_diagram("brunel2000", store=tmp_path, g=[5.0])
    assert xr.open_zarr(tmp_path).n_states.values.tolist() == [1]


def test_two_processes_do_not_share_a_store(tmp_path):
    store = tmp_path / "run.zarr"
    diagram(store=store)
    with open(store / ".meanfield" / "lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 1234 on elsewhere")
        lock.flush()
        with pytest.raises(ValueError, match="in use by process 1234 on elsewhere"):
            diagram(store=store)
    diagram(store=store)  # the lock's process is gone, whatever the file says
    assert (store / ".meanfield" / "lock").read_text() == ""


def test_processes_end_with_an_interrupt_and_with_their_parent(tmp_path, reference):
    store = tmp_path / "run.zarr"
    process = start(tmp_path, store, "processes")
    wait_for(lambda: len(markers(store)) > 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=20)
    assert process.returncode != 0
    assert errors.count("Traceback") == 1  # the parent's own
    wait_for(lambda: not is_alive(process.pid))
    done = markers(store)

    killed = shutil.copytree(store, tmp_path / "killed.zarr")
    process = start(tmp_path, killed, "processes")
    wait_for(lambda: markers(killed) - done or process.poll() is not None)
    process.kill()
    process.communicate()
    wait_for(lambda: not is_alive(process.pid))  # workers see that nobody is there
    counting = Counting()
    same(diagram(store=store, engine=counting), reference)
    assert sorted(counting.blocks) == sorted(set(range(N_BLOCKS)) - done)
