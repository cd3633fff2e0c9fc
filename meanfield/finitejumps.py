"""A network of LIF neurons without the diffusion approximation: its spikes are jumps of the sizes that they have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from meanfield._validate import FloatArray
from meanfield.network import ConstantDrive, Drive, Network, PoissonDrive, check_network
from meanfield.neurons.base import Neuron
from meanfield.neurons.lif import LIF
from meanfield.neurons.lif_shot import LIFShot

_SAME = 1e-9


def with_finite_jumps(network: Network, amplitudes: str = "fixed") -> Network:
    """Return a network of LIF neurons with `LIFShot` in their place, which take the weights from the network.

    Parameters
    ----------
    network : Network
        Of LIF neurons with tau_s = 0, in which each neuron's excitatory synapses are of one weight, those from outside
        among them, and its inhibitory ones, too.
    amplitudes : {"fixed", "exponential"}
        How jumps are distributed; see `LIFShot`.

    Returns
    -------
    Network
        A constant drive has become mu_0 of the neurons.

    Raises
    ------
    ValueError, TypeError
        For other neurons, weights of several sizes, a neuron without excitatory synapses, and white noise as a drive.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.models.brunel2000(g=4.5, eta=0.9)
    >>> shot = mf.with_finite_jumps(net)
    >>> [round(float(mf.solve(n).rate[0]), 2) for n in (net, shot)]
    [6.52, 5.97]
    """
    check_network(network)
    constant = np.zeros(network.n_populations)
    for drive in network.drives:
        if isinstance(drive, ConstantDrive):
            constant += drive.mu
    neurons: list[Neuron] = []
    for i, (name, neuron) in enumerate(zip(network.names, network.neurons, strict=True)):
        if not isinstance(neuron, LIF) or neuron.tau_s > 0.0:
            words = type(neuron).__name__ if not isinstance(neuron, LIF) else f"tau_s = {neuron.tau_s!r} s"
            raise ValueError(f"finite jumps are of LIF neurons with tau_s = 0, population {name} has {words}")
        weights = weights_onto(network, i)
        neurons.append(
            LIFShot(
                tau_m=neuron.tau_m,
                t_ref=neuron.t_ref,
                v_th=neuron.v_th,
                v_reset=neuron.v_reset,
                weight_e=common_weight(name, "excitatory", weights[weights > 0.0]),
                weight_i=common_weight(name, "inhibitory", weights[weights < 0.0]),
                amplitudes=amplitudes,
                mu_0=float(constant[i]),
            )
        )
    drives: tuple[Drive, ...] = tuple(drive for drive in network.drives if not isinstance(drive, ConstantDrive))
    return replace(network, neurons=tuple(neurons), drives=drives, label=f"{network.label}, finite jumps")


def weights_onto(network: Network, i: int) -> FloatArray:
    """Weights of all synapses onto population i [V], those from outside last."""
    recurrent = network.weight[i, network.indegree[i] > 0]
    drives = [d for d in network.drives if isinstance(d, PoissonDrive)]
    external = [float(d.weight[i]) for d in drives if d.indegree[i] > 0]
    return np.concatenate([recurrent, external])


def common_weight(name: str, kind: str, weights: FloatArray) -> float:
    """The one weight that all have [V], 0 without inhibition; ValueError if they differ, or there is no excitation."""
    if weights.size == 0:
        if kind == "inhibitory":
            return 0.0
        raise ValueError(f"population {name} has no excitatory synapse, so that its spikes cannot make it fire")
    if np.ptp(weights) > _SAME * np.abs(weights).max():
        several = ", ".join(f"{weight:.6g}" for weight in np.unique(weights))
        raise ValueError(f"{kind} weights onto population {name} must be of one size, got {several} V")
    return float(weights[0])
