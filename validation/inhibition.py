"""The strength of inhibition: mean ~ -g, variance ~ g², and where a network passes from mean- to fluctuation-driven.

Brunel's network at eta = 2 along g, in theory (`meanfield.balance.inhibition`) and simulated, with delays that are
spread (0.1 ms and an exponential part of 2 ms), so that it does not oscillate. ``python -m validation inhibition``
prints it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check, check_whole
from meanfield.balance import Exponent, Inhibition, power_law
from meanfield.units import Hz, ms, mV
from validation import statistics
from validation.report import to_json
from validation.results import Simulation
from validation.statistics import Estimate
from validation.sweep import simulate_many

STRENGTHS = (4.5, 5.0, 5.5, 6.0, 7.0, 8.0)
SAMPLED = 100  # neurons a population whose currents are recorded
_ETA = 2.0
_DELAY = mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)
_UNITS = {  # of what is measured, and its words
    "rate": (Hz, "rate (Hz)"),
    "cv": (1.0, "CV"),
    "distance": (mV, "v_th - mu (mV)"),
    "variance": (mV**2, "variance (mV²)"),
    "mean_inhibition": (mV / Hz, "-I/rate (mV/Hz)"),
    "variance_inhibition": (mV**2 / Hz, "var I/rate (mV²/Hz)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitionReport:
    """Theory and simulation along g, of E neurons; prints as a table.

    Attributes
    ----------
    theory : meanfield.balance.Inhibition
    cv_coloured : (n,) array
        CV in the noise that the network makes for itself; the CV of `theory` is that of white noise.
    measured : dict of str to tuple of Estimate
        By g: rate [Hz], cv, distance of the mean input below threshold [V], variance sigma²/2 [V²], and mean and
        variance of inhibition alone over the rate [V/Hz, V²/Hz].
    powers : dict of str to Exponent
        Of g, of the last two: 1 and 2 in theory at given rates.
    crossing : Estimate
        g at which the mean input passes the threshold, in the simulation.
    crossing_theory : float
    trials, duration
        Of the simulation; number, [s].
    """

    theory: Inhibition
    cv_coloured: Any
    measured: dict[str, tuple[Estimate, ...]]
    powers: dict[str, Exponent]
    crossing: Estimate
    crossing_theory: float
    trials: int
    duration: float

    def __str__(self) -> str:
        lines = [f"along g, {self.trials} trials of {self.duration:g} s, E neurons"]
        lines.append(f"{'g':>5}{'':12}" + "".join(f"{words:>22}" for _, words in _UNITS.values()))
        columns = self._theory()
        for k, g in enumerate(self.theory.value):
            own = [columns[name][k] / unit for name, (unit, _) in _UNITS.items()]
            found = [self.measured[name][k] for name in _UNITS]
            scaled = [Estimate(e.mean / u, e.error / u) for e, (u, _) in zip(found, _UNITS.values(), strict=True)]
            lines.append(f"{g:5g}{'theory':>12}" + "".join(f"{value:22.4g}" for value in own))
            lines.append(f"{'':5}{'simulation':>12}" + "".join(f"{e!s:>22}" for e in scaled))
        mean, variance = self.powers["mean_inhibition"], self.powers["variance_inhibition"]
        lines.append(
            f"inhibition over rate, simulated: mean ~ g^({mean}), variance ~ g^({variance}); 1 and 2 in theory"
        )
        lines.append(
            f"mean input at threshold: g = {self.crossing_theory:.4g} in theory, {self.crossing} in simulation"
        )
        return "\n".join(lines)

    def _theory(self) -> dict[str, Any]:
        found, network = self.theory, mf.models.brunel2000(g=1.0, eta=_ETA)
        g, j = found.value, network.variance_coupling[0, 1] / 2.0  # at g = 1
        return {
            "rate": found.rate[:, 0],
            "cv": self.cv_coloured,
            "distance": found.distance[:, 0],
            "variance": found.variance[:, 0],
            "mean_inhibition": -found.inhibition[:, 0] / found.rate[:, 0],
            "variance_inhibition": j * g**2,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "g": self.theory.value.tolist(),
            "theory": {name: np.asarray(column).tolist() for name, column in self._theory().items()},
            "simulation": {name: [asdict(e) for e in column] for name, column in self.measured.items()},
            "powers": {name: asdict(power) for name, power in self.powers.items()},
            "crossing": asdict(self.crossing) | {"theory": self.crossing_theory},
            "trials": self.trials,
            "duration": self.duration,
        }

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        return to_json(self.to_dict())


def inhibition(
    *,
    strengths: Sequence[float] = STRENGTHS,
    trials: int = 2,
    duration: float = 1.0,
    dt: float = 1e-4,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> InhibitionReport:
    """Simulate Brunel's network along g, and set it against the theory.

    Parameters
    ----------
    strengths : sequence of float
        Values of g, rising, with the threshold crossed between the first and the last.
    trials : int
        Independent runs at each g, two at least for errors.
    duration, dt, rng, processes, store, progress
        As of `simulate_many`.

    Raises
    ------
    ValueError
        For fewer than two trials or values of g, or if the mean input does not cross the threshold between them.
    """
    trials = check_whole("trials", trials, at_least=2)
    values = check("strengths", strengths, "1", positive=True)
    if values.ndim != 1 or values.size < 2 or (np.diff(values) <= 0.0).any():
        raise ValueError(f"strengths must be two rising values at least, got {strengths!r}")
    fixed = {"eta": _ETA, "delay": _DELAY}
    theory = mf.balance.inhibition(mf.models.brunel2000, values, **fixed)
    crossing = mf.balance.crossing(mf.models.brunel2000, (values[0], values[-1]), **fixed)
    networks = [mf.models.brunel2000(g=g, **fixed) for g in values.tolist()]
    found = simulate_many(
        [network for network in networks for _ in range(trials)],
        summary=summarise,
        duration=duration,
        warmup=0.2,
        dt=dt,
        rng=rng,
        currents=SAMPLED,
        processes=processes,
        store=store,
        progress=progress,
    )
    groups = [found[k * trials : (k + 1) * trials] for k in range(values.size)]
    measured = {name: tuple(Estimate.of([one[name] for one in group]) for group in groups) for name in _UNITS}
    powers = {
        name: power_law(values, np.array([estimate.mean for estimate in measured[name]]))
        for name in ("mean_inhibition", "variance_inhibition")
    }
    crossings = [_zero(values, np.array([group[k]["distance"] for group in groups])) for k in range(trials)]
    return InhibitionReport(
        theory=theory,
        cv_coloured=np.array([mf.coloured_spectrum(mf.solve(network)).cv[0] for network in networks]),
        measured=measured,
        powers=powers,
        crossing=Estimate.of(crossings),
        crossing_theory=crossing.value,
        trials=trials,
        duration=duration,
    )


def summarise(simulation: Simulation) -> dict[str, float]:
    """Rate, CV and inputs of the first population; inhibition alone is that of the sampled neurons, step by step."""
    rate = float(simulation.rate[0])
    rate_inhibiting = float(simulation.rate[1])
    neuron, size = simulation.network.neurons[0], simulation.network.sizes[0]
    alone = simulation.currents.inhibition[0]
    intervals = statistics.Intervals.of(simulation.times[0], simulation.indices[0])
    cv = statistics.cvs(intervals, size)
    return {
        "rate": rate,
        "cv": float(cv.mean()) if cv.size else math.nan,
        "distance": float(neuron.v_th - simulation.mu[0].mean()),
        "variance": float((simulation.sigma[0] ** 2).mean() / 2.0),
        "mean_inhibition": -float(alone.mean()) / rate_inhibiting,
        # Of independent steps of length dt: sigma² = dt var/tau_m, as of `Simulation.sigma`.
        "variance_inhibition": float(alone.var(axis=1).mean()) * simulation.dt / neuron.tau_m / 2.0 / rate_inhibiting,
    }


def _zero(x: Any, y: Any) -> float:
    """Where values rise through 0, by the polynomial through the four points about it (or all); NaN if they do not."""
    rising = np.flatnonzero((y[:-1] <= 0.0) & (y[1:] > 0.0))
    if not rising.size:
        return math.nan
    k = int(rising[0])
    near = slice(max(k - 1, 0), k + 3)
    roots = np.roots(np.polyfit(x[near] - x[k], y[near], y[near].size - 1))
    real = roots.real[np.abs(roots.imag) < 1e-9 * (1.0 + np.abs(roots.real))] + x[k]
    return float(real[np.abs(real - 0.5 * (x[k] + x[k + 1])).argmin()])
