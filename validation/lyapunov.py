"""Lyapunov spectra of rate networks by QR decomposition of the tangent dynamics (Benettin et al. 1980).

The Runge-Kutta step itself is differentiated, so that exponents are those of the map that is iterated; all tangent
vectors and the state go through one matrix product.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import qr
from tqdm import tqdm

from meanfield._validate import FloatArray, check_rng, check_scalar, check_whole
from validation.ratenetwork import RateNetwork, stepper
from validation.statistics import Estimate

_BLOCKS = 10  # of time, for standard errors


@dataclass(frozen=True, slots=True, kw_only=True)
class LyapunovSpectrum:
    """Exponents in descending order [1/time constant, or a step].

    Attributes
    ----------
    exponents, errors : ndarray
        (k,), and their standard errors over ten blocks of time.
    size : int
        Number of neurons.
    """

    exponents: FloatArray
    errors: FloatArray
    size: int

    @property
    def is_full(self) -> bool:
        """Whether every exponent is there."""
        return self.exponents.size == self.size

    @property
    def entropy_rate(self) -> float:
        """Sum of the positive exponents (Pesin)."""
        self._need(self.exponents[-1] <= 0.0, "positive exponent")
        return float(self.exponents[self.exponents > 0.0].sum())

    @property
    def dimension(self) -> float:
        """Kaplan-Yorke dimension of the attractor."""
        sums = np.cumsum(self.exponents)
        self._need(bool(sums[-1] < 0.0), "exponent up to a negative sum")
        if self.exponents[0] <= 0.0:
            return 0.0
        j = int(np.argmax(sums < 0.0))
        return j + float(sums[j - 1]) / -float(self.exponents[j])

    def _need(self, fulfilled: bool, what: str) -> None:
        if not (fulfilled or self.is_full):
            raise ValueError(f"needs every {what}, but only {self.exponents.size} of {self.size} were computed")


def lyapunov_spectrum(
    network: RateNetwork,
    *,
    count: int | None = None,
    duration: float = 200.0,
    warmup: float = 100.0,
    dt: float = 0.1,
    interval: float = 1.0,
    rng: Any = 1,
    progress: bool = False,
) -> LyapunovSpectrum:
    """Return the largest `count` exponents, all by default.

    Parameters
    ----------
    network : RateNetwork
    count : int, optional
    duration, warmup, dt
        As of `validation.ratenetwork.simulate_rates`.
    interval : float
        Between orthonormalisations.
    rng : Generator or int
    progress : bool

    Raises
    ------
    ValueError, TypeError
        For bad arguments.
    """
    n = network.size
    k = n if count is None else check_whole("count", count, at_least=1)
    if k > n:
        raise ValueError(f"count must not exceed the {n} neurons, got {k}")
    dt = 1.0 if network.is_map else check_scalar("dt", dt, "1", positive=True)
    interval = check_scalar("interval", interval, "1", positive=True)
    per = max(1, round(interval / dt))
    generator = check_rng(rng)
    dtype = network.weights.dtype
    x = generator.standard_normal((n, 1), dtype=dtype)
    step = stepper(network, x, dt, generator)
    for _ in range(round(warmup / dt)):
        x = step(x)
    tangents = np.linalg.qr(generator.standard_normal((n, k), dtype=dtype))[0]
    settle = max(10, round(0.2 * duration / (per * dt)))  # turns until the vectors have found their directions
    turns = max(_BLOCKS, round(duration / (per * dt)))
    logs = np.empty((turns, k))
    noise = _Noise(network, x, dt, generator)
    for turn in tqdm(range(-settle, turns), disable=not progress, desc="turns", leave=False):
        for _ in range(per):
            x, tangents = noise.advance(x, tangents)
        tangents, triangle = qr(tangents, mode="economic", overwrite_a=True, check_finite=False)
        if turn >= 0:
            logs[turn] = np.log(np.abs(np.diag(triangle)))
    rates = logs / (per * dt)
    blocks = [Estimate.of(column) for column in np.array([b.mean(axis=0) for b in np.array_split(rates, _BLOCKS)]).T]
    means = rates.mean(axis=0)
    order = np.argsort(-means)
    return LyapunovSpectrum(exponents=means[order], errors=np.array([b.error for b in blocks])[order], size=n)


class _Noise:
    """Steps of state and tangents together, under the same noise."""

    def __init__(self, network: RateNetwork, x: Any, dt: float, generator: np.random.Generator) -> None:
        self.network, self.dt, self.generator = network, x.dtype.type(dt), generator
        self.eta = x.dtype.type(network.noise) * self._draw(x)

    def _draw(self, x: Any) -> Any:
        if self.network.noise == 0.0:
            return np.zeros_like(x)
        return self.generator.standard_normal(x.shape, dtype=x.dtype)

    def advance(self, x: Any, v: Any) -> tuple[Any, Any]:
        """One step; `v` are tangent vectors at the only column of `x`."""
        network = self.network
        if network.is_map:
            value, slopes = self._inputs(x, v)
            return value + x.dtype.type(network.noise) * self._draw(x), slopes
        half_step = float(self.dt) / 2
        keep = x.dtype.type(math.exp(-half_step))
        fresh = x.dtype.type(network.noise * math.sqrt(-math.expm1(-2 * half_step)))
        start = self.eta
        half = keep * start + fresh * self._draw(x)
        self.eta = end = keep * half + fresh * self._draw(x)
        y, h = np.hstack([x - start, v]), self.dt

        def flow(state: Any, eta: Any) -> Any:
            return np.hstack(self._inputs(state[:, :1] + eta, state[:, 1:])) - state

        k1 = flow(y, start)
        k2 = flow(y + (h / 2) * k1, half)
        k3 = flow(y + (h / 2) * k2, half)
        k4 = flow(y + h * k3, end)
        k2 += k3
        y += (h / 6) * (k1 + 2 * k2 + k4)
        return y[:, :1] + end, y[:, 1:]

    def _inputs(self, x: Any, v: Any) -> tuple[Any, Any]:
        """J φ(x) + I, and J diag(φ'(x)) v."""
        phi = self.network.phi
        both = self.network.weights @ np.hstack([phi.value(x), phi.slope(x).astype(v.dtype) * v])
        return both[:, :1] + self.network.bias, both[:, 1:]
