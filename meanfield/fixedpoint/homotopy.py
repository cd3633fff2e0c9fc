"""Following the state from the uncoupled to the coupled network: the solver of last resort.

H(rate, c) = rate - c answered(rate) - (1 - c) start has the one solution `start` at c = 0. With refractory periods
the rates are bounded, so the path from there reaches c = 1, and with it a fixed point, for almost every start
(Chow, Mallet-Paret & Yorke 1978). It is followed by arc length, through folds, in log(1 + rate/Hz).
"""

from __future__ import annotations

import numpy as np

from meanfield._validate import FloatArray
from meanfield.network import Network

_LOG_RUNAWAY = np.log(1e9)


def follow_coupling(network: Network, start: FloatArray, max_steps: int = 3000) -> FloatArray | None:
    """Return rates (P,) [Hz] near a fixed point, or None where the path runs off to infinite rates.

    Parameters
    ----------
    network : Network
    start : (P,) array
        Rates of the start [Hz].
    max_steps : int
        Steps along the path, at most.
    """
    from meanfield.fixedpoint.transfer import rates_and_jacobian

    n = start.size

    def residual(point: FloatArray) -> tuple[FloatArray, FloatArray]:
        rate, c = np.expm1(np.maximum(point[:n], 0.0)), point[n]
        answered, jacobian, _ = rates_and_jacobian(network, rate)
        scale = 1.0 + rate
        value = (rate - c * answered - (1.0 - c) * start) / scale
        derivative = np.empty((n, n + 1))
        derivative[:, :n] = (np.eye(n) - c * jacobian) * scale[None, :] / scale[:, None]
        derivative[:, :n] -= np.diag(value)
        derivative[:, n] = (start - answered) / scale
        return value, derivative

    point = np.append(np.log1p(start), 0.0)
    tangent = np.append(np.zeros(n), 1.0)
    length = 0.05
    for _ in range(max_steps):
        direction = _tangent(residual(point)[1], tangent)
        if direction is None:
            return None
        tangent = direction
        new = _correct(residual, point + length * tangent, tangent)
        if new is None or np.linalg.norm(new - point) > 2.0 * length or (new[:n] < -0.1).any():
            length *= 0.5
            if length < 1e-10:
                return None
            continue
        if new[n] >= 1.0:
            fraction = (1.0 - point[n]) / (new[n] - point[n])
            end: FloatArray = np.expm1(np.maximum(point[:n] + fraction * (new[:n] - point[:n]), 0.0))
            return end
        if new[:n].max() > _LOG_RUNAWAY:
            return None
        point = new
        length = min(1.4 * length, 0.5)
    return None


def _tangent(derivative: FloatArray, previous: FloatArray) -> FloatArray | None:
    """Unit vector along the path, on the side of the previous one."""
    bordered = np.vstack([derivative, previous])
    right = np.zeros(previous.size)
    right[-1] = 1.0
    try:
        tangent = np.linalg.solve(bordered, right)
    except np.linalg.LinAlgError:
        return None
    unit: FloatArray = tangent / np.linalg.norm(tangent)
    return unit if np.isfinite(unit).all() else None


def _correct(residual, point: FloatArray, tangent: FloatArray) -> FloatArray | None:  # type: ignore[no-untyped-def]
    """Newton's method back to the path, in the plane across the tangent."""
    target = tangent @ point
    for _ in range(8):
        value, derivative = residual(point)
        bordered = np.vstack([derivative, tangent])
        try:
            step = np.linalg.solve(bordered, np.append(value, tangent @ point - target))
        except np.linalg.LinAlgError:
            return None
        point = point - step
        if not np.isfinite(point).all():
            return None
        if np.abs(step).max() < 1e-8:
            return point
    return None
