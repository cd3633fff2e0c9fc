"""Networks of binary neurons, simulated by asynchronous updates.

Brian2 does not suit them: it advances every neuron in every step of a clock, and hands on spikes. Binary neurons are
updated one after the other at random times, a neuron matters to its targets only when its state flips (at a few percent
of the updates), and the order of updates within a step counts. So here is a compiled loop of its own: an update looks
at one neuron, a flip adds one to, or takes one from, the counts of active sources of its targets. Counts are whole
numbers, so that no rounding error builds up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._compiled import jit
from meanfield._validate import FloatArray, check, check_choice, check_rng, check_scalar, check_whole

CONNECTIONS = ("Erdős-Rényi", "fixed indegree")
_GOLDEN, _MIX, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32, _S11 = (np.uint64(k) for k in (27, 30, 31, 32, 11))
_TO_UNIT = 2.0**-53
_MOST_COUNT = 2**15 - 1


@jit
def _mixed(state: Any) -> Any:
    """Output of SplitMix64 (Steele, Lea & Flood 2014) at a state, which goes up by _GOLDEN a draw."""
    z = (state ^ (state >> _S30)) * _MIX
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@jit
def _unit(state: Any) -> Any:
    """Uniform on [0, 1)."""
    return (_mixed(state) >> _S11) * _TO_UNIT


@jit
def _sources(seed: Any, size: Any, indegree: Any, everyone: Any, out: Any) -> Any:
    """Fill `out` with the sources of one neuron from one population, and return their number and the new seed.

    `everyone`: as many as `indegree`, drawn with replacement; else each with probability indegree/size, by skips.
    """
    count = 0
    if everyone:
        for _ in range(int(indegree)):
            seed += _GOLDEN
            out[count] = ((_mixed(seed) >> _S32) * np.uint64(size)) >> _S32
            count += 1
        return count, seed
    if indegree <= 0.0:
        return 0, seed
    log_miss = math.log1p(-indegree / size) if indegree < size else -np.inf
    source = -1
    while True:
        seed += _GOLDEN
        skip = math.floor(math.log(1.0 - _unit(seed)) / log_miss)
        if skip >= size:
            return count, seed
        source += 1 + int(skip)
        if source >= size:
            return count, seed
        out[count] = source
        count += 1


@jit
def _connect(seed: Any, first: Any, indegree: Any, everyone: Any, start: Any, targets: Any) -> Any:
    """Count (targets empty) or list the targets of every source; returns the most sources that a neuron has.

    Run twice with the same seed, so that the sources need not be stored.
    """
    populations = indegree.shape[0]
    listing = targets.size > 0
    nearby = np.empty(first[populations] + 1, dtype=np.int64)
    most = 0
    for a in range(populations):
        for i in range(first[a], first[a + 1]):
            for b in range(populations):
                count, seed = _sources(seed, first[b + 1] - first[b], indegree[a, b], everyone, nearby)
                most = max(most, count)
                for k in range(count):
                    j = first[b] + nearby[k]
                    if listing:
                        targets[start[j]] = i
                        start[j] += 1
                    else:
                        start[j] += 1
    return most


@jit
def _advance(
    seed: Any,
    updates: Any,
    now: Any,
    step: Any,
    first: Any,
    share: Any,
    weight: Any,
    above: Any,
    noise: Any,
    start: Any,
    targets: Any,
    active: Any,
    counts: Any,
    since: Any,
    on_time: Any,
    totals: Any,
) -> Any:
    """Make `updates` updates, spread evenly over a step; returns (seed, flips).

    `share` are cumulative shares of the updates, `above` external input less threshold.
    """
    populations = weight.shape[0]
    flips = 0
    for update in range(updates):
        seed += _GOLDEN
        u = _unit(seed)
        a = 0
        low = 0.0
        while u >= share[a] and a < populations - 1:
            low = share[a]
            a += 1
        i = first[a] + min(int((u - low) / (share[a] - low) * (first[a + 1] - first[a])), first[a + 1] - first[a] - 1)
        h = above[a]
        for b in range(populations):
            h += weight[a, b] * counts[b, i]
        if noise[a] > 0.0:  # P(h + noise > 0)
            seed += _GOLDEN
            new = _unit(seed) < 0.5 * math.erfc(-h / (noise[a] * math.sqrt(2.0)))
        else:
            new = h > 0.0
        if new == (active[i] != 0):
            continue
        flips += 1
        t = now + step * (update + 0.5) / updates
        row = counts[a]
        if new:
            active[i] = 1
            totals[a] += 1
            since[i] = t
            for k in range(start[i], start[i + 1]):
                row[targets[k]] += 1
        else:
            active[i] = 0
            totals[a] -= 1
            on_time[i] += t - since[i]
            for k in range(start[i], start[i + 1]):
                row[targets[k]] -= 1
    return seed, flips


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinarySimulation:
    """What was recorded of a network of P binary populations.

    Attributes
    ----------
    network : Network
    times : (T,) array
        Ends of the steps [s], after the warm-up.
    activity : (T, P) array
        Active fraction of each population.
    neurons : tuple of P arrays (2, N)
        Each neuron's mean activity in the first and in the second half.
    sampled : tuple of P arrays
        Indices within their population of the neurons that were recorded.
    inputs : tuple of P arrays (T, n, P)
        Their inputs, by source population; without external input.
    states : tuple of P arrays (T, n)
        Their states.
    updates, flips : int
        Made in all, warm-up included.
    wall_time : float
        Seconds that updates took, connecting and compiling left out.
    """

    network: mf.Network
    times: FloatArray
    activity: FloatArray
    neurons: tuple[FloatArray, ...]
    sampled: tuple[Any, ...]
    inputs: tuple[FloatArray, ...]
    states: tuple[Any, ...]
    updates: int
    flips: int
    wall_time: float

    @property
    def rate(self) -> FloatArray:
        """Mean activity of each population, (P,)."""
        return np.array([m.mean() for m in self.neurons])

    @property
    def overlap(self) -> FloatArray:
        """q, (P,): the mean over neurons of the product of their activities in the two halves.

        (The square of one mean would be too large by its error.)
        """
        return np.array([(m[0] * m[1]).mean() for m in self.neurons])


def simulate_binary(
    network: mf.Network,
    *,
    duration: float,
    warmup: float | None = None,
    step: float | None = None,
    connections: str = "Erdős-Rényi",
    mu_ext: Callable[[FloatArray], Any] | None = None,
    sample: int = 0,
    rng: Any = 0,
) -> BinarySimulation:
    """Simulate a network of binary neurons: Poisson updates at the rate 1/tau of each neuron.

    Parameters
    ----------
    network : Network
        Of `Binary` neurons without delays. Constant and white-noise drives; noise is drawn anew at each update.
    duration, warmup : float
        [s]; default of the warm-up is 20 of the longest tau. Neurons begin active with the probabilities of
        `meanfield.solve`, if that finds a state.
    step : float, optional
        Interval of recording [s], and of the changes of the drive; default is a tenth of the shortest tau. Updates do
        not wait for it.
    connections : str
        "Erdős-Rényi", each pair with probability K/N, or "fixed indegree", K sources drawn with replacement.
    mu_ext : callable, optional
        External mean input (T, P) at the beginnings of the steps, times (T,) [s] from the end of the warm-up, instead
        of the network's; during the warm-up it is that at time 0.
    sample : int
        Number of neurons of each population whose states and inputs are recorded.
    rng : Generator or int

    Returns
    -------
    BinarySimulation

    Raises
    ------
    TypeError, ValueError
        For other neurons or drives, delays, K above N, K that is not whole for fixed indegrees, or times that are not
        positive.
    """
    sizes, taus = _check_network(network)
    check_choice("connections", connections, CONNECTIONS)
    fixed = connections == "fixed indegree"
    _check_indegree(network, fixed)
    generator = check_rng(rng)
    sample = check_whole("sample", sample, at_least=0)
    duration = check_scalar("duration", duration, "s", positive=True)
    step = taus.min() / 10.0 if step is None else check_scalar("step", step, "s", positive=True)
    warmup = 20.0 * taus.max() if warmup is None else check_scalar("warmup", warmup, "s", nonnegative=True)
    before, steps = math.ceil(warmup / step - 1e-9), max(2, math.ceil(duration / step - 1e-9))
    n, total = len(sizes), int(sizes.sum())
    first = np.concatenate([[0], np.cumsum(sizes)])
    drive = np.tile(network.mu_ext, (steps, 1))
    if mu_ext is not None:
        drive = check("mu_ext", mu_ext(step * np.arange(steps)), "V", shape=(steps, n), shape_words="(a row a step)")
    start, targets, most = wiring(int(generator.integers(2**62)), first, network.indegree, fixed)
    counts = np.zeros((n, total), dtype=np.int16 if most <= _MOST_COUNT else np.int32)
    active = _first_states(network, generator)
    for a in range(n):
        for i in first[a] + np.flatnonzero(active[first[a] : first[a + 1]]):
            np.add.at(counts[a], targets[start[i] : start[i + 1]], 1)
    rate = sizes / taus
    share = np.cumsum(rate) / rate.sum()
    threshold = np.array([neuron.v_th for neuron in network.neurons])
    noise = np.sqrt(network.variance_ext)
    since, on_time = np.zeros(total), np.zeros(total)
    totals = np.array([active[first[a] : first[a + 1]].sum() for a in range(n)], dtype=np.int64)
    recorded = [generator.choice(size, min(sample, size), replace=False) for size in sizes]
    activity = np.empty((steps, n))
    inputs = tuple(np.empty((steps, chosen.size, n), dtype=np.float32) for chosen in recorded)
    states = tuple(np.empty((steps, chosen.size), dtype=bool) for chosen in recorded)
    halves = np.empty((2, total))
    seed = np.uint64(generator.integers(2**63))
    updates = generator.poisson(rate.sum() * step, before + steps)
    flips, wall = 0, 0.0
    for k in range(-before, steps):
        if k == 0 or k == steps // 2:
            _close(since, on_time, active, k * step)
            halves[0] = on_time / (max(k, 1) * step)
            on_time[:] = 0.0
        begun = time.perf_counter()
        above = drive[max(k, 0)] - threshold
        seed, flipped = _advance(
            seed, updates[before + k], k * step, step, first, share, network.weight, above, noise,
            start, targets, active, counts, since, on_time, totals,
        )  # fmt: skip
        seed = np.uint64(seed)
        wall += time.perf_counter() - begun
        flips += flipped
        if k >= 0:
            activity[k] = totals / sizes
            for a, chosen in enumerate(recorded):
                if chosen.size:
                    inputs[a][k] = (counts[:, first[a] + chosen].T * network.weight[a]).astype(np.float32)
                    states[a][k] = active[first[a] + chosen]
    _close(since, on_time, active, steps * step)
    halves[1] = on_time / ((steps - steps // 2) * step)
    return BinarySimulation(
        network=network,
        times=step * np.arange(1, steps + 1),
        activity=activity,
        neurons=tuple(halves[:, first[a] : first[a + 1]].copy() for a in range(n)),
        sampled=tuple(recorded),
        inputs=inputs,
        states=states,
        updates=int(updates.sum()),
        flips=flips,
        wall_time=wall,
    )


def wiring(seed: int, first: Any, indegree: FloatArray, fixed: bool) -> tuple[Any, Any, int]:
    """(start, targets, most): the targets of source j are targets[start[j]:start[j + 1]]; most sources of a neuron."""
    begin = np.zeros(first[-1] + 1, dtype=np.int64)
    most = _connect(np.uint64(seed), first, indegree, fixed, begin, np.empty(0, dtype=np.uint32))
    start = np.concatenate([[0], np.cumsum(begin[:-1])])
    targets = np.empty(max(int(start[-1]), 1), dtype=np.uint32)
    _connect(np.uint64(seed), first, indegree, fixed, start[:-1].copy(), targets)
    return start, targets, int(most)


def _close(since: FloatArray, on_time: FloatArray, active: Any, now: float) -> None:
    """Book the time for which neurons have been active until now."""
    on = active != 0
    on_time[on] += now - since[on]
    since[on] = now


def _first_states(network: mf.Network, generator: np.random.Generator) -> Any:
    try:
        m = mf.solve(network).rate
    except mf.ConvergenceError:
        m = np.full(network.n_populations, 0.5)
    return np.concatenate([generator.random(size) < p for size, p in zip(network.sizes, m, strict=True)]).astype(
        np.int8
    )


def _check_network(network: mf.Network) -> tuple[Any, FloatArray]:
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if not isinstance(neuron, mf.Binary):
            raise TypeError(f"neurons must be Binary, population {name} has {type(neuron).__name__}")
    if network.delay.dtype == object or (network.delay != 0.0).any():
        raise ValueError("binary networks are simulated without delays, the network has some")
    for drive in network.drives:
        if isinstance(drive, mf.PoissonDrive):
            raise ValueError("binary networks take ConstantDrive and WhiteNoiseDrive, got PoissonDrive")
    return np.array(network.sizes), np.array([neuron.tau for neuron in network.neurons])


def _check_indegree(network: mf.Network, fixed: bool) -> None:
    for a, b in np.ndindex(network.indegree.shape):
        indegree, size = float(network.indegree[a, b]), network.sizes[b]
        pair = f"{network.names[a]} has {indegree:g} from {network.names[b]}"
        if indegree > size:
            raise ValueError(f"indegree must not exceed the size of its source: {pair}, which has {size} neurons")
        if fixed and indegree % 1.0:
            raise ValueError(f"fixed indegree must be a whole number: {pair}")
