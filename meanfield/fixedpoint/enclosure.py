"""Bounds on everything a LIF population can do while the rates lie in a box: the ground of completeness proofs.

The Siegert rate rises with mu and with sigma (each derivative of f(u) = e^{u²}(1 + erf u) is positive, and
d rate / d sigma is proportional to [y f(y)] between reset and threshold), so its exact range over a box of rates
is spanned by two corners. The bounds are widened by more than the rounding errors of the kernels.
A synaptic shift s is the same as mu - s sigma in place of mu.
"""

from __future__ import annotations

import math
from typing import Any

from meanfield._compiled import jit
from meanfield.neurons.lif import lif_rate
from meanfield.special.siegert import gain_differences, log_rate, scaling

SLACK = 1e-12  # relative widening; the kernels are certified to 1e-14
TINY = 1e-290  # Hz; below it doubles lose their relative digits, so bounds are 0 or this
_ROUNDING = 1e-15  # relative error of a sum of a few products


@jit
def input_bounds(row: Any, low: Any, high: Any) -> Any:
    """Bounds (mu_low, mu_high, sigma_low, sigma_high) of a population's input over the box [low, high] of rates.

    The shift of the synapses is already taken off mu.
    """
    n = low.size
    mu_low = mu_high = row[2 * n]
    variance_low = variance_high = row[2 * n + 1]
    size = abs(mu_low)
    for j in range(n):
        mu_low += row[j] * (low[j] if row[j] > 0.0 else high[j])
        mu_high += row[j] * (high[j] if row[j] > 0.0 else low[j])
        size += abs(row[j]) * max(high[j], -low[j])
        variance_low += row[n + j] * low[j]
        variance_high += row[n + j] * high[j]
    error = _ROUNDING * n * size
    sigma_low = math.sqrt(max(variance_low, 0.0)) * (1.0 - _ROUNDING * n)
    sigma_high = math.sqrt(variance_high) * (1.0 + _ROUNDING * n)
    shift = row[2 * n + 6]
    return mu_low - error - shift * sigma_high, mu_high + error - shift * sigma_low, sigma_low, sigma_high


@jit
def rate_bounds(row: Any, mu_low: Any, mu_high: Any, sigma_low: Any, sigma_high: Any) -> Any:
    """Bounds (low, high) of the rate for inputs within the bounds of `input_bounds`; `row` as `pack` makes it."""
    k = row.size - 5
    low = lif_rate(mu_low, sigma_low, row[k], row[k + 1], row[k + 2], row[k + 3], 0.0)
    high = lif_rate(mu_high, sigma_high, row[k], row[k + 1], row[k + 2], row[k + 3], 0.0)
    low = low * (1.0 - SLACK) if low > TINY else 0.0
    if sigma_high > 0.0:  # without noise, 0 is exact
        high = max(high, TINY)
    return low, high * (1.0 + SLACK)


@jit
def gain_bounds(
    row: Any, mu_low: Any, mu_high: Any, sigma_low: Any, sigma_high: Any, rate_low: Any, rate_high: Any
) -> Any:
    """Bounds on d rate/d mu and d rate/d sigma² (low, high, low, high); infinite where the noise may vanish.

    d rate/d mu = rate² tau sqrt(pi)/sigma [f], d rate/d sigma² = rate² tau sqrt(pi)/(2 sigma²) [(y - s) f], where
    [f] and [y f] rise with the threshold y and with the distance of the reset.
    """
    if not sigma_low > 0.0:
        return 0.0, math.inf, -math.inf, math.inf
    k = row.size - 5
    tau, v_th, v_reset, shift = row[k], row[k + 2], row[k + 3], row[k + 4]
    # extremes of y = (v_th - mu)/sigma over the box (mu is shifted already), and of the distance to the reset
    y_low = (v_th - mu_high) / (sigma_high if v_th > mu_high else sigma_low)
    y_high = (v_th - mu_low) / (sigma_low if v_th > mu_low else sigma_high)
    f_low, yf_low = gain_differences(y_low, (v_th - v_reset) / sigma_high, scaling(y_low))
    f_high, yf_high = gain_differences(y_high, (v_th - v_reset) / sigma_low, scaling(y_high))
    scale = tau * math.sqrt(math.pi)
    weight_low = weight_high = 0.0
    if rate_low > 0.0:
        weight_low = scale * _squared_rate(math.log(rate_low), y_low)
    if rate_high > 2.0 * TINY:
        weight_high = scale * _squared_rate(math.log(rate_high), y_high)
    else:  # the bound on the rate is too coarse for what e^{y²} would make of it
        log_rate_high = log_rate(y_low, 0.0, (v_th - v_reset) / sigma_high, tau, row[k + 1])
        weight_high = scale * _squared_rate(log_rate_high + SLACK * abs(log_rate_high), y_high)
    by_mu_low = weight_low * f_low / sigma_high * (1.0 - SLACK)
    by_mu_high = weight_high * f_high / sigma_low * (1.0 + SLACK)
    by_variance_low = 0.5 * weight_low * yf_low / sigma_high**2 * (1.0 - SLACK)
    by_variance_high = 0.5 * weight_high * yf_high / sigma_low**2 * (1.0 + SLACK)
    by_variance_low -= 0.5 * shift * by_mu_high / sigma_low * (1.0 + SLACK)
    by_variance_high -= 0.5 * shift * by_mu_low / sigma_high * (1.0 - SLACK)
    return by_mu_low, by_mu_high, by_variance_low, by_variance_high


@jit
def _squared_rate(log_rate: Any, y: Any) -> Any:
    """rate² e^{max(y, 0)²}, without overflow on the way."""
    return math.exp(2.0 * log_rate + max(y, 0.0) ** 2)


@jit
def scaled_rate_bounds(row: Any, t: Any, direction_low: Any, direction_high: Any) -> Any:
    """Bounds of t rate for rates direction/t, valid down to t = 0: the answer to rates beyond all bounds.

    From 2/(x + sqrt(x² + 2)) <= sqrt(pi) erfcx(x) <= 2/(x + sqrt(x² + 4/pi)) (Abramowitz & Stegun 7.1.13), the
    rate without refractoriness is at most (m + sqrt(m² + 2 sigma²))/(2 tau (v_th - v_reset)) with
    m = mu - v_reset, and, where m = mu - v_th > 0, at least the same with 4/pi in place of 2.
    Returns (low, high) for t anywhere in (0, `t`].
    """
    n = direction_low.size
    k = 2 * n + 2
    tau, t_ref, v_th, v_reset, shift = row[k], row[k + 1], row[k + 2], row[k + 3], row[k + 4]
    mu_low = min(0.0, t * row[2 * n])
    mu_high = max(0.0, t * row[2 * n])
    variance_high = t * row[2 * n + 1]
    for j in range(n):
        mu_low += row[j] * (direction_low[j] if row[j] > 0.0 else direction_high[j])
        mu_high += row[j] * (direction_high[j] if row[j] > 0.0 else direction_low[j])
        variance_high += row[n + j] * direction_high[j]
    variance_high *= t
    noise = max(shift, 0.0) * math.sqrt(variance_high)
    m_high = mu_high + max(0.0, -t * v_reset)
    m_low = mu_low - noise - max(0.0, t * v_th)
    width = 2.0 * tau * (v_th - v_reset)
    high = (m_high + math.sqrt(m_high * m_high + 2.0 * variance_high)) / width
    low = 2.0 * m_low / width if m_low > 0.0 else 0.0
    if t_ref > 0.0:
        high = min(high, t / t_ref)
        low = 0.0
    return low * (1.0 - SLACK), high * (1.0 + SLACK)
