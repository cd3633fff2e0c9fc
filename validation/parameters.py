"""Arguments of a network's program: weights, delays, in-degrees, neuron parameters, drives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import meanfield as mf
from meanfield.delays import parameters_of as delay_parameters
from validation import reversals
from validation.modulation import MOST_BINS, Modulation
from validation.structure import (
    SHAPE,
    Structure,
    delay_names,
    group_name,
    has_onset,
    has_reversals,
    synapses_name,
    tau_s_of,
    with_plain_neurons,
)


def parameters_of(
    network: mf.Network,
    structure: Structure,
    warmup: float,
    threshold_std: Sequence[float] = (),
    modulation: Modulation | None = None,
) -> dict[str, Any]:
    """Return the run-time parameters of a network, in SI units, by their names in the program."""
    network = with_plain_neurons(network)
    dt = structure.dt
    values: dict[str, Any] = modulation.parameters(network, warmup, dt) if modulation else {}
    for i, neuron in enumerate(network.neurons):
        group = group_name(i)
        constant_mu, noise_variance, slot = 0.0, 0.0, 0
        for drive in network.drives:
            if isinstance(drive, mf.PoissonDrive):
                values[f"{group}.drive_mean{slot}"] = float(drive.indegree[i] * drive.rate[i] * dt)
                values[f"{group}.drive_weight{slot}"] = float(drive.weight[i]) * amplitude(neuron)
                slot += 1
            elif isinstance(drive, mf.ConstantDrive):
                constant_mu += float(drive.mu[i])
            else:
                noise_variance += float(drive.sigma[i]) ** 2
        own = {"tau": neuron.tau_m, "v_reset": neuron.v_reset, "mu_constant": constant_mu}
        own["theta"] = neuron.v_peak if has_onset(structure, i) else neuron.v_th
        if structure.threshold_spread:
            own |= {"theta_mean": own.pop("theta"), "theta_std": threshold_std[i]}
        own["tau_ref"] = (round(neuron.t_ref / dt) + 1) * dt
        own["t_record"] = (round(warmup / dt) - 0.5) * dt  # between two steps, where no rounding decides
        if has_reversals(structure, i):
            own |= reversals.parameters(neuron) | {"mu_constant": constant_mu + neuron.mu_0}
        elif structure.filtered[i]:
            own["tau_s"] = _distinct(neuron.tau_s, neuron.tau_m)
        if has_onset(structure, i):
            own |= {name: getattr(neuron, attribute) for name, attribute in SHAPE.items()}
        if (
            structure.noisy and structure.drifts[i] == "LIF"
        ):  # the exact variance of a step of the Ornstein-Uhlenbeck process
            own["noise"] = float(np.sqrt(-0.5 * noise_variance * np.expm1(-2.0 * dt / neuron.tau_m)))
        elif structure.noisy:
            own["noise"] = float(np.sqrt(noise_variance * dt / neuron.tau_m))
        values |= {f"{group}.{name}": float(value) for name, value in own.items()}
    for i, j in np.argwhere(np.array(structure.connected)):
        values[f"{group_name(i)}.indegree{j}"] = float(round(network.indegree[i, j]))
        values[f"{group_name(i)}.weight{j}"] = float(network.weight[i, j]) * amplitude(network.neurons[i])
        delay = network.delays[i][j]
        if structure.delays[i][j] == "fixed":  # spikes of a step reach the queue in the next one, see SCHEDULE
            values[f"{synapses_name(i, j)}.delay"] = max(delay.expectation - dt, 0.0)
        else:
            values |= {f"{group_name(i)}.delay_{name}{j}": x for name, x in delay_parameters(delay).items()}
    return values


def default_parameters(structure: Structure) -> dict[str, Any]:
    """Values to write code with, the same for all networks of a structure."""
    values: dict[str, Any] = {"course.values": np.zeros(MOST_BINS)} if structure.modulated else {}
    for i, row in enumerate(structure.connected):
        group = group_name(i)
        names = ["tau", "tau_ref", "theta", "v_reset", "mu_constant", "t_record"]
        if structure.threshold_spread:
            names[names.index("theta")] = "theta_mean"
            names.append("theta_std")
        filtered = structure.filtered[i]
        names += reversals.names(filtered) if has_reversals(structure, i) else ["tau_s"] * filtered
        names += ["noise"] * structure.noisy
        names += list(SHAPE) if has_onset(structure, i) else []
        names += [f"{kind}{k}" for k in range(structure.poisson_drives) for kind in ("drive_mean", "drive_weight")]
        if structure.modulated:
            names += ["course_start", "course_bin", "course_bins"]
            names += [f"drive_depth{k}" for k in range(structure.poisson_drives)]
        names += [f"{kind}{j}" for j in np.flatnonzero(row) for kind in ("indegree", "weight")]
        names += delay_names(structure, i)
        values |= {f"{group}.{name}": 1.0 for name in names}
        fixed = [j for j in np.flatnonzero(row) if structure.delays[i][j] == "fixed"]
        values |= {f"{synapses_name(i, j)}.delay": structure.dt for j in fixed}
    return values


def amplitude(neuron: Any) -> float:
    """Jump of what a spike changes, per volt of weight: the potential itself, or a current that decays.

    A current x that obeys tau_s x' = -x and enters as tau_m V' = -V + x brings the charge of a jump J of V if it jumps
    by J tau_m/tau_s.
    """
    tau_s = tau_s_of(neuron)
    return neuron.tau_m / tau_s if tau_s > 0 else 1.0


def _distinct(tau_s: float, tau_m: float) -> float:
    """Keep the time constants a millionth apart: the exact solution that Brian2 finds divides by their difference."""
    return tau_m * (1 + 1e-6) if abs(tau_s / tau_m - 1) < 1e-6 else tau_s
