"""What comes out of a simulation: spikes and input statistics, from what the program wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray
from validation.parameters import amplitude
from validation.structure import Structure, mean_square


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Currents:
    """Excitatory and inhibitory input of the first neurons of each population, apart.

    Attributes
    ----------
    bin_width : float
        [s]
    excitation, inhibition : tuple of P arrays
        (neurons, bins) [V]: tau_m times the sum of the jumps of one sign that arrived in a bin, over its width, so that
        means over time are parts of `Simulation.mu`. A constant drive is in that of its sign, white noise in none.
    """

    bin_width: float
    excitation: tuple[FloatArray, ...]
    inhibition: tuple[FloatArray, ...]

    @property
    def net(self) -> tuple[FloatArray, ...]:
        """Their sums, which the neurons get."""
        return tuple(e + i for e, i in zip(self.excitation, self.inhibition, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """Spikes and input statistics of one run.

    Attributes
    ----------
    network : meanfield.Network
    duration, warmup, dt : float
        Recorded time, time before it, and time step [s].
    seed : int
    times : tuple of P arrays
        Spike times [s] after the warm-up, from 0 to `duration`, ascending.
    indices : tuple of P arrays
        Neuron of each spike, counted within its population.
    mu, sigma : tuple of P arrays
        By neuron: mean and amplitude of its input [V], as of `Network.input_moments`, from the spikes that arrived:
        tau_m/dt times mean and variance of their sum a time step. All that arrive count, those in the refractory
        period too, though the membrane ignores them, as they do in theory's mu and sigma. Sigma is that of the
        variance a time step, so it holds no correlation in time; where amplitudes are exponential, of half of it, since
        sigma is defined by spikes of their mean amplitude there (`meanfield.LIFShot`).
    indegree : tuple of P arrays
        Synapses onto each neuron from each population, (n, P).
    queue : str
        How spikes waited for delivery: ``"runs"`` of synapses, or ``"Brian2"``, its own queue, which is slower and
        serves where the generated code is not what the other one was made for. The spikes are the same.
    recording : Currents or None
        Excitation and inhibition apart, if they were asked for.
    received : tuple of P arrays
        Rates of excitatory and inhibitory spikes that arrived at each neuron, (n, 2) [Hz], in populations of
        conductance synapses, and (0, 2) in others. With conductances `mu` and `sigma` are those of the spikes as if
        driving forces did not change, as in theory.
    """

    network: mf.Network
    duration: float
    warmup: float
    dt: float
    seed: int
    times: tuple[FloatArray, ...]
    indices: tuple[Any, ...]
    mu: tuple[FloatArray, ...]
    sigma: tuple[FloatArray, ...]
    indegree: tuple[Any, ...]
    queue: str
    recording: Currents | None = None
    received: tuple[FloatArray, ...] = ()

    @property
    def currents(self) -> Currents:
        """The recording of excitation and inhibition; ValueError, which says how to make one, if there is none."""
        if self.recording is None:
            raise ValueError(
                f"this simulation of {self.network.label} recorded no separate currents: simulate(..., currents=100) "
                f"records excitation and inhibition of 100 neurons a population"
            )
        return self.recording

    @property
    def rate(self) -> FloatArray:
        """Mean firing rate of each population, (P,) [Hz]."""
        counts = [times.size for times in self.times]
        return np.array(counts) / np.array(self.network.sizes) / self.duration


def simulation_of(
    network: mf.Network,
    raw: list[dict[str, Any]],
    duration: float,
    warmup: float,
    structure: Structure,
    seed: int,
    queue: str,
    steps_a_bin: int,
) -> Simulation:
    """Cut the warm-up off and turn sums of jumps into moments of the input."""
    dt = structure.dt
    steps = round((duration + warmup) / dt) - round(warmup / dt)
    times, indices, mus, sigmas, indegrees, received = [], [], [], [], [], []
    for i, (neuron, found) in enumerate(zip(network.neurons, raw, strict=True)):
        late = found["time"] >= warmup - 0.5 * dt
        times.append(found["time"][late] - warmup)
        indices.append(found["index"][late])
        scale = amplitude(neuron)
        mean = found["input_sum"] / scale / steps
        variance = (found["input_squares"] / scale**2 / steps - mean**2) / mean_square(structure, i)
        constant = sum(float(d.mu[i]) for d in network.drives if isinstance(d, mf.ConstantDrive))
        noise = sum(float(d.sigma[i]) ** 2 for d in network.drives if isinstance(d, mf.WhiteNoiseDrive))
        mus.append(neuron.tau_m * mean / dt + constant)
        unconnected = np.zeros(network.sizes[i], dtype=np.int32)
        columns = [found.get(f"indegree{j}", unconnected) for j in range(network.n_populations)]
        indegrees.append(np.stack(columns, axis=1))
        sigmas.append(np.sqrt(np.maximum(neuron.tau_m * variance / dt, 0.0) + noise))
        received.append(_received(neuron, found, steps * dt))
    return Simulation(
        network=network,
        duration=duration,
        warmup=warmup,
        dt=dt,
        seed=seed,
        times=tuple(times),
        indices=tuple(indices),
        mu=tuple(mus),
        sigma=tuple(sigmas),
        indegree=tuple(indegrees),
        queue=queue,
        recording=_currents(network, raw, structure, steps, steps_a_bin) if structure.recorded else None,
        received=tuple(received),
    )


def _received(neuron: Any, found: dict[str, Any], time: float) -> FloatArray:
    """Rates of spikes by receptor, (n, 2) [Hz], (0, 2) without receptors."""
    if "excitation_sum" not in found:
        return np.empty((0, 2))
    sums = np.stack([found["excitation_sum"], found["input_sum"] - found["excitation_sum"]], axis=1)
    weights = np.array([neuron.weight_e, neuron.weight_i])
    return np.divide(sums, weights * time, out=np.zeros_like(sums), where=weights != 0.0)


def _currents(
    network: mf.Network, raw: list[dict[str, Any]], structure: Structure, steps: int, steps_a_bin: int
) -> Currents:
    """Turn jumps a step into currents in bins, the warm-up and what fills no bin left out."""
    n_bins = steps // steps_a_bin
    apart: dict[str, list[FloatArray]] = {"excitation": [], "inhibition": []}
    for i, (neuron, found) in enumerate(zip(network.neurons, raw, strict=True)):
        constant = sum(float(d.mu[i]) for d in network.drives if isinstance(d, mf.ConstantDrive))
        n_neurons = min(structure.recorded, structure.sizes[i])
        for name, parts in apart.items():
            jumps = found[name].reshape(-1, n_neurons)[-steps:][: n_bins * steps_a_bin]
            sums = jumps.reshape(n_bins, steps_a_bin, n_neurons).sum(axis=1).T / amplitude(neuron)
            own = max(constant, 0.0) if name == "excitation" else min(constant, 0.0)
            parts.append(neuron.tau_m * sums / (steps_a_bin * structure.dt) + own)
    return Currents(
        bin_width=steps_a_bin * structure.dt,
        excitation=tuple(apart["excitation"]),
        inhibition=tuple(apart["inhibition"]),
    )
