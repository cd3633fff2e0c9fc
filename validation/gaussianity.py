"""What the theory's picture of the input costs: recorded inputs replayed to single neurons as they were, and changed.

Mean-field theory takes the input of a neuron for Gaussian noise, white (`meanfield.solve`) or of the spectrum that the
network's own spike trains have (`meanfield.coloured_spectrum`). Here neurons outside of the network get the inputs that
were recorded within it, as they were; with their Fourier phases drawn anew, which leaves each its spectrum and makes it
Gaussian and stationary; with their steps shuffled, which leaves each its jumps and makes it white; and both. Ratios of
the rates tell what jumps of finite size, bursts and a variance that fluctuates with the population's rate do, apart
from what they do to the network's state. ``python -m validation gaussianity`` prints it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check_rng, check_scalar, check_whole
from validation.report import to_json
from validation.results import Simulation
from validation.simulation import draw_seeds, simulate
from validation.statistics import Estimate

WINDOW = 0.01  # s, of the sums of input whose shape is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Rates of the neurons of one population in changed inputs [Hz], and the shape of the inputs.

    Attributes
    ----------
    recorded : float
        In the network.
    replayed : float
        Outside of it in the same input; differs from `recorded` by the start alone.
    gaussian : float
        Phases drawn anew: Gaussian of the same spectrum.
    shuffled, shuffled_gaussian : float
        Steps in random order: white, of the same jumps; and Gaussian as well, as in mean-field theory.
    skewness, excess_kurtosis : float
        Of the input summed over 10 ms, over neurons and time.
    variance_modulation : float
        Standard deviation over time of the variance over neurons of these sums, relative to its mean: near
        sqrt(2/neurons) if the population's rate does not modulate it.
    """

    recorded: float
    replayed: float
    gaussian: float
    shuffled: float
    shuffled_gaussian: float
    skewness: float
    excess_kurtosis: float
    variance_modulation: float


_ROWS = {
    "recorded": "in the network",
    "replayed": "in its input, replayed",
    "gaussian": "Gaussian, same spectrum",
    "shuffled": "same jumps, white",
    "shuffled_gaussian": "Gaussian and white",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaussianity:
    """`Replay` of a population over several networks; prints as a table.

    Attributes
    ----------
    label : str
        The network and the population.
    neurons, duration
        How many had their inputs recorded, and for how long [s].
    values : dict of str to Estimate
        Means and standard errors over networks, by attribute of `Replay`.
    """

    label: str
    neurons: int
    duration: float
    values: dict[str, Estimate]

    def __str__(self) -> str:
        lines = [f"{self.label}: rates [Hz] of {self.neurons} neurons, {self.duration:g} s"]
        lines += [f"  {words:<26}{self.values[name]!s:>16}" for name, words in _ROWS.items()]
        shape = {name: str(self.values[name]) for name in ("skewness", "excess_kurtosis", "variance_modulation")}
        lines += [f"  {name.replace('_', ' '):<26}{value:>16}" for name, value in shape.items()]
        return "\n".join(lines)

    def to_json(self) -> str:
        """JSON text."""
        values = {name: asdict(found) for name, found in self.values.items()}
        return to_json({"label": self.label, "neurons": self.neurons, "duration": self.duration, "values": values})


def replay(simulation: Simulation, population: int = 0, rng: Any = 1) -> Replay:
    """Replay the inputs of a simulation to neurons outside of it.

    Parameters
    ----------
    simulation : Simulation
        Of `simulate(..., currents=n)` with bins of one step; the LIF neurons must have no noise of their own.
    population : int
    rng : int or numpy Generator
        Decides phases, orders, and where the potentials begin.

    Returns
    -------
    Replay

    Raises
    ------
    ValueError
        Without a recording of every step, or for a network with white noise of its own, which was not recorded.
    TypeError
        For neurons other than LIF without synaptic filters.
    """
    neuron: Any = simulation.network.neurons[population]
    if not isinstance(neuron, mf.LIF) or neuron.tau_s > 0:
        raise TypeError(f"replay is for LIF neurons without synaptic filters, got {neuron!r}")
    if any(isinstance(drive, mf.WhiteNoiseDrive) for drive in simulation.network.drives):
        raise ValueError(f"{simulation.network.label} has white noise, which is not recorded and cannot be replayed")
    currents = simulation.currents
    dt = simulation.dt
    if currents.bin_width > 1.5 * dt:
        raise ValueError(
            f"current_bin must be the time step, {dt:g} s, for inputs to be replayed, got {currents.bin_width:g} s"
        )
    generator = check_rng(rng)
    jumps = currents.net[population] * (dt / neuron.tau_m)  # (neurons, steps) [V]
    n, steps = jumps.shape

    def rate(inputs: FloatArray) -> float:
        return float(_counts(neuron, inputs, dt, generator).mean()) / (steps * dt)

    shuffled = generator.permuted(jumps, axis=1)
    indices = simulation.indices[population]
    sums = _sums(jumps, max(1, round(WINDOW / dt)))
    sums = sums - sums.mean(axis=1, keepdims=True)
    variance = sums.var(axis=0)
    return Replay(
        recorded=float((indices < n).sum()) / n / simulation.duration,
        replayed=rate(jumps),
        gaussian=rate(_new_phases(jumps, generator)),
        shuffled=rate(shuffled),
        shuffled_gaussian=rate(_new_phases(shuffled, generator)),
        skewness=float((sums**3).mean() / (sums**2).mean() ** 1.5),
        excess_kurtosis=float((sums**4).mean() / (sums**2).mean() ** 2 - 3.0),
        variance_modulation=float(variance.std() / variance.mean()),
    )


def gaussianity(
    network: mf.Network,
    *,
    neurons: int = 400,
    duration: float = 2.0,
    trials: int = 3,
    dt: float = 5e-5,
    rng: Any = 1,
    population: int = 0,
    progress: bool = False,
) -> Gaussianity:
    """Simulate a network several times, and replay its inputs.

    Parameters
    ----------
    network : meanfield.Network
    neurons : int
        How many have their inputs recorded; 16 bytes a neuron and step.
    duration, dt : float
        [s]
    trials : int
        Networks, two at least for errors.
    rng : int or numpy Generator
    population : int
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Gaussianity

    Raises
    ------
    ValueError, TypeError, SimulationUnavailable
        As `replay` and `simulate`.
    """
    trials = check_whole("trials", trials, at_least=2)
    neurons = check_whole("neurons", neurons, at_least=2)
    duration = check_scalar("duration", duration, "s", positive=True)
    found = []
    for seed in draw_seeds(rng, trials):
        run = simulate(network, duration=duration, dt=dt, rng=seed, currents=neurons, current_bin=dt, progress=progress)
        found.append(replay(run, population, seed))
    values = {name: Estimate.of([getattr(one, name) for one in found]) for name in Replay.__dataclass_fields__}
    label = f"{network.label}, {network.names[population]}"
    return Gaussianity(label=label, neurons=neurons, duration=duration, values=values)


def _new_phases(jumps: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Each row with the same periodogram and random phases, its mean kept."""
    waves = np.fft.rfft(jumps, axis=1)
    waves[:, 1 : (jumps.shape[1] + 1) // 2] *= np.exp(  # what is left, the mean and the highest frequency, is real
        2j * np.pi * rng.random((len(jumps), (jumps.shape[1] - 1) // 2))
    )
    return np.fft.irfft(waves, n=jumps.shape[1], axis=1)


def _counts(neuron: mf.LIF, jumps: FloatArray, dt: float, rng: np.random.Generator) -> FloatArray:
    """Spikes of one neuron a row, jumps (neurons, steps) [V] added after each step's decay, as in the network."""
    decay, refractory = np.exp(-dt / neuron.tau_m), round(neuron.t_ref / dt)
    v = rng.uniform(neuron.v_reset, neuron.v_th, len(jumps))
    wait = np.zeros(len(jumps), dtype=int)
    counts = np.zeros(len(jumps))
    for arriving in np.ascontiguousarray(jumps.T):
        free = wait == 0
        wait[~free] -= 1
        v[free] = v[free] * decay + arriving[free]
        spiking = v >= neuron.v_th
        counts += spiking
        v[spiking] = neuron.v_reset
        wait[spiking] = refractory
    return counts


def _sums(jumps: FloatArray, width: int) -> FloatArray:
    bins = jumps.shape[1] // width
    return np.asarray(jumps[:, : bins * width].reshape(len(jumps), bins, width).sum(axis=2))
