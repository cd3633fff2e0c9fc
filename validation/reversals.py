"""Conductance synapses in the Brian2 program of a network: equations, what spikes do that arrive, and parameters.

A spike opens a conductance of area a = -log(1 - b), in units of the membrane's own times tau_m, where b moves V by the
synapse's weight J = b (E - v_ref) at v_ref (`meanfield.LIFConductance`). All excitatory weights onto a neuron are J_e
and all inhibitory ones J_i, so that the sum of the weights that arrive in a step, times a/J, is the area of all.

Instantaneous: the spikes of one receptor that arrive in a step leave the part S = exp(-sum a) of the distance from its
reversal potential, exactly. Excitation before inhibition ends (E_e - E_i)(1 - S_e)(1 - S_i) below inhibition before
excitation; spikes of either kind come first equally often, so V goes to the mean of the two,

    S_e S_i V + (1 - S_e)(1 + S_i)/2 E_e + (1 - S_i)(1 + S_e)/2 E_i,

which is right on average for one spike of each, and for more to third order in their areas. (Excitation always first
would lower V_0 by (E_e - E_i) b_e r_e b_i r_i tau_0 dt/2: 0.14 mV at steps of 0.1 ms under 13,000 spikes a second of
0.3 mV and 4,500 of -0.6 mV, g0 = 5.)

Filtered: the conductance G_s, in units of the membrane's own, jumps by a tau_m/tau_s and decays with tau_s.
"""

from __future__ import annotations

import math

import meanfield as mf

NAME = mf.LIFConductance.__name__  # of these neurons, in `Structure.drifts`
CURRENT = " + g_e*(reversal_e - v) + g_i*(reversal_i - v)"  # of filtered conductances


def equations(filtered: bool) -> list[str]:
    """Lines of the membrane's equations, without that of V."""
    lines = ["excitation_sum : volt"]
    lines += [f"reversal_{s} : volt (shared, constant)" for s in "ei"]
    lines += [f"area_{s} : 1/volt (shared, constant)" for s in "ei"]
    if filtered:
        lines += [f"dg_{s}/dt = -g_{s}/tau_{s} : 1" for s in "ei"]
        lines += [f"tau_{s} : second (shared, constant)" for s in "ei"]
    return lines


def names(filtered: bool) -> list[str]:
    """Parameters of these equations."""
    of_both = ["reversal", "area"] + ["tau"] * filtered
    return [f"{name}_{s}" for name in of_both for s in "ei"]


def parameters(neuron: mf.LIFConductance) -> dict[str, float]:
    """Their values in SI units, of a neuron."""
    values = {}
    for s in "ei":
        weight, reversal, tau = (getattr(neuron, f"{name}_{s}") for name in ("weight", "e", "tau"))
        values[f"reversal_{s}"] = reversal
        area = -math.log1p(-weight / (reversal - neuron.v_ref))
        values[f"area_{s}"] = area / weight if weight else 0.0
        if neuron.is_filtered:
            values[f"area_{s}"] *= neuron.tau_m / tau
            values[f"tau_{s}"] = tau
    return values


def step(filtered: bool) -> list[str]:
    """What `excitation` and `inhibition`, the sums of weights that arrive in a step, do."""
    lines = ["excitation_sum += excitation * int(t >= t_record)"]
    if filtered:
        return [*lines, "g_e += area_e * excitation", "g_i += area_i * inhibition"]
    return [
        *lines,
        "stay_e = exp(-area_e * excitation)",
        "stay_i = exp(-area_i * inhibition)",
        "pull_e = 0.5 * (1 - stay_e) * (1 + stay_i)",
        "pull_i = 0.5 * (1 - stay_i) * (1 + stay_e)",
        "v += (pull_e * (reversal_e - v) + pull_i * (reversal_i - v)) * int(not_refractory)",
    ]
