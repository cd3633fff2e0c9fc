"""Running one network: `simulate`."""

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
from meanfield._validate import check, check_choice, check_rng, check_scalar, check_whole
from validation.compiler import Program, SimulationUnavailable, missing_tools, program_for, require_brian2
from validation.equations import summed
from validation.modulation import Modulation
from validation.parameters import parameters_of
from validation.program import CONNECT, build
from validation.results import Simulation, simulation_of
from validation.running import PARTS, run_binary, write_arguments
from validation.structure import Structure, group_name, structure_of

RUNTIME_LIMIT = 2_000_000  # synapses that Brian2's runtime target takes on without a compiler


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
    return simulation_of(network, raw, duration, warmup, structure, seed, program.queue, steps_a_bin)


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
    return simulation_of(network, raw, duration, warmup, structure, seed, "Brian2", steps_a_bin)
