"""Inhibitory plasticity (Vogels et al. 2011) in Brian2, compiled to C++: a tuned neuron, and a recurrent network.

The rule is the paper's, exactly: traces jump at every spike, a weight changes by eta (x_post - 2 rho0 tau) when its
inhibitory neuron fires and by eta x_pre when its target does, and is clipped at 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check, check_scalar, check_whole
from meanfield.plasticity import InhibitoryPlasticity, TunedNeuron
from validation.compiler import Recipe
from validation.learning_programs import BLOCKS
from validation.recipe import run_recipe
from validation.simulation import draw_seeds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TunedSimulation:
    """A tuned neuron while it learns, several independent copies of it.

    Attributes
    ----------
    duration, block : float
        Simulated time, and the time for which each stimulus is shown [s].
    stimulus : (B,) array
        Which stimulus is shown in each block.
    count : (B, R) array
        Spikes of each copy in each block.
    t : (T,) array
        Times of the weights [s].
    weight : (T, R, G) array
        Mean weight of the synapses of each group onto each copy [V].
    """

    duration: float
    block: float
    stimulus: Any
    count: Any
    t: FloatArray
    weight: FloatArray

    def rate(self, after: float, n_stimuli: int) -> tuple[FloatArray, FloatArray]:
        """Mean rate under each stimulus from `after` [s] on and its standard error over copies, (S,) [Hz]."""
        late = np.arange(len(self.stimulus)) * self.block >= after
        by_copy = np.array(
            [self.count[late & (self.stimulus == s)].mean(axis=0) / self.block for s in range(n_stimuli)]
        )
        return by_copy.mean(axis=1), by_copy.std(axis=1, ddof=1) / np.sqrt(by_copy.shape[1])

    def learned(self, after: float) -> tuple[FloatArray, FloatArray]:
        """Mean weight of each group from `after` [s] on and its standard error over copies, (G,) [V]."""
        by_copy = self.weight[self.t >= after].mean(axis=0)
        return by_copy.mean(axis=0), by_copy.std(axis=0, ddof=1) / np.sqrt(len(by_copy))


def simulate_tuned(
    neuron: TunedNeuron,
    rule: InhibitoryPlasticity,
    *,
    duration: float,
    start: Any = 0.0,
    block: float = 0.5,
    copies: int = 8,
    dt: float = 1e-4,
    rng: Any = 1,
    progress: bool = False,
) -> TunedSimulation:
    """Simulate a tuned neuron whose inhibitory weights learn, stimuli in random order.

    Parameters
    ----------
    neuron : TunedNeuron
        Of a LIF neuron with instantaneous synapses; in-degrees are rounded, and inhibitory ones must be equal.
    rule : InhibitoryPlasticity
    duration : float
        Simulated time [s].
    start : float or (G,) array
        Weights at the beginning [V].
    block : float
        Time for which a stimulus is shown [s].
    copies : int
        Independent neurons with inputs of their own.
    dt : float
        Time step [s].
    rng : int or numpy Generator

    Raises
    ------
    ValueError, TypeError
        For what is out of range, or another neuron.
    SimulationUnavailable
        Without Brian2 or a C++ compiler.
    """
    lif = neuron.neuron
    if not isinstance(lif, mf.LIF) or lif.tau_s > 0:
        raise TypeError(f"only LIF neurons with instantaneous synapses are simulated, got {lif!r}")
    duration = check_scalar("duration", duration, "s", positive=True)
    block = check_scalar("block", block, "s", positive=True)
    copies = check_whole("copies", copies, at_least=2)
    each = np.rint(neuron.inhibitory_indegree).astype(int)
    if (each != each[0]).any() or each[0] == 0:
        raise ValueError(f"inhibitory_indegree must be the same for all groups, got {each.tolist()}")
    g = neuron.n_groups
    weight = check("start", start, "V", nonnegative=True, shape=(g,), shape_words="(one weight a group)")
    seed = draw_seeds(rng, 1)[0]
    shown = np.random.default_rng(seed).choice(neuron.n_stimuli, size=BLOCKS, p=neuron.probability)
    blocks = int(duration / block + 1e-9)
    if not 0 < blocks <= BLOCKS:
        raise ValueError(f"duration must be 1 to {BLOCKS} blocks of {block} s, got {duration} s")
    recipe = Recipe(
        module="learning_programs",
        arguments={"kind": "tuned", "copies": copies, "groups": g, "each": int(each[0]), "block": block, "dt": dt},
    )
    parameters: dict[str, Any] = {
        "neurons.tau_m": lif.tau_m,
        "neurons.v_th": lif.v_th,
        "neurons.v_reset": lif.v_reset,
        "neurons.tau_ref": (round(lif.t_ref / dt) + 1) * dt,
        "neurons.mu_ext": neuron.mu_ext,
        "inputs.initial": np.tile(np.repeat(weight, each[0]), copies),
        "rates.values": neuron.rate[shown],
        "inputs.tau": rule.tau,
        **_rule_parameters(rule, "neurons"),
    }
    for k in range(g):
        parameters[f"neurons.mean{k}"] = float(np.rint(neuron.excitatory_indegree[k])) * dt
        parameters[f"neurons.jump{k}"] = float(neuron.excitatory_weight[k])
    found = run_recipe(
        recipe, parameters, duration=blocks * block, seed=seed, label="inhibitory plasticity", progress=progress
    )
    times, indices = found["neurons"]["time"], found["neurons"]["index"]
    count = np.zeros((blocks, copies), dtype=int)
    np.add.at(count, (np.minimum((times / block + 1e-9).astype(int), blocks - 1), indices), 1)
    t = found["weights"]["time"]
    weights = found["weights"]["weight"].reshape(t.size, copies, g, each[0]).mean(axis=3)
    return TunedSimulation(
        duration=blocks * block, block=block, stimulus=shown[:blocks], count=count, t=t, weight=weights
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecurrentSimulation:
    """A recurrent network while its synapses from I to E learn.

    Attributes
    ----------
    duration : float
        Simulated time [s].
    sizes : tuple of int
        Numbers of E and I neurons.
    times, indices : pair of (M,) arrays
        Spikes of E and of I [s] and their neurons.
    t : (T,) array
        Times of the weights and currents [s].
    weight : (T, W) array
        Some plastic weights [V, or S with conductances].
    excitation, inhibition : (T, R) array
        Currents into some E neurons, filtered by synapses and, for a current-based neuron, by the membrane [V].
    """

    duration: float
    sizes: tuple[int, int]
    times: tuple[FloatArray, FloatArray]
    indices: tuple[Any, Any]
    t: FloatArray
    weight: FloatArray
    excitation: FloatArray
    inhibition: FloatArray

    def rates(self, begin: float, end: float, population: int = 0) -> FloatArray:
        """Firing rate of each neuron of E (0) or I (1) between two times [s]."""
        times, indices = self.times[population], self.indices[population]
        here = (times >= begin) & (times < end)
        return np.bincount(indices[here], minlength=self.sizes[population]) / (end - begin)

    def tightness(self, begin: float, end: float) -> float:
        """β = |E - I|/E of the mean currents of each recorded neuron between two times [s], the mean over neurons."""
        here = (self.t >= begin) & (self.t < end)
        e, i = self.excitation[here].mean(axis=0), self.inhibition[here].mean(axis=0)
        return float((np.abs(e - i) / e).mean())


def simulate_recurrent(
    network: mf.Network | None,
    rule: InhibitoryPlasticity,
    *,
    duration: float,
    start: float = 0.0,
    sizes: tuple[int, int] = (8000, 2000),
    dt: float = 1e-4,
    rng: Any = 1,
    progress: bool = False,
) -> RecurrentSimulation:
    """Simulate an E-I network whose synapses from I to E learn.

    Parameters
    ----------
    network : Network or None
        Populations E and I of the same LIF neuron with instantaneous synapses, one fixed delay, and constant drives;
        its weight from I to E is not used. None: the conductance-based network of Vogels et al. (2011, fig. 4), with
        connections of probability 0.02, g_E = 0.3 nS, I to I 3 nS, 200 pA, in which eta, weights and `start` are in
        siemens in place of volts.
    rule : InhibitoryPlasticity
    duration : float
        Simulated time [s].
    start : float
        Weight from I to E at the beginning.
    sizes : tuple of int
        Of the conductance-based network.
    dt : float
        Time step [s].

    Raises
    ------
    ValueError, TypeError
        For another network than described.
    SimulationUnavailable
        Without Brian2 or a C++ compiler.
    """
    duration = check_scalar("duration", duration, "s", positive=True)
    start = check_scalar("start", start, "V", nonnegative=True)
    if network is None:
        kind, parameters = "conductances", {"E.initial": start}
    else:
        kind, parameters, sizes = "currents", _network_parameters(network, dt) | {"E.initial": start}, network.sizes
    arguments = {"kind": kind, "sizes": [int(n) for n in sizes], "dt": dt}
    if network is not None:
        arguments["delay"] = float(network.mean_delay.flat[0])
    recipe = Recipe(module="learning_programs", arguments=arguments)
    parameters |= _rule_parameters(rule, "E", "I")
    found = run_recipe(
        recipe,
        parameters,
        duration=duration,
        seed=draw_seeds(rng, 1)[0],
        label=f"inhibitory plasticity, {kind}",
        progress=progress,
    )
    t = found["weights"]["time"]
    return RecurrentSimulation(
        duration=duration,
        sizes=(sizes[0], sizes[1]),
        times=(found["E"]["time"], found["I"]["time"]),
        indices=(found["E"]["index"], found["I"]["index"]),
        t=t,
        weight=found["weights"]["weight"].reshape(t.size, -1),
        excitation=found["weights"]["excitation"].reshape(t.size, -1),
        inhibition=found["weights"]["inhibition"].reshape(t.size, -1),
    )


def _rule_parameters(rule: InhibitoryPlasticity, *groups: str) -> dict[str, Any]:
    largest = rule.w_max if np.isfinite(rule.w_max) else 1e9
    values = {"eta": rule.eta, "tau": rule.tau, "rho0": rule.rho0, "w_max": largest}
    return {f"{group}.{name}": value for group in groups for name, value in values.items()}


def _network_parameters(network: mf.Network, dt: float) -> dict[str, Any]:
    """Parameters of the current-based network by name, once it is what can be simulated."""
    lif = network.neurons[0]
    if network.names != ("E", "I") or any(neuron != lif for neuron in network.neurons):
        raise ValueError("network must have the populations E and I, of the same neurons")
    if not isinstance(lif, mf.LIF) or lif.tau_s > 0:
        raise TypeError(f"only LIF neurons with instantaneous synapses are simulated, got {lif!r}")
    if not all(isinstance(drive, mf.ConstantDrive) for drive in network.drives):
        raise ValueError("network must have constant drives only")
    if np.ptp(network.mean_delay) or any(type(d) is not mf.FixedDelay for row in network.delays for d in row):
        raise ValueError("network must have one fixed delay")
    values: dict[str, Any] = {}
    for i, name in enumerate(network.names):
        values |= {
            f"{name}.tau_m": lif.tau_m,
            f"{name}.v_th": lif.v_th,
            f"{name}.v_reset": lif.v_reset,
            f"{name}.tau_ref": (round(lif.t_ref / dt) + 1) * dt,
            f"{name}.mu_ext": float(network.mu_ext[i]),
        }
        for j, source in enumerate(network.names):
            values[f"{name}.indegree_{source}"] = round(float(network.indegree[i, j]))
            values[f"{name}.jump_{source}"] = abs(float(network.weight[i, j]))
    return values
