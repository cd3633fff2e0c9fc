"""Reasons: what the measurements of a report say about where theory and simulation differ.

Each note has a condition, is computed from the network and from what was measured, and says nothing where it fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray
from meanfield.units import ms, mV
from validation import statistics

if TYPE_CHECKING:
    from validation.report import Row

# Mean overshoot of a random walk past a barrier, in units of a step: -zeta(1/2)/sqrt(2 pi)
# (Broadie, Glasserman & Kou 1997, Math. Finance 7).
OVERSHOOT = 0.5825971579390107
SURROGATES = 2000  # gamma trains that a bias is measured with
DRAWS = 40_000  # of a delay, for the mean of what rounding does to it: to 0.0015 of a step


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What notes are written from: the rows by (prediction, population), and what was measured by population."""

    network: mf.Network
    rows: Mapping[tuple[str, str], Row]
    measured: Mapping[str, Mapping[str, statistics.Estimate]]
    duration: float
    dt: float

    def deviates(self, *predictions: str) -> bool:
        """Whether one of them is off by more than 3 standard errors and 2% in a population."""
        return any(abs(r.z) > 3 and abs(r.difference) > 2 for (kind, _), r in self.rows.items() if kind in predictions)

    def simulated(self, prediction: str) -> FloatArray:
        """Its simulated values, (P,), NaN where it has no meaning."""
        rows = [self.rows.get((prediction, name)) for name in self.network.names]
        return np.array([row.simulation if row else np.nan for row in rows])

    def theory(self, prediction: str) -> FloatArray:
        """Its theoretical values, (P,)."""
        return np.array([self.rows[prediction, name].theory for name in self.network.names])


def explain(found: Findings) -> tuple[str, ...]:
    """Return the notes that apply."""
    sources = (
        _synchrony,
        _coincidences,
        _coloured_trains,
        _coarse_jumps,
        _small_jumps,
        _time_step,
        _short_trains,
        _grid,
    )
    return tuple(note for source in sources for note in source(found))


def _synchrony(found: Findings) -> Iterator[str]:
    sizes = np.minimum(found.network.sizes, statistics.SAMPLE)
    chi = np.array([found.measured[name]["synchrony"].mean for name in found.network.names])
    if not np.isfinite(chi).any():
        return
    excess = np.nanmax(chi * np.sqrt(sizes))
    if excess > 3 and found.deviates("rate", "mu", "sigma", "cv"):
        yield (
            f"The population's activity fluctuates {excess:.1f} times as much as that of independent neurons "
            "(1/sqrt(N)): theory describes the stationary state of independent neurons, which is an approximation "
            "here, or is not stable."
        )


def _coincidences(found: Findings) -> Iterator[str]:
    if not found.deviates("sigma"):
        return
    independent = found.network.input_moments(found.simulated("rate"))[1] / mV
    excess = np.nanmax(found.simulated("sigma") / np.maximum(independent, 1e-300) - 1)
    if excess > 0.01:
        yield (
            f"sigma is {100 * excess:.1f}% above what independent trains of the simulated rates would give: spikes "
            "that arrive in the same time step add variance."
        )


def _coloured_trains(found: Findings) -> Iterator[str]:
    squares = found.simulated("cv") ** 2
    recurrent = found.network.variance_coupling.any()
    if recurrent and found.deviates("cv", "rate") and np.nanmax(np.abs(squares - 1), initial=0.0) > 0.1:
        yield (
            "The spike trains that neurons receive from each other are not Poisson: CV² is "
            f"{_span(squares, '.2f')}, and their slow fluctuations are about that fraction of the white noise that "
            "theory assumes. That changes the CV within the network first of all (theory with a self-consistent, "
            "coloured spectrum would mend it)."
        )


def _coarse_jumps(found: Findings) -> Iterator[str]:
    net, mu, sigma = found.network, found.simulated("mu"), found.simulated("sigma")
    if not (sigma > 0).all() or not found.deviates("rate", "cv"):
        return
    external = [drive.weight for drive in net.drives if isinstance(drive, mf.PoissonDrive)]
    jumps = np.abs(np.column_stack([np.where(net.indegree > 0, net.weight, 0.0), *external])).max(axis=1) / mV / sigma
    distance = (np.array([neuron.v_th for neuron in net.neurons]) / mV - mu) / sigma
    if np.max(distance * jumps) > 0.05:
        yield (
            f"Spikes are jumps of up to {jumps.max():.2f} sigma while threshold is {distance.max():.1f} sigma above "
            "the mean: at low rates the diffusion limit (infinitely many, infinitely small jumps) is least exact."
        )


def _time_step(found: Findings) -> Iterator[str]:
    net = found.network
    moves = [
        OVERSHOOT * sigma * mV * np.sqrt(found.dt / neuron.tau_m) if _jumps_to_threshold(neuron) else 0.0
        for neuron, sigma in zip(net.neurons, found.simulated("sigma"), strict=True)
    ]
    if not any(moves):
        return
    neurons = [
        replace(neuron, v_th=neuron.v_th + move) if move else neuron
        for neuron, move in zip(net.neurons, moves, strict=True)
    ]
    with suppress(mf.ConvergenceError):
        moved = mf.solve(replace(net, neurons=neurons)).rate
        rows = [found.rows["rate", name] for name in net.names]
        matters = any(abs(r.z) > 3 and abs(new - r.theory) > r.error for r, new in zip(rows, moved, strict=True))
        if matters:
            rates = ", ".join(f"{name} {rate:.4g}" for name, rate in zip(net.names, moved, strict=True))
            yield (
                f"The threshold is looked at once a step of {found.dt / ms:g} ms, which is as if it were "
                f"{max(moves) / mV:.2g} mV higher: theory would then give {rates} Hz."
            )


def _small_jumps(found: Findings) -> Iterator[str]:
    net = found.network
    small = [isinstance(neuron, mf.LIFConductance) and neuron.jumps == "small" for neuron in net.neurons]
    if not any(small) or any(getattr(neuron, "tau_e", 0.0) > 0.0 for neuron in net.neurons):
        return
    if found.deviates("rate", "cv", "g0", "V_0"):
        pairs = zip(net.neurons, small, strict=True)
        finite = replace(net, neurons=[replace(n, jumps="finite") if own else n for n, own in pairs])
        with suppress(mf.ConvergenceError):
            rate = ", ".join(f"{name} {x:.4g}" for name, x in zip(net.names, mf.solve(finite).rate, strict=True))
            yield f'Conductances are taken as many and small: with their jumps (jumps="finite") theory gives {rate} Hz.'


def _jumps_to_threshold(neuron: Any) -> bool:
    """Whether it is noise that takes the potential across the threshold: neither current nor the onset of a spike."""
    return isinstance(neuron, mf.LIF) and not neuron.tau_s


def _short_trains(found: Findings) -> Iterator[str]:
    """Measure gamma trains of theory's rate and CV as the simulation was measured."""
    words = []
    for name, rate, cv in zip(found.network.names, found.theory("rate"), found.theory("cv"), strict=True):
        if not (1 < rate * found.duration < 200 and 0.05 < cv < 1.5):
            continue
        times, indices = gamma_trains(SURROGATES, rate, cv, found.duration, np.random.default_rng(1))
        seen = statistics.cvs(statistics.Intervals.of(times, indices), SURROGATES)
        if seen.size and abs(seen.mean() / cv - 1) > 0.02:
            words.append(f"{name} {cv:.3g} as {seen.mean():.3g}")
    if words:
        yield (
            "A CV from short trains is biased (Nawrot et al. 2008, J. Neurosci. Methods 169): independent trains with "
            f"theory's rate and CV would be measured in {found.duration:g} s as follows: {', '.join(words)}. Longer "
            "trials mend it."
        )


def _grid(found: Findings) -> Iterator[str]:
    net, dt = found.network, found.dt
    whole = np.rint(net.indegree)
    change = np.abs(whole - net.indegree).max(where=net.indegree > 0, initial=0.0)
    if np.any(np.abs(whole - net.indegree) > 1e-3 * net.indegree):
        yield f"In-degrees are simulated as whole numbers, up to {change:.2g} from those of theory."
    refractory = np.array([neuron.t_ref for neuron in net.neurons])
    delays = [delay.sample(DRAWS, rng=1) for delay in {net.delays[i][j] for i, j in np.argwhere(whole > 0)}]
    moved = [np.mean(np.maximum(np.rint(drawn / dt), 1) * dt - drawn) for drawn in delays]
    off = np.concatenate([np.rint(refractory / dt) * dt - refractory, moved])
    if np.any(np.abs(off) > 0.01 * dt):
        yield (
            "Refractory periods and delays are simulated in whole time steps, delays of one at least: up to "
            f"{np.abs(off).max() / ms:.2g} ms from those of theory, on average over the synapses of a connection."
        )


def gamma_trains(n: int, rate: float, cv: float, duration: float, rng: Any) -> tuple[FloatArray, Any]:
    """Stationary renewal trains of gamma-distributed intervals: times [s], ascending, and the train of each."""
    shape = cv**-2
    before = 20 * max(1.0, cv**2) / rate  # forgets the spike at the start
    expected = rate * (duration + before)
    size = int(expected + 8 * cv * np.sqrt(expected) + 30)
    times = np.cumsum(rng.gamma(shape, 1 / (shape * rate), (n, size)), axis=1) - before
    inside = (times >= 0) & (times < duration)
    order = np.argsort(times[inside], kind="stable")
    return times[inside][order], np.nonzero(inside)[0][order]


def _span(values: FloatArray, form: str) -> str:
    words = [format(value, form) for value in (np.nanmin(values), np.nanmax(values))]
    return words[0] if words[0] == words[1] else " to ".join(words)
