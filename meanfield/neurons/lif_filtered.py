"""The leaky integrate-and-fire neuron behind exponential synaptic currents, for any time constant of theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from meanfield._compiled import jit, over_cores
from meanfield._validate import FloatArray, as_complex, as_si, check_choice, check_scalar
from meanfield.neurons.adiabatic import adiabatic_rate
from meanfield.neurons.filtered_equation import Neuron
from meanfield.neurons.filtered_exact import (
    coarser_rate,
    power,
    rate_and_gains,
    responses,
    solve_rate,
    variation,
    way,
)
from meanfield.neurons.lif import LIF, check_inputs

METHODS = ("auto", "solver", "fast", "slow")
EXACT = ("solver", "chain")
SOLVER_RANGE = (1e-6, 100.0)  # of tau_s/tau_m
FAST_UP_TO = 0.1
SLOW_FROM = 1.0
LARGEST = 1e6  # of |s| tau_m
_LEAST_ERROR = 1e-6  # relative, where they agree better
_WEAK = "noise is too weak for the solver"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredRate:
    """A firing rate, and what it is worth.

    Attributes
    ----------
    rate : float
        [Hz].
    error : float
        Estimated absolute error of `rate` [Hz]: for the solver the difference to a coarser discretisation; for a limit
        its difference to the solver, or where noise is too weak for that, to a neuron without noise.
    method : str
        "solver", or "chain" where V surely rises to threshold; "fast", "slow", or "white" for tau_s = 0.
    """

    rate: float
    error: float
    method: str


@jit
def _without_units(mu: Any, sigma: Any, p: Any) -> Any:
    """The neuron in units of tau_m and sigma; `p` as `LIFFiltered._packed`."""
    return Neuron(p[4] / p[0], (p[2] - mu) / sigma, (p[3] - mu) / sigma, p[1] / p[0])


@jit
def _rates(mu: Any, sigma: Any, p: Any, out: Any) -> None:
    """Fill `out` (2, n) with rates and their logarithms; NaN where noise is too weak."""
    for i in range(mu.size):
        out[0, i] = out[1, i] = np.nan
        if sigma[i] > 0.0:
            solve_rate(_without_units(mu[i], sigma[i], p), out[:, i])
            out[0, i] /= p[0]
            out[1, i] -= math.log(p[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LIFFiltered:
    """Leaky integrate-and-fire neuron with exponentially filtered synaptic currents, for any tau_s.

        tau_m dV/dt = -V + mu + x,   tau_s dx/dt = -x + sigma sqrt(tau_m) xi(t),

    a spike and a reset to `v_reset` for `t_ref` when V reaches `v_th`; x goes on meanwhile. x has the variance sigma²
    tau_m/(2 tau_s), and mu and sigma are what spikes of jumps J/tau_s of x bring: those of `LIF` in white noise.

    The solver is exact but for its discretisation, whose relative error is some 1e-6 (see
    `meanfield.neurons.filtered_equation` and `filtered_chain`). It takes about 1 ms a rate.

    Parameters
    ----------
    tau_m, t_ref, v_th, v_reset : float
        As of `LIF` [s, s, V, V].
    tau_s : float
        Time constant of the synaptic currents [s]; 0 makes it a `LIF`. Of excitation and inhibition alike: for two time
        constants see `LIFConductance.currents` and `with_filtered_currents`.
    method : {"auto", "solver", "fast", "slow"}
        "solver": exact, for tau_s/tau_m from 1e-6 to 100; the integral equation, or where V surely rises to threshold
        (its velocity there is above 0 by 5.5 standard deviations of x) the chain of currents at spikes. "fast":
        threshold and reset shifted (Brunel & Sergi 1998; Fourcaud & Brunel 2002), for tau_s <= 0.1 tau_m. "slow": the
        noise-free rate averaged over x (Moreno-Bote & Parga 2004), for tau_s >= tau_m; it has no CV and no response.
        "auto": the solver; out of its range, and where noise is too weak for it (mu within some standard deviations of
        x from threshold, and sigma below 0.5, 0.01, 0.0005 of v_th - v_reset at tau_s/tau_m = 100, 10, 1), the limit
        on the side of tau_s. `solve` says what was used and how good it is.

    Raises
    ------
    ValueError, TypeError
        As `LIF`; for a method that is not known, or outside its range of tau_s.

    Notes
    -----
    Methods take `mu` and `sigma` [V] as floats or arrays that broadcast; scalars give floats. ValueError if sigma is
    negative or an argument is not finite, and from the method "solver" where noise is too weak for it.

    The fast limit takes the current at reset to be that at threshold, as it is without refractoriness. For t_ref well
    above tau_s the current has forgotten the spike, and the reset is not shifted: with the parameters below and tau_s =
    0.2 ms the rate is 1% lower than the limit, which the solver and simulations show (`docs/synapses.rst`).

    Examples
    --------
    >>> from meanfield.units import ms, mV
    >>> neuron = LIFFiltered(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV, tau_s=5*ms)
    >>> round(neuron.rate(15*mV, 5*mV), 4)
    3.6208
    >>> answer = neuron.solve(15*mV, 5*mV)
    >>> answer.method, answer.error < 1e-3
    ('solver', True)
    """

    tau_m: float
    t_ref: float = 0.0
    v_th: float
    v_reset: float
    tau_s: float
    method: str = "auto"
    _packed: FloatArray = field(init=False, repr=False, compare=False)
    _white: LIF = field(init=False, repr=False, compare=False)
    _fast: LIF = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tau_s = check_scalar("tau_s", self.tau_s, "s", nonnegative=True)
        fast = LIF(tau_m=self.tau_m, t_ref=self.t_ref, v_th=self.v_th, v_reset=self.v_reset, tau_s=tau_s)
        membrane = {name: getattr(fast, name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}
        check_choice("method", self.method, METHODS)
        ranges = {"solver": SOLVER_RANGE, "fast": (0.0, FAST_UP_TO), "slow": (SLOW_FROM, math.inf)}
        low, high = ranges.get(self.method, (0.0, math.inf))
        if not low * fast.tau_m <= tau_s <= high * fast.tau_m:
            words = f"tau_s from {low:g} to {high:g} tau_m" if high < math.inf else f"tau_s >= {low:g} tau_m"
            raise ValueError(f"method {self.method!r} is for {words} = {fast.tau_m!r} s, got tau_s = {tau_s!r} s")
        values = membrane | {"tau_s": tau_s, "_fast": fast, "_white": LIF(**membrane)}
        values["_packed"] = np.array([*membrane.values(), tau_s])
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def solve(self, mu: Any, sigma: Any) -> FilteredRate:
        """Rate at one `mu` and `sigma`, with its estimated error and the method that gave it.

        Returns
        -------
        FilteredRate
        """
        mu, sigma = check_scalar("mu", mu, "V"), check_scalar("sigma", sigma, "V", nonnegative=True)
        rate, method = float(self.rate(mu, sigma)), self._method_at(mu, sigma)
        if method == "white":
            return FilteredRate(rate=rate, error=1e-14 * rate, method=method)
        if method in EXACT:
            other = coarser_rate(_without_units(mu, sigma, self._packed)) / self.tau_m
        elif self._exact_at(mu, sigma) is not None:
            other = math.exp(self._solved(mu, sigma)[1])
        else:
            other = self._white.rate(mu, 0.0)
        return FilteredRate(rate=rate, error=max(abs(rate - other), _LEAST_ERROR * rate), method=method)

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Firing rate [Hz]."""
        return self._each(mu, sigma, 0)

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the rate in Hz, also where the rate underflows; -inf if it is exactly 0."""
        return self._each(mu, sigma, 1)

    def cv(self, mu: Any, sigma: Any) -> Any:
        """Coefficient of variation of single inter-spike intervals.

        Intervals that follow each other are correlated through x: Fano factors differ from CV²; see `spectrum`.
        Where noise is too weak for the solver, that of the fast limit.

        Raises
        ------
        ValueError
            For the method "slow", in which intervals have no finite variance.
        """
        if self.method == "slow":
            raise ValueError("method 'slow' has no CV: where the constant current is below threshold no spike follows")
        return self._map(mu, sigma, self._cv_at)

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma) [Hz/V]; as `rate_and_gain`."""
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        by_sigma = 2.0 * np.asarray(as_si("sigma", sigma, "V")) * by_variance
        return by_mu, by_sigma.item() if np.ndim(by_sigma) == 0 else by_sigma

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(rate, d rate/d mu, d rate/d sigma²) [Hz, Hz/V, Hz/V²].

        ValueError at mu = v_th with sigma = 0, where the gain is infinite.
        """
        answers = self._map(mu, sigma, self._rate_and_gain_at, 3)
        return answers[0], answers[1], answers[2]

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """Linear response (d rate/d mu, d rate/d sigma²) [Hz/V, Hz/V²] to inputs that vary as e^{st}.

        mu and sigma² are what the spikes bring: they act through the filter of the synapses, as in `LIF.response` with
        tau_s. Where noise is too weak for the solver, that of the fast limit if tau_s < tau_m, else ValueError.

        Parameters
        ----------
        s : complex or array
            Complex frequency [1/s], i omega on the axis; Re s >= `leftmost`, |s| <= 1e6/tau_m. Broadcasts.
        mu, sigma : float or array
            Mean and amplitude of the stationary input [V].

        Raises
        ------
        ValueError
            Outside that domain; for the slow limit, asked for or taken by "auto".
        """
        s = as_complex("s", s, "1/s")
        bad = ~np.isfinite(s) | (s.real < self.leftmost) | (np.abs(s) * self.tau_m > LARGEST)
        if bad.any():
            words = f"Re s >= {self.leftmost:.6g} 1/s and |s| <= {LARGEST / self.tau_m:.4g} 1/s"
            raise ValueError(f"s must be finite, with {words}, got {complex(s[bad].flat[0])!r} 1/s")
        if self.method == "slow":
            raise ValueError("method 'slow' has no response: it knows no time within which the rate follows")
        mu, sigma = check_inputs(mu, sigma)
        s, mu, sigma = np.broadcast_arrays(s, mu, sigma)
        out = np.empty((2, *s.shape), dtype=complex)
        for pair in set(zip(mu.flat, sigma.flat, strict=True)):
            here = (mu == pair[0]) & (sigma == pair[1])
            out[:, here] = self._responses_at(s[here], float(pair[0]), float(pair[1]))
        if s.shape:
            return out[0], out[1]
        return complex(out[0]), complex(out[1])

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Two-sided power spectrum of the spike train [Hz] at frequencies `f` [Hz], correlations of intervals included.

        At high f it is the rate; at f = 0 it is the rate times the Fano factor of long counts, which is not CV². The
        delta function of the mean is left out. ValueError where noise is too weak for the solver, and for a limit.
        """
        if self.method in ("fast", "slow"):
            raise ValueError(f"method {self.method!r} has no spectrum: intervals are correlated through x")
        mu, sigma = check_inputs(mu, sigma)
        f, mu, sigma = np.broadcast_arrays(as_si("f", f, "Hz"), mu, sigma)
        out = np.empty(f.shape)
        for index in np.ndindex(f.shape):
            out[index] = self._spectrum_at(float(f[index]), float(mu[index]), float(sigma[index]))
        return out if out.shape else float(out)

    @property
    def largest(self) -> float:
        """Largest |s| [1/s] of the response."""
        return LARGEST / self.tau_m

    @property
    def leftmost(self) -> float:
        """Least Re s [1/s] of the response."""
        return -0.5 / max(self.tau_m, self.tau_s)

    def _method_at(self, mu: float, sigma: float) -> str:
        """The method that answers there."""
        if self.tau_s == 0.0 or sigma == 0.0:
            return "white"
        if self.method in ("fast", "slow"):
            return self.method
        exact = self._exact_at(mu, sigma)
        if exact is not None:
            return exact
        if self.method == "solver":
            raise ValueError(f"{_WEAK} at mu = {mu!r} V, sigma = {sigma!r} V; method 'auto' takes a limit there")
        return "slow" if self.tau_s >= SLOW_FROM * self.tau_m else "fast"

    def _exact_at(self, mu: float, sigma: float) -> str | None:
        """The method of `filtered_exact` that answers there, if any does."""
        if not SOLVER_RANGE[0] * self.tau_m <= self.tau_s <= SOLVER_RANGE[1] * self.tau_m or sigma == 0.0:
            return None
        return way(_without_units(mu, sigma, self._packed))

    def _each(self, mu: Any, sigma: Any, row: int) -> Any:
        """Rates (row 0) or their logarithms (1): by the solver on all cores, the rest by the limits."""
        mu, sigma = _broadcast(mu, sigma)
        shape = mu.shape
        mu, sigma = np.array(mu).reshape(-1), np.array(sigma).reshape(-1)
        out = np.full((2, mu.size), np.nan)
        if self.method in ("auto", "solver") and SOLVER_RANGE[0] <= self.tau_s / self.tau_m <= SOLVER_RANGE[1]:
            over_cores(_rates, (mu, sigma), self._packed, out=out, worth=4)
        for k in np.flatnonzero(np.isnan(out[0])):
            m, a = float(mu[k]), float(sigma[k])
            method = self._method_at(m, a)
            if method == "slow":
                out[1, k], out[0, k] = self._slow(m, a)[:2]
            else:
                neuron = self._white if method == "white" else self._fast
                out[:, k] = neuron.rate(m, a), neuron.log_rate(m, a)
        return out[row].reshape(shape) if shape else float(out[row, 0])

    def _map(self, mu: Any, sigma: Any, function: Any, rows: int = 1) -> Any:
        """Values of `function(mu, sigma)` over arrays; with several rows that comes first."""
        mu, sigma = _broadcast(mu, sigma)
        if not mu.shape:
            return function(float(mu), float(sigma))
        out = np.empty((rows, *mu.shape))
        for index in np.ndindex(mu.shape):
            out[(slice(None), *index)] = function(float(mu[index]), float(sigma[index]))
        return out if rows > 1 else out[0]

    def _solved(self, mu: float, sigma: float) -> tuple[float, float]:
        """(rate, its logarithm) by the solver."""
        out = np.empty((2, 1))
        _rates(np.array([mu]), np.array([sigma]), self._packed, out)
        return float(out[0, 0]), float(out[1, 0])

    def _slow(self, mu: float, sigma: float) -> tuple[float, float, float, float]:
        """(log rate, rate, d rate/d mu, d rate/d sigma²) of slow synapses."""
        sd = sigma * math.sqrt(0.5 * self.tau_m / self.tau_s)
        log_rate, rate, by_mu, by_sd = adiabatic_rate(mu, sd, self.tau_m, self.t_ref, self.v_th, self.v_reset)
        return log_rate, rate, by_mu, by_sd * sd / (2.0 * sigma * sigma)

    def _cv_at(self, mu: float, sigma: float) -> float:
        method = self._method_at(mu, sigma)
        if method in EXACT:
            return variation(_without_units(mu, sigma, self._packed))
        return float((self._white if method == "white" else self._fast).cv(mu, sigma))

    def _rate_and_gain_at(self, mu: float, sigma: float) -> tuple[float, float, float]:
        method = self._method_at(mu, sigma)
        if method == "slow":
            return self._slow(mu, sigma)[1:]
        if method not in EXACT:
            rate, by_mu, by_variance = (self._white if method == "white" else self._fast).rate_and_gain(mu, sigma)
            return rate, by_mu, by_variance
        rate, by_mu, by_variance = rate_and_gains(_without_units(mu, sigma, self._packed))
        return rate / self.tau_m, by_mu / (self.tau_m * sigma), by_variance / (self.tau_m * sigma**2)

    def _responses_at(self, s: Any, mu: float, sigma: float) -> Any:
        method = self._method_at(mu, sigma)
        if method == "slow":
            raise ValueError(f"{_WEAK} at mu = {mu!r} V, sigma = {sigma!r} V: no response there")
        if method not in EXACT:
            return (self._white if method == "white" else self._fast).response(s, mu, sigma)
        answers = responses(_without_units(mu, sigma, self._packed), s * self.tau_m)
        return answers / (self.tau_m * np.array([[sigma], [sigma**2]]))

    def _spectrum_at(self, f: float, mu: float, sigma: float) -> float:
        method = self._method_at(mu, sigma)
        if method == "white":
            return float(self._white.spectrum(f, mu, sigma))
        if method not in EXACT:
            raise ValueError(f"{_WEAK} at mu = {mu!r} V, sigma = {sigma!r} V: no spectrum there")
        return power(_without_units(mu, sigma, self._packed), 2.0 * math.pi * f * self.tau_m) / self.tau_m


def _broadcast(mu: Any, sigma: Any) -> tuple[FloatArray, FloatArray]:
    both = np.broadcast_arrays(*check_inputs(mu, sigma))
    return both[0], both[1]
