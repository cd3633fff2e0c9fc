"""Two types of asynchronous activity: Ostojic (2014), Nat. Neurosci. 17, 594-600."""

from __future__ import annotations

import math

from meanfield._validate import check_scalar
from meanfield.delays import Delay
from meanfield.network import ConstantDrive, Network
from meanfield.neurons.lif import LIF
from meanfield.units import ms, mV


def ostojic2014(
    weight: float = 0.2 * mV,
    g: float = 5.0,
    *,
    mu_ext: float = 24 * mV,
    indegree_e: float = 800,
    gamma: float = 0.25,
    epsilon: float = 0.1,
    tau_m: float = 20 * ms,
    t_ref: float = 0.5 * ms,
    v_th: float = 20 * mV,
    v_reset: float = 10 * mV,
    delay: float | Delay = 0.55 * ms,
) -> Network:
    """10,000 excitatory and inhibitory LIF neurons under a constant input, with strong synapses.

    Nothing from outside fluctuates: all noise is the network's own. The paper's two regimes are at J = 0.2 mV and
    J = 0.8 mV.

    Parameters
    ----------
    weight : float
        J, jump of the membrane potential for an excitatory spike [V].
    g : float
        Strength of an inhibitory synapse relative to an excitatory one.
    mu_ext : float
        Constant external input [V].
    indegree_e : float
        C_E, excitatory synapses a neuron.
    gamma, epsilon, tau_m, t_ref, v_th, v_reset, delay
        As in `brunel2000`.

    Returns
    -------
    Network
        Populations E and I.

    Examples
    --------
    >>> net = ostojic2014()
    >>> net.sizes, net.indegree[0].tolist()
    ((8000, 2000), [800.0, 200.0])
    """
    weight = check_scalar("weight", weight, "V", positive=True)
    g = check_scalar("g", g, "1", nonnegative=True)
    mu_ext = check_scalar("mu_ext", mu_ext, "V")
    indegree_e = check_scalar("indegree_e", indegree_e, "1", positive=True)
    gamma = check_scalar("gamma", gamma, "1", positive=True)
    epsilon = check_scalar("epsilon", epsilon, "1", positive=True)
    size_e = indegree_e / epsilon
    return Network(
        names=("E", "I"),
        sizes=(math.floor(size_e + 0.5), math.floor(gamma * size_e + 0.5)),
        neurons=LIF(tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset),
        indegree=[[indegree_e, gamma * indegree_e]] * 2,
        weight=[[weight, -g * weight]] * 2,
        delay=delay,
        drives=[ConstantDrive(mu=mu_ext)],
        label=f"ostojic2014(J={weight / mV:g} mV, g={g:g})",
    )
