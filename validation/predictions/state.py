"""The stationary state of a spiking network: rate, mean and amplitude of the input, and irregularity.

Where synapses are conductances, mu and sigma are only names for the rates of two kinds of spikes, and say nothing of
the distance of V from threshold: left out. In their place are the total conductance g0, over the membrane's own, and
the potential V_0 that it pulls to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import meanfield as mf
from meanfield.units import mV
from validation import statistics
from validation.notes import explain
from validation.results import Simulation

__all__ = ["MEASURED", "UNITS", "explain", "measure", "theory"]

UNITS = {"rate": "Hz", "mu": "mV", "sigma": "mV", "g0": "1", "V_0": "mV", "cv": "1"}
MEASURED = ("CV2", "LV", "Fano factor", "correlation", "synchrony")


def theory(fp: mf.FixedPoint) -> Mapping[str, Sequence[float | None]]:
    """What mean-field theory has, by population; None for what has no meaning there."""
    return {"rate": fp.rate, "cv": fp.cv} | _inputs(fp.network, fp.mu, fp.sigma)


def measure(simulation: Simulation) -> Mapping[str, Sequence[float | None]]:
    """The same of a run, and statistics that theory has no number for."""
    mu, sigma = [], []
    neurons = simulation.network.neurons
    for neuron, mus, sigmas, spikes in zip(neurons, simulation.mu, simulation.sigma, simulation.received, strict=True):
        if isinstance(neuron, mf.LIFConductance):
            moments = neuron.receptors.moments(*spikes.mean(axis=0))
        else:
            moments = float(mus.mean()), float(np.sqrt((sigmas**2).mean()))
        mu.append(moments[0])
        sigma.append(moments[1])
    found = _inputs(simulation.network, mu, sigma)
    by_population = [
        statistics.of_trains(times, indices, size, simulation.duration)
        for times, indices, size in zip(simulation.times, simulation.indices, simulation.network.sizes, strict=True)
    ]
    return found | {name: [one[name] for one in by_population] for name in by_population[0]}


def _inputs(network: mf.Network, mu: Sequence[float], sigma: Sequence[float]) -> dict[str, list[float | None]]:
    """What a population's input of these moments [V] is told by."""
    found: dict[str, list[float | None]] = {name: [] for name in ("mu", "sigma", "g0", "V_0")}
    for neuron, *moments in zip(network.neurons, mu, sigma, strict=True):
        own: tuple[float | None, ...]
        if isinstance(neuron, mf.LIFConductance):
            g0, _, v_0 = neuron.effective(*moments)
            own = None, None, float(g0), float(v_0) / mV
        else:
            own = moments[0] / mV, moments[1] / mV, None, None
        for name, value in zip(found, own, strict=True):
            found[name].append(value)
    return found
