"""Checks of what users pass in: one clear error naming the argument, the value and the unit."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Exponents of (length, mass, time, current, temperature, substance, luminosity), the order Brian2 stores.
_DIMENSIONS = {
    "s": (0, 0, 1, 0, 0, 0, 0),
    "V": (2, 1, -3, -1, 0, 0, 0),
    "Hz": (0, 0, -1, 0, 0, 0, 0),
    "S": (-2, -1, 3, 2, 0, 0, 0),
    "1": (0, 0, 0, 0, 0, 0, 0),
}


def as_si(name: str, value: Any, unit: str) -> FloatArray:
    """Return `value` as a float array in SI units; Brian2 quantities are accepted, their dimension checked.

    An array of floats is returned as it is, not copied.

    Raises
    ------
    TypeError
        If `value` is not numeric, or is or holds a Brian2 quantity of another dimension than `unit`.
    """
    _check_dimension(name, value, unit)
    try:
        if value is None or _has_text(value):  # NumPy would make it NaN, or read "15" as 15
            raise TypeError
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number or an array in {_unit_words(unit)}, got {value!r}") from None
    return array


def _has_text(value: Any) -> bool:
    """Whether a value is, or a list or array holds, text."""
    if isinstance(value, (list, tuple)):
        return any(type(item) is not float and _has_text(item) for item in value)
    return isinstance(value, (str, bytes)) or getattr(getattr(value, "dtype", None), "kind", "f") in "US"


def _check_dimension(name: str, value: Any, unit: str) -> None:
    """Raise TypeError for a Brian2 quantity of another dimension, also within lists, where NumPy would drop it."""
    dimensions = getattr(getattr(value, "dim", None), "_dims", None)  # a Brian2 quantity, without Brian2
    if dimensions is not None and tuple(dimensions) != _DIMENSIONS[unit]:
        raise TypeError(f"{name} must be in {_unit_words(unit)}, got {value!r}, a quantity of dimension {value.dim}")
    for item in value if isinstance(value, (list, tuple)) else ():
        if type(item) is not float:
            _check_dimension(name, item, unit)


def as_complex(name: str, value: Any, unit: str) -> NDArray[np.complex128]:
    """Return `value` as a complex array; TypeError if it is not numeric."""
    try:
        if value is None:
            raise TypeError
        return np.asarray(value, dtype=np.complex128)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a complex number or an array in {unit}, got {value!r}") from None


def check(
    name: str,
    value: Any,
    unit: str,
    *,
    positive: bool = False,
    nonnegative: bool = False,
    shape: tuple[int, ...] | None = None,
    shape_words: str = "",
) -> FloatArray:
    """Convert with `as_si` and check finiteness, sign and (broadcast) shape; the result is a new array.

    Parameters
    ----------
    shape
        If given, the value is broadcast to it; `shape_words` says what the shape means in the error.

    Raises
    ------
    TypeError
        As `as_si`.
    ValueError
        If a value is not finite, has the wrong sign, or does not broadcast to `shape`.
    """
    array = np.array(as_si(name, value, unit))
    _require(name, array, np.isfinite(array), "be finite", unit)
    if positive:
        _require(name, array, array > 0, "be positive", unit)
    if nonnegative:
        _require(name, array, array >= 0, "not be negative", unit)
    if shape is not None and array.shape != shape:
        try:
            array = np.broadcast_to(array, shape).copy()
        except ValueError:
            words = f" {shape_words}" if shape_words else ""
            raise ValueError(f"{name} must have shape {shape}{words}, got shape {array.shape}") from None
    return array


def _require(name: str, array: FloatArray, holds: Any, words: str, unit: str) -> None:
    if np.count_nonzero(holds) != array.size:  # several times faster than all(), and networks are built by the thousand
        raise ValueError(f"{name} must {words}, got {_first(array, ~holds, unit)}")


def check_scalar(name: str, value: Any, unit: str, *, positive: bool = False, nonnegative: bool = False) -> float:
    """Like `check`, for one number.

    Raises
    ------
    TypeError, ValueError
        As `check`; ValueError also for an array that is not a scalar.
    """
    plain = type(value) is float or type(value) is int
    if plain and math.isfinite(value) and not ((positive and value <= 0) or (nonnegative and value < 0)):
        return float(value)  # what is nearly always given, and networks are built by the thousand
    array = check(name, value, unit, positive=positive, nonnegative=nonnegative)
    if array.ndim:
        raise ValueError(f"{name} must be a single number in {_unit_words(unit)}, got shape {array.shape}")
    return float(array)


def check_whole(name: str, value: Any, *, at_least: int) -> int:
    """Return a whole number (of any integer type) as an int.

    Raises
    ------
    TypeError, ValueError
        For another type; for less than `at_least`.
    """
    try:
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None
    if whole < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {whole}")
    return whole


def check_rng(rng: Any) -> np.random.Generator:
    """Return the generator that `rng` is, or that it seeds (SPEC 7).

    Raises
    ------
    TypeError
        For what is neither a generator nor a seed.
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise TypeError(f"rng must be a numpy Generator or a whole number from 0 as a seed, got {rng!r}") from None


def nearest(word: str, known: Iterable[str], listed: Iterable[str] | None = None) -> str:
    """Words for an error about an unknown name: the nearest known one, else all of them, or those `listed`."""
    known = list(known)
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(listed or known)}"


def check_choice(what: str, word: Any, known: Iterable[str]) -> str:
    """Return `word` if it is one of `known`; ValueError names the nearest one, TypeError if it is no text at all."""
    known = list(known)
    if not isinstance(word, str):
        raise TypeError(f"{what} must be one of {', '.join(map(repr, known))}, got {word!r}")
    if word not in known:
        raise ValueError(f"unknown {what} {word!r}; {nearest(word, known)}")
    return word


def check_known(what: str, words: Iterable[str], known: Sequence[str]) -> None:
    """Raise ValueError for the first of `words` that is not in `known`, naming the nearest known one."""
    for word in words:
        if word not in known:
            raise ValueError(f"unknown {what} {word!r}; {nearest(word, known)}")


def _first(array: FloatArray, bad: NDArray[np.bool_], unit: str) -> str:
    words = "" if unit == "1" else f" {unit}"
    if array.ndim == 0:
        return f"{float(array)!r}{words}"
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return f"{float(array[index])!r}{words} at index {index if len(index) > 1 else index[0]}"


def _unit_words(unit: str) -> str:
    return "plain numbers (no unit)" if unit == "1" else unit
