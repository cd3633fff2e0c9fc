"""The leaky integrate-and-fire neuron whose input is spikes of finite size."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import as_complex, as_si, check_choice, check_scalar
from meanfield.neurons.lif import check_inputs
from meanfield.neurons.receptors import Receptors
from meanfield.neurons.shot_panels import EXPONENTIAL, FIXED
from meanfield.neurons.shot_state import DYNAMIC, ShotState, shot_state

AMPLITUDES = {"fixed": FIXED, "exponential": EXPONENTIAL}
LARGEST = 1e5  # of |s| tau_m


@dataclass(frozen=True, slots=True, kw_only=True)
class LIFShot:
    """Leaky integrate-and-fire neuron under Poisson trains of finite jumps, which are not replaced by a diffusion.

        tau_m dV/dt = -(V - mu_0) + tau_m sum_k A_k delta(t - t_k)

    Excitatory spikes raise V by `weight_e`, inhibitory ones lower it by -`weight_i`, or by exponentially distributed
    amounts of these means. V that comes to v_th, or jumps beyond, is a spike, after which V is held at v_reset for
    t_ref.

    Its methods take the moments of its input, as those of other neurons; they stand for the rates of excitatory and
    inhibitory spikes, mu = tau_m (J_e r_e + J_i r_i) and sigma² = tau_m (J_e² r_e + J_i² r_i), see `receptors`. (With
    exponential amplitudes the noise of the input has twice that variance, since <A²> = 2 J².) In a network whose
    weights are J_e and J_i, rates and loop gain are then exact for Poisson input.

    Parameters
    ----------
    tau_m : float
        Membrane time constant [s].
    t_ref : float
        Absolute refractory period [s].
    v_th, v_reset : float
        Threshold and reset [V].
    weight_e, weight_i : float
        Jump by an excitatory spike [V], positive, and by an inhibitory one, negative; or 0 if there are none, then
        sigma is sqrt(weight_e mu).
    amplitudes : {"fixed", "exponential"}
        How jumps are distributed.
    mu_0 : float
        Where V relaxes to without spikes [V]: a constant input.

    Raises
    ------
    ValueError, TypeError
        As `LIF`; for weights of the wrong sign, and unknown amplitudes.

    Notes
    -----
    The backward equation of the jump process is solved by Galerkin's method on panels that end where the solution has
    kinks; relative error about 1e-6 of rates, gains and CV, see `rate_error`, and closed forms for exponential
    amplitudes (Richardson & Swarbrick 2010, Phys. Rev. Lett. 105, 178102) agree. Below e^-100/tau_m rates are known to
    leading order of the logarithm, and gains are 0.

    Examples
    --------
    >>> import meanfield as mf
    >>> from meanfield.units import ms, mV
    >>> membrane = dict(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
    >>> shot = LIFShot(**membrane, weight_e=0.5*mV, weight_i=-1*mV)
    >>> round(shot.rate(15*mV, 4*mV), 3), round(mf.LIF(**membrane).rate(15*mV, 4*mV), 3)
    (5.488, 5.893)
    """

    tau_m: float
    t_ref: float = 0.0
    v_th: float
    v_reset: float
    weight_e: float
    weight_i: float
    amplitudes: str = "fixed"
    mu_0: float = 0.0
    receptors: Receptors = field(init=False, repr=False, compare=False)
    _shape: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values: dict[str, Any] = {
            "tau_m": check_scalar("tau_m", self.tau_m, "s", positive=True),
            "t_ref": check_scalar("t_ref", self.t_ref, "s", nonnegative=True),
            "v_th": check_scalar("v_th", self.v_th, "V"),
            "v_reset": check_scalar("v_reset", self.v_reset, "V"),
            "amplitudes": check_choice("amplitudes", self.amplitudes, AMPLITUDES),
            "mu_0": check_scalar("mu_0", self.mu_0, "V"),
        }
        if not values["v_reset"] < values["v_th"]:
            raise ValueError(f"v_reset must be below v_th = {values['v_th']!r} V, got {values['v_reset']!r} V")
        receptors = Receptors(tau_m=values["tau_m"], weight_e=self.weight_e, weight_i=self.weight_i)
        values |= {"receptors": receptors, "weight_e": receptors.weight_e, "weight_i": receptors.weight_i}
        reach = (values["v_th"] - values["mu_0"], values["v_reset"] - values["mu_0"])
        values["_shape"] = (*reach, receptors.weight_e, -receptors.weight_i)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Firing rate [Hz]. ValueError for moments that no rates of its spikes have; so all methods."""
        return self._each(self._rate, 1, mu, sigma)[0]

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the rate in Hz; -inf if it is exactly 0, to leading order below e^-100/tau_m."""
        return self._each(self._log_rate, 1, mu, sigma)[0]

    def cv(self, mu: Any, sigma: Any) -> Any:
        """Coefficient of variation of the inter-spike intervals; 1 where spikes are very rare."""
        return self._each(self._cv, 1, mu, sigma)[0]

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma) [Hz/V]; as `rate_and_gain`."""
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        return by_mu, _plain(2.0 * np.asarray(as_si("sigma", sigma, "V")) * by_variance)

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(rate, d rate/d mu, d rate/d sigma²) [Hz, Hz/V, Hz/V²]; without inhibition the last is 0.

        Then sigma is tied to mu, and d rate/d mu is along that line.
        """
        rate, by_mu, by_variance = self._each(self._rate_and_gain, 3, mu, sigma)
        return rate, by_mu, by_variance

    def rate_error(self, mu: Any, sigma: Any) -> Any:
        """Estimate of the relative error of the rate: how far it is from that on panels half as long."""
        return self._each(self._rate_error, 1, mu, sigma)[0]

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """Linear response (d rate/d mu, d rate/d sigma²) [Hz/V, Hz/V²] to rates of spikes that vary as e^{st}.

        The answer to a rate of spikes alone is tau_m (J by_mu + J² by_variance), `receptors.by_rates`. At high
        frequencies it tends to a constant, the probability that V is within a jump of threshold. Relative error about
        1e-6 up to |s| = 40/tau_m, 1e-4 up to 100/tau_m, and 1e-3 beyond.

        Parameters
        ----------
        s : complex or array
            Complex frequency [1/s]; Re s >= 0 (a little left of the axis is allowed, for roots), |s| <= 1e5/tau_m.
        mu, sigma : float or array
            Mean and amplitude of the stationary input [V]. Broadcast with s.

        Raises
        ------
        ValueError
            Outside that domain, and as `rate`.
        """
        by_e, by_i, _ = self._respond(s, mu, sigma)
        by_mu, by_variance = self.receptors.by_moments(by_e, by_i)
        return _plain(by_mu), _plain(by_variance)

    def isi_transform(self, s: Any, mu: Any, sigma: Any) -> Any:
        """Laplace transform <e^{-s t}> of the inter-spike interval density at complex `s`; as `response`."""
        return _plain(1.0 - self._respond(s, mu, sigma)[2])

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Power spectrum of the spike train [Hz] at frequencies `f` [Hz]: of a renewal process (Cox & Lewis 1966)."""
        f = np.abs(as_si("f", f, "Hz"))
        rest = self._respond(2j * np.pi * f, mu, sigma)[2]
        rate, cv = np.asarray(self.rate(mu, sigma)), np.asarray(self.cv(mu, sigma))
        slow = 2.0 * np.pi * f <= 1e-6 * rate
        with np.errstate(divide="ignore", invalid="ignore"):
            found = rate * (2.0 * rest.real / np.abs(rest) ** 2 - 1.0)
        return _plain(np.where(slow, rate * cv**2, found))

    @property
    def largest(self) -> float:
        """Largest |s| [1/s] of the response."""
        return LARGEST / self.tau_m

    @property
    def leftmost(self) -> float:
        """Least Re s [1/s] of the response."""
        return -0.5 / self.tau_m

    def _state(self, rate_e: float, rate_i: float, size: float = 0.0, finer: float = 1.0) -> ShotState:
        return shot_state(
            AMPLITUDES[self.amplitudes], self._shape, (self.tau_m * rate_e, self.tau_m * rate_i), size, finer
        )

    def _rate(self, rate_e: float, rate_i: float) -> tuple[float]:
        kappa = self._state(rate_e, rate_i).kappa
        return (kappa / (self.tau_m + self.t_ref * kappa),)

    def _log_rate(self, rate_e: float, rate_i: float) -> tuple[float]:
        state = self._state(rate_e, rate_i)
        return (state.log_kappa - math.log(self.tau_m + self.t_ref * state.kappa),)

    def _cv(self, rate_e: float, rate_i: float) -> tuple[float]:
        state = self._state(rate_e, rate_i)
        return (math.sqrt(state.spread) * self._active(state),)

    def _rate_error(self, rate_e: float, rate_i: float) -> tuple[float]:
        state = self._state(rate_e, rate_i)
        finer = self._state(rate_e, rate_i, finer=2.0)
        if state.kappa == 0.0 or state.silent:
            return (0.0 if state.log_kappa == -math.inf else 1.0,)
        return (abs(state.kappa / finer.kappa - 1.0) * self._active(state),)

    def _rate_and_gain(self, rate_e: float, rate_i: float) -> tuple[float, ...]:
        state = self._state(rate_e, rate_i)
        active = self._active(state)
        by_e, by_i = (float(active * active * value) for value in state.static)
        return (state.kappa / self.tau_m * active, *self.receptors.by_moments(by_e, by_i))

    def _active(self, state: ShotState) -> float:
        """Share of time that the neuron is not refractory."""
        return self.tau_m / (self.tau_m + self.t_ref * state.kappa)

    def _each(self, method: Any, answers: int, mu: Any, sigma: Any) -> tuple[Any, ...]:
        """Call a method with the rates of spikes of each pair of moments; (answers, ...) arrays, or floats."""
        mu, sigma = np.broadcast_arrays(*check_inputs(mu, sigma))
        rate_e, rate_i = (np.asarray(rate) for rate in self.receptors.rates(mu, sigma))
        out = np.empty((answers, mu.size))
        for k, rates in enumerate(zip(rate_e.flat, rate_i.flat, strict=True)):
            out[:, k] = method(float(rates[0]), float(rates[1]))
        return tuple(_plain(row.reshape(mu.shape)) for row in out)

    def _respond(self, s: Any, mu: Any, sigma: Any) -> NDArray[np.complex128]:
        """(d rate/d r_e, d rate/d r_i, 1 - <e^{-s t}> of the intervals) at s."""
        s = as_complex("s", s, "1/s")
        scaled = s * self.tau_m
        bad = ~np.isfinite(s) | (s.real < self.leftmost) | (np.abs(scaled) > LARGEST)
        if bad.any():
            words = f"Re s >= {self.leftmost:.6g} 1/s and |s| <= {LARGEST / self.tau_m:.4g} 1/s"
            raise ValueError(f"s must be finite, with {words}, got {complex(s[bad].flat[0])!r} 1/s")
        mu, sigma = check_inputs(mu, sigma)
        rates = self.receptors.rates(mu, sigma)
        if np.ndim(rates[0]) == 0:  # the one input of all frequencies
            return self._of_input(float(rates[0]), float(rates[1]), scaled.reshape(-1)).reshape(3, *scaled.shape)
        scaled, rate_e, rate_i = np.broadcast_arrays(scaled, *rates)
        flat = scaled.reshape(-1)
        out = np.empty((3, flat.size), dtype=complex)
        inputs = np.stack([rate_e.reshape(-1), rate_i.reshape(-1)])
        _, first, which = np.unique(inputs, axis=1, return_index=True, return_inverse=True)
        for k, where in enumerate(first):
            chosen = np.ravel(which) == k
            out[:, chosen] = self._of_input(float(inputs[0, where]), float(inputs[1, where]), flat[chosen])
        return out.reshape(3, *scaled.shape)

    def _of_input(self, rate_e: float, rate_i: float, s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """As `_respond`, at s in units of 1/tau_m; panels of the stationary state serve s = 0."""
        resting = s == 0.0
        if resting.all():
            return self._answers(self._state(rate_e, rate_i), s)
        if not resting.any():
            return self._answers(self._state(rate_e, rate_i, DYNAMIC), s)
        out = np.empty((3, s.size), dtype=complex)
        for chosen in (resting, ~resting):
            out[:, chosen] = self._of_input(rate_e, rate_i, s[chosen])
        return out

    def _answers(self, state: ShotState, s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        t_ref, active = self.t_ref / self.tau_m, self._active(state)
        out = np.empty((3, s.size), dtype=complex)
        if state.silent:
            out[:2], out[2] = 0.0, 1.0
        elif not s.any():
            out[0], out[1], out[2] = *(active * active * value for value in state.static), 0.0
        else:
            time, by_e, by_i = state.transforms(s)
            held = np.exp(-s * t_ref)
            rest = time * held - np.expm1(-s * t_ref) / s
            out[0], out[1], out[2] = active * by_e / rest, active * by_i / rest, s * rest
        return out


def _plain(value: Any) -> Any:
    return value.item() if np.ndim(value) == 0 else value
