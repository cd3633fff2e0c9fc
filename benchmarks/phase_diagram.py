"""The phase diagram of Brunel (2000), 200 x 200 points, beside rates alone by NNMT 1.3.0 at some of them."""

from __future__ import annotations

import time

import numba
import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds, words
from meanfield.fixedpoint.transfer import pack
from meanfield.phasediagram.points import evaluate
from meanfield.phasediagram.states import find_states
from meanfield.units import mV

SIDE = 200
GOAL = 12.0  # s


@numba.njit
def find_all(packed):
    """Number of states of every network."""
    states = np.empty((64, 3, packed.shape[1]))
    total = 0
    for k in range(packed.shape[0]):
        total += find_states(packed[k], states)[0]
    return total


def main() -> None:
    """Print the table."""
    from nnmt.lif import delta

    g, eta = np.linspace(0, 8, SIDE), np.linspace(0, 4, SIDE)
    mf.phase_diagram("brunel2000", g=g[::50], eta=eta[::50])  # compiled from here on
    times = {}
    for engine in ("processes", "serial"):
        start = time.perf_counter()
        dataset = mf.phase_diagram("brunel2000", g=g, eta=eta, engine=engine)
        times[engine] = time.perf_counter() - start
        print(f"{SIDE} x {SIDE}, everything, engine {engine!r}: {words(times[engine])} (goal {GOAL:g} s)")
    print(f"{float(dataset.is_complete.mean()):.5f} of the points with a proof that there is no other state")
    points = [(a, b) for a in (3.0, 5.0, 7.0) for b in (1.0, 2.0, 3.0, 4.0)]
    start = time.perf_counter()
    for a, b in points:
        net = mf.models.brunel2000(g=a, eta=b)
        delta._firing_rates(
            J=net.weight,
            K=net.indegree,
            V_0_rel=10 * mV,
            V_th_rel=20 * mV,
            tau_m=0.02,
            tau_r=0.002,
            J_ext=np.full((2, 1), 0.1 * mV),
            K_ext=np.full((2, 1), 1000.0),
            nu_ext=np.array([10.0 * b]),
            fixpoint_method="ODE",
        )
    theirs = (time.perf_counter() - start) / len(points)
    start = time.perf_counter()
    networks = [mf.models.brunel2000(g=a, eta=b) for a, b in points * 20]
    built = (time.perf_counter() - start) / len(networks)
    start = time.perf_counter()
    for net in networks:
        mf.solve(net)
    solved = (time.perf_counter() - start) / len(networks)
    print(f"{'a point':44}{'meanfield':>10}{'NNMT 1.3.0':>12}{'ratio':>12}")
    packed = np.stack([pack(mf.models.brunel2000(g=a, eta=b)) for a in g[::5] for b in eta[::5]])
    every = seconds(lambda: find_all(packed))[0] / len(packed)
    print(row("rates of every state, with proof", every, theirs, 1, 3000))
    print(row("rates of one state by mf.solve", solved, theirs))
    print(row("    the network's making included", solved + built, theirs))
    print(row("everything in the diagram, two processes", min(times.values()) / SIDE**2, theirs))
    along = np.linspace(3.0, 6.0, 12)
    whole, search = seconds(
        lambda: evaluate(mf.models.potjans2014, {"g": along}),
        lambda: [mf.solve_all(mf.models.potjans2014(g=a)) for a in along],
        repeats=3,
    )
    print(f"{'a point of the microcircuit, 8 populations':44}{words(whole / along.size):>10}")
    print(f"{'    of which the search from many starts':44}{words(search / along.size):>10}")


if __name__ == "__main__":
    main()
