"""What separates white-noise theory from a simulated network: finite jumps, the time step, and what trains share.

The rates of a network of LIF neurons as the diffusion has them and as finite jumps do (`meanfield.with_finite_jumps`)
stand beside rates simulated at several time steps, and beside those of single neurons that get independent Poisson
trains at the network's own rates: in theory, and simulated from event to event (`validation.shot`). What is left
between these and the network comes of its trains, which are neither independent nor Poisson.
``python -m validation finite-jumps`` prints it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check, check_rng, check_scalar, check_whole
from validation.amplitudes import noise_factor
from validation.report import to_json
from validation.shot import single_neuron
from validation.simulation import draw_seeds, simulate
from validation.statistics import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class FiniteJumps:
    """Rates of one population of a network [Hz].

    Attributes
    ----------
    label : str
    diffusion, finite_jumps : float
        Self-consistent rates in theory.
    simulated : dict of float to Estimate
        Of the network, by time step [s].
    limit : Estimate
        Extrapolated to no time step, on a line through the two shortest.
    alone_diffusion, alone : float
        Theory's rate of a neuron under independent Poisson trains at the rates of the network, `limit`.
    alone_simulated : (float, float)
        The same from event to event, and its standard error.
    alone_in_steps : dict of float to (float, float)
        The same in time steps [s].
    """

    label: str
    diffusion: float
    finite_jumps: float
    simulated: dict[float, Estimate]
    limit: Estimate
    alone_diffusion: float
    alone: float
    alone_simulated: tuple[float, float]
    alone_in_steps: dict[float, tuple[float, float]]

    def __str__(self) -> str:
        steps = [f"steps of {d * 1e3:g} ms {r.mean - self.limit.mean:+.3f} Hz" for d, r in self.simulated.items()]
        lines = [
            f"{self.label}: rates [Hz]",
            f"{'theory, diffusion':44}{self.diffusion:8.3f}",
            f"{'theory, finite jumps':44}{self.finite_jumps:8.3f}",
            f"{'network, no time step (extrapolated)':44}{self.limit}",
            *(f"{f'network, steps of {dt * 1e3:g} ms':44}{rate}" for dt, rate in sorted(self.simulated.items())),
            "a neuron under independent Poisson trains at the network's rates",
            f"{'  theory, diffusion':44}{self.alone_diffusion:8.3f}",
            f"{'  theory, finite jumps':44}{self.alone:8.3f}",
            f"{'  from event to event':44}{self.alone_simulated[0]:8.3f} ± {self.alone_simulated[1]:.3f} (s.e.)",
            *(
                f"{f'  in steps of {dt * 1e3:g} ms':44}{rate:8.3f} ± {error:.3f}"
                for dt, (rate, error) in sorted(self.alone_in_steps.items())
            ),
            f"finite jumps {self.finite_jumps - self.diffusion:+.3f} Hz, "
            f"correlations {self.limit.mean - self.finite_jumps:+.3f} Hz, " + ", ".join(steps),
        ]
        return "\n".join(lines)

    def to_json(self) -> str:
        """All numbers, as JSON."""
        return to_json(asdict(self))


def finite_jumps(
    network: mf.Network,
    *,
    amplitudes: str = "fixed",
    dts: Sequence[float] = (1e-4, 5e-5, 2.5e-5),
    duration: float = 2.0,
    trials: int = 2,
    spikes: int = 20_000,
    population: int = 0,
    rng: Any = 1,
    progress: bool = False,
) -> FiniteJumps:
    """Measure what separates the diffusion from a simulated network of LIF neurons.

    Parameters
    ----------
    network : Network
        As `meanfield.with_finite_jumps` takes it.
    amplitudes : {"fixed", "exponential"}
        How jumps are distributed. The diffusion has the variance of these amplitudes.
    dts : sequence of float
        Time steps [s], two at least.
    duration : float
        Recorded time of a run [s]; each step has `trials` of them.
    spikes : int
        Of the neuron that is simulated from event to event.
    population : int
        Whose rates are told.

    Raises
    ------
    ValueError, TypeError
        As `simulate` and `with_finite_jumps`.
    """
    shot = mf.with_finite_jumps(network, amplitudes)
    factor = noise_factor(amplitudes)
    dts = sorted(float(dt) for dt in check("dts", list(dts), "s", positive=True))
    if len(dts) < 2:
        raise ValueError(f"dts must be two time steps at least, got {dts!r}")
    duration = check_scalar("duration", duration, "s", positive=True)
    trials = check_whole("trials", trials, at_least=2)
    generator = check_rng(rng)
    rates = {}
    for dt in dts:
        runs = [
            simulate(shot, duration=duration, dt=dt, rng=seed, progress=progress).rate
            for seed in draw_seeds(generator, trials)
        ]
        rates[dt] = np.array(runs)
    by_step = {dt: Estimate.of(found[:, population]) for dt, found in rates.items()}
    first, second = dts[:2]
    slope = first / (second - first)
    own = (1.0 + slope) * rates[first].mean(axis=0) - slope * rates[second].mean(axis=0)
    error = np.hypot((1.0 + slope) * by_step[first].error, slope * by_step[second].error)
    limit = Estimate(float(own[population]), float(error))
    mu, sigma = (float(moment[population]) for moment in network.input_moments(own))
    neuron: Any = shot.neurons[population]
    mu -= neuron.mu_0
    inputs = tuple(map(float, neuron.receptors.rates(mu, sigma)))
    train = single_neuron(neuron, *inputs, spikes=spikes, rng=generator)
    return FiniteJumps(
        label=f"{network.label}, {network.names[population]}",
        diffusion=float(mf.solve(with_noise(network, factor)).rate[population]),
        finite_jumps=float(mf.solve(shot).rate[population]),
        simulated=by_step,
        limit=limit,
        alone_diffusion=network.neurons[population].rate(mu + neuron.mu_0, math.sqrt(factor) * sigma),
        alone=neuron.rate(mu, sigma),
        alone_simulated=train.rate,
        alone_in_steps={dt: single_neuron(neuron, *inputs, spikes=spikes, dt=dt, rng=generator).rate for dt in dts},
    )


def with_noise(network: mf.Network, factor: float) -> mf.Network:
    """Return the network with so many times the variance of all input, at the same mean: fewer spikes, and larger."""
    drives = [
        replace(drive, indegree=drive.indegree / factor, weight=drive.weight * factor)
        if isinstance(drive, mf.PoissonDrive)
        else drive
        for drive in network.drives
    ]
    return replace(network, indegree=network.indegree / factor, weight=network.weight * factor, drives=drives)
