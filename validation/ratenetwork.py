"""Rate networks x' = -x + J φ(x) + I + noise, and the map x(t+1) = J φ(x(t)) + I + noise, simulated densely.

States of one network from several initial conditions are the columns of a matrix, so that each evaluation of J φ(x) is
one matrix product: at large n it is bound by reading J, and further columns cost little. Time is in units of the time
constant. `meanfield.dmft` is the theory. (BLAS threads that wait for each other on a busy machine cost more than they
bring below n of about 1000: ``OPENBLAS_NUM_THREADS=1`` then.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from tqdm import tqdm

from meanfield._validate import FloatArray, check, check_rng, check_scalar, check_whole
from meanfield.dmft import Nonlinearity, nonlinearity


@dataclass(frozen=True, slots=True, kw_only=True)
class RateNetwork:
    """A network of rate neurons.

    Attributes
    ----------
    weights : ndarray
        J, (n, n), [target, source]; its precision, float32 or float64, is that of the simulation.
    phi : Nonlinearity
        Or what `meanfield.dmft.nonlinearity` takes.
    bias : float or ndarray
        I, of all or each neuron.
    noise : float
        σ of white noise 2σ²δ(t), or of each step of a map.
    is_map : bool
        Discrete time.
    """

    weights: Any
    phi: Nonlinearity = field(default_factory=lambda: nonlinearity("tanh"))
    bias: Any = 0.0
    noise: float = 0.0
    is_map: bool = False

    def __post_init__(self) -> None:
        """Check shapes and values.

        Raises
        ------
        ValueError, TypeError
            For weights that are not a square matrix of finite floats, and values as they are checked elsewhere.
        """
        weights = np.asarray(self.weights)
        if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
            raise ValueError(f"weights must be a square matrix [target, source], got shape {weights.shape}")
        if weights.dtype not in (np.float32, np.float64):
            weights = weights.astype(np.float64)
        if not np.isfinite(weights).all():
            raise ValueError("weights must be finite")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "phi", nonlinearity(self.phi))
        check_scalar("noise", self.noise, "1", nonnegative=True)
        bias = check("bias", self.bias, "1")
        object.__setattr__(self, "bias", np.broadcast_to(bias.astype(weights.dtype), (self.size,))[:, None])

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(self.weights.shape[0])

    def inputs(self, x: Any) -> Any:
        """J φ(x) + I for the columns of x."""
        return self.weights @ self.phi.value(x) + self.bias


def gaussian_weights(n: int, g: float, *, mean_coupling: float = 0.0, rng: Any, dtype: Any = np.float32) -> Any:
    """J with independent gaussian entries of variance g²/n and mean m/n; the diagonal is zero.

    Raises
    ------
    ValueError, TypeError
        For n below 2, or a bad g or rng.
    """
    return block_weights([check_whole("n", n, at_least=2)], [[g]], [[mean_coupling]], rng=rng, dtype=dtype)


def block_weights(
    sizes: Sequence[int], gains: Any, means: Any = 0.0, *, rng: Any, dtype: Any = np.float32, equal_rows: bool = False
) -> Any:
    """J of populations: from b to a, entries have the variance gains[a, b]²/N and the mean means[a, b]/N, N = Σ sizes.

    The diagonal is zero. (Aljadeff, Stern & Sharpee 2015.) With `equal_rows` rows have equal sums over each population,
    as those of networks with fixed in-degrees.

    Raises
    ------
    ValueError, TypeError
        For sizes, gains or means of bad shape or value.
    """
    sizes = [check_whole("sizes", size, at_least=2 if equal_rows else 1) for size in sizes]
    shape = (len(sizes), len(sizes))
    gains = check("gains", gains, "1", nonnegative=True, shape=shape, shape_words="[target, source]")
    means = check("means", means, "1", shape=shape, shape_words="[target, source]")
    n = sum(sizes)
    weights = check_rng(rng).standard_normal((n, n), dtype=dtype)
    np.fill_diagonal(weights, 0.0)
    edges = np.concatenate(([0], np.cumsum(sizes)))
    for a in range(len(sizes)):
        rows = weights[edges[a] : edges[a + 1]]
        for b in range(len(sizes)):
            block = rows[:, edges[b] : edges[b + 1]]
            if equal_rows:
                block -= block.sum(axis=1, keepdims=True) / (sizes[b] - (a == b))
            block *= gains[a, b] / math.sqrt(n)
            block += means[a, b] / n
    np.fill_diagonal(weights, 0.0)
    return weights


def indegree_weights(sizes: Sequence[int], indegrees: Any, strengths: Any, *, rng: Any) -> Any:
    """J with exactly ``indegrees[a, b]`` entries ``strengths[a, b]`` in each row of population a, from population b.

    Float32; a row of in-degrees or strengths is that of every population. No neuron is its own source. (Mastrogiuseppe
    & Ostojic 2017; `meanfield.dmft.dale` has the gains and means.)

    Raises
    ------
    ValueError, TypeError
        For in-degrees that are not below the sizes, and bad shapes, values or rng.
    """
    sizes, generator = [check_whole("sizes", size, at_least=1) for size in sizes], check_rng(rng)
    shape = (len(sizes), len(sizes))
    degrees = check("indegrees", indegrees, "1", nonnegative=True, shape=shape, shape_words="[target, source]")
    if (degrees != np.rint(degrees)).any():
        raise ValueError(f"indegrees must be whole numbers, got {degrees.tolist()}")
    strengths = check("strengths", strengths, "1", shape=shape, shape_words="[target, source]")
    edges = np.concatenate(([0], np.cumsum(sizes)))
    weights = np.zeros((edges[-1], edges[-1]), dtype=np.float32)
    for b, (low, high) in enumerate(pairwise(edges)):
        for a in range(len(sizes)):
            degree = int(degrees[a, b])
            if degree >= high - low:
                raise ValueError(f"indegrees must be smaller than their parts, got {degree} of {high - low} neurons")
            for target in range(edges[a], edges[a + 1]):
                own = low <= target < high
                sources = generator.choice(high - low - own, degree, replace=False) + low
                if own:
                    sources += sources >= target
                weights[target, sources] = strengths[a, b]
    return weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """States of a network, (samples, neurons, trials), `interval` apart, after the warm-up."""

    interval: float
    x: Any


def simulate_rates(
    network: RateNetwork,
    *,
    duration: float,
    warmup: float = 100.0,
    dt: float = 0.1,
    record_every: int = 2,
    trials: int = 4,
    neurons: int | None = None,
    initial: Any = None,
    rng: Any = 1,
    progress: bool = False,
) -> Recording:
    """Simulate from several initial conditions at once.

    The classical Runge-Kutta method; noise enters as an Ornstein-Uhlenbeck process that is drawn exactly at the steps
    and halfway between them. A map makes one step in each unit of time, whatever `dt`.

    Parameters
    ----------
    network : RateNetwork
    duration, warmup : float
        Recorded time and that before it.
    dt : float
        Time step.
    record_every : int
        Steps between samples.
    trials : int
        Initial conditions, drawn from a standard gaussian unless `initial` (n, trials) gives them.
    neurons : int, optional
        Record the first ones only.
    rng : Generator or int
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Recording

    Raises
    ------
    ValueError, TypeError
        For bad arguments.
    FloatingPointError
        If activity diverges.
    """
    dt = 1.0 if network.is_map else check_scalar("dt", dt, "1", positive=True)
    every = check_whole("record_every", record_every, at_least=1)
    n_warmup = round(check_scalar("warmup", warmup, "1", nonnegative=True) / dt)
    n_steps = max(1, round(check_scalar("duration", duration, "1", positive=True) / dt) // every) * every
    generator = check_rng(rng)
    if initial is None:
        shape = (network.size, check_whole("trials", trials, at_least=1))
        initial = generator.standard_normal(shape, dtype=network.weights.dtype)
    x = check("initial", initial, "1").astype(network.weights.dtype)
    if x.ndim != 2 or x.shape[0] != network.size:
        raise ValueError(f"initial must have shape ({network.size}, trials), got {x.shape}")
    shown = slice(0, network.size if neurons is None else check_whole("neurons", neurons, at_least=1))
    recorded = np.empty((n_steps // every, *x[shown].shape), dtype=x.dtype)
    step = stepper(network, x, dt, generator)
    with tqdm(total=n_warmup + n_steps, disable=not progress, desc="steps", leave=False) as bar:
        for k in range(-n_warmup, n_steps):
            x = step(x)
            if k >= 0 and (k + 1) % every == 0:
                recorded[k // every] = x[shown]
            bar.update()
    if not np.isfinite(x).all():
        raise FloatingPointError("activity diverged")
    return Recording(interval=dt * every, x=recorded)


def stepper(network: RateNetwork, x: Any, dt: float, generator: np.random.Generator) -> Callable[[Any], Any]:
    """Return a function that advances states of the shape and precision of x by one step."""
    noise, dtype = network.noise, x.dtype.type

    def draw() -> Any:
        return generator.standard_normal(x.shape, dtype=x.dtype)

    if network.is_map:
        return lambda x: network.inputs(x) + (dtype(noise) * draw() if noise else dtype(0.0))
    if noise == 0.0:
        return lambda x: _runge_kutta(network, x, dtype(dt), dtype(0.0), dtype(0.0), dtype(0.0))
    keep = dtype(math.exp(-0.5 * dt))
    fresh = dtype(noise * math.sqrt(-math.expm1(-dt)))
    state = {"eta": dtype(noise) * draw()}

    def step(x: Any) -> Any:
        eta = state["eta"]
        half = keep * eta + fresh * draw()
        state["eta"] = end = keep * half + fresh * draw()
        return _runge_kutta(network, x - eta, dtype(dt), eta, half, end) + end

    return step


def _runge_kutta(network: RateNetwork, y: Any, dt: Any, start: Any, half: Any, end: Any) -> Any:
    """One step of y' = -y + J φ(y + η) + I, η given at three times."""
    k1 = network.inputs(y + start) - y
    y2 = y + (dt / 2) * k1
    k2 = network.inputs(y2 + half) - y2
    y3 = y + (dt / 2) * k2
    k3 = network.inputs(y3 + half) - y3
    y4 = y + dt * k3
    k4 = network.inputs(y4 + end) - y4
    k2 += k3
    return y + (dt / 6) * (k1 + 2 * k2 + k4)


def autocovariance(recording: Recording, max_lag: float) -> tuple[FloatArray, FloatArray]:
    """Lags up to `max_lag`, and <x(t) x(t + τ)> - <x>² over neurons, trials and time at each.

    Raises
    ------
    ValueError
        If the recording is shorter than twice the largest lag.
    """
    n_lags = round(max_lag / recording.interval) + 1
    samples = recording.x.shape[0]
    if samples < 2 * n_lags:
        raise ValueError(
            f"the recording of {samples * recording.interval:g} must be twice as long as max_lag = {max_lag!r}"
        )
    length = 1 << (samples + n_lags - 1).bit_length()
    total = np.zeros(n_lags)
    for trial in range(recording.x.shape[2]):
        for first in range(0, recording.x.shape[1], 256):  # by parts, for memory
            spectrum = np.fft.rfft(recording.x[:, first : first + 256, trial].astype(float), length, axis=0)
            total += np.fft.irfft((np.abs(spectrum) ** 2).sum(axis=1), length)[:n_lags]
    pairs = (samples - np.arange(n_lags)) * recording.x.shape[1] * recording.x.shape[2]
    return recording.interval * np.arange(n_lags), total / pairs - float(recording.x.mean(dtype=float)) ** 2
