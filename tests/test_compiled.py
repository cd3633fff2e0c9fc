"""The cache of compiled code: used by the next process, at home anywhere, and private."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
from meanfield.neurons import lif
neuron = lif.LIF(tau_m=0.02, v_th=0.02, v_reset=0.01)
neuron.rate(0.015, 0.005)
from meanfield._compiled import CACHE
print(sum(lif.lif_rate.stats.cache_hits.values()), sum(lif.lif_rate.stats.cache_misses.values()), CACHE)
"""


def run(environment: dict[str, str]) -> tuple[int, int, Path]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    hits, misses, cache = done.stdout.split(maxsplit=2)
    return int(hits), int(misses), Path(cache.strip())


def test_the_second_process_compiles_nothing(tmp_path):
    environment = {"MEANFIELD_CACHE_DIR": str(tmp_path)}
    assert run(environment)[:2] == (0, 1)
    assert run(environment)[:2] == (1, 0)


def test_read_only_home_falls_back_to_a_private_directory(tmp_path):
    """Home and the chosen directory cannot be written (they lie below a file): the temporary directory serves."""
    (tmp_path / "file").write_text("")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    blocked = {name: str(tmp_path / "file" / "x") for name in ("HOME", "XDG_CACHE_HOME", "MEANFIELD_CACHE_DIR")}
    environment = blocked | {"TMPDIR": str(scratch)}
    cache = run(environment)[2]
    assert cache.is_relative_to(scratch)
    private = scratch / cache.relative_to(scratch).parts[0]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert run(environment)[:2] == (1, 0)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="ownership is a POSIX matter")
def test_a_directory_that_others_can_write_is_not_trusted(tmp_path):
    (tmp_path / "file").write_text("")
    open_to_all = tmp_path / f"meanfield-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    blocked = {name: str(tmp_path / "file" / "x") for name in ("HOME", "XDG_CACHE_HOME", "MEANFIELD_CACHE_DIR")}
    cache = run(blocked | {"TMPDIR": str(tmp_path)})[2]
    assert not cache.is_relative_to(open_to_all)


def test_other_packages_keep_their_numba_settings():
    import numba

    import meanfield

    assert meanfield.__version__
    assert "meanfield" not in str(numba.config.CACHE_DIR)
