"""Neurons in coloured Gaussian noise of a given spectrum, simulated: rate, CV and spectrum of their spike trains."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from scipy import fft

from meanfield._compiled import CORES, jit
from meanfield._validate import FloatArray
from meanfield.neurons.lif import LIF

_CONTINUITY = 0.5825971579390107  # -zeta(1/2)/sqrt(2 pi)
_AT_ONCE = 1 << 21  # steps of all neurons that are held in memory by a thread
_GROUPS = 20  # of neurons, for standard errors
_WARMUP = 1.0  # s, or a period if that is shorter


class Trains(NamedTuple):
    """Statistics of simulated spike trains, with standard errors."""

    rate: float  # [Hz]
    rate_error: float
    cv: float
    cv_error: float
    spectrum: FloatArray  # (n // 2 + 1,) [Hz]


@jit
def _fire(
    noise: Any,
    mu: Any,
    decay: Any,
    threshold: Any,
    v_reset: Any,
    refractory: Any,
    warmup: Any,
    dt: Any,
    trains: Any,
    sums: Any,
) -> None:
    """Integrate neurons in periodic noise (m, n); fill `trains` (m, n) and `sums` (m, 3) of the intervals I: 1, I, I².

    `warmup` steps, at most n, pass before the period that counts. Intervals are those that begin in it, also where they
    end in the next one: none is left out for its length.
    """
    neurons, n = noise.shape
    for k in range(neurons):
        v, wait, last = v_reset, 0, -1
        for step in range(n - warmup, 3 * n):
            if step >= 2 * n and last < 0:
                break
            j = step % n
            if wait > 0:
                wait -= 1
                continue
            v = mu + (v - mu) * decay + noise[k, j]
            if v >= threshold:
                v = v_reset
                wait = refractory
                if last >= 0:
                    interval = (step - last) * dt
                    sums[k, 1] += interval
                    sums[k, 2] += interval * interval
                last = -1
                if n <= step < 2 * n:
                    last = step
                    sums[k, 0] += 1.0
                    trains[k, j] = 1.0


def simulate(
    neuron: LIF, mu: float, spectrum: FloatArray, dt: float, neurons: int, seed: np.random.SeedSequence
) -> Trains:
    """Simulate `neurons` independent neurons in Gaussian noise.

    tau_m dV/dt = -V + mu + tau_m eta(t), with `spectrum` (n // 2 + 1,) that of eta [V² Hz] up to the frequency
    1/(2 dt), n even. The noise has the period n dt, so no window leaks into the spectrum that is measured; its
    value at 0 is that of the counts. Where eta has a white part the threshold is lowered to make up for what the
    membrane potential does between steps (Broadie, Glasserman & Kou 1997, Math. Finance 7).
    """
    n = 2 * (spectrum.size - 1)
    white = 0.0 if neuron.tau_s > 0.0 else float(spectrum[spectrum.size // 2 :].mean())
    threshold = neuron.v_th - _CONTINUITY * math.sqrt(white * dt)
    frequency = np.arange(spectrum.size) / (n * dt)
    filtered = spectrum / (1.0 + (2.0 * np.pi * frequency * neuron.tau_s) ** 2)
    size = np.sqrt(filtered * dt * n / 2.0).astype(np.float32)
    decay = math.exp(-dt / neuron.tau_m)
    refractory = round(neuron.t_ref / dt)
    warmup = min(n, round(_WARMUP / dt))
    at_once = max(1, min(_AT_ONCE // n, -(-neurons // _GROUPS)))
    chunks = [min(at_once, neurons - a) for a in range(0, neurons, at_once)]

    def run(job: tuple[int, np.random.SeedSequence]) -> tuple[FloatArray, FloatArray]:
        noise = _noise(size, math.sqrt(decay), job[0], np.random.default_rng(job[1]))
        trains = np.zeros((job[0], n), dtype=np.float32)
        sums = np.zeros((job[0], 3))
        _fire(noise, mu, decay, threshold, neuron.v_reset, refractory, warmup, dt, trains, sums)
        return sums, (np.abs(fft.rfft(trains, axis=1)) ** 2).sum(axis=0, dtype=float)

    with ThreadPoolExecutor(CORES) as threads:
        done = list(threads.map(run, zip(chunks, seed.spawn(len(chunks)), strict=True)))
    return _statistics(np.concatenate([sums for sums, _ in done]), sum(power for _, power in done), n * dt)


def _noise(size: Any, factor: float, neurons: int, rng: np.random.Generator) -> Any:
    """Increments of the membrane potential, (neurons, n) float32, periodic, of amplitudes `size` by frequency."""
    waves = rng.standard_normal((neurons, size.size, 2), dtype=np.float32).view(np.complex64)[..., 0]
    waves *= size
    waves[:, [0, -1]] = waves[:, [0, -1]].real * np.float32(math.sqrt(2.0))
    increments = fft.irfft(waves, axis=1)
    increments *= np.float32(factor)
    return increments


def _statistics(sums: FloatArray, power: Any, period: float) -> Trains:
    counts = sums[:, 0]
    spectrum = power / (counts.size * period)
    spectrum[0] = counts.var() / period
    groups = [_moments(group) for group in np.array_split(sums, min(_GROUPS, len(sums)))]
    errors = np.std(groups, axis=0, ddof=1) / math.sqrt(len(groups))
    rate, cv = _moments(sums)
    return Trains(rate / period, float(errors[0]) / period, cv, float(errors[1]), spectrum)


def _moments(sums: FloatArray) -> tuple[float, float]:
    """Mean count and CV; a CV of 1 where next to nothing fires."""
    count, first, second = sums.mean(axis=0).tolist()
    if count * len(sums) < 2:
        return count, 1.0
    mean = first / count
    return count, math.sqrt(max(second / count - mean * mean, 0.0)) / mean
