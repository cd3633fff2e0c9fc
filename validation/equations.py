"""The text of a network's program: equations of its membranes, and what happens to the spikes that arrive in a step."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from meanfield.delays import DISTRIBUTIONS
from validation import reversals
from validation.structure import SHAPE, Structure, delay_names, has_onset, has_reversals, tells_apart

DRIFTS = {  # of a membrane, by `Structure.drifts`; the limit keeps a step past the spike finite
    "LIF": "mu_constant{current} - v",
    reversals.NAME: "mu_constant{current} - v",
    "EIF": "mu_constant{current} - v + delta_t * exp(clip((v - v_t)/delta_t, -50, 30))",
    "QIF": "mu_constant{current} - rheobase + (v - v_t)**2/(2*delta_t)",
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


def membrane(structure: Structure, i: int) -> str:
    """Brian2 equations of population i.

    In-degrees, weights and distributions of delays of its synapses belong to it, since Brian2 lets nothing of a synapse
    be set before it exists.
    """
    filtered = structure.filtered[i]
    drift = DRIFTS[structure.drifts[i]]
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
    lines += [f"{name} : second (shared, constant)" for name in delay_names(structure, i)]
    if structure.noisy:
        lines.append("noise : volt (shared, constant)")
    for k in range(structure.poisson_drives):
        lines += [f"drive_mean{k} : 1 (shared, constant)", f"drive_weight{k} : volt (shared, constant)"]
    if structure.modulated:
        lines += [COURSE, "course_start : second (shared, constant)", "course_bin : second (shared, constant)"]
        lines += ["course_bins : 1 (shared, constant)"]
        lines += [f"drive_depth{k} : 1 (shared, constant)" for k in range(structure.poisson_drives)]
    return "\n".join(lines)


def summed(structure: Structure, i: int) -> list[str]:
    """Variables of population i that a run leaves behind."""
    return ["input_sum", "input_squares"] + ["excitation_sum"] * has_reversals(structure, i)


def jumps(structure: Structure, i: int, weight: str, number: str = "1") -> str:
    """Expression for what so many spikes of a weight bring to population i."""
    if structure.amplitudes[i] == "exponential":
        return f"{weight} * amplitude_sum({number})"
    return weight if number == "1" else f"{weight} * {number}"


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


def delay_draw(kind: str, j: int, dt: float) -> str:
    """Expression that draws the delay of a synapse from population j, less the step that SCHEDULE adds."""
    names = {f.name: f"delay_{f.name}{j}_post" for f in fields(DISTRIBUTIONS[kind])}
    return f"clip({DELAY_DRAWS[kind].format(**names)} - {dt!r}*second, 0*second, {LONGEST_DELAY!r}*second)"
