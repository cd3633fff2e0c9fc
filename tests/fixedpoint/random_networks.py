"""Random networks of two populations, over everything that makes self-consistency hard to solve."""

from __future__ import annotations

import numpy as np

import meanfield as mf
from meanfield.units import Hz, ms, mV


def random_network(rng: np.random.Generator) -> mf.Network:
    """E/I or I/I, weak or strong coupling, few or many synapses, refractory or not, quiet or strong drive."""
    inhibitory_first = rng.random() < 0.3
    t_ref = 0.0 if rng.random() < 0.4 else 2 * ms
    v_reset = rng.choice([0.0, 10.0, 15.0]) * mV
    tau_m = (20 * ms, 20 * ms) if rng.random() < 0.5 else tuple(rng.uniform(5, 30, 2) * ms)
    neurons = [mf.LIF(tau_m=t, t_ref=t_ref, v_th=20 * mV, v_reset=v_reset) for t in tau_m]
    weight = 10.0 ** rng.uniform(-1.5, 0.2) * mV
    indegree = 10.0 ** rng.uniform(1.5, 3.5, (2, 2))
    g = rng.uniform(0.5, 10.0, 2)
    signs = np.array([[-1.0, -1.0], [-1.0, -1.0]]) if inhibitory_first else np.array([[1.0, -1.0], [1.0, -1.0]])
    jumps = weight * np.stack([rng.uniform(0.5, 2.0, 2), g * rng.uniform(0.5, 2.0, 2)], axis=1)
    threshold_rate = 20 * mV / (1000 * weight * 20 * ms)
    return mf.Network(
        names=["1", "2"],
        sizes=[10_000, 2_500],
        neurons=neurons,
        indegree=indegree,
        weight=signs * jumps,
        drives=[mf.PoissonDrive(indegree=1000, weight=weight, rate=rng.uniform(0.2, 4.0, 2) * threshold_rate * Hz)],
    )
