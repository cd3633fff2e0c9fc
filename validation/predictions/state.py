"""The stationary state of a spiking network: rate, mean and amplitude of the input, and irregularity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import meanfield as mf
from meanfield.units import mV
from validation import statistics
from validation.notes import explain
from validation.simulation import Simulation

__all__ = ["MEASURED", "UNITS", "explain", "measure", "theory"]

UNITS = {"rate": "Hz", "mu": "mV", "sigma": "mV", "cv": "1"}
MEASURED = ("CV2", "LV", "Fano factor", "correlation", "synchrony")


def theory(fp: mf.FixedPoint) -> Mapping[str, Sequence[float]]:
    """What mean-field theory has, by population."""
    return {"rate": fp.rate, "mu": fp.mu / mV, "sigma": fp.sigma / mV, "cv": fp.cv}


def measure(simulation: Simulation) -> Mapping[str, Sequence[float]]:
    """The same of a run, and statistics that theory has no number for."""
    found: dict[str, list[float]] = {"mu": [float(mu.mean()) / mV for mu in simulation.mu]}
    found["sigma"] = [float(np.sqrt((sigma**2).mean())) / mV for sigma in simulation.sigma]
    by_population = [
        statistics.of_trains(times, indices, size, simulation.duration)
        for times, indices, size in zip(simulation.times, simulation.indices, simulation.network.sizes, strict=True)
    ]
    return found | {name: [one[name] for one in by_population] for name in by_population[0]}
