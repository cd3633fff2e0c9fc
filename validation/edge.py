"""The edge of chaos in a spiking network: simulation of Ostojic's network over the strength J of its synapses.

Random-matrix theory of the effective Jacobian says where a state of mean-field theory loses its stability in rate
dynamics, at J = 0.39, 0.49 or 0.59 mV by its variant. This simulates the network through there, beside three theories:
white-noise mean field (rate, CV), its effective Jacobian (radius), and the state consistent to second order, in which
neurons get noise of the spectrum that they produce (`meanfield.coloured_spectrum`: rate, CV, Fano factor, and the
autocovariance of a neuron's own rate). ``python -m validation edge`` prints it; docs/edge.rst has the table of a
full run and what follows from it.

Time is in steps of 0.05 ms, of which delay (0.55 ms) and refractory period (0.5 ms) are whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._validate import FloatArray, check, check_scalar, check_whole
from meanfield.randommatrix import critical_weight, effective_jacobian
from meanfield.randommatrix.jacobian import VARIANTS
from meanfield.units import mV
from validation import slowness, statistics
from validation.report import to_json
from validation.results import Simulation
from validation.statistics import Estimate
from validation.sweep import simulate_many

WEIGHTS = tuple(w * mV for w in (0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8))
STEP = 5e-5  # s
FANO_WINDOW = 0.2  # s
SLOW_WINDOW = 0.1  # s, for correlations beside those of statistics.COUNT_WINDOW
SYNAPSES = 1000  # a neuron
_SIGNIFICANT = 3.0  # standard errors of the slow variance, for a time scale
_MEASURED = ("rate", "cv", "fano", "correlation", "slow_correlation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Theory at one weight: white-noise mean field, its radii by variant, and the coloured state (NaN if none).

    `fano` is of long windows; `slow_variance` and `slow_time` [s] are as `slowness.fit` finds them. The errors are
    statistical, since the coloured state is found by simulation of representative neurons.
    """

    weight: float
    rate: float
    cv: float
    radius: dict[str, float]
    coloured_rate: float
    coloured_rate_error: float
    coloured_cv: float
    fano: float
    slow_variance: float
    slow_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Simulation at one weight; errors are over independent networks.

    Attributes
    ----------
    weight : float
        J [V].
    rate, cv : Estimate
        Mean over all neurons [Hz], and of their CV.
    fano : Estimate
        Of a neuron's counts in 0.2 s.
    slow_variance, slow_time, spread : Estimate
        Of a neuron's own rate: variance over its squared mean at a lag of 20 ms, time scale [s] (NaN where the
        variance is not above 0 by 3 errors), and standard deviation over neurons of the mean rate, over its mean.
    correlation, slow_correlation : Estimate
        Mean pairwise correlation of counts in 5 ms and in 100 ms.
    """

    weight: float
    rate: Estimate
    cv: Estimate
    fano: Estimate
    slow_variance: Estimate
    slow_time: Estimate
    spread: Estimate
    correlation: Estimate
    slow_correlation: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What `edge` found; prints as a table.

    Attributes
    ----------
    size : int
        Number of neurons.
    critical : dict of str to float
        J at which the radius is 1 [V], by variant.
    predictions : tuple of Prediction
    measurements : tuple of Measurement
        By weight.
    """

    size: int
    critical: dict[str, float]
    predictions: tuple[Prediction, ...]
    measurements: tuple[Measurement, ...]

    def __str__(self) -> str:
        heads = ("J (mV)", "", "rate (Hz)", "CV", "Fano", "slow var", "time (ms)", "corr 5 ms", "corr 100 ms", "radius")
        widths = (6, 11, 15, 15, 15, 15, 13, 17, 17, 8)
        lines = ["".join(f"{word:>{width}}" for word, width in zip(heads, widths, strict=True))]
        for p, m in zip(self.predictions, self.measurements, strict=True):
            radius = " ".join(f"{r:.3f}" for r in p.radius.values())
            rows = (
                (f"{p.weight / mV:.4g}", "mean field", f"{p.rate:.2f}", f"{p.cv:.3f}", *[""] * 5, f"  {radius}"),
                (
                    *("", "coloured", _pair(p.coloured_rate, p.coloured_rate_error, 1), _number(p.coloured_cv, 3)),
                    *(_number(p.fano, 2), _number(p.slow_variance, 3), _number(1e3 * p.slow_time, 0), "", "", ""),
                ),
                (
                    *("", "simulation", _pair(m.rate.mean, m.rate.error, 2), _pair(m.cv.mean, m.cv.error, 3)),
                    *(_pair(m.fano.mean, m.fano.error, 2), _pair(m.slow_variance.mean, m.slow_variance.error, 3)),
                    _pair(1e3 * m.slow_time.mean, 1e3 * m.slow_time.error, 1),
                    _pair(m.correlation.mean, m.correlation.error, 4),
                    *(_pair(m.slow_correlation.mean, m.slow_correlation.error, 4), ""),
                ),
            )
            lines += ["".join(f"{word:>{width}}" for word, width in zip(row, widths, strict=True)) for row in rows]
        found = ", ".join(f"{value / mV:.3f} mV ({name})" for name, value in self.critical.items())
        lines.append(f"radius 1 in theory: J = {found}; {self.size} neurons; radii in the same order")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        return to_json(self.to_dict())


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _pair(value: float, error: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f} ±{_number(error, digits)}"


def edge(
    weights: Sequence[float] = WEIGHTS,
    *,
    size: int = 10_000,
    trials: int = 4,
    duration: float = 5.0,
    theory_time: float = 4000.0,
    dt: float = STEP,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> Edge:
    """Simulate Ostojic's network over the strength of its synapses, beside the theories of its state.

    Parameters
    ----------
    weights : sequence of float
        J [V].
    size : int
        Number of neurons, above 1000; in-degrees stay as they are.
    trials : int
        Independent networks at each weight, 2 at least.
    duration : float
        Time to record of each [s], above 0.5 s.
    theory_time : float
        Time that representative neurons are simulated for in each iteration of the coloured state [s].
    dt, rng, processes, store, progress
        As of `simulate_many`.

    Returns
    -------
    Edge

    Raises
    ------
    ValueError, TypeError
        For what is out of these ranges, and as of `simulate_many`.
    """
    weights = [float(w) for w in np.unique(check("weights", weights, "V", positive=True).reshape(-1))]
    size = check_whole("size", size, at_least=SYNAPSES + 1)
    trials = check_whole("trials", trials, at_least=2)
    if check_scalar("duration", duration, "s") <= 2 * slowness.LAST_LAG:
        raise ValueError(f"duration must be above {2 * slowness.LAST_LAG:g} s, twice the longest lag, got {duration} s")
    runs = [weight for weight in weights for _ in range(trials)]
    summaries = simulate_many(
        [network(weight, size) for weight in runs],
        summary=summarise,
        duration=duration,
        warmup=0.5,
        dt=dt,
        rng=rng,
        processes=processes,
        store=store,
        progress=progress,
    )
    groups = [summaries[k * trials : (k + 1) * trials] for k in range(len(weights))]
    described = tqdm(weights, disable=not progress, desc="theory")
    return Edge(
        size=size,
        critical={v: critical_weight(network, bounds=(0.05 * mV, 2 * mV), variant=v, size=size) for v in VARIANTS},
        predictions=tuple(predict(weight, size, theory_time) for weight in described),
        measurements=tuple(measure(weight, group) for weight, group in zip(weights, groups, strict=True)),
    )


def network(weight: float, size: float) -> mf.Network:
    """Ostojic's network of `size` neurons, each with 1000 synapses whatever the size."""
    return mf.models.ostojic2014(weight=weight, epsilon=SYNAPSES / size)


def predict(weight: float, size: int, theory_time: float) -> Prediction:
    """Theory at one weight."""
    fp = mf.solve(network(weight, size))
    nothing = {"coloured_rate": math.nan, "coloured_rate_error": math.nan, "coloured_cv": math.nan}
    found: dict[str, float] = nothing | {"fano": math.nan, "slow_variance": math.nan, "slow_time": math.nan}
    try:
        coloured = mf.coloured_spectrum(fp, duration=theory_time)
    except mf.ConvergenceError:
        coloured = None
    if coloured is not None:
        rate, spectrum = float(coloured.rate[0]), coloured.spectra[:, 0]
        slow = slowness.fit(slowness.autocovariance_of_spectrum(coloured.f, spectrum, rate))
        found = {
            "coloured_rate": rate,
            "coloured_rate_error": float(coloured.rate_error[0]),
            "coloured_cv": float(coloured.cv[0]),
            "fano": float(spectrum[0]) / rate,
            "slow_variance": slow.variance,
            "slow_time": slow.time if slow.variance > 0 else math.nan,
        }
    return Prediction(
        weight=weight,
        rate=float(fp.rate[0]),
        cv=float(fp.cv[0]),
        radius={variant: effective_jacobian(fp, variant).radius for variant in VARIANTS},
        **found,
    )


def summarise(simulation: Simulation) -> dict[str, Any]:
    """What is kept of a run: E and I neurons have the same properties and inputs, and count as one population."""
    n, duration = sum(simulation.network.sizes), simulation.duration
    times, indices = together(simulation)
    counts = statistics.counts_in_windows(times, indices, n, duration, slowness.BIN)
    long = statistics.counts_in_windows(times, indices, n, duration, FANO_WINDOW)
    unbiased = long.shape[1] / (long.shape[1] - 1)
    sample = np.random.default_rng(0).choice(n, min(n, statistics.SAMPLE), replace=False)
    slow = statistics.counts_in_windows(times, indices, n, duration, SLOW_WINDOW)
    return {
        "rate": float(statistics.rates(indices, n, duration).mean()),
        "cv": float(statistics.cvs(statistics.Intervals.of(times, indices), n).mean()),
        "fano": float(statistics.fano_factors(long).mean()) * unbiased,
        "autocovariance": slowness.autocovariance(counts),
        "correlation": statistics.pairwise_correlation(counts[sample]),
        "slow_correlation": statistics.pairwise_correlation(slow[sample]),
    }


def together(simulation: Simulation) -> tuple[FloatArray, Any]:
    """Spikes of all populations, ascending in time, neurons counted through."""
    first = np.cumsum([0, *simulation.network.sizes])
    times = np.concatenate(simulation.times)
    indices = np.concatenate([index + start for index, start in zip(simulation.indices, first[:-1], strict=True)])
    order = np.argsort(times, kind="stable")
    return times[order], indices[order]


def measure(weight: float, summaries: Sequence[dict[str, Any]]) -> Measurement:
    """Put the trials of one weight together."""
    fits = [slowness.fit(found["autocovariance"]) for found in summaries]
    variance = Estimate.of([one.variance for one in fits])
    is_slow = variance.mean > _SIGNIFICANT * variance.error
    return Measurement(
        weight=weight,
        slow_variance=variance,
        slow_time=Estimate.of([one.time for one in fits]) if is_slow else Estimate(math.nan, math.nan),
        spread=Estimate.of([math.sqrt(max(one.plateau, 0.0)) for one in fits]),
        **{name: Estimate.of([found[name] for found in summaries]) for name in _MEASURED},
    )
