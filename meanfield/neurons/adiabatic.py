"""Slow synapses: the rate of a noise-free neuron, averaged over the synaptic current.

For tau_s far above tau_m and the intervals, x is constant between spikes, Gaussian of variance sigma² tau_m/(2 tau_s),
and the rate is the average of 1/(t_ref + tau_m log((mu + x - v_reset)/(mu + x - v_th))) (Moreno-Bote & Parga 2004,
Phys. Rev. Lett. 92).
"""

from __future__ import annotations

import math

import numpy as np

from meanfield._validate import FloatArray

_LEAST = 1e-18  # distance from threshold in standard deviations
_FARTHEST = 12.0


def _average(z_th: float, width: float, tau_m: float, t_ref: float) -> tuple[FloatArray, FloatArray, float]:
    """Points z, terms of the average over z of the noise-free rate [Hz], and the logarithm of their unit.

    `z_th` is where threshold is reached and `width` the distance of the reset below it, in standard deviations.
    """
    unit = -0.5 * z_th * z_th if z_th > 0.0 else 0.0
    top = max(_FARTHEST - z_th, _FARTHEST / max(z_th, 1.0))
    step = min(0.05, 0.3 / (1.0 + abs(z_th)))
    logs = np.arange(math.log(_LEAST), math.log(top), step)
    q = np.exp(logs)
    z = z_th + q
    rate = 1.0 / (t_ref + tau_m * np.log1p(width / q))
    normal = np.exp(-0.5 * z * z - unit) / math.sqrt(2.0 * math.pi)
    return z, rate * normal * q * step, unit


def adiabatic_rate(
    mu: float, sd: float, tau_m: float, t_ref: float, v_th: float, v_reset: float
) -> tuple[float, float, float, float]:
    """(logarithm of the rate in Hz, rate, d rate/d mu, d rate/d sd) for an input of standard deviation `sd` [V] > 0."""
    z, terms, unit = _average((v_th - mu) / sd, (v_th - v_reset) / sd, tau_m, t_ref)
    total = float(terms.sum())
    size = math.exp(unit)
    by_mu, by_sd = float((terms * z).sum()) / sd, float((terms * (z * z - 1.0)).sum()) / sd
    log_rate = math.log(total) + unit if total > 0.0 else -math.inf
    return log_rate, total * size, by_mu * size, by_sd * size
