"""Distributions of transmission delays, and their transforms <e^{-s d}>: all that linear response asks of a delay."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from meanfield._compiled import jit
from meanfield._validate import FloatArray, check, check_rng, check_scalar
from meanfield.special.faddeeva import erfcx_complex

FIXED, UNIFORM, GAUSSIAN, EXPONENTIAL = 0, 1, 2, 3


@runtime_checkable
class Delay(Protocol):
    """Distribution of the delays of the synapses between two populations."""

    @property
    def expectation(self) -> float:
        """Mean delay [s]."""

    def transform(self, s: Any) -> Any:
        """<e^{-s d}> at complex `s` [1/s], the Laplace transform of the density; an array gives an array."""

    def sample(self, size: Any, rng: np.random.Generator | int | None = None) -> FloatArray:
        """Draw delays [s]."""

    def packed(self) -> tuple[float, float, float, float]:
        """Kind and three parameters, for `delay_transform`."""


class _Transforms:
    """What the distributions share."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for f in fields(self):  # type: ignore[arg-type]
            value = check_scalar(f"{type(self).__name__} {f.name}", getattr(self, f.name), "s", nonnegative=True)
            object.__setattr__(self, f.name, value)
        self._check()

    def _check(self) -> None:
        pass

    def packed(self) -> tuple[float, float, float, float]:
        raise NotImplementedError

    def transform(self, s: Any) -> Any:
        """<e^{-s d}> at complex `s` [1/s]; an array gives an array."""
        s = np.asarray(s, dtype=complex)
        out = np.empty(s.size, dtype=complex)
        _transforms(s.reshape(-1), np.array(self.packed()), out)
        return out.reshape(s.shape) if s.ndim else complex(out[0])


@dataclass(frozen=True, slots=True)
class FixedDelay(_Transforms):
    """The same delay for every synapse: <e^{-s d}> = e^{-s d}.

    Parameters
    ----------
    delay : float
        [s].
    """

    delay: float

    @property
    def expectation(self) -> float:
        """Mean delay [s]."""
        return self.delay

    def sample(self, size: Any, rng: np.random.Generator | int | None = None) -> FloatArray:
        """Draw delays [s]: all the same."""
        return np.full(size, self.delay)

    def packed(self) -> tuple[float, float, float, float]:
        """Kind and parameters, for `delay_transform`."""
        return FIXED, self.delay, 0.0, 0.0


@dataclass(frozen=True, slots=True)
class UniformDelay(_Transforms):
    """Delays spread evenly between two values, as in Brunel (2000), fig. 7 C.

    <e^{-s d}> = (e^{-s low} - e^{-s high})/(s (high - low)).

    Parameters
    ----------
    low, high : float
        [s], low <= high.

    Examples
    --------
    >>> from meanfield.units import ms
    >>> abs(UniformDelay(0.0, 3*ms).transform(2j * 3.14159265 * 1000 / 3)) < 1e-8   # one period fits
    True
    """

    low: float
    high: float

    def _check(self) -> None:
        if self.high < self.low:
            raise ValueError(f"UniformDelay high must not be below low = {self.low!r} s, got {self.high!r} s")

    @property
    def expectation(self) -> float:
        """Mean delay [s]."""
        return 0.5 * (self.low + self.high)

    def sample(self, size: Any, rng: np.random.Generator | int | None = None) -> FloatArray:
        """Draw delays [s]."""
        return np.asarray(check_rng(rng).uniform(self.low, self.high, size))

    def packed(self) -> tuple[float, float, float, float]:
        """Kind and parameters, for `delay_transform`."""
        return UNIFORM, self.low, self.high, 0.0


@dataclass(frozen=True, slots=True)
class GaussianDelay(_Transforms):
    """Gaussian delays, truncated from below, as in Potjans & Diesmann (2014).

    With z = (std² s - (mean - low))/(sqrt(2) std) and m = (mean - low)/(sqrt(2) std),
    <e^{-s d}> = e^{-s low} e^{-m²} erfcx(z)/erfc(-m).

    Parameters
    ----------
    mean, std : float
        Of the Gaussian before it is truncated [s].
    low : float
        The smallest delay [s]; what would be shorter is drawn again.
    """

    mean: float
    std: float
    low: float = 0.0

    def _check(self) -> None:
        if self.mean < self.low:
            raise ValueError(f"GaussianDelay mean must not be below low = {self.low!r} s, got {self.mean!r} s")

    @property
    def expectation(self) -> float:
        """Mean delay [s] after truncation."""
        if self.std == 0.0:
            return self.mean
        m = (self.mean - self.low) / self.std
        return self.mean + self.std * math.exp(-0.5 * m * m) * math.sqrt(2.0 / math.pi) / math.erfc(-m / math.sqrt(2))

    def sample(self, size: Any, rng: np.random.Generator | int | None = None) -> FloatArray:
        """Draw delays [s]."""
        if self.std == 0.0:
            return np.full(size, self.mean)
        share = special.ndtr((self.mean - self.low) / self.std)  # by inversion, from the side that keeps digits
        above = check_rng(rng).uniform(0.0, share, size)
        return np.asarray(self.mean - self.std * special.ndtri(above))

    def packed(self) -> tuple[float, float, float, float]:
        """Kind and parameters, for `delay_transform`."""
        return GAUSSIAN, self.mean, self.std, self.low


@dataclass(frozen=True, slots=True)
class ExponentialDelay(_Transforms):
    """A shortest delay and an exponentially distributed rest: <e^{-s d}> = e^{-s low}/(1 + s mean).

    Parameters
    ----------
    mean : float
        Mean of the rest [s].
    low : float
        The shortest delay [s].
    """

    mean: float
    low: float = 0.0

    @property
    def expectation(self) -> float:
        """Mean delay [s]."""
        return self.low + self.mean

    def sample(self, size: Any, rng: np.random.Generator | int | None = None) -> FloatArray:
        """Draw delays [s]."""
        return np.asarray(self.low + check_rng(rng).exponential(self.mean, size))

    def packed(self) -> tuple[float, float, float, float]:
        """Kind and parameters, for `delay_transform`."""
        return EXPONENTIAL, self.mean, self.low, 0.0


DISTRIBUTIONS: dict[str, type[FixedDelay | UniformDelay | GaussianDelay | ExponentialDelay]] = {
    "fixed": FixedDelay,
    "uniform": UniformDelay,
    "gaussian": GaussianDelay,
    "exponential": ExponentialDelay,
}


DelayLike = ArrayLike | Delay | Sequence[Sequence[Any]]


def parameters_of(delay: Any) -> dict[str, float]:
    """Return the parameters [s] of a distribution by name."""
    return dict(zip((f.name for f in fields(delay)), astuple(delay), strict=True))


def kind_of(delay: Delay) -> str:
    """Return the name of a distribution, a key of `DISTRIBUTIONS`."""
    return list(DISTRIBUTIONS)[int(delay.packed()[0])]


def delay_matrix(name: str, value: Any, n: int) -> NDArray[Any]:
    """Return delays as an (n, n) array, [target, source]: of floats [s] if all are fixed, else of distributions.

    Parameters
    ----------
    name : str
        What the value is called in errors.
    value : float, array, Delay, or nested list of both
        A float, an array or a distribution is broadcast; a list that holds distributions has n rows of n.
    n : int

    Raises
    ------
    TypeError, ValueError
        As `meanfield._validate.check`.

    Examples
    --------
    >>> delay_matrix("delay", 0.002, 2).tolist()
    [[0.002, 0.002], [0.002, 0.002]]
    >>> delay_matrix("delay", [[0.002, UniformDelay(0, 0.003)], [0.002, 0.002]], 2)[0, 1]
    UniformDelay(low=0.0, high=0.003)
    """
    if not _holds_delay(value):
        return check(name, value, "s", nonnegative=True, shape=(n, n), shape_words="([target, source])")
    rows = [[value] * n] * n if is_delay(value) else [list(row) if _is_row(row) else row for row in value]
    if len(rows) != n or not all(isinstance(row, list) and len(row) == n for row in rows):
        raise ValueError(f"{name} with distributions must have {n} rows of {n} ([target, source]), got {value!r}")
    matrix = np.empty((n, n), dtype=object)
    for i, row in enumerate(rows):
        for j, item in enumerate(row):
            if not is_delay(item):
                item = FixedDelay(check_scalar(f"{name}[{i}, {j}]", item, "s", nonnegative=True))
            matrix[i, j] = item
    if all(isinstance(item, FixedDelay) for item in matrix.flat):
        return np.array([[item.delay for item in row] for row in matrix])
    return matrix


def is_delay(value: Any) -> bool:
    """Whether a value is a distribution of delays."""
    # floats first: protocols are slow to ask; and a class has all that its instances have
    return not isinstance(value, (float, type)) and isinstance(value, Delay)


def _is_row(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _holds_delay(value: Any) -> bool:
    """Whether a distribution is in nested lists or an array of objects."""
    if type(value) is float:
        return False
    if not _is_row(value):
        return is_delay(value)
    return (not isinstance(value, np.ndarray) or value.dtype == object) and any(map(_holds_delay, value))


@jit
def delay_transform(s: Any, kind: Any, a: Any, b: Any, c: Any) -> Any:
    """<e^{-s d}> of the distribution that `Delay.packed` describes."""
    if kind == FIXED:
        return cmath.exp(-s * a)
    if kind == UNIFORM:
        x = 0.5 * s * (b - a)
        if abs(x) < 1e-3:  # sinh(x)/x
            x2 = x * x
            ratio = 1.0 + x2 / 6.0 * (1.0 + x2 / 20.0)
        else:
            ratio = cmath.sinh(x) / x
        return cmath.exp(-0.5 * s * (a + b)) * ratio
    if kind == GAUSSIAN:
        if b == 0.0:
            return cmath.exp(-s * a)
        m = (a - c) / (math.sqrt(2.0) * b)
        z = b * s / math.sqrt(2.0) - m
        if z.real >= 0.0:
            scaled = math.exp(-m * m) * erfcx_complex(z)
        else:
            scaled = 2.0 * cmath.exp(s * (0.5 * s * b * b - (a - c))) - math.exp(-m * m) * erfcx_complex(-z)
        return cmath.exp(-s * c) * scaled / math.erfc(-m)
    return cmath.exp(-s * b) / (1.0 + s * a)


@jit
def _transforms(s: Any, packed: Any, out: Any) -> None:
    for i in range(s.size):
        out[i] = delay_transform(s[i], packed[0], packed[1], packed[2], packed[3])
