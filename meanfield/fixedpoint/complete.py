"""Every fixed point of one or two LIF populations, with a proof: branch and bound on enclosures.

A box of rates is discarded when the rates that it is answered with (their exact range, see `enclosure`) miss the
box; it holds exactly one fixed point when an interval Newton operator (Krawczyk 1969) maps it into itself.
What is neither is narrowed or split. Rates beyond all bounds, possible without refractoriness, are dealt with
in the coordinates direction/t.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.fixedpoint.enclosure import TINY, gain_bounds, input_bounds, rate_bounds, scaled_rate_bounds

EMPTY, UNIQUE, SPLIT = 0, 1, 2
MAX_BOXES = 400_000
MAX_DEPTH = 200
RATE_MARGIN = 1e-9  # Hz; room around a box, far below any rate that matters
SMALLEST_WIDTH = 1e-11  # relative; a box this narrow and still undecided holds a (nearly) degenerate fixed point


@jit
def _jacobian_bounds(network: Any, low: Any, high: Any, jacobian: Any, answer: Any) -> None:
    """Bounds [2, P, P] of d answered rate / d rate, and [2, P] of the answered rates, over a box."""
    n = low.size
    for i in range(n):
        row = network[i]
        mu_low, mu_high, sigma_low, sigma_high = input_bounds(row, low, high)
        rate_low, rate_high = rate_bounds(row, mu_low, mu_high, sigma_low, sigma_high)
        answer[0, i], answer[1, i] = rate_low, rate_high
        by_mu_low, by_mu_high, by_variance_low, by_variance_high = gain_bounds(
            row, mu_low, mu_high, sigma_low, sigma_high, rate_low, rate_high
        )
        for j in range(n):
            a, b = row[j], row[n + j]
            jacobian[0, i, j] = (a * by_mu_low if a > 0.0 else a * by_mu_high) + b * by_variance_low
            jacobian[1, i, j] = (a * by_mu_high if a > 0.0 else a * by_mu_low) + b * by_variance_high
            if a == 0.0:
                jacobian[0, i, j] = b * by_variance_low if b > 0.0 else 0.0
                jacobian[1, i, j] = b * by_variance_high if b > 0.0 else 0.0


@jit
def _examine(network: Any, low: Any, high: Any, jacobian: Any, answer: Any) -> Any:
    """Narrow the box [low, high] in place; says EMPTY, UNIQUE or SPLIT. One or two populations."""
    n = low.size
    for _ in range(4):  # a fixed point lies in its own answer
        shrunk = False
        for i in range(n):
            row = network[i]
            mu_low, mu_high, sigma_low, sigma_high = input_bounds(row, low, high)
            rate_low, rate_high = rate_bounds(row, mu_low, mu_high, sigma_low, sigma_high)
            if rate_low > high[i] or rate_high < low[i]:
                return EMPTY
            width = high[i] - low[i]
            low[i] = max(low[i], rate_low)
            high[i] = min(high[i], rate_high)
            shrunk = shrunk or high[i] - low[i] < 0.8 * width
        if not shrunk:
            break
    if np.max(high) <= 2.0 * TINY:  # answers below the smallest floats: the quiescent state
        answer[0, :] = low
        answer[1, :] = high
        return UNIQUE
    # The operator needs room to map into: the box was just cut to its own answer. (The formulas hold for rates a
    # little below zero, where there is no fixed point, since the answers are positive.)
    outer_low = np.empty(n)
    outer_high = np.empty(n)
    for i in range(n):
        margin = 0.1 * (high[i] - low[i]) + 1e-10 * high[i] + RATE_MARGIN
        outer_low[i] = low[i] - margin
        outer_high[i] = high[i] + margin
    _jacobian_bounds(network, outer_low, outer_high, jacobian, answer)
    for i in range(n):
        for j in range(n):
            if not (math.isfinite(jacobian[0, i, j]) and math.isfinite(jacobian[1, i, j])):
                return SPLIT
    verdict = _krawczyk(network, outer_low, outer_high, jacobian, answer)
    if verdict == UNIQUE:
        low[:] = outer_low
        high[:] = outer_high
    elif verdict == SPLIT:
        for i in range(n):
            low[i] = max(low[i], outer_low[i])
            high[i] = min(high[i], outer_high[i])
            if low[i] > high[i]:
                return EMPTY
    return verdict


@jit
def _krawczyk(network: Any, low: Any, high: Any, jacobian: Any, answer: Any) -> Any:
    """Interval Newton: m - Y G(m) + (1 - Y G')(box - m) for G = answered - rate and Y = inverse of mid G'."""
    n = low.size
    middle = 0.5 * (low + high)
    radius = 0.5 * (high - low)
    inverse = np.empty((n, n))
    mid = 0.5 * (jacobian[0] + jacobian[1])
    for i in range(n):
        mid[i, i] -= 1.0
    if n == 1:
        if mid[0, 0] == 0.0:
            return SPLIT
        inverse[0, 0] = 1.0 / mid[0, 0]
    else:
        determinant = mid[0, 0] * mid[1, 1] - mid[0, 1] * mid[1, 0]
        if determinant == 0.0 or not math.isfinite(determinant):
            return SPLIT
        inverse[0, 0], inverse[0, 1] = mid[1, 1] / determinant, -mid[0, 1] / determinant
        inverse[1, 0], inverse[1, 1] = -mid[1, 0] / determinant, mid[0, 0] / determinant
    for i in range(n):  # G at the middle, as an interval
        row = network[i]
        mu_low, mu_high, sigma_low, sigma_high = input_bounds(row, middle, middle)
        answer[0, i], answer[1, i] = rate_bounds(row, mu_low, mu_high, sigma_low, sigma_high)
    inside = True
    new_low = np.empty(n)
    new_high = np.empty(n)
    for i in range(n):
        centre = middle[i]
        spread = 0.0
        for j in range(n):
            g_mid = 0.5 * (answer[0, j] + answer[1, j]) - middle[j]
            g_radius = 0.5 * (answer[1, j] - answer[0, j])
            centre -= inverse[i, j] * g_mid
            spread += abs(inverse[i, j]) * g_radius * (1.0 + 1e-9)
        for j in range(n):  # |1 - Y G'| = |Y| radius(G') around its middle, which is 0 but for rounding
            product = 0.0
            rounding = 0.0
            for k in range(n):
                product += abs(inverse[i, k]) * 0.5 * (jacobian[1, k, j] - jacobian[0, k, j])
                rounding += abs(inverse[i, k]) * (abs(jacobian[0, k, j]) + abs(jacobian[1, k, j]) + 1.0) * 1e-14
            spread += (product + rounding) * radius[j]
        new_low[i] = centre - spread
        new_high[i] = centre + spread
        if not math.isfinite(new_low[i]) or not math.isfinite(new_high[i]):
            return SPLIT
        if new_low[i] > high[i] or new_high[i] < low[i]:
            return EMPTY
        inside = inside and new_low[i] > low[i] and new_high[i] < high[i]
    if inside:
        answer[0, :] = new_low
        answer[1, :] = new_high
        return UNIQUE
    for i in range(n):
        low[i] = max(low[i], new_low[i])
        high[i] = min(high[i], new_high[i])
    return SPLIT


@jit
def _known(boxes: Any, found: Any, low: Any, high: Any) -> Any:
    """True if the box lies in one that is known to hold one fixed point, which is then the only one here."""
    for k in range(found):
        inside = True
        for i in range(low.size):
            inside = inside and boxes[k, 0, i] <= low[i] and high[i] <= boxes[k, 1, i]
        if inside:
            return True
    return False


@jit
def _split_point(low: Any, high: Any) -> Any:
    """Middle of an interval of rates: geometric when it spans decades."""
    if high > 16.0 * low:
        return min(math.sqrt(max(low, RATE_MARGIN) * high), 0.5 * (low + high))
    return 0.5 * (low + high)


@jit
def enclose_all(network: Any, top: Any, boxes: Any) -> Any:
    """Enclose every fixed point with rates in [0, top]: boxes of one each, and what stays undecided.

    Fills `boxes`, (capacity, 2, P); the first `found` hold exactly one fixed point each, the next `undecided` are
    narrow and hold possibly some. Returns (found, undecided, examined); `examined` < 0 if the search was cut short.
    """
    n = top.size
    capacity = boxes.shape[0]
    stack = np.empty((MAX_DEPTH * 4, 2, n))
    jacobian = np.empty((2, n, n))
    answer = np.empty((2, n))
    undecided_boxes = np.empty((capacity, 2, n))
    depth = 1
    stack[0, 0] = 0.0
    stack[0, 1] = top
    found = undecided = examined = 0
    cut_short = False
    while depth > 0:
        depth -= 1
        low = stack[depth, 0].copy()
        high = stack[depth, 1].copy()
        if _known(boxes, found, low, high):
            continue
        examined += 1
        if examined > MAX_BOXES or depth + 2 > stack.shape[0]:
            cut_short = True
            break
        verdict = _examine(network, low, high, jacobian, answer)
        if verdict == EMPTY:
            continue
        if verdict == UNIQUE:
            if _known(boxes, found, answer[0], answer[1]):  # where the operator put the fixed point
                continue
            if found + undecided >= capacity:
                cut_short = True
                break
            boxes[found, 0], boxes[found, 1] = low, high
            found += 1
            continue
        # split along the side that spans most, in ratio where the box spans decades
        widest = -1
        most = 0.0
        narrow = True
        for i in range(n):
            if high[i] <= RATE_MARGIN:
                continue
            extent = (high[i] - low[i]) / high[i]
            if high[i] > 16.0 * low[i]:
                extent = 1.0 + math.log10(high[i] / max(low[i], RATE_MARGIN))
            narrow = narrow and high[i] - low[i] <= SMALLEST_WIDTH * high[i]
            if extent > most:
                most = extent
                widest = i
        if narrow:
            if found + undecided >= capacity:
                cut_short = True
                break
            undecided_boxes[undecided, 0], undecided_boxes[undecided, 1] = low, high
            undecided += 1
            continue
        at = _split_point(low[widest], high[widest])
        overlap = 1e-3 * (high[widest] - low[widest])  # a fixed point on the cut is then inside a half
        if high[widest] > 16.0 * low[widest]:
            overlap = min(overlap, 0.1 * at)
        for half in range(2):
            stack[depth, 0], stack[depth, 1] = low, high
            if half == 0:
                stack[depth, 1, widest] = min(high[widest], at + overlap)
            else:
                stack[depth, 0, widest] = max(low[widest], at - overlap)
            depth += 1
    for k in range(undecided):
        boxes[found + k] = undecided_boxes[k]
    return found, undecided, -examined if cut_short else examined


@jit
def nothing_beyond(network: Any, rate: Any) -> Any:
    """True if it is certain that no fixed point has a summed rate above `rate` [Hz]. One or two populations."""
    n = network.shape[0]
    t = 1.0 / rate
    low = np.ones(n)
    high = np.ones(n)
    if n == 1:
        return _direction_excluded(network, t, low, high)
    pieces = np.empty((128, 2))
    pieces[0, 0], pieces[0, 1] = 0.0, 1.0
    depth = 1
    while depth > 0:
        depth -= 1
        a, b = pieces[depth, 0], pieces[depth, 1]
        low[0], high[0], low[1], high[1] = a, b, 1.0 - b, 1.0 - a
        if _direction_excluded(network, t, low, high):
            continue
        if b - a < 1e-7:
            return False
        middle = 0.5 * (a + b)
        pieces[depth, 0], pieces[depth, 1] = a, middle
        pieces[depth + 1, 0], pieces[depth + 1, 1] = middle, b
        depth += 2
    return True


@jit
def _direction_excluded(network: Any, t: Any, low: Any, high: Any) -> Any:
    for i in range(low.size):
        answer_low, answer_high = scaled_rate_bounds(network[i], t, low, high)
        if answer_low > high[i] or answer_high < low[i]:
            return True
    return False


def rate_limits(network: FloatArray) -> tuple[FloatArray, bool]:
    """Return rates (P,) [Hz] that no fixed point exceeds, and whether that is certain."""
    n = network.shape[0]
    refractory = network[:, 2 * n + 3]
    with np.errstate(divide="ignore"):
        limits = np.where(refractory > 0, 1.0 / refractory, np.inf)
    if np.isfinite(limits).all():
        return limits, True
    for exponent in range(4, 13, 2):
        bound = 10.0**exponent
        if nothing_beyond(network, bound):
            return np.minimum(limits, bound), True
    return np.minimum(limits, 1e6), False
