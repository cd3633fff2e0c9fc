"""Sparse networks of excitatory and inhibitory neurons: Brunel (2000), J. Comput. Neurosci. 8, 183-208."""

from __future__ import annotations

import math

from meanfield._validate import check_scalar
from meanfield.delays import Delay
from meanfield.network import Network, PoissonDrive
from meanfield.neurons.lif import LIF
from meanfield.units import ms, mV


def brunel2000(
    g: float = 5.0,
    eta: float = 2.0,
    *,
    weight: float = 0.1 * mV,
    indegree_e: float = 1000,
    gamma: float = 0.25,
    epsilon: float = 0.1,
    tau_m: float = 20 * ms,
    t_ref: float = 2 * ms,
    v_th: float = 20 * mV,
    v_reset: float = 10 * mV,
    delay: float | Delay = 1.5 * ms,
) -> Network:
    """Model A: excitatory and inhibitory neurons with the same properties.

    Parameters
    ----------
    g : float
        Strength of an inhibitory synapse relative to an excitatory one.
    eta : float
        External rate over nu_thr = v_th / (C_E J tau_m), the rate that alone brings mu to threshold.
    weight : float
        J, jump of the membrane potential for an excitatory spike [V].
    indegree_e : float
        C_E, excitatory synapses a neuron from within the network, and as many from outside.
    gamma : float
        C_I / C_E, also N_I / N_E.
    epsilon : float
        Connection probability C_E / N_E.
    tau_m, t_ref : float
        Membrane time constant and refractory period [s].
    v_th, v_reset : float
        Threshold and reset above rest [V].
    delay : float or Delay
        Transmission delay D [s], or its distribution (`UniformDelay(0, 3*ms)` in fig. 7 C).

    Returns
    -------
    Network
        Populations E and I.

    Examples
    --------
    >>> brunel2000().sizes
    (10000, 2500)
    """
    g = check_scalar("g", g, "1", nonnegative=True)
    eta = check_scalar("eta", eta, "1", nonnegative=True)
    return brunel2000_b(
        g_e=g,
        g_i=g,
        eta_e=eta,
        eta_i=eta,
        weight_e=weight,
        weight_i=weight,
        indegree_e=indegree_e,
        gamma=gamma,
        epsilon=epsilon,
        tau_e=tau_m,
        tau_i=tau_m,
        t_ref=t_ref,
        v_th=v_th,
        v_reset=v_reset,
        delay_ee=delay,
        delay_ei=delay,
        delay_ie=delay,
        delay_ii=delay,
        label=f"brunel2000(g={g:g}, eta={eta:g})",
    )


def brunel2000_b(
    g_e: float = 5.0,
    g_i: float = 5.0,
    eta_e: float = 2.0,
    eta_i: float = 2.0,
    *,
    weight_e: float = 0.1 * mV,
    weight_i: float = 0.1 * mV,
    indegree_e: float = 1000,
    gamma: float = 0.25,
    epsilon: float = 0.1,
    tau_e: float = 20 * ms,
    tau_i: float = 10 * ms,
    t_ref: float = 2 * ms,
    v_th: float = 20 * mV,
    v_reset: float = 10 * mV,
    delay_ee: float | Delay = 1.5 * ms,
    delay_ei: float | Delay = 1.5 * ms,
    delay_ie: float | Delay = 1.5 * ms,
    delay_ii: float | Delay = 1.5 * ms,
    label: str = "",
) -> Network:
    """Model B: excitatory and inhibitory neurons differ in time constant, synapses, drive and delays.

    Parameters
    ----------
    g_e, g_i : float
        Strength of inhibition relative to excitation, onto excitatory and onto inhibitory neurons.
    eta_e, eta_i : float
        External rates onto E and I over the rate v_th / (C_E J tau_m) that brings mu of that population to threshold.
    weight_e, weight_i : float
        J_E and J_I, jumps for an excitatory spike onto E and onto I [V].
    indegree_e, gamma, epsilon, t_ref, v_th, v_reset
        As in `brunel2000`.
    tau_e, tau_i : float
        Membrane time constants of E and of I [s].
    delay_ee, delay_ei, delay_ie, delay_ii : float or Delay
        Delays D_ab onto a from b [s].
    label : str
        Name of the network; made from the four main parameters by default.

    Returns
    -------
    Network
        Populations E and I.

    Examples
    --------
    >>> brunel2000_b(g_e=5, g_i=4.5).neurons[1].tau_m
    0.01
    """
    weight_e = check_scalar("weight_e", weight_e, "V", positive=True)
    weight_i = check_scalar("weight_i", weight_i, "V", positive=True)
    indegree_e = check_scalar("indegree_e", indegree_e, "1", positive=True)
    epsilon = check_scalar("epsilon", epsilon, "1", positive=True)
    gamma = check_scalar("gamma", gamma, "1", positive=True)
    tau = [check_scalar(name, t, "s", positive=True) for name, t in (("tau_e", tau_e), ("tau_i", tau_i))]
    g = [check_scalar(name, x, "1", nonnegative=True) for name, x in (("g_e", g_e), ("g_i", g_i))]
    eta = [check_scalar(name, x, "1", nonnegative=True) for name, x in (("eta_e", eta_e), ("eta_i", eta_i))]
    size_e = indegree_e / epsilon
    weights = (weight_e, weight_i)
    v_th = check_scalar("v_th", v_th, "V")
    threshold_rate = [v_th / (indegree_e * w * t) for w, t in zip(weights, tau, strict=True)]
    return Network(
        names=("E", "I"),
        sizes=(math.floor(size_e + 0.5), math.floor(gamma * size_e + 0.5)),
        neurons=[LIF(tau_m=t, t_ref=t_ref, v_th=v_th, v_reset=v_reset) for t in tau],
        indegree=[[indegree_e, gamma * indegree_e]] * 2,
        weight=[[w, -x * w] for w, x in zip(weights, g, strict=True)],
        delay=[[delay_ee, delay_ei], [delay_ie, delay_ii]],
        drives=[
            PoissonDrive(
                indegree=indegree_e,
                weight=weights,
                rate=[x * rate for x, rate in zip(eta, threshold_rate, strict=True)],
            )
        ],
        label=label or f"brunel2000_b(g_e={g[0]:g}, g_i={g[1]:g}, eta_e={eta[0]:g}, eta_i={eta[1]:g})",
    )
