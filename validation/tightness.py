"""Loose and tight balance: theory (`meanfield.balance.tightness`) beside simulations with recorded currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import meanfield as mf
from meanfield._validate import check_scalar, check_whole
from meanfield.balance import Tightness
from meanfield.balance.recorded import check_duration
from meanfield.balance.report import tightness_table
from validation.report import to_json
from validation.results import Simulation
from validation.sweep import simulate_many

SAMPLED = 100  # neurons a population whose currents are recorded
BIN = 5e-4  # s, of currents: spectra to 500 Hz


@dataclass(frozen=True, slots=True, kw_only=True)
class TightnessReport:
    """Tightness in theory and in simulation, at the same frequencies and windows; prints as a table.

    Attributes
    ----------
    theory, simulation : meanfield.balance.Tightness
    trials, duration
        Of the simulation; number, and [s].
    """

    theory: Tightness
    simulation: Tightness
    trials: int
    duration: float

    def __str__(self) -> str:
        return f"{self.trials} trials of {self.duration:g} s\n{tightness_table(self.theory, self.simulation)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "theory": self.theory.to_dict(),
            "simulation": self.simulation.to_dict(),
            "trials": self.trials,
            "duration": self.duration,
        }

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        return to_json(self.to_dict())


def tightness(
    network: mf.Network,
    *,
    duration: float = 10.0,
    warmup: float = 0.3,
    trials: int = 2,
    dt: float = 1e-4,
    coloured: bool = True,
    rng: Any = 1,
    processes: int | None = None,
    progress: bool = False,
) -> TightnessReport:
    """Measure how tightly excitation and inhibition balance in a simulated network, and set theory beside it.

    Parameters
    ----------
    network : meanfield.Network
    duration : float
        Of a trial [s]; windows are as long as a tenth of it.
    trials : int
        Independent networks, that are taken together.
    coloured : bool
        Whether theory takes the spectra of spike trains that the network makes for itself, which takes seconds (LIF
        neurons only), rather than those of white noise.
    warmup, dt, rng, processes, progress
        As of `simulate_many`.

    Returns
    -------
    TightnessReport

    Raises
    ------
    ValueError
        For an unstable state, which has no theory; `meanfield.balance.tightness` measures its simulation all the same.
        For a duration below 2 s.
    """
    trials = check_whole("trials", trials, at_least=1)
    duration = check_duration(check_scalar("duration", duration, "s", positive=True))
    state = mf.solve(network)
    mf.balance.tightness(state, f=[1.0], windows=[1e-3])  # refuses before anything is simulated
    found = simulate_many(
        [network] * trials,
        summary=whole,
        duration=duration,
        warmup=warmup,
        dt=dt,
        rng=rng,
        currents=SAMPLED,
        current_bin=BIN,
        processes=processes,
        progress=progress,
    )
    measured = mf.balance.tightness(found)
    spectra = mf.coloured_spectrum(state) if coloured else None
    theory = mf.balance.tightness(state, f=measured.frequency, windows=measured.window, auto_spectra=spectra)
    return TightnessReport(theory=theory, simulation=measured, trials=trials, duration=duration)


def whole(simulation: Simulation) -> Simulation:
    """Keep all of a run."""
    return simulation
