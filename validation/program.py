"""The Brian2 program of a network: written once for a structure, with everything else set when it runs.

A structure is what generated code depends on: the sizes, who is connected at all, and which kinds of synapse, delay
and drive there are. Weights, delays, in-degrees, neuron parameters, drives, seed and duration are arguments of the
binary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from meanfield.delays import DISTRIBUTIONS, kind_of
from meanfield.delays import parameters_of as delay_parameters
from validation import reversals
from validation.modulation import MOST_BINS, Modulation
from validation.sorting import sort_by_delay, sort_by_source

MAX_DRIVES = 8  # tables in poisson.cpp
# Spikes that arrive are added before the threshold is looked at. In Brian2's own order the membrane leaks for a step in
# between, which is as if the threshold were higher by v_th dt/tau_m: at 0.1 ms, 1% of the rate of Brunel's network.
# The refractory period counts from the end of the step, hence one step more of it in `parameters_of`.
SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]
DRIFTS = {  # of a membrane, by class of neuron; the limit keeps a step past the spike finite
    mf.LIF: "mu_constant{current} - v",
    mf.LIFFiltered: "mu_constant{current} - v",  # the same neuron: only theory takes the filter otherwise
    mf.LIFConductance: "mu_constant{current} - v",
    mf.EIF: "mu_constant{current} - v + delta_t * exp(clip((v - v_t)/delta_t, -50, 30))",
    mf.QIF: "mu_constant{current} - rheobase + (v - v_t)**2/(2*delta_t)",
}
SHAPE = {"v_t": "v_t", "delta_t": "delta_t", "rheobase": "v_th"}  # parameters of a spike's onset, and the neuron's
CONNECT = {  # sources of a neuron
    "fixed indegree": "int(rand()*N_pre) for _k in range({indegree})",
    "Erdős-Rényi": "_k for _k in sample(N_pre, p={indegree}*1.0/N_pre)",
}
# Where a course is, one for all neurons; the table has an entry a second, and is read in the middle of it.
COURSE = "level = course((floor(((t - course_start)/course_bin) % course_bins) + 0.5)*second) : 1 (shared)"
LONGEST_DELAY = 1e3  # s; only there because clip wants an upper end
# How a synapse draws its delay, by kind of distribution; names are the distribution's parameters.
DELAY_DRAWS = {
    "uniform": "{low} + ({high} - {low})*rand()",
    "gaussian": "second*truncated_normal({mean}/second, {std}/second, {low}/second)",
    "exponential": "{low} - {mean}*log(1 - rand())",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What the generated code of a network depends on."""

    sizes: tuple[int, ...]
    connected: tuple[tuple[bool, ...], ...]
    delays: tuple[tuple[str, ...], ...]  # kinds of distribution; "fixed" where nobody is connected
    drifts: tuple[str, ...]  # classes of neurons
    filtered: tuple[bool, ...]
    amplitudes: tuple[str, ...]  # of the jumps of each population: "fixed" or "exponential", drawn for every spike
    poisson_drives: int
    noisy: bool
    dt: float
    recorded: int = 0  # neurons a population whose excitatory and inhibitory input is recorded apart, step by step
    connections: str = "fixed indegree"  # or "Erdős-Rényi"
    threshold_spread: bool = False  # neurons have thresholds of their own
    modulated: bool = False  # Poisson drives follow a course

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def structure_of(
    network: mf.Network,
    dt: float,
    connections: str = "fixed indegree",
    threshold_spread: bool = False,
    recorded: int = 0,
    modulated: bool = False,
) -> Structure:
    """Return the structure of a network, of which `recorded` neurons a population have their inputs recorded.

    Raises
    ------
    TypeError
        For other neurons than LIF, LIFFiltered, LIFShot, LIFConductance, EIF and QIF.
    ValueError
        For more Poisson drives than there are tables.
    """
    amplitudes = tuple(getattr(neuron, "amplitudes", "fixed") for neuron in network.neurons)
    network = with_plain_neurons(network)
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if type(neuron) not in DRIFTS:
            known = ", ".join(cls.__name__ for cls in DRIFTS)
            raise TypeError(f"only {known} neurons are simulated, population {name} has {type(neuron).__name__}")
    poisson = sum(isinstance(drive, mf.PoissonDrive) for drive in network.drives)
    if poisson > MAX_DRIVES:
        raise ValueError(f"at most {MAX_DRIVES} Poisson drives are simulated, got {poisson}")
    connected = tuple(tuple(round(k) > 0 for k in row) for row in network.indegree)
    kinds = [[kind_of(delay) for delay in row] for row in network.delays]
    return Structure(
        sizes=network.sizes,
        connected=connected,
        delays=tuple(
            tuple(kind if there else "fixed" for kind, there in zip(*row, strict=True))
            for row in zip(kinds, connected, strict=True)
        ),
        drifts=tuple(_drift(neuron) for neuron in network.neurons),
        filtered=tuple(_is_filtered(neuron) for neuron in network.neurons),
        amplitudes=amplitudes,
        poisson_drives=poisson,
        noisy=any(isinstance(drive, mf.WhiteNoiseDrive) for drive in network.drives),
        dt=dt,
        recorded=recorded,
        connections=connections,
        threshold_spread=threshold_spread,
        modulated=modulated,
    )


def with_plain_neurons(network: mf.Network) -> mf.Network:
    """Return the network with LIF for LIFShot: every simulated spike makes a jump, of which only theory makes noise.

    How the jumps are distributed is told by `Structure.amplitudes`.
    """
    if not any(isinstance(neuron, mf.LIFShot) for neuron in network.neurons):
        return network
    neurons, constant = [], np.zeros(network.n_populations)
    for i, neuron in enumerate(network.neurons):
        if isinstance(neuron, mf.LIFShot):
            shape = {name: getattr(neuron, name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}
            constant[i] = neuron.mu_0
            neuron = mf.LIF(**shape)
        neurons.append(neuron)
    return replace(network, neurons=neurons, drives=[*network.drives, mf.ConstantDrive(mu=constant)])


def group_name(i: int) -> str:
    """Name of population i in the program."""
    return f"population{i}"


def synapses_name(i: int, j: int) -> str:
    """Name of the synapses onto population i from population j."""
    return f"synapses{i}from{j}"


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


def _distinct(tau_s: float, tau_m: float) -> float:
    """Keep the time constants a millionth apart: the exact solution that Brian2 finds divides by their difference."""
    return tau_m * (1 + 1e-6) if abs(tau_s / tau_m - 1) < 1e-6 else tau_s


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
        names += _delay_names(structure, i)
        values |= {f"{group}.{name}": 1.0 for name in names}
        fixed = [j for j in np.flatnonzero(row) if structure.delays[i][j] == "fixed"]
        values |= {f"{synapses_name(i, j)}.delay": structure.dt for j in fixed}
    return values


def _delay_names(structure: Structure, i: int) -> list[str]:
    """Names in population i of the parameters of distributed delays onto it."""
    drawn = [(kind, j) for j, kind in enumerate(structure.delays[i]) if kind != "fixed"]
    return [f"delay_{f.name}{j}" for kind, j in drawn for f in fields(DISTRIBUTIONS[kind])]


def delay_draw(kind: str, j: int, dt: float) -> str:
    """Expression that draws the delay of a synapse from population j, less the step that SCHEDULE adds."""
    names = {f.name: f"delay_{f.name}{j}_post" for f in fields(DISTRIBUTIONS[kind])}
    return f"clip({DELAY_DRAWS[kind].format(**names)} - {dt!r}*second, 0*second, {LONGEST_DELAY!r}*second)"


def amplitude(neuron: Any) -> float:
    """Jump of what a spike changes, per volt of weight: the potential itself, or a current that decays.

    A current x that obeys tau_s x' = -x and enters as tau_m V' = -V + x brings the charge of a jump J of V if it jumps
    by J tau_m/tau_s.
    """
    tau_s = _tau_s(neuron)
    return neuron.tau_m / tau_s if tau_s > 0 else 1.0


def _drift(neuron: Any) -> str:
    """Name of the model that a neuron is simulated as."""
    return "LIF" if isinstance(neuron, mf.LIFFiltered) else type(neuron).__name__


def has_onset(structure: Structure, i: int) -> bool:
    """Whether the neurons of population i have an onset of spikes, EIF and QIF, and no hard threshold."""
    return structure.drifts[i] not in ("LIF", reversals.NAME)


def has_reversals(structure: Structure, i: int) -> bool:
    """Whether the synapses onto population i are conductances."""
    return structure.drifts[i] == reversals.NAME


def _multiplies(structure: Structure, i: int) -> bool:
    """Whether V is multiplied by what varies with it: conductances that decay."""
    return has_reversals(structure, i) and structure.filtered[i]


def _is_filtered(neuron: Any) -> bool:
    return neuron.is_filtered if isinstance(neuron, mf.LIFConductance) else _tau_s(neuron) > 0


def _tau_s(neuron: Any) -> float:
    """Time constant of a neuron's synapses; 0 where they make the potential jump."""
    return getattr(neuron, "tau_s", 0.0)


def membrane(structure: Structure, i: int) -> str:
    """Brian2 equations of population i.

    In-degrees, weights and distributions of delays of its synapses belong to it, since Brian2 lets nothing of a synapse
    be set before it exists.
    """
    filtered = structure.filtered[i]
    drift = {cls.__name__: words for cls, words in DRIFTS.items()}[structure.drifts[i]]
    current = (reversals.CURRENT if has_reversals(structure, i) else " + current") if filtered else ""
    lines = [
        f"dv/dt = ({drift.format(current=current)})/tau : volt (unless refractory)",
        *(f"{name} : volt" for name in arrivals(structure, i)),  # spikes of this step
        "input_sum : volt",
        "input_squares : volt**2",
        "tau : second (shared, constant)",
        "tau_ref : second (shared, constant)",
        "theta : volt (shared, constant)",
        "v_reset : volt (shared, constant)",
        "mu_constant : volt (shared, constant)",
        "t_record : second (shared, constant)",
    ]
    if structure.threshold_spread:
        lines[lines.index("theta : volt (shared, constant)")] = "theta : volt (constant)"
        lines += ["theta_mean : volt (shared, constant)", "theta_std : volt (shared, constant)"]
    if has_onset(structure, i):
        lines += [f"{name} : volt (shared, constant)" for name in SHAPE]
    if structure.recorded:
        lines += ["excitation : volt", "inhibition : volt"]
    if has_reversals(structure, i):
        lines += reversals.equations(filtered)
    elif filtered:
        lines += ["dcurrent/dt = -current/tau_s : volt", "tau_s : second (shared, constant)"]
    for j in np.flatnonzero(structure.connected[i]):
        lines += [f"indegree{j} : integer (shared, constant)", f"weight{j} : volt (shared, constant)"]
    lines += [f"{name} : second (shared, constant)" for name in _delay_names(structure, i)]
    if structure.noisy:
        lines.append("noise : volt (shared, constant)")
    for k in range(structure.poisson_drives):
        lines += [f"drive_mean{k} : 1 (shared, constant)", f"drive_weight{k} : volt (shared, constant)"]
    if structure.modulated:
        lines += [COURSE, "course_start : second (shared, constant)", "course_bin : second (shared, constant)"]
        lines += ["course_bins : 1 (shared, constant)"]
        lines += [f"drive_depth{k} : 1 (shared, constant)" for k in range(structure.poisson_drives)]
    return "\n".join(lines)


def tells_apart(structure: Structure, i: int) -> bool:
    """Whether population i sums excitation and inhibition apart: to record them, or since they act differently."""
    return structure.recorded > 0 or has_reversals(structure, i)


def summed(structure: Structure, i: int) -> list[str]:
    """Variables of population i that a run leaves behind."""
    return ["input_sum", "input_squares"] + ["excitation_sum"] * has_reversals(structure, i)


def jumps(structure: Structure, i: int, weight: str, number: str = "1") -> str:
    """Expression for what so many spikes of a weight bring to population i."""
    if structure.amplitudes[i] == "exponential":
        return f"{weight} * amplitude_sum({number})"
    return weight if number == "1" else f"{weight} * {number}"


def mean_square(structure: Structure, i: int) -> float:
    """<A²>/<A>² of the amplitudes of population i."""
    return 2.0 if structure.amplitudes[i] == "exponential" else 1.0


def arriving(structure: Structure, i: int, j: int) -> str:
    """Variable of population i that sums the spikes of a step from population j: one for all, or apart."""
    return f"arriving{j}" if tells_apart(structure, i) else "arriving"


def arrivals(structure: Structure, i: int) -> list[str]:
    """Names of all these variables of population i."""
    sources = [int(j) for j in np.flatnonzero(structure.connected[i])]
    return [arriving(structure, i, j) for j in sources] if tells_apart(structure, i) else ["arriving"]


def input_step(structure: Structure, i: int) -> str:
    """What happens to the spikes that arrive at population i in a step: recorded, and added to where they act.

    A refractory membrane ignores jumps; synaptic currents and conductances go on through refractoriness.
    """
    filtered, waiting = structure.filtered[i], arrivals(structure, i)
    level = " * (1 + drive_depth{k} * level)" if structure.modulated else ""
    numbers = [f"poisson_number(drive_mean{k}{level.format(k=k)}, {k})" for k in range(structure.poisson_drives)]
    terms = [jumps(structure, i, f"drive_weight{k}", number) for k, number in enumerate(numbers)]
    if tells_apart(structure, i):  # each term has one sign, that of its weight; the sum of none is 0
        parts = [f"drive{k}" for k in range(structure.poisson_drives)] + waiting
        lines = [f"drive{k} = {term}" for k, term in enumerate(terms)]
        lines += [
            " + ".join(["excitation = 0*volt", *(f"clip({part}, 0*volt, inf*volt)" for part in parts)]),
            " + ".join(["inhibition = 0*volt", *(f"clip({part}, -inf*volt, 0*volt)" for part in parts)]),
            "jump = excitation + inhibition",
        ]
    else:
        lines = [" + ".join([f"jump = {waiting[0]}", *terms])]
    lines += [
        *(f"{name} = 0*volt" for name in waiting),
        "recorded = jump * int(t >= t_record)",
        "input_sum += recorded",
        "input_squares += recorded**2",
    ]
    if has_reversals(structure, i):
        lines += reversals.step(filtered)
    else:
        lines.append("current += jump" if filtered else "v += jump * int(not_refractory)")
    if structure.noisy:
        lines.append("v += noise * randn() * int(not_refractory)")
    return "\n".join(lines)


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
        "poisson_number": _drawing_function(_poisson_number, 2, "poisson_number", "poisson.cpp", "rand"),
        "amplitude_sum": _drawing_function(_amplitude_sum, 1, "amplitude_sum", "amplitudes.cpp", "rand"),
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
                method="rk2" if has_onset(structure, i) or _multiplies(structure, i) else "exact",
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
        function = _drawing_function(_truncated_normal, 3, "truncated_normal", "truncated_normal.cpp", "randn")
        connection.namespace["truncated_normal"] = function
    connection.delay = draw


def _drawing_function(function: Any, n_arguments: int, name: str, source: str, numbers: str) -> Any:
    """Make a Brian2 function that is `function` in Python and `name` of the file `source` in C++; `numbers` feed it."""
    from brian2.core.functions import DEFAULT_FUNCTIONS, Function

    made = Function(function, arg_units=[1] * n_arguments, return_unit=1, stateless=False, auto_vectorise=True)
    made.implementations.add_implementation(
        "cpp",
        code=Path(__file__).with_name(source).read_text(),
        name=name,
        dependencies={f"_{numbers}": DEFAULT_FUNCTIONS[numbers]},
    )
    made.implementations.add_numpy_implementation(function)
    return made


def _truncated_normal(mean: Any, std: Any, low: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    drawn = mean + std * np.random.randn(len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - as below
    while (short := drawn < low).any():
        drawn[short] = mean + std * np.random.randn(short.sum())  # noqa: NPY002
    return drawn


def _amplitude_sum(number: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    return np.random.gamma(number, size=len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - as below


def _poisson_number(mean: Any, slot: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    return np.random.poisson(mean, size=len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - Brian2 seeds this one
