"""Oscillations that a network begins to make: simulation across the Hopf lines of Brunel's network.

In-degrees are fixed while the number of neurons N varies (the connection probability is C/N): theory's stationary state
and its stability then stay as they are, and only the noise of a finite network, ~ 1/N, changes.
``python -m validation oscillations`` prints it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray
from validation import rhythm
from validation.oscillation_theory import Prediction, predict, predict_stepped, stepped_boundary
from validation.results import Simulation
from validation.statistics import Estimate
from validation.sweep import simulate_many

BIN = 5e-4  # s, of the rate
SIZES = (5000, 10_000, 20_000, 40_000)
MIN_SEGMENTS = 4  # for a standard error over segments
_SYNAPSES = 1250  # a neuron, from within the network


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A way across a Hopf line at fixed g.

    Attributes
    ----------
    name : str
    g : float
    etas : tuple of float
        From the stable to the oscillating side.
    bracket : (float, float)
        Values of eta between which theory's line lies, and no other.
    duration : float
        Time to record of a trial [s].
    segment : float
        Of the spectra [s], longer than fluctuations last.
    window : float
        Of the counts that synchrony is measured with [s], a fraction of the period.
    """

    name: str
    g: float
    etas: tuple[float, ...]
    bracket: tuple[float, float]
    duration: float
    segment: float
    window: float


FAST = Crossing(
    name="fast",
    g=6.0,
    etas=(2.2, 2.6, 3.0, 3.3, 3.6, 4.0, 4.5),
    bracket=(2.5, 4.0),
    duration=2.0,
    segment=0.25,
    window=1e-3,
)
SLOW = Crossing(
    name="slow",
    g=4.5,
    etas=(1.1, 1.0, 0.95, 0.92, 0.9, 0.88, 0.86),
    bracket=(0.88, 1.0),
    duration=3.0,
    segment=0.5,
    window=5e-3,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Simulation at one eta and one size.

    Attributes
    ----------
    eta, size
    rate : float
        nu [Hz].
    variance : Estimate
        V [Hz²], of the rate of all neurons within the band of the oscillation, above that of Poisson trains; the
        standard error is over segments of time.
    chi : float
        Golomb and Rinzel's measure of synchrony, mean of the trials.
    resonance : rhythm.Resonance
    """

    eta: float
    size: int
    rate: float
    variance: Estimate
    chi: float
    resonance: rhythm.Resonance

    @property
    def amplitude(self) -> float:
        """Of the sinusoid of the same variance, over the rate."""
        return math.sqrt(2.0 * max(self.variance.mean, 0.0)) / self.rate

    @property
    def fluctuation(self) -> float:
        """N V/nu [Hz], constant over N where neurons fire asynchronously."""
        return self.size * self.variance.mean / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Oscillations:
    """What `oscillations` found about one crossing; prints as a table.

    Attributes
    ----------
    crossing : Crossing
    boundary, frequency : float
        eta of theory's Hopf point, and its frequency [Hz].
    band : (float, float)
        Where the oscillation is measured [Hz], an octave to both sides of `frequency`.
    predictions : tuple of Prediction
        By eta; white-noise theory.
    stepped : tuple of Prediction
        By eta; the theory of finite weights in steps of time, `meanfield.stepped_state`.
    stepped_boundary : float
        eta of its Hopf point; NaN if it is not between the first and the last eta.
    measurements : tuple of Measurement
        By eta, then size.
    exponents : tuple of Estimate
        p of V ~ N^-p, by eta.
    crossed : Estimate
        eta where p passes 1/2, in simulation; NaN if it does not.
    normal_form : rhythm.NormalForm
        Fitted to all V/nu², and the eta where its linear term vanishes.
    """

    crossing: Crossing
    boundary: float
    frequency: float
    band: tuple[float, float]
    predictions: tuple[Prediction, ...]
    stepped: tuple[Prediction, ...]
    stepped_boundary: float
    measurements: tuple[Measurement, ...]
    exponents: tuple[Estimate, ...]
    crossed: Estimate
    normal_form: rhythm.NormalForm

    def __str__(self) -> str:
        low, high = self.band
        columns = (("eta", 5), ("N", 8), ("rate", 9), ("peak", 8), ("", 6), ("damping", 9), ("", 6))
        columns += (("amplitude", 10), ("N V/nu", 10), ("chi", 8))
        units = (("", 13), ("Hz", 9), ("Hz", 8), ("1/s", 15), ("Hz", 26))
        lines = [f"{self.crossing.name} oscillation: g = {self.crossing.g:g}, band {low:.0f} to {high:.0f} Hz"]
        lines += ["".join(f"{word:>{width}}" for word, width in words) for words in (columns, units)]
        for k, (prediction, stepped, exponent) in enumerate(
            zip(self.predictions, self.stepped, self.exponents, strict=True)
        ):
            lines += [_line_of_theory("white", prediction), _line_of_theory("steps", stepped)]
            n_sizes = len(self.measurements) // len(self.predictions)
            lines += [_line_of_simulation(m) for m in self.measurements[k * n_sizes : (k + 1) * n_sizes]]
            lines.append(f"{'':13}V ~ N^-p, p = {exponent.mean:.2f} ± {exponent.error:.2f}")
        passes = "nowhere on this way" if math.isnan(self.crossed.mean) else f"at eta = {self.crossed}"
        fit = self.normal_form
        return "\n".join(
            [
                *lines,
                f"boundary in white-noise theory: eta = {self.boundary:.4g}, at {self.frequency:.1f} Hz",
                f"boundary in theory of finite weights in steps of time: eta = {self.stepped_boundary:.4g}",
                f"boundary in simulation, where p passes 1/2: {passes}",
                f"boundary in simulation, where the normal form's linear term does: eta = "
                f"{Estimate(fit.boundary, fit.error)} (chi² = {fit.chi2:.0f}, {fit.freedom} degrees of freedom)",
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain = asdict(self)
        for row, m in zip(plain["measurements"], self.measurements, strict=True):
            row |= {"amplitude": m.amplitude, "fluctuation": m.fluctuation}
        return plain


def _line_of_theory(name: str, p: Prediction) -> str:
    words = f"{p.eta:5g}{name:>8}{p.rate:9.2f}"
    if math.isnan(p.peak):
        return words + f"{p.frequency:8.1f}{'':6}{p.damping:9.1f}{'':6}{'unstable':>10}"
    return words + f"{p.peak:8.1f}{'':6}{p.damping:9.1f}{'':16}{p.fluctuation:10.3g}"


def _line_of_simulation(m: Measurement) -> str:
    r = m.resonance
    words = f"{m.size:13}{m.rate:9.2f}{r.peak:8.1f} ±{r.peak_error:4.1f}{r.damping:9.1f} ±{r.damping_error:4.0f}"
    return words + f"{m.amplitude:10.3f}{m.fluctuation:10.3g}{m.chi:8.3f}"


def oscillations(
    crossing: Crossing,
    *,
    sizes: Sequence[int] = SIZES,
    trials: int = 2,
    dt: float = 1e-4,
    rng: Any = 1,
    processes: int | None = None,
    store: Any = None,
    progress: bool = False,
) -> Oscillations:
    """Simulate Brunel's network on the way across a Hopf line, and set it against the theory of stability.

    Parameters
    ----------
    crossing : Crossing
        `FAST`, `SLOW`, or another.
    sizes : sequence of int
        Numbers of neurons N, two at least, each more than 1250.
    trials : int
        Independent runs at each eta and size.
    dt, rng, processes, store, progress
        As of `simulate_many`.

    Returns
    -------
    Oscillations

    Raises
    ------
    ValueError
        For fewer than 2 sizes or too short a time for errors, and as of `simulate_many`.
    """
    sizes = sorted(set(sizes))
    if len(sizes) < 2 or sizes[0] <= _SYNAPSES:
        raise ValueError(f"sizes must be 2 numbers of neurons at least, above {_SYNAPSES}, got {sizes}")
    if trials < 1 or trials * math.floor(crossing.duration / crossing.segment + 1e-9) < MIN_SEGMENTS:
        raise ValueError(f"trials must give {MIN_SEGMENTS} segments of {crossing.segment:g} s, got {trials} trials")
    boundary, frequency = hopf_point(crossing)
    band = (frequency / 2.0, 2.0 * frequency)
    points = list(itertools.product(reversed(sizes), crossing.etas))  # the longest first
    runs = [point for point in points for _ in range(trials)]
    summaries = simulate_many(
        [network(crossing.g, eta, size) for size, eta in runs],
        summary=summarise,
        duration=crossing.duration,
        warmup=0.3,
        dt=dt,
        rng=rng,
        processes=processes,
        store=store,
        progress=progress,
    )
    groups = {point: summaries[k * trials : (k + 1) * trials] for k, point in enumerate(points)}
    measured = [
        measure(groups[size, eta], crossing, eta=eta, size=size, band=band) for eta in crossing.etas for size in sizes
    ]
    return compare(crossing, boundary, frequency, measured, dt)


def network(g: float, eta: float, size: int) -> mf.Network:
    """Brunel's network of `size` neurons, each with 1250 synapses from within whatever the size."""
    return mf.models.brunel2000(g=g, eta=eta, epsilon=_SYNAPSES / size)


def hopf_point(crossing: Crossing) -> tuple[float, float]:
    """Return eta and frequency [Hz] of theory's Hopf point; ValueError if there is not exactly one in the bracket."""
    branch = mf.branch(mf.models.brunel2000, "eta", start=crossing.bracket[1], bounds=crossing.bracket, g=crossing.g)
    hopf = [point for point in branch.special if point.kind == "Hopf"]
    if len(hopf) != 1:
        raise ValueError(f"bracket must hold one Hopf point, {crossing.bracket} holds {len(hopf)}")
    return hopf[0].parameters["eta"], hopf[0].frequency


def summarise(simulation: Simulation) -> dict[str, Any]:
    """Spikes of all neurons in bins, and their synchrony by the window it is measured with."""
    first = np.cumsum([0, *simulation.network.sizes])
    times = np.concatenate(simulation.times)
    indices = np.concatenate([index + start for index, start in zip(simulation.indices, first[:-1], strict=True)])
    n_bins = math.floor(simulation.duration / BIN + 1e-9)
    bins = np.floor(times / BIN + 1e-6).astype(np.int64)
    counts = np.bincount(bins[bins < n_bins], minlength=n_bins)
    windows = {crossing.window for crossing in (FAST, SLOW)}
    chi = {w: rhythm.chi(times, indices, int(first[-1]), simulation.duration, w) for w in sorted(windows)}
    return {"counts": counts.astype(np.int32), "chi": chi}


def measure(
    summaries: Sequence[dict[str, Any]], crossing: Crossing, *, eta: float, size: int, band: tuple[float, float]
) -> Measurement:
    """Put the trials of one point together."""
    rate = float(np.mean([found["counts"].mean() for found in summaries])) / size / BIN
    spectra = [rhythm.segment_spectra(found["counts"], size, BIN, crossing.segment) for found in summaries]
    f, power = spectra[0][0], np.concatenate([power for _, power in spectra])
    return Measurement(
        eta=eta,
        size=size,
        rate=rate,
        variance=Estimate.of(rhythm.band_variance(f, power, rate / size, band)),
        chi=float(np.mean([found["chi"][crossing.window] for found in summaries])),
        resonance=rhythm.fit_resonance(f, power.mean(axis=0), len(power), band),
    )


def compare(
    crossing: Crossing, boundary: float, frequency: float, measured: Sequence[Measurement], dt: float
) -> Oscillations:
    """Read the boundary from measurements by eta, then size."""
    band = (frequency / 2.0, 2.0 * frequency)
    n_etas = len(crossing.etas)
    eta, size, rate, variance, error = np.array(
        [(m.eta, m.size, m.rate, m.variance.mean, m.variance.error) for m in measured]
    ).T
    sizes = size.reshape(n_etas, -1)[0]
    table: tuple[FloatArray, FloatArray] = (variance.reshape(n_etas, -1), error.reshape(n_etas, -1))
    exponents = zip(*rhythm.scaling_exponent(sizes, *table), strict=True)
    return Oscillations(
        crossing=crossing,
        boundary=boundary,
        frequency=frequency,
        band=band,
        predictions=tuple(predict(crossing.g, eta, band) for eta in crossing.etas),
        stepped=tuple(predict_stepped(crossing.g, eta, band, dt) for eta in crossing.etas),
        stepped_boundary=stepped_boundary(crossing.g, crossing.etas, dt),
        measurements=tuple(measured),
        exponents=tuple(Estimate(float(p), float(e)) for p, e in exponents),
        crossed=rhythm.crossing(np.array(crossing.etas), sizes, *table),
        normal_form=rhythm.fit_normal_form(eta, size * rate, variance / rate**2, error / rate**2),
    )
