"""How fast a network follows its drive: the response of the population rates to a sinusoid and to a step of it.

A small change of the drive reaches the rates directly and through the network itself,

    delta rate(s) = H(s) delta(s),   H = (1 - L)^{-1} A,   A_i = n_mu,i mu_ext,i + n_sigma²,i sigma²_ext,i,

with L the loop gain, n_mu and n_sigma² the responses of the neurons, and delta the relative change of the drive, as of
the rate of its spikes, which moves mean and variance alike. In a balanced network A grows as sqrt(K), and what it
starts is cut short by inhibition: the rates are where they will stay long before a neuron by itself would be there
(van Vreeswijk & Sompolinsky 1996, Science 274; 1998, Neural Comput. 10, section 7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_complex, check, check_scalar, check_whole
from meanfield.fixedpoint import FixedPoint
from meanfield.fluctuations.spectra import inverse_of_one_minus
from meanfield.network import Network, PoissonDrive
from meanfield.neurons.base import Neuron
from meanfield.response import ComplexArray, distinct_responses, loop_gain
from meanfield.stability import stability

_PERIODS = 4.0  # of the latest time: how far the transform's copies are apart
_DAMPING = 30.0  # e^-30 is what a copy adds
_HIGHEST = 6.5  # in units of 1/resolution; the Gaussian has fallen to 7e-10
_OVERSAMPLING = 8  # points of the grid, times those that the band needs
_SLOW = 1e-3  # in units of 1/tau: where latency is read
_LONGEST = 200_000  # frequencies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepResponse:
    """What the population rates do after a small step of the drive, in linear response.

    Attributes
    ----------
    state : FixedPoint
        The state before the step.
    t : (T,) array
        Times after the step [s].
    rate : (T, P) array
        Change of the rates over the relative change of the drive [Hz].
    final : (P,) array
        The same at late times, d rate / d ln(drive) [Hz].
    rise_time : (P,) array
        Time by which a rate has first covered half of its way [s].
    peak : (P,) array
        Largest change over the final one; 1 if it is never exceeded up to the last time.
    settling_time : (P,) array
        Time from which on a rate stays within a tenth of the final change around its final value [s].
    latency : (P,) array
        Integral of 1 - rate(t)/final, which is by how much a rate lags behind a slow ramp of the drive [s]. Where
        inhibition arrives late the rate overshoots, which makes it smaller, down to minus the delay.
    """

    state: FixedPoint
    t: FloatArray
    rate: FloatArray
    final: FloatArray
    rise_time: FloatArray
    peak: FloatArray
    settling_time: FloatArray
    latency: FloatArray

    @property
    def normalised(self) -> FloatArray:
        """Change over the final one, (T, P)."""
        return self.rate / self.final


def drive_response(fp: FixedPoint, s: Any, *, drive: int = 0) -> ComplexArray:
    """Response H(s) of the population rates to a drive that varies as 1 + epsilon e^{st}.

    Parameters
    ----------
    fp : FixedPoint
        The state.
    s : complex or (...) array
        Complex frequency [1/s], 2 pi i f for a sinusoid.
    drive : int
        Which of `network.drives` varies: the rate of its Poisson trains, its constant input, or the variance of its
        white noise.

    Returns
    -------
    (..., P) complex array
        d rate / d epsilon [Hz]. Its modulus is the amplitude, its phase, if negative, the lag of the rates.

    Raises
    ------
    ValueError, TypeError
        As `loop_gain`; for a drive that is not there.

    Examples
    --------
    A network of strong inhibition follows a sinusoid of 30 Hz as it follows slow changes, and runs ahead of it; its
    neurons by themselves lag and do less.

    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=8, eta=2))
    >>> def at(fp, f):
    ...     return mf.balance.drive_response(fp, 2j * np.pi * f)[0]
    >>> alone = mf.solve(mf.balance.uncoupled(fp))
    >>> [f"{abs(at(x, 30) / at(x, 0)):.2f} {np.angle(at(x, 30), deg=True):.1f}" for x in (fp, alone)]
    ['1.17 18.1', '0.60 -36.3']
    """
    s = as_complex("s", s, "1/s")
    mean, variance = _of_drive(fp.network, drive)
    gain = loop_gain(fp, s)
    return np.asarray((inverse_of_one_minus(gain) @ _direct(fp, s, mean, variance)[..., None])[..., 0])


def step_response(fp: FixedPoint, t: Any = None, *, drive: int = 0, resolution: float = 2e-5) -> StepResponse:
    """Time course of the population rates after a small step of the drive.

    The inverse Laplace transform of H(s)/s, as a Fourier integral right of the imaginary axis, delays included.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    t : (T,) array, optional
        Times after the step, from 0 on [s]; by default 2001 up to 100 ms, or 5 tau_m if that is more.
    drive : int
        As of `drive_response`.
    resolution : float
        Standard deviation [s] of the Gaussian that the time course is seen through: with jumps of the membrane
        potential rates jump at the step, by rate sigma²_ext/sigma², and whenever that comes back after a delay.

    Returns
    -------
    StepResponse

    Raises
    ------
    ValueError, TypeError
        For an unstable state, times that are negative or beyond what the resolution allows, a population whose rate
        does not depend on the drive, and as `drive_response`.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=8, eta=2))
    >>> alone = mf.solve(mf.balance.uncoupled(fp))
    >>> [round(float(mf.balance.step_response(x).rise_time[0]) * 1e3, 2) for x in (fp, alone)]  # ms
    [0.09, 3.38]
    """
    network = fp.network
    slowest = max(_time_constant(neuron) for neuron in network.neurons)
    times = np.linspace(0.0, max(0.1, 5.0 * slowest), 2001) if t is None else check("t", t, "s", nonnegative=True)
    if times.ndim != 1 or not times.size or not times.max() > 0.0:
        raise ValueError(f"t must be times after the step, one of them at least above 0, got {t!r}")
    resolution = check_scalar("resolution", resolution, "s", positive=True)
    latest = float(times.max())
    needed = math.ceil(_PERIODS * latest * _HIGHEST / resolution / (2.0 * np.pi))
    if needed > _LONGEST:
        raise ValueError(
            f"resolution must be at least {latest * _PERIODS * _HIGHEST / (2.0 * np.pi * _LONGEST):.3g} s for times up "
            f"to {latest:.3g} s, got {resolution:.3g} s"
        )
    _require_stable(fp)
    final = drive_response(fp, 0.0, drive=drive).real
    _require_answers(network, final)
    grid, values = _inverse(fp, drive, latest, needed, resolution)

    from scipy.interpolate import CubicSpline

    share = values / final
    outside = np.abs(share - 1.0) > 0.1
    last = [int(np.flatnonzero(column)[-1]) if column.any() else 0 for column in outside.T]
    return StepResponse(
        state=fp,
        t=times,
        rate=CubicSpline(grid, values)(times),
        final=final,
        rise_time=np.array([_first_crossing(grid, column, 0.5) for column in share.T]),
        peak=np.maximum(share.max(axis=0), 1.0),
        settling_time=np.array([grid[k] for k in last]),
        latency=latency(fp, drive=drive),
    )


def latency(fp: FixedPoint, *, drive: int = 0) -> FloatArray:
    """By how much each population's rate lags behind a slow change of the drive, -d ln H/ds at s = 0, (P,) [s].

    As `meanfield.binary.BinaryState.latency`, for neurons of any kind; `drive` and errors as of `drive_response`.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=8, eta=2))
    >>> alone = mf.solve(mf.balance.uncoupled(fp))
    >>> [round(float(mf.balance.latency(x)[0]) * 1e3, 2) for x in (fp, alone)]  # ms
    [-2.18, 6.89]
    """
    slow = _SLOW / max(_time_constant(neuron) for neuron in fp.network.neurons)
    near, far, final = drive_response(fp, np.array([1j, 2j, 0.0]) * slow, drive=drive)
    _require_answers(fp.network, final.real)
    lag = [-np.angle(value / final.real) / w for value, w in ((near, slow), (far, 2.0 * slow))]
    return np.asarray((4.0 * lag[0] - lag[1]) / 3.0)  # the error ~ s² taken out


def uncoupled(fp: FixedPoint) -> Network:
    """The neurons of a state without each other: recurrent spikes replaced by independent Poisson trains.

    Mean and variance of the input, and with them rates and CVs, are those of `fp`; what is gone is the feedback. The
    drives of the network come first, those that replace a population's spikes after them, in its order.

    Examples
    --------
    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> bool(np.allclose(mf.solve(mf.balance.uncoupled(fp)).rate, fp.rate))
    True
    """
    network = fp.network
    heard = tuple(
        PoissonDrive(indegree=network.indegree[:, j], weight=network.weight[:, j], rate=float(rate))
        for j, rate in enumerate(fp.rate)
        if network.indegree[:, j].any()
    )
    return replace(
        network,
        indegree=np.zeros_like(network.indegree),
        drives=(*network.drives, *heard),
        label=f"{network.label}, uncoupled",
    )


def _of_drive(network: Network, drive: int) -> tuple[FloatArray, FloatArray]:
    """Parts of mu and sigma² that a drive brings, (P,), (P,) [V, V²]."""
    drive = check_whole("drive", drive, at_least=0)
    if drive >= len(network.drives):
        raise ValueError(f"drive must be the number of one of the {len(network.drives)} drives, from 0, got {drive}")
    alone = replace(network, drives=(network.drives[drive],))
    return alone.mu_ext, alone.variance_ext


def _direct(fp: FixedPoint, s: ComplexArray, mean: FloatArray, variance: FloatArray) -> ComplexArray:
    """A: what the neurons answer to the drive by themselves, (..., P)."""
    flat = np.ascontiguousarray(s).reshape(-1)
    answers = distinct_responses(fp, flat)
    columns = [by_mu * mean[i] + by_variance * variance[i] for i, (by_mu, by_variance) in enumerate(answers)]
    return np.stack(columns, axis=-1).reshape(*s.shape, len(columns))


def _inverse(
    fp: FixedPoint, drive: int, latest: float, needed: int, resolution: float
) -> tuple[FloatArray, FloatArray]:
    """Inverse Laplace transform of H(s)/s through a Gaussian: times up to `latest` (n,), and values (n, P) [Hz].

    A Fourier series in e^{ct} times a function of period T: what it repeats is down by e^{-cT}.
    """
    period = _PERIODS * latest
    s = _DAMPING / period + 2j * np.pi / period * np.arange(needed + 1)
    transform = drive_response(fp, s, drive=drive) * (np.exp(0.5 * (s * resolution) ** 2) / s)[:, None]
    n = 2 * _OVERSAMPLING * needed
    t = np.linspace(0.0, period, n, endpoint=False)[: math.ceil(latest * n / period) + 2]
    series = np.fft.irfft(transform, n=n, axis=0)[: t.size] * (n / period)
    return t, np.asarray(series * np.exp(_DAMPING / period * t)[:, None])


def _first_crossing(t: FloatArray, share: FloatArray, level: float) -> float:
    """Time at which a course first passes a level, linear between points; the last time if it does not."""
    above = np.flatnonzero(share >= level)
    if not above.size:
        return float(t[-1])
    k = int(above[0])
    return float(t[k] - (share[k] - level) / (share[k] - share[k - 1]) * (t[k] - t[k - 1])) if k else 0.0


def _time_constant(neuron: Neuron) -> float:
    """How long a neuron remembers [s]: tau_m, or what a binary one, whose tau_m is 1, calls tau."""
    return float(getattr(neuron, "tau", neuron.tau_m))


def _require_answers(network: Network, final: FloatArray) -> None:
    for name, value in zip(network.names, final.tolist(), strict=True):
        if value == 0.0 or not math.isfinite(value):
            raise ValueError(f"population {name} does not answer to the drive: its rate changes by {value!r} Hz")


def _require_stable(fp: FixedPoint) -> None:
    found = stability(fp)
    if not found.is_stable:
        raise ValueError(
            f"fp must be a stable state: {fp.network.label} is not ({found.kind}: perturbations grow by "
            f"{found.roots[0].real:.4g}/s at {found.frequency:.4g} Hz), so that nothing settles after a step"
        )
