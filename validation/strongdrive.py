"""Neurons far above threshold behind filtered synapses: rate, CV and response of `mf.LIFFiltered` beside simulations.

There V surely rises to threshold, and theory is a chain of currents at spikes (`meanfield.neurons.filtered_chain`).
`python -m validation filtered --strong-drive` prints the table.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from tqdm import tqdm

import meanfield as mf
from meanfield._validate import check_rng
from meanfield.units import Hz, mV
from validation.filtered import NEURON, Simulated, simulate_filtered, simulate_response
from validation.report import to_json

POINTS = (  # tau_s/tau_m, t_ref, mu, sigma: as in Brunel's network at weak inhibition, and without refractoriness
    (0.25, NEURON.t_ref, 200 * mV, 16 * mV),
    (0.25, NEURON.t_ref, 400 * mV, 12 * mV),
    (0.25, NEURON.t_ref, 800 * mV, 10 * mV),
    (0.1, NEURON.t_ref, 300 * mV, 14 * mV),
    (1.0, NEURON.t_ref, 60 * mV, 8 * mV),
    (0.25, 0.0, 200 * mV, 16 * mV),
)
FREQUENCIES = (0.1, 0.45, 0.97)  # of the rate
DEPTH = 0.1  # of the modulated rate, if the input's does not exceed these parts of mu and of sigma²
MOST_OF_MU, MOST_OF_VARIANCE = 0.03, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Response to "mu" [Hz/V] or "sigma²" [Hz/V²] at one frequency [Hz]: theory, and simulation with standard error."""

    by: str
    frequency: float
    theory: complex
    simulated: complex
    error: float

    @property
    def z(self) -> float:
        """Of the difference: its modulus over that which chance gives on average (1 for its square)."""
        return abs(self.simulated - self.theory) / (math.sqrt(2.0) * self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """One neuron [s, s] in one input [V, V], its rate [Hz] and CV."""

    tau_s: float
    t_ref: float
    mu: float
    sigma: float
    method: str
    rate: float
    cv: float
    simulated: Simulated
    answers: tuple[Answer, ...]

    def __str__(self) -> str:
        seen = self.simulated
        z = [(here - there.mean) / there.error for here, there in ((self.rate, seen.rate), (self.cv, seen.cv))]
        lines = [
            f"tau_s = {self.tau_s / NEURON.tau_m:g} tau_m, t_ref = {self.t_ref * 1e3:g} ms, mu = {self.mu / mV:g}, "
            f"sigma = {self.sigma / mV:g} mV ({self.method})",
            f"  rate {self.rate:.5g}, simulated {seen.rate} Hz, z {z[0]:+.1f}; "
            f"CV {self.cv:.4g}, simulated {seen.cv}, z {z[1]:+.1f}",
        ]
        for one in self.answers:
            unit, word = (Hz / mV, "Hz/mV ") if one.by == "mu" else (Hz / mV**2, "Hz/mV²")
            values = "   ".join(
                f"{abs(x) / unit:8.4g} at {math.degrees(cmath.phase(x)):+4.0f}°" for x in (one.theory, one.simulated)
            )
            lines.append(
                f"  to {one.by:<6} at {one.frequency:4.0f} Hz: {values} ± {one.error / unit:.2g} {word}  z {one.z:.1f}"
            )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrongDrive:
    """Neurons of the experiment; prints as a table: theory, then simulation."""

    neurons: tuple[Driven, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.neurons))

    def to_json(self) -> str:
        """As JSON, in SI units; complex numbers as [real, imaginary]."""
        return to_json([asdict(neuron) for neuron in self.neurons])


def strong_drive(*, spikes: int = 400_000, rng: Any = 1, progress: bool = False) -> StrongDrive:
    """Simulate modulated neurons far above threshold.

    Parameters
    ----------
    spikes : int
        Of each simulation.
    rng : Generator or int
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    StrongDrive
    """
    rng = check_rng(rng)
    shown = tqdm(POINTS, disable=not progress, desc="neurons")
    return StrongDrive(neurons=tuple(_drive(*point, spikes, rng) for point in shown))


def _drive(ratio: float, t_ref: float, mu: float, sigma: float, spikes: int, rng: Any) -> Driven:
    neuron = replace(NEURON, tau_s=ratio * NEURON.tau_m, t_ref=t_ref)
    solved = neuron.solve(mu, sigma)
    return Driven(
        tau_s=neuron.tau_s,
        t_ref=t_ref,
        mu=mu,
        sigma=sigma,
        method=solved.method,
        rate=solved.rate,
        cv=neuron.cv(mu, sigma),
        simulated=simulate_filtered(neuron, mu, sigma, spikes=spikes, rng=rng),
        answers=tuple(
            _answer(neuron, mu, sigma, by, part * solved.rate, spikes, rng)
            for by in ("mu", "sigma²")
            for part in FREQUENCIES
        ),
    )


def _answer(neuron: mf.LIFFiltered, mu: float, sigma: float, by: str, f: float, spikes: int, rng: Any) -> Answer:
    theory = complex(neuron.response(2j * math.pi * f, mu, sigma)[0 if by == "mu" else 1])
    most = MOST_OF_MU * mu if by == "mu" else MOST_OF_VARIANCE * sigma**2
    amplitude = min(DEPTH * neuron.rate(mu, sigma) / abs(theory), most)
    seen, error = simulate_response(neuron, mu, sigma, f, by=by, amplitude=amplitude, spikes=spikes, rng=rng)
    return Answer(by=by, frequency=f, theory=theory, simulated=seen, error=error)
