"""Models for the tests of phase diagrams, where other processes can import them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np

import meanfield as mf
from meanfield.units import ms, mV

TRAP = "MEANFIELD_TEST_TRAP"  # names a file whose presence kills one worker


def fussy(g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """Brunel's model A without strong inhibition."""
    if g > 6:
        raise ValueError(f"g must not be above 6,\n  got {g}")
    return mf.models.brunel2000(g=g, eta=eta)


def runaway(g: float = 5.0, eta: float = 2.0, t_ref: float = 0.002) -> mf.Network:
    """Brunel's model A, which has no state at all at g = 0 without refractory periods."""
    return mf.models.brunel2000(g=g, eta=eta, t_ref=t_ref)


def growing(g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """A model with other populations at large g."""
    return mf.models.potjans2014() if g > 6 else mf.models.brunel2000(g=g, eta=eta)


def trapped(g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """Brunel's model A; the first worker that comes to g > 4 while the trap is there is killed."""
    if g > 4 and _is_worker():
        try:
            Path(os.environ[TRAP]).unlink()
        except FileNotFoundError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return mf.models.brunel2000(g=g, eta=eta)


def deadly(g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """Brunel's model A; every worker that comes to g > 6 and eta > 3 is killed."""
    if g > 6 and eta > 3 and _is_worker():
        os.kill(os.getpid(), signal.SIGKILL)
    return mf.models.brunel2000(g=g, eta=eta)


def broken_result(g: float = 5.0) -> float:
    """No model: it returns a number."""
    return g


def _is_worker() -> bool:
    return multiprocessing.parent_process() is not None


def slow(g: float = 5.0, eta: float = 2.0) -> mf.Network:
    """Brunel's model A, after a while."""
    time.sleep(0.05)
    return mf.models.brunel2000(g=g, eta=eta)


def three_kinds(weight: float = 0.3e-3, drive: float = 5.0) -> mf.Network:
    """A network that does not lump to two populations, with two excitatory ones that can each be on or off."""
    lif = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    return mf.Network(
        names=["E", "I", "S"],
        sizes=[8000, 1000, 1000],
        neurons=lif,
        indegree=[[200, 50, 50]] * 3,
        weight=np.array([[1.0, -2.0, 0.1], [1.0, -1.5, 0.1], [0.3, -1.0, 1.2]]) * weight,
        delay=1.5 * ms,
        drives=mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=drive),
    )
