"""The leaky integrate-and-fire neuron with conductances: reversal potentials, and shunting.

A spike of synapse s in {e, i} opens a conductance that moves V towards its reversal potential E_s, at once by
b_s (E_s - V), b_s = 1 - e^{-a_s}, if the conductance is a delta function of area a_s (in units of the membrane's own
conductance times tau_m). Spikes at the rates r_s are a Poisson process, whose master equation is to second order in b

    dP/dt = -d/dV [(mu_0 - V)/tau_m + sum_s r_s b_s (E_s - V)] P + 1/2 d²/dV² [sum_s r_s b_s² (E_s - V)²] P

(Richardson 2004, Phys. Rev. E 69, 051918): the noise is multiplicative, and Itô's, since a jump begins where V is. With
g0 = 1 + tau_m sum r b, V0 = (mu_0 + tau_m sum r b E)/g0, and the diffusion written as alpha ((V - c)² + w²)/tau_m, the
coordinate x of V = c + w sinh x has constant noise (Lamperti's transform):

    tau_m dx/dt = -A/cosh x - B tanh x + sqrt(alpha tau_m) xi(t),    A = g0 (c - V0)/w,  B = g0 + alpha/2

so that `threshold_integration` solves it as it does EIF and QIF. Jumps of finite size are followed by
`conductance_jumps`, and conductances that decay with time constants of their own by `conductance_states`, where no
diffusion is assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from meanfield._compiled import over_cores
from meanfield._validate import FloatArray, as_si, check_choice, check_scalar
from meanfield.neurons.conductance_jumps import JumpState, jump_state
from meanfield.neurons.conductance_states import answers, free_spread, rate_and_cv
from meanfield.neurons.drifts import CONDUCTANCE
from meanfield.neurons.lif import check_inputs
from meanfield.neurons.nonlinear import (
    LEFTMOST,
    WORTH_A_THREAD,
    ThresholdIntegrated,
    integrated_moments,
    integrated_responses,
)
from meanfield.neurons.receptors import Receptors

_TIMES = ("t_ref", "tau_e", "tau_i")
_POTENTIALS = ("v_th", "v_reset", "e_e", "e_i", "mu_0")
_FAR = 9.0  # standard deviations of V below its mean, where jumps are not followed any further
_SILENT = 1e9  # s; a mean interval beyond this is lost in roundings
_AWAY = 1e5  # times v_th or v_reset: of reversal potentials that make currents of conductances
_NARROWEST = 1e-7  # least w over the distance of reversal and threshold; one synapse alone has w = 0, an error of w²


def distant_reversal(v_th: float, v_reset: float) -> float:
    """Reversal potential [V] so far off that the driving force is the same to 1e-5 wherever V is."""
    return _AWAY * max(abs(v_th), abs(v_reset), v_th - v_reset)


@dataclass(frozen=True, slots=True, kw_only=True)
class LIFConductance(ThresholdIntegrated):
    """Leaky integrate-and-fire neuron with conductance synapses (Richardson 2004; Burkitt 2006, Biol. Cybern. 95).

        tau_m dV/dt = -V + mu_0 + G_e(t) (e_e - V) + G_i(t) (e_i - V)

    Instantaneous conductances (tau_e = tau_i = 0), of which a spike moves V by b (E - V), are solved exactly in the
    diffusion limit, or with the jumps that they make (`jumps`), which make rates lower, by 9 to 12% at weights of 0.2
    to 2 mV and rates above 10 Hz. Conductances that decay with tau_e and tau_i are sums of filtered spikes, not
    Gaussian, on a few values (`nodes`) at 21 positions: rates are within 1%, gain and response within 2%.

    The moments `mu`, `sigma` that methods take are those that spikes would have without the change of driving forces,
    tau_m (J_e r_e + J_i r_i) and the square root of tau_m (J_e² r_e + J_i² r_i), a linear map of the rates of spikes
    r_e and r_i (`receptors`), so that networks of these neurons are solved as all others, without loss.

    Parameters
    ----------
    tau_m : float
        Membrane time constant without synaptic input [s].
    t_ref : float
        Refractory period [s].
    v_th, v_reset : float
        Threshold and reset [V], from the resting potential.
    e_e, e_i : float
        Reversal potentials of excitation, above threshold, and of inhibition, below v_ref [V]; e_i = 0 is shunting
        inhibition.
    weight_e, weight_i : float
        Jumps J_e > 0 and J_i <= 0 of the potential by a spike at V = v_ref [V]; so b = J/(E - v_ref).
    v_ref : float
        Potential at which the weights are given [V]; by default halfway from reset to threshold.
    mu_0 : float
        Constant current, as the depolarisation that it causes at rest [V].
    tau_e, tau_i : float
        Time constants of the conductances [s], both positive, or both 0.
    jumps : {"small", "finite"}
        Of instantaneous conductances: the diffusion limit (0.2 ms an input), or jumps as they are (5 to 50 ms, rates
        within 0.5%, 0.9% for mu_0 within 0.1 mV of v_th, weights above some 0.05 mV, Re s >= 0). Filtered ones are
        always of finite jumps.
    nodes : int
        Values of the filtered conductance that moves V more at threshold, 4 to 20, and in proportion fewer of the
        other; the time that it takes grows as the third power of their product, 0.1 to 0.4 s at the default.

    Raises
    ------
    ValueError, TypeError
        For what is not finite or positive where it has to be, and potentials in the wrong order.

    Notes
    -----
    `mu` and `sigma` [V] are floats or arrays that broadcast; ValueError for those that no rates of spikes have.
    Filtered, rates below 1e-6 Hz come back as 0, and `response` takes Re s >= 0. Without any spikes gain
    and response are 0 for mu_0 < v_th; ValueError for mu_0 >= v_th, as for other neurons without noise.

    Examples
    --------
    >>> from meanfield.units import ms, mV, Hz
    >>> neuron = LIFConductance(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV, e_e=70*mV, e_i=-5*mV,
    ...                         weight_e=0.2*mV, weight_i=-0.4*mV)
    >>> mu, sigma = neuron.receptors.moments(12_000*Hz, 5_000*Hz)
    >>> round(neuron.rate(mu, sigma), 3)
    0.429
    >>> g0, tau_0, v_0 = neuron.effective(mu, sigma)
    >>> round(float(g0), 3), round(float(tau_0) / ms, 3), round(float(v_0) / mV, 3)
    (3.873, 5.164, 13.192)
    """

    _KIND: ClassVar[int] = CONDUCTANCE

    tau_m: float
    t_ref: float = 0.0
    v_th: float
    v_reset: float
    e_e: float
    e_i: float
    weight_e: float
    weight_i: float
    v_ref: float = math.nan
    mu_0: float = 0.0
    tau_e: float = 0.0
    tau_i: float = 0.0
    jumps: str = "small"
    nodes: int = 8
    receptors: Receptors = field(init=False, repr=False, compare=False)
    _packed: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = {
            "tau_m": check_scalar("tau_m", self.tau_m, "s", positive=True),
            **{name: check_scalar(name, getattr(self, name), "s", nonnegative=True) for name in _TIMES},
            **{name: check_scalar(name, getattr(self, name), "V") for name in _POTENTIALS},
        }
        th, reset, e_e, e_i = values["v_th"], values["v_reset"], values["e_e"], values["e_i"]
        if not reset < th:
            raise ValueError(f"v_reset must be below v_th = {th!r} V, got {reset!r} V")
        halfway = isinstance(self.v_ref, float) and math.isnan(self.v_ref)
        ref = values["v_ref"] = 0.5 * (th + reset) if halfway else check_scalar("v_ref", self.v_ref, "V")
        if not e_e > max(th, ref):
            raise ValueError(
                f"e_e must be above threshold, reset and v_ref, or excitation cannot make the neuron fire: "
                f"v_th = {th!r} V, v_ref = {ref!r} V, got {e_e!r} V"
            )
        if not e_i < min(th, ref):
            raise ValueError(f"e_i must be below v_th = {th!r} V and v_ref = {ref!r} V, got {e_i!r} V")
        if (values["tau_e"] > 0.0) != (values["tau_i"] > 0.0):
            raise ValueError(
                f"tau_e and tau_i must both be positive, or both 0, got {values['tau_e']!r} s and {values['tau_i']!r} s"
            )
        check_choice("jumps", self.jumps, ("small", "finite"))
        nodes = check_scalar("nodes", self.nodes, "1")
        if nodes != round(nodes) or not 4 <= nodes <= 20:
            raise ValueError(f"nodes must be a whole number from 4 to 20, got {self.nodes!r}")
        receptors = Receptors(tau_m=values["tau_m"], weight_e=self.weight_e, weight_i=self.weight_i)
        jumps = {}
        for name, reversal in (("weight_e", e_e), ("weight_i", e_i)):
            weight = values[name] = getattr(receptors, name)
            jumps[name] = weight / (reversal - ref)
            if not jumps[name] < 1.0:
                raise ValueError(
                    f"{name} must be nearer to 0 than the distance {reversal - ref!r} V of its reversal potential from "
                    f"v_ref, got {weight!r} V"
                )
        packed = np.array([values["tau_m"], values["t_ref"], *(8 * [0.0]), e_e, e_i])
        packed[8:10] = jumps["weight_e"], jumps["weight_i"]
        derived = {"nodes": round(nodes), "receptors": receptors, "_packed": packed}
        for name, value in (values | derived).items():
            object.__setattr__(self, name, value)

    @classmethod
    def currents(
        cls,
        *,
        tau_m: float,
        t_ref: float = 0.0,
        v_th: float,
        v_reset: float,
        weight_e: float,
        weight_i: float,
        tau_e: float,
        tau_i: float,
        mu_0: float = 0.0,
        nodes: int = 8,
    ) -> LIFConductance:
        """Neuron of synaptic currents of two time constants: reversal potentials so far away that V does not matter.

            tau_m dV/dt = -V + mu_0 + x_e + x_i,   tau_s dx_s/dt = -x_s + tau_m J_s sum_k delta(t - t_k)

        A spike alone moves V, in the limit of a short current, by `weight_e` or `weight_i`. Both time constants must be
        positive; for equal ones and small weights it tends to `LIFFiltered`, which is faster.

        Examples
        --------
        >>> from meanfield.units import ms, mV
        >>> membrane = dict(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
        >>> neuron = LIFConductance.currents(
        ...     **membrane, weight_e=0.1*mV, weight_i=-0.5*mV, tau_e=2*ms, tau_i=5*ms, nodes=4)
        >>> g0, tau_0, v_0 = neuron.effective(15*mV, 5*mV)
        >>> round(float(g0), 4), round(float(v_0) / mV, 3)
        (1.0, 15.0)
        """
        away = distant_reversal(check_scalar("v_th", v_th, "V"), check_scalar("v_reset", v_reset, "V"))
        for name, tau in (("tau_e", tau_e), ("tau_i", tau_i)):
            check_scalar(name, tau, "s", positive=True)
        return cls(
            tau_m=tau_m,
            t_ref=t_ref,
            v_th=v_th,
            v_reset=v_reset,
            e_e=away,
            e_i=-away,
            weight_e=weight_e,
            weight_i=weight_i,
            mu_0=mu_0,
            tau_e=tau_e,
            tau_i=tau_i,
            nodes=nodes,
        )

    def effective(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(g0, tau_0, V_0): total conductance over the membrane's own, its time constant [s] and reversal [V]."""
        rate_e, rate_i = self.receptors.rates(*check_inputs(mu, sigma))
        g0, v_0 = self._total(rate_e, rate_i)
        return g0, self.tau_m / g0, v_0

    @property
    def is_filtered(self) -> bool:
        """Whether the conductances decay with time constants of their own."""
        return self.tau_e > 0.0

    @property
    def leftmost(self) -> float:
        """Least Re s [1/s] of the response."""
        return LEFTMOST / self.tau_m if self.jumps == "small" and not self.is_filtered else 0.0

    def free_moments(self, mu: float, sigma: float) -> tuple[float, float]:
        """Mean and standard deviation [V] of V without threshold (Richardson & Gerstner 2005, Neural Comput. 17).

        In the effective-time-constant approximation: driving forces are those at the mean, so that synapse s adds
        r (a (E - V_0))² tau_0/(2 (1 + tau_s/tau_0)) to the variance.
        """
        return free_spread(*self._filtered(*self.receptors.rates(mu, sigma)))

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Power spectrum of the spike train [Hz] at frequencies `f` [Hz].

        With filtered conductances intervals are correlated; the spectrum at 0 is then rate times the Fano factor, and
        is taken at 1e-3/tau_m.
        """
        if self.is_filtered:
            f = np.maximum(np.abs(as_si("f", f, "Hz")), 1e-3 / self.tau_m)
            out = self._respond(2j * np.pi * f, mu, sigma)
            found = out[0].real * (2.0 * (1.0 / out[4]).real - 1.0)
            return float(found) if np.ndim(found) == 0 else found
        return ThresholdIntegrated.spectrum(self, f, mu, sigma)

    def _total(self, rate_e: Any, rate_i: Any) -> tuple[Any, Any]:
        b_e, b_i = -np.log1p(-self._packed[8:10]) if self.is_filtered else self._packed[8:10]
        e, i = self.tau_m * b_e * rate_e, self.tau_m * b_i * rate_i
        g0 = 1.0 + e + i
        return g0, (self.mu_0 + e * self.e_e + i * self.e_i) / g0

    def _interval_moments(self, mu: Any, sigma: Any, *, second: bool) -> tuple[FloatArray, FloatArray]:
        mu, sigma = np.broadcast_arrays(*check_inputs(mu, sigma))
        out = np.empty((2, mu.size))
        if self.is_filtered:
            for column, *rates in zip(out.T, *self._spikes(mu, sigma), strict=True):
                rate, cv = rate_and_cv(*self._filtered(*rates), self.nodes, cv=second)
                time = 1.0 / rate - self.t_ref if rate > 0.0 else math.inf
                column[:] = math.log(time), (cv * (1.0 + self.t_ref / time)) ** 2
            return out[0].reshape(mu.shape), out[1].reshape(mu.shape)
        if self.jumps == "finite":
            for column, *rates in zip(out.T, *self._spikes(mu, sigma), strict=True):
                state = self._with_jumps(*rates)
                column[:] = (math.log(state.mean), state.second / state.mean**2 - 1.0) if state else (math.inf, 1.0)
            return out[0].reshape(mu.shape), out[1].reshape(mu.shape)
        noise, packed = self._reduced(mu, sigma)
        flat = (np.zeros(noise.size), noise, packed)
        over_cores(integrated_moments, flat, CONDUCTANCE, second, out=out, worth=WORTH_A_THREAD)
        if np.isnan(out).any():
            raise self._too_extreme((mu.reshape(-1), sigma.reshape(-1)), np.isnan(out[0]))
        return out[0].reshape(mu.shape), out[1].reshape(mu.shape)

    def _respond(self, s: Any, mu: Any, sigma: Any) -> Any:
        s, mu, sigma = self._checked(s, mu, sigma, noiseless=self.mu_0 < self.v_th)
        out = np.empty((5, s.size), dtype=complex)
        silent = np.add(*self._spikes(mu, sigma)) == 0.0
        if silent.any() and self.mu_0 < self.v_th:  # no spikes at all, and no current that makes it fire alone
            out[:4, silent], out[4, silent] = 0.0, 1.0
            if not silent.all():
                out[:, ~silent] = self._respond(*(np.reshape(value, -1)[~silent] for value in (s, mu, sigma)))
            return out.reshape(5, *s.shape)
        if self.is_filtered:
            for column, at, *rates in zip(out.T, s.flat, *self._spikes(mu, sigma), strict=True):
                column[:] = answers(*self._filtered(*rates), self.nodes, complex(at))
        elif self.jumps == "finite":
            for column, at, *rates in zip(out.T, s.flat, *self._spikes(mu, sigma), strict=True):
                state = self._with_jumps(*rates)
                by_e, by_i, transform = state.response(complex(at)) if state else (0.0, 0.0, 0.0)
                column[:] = state.rate if state else 0.0, by_e, by_i, transform, 1.0 - transform
        else:
            noise, packed = self._reduced(mu, sigma)
            flat = (np.array(s).reshape(-1), np.zeros(s.size), noise, packed)
            over_cores(integrated_responses, flat, CONDUCTANCE, out=out, worth=WORTH_A_THREAD)
            if np.isnan(out).any():
                raise self._too_extreme((mu.reshape(-1), sigma.reshape(-1)), np.isnan(out).any(axis=0))
            out[1:3] *= self.tau_m
        out[1], out[2] = self.receptors.by_moments(out[1], out[2])
        return out.reshape(5, *s.shape)

    def _spikes(self, mu: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Rates of excitatory and inhibitory spikes [Hz], (n,) each."""
        rate_e, rate_i = self.receptors.rates(mu, sigma)
        return np.reshape(rate_e, -1), np.reshape(rate_i, -1)

    def _with_jumps(self, rate_e: Any, rate_i: Any) -> JumpState | None:
        """The state with jumps as they are; None if the neuron is silent, or as good as that."""
        if rate_e == 0.0 and self.mu_0 <= self.v_th:
            return None
        membrane, synapses = self._filtered(rate_e, rate_i)
        mean, std = free_spread(membrane, synapses)
        bottom = max(min(self.e_i, self.mu_0), mean - _FAR * std)
        b_e, b_i = (float(b) for b in self._packed[8:10])
        state = jump_state(membrane, ((b_e, self.e_e, float(rate_e)), (b_i, self.e_i, float(rate_i))), bottom)
        return state if 0.0 < state.mean < _SILENT else None

    def _filtered(self, rate_e: Any, rate_i: Any) -> tuple[Any, Any]:
        """Membrane and synapses as `conductance_states` takes them."""
        area_e, area_i = -np.log1p(-self._packed[8:10])
        synapses = (
            (float(area_e), self.e_e, self.tau_e, float(rate_e)),
            (float(area_i), self.e_i, self.tau_i, float(rate_i)),
        )
        return (self.tau_m, self.t_ref, self.v_th, self.v_reset, self.mu_0), synapses

    def _reduced(self, mu: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Amplitude of the noise in the coordinate x, (n,), and a row of parameters for each input, (n, 12)."""
        rate_e, rate_i = self._spikes(mu, sigma)
        g0, v_0 = self._total(rate_e, rate_i)
        packed = np.tile(self._packed, (g0.size, 1))
        b_e, b_i = self._packed[8:10]
        e, i = self.tau_m * b_e * b_e * rate_e, self.tau_m * b_i * b_i * rate_i
        alpha = e + i
        share = np.divide(e, alpha, out=np.full_like(alpha, 0.5), where=alpha > 0.0)
        c = share * self.e_e + (1.0 - share) * self.e_i
        w = np.sqrt(share * (1.0 - share)) * (self.e_e - self.e_i)
        w = np.maximum(w, _NARROWEST * (self.e_e - self.v_th))
        packed[:, 2], packed[:, 3] = np.arcsinh((self.v_th - c) / w), np.arcsinh((self.v_reset - c) / w)
        packed[:, 4], packed[:, 5] = g0 * (c - v_0) / w, g0 + 0.5 * alpha
        packed[:, 6], packed[:, 7] = c, w
        return np.sqrt(alpha), packed
