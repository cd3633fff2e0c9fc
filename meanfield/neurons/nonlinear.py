"""Nonlinear integrate-and-fire neurons: exponential and quadratic."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from meanfield._compiled import jit, over_cores
from meanfield._validate import FloatArray, as_complex, as_si, check_scalar
from meanfield.neurons.drifts import EXPONENTIAL, QUADRATIC, barrier
from meanfield.neurons.lif import check_inputs
from meanfield.neurons.partition import panel_edges, widths
from meanfield.neurons.threshold_integration import answer, density, drifts, interval_moments, weigh

LEFTMOST = -8.0  # of Re s tau_m
LARGEST = 1e5  # of |s| tau_m
_FINE = 0.6  # of a panel's width, where solutions grow downwards and their integrals cancel
_SILENT = 680.0  # log of the mean interval in seconds
WORTH_A_THREAD = 64  # elements


@jit
def integrated_moments(mu: Any, sigma: Any, packed: Any, kind: Any, second: Any, out: Any) -> None:
    """Fill `out` (2, n) with `interval_moments`; `packed` has a row for each input."""
    for i in range(mu.size):
        out[0, i], out[1, i] = interval_moments(kind, mu[i], sigma[i], packed[i], second)


@jit
def integrated_responses(s: Any, mu: Any, sigma: Any, packed: Any, kind: Any, out: Any) -> None:
    """Fill `out` (5, n) with rate, d rate/d mu, d rate/d sigma², f and 1 - f; panels are kept from input to input."""
    reach, last = -1.0, 0
    edges, reset, mass = np.empty(0), 0, 0.0
    f, weights = np.empty((0, 0)), np.empty((0, 0, 0))
    scale, fine = math.inf, 1.0
    for i in range(s.size):
        size, p = abs(s[i]), packed[i]
        same = i > 0 and mu[i] == mu[last] and sigma[i] == sigma[last] and (p == packed[last]).all()
        narrower = s[i].real < 0.0 and fine == 1.0
        if not same or size > reach or size < 0.25 * reach or narrower:
            reach = 0.0 if size == 0.0 else 2.0 ** math.ceil(math.log2(size))
            fine = _FINE if s[i].real < 0.0 else 1.0
            last = i
            rare = barrier(kind, mu[i], sigma[i], p) > _SILENT + 120.0  # as much as its factor may be
            if not rare:
                edges, reset = panel_edges(kind, mu[i], sigma[i], p, reach, True, fine)
            if rare or edges.size == 0:
                mass, scale = 1.0, math.inf if rare else math.nan
            else:
                occupied, scale, mass = density(kind, mu[i], sigma[i], p, edges, reset)
                weights = weigh(kind, p, edges, occupied)
                f = drifts(kind, mu[i], p, edges, widths(edges))
        if math.isnan(scale):
            out[:, i] = math.nan
            continue
        if math.log(mass) + scale > _SILENT:
            out[:3, i], out[3, i], out[4, i] = 0.0, 0.0, 1.0
            continue
        time = mass * math.exp(scale)
        rate = 1.0 / (p[1] + time)
        by_mu, by_variance, transform, rest = answer(kind, s[i], mu[i], sigma[i], p, edges, reset, f, weights, mass)
        active = rate * time
        out[0, i], out[1, i], out[2, i] = rate, active * by_mu, active * by_variance
        out[3, i], out[4, i] = transform, rest


class ThresholdIntegrated:
    """What neurons share whose answers come from `threshold_integration`; see `EIF` and `QIF`."""

    __slots__ = ()
    _KIND: ClassVar[int]
    _packed: FloatArray  # tau_m, t_ref, v_peak, v_reset, and for the drift v_t, delta_t, v_th

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Firing rate [Hz]."""
        log_time, _ = self._interval_moments(mu, sigma, second=False)
        with np.errstate(over="ignore"):
            return _plain(1.0 / (self._packed[1] + np.exp(log_time)))

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the rate in Hz, also where the rate underflows; -inf if it is exactly 0.

        Below e^-20000 Hz to leading order.
        """
        log_time, _ = self._interval_moments(mu, sigma, second=False)
        t_ref = self._packed[1]
        return _plain(-np.logaddexp(log_time, math.log(t_ref) if t_ref > 0 else -math.inf))

    def cv(self, mu: Any, sigma: Any) -> Any:
        """Coefficient of variation of the inter-spike intervals; where the neuron is silent without noise, 1."""
        log_time, squared = self._interval_moments(mu, sigma, second=True)
        with np.errstate(over="ignore"):
            active = 1.0 / (1.0 + self._packed[1] * np.exp(-log_time))
        return _plain(np.sqrt(squared) * active)

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma) [Hz/V]; as `rate_and_gain`."""
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        return by_mu, _plain(2.0 * np.asarray(as_si("sigma", sigma, "V")) * by_variance)

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(rate, d rate/d mu, d rate/d sigma²) [Hz, Hz/V, Hz/V²]. ValueError without noise, as `response`."""
        out = self._respond(0.0, mu, sigma)
        return _plain(out[0].real), _plain(out[1].real), _plain(out[2].real)

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """Linear response (d rate/d mu, d rate/d sigma²) [Hz/V, Hz/V²] to inputs that vary as e^{st}.

        Parameters
        ----------
        s : complex or array
            Complex frequency [1/s], i omega on the axis; Re s >= -8/tau_m, |s| <= 1e5/tau_m. Broadcasts.
        mu, sigma : float or array
            Mean and amplitude of the stationary input [V].

        Raises
        ------
        ValueError
            Outside that domain, and for sigma = 0.
        """
        out = self._respond(s, mu, sigma)
        return _plain(out[1]), _plain(out[2])

    def isi_transform(self, s: Any, mu: Any, sigma: Any) -> Any:
        """Laplace transform <e^{-s t}> of the inter-spike interval density at complex `s`; as `response`."""
        return _plain(self._respond(s, mu, sigma)[3])

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Power spectrum of the spike train [Hz] at frequencies `f` [Hz]: of a renewal process (Cox & Lewis 1966)."""
        f = np.abs(as_si("f", f, "Hz"))
        out = self._respond(2j * np.pi * f, mu, sigma)
        rate, rest = out[0].real, out[4]
        slow = 2.0 * np.pi * f <= 1e-6 * rate
        with np.errstate(divide="ignore", invalid="ignore"):
            found = rate * (2.0 * rest.real / np.abs(rest) ** 2 - 1.0)
        return _plain(np.where(slow, rate * np.asarray(self.cv(mu, sigma)) ** 2, found))

    @property
    def largest(self) -> float:
        """Largest |s| [1/s] of the response."""
        return float(LARGEST / self._packed[0])

    @property
    def leftmost(self) -> float:
        """Least Re s [1/s] of the response."""
        return float(LEFTMOST / self._packed[0])

    def _interval_moments(self, mu: Any, sigma: Any, *, second: bool) -> tuple[FloatArray, FloatArray]:
        mu, sigma = np.broadcast_arrays(*check_inputs(mu, sigma))
        out = np.empty((2, mu.size))
        flat = tuple(np.array(array).reshape(-1) for array in (mu, sigma))
        over_cores(integrated_moments, (*flat, self._rows(mu.size)), self._KIND, second, out=out, worth=WORTH_A_THREAD)
        if np.isnan(out).any():
            raise self._too_extreme(flat, np.isnan(out[0]))
        return out[0].reshape(mu.shape), out[1].reshape(mu.shape)

    def _respond(self, s: Any, mu: Any, sigma: Any) -> Any:
        s, mu, sigma = self._checked(s, mu, sigma)
        flat = tuple(np.array(array).reshape(-1) for array in (s, mu, sigma))
        out = np.empty((5, s.size), dtype=complex)
        over_cores(integrated_responses, (*flat, self._rows(s.size)), self._KIND, out=out, worth=WORTH_A_THREAD)
        if np.isnan(out).any():
            raise self._too_extreme(flat[1:], np.isnan(out).any(axis=0))
        return out.reshape(5, *s.shape)

    def _checked(self, s: Any, mu: Any, sigma: Any, *, noiseless: bool = False) -> Any:
        """Arguments of the response as arrays of one shape; ValueError outside its domain, to which sigma = 0 may be.

        With `noiseless` the caller answers for that.
        """
        s = as_complex("s", s, "1/s")
        tau_m = self._packed[0]
        bad = ~np.isfinite(s) | (s.real < self.leftmost) | (np.abs(s) * tau_m > LARGEST)
        if bad.any():
            words = f"Re s >= {self.leftmost:.6g} 1/s and |s| <= {LARGEST / tau_m:.4g} 1/s"
            raise ValueError(f"s must be finite, with {words}, got {complex(s[bad].flat[0])!r} 1/s")
        mu, sigma = check_inputs(mu, sigma)
        if not noiseless and (sigma == 0.0).any():
            raise ValueError("sigma must be positive for the linear response, got 0.0 V")
        return np.broadcast_arrays(s, mu, sigma)

    def _rows(self, n: int) -> FloatArray:
        return np.ascontiguousarray(np.broadcast_to(self._packed, (n, self._packed.size)))

    def _too_extreme(self, inputs: Any, bad: Any) -> ValueError:
        mu, sigma = (float(array[bad][0]) for array in inputs)
        return ValueError(
            f"the equations need too many steps at mu = {mu!r} V, sigma = {sigma!r} V: sigma is too small"
        )


def _plain(value: Any) -> Any:
    return value.item() if np.ndim(value) == 0 else value


def _check_shape(neuron: Any) -> dict[str, float]:
    values = {
        "tau_m": check_scalar("tau_m", neuron.tau_m, "s", positive=True),
        "t_ref": check_scalar("t_ref", neuron.t_ref, "s", nonnegative=True),
        "v_t": check_scalar("v_t", neuron.v_t, "V"),
        "delta_t": check_scalar("delta_t", neuron.delta_t, "V", positive=True),
        "v_peak": check_scalar("v_peak", neuron.v_peak, "V"),
        "v_reset": check_scalar("v_reset", neuron.v_reset, "V"),
    }
    if not values["v_t"] < values["v_peak"]:
        raise ValueError(f"v_peak must be above v_t = {values['v_t']!r} V, got {values['v_peak']!r} V")
    if not values["v_reset"] < values["v_peak"]:
        raise ValueError(f"v_reset must be below v_peak = {values['v_peak']!r} V, got {values['v_reset']!r} V")
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class EIF(ThresholdIntegrated):
    """Exponential integrate-and-fire neuron in white noise (Fourcaud-Trocmé, Hansel, van Vreeswijk & Brunel 2003).

        tau_m dV/dt = -V + delta_t exp((V - v_t)/delta_t) + mu + sigma sqrt(tau_m) xi(t)

    V that reaches `v_peak` is a spike, after which V is held at `v_reset` for `t_ref`. Without noise the neuron fires
    for mu above `v_th` = v_t - delta_t. For delta_t to 0 it is a LIF with threshold v_t.

    Parameters
    ----------
    tau_m : float
        Membrane time constant [s].
    t_ref : float
        Refractory period [s].
    v_t : float
        Soft threshold, where the drift is least [V].
    delta_t : float
        Sharpness of the spike's onset [V]; cortical pyramidal cells have 1 to 4 mV.
    v_peak : float
        Where the spike is noticed [V]; ten delta_t above v_t is as good as infinity.
    v_reset : float
        Reset [V], below v_peak.

    Raises
    ------
    ValueError, TypeError
        For what is not finite or positive where it has to be, and potentials in the wrong order.

    Notes
    -----
    Methods take `mu` and `sigma` [V] as floats or arrays that broadcast; scalars give floats.

    Examples
    --------
    >>> from meanfield.units import ms, mV
    >>> eif = EIF(tau_m=20*ms, t_ref=2*ms, v_t=20*mV, delta_t=2*mV, v_peak=40*mV, v_reset=10*mV)
    >>> round(eif.rate(15*mV, 5*mV), 4)
    3.3065
    >>> round(eif.v_th / mV, 12)
    18.0
    """

    _KIND: ClassVar[int] = EXPONENTIAL

    tau_m: float
    t_ref: float = 0.0
    v_t: float
    delta_t: float
    v_peak: float
    v_reset: float
    _packed: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _enter(self, _check_shape(self))

    @property
    def v_th(self) -> float:
        """Mean input above which the neuron fires without noise, v_t - delta_t [V]."""
        return self.v_t - self.delta_t


@dataclass(frozen=True, slots=True, kw_only=True)
class QIF(ThresholdIntegrated):
    """Quadratic integrate-and-fire neuron in white noise (Ermentrout & Kopell 1986; Fourcaud-Trocmé et al. 2003).

        tau_m dV/dt = (V - v_t)²/(2 delta_t) + mu - v_th + sigma sqrt(tau_m) xi(t)

    V that reaches `v_peak` is a spike, after which V is held at `v_reset` for `t_ref`; the canonical model has both at
    infinity. Without noise it fires for mu above `v_th`. At v_th = v_t - delta_t drift, slope and curvature at v_t are
    those of an `EIF`.

    Parameters
    ----------
    tau_m : float
        Time constant [s].
    t_ref : float
        Refractory period [s].
    v_t : float
        Where the drift is least [V].
    delta_t : float
        Sharpness of the spike's onset [V].
    v_th : float
        Mean input above which the neuron fires without noise [V].
    v_peak, v_reset : float
        Where a spike is noticed, and the reset [V]. From v_peak to infinity it would take 2 tau_m delta_t/v_peak.

    Raises
    ------
    ValueError, TypeError
        As `EIF`.

    Examples
    --------
    >>> from meanfield.units import ms, mV
    >>> qif = QIF(tau_m=20*ms, v_t=20*mV, delta_t=2*mV, v_th=18*mV, v_peak=200*mV, v_reset=10*mV)
    >>> round(qif.rate(15*mV, 5*mV), 3)
    3.858
    """

    _KIND: ClassVar[int] = QUADRATIC

    tau_m: float
    t_ref: float = 0.0
    v_t: float
    delta_t: float
    v_th: float
    v_peak: float
    v_reset: float
    _packed: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _enter(self, _check_shape(self) | {"v_th": check_scalar("v_th", self.v_th, "V")})


def _enter(neuron: Any, values: dict[str, float]) -> None:
    for name, value in values.items():
        object.__setattr__(neuron, name, value)
    order = ("tau_m", "t_ref", "v_peak", "v_reset", "v_t", "delta_t")
    packed = np.array([*(values[name] for name in order), neuron.v_th])
    object.__setattr__(neuron, "_packed", packed)
