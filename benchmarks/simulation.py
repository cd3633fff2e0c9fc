"""Simulating Brunel's network (N = 12,500, C_E = 1000, g = 5, eta = 2) beside what a user would pick instead.

Every time is that of connecting and simulating, from the start of a program that is compiled already.
"""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import meanfield as mf
from validation import simulate, simulate_many

HERE = Path(__file__).parent
SECONDS = 1.0


def main() -> None:
    """Print the table."""
    network = mf.models.brunel2000(g=5, eta=2)
    simulate(network, duration=0.01)  # compiled from here on
    with tempfile.TemporaryDirectory() as directory:
        hand = Path(directory) / "brunel"
        subprocess.run(["g++", "-O3", "-march=native", "-o", hand, HERE / "brunel.cpp"], check=True)
        times: dict[str, list[float]] = {"meanfield": [], "hand-written C++": []}
        rates: dict[str, float] = {}
        for seed in range(1, 4):  # by turns
            start = time.perf_counter()
            run = simulate(network, duration=SECONDS - 0.1, warmup=0.1, rng=seed)
            times["meanfield"].append(time.perf_counter() - start)
            rates["meanfield"] = float(run.rate @ network.sizes / sum(network.sizes))
            start = time.perf_counter()
            words = _output([hand, "12500", "1000", "5", "2", str(SECONDS), str(seed)])
            times["hand-written C++"].append(time.perf_counter() - start)
            rates["hand-written C++"] = words[2]
        for kind, words in (("indegree", "plain Brian2"), ("probability", "plain Brian2, other network: p=0.1")):
            script = [sys.executable, HERE / "plain_brian2.py", Path(directory) / kind, str(SECONDS), kind]
            run_time, rates[words] = _output(script)
            times[words] = [run_time]
        if importlib.util.find_spec("nest"):
            build, run_time, rate = _output([sys.executable, HERE / "plain_nest.py", str(SECONDS)])
            times["NEST, one thread"], rates["NEST, one thread"] = [build + run_time], rate
        else:
            print("NEST is not installed: left out")
    ours = min(times["meanfield"])
    print(f"{SECONDS:g} s of Brunel (2000), 12,500 neurons{'time':>16}{'ratio':>9}{'rate (Hz)':>12}")
    for name, found in times.items():
        print(f"{name:40}{min(found):10.2f} s{min(found) / ours:8.2f}x{rates[name]:12.2f}")
    print("goals: at most 3 times the hand-written loop, at least 4 times faster than plain Brian2, faster than NEST")
    grid = [
        mf.models.brunel2000(g=4.5 + 0.35 * a, eta=0.9 + 0.3 * b) for a, b in itertools.product(range(10), repeat=2)
    ]
    start = time.perf_counter()
    simulate_many(grid, summary=_rate, duration=0.9, warmup=0.1, processes=2, progress=True)
    print(f"100 points (g, eta) of 1 s on two processes: {time.perf_counter() - start:.0f} s (goal 300 s)")


def _rate(simulation: object) -> list[float]:
    return list(simulation.rate)  # type: ignore[attr-defined]


def _output(command: list[object]) -> list[float]:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.strip().splitlines()[-1].split()]


if __name__ == "__main__":
    main()
