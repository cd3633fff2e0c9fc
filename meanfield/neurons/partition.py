"""Panels of the membrane potential over which solutions are smooth: narrow where they vary, and no more than needed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield.neurons.drifts import CONDUCTANCE, EXPONENTIAL, drift

MOST_PANELS = 20_000
_NEGLIGIBLE = 38.0, 45.0  # e^-38 of the density, or less where a response may grow towards it
_GROWTH = 1.5  # of an exponent over a panel
_DIFFUSIVE = 0.6  # of the length over which diffusion evens out what the drift changes
_GRADUAL = 0.4  # of the length over which the drift changes
_WIDEST = 0.4  # of the coordinate of a neuron of conductances, whose drift has poles at i pi/2
_ONSET, _UPSTROKE = 2.2, 0.8  # of delta_t, where an exponential drift sets in


@jit
def _width(kind: Any, v: Any, mu: Any, sigma: Any, p: Any, size: Any, fine: Any) -> Any:
    """(width of a panel at V over which the solutions are smooth, f there); see `panel_edges`."""
    f, slope, curvature = drift(kind, v, mu, p)
    away, slope, curvature = abs(f), abs(slope), abs(curvature)
    diffusive, gradual = math.inf, math.inf
    if slope > 0.0:
        diffusive, gradual = fine * _DIFFUSIVE * sigma / math.sqrt(slope), fine * _GRADUAL * away / slope
    if curvature > 0.0:
        gradual = min(gradual, fine * _GRADUAL * math.sqrt(2.0 * away / curvature))
        if gradual < diffusive:
            diffusive = min(diffusive, fine * _DIFFUSIVE * np.cbrt(sigma * sigma / curvature))
    if kind == EXPONENTIAL:
        # Polynomials leave (width/delta_t)^n of the spike's part: in the exponent, n = 16, or in the drift, n = 8.
        onset = (v - p[4]) / p[5]
        if diffusive > _ONSET * p[5]:
            part = onset + math.log(2.0 * p[5] * p[5] / (sigma * sigma))
            diffusive = min(diffusive, _ONSET * p[5] * max(1.0, 1.0 - part / 16.0))
        if gradual > _UPSTROKE * p[5]:
            part = onset + math.log(p[5] / (away + 1e-300))
            gradual = min(gradual, _UPSTROKE * p[5] * max(1.0, 1.0 - part / 8.0))
    width = max(diffusive, gradual)
    if kind == CONDUCTANCE:
        width = min(width, _WIDEST)
    if f < 0.0:
        width = min(width, 0.5 * _GROWTH * sigma * sigma / away)
    if size > 0.0:
        # |k| <= growth/width for the larger of the exponents k, sigma² k² / 2 + f k = tau s, at s = i size
        twice = 2.0 * p[0] * size
        square = sigma * sigma * twice
        root = math.sqrt(0.5 * (math.hypot(f * f, square) + f * f))
        width = min(width, _GROWTH * math.hypot(f + root, 0.5 * square / root) / twice)
    return width, f


@jit
def panel_edges(kind: Any, mu: Any, sigma: Any, p: Any, size: Any, layers: Any, fine: Any) -> Any:
    """(edges of the panels from below, index of the one that is the reset); none if there would be too many.

    They are for solutions at s of modulus up to `size`, and narrower by `fine` than serves to the right of the
    imaginary axis. They end where there is no probability to speak of. With `layers` they are fine enough for the
    density below threshold, which has a layer there; below the reset they always are: a sweep that begins there with a
    guess has forgotten it after a few panels.
    """
    edges = np.empty(256)
    negligible = _NEGLIGIBLE[1] if layers else _NEGLIGIBLE[0]
    v, above, count, at_reset = p[2], p[2], 1, 0
    edges[0] = v
    width, f = _width(kind, v, mu, sigma, p, size, fine)
    exponent, rare = 0.0, 2.0 / (sigma * sigma)  # of the density, from where it is largest below the reset
    while at_reset == 0 or exponent < negligible:
        narrower, f_below = _width(kind, v - width, mu, sigma, p, size, fine)
        step = min(width, max(narrower, 0.3 * width))
        if f > 0.0 and (layers or at_reset > 0):
            step = min(step, max(0.5 * _GROWTH * sigma * sigma / f, 0.7 * (above - v)))
        step = max(step, 1e-12 * abs(v))  # what is thinner has no weight
        left = v - p[3]
        if at_reset == 0 and left < 1.3 * step:
            step = left if left <= step else 0.5 * left
        if step == width:
            width = narrower
        else:
            width, f_below = _width(kind, v - step, mu, sigma, p, size, fine)
        v = p[3] if at_reset == 0 and step == left else v - step
        if at_reset > 0:
            exponent = max(exponent + 0.5 * (f + f_below) * step * rare, 0.0)
        f = f_below
        if count == edges.size:
            if count > MOST_PANELS:
                return edges[:0], 0
            longer = np.empty(2 * count)
            for k in range(count):
                longer[k] = edges[k]
            edges = longer
        edges[count] = v
        count += 1
        if v == p[3]:
            above, at_reset = v, count - 1
    upwards = np.empty(count)
    for k in range(count):
        upwards[k] = edges[count - 1 - k]
    return upwards, count - 1 - at_reset


@jit
def widths(edges: Any) -> Any:
    """Widths of the panels between edges."""
    out = np.empty(edges.size - 1)
    for k in range(out.size):
        out[k] = edges[k + 1] - edges[k]
    return out
