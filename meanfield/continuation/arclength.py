"""Pseudo-arclength continuation of a curve u(t) of solutions of n equations in n + 1 unknowns.

A step predicts along the tangent and corrects by Newton's method in the plane across it, so that turning points are
points like any other (Keller 1977). Derivatives are differences, taken once at each point and improved on the way to
the next; the linear algebra is NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from meanfield._validate import FloatArray

Residual = Callable[[FloatArray], FloatArray]
_DIFFERENCE = 1e-6
TOLERANCE = 1e-9
_MOST_CORRECTIONS = 10
_SLOW = 0.5  # a step over the last one, of derivatives that are not good enough
_SHARPEST = 0.97  # cosine of the angle between tangents of neighbouring points


class OutsideError(Exception):
    """The point is outside of what the equations are defined for; says why."""


class CorrectionError(Exception):
    """Newton's method did not reach the curve."""


def jacobian(residual: Residual, u: FloatArray, value: FloatArray | None = None) -> FloatArray:
    """Derivatives of the residual by differences, (n, n + 1); `value` is that at `u`, if it is known."""
    value = residual(u) if value is None else value
    columns = []
    for k in range(u.size):
        step = np.zeros_like(u)
        step[k] = _DIFFERENCE * max(1.0, abs(u[k]))
        columns.append((residual(u + step) - value) / step[k])
    return np.stack(columns, axis=1)


def correct(
    residual: Residual, u: FloatArray, across: FloatArray, moved: float = 0.1, derivatives: FloatArray | None = None
) -> FloatArray:
    """Return the solution in the plane through `u` across a direction.

    With the `derivatives` of a point nearby they are improved by what each step finds (Broyden 1965), which takes a
    residual a step; Newton's method, which takes one for each unknown besides, is there for where that fails.

    Raises
    ------
    CorrectionError
        If Newton's method does not converge, or leads further than `moved` from `u`.
    """
    if derivatives is not None:
        try:
            return _iterate(residual, u, across, moved, derivatives)
        except (CorrectionError, OutsideError):
            pass
    return _iterate(residual, u, across, moved, None)


def _iterate(
    residual: Residual, u: FloatArray, across: FloatArray, moved: float, derivatives: FloatArray | None
) -> FloatArray:
    start, last = u, np.inf
    matrix, change = np.empty((u.size, u.size)), np.zeros_like(u)
    for k in range(_MOST_CORRECTIONS):
        value = np.append(residual(u), across @ (u - start))
        if derivatives is None:
            matrix = np.vstack([jacobian(residual, u, value[:-1]), across])
        elif k == 0:
            matrix = np.vstack([derivatives, across])
        else:
            matrix = matrix + np.outer(value, change / (change @ change))
        try:
            change = np.linalg.solve(matrix, -value)
        except np.linalg.LinAlgError:
            raise CorrectionError("the equations are degenerate") from None
        u = u + change
        size = float(np.linalg.norm(change))
        if not np.linalg.norm(u - start) <= moved:
            raise CorrectionError("Newton's method left the neighbourhood")
        if size < TOLERANCE:
            return u
        if derivatives is not None and size > _SLOW * last:
            raise CorrectionError("the derivatives were too far off")
        last = size
    raise CorrectionError("Newton's method did not converge")


def tangent_at(residual: Residual, u: FloatArray) -> FloatArray:
    """Unit vector along the curve."""
    return _null_vector(jacobian(residual, u))


def _null_vector(derivatives: FloatArray) -> FloatArray:
    _, _, rows = np.linalg.svd(derivatives)
    return np.asarray(rows[-1])


@dataclass(slots=True)
class Curve:
    """Points of a curve in order, their tangents, and why it ended."""

    points: list[FloatArray] = field(default_factory=list)
    tangents: list[FloatArray] = field(default_factory=list)
    end: str = ""


def follow(
    residual: Residual,
    start: FloatArray,
    direction: FloatArray,
    *,
    leaves: Callable[[FloatArray], str],
    step: float = 0.02,
    longest: float = 0.05,
    shortest: float = 1e-5,
    most: int = 2000,
) -> Curve:
    """Follow the curve from a point on it in a direction.

    Parameters
    ----------
    leaves
        Says why a point is outside of the region of interest, "" if it is not. The last point lies on its border.
    step, longest, shortest
        First, largest and smallest step, in the units of `u`.

    Returns
    -------
    Curve
        Its `end` says what stopped it: a border, a domain, "closed", or the number of points.
    """
    curve = Curve([start], [direction])
    derivatives: FloatArray | None = None
    while len(curve.points) < most:
        u, tangent = curve.points[-1], curve.tangents[-1]
        try:
            new = correct(residual, u + step * tangent, tangent, step, derivatives)
            new_derivatives = jacobian(residual, new)
        except (CorrectionError, OutsideError) as error:
            step *= 0.5
            if step < shortest:
                curve.end = str(error)
                return curve
            continue
        new_tangent = _null_vector(new_derivatives)
        new_tangent = new_tangent * (1.0 if new_tangent @ tangent >= 0 else -1.0)
        if new_tangent @ tangent < _SHARPEST and step > shortest:
            step *= 0.5
            continue
        why = leaves(new)
        if why and step > shortest:
            step *= 0.5
            continue
        if why:
            curve.end = why
            return curve
        curve.points.append(new)
        curve.tangents.append(new_tangent)
        derivatives = new_derivatives
        if len(curve.points) > 10 and np.linalg.norm(new - start) < step and new_tangent @ direction > 0.9:
            curve.end = "closed"
            return curve
        step = min(1.4 * step, longest)
    curve.end = f"{most} points"
    return curve


def locate(
    residual: Residual,
    test: Callable[[FloatArray], float],
    a: FloatArray,
    b: FloatArray,
    at_a: float,
    at_b: float,
) -> FloatArray:
    """Point between two neighbours on a curve where `test` changes sign, by bisection and secants on the curve."""
    tangent = (b - a) / np.linalg.norm(b - a)
    low, high = 0.0, float(np.linalg.norm(b - a))
    point, derivatives = a, jacobian(residual, a)
    for k in range(50):
        middle = 0.5 * (low + high)
        if k % 3 and np.isfinite(at_a) and np.isfinite(at_b) and at_a != at_b:  # two secants, then a bisection
            middle = min(max((low * at_b - high * at_a) / (at_b - at_a), low), high)
        point = correct(residual, a + middle * tangent, tangent, derivatives=derivatives)
        value = test(point)
        if value == 0.0 or high - low < 1e-9:
            break
        if (value > 0) == (at_a > 0):
            low, at_a = middle, value
        else:
            high, at_b = middle, value
    return point
