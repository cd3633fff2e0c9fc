"""Transfer curves: the rate over the drive, its gain, its dynamic range, and what changes between two of them.

Two curves are compared where they have the same rate. Over the rates from `low` to `high` the drive that curve B needs
differs from that of A, at the top, by

    x_B(high) - x_A(high) = shift + stretch,    shift = x_B(low) - x_A(low),    stretch = span_B - span_A

A change is subtractive if it is all shift, and divisive if it stretches, which lowers the gain d rate/d drive at a
given rate. Shunting a leaky neuron without noise shifts (Holt & Koch 1997, Neural Comput. 9); with noise it stretches,
too (Doiron, Longtin, Berman & Maler 2001, Neural Comput. 13; Chance, Abbott & Reyes 2002, Neuron 35).
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.neurons.base import Neuron
from meanfield.neurons.lif import LIF
from meanfield.neurons.receptors import receptors_of

_LOW, _HIGH = 2.0, 40.0  # Hz
_SLOWEST = 1e-9  # Hz; what is below counts as silence
_JUMP = 1e-11  # of the range of drives


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransferCurve:
    """The rate of a neuron over its drive; made by `transfer_curve` and `synaptic_curve`.

    Attributes
    ----------
    drive : (n,) array
        Rising; in `unit`.
    rate : (n,) array
        Firing rate [Hz].
    slope : (n,) array
        d rate/d drive [Hz/unit].
    unit : str
        "V" for a mean input or a current, "Hz" for a rate of spikes.
    label : str
        For legends.
    """

    drive: FloatArray
    rate: FloatArray
    slope: FloatArray
    unit: str
    label: str = ""

    def drive_at(self, rate: Any) -> Any:
        """Drive [unit] at which the neuron fires at `rate` [Hz], floats or arrays.

        By cubic Hermite interpolation over the logarithm of the rate, of fourth order in the distance of samples.

        Raises
        ------
        ValueError
            For a rate that the curve does not reach, naming those that it does.
        """
        return self._inverse(rate)[0]

    def gain(self, rate: Any) -> Any:
        """d rate/d drive [Hz/unit] where the neuron fires at `rate` [Hz]; as `drive_at`, infinite at a jump."""
        return self._inverse(rate)[1]

    def span(self, low: float = _LOW, high: float = _HIGH) -> float:
        """Dynamic range as the span of drive over which the rate goes from `low` to `high` [Hz], in `unit`."""
        check_span(low, high)
        return float(self.drive_at(high) - self.drive_at(low))

    def decibels(self, low: float = 0.1, high: float = 0.9) -> float:
        """Dynamic range 10 log10(S90/S10), S the drive that brings 10% and 90% of the way from first to last rate.

        Raises
        ------
        ValueError
            If a drive is not positive.
        """
        first, last = float(self.rate[0]), float(self.rate[-1])
        ends = self.drive_at([first + part * (last - first) for part in (low, high)])
        if not ends[0] > 0.0:
            got = f"{float(ends[0])!r} {self.unit} at {low:g} of the rise"
            raise ValueError(f"decibels need positive drives, got {got}")
        return float(10.0 * math.log10(ends[1] / ends[0]))

    def change_to(self, other: TransferCurve, *, low: float = _LOW, high: float = _HIGH) -> CurveChange:
        """What leads from this curve to another over the rates from `low` to `high` [Hz]."""
        if not isinstance(other, TransferCurve):
            raise TypeError(f"other must be a TransferCurve, got {other!r}")
        if other.unit != self.unit:
            raise ValueError(f"the drives of both curves must have one unit, got {self.unit} and {other.unit}")
        check_span(low, high)
        rates = np.geomspace(low, high, 41)
        middle = rates.size // 2
        mine, its = self.drive_at(rates), other.drive_at(rates)
        ratio = (its[-1] - its[0]) / (mine[-1] - mine[0])
        rest, slope = (its - its[0]) - ratio * (mine - mine[0]), other.gain(rates)
        return CurveChange(
            shift=float(its[0] - mine[0]),
            stretch=float((its[-1] - its[0]) - (mine[-1] - mine[0])),
            gain=float(other.gain(rates[middle]) / self.gain(rates[middle])),
            range=float(ratio),
            remainder=float(np.abs(rest * np.where(np.isinf(slope), 0.0, slope)).max()),
            unit=self.unit,
            low=float(low),
            high=float(high),
        )

    def _inverse(self, rate: Any) -> tuple[Any, Any]:
        rate = check("rate", rate, "Hz", positive=True)
        fires = self.rate > _SLOWEST
        fires[1:] &= np.diff(self.rate) > 1e-15 * self.rate[1:]
        y, x = np.log(self.rate[fires]), self.drive[fires]
        if y.size < 2 or (np.diff(y) <= 0.0).any():
            raise ValueError("the curve does not rise")
        wanted = np.log(rate)
        first = int(np.argmax(fires))
        steep = first > 0 and x[0] - self.drive[first - 1] < _JUMP * (x[-1] - x[0])
        jumps = (wanted < y[0]) & steep  # the onset without noise: no two doubles are as near as these drives
        wanted = np.where(jumps, y[0], wanted)
        if (wanted < y[0]).any() or (wanted > y[-1]).any():
            bad = float(rate[(wanted < y[0]) | (wanted > y[-1])].flat[0])
            raise ValueError(
                f"rate must be within the curve, {math.exp(y[0]):.4g} to {math.exp(y[-1]):.4g} Hz, got {bad!r} Hz: "
                f"drives go from {float(self.drive[0])!r} to {float(self.drive[-1])!r} {self.unit}"
            )
        k = np.clip(np.searchsorted(y, wanted, side="right") - 1, 0, y.size - 2)
        h, t = y[k + 1] - y[k], (wanted - y[k]) / (y[k + 1] - y[k])
        with np.errstate(divide="ignore"):
            per = self.rate[fires] / self.slope[fires]  # d drive / d log rate
        a, b, step = per[k] * h, per[k + 1] * h, x[k + 1] - x[k]
        drive = x[k] + t * (a + t * (3.0 * step - 2.0 * a - b + t * (a + b - 2.0 * step)))
        slope = a + t * (2.0 * (3.0 * step - 2.0 * a - b) + 3.0 * t * (a + b - 2.0 * step))
        drive, gain = np.where(jumps, x[0], drive), np.where(jumps, math.inf, rate * h / slope)
        return (float(drive), float(gain)) if drive.ndim == 0 else (drive, gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChange:
    """What leads from one transfer curve to another: see the module.

    Attributes
    ----------
    shift : float
        Of the foot, the drive at the rate `low` [unit].
    stretch : float
        By how much the span of drives from `low` to `high` is wider [unit]; the top moves by shift + stretch.
    gain : float
        Ratio of the gains where both fire at the geometric mean of `low` and `high`.
    range : float
        Ratio of the dynamic ranges, the spans from `low` to `high`.
    remainder : float
        Largest difference of rates that shifting and stretching leave [Hz].
    low, high : float
        Rates [Hz].
    """

    shift: float
    stretch: float
    gain: float
    range: float
    remainder: float
    unit: str
    low: float
    high: float

    @property
    def subtractive_part(self) -> float:
        """Part of the displacement of the top that is shift: 1 for subtraction, 0 for division; NaN for no change."""
        top = self.shift + self.stretch
        return self.shift / top if top != 0.0 else math.nan

    def __str__(self) -> str:
        return (
            f"shift {self.shift:.4g} {self.unit}, gain x {self.gain:.3f}, range x {self.range:.3f} "
            f"({self.low:g} to {self.high:g} Hz; what remains is at most {self.remainder:.2g} Hz)"
        )


def transfer_curve(
    neuron: Neuron, mu: Any, sigma: Any = 0.0, *, shunt: float = 0.0, e_shunt: float = 0.0, label: str = ""
) -> TransferCurve:
    """Rate of a neuron over the mean of its input, at a given amplitude of its noise.

    Parameters
    ----------
    neuron : Neuron
        Any model. Of one with receptors, where mean and noise are both made by spikes, `current_curve` and
        `synaptic_curve` are the curves over an injected current and over the rate of spikes.
    mu : (n,) array
        Mean inputs [V], rising. Without noise the curve has more of them, just above the onset of firing.
    sigma : float
        Amplitude of the noise [V].
    shunt : float
        A constant conductance added to the membrane of a LIF, in units of its own. With the noisy current kept,
        tau_m becomes tau_m/(1 + shunt), mu (mu + shunt e_shunt)/(1 + shunt), and sigma sigma/sqrt(1 + shunt).
    e_shunt : float
        Its reversal potential [V].

    Returns
    -------
    TransferCurve

    Raises
    ------
    ValueError, TypeError
        For drives that do not rise, a negative shunt, or the shunt of another neuron than a LIF.

    Examples
    --------
    Shunting is subtractive without noise (the gain at low rates apart), and divisive with it:

    >>> import numpy as np
    >>> from meanfield.units import ms, mV
    >>> lif = LIF(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
    >>> mu = np.linspace(-60, 140, 801) * mV
    >>> for sigma in (0, 20*mV):
    ...     change = transfer_curve(lif, mu, sigma).change_to(transfer_curve(lif, mu, sigma, shunt=1), low=40, high=200)
    ...     print(f"shift {change.shift / mV:.1f} mV, gain {change.gain:.2f}, range {change.range:.2f}")
    shift 17.6 mV, gain 1.05, range 0.96
    shift 7.2 mV, gain 0.90, range 1.08
    """
    mu = _rising("mu", mu, "V")
    sigma = check_scalar("sigma", sigma, "V", nonnegative=True)
    shunt = check_scalar("shunt", shunt, "1", nonnegative=True)
    e_shunt = check_scalar("e_shunt", e_shunt, "V")
    total = 1.0 + shunt
    if shunt > 0.0:
        if type(neuron) is not LIF or neuron.tau_s > 0.0:
            raise TypeError(f"a shunt can be added to a LIF without tau_s only (see LIFConductance), got {neuron!r}")
        neuron = dataclasses.replace(neuron, tau_m=neuron.tau_m / total)
    if sigma == 0.0:
        mu = _with_onset(mu, total * neuron.v_th - shunt * e_shunt)
    rate, slope, _ = neuron.rate_and_gain((mu + shunt * e_shunt) / total, sigma / math.sqrt(total))
    rate, slope = np.asarray(rate), np.asarray(slope)
    return TransferCurve(drive=mu, rate=rate, slope=slope / total, unit="V", label=label)


def current_curve(neuron: Any, mu_0: Any, rate_e: float, rate_i: float, *, label: str = "") -> TransferCurve:
    """Rate of a neuron with receptors over a constant current, on a background of spikes.

    Parameters
    ----------
    neuron : LIFConductance
        Or another with receptors and a current `mu_0`.
    mu_0 : (n,) array
        The current, as the depolarisation that it causes at rest [V], rising; in place of the neuron's own.
    rate_e, rate_i : float
        Total rates of spikes [Hz].

    Raises
    ------
    ValueError, TypeError
        As `transfer_curve`; for a neuron without receptors.
    """
    mu_0 = _rising("mu_0", mu_0, "V")
    moments = _receptors("current_curve", neuron).moments(*_rates(rate_e, rate_i))

    def rate_with(current: float) -> float:
        return float(dataclasses.replace(neuron, mu_0=current).rate(*moments))

    h = 1e-3 * (neuron.v_th - neuron.v_reset)
    rate = np.array([rate_with(current) for current in mu_0])
    around = np.array([[rate_with(current + k * h) for k in (-2, -1, 1, 2)] for current in mu_0])
    slope = (around @ np.array([1.0, -8.0, 8.0, -1.0])) / (12.0 * h)
    return TransferCurve(drive=mu_0, rate=rate, slope=slope, unit="V", label=label)


def synaptic_curve(neuron: Any, rate_e: Any, rate_i: float = 0.0, *, label: str = "") -> TransferCurve:
    """Rate of a neuron with receptors over the total rate of excitatory spikes, at a given one of inhibitory spikes.

    Parameters
    ----------
    neuron : LIFConductance
        Or another with receptors.
    rate_e : (n,) array
        Rising [Hz].
    rate_i : float
        [Hz]

    Raises
    ------
    ValueError, TypeError
        As `current_curve`.
    """
    rate_e = _rising("rate_e", rate_e, "Hz")
    if rate_e[0] < 0.0:
        raise ValueError(f"rate_e must not be negative, got {float(rate_e[0])!r} Hz at index 0")
    receptors = _receptors("synaptic_curve", neuron)
    _, rate_i = _rates(0.0, rate_i)
    rate, by_mu, by_variance = neuron.rate_and_gain(*receptors.moments(rate_e, rate_i))
    slope = receptors.by_rates(by_mu, by_variance)[0]
    return TransferCurve(drive=rate_e, rate=np.asarray(rate), slope=np.asarray(slope), unit="Hz", label=label)


def check_span(low: float, high: float) -> None:
    """Raise ValueError unless 0 < low < high [Hz]."""
    low, high = check_scalar("low", low, "Hz", positive=True), check_scalar("high", high, "Hz", positive=True)
    if not low < high:
        raise ValueError(f"low must be below high = {high!r} Hz, got {low!r} Hz")


def _with_onset(mu: FloatArray, onset: float) -> FloatArray:
    """Drives with others that crowd above the onset of firing without noise, where the gain is infinite."""
    if not mu[0] <= onset < mu[-1]:
        return mu
    size = mu[-1] - mu[0]
    near = size * np.geomspace(1e-13, 0.1, 100)
    near = near[near < mu[-1] - onset]
    return np.unique(np.concatenate([mu[np.abs(mu - onset) > 1e-13 * size], onset + near, onset - near[:1]]))


def _rising(name: str, value: Any, unit: str) -> FloatArray:
    array = check(name, value, unit)
    if array.ndim != 1 or array.size < 2 or (np.diff(array) <= 0.0).any():
        raise ValueError(f"{name} must be rising values in one dimension, two or more, got shape {array.shape}")
    array.setflags(write=False)
    return array


def _receptors(what: str, neuron: Any) -> Any:
    receptors = receptors_of(neuron)
    if receptors is None:
        raise TypeError(f"{what} needs a neuron with receptors, such as LIFConductance, got {neuron!r}")
    return receptors


def _rates(rate_e: Any, rate_i: Any) -> tuple[float, float]:
    return (
        check_scalar("rate_e", rate_e, "Hz", nonnegative=True),
        check_scalar("rate_i", rate_i, "Hz", nonnegative=True),
    )
