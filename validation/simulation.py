"""Running one network: `simulate`, and what comes out of it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._validate import FloatArray, check, check_choice, check_rng, check_scalar, check_whole
from validation.compiler import Program, SimulationUnavailable, missing_tools, program_for, require_brian2
from validation.modulation import Modulation
from validation.program import (
    CONNECT,
    Structure,
    amplitude,
    build,
    group_name,
    mean_square,
    parameters_of,
    structure_of,
    summed,
)
from validation.running import PARTS, run_binary, write_arguments

RUNTIME_LIMIT = 2_000_000  # synapses that Brian2's runtime target takes on without a compiler


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


def simulate(
    network: mf.Network,
    *,
    duration: float = 1.0,
    warmup: float = 0.2,
    dt: float = 1e-4,
    connections: str = "fixed indegree",
    threshold_std: Any = 0.0,
    rng: Any = 1,
    currents: int = 0,
    current_bin: float | None = None,
    modulation: Modulation | None = None,
    progress: bool = False,
) -> Simulation:
    """Simulate a network of LIF, LIFShot, LIFConductance, EIF or QIF neurons with Brian2, in C++.

    Each neuron gets exactly `round(indegree)` synapses from each population, from sources drawn with replacement
    (itself among them), or is connected to each source with the same probability; each synapse has its own delay where
    delays are distributed. Membranes and synaptic currents
    are integrated exactly between steps; spikes act at steps, and jumps that arrive in the refractory period are lost.
    Conductances are always of jumps as they are (`validation.reversals`), whatever theory is asked for; membranes with
    filtered ones are integrated to second order.
    External spikes are drawn from the Poisson distribution of their number in a step. Membranes start between reset
    and threshold, uniformly.

    Parameters
    ----------
    network : meanfield.Network
    duration : float
        Time to record [s], after `warmup` [s].
    dt : float
        Time step [s]; delays and refractory periods are rounded to it, and a delay is one step at least.
    connections : str
        "fixed indegree", or "Erdős-Rényi": in-degrees are then binomial, `round(indegree)` on average.
    threshold_std : float or (P,) array
        Standard deviation of the thresholds over (LIF) neurons, normally distributed [V].
    rng : int or numpy Generator
        Decides connections, drive and initial state.
    currents : int
        Neurons a population (the first ones) whose excitatory and inhibitory input is recorded apart; none by default,
        which costs nothing.
    current_bin : float, optional
        Width of the bins of that recording [s], rounded to whole steps; one step by default.
    modulation : Modulation, optional
        How the rates of the Poisson drives change in time.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Simulation

    Raises
    ------
    SimulationUnavailable
        Without make or a C++ compiler, for a network of more than 2 million synapses (smaller ones run on Brian2's
        runtime target, slowly, with a warning); without Brian2, or if the program cannot be built.
    ValueError, TypeError
        For times that are not positive and finite, neurons of another class, or in-degrees above the size of a
        population where synapses are single.
    """
    duration, warmup, dt = check_times(duration, warmup, dt)
    disorder = Disorder.of(network, connections, threshold_std)
    wanted = check_recording(currents, current_bin, duration, dt)
    seed = draw_seeds(rng, 1)[0]
    with tqdm(
        total=PARTS, desc=network.label, disable=not progress, bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}"
    ) as bar:
        announce = bar.set_postfix_str if progress else None
        return simulate_seed(
            network,
            duration,
            warmup,
            dt,
            seed,
            disorder,
            recording=wanted,
            modulation=modulation,
            announce=announce,
            after_part=bar.update,
        )


@dataclass(frozen=True, slots=True)
class Disorder:
    """How neurons are connected, and the standard deviations of their thresholds [V], empty if there are none."""

    connections: str = "fixed indegree"
    threshold_std: tuple[float, ...] = ()

    @classmethod
    def of(cls, network: mf.Network, connections: str, threshold_std: Any) -> Disorder:
        """Check the arguments of `simulate`."""
        check_choice("connections", connections, CONNECT)
        n = network.n_populations
        words = "(one entry a population)"
        stds = check("threshold_std", threshold_std, "V", nonnegative=True, shape=(n,), shape_words=words)
        for name, neuron, std in zip(network.names, network.neurons, stds, strict=True):
            if std > 0.0 and not isinstance(neuron, mf.LIF):
                raise TypeError(f"threshold_std is of LIF neurons, population {name} has {type(neuron).__name__}")
        if connections == "Erdős-Rényi" and (np.rint(network.indegree) > np.array(network.sizes)).any():
            i, j = (int(k) for k in np.argwhere(np.rint(network.indegree) > np.array(network.sizes))[0])
            raise ValueError(
                f"indegree must not exceed the size of its source: {network.names[i]} has {network.indegree[i, j]:g} "
                f"synapses from {network.names[j]}, which has {network.sizes[j]} neurons"
            )
        return cls(connections, tuple(stds.tolist()) if stds.any() else ())

    def structure(self, network: mf.Network, dt: float, recorded: int = 0, modulated: bool = False) -> Structure:
        """The structure of a network that is connected so, with the inputs of `recorded` neurons kept."""
        return structure_of(network, dt, self.connections, bool(self.threshold_std), recorded, modulated)


FIXED = Disorder()


def draw_seeds(rng: Any, n: int) -> list[int]:
    """Draw `n` seeds for the binary from a generator, or from the generator that an int makes."""
    return [int(seed) for seed in check_rng(rng).integers(1, 2**62, size=n)]


def check_times(duration: float, warmup: float, dt: float) -> tuple[float, float, float]:
    """Return the times of a simulation as floats; ValueError or TypeError as of `simulate`."""
    duration = check_scalar("duration", duration, "s", positive=True)
    warmup = check_scalar("warmup", warmup, "s", nonnegative=True)
    dt = check_scalar("dt", dt, "s", positive=True)
    if duration < dt:
        raise ValueError(f"duration must be at least one time step of {dt} s, got {duration} s")
    return duration, warmup, dt


def check_recording(currents: Any, current_bin: Any, duration: float, dt: float) -> tuple[int, int]:
    """Return number of neurons and steps a bin of a recording; ValueError or TypeError as of `simulate`."""
    currents = check_whole("currents", currents, at_least=0)
    if current_bin is None:
        return currents, 1
    steps = round(check_scalar("current_bin", current_bin, "s", positive=True) / dt)
    if not 1 <= steps <= round(duration / dt):
        raise ValueError(f"current_bin must be from one time step, {dt} s, to {duration} s, got {current_bin} s")
    return currents, steps


def simulate_seed(
    network: mf.Network,
    duration: float,
    warmup: float,
    dt: float,
    seed: int,
    disorder: Disorder = FIXED,
    *,
    recording: tuple[int, int] = (0, 1),
    modulation: Modulation | None = None,
    after_part: Callable[[], Any],
    announce: Callable[[str], Any] | None = None,
) -> Simulation:
    """`simulate`, its arguments checked; what `after_part` raises, called `PARTS` times, ends the run."""
    require_brian2()
    structure = disorder.structure(network, dt, recording[0], modulation is not None)
    parameters = parameters_of(network, structure, warmup, disorder.threshold_std, modulation)
    if missing_tools():
        return _simulate_at_runtime(network, structure, parameters, duration, warmup, seed, recording[1])
    program = program_for(structure, announce=announce)
    return _run(program, network, structure, parameters, duration, warmup, seed, recording[1], after_part)


def _run(
    program: Program,
    network: mf.Network,
    structure: Structure,
    parameters: dict[str, Any],
    duration: float,
    warmup: float,
    seed: int,
    steps_a_bin: int,
    after_part: Callable[[], Any],
) -> Simulation:
    """Run the binary of a network in a directory of its own and read what it wrote."""
    with tempfile.TemporaryDirectory(prefix="meanfield-run-") as directory:
        arguments = write_arguments(program, Path(directory), parameters)
        arguments = [a.removesuffix(".0") if ".indegree" in a else a for a in arguments]
        run_binary(program.binary, Path(directory), arguments, seed, warmup + duration, network.label, after_part)
        raw = []
        for i in range(network.n_populations):
            files = {name: Path(directory) / file for name, file in program.files[group_name(i)].items()}
            wholes = {name for name in files if name == "index" or name.startswith("indegree")}
            raw.append({name: np.fromfile(p, dtype=np.int32 if name in wholes else float) for name, p in files.items()})
    return _simulation(network, raw, duration, warmup, structure, seed, program.queue, steps_a_bin)


def _simulation(
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


def _simulate_at_runtime(
    network: mf.Network,
    structure: Structure,
    parameters: dict[str, Any],
    duration: float,
    warmup: float,
    seed: int,
    steps_a_bin: int,
) -> Simulation:
    """Brian2 without a compiler: for small networks only."""
    synapses = float(np.array(network.sizes) @ np.rint(network.indegree).sum(axis=1))
    tools = " and no ".join(missing_tools())
    if synapses > RUNTIME_LIMIT:
        raise SimulationUnavailable(
            f"no {tools} found to compile the simulation, and {network.label} has {synapses:.3g} synapses, more than "
            f"the {RUNTIME_LIMIT:.3g} that run without; install g++ and make"
        )
    warnings.warn(f"no {tools} found: simulating {network.label} without compiling, slowly", stacklevel=3)
    import brian2 as b2

    b2.set_device("runtime")
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    try:
        b2.seed(seed % 2**32)
        objects = build(structure, parameters, b2.get_device(), standalone=False)
        objects["network"].run((warmup + duration) * b2.second, namespace={})
        raw = [
            {
                "index": np.array(monitor.i),
                "time": np.array(monitor.t_),
                **{name: np.array(getattr(group, f"{name}_")) for name in summed(structure, i)},
            }
            for i, (group, monitor) in enumerate(zip(objects["groups"], objects["monitors"], strict=True))
        ]
        for found, monitor in zip(raw, objects["currents"], strict=False):  # none if nothing is recorded
            found |= {"excitation": np.array(monitor.excitation_).T, "inhibition": np.array(monitor.inhibition_).T}
        for (i, j), synapses in objects["synapses"].items():
            raw[i][f"indegree{j}"] = np.array(synapses.variables["N_incoming"].get_value())
    finally:
        b2.prefs.codegen.target = before
    return _simulation(network, raw, duration, warmup, structure, seed, "Brian2", steps_a_bin)
