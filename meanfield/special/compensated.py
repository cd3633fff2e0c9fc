"""Sums, products and quotients with their rounding errors: Dekker (1971), Knuth (1969)."""

from __future__ import annotations

from typing import Any

from meanfield._compiled import jit

_SPLITTER = 134217729.0  # 2**27 + 1


@jit
def two_sum(a: Any, b: Any) -> Any:
    """(s, e) with s = fl(a + b) and s + e = a + b exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@jit
def product_error(a: Any, b: Any, p: Any) -> Any:
    """The exact a b - p, for p = fl(a b), where nothing overflows."""
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@jit
def reduced_distance(v: Any, mu: Any, sigma: Any, shift: Any) -> Any:
    """(y, e) with y + e = (v - mu)/sigma + shift to twice the working precision."""
    difference, difference_error = two_sum(v, -mu)
    quotient = difference / sigma
    product = quotient * sigma
    error = ((difference - product) - product_error(quotient, sigma, product) + difference_error) / sigma
    y, sum_error = two_sum(quotient, shift)
    return y, error + sum_error
