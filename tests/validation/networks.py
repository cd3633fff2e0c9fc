"""Small networks that the tests simulate; few structures, since each is compiled once."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from validation.compiler import missing_tools

needs_brian2 = pytest.mark.skipif(importlib.util.find_spec("brian2") is None, reason="no Brian2 found")
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


def spike_counts(simulation) -> list[int]:
    return [int(times.size) for times in simulation.times]


def compiled(folder: Path, text: str) -> Path:
    """Program of a C++ text, compiled as simulations are."""
    (folder / "harness.cpp").write_text(text)
    command = ["g++", "-O3", "-ffast-math", "-std=c++17", "-o", folder / "harness", folder / "harness.cpp"]
    subprocess.run(command, check=True)
    return folder / "harness"
