"""A network whose feedback is cut: the same neurons hear given spike trains, and nobody hears them.

After Tetzlaff, Helias, Einevoll & Diesmann (2012). Senders and synapses are as many as in the network, so that neurons
share as many sources, but the receivers are not the senders. Without feedback all input is known beforehand, and a
compiled loop over steps does all of it, in the order of steps that the network's own program has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._compiled import jit
from meanfield._validate import FloatArray, check_choice, check_rng, check_scalar, check_whole
from validation.binary import wiring
from validation.results import Simulation

KINDS = ("recorded", "independent")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replayed:
    """Rates, counts and inputs of the receivers, by population.

    Attributes
    ----------
    window : float
        [s]
    rate : tuple of P arrays
        Rate of the population in each step [Hz].
    counts : tuple of P arrays
        Spikes of each neuron in each window, (N, W).
    excitation, inhibition : tuple of P arrays
        Sums of the jumps of either sign that the first neurons got in each window, (n, W) [V].
    """

    window: float
    rate: tuple[FloatArray, ...]
    counts: tuple[FloatArray, ...]
    excitation: tuple[FloatArray, ...]
    inhibition: tuple[FloatArray, ...]


def replay_network(
    simulation: Simulation, *, replay: str = "recorded", window: float = 0.05, inputs: int = 200, rng: Any = 1
) -> Replayed:
    """Play the spike trains of a simulated network to neurons as its own, through synapses drawn anew.

    Parameters
    ----------
    simulation : Simulation
        Of LIF neurons without synaptic filters, with fixed delays.
    replay : str
        "recorded": the trains as they are. "independent": each shifted by a time of its own, around the end, which
        leaves it as it is and takes its correlations with others away.
    window : float
        Of counts and inputs [s]; the first window is left out, in which potentials begin.
    inputs : int
        Neurons a population whose inputs are kept.
    rng : int or numpy Generator

    Returns
    -------
    Replayed

    Raises
    ------
    ValueError, TypeError
        For other neurons or delays, an unknown replay, and a window that is not within the simulated time twice.
    """
    network = simulation.network
    check_choice("replay", replay, KINDS)
    window = check_scalar("window", window, "s", positive=True)
    watched = check_whole("inputs", inputs, at_least=1)
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if not isinstance(neuron, mf.LIF) or neuron.tau_s > 0:
            raise TypeError(f"replay is for LIF neurons without synaptic filters, population {name} has {neuron!r}")
    if any(type(delay) is not mf.FixedDelay for row in network.delays for delay in row):
        raise TypeError(f"replay is for fixed delays, {network.label} has others")
    dt = simulation.dt
    wide = round(window / dt)
    steps = round(simulation.duration / dt) // max(wide, 1) * wide
    if wide < 1 or steps < 2 * wide:
        raise ValueError(f"window must be from {dt:g} s to {simulation.duration / 2:g} s, got {window:g} s")
    generator = check_rng(rng)
    first = np.concatenate([[0], np.cumsum(network.sizes)]).astype(np.int64)
    seed = int(generator.integers(1, 2**62))
    start, targets, _ = wiring(seed, first, np.rint(network.indegree), True)
    when, who = _trains(simulation, first, steps, replay == "independent", generator)
    n, size = network.n_populations, int(first[-1])
    counts = np.zeros((size, steps // wide))
    spikes = np.zeros((n, steps))
    sums = np.zeros((2, n, watched, steps // wide))
    arrivals = np.maximum(np.rint(network.mean_delay / dt), 1).astype(np.int64)
    _play(
        start,
        targets,
        first,
        network.weight,
        arrivals,
        when,
        who,
        *_parameters(network, dt),
        steps,
        wide,
        generator,
        spikes,
        counts,
        sums,
    )
    pieces = [slice(first[i], first[i + 1]) for i in range(n)]
    return Replayed(
        window=wide * dt,
        rate=tuple(spikes[i, wide:] / (network.sizes[i] * dt) for i in range(n)),
        counts=tuple(counts[piece, 1:] for piece in pieces),
        excitation=tuple(sums[0, i, : network.sizes[i], 1:] for i in range(n)),
        inhibition=tuple(sums[1, i, : network.sizes[i], 1:] for i in range(n)),
    )


def _trains(simulation: Simulation, first: Any, steps: int, shifted: bool, rng: np.random.Generator) -> tuple[Any, Any]:
    """Steps and senders of all spikes, in the order of time; each sender's shifted around the end if they are to be."""
    when = np.concatenate([np.rint(times / simulation.dt).astype(np.int64) for times in simulation.times])
    who = np.concatenate([index.astype(np.int64) + first[i] for i, index in enumerate(simulation.indices)])
    if shifted:
        when = (when + rng.integers(0, steps, first[-1])[who]) % steps
    inside = when < steps
    order = np.argsort(when[inside], kind="stable")
    return when[inside][order], who[inside][order]


def _parameters(network: mf.Network, dt: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of neurons, (P, 6): decay, threshold, reset, refractory steps, constant, noise; means and jumps of drives."""
    rows = []
    constant = sum((d.mu for d in network.drives if isinstance(d, mf.ConstantDrive)), np.zeros(network.n_populations))
    noise = sum(
        (d.sigma**2 for d in network.drives if isinstance(d, mf.WhiteNoiseDrive)), np.zeros(network.n_populations)
    )
    for i, neuron in enumerate(network.neurons):
        decay = np.exp(-dt / neuron.tau_m)
        spread = np.sqrt(0.5 * noise[i] * (1.0 - decay**2))
        wait = round(neuron.t_ref / dt)  # type: ignore[attr-defined]
        rows.append((decay, neuron.v_th, neuron.v_reset, wait, constant[i], spread))  # type: ignore[attr-defined]
    drives = [d for d in network.drives if isinstance(d, mf.PoissonDrive)]
    means = np.array([d.indegree * d.rate * dt for d in drives]).reshape(len(drives), network.n_populations)
    jumps = np.array([d.weight for d in drives]).reshape(len(drives), network.n_populations)
    return np.array(rows), means, jumps


@jit
def _play(
    start: Any,
    targets: Any,
    first: Any,
    weight: Any,
    arrivals: Any,
    when: Any,
    who: Any,
    neurons: Any,
    means: Any,
    jumps: Any,
    steps: Any,
    wide: Any,
    rng: Any,
    spikes: Any,
    counts: Any,
    sums: Any,
) -> None:
    """Integrate the receivers; fill `spikes` (P, steps), `counts` (N, W) and `sums` (2, P, n, W)."""
    populations = weight.shape[0]
    size = first[populations]
    population = np.empty(size, dtype=np.int64)
    for i in range(populations):
        population[first[i] : first[i + 1]] = i
    ring = int(arrivals.max()) + 1
    waiting = np.zeros((2, ring, size))  # jumps up and down that arrive in the next steps
    v = np.empty(size)
    for k in range(size):
        v_th, v_reset = neurons[population[k], 1], neurons[population[k], 2]
        v[k] = v_reset + (v_th - v_reset) * rng.random()
    wait = np.zeros(size, dtype=np.int64)
    next_spike = 0
    for step in range(steps):
        while next_spike < when.size and when[next_spike] == step:
            source = who[next_spike]
            j = population[source]
            for at in range(start[source], start[source + 1]):
                k = targets[at]
                i = population[k]
                jump = weight[i, j]
                waiting[0 if jump > 0 else 1, (step + arrivals[i, j]) % ring, k] += jump
            next_spike += 1
        slot, window = step % ring, step // wide
        for k in range(size):
            i = population[k]
            up, down = waiting[0, slot, k], waiting[1, slot, k]
            waiting[0, slot, k] = 0.0
            waiting[1, slot, k] = 0.0
            for d in range(means.shape[0]):
                jump = jumps[d, i] * rng.poisson(means[d, i])
                if jump > 0:
                    up += jump
                else:
                    down += jump
            if k - first[i] < sums.shape[2]:
                sums[0, i, k - first[i], window] += up
                sums[1, i, k - first[i], window] += down
            if wait[k] > 0:
                wait[k] -= 1
                continue
            decay, rest = neurons[i, 0], neurons[i, 4]
            v[k] = rest + (v[k] - rest) * decay + up + down
            if neurons[i, 5] > 0.0:
                v[k] += neurons[i, 5] * rng.standard_normal()
            if v[k] >= neurons[i, 1]:
                spikes[i, step] += 1.0
                counts[k, window] += 1.0
                v[k] = neurons[i, 2]
                wait[k] = int(neurons[i, 3])
