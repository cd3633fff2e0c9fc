"""Van Vreeswijk & Sompolinsky (1998), Chaotic balanced state in a model of cortical circuits, Neural Comput. 10.

A, activities against the external one, at K = 1000 and in the limit (populations hold five times K neurons, so that
correlations among sources lower the activities); B, the input of one neuron, excitation, inhibition and their sum; C,
the distribution of activities over neurons; D, a drive that changes and how the activities follow; E, latency against
K; F, the ratio of update times at which the state begins to oscillate. Lines are theory (`meanfield.binary`), points
are simulated with asynchronous updates (`validation.binary`), bars are standard errors. Parameters are those of
`meanfield.models.vanvreeswijk1998`; drives of D and E are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.units import ms
from validation.binary import BinarySimulation, simulate_binary
from validation.binary_statistics import mean_and_error, rates

NAMES = ("balance",)
K, SIZE = 1000, 5000
TAU = 10 * ms
DRIVES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
INDEGREES = (144, 400, 1024, 2500)  # below 100 the drive alone is below threshold, and silence is a state
PERIOD = 20 * TAU
CYCLES = 30
DEPTH = 0.4  # of the modulation in E
DURATION = 20.0  # s, for C
E, I, NET = plotting.COLOURS[0], plotting.COLOURS[1], "black"
ERDOS_RENYI = "Erdős-Rényi"


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and no notice."""
    figure, lines = balance()
    return save(figure, "vanvreeswijk1998_balance", out, formats), "\n".join(lines), ""


def balance() -> tuple[Any, list[str]]:
    """All panels, and the lines of the table."""
    figure, grid = plt.subplots(2, 3, figsize=(12.5, 7.2))
    lines = _activities(grid[0, 0])
    state = mf.binary.finite_size_state(_network())
    simulation = simulate_binary(_network(), duration=DURATION, sample=60, rng=2)
    _inputs(grid[0, 1], simulation)
    lines += _distribution(grid[0, 2], state, simulation)
    _tracking(grid[1, 0])
    lines += _latencies(grid[1, 1])
    lines += _critical_times(grid[1, 2])
    return figure, lines


def _network(m0: float = 0.1, indegree: float = K, size: float = SIZE) -> mf.Network:
    return mf.models.vanvreeswijk1998(K=indegree, m0=m0, size=size)


def _activities(axes: Any) -> list[str]:
    drives = np.linspace(0.035, 0.32, 40)
    theory = np.array([mf.binary.finite_size_state(_network(m0)).activity for m0 in drives])
    sparse = np.array([mf.solve(_network(m0)).rate for m0 in drives])
    axes.plot(drives, drives, "--", color="0.6", label=r"$K\to\infty$: $m_E = m_I = m_0$")
    found = [rates(simulate_binary(_network(m0), duration=1.0, rng=1)) for m0 in DRIVES]
    lines = ["activity at K = 1000: m0, then theory, simulation and its standard error, of E and of I"]
    for a, (name, colour) in enumerate((("E", E), ("I", I))):
        axes.plot(drives, sparse[:, a], ":", color=colour, label=rf"$m_{name}$, $K = {K}$, $N\gg K$")
        axes.plot(drives, theory[:, a], color=colour, label=rf"$m_{name}$, $K = {K}$, $N = {SIZE}$")
        means, errors = ([pair[k][a] for pair in found] for k in (0, 1))
        axes.errorbar(DRIVES, means, errors, fmt="o", ms=4, color=colour)
    for m0, (mean, error) in zip(DRIVES, found, strict=True):
        at = mf.binary.finite_size_state(_network(m0)).activity
        pairs = (f"{t:.4f} {x:.4f} ± {e:.4f}" for t, x, e in zip(at, mean, error, strict=True))
        lines.append(f"{m0:g}: {', '.join(pairs)}")
    axes.set(xlabel="external activity $m_0$", ylabel="activity", xlim=(0, 0.33), ylim=(0, 0.33))
    axes.set_title("A  Activity against drive")
    axes.legend()
    return lines


def _inputs(axes: Any, simulation: BinarySimulation) -> None:
    """The neuron of median activity among those recorded, for 15 tau."""
    network = simulation.network
    active = simulation.states[0].mean(axis=0)
    neuron = int(np.argsort(active)[active.size // 2])
    steps = round(15 * TAU / (simulation.times[1] - simulation.times[0]))
    t = simulation.times[:steps] / TAU
    inputs = simulation.inputs[0][:steps, neuron]
    excitation, inhibition = inputs[:, 0] + network.mu_ext[0], inputs[:, 1]
    axes.plot(t, excitation, color=E, lw=1, label="E and external")
    axes.plot(t, inhibition, color=I, lw=1, label="I")
    axes.plot(t, excitation + inhibition, color=NET, lw=1, label="net")
    axes.axhline(network.neurons[0].v_th, ls=":", color="0.4", label="threshold")
    on = t[simulation.states[0][:steps, neuron]]
    axes.plot(on, np.full(on.size, 1.12 * excitation.max()), "|", color="black", ms=5)
    axes.set(xlabel=r"time ($\tau_E$)", ylabel="input (threshold)", ylim=(None, 1.6 * excitation.max()))
    axes.set_title("B  Input of one excitatory neuron")
    axes.legend(ncols=2, loc="upper center")


def _distribution(axes: Any, state: mf.binary.BinaryState, simulation: BinarySimulation) -> list[str]:
    m = np.linspace(1e-4, 0.35, 500)
    lines = ["heterogeneity q at K = 1000, m0 = 0.1: theory, simulation"]
    for a, (name, colour) in enumerate((("E", E), ("I", I))):
        seen = simulation.neurons[a].mean(axis=0)
        count, edges = np.histogram(seen, np.linspace(0.0, 0.35, 36))
        width = seen.size * np.diff(edges)
        middle = 0.5 * (edges[1:] + edges[:-1])
        axes.errorbar(middle, count / width, np.sqrt(count) / width, fmt="o", ms=3, color=colour, lw=1)
        axes.plot(m, state.activity_density(m, a), color=colour, label=rf"{name}, $q = {state.overlap[a]:.4f}$")
        axes.axvline(state.activity[a], ls=":", color=colour)
        lines.append(f"{name}: {state.overlap[a]:.5f}, {simulation.overlap[a]:.5f}")
    axes.set(xlabel="activity of a neuron", ylabel="density over neurons", xlim=(0, 0.35), ylim=(0, None))
    axes.set_title("C  Distribution of activities")
    axes.legend(title="theory")
    return lines


def _tracking(axes: Any) -> None:
    """A drive that rises, falls and jumps, within a few tau."""
    network = _network(size=20_000)
    times = np.arange(0.0, 14 * TAU, TAU / 20)
    knots = np.array([0, 2, 4, 6, 8, 8.0001, 11, 11.0001, 14]) * TAU
    m0 = np.interp(times, knots, [0.1, 0.1, 0.2, 0.2, 0.1, 0.2, 0.2, 0.1, 0.1])
    drive = network.mu_ext / 0.1 * m0[:, None]
    theory = mf.binary.track(network, times, drive)
    runs = simulate_binary(network, duration=times[-1] + TAU / 20, step=TAU / 20, mu_ext=lambda _: drive, rng=3)
    ahead = theory[0] + (m0 - m0[0])[:, None] * (theory[0] / m0[0])
    axes.plot(times / TAU, m0, "--", color="0.6", label="external $m_0$")
    slow = np.empty(times.size)
    slow[0] = ahead[0, 0]
    for k in range(1, times.size):  # a neuron without feedback, with the same activity at rest
        slow[k] = slow[k - 1] + (ahead[k, 0] - slow[k - 1]) / 20
    axes.plot(times / TAU, slow, ":", color=E, lw=1.4, label=r"E without feedback, $\tau_E$")
    for a, (name, colour) in enumerate((("E", E), ("I", I))):
        axes.plot(runs.times / TAU, runs.activity[:, a], ".", ms=2.5, color=colour, alpha=0.6)
        axes.plot(times / TAU, theory[:, a], color=colour, label=rf"$m_{name}$")
    axes.set(xlabel=r"time ($\tau_E$)", ylabel="activity", ylim=(0, 0.28))
    axes.set_title("D  Tracking (dots: one network, N = 20,000)")
    axes.legend(ncols=2, loc="upper left")


def _latencies(axes: Any) -> list[str]:
    curve = np.geomspace(120, 40_000, 40)
    theory = np.array([mf.binary.stationary_state(_network(indegree=k, size=1e6)).latency() for k in curve])
    lines = [f"lag behind a modulation of period {PERIOD / ms:g} ms, in ms: K, then theory, simulation of E and of I"]
    found = np.array([_measured_lag(k) for k in INDEGREES])
    for a, (name, colour) in enumerate((("E", E), ("I", I))):
        axes.loglog(curve, theory[:, a] / TAU, color=colour, label=name)
        axes.errorbar(INDEGREES, found[:, 0, a] / TAU, found[:, 1, a] / TAU, fmt="o", ms=4, color=colour)
    middle = theory[20, 0] / TAU
    axes.loglog(curve, middle * np.sqrt(curve[20] / curve), ":", color="0.5", label=r"$\propto 1/\sqrt{K}$")
    axes.axhline(1.0, ls="--", color="0.6", label="without feedback")
    axes.set(xlabel="indegree $K$", ylabel=r"latency ($\tau_E$)")
    axes.set_title("E  Latency falls with K")
    axes.legend()
    for k, (lag, error) in zip(INDEGREES, found, strict=True):
        expected = _expected_lag(_network(indegree=k))
        pairs = (f"{t / ms:.2f} {x / ms:.2f} ± {e / ms:.2f}" for t, x, e in zip(expected, lag, error, strict=True))
        lines.append(f"{k}: {', '.join(pairs)}")
    return lines


def _expected_lag(network: mf.Network) -> Any:
    """Phase lag over angular frequency of the linear response to the modulation of panel E."""
    state = mf.binary.stationary_state(network, connections=ERDOS_RENYI)
    omega = 2.0 * np.pi / PERIOD
    by_mu = [n.gain(mu, np.sqrt(v))[0] for n, mu, v in zip(network.neurons, state.mu, state.variance, strict=True)]
    answer = np.linalg.solve(1j * omega * np.eye(2) - state.jacobian, by_mu * network.mu_ext / state.tau)
    return -np.angle(answer) / omega


def _measured_lag(indegree: int) -> tuple[Any, Any]:
    """Lag (2,) behind a sinusoidal drive [s] and its standard error, over the cycles of one network."""
    network = _network(indegree=indegree)
    step = PERIOD / 200
    omega = 2.0 * np.pi / PERIOD
    drive = network.mu_ext * (1.0 + DEPTH * np.sin(omega * step * (np.arange(200 * (CYCLES + 1)) + 0.5)))[:, None]
    seen = simulate_binary(network, duration=PERIOD * (CYCLES + 1), step=step, mu_ext=lambda _: drive, rng=4)
    turning = np.exp(-1j * omega * seen.times)[200:, None] * seen.activity[200:]
    per_cycle = turning.reshape(CYCLES, 200, 2).mean(axis=1)
    mean = per_cycle.mean(axis=0)
    around = (per_cycle / mean).imag  # of each cycle's phase about the mean one
    lag = -np.angle(1j * mean) / omega
    return lag, mean_and_error(around, CYCLES)[1] / omega


def _critical_times(axes: Any) -> list[str]:
    curve = np.geomspace(120, 1e6, 60)
    lines = ["critical tau_I/tau_E: K, then at m0 = 0.1 and 0.3"]
    for m0, style in ((0.1, "-"), (0.2, "--"), (0.3, ":")):
        ratio = [mf.binary.stationary_state(_network(m0, k, 1e8)).critical_tau_ratio for k in curve]
        axes.semilogx(curve, ratio, style, color="black", label=f"$m_0$ = {m0:g}")
    axes.axhline(0.9, color="0.6", lw=1, label="the model's")
    axes.set(xlabel="indegree $K$", ylabel=r"critical $\tau_I/\tau_E$")
    axes.set_title("F  Where oscillations begin")
    axes.legend()
    for k in (100, 1000, 10_000):
        found = (mf.binary.stationary_state(_network(m0, k, 1e8)).critical_tau_ratio for m0 in (0.1, 0.3))
        lines.append(f"{k}: {', '.join(f'{x:.3f}' for x in found)}")
    return lines
