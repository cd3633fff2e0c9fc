"""Moments of excitation and inhibition from simulations that recorded them apart, by blocks of time.

A simulation is what has `network`, `duration`, `times` and `indices` (spikes by population), and `currents` with
`bin_width`, `excitation` and `inhibition`, as `validation.simulate(..., currents=100, current_bin=0.5e-3)` returns it.
Means over time of every neuron are taken off, so what is measured are fluctuations in time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import fft

from meanfield._validate import FloatArray
from meanfield.balance.currents import weigh
from meanfield.fixedpoint import FixedPoint
from meanfield.network import Network
from meanfield.response import ComplexArray

BLOCKS = 10  # of a recording, for standard errors
SHORTEST = 2.0  # s, of a recording
SEGMENT = 1.0  # s, of a spectrum, at most
SAMPLE = 500  # neurons a population whose single spike trains have their spectra measured
_BAND, _FEWEST = 1.1, 4  # bands span a tenth of their frequency, and as many frequencies at least
_FIRST = 2  # multiple of 1/segment: below, the window lets the mean in
_HIGHEST = 0.5  # of the highest frequency that bins know: above, what they fold back counts


class Moments(NamedTuple):
    """What tightness is made of; all entries are means over time, so that those of blocks add up."""

    means: FloatArray  # (2, P): E and I [V]
    windows: FloatArray  # (W, P, 3): variances of E and I averaged over windows, and their covariance [V²]
    spectra: ComplexArray  # (F, P, 3): of E, of I, and from E to I [V² s]
    loop: FloatArray  # (F, P, 4): as of `loop_powers`
    lags: FloatArray  # (L, P): <E(t) I(t + lag)> in bins [V²]
    bins: FloatArray  # (P, 2): variances of E and I in these bins [V²]


def mean_of(blocks: list[Moments]) -> Moments:
    """Mean over blocks."""
    return Moments(*(np.mean(column, axis=0) for column in zip(*blocks, strict=True)))


def check_duration(duration: float) -> float:
    """Return the duration of a simulation [s]; ValueError if it is too short for blocks of time."""
    if not duration >= SHORTEST:
        raise ValueError(f"duration must be at least {SHORTEST:g} s to measure tightness, got {duration} s")
    return duration


def band_frequencies(simulation: Any) -> FloatArray:
    """Centres of the bands over which spectra of a simulation are averaged, (F,) [Hz]."""
    plan = _Plan.of(simulation)
    return np.array([plan.frequency[a:b].mean() for a, b in plan.bands])


def moments_by_block(
    simulation: Any, state: FixedPoint, windows: FloatArray, lags: FloatArray, lag_bin: float
) -> list[Moments]:
    """Moments of each block of a simulation, at windows (W,) [s] and lags (L,) [s], multiples of `lag_bin` [s].

    Of `state` the loop gain weighs the rates.

    Raises
    ------
    ValueError
        For a recording that is too short, whose bins do not fit in `lag_bin`, or of fewer populations or neurons than
        are needed; without separate currents, as `simulation.currents` does.
    """
    plan = _Plan.of(simulation)
    coarse = _whole(lag_bin, plan.bin_width, "bins of the correlation")
    loop = plan.in_bands(weigh(state, plan.frequency, *_spike_spectra(simulation, plan)))
    by_population = list(_current_moments(simulation, plan, windows, np.rint(lags / lag_bin).astype(int), coarse))
    return [
        Moments(
            means=np.stack([one[0][:, k] for one in by_population], axis=1),
            windows=np.stack([one[1][:, k] for one in by_population], axis=1),
            spectra=np.stack([one[2][k] for one in by_population], axis=1),
            loop=loop[k],
            lags=np.stack([one[3][k] for one in by_population], axis=1),
            bins=np.stack([one[4][:, k] for one in by_population], axis=0),
        )
        for k in range(BLOCKS)
    ]


class _Plan(NamedTuple):
    """How a recording is cut."""

    bin_width: float  # [s]
    block: int  # bins
    segments: int  # a block
    frequency: FloatArray  # (n,) [Hz], those that count
    first: int  # index of the first of them
    bands: list[tuple[int, int]]  # of the frequencies

    @classmethod
    def of(cls, simulation: Any) -> _Plan:
        currents = simulation.currents
        check_duration(simulation.duration)
        width = float(currents.bin_width)
        bins = min(part.shape[1] for part in currents.excitation)
        block = bins // BLOCKS
        segments = math.ceil(block * width / SEGMENT - 1e-9)
        length = block // segments
        every = fft.rfftfreq(length, width)
        last = int(np.searchsorted(every, _HIGHEST * every[-1], side="right"))
        if last < _FIRST + _FEWEST:
            raise ValueError(
                f"bins of currents of {width} s are too wide for spectra of segments of {length * width} s"
            )
        frequency = every[_FIRST:last]
        starts = [0]
        while frequency.size - starts[-1] >= 2 * _FEWEST:
            wide = int(np.searchsorted(frequency, _BAND * frequency[starts[-1]]))
            starts.append(max(wide, starts[-1] + _FEWEST))
        starts = [start for start in starts if frequency.size - start >= _FEWEST]
        bands = list(zip(starts, [*starts[1:], frequency.size], strict=True))
        return cls(width, block, segments, frequency, _FIRST, bands)

    @property
    def length(self) -> int:
        """Bins of a segment."""
        return self.block // self.segments

    def transforms(self, values: FloatArray) -> ComplexArray:
        """Fourier transforms [values s / sqrt(s)] of segments of values (n, bins), (n, BLOCKS, segments, frequencies).

        With Hann's window: without, the power that leaks from where a loop amplifies would hide what it suppresses.
        """
        taper = np.hanning(self.length + 1)[:-1]
        taper *= math.sqrt(self.bin_width / (taper @ taper))
        used = values[:, : BLOCKS * self.block].reshape(-1, BLOCKS, self.block)[..., : self.segments * self.length]
        pieces = used.reshape(-1, BLOCKS, self.segments, self.length)
        out = fft.rfft(pieces * taper, axis=-1)[..., self.first : self.first + self.frequency.size]
        return np.asarray(out)

    def in_bands(self, spectra: Any) -> Any:
        """Means over bands of spectra, (BLOCKS, frequencies, ...)."""
        return np.stack([spectra[:, a:b].mean(axis=1) for a, b in self.bands], axis=1)


def _whole(length: float, bin_width: float, words: str) -> int:
    """How many bins make a length."""
    steps = round(length / bin_width)
    if steps < 1 or not math.isclose(steps * bin_width, length, rel_tol=1e-6):
        raise ValueError(f"current_bin must fit a whole number of times in {words} of {length:g} s, got {bin_width} s")
    return steps


def _spike_spectra(simulation: Any, plan: _Plan) -> tuple[ComplexArray, FloatArray]:
    """Spectra of the population rates, (BLOCKS, n, P, P), and S/N of trains on their own, (BLOCKS, n, P) [Hz]."""
    sizes = simulation.network.sizes
    bins = BLOCKS * plan.block
    transforms, alone = [], []
    for times, indices, size in zip(simulation.times, simulation.indices, sizes, strict=True):
        at = np.floor(times / plan.bin_width + 1e-6).astype(np.int64)
        inside = at < bins
        at, neurons = at[inside], np.asarray(indices)[inside]
        counts = np.bincount(at, minlength=bins)
        transforms.append(plan.transforms((counts - counts.mean())[None] / size / plan.bin_width)[0])
        total: Any = 0.0
        sample = min(size, SAMPLE)
        for k in range(sample):
            train = np.bincount(at[neurons == k], minlength=bins)
            total = total + (np.abs(plan.transforms((train - train.mean())[None] / plan.bin_width)[0]) ** 2).mean(
                axis=1
            )
        alone.append(total / sample)
    x = np.stack(transforms, axis=-1)  # (BLOCKS, segments, n, P)
    rates = np.einsum("bsfi,bsfj->bfij", x, x.conj()) / plan.segments
    index = np.arange(len(sizes))
    # A neuron's own spectrum is S + C - S/N, the last two what correlations add (see meanfield.fluctuations).
    n = np.array(sizes, dtype=float)
    single = (np.stack(alone, axis=-1) - rates[:, :, index, index].real) / np.maximum(1.0 - 1.0 / n, 1.0 / n)
    return rates, np.where(n > 1.0, single, np.stack(alone, axis=-1)) / n


def _current_moments(
    simulation: Any, plan: _Plan, windows: FloatArray, lags: Any, coarse: int
) -> Iterator[tuple[Any, ...]]:
    """Of each population: means (2, BLOCKS), windows (W, BLOCKS, 3), spectra, lags (BLOCKS, L), bins (2, BLOCKS)."""
    pairs = zip(simulation.currents.excitation, simulation.currents.inhibition, strict=True)
    bins = BLOCKS * plan.block
    for parts in pairs:
        e, i = (np.asarray(part)[:, :bins] for part in parts)
        means = np.stack([part.reshape(-1, BLOCKS, plan.block).mean(axis=(0, 2)) for part in (e, i)])
        e, i = e - e.mean(axis=1, keepdims=True), i - i.mean(axis=1, keepdims=True)
        seen = []
        for window in windows.tolist():
            steps = _whole(window, plan.bin_width, "windows")
            a, b = (_averaged(part, plan.block, steps) for part in (e, i))
            # Of a mean that was measured in the recording itself the variance is too small by its own.
            unbiased = 1.0 / (1.0 - steps / bins)
            seen.append(np.stack([(x * y).mean(axis=(0, 2)) * unbiased for x, y in ((a, a), (b, b), (a, b))], axis=-1))
        x, y = plan.transforms(e), plan.transforms(i)
        spectra = np.stack([(p * q.conj()).mean(axis=(0, 2)) for p, q in ((x, x), (y, y), (x, y))], axis=-1)
        a, b = (_averaged(part, plan.block, coarse) for part in (e, i))
        variances = np.stack([(part**2).mean(axis=(0, 2)) for part in (a, b)])
        yield means, np.array(seen), plan.in_bands(spectra), _at_lags(a, b, lags), variances


def _averaged(values: FloatArray, block: int, steps: int) -> FloatArray:
    """Means over windows of `steps` bins that lie within blocks, (n, BLOCKS, windows)."""
    n = block // steps
    blocks = values.reshape(len(values), BLOCKS, block)[..., : n * steps]
    return np.asarray(blocks.reshape(len(values), BLOCKS, n, steps).mean(axis=-1))


def _at_lags(e: FloatArray, i: FloatArray, lags: Any) -> FloatArray:
    """Mean over neurons of <E(t) I(t + lag)> within blocks, (BLOCKS, L); lags in bins."""
    n = e.shape[-1]
    padded = fft.next_fast_len(n + int(np.abs(lags).max(initial=0)), real=True)
    product = (fft.rfft(e, padded, axis=-1).conj() * fft.rfft(i, padded, axis=-1)).mean(axis=0)
    sums = fft.irfft(product, padded, axis=-1)
    return np.asarray(sums[:, lags % padded] / (n - np.abs(lags)))


def check_simulations(simulations: list[Any]) -> Network:
    """Return the network that simulations are of.

    Raises
    ------
    TypeError, ValueError
        For what is no simulation; for simulations of different networks.
    """
    wanted = ("network", "duration", "times", "indices", "currents")
    for simulation in simulations:
        for name in wanted:
            # A property that raises, such as that of currents which were not recorded, says itself what is wrong.
            if not hasattr(type(simulation), name) and not hasattr(simulation, name):
                raise TypeError(
                    f"tightness is of a Network, a FixedPoint, or a simulation with recorded currents (or several), "
                    f"got {type(simulation).__name__}, which has no {name}"
                )
    network: Network = simulations[0].network
    if any(simulation.network != network for simulation in simulations):
        raise ValueError("simulations must be of one network to be taken together")
    return network
