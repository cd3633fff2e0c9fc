"""Asynchronous updates of binary networks a second, beside the same loop over plain NumPy arrays."""

from __future__ import annotations

import time

import numpy as np

import meanfield as mf
from validation.binary import simulate_binary

CASES = ((10_000, 200), (10_000, 1000), (100_000, 1000))  # neurons in all, synapses from each of two populations
NUMPY_SECONDS = 3.0


def compiled(network: mf.Network) -> tuple[float, float, float]:
    """(updates/s, synaptic events/s, seconds to connect) of the simulator."""
    begun = time.perf_counter()
    found = simulate_binary(network, duration=0.2, warmup=0.02, rng=1)
    connecting = time.perf_counter() - begun - found.wall_time
    return found.updates / found.wall_time, found.flips * network.indegree[0].sum() / found.wall_time, connecting


def plain_numpy(network: mf.Network, targets: int) -> float:
    """Updates/s of a Python loop whose flips add to the counts of all targets at once, which are drawn beforehand."""
    rng = np.random.default_rng(1)
    size, total = network.sizes[0], sum(network.sizes)
    lists = [rng.choice(total, targets, replace=False) for _ in range(500)]  # shared: memory is not what is measured
    m = mf.solve(network).rate
    active = rng.random(total) < np.repeat(m, size)
    mean = np.repeat(network.indegree[0, 0] * m[:, None], total, axis=1)
    counts = rng.poisson(mean)
    above = network.mu_ext - [neuron.v_th for neuron in network.neurons]
    updates, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < NUMPY_SECONDS:
        for i in rng.integers(total, size=1000).tolist():
            a = i // size
            new = above[a] + network.weight[a] @ counts[:, i] > 0.0
            if new != active[i]:
                active[i] = new
                counts[a, lists[i % 500]] += 1 if new else -1
        updates += 1000
    return updates / (time.perf_counter() - begun)


def main() -> None:
    """Print the table."""
    simulate_binary(mf.models.vanvreeswijk1998(K=100, size=500), duration=0.05)  # compiles
    print(f"{'updates a second, binary network':44}{'compiled':>10}{'NumPy':>10}{'ratio':>9}  synapses/s  connecting")
    for total, indegree in CASES:
        network = mf.models.vanvreeswijk1998(K=indegree, m0=0.1, size=total // 2)
        ours, events, connecting = compiled(network)
        theirs = plain_numpy(network, 2 * indegree)
        what = f"N = {total:,}, K = {indegree:,} from each population"
        print(f"{what:44}{ours:10.2e}{theirs:10.2e}{ours / theirs:8.0f}x{events:12.2e}{connecting:10.1f} s")


if __name__ == "__main__":
    main()
