"""The Brian2 programs of `validation.learning`.

Spikes that arrive are gathered and added before the threshold is looked at, in the order of `program.SCHEDULE`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from validation.compiler import Written
from validation.program import SCHEDULE
from validation.sorting import sort_by_source

BLOCKS = 20_000  # stimuli in a sequence
SHOWN = 1000  # plastic synapses of a network whose weights are recorded
RECORDED = 100  # neurons whose currents are recorded
RULE = """
tau : second (shared, constant)
rho0 : hertz (shared, constant)
eta : {unit} (shared, constant)
w_max : {unit} (shared, constant)
"""
TRACE = "drecent/dt = -recent/({tau}) : 1\n"
PRE = "w = clip(w + eta_post*(recent_post - 2*rho0_post*tau_post), 0*w, w_max_post)"
POST = "w = clip(w + eta_post*recent_pre, 0*w, w_max_post)"
CURRENT_BASED = """
dv/dt = (mu_ext - v)/tau_m : volt (unless refractory)
dexcitation/dt = (mu_ext - excitation)/tau_m : volt
dinhibition/dt = -inhibition/tau_m : volt
arriving_E : volt
arriving_I : volt
mu_ext : volt (shared, constant)
tau_m : second (shared, constant)
tau_ref : second (shared, constant)
v_th : volt (shared, constant)
v_reset : volt (shared, constant)
"""
ARRIVE = """
v += (arriving_E - arriving_I) * int(not_refractory)
excitation += arriving_E
inhibition += arriving_I
arriving_E = 0*volt
arriving_I = 0*volt
"""
CONDUCTANCES = """
dv/dt = (10*nsiemens*(-60*mV - v) + excitation - inhibition)/(200*pfarad) : volt (unless refractory)
excitation = 200*pamp - g_E*v : amp
inhibition = g_I*(v + 80*mV) : amp
dg_E/dt = -g_E/(5*ms) : siemens
dg_I/dt = -g_I/(10*ms) : siemens
"""


def build(device: Any, *, kind: str, **arguments: Any) -> Written:
    """Make the Brian2 objects of a program; `Recipe`."""
    return {"tuned": _tuned, "currents": _currents, "conductances": _conductances}[kind](device, **arguments)


def _tuned(device: Any, *, copies: int, groups: int, each: int, block: float, dt: float) -> Written:
    """Neurons, each with inhibitory inputs of its own, excitation drawn from Poisson distributions."""
    import brian2 as b2

    b2.defaultclock.dt = dt * b2.second
    rates = b2.TimedArray(
        np.arange(BLOCKS * groups, dtype=float).reshape(BLOCKS, groups), dt=block * b2.second, name="rates"
    )
    namespace = {"rates": rates}
    inputs = b2.NeuronGroup(
        copies * groups * each,
        TRACE.format(tau="tau")
        + "tau : second (shared, constant)\nchannel : integer (constant)\ninitial : volt (constant)",
        threshold="rand() < rates(t, channel)*hertz*dt",
        reset="recent += 1",
        method="exact",
        name="inputs",
        namespace=namespace,
    )
    model = CURRENT_BASED + RULE.format(unit="volt") + TRACE.format(tau="tau")
    model += "".join(f"mean{k} : second (shared, constant)\njump{k} : volt (shared, constant)\n" for k in range(groups))
    neurons = b2.NeuronGroup(
        copies,
        model,
        threshold="v >= v_th",
        reset="v = v_reset\nrecent += 1",
        refractory="tau_ref",
        method="exact",
        name="neurons",
        namespace=namespace,
    )
    plastic = b2.Synapses(
        inputs, neurons, "w : volt", on_pre=f"arriving_I_post += w\n{PRE}", on_post=POST, name="plastic"
    )
    # One call of poisson a line: Brian2 takes no more.
    excite = "".join(f"arriving_E += jump{k}*poisson(mean{k}*rates(t, {k})*hertz)\n" for k in range(groups))
    arrive = neurons.run_regularly(excite + ARRIVE, when="synapses", order=1, name="arrive")
    _defaults(inputs, ["tau"])
    inputs.initial = 1.5 * b2.volt
    _defaults(neurons, ["tau", "rho0", "eta", "w_max", "mu_ext", "tau_m", "tau_ref", "v_th", "v_reset"])
    _defaults(neurons, [f"{name}{k}" for k in range(groups) for name in ("mean", "jump")])
    _begin(device)
    inputs.channel = f"(i // {each}) % {groups}"
    plastic.connect(j=f"i // {groups * each}")
    plastic.w = "initial_pre"
    spikes = b2.SpikeMonitor(neurons, name="spikes")
    weights = b2.StateMonitor(plastic, "w", record=range(copies * groups * each), dt=1 * b2.second, name="weights")
    network = b2.Network(inputs, neurons, plastic, arrive, spikes, weights, name="network")
    network.schedule = SCHEDULE
    return Written(
        network=network,
        dt=dt,
        variables={
            "neurons": {"index": spikes.variables["i"], "time": spikes.variables["t"]},
            "weights": {"time": weights.variables["t"], "weight": weights.variables["w"]},
        },
    )


def _currents(device: Any, *, sizes: list[int], delay: float, dt: float) -> Written:
    """E and I neurons with instantaneous synapses and fixed in-degrees."""
    import brian2 as b2

    b2.defaultclock.dt = dt * b2.second
    groups, steps = {}, []
    for name, size in zip("EI", sizes, strict=True):
        model = (
            CURRENT_BASED + RULE.format(unit="volt") + TRACE.format(tau="tau") + "initial : volt (shared, constant)\n"
        )
        model += "".join(
            f"indegree_{s} : integer (shared, constant)\njump_{s} : volt (shared, constant)\n" for s in "EI"
        )
        group = b2.NeuronGroup(
            size,
            model,
            threshold="v >= v_th",
            reset="v = v_reset\nrecent += 1",
            refractory="tau_ref",
            method="exact",
            name=name,
        )
        groups[name] = group
        steps.append(group.run_regularly(ARRIVE, when="synapses", order=1, name=f"{name}_arrive"))
    waits = max(delay - dt, 0.0) * b2.second  # spikes of a step reach the queue in the next one
    connections = {}
    for target in "EI":
        for source in "EI":
            rule: dict[str, Any] = {"on_pre": f"arriving_{source}_post += jump_{source}_post"}
            if (target, source) == ("E", "I"):
                rule = {"model": "w : volt", "on_pre": f"arriving_I_post += w\n{PRE}", "on_post": POST}
            made = b2.Synapses(
                groups[source], groups[target], delay={"pre": waits}, name=f"{target}from{source}", **rule
            )
            connections[target, source] = made
    shared = ["tau", "rho0", "eta", "w_max", "mu_ext", "tau_m", "tau_ref", "v_th", "v_reset", "initial"]
    for group in groups.values():
        _defaults(group, [*shared, "jump_E", "jump_I", "indegree_E", "indegree_I"])
    _begin(device)
    for group in groups.values():
        group.v = "v_reset + (v_th - v_reset)*rand()"
    for (_, source), made in connections.items():
        made.connect(i=f"int(rand()*N_pre) for _k in range(indegree_{source}_post)")
        sort_by_source(device, made, sizes["EI".index(source)])
    connections["E", "I"].w = "initial_post"
    return _written(groups, connections["E", "I"], [*connections.values(), *steps], SCHEDULE, dt)


def _conductances(device: Any, *, sizes: list[int], dt: float) -> Written:
    """The network of Vogels et al. (2011), fig. 4."""
    import brian2 as b2

    b2.defaultclock.dt = dt * b2.second
    groups = {}
    for name, size in zip("EI", sizes, strict=True):
        model = CONDUCTANCES + RULE.format(unit="siemens") + TRACE.format(tau="tau")
        groups[name] = b2.NeuronGroup(
            size,
            model + "initial : siemens (shared, constant)\n",
            threshold="v > -50*mV",
            reset="v = -60*mV\nrecent += 1",
            refractory=5 * b2.ms,
            method="euler",
            name=name,
        )
    connections = {
        (t, "E"): b2.Synapses(groups["E"], groups[t], on_pre="g_E_post += 0.3*nsiemens", name=f"{t}fromE") for t in "EI"
    }
    connections["I", "I"] = b2.Synapses(groups["I"], groups["I"], on_pre="g_I_post += 3*nsiemens", name="IfromI")
    connections["E", "I"] = b2.Synapses(
        groups["I"], groups["E"], "w : siemens", on_pre=f"g_I_post += w\n{PRE}", on_post=POST, name="EfromI"
    )
    for group in groups.values():
        _defaults(group, ["tau", "rho0", "eta", "w_max", "initial"])
    _begin(device)
    for group in groups.values():
        group.v = "(-60 + 10*rand())*mV"
    for (_, source), made in connections.items():
        made.connect(p=0.02)
        sort_by_source(device, made, sizes["EI".index(source)])
    connections["E", "I"].w = "initial_post"
    return _written(groups, connections["E", "I"], list(connections.values()), None, dt)


def _written(groups: dict[str, Any], plastic: Any, others: list[Any], schedule: list[str] | None, dt: float) -> Written:
    """Monitors and network around what was made."""
    import brian2 as b2

    monitors = {name: b2.SpikeMonitor(group, name=f"{name}_spikes") for name, group in groups.items()}
    every = 0.01 * b2.second
    weights = b2.StateMonitor(plastic, "w", record=range(SHOWN), dt=every, name="weights")
    currents = b2.StateMonitor(
        groups["E"], ["excitation", "inhibition"], record=range(RECORDED), dt=every, name="currents"
    )
    network = b2.Network(*groups.values(), *others, *monitors.values(), weights, currents, name="network")
    if schedule:
        network.schedule = schedule
    variables = {
        name: {"index": monitor.variables["i"], "time": monitor.variables["t"]} for name, monitor in monitors.items()
    }
    variables["weights"] = {
        "time": weights.variables["t"],
        "weight": weights.variables["w"],
        "excitation": currents.variables["excitation"],
        "inhibition": currents.variables["inhibition"],
    }
    return Written(network=network, dt=dt, variables=variables)


def _defaults(group: Any, names: list[str]) -> None:
    """Values to write code with; those of a run come with it."""
    for name in names:
        setattr(group, f"{name}_", 1 if name.startswith("indegree") else 1.5)


def _begin(device: Any) -> None:
    """Seed the generator and take the run's parameters, before anything is drawn or connected."""
    device.insert_code("main", 'if (getenv("SEED")) _random_generators[0].seed(strtoull(getenv("SEED"), 0, 10));')
    device.apply_run_args()
