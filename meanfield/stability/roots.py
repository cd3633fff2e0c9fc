"""Roots of det(1 - L(s)) right of a line: how many there are, and where."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield.delays import FIXED, GAUSSIAN, UNIFORM
from meanfield.stability.characteristic import characteristic, closing_phase, loop_radius, turn

CAPACITY = 4096  # points along a line
MOST_ROOTS = 128
BAND = 2.0 * math.pi * 5000.0  # 1/s; roots beyond are not looked for where they do not end
_CONTRACTING = 0.98  # a loop gain that cannot bring a root
_FIRST_TOP = 2.0 * math.pi * 150.0
_CONVERGED = 1e-9  # relative; the order of Muller's method is 1.84
_SLOWEST_RESONANCE = 2.0 * math.pi * 5.0  # 1/s, of a neuron's own rate
_RESONANCES = 3  # harmonics looked at; each is weaker than the one before, but a delay's transform may vanish at one
_BESIDE = np.array([0.94, 0.97, 1.0, 1.03])  # of a harmonic: noise and refractoriness move the resonance
_PROBES = np.array([1.0, 1.07, 1.15, 1.3, 1.5, 1.75, 2.1, 2.6, 3.3, 4.5, 7.0, 11.0])


@jit
def longest_delay(state: Any) -> Any:
    """A delay that few synapses exceed [s]."""
    longest = 0.0
    n = state.mu.size
    for i in range(n):
        for j in range(n):
            kind, a, b, _ = state.delays[i, j]
            if kind == FIXED:
                delay = a
            elif kind == UNIFORM:
                delay = b
            elif kind == GAUSSIAN:
                delay = a + 2.0 * b
            else:
                delay = b + 2.0 * a
            longest = max(longest, delay)
    return longest


@jit
def top_of(state: Any, line: Any) -> Any:
    """(frequency [1/s], True) beyond which the loop gain stays below 1 on the line Re s = `line`.

    (BAND, False) if it does not before that: synapses without a filter pass all frequencies, and where the network
    makes nearly all of its noise itself roots follow one another at distances of 1/delay.
    """
    if loop_radius(state, line + 1j * BAND) >= _CONTRACTING:
        return BAND, False
    top = _FIRST_TOP
    while top < BAND:
        k = 0
        while k < _PROBES.size and loop_radius(state, line + 1j * top * _PROBES[k]) < _CONTRACTING:
            k += 1
        if k < _PROBES.size:
            top *= max(1.4, _PROBES[k])
            continue
        resonance = _resonance_beyond(state, line, top)
        if resonance == 0.0:
            return top, True
        top = 1.2 * resonance
    return BAND, False


@jit
def _resonance_beyond(state: Any, line: Any, top: Any) -> Any:
    """The first harmonic of a neuron's rate beyond `top` where the loop gain is not below 1; 0 if there is none.

    Neurons driven far above threshold with little noise answer in narrow bands about these, which probes between
    them do not see.
    """
    for i in range(state.mu.size):
        turn_rate = 2.0 * math.pi * state.rate[i]
        if turn_rate < _SLOWEST_RESONANCE:
            continue
        first = int(top / turn_rate) + 1
        for k in range(first, first + _RESONANCES):
            for beside_it in _BESIDE:
                if loop_radius(state, line + 1j * k * turn_rate * beside_it) >= _CONTRACTING:
                    return k * turn_rate
    return 0.0


@jit
def _base(state: Any, top: Any) -> Any:
    """Frequencies to begin with: logarithmic at first, then a fraction of 1/delay, and the neurons' own rates."""
    spacing = top / 12.0
    delay = longest_delay(state)
    if delay > 0.0:
        spacing = min(spacing, 0.9 / delay)
    low = 2.0 * math.pi * 1.0
    logarithmic = 6
    linear = int(top / spacing) + 1
    n = state.mu.size
    harmonics = 12
    points = np.empty(logarithmic + linear + 2 * harmonics * n)
    for k in range(logarithmic):
        points[k] = low * (spacing / low) ** (k / logarithmic)
    for k in range(linear):
        points[logarithmic + k] = spacing + (top - spacing) * k / max(linear - 1, 1)
    count = logarithmic + linear
    for i in range(n):
        new = True
        for k in range(i):
            new = new and abs(state.rate[i] - state.rate[k]) > 0.01 * state.rate[k]
        for k in range(1, harmonics + 1):
            centre = 2.0 * math.pi * k * state.rate[i]
            if new and state.rate[i] > 5.0 and centre < top:
                points[count] = centre
                count += 1
    return np.sort(points[:count])


@jit
def right_edge(state: Any, line: Any, top: Any) -> Any:
    """Real part beyond which the loop gain is below 1, up to the frequency `top`.

    So far right of the line the gain varies over frequencies of the distance to it: steps of that are enough.
    """
    delay = longest_delay(state)
    width = max(100.0, 2.0 / delay) if delay > 0.0 else 100.0
    omega = 0.0
    while omega < top and width < 1e7:
        if loop_radius(state, complex(line + width, omega)) < _CONTRACTING:
            omega += width
        else:
            width *= 1.4
    while loop_radius(state, complex(line + width, top)) >= _CONTRACTING and width < 1e7:
        width *= 1.4
    return line + width


@jit
def count_right_of(state: Any, line: Any, samples: Any) -> Any:
    """Number of zeros of H with Re s > `line`: (number, points in `samples`, top, whole); -1 where it is not certain.

    `samples` (2, capacity) is filled with points on the line and H there. Not `whole`: those with |Im s| < top alone.
    """
    top, whole = top_of(state, line)
    here = line + 0.0j
    value = characteristic(state, here)[1]
    if value == 0.0:
        return -1, 0, top, whole
    samples[0, 0], samples[1, 0] = here, value
    count = 1
    total = 0.0
    for omega in _base(state, top):
        there = line + 1j * omega
        other = characteristic(state, there)[1]
        phase, count, fine = turn(state, here, there, value, other, samples, count)
        if not fine:
            return -1, count, top, whole
        total += phase
        here, value = there, other
    if not whole:  # then along the top to where the loop gain is below 1
        there = complex(right_edge(state, line, top), top)
        other = characteristic(state, there)[1]
        phase, _, fine = turn(state, here, there, value, other, samples, samples.shape[1])
        if not fine:
            return -1, count, top, whole
        total += phase
        here = there
    zeros = (closing_phase(state, here) - total) / math.pi
    number = round(zeros)
    if abs(zeros - number) > 0.02 or number < 0:
        return -1, count, top, whole
    return int(number), count, top, whole


@jit
def refine(state: Any, guess: Any, step: Any, leftmost: Any) -> Any:
    """(root, found) of H from a guess, by Muller's method; `leftmost` bounds Re s from below."""
    points = np.array([guess - step, guess + step, guess])
    values = np.array([characteristic(state, points[0])[1], characteristic(state, points[1])[1], 0.0j])
    values[2] = characteristic(state, guess)[1]
    return _muller(state, points, values, leftmost)


@jit
def _muller_change(points: Any, values: Any) -> Any:
    """The step from the last of three points to the nearer zero of the parabola through them; 0 if it has none."""
    h_0, h_1 = points[1] - points[0], points[2] - points[1]
    if h_0 == 0.0 or h_1 == 0.0 or h_0 + h_1 == 0.0:
        return 0.0j
    d_0, d_1 = (values[1] - values[0]) / h_0, (values[2] - values[1]) / h_1
    a = (d_1 - d_0) / (h_1 + h_0)
    b = a * h_1 + d_1
    root = cmath.sqrt(b * b - 4.0 * a * values[2])
    denominator = b + root if abs(b + root) > abs(b - root) else b - root
    return 0.0j if denominator == 0.0 else -2.0 * values[2] / denominator


@jit
def _muller(state: Any, points: Any, values: Any, leftmost: Any) -> Any:
    """(root, found) of H from three points and H there, the best last; these are overwritten."""
    for _ in range(40):
        if values[2] == 0.0:
            return points[2], True
        change = _muller_change(points, values)
        if change == 0.0:
            return points[2], False
        longest = 0.3 * abs(points[2]) + 20.0
        if abs(change) > longest:
            change *= longest / abs(change)
        x = points[2] + change
        if x.real < leftmost:
            x = complex(0.5 * (points[2].real + leftmost), x.imag)
        if abs(x - points[2]) < _CONVERGED * (abs(x) + 1.0):  # the next step would be below rounding
            return x, True
        points[0], points[1], points[2] = points[1], points[2], x
        values[0], values[1], values[2] = values[1], values[2], characteristic(state, x)[1]
        if abs(change) < 1e-9 * (abs(x) + 1.0) and abs(values[2]) >= abs(values[1]):  # at rounding
            return points[1], abs(values[1]) < 1e-8
    return points[2], False


@jit
def _add(roots: Any, found: Any, root: Any) -> Any:
    """Put a root into the list if it is new, as one with Im s >= 0; returns how many there are."""
    if abs(root.imag) < 1e-7 * abs(root) + 1e-9:
        root = complex(root.real, 0.0)
    elif root.imag < 0.0:
        root = root.conjugate()
    for k in range(found):
        if abs(roots[k] - root) < 1e-6 * (abs(root) + 1.0):
            return found
    if found < roots.size:
        roots[found] = root
        return found + 1
    return found


@jit
def multiplicity(roots: Any, found: Any, line: Any, top: Any) -> Any:
    """How many roots right of the line, to the frequency `top`, the list stands for: complex ones are two."""
    total = 0
    for k in range(found):
        if roots[k].real > line and roots[k].imag <= top:
            total += 1 if roots[k].imag == 0.0 else 2
    return total


@jit
def roots_from_samples(state: Any, samples: Any, count: Any, leftmost: Any, roots: Any) -> Any:
    """Roots beside the minima of |H| along a line, into `roots`; returns how many were found."""
    found = 0
    if count < 3:
        return found
    points, values = np.empty(3, dtype=np.complex128), np.empty(3, dtype=np.complex128)
    for k in range(count):
        size = abs(samples[1, k])
        before = k > 0 and abs(samples[1, k - 1]) <= size
        after = k + 1 < count and abs(samples[1, k + 1]) < size
        if before or after:
            continue
        if k == 0:  # H is conjugate at conjugate points
            points[0], values[0] = samples[0, 1].conjugate(), samples[1, 1].conjugate()
            points[1], values[1] = samples[0, 1], samples[1, 1]
        else:
            other = k + 1 if k + 1 < count else k - 2
            points[0], values[0] = samples[0, k - 1], samples[1, k - 1]
            points[1], values[1] = samples[0, other], samples[1, other]
        points[2], values[2] = samples[0, k], samples[1, k]
        change = _muller_change(points, values)
        if change == 0.0 or abs(change) > 0.5 * abs(points[2]) + 200.0:  # no root is near
            continue
        root, fine = _muller(state, points, values, leftmost)
        if fine:
            found = _add(roots, found, root)
    return found


@jit
def real_roots(state: Any, line: Any, limit: Any, leftmost: Any, roots: Any, found: Any) -> Any:
    """Add real roots in (line, limit), by sign changes of H on the real axis."""
    low, at_low = line, characteristic(state, line + 0.0j)[1].real
    steps = 24
    for k in range(1, steps + 1):
        high = line + limit * (k / steps) ** 2
        at_high = characteristic(state, high + 0.0j)[1].real
        if at_low * at_high < 0.0:
            a, b, f_a = low, high, at_low
            for _ in range(20):
                middle = 0.5 * (a + b)
                f_m = characteristic(state, middle + 0.0j)[1].real
                if f_a * f_m > 0.0:
                    a, f_a = middle, f_m
                else:
                    b = middle
            root, fine = refine(state, 0.5 * (a + b) + 0.0j, 0.1 * (b - a) + 1e-9 + 0.0j, leftmost)
            found = _add(roots, found, root if fine else 0.5 * (a + b) + 0.0j)
        low, at_low = high, at_high
    return found


@jit
def count_in(state: Any, low: Any, high: Any, samples: Any) -> Any:
    """Number of zeros of H inside the rectangle with corners `low` and `high`; negative if one lies on its edge."""
    corners = np.empty(5, dtype=np.complex128)
    corners[0], corners[1] = low, complex(high.real, low.imag)
    corners[2], corners[3], corners[4] = high, complex(low.real, high.imag), low
    total = 0.0
    shortest = 1.0 / (longest_delay(state) + 2.0 / (np.max(state.rate) + 30.0))
    for k in range(4):
        pieces = 4 + int(abs(corners[k + 1] - corners[k]) / shortest)
        here, value = corners[k], characteristic(state, corners[k])[1]
        for m in range(1, pieces + 1):
            there = corners[k] + (corners[k + 1] - corners[k]) * m / pieces
            other = characteristic(state, there)[1]
            phase, _, fine = turn(state, here, there, value, other, samples, samples.shape[1])
            if not fine:
                return -1
            total += phase
            here, value = there, other
    return round(total / (2.0 * math.pi))


@jit
def subdivide(state: Any, line: Any, right: Any, top: Any, leftmost: Any, wanted: Any, roots: Any, found: Any) -> Any:
    """Search the rectangle right of the line by bisection with counts, until `wanted` roots are known."""
    samples = np.empty((2, 1), dtype=np.complex128)
    stack = np.empty((2, 256), dtype=np.complex128)
    stack[0, 0], stack[1, 0] = complex(line, -0.001 * top), complex(right, top)
    depth = 1
    while depth > 0 and multiplicity(roots, found, line, top) < wanted:
        depth -= 1
        low, high = stack[0, depth], stack[1, depth]
        number = count_in(state, low, high, samples)
        if number == 0:
            continue
        width, height = high.real - low.real, high.imag - low.imag
        if number == 1 or max(width, height) < 1e-3 * (abs(high) + 1.0):
            root, fine = refine(state, 0.5 * (low + high), 0.05 * complex(width, height), leftmost)
            if fine and low.real <= root.real <= high.real and low.imag <= root.imag <= high.imag:
                found = _add(roots, found, root)
                continue
            if max(width, height) < 1e-6 * (abs(high) + 1.0):
                continue
        if depth + 2 > stack.shape[1]:
            break
        if width > height:  # off the middle, so that symmetric roots do not lie on the cut
            at = low.real + 0.487 * width
            stack[0, depth], stack[1, depth] = low, complex(at, high.imag)
            stack[0, depth + 1], stack[1, depth + 1] = complex(at, low.imag), high
        else:
            at = low.imag + 0.487 * height
            stack[0, depth], stack[1, depth] = low, complex(high.real, at)
            stack[0, depth + 1], stack[1, depth + 1] = complex(low.real, at), high
        depth += 2
    return found


@jit
def right_of(state: Any, line: Any, leftmost: Any, samples: Any, roots: Any) -> Any:
    """Every zero of H right of a line, into `roots`: (number by the winding count, length of the list, top, whole).

    A complex root is listed once, with Im s > 0, and counts twice. Roots left of the line may be in the list too.
    """
    number, count, top, whole = count_right_of(state, line, samples)
    found = roots_from_samples(state, samples, count, leftmost, roots)
    if number <= 0 or multiplicity(roots, found, line, top) == number:
        return number, found, top, whole
    right = right_edge(state, line, top)
    found = real_roots(state, line, right - line, leftmost, roots, found)
    if multiplicity(roots, found, line, top) != number:
        found = subdivide(state, line, right, top, leftmost, number, roots, found)
    return number, found, top, whole


@jit
def beside(state: Any, line: Any, leftmost: Any, samples: Any, roots: Any) -> Any:
    """As `right_of`, but only with the roots that are found from the line itself: (number, length of the list, top).

    Enough to tell the rightmost of a few; where the number is odd, only the real ones are looked for.
    """
    number, count, top, _ = count_right_of(state, line, samples)
    if number % 2 == 1:
        return number, real_roots(state, line, right_edge(state, line, 1.0) - line, leftmost, roots, 0), top
    found = roots_from_samples(state, samples, count, leftmost, roots)
    if number > 0 and multiplicity(roots, found, line, top) == 0:
        found = subdivide(state, line, right_edge(state, line, top), top, leftmost, 1, roots, found)  # any of them
    return number, found, top
