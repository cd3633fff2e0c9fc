"""A leaky neuron whose instantaneous conductances make jumps of the size that they have.

With y(V, s) the Laplace transform of the probability that no spike has come by t, from V at first,

    s y = 1 - (V - mu_0)/tau_m y' + sum_s r_s [y(V + b_s (E_s - V)) - y(V)],      y = 0 above threshold,

(and at threshold if V drifts there, mu_0 > v_th; it has a jump there if only spikes lead across)
and all follows from y as for currents (`shot_state`): y(v_reset, 0) is the mean time to a spike, 1 - s y the transform
of the intervals, and an excitatory spike more per second changes the rate by

    d nu/d r_e (s) = nu s int p(V) [y(V) - y(V + b (E - V))] dV / (1 - e^{-s t_ref} (1 - s y(v_reset)))

with p the time spent at V between spikes. It is solved on points of V, a part of the smaller jump apart, with upwind
differences and interpolation of second order: a matrix of few bands. With mu_0 above threshold differences are taken in
the time that V needs from point to point, so that they are exact without spikes.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._validate import FloatArray

_PER_JUMP = 16.0  # points in the smaller jump halfway from reset to threshold
_MOST = 12_000  # points
_FEWEST = 200  # from reset to threshold
_CERTAIN = 500.0  # spikes, of which one comes


class JumpState:
    """The stationary state at given rates of spikes.

    `membrane` is (tau_m, t_ref, v_th, v_reset, mu_0), `synapses` are (b, reversal potential, rate), excitatory and
    inhibitory, `bottom` the potential that is not fallen below.

    Raises
    ------
    ValueError
        For jumps that are too small.
    """

    def __init__(self, membrane: Any, synapses: Any, bottom: float):
        tau_m, self.t_ref, v_th, v_reset, mu_0 = membrane
        middle = 0.5 * (v_th + v_reset)
        jumps = [b * abs(reversal - middle) for b, reversal, rate in synapses if b > 0.0 and rate > 0.0]
        h = min([jump / _PER_JUMP for jump in jumps] + [(v_th - v_reset) / _FEWEST])
        steps = math.ceil((v_th - v_reset) / h)
        h = (v_th - v_reset) / steps
        drifts_across = mu_0 > v_th
        top = 1 if drifts_across else 0  # the first point is at threshold, or, where y = 0 there, the next one below
        n = steps + max(math.ceil((v_reset - bottom) / h), 2) + 1 - top
        if n > _MOST:
            raise ValueError(f"jumps of {min(jumps):g} V are too small to be followed one by one: use jumps='small'")
        rows = np.arange(n)
        v = v_th - h * (rows + top)  # from threshold down
        self.reset = steps - top
        # Probability that a spike comes before V has drifted across threshold, from a part of h below: y has that shape
        # within the last step, which may be wider than the layer in which y falls to 0.
        often, gap = sum(rate for *_, rate in synapses), (mu_0 - v_th) / h
        caught = (lambda part: -np.expm1(-often * tau_m * np.log1p(part / gap))) if top and often > 0.0 else np.asarray
        self.by_spike = [_jump(v, h, b, reversal, top, caught) for b, reversal, _ in synapses]
        offsets: dict[int, FloatArray] = {}
        toward = np.where(mu_0 > v, -1, 1)  # where V moves to, in points
        beyond = (rows + 2 * toward < -top) | (rows + 2 * toward >= n)
        if drifts_across:
            speed = 1.0 / (tau_m * np.log1p(h / (mu_0 - v_th + h * rows)))  # points per second, to the next one
            if often > 0.0:
                speed[0] = often / np.expm1(min(often / speed[0], _CERTAIN))  # so that V is caught as often as it is
            then = np.roll(speed, 1)  # and from there to the one after
            share = then / (speed + then)
        else:
            speed = then = np.abs(mu_0 - v) / (tau_m * h)
            share = np.full(n, 0.5)
        _add(offsets, 0, -speed * np.where(beyond, 1.0, 1.0 + share))
        for sign in (-1, 1):
            along = toward == sign
            _add(offsets, sign, along * np.where(beyond, speed, speed + then))
            _add(offsets, 2 * sign, along * np.where(beyond, 0.0, -then * share))
        for jump, (_, _, rate) in zip(self.by_spike, synapses, strict=True):
            for offset, weights in jump.items():
                _add(offsets, offset, rate * weights)
        self.bands = _banded(offsets, n)
        one = np.ones(n)
        self.y = self._solve(0.0, one)
        self.spent = self._solve(0.0, np.eye(1, n, self.reset)[0], transposed=True)
        self.mean = float(self.y[self.reset])
        self.second = float(self._solve(0.0, 2.0 * self.y)[self.reset])
        self.rate = 1.0 / (self.t_ref + self.mean) if math.isfinite(self.mean) and self.mean > 0.0 else 0.0

    def response(self, s: complex) -> tuple[complex, complex, complex]:
        """(d rate/d r_e, d rate/d r_i, <e^{-s t}> of the intervals) at s."""
        y = self.y if s == 0.0 else self._solve(s, np.ones(self.y.size))
        at_reset = complex(y[self.reset])
        waiting = self.t_ref if abs(s) * self.t_ref < 1e-8 else (1.0 - np.exp(-s * self.t_ref)) / s
        scale = self.rate / (waiting + np.exp(-s * self.t_ref) * at_reset)
        by_e, by_i = (-complex(self.spent @ _times(jump, y)) * scale for jump in self.by_spike)
        return by_e, by_i, np.exp(-s * self.t_ref) * (1.0 - s * at_reset)

    def _solve(self, s: complex, right: Any, *, transposed: bool = False) -> Any:
        """Solve (s - A) y = right with A the generator, or with its transpose."""
        from scipy.linalg import solve_banded

        lower, upper, bands = self.bands
        if transposed:
            flipped = np.zeros((lower + upper + 1, bands.shape[1]))
            for offset in range(-lower, upper + 1):  # entry (i, i + offset) is at bands[upper - offset, i + offset]
                flipped[lower + offset] = np.roll(bands[upper - offset], -offset)
            lower, upper, bands = upper, lower, flipped
        matrix = -bands if s == 0.0 else -bands.astype(complex)
        matrix[upper] += s.real if s == 0.0 else s
        return solve_banded((lower, upper), matrix, right, check_finite=False)


@lru_cache(maxsize=16)
def jump_state(membrane: Any, synapses: Any, bottom: float) -> JumpState:
    """The state, the last ones are kept."""
    return JumpState(membrane, synapses, bottom)


def _jump(v: FloatArray, h: float, b: float, reversal: float, top: int, last_step: Any) -> dict[int, FloatArray]:
    """y(V + b (E - V)) - y(V) on the points, by linear interpolation: weights by offset.

    With `top` the first point is the one below threshold, and y from threshold to there is as `last_step`.
    """
    n = v.size
    rows = np.arange(n)
    ahead = -b * (reversal - v) / h  # in points, downwards
    first = np.floor(ahead).astype(int)
    part = ahead - first
    across = rows + first == -1
    part[across] = last_step(part[across]) / last_step(1.0)
    found: dict[int, FloatArray] = {0: np.full(n, -1.0)}
    lost = rows + ahead < -top  # beyond threshold
    last = rows + first >= n - 1
    first, part = np.where(last, n - 1 - rows, first), np.where(last, 0.0, part)
    for offset in np.unique(np.concatenate([first, first + 1])):
        weights = np.where(first == offset, 1.0 - part, 0.0) + np.where(first + 1 == offset, part, 0.0)
        weights = np.where(lost, 0.0, weights)
        if weights.any():
            _add(found, int(offset), weights)
    return found


def _add(bands: dict[int, FloatArray], offset: int, weights: FloatArray) -> None:
    bands[offset] = bands[offset] + weights if offset in bands else weights


def _banded(offsets: dict[int, FloatArray], n: int) -> tuple[int, int, FloatArray]:
    """(lower, upper, bands) as `scipy.linalg.solve_banded` takes them; what is above threshold is 0."""
    lower, upper = max(0, -min(offsets)), max(0, *offsets)
    bands = np.zeros((lower + upper + 1, n))
    for offset, weights in offsets.items():
        rows = np.arange(max(0, -offset), min(n, n - offset))
        bands[upper - offset, rows + offset] = weights[rows]
    return lower, upper, bands


def _times(jump: dict[int, FloatArray], y: Any) -> Any:
    out = np.zeros_like(y)
    n = y.size
    for offset, weights in jump.items():
        rows = np.arange(max(0, -offset), min(n, n - offset))
        out[rows] += weights[rows] * y[rows + offset]
    return out
