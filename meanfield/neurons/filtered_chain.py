"""The leaky neuron behind filtered noise where V surely rises to threshold: a Markov chain of the current.

Without units, times are in tau_m and v = (V - mu)/sigma: T = tau_s/tau_m, and threshold and reset are theta =
(v_th - mu)/sigma and reset = (v_reset - mu)/sigma (`ratio`, `level` and `reset` of `Neuron`). The synaptic current is
x = sigma beta u, beta = 1/sqrt(2 T), with u of variance 1, so that dv/dt = -v + beta u.

Far above threshold, or in weak noise, V crosses threshold once and for all: its velocity there, beta u - theta, is
negative only for u that are `SURE` standard deviations away. First passages are then crossings of free paths, which are
Gaussian, and the currents at successive spikes are a Markov chain. The flux J(u) of spikes with current u obeys

    J = K_0 J,   K_s = C_s R_s,

R_s the t_ref in which u goes on, and C_s the crossing that follows, from a current u to a current u': with y(t) = theta
- reset e^{-t}, what the integral of the current, beta u(t') e^{t' - t} from 0 to t, has to bring,

    C_s(u'|u) = integral over t of e^{-st} (beta u' - theta) p(y(t), u' | u).

In modes J = normal(u) sum of c_n h_n(u), h_n = He_n/sqrt(n!), R_s is diagonal, e^{-(s + n/T) t_ref}; and since u and u'
are Gaussian given y, the means of h_n(u) h_m(u') follow from Mehler's generating function, by a recursion of one line.
What is left is an integral over time, taken with weights that are exact for e^{-st} (`filtered_paths.weights`).

Row 0 of 1 - K_s vanishes with s: it says that no spike is lost. Divided by s it is the integral of the probability that
the next spike is still to come, which has a closed form. So the equations hold at any s, and give the rate and its
gains at s = 0. Neither the noise nor tau_m/tau_s is taken to be small; what is neglected is that V might not rise.
"""

from __future__ import annotations

import cmath
import math
from typing import Any, NamedTuple

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.neurons.filtered_equation import Neuron
from meanfield.neurons.filtered_kernels import RESOLVED
from meanfield.neurons.filtered_paths import covariances, modulated_covariances, polynomials, weights
from meanfield.neurons.panels import solve_in_place

SURE = 5.5  # standard deviations of u within which V rises at threshold
MODES, NODES = 32, 110
_FIRST, _LAST = 8.0, -6.5  # standard deviations of y between which threshold is crossed
_NEVER = 0.95  # of those at which it is not
_STRONGEST = 1e7  # of the drive above threshold, in sigma: beyond, times of crossing are alike in double precision


class Chain(NamedTuple):
    """The chain in modes, and its stationary flux."""

    neuron: Neuron
    t: FloatArray  # (K,), times of crossing
    weight: FloatArray  # (K,), of the integral over time
    coefficients: FloatArray  # (K - 1, DEGREE + 1, DEGREE + 1)
    moments: FloatArray  # (4, K), rows z, sd, a, b: y/sd, the standard deviation of y, corr(y, u), corr(y, u')
    density: FloatArray  # (K, M, M + 1): of y, times the means of h_n(u) h_m(u')
    waiting: FloatArray  # (K, M): mode n that has not crossed at t
    kept: FloatArray  # (M,), of a mode after t_ref
    flux: FloatArray  # (M,): c of the stationary flux
    following: FloatArray  # (K, 3, M + 1): modes that follow the flux, and its first and second derivatives by u
    crossing: FloatArray  # (K, 3, M): the same, times the velocity


@jit
def surely_rises(neuron: Neuron) -> Any:
    """Whether V rises at threshold for every u within `SURE` standard deviations."""
    return -_STRONGEST < neuron.level < -SURE * math.sqrt(0.5 / neuron.ratio)


@jit
def _deviations(neuron: Neuron, t: Any) -> Any:
    """y(t) in its standard deviations."""
    variance = covariances(np.full(1, t), neuron.ratio, np.inf)[0, 0]
    return (neuron.level - neuron.reset * math.exp(-t)) / math.sqrt(variance)


@jit
def _time_at(neuron: Neuron, z: Any) -> Any:
    """Time at which y is `z` standard deviations."""
    early, late = 1e-12, 30.0
    for _ in range(50):
        t = math.sqrt(early * late)
        if _deviations(neuron, t) > z:
            early = t
        else:
            late = t
    return late


@jit
def _times(neuron: Neuron, nodes: Any) -> Any:
    """Times at which threshold is crossed, equally apart in u if u is constant meanwhile."""
    first = _time_at(neuron, _FIRST)
    last = _time_at(neuron, max(_LAST, _NEVER * neuron.level * math.sqrt(2.0 * neuron.ratio)))
    return np.log1p(1.0 / np.linspace(1.0 / math.expm1(first), 1.0 / math.expm1(last), nodes))


@jit
def _means(z: Any, a: Any, b: Any, c: Any, out: Any) -> None:
    """Fill `out` (N, M) with the means of h_n(u) h_m(u') where y is `z` standard deviations.

    a, b and c are the correlations of u and y, u' and y, u and u'. From the generating function
    exp(a z p + b z q - (a p)²/2 - (b q)²/2 + (c - a b) p q).
    """
    rows, columns = out.shape
    roots = np.sqrt(np.arange(columns))
    out[0, 0] = 1.0
    for m in range(1, columns):
        before = b * roots[m - 1] * out[0, m - 2] if m > 1 else 0.0
        out[0, m] = b * (z * out[0, m - 1] - before) / roots[m]
    for n in range(1, rows):
        first, second, mixed = a * z / roots[n], a * a * roots[n - 1] / roots[n], (c - a * b) / roots[n]
        before = max(n - 2, 0)  # of which nothing is taken at n = 1
        out[n, 0] = first * out[n - 1, 0] - second * out[before, 0]
        for m in range(1, columns):
            out[n, m] = first * out[n - 1, m] - second * out[before, m] + mixed * roots[m] * out[n - 1, m - 1]


@jit
def build(neuron: Neuron, modes: Any, nodes: Any) -> Chain:
    """Set up the chain of `modes` modes on `nodes` times, and find its stationary flux."""
    ratio, level, reset, t_ref = neuron
    t = _times(neuron, nodes)
    covariance = covariances(t, ratio, np.inf)
    sd = np.sqrt(covariance[0])
    moments = np.empty((4, nodes))
    moments[0] = (level - reset * np.exp(-t)) / sd
    moments[1] = sd
    moments[2] = math.sqrt(0.5 / ratio) * covariance[3] / sd
    moments[3] = covariance[1] / sd
    coefficients = polynomials(t)
    w = np.empty(nodes, np.complex128)
    weights(t, coefficients, 0.0j, 0.0, w)
    density, waiting = np.empty((nodes, modes, modes + 1)), np.empty((nodes, modes))
    for k in range(nodes):
        z, a = moments[0, k], moments[2, k]
        _means(z, a, moments[3, k], covariance[4, k], density[k])
        normal = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        waiting[k, 0] = 0.5 * math.erfc(-z / math.sqrt(2.0))
        for n in range(1, modes):
            waiting[k, n] = -normal * a * density[k, n - 1, 0] / math.sqrt(n)
        density[k] *= normal / sd[k]
    kept = np.exp(-np.arange(modes) * (t_ref / ratio))
    flux = np.zeros(modes)
    room = np.empty((nodes, 3, modes + 1)), np.empty((nodes, 3, modes))
    chain = Chain(neuron, t, w.real.copy(), coefficients, moments, density, waiting, kept, flux, room[0], room[1])
    right = np.zeros(modes, np.complex128)
    right[0] = 1.0
    solve_in_place(follow(chain, 0.0j, crossings(chain, w)), right)
    flux[:] = right.real
    return chain


@jit
def follow_flux(chain: Chain) -> None:
    """Fill `following` and `crossing`, for `chain_variation` and `chain_response`."""
    modes = chain.flux.size
    starts = np.zeros((3, modes))  # after t_ref; a derivative of h_n is sqrt(n) h_(n - 1)
    starts[0] = chain.kept * chain.flux
    for i in range(1, 3):
        for n in range(1, modes):
            starts[i, n - 1] = math.sqrt(n) * starts[i - 1, n]
    for k in range(chain.t.size):
        chain.following[k] = np.dot(starts, chain.density[k])
        by_velocity(chain.neuron, chain.following[k], chain.crossing[k])


@jit
def by_velocity(neuron: Neuron, f: Any, out: Any) -> None:
    """Fill `out` (..., M) with the modes of f times the velocity beta u' - theta, from modes `f` (..., M + 1)."""
    beta = math.sqrt(0.5 / neuron.ratio)
    for m in range(out.shape[-1]):
        out[..., m] = beta * math.sqrt(m + 1.0) * f[..., m + 1] - neuron.level * f[..., m]
        if m > 0:
            out[..., m] += beta * math.sqrt(m) * f[..., m - 1]


@jit
def _elapsed(s: Any, t: Any) -> Any:
    """Integral of e^{-sa} from 0 to t."""
    z = s * t
    return t * (1.0 - z * (0.5 - z / 6.0)) if abs(z) < 1e-4 else (1.0 - cmath.exp(-z)) / s


@jit
def crossings(chain: Chain, w: Any) -> Any:
    """C_s (M from, M to) for the weights `w` (K,); in place of mode 0, less the transform of what is waiting."""
    size, modes = chain.t.size, chain.flux.size
    flat = chain.density.reshape(size, modes * (modes + 1))
    out = np.empty((modes, modes), np.complex128)
    part = np.empty((modes, modes))
    real, imaginary = w.real.copy(), w.imag.copy()
    by_velocity(chain.neuron, np.dot(real, flat).reshape(modes, modes + 1), part)
    out.real[:] = part
    by_velocity(chain.neuron, np.dot(imaginary, flat).reshape(modes, modes + 1), part)
    out.imag[:] = part
    out[:, 0] = -np.dot(real, chain.waiting) - 1j * np.dot(imaginary, chain.waiting)
    return out


@jit
def follow(chain: Chain, s: Any, crossed: Any) -> Any:
    """1 - K_s (M to, M from), its row 0 divided by s, from `crossings`."""
    modes = chain.flux.size
    t_ref = chain.neuron.t_ref
    late = cmath.exp(-s * t_ref)
    matrix = np.empty((modes, modes), np.complex128)
    for n in range(modes):
        factor = late * chain.kept[n]
        for m in range(modes):
            matrix[m, n] = -factor * crossed[n, m]
        matrix[n, n] += 1.0 if n > 0 else _elapsed(s, t_ref + chain.t[0])
    return matrix


@jit
def chain_variation(chain: Chain) -> Any:
    """CV of single intervals."""
    rate = chain.flux[0]
    total = 0.0
    for k in range(chain.t.size):
        total += chain.weight[k] * (chain.t[k] + chain.neuron.t_ref - 1.0 / rate) ** 2 * chain.crossing[k, 0, 0]
    return math.sqrt(max(total * rate, 0.0))


@jit
def chain_spectrum(chain: Chain, s: Any) -> Any:
    """Power spectrum of the spikes [1/tau_m] at s = i omega, not 0."""
    w = np.empty(chain.t.size, np.complex128)
    weights(chain.t, chain.coefficients, s, 0.0, w)
    spikes = chain.flux.astype(np.complex128)
    spikes[0] /= s
    solve_in_place(follow(chain, s, crossings(chain, w)), spikes)
    return max(2.0 * spikes[0].real - chain.flux[0], 0.0)  # rounding, where noise is weak


@jit
def _grown(chain: Chain, s: Any, crossed: Any) -> Any:
    """Modes (M,) of what crosses since the current's variance has grown by another amount in t_ref."""
    ratio, _, _, t_ref = chain.neuron
    added = np.zeros(chain.flux.size, np.complex128)
    for n in range(2, added.size):
        added[n] = math.sqrt(n * (n - 1.0)) * chain.kept[n - 2] * chain.flux[n - 2]
    return _elapsed(2.0 / ratio + s, t_ref) / ratio * np.dot(added, crossed)


@jit
def _moved(chain: Chain, s: Any, w: Any, out: Any) -> None:
    """Add to `out` (2, M) the modes of what crosses since mu, or sigma², is another one meanwhile.

    mu moves both boundaries by -h and the velocity by m; sigma² adds covariances. Row 0 as in `crossings`.
    """
    ratio = chain.neuron.ratio
    modes, size = chain.flux.size, chain.t.size
    beta = math.sqrt(0.5 / ratio)
    pushed = 1.0 / (1.0 + s * ratio)
    h = pushed / (1.0 + s)
    border = RESOLVED / max(abs(s), 1e-300)
    still, moving = np.empty(size, np.complex128), np.empty(size, np.complex128)
    weights(chain.t, chain.coefficients, 0.0j, border, still)
    weights(chain.t, chain.coefficients, s, border, moving)
    for k in range(size):
        z, sd, a, b = chain.moments[:, k]
        f, g = chain.following[k], chain.crossing[k]
        whole, without, with_wave = modulated_covariances(chain.t[k], s, ratio, 0.0)
        q = 0.5 * ((chain.weight[k] - still[k]) * whole + still[k] * without + moving[k] * with_wave)
        shift = h * (chain.weight[k] - w[k] * math.exp(-chain.t[k]))
        out[0, 0] += shift * f[0, 0]
        out[1, 0] -= q[0] / sd * (a * f[1, 0] - z * f[0, 0])
        push, back, spread, tilt = chain.weight[k] * pushed, shift / sd, q[0] / sd**2, 2.0 * q[1] / sd
        for m in range(1, modes):  # derivatives by u' of h_m times the velocity: one, one and by u, two
            root = math.sqrt(m)
            one = root * g[0, m - 1] + beta * f[0, m]
            both = root * g[1, m - 1] + beta * f[1, m]
            two = 2.0 * beta * root * f[0, m - 1]
            if m > 1:
                two += math.sqrt(m * (m - 1.0)) * g[0, m - 2]
            slope = a * g[1, m] + b * one
            curvature = a * a * g[2, m] + 2.0 * a * b * both + b * b * two
            out[0, m] += push * f[0, m] - back * (slope - z * g[0, m])
            out[1, m] += spread * ((z * z - 1.0) * g[0, m] - 2.0 * z * slope + curvature)
            out[1, m] += q[2] * two - tilt * (a * both + b * two - z * one)


@jit
def chain_response(chain: Chain, s: Any) -> Any:
    """Answers [1/tau_m] to e^{st} on mu [sigma] through the filter, and on sigma² [sigma²]."""
    w = np.empty(chain.t.size, np.complex128)
    weights(chain.t, chain.coefficients, s, 0.0, w)
    crossed = crossings(chain, w)
    right = np.zeros((2, chain.flux.size), np.complex128)
    right[1] = _grown(chain, s, crossed)
    _moved(chain, s, w, right)
    matrix = follow(chain, s, crossed)
    answers = np.zeros(2, np.complex128)
    for i in range(2):
        flux = right[i].copy()
        solve_in_place(matrix.copy(), flux)
        answers[i] = flux[0]
    return answers
