"""Sanzeni, Histed & Brunel (2022), Emergence of irregular activity in strongly coupled conductance-based networks.

Self-consistent networks of conductances against the number K of synapses, with weights that fall as 1/sqrt(K) and as
1/log K, equal at K = 1000. The variance of V goes as the weight whatever K is, since the conductance that makes it also
divides it. A: rate of the network (lines), and of a neuron in it that has 10% more or less excitatory synapses
(shaded). B: CV of intervals, of the network and (dashed) of the neuron with 10% more. C: standard deviation of V, and
time constant (dashed). Dots are single neurons simulated at the network's rates. With 1/sqrt(K) the feedback still
holds V nearer and nearer to threshold, so that the network of equal neurons stays irregular, but fluctuations become
small beside any difference between neurons: who has more synapses fires regularly, who has fewer is silent. With
1/log K all stay irregular. Parameters are ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import Hz, ms, mV
from validation.conductance import simulate_neuron

NAMES = ("scaling",)
REFERENCE, WEIGHT = 1000, 0.25 * mV
LAWS = {"1/sqrt(K)": lambda k: math.sqrt(REFERENCE / k), "1/log K": lambda k: math.log(REFERENCE) / math.log(k)}
INDEGREES = np.unique(np.round(np.geomspace(200, 100_000, 19))).astype(int)
EXTERNAL = 10 * Hz
SPREAD = 0.1  # of the number of excitatory synapses
INHIBITION = 2.0  # weight of an inhibitory synapse over that of an excitatory one, halfway from reset to threshold


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = scaling()
    return save(figure, "sanzeni2022_scaling", out, formats), table, ""


def network(indegree: int, law: str) -> mf.Network:
    """Excitatory and inhibitory neurons alike, K synapses from E, from I, and from outside."""
    weight = WEIGHT * LAWS[law](indegree)
    net = mf.Network(
        names=["E", "I"],
        sizes=[40 * indegree, 40 * indegree],
        neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
        indegree=[[indegree, indegree]] * 2,
        weight=[[weight, -INHIBITION * weight]] * 2,
        delay=1.5 * ms,
        drives=[mf.PoissonDrive(indegree=indegree, weight=weight, rate=EXTERNAL)],
    )
    return mf.with_conductances(net, e_e=70 * mV, e_i=-10 * mV)


def scaling(duration: float = 60.0) -> tuple[Any, str]:
    """The three panels, and a table."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12.0, 3.6))
    other = right.twinx()
    other.spines["right"].set_visible(True)
    titles = ("weights", "K", "J mV", "rate Hz", "CV", "g0", "std V mV", "V0 mV", "-10% Hz", "+10% Hz", "+10% CV")
    lines = ["{:10}{:>8}{:>8}{:>9}{:>7}{:>8}{:>9}{:>7}{:>10}{:>10}{:>9}".format(*titles)]
    for colour, law in zip(plotting.COLOURS, LAWS, strict=False):
        states = [mf.solve(network(int(k), law)) for k in INDEGREES]
        rows = []
        for k, state in zip(INDEGREES, states, strict=True):
            neuron, mu, sigma = state.network.neurons[0], float(state.mu[0]), float(state.sigma[0])
            g0, tau_0, v_0 = (float(x) for x in neuron.effective(mu, sigma))
            std = neuron.free_moments(mu, sigma)[1]
            rate_e, rate_i = neuron.receptors.rates(mu, sigma)
            fewer, more = (neuron.receptors.moments(part * rate_e, rate_i) for part in (1 - SPREAD, 1 + SPREAD))
            rows.append(
                (state.rate[0], state.cv[0], std, tau_0, neuron.rate(*fewer), neuron.rate(*more), neuron.cv(*more))
            )
            weight = neuron.weight_e / mV
            numbers = f"{state.rate[0]:9.3f}{state.cv[0]:7.3f}{g0:8.2f}{std / mV:9.3f}{v_0 / mV:7.2f}"
            lines.append(f"{law:10}{k:8}{weight:8.3f}{numbers}{rows[-1][4]:10.3g}{rows[-1][5]:10.3f}{rows[-1][6]:9.3f}")
        rate, cv, std, tau_0, low, high, high_cv = np.array(rows).T
        left.loglog(INDEGREES, rate, color=colour, label=f"weights ~ {law}")
        left.fill_between(INDEGREES, np.maximum(low, 1e-3), high, color=colour, alpha=0.15, lw=0)
        middle.semilogx(INDEGREES, cv, color=colour)
        middle.semilogx(INDEGREES, high_cv, "--", color=colour)
        right.loglog(INDEGREES, std / mV, color=colour)
        other.loglog(INDEGREES, tau_0 / ms, "--", color=colour)
        for state, k in list(zip(states, INDEGREES, strict=True))[::6]:
            neuron = state.network.neurons[0]
            rates = neuron.receptors.rates(float(state.mu[0]), float(state.sigma[0]))
            run = simulate_neuron(
                neuron, *(float(r) for r in rates), duration=duration if k < 10_000 else 0.3 * duration, rng=1
            )
            lines.append(
                f"{law:10}{k:8}   simulated at these rates: {run.rate:.2f} ± {run.rate_error:.2f} Hz, CV {run.cv:.3f}"
            )
            if run.spikes > 50:
                left.plot(k, run.rate, "o", ms=4, color=colour)
                middle.plot(k, run.cv, "o", ms=4, color=colour)
    left.set(xlabel="synapses K", ylabel="rate (Hz)", ylim=(1e-3, None))
    left.set_title("A  rate")
    left.legend()
    middle.set(xlabel="synapses K", ylabel="CV of intervals", ylim=(0, 1.1))
    middle.set_title("B  irregularity")
    right.set(xlabel="synapses K", ylabel="standard deviation of V (mV)")
    other.set_ylabel("time constant tau_0 (ms), dashed")
    right.set_title("C  fluctuations and time constant")
    return figure, "\n".join(lines)
