"""Simulating Brunel's network (N = 12,500, C_E = 1000, g = 5, eta = 2) beside what a user would pick instead.

Every time is that of connecting and simulating, from the start of a program that is compiled already.
"""

from __future__ import annotations

import importlib.util
import itertools
import statistics
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
        plain = {"plain Brian2": "indegree", "plain Brian2, other network: p=0.1": "probability"}
        for name, kind in plain.items():  # built, and run once unmeasured
            folder = Path(directory) / kind
            _, rates[name] = _output([sys.executable, HERE / "plain_brian2.py", folder, str(SECONDS), kind])
            times[name] = []
        for seed in range(1, 5):  # by turns, since machines are noisy
            start = time.perf_counter()
            run = simulate(network, duration=SECONDS - 0.1, warmup=0.1, rng=seed)
            times["meanfield"].append(time.perf_counter() - start)
            rates["meanfield"] = float(run.rate @ network.sizes / sum(network.sizes))
            start = time.perf_counter()
            words = _output([hand, "12500", "1000", "5", "2", str(SECONDS), str(seed)])
            times["hand-written C++"].append(time.perf_counter() - start)
            rates["hand-written C++"] = words[2]
            for name, kind in plain.items():
                folder = Path(directory) / kind
                start = time.perf_counter()
                subprocess.run([folder / "main", "--results_dir", f"{folder}/results/"], cwd=folder, check=True)
                times[name].append(time.perf_counter() - start)
        if importlib.util.find_spec("nest"):
            build, run_time, rate = _output([sys.executable, HERE / "plain_nest.py", str(SECONDS)])
            times["NEST, one thread"], rates["NEST, one thread"] = [build + run_time], rate
        else:
            print("NEST is not installed: left out")
    ours = min(times["meanfield"])
    print(f"{SECONDS:g} s of Brunel (2000), 12,500 neurons{'fastest':>14}{'ratio':>9}{'medians':>9}{'rate (Hz)':>10}")
    for name, found in times.items():
        middle = statistics.median(found) / statistics.median(times["meanfield"])
        print(f"{name:40}{min(found):8.2f} s{min(found) / ours:8.2f}x{middle:8.2f}x{rates[name]:10.2f}")
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
