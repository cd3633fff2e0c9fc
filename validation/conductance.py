"""Single neurons of conductances, simulated from spike to spike, beside the theories of their rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._compiled import CORES, jit
from meanfield._validate import check_rng, check_scalar
from meanfield.units import ms, mV
from validation.report import to_json

_BATCHES = 40
_STEP = 0.05  # of the shortest time constant; of the second order, and an input spike ends a step


@jit
def _spikes(p: Any, rates: Any, duration: Any, step: Any, rng: Any, counts: Any, intervals: Any) -> Any:
    """Fill `counts` of spikes in equal parts of the time; returns the number of intervals kept in `intervals`.

    `p` is tau_m, t_ref, v_th, v_reset, mu_0, then for each synapse its area, reversal and time constant. From spike to
    spike of the input, in steps of at most `step`, over which V relaxes to where the conductances in their middle pull.
    """
    tau_m, t_ref, v_th, v_reset, mu_0 = p[0], p[1], p[2], p[3], p[4]
    filtered = p[7] > 0.0
    total = rates[0] + rates[1]
    share = rates[0] / total if total > 0.0 else 1.0
    next_input = rng.exponential(1.0 / total) if total > 0.0 else math.inf
    v, e, i = v_reset, p[5] * rates[0], p[8] * rates[1]
    time, blocked, last, kept = 0.0, 0.0, -1.0, 0
    while time < duration:
        at_input = next_input - time <= step
        h = next_input - time if at_input else step
        if filtered:
            decay_e, decay_i = math.exp(-0.5 * h / p[7]), math.exp(-0.5 * h / p[10])
            e, i = e * decay_e, i * decay_i
            g = 1.0 / tau_m + e + i
            to = (mu_0 / tau_m + e * p[6] + i * p[9]) / g
            e, i = e * decay_e, i * decay_i
        else:
            g, to = 1.0 / tau_m, mu_0
        active = h
        if blocked > 0.0:
            active = max(h - blocked, 0.0)
            blocked -= h
        before = v
        v = to + (v - to) * math.exp(-g * active)
        time = next_input if at_input else time + step
        if at_input:
            next_input += rng.exponential(1.0 / total)
            excites = rng.random() < share
            if filtered:
                if excites:
                    e += p[5] / p[7]
                else:
                    i += p[8] / p[10]
        spiked = time
        if v >= v_th and active > 0.0:
            spiked = time - active * (v - v_th) / (v - before)
        if not filtered and at_input and active > 0.0 and v < v_th:
            v += (-math.expm1(-p[5])) * (p[6] - v) if excites else (-math.expm1(-p[8])) * (p[9] - v)
        if v >= v_th:
            v = v_reset
            blocked = t_ref - (time - spiked)
            counts[min(int(time / duration * counts.size), counts.size - 1)] += 1
            if last >= 0.0 and kept < intervals.size:
                intervals[kept] = spiked - last
                kept += 1
            last = spiked
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuronRun:
    """What a simulated neuron did: rate [Hz] and its standard error, CV of the intervals, number of spikes."""

    rate: float
    rate_error: float
    cv: float
    spikes: int
    duration: float


def simulate_neuron(
    neuron: mf.LIFConductance, rate_e: float, rate_i: float, *, duration: float, rng: Any = None
) -> NeuronRun:
    """Simulate one neuron of conductances under Poisson spikes, from spike to spike.

    Instantaneous conductances are exact; filtered ones are integrated in steps of at most 5% of the shortest time
    constant, of second order.

    Parameters
    ----------
    neuron : LIFConductance
    rate_e, rate_i : float
        Total rates of spikes [Hz].
    duration : float
        [s]
    rng : Generator or int, optional
    """
    rate_e = check_scalar("rate_e", rate_e, "Hz", nonnegative=True)
    rate_i = check_scalar("rate_i", rate_i, "Hz", nonnegative=True)
    duration = check_scalar("duration", duration, "s", positive=True)
    area_e, area_i = (
        -math.log1p(-weight / (reversal - neuron.v_ref))
        for weight, reversal in ((neuron.weight_e, neuron.e_e), (neuron.weight_i, neuron.e_i))
    )
    p = np.array(
        [
            *(neuron.tau_m, neuron.t_ref, neuron.v_th, neuron.v_reset, neuron.mu_0),
            *(area_e, neuron.e_e, neuron.tau_e),
            *(area_i, neuron.e_i, neuron.tau_i),
        ]
    )
    _, tau_0, _ = neuron.effective(*neuron.receptors.moments(rate_e, rate_i))
    step = _STEP * min([float(tau_0), neuron.tau_e, neuron.tau_i] if neuron.is_filtered else [neuron.tau_m])
    counts, intervals = np.zeros(_BATCHES), np.empty(2_000_000)
    kept = _spikes(p, np.array([rate_e, rate_i]), duration, step, check_rng(rng), counts, intervals)
    intervals = intervals[:kept]
    return NeuronRun(
        rate=float(counts.sum() / duration),
        rate_error=float(counts.std(ddof=1) * math.sqrt(_BATCHES) / duration),
        cv=float(intervals.std() / intervals.mean()) if kept > 1 else math.nan,
        spikes=int(counts.sum()),
        duration=duration,
    )


def shifted_rate(neuron: mf.LIFConductance, rate_e: float, rate_i: float) -> float:
    """Effective time constant and the shift of fast synapses: a LIF of tau_0, V_0 and the variance of its input."""
    moments = neuron.receptors.moments(rate_e, rate_i)
    _, tau_0, v_0 = neuron.effective(*moments)
    parts = [
        tau_0 * r * (math.log1p(-w / (reversal - neuron.v_ref)) * (reversal - v_0)) ** 2
        for w, reversal, r in ((neuron.weight_e, neuron.e_e, rate_e), (neuron.weight_i, neuron.e_i, rate_i))
    ]
    taus = np.array([neuron.tau_e, neuron.tau_i])
    tau_s = float(np.dot(parts, taus) / sum(parts))
    lif = mf.LIF(tau_m=float(tau_0), t_ref=neuron.t_ref, v_th=neuron.v_th, v_reset=neuron.v_reset, tau_s=tau_s)
    return float(lif.rate(float(v_0), math.sqrt(sum(parts))))


def instantaneous_rate(neuron: mf.LIFConductance, rate_e: float, rate_i: float) -> float:
    """As if the conductances were instantaneous, in the diffusion limit with multiplicative noise."""
    fast = replace(neuron, tau_e=0.0, tau_i=0.0, jumps="small")
    return float(fast.rate(*fast.receptors.moments(rate_e, rate_i)))


def own_rate(neuron: mf.LIFConductance, rate_e: float, rate_i: float) -> float:
    """The neuron's own method, which knows of finite jumps."""
    return float(neuron.rate(*neuron.receptors.moments(rate_e, rate_i)))


METHODS: dict[str, Callable[[mf.LIFConductance, float, float], float]] = {
    "LIFConductance": own_rate,
    "diffusion": instantaneous_rate,
    "shift": shifted_rate,
}


def _neuron(weight_e: float, weight_i: float, tau_e: float, tau_i: float) -> mf.LIFConductance:
    return mf.LIFConductance(
        tau_m=20 * ms,
        t_ref=2 * ms,
        v_th=20 * mV,
        v_reset=10 * mV,
        e_e=70 * mV,
        e_i=-5 * mV,
        weight_e=weight_e * mV,
        weight_i=weight_i * mV,
        tau_e=tau_e * ms,
        tau_i=tau_i * ms,
        jumps="finite",
    )


# What it is: (weights [mV], time constants [ms], rates of spikes [Hz])
REGIMES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "instantaneous, small jumps": ((0.2, -0.4), (0, 0), (8_000, 1_500)),
    "instantaneous, g0 = 5": ((0.3, -0.6), (0, 0), (13_000, 4_500)),
    "instantaneous, large jumps": ((1.0, -2.0), (0, 0), (2_500, 800)),
    "filtered, g0 = 2.3": ((0.4, -0.8), (3, 6), (5_500, 800)),
    "filtered, g0 = 5": ((0.5, -1.5), (5, 5), (7_500, 1_800)),
    "filtered, g0 = 5, tau_i > tau_e": ((0.5, -1.5), (2, 10), (8_000, 1_800)),
    "filtered, g0 = 5, tau_i < tau_e": ((0.5, -1.5), (8, 3), (7_500, 1_700)),
    "filtered, g0 = 11": ((0.5, -1.5), (5, 5), (16_500, 4_500)),
    "filtered, g0 = 11, fast": ((0.5, -1.0), (1.5, 1.5), (15_500, 6_200)),
    "filtered, mean above threshold": ((0.5, -1.5), (4, 8), (6_500, 700)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Rates [Hz] of a regime, simulated and by each method."""

    regime: str
    g0: float
    tau_0: float
    run: NeuronRun
    cv: float
    rates: dict[str, float]

    def error(self, method: str) -> float:
        """Relative error of a method."""
        return self.rates[method] / self.run.rate - 1.0


@dataclass(frozen=True, slots=True)
class ConductanceTable:
    """Comparisons; prints as a table."""

    rows: tuple[Comparison, ...]

    def to_json(self) -> str:
        """All numbers as JSON."""
        return to_json([asdict(row) for row in self.rows])

    def __str__(self) -> str:
        head = f"{'regime':34}{'g0':>6}{'tau_0 ms':>9}{'simulated Hz':>18}{'CV':>7}{'theory':>8}"
        lines = [head + "".join(f"{name:>16}" for name in METHODS)]
        for row in self.rows:
            line = f"{row.regime:34}{row.g0:6.2f}{row.tau_0 / ms:9.2f}{row.run.rate:10.3f} ± {row.run.rate_error:5.3f}"
            line += f"{row.run.cv:7.3f}{row.cv:8.3f}"
            lines.append(line + "".join(f"{100 * row.error(name):+15.1f}%" for name in METHODS))
        return "\n".join(lines)


def conductance(
    regimes: Sequence[str] = tuple(REGIMES), *, spikes: int = 100_000, rng: Any = 1, nodes: int = 8
) -> ConductanceTable:
    """Set theories of conductance neurons beside simulation, in several regimes.

    Parameters
    ----------
    regimes : sequence of str
        Of `REGIMES`.
    spikes : int
        About how many are simulated of each; 100,000 make the rate's standard error 0.3% where intervals are irregular.
    rng : Generator or int
    nodes : int
        Of `LIFConductance`.
    """
    from concurrent.futures import ThreadPoolExecutor

    generator = check_rng(rng)
    chosen = {name: REGIMES[name] for name in regimes}
    neurons = {name: replace(_neuron(*weights, *taus), nodes=nodes) for name, (weights, taus, _) in chosen.items()}
    with ThreadPoolExecutor(CORES) as threads:
        runs = {}
        for (name, (_, _, rates)), seed in zip(chosen.items(), generator.spawn(len(chosen)), strict=True):
            duration = spikes / own_rate(neurons[name], *rates)
            runs[name] = threads.submit(simulate_neuron, neurons[name], *rates, duration=duration, rng=seed)
    rows = []
    for name, (_, _, rates) in chosen.items():
        neuron = neurons[name]
        moments = neuron.receptors.moments(*rates)
        g0, tau_0, _ = neuron.effective(*moments)
        rows.append(
            Comparison(
                regime=name,
                g0=float(g0),
                tau_0=float(tau_0),
                run=runs[name].result(),
                cv=float(neuron.cv(*moments)),
                rates={method: answer(neuron, *rates) for method, answer in METHODS.items()},
            )
        )
    return ConductanceTable(tuple(rows))
