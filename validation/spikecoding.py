"""Spike-coding networks (`meanfield.spikecoding`) in Brian2, compiled to C++.

Membranes are integrated by Euler's method at small steps. A spike resets its own neuron at once and reaches the others
after `delay`, or within the step. The theory's spikes come one by one; in a simulation by steps, neurons that cross
together fire together, so that `one_at_a_time` lets only the one that is furthest above threshold fire in a step, which
no network can do that has delays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.spikecoding import SpikeCodingNetwork
from validation.compiler import Recipe, Written
from validation.recipe import run_recipe
from validation.simulation import draw_seeds

INPUT_STEP = 1e-3  # s, in which the input is constant
LONGEST = 20_000  # steps of the input
SIZES = (64, 512, 2048)  # of the programs: neurons beyond those of the network have no weights and never fire
OFF = 1e9  # threshold of neurons that are not there


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpikeCodingSimulation:
    """One run.

    Attributes
    ----------
    network : SpikeCodingNetwork
    duration : float
        Simulated time [s].
    times, indices : (M,) array
        Spikes [s] and their neurons.
    t : (T,) array
        Times at which the following are given [s], at the end of each step of the input.
    x, estimate : (T, J) array
        The variables and their read-out.
    trace_t : (U,) array
        Times of the traces [s].
    excitation, inhibition : (U, R) array
        All that raises and all that lowers the potential of neurons 0 to R - 1, filtered by the membrane, in units of
        their thresholds; the potential is their difference.
    """

    network: SpikeCodingNetwork
    duration: float
    times: FloatArray
    indices: Any
    t: FloatArray
    x: FloatArray
    estimate: FloatArray
    trace_t: FloatArray
    excitation: FloatArray
    inhibition: FloatArray

    def error(self, after: float = 0.2) -> float:
        """Root mean square of |x - x̂| over the time from `after` [s]."""
        late = self.t > after
        return float(np.sqrt(((self.x - self.estimate)[late] ** 2).sum(axis=1).mean()))

    @property
    def rate(self) -> float:
        """Mean firing rate of the neurons [Hz]."""
        return self.times.size / self.duration / self.network.n_neurons

    def tightness(self, after: float = 0.2) -> float:
        """β = |E - I|/E, means of the sizes over the recorded neurons and the time from `after` [s]."""
        late = self.trace_t > after
        net = np.abs(self.excitation - self.inhibition)[late].mean()
        return float(net / self.excitation[late].mean())


def simulate_spike_coding(
    network: SpikeCodingNetwork,
    drive: Any,
    *,
    noise: float = 0.0,
    delay: float = 0.0,
    one_at_a_time: bool = True,
    dt: float = 1e-5,
    rng: Any = 1,
    progress: bool = False,
) -> SpikeCodingSimulation:
    """Simulate a spike-coding network from x = 0.

    Parameters
    ----------
    network : SpikeCodingNetwork
        Up to 2048 neurons.
    drive : (T, J) array
        Input c in steps of 1 ms [1/s]; its length is the duration.
    noise : float
        Standard deviation of the white noise on each potential, sqrt(2/leak) times that of the potential alone, in
        units of the mean threshold: the free potential has the standard deviation noise x threshold.
    delay : float
        Of spikes between neurons [s].
    one_at_a_time : bool
        See the module's words.
    dt : float
        Time step [s].
    rng : int or numpy Generator

    Returns
    -------
    SpikeCodingSimulation

    Raises
    ------
    ValueError, TypeError
        For what is out of range or of the wrong shape.
    SimulationUnavailable
        Without Brian2 or a C++ compiler.
    """
    j, n = network.decoder.shape
    drive = check("drive", drive, "Hz")
    if drive.ndim != 2 or drive.shape[1] != j or not 0 < len(drive) <= LONGEST:
        raise ValueError(f"drive must have shape (steps of 1 ms up to {LONGEST}, {j}), got shape {drive.shape}")
    if n > SIZES[-1]:
        raise ValueError(f"network must have at most {SIZES[-1]} neurons, got {n}")
    noise = check_scalar("noise", noise, "1", nonnegative=True)
    delay = check_scalar("delay", delay, "s", nonnegative=True)
    dt = check_scalar("dt", dt, "s", positive=True)
    size = min(size for size in SIZES if size >= n)
    recipe = Recipe(module="spikecoding", arguments={"size": size, "variables": j, "dt": dt})
    duration = len(drive) * INPUT_STEP
    found = run_recipe(
        recipe,
        _parameters(network, drive, size, noise, delay, one_at_a_time),
        duration=duration,
        seed=draw_seeds(rng, 1)[0],
        label=f"spike coding, {n} neurons",
        progress=progress,
    )
    times, indices = found["neurons"]["time"], found["neurons"]["index"]
    t = INPUT_STEP * np.arange(1, len(drive) + 1)
    recorded = found["traces"]["time"].size
    traces = {k: found["traces"][k].reshape(recorded, -1) / network.threshold[0] for k in ("excitation", "inhibition")}
    return SpikeCodingSimulation(
        network=network,
        duration=duration,
        times=times,
        indices=indices,
        t=t,
        x=integrate(network.dynamics, drive),
        estimate=network.decode(times, indices, t - 0.5 * dt),
        trace_t=found["traces"]["time"],
        **traces,
    )


def integrate(dynamics: Any, drive: FloatArray) -> FloatArray:
    """x at the ends of steps of 1 ms from x = 0, dx/dt = A x + c with c constant in each, (T, J)."""
    from scipy.linalg import expm

    j = drive.shape[1]
    both = np.zeros((2 * j, 2 * j))  # the exponential of [[A, 1], [0, 0]] holds that of A and its integral
    both[:j, :j], both[:j, j:] = dynamics, np.eye(j)
    step = expm(both * INPUT_STEP)
    x, found = np.zeros(j), np.empty_like(drive)
    for k, c in enumerate(drive):
        x = step[:j, :j] @ x + step[:j, j:] @ c
        found[k] = x
    return found


def poisson_code(network: SpikeCodingNetwork, drive: FloatArray, x: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Read-out at the ends of steps of 1 ms of independent Poisson trains whose mean is x, (T, 1).

    For one variable and leak and dynamics of -decay: a neuron fires in proportion to what of c its decoding weight can
    make, at the rates that the spike-coding network has.
    """
    signs, size = np.sign(network.decoder[0]), np.abs(network.decoder[0])
    share = np.array([(signs == sign).sum() for sign in (-1.0, 1.0)])
    rate = np.maximum(drive * signs, 0.0) / size / share[(signs > 0).astype(int)]
    counts = rng.poisson(rate * INPUT_STEP)
    keep = np.exp(-network.decay * INPUT_STEP)
    jump = (1.0 - keep) / (network.decay * INPUT_STEP)  # of a spike at any time of the step
    estimate, found = 0.0, np.empty((len(drive), 1))
    for k, sum_of_jumps in enumerate(counts @ network.decoder[0]):
        estimate = estimate * keep + sum_of_jumps * jump
        found[k] = estimate
    return found


def _parameters(
    network: SpikeCodingNetwork, drive: FloatArray, size: int, noise: float, delay: float, one_at_a_time: bool
) -> dict[str, Any]:
    j, n = network.decoder.shape
    prediction = (network.dynamics + network.decay * np.eye(j)) @ network.decoder
    threshold = np.full(size, OFF)
    threshold[:n] = network.threshold
    own = network.quadratic_cost * network.decay**2
    values: dict[str, Any] = {
        "neurons.n_there": n,
        "neurons.threshold": threshold,
        "neurons.decay": network.decay,
        "neurons.leak": network.leak,
        "neurons.own_fast": own,
        "neurons.own_slow": own * (network.decay - network.leak),
        "neurons.noise": noise * float(network.threshold.mean()) * float(np.sqrt(2.0 * network.leak)),
        "neurons.one_at_a_time": int(one_at_a_time),
        "others.delay": delay,
    }
    for k in range(j):
        for name, row in (("decoder", network.decoder[k]), ("prediction", prediction[k])):
            values[f"neurons.{name}{k}"] = np.concatenate([row, np.zeros(size - n)])
        values[f"drive{k}.values"] = np.concatenate([drive[:, k], np.zeros(LONGEST - len(drive))])
    return values


def equations(variables: int) -> str:
    """Brian2 equations of the neurons; excitation - inhibition is the potential without noise."""
    drive = " + ".join(f"decoder{k}*drive{k}(t)" for k in range(variables))
    lines = [
        "dv/dt = (-leak*v + total)*hertz + noise*sqrt(hertz)*xi : 1",
        f"total = {drive} + slow_up - slow_down : 1",
        "dexcitation/dt = (-leak*excitation + clip(total - slow_up + slow_down, 0, inf) + slow_up)*hertz : 1",
        "dinhibition/dt = (-leak*inhibition + clip(-total + slow_up - slow_down, 0, inf) + slow_down)*hertz : 1",
        "dslow_up/dt = -decay*slow_up*hertz : 1",
        "dslow_down/dt = -decay*slow_down*hertz : 1",
        "threshold : 1 (constant)",
        "candidate : integer",
        "chosen : integer (linked)",
        "n_there : integer (shared, constant)",
        "one_at_a_time : integer (shared, constant)",
    ]
    lines += [f"{name} : 1 (shared, constant)" for name in ("decay", "leak", "noise", "own_fast", "own_slow")]
    lines += [f"{name}{k} : 1 (constant)" for name in ("decoder", "prediction") for k in range(variables)]
    return "\n".join(lines)


def build(device: Any, *, size: int, variables: int, dt: float) -> Written:
    """Make the Brian2 objects of a program; `Recipe`."""
    import brian2 as b2

    b2.defaultclock.dt = dt * b2.second
    namespace: dict[str, Any] = {
        f"drive{k}": b2.TimedArray(np.arange(LONGEST) + 0.5, dt=INPUT_STEP * b2.second, name=f"drive{k}")
        for k in range(variables)
    }
    namespace["leader"] = _leader()
    length = " + ".join(f"decoder{k}**2" for k in range(variables))
    own = " + ".join(f"decoder{k}*prediction{k}" for k in range(variables))
    group = b2.NeuronGroup(
        size,
        equations(variables),
        threshold="v > threshold and (one_at_a_time == 0 or i == chosen)",
        reset=f"""v -= {length} + own_fast
                  inhibition += {length} + own_fast
                  slow_up += clip({own} + own_slow, 0, inf)
                  slow_down += clip(-({own}) - own_slow, 0, inf)""",
        method="euler",
        name="neurons",
        namespace=namespace,
    )
    group.chosen = b2.linked_var(group, "candidate", index=np.full(size, size - 1))
    fast = " + ".join(f"decoder{k}_post*decoder{k}_pre" for k in range(variables))
    slow = " + ".join(f"decoder{k}_post*prediction{k}_pre" for k in range(variables))
    others = b2.Synapses(
        group,
        group,
        on_pre=f"""fast = {fast}
                   slow = {slow}
                   v_post -= fast
                   excitation_post += clip(-fast, 0, inf)
                   inhibition_post += clip(fast, 0, inf)
                   slow_up_post += clip(slow, 0, inf)
                   slow_down_post += clip(-slow, 0, inf)""",
        delay=dt * b2.second,
        name="others",
    )
    for name in ("n_there", "one_at_a_time"):
        setattr(group, name, 1)
    for name in ("decay", "leak", "noise", "own_fast", "own_slow"):
        setattr(group, name, 1.5)
    for name in ("threshold", *(f"{kind}{k}" for kind in ("decoder", "prediction") for k in range(variables))):
        setattr(group, name, 1.5)
    device.insert_code("main", 'if (getenv("SEED")) _random_generators[0].seed(strtoull(getenv("SEED"), 0, 10));')
    device.apply_run_args()
    others.connect(condition="i != j and i < n_there_pre and j < n_there_pre")
    choose = group.run_regularly("candidate = leader(v - threshold, i)", when="before_thresholds", name="choose")
    spikes = b2.SpikeMonitor(group, name="spikes")
    recorded: Sequence[int] = range(min(8, size))
    traces = b2.StateMonitor(
        group, ["excitation", "inhibition"], record=list(recorded), dt=1e-4 * b2.second, when="end", name="traces"
    )
    network = b2.Network(group, others, choose, spikes, traces, name="network")
    return Written(
        network=network,
        dt=dt,
        variables={
            "neurons": {"index": spikes.variables["i"], "time": spikes.variables["t"]},
            "traces": {
                "time": traces.variables["t"],
                "excitation": traces.variables["excitation"],
                "inhibition": traces.variables["inhibition"],
            },
        },
    )


def _leader() -> Any:
    """Brian2's function `leader`, of leader.cpp."""
    from brian2.core.functions import Function

    def unavailable(*_: Any) -> Any:
        raise NotImplementedError("spike-coding networks run compiled only")

    made = Function(unavailable, arg_units=[1, 1], return_unit=1, stateless=False, auto_vectorise=True)
    made._return_type = "integer"
    code = Path(__file__).with_name("leader.cpp").read_text()
    made.implementations.add_implementation("cpp", code=code, name="leader")
    return made
