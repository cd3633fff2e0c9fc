"""The leaky integrate-and-fire neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from meanfield._compiled import jit, over_cores
from meanfield._validate import FloatArray, as_si, check_scalar
from meanfield.special import cv as _cv
from meanfield.special import siegert as _siegert
from meanfield.special.compensated import reduced_distance

_ALPHA = 2.0652531522312172  # sqrt(2) |zeta(1/2)|: Brunel & Sergi (1998); Fourcaud & Brunel (2002)
# Where |V - mu|/sigma passes this, noise changes the rate by less than a rounding error: 1/y² < 1e-16.
_NOISELESS = 1e8
_NO_NOISE = 1e-290  # V; what is below counts as zero, so that no ratio overflows

_log_rate_kernel, _rate_kernel, _rate_and_gains_kernel = _siegert.log_rate, _siegert.rate, _siegert.rate_and_gains
_cv_kernel = _cv.cv


def _dynamics() -> Any:
    """The module of time-dependent answers, which builds on this one."""
    from meanfield.neurons import lif_dynamics

    return lif_dynamics


@jit
def is_noiseless(mu: Any, sigma: Any, v_th: Any) -> Any:
    """True where noise changes nothing that a double can show."""
    return sigma < _NO_NOISE or abs(mu - v_th) >= _NOISELESS * sigma


@jit
def deterministic_rate(mu: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any) -> Any:
    """Rate under a constant input, 1/(t_ref + tau_m log((mu - v_reset)/(mu - v_th))); 0 up to threshold."""
    if mu <= v_th:
        return 0.0
    return 1.0 / (t_ref + tau_m * math.log1p((v_th - v_reset) / (mu - v_th)))


@jit
def lif_rate(mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """Firing rate; `shift` is that of the reduced threshold and reset by fast synapses."""
    if is_noiseless(mu, sigma, v_th):
        return deterministic_rate(mu - shift * sigma, tau_m, t_ref, v_th, v_reset)
    y, y_error = reduced_distance(v_th, mu, sigma, shift)
    return _rate_kernel(y, y_error, (v_th - v_reset) / sigma, tau_m, t_ref)


@jit
def lif_log_rate(mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """Logarithm of the firing rate; minus infinity without noise below threshold."""
    if is_noiseless(mu, sigma, v_th) and (mu > v_th or sigma < _NO_NOISE):
        if mu <= v_th:
            return -math.inf
        return math.log(deterministic_rate(mu - shift * sigma, tau_m, t_ref, v_th, v_reset))
    y, y_error = reduced_distance(v_th, mu, sigma, shift)
    return _log_rate_kernel(y, y_error, (v_th - v_reset) / sigma, tau_m, t_ref)


@jit
def lif_rate_and_gain(mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """(rate, d rate/d mu, d rate/d sigma²); at threshold without noise the gains are infinite."""
    if is_noiseless(mu, sigma, v_th):
        if mu < v_th:
            return 0.0, 0.0, 0.0
        if mu == v_th:
            return 0.0, math.inf, math.inf
        mu -= shift * sigma
        rate = deterministic_rate(mu, tau_m, t_ref, v_th, v_reset)
        above, further = 1.0 / (mu - v_th), 1.0 / (mu - v_reset)
        scale = rate * rate * tau_m * above * further * (v_th - v_reset)
        by_variance = 0.25 * scale * (above + further)
        if shift > 0.0 and sigma >= _NO_NOISE:  # mu and v_th shift against each other by shift sigma
            by_variance -= 0.5 * shift * scale / sigma
        return rate, scale, by_variance
    y, y_error = reduced_distance(v_th, mu, sigma, shift)
    rate, by_mu, by_sigma = _rate_and_gains_kernel(y, y_error, (v_th - v_reset) / sigma, tau_m, t_ref)
    return rate, by_mu / sigma, (by_sigma - shift * by_mu) / (2.0 * sigma * sigma)


@jit
def lif_cv(mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """Coefficient of variation; without noise 0 from threshold on, and below it 1, the limit of rare escapes."""
    if is_noiseless(mu, sigma, v_th):
        if mu < v_th:
            return 1.0
        if mu == v_th or sigma < _NO_NOISE:
            return 0.0
        mu -= shift * sigma
        rate = deterministic_rate(mu, tau_m, t_ref, v_th, v_reset)
        ratio = (mu - v_th) / (mu - v_reset)
        return rate * tau_m * sigma / (mu - v_th) * math.sqrt(0.5 * (1.0 - ratio) * (1.0 + ratio))
    y, _ = reduced_distance(v_th, mu, sigma, shift)
    return _cv_kernel(y, (v_th - v_reset) / sigma, tau_m, t_ref)


@jit
def _rates(mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(out.size):
        out[i] = lif_rate(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@jit
def _log_rates(mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(out.size):
        out[i] = lif_log_rate(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@jit
def _cvs(mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(out.size):
        out[i] = lif_cv(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@jit
def _rates_and_gains(mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(out.shape[1]):
        out[0, i], out[1, i], out[2, i] = lif_rate_and_gain(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@dataclass(frozen=True, slots=True, kw_only=True)
class LIF:
    """Leaky integrate-and-fire neuron: tau_m dV/dt = -V + input, a spike and a reset at threshold.

    Parameters
    ----------
    tau_m : float
        Membrane time constant [s].
    t_ref : float
        Absolute refractory period [s].
    v_th, v_reset : float
        Threshold and reset [V], from the resting potential.
    tau_s : float
        Time constant of exponential synaptic currents [s], 0 for jumps of the membrane potential. Threshold and reset
        are then shifted by sigma (alpha/2) sqrt(tau_s/tau_m), alpha = sqrt(2)|zeta(1/2)| (Brunel & Sergi 1998,
        J. Theor. Biol. 195; Fourcaud & Brunel 2002, Neural Comput. 14). That holds for tau_s well below tau_m where
        noise drives the spikes: at tau_m = 20 ms, v_th = 20 mV and mu = 15 mV the rate is within 3% up to
        tau_s = 5 ms, but 40% low at mu = 21 mV and tau_s = 20 ms.

    Raises
    ------
    ValueError, TypeError
        For a tau_m that is not positive, a negative t_ref or tau_s, a reset that is not below threshold, NaN,
        infinity, or a Brian2 quantity of the wrong dimension.

    Notes
    -----
    Methods take `mu` and `sigma` [V] as floats or arrays that broadcast; scalars give floats. ValueError if sigma is
    negative or an argument is not finite.

    Examples
    --------
    >>> from meanfield.units import ms, mV
    >>> lif = LIF(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
    >>> round(lif.rate(15*mV, 5*mV), 6)
    9.4608
    >>> lif.rate([15*mV, 25*mV], 0.0).round(3)
    array([ 0.   , 41.715])
    """

    tau_m: float
    t_ref: float = 0.0
    v_th: float
    v_reset: float
    tau_s: float = 0.0
    _parameters: tuple[float, float, float, float, float] = field(init=False, repr=False, compare=False)
    _array: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tau_m = check_scalar("tau_m", self.tau_m, "s", positive=True)
        t_ref = check_scalar("t_ref", self.t_ref, "s", nonnegative=True)
        v_th = check_scalar("v_th", self.v_th, "V")
        v_reset = check_scalar("v_reset", self.v_reset, "V")
        tau_s = check_scalar("tau_s", self.tau_s, "s", nonnegative=True)
        if not v_reset < v_th:
            raise ValueError(f"v_reset must be below v_th = {v_th!r} V, got {v_reset!r} V")
        shift = 0.5 * _ALPHA * math.sqrt(tau_s / tau_m)
        values: dict[str, Any] = {"tau_m": tau_m, "t_ref": t_ref, "v_th": v_th, "v_reset": v_reset, "tau_s": tau_s}
        parameters = (tau_m, t_ref, v_th, v_reset, shift)
        values |= {"_parameters": parameters, "_array": np.array(parameters)}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def shift(self) -> float:
        """Shift (alpha/2) sqrt(tau_s/tau_m) of threshold and reset in units of sigma."""
        return self._parameters[4]

    @property
    def largest(self) -> float:
        """Largest |s| [1/s] of the response."""
        return float(_dynamics().LARGEST / self.tau_m)

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Firing rate [Hz] (Siegert 1951); relative error 1e-14 for rates from 1e-300 Hz."""
        if type(mu) is float and type(sigma) is float:
            _check_input(mu, sigma)
            return lif_rate(mu, sigma, *self._parameters)
        return self._evaluate(_rates, mu, sigma)

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the rate in Hz, also where the rate underflows; -inf if it is exactly 0.

        >>> from meanfield.units import ms, mV
        >>> lif = LIF(tau_m=20*ms, v_th=20*mV, v_reset=10*mV)
        >>> round(lif.log_rate(0.0, 0.1*mV), 3)
        -39991.362
        """
        if type(mu) is float and type(sigma) is float:
            _check_input(mu, sigma)
            return lif_log_rate(mu, sigma, *self._parameters)
        return self._evaluate(_log_rates, mu, sigma)

    def cv(self, mu: Any, sigma: Any) -> Any:
        """Coefficient of variation of the inter-spike intervals (Brunel 2000, app. A).

        Where the neuron is silent for want of noise it is the limit of vanishing noise: 1 below threshold.
        """
        if type(mu) is float and type(sigma) is float:
            _check_input(mu, sigma)
            return lif_cv(mu, sigma, *self._parameters)
        return self._evaluate(_cvs, mu, sigma)

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma) [Hz/V]; as `rate_and_gain`."""
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        by_sigma = 2.0 * np.asarray(as_si("sigma", sigma, "V")) * by_variance
        if self.shift:  # without noise the shift acts to first order in sigma
            by_sigma = np.where(np.asarray(sigma) == 0.0, -self.shift * np.asarray(by_mu), by_sigma)
        return by_mu, float(by_sigma) if np.ndim(by_sigma) == 0 else by_sigma

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(rate, d rate/d mu, d rate/d sigma²) [Hz, Hz/V, Hz/V²].

        Raises
        ------
        ValueError
            At mu = v_th with sigma = 0, where the gain is infinite (and so near that it overflows).
        """
        if type(mu) is float and type(sigma) is float:
            _check_input(mu, sigma)
            answer: tuple[float, float, float] = lif_rate_and_gain(mu, sigma, *self._parameters)
            if answer[1] == math.inf:
                raise ValueError(f"the gain is infinite at mu = v_th = {mu!r} V without noise")
            return answer
        mu, sigma, shape = _inputs(mu, sigma)
        out = np.empty((3, mu.size))
        over_cores(_rates_and_gains, (mu, sigma), self._array, out=out)
        if np.isinf(out[1]).any():
            raise ValueError(f"the gain is infinite at mu = v_th = {self.v_th!r} V without noise")
        if not shape:
            return float(out[0, 0]), float(out[1, 0]), float(out[2, 0])
        return out[0].reshape(shape), out[1].reshape(shape), out[2].reshape(shape)

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """Linear response (d rate/d mu, d rate/d sigma²) [Hz/V, Hz/V²] to inputs that vary as e^{st}.

        In white noise exact (Brunel & Hakim 1999; Lindner & Schimansky-Geier 2001), the refractory period included;
        relative error below 1e-11 for (v_th - mu)/sigma in [-100, 30]. At s = 0 it is `rate_and_gain`. With tau_s > 0
        threshold and reset are shifted as for the rate, and the response has the filter 1/(1 + s tau_s) of the
        synapses (Schuecker, Diesmann & Helias 2015, Phys. Rev. E 92): mu and sigma² are then what the spikes bring.

        Parameters
        ----------
        s : complex or array
            Complex frequency [1/s], i omega on the axis; Re s >= -8/tau_m, |s| <= 1e6/tau_m. Broadcasts.
        mu, sigma : float or array
            Mean and amplitude of the stationary input [V].

        Raises
        ------
        ValueError
            Outside that domain, naming what is; also for a neuron that fires without noise, whose response is not
            defined. (One that is silent without noise has none: 0.)

        Examples
        --------
        >>> from meanfield.units import ms, mV
        >>> lif = LIF(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
        >>> by_mu, by_variance = lif.response(2j * 3.14159 * 100, 21*mV, 8*mV)
        >>> print(f"{by_mu * mV:.4f}")
        1.5307-1.2223j
        """
        answer: tuple[Any, Any] = _dynamics().evaluate_response(self._array, self.tau_s, s, mu, sigma)
        return answer

    def isi_transform(self, s: Any, mu: Any, sigma: Any) -> Any:
        """Laplace transform <e^{-s t}> of the inter-spike interval density at complex `s` [1/s].

        That of the first-passage time from reset to threshold, times e^{-s t_ref}. Arguments and errors as `response`.
        """
        return _dynamics().evaluate_interval_transform(self._array, s, mu, sigma)

    def isi_density(self, t: Any, mu: Any, sigma: Any) -> Any:
        """Probability density of the inter-spike intervals [1/s] at times `t` [s], arrays broadcast.

        By numerical inversion of `isi_transform` (Abate & Whitt 1995); error about 1e-9 of the largest density.
        ValueError as `response`.
        """
        return _dynamics().evaluate_density(self._array, t, mu, sigma)

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Power spectrum of the spike train [Hz] at frequencies `f` [Hz]: of a renewal process, rate at high f.

        S(f) = rate (1 - |f^|²)/|1 - f^|² with f^ = `isi_transform` at 2 pi i f (Cox & Lewis 1966); rate CV² at f = 0.
        The delta function of the mean is left out. ValueError as `response`.
        """
        return _dynamics().evaluate_spectrum(self._array, f, mu, sigma)

    def _evaluate(self, kernel: Any, mu: Any, sigma: Any) -> Any:
        mu, sigma, shape = _inputs(mu, sigma)
        out = np.empty(mu.size)
        over_cores(kernel, (mu, sigma), self._array, out=out)
        return out.reshape(shape) if shape else float(out[0])


def _check_input(mu: float, sigma: float) -> None:
    if not math.isfinite(mu):
        raise ValueError(f"mu must be finite, got {mu!r} V")
    if not 0.0 <= sigma < math.inf:
        words = "not be negative" if sigma < 0 and math.isfinite(sigma) else "be finite"
        raise ValueError(f"sigma must {words}, got {sigma!r} V")


def check_inputs(mu: Any, sigma: Any) -> tuple[FloatArray, FloatArray]:
    """Return mu and sigma as arrays [V].

    ValueError for what is not finite, a negative sigma, and shapes that do not broadcast.
    """
    arrays = {"mu": as_si("mu", mu, "V"), "sigma": as_si("sigma", sigma, "V")}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite, got {float(array[~np.isfinite(array)].flat[0])!r} V")
    if not (arrays["sigma"] >= 0).all():
        bad = float(arrays["sigma"][arrays["sigma"] < 0].flat[0])
        raise ValueError(f"sigma must not be negative, got {bad!r} V")
    shapes = arrays["mu"].shape, arrays["sigma"].shape
    if shapes[0] != shapes[1]:
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            raise ValueError(f"mu and sigma must broadcast, got shapes {shapes[0]} and {shapes[1]}") from None
    return arrays["mu"], arrays["sigma"]


def _inputs(mu: Any, sigma: Any) -> tuple[FloatArray, FloatArray, tuple[int, ...]]:
    """Flat, contiguous and checked, and the shape that they broadcast to."""
    both = np.broadcast_arrays(*check_inputs(mu, sigma))
    flat_mu, flat_sigma = (np.array(array).reshape(-1) for array in both)
    return flat_mu, flat_sigma, both[0].shape
