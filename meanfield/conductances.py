"""A network of LIF neurons with conductance synapses in place of jumps of the potential."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from meanfield.finitejumps import common_weight, weights_onto
from meanfield.network import ConstantDrive, Network, PoissonDrive, WhiteNoiseDrive, check_network
from meanfield.neurons.lif import LIF
from meanfield.neurons.lif_conductance import LIFConductance


def with_conductances(
    network: Network,
    *,
    e_e: float,
    e_i: float,
    tau_e: float = 0.0,
    tau_i: float = 0.0,
    v_ref: float = math.nan,
    jumps: str = "small",
    nodes: int = 10,
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
    check_network(network)
    constant = np.zeros(network.n_populations)
    for drive in network.drives:
        if isinstance(drive, WhiteNoiseDrive) and (drive.sigma > 0.0).any():
            raise ValueError(
                f"a WhiteNoiseDrive has no conductance: use a PoissonDrive, got sigma = {float(drive.sigma.max())!r} V"
            )
        if isinstance(drive, ConstantDrive):
            constant += drive.mu
    neurons = []
    for i, (name, neuron) in enumerate(zip(network.names, network.neurons, strict=True)):
        if type(neuron) is not LIF or neuron.tau_s > 0.0:
            words = f"tau_s = {neuron.tau_s!r} s" if isinstance(neuron, LIF) else type(neuron).__name__
            raise ValueError(f"conductances replace those of LIF neurons with tau_s = 0, population {name} has {words}")
        weights = weights_onto(network, i)
        neurons.append(
            LIFConductance(
                tau_m=neuron.tau_m,
                t_ref=neuron.t_ref,
                v_th=neuron.v_th,
                v_reset=neuron.v_reset,
                weight_e=common_weight(name, "excitatory", weights[weights > 0.0]),
                weight_i=common_weight(name, "inhibitory", weights[weights < 0.0]),
                mu_0=float(constant[i]),
                e_e=e_e,
                e_i=e_i,
                tau_e=tau_e,
                tau_i=tau_i,
                v_ref=v_ref,
                jumps=jumps,
                nodes=nodes,
            )
        )
    drives = [drive for drive in network.drives if isinstance(drive, PoissonDrive)]
    return replace(network, neurons=tuple(neurons), drives=tuple(drives), label=f"{network.label}, conductances")
