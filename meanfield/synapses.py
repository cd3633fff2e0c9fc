"""Networks of LIF neurons with other synapses: finite jumps, conductances, filtered currents.

The neurons take the weights from the network, so that parameters of its model go on to mean what they did.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_scalar
from meanfield.network import ConstantDrive, Network, PoissonDrive, check_network
from meanfield.neurons.base import Neuron
from meanfield.neurons.lif import LIF
from meanfield.neurons.lif_conductance import LIFConductance, distant_reversal
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
    return _with_receptors(network, LIFShot, "finite jumps", amplitudes=amplitudes)


def with_conductances(
    network: Network,
    *,
    e_e: float,
    e_i: float,
    tau_e: float = 0.0,
    tau_i: float = 0.0,
    v_ref: float = math.nan,
    jumps: str = "small",
    nodes: int = 8,
) -> Network:
    """Return a network of LIF neurons with `LIFConductance` in their place, which take the weights from the network.

    A spike then moves V by as much as before where V is `v_ref`, and by more or less elsewhere. The other parameters
    are those of `LIFConductance`, the same for all populations.

    Parameters
    ----------
    network : Network
        Of LIF neurons with tau_s = 0, in which each neuron's excitatory synapses are of one weight, those from outside
        among them, and its inhibitory ones, too.
    e_e, e_i : float
        Reversal potentials of excitation and inhibition [V], from rest.
    tau_e, tau_i : float
        Time constants of the conductances [s], 0 for instantaneous ones.
    v_ref : float
        Potential at which the network's weights are meant [V]; by default halfway from reset to threshold.
    jumps, nodes : str, int
        See `LIFConductance`.

    Returns
    -------
    Network
        A constant drive has become mu_0 of the neurons.

    Raises
    ------
    ValueError, TypeError
        For other neurons, weights of several sizes onto a population, a population without excitatory synapses, white
        noise as a drive, and what `LIFConductance` refuses.

    Examples
    --------
    >>> import meanfield as mf
    >>> from meanfield.units import mV
    >>> net = mf.models.brunel2000(g=5, eta=2)
    >>> conductance = mf.with_conductances(net, e_e=70*mV, e_i=-5*mV)
    >>> [round(float(mf.solve(n).rate[0]), 2) for n in (net, conductance)]
    [37.95, 33.67]
    """
    return _with_receptors(
        network,
        LIFConductance,
        "conductances",
        e_e=e_e,
        e_i=e_i,
        tau_e=tau_e,
        tau_i=tau_i,
        v_ref=v_ref,
        jumps=jumps,
        nodes=nodes,
    )


def with_filtered_currents(network: Network, *, tau_e: float, tau_i: float, nodes: int = 8) -> Network:
    """Return a network of LIF neurons whose excitatory and inhibitory currents decay with time constants that differ.

    They are conductances with reversal potentials so far away that driving forces are constant, see
    `LIFConductance.currents`: the spikes are exactly those that are filtered, not replaced by a diffusion. For one time
    constant `LIFFiltered` is faster and more accurate.

    Parameters
    ----------
    network : Network
        As of `with_conductances`.
    tau_e, tau_i : float
        Time constants of the currents [s].
    nodes : int
        See `LIFConductance`.

    Raises
    ------
    ValueError, TypeError
        As `with_conductances`; for time constants that are not positive.

    Examples
    --------
    >>> import meanfield as mf
    >>> from meanfield.units import ms
    >>> net = with_filtered_currents(mf.models.brunel2000(g=5, eta=2), tau_e=2*ms, tau_i=5*ms, nodes=4)
    >>> neuron = net.neurons[0]
    >>> neuron.tau_e, neuron.tau_i, neuron.weight_e
    (0.002, 0.005, 0.0001)
    """
    check_network(network)
    tau_e, tau_i = (check_scalar(name, tau, "s", positive=True) for name, tau in (("tau_e", tau_e), ("tau_i", tau_i)))
    away = max((distant_reversal(n.v_th, n.v_reset) for n in network.neurons if isinstance(n, LIF)), default=1.0)
    found = with_conductances(network, e_e=away, e_i=-away, tau_e=tau_e, tau_i=tau_i, nodes=nodes)
    return replace(found, label=f"{network.label}, filtered currents")


def _with_receptors(network: Network, model: Callable[..., Neuron], what: str, **parameters: Any) -> Network:
    """The network with neurons of `model`, whose weights and constant currents are those of the network."""
    check_network(network)
    constant = sum((d.mu for d in network.drives if isinstance(d, ConstantDrive)), np.zeros(network.n_populations))
    neurons = []
    for i, (name, neuron) in enumerate(zip(network.names, network.neurons, strict=True)):
        if type(neuron) is not LIF or neuron.tau_s > 0.0:
            words = f"tau_s = {neuron.tau_s!r} s" if isinstance(neuron, LIF) else type(neuron).__name__
            raise ValueError(f"{what} replace jumps of LIF neurons with tau_s = 0, population {name} has {words}")
        weights = _weights_onto(network, i)
        neurons.append(
            model(
                tau_m=neuron.tau_m,
                t_ref=neuron.t_ref,
                v_th=neuron.v_th,
                v_reset=neuron.v_reset,
                weight_e=_common_weight(name, "excitatory", weights[weights > 0.0]),
                weight_i=_common_weight(name, "inhibitory", weights[weights < 0.0]),
                mu_0=float(constant[i]),
                **parameters,
            )
        )
    drives = tuple(drive for drive in network.drives if not isinstance(drive, ConstantDrive))
    return replace(network, neurons=tuple(neurons), drives=drives, label=f"{network.label}, {what}")


def _weights_onto(network: Network, i: int) -> FloatArray:
    """Weights of all synapses onto population i [V], those from outside last."""
    recurrent = network.weight[i, network.indegree[i] > 0]
    drives = [d for d in network.drives if isinstance(d, PoissonDrive)]
    external = [float(d.weight[i]) for d in drives if d.indegree[i] > 0]
    return np.concatenate([recurrent, external])


def _common_weight(name: str, kind: str, weights: FloatArray) -> float:
    """The one weight that all have [V], 0 without inhibition; ValueError if they differ, or there is no excitation."""
    if weights.size == 0:
        if kind == "inhibitory":
            return 0.0
        raise ValueError(f"population {name} has no excitatory synapse, so that its spikes cannot make it fire")
    if np.ptp(weights) > _SAME * np.abs(weights).max():
        several = ", ".join(f"{weight:.6g}" for weight in np.unique(weights))
        raise ValueError(f"{kind} weights onto population {name} must be of one size, got {several} V")
    return float(weights[0])
