"""The weight at the edge of chaos, J_c, of Ostojic's network: theory, sampled Jacobians, and the spiking network.

Theory's J_c is where the radius of the effective Jacobian's law passes 1. Two things can be set beside it. One are the
Jacobians of networks that are drawn, whose radius is measured: is J_c that of the rate dynamics that theory speaks of?
The other is the spiking network itself, in which nothing diverges (docs/edge.rst): what can be located there is the
weight at which neurons' own rates begin to fluctuate slowly, where their slow variance turns positive. The coloured
state predicts that one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._validate import FloatArray, check, check_whole
from meanfield.randommatrix import critical_weight, effective_jacobian, growth
from meanfield.randommatrix.jacobian import VARIANTS
from meanfield.units import mV
from validation.crossvalidation import cross_validate
from validation.edge import STEP, SYNAPSES, Edge, edge, network
from validation.report import Report, Row
from validation.simulation import draw_seeds

WEIGHTS = tuple(w * mV for w in (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6))
BOUNDS = (0.05 * mV, 2 * mV)
_AROUND = (0.9, 1.0, 1.1)  # of J_c, where radii are measured
_VECTORS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalWeight:
    """Ostojic's network over its weight, through the edge of chaos.

    Attributes
    ----------
    size : int
        Number of neurons, above 1000; each has 1000 synapses.
    weights : sequence of float
        J at which the spiking network is simulated [V]; none for Jacobians alone, which need no Brian2.
    """

    size: int = 10_000
    weights: Sequence[float] = WEIGHTS

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        ValueError, TypeError
            For a size of 1000 or less, weights that are not positive, or a single one.
        """
        check_whole("size", self.size, at_least=SYNAPSES + 1)
        found = check("weights", self.weights, "V", positive=True).reshape(-1)
        if found.size == 1:
            raise ValueError(f"weights must be two at least, or none, got {found.tolist()}")
        object.__setattr__(self, "weights", tuple(np.unique(found).tolist()))


@cross_validate.register
def cross_validate_edge(
    subject: CriticalWeight,
    *,
    trials: int = 3,
    duration: float = 2.0,
    theory_time: float = 1500.0,
    dt: float = STEP,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> Report:
    """Compare theory's critical weights with sampled Jacobians, and the onset of slow rates with spiking networks.

    Parameters
    ----------
    subject : CriticalWeight
    trials : int
        Jacobians, and simulated networks at each weight; 2 at least.
    duration, theory_time, dt, processes, store
        As of `validation.edge.edge`.
    rng : int or numpy Generator
    progress : bool
        Show progress bars on stderr.

    Returns
    -------
    Report
        J_c by variant, beside the J at which the measured radius of sampled Jacobians is 1; and the J at which the slow
        variance of neurons' rates is 0, of the coloured state beside spiking networks.

    Raises
    ------
    ValueError, TypeError
        As `edge`; if the slow variance does not change its sign within the weights.
    """
    trials = check_whole("trials", trials, at_least=2)
    seeds = draw_seeds(rng, trials + 1)
    expected = {v: critical_weight(network, bounds=BOUNDS, variant=v, size=subject.size) for v in VARIANTS}
    found: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for seed in tqdm(seeds[1:], disable=not progress, desc="Jacobians"):
        for variant, weight in expected.items():
            found[variant].append(measured_critical_weight(weight, subject.size, variant, seed))
    rows = [
        Row.of("J_c", expected[v] / mV, np.array(values) / mV, population=v, unit="mV") for v, values in found.items()
    ]
    notes = [f"J_c: simulated are Jacobians of {subject.size} neurons, whose radius is 1 there"]
    if subject.weights:
        sweep = edge(
            subject.weights,
            size=subject.size,
            trials=trials,
            duration=duration,
            theory_time=theory_time,
            dt=dt,
            rng=seeds[0],
            processes=processes,
            store=store,
            progress=progress,
        )
        row, words = _onset(sweep)
        rows.append(row)
        notes += words
    return Report(
        title=f"Ostojic (2014), the edge of chaos: {trials} networks of {subject.size} neurons",
        settings={"size": subject.size, "weights": list(subject.weights), "trials": trials, "duration": duration},
        rows=tuple(rows),
        notes=tuple(notes),
    )


def measured_critical_weight(near: float, size: int, variant: str, seed: int) -> float:
    """J [V] at which a sampled Jacobian has the radius 1, by interpolation between weights about `near` [V]."""
    rng = np.random.default_rng(seed)
    states = [mf.solve(network(factor * near, size)) for factor in _AROUND]
    populations = np.repeat(np.arange(len(states[0].network.sizes)), states[0].network.sizes)
    sources = draw_sources(states[0].network, rng, distinct=variant == "1-p")
    basis = np.eye(len(states[0].network.sizes))[populations]  # rows' sums are exact: the modes are in this space
    basis /= np.linalg.norm(basis, axis=0)
    radii = []
    for state in states:
        matrix = jacobian_matrix(sources, effective_jacobian(state, variant).coupling, populations)
        radii.append(growth(matrix, without=basis, vectors=_VECTORS, rng=seed).radius)
    return float(near * np.exp(np.interp(0.0, np.log(radii), np.log(_AROUND))))


def draw_sources(net: mf.Network, rng: np.random.Generator, *, distinct: bool) -> Any:
    """Source of each synapse, (neurons, synapses), with replacement as in `simulate`, or distinct ones."""
    first = np.cumsum([0, *net.sizes])
    blocks = []
    for target, size in enumerate(net.sizes):
        parts = []
        for source, degree in enumerate(np.rint(net.indegree[target]).astype(int)):
            n = net.sizes[source]
            if distinct:
                part = np.array([rng.choice(n, degree, replace=False, shuffle=False) for _ in range(size)])
            else:
                part = rng.integers(n, size=(size, degree))
            parts.append((part + first[source]).astype(np.int32))
        blocks.append(np.hstack(parts))
    return np.vstack(blocks)


def jacobian_matrix(sources: Any, coupling: FloatArray, populations: Any) -> Any:
    """G as a sparse matrix; a pair that is connected twice adds up."""
    from scipy.sparse import csr_array

    n, degree = sources.shape
    values = coupling[populations[:, None], populations[sources]].ravel()
    return csr_array((values, sources.ravel(), np.arange(0, n * degree + 1, degree)), shape=(n, n))


def _onset(sweep: Edge) -> tuple[Row, list[str]]:
    """J at which the slow variance passes 0, in the coloured state and simulated; and what the sweep says of J_c."""
    weights = np.array([m.weight for m in sweep.measurements]) / mV
    theory = np.array([p.slow_variance for p in sweep.predictions])
    values = np.array([m.slow_variance.mean for m in sweep.measurements])
    errors = np.array([m.slow_variance.error for m in sweep.measurements])
    simulated, error = crossing(weights, values, errors)
    row = Row(
        prediction="J, slow rates",
        population="",
        unit="mV",
        theory=crossing(weights, theory, np.zeros_like(theory))[0],
        simulation=simulated,
        error=error,
    )
    times = [1e3 * m.slow_time.mean for m in sweep.measurements if not math.isnan(m.slow_time.mean)]
    words = ["slow rates: where neurons' own rates begin to vary slowly (slow variance 0), coloured state and spikes"]
    if times:
        words.append(
            f"spiking networks have no transition at any J_c: their time scale is from {min(times):.0f} to "
            f"{max(times):.0f} ms over all J, where that of rate dynamics diverges"
        )
    return row, words


def crossing(x: FloatArray, values: FloatArray, errors: FloatArray) -> tuple[float, float]:
    """Where the values first turn positive, by a line between neighbours, and its standard error.

    Raises
    ------
    ValueError
        If they do not.
    """
    known = np.isfinite(values)
    x, values, errors = x[known], values[known], errors[known]
    up = np.flatnonzero((values[:-1] < 0.0) & (values[1:] >= 0.0))
    if not up.size:
        raise ValueError(f"the slow variance does not turn positive for weights from {x[0]:g} to {x[-1]:g} mV")
    k = int(up[0])
    slope = (values[k + 1] - values[k]) / (x[k + 1] - x[k])
    part = -values[k] / (values[k + 1] - values[k])
    error = math.hypot((1.0 - part) * errors[k], part * errors[k + 1])
    return float(x[k] + part * (x[k + 1] - x[k])), error / slope
