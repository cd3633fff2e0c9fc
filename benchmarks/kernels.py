"""Kernels beside NNMT 1.3.0, on the same inputs."""

from __future__ import annotations

import time

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds, words
from meanfield.units import ms, mV

NEURON = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
REGIMES = ((0, 40), (0, 19), (21, 40), (14, 24))  # of mu [mV]: anywhere, below, above, and about the threshold


def main() -> None:
    """Print the table."""
    from nnmt.lif import delta, exp

    def theirs(mu, sigma):
        return delta._firing_rates_for_given_input(mu, sigma, 0.01, 0.02, 0.02, 0.002)

    rng = np.random.default_rng(0)
    print(f"{'kernel':44}{'meanfield':>10}{'NNMT 1.3.0':>12}{'ratio':>12}")
    for low, high in REGIMES:
        mu, sigma = rng.uniform(low, high, 100_000) * mV, rng.uniform(1, 8, 100_000) * mV
        ours, nnmt = seconds(lambda m=mu, s=sigma: NEURON.rate(m, s), lambda m=mu, s=sigma: theirs(m, s))
        print(row(f"rate, 1e5 of mu in [{low}, {high}] mV, each", ours, nnmt, 100_000, 50))
        gains = seconds(lambda m=mu, s=sigma: NEURON.rate_and_gain(m, s))[0]
        cv = seconds(lambda m=mu, s=sigma: NEURON.cv(m, s))[0]
        start = time.perf_counter()
        for m, s in zip(mu[:40], sigma[:40], strict=True):  # NNMT takes milliseconds a value
            exp._cvs_single_population(NEURON.rate(m, s), m, s, 0.01, 0.02, 0.02, 0.0)
        nnmt_cv = (time.perf_counter() - start) / 40
        print(f"{'    rate with both gains':44}{words(gains / 100_000):>10}{gains / ours:12.3g} rates   (goal 6)")
        print(row("    CV, each", cv / 100_000, nnmt_cv, 1, 10_000))
    ours, nnmt = seconds(lambda: NEURON.rate(0.015, 0.005), lambda: theirs(np.array([0.015]), np.array([0.005])))
    print(row("rate, one scalar", ours, nnmt, 1, 50))


if __name__ == "__main__":
    main()
