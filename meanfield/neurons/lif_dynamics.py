"""Time-dependent answers of the leaky integrate-and-fire neuron: linear response, intervals, spectra.

`LIF` offers these as methods; here they are compiled, over arrays, for the networks' analysis.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import jit, over_cores
from meanfield._validate import FloatArray, as_complex, as_si
from meanfield.neurons.lif import check_inputs, is_noiseless, lif_cv, lif_rate
from meanfield.special.response import first_passage, response

LEFTMOST = -8.0  # of Re s tau_m
LARGEST = 1e6  # of |s| tau_m
LOWEST_Y, SMALLEST_D = -1e4, 1e-6  # of (v_th - mu)/sigma and (v_th - v_reset)/sigma
_WORTH_A_THREAD = 256  # elements
_SLOW = 1e-6  # frequencies below this share of the rate are the limit 0
_EULER_TERMS, _PLAIN_TERMS, _EULER_A = 14, 50, 25.0
_BINOMIAL = np.array([math.comb(_EULER_TERMS, k) for k in range(_EULER_TERMS + 1)]) / 2.0**_EULER_TERMS

FINE, NOISELESS, TOO_LOW, TOO_NEAR = 0, 1, 2, 3


@jit
def response_problem(mu: Any, sigma: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """FINE, or why the response is not defined or not known here."""
    if is_noiseless(mu, sigma, v_th):
        return FINE if mu < v_th else NOISELESS
    if (v_th - mu) / sigma + shift < LOWEST_Y:
        return TOO_LOW
    if (v_th - v_reset) / sigma < SMALLEST_D:
        return TOO_NEAR
    return FINE


@jit
def lif_response(
    s: Any, mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any, tau_s: Any
) -> Any:
    """(d rate/d mu, d rate/d sigma², h) at complex s; inputs as `response_problem` allows.

    h is analytic for Re s > -1/tau_m, with zeros where the others have poles (see `special.response`).
    """
    if is_noiseless(mu, sigma, v_th):
        return 0.0j, 0.0j, 1.0 + 0.0j
    rate = lif_rate(mu, sigma, tau_m, t_ref, v_th, v_reset, shift)
    y = (v_th - mu) / sigma + shift
    by_mu, by_variance, poles = response(y, (v_th - v_reset) / sigma, s * tau_m, t_ref / tau_m)
    filtered = rate / sigma / (1.0 + s * tau_s)
    return filtered * by_mu, filtered / sigma * (by_variance - 0.5 * shift * by_mu), poles


@jit
def lif_interval_transform(
    s: Any, mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any
) -> Any:
    """(f, 1 - f) for the transform f of the inter-spike interval density."""
    if is_noiseless(mu, sigma, v_th):
        return 0.0j, 1.0 + 0.0j
    y = (v_th - mu) / sigma + shift
    return first_passage(y, (v_th - v_reset) / sigma, s * tau_m, t_ref / tau_m)


@jit
def lif_spectrum(f: Any, mu: Any, sigma: Any, tau_m: Any, t_ref: Any, v_th: Any, v_reset: Any, shift: Any) -> Any:
    """Power spectrum of a renewal spike train at frequency f, rate (1 - |f^|²)/|1 - f^|²."""
    rate = lif_rate(mu, sigma, tau_m, t_ref, v_th, v_reset, shift)
    omega = 2.0 * math.pi * abs(f)
    if omega <= _SLOW * rate:
        return rate * lif_cv(mu, sigma, tau_m, t_ref, v_th, v_reset, shift) ** 2
    _, rest = lif_interval_transform(1j * omega, mu, sigma, tau_m, t_ref, v_th, v_reset, shift)
    size = rest.real * rest.real + rest.imag * rest.imag
    return rate * (2.0 * rest.real / size - 1.0)


@jit
def _responses(s: Any, mu: Any, sigma: Any, p: Any, tau_s: Any, out: Any) -> None:
    for i in range(s.size):
        out[0, i], out[1, i], _ = lif_response(s[i], mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4], tau_s)


@jit
def _transforms(s: Any, mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(s.size):
        out[i], _ = lif_interval_transform(s[i], mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@jit
def _spectra(f: Any, mu: Any, sigma: Any, p: Any, out: Any) -> None:
    for i in range(f.size):
        out[i] = lif_spectrum(f[i], mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])


@jit
def _densities(t: Any, mu: Any, sigma: Any, p: Any, out: Any) -> None:
    """Inversion of the transform with Euler's summation (Abate & Whitt 1995, ORSA J. Comput. 7)."""
    for i in range(t.size):
        out[i] = 0.0
        if t[i] <= p[1]:
            continue
        time = t[i] - p[1]
        total = 0.0
        partial = np.zeros(_BINOMIAL.size)
        for k in range(_PLAIN_TERMS + _BINOMIAL.size):
            s = (0.5 * _EULER_A + 1j * math.pi * k) / time
            value, _ = lif_interval_transform(s, mu[i], sigma[i], p[0], 0.0, p[2], p[3], p[4])
            term = value.real * (-1) ** k
            total += 0.5 * term if k == 0 else term
            if k >= _PLAIN_TERMS:
                partial[k - _PLAIN_TERMS] = total
        out[i] = max(math.exp(0.5 * _EULER_A) / time * np.dot(_BINOMIAL, partial), 0.0)


def evaluate_response(parameters: FloatArray, tau_s: float, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
    """See `LIF.response`."""
    s = frequencies(s, float(parameters[0]))
    (s, mu, sigma), shape = _broadcast(s, mu, sigma, "s")
    _check_domain(mu, sigma, parameters)
    out = np.empty((2, s.size), dtype=complex)
    over_cores(_responses, (s, mu, sigma), parameters, tau_s, out=out, worth=_WORTH_A_THREAD)
    if not shape:
        return complex(out[0, 0]), complex(out[1, 0])
    return out[0].reshape(shape), out[1].reshape(shape)


def evaluate_interval_transform(parameters: FloatArray, s: Any, mu: Any, sigma: Any) -> Any:
    """See `LIF.isi_transform`."""
    s = frequencies(s, float(parameters[0]))
    (s, mu, sigma), shape = _broadcast(s, mu, sigma, "s")
    _check_domain(mu, sigma, parameters)
    out = np.empty(s.size, dtype=complex)
    over_cores(_transforms, (s, mu, sigma), parameters, out=out, worth=_WORTH_A_THREAD)
    return out.reshape(shape) if shape else complex(out[0])


def evaluate_density(parameters: FloatArray, t: Any, mu: Any, sigma: Any) -> Any:
    """See `LIF.isi_density`."""
    return _real(_densities, parameters, "t", "s", t, mu, sigma)


def evaluate_spectrum(parameters: FloatArray, f: Any, mu: Any, sigma: Any) -> Any:
    """See `LIF.spectrum`."""
    largest = LARGEST / (2.0 * math.pi * float(parameters[0]))
    if np.size(f) and np.nanmax(np.abs(as_si("f", f, "Hz"))) > largest:
        raise ValueError(f"f must be at most {largest:.4g} Hz, got {float(np.nanmax(np.abs(f)))!r} Hz")
    return _real(_spectra, parameters, "f", "Hz", f, mu, sigma)


def _real(kernel: Any, parameters: FloatArray, name: str, unit: str, x: Any, mu: Any, sigma: Any) -> Any:
    x = as_si(name, x, unit)
    if not np.isfinite(x).all():
        raise ValueError(f"{name} must be finite, got {float(x[~np.isfinite(x)].flat[0])!r} {unit}")
    (x, mu, sigma), shape = _broadcast(x, mu, sigma, name)
    _check_domain(mu, sigma, parameters)
    out = np.empty(x.size)
    over_cores(kernel, (x, mu, sigma), parameters, out=out, worth=_WORTH_A_THREAD)
    return out.reshape(shape) if shape else float(out[0])


def frequencies(s: Any, tau_m: float) -> Any:
    """Return s as a complex array; ValueError outside the domain of the response."""
    s = as_complex("s", s, "1/s")
    bad = ~np.isfinite(s) | (s.real * tau_m < LEFTMOST) | (np.abs(s) * tau_m > LARGEST)
    if bad.any():
        words = f"Re s >= {LEFTMOST / tau_m:.6g} 1/s and |s| <= {LARGEST / tau_m:.4g} 1/s"
        raise ValueError(f"s must be finite, with {words}, got {complex(s[bad].flat[0])!r} 1/s")
    return s


def _broadcast(x: Any, mu: Any, sigma: Any, name: str) -> tuple[tuple[Any, Any, Any], tuple[int, ...]]:
    mu, sigma = check_inputs(mu, sigma)
    try:
        arrays = np.broadcast_arrays(x, mu, sigma)
    except ValueError:
        shapes = f"{x.shape}, {mu.shape} and {sigma.shape}"
        raise ValueError(f"{name}, mu and sigma must broadcast, got shapes {shapes}") from None
    flat = tuple(np.array(array).reshape(-1) for array in arrays)
    return (flat[0], flat[1], flat[2]), arrays[0].shape


def _check_domain(mu: FloatArray, sigma: FloatArray, parameters: FloatArray) -> None:
    """Raise ValueError for an input whose response is not defined or not known."""
    _, _, v_th, v_reset, shift = (float(p) for p in parameters)
    pairs = np.unique(np.stack([mu, sigma]), axis=1) if mu.size > 1 else np.stack([mu, sigma])
    for m, a in pairs.T:
        problem = response_problem(m, a, v_th, v_reset, shift)
        if problem != FINE:
            raise ValueError(problem_words(problem, float(m), float(a)))


def problem_words(problem: int, mu: float, sigma: float) -> str:
    """Return the message for an input outside the domain of the linear response."""
    where = f"at mu = {mu!r} V, sigma = {sigma!r} V"
    if problem == NOISELESS:
        return f"sigma is too small {where}: a neuron that fires without noise has no linear response"
    if problem == TOO_LOW:
        return f"sigma is too small {where}: (v_th - mu)/sigma must be at least {LOWEST_Y:g}"
    return f"sigma is too large {where}: (v_th - v_reset)/sigma must be at least {SMALLEST_D:g}"
