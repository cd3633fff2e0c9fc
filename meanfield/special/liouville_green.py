"""Liouville-Green expansion of the functions that linear response is made of, for large |s| or large |y|.

g_s(y) = e^{y²/2} D_{-s}(-sqrt(2) y) solves g'' = 2 y g' + 2 s g. With p² = y² + 2s - 1 and v = y/p the logarithmic
slope is q = g'/g = y + p + sum_k r_k(v)/p^{2k-1}, and log g is its integral, with sums w_k(v)/(2s - 1)^k. The
polynomials follow from the Riccati equation (Olver 1974, ch. 6 and 10; Dunster 2021), in rational arithmetic.
"""

from __future__ import annotations

import cmath
import math
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit

TERMS = 12
_LOG_2 = math.log(2.0)

Polynomial = list[Fraction]


def _sum(a: Polynomial, b: Polynomial) -> Polynomial:
    return [x + y for x, y in zip_longest(a, b, fillvalue=Fraction(0))]


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    answer = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            answer[i + j] += x * y
    return answer


def _polynomials(terms: int) -> tuple[list[Polynomial], list[Polynomial]]:
    """Polynomials r_1 .. r_terms of the slope and w_1 .. w_terms of the logarithm, in powers of v."""
    one_minus_square = [Fraction(1), Fraction(0), Fraction(-1)]
    slope: list[Polynomial] = [[], [Fraction(0), Fraction(-1, 2)]]
    for k in range(1, terms + 1):
        derivative = [i * c for i, c in enumerate(slope[k])][1:]
        total = _product(derivative, one_minus_square)
        total = _sum(total, [-(2 * k - 1) * c for c in [Fraction(0), *slope[k]]])
        for j in range(1, k + 1):
            total = _sum(total, _product(slope[j], slope[k + 1 - j]))
        slope.append([Fraction(-1, 2) * c for c in total])
    logarithm: list[Polynomial] = [[]]
    for k in range(2, terms + 2):
        integrand = slope[k]
        for _ in range(k - 2):
            integrand = _product(integrand, one_minus_square)
        integral = [Fraction(0)] + [c / (i + 1) for i, c in enumerate(integrand)]
        integral[0] = -sum(c * (-1) ** i for i, c in enumerate(integral))  # 0 at v = -1, y -> -infinity
        logarithm.append(integral)
    return slope[1 : terms + 1], logarithm[1:]


def _table(polynomials: list[Polynomial]) -> tuple[Any, Any, Any]:
    """Coefficients in powers of v² by term, how many there are, and the constant that breaks the parity."""
    rows, constants = [], []
    for k, polynomial in enumerate(polynomials, start=1):
        parity = k % 2  # r_k and w_k (but for a constant) are odd for odd k, even for even k
        constants.append(float(polynomial[0]) if parity else 0.0)
        row = [float(c) for c in polynomial[parity::2]]
        while row and row[-1] == 0.0:
            row.pop()
        rows.append(row)
    table = np.zeros((len(rows), max(map(len, rows))))
    for k, values in enumerate(rows):
        table[k, : len(values)] = values
    return table, np.array([len(row) for row in rows]), np.array(constants)


_R, _R_LENGTH, _ = _table(_polynomials(TERMS)[0])
_W, _W_LENGTH, _W_CONSTANT = _table(_polynomials(TERMS)[1])


@fast_jit
def _terms(p2: Any) -> Any:
    """How many terms reach the last digit."""
    size = abs(p2)
    if size > 400.0:
        return 6
    if size > 150.0:
        return 8
    if size > 90.0:
        return 10
    return TERMS


@fast_jit
def slope(y: Any, s: Any) -> Any:
    """q = g'/g of g_s; for y > 0 of the part of it that grows."""
    p2 = y * y + (2.0 * s - 1.0)
    p = cmath.sqrt(p2)
    q = y + p if y > 0.0 else (2.0 * s - 1.0) / (p - y)
    inverse = 1.0 / p
    v = y * inverse
    v2 = v * v
    factor = inverse
    for k in range(_terms(p2)):
        n = _R_LENGTH[k]
        term = _R[k, n - 1] + 0.0j
        for j in range(n - 2, -1, -1):
            term = term * v2 + _R[k, j]
        q += (term if k & 1 else term * v) * factor
        factor *= inverse * inverse
    return q


@fast_jit
def logarithm_and_slope(y: Any, s: Any) -> Any:
    """(log g_s(y), g_s'(y)/g_s(y))."""
    lam = 2.0 * s - 1.0
    p2 = y * y + lam
    p = cmath.sqrt(p2)
    inverse = 1.0 / p
    v = y * inverse
    v2 = v * v
    if y <= 0.0:
        m = p - y
        log = lam * (0.5 * y / m + 0.25 + 0.5 * _LOG_2 - 0.5 * cmath.log(m))
        q = lam / m
    else:
        m = p + y
        log = 0.5 * y * m + 0.5 * lam * (cmath.log(m) - cmath.log(0.5 * lam) + 0.5)
        q = m
    log -= 0.5 * cmath.log(p) + 0.5 * _LOG_2 * s
    factor, log_factor = inverse, 1.0 / lam
    for k in range(_terms(p2)):
        n = _R_LENGTH[k]
        term = _R[k, n - 1] + 0.0j
        for j in range(n - 2, -1, -1):
            term = term * v2 + _R[k, j]
        n = _W_LENGTH[k]
        log_term = _W[k, n - 1] + 0.0j
        for j in range(n - 2, -1, -1):
            log_term = log_term * v2 + _W[k, j]
        if not k & 1:
            term *= v
            log_term = log_term * v + _W_CONSTANT[k]
        q += term * factor
        log += log_term * log_factor
        factor *= inverse * inverse
        log_factor /= lam
    return log, q
