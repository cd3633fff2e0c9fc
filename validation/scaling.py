"""Excitation and inhibition over the indegree K: theory and simulation of weights ~ K^-1/2, and other powers.

The network is Brunel's with strong inhibition (g = 8), driven as strongly as it fires in the limit of large K (20 Hz),
with the number of neurons fixed. Its delays are spread, 0.1 ms and an exponential part of 2 ms: with a fixed delay D
the fast oscillation (as in Brunel 2000) begins at some K, since the loop's gain grows as sqrt(K), here between K = 300
and 1000 for D = 1.5 ms. Even with D = 0.1 ms, stable in theory at all K here, the common input of neurons that share
synapses counts: at K = 10,000, N = 12,500 the variance is 490 mV² against 141 of independent sources.
``python -m validation scaling`` prints it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check_whole
from meanfield.balance import Exponent, Scaling, power_law
from meanfield.balance.scaling import QUANTITIES
from meanfield.units import Hz, ms, mV
from validation.results import Simulation
from validation.statistics import Estimate
from validation.sweep import simulate_many

INDEGREES = (100, 300, 1000, 3000, 10_000)
NEURONS = 12_500
SAMPLED = 100  # neurons a population whose currents are recorded
_LOOP = 0.2 * mV  # weight at K = 1000
_G, _DRIVE = 8.0, 20 * Hz
_DELAY = mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)
_COLUMNS = ("rate", *QUANTITIES)
_SCALES = {"rate": (1.0, "Hz"), "variance": (1e-6, "mV²")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingReport:
    """Theory and simulation of one way of scaling weights; prints as a table.

    Attributes
    ----------
    theory : meanfield.balance.Scaling
    measured : dict of str to tuple of Estimate
        Of E, by K: rate [Hz], excitation, inhibition, net [V] and variance [V²] (sigma²/2); errors over trials.
    exponents : dict of str to Exponent
        Fitted to the simulation; the error is that of the straight line, which is not exactly one at finite K.
    trials, duration, size
        Of the simulation; number, [s], neurons.
    """

    theory: Scaling
    measured: dict[str, tuple[Estimate, ...]]
    exponents: dict[str, Exponent]
    trials: int
    duration: float
    size: int

    def __str__(self) -> str:
        head = (
            f"J ~ K^{self.theory.exponent:g}: N = {self.size}, {self.trials} trials of {self.duration:g} s, E neurons"
        )
        lines = [head, f"{'K':>7}{'':12}" + "".join(f"{name:>18}" for name in _COLUMNS)]
        lines += [f"{'':19}" + "".join(f"{_scale(name)[1]:>18}" for name in _COLUMNS)]
        for k, indegree in enumerate(self.theory.indegree):
            own = [getattr(self.theory, name)[k, 0] / _scale(name)[0] for name in _COLUMNS]
            word = "theory" if self.theory.is_stable[k] else "unstable"
            lines.append(f"{indegree:7g}{word:>12}" + "".join(f"{value:18.4g}" for value in own))
            found = [self.measured[name][k] for name in _COLUMNS]
            scaled = [Estimate(e.mean / s, e.error / s) for e, s in zip(found, map(_factor, _COLUMNS), strict=True)]
            lines.append(f"{'':7}{'simulation':>12}" + "".join(f"{e!s:>18}" for e in scaled))
        fitted = self.theory.exponents()
        lines.append(f"{'power':>7}{'theory':>12}{'':18}" + "".join(f"{fitted[name][0]!s:>18}" for name in QUANTITIES))
        lines.append(f"{'':7}{'simulation':>12}{'':18}" + "".join(f"{self.exponents[n]!s:>18}" for n in QUANTITIES))
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "exponent": self.theory.exponent,
            "indegree": self.theory.indegree.tolist(),
            "is_stable": self.theory.is_stable.tolist(),
            "theory": {name: getattr(self.theory, name)[:, 0].tolist() for name in _COLUMNS},
            "simulation": {name: [asdict(e) for e in found] for name, found in self.measured.items()},
            "exponents_theory": {name: asdict(found[0]) for name, found in self.theory.exponents().items()},
            "exponents_simulation": {name: asdict(found) for name, found in self.exponents.items()},
            "trials": self.trials,
            "duration": self.duration,
            "size": self.size,
        }


def _scale(name: str) -> tuple[float, str]:
    return _SCALES.get(name, (1e-3, "mV"))


def _factor(name: str) -> float:
    return _scale(name)[0]


def reference(size: int = NEURONS) -> mf.Network:
    """The network at K = 1000, of `size` neurons."""
    eta = _DRIVE * 1000 * _LOOP * 20 * ms / (20 * mV)  # its drive in units of Brunel's threshold rate
    return mf.models.brunel2000(g=_G, eta=eta, weight=_LOOP, delay=_DELAY, epsilon=1000 / (0.8 * size))


def scaling(
    *,
    exponent: float = -0.5,
    indegrees: Sequence[int] = INDEGREES,
    size: int = NEURONS,
    trials: int = 2,
    duration: float = 1.0,
    dt: float = 1e-4,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> ScalingReport:
    """Simulate the network over its indegree, and set it against the theory.

    Parameters
    ----------
    exponent : float
        Of the weights, J ~ K^exponent.
    indegrees : sequence of int
        Values of K, two at least.
    size : int
        Number of neurons; K may be up to 0.8 of it. A run takes some 16 bytes of memory for each of its 1.25 K N
        synapses: 10 GB for K = 10,000 and N = 50,000.
    trials : int
        Independent runs at each K, two at least for errors of what is measured.
    duration, dt, rng, processes, store, progress
        As of `simulate_many`.

    Returns
    -------
    ScalingReport

    Raises
    ------
    ValueError
        For a K larger than the number of excitatory neurons, or no trial.
    """
    trials = check_whole("trials", trials, at_least=1)
    theory = mf.balance.scaling(reference(size), sorted(indegrees), exponent)
    groups = simulate_scaling(
        theory, trials=trials, duration=duration, dt=dt, rng=rng, processes=processes, store=store, progress=progress
    )
    measured = {name: tuple(Estimate.of([one[name] for one in group]) for group in groups) for name in _COLUMNS}
    exponents = {
        name: power_law(theory.indegree, np.abs([estimate.mean for estimate in measured[name]])) for name in QUANTITIES
    }
    return ScalingReport(
        theory=theory, measured=measured, exponents=exponents, trials=trials, duration=duration, size=size
    )


def simulate_scaling(theory: Scaling, *, trials: int, **options: Any) -> list[list[dict[str, float]]]:
    """What `summarise` finds in each trial of the networks of a scaling, by K; options as of `simulate_many`."""
    found = simulate_many(
        [network for network in reversed(theory.networks) for _ in range(trials)],  # the longest first
        summary=summarise,
        warmup=0.2,
        currents=SAMPLED,
        current_bin=1e-3,
        **options,
    )
    n = len(theory.networks)
    return [found[k * trials : (k + 1) * trials] for k in reversed(range(n))]


def summarise(simulation: Simulation) -> dict[str, float]:
    """Rate and inputs of the first population; its currents are those of the sampled neurons."""
    return {
        "rate": float(simulation.rate[0]),
        "excitation": float(simulation.currents.excitation[0].mean()),
        "inhibition": float(simulation.currents.inhibition[0].mean()),
        "net": float(simulation.mu[0].mean()),
        "variance": float((simulation.sigma[0] ** 2).mean() / 2.0),
    }
