"""What the generated code of a network depends on, and what follows from it.

The sizes, who is connected at all, and which kinds of neuron, synapse, delay and drive there are. All else is an
argument of the binary (`parameters`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

import meanfield as mf
from meanfield.delays import DISTRIBUTIONS, kind_of
from validation import reversals

MAX_DRIVES = 8  # tables in poisson.cpp
SIMULATED = {  # classes of neurons, and the one that each is simulated as
    mf.LIF: "LIF",
    mf.LIFFiltered: "LIF",  # the same neuron: only theory takes the filter otherwise
    mf.LIFConductance: reversals.NAME,
    mf.EIF: "EIF",
    mf.QIF: "QIF",
}
SHAPE = {"v_t": "v_t", "delta_t": "delta_t", "rheobase": "v_th"}  # parameters of a spike's onset, and the neuron's


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What the generated code of a network depends on."""

    sizes: tuple[int, ...]
    connected: tuple[tuple[bool, ...], ...]
    delays: tuple[tuple[str, ...], ...]  # kinds of distribution; "fixed" where nobody is connected
    drifts: tuple[str, ...]  # classes of neurons
    filtered: tuple[bool, ...]
    amplitudes: tuple[str, ...]  # of the jumps of each population: "fixed" or "exponential", drawn for every spike
    poisson_drives: int
    noisy: bool
    dt: float
    recorded: int = 0  # neurons a population whose excitatory and inhibitory input is recorded apart, step by step
    connections: str = "fixed indegree"  # or "Erdős-Rényi"
    threshold_spread: bool = False  # neurons have thresholds of their own
    modulated: bool = False  # Poisson drives follow a course

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def structure_of(
    network: mf.Network,
    dt: float,
    connections: str = "fixed indegree",
    threshold_spread: bool = False,
    recorded: int = 0,
    modulated: bool = False,
) -> Structure:
    """Return the structure of a network, of which `recorded` neurons a population have their inputs recorded.

    Raises
    ------
    TypeError
        For other neurons than LIF, LIFFiltered, LIFShot, LIFConductance, EIF and QIF.
    ValueError
        For more Poisson drives than there are tables.
    """
    amplitudes = tuple(getattr(neuron, "amplitudes", "fixed") for neuron in network.neurons)
    network = with_plain_neurons(network)
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if type(neuron) not in SIMULATED:
            known = ", ".join(cls.__name__ for cls in SIMULATED)
            raise TypeError(f"only {known} neurons are simulated, population {name} has {type(neuron).__name__}")
    poisson = sum(isinstance(drive, mf.PoissonDrive) for drive in network.drives)
    if poisson > MAX_DRIVES:
        raise ValueError(f"at most {MAX_DRIVES} Poisson drives are simulated, got {poisson}")
    connected = tuple(tuple(round(k) > 0 for k in row) for row in network.indegree)
    kinds = [[kind_of(delay) for delay in row] for row in network.delays]
    return Structure(
        sizes=network.sizes,
        connected=connected,
        delays=tuple(
            tuple(kind if there else "fixed" for kind, there in zip(*row, strict=True))
            for row in zip(kinds, connected, strict=True)
        ),
        drifts=tuple(SIMULATED[type(neuron)] for neuron in network.neurons),
        filtered=tuple(_is_filtered(neuron) for neuron in network.neurons),
        amplitudes=amplitudes,
        poisson_drives=poisson,
        noisy=any(isinstance(drive, mf.WhiteNoiseDrive) for drive in network.drives),
        dt=dt,
        recorded=recorded,
        connections=connections,
        threshold_spread=threshold_spread,
        modulated=modulated,
    )


def with_plain_neurons(network: mf.Network) -> mf.Network:
    """Return the network with LIF for LIFShot: every simulated spike makes a jump, of which only theory makes noise.

    How the jumps are distributed is told by `Structure.amplitudes`.
    """
    if not any(isinstance(neuron, mf.LIFShot) for neuron in network.neurons):
        return network
    neurons, constant = [], np.zeros(network.n_populations)
    for i, neuron in enumerate(network.neurons):
        if isinstance(neuron, mf.LIFShot):
            shape = {name: getattr(neuron, name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}
            constant[i] = neuron.mu_0
            neuron = mf.LIF(**shape)
        neurons.append(neuron)
    return replace(network, neurons=neurons, drives=[*network.drives, mf.ConstantDrive(mu=constant)])


def group_name(i: int) -> str:
    """Name of population i in the program."""
    return f"population{i}"


def synapses_name(i: int, j: int) -> str:
    """Name of the synapses onto population i from population j."""
    return f"synapses{i}from{j}"


def has_onset(structure: Structure, i: int) -> bool:
    """Whether the neurons of population i have an onset of spikes, EIF and QIF, and no hard threshold."""
    return structure.drifts[i] not in ("LIF", reversals.NAME)


def has_reversals(structure: Structure, i: int) -> bool:
    """Whether the synapses onto population i are conductances."""
    return structure.drifts[i] == reversals.NAME


def multiplies(structure: Structure, i: int) -> bool:
    """Whether V is multiplied by what varies with it: conductances that decay."""
    return has_reversals(structure, i) and structure.filtered[i]


def tells_apart(structure: Structure, i: int) -> bool:
    """Whether population i sums excitation and inhibition apart: to record them, or since they act differently."""
    return structure.recorded > 0 or has_reversals(structure, i)


def mean_square(structure: Structure, i: int) -> float:
    """<A²>/<A>² of the amplitudes of population i."""
    return 2.0 if structure.amplitudes[i] == "exponential" else 1.0


def delay_names(structure: Structure, i: int) -> list[str]:
    """Names in population i of the parameters of distributed delays onto it."""
    drawn = [(kind, j) for j, kind in enumerate(structure.delays[i]) if kind != "fixed"]
    return [f"delay_{f.name}{j}" for kind, j in drawn for f in fields(DISTRIBUTIONS[kind])]


def _is_filtered(neuron: Any) -> bool:
    return neuron.is_filtered if isinstance(neuron, mf.LIFConductance) else tau_s_of(neuron) > 0


def tau_s_of(neuron: Any) -> float:
    """Time constant of a neuron's synapses; 0 where they make the potential jump."""
    return getattr(neuron, "tau_s", 0.0)
