"""Noise suppression by feedback, simulated: a network intact, and its feedback cut and replaced by a replay.

Beside it linear response (`meanfield.windowed_noise`), with the spectra of spike trains that the network's own noise
makes (`meanfield.coloured_spectrum`). ``python -m validation suppression`` prints it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check_scalar, check_whole
from validation import statistics
from validation.replay import KINDS, replay_network
from validation.report import to_json
from validation.results import Simulation
from validation.simulation import draw_seeds, simulate
from validation.statistics import Estimate

QUANTITIES = ("power", "correlation", "excitation", "inhibition", "net")
FEEDBACK = ("intact", *KINDS)
_HEADS = ("power (Hz)", "spike counts", "excitation", "inhibition", "net input")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Fluctuations with feedback and without; prints as a table.

    Attributes
    ----------
    network : meanfield.Network
    window : float
        T [s], of counts and inputs.
    theory : dict of str to meanfield.WindowedNoise
        By kind of feedback: "intact", "recorded" and "independent".
    measured : dict of str to dict of str to tuple of P Estimate
        By kind and by `QUANTITIES`, the attributes of `WindowedNoise`; means and errors over simulated networks.
    rate : dict of str to tuple of P Estimate
        Rates of the neurons [Hz], by kind.
    trials, duration
        Of the simulation; number, [s].
    """

    network: mf.Network
    window: float
    theory: dict[str, mf.WindowedNoise]
    measured: dict[str, dict[str, tuple[Estimate, ...]]]
    rate: dict[str, tuple[Estimate, ...]]
    trials: int
    duration: float

    def __str__(self) -> str:
        words = f"{self.trials} trials of {self.duration:g} s, windows of {self.window * 1e3:g} ms"
        lines = [f"{self.network.label}: {words}; theory, then simulation"]
        heads = "".join(f"{head:>30}" for head in _HEADS)
        lines.append(f"{'':4}{'feedback':12}{'rate (Hz)':>16}{heads}")
        for i, name in enumerate(self.network.names):
            for kind in FEEDBACK:
                cells = [
                    f"{float(getattr(self.theory[kind], q)[i]):.3g}  {self.measured[kind][q][i]}" for q in QUANTITIES
                ]
                lines.append(f"{name:4}{kind:12}{self.rate[kind][i]!s:>16}" + "".join(f"{cell:>30}" for cell in cells))
        return "\n".join(lines)

    def to_json(self) -> str:
        """JSON text."""
        table = {
            name: {
                kind: {"rate": asdict(self.rate[kind][i])}
                | {
                    q: {"theory": float(getattr(self.theory[kind], q)[i]), **asdict(self.measured[kind][q][i])}
                    for q in QUANTITIES
                }
                for kind in FEEDBACK
            }
            for i, name in enumerate(self.network.names)
        }
        head = {"network": self.network.label, "window": self.window, "trials": self.trials, "duration": self.duration}
        return to_json(head | {"found": table})


def suppression(
    network: mf.Network,
    *,
    window: float = 0.05,
    duration: float = 3.0,
    trials: int = 3,
    dt: float = 1e-4,
    inputs: int = 200,
    coloured: bool = True,
    rng: Any = 1,
    progress: bool = False,
) -> Suppression:
    """Simulate a network, replay its spikes to neurons that it does not hear, and set both against linear response.

    Parameters
    ----------
    network : meanfield.Network
        Of LIF neurons without synaptic filters, with fixed delays, in a stable state.
    window : float
        Of counts and inputs [s].
    duration, dt : float
        As of `simulate` [s].
    trials : int
        Networks, two at least for errors.
    inputs : int
        Neurons a population whose inputs are compared.
    coloured : bool
        Theory with the self-consistent spectra of spike trains, which are more regular than white noise makes them.
    rng : int or numpy Generator
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Suppression

    Raises
    ------
    ValueError, TypeError, SimulationUnavailable
        As `meanfield.windowed_noise`, `simulate` and `replay_network`.
    """
    trials = check_whole("trials", trials, at_least=2)
    window = check_scalar("window", window, "s", positive=True)
    fp = mf.solve(network)
    spectra = mf.coloured_spectrum(fp) if coloured else None
    kinds = {"intact": None} | {kind: kind for kind in KINDS}
    theory = {k: mf.windowed_noise(fp, window, replay=replay, auto_spectra=spectra) for k, replay in kinds.items()}
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in FEEDBACK}
    for seed in draw_seeds(rng, trials):
        run = simulate(
            network, duration=duration, dt=dt, rng=seed, currents=inputs, current_bin=window, progress=progress
        )
        found["intact"].append(of_network(run, window))
        for kind in KINDS:
            cut = replay_network(run, replay=kind, window=window, inputs=inputs, rng=seed)
            found[kind].append(fluctuations(cut.counts, cut.excitation, cut.inhibition, window))
    populations = range(network.n_populations)
    return Suppression(
        network=network,
        window=window,
        theory=theory,
        measured={
            kind: {q: tuple(Estimate.of([one[q][i] for one in runs]) for i in populations) for q in QUANTITIES}
            for kind, runs in found.items()
        },
        rate={
            kind: tuple(Estimate.of([one["rate"][i] for one in runs]) for i in populations)
            for kind, runs in found.items()
        },
        trials=trials,
        duration=duration,
    )


def of_network(run: Simulation, window: float) -> dict[str, list[float]]:
    """`fluctuations` of a simulated network whose currents were recorded in bins of `window` [s]."""
    counts = [
        statistics.counts_in_windows(times, indices, size, run.duration, window)
        for times, indices, size in zip(run.times, run.indices, run.network.sizes, strict=True)
    ]
    return fluctuations(counts, run.currents.excitation, run.currents.inhibition, window)


def fluctuations(counts: Any, excitation: Any, inhibition: Any, window: float) -> dict[str, list[float]]:
    """Rates and `QUANTITIES` of every population, from (neurons, windows) of each."""
    correlation = statistics.pairwise_correlation
    return {
        "rate": [float(x.mean() / window) for x in counts],
        "power": [float(x.mean(axis=0).var(ddof=1) / window) for x in counts],
        "correlation": [correlation(x) for x in counts],
        "excitation": [_or_none(x) for x in excitation],
        "inhibition": [_or_none(x) for x in inhibition],
        "net": [_or_none(e + i) for e, i in zip(excitation, inhibition, strict=True)],
    }


def _or_none(inputs: FloatArray) -> float:
    """Correlation of inputs; 0 where there are none, as in theory."""
    return statistics.pairwise_correlation(inputs) if np.ptp(inputs) > 0 else 0.0
