"""Nonlinearities φ of rate networks: names, the user's functions with their derivative, and what is piecewise linear.

Two kinds differ in how their gaussian averages are computed (`meanfield.dmft.gaussian`): `Smooth` functions by a
Hermite series, which converges as fast as φ is smooth, and `PiecewiseLinear` ones exactly, from where they bend.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.special import erf

from meanfield._validate import FloatArray, check, check_choice

Function = Callable[[Any], Any]

_ERF_SCALE = math.sqrt(math.pi) / 2  # gives erf the slope 1 at 0
_PROBES = np.linspace(-3.0, 3.0, 25) + 0.0123  # off the places where functions are special


@dataclass(frozen=True, slots=True)
class Smooth:
    """A smooth φ and its derivative, both vectorised.

    Attributes
    ----------
    name : str
    value, slope : callable
        φ and φ', array in, array of the same shape out.
    """

    name: str
    value: Function
    slope: Function


@dataclass(frozen=True, slots=True)
class PiecewiseLinear:
    """φ that bends at `knots` only: φ(x) = Σ_k bend_k [x - knot_k]_+, zero left of the first.

    Attributes
    ----------
    name : str
    knots, bends : tuple of float
        Where the slope changes, ascending, and by how much.

    Examples
    --------
    >>> PiecewiseLinear("clipped", (0.0, 1.0), (1.0, -1.0)).value(np.array([-1.0, 0.5, 3.0]))
    array([0. , 0.5, 1. ])
    """

    name: str
    knots: tuple[float, ...]
    bends: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check what was given.

        Raises
        ------
        ValueError
            For no knot, knots that do not ascend, or another number of bends.
        """
        knots, bends = check("knots", self.knots, "1"), check("bends", self.bends, "1")
        if knots.ndim != 1 or knots.size < 1 or (np.diff(knots) <= 0).any():
            raise ValueError(f"knots must be ascending numbers, got {self.knots!r}")
        if bends.shape != knots.shape:
            raise ValueError(f"bends must be one for each of {knots.size} knots, got {self.bends!r}")

    def value(self, x: Any) -> Any:
        """Return φ(x)."""
        return sum(
            bend * np.maximum(np.asarray(x) - knot, 0.0) for knot, bend in zip(self.knots, self.bends, strict=True)
        )

    def slope(self, x: Any) -> Any:
        """Return φ'(x), the slope to the right at a knot."""
        return sum(bend * (np.asarray(x) >= knot) for knot, bend in zip(self.knots, self.bends, strict=True))


Nonlinearity = Smooth | PiecewiseLinear


def _tanh_slope(x: Any) -> Any:
    return 1.0 / np.cosh(np.clip(x, -350.0, 350.0)) ** 2  # cosh beyond overflows when squared


def _erf(x: Any) -> Any:
    return erf(_ERF_SCALE * np.asarray(x))


def _erf_slope(x: Any) -> Any:
    return np.exp(-((_ERF_SCALE * np.asarray(x)) ** 2))


TANH = Smooth("tanh", np.tanh, _tanh_slope)
ERF = Smooth("erf", _erf, _erf_slope)
THRESHOLD_LINEAR = PiecewiseLinear("threshold-linear", (0.0,), (1.0,))
NAMED: dict[str, Nonlinearity] = {
    "tanh": TANH,
    "erf": ERF,
    "threshold-linear": THRESHOLD_LINEAR,
    "relu": THRESHOLD_LINEAR,
}


def saturating(threshold: float, maximum: float) -> PiecewiseLinear:
    """φ that is 0 below `threshold`, rises with slope 1, and stays at `maximum` (Mastrogiuseppe & Ostojic 2017, Eq. 3).

    Raises
    ------
    ValueError
        If `maximum` is not positive.
    """
    if not maximum > 0:
        raise ValueError(f"maximum must be positive, got {maximum!r}")
    return PiecewiseLinear("saturating", (float(threshold), float(threshold + maximum)), (1.0, -1.0))


def nonlinearity(phi: Any) -> Nonlinearity:
    """Return the nonlinearity that `phi` means.

    Parameters
    ----------
    phi : str, Smooth, PiecewiseLinear, sympy expression, or pair of callables
        A name: "tanh", "erf" (erf(√π x/2), whose slope at 0 is 1), "threshold-linear" or "relu". A sympy expression
        in one symbol, whose derivative is taken; or φ and φ', both vectorised.

    Raises
    ------
    ValueError, TypeError
        For an unknown name; for a callable without its derivative, functions that are not finite, or a derivative that
        is not that of φ; for an expression in more than one symbol.

    Examples
    --------
    >>> float(nonlinearity("tanh").slope(0.0))
    1.0
    """
    if isinstance(phi, (Smooth, PiecewiseLinear)):
        return phi
    if isinstance(phi, str):
        return NAMED[check_choice("phi", phi, NAMED)]
    if hasattr(phi, "free_symbols"):
        return _of_expression(phi)
    if callable(phi):
        raise TypeError(
            "phi lacks its derivative: give phi=(phi, derivative), or a sympy expression, of which it is taken"
        )
    if isinstance(phi, Sequence) and len(phi) == 2 and all(map(callable, phi)):
        return _checked(Smooth(getattr(phi[0], "__name__", "phi"), *phi))
    raise TypeError(f"phi must be a name, a sympy expression or a pair (phi, derivative), got {phi!r}")


def _of_expression(expression: Any) -> Smooth:
    import sympy  # heavy, and rarely asked for

    symbols = sorted(expression.free_symbols, key=str)
    if len(symbols) != 1:
        raise ValueError(f"phi must be an expression in one symbol, got {expression} in {len(symbols)}")
    if expression.atoms(sympy.Piecewise, sympy.Abs, sympy.Max, sympy.Min, sympy.Heaviside, sympy.sign):
        raise ValueError(f"phi must be smooth, got {expression}; give what bends as a PiecewiseLinear")
    derivative = sympy.diff(expression, symbols[0])
    if derivative.atoms(sympy.Derivative):
        raise ValueError(f"phi lacks its derivative: sympy does not know that of {expression}")
    functions = [sympy.lambdify(symbols, e, modules=["numpy", "scipy"]) for e in (expression, derivative)]
    return _checked(Smooth(str(expression), *map(_as_array_function, functions)))


def _as_array_function(function: Function) -> Function:
    """Let a function whose expression is constant return an array as well."""
    return lambda x: np.broadcast_to(np.asarray(function(x), dtype=float), np.shape(x))


def _checked(phi: Smooth) -> Smooth:
    """Return φ if it is vectorised and finite, and its derivative is one, by central differences."""
    step = 1e-5
    values = [
        np.asarray(f(x), dtype=float)
        for f, x in ((phi.value, _PROBES - step), (phi.value, _PROBES + step), (phi.slope, _PROBES))
    ]
    for what, found in zip(("phi", "phi", "the derivative of phi"), values, strict=True):
        if found.shape != _PROBES.shape:
            raise ValueError(f"{what} must return an array of the shape it is given, got {found.shape}")
        if not np.isfinite(found).all():
            raise ValueError(f"{what} must be finite, got {found[~np.isfinite(found)][0]} between -3 and 3")
    left, right, slope = values
    wrong = np.abs((right - left) / (2 * step) - slope) > 1e-5 * (1.0 + np.abs(slope))
    if wrong.any():
        x, given = float(_PROBES[wrong][0]), float(slope[wrong][0])
        measured = float(((right - left) / (2 * step))[wrong][0])
        raise ValueError(f"the derivative of phi is {given:.6g} at x = {x:.4g}, but phi rises by {measured:.6g} there")
    return phi


def evaluate(function: Function, x: FloatArray) -> FloatArray:
    """Values of a user's function as floats; ValueError where they are not finite."""
    values = np.asarray(function(x), dtype=float)
    if not np.isfinite(values).all():
        raise ValueError(f"phi and its derivative must be finite, got {values[~np.isfinite(values)][0]}")
    return cast(FloatArray, values)
