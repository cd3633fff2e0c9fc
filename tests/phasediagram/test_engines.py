"""Engines give one answer, and outlive their workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.phasediagram.engines import Dask, Processes
from tests.phasediagram import models

G, ETA = np.linspace(3, 8, 6), np.linspace(0.5, 4, 6)


@pytest.fixture(scope="module")
def reference():
    return mf.phase_diagram("brunel2000", g=G, eta=ETA, block=2)


def same_values(a, b):
    xr.testing.assert_identical(a.drop_attrs(), b.drop_attrs())


def test_processes_give_the_same(reference):
    result = mf.phase_diagram("brunel2000", g=G, eta=ETA, block=2, engine=Processes(2))
    assert {**result.attrs, "created": ""} == {**reference.attrs, "created": ""}
    same_values(result, reference)


def test_a_killed_process_is_replaced(reference, tmp_path, monkeypatch):
    trap = tmp_path / "trap"
    trap.touch()
    monkeypatch.setenv(models.TRAP, str(trap))
    result = mf.phase_diagram(models.trapped, g=G, eta=ETA, block=2, engine=Processes(2))
    assert not trap.exists()
    same_values(result, reference)


def test_a_block_that_kills_every_process_fails_with_its_reason(reference, tmp_path):
    store = tmp_path / "run.zarr"
    with pytest.warns(UserWarning, match="4 of 36 points failed.*ended 4 times at this block, the last time by signal"):
        result = mf.phase_diagram(models.deadly, g=G, eta=ETA, block=2, engine=Processes(1), store=store)
    assert (result.n_states.values[4:, 4:] == -1).all()
    same_values(result.isel(g=slice(4)), reference.isel(g=slice(4)))
    again = mf.phase_diagram(models.deadly, g=G, eta=ETA, block=2, store=store)  # here nothing kills it
    same_values(again, reference)


def test_a_model_that_cannot_be_sent_is_named():
    with pytest.raises(ValueError, match="define it at the top level of a module"):
        mf.phase_diagram(lambda g: mf.models.brunel2000(g=g), g=G, engine=Processes(1))


def test_less_than_one_process_is_refused():
    with pytest.raises(ValueError, match="1 or more, got 0"):
        Processes(0)


def test_a_progress_bar_counts_points(capsys):
    mf.phase_diagram("brunel2000", g=G, progress=True)
    assert "6/6" in capsys.readouterr().err


def test_progress_without_tqdm_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match="pip install tqdm"):
        mf.phase_diagram("brunel2000", g=G, progress=True)


def test_dask_without_distributed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"meanfield\[cluster\]"):
        mf.phase_diagram("brunel2000", g=G, engine="tcp://127.0.0.1:9")


@pytest.mark.parametrize("listens", [False, True])
def test_a_scheduler_that_does_not_answer(listens):
    """Nobody at the port, or somebody who never says a word."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        if listens:
            somebody.listen()
        address = "tcp://{}:{}".format(*somebody.getsockname())
        began = time.monotonic()
        with pytest.raises(ConnectionError, match=f"no dask scheduler answers at {address} within 1 s") as caught:
            mf.phase_diagram("brunel2000", g=G, engine=Dask(address, timeout=1))
        assert "\n" not in str(caught.value)
        assert time.monotonic() - began < 10


def test_a_nonsense_address_is_named():
    with pytest.raises(ConnectionError, match="no dask scheduler answers at carrier://pigeon"):
        mf.phase_diagram("brunel2000", g=G, engine="carrier://pigeon")


def test_a_real_cluster_outlives_a_worker(reference, tmp_path, monkeypatch):
    from distributed import LocalCluster

    trap = tmp_path / "trap"
    trap.touch()
    monkeypatch.setenv(models.TRAP, str(trap))
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        address = cluster.scheduler_address
        result = mf.phase_diagram(models.trapped, g=G, eta=ETA, block=2, engine=address, store=tmp_path / "run.zarr")
        assert not trap.exists()
        same_values(result, reference)
        with pytest.warns(UserWarning, match="4 of 36 points failed.*dask workers .* were killed"):
            result = mf.phase_diagram(models.deadly, g=G, eta=ETA, block=2, engine=address)
        assert (result.n_states.values[4:, 4:] == -1).all()
        same_values(result.isel(g=slice(4)), reference.isel(g=slice(4)))


def test_a_scheduler_without_workers_is_named():
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, processes=False, protocol="tcp", dashboard_address=":0") as cluster,
        pytest.raises(ConnectionError, match="has no worker after 1 s"),
    ):
        mf.phase_diagram("brunel2000", g=G, engine=Dask(cluster.scheduler_address, timeout=1))


def test_a_scheduler_lost_on_the_way_costs_only_what_was_under_way(tmp_path):
    """What was computed is in the store, and another engine goes on from there."""
    store = tmp_path / "run.zarr"
    axes = {"g": G, "eta": ETA, "block": 2, "store": store}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    python = [sys.executable, "-m"]
    places = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    quiet = {"stderr": subprocess.DEVNULL, "env": os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}}
    scheduler = subprocess.Popen([*python, "distributed.cli.dask_scheduler", *places], **quiet)
    worker = subprocess.Popen([*python, "distributed.cli.dask_worker", address, "--no-dashboard"], **quiet)

    class Fatal(Dask):
        def run(self, evaluation, jobs):
            for answer in Dask.run(self, evaluation, jobs):
                yield answer
                scheduler.kill()

    try:
        with pytest.raises(ConnectionError, match=f"lost the dask scheduler at {address}"):
            mf.phase_diagram(models.slow, engine=Fatal(address, timeout=30), **axes)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    done = {int(path.name) for path in (store / ".meanfield" / "blocks").iterdir()}
    assert 0 < len(done) < 9
    same_values(mf.phase_diagram(models.slow, **axes), mf.phase_diagram("brunel2000", g=G, eta=ETA))
