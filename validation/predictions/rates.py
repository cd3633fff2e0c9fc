"""Random rate networks: dynamical mean-field theory beside simulated networks, at one size or several."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from tqdm import tqdm

from meanfield._validate import FloatArray, check_scalar, check_whole
from meanfield.dmft import DiscreteSolution, PopulationsSolution, Solution
from validation.crossvalidation import cross_validate
from validation.lyapunov import lyapunov_spectrum
from validation.ratenetwork import RateNetwork, Recording, autocovariance, block_weights, simulate_rates
from validation.report import Report, Row
from validation.simulation import draw_seeds

SIZE = 1000
STARTS = 4  # initial conditions of each network
REACH = 8.0  # half-widths: the lag at which the autocovariance is taken to have reached its end
QUANTITIES = ("mean x", "rate", "c0", "half-width")  # of each population


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What the kinds of solutions have in common: what is drawn, and what theory says of it, by population."""

    title: str
    fractions: FloatArray
    gains: FloatArray
    means: FloatArray
    equal_rows: bool
    network: Callable[[Any], RateNetwork]  # with these weights
    theory: dict[str, FloatArray]
    lyapunov: float

    def sizes(self, n: int) -> list[int]:
        """Neurons of each population."""
        edges = np.rint(np.cumsum([0.0, *self.fractions]) * n).astype(int)
        return np.diff(edges).tolist()


@cross_validate.register
def cross_validate_rates(
    solution: Solution | PopulationsSolution | DiscreteSolution,
    *,
    n: int | Sequence[int] = SIZE,
    trials: int = 8,
    duration: float | None = None,
    warmup: float = 60.0,
    dt: float = 0.2,
    weights: Callable[[int, np.random.Generator], Any] | None = None,
    rng: Any = 1,
    progress: bool = False,
) -> Report:
    """Compare a solution of dynamical mean-field theory with simulated networks.

    Parameters
    ----------
    solution : Solution, PopulationsSolution or DiscreteSolution
    n : int or sequence of int
        Neurons of a network, or several sizes, for how theory is approached: it is of n to infinity.
    trials : int
        Networks of each size, 2 at least, from 4 initial states each.
    duration, warmup, dt : float
        As of `validation.ratenetwork.simulate_rates`, in time constants; by default 100, or 30 half-widths of the
        autocovariance if they are longer.
    weights : callable, optional
        Draws J for a size and a numpy Generator, such as a sparse network; by default Gaussian entries, with the rows'
        sums kept alike where theory has fixed in-degrees.
    rng : int or numpy Generator
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Report
        Mean of x, mean of φ(x), variance c0 and half-width of the autocovariance (of a map: c_inf, the covariance of
        successive steps), of each population; the largest Lyapunov exponent. Errors are over networks.

    Raises
    ------
    ValueError, TypeError
        For fewer than 2 trials, and as of `simulate_rates`.
    FloatingPointError
        If activity diverges.
    """
    trials = check_whole("trials", trials, at_least=2)
    sizes = [check_whole("n", size, at_least=10) for size in np.atleast_1d(np.asarray(n, dtype=object)).tolist()]
    subject = _subject(solution)
    halves = subject.theory.get("half-width", np.zeros(1))
    width = float(halves.max()) if np.isfinite(halves).all() else 0.0
    if duration is None:
        duration = max(100.0, 30.0 * width)
    lag = min(REACH * width, 0.4 * check_scalar("duration", duration, "1", positive=True))
    draw = weights or (
        lambda size, generator: block_weights(
            subject.sizes(size), subject.gains, subject.means, rng=generator, equal_rows=subject.equal_rows
        )
    )
    rows = []
    bar = tqdm(total=len(sizes) * trials, disable=not progress, desc="networks")
    for size, seed in zip(sizes, draw_seeds(rng, len(sizes)), strict=True):
        found = []
        for own in draw_seeds(seed, trials):
            generator = np.random.default_rng(own)
            network = subject.network(draw(size, generator))
            found.append(_measured(network, subject, lag, duration=duration, warmup=warmup, dt=dt, rng=generator))
            bar.update()
        words = f"N = {size}" if len(sizes) > 1 else ""
        for name, theory in subject.theory.items():
            for a, value in enumerate(theory):
                one = f"{a} {words}" if len(theory) > 1 else words
                if math.isfinite(value):
                    rows.append(Row.of(name, value, [trial[name][a] for trial in found], population=one.strip()))
        rows.append(Row.of("Lyapunov exponent", subject.lyapunov, [t["lyapunov"] for t in found], population=words))
    bar.close()
    return Report(
        title=f"{subject.title}: {trials} networks, N = {', '.join(map(str, sizes))}, {duration:g} time constants",
        settings={"subject": subject.title, "n": sizes, "trials": trials, "duration": duration, "dt": dt},
        rows=tuple(rows),
        notes=_approach(rows, sizes),
    )


def _subject(solution: Solution | PopulationsSolution | DiscreteSolution) -> _Subject:
    if isinstance(solution, PopulationsSolution):
        return _of_populations(solution)
    p, is_map = solution.population, isinstance(solution, DiscreteSolution)
    theory = {"mean x": solution.mean_input, "rate": solution.rate, "c0": solution.c0}
    if isinstance(solution, DiscreteSolution):
        theory["c_inf"] = solution.c_inf
    else:
        theory["half-width"] = solution.half_width
    return _Subject(
        title=f"{p.phi.name}, g = {p.g:g}, noise = {p.noise:g}" + (", map" if is_map else ""),
        fractions=np.ones(1),
        gains=np.array([[p.g]]),
        means=np.array([[p.mean_coupling]]),
        equal_rows=p.fixed_indegree,
        network=lambda w: RateNetwork(weights=w, phi=p.phi, bias=p.bias, noise=p.noise, is_map=is_map),
        theory={name: np.array([value]) for name, value in theory.items()},
        lyapunov=solution.lyapunov,
    )


def _of_populations(solution: PopulationsSolution) -> _Subject:
    blocks = solution.blocks
    if np.ptp(blocks.noise):
        raise ValueError(f"noise must be the same for all populations to be simulated, got {blocks.noise.tolist()}")

    def network(weights: Any) -> RateNetwork:
        edges = np.rint(np.cumsum(blocks.fractions) * len(weights)).astype(int)
        which = np.searchsorted(edges, np.arange(len(weights)), side="right")
        return RateNetwork(weights=weights, phi=blocks.phi, bias=blocks.bias[which], noise=float(blocks.noise[0]))

    return _Subject(
        title=f"{blocks.phi.name}, {blocks.count} populations",
        fractions=blocks.fractions,
        gains=blocks.gains,
        means=blocks.means,
        equal_rows=blocks.fixed_indegree,
        network=network,
        theory={
            "mean x": solution.mean_input,
            "rate": solution.rate,
            "c0": solution.c0,
            "half-width": solution.half_width,
        },
        lyapunov=solution.lyapunov,
    )


def _measured(network: RateNetwork, subject: _Subject, lag: float, *, rng: Any, **times: float) -> dict[str, Any]:
    """What one network does, by population."""
    run = simulate_rates(network, trials=STARTS, rng=rng, **times)
    edges = np.cumsum([0, *subject.sizes(network.size)])
    found: dict[str, Any] = {name: [] for name in subject.theory}
    for low, high in pairwise(edges):
        own = Recording(interval=run.interval, x=run.x[:, low:high])
        lags, c = autocovariance(own, max(lag, 4.0 * run.interval))
        found["mean x"].append(float(own.x.mean(dtype=float)))
        found["rate"].append(float(network.phi.value(own.x).mean(dtype=float)))
        found["c0"].append(c[0])
        if network.is_map:
            found["c_inf"].append(c[1:].mean())
        else:
            found["half-width"].append(half_width(lags, c))
    found["lyapunov"] = lyapunov_spectrum(network, count=1, rng=rng, **times).exponents[0]
    return found


def half_width(lags: FloatArray, c: FloatArray) -> float:
    """Lag at which c is first halfway between its first and its last value; NaN if it never is."""
    level = 0.5 * (c[0] + c[-1])
    below = np.flatnonzero(c < level)
    if not below.size or below[0] == 0:
        return math.nan
    k = int(below[0])
    part = (c[k - 1] - level) / (c[k - 1] - c[k])
    return float(lags[k - 1] + part * (lags[k] - lags[k - 1]))


def _approach(rows: Sequence[Row], sizes: Sequence[int]) -> tuple[str, ...]:
    """What the sizes say of where theory and networks differ."""
    off = [row for row in rows if abs(row.z) > 3.0]
    if not off:
        return ()
    if len(sizes) == 1:
        return (
            f"{', '.join(row.label for row in off)}: theory is of N to infinity; several sizes show whether the "
            "difference vanishes with N",
        )
    first, last = (f"N = {size}" for size in (min(sizes), max(sizes)))
    by_size = {(row.label.removesuffix(first).strip(), first): row for row in rows if row.label.endswith(first)}
    shrinks = []
    for row in rows:
        if row.label.endswith(last):
            name = row.label.removesuffix(last).strip()
            small = by_size[name, first]
            if abs(small.z) > 3.0:
                ratio = (row.theory - row.simulation) / (small.theory - small.simulation)
                shrinks.append(f"{name} {ratio:.2f}")
    words = f"between {first} and {last} the difference from theory is multiplied by: "
    return (words + ", ".join(shrinks) + f" (1/N would be {min(sizes) / max(sizes):.2g})",) if shrinks else ()
