"""Single neurons behind Ornstein-Uhlenbeck currents: what `mf.LIFFiltered` answers, beside simulations of them.

The input is the Gaussian process itself, not spikes, so that the two differ by statistical error alone: V and x make
exact steps together (they are linear), and since V has a velocity, the cubic through both ends of a step tells where
it crosses threshold, also for an excursion within one. After a spike V begins again t_ref after the crossing, with x
moved on exactly. Far below threshold exact steps are long, as long as no path could reach it within one. `python -m
validation filtered` prints methods and regimes with their errors.
"""

from __future__ import annotations

import cmath
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

import meanfield as mf
from meanfield._compiled import CORES, jit
from meanfield._validate import FloatArray, check_rng, check_scalar, check_whole
from meanfield.neurons.adiabatic import adiabatic_rate
from meanfield.neurons.filtered_equation import Neuron, first_passage
from meanfield.neurons.filtered_paths import covariances
from meanfield.units import ms, mV
from validation.report import to_json
from validation.statistics import Estimate

NEURON = mf.LIFFiltered(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=5 * ms)
RATIOS = (0.01, 0.1, 1.0, 10.0)
INPUTS = (
    (10 * mV, 5 * mV),
    (10 * mV, 8 * mV),
    (15 * mV, 5 * mV),
    (18 * mV, 3 * mV),
    (21 * mV, 4 * mV),
    (25 * mV, 2 * mV),
    (25 * mV, 8 * mV),
)
MOST_STEPS, FEWEST_SPIKES = 4e10, 500  # of dt; no simulation where they bring fewer spikes
CHAINS = 16  # independent neurons, of which the spread gives the error
LONGER = (4, 16, 64)  # times dt, where V is far from threshold
SAFE = 8.5  # standard deviations that noise may bring V closer in such a step


class Steps(NamedTuple):
    """Factors of exact steps of the free process, and a modulation of the input, without units."""

    dt: float
    ratio: float
    level: float
    reset: float
    t_ref: float
    beta: float
    decay_v: float
    decay_u: float
    gain: float  # of u on v
    noise_u: float
    noise_vu: float  # on v, by the same random number as on u
    noise_v: float
    omega: float  # 0 without a modulation
    real: float  # displacement of V is Re((real + i imaginary) e^{i omega t})
    imaginary: float
    variance: float  # relative modulation of the noise's intensity
    longer: FloatArray  # (L, 9), of longer steps: dt, decay_v to noise_v, what u adds to v, what noise does at most


@jit
def _passage(a: Any, b: Any, slope: Any, before: Any, top: Any, level: Any) -> Any:
    """Where the cubic rises to `level` between 0 and `top`, by bisection."""
    low, high = 0.0, top
    for _ in range(40):
        middle = 0.5 * (low + high)
        if ((a * middle + b) * middle + slope) * middle + before < level:
            low = middle
        else:
            high = middle
    return high


@jit
def _crossing(before: Any, after: Any, slope: Any, end: Any, level: Any) -> Any:
    """(part of a step, slope there) where the cubic of these values and slopes first passes `level`, or -1."""
    a = 2.0 * before - 2.0 * after + slope + end
    b = -3.0 * before + 3.0 * after - 2.0 * slope - end
    top = 1.0
    if after < level:
        if not (slope > 0.0 and end < 0.0):
            return -1.0, 0.0
        top = _passage(0.0, -3.0 * a, -2.0 * b, 0.0, 1.0, slope)  # where the slope vanishes
        if ((a * top + b) * top + slope) * top + before < level:
            return -1.0, 0.0
    at = _passage(a, b, slope, before, top, level)
    return at, max((3.0 * a * at + 2.0 * b) * at + slope, 0.0)


@jit
def _displacement(p: Steps, t: Any) -> Any:
    """(displacement of V by the modulation, its time derivative)."""
    if p.omega == 0.0:
        return 0.0, 0.0
    c, s = math.cos(p.omega * t), math.sin(p.omega * t)
    return p.real * c - p.imaginary * s, -p.omega * (p.real * s + p.imaginary * c)


@jit
def _added(p: Steps, t: Any) -> Any:
    """What the modulation of the noise adds to the variance of u in the t_ref that ends at t."""
    if p.variance == 0.0:
        return 0.0
    decay = complex(2.0 / p.ratio, p.omega)
    return (2.0 / p.ratio * p.variance * cmath.exp(1j * p.omega * t) * (1.0 - cmath.exp(-decay * p.t_ref)) / decay).real


@jit
def _longest(p: Steps, v: Any, u: Any) -> Any:
    """The longest of the longer steps within which no path reaches threshold, or -1."""
    for k in range(p.longer.shape[0] - 1, -1, -1):
        step = p.longer[k]
        if v + max(-v, 0.0) * step[0] + step[7] * max(u, 0.0) + step[8] < p.level:
            return k
    return -1


@jit
def _spikes(rng: Any, p: Steps, times: Any) -> None:
    """Fill `times` with those of successive spikes, after some that are left out."""
    t = 0.0
    u = rng.standard_normal()
    v = min(p.beta * u, p.level - 0.1)
    kept, renewed = math.exp(-p.t_ref / p.ratio), -math.expm1(-2.0 * p.t_ref / p.ratio)
    for spike in range(-20, times.size):
        shift, speed = _displacement(p, t)
        while True:
            x, y = rng.standard_normal(), rng.standard_normal()
            k = _longest(p, v, u)
            if k >= 0:
                step = p.longer[k]
                v = step[1] * v + step[3] * u + step[5] * x + step[6] * y
                u = step[2] * u + step[4] * x
                t += step[0]
                continue
            if p.variance != 0.0:
                louder = math.sqrt(1.0 + p.variance * math.cos(p.omega * (t + 0.5 * p.dt)))
                x, y = louder * x, louder * y
            next_u = p.decay_u * u + p.noise_u * x
            next_v = p.decay_v * v + p.gain * u + p.noise_vu * x + p.noise_v * y
            next_shift, next_speed = _displacement(p, t + p.dt)
            slope = (p.beta * u - v + speed) * p.dt
            end = (p.beta * next_u - next_v + next_speed) * p.dt
            at, rise = -1.0, 0.0
            if next_v + next_shift >= p.level or (slope > 0.0 and end < 0.0):
                at, rise = _crossing(v + shift, next_v + next_shift, slope, end, p.level)
            if at >= 0.0:
                t += at * p.dt
                shift, speed = _displacement(p, t)
                u = (rise / p.dt - speed + p.level - shift) / p.beta
                break
            u, v, shift, speed = next_u, next_v, next_shift, next_speed
            t += p.dt
        if spike >= 0:
            times[spike] = t
        t += p.t_ref
        u = kept * u + math.sqrt(renewed + _added(p, t)) * rng.standard_normal()
        v = p.reset - _displacement(p, t)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Rate [Hz] and CV of single intervals, with standard errors over independent neurons."""

    rate: Estimate
    cv: Estimate


def simulate_filtered(
    neuron: mf.LIFFiltered, mu: float, sigma: float, *, spikes: int = 100_000, dt: float | None = None, rng: Any
) -> Simulated:
    """Simulate independent neurons until they have fired `spikes` times together.

    Parameters
    ----------
    neuron : LIFFiltered
        With tau_s > 0.
    mu, sigma : float
        Input [V].
    spikes : int
    dt : float
        Step [s]; default 0.05 tau_s, at most 0.02 tau_m and a twentieth of the way from reset to threshold: in the step
        of a spike x is not random after it, which makes rates 1e-3 too low at a third of the way.
    rng : Generator or int

    Returns
    -------
    Simulated
    """
    intervals = np.diff(_run(_steps(neuron, mu, sigma, dt), spikes, rng), axis=1) * neuron.tau_m
    means, spreads = intervals.mean(axis=1), intervals.std(axis=1)
    mean = float(intervals.mean())
    rate = Estimate(1.0 / mean, Estimate.of(means).error / mean**2)
    return Simulated(rate=rate, cv=Estimate(float(intervals.std()) / mean, Estimate.of(spreads / means).error))


def simulate_response(
    neuron: mf.LIFFiltered,
    mu: float,
    sigma: float,
    frequency: float,
    *,
    by: str,
    amplitude: float,
    spikes: int = 200_000,
    rng: Any,
) -> tuple[complex, float]:
    """Answer to mu (`by="mu"`) or sigma² that vary by `amplitude` cos(2 pi f t) as spikes bring it, and its error.

    Returns
    -------
    response : complex
        [Hz/V] or [Hz/V²], as of `LIFFiltered.response` at 2 pi i f.
    error : float
        Standard error of its real and of its imaginary part.
    """
    omega = 2.0 * math.pi * frequency * neuron.tau_m
    steps = _steps(neuron, mu, sigma, None)
    if by == "mu":
        moved = amplitude / sigma / ((1.0 + 1j * omega * steps.ratio) * (1.0 + 1j * omega))
        steps = steps._replace(omega=omega, real=moved.real, imaginary=moved.imag, longer=steps.longer[:0])
    else:
        steps = steps._replace(omega=omega, variance=amplitude / sigma**2, longer=steps.longer[:0])
    times = _run(steps, spikes, rng)
    rate = 1.0 / (np.diff(times, axis=1).mean() * neuron.tau_m)
    # Regular spikes would leak from frequency 0 by what is cut off at the ends, and in all chains alike: Hann's window.
    window = 1.0 - np.cos(2.0 * math.pi * (times - times[:, :1]) / np.ptp(times, axis=1)[:, None])
    chains = 2.0 * (window * np.exp(-1j * omega * times)).sum(axis=1) / window.sum(axis=1) * rate / amplitude
    error = math.sqrt(0.5 * float(chains.real.var(ddof=1) + chains.imag.var(ddof=1)) / CHAINS)
    return complex(chains.mean()), error


def _steps(neuron: mf.LIFFiltered, mu: float, sigma: float, dt: float | None) -> Steps:
    if neuron.tau_s == 0.0:
        raise ValueError("tau_s must be positive for a simulation of its current, got 0.0 s")
    check_scalar("sigma", sigma, "V", positive=True)
    tau_m, ratio = neuron.tau_m, neuron.tau_s / neuron.tau_m
    free = Neuron(ratio, (neuron.v_th - mu) / sigma, (neuron.v_reset - mu) / sigma, neuron.t_ref / tau_m)
    longest = min(0.05 * ratio, 0.02, 0.05 * (first_passage(free, 0.0) or 1.0))
    h = longest if dt is None else check_scalar("dt", dt, "s", positive=True) / tau_m
    factors = [_factors(n * h, ratio) for n in (1, *LONGER)]
    return Steps(
        dt=h,
        ratio=ratio,
        level=free.level,
        reset=free.reset,
        t_ref=free.t_ref,
        beta=math.sqrt(0.5 / ratio),
        **dict(zip(("decay_v", "decay_u", "gain", "noise_u", "noise_vu", "noise_v"), factors[0][1:7], strict=True)),
        omega=0.0,
        real=0.0,
        imaginary=0.0,
        variance=0.0,
        longer=np.array(factors[1:]).reshape(-1, 9),
    )


def _factors(h: float, ratio: float) -> list[float]:
    """A row of `Steps.longer`."""
    vv, vu, uu, c, decay = (float(x) for x in covariances(np.array([h]), ratio, 0.0)[:, 0])
    beta, noise = math.sqrt(0.5 / ratio), math.sqrt(uu)
    rest = math.sqrt(max(vv - vu * vu / uu, 0.0))
    peak = min(h, -math.log(ratio) / (1.0 / ratio - 1.0) if ratio != 1.0 else 1.0)  # where an impulse on u is largest
    at_most = max(float(covariances(np.array([t]), ratio, 0.0)[3, 0]) for t in (h, peak))
    return [h, math.exp(-h), decay, beta * c, noise, vu / noise, rest, beta * at_most, SAFE * math.sqrt(vv)]


def _run(steps: Steps, spikes: int, rng: Any) -> FloatArray:
    """Times of spikes of independent neurons, (CHAINS, spikes of each), in units of tau_m."""
    times = np.empty((CHAINS, -(-check_whole("spikes", spikes, at_least=4 * CHAINS) // CHAINS)))
    generators = check_rng(rng).spawn(CHAINS)
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(lambda job: _spikes(job[0], steps, job[1]), zip(generators, times, strict=True)))
    return times


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One neuron in one input.

    Attributes
    ----------
    tau_s, mu, sigma : float
        [s], [V], [V].
    simulated : Simulated or None
        None where a simulation would take too long.
    solver, error, fast, slow, cv : float
        Rates [Hz] of the solver, with its estimated error, and of the two limits, in or out of their ranges; the CV.
    """

    tau_s: float
    mu: float
    sigma: float
    simulated: Simulated | None
    solver: float
    error: float
    fast: float
    slow: float
    cv: float

    @property
    def z(self) -> float:
        """Difference of the solver's rate to the simulated one, in standard errors."""
        return (
            math.nan if self.simulated is None else (self.solver - self.simulated.rate.mean) / self.simulated.rate.error
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """Rows of the experiment; prints as a table."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        lines = [
            "tau_s/tau_m   mu  sigma   simulated (Hz)   solver (Hz)       z   rel. error      fast      slow"
            "    CV simulated   CV solver"
        ]
        for row in self.rows:
            ratios = [value / row.solver for value in (row.fast, row.slow)]
            limits = "".join(f"{r - 1.0:>+10.1%}" if r < 100.0 else f"{r:>9.0e}x" for r in ratios)
            seen = row.simulated
            rate, z, cv = ("-", "", "-") if seen is None else (str(seen.rate), f"{row.z:+.1f}", str(seen.cv))
            lines.append(
                f"{row.tau_s / NEURON.tau_m:>11g} {row.mu / mV:>4.0f} {row.sigma / mV:>6.0f} {rate:>16} "
                f"{row.solver:>13.5g} {z:>7} {row.error / row.solver:>12.0e}{limits} {cv:>15} {row.cv:>11.4g}"
            )
        return "\n".join([*lines, "mu and sigma in mV; fast and slow: relative to the solver"])

    def to_json(self) -> str:
        """As JSON, in SI units."""
        return to_json([asdict(row) for row in self.rows])


def filtered(*, spikes: int = 100_000, rng: Any = 1, progress: bool = False) -> Filtered:
    """Compare the solver and both limits with simulations over regimes of time constant and input.

    Parameters
    ----------
    spikes : int
        Of each simulation; fewer where they are rare.
    rng : Generator or int
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Filtered
    """
    points = [(ratio, mu, sigma) for ratio in RATIOS for mu, sigma in INPUTS]
    generators = check_rng(rng).spawn(len(points))
    shown = tqdm(list(zip(points, generators, strict=True)), disable=not progress, desc="neurons")
    return Filtered(rows=tuple(_row(*point, spikes, generator) for point, generator in shown))


def _row(ratio: float, mu: float, sigma: float, spikes: int, rng: np.random.Generator) -> Row:
    neuron = replace(NEURON, tau_s=ratio * NEURON.tau_m, method="solver")
    solved = neuron.solve(mu, sigma)
    fast, slow = filtered_limits(neuron, mu, sigma)
    possible = MOST_STEPS * _steps(neuron, mu, sigma, None).dt * neuron.tau_m * solved.rate
    seen = None
    if possible >= FEWEST_SPIKES:
        seen = simulate_filtered(neuron, mu, sigma, spikes=int(min(spikes, possible)), rng=rng)
    return Row(
        tau_s=neuron.tau_s,
        mu=mu,
        sigma=sigma,
        simulated=seen,
        solver=solved.rate,
        error=solved.error,
        fast=fast,
        slow=slow,
        cv=neuron.cv(mu, sigma),
    )


def filtered_limits(neuron: mf.LIFFiltered, mu: float, sigma: float) -> tuple[float, float]:
    """Rates [Hz] of the fast and of the slow limit, in or out of the ranges that `LIFFiltered` allows."""
    membrane = {"tau_m": neuron.tau_m, "t_ref": neuron.t_ref, "v_th": neuron.v_th, "v_reset": neuron.v_reset}
    sd = sigma * math.sqrt(0.5 * neuron.tau_m / neuron.tau_s)
    return mf.LIF(**membrane, tau_s=neuron.tau_s).rate(mu, sigma), adiabatic_rate(mu, sd, **membrane)[1]
