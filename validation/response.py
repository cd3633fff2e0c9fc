"""How fast networks follow their drive, simulated over the indegree K beside linear response.

The network is that of `validation.scaling`, weights ~ 1/sqrt(K), with excitation and inhibition that cancel; beside it
its neurons without each other, at the same rate, mean and variance of the input (`meanfield.balance.uncoupled`). The
rates of the drive go up and down as a square wave, and as a sum of sinusoids; the depth for the uncoupled neurons is
such that the rates end up changed by the same. ``python -m validation response`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check_scalar, check_whole
from meanfield.units import ms
from validation.modulation import Modulation
from validation.report import to_json
from validation.results import Simulation
from validation.scaling import NEURONS, reference
from validation.statistics import Estimate
from validation.sweep import simulate_many

INDEGREES = (100, 400, 1600)
FREQUENCIES = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)  # Hz, of the sinusoids; multiples of the first
HALF = 0.05  # s, half a period of the square wave
SHARE = 0.5  # amplitude of each sinusoid, of the depth
_FINE = 8  # points of theory in a bin
_PEAK = 5e-4  # s, bins in which the peak is looked for
_LATE = 0.7  # of half a period, from which on rates have settled
_GROUPS = 10  # of periods, for the jackknife


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Following:
    """How one network follows its drive, theory and simulation.

    Attributes
    ----------
    label : str
    indegree : float
        K.
    depth : float
        Of the square wave, relative change of the drive.
    rate : tuple of float and Estimate
        Of all neurons, theory and simulation [Hz].
    values : dict of str to tuple of float and Estimate
        Theory and simulation, both through the same bins: ``gain``, d rate / d ln(drive) [Hz]; ``rise``, time to half
        of the change, in a moving average over a third of it in theory [s]; ``peak``, largest change in bins of 0.5 ms
        over the final one; ``latency``, integral of 1 - change/final [s].
    gains, phases : tuples of tuple of float and Estimate
        At `FREQUENCIES`: modulus of the response over ``gain``, and its phase [degrees], positive if the rates lead.
    t : (B,) array
        Bins of half a period of the square wave [s].
    share : pair of (B,) arrays
        Change of the rate over the final one after a step up, theory and simulation.
    course : (M,) array
        One period of the sum of sinusoids, 1 + its depth times it, in bins of 1 ms.
    followed : pair of (M,) arrays
        Rates of all neurons under it, theory and simulation (the mean over periods) [Hz].
    """

    label: str
    indegree: float
    depth: float
    rate: tuple[float, Estimate]
    values: dict[str, tuple[float, Estimate]]
    gains: tuple[tuple[float, Estimate], ...]
    phases: tuple[tuple[float, Estimate], ...]
    t: FloatArray
    share: tuple[FloatArray, FloatArray]
    course: FloatArray
    followed: tuple[FloatArray, FloatArray]


_COLUMNS = {
    "gain": ("gain (Hz)", 1.0),
    "rise": ("rise (ms)", ms),
    "peak": ("peak", 1.0),
    "latency": ("latency (ms)", ms),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseReport:
    """Networks over K, and their neurons alone; prints as two tables."""

    found: tuple[Following, ...]
    size: int
    trials: int
    duration: float

    def __str__(self) -> str:
        head = (
            f"drive up and down by its depth: N = {self.size}, {self.trials} trials of {self.duration:g} s, all neurons"
        )
        lines = [
            head,
            f"{'K':>6} {'':10}{'depth':>7}{'rate (Hz)':>24}" + "".join(f"{w:>26}" for w, _ in _COLUMNS.values()),
        ]
        for one in self.found:
            cells = [_cell(*one.rate, 1.0)] + [_cell(*one.values[name], unit) for name, (_, unit) in _COLUMNS.items()]
            row = f"{cells[0]:>24}" + "".join(f"{cell:>26}" for cell in cells[1:])
            lines.append(f"{one.indegree:6g} {one.label:10}{one.depth:7.3f}{row}")
        lines += ["sinusoids: modulus over the gain, and phase in degrees, positive where the rates lead"]
        lines.append(f"{'K':>6} {'':10}{'f (Hz)':>7}{'modulus':>26}{'phase':>26}")
        for one in self.found:
            for f, gain, phase in zip(FREQUENCIES, one.gains, one.phases, strict=True):
                lines.append(f"{one.indegree:6g} {one.label:10}{f:7g}{_cell(*gain, 1.0):>26}{_cell(*phase, 1.0):>26}")
        return "\n".join(lines)

    def to_json(self) -> str:
        """JSON text."""
        rows = []
        for one in self.found:
            pairs = {"rate": one.rate, **one.values}
            row: dict[str, Any] = {"label": one.label, "indegree": one.indegree, "depth": one.depth}
            row |= {name: {"theory": theory, "simulation": asdict(e)} for name, (theory, e) in pairs.items()}
            row["sinusoids"] = [
                {"f": f, **{k: {"theory": x, "simulation": asdict(e)} for k, (x, e) in (("modulus", g), ("phase", p))}}
                for f, g, p in zip(FREQUENCIES, one.gains, one.phases, strict=True)
            ]
            rows.append(row)
        head = {"size": self.size, "trials": self.trials, "duration": self.duration}
        return to_json(head | {"found": rows})


def _cell(theory: float, found: Estimate, unit: float) -> str:
    return f"{theory / unit:.3g}  {found.mean / unit:.3g} ± {found.error / unit:.2g}"


def predicted(fp: mf.FixedPoint, modulation: Modulation) -> FloatArray:
    """Rate of all neurons under a periodic course of the first drive, in linear response, by its bins, (B,) [Hz].

    Raises as `meanfield.balance.drive_response`.
    """
    share = np.array(fp.network.sizes) / sum(fp.network.sizes)
    course = np.repeat(modulation.course, _FINE) * float(modulation.depth.flat[0])
    f = np.fft.rfftfreq(course.size, modulation.bin_width / _FINE)
    response = mf.balance.drive_response(fp, 2j * np.pi * f) @ share
    change = np.fft.irfft(np.fft.rfft(course) * response, n=course.size)
    return np.asarray(fp.rate @ share + change.reshape(-1, _FINE).mean(axis=1))


def square(depth: float, drives: int, dt: float) -> Modulation:
    """A square wave of the first drive, up first."""
    half = round(HALF / dt)
    course = np.repeat([1.0, -1.0], half)
    return Modulation(course=course, bin_width=dt, depth=np.eye(1, drives)[0] * depth)


def sinusoids(depth: float, drives: int, dt: float) -> Modulation:
    """A sum of sinusoids of the first drive, of one amplitude."""
    bins = round(1.0 / FREQUENCIES[0] / dt)
    t = (np.arange(bins) + 0.5) * dt
    k = np.arange(len(FREQUENCIES))
    phases = -np.pi * k * (k + 1) / k.size  # so that not all are up at once
    course = SHARE * np.cos(2 * np.pi * np.outer(t, FREQUENCIES) + phases).sum(axis=1)
    return Modulation(course=course, bin_width=dt, depth=np.eye(1, drives)[0] * depth)


def response(
    *,
    indegrees: Sequence[int] = INDEGREES,
    depth: float = 0.2,
    size: int = NEURONS,
    trials: int = 1,
    duration: float = 4.0,
    dt: float = 1e-4,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> ResponseReport:
    """Simulate networks and uncoupled neurons under a drive that changes, and set them against linear response.

    Parameters
    ----------
    indegrees : sequence of int
        Values of K.
    depth : float
        Relative change of the drive, up and down; linear response is that of small ones.
    size : int
        Number of neurons.
    trials : int
        Independent runs of each kind.
    duration : float
        [s], ten periods of 0.2 s at least.
    dt, rng, processes, store, progress
        As of `simulate_many`.

    Returns
    -------
    ResponseReport

    Raises
    ------
    ValueError, TypeError, SimulationUnavailable
        As `meanfield.balance.scaled`, `meanfield.balance.step_response` and `simulate_many`.
    """
    theory = mf.balance.response_times(reference(size), sorted(indegrees))
    found = follow(
        theory,
        depth=depth,
        trials=trials,
        duration=duration,
        dt=dt,
        rng=rng,
        processes=processes,
        store=store,
        progress=progress,
    )
    return ResponseReport(found=found, size=size, trials=trials, duration=duration)


def follow(
    theory: mf.balance.ResponseTimes,
    *,
    depth: float,
    trials: int,
    duration: float,
    dt: float,
    **options: Any,
) -> tuple[Following, ...]:
    """Simulate the networks of `response_times` and their neurons alone, whose first drive changes.

    Parameters and errors as of `response`, `options` as of `simulate_many`.
    """
    trials = check_whole("trials", trials, at_least=1)
    depth = check_scalar("depth", depth, "1", positive=True)
    duration = check_scalar("duration", duration, "s", positive=True)
    if duration < _GROUPS / FREQUENCIES[0] - dt:
        raise ValueError(f"duration must be at least {_GROUPS / FREQUENCIES[0]:g} s for errors, got {duration:g} s")
    cases = []
    for k, network, alone in zip(theory.indegree.tolist(), theory.network, theory.alone, strict=True):
        by = float(network.final[0] / alone.final[0])
        cases += [("network", k, network.state, depth), ("alone", k, alone.state, depth * by)]
    jobs = [(case, kind) for case in reversed(cases) for kind in (square, sinusoids)]  # the longest first
    modulations = [kind(case[3], len(case[2].network.drives), dt) for case, kind in jobs]
    found = simulate_many(
        [case[2].network for case, _ in jobs for _ in range(trials)],
        summary=partial(rate_by_step, dt=dt),
        duration=duration,
        warmup=0.2,
        dt=dt,
        modulation=[modulation for modulation in modulations for _ in range(trials)],
        **options,
    )
    summaries = [np.concatenate(found[k * trials : (k + 1) * trials]) for k in range(len(jobs))]
    by_case = {(id(case), kind): (m, s) for (case, kind), m, s in zip(jobs, modulations, summaries, strict=True)}
    return tuple(_compare(case, by_case[id(case), square], by_case[id(case), sinusoids], dt) for case in cases)


def rate_by_step(simulation: Simulation, dt: float) -> FloatArray:
    """Rate of all neurons in each step, a row for each whole period of all modulations, (periods, steps) [Hz]."""
    steps = round(1.0 / FREQUENCIES[0] / dt)
    periods = int(simulation.duration / (steps * dt) + 1e-9)
    numbers = np.floor(np.concatenate(simulation.times) / dt + 0.5).astype(np.int64)
    counts = np.bincount(numbers, minlength=periods * steps)[: periods * steps].reshape(periods, steps)
    return counts / (sum(simulation.network.sizes) * dt)


def _compare(case: Any, squares: tuple[Modulation, FloatArray], sines: tuple[Modulation, FloatArray], dt: float) -> Any:
    label, indegree, fp, depth = case
    modulation, rates = squares
    periods = rates.reshape(-1, modulation.course.size)
    theory = predicted(fp, modulation)
    share = np.array(fp.network.sizes) / sum(fp.network.sizes)
    width = max(1, round(step_value(theory, name="rise", depth=depth, dt=dt) / dt / 3))
    values = {}
    for name in _COLUMNS:
        measure = partial(step_value, name=name, depth=depth, dt=dt, width=width)
        values[name] = (measure(theory), jackknife(measure, periods))
    course, by_sines = sines
    expected = predicted(fp, course)
    gains, phases = [], []
    for f in FREQUENCIES:
        line = partial(_line, course=course, f=f)
        at = line(expected)
        modulus = jackknife(lambda x, line=line: abs(line(x)), by_sines)
        scale = values["gain"][1].mean
        gains.append((abs(at) / values["gain"][0], Estimate(modulus.mean / scale, modulus.error / scale)))
        # Relative to theory's, so that no estimate is near where phases jump.
        turned = jackknife(lambda x, line=line, at=at: float(np.angle(line(x) / at, deg=True)), by_sines)
        phase = float(np.angle(at, deg=True))
        phases.append((phase, Estimate(turned.mean + phase, turned.error)))
    shares = tuple(_share(x) for x in (theory, periods.mean(axis=0)))
    return Following(
        label=label,
        indegree=float(indegree),
        depth=depth,
        rate=(float(fp.rate @ share), Estimate.of(rates.mean(axis=1))),
        values=values,
        gains=tuple(gains),
        phases=tuple(phases),
        t=(np.arange(shares[0].size) + 0.5) * dt,
        share=(shares[0], shares[1]),
        course=1.0 + course.depth[0] * _coarse(course.course, dt),
        followed=(_coarse(expected, dt), _coarse(by_sines.mean(axis=0), dt)),
    )


def _share(rate: FloatArray) -> FloatArray:
    """Change after a step up over the final one, from a period of the square wave: half the difference of its halves.

    It goes from -1 to 1 times its final value, since what is up was down before.
    """
    up, down = rate.reshape(2, -1)
    change = 0.5 * (up - down)
    return np.asarray(0.5 * (change / change[round(_LATE * change.size) :].mean() + 1.0))


def step_value(rate: FloatArray, *, name: str, depth: float, dt: float, width: int = 1) -> float:
    """One of `Following.values` from the mean rate in the bins of a period; `width` is of the average for the rise."""
    up, down = rate.reshape(2, -1)
    if name == "gain":
        return float(0.5 * (up - down)[round(_LATE * up.size) :].mean() / depth)
    share = _share(rate)
    if name == "latency":
        return float((1.0 - share).sum() * dt)
    if name == "peak":
        wide = round(_PEAK / dt)
        return float(share[: share.size // wide * wide].reshape(-1, wide).mean(axis=1).max())
    smooth = np.convolve(np.concatenate([np.zeros(width), share]), np.full(width, 1.0 / width), "valid")
    k = int(np.argmax(smooth >= 0.5))  # smooth[k] ends after k bins, and begins with 0
    return float(k - (smooth[k] - 0.5) / (smooth[k] - smooth[k - 1]) - 0.5 * width) * dt


def _coarse(values: FloatArray, dt: float) -> FloatArray:
    """Means over bins of 1 ms, as near as steps allow."""
    steps = max(1, round(1e-3 / dt))
    return np.asarray(values[: values.size // steps * steps].reshape(-1, steps).mean(axis=1))


def _line(rate: FloatArray, *, course: Modulation, f: float) -> complex:
    """Response at one frequency of the course, d rate / d ln(drive) [Hz]."""
    wave = np.exp(-2j * np.pi * f * np.arange(rate.size) * course.bin_width)
    return complex(wave @ rate / (wave @ course.course) / course.depth[0])


def jackknife(measure: Callable[[FloatArray], float], periods: FloatArray) -> Estimate:
    """A function of the mean over periods (n, bins), and its error by leaving groups of them out."""
    groups = np.array_split(np.arange(len(periods)), min(_GROUPS, len(periods)))
    total, n = periods.sum(axis=0), len(periods)
    left = np.array([measure((total - periods[g].sum(axis=0)) / (n - len(g))) for g in groups])
    error = np.sqrt((len(groups) - 1) * left.var()) if len(groups) > 1 else float("nan")
    return Estimate(float(measure(total / n)), float(error))
