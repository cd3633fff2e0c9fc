"""Special points on branches and lines, located where a test function changes sign between neighbours.

Names and conditions as in Kuznetsov (2004), Elements of Applied Bifurcation Theory, ch. 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from meanfield._validate import FloatArray
from meanfield.continuation.arclength import CorrectionError, OutsideError, locate
from meanfield.continuation.systems import System, determinant
from meanfield.fixedpoint.transfer import is_lif
from meanfield.stability import StabilityError, stability
from meanfield.stability.analysis import number_right_of

Test = Callable[[FloatArray], float]
ASIDE = 1e-2  # 1/s; modes are counted this far right of the critical ones
_STEP = 1e-3  # 1/s, in derivatives by s
_SPREAD = 1e-4  # in second derivatives along the critical direction
_UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpecialPoint:
    """A point of a branch (codimension one) or of a line (codimension two) where something else happens.

    Attributes
    ----------
    kind : str
        On a branch "fold" or "Hopf"; on a fold line "cusp", "Bogdanov-Takens" or "zero-Hopf"; on a Hopf line
        "Bogdanov-Takens", "zero-Hopf" or "double-Hopf".
    parameters : dict of str to float
        The free parameters, SI units.
    rate : (P,) array
        Rates [Hz].
    frequency : float
        Frequency of the critical mode [Hz], 0 for a real one.
    other_frequency : float
        At a zero-Hopf point of a fold line and at a double-Hopf point, that of the other mode [Hz]; else NaN.
    """

    kind: str
    parameters: dict[str, float]
    rate: FloatArray
    frequency: float
    other_frequency: float = math.nan


def unstable_modes(system: System, u: FloatArray, aside: float = 0.0) -> int:
    """Number of modes right of `aside` [1/s]; negative where it is not known."""
    try:
        return number_right_of(system.state(u), aside)
    except (StabilityError, ValueError):
        return _UNKNOWN


def special_points(
    kind: str,
    system: System,
    residual: Callable[[FloatArray], FloatArray],
    points: Sequence[FloatArray],
    unstable: FloatArray,
) -> tuple[SpecialPoint, ...]:
    """Locate every special point on a curve of kind "state", "fold" or "Hopf"."""
    tests = _tests(kind, system)
    values = {name: np.array([_safe(test, u) for u in points]) for name, test in tests.items()}
    found = []
    for k in range(len(points) - 1):
        here = []
        for name, test in tests.items():
            a, b = values[name][k], values[name][k + 1]
            if np.isfinite(a) and np.isfinite(b) and (a > 0) != (b > 0):
                here.append(_located(name, system, residual, test, points[k], points[k + 1], a, b))
        a, b = unstable[k], unstable[k + 1]
        pairs_cross = a != _UNKNOWN and b != _UNKNOWN and abs(a - b) == 2
        if pairs_cross and not any(point is not None for point in here):
            here.append(_pair(kind, system, residual, points[k], points[k + 1], float(a), float(b)))
        found += [point for point in here if point is not None]
    return tuple(found)


def bogdanov_takens(system: System, u: FloatArray) -> SpecialPoint:
    """The end of a Hopf line, where its frequency vanishes on a fold line."""
    return SpecialPoint(kind="Bogdanov-Takens", parameters=system.parameters(u), rate=system.rate(u), frequency=0.0)


def _tests(kind: str, system: System) -> dict[str, Test]:
    def at_zero(u: FloatArray) -> float:
        return float(determinant(system.state(u), 0.0).real)

    def slope(u: FloatArray) -> float:
        state = system.state(u)
        return (determinant(state, _STEP) - determinant(state, -_STEP)).real / (2.0 * _STEP)

    def curvature(u: FloatArray) -> float:
        return _curvature(system, u)

    if kind == "state":
        return {"fold": at_zero}
    if kind == "fold":
        return {"cusp": curvature, "Bogdanov-Takens": slope}
    return {"zero-Hopf": at_zero}


def _curvature(system: System, u: FloatArray) -> float:
    """w · F''(v, v) at a fold, v and w the null vectors: zero at a cusp."""
    n = system.n
    jacobian = system.rate_jacobian(u)
    left, _, right = np.linalg.svd(jacobian)
    v, w = right[-1], left[:, -1]
    v = v * (1.0 if v.sum() >= 0 else -1.0)
    w = w * (1.0 if w @ v >= 0 else -1.0)
    step = np.zeros_like(u)
    step[:n] = _SPREAD * v
    return float(w @ (system.rate_jacobian(u + step) - system.rate_jacobian(u - step)) @ v) / (2.0 * _SPREAD)


def _safe(test: Test, u: FloatArray) -> float:
    try:
        return test(u)
    except OutsideError:
        return math.nan


def _located(
    name: str,
    system: System,
    residual: Callable[[FloatArray], FloatArray],
    test: Test,
    a: FloatArray,
    b: FloatArray,
    at_a: float,
    at_b: float,
) -> SpecialPoint | None:
    try:
        u = locate(residual, test, a, b, at_a, at_b)
    except (CorrectionError, OutsideError):
        return None
    frequency = system.omega(u) / (2.0 * math.pi) if system.with_frequency else 0.0
    return SpecialPoint(kind=name, parameters=system.parameters(u), rate=system.rate(u), frequency=frequency)


def _pair(
    kind: str,
    system: System,
    residual: Callable[[FloatArray], FloatArray],
    a: FloatArray,
    b: FloatArray,
    at_a: float,
    at_b: float,
) -> SpecialPoint | None:
    """Where a pair of modes crosses the axis, told by their number."""
    aside = 0.0 if kind == "state" else ASIDE
    middle = 0.5 * (at_a + at_b)

    def more(u: FloatArray) -> float:
        return unstable_modes(system, u, aside) - middle

    try:
        u = locate(residual, more, a, b, at_a - middle, at_b - middle)
        frequency = _nearest_frequency(system, u, a if at_a > at_b else b)
    except (CorrectionError, OutsideError, StabilityError, ValueError):
        return None
    name = {"state": "Hopf", "fold": "zero-Hopf", "Hopf": "double-Hopf"}[kind]
    own = system.omega(u) / (2.0 * math.pi) if system.with_frequency else 0.0
    return SpecialPoint(
        kind=name,
        parameters=system.parameters(u),
        rate=system.rate(u),
        frequency=frequency if kind == "state" else own,
        other_frequency=math.nan if kind == "state" else frequency,
    )


def _nearest_frequency(system: System, u: FloatArray, unstable: FloatArray) -> float:
    """Frequency [Hz] of the pair nearest to the axis that is not the curve's own.

    Where only what lies right of the axis can be searched, at the neighbour that is unstable.
    """
    lif = is_lif(system.network(u))
    roots = stability(system.state(u if lif else unstable), line=-5.0 if lif else 0.0).roots
    own = system.omega(u) if system.with_frequency else 0.0
    other = [z for z in roots if z.imag > 1.0 and abs(z.imag - own) > 1e-3 * own]
    if not other:
        return math.nan
    return float(min(other, key=lambda z: abs(z.real)).imag) / (2.0 * math.pi)
