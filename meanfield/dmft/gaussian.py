"""Averages over gaussian variables: all that dynamical mean-field theory asks of a nonlinearity.

For x and y of mean u, variance c0 and covariance c, let f(c) = <φ(x) φ(y)>. By Price's theorem f'(c) = <φ'(x) φ'(y)>,
and f is a power series in c/c0 with coefficients a_n² ≥ 0, those of φ(u + √c0 z) in normalised Hermite polynomials
(Mehler). The coefficients are integrals that the trapezoidal rule does to machine precision; Gauss-Hermite nodes, which
spread as their number grows, would not resolve φ at large c0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.dmft.nonlinearities import ERF, Nonlinearity, PiecewiseLinear, Smooth, evaluate

_REACH = 12.5  # standard deviations; exp(-z²/4) is below the last digit beyond
_MAX_TERMS = 20_000
_COMPLETE = 1e-9  # relative part of <φ'²> that the series may lack
_ANGLES = 48  # Gauss-Legendre nodes of an integral over the angle of a correlation


class Kernel(Protocol):
    """f(c) and what belongs to it at a given mean u and variance c0."""

    @property
    def variance(self) -> float:
        """c0."""

    @property
    def mean(self) -> float:
        """<φ>."""

    def value(self, c: FloatArray) -> FloatArray:
        """<φ(x) φ(y)> at covariances 0 ≤ c ≤ c0."""

    def slope(self, c: FloatArray) -> FloatArray:
        """<φ'(x) φ'(y)>, the derivative of `value`."""

    def integral(self, c: FloatArray) -> FloatArray:
        """Integral of `value` from 0 to c."""


def kernel(phi: Nonlinearity, mean: float, variance: float) -> Kernel:
    """Return the kernel of φ for a gaussian variable of this mean and variance (positive).

    Raises
    ------
    ValueError
        If φ is not smooth enough for its series (give a `PiecewiseLinear` then), or not finite.
    """
    if isinstance(phi, PiecewiseLinear):
        return _piecewise_kernel(phi, mean, variance)
    if phi is ERF and mean == 0.0:
        return ErfKernel(variance)
    return _series_kernel(phi, mean, variance)


def moments(phi: Nonlinearity, mean: float, variance: float) -> tuple[float, float, float]:
    """Return <φ>, <φ²> and <φ'²> for a gaussian variable; variance 0 is allowed."""
    if variance == 0.0:
        value, slope = (float(evaluate(f, np.array([mean]))[0]) for f in (phi.value, phi.slope))
        return value, value**2, slope**2
    if isinstance(phi, PiecewiseLinear):
        return _piecewise_moments(phi, mean, variance)
    z, weight = _line(1.0 / 64.0)
    x = mean + math.sqrt(variance) * z
    values, slopes = evaluate(phi.value, x), evaluate(phi.slope, x)
    return float(weight @ values), float(weight @ values**2), float(weight @ slopes**2)


@cache
def _line(step: float) -> tuple[FloatArray, FloatArray]:
    """Points over the whole line and the weights of a standard gaussian."""
    z: FloatArray = np.arange(-round(_REACH / step), round(_REACH / step) + 1).astype(np.float64) * step
    weight: FloatArray = np.exp(-0.5 * z**2) * (step / math.sqrt(2.0 * math.pi))
    return z, weight


@dataclass(frozen=True, slots=True)
class SeriesKernel:
    """Σ a_n² (c/c0)^n; `squares` are the a_n²."""

    variance: float
    mean: float
    squares: FloatArray

    def value(self, c: FloatArray) -> FloatArray:
        return _polynomial(self.squares, np.asarray(c) / self.variance)

    def slope(self, c: FloatArray) -> FloatArray:
        coefficients = np.arange(1, self.squares.size) * self.squares[1:] / self.variance
        return _polynomial(coefficients, np.asarray(c) / self.variance)

    def integral(self, c: FloatArray) -> FloatArray:
        coefficients = self.squares / np.arange(1, self.squares.size + 1)
        return np.asarray(c) * _polynomial(coefficients, np.asarray(c) / self.variance)


def _polynomial(coefficients: FloatArray, x: FloatArray) -> FloatArray:
    flat = np.ascontiguousarray(x, dtype=float).reshape(-1)
    out = np.empty_like(flat)
    _horner(coefficients, flat, out)
    return out.reshape(np.shape(x))


@jit
def _horner(coefficients: Any, x: Any, out: Any) -> None:
    for i in range(x.size):
        total, power = 0.0, 1.0
        for coefficient in coefficients:
            total += coefficient * power
            power *= x[i]
            if power < 1e-22:  # coefficients are positive and their sum is finite: the rest is nothing
                break
        out[i] = total


def _series_kernel(phi: Smooth, mean: float, variance: float) -> SeriesKernel:
    deviation = math.sqrt(variance)
    step = 1.0 / 32.0 if deviation < 2.0 else 1.0 / 64.0
    z, weight = _line(step)
    value = evaluate(phi.value, mean + deviation * z)
    middle = z.size // 2
    right, left = value[middle:-1], value[middle:0:-1]  # multiples of eight; the last weighs 1e-34
    halves = weight[middle:-1].copy()
    halves[0] /= 2.0
    even, odd = halves * (right + left), halves * (right - left)
    squares, complete = _hermite_squares(z[middle:-1], even, odd, _MAX_TERMS)
    slope = evaluate(phi.slope, mean + deviation * z)
    from_slope = float(weight @ slope**2)
    from_series = float(np.arange(squares.size) @ squares) / variance
    if not complete or abs(from_series - from_slope) > _COMPLETE * max(from_slope, 1e-300):
        raise ValueError(
            f"phi = {phi.name} is not smooth enough at a standard deviation of {deviation:.4g}: "
            f"<phi'^2> is {from_slope:.10g}, its series gives {from_series:.10g}; give what bends as a PiecewiseLinear"
        )
    return SeriesKernel(variance, float(even.sum()), squares)  # 0 exactly if φ is odd


@jit
def _hermite_squares(z: Any, even: Any, odd: Any, limit: int) -> Any:
    """Squares of the coefficients in normalised Hermite polynomials, up to where they no longer count.

    `even` and `odd` hold the weighted sums and differences of φ at z and -z. The polynomials are carried with half of
    the gaussian weight, so that none overflows.
    """
    n = z.size
    before, now = np.zeros(n), np.exp(-0.25 * z * z)
    even, odd = even / now, odd / now
    sums = np.empty(8)
    squares = np.empty(limit)
    spread, quiet = 0.0, 0
    for k in range(limit):
        part = even if k % 2 == 0 else odd
        up, down = 1.0 / math.sqrt(k + 1.0), math.sqrt(k / (k + 1.0))
        sums[:] = 0.0
        for i in range(0, n, 8):  # eight sums, since one would wait for itself at each term
            for j in range(8):
                sums[j] += part[i + j] * now[i + j]
                following = up * z[i + j] * now[i + j] - down * before[i + j]
                before[i + j] = now[i + j]
                now[i + j] = following
        a = np.sum(sums)
        squares[k] = a * a
        spread += k * a * a
        quiet = quiet + 1 if (k + 1.0) * a * a <= 1e-16 * (spread + squares[0]) else 0
        if quiet == 12 and k > 16:
            return squares[: k + 1].copy(), True
    return squares, False


@dataclass(frozen=True, slots=True)
class ErfKernel:
    """The arcsin law: <φφ> = (2/π) arcsin(κ c/(1 + κ c0)), κ = π/2, for erf(√π x/2) without mean (Williams 1998)."""

    variance: float
    mean: float = 0.0

    @property
    def _factor(self) -> float:
        return (math.pi / 2.0) / (1.0 + (math.pi / 2.0) * self.variance)

    def value(self, c: FloatArray) -> FloatArray:
        return (2.0 / math.pi) * np.arcsin(self._factor * np.asarray(c))

    def slope(self, c: FloatArray) -> FloatArray:
        return (2.0 / math.pi) * self._factor / np.sqrt(1.0 - (self._factor * np.asarray(c)) ** 2)

    def integral(self, c: FloatArray) -> FloatArray:
        b = self._factor * np.asarray(c)
        # b asin b + sqrt(1 - b²) - 1, the last two without cancellation
        found: FloatArray = (2.0 / math.pi) / self._factor * (b * np.arcsin(b) - b**2 / (1.0 + np.sqrt(1.0 - b**2)))
        return found


@dataclass(frozen=True, slots=True)
class PiecewiseKernel:
    """f of what is piecewise linear, from f'' = Σ_kl bend_k bend_l p(knot_k, knot_l; c), p the gaussian density.

    With c = c0 sin α the density's singularity at c = c0 goes; what is integrated over α from 0 is smooth. For one knot
    at the mean this is the arc-cosine kernel (Cho & Saul 2009).
    """

    variance: float
    mean: float
    mean_slope: float
    knots: FloatArray  # less the mean of x, over its standard deviation
    bends: FloatArray

    def value(self, c: FloatArray) -> FloatArray:
        return self.mean**2 + self.mean_slope**2 * np.asarray(c, dtype=float) + self._integrated(c, 1)

    def slope(self, c: FloatArray) -> FloatArray:
        return self.mean_slope**2 + self._integrated(c, 0)

    def integral(self, c: FloatArray) -> FloatArray:
        c = np.asarray(c, dtype=float)
        return self.mean**2 * c + 0.5 * self.mean_slope**2 * c**2 + self._integrated(c, 2)

    def _integrated(self, c: FloatArray, order: int) -> FloatArray:
        """∫ (c - c')^order/order! f''(c') dc' from 0 to c."""
        c = np.asarray(c, dtype=float)
        nodes, weights = _unit_legendre(_ANGLES)
        angle = np.arcsin(np.clip(c / self.variance, -1.0, 1.0))[..., None] * nodes
        rho = np.sin(angle)
        apart = 2.0 * np.sin(0.25 * math.pi - 0.5 * angle) ** 2  # 1 - rho, without cancellation
        density = np.zeros_like(rho)
        with np.errstate(divide="ignore", over="ignore"):
            for a, bend_a in zip(self.knots, self.bends, strict=True):
                for b, bend_b in zip(self.knots, self.bends, strict=True):
                    exponent = (a + b) ** 2 / (4.0 * (1.0 + rho))
                    if a != b:
                        exponent = exponent + (a - b) ** 2 / (4.0 * apart)
                    density += bend_a * bend_b * np.exp(-exponent)
        left = c[..., None] - self.variance * rho
        power = (np.ones_like(left), left, 0.5 * left**2)[order]
        integrated: FloatArray = (angle[..., -1] / nodes[-1]) * ((power * density) @ weights) / (2.0 * math.pi)
        return integrated


def _piecewise_kernel(phi: PiecewiseLinear, mean: float, variance: float) -> PiecewiseKernel:
    knots = (np.array(phi.knots) - mean) / math.sqrt(variance)
    bends = np.array(phi.bends)
    average, _, _ = _piecewise_moments(phi, mean, variance)
    return PiecewiseKernel(variance, average, float(bends @ ndtr(-knots)), knots, bends)


def _piecewise_moments(phi: PiecewiseLinear, mean: float, variance: float) -> tuple[float, float, float]:
    """Return <φ>, <φ²>, <φ'²> in closed form, from truncated moments beyond each knot."""
    deviation = math.sqrt(variance)
    knots, bends = (np.array(phi.knots) - mean) / deviation, np.array(phi.bends)
    beyond, density = ndtr(-knots), np.exp(-0.5 * knots**2) / math.sqrt(2.0 * math.pi)
    average = deviation * float(bends @ (density - knots * beyond))
    last = np.maximum(knots[:, None], knots)  # [x-a]_+[x-b]_+ is cut off at the larger one
    tail, peak = ndtr(-last), np.exp(-0.5 * last**2) / math.sqrt(2.0 * math.pi)
    low = np.minimum(knots[:, None], knots)
    second = (1.0 + low * last) * tail - low * peak  # <(z-a)(z-b); z > max(a, b)>, as <z²; z > m> = m p(m) + Q(m)
    square = variance * float(bends @ second @ bends)
    return average, square, float(bends @ tail @ bends)


@cache
def _unit_legendre(n: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return 0.5 * (nodes + 1.0), 0.5 * weights
