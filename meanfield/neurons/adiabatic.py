"""Slow synapses: the rate of a noise-free neuron, averaged over the synaptic current.

For tau_s far above tau_m and the intervals, x is constant between spikes, Gaussian of variance sigma² tau_m/(2 tau_s),
and the rate is the average of 1/(t_ref + tau_m log((mu + x - v_reset)/(mu + x - v_th))) (Moreno-Bote & Parga 2004,
Phys. Rev. Lett. 92). Spikes are dense where intervals T are short: the mean of T² over spikes is that of T over time,
divided by the rate.
"""

from __future__ import annotations

import math

import numpy as np

from meanfield._validate import FloatArray

_LEAST = 1e-18  # distance from threshold in standard deviations, or of what there is above it
_FARTHEST = 12.0
_LONGEST = 0.125  # of tau_s: intervals in which x is constant
_SILENT = 0.2  # of CV²: what epochs without spikes may add
_STEP = 0.05  # of z, or of the logarithm of its distance from threshold


def noise_free(
    z_th: float, width: float, tau_m: float, t_ref: float
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Points z that fire, noise-free intervals [s] there, weights of an average, and the logarithm of their unit.

    `z_th` is where threshold is reached and `width` the distance of the reset below it, in standard deviations. At most
    some 2000 points: equally apart where threshold is out of reach below, else equally apart in the logarithm of the
    distance from threshold, of which the scale is 1/z_th far above.
    """
    unit = -0.5 * z_th * z_th if z_th > 0.0 else 0.0
    if z_th < -_FARTHEST - 2.0:
        z = np.linspace(-_FARTHEST, _FARTHEST, round(2.0 * _FARTHEST / _STEP) + 1)
        q, spacing = z - z_th, np.full(z.size, _STEP)
        exponent = 0.5 * z * z
    else:
        squared = _FARTHEST**2
        top = squared / (math.hypot(z_th, _FARTHEST) + z_th) if z_th > 0.0 else _FARTHEST - z_th
        step = _STEP if z_th > 0.0 else min(_STEP, 0.3 / (1.0 - z_th))
        q = np.exp(np.arange(math.log(_LEAST * min(top, 1.0)), math.log(top), step))
        z, spacing = z_th + q, q * step
        exponent = q * (z_th + 0.5 * q) if z_th > 0.0 else 0.5 * z * z
    weight: FloatArray = spacing * np.exp(-exponent) / math.sqrt(2.0 * math.pi)
    interval: FloatArray = t_ref + tau_m * np.log1p(width / q)
    return z, interval, weight, unit


def adiabatic_rate(
    mu: float, sd: float, tau_m: float, t_ref: float, v_th: float, v_reset: float
) -> tuple[float, float, float, float]:
    """(logarithm of the rate in Hz, rate, d rate/d mu, d rate/d sd) for an input of standard deviation `sd` [V] > 0."""
    z, interval, weight, unit = noise_free((v_th - mu) / sd, (v_th - v_reset) / sd, tau_m, t_ref)
    terms = weight / interval
    total = float(terms.sum())
    size = math.exp(unit)
    by_mu, by_sd = float((terms * z).sum()) / sd, float((terms * (z * z - 1.0)).sum()) / sd
    log_rate = math.log(total) + unit if total > 0.0 else -math.inf
    return log_rate, total * size, by_mu * size, by_sd * size


def adiabatic_variation(
    mu: float, sd: float, tau_m: float, t_ref: float, v_th: float, v_reset: float, tau_s: float
) -> float | None:
    """CV of intervals within each of which x is constant; None where x is not, or is below threshold too often.

    A silent epoch from z < z_th lasts tau_s sqrt(2 pi) times the integral of Phi(w) e^{w²/2} from z to z_th, the mean
    first passage of x. In all they add to CV² the rate times 2 tau_s times the integral of Phi²/phi up to z_th, which
    is less than phi(z_th)/|z_th|³.
    """
    z_th = (v_th - mu) / sd
    if z_th > -1.0:
        return None
    _, interval, weight, _ = noise_free(z_th, (v_th - v_reset) / sd, tau_m, t_ref)
    rate = float((weight / interval).sum())
    squared = rate * float((weight / interval * (interval - 1.0 / rate) ** 2).sum())
    silent = 2.0 * tau_s * rate * math.exp(-0.5 * z_th * z_th) / (math.sqrt(2.0 * math.pi) * abs(z_th) ** 3)
    if _LONGEST * tau_s * rate < 1.0 or silent > _SILENT * squared:
        return None
    return math.sqrt(squared)
