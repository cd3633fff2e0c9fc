"""The edge of chaos as the number K of synapses grows: with weights ~ 1/√K it stays where it is, else it moves.

A: radius of sparse excitatory-inhibitory matrices, sampled (points) over theory (lines). B: radius of the effective
Jacobian of LIF networks: Brunel's at J = 0.4 mV and K_E = 1000, g = 5, external rate twice threshold, drives scaled
along. C: the factor on all recurrent weights at which the radius is 1. The gain of LIF neurons changes with the state,
which with 1/√K settles, and the edge with it, with corrections of the order of 1/√K; the radius is flat in the weights
there, so that the factor moves more than the radius does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.randommatrix import SparseEI, critical_weight, effective_jacobian, growth
from meanfield.units import mV

NAMES = ("scaling",)
SCALINGS = {"1/sqrt(K)": -0.5, "1/K": -1.0, "constant": 0.0}
LABELS = {"1/sqrt(K)": r"$J \sim 1/\sqrt{K}$", "1/K": r"$J \sim 1/K$", "constant": "J constant"}
BASE = SparseEI(sizes=(1600, 400), indegree=(160, 40), weight=(0.03, -0.15))
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
LIF_BASE = {"g": 5.0, "eta": 2.0, "weight": 0.4 * mV}
INDEGREES = (500.0, 1000.0, 2000.0, 4000.0, 8000.0)  # of excitation
BOUNDS = (0.05, 20.0)  # for a factor on all weights


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, table = scaling()
    return save(figure, "edge_scaling", out, formats), table, ""


def sampled_radius(net: SparseEI, seed: int) -> tuple[float, float]:
    """Radius of a sample and its error, the exact mode left out."""
    mode = np.full((net.n, 1), net.n**-0.5)  # rows have equal sums
    found = growth(net.sample(rng=seed), without=mode, rng=seed)
    return found.radius, found.error


def lif(indegree: float, exponent: float) -> tuple[float, float]:
    """Radius of an LIF network's effective Jacobian; and the factor on its weights for a radius of 1, NaN if none."""
    net = mf.balance.scaled(mf.models.brunel2000(**LIF_BASE), indegree, exponent, sizes=(40_000, 10_000))
    radius = effective_jacobian(mf.solve(net)).radius
    try:
        factor = critical_weight(net, "weight_scale", bounds=BOUNDS)
    except ValueError:  # it does not pass 1
        factor = float("nan")
    return radius, factor


def scaling() -> tuple[Any, str]:
    """The three panels, and a table."""
    figure, (matrices, spiking, critical) = plt.subplots(1, 3, figsize=(11.0, 3.5))
    lines = [f"{'weights':<12}{'K':>6}{'R theory':>10}{'sampled':>10}{'error':>8}{'LIF, K_E':>10}{'R':>8}{'factor':>8}"]
    for (name, exponent), colour in zip(SCALINGS.items(), plotting.COLOURS, strict=False):
        nets = [BASE.scaled(factor, name) for factor in FACTORS]
        k = [sum(net.indegree) for net in nets]
        found = [sampled_radius(net, seed) for seed, net in enumerate(nets)]
        fine = np.geomspace(k[0], k[-1], 50)
        theory = BASE.radius * (fine / sum(BASE.indegree)) ** (exponent + 0.5)
        matrices.plot(fine, theory, color=colour, label=LABELS[name])
        matrices.errorbar(k, *np.transpose(found), fmt="o", color=colour, markersize=4)
        states = [lif(indegree, exponent) for indegree in INDEGREES]
        spiking.plot(INDEGREES, [radius for radius, _ in states], "o-", color=colour, markersize=4)
        critical.plot(fine / k[0], [1.0 / r for r in theory], color=colour)
        factors = np.array([factor for _, factor in states])
        critical.plot(np.array(INDEGREES) / INDEGREES[0], factors, "o--", color=colour, markersize=4, linewidth=0.9)
        for net, (radius, error), indegree, (r, factor) in zip(nets, found, INDEGREES, states, strict=True):
            lines.append(
                f"{name:<12}{sum(net.indegree):6d}{net.radius:10.4f}{radius:10.4f}{error:8.4f}{indegree:10g}{r:8.3f}"
                f"{factor:8.3f}"
            )
    for axes in (matrices, spiking):
        axes.axhline(1.0, color="0.6", linewidth=0.8, zorder=0)
        axes.set(xscale="log", xlabel="synapses a neuron K", ylabel="radius R")
    spiking.set_xlabel(r"excitatory synapses a neuron $K_E$")
    matrices.set_title("A  Sparse E-I matrices")
    matrices.legend()
    spiking.set_title("B  LIF networks, effective coupling")
    critical.set(xscale="log", yscale="log", xlabel="K over its smallest value", ylabel="factor on J at the edge")
    critical.set_title("C  The edge")
    critical.plot([], [], color="0.3", label="matrices")
    critical.plot([], [], "o--", color="0.3", markersize=4, linewidth=0.9, label="LIF networks")
    critical.legend(loc="upper left")
    critical.set_yticks([0.5, 1.0, 2.0, 4.0], labels=["0.5", "1", "2", "4"])
    critical.minorticks_off()
    for axes, values in ((matrices, k), (spiking, INDEGREES)):
        axes.set_xticks(values, labels=[f"{value:g}" for value in values])
        axes.minorticks_off()
    critical.set_xticks([1, 2, 4, 8, 16], labels=["1", "2", "4", "8", "16"])
    return figure, "\n".join(lines)
