"""Lines of folds and of Hopf points in the plane of two parameters, and branches of states over one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._validate import FloatArray, check_known, check_scalar
from meanfield.continuation.arclength import CorrectionError, Curve, OutsideError, correct, follow, tangent_at
from meanfield.continuation.special import ASIDE, SpecialPoint, bogdanov_takens, special_points, unstable_modes
from meanfield.continuation.systems import System
from meanfield.fixedpoint import solve_all
from meanfield.fixedpoint.state import ConvergenceError, FixedPoint
from meanfield.parameters import Family, family

_RATE_SCALE = 10.0  # Hz, added to the rate at the start
_NO_FREQUENCY = "the frequency reaches 0"
_LONGEST = 0.03  # step, in units of the bounds
_FURTHEST = 0.5  # from a guess to the line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A line of bifurcations in the plane of two parameters.

    Attributes
    ----------
    kind : str
        "fold" or "Hopf".
    parameters : dict of str to (n,) array
        Values of the two parameters along the line, in SI units.
    rate : (n, P) array
        Rates along it [Hz].
    frequency : (n,) array
        Frequency of the critical mode [Hz]; 0 on a fold line.
    delay : (n,) array
        Mean delay of the network [s], `Network.effective_delay`: what a frequency is fast or slow against.
    special : tuple of SpecialPoint
        Points of codimension two, in order.
    unstable : (n,) int array
        Number of other modes that grow: where there are none the line is where stability is lost or won. -1 where it
        is not known.
    ends : (str, str)
        Why the line was not followed further, at its first and at its last point.
    """

    kind: str
    parameters: dict[str, FloatArray]
    rate: FloatArray
    frequency: FloatArray
    delay: FloatArray
    unstable: NDArray[np.int64]
    special: tuple[SpecialPoint, ...]
    ends: tuple[str, str]

    def __len__(self) -> int:
        return len(self.frequency)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """A branch of states over one parameter, through its folds.

    Attributes
    ----------
    name : str
        The parameter.
    parameter : (n,) array
        Its values along the branch, in SI units; not monotone where the branch folds.
    rate : (n, P) array
        Rates [Hz].
    is_stable : (n,) bool array
        Linear stability, delays included.
    unstable : (n,) int array
        Number of unstable modes.
    special : tuple of SpecialPoint
        Folds ("fold") and Hopf points ("Hopf"), in order.
    ends : (str, str)
        Why the branch was not followed further.
    """

    name: str
    parameter: FloatArray
    rate: FloatArray
    is_stable: FloatArray
    unstable: FloatArray
    special: tuple[SpecialPoint, ...]
    ends: tuple[str, str]

    def __len__(self) -> int:
        return len(self.parameter)


def fold_line(
    model: Any, x: str, y: str, *, start: tuple[float, float], bounds: Mapping[str, Any] | None = None, **fixed: Any
) -> Line:
    """Line in the plane of parameters `x` and `y` where two states meet and vanish: det(1 - L(0)) = 0.

    Parameters
    ----------
    model : callable, str, Network or path
        A function that returns a Network, the name of a model, a network or its TOML file (see `parameters.family`).
    x, y : str
        The two parameters.
    start : (float, float)
        A point near the line, SI units.
    bounds : mapping of str to (low, high), optional
        Where the line is followed to; by default from 0 to three times `start`.
    **fixed
        Other parameters of the model.

    Returns
    -------
    Line
        With cusps, Bogdanov-Takens and zero-Hopf points where they occur.

    Raises
    ------
    ConvergenceError
        If there is no such line near `start`.
    ValueError
        For what is no parameter of the model, or bounds that do not hold `start`.

    Examples
    --------
    >>> import meanfield as mf
    >>> bounds = {"g": (3.8, 5), "eta": (0.5, 1)}
    >>> line = mf.fold_line(mf.models.brunel2000, "g", "eta", start=(3.9, 0.83), bounds=bounds)
    >>> [point.kind for point in line.special]
    ['cusp', 'Bogdanov-Takens']
    """
    plane = _prepare(model, (x, y), start, bounds, fixed)
    return plane.line("fold", plane.nearest("fold"))


def hopf_line(
    model: Any, x: str, y: str, *, start: tuple[float, float], bounds: Mapping[str, Any] | None = None, **fixed: Any
) -> Line:
    """Line in the plane of parameters `x` and `y` where a state begins to oscillate: det(1 - L(i omega)) = 0.

    Parameters, returns and errors as `fold_line`; the line carries the frequency, and Bogdanov-Takens, zero-Hopf and
    double-Hopf points.

    Examples
    --------
    >>> import meanfield as mf
    >>> line = mf.hopf_line(mf.models.brunel2000, "g", "eta", start=(6, 3.2), bounds={"g": (5, 8), "eta": (2, 4)})
    >>> bool(150 < line.frequency.max() < 250)
    True
    """
    plane = _prepare(model, (x, y), start, bounds, fixed)
    return plane.line("Hopf", plane.nearest("Hopf"))


def line_near(model: Any, kind: str, near: Sequence[SpecialPoint], *, bounds: Mapping[str, Any], **fixed: Any) -> Line:
    """Line of a kind ("fold" or "Hopf") through the first of several guesses that is near enough to one.

    A guess gives two parameters, rates and, for a Hopf line, the frequency; bounds are (low, high) of each parameter.
    ConvergenceError if no such line is found.
    """
    first = near[0].parameters
    plane = _prepare(model, tuple(first), tuple(first.values()), bounds, fixed)
    return plane.line(kind, near)


def branch(
    model: Any,
    parameter: str,
    *,
    start: float | FixedPoint,
    bounds: tuple[float, float],
    at: float | None = None,
    **fixed: Any,
) -> Branch:
    """Follow a state over one parameter, through folds, with its stability.

    Parameters
    ----------
    model, **fixed
        As `fold_line`.
    parameter : str
        The parameter that varies.
    start : float or FixedPoint
        Value of the parameter at which to begin, with the state of the lowest rate there; or a state, for `at`.
    bounds : (float, float)
        Where the branch is followed to, SI units.
    at : float
        Value of the parameter of the state given as `start`.

    Returns
    -------
    Branch

    Raises
    ------
    ConvergenceError
        If there is no state at `start`.

    Examples
    --------
    >>> import meanfield as mf
    >>> followed = mf.branch(mf.models.brunel2000, "eta", start=0.6, bounds=(0.5, 1.2), g=3.7)
    >>> [point.kind for point in followed.special if point.kind == "fold"]
    ['fold', 'fold']
    """
    if isinstance(start, FixedPoint):
        if at is None:
            raise ValueError(f"at must be the value of {parameter} of the state given as start, got None")
        value, given = check_scalar("at", at, "1"), start
    else:
        value, given = check_scalar("start", start, "1"), None
    plane = _prepare(model, (parameter,), (value,), {parameter: bounds}, fixed)
    return plane.branch(parameter, plane.states[0] if given is None else given)


class _Plane:
    """What the lines of one call share: the family, the free parameters and their bounds, the states at the start."""

    def __init__(
        self,
        model: Family,
        names: Sequence[str],
        start: Sequence[float],
        bounds: FloatArray,
        fixed: Any,
    ) -> None:
        self.model, self.names, self.start, self.bounds, self.fixed = model, tuple(names), tuple(start), bounds, fixed

    @cached_property
    def states(self) -> list[FixedPoint]:
        """All states at the start; ConvergenceError if there is none."""
        found = list(solve_all(self.model(**self.fixed, **dict(zip(self.names, self.start, strict=True)))))
        if not found:
            raise ConvergenceError(f"there is no state at {self.words}")
        return found

    @property
    def words(self) -> str:
        """Where the search began."""
        return ", ".join(f"{name} = {value:g}" for name, value in zip(self.names, self.start, strict=True))

    def system(self, rate: FloatArray, omega: float | None = None) -> System:
        """The equations in units that suit a state."""
        rates = np.full(rate.size, rate.max() + _RATE_SCALE)
        middle = [] if omega is None else [omega]
        scale = np.concatenate([rates, middle, self.bounds[:, 1] - self.bounds[:, 0]])
        return System(self.model, self.names, self.fixed, scale, rate.size, omega is not None)

    def branch(self, name: str, state: FixedPoint) -> Branch:
        """The branch through a state at the start, over one of the parameters."""
        k = self.names.index(name)
        others = {n: v for n, v in zip(self.names, self.start, strict=True) if n != name}
        one = _Plane(self.model, (name,), (self.start[k],), self.bounds[k : k + 1], self.fixed | others)
        system = one.system(state.rate)
        point = correct(system.states, system.point(state.rate, (self.start[k],)), _unit(system, name), moved=1.0)
        curves = one.both_ways(system, system.states, point)
        points = _joined(curves)
        unstable = np.array([unstable_modes(system, u) for u in points])
        return Branch(
            name=name,
            parameter=np.array([system.parameters(u)[name] for u in points]),
            rate=np.array([system.rate(u) for u in points]),
            is_stable=unstable == 0,
            unstable=unstable,
            special=special_points("state", system, system.states, points, unstable),
            ends=(curves[0].end, curves[1].end),
        )

    def nearest(self, kind: str) -> list[SpecialPoint]:
        """Folds or Hopf points on the branches through the states at the start, nearest first."""
        found = []
        for name in reversed(self.names):
            k = self.names.index(name)
            width = self.bounds[k, 1] - self.bounds[k, 0]
            for state in self.states:
                try:
                    special = self.branch(name, state).special
                except (CorrectionError, OutsideError):
                    continue
                for point in special:
                    if point.kind == kind:
                        values = dict(zip(self.names, self.start, strict=True)) | point.parameters
                        away = abs(values[name] - self.start[k]) / width
                        found.append((away, replace(point, parameters=values)))
        return [point for _, point in sorted(found, key=lambda item: item[0])]

    def leaves(self, system: System, u: FloatArray) -> str:
        for (low, high), (name, value) in zip(self.bounds, system.parameters(u).items(), strict=True):
            if not low <= value <= high:
                return f"{name} reaches {low if value < low else high:g}"
        if system.with_frequency and system.omega(u) < 1e-3 * system.scale[system.n]:
            return _NO_FREQUENCY
        return ""

    def both_ways(self, system: System, residual: Callable[[FloatArray], FloatArray], point: FloatArray) -> list[Curve]:
        """The curve through a point, followed backwards and forwards."""
        tangent = tangent_at(residual, point)
        curves: list[Curve] = []
        for sign in (-1.0, 1.0):
            if curves and curves[0].end == "closed":
                curves.append(Curve([point], [tangent], "closed"))
            else:
                curves.append(
                    follow(residual, point, sign * tangent, leaves=lambda u: self.leaves(system, u), longest=_LONGEST)
                )
        return curves

    def line(self, kind: str, near: Sequence[SpecialPoint]) -> Line:
        """The line through the first of the points that is near enough to one; ConvergenceError if none is."""
        for point in near:
            omega = 2.0 * math.pi * point.frequency if kind == "Hopf" else None
            system = self.system(point.rate, omega)
            residual = system.fold if omega is None else system.hopf
            guess = system.point(point.rate, list(point.parameters.values()), omega)
            for across in self.names:
                try:
                    found = correct(residual, guess, _unit(system, across), moved=_FURTHEST)
                    return self.trace(kind, system, residual, found)
                except (CorrectionError, OutsideError):
                    continue
        raise ConvergenceError(f"no {kind} line was found from {self.words}")

    def trace(self, kind: str, system: System, residual: Callable[[FloatArray], FloatArray], point: FloatArray) -> Line:
        """Both directions from a point, joined, with the special points on the way."""
        curves = self.both_ways(system, residual, point)
        points = _joined(curves)
        unstable = np.array([unstable_modes(system, u, ASIDE) for u in points])
        special = special_points(kind, system, residual, points, unstable)
        if curves[0].end == _NO_FREQUENCY:
            special = (bogdanov_takens(system, points[0]), *special)
        if curves[1].end == _NO_FREQUENCY:
            special = (*special, bogdanov_takens(system, points[-1]))
        values = [system.parameters(u) for u in points]
        frequency = [system.omega(u) / (2.0 * math.pi) if kind == "Hopf" else 0.0 for u in points]
        return Line(
            kind=kind,
            parameters={name: np.array([v[name] for v in values]) for name in self.names},
            rate=np.array([system.rate(u) for u in points]),
            frequency=np.array(frequency),
            delay=np.array([system.network(u).effective_delay for u in points]),
            special=special,
            unstable=unstable,
            ends=(curves[0].end, curves[1].end),
        )


def _prepare(
    model: Any, names: Sequence[str], start: Sequence[float], bounds: Mapping[str, Any] | None, fixed: Mapping[str, Any]
) -> _Plane:
    """Check names, the start and the bounds.

    Raises
    ------
    ValueError
        For what is no parameter of the model, the same parameter twice, or a start outside of the bounds.
    """
    made = family(model)
    check_known(f"parameter of {made.label}", [*names, *fixed], made.names)
    if len(set(names)) < len(names):
        raise ValueError(f"the two parameters must differ, got {names[0]!r} twice")
    if len(start) != len(names):
        raise ValueError(f"start must give {len(names)} values, one for each of {', '.join(names)}, got {start!r}")
    values = [check_scalar(f"start {name}", value, made.unit(name)) for name, value in zip(names, start, strict=True)]
    limits = []
    for name, value in zip(names, values, strict=True):
        given = None if bounds is None else bounds.get(name)
        low, high = (min(0.0, 3.0 * value), max(0.0, 3.0 * value) or 1.0) if given is None else given
        low, high = (check_scalar(f"bounds of {name}", b, made.unit(name)) for b in (low, high))
        if not low <= value <= high or low == high:
            raise ValueError(f"start {name} must lie within its bounds {low!r} to {high!r}, got {value!r}")
        limits.append((low, high))
    if bounds is not None:
        check_known("parameter in bounds", bounds, list(names))
    return _Plane(made, names, values, np.array(limits), fixed)


def _unit(system: System, name: str) -> FloatArray:
    """Unit vector along a free parameter."""
    across = np.zeros_like(system.scale)
    across[len(system.scale) - len(system.names) + system.names.index(name)] = 1.0
    return across


def _joined(curves: Sequence[Curve]) -> list[FloatArray]:
    """Points of the backward curve reversed, then of the forward one."""
    return curves[0].points[::-1] + curves[1].points[1:]
