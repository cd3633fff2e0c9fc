"""Dense rate networks: time of a step against n and threads, beside the loop in plain NumPy that one would write."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np

from benchmarks.timing import seconds, words

SIZES = (200, 500, 1000, 2000, 5000)
TRIALS = 8
DT = 0.1


def plain(weights, x, dt=DT):
    """One Runge-Kutta step of one trial, in float64."""

    def flow(x):
        return -x + weights @ np.tanh(x)

    k1 = flow(x)
    k2 = flow(x + dt / 2 * k1)
    k3 = flow(x + dt / 2 * k2)
    k4 = flow(x + dt * k3)
    return x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def measure() -> list[tuple[int, float, float]]:
    """(n, our time of a step and trial, plain NumPy's) for each size."""
    from validation.ratenetwork import RateNetwork, gaussian_weights, stepper

    found = []
    for n in SIZES:
        network = RateNetwork(weights=gaussian_weights(n, 1.5, rng=1))
        rng = np.random.default_rng(2)
        x = rng.standard_normal((n, TRIALS), dtype=np.float32)
        step = stepper(network, x, DT, rng)
        weights, single = network.weights.astype(float), x[:, 0].astype(float)

        def ours(step=step, x=x):
            return step(x)

        def theirs(weights=weights, single=single):
            return plain(weights, single)

        mine, other = seconds(ours, theirs, repeats=3)
        found.append((n, mine / TRIALS, other))
    return found


def main() -> None:
    """Print the table; threads are those of BLAS, which are fixed when it is loaded, so each is a process."""
    print(f"{'step of a rate network, a trial':34}{'threads':>8}{'meanfield':>12}{'NumPy':>12}{'ratio':>9}")
    for threads in sorted({1, os.cpu_count() or 1}):
        limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OPENBLAS", "OMP", "MKL")}
        code = "import json; from benchmarks.rate_networks import measure; print(json.dumps(measure()))"
        run = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | limits, capture_output=True, text=True, check=True
        )
        for n, mine, other in json.loads(run.stdout):
            print(f"{f'n = {n}':34}{threads:>8}{words(mine):>12}{words(other):>12}{other / mine:>8.3g}x")
    print(f"    ours: float32, {TRIALS} initial conditions as columns; NumPy: float64, one trial at a time")


if __name__ == "__main__":
    main()
