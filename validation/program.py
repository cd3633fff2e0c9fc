"""The Brian2 program of a network: written once for a structure, with everything else set when it runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from validation.draws import amplitude_sum, drawing_function, poisson_number, truncated_normal
from validation.equations import arriving, delay_draw, input_step, jumps, membrane
from validation.sorting import sort_by_delay, sort_by_source
from validation.structure import Structure, group_name, has_onset, multiplies, synapses_name

# Spikes that arrive are added before the threshold is looked at. In Brian2's own order the membrane leaks for a step in
# between, which is as if the threshold were higher by v_th dt/tau_m: at 0.1 ms, 1% of the rate of Brunel's network.
# The refractory period counts from the end of the step, hence one step more of it in `parameters_of`.
SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]
CONNECT = {  # sources of a neuron
    "fixed indegree": "int(rand()*N_pre) for _k in range({indegree})",
    "Erdős-Rényi": "_k for _k in sample(N_pre, p={indegree}*1.0/N_pre)",
}


def build(structure: Structure, parameters: dict[str, float], device: Any, standalone: bool) -> dict[str, Any]:
    """Make the Brian2 objects of a program in the order in which they must run; returns groups, monitors and network.

    Parameters
    ----------
    structure, parameters
        As `structure_of` and `parameters_of` make them.
    device
        Brian2's current device.
    standalone
        True to write C++; False for Brian2's own runtime, where `parameters` are final.
    """
    import brian2 as b2

    b2.defaultclock.dt = structure.dt * b2.second
    namespace = {
        "poisson_number": drawing_function(poisson_number, 2, "poisson_number", "poisson.cpp", "rand"),
        "amplitude_sum": drawing_function(amplitude_sum, 1, "amplitude_sum", "amplitudes.cpp", "rand"),
    }
    if "exponential" in structure.amplitudes:  # Brian2 warns of the order of draws, which does not matter
        b2.BrianLogger.suppress_hierarchy("brian2.codegen.generators.base")
    if structure.modulated:
        namespace["course"] = b2.TimedArray(parameters["course.values"], dt=1 * b2.second, name="course")
    groups = []
    for i, size in enumerate(structure.sizes):
        groups.append(
            b2.NeuronGroup(
                size,
                membrane(structure, i),
                threshold="v >= theta",
                reset="v = v_reset",
                refractory="tau_ref",
                method="rk2" if has_onset(structure, i) or multiplies(structure, i) else "exact",
                name=group_name(i),
                namespace=namespace,
            )
        )
    synapses = {}
    for i, j in np.argwhere(np.array(structure.connected)):
        fixed = parameters.get(f"{synapses_name(i, j)}.delay")
        synapses[i, j] = b2.Synapses(
            groups[j],
            groups[i],
            on_pre=f"{arriving(structure, i, j)}_post += {jumps(structure, i, f'weight{j}_post')}",
            delay=None if fixed is None else fixed * b2.second,
            name=synapses_name(i, j),
            namespace=dict(namespace),
        )
    objects = {group.name: group for group in [*groups, *synapses.values()]}
    for name, value in parameters.items():
        owner, variable = name.split(".")
        if variable not in ("delay", "values"):
            setattr(objects[owner], variable + "_", value)
    if standalone:
        device.insert_code("main", 'if (getenv("SEED")) _random_generators[0].seed(strtoull(getenv("SEED"), 0, 10));')
        b2.device.apply_run_args()  # before anything is drawn or connected
    steps, monitors, currents = [], [], []
    for i, group in enumerate(groups):
        if structure.threshold_spread:
            group.theta = "theta_mean + theta_std * randn()"
        top = "v_t" if has_onset(structure, i) else "theta"
        group.v = f"v_reset + ({top} - v_reset) * rand()"
        step = group.run_regularly(input_step(structure, i), when="synapses", order=1, name=f"{group.name}_input")
        steps.append(step)
        monitors.append(b2.SpikeMonitor(group, name=f"{group.name}_spikes"))
        if structure.recorded:
            sample = range(min(structure.recorded, structure.sizes[i]))
            names = ["excitation", "inhibition"]
            currents.append(b2.StateMonitor(group, names, record=sample, when="end", name=f"{group.name}_currents"))
            if standalone:
                _number_from_zero(device, currents[-1])
    for (i, j), connection in synapses.items():
        connection.connect(i=CONNECT[structure.connections].format(indegree=f"indegree{j}_post"))
        if standalone:
            sort_by_source(device, connection, structure.sizes[j])
        kind = structure.delays[i][j]
        if kind != "fixed":
            _draw_delays(device, connection, kind, delay_draw(kind, j, structure.dt))
            if standalone:
                sort_by_delay(device, connection, structure.dt)
    network = b2.Network([*groups, *synapses.values(), *steps, *monitors, *currents], name="network")
    network.schedule = SCHEDULE
    return {"groups": groups, "synapses": synapses, "monitors": monitors, "currents": currents, "network": network}


def _number_from_zero(device: Any, monitor: Any) -> None:
    """Set the indices that a monitor records, which Brian2 would read from a file that is not kept."""
    indices = device.get_array_name(monitor.variables["_indices"], False)
    n = len(monitor.record)
    device.insert_code("main", f"for (int k = 0; k < {n}; k++) brian::{indices}[k] = k;")


def _draw_delays(device: Any, connection: Any, kind: str, draw: str) -> None:
    if kind == "gaussian":
        function = drawing_function(truncated_normal, 3, "truncated_normal", "truncated_normal.cpp", "randn")
        connection.namespace["truncated_normal"] = function
    connection.delay = draw
