"""Boerlin, Machens & Denève (2013), Predictive coding of dynamical variables in balanced spiking networks.

A to C: an integrator of 400 neurons (their fig. 3): the variable and its read-out, the spikes, and the excitation and
inhibition of one neuron, which cancel. D: the error of the code against the number of neurons, beside independent
Poisson neurons of the same rates. E: what delays do, with thresholds that are higher by a cost on rates; a line ends
where the network runs away. Input and noise are of this package's own choice; costs, decoder and time constants of A
to C are the paper's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures.style import plt, save
from meanfield.plotting import COLOURS
from meanfield.spikecoding import SpikeCodingNetwork, random_decoder
from validation import SimulationUnavailable
from validation.spikecoding import SpikeCodingSimulation, poisson_code, simulate_spike_coding

NAMES = ("coding",)
DECAY = 10.0  # 1/s
SIZES = (8, 16, 32, 64, 128, 256, 512)
DELAYS = 1e-3 * np.array([0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])  # s
DELAYED = 64  # neurons
COSTS = (8, 32, 128)  # linear cost, in units of |Γ|²/lambda_d
NOISE = 0.3  # of the threshold
RUNAWAY = 3.0  # times the rate without delay
SECONDS = 1.2  # s, of a run with delay


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table, and a notice where nothing can be simulated."""
    try:
        figure, lines = coding()
    except SimulationUnavailable as error:
        return [], "", f"boerlin2013: skipped, {error}"
    return save(figure, "boerlin2013_coding", out, formats), "\n".join(lines), ""


def coding() -> tuple[Any, list[str]]:
    """The figure and the lines of its table."""
    figure = plt.figure(figsize=(9.2, 6.4))
    left, right = figure.subfigures(1, 2, width_ratios=(1.45, 1))
    grid = left.subplots(3, 1, sharex=True, height_ratios=(1.2, 1.2, 1))
    run = integrator()
    integrator_panels(grid, run)
    by_size, by_delay = right.subplots(2, 1)
    lines = [
        f"integrator, 400 neurons: error {run.error():.3g}, rate {run.rate:.3g} Hz, |E - I|/E {run.tightness():.3g}"
    ]
    lines += error_against_size(by_size)
    lines += error_against_delay(by_delay)
    return figure, lines


def integrator() -> SpikeCodingSimulation:
    """A network that integrates its input: A = 0."""
    signs = np.where(np.arange(400) % 2, -0.1, 0.1)
    network = SpikeCodingNetwork(
        decoder=signs[None, :], dynamics=[[0.0]], decay=DECAY, leak=20.0, linear_cost=1e-5, quadratic_cost=1e-6
    )
    t = 1e-3 * np.arange(2400)
    drive = 40.0 * ((t > 0.2) & (t < 0.5)) - 60.0 * ((t > 0.9) & (t < 1.25)) + 50.0 * ((t > 1.6) & (t < 1.8))
    return simulate_spike_coding(network, drive[:, None], noise=0.02)


def integrator_panels(grid: Any, run: SpikeCodingSimulation) -> None:
    """Read-out, raster and currents."""
    signal, raster, currents = grid
    signal.plot(run.t, run.x[:, 0], color="black", lw=2.5, label="variable x")
    signal.plot(run.t, run.estimate[:, 0], color=COLOURS[0], lw=1, label="read-out")
    signal.set(ylabel="x", title="A  integrator: variable and read-out")
    signal.legend()
    positive = run.network.decoder[0, run.indices] > 0
    for colour, which, rank in ((COLOURS[0], positive, 200), (COLOURS[1], ~positive, 0)):
        raster.plot(run.times[which], rank + run.indices[which] // 2, ",", color=colour)
    raster.set(ylabel="neuron", ylim=(0, 400), title="B  spikes of neurons that count up (top) and down")
    currents.plot(run.trace_t, run.excitation[:, 0], color=COLOURS[0], lw=3, label="excitation")
    currents.plot(run.trace_t, run.inhibition[:, 0], color=COLOURS[1], lw=0.8, label="inhibition")
    net = run.excitation[:, 0] - run.inhibition[:, 0]
    currents.plot(run.trace_t, net, color="black", lw=0.6, label="their difference")
    currents.set(xlabel="time (s)", ylabel="filtered by the membrane\n(thresholds)", title="C  one neuron's input")
    currents.legend()


def signal_and_drive(seconds: float) -> tuple[Any, Any]:
    """A sine of 1 Hz and amplitude 1.5 that begins smoothly, and the input that makes it, (T,) and (T, 1)."""
    t = 1e-3 * np.arange(round(seconds * 1000))
    x = 1.5 * np.sin(2 * np.pi * t) * np.minimum(t / 0.2, 1.0)
    return x, (np.gradient(x, t) + DECAY * x)[:, None]


def error_against_size(axes: Any) -> list[str]:
    """Error against N, theory and simulation, of both codes."""
    _, drive = signal_and_drive(2.0)
    rng = np.random.default_rng(1)
    found, lines = [], []
    for n in SIZES:
        network = SpikeCodingNetwork(decoder=random_decoder(1, n, size=1.0), decay=DECAY)
        run = simulate_spike_coding(network, drive)
        late = run.t > 0.2
        squares = [((poisson_code(network, drive, run.x, rng) - run.x)[late] ** 2).mean() for _ in range(20)]
        # Each sign's neurons are silent for half of the time: the mean over neurons is that of time, too.
        predicted = float(network.poisson_error(run.rate)[0])
        found.append((run.error(), network.coding_error, float(np.sqrt(np.mean(squares))), predicted))
        lines.append(
            f"N = {n}: error {found[-1][0]:.3g} (theory {found[-1][1]:.3g}), Poisson {found[-1][2]:.3g} "
            f"(theory {predicted:.3g}), rate {run.rate:.3g} Hz, |E - I|/E {run.tightness():.2g}"
        )
    spiking, spiking_theory, poisson, poisson_theory = np.array(found).T
    axes.loglog(SIZES, poisson, "s", color=COLOURS[1], label="Poisson neurons")
    axes.loglog(SIZES, poisson_theory, color=COLOURS[1], label="Campbell, ~ N$^{-1/2}$")
    axes.loglog(SIZES, spiking, "o", color=COLOURS[0], label="spike coding")
    axes.loglog(SIZES, spiking_theory, color=COLOURS[0], label="|Γ|/√12, ~ N$^{-1}$")
    axes.set(xlabel="neurons N", ylabel="rms error", title="D  same rates, different codes")
    axes.legend()
    for name, values in (("spike coding", spiking), ("Poisson", poisson)):
        (slope, _), covariance = np.polyfit(np.log(SIZES), np.log(values), 1, cov=True)
        lines.append(f"{name}: error ~ N^({slope:.3f} ± {np.sqrt(covariance[0, 0]):.3f})")
    return lines


def error_against_delay(axes: Any) -> list[str]:
    """Error against the delay of spikes between neurons, for several costs."""
    _, drive = signal_and_drive(SECONDS)
    lines = []
    for cost, colour in zip(COSTS, COLOURS, strict=False):
        length = 1.0 / DELAYED**2
        network = SpikeCodingNetwork(
            decoder=random_decoder(1, DELAYED, size=1.0), decay=DECAY, linear_cost=cost * length / DECAY
        )
        errors: list[float] = []
        rate = 0.0
        for delay in DELAYS:
            run = simulate_spike_coding(network, drive, noise=NOISE, delay=float(delay), one_at_a_time=False)
            rate = rate or run.rate
            if run.rate > RUNAWAY * rate:
                lines.append(f"cost {cost}: runs away at a delay of {1e3 * delay:.3g} ms, at {run.rate:.3g} Hz")
                break
            errors.append(run.error())
        axes.loglog(1e3 * DELAYS[: len(errors)], errors, "o-", color=colour, ms=4, label=f"cost {cost} |Γ|²")
        if len(errors) < len(DELAYS):
            axes.plot(1e3 * DELAYS[len(errors) - 1], errors[-1], "x", color=colour, ms=11, mew=2)
        lines.append(f"cost {cost}: error " + ", ".join(f"{e:.3g}" for e in errors))
    network = SpikeCodingNetwork(decoder=random_decoder(1, DELAYED, size=1.0), decay=DECAY)
    poisson = float(network.poisson_error(np.abs(drive).mean())[0])
    axes.axhline(poisson, color="grey", ls="--", lw=1)
    axes.text(1e3 * DELAYS[0], poisson * 1.05, "Poisson", color="grey", va="bottom")
    axes.set(
        xlabel="delay (ms)",
        ylabel="rms error",
        ylim=(0.01, 2),
        title=f"E  {DELAYED} neurons with delays (×: last to work)",
    )
    axes.legend(loc="upper right", ncols=1)
    return lines
