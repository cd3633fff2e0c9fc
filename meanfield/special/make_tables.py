"""Make ``tables.npz``, the piecewise polynomials of the kernels: ``python -m meanfield.special.make_tables``.

Every table is a univariate function, evaluated with mpmath to some 60 digits and interpolated at Chebyshev nodes.
Needs mpmath; takes a minute or two. The functions, for x, y >= 0 and f(u) = e^{u²}(1 + erf u) = erfcx(-u):

    erfcx          erfcx(x) = e^{x²} erfc(x)
    erfcx_k        -erfcx'(x)/2 = 1/sqrt(pi) - x erfcx(x)
    erfcx_h        erfcx''(x)/2
    erfcx_int      integral of erfcx from 0 to x
    f_int          e^{-y²} integral of f from 0 to y
    w, q           W(-x) and Q(-x), where Q' = 2 u Q + f², W' = Q, both vanishing at -infinity
    big_w, big_q   e^{-2y²} W(y), e^{-2y²} Q(y)

On [0, 8] a table has 128 pieces of degree 8; beyond, ``*_tail`` is a polynomial in 128/x² - 1 for the function divided
by its leading power. ``log_remainder`` is R(t) = sqrt(pi) erfcx_int(x) - log(1 + x/4), t = (x - 4)/(x + 4).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp
from numpy.typing import NDArray

PATH = Path(__file__).with_name("tables.npz")
EDGE = 8  # where tables end and tails begin
PIECES = 128
DEGREE = 8
START = -20  # W and Q begin from their asymptotic series here
STEP_INVERSE = 16
ORDER = 60

Real = Any  # an mpmath number


def double_factorial_series(x: Real, sign: int, weight: Callable[[int], Real] = lambda k: 1) -> Real:
    """Sum of sign^k (2k-1)!!/(2x²)^k weight(k), to its smallest term."""
    term, total = mp.mpf(1), mp.mpf(weight(0))
    for k in range(1, 400):
        new = term * sign * (2 * k - 1) / (2 * x * x)
        if abs(new) > abs(term):
            break
        term = new
        total += term * weight(k)
        if abs(term) < mp.eps:
            break
    return total


def erfcx(x: Real) -> Real:
    """Scaled complementary error function."""
    if x > 25:
        return double_factorial_series(x, -1) / (x * mp.sqrt(mp.pi))
    return mp.exp(x * x) * mp.erfc(x)


def erfcx_k(x: Real) -> Real:
    """-erfcx'(x)/2."""
    if x > 25:  # the series without its first term, which cancels
        series = double_factorial_series(x, -1, lambda k: 1 if k else 0)
        return -series / mp.sqrt(mp.pi)
    return 1 / mp.sqrt(mp.pi) - x * erfcx(x)


def erfcx_h(x: Real) -> Real:
    """erfcx''(x)/2."""
    if x > 25:
        series = double_factorial_series(x, -1, lambda k: (2 * k + 1) * (2 * k + 2))
        return series / (2 * mp.sqrt(mp.pi) * x**3)
    return erfcx(x) - 2 * x * erfcx_k(x)


def erfcx_int(x: Real) -> Real:
    """Integral of erfcx from 0 to x."""
    if x > 14:
        series = double_factorial_series(x, -1, lambda k: mp.mpf(-1) / (2 * k) if k else 0)
        return (mp.log(2 * x) + mp.euler / 2 + series) / mp.sqrt(mp.pi)
    with mp.extradps(int(0.9 * float(x) ** 2) + 10):  # two terms of size e^{x²} cancel
        return mp.sqrt(mp.pi) / 2 * mp.erfi(x) - x * x / mp.sqrt(mp.pi) * mp.hyp2f2(1, 1, 1.5, 2, x * x)


def f_int(y: Real) -> Real:
    """e^{-y²} times the integral of f from 0 to y, which is 2 Dawson(y) - e^{-y²} erfcx_int(y)."""
    if y > 14:  # e^{-y²} is below 1e-85
        return double_factorial_series(y, 1) / y
    return mp.exp(-y * y) * (mp.sqrt(mp.pi) * mp.erfi(y) - erfcx_int(y))


class SecondMoment:
    """Q and W by Taylor steps of their differential equations, from the asymptotic series at `START`."""

    def __init__(self, end: int) -> None:
        y = mp.mpf(START)
        q, w = self.asymptotic(-y)
        f = erfcx(-y)
        self.steps: list[tuple[Real, list[Real], list[Real], list[Real]]] = []
        step = mp.mpf(1) / STEP_INVERSE
        for _ in range((end - START) * STEP_INVERSE):
            series = self.taylor(y, f, q, w)
            self.steps.append((y, *series))
            f, q, w = (mp.polyval(c[::-1], step) for c in series)
            y += step

    @staticmethod
    def asymptotic(x: Real) -> tuple[Real, Real]:
        """(Q(-x), W(-x)) for large x: erfcx² as a series in 1/x², and the equations term by term."""
        g = [1 / mp.sqrt(mp.pi)]
        for k in range(140):
            g.append(-g[-1] * (2 * k + 1) / 2)
        q = w = mp.mpf(0)
        a, last = mp.mpf(0), mp.inf
        for k in range(140):
            square = mp.fsum(g[i] * g[k - i] for i in range(k + 1))
            a = (square - (2 * k + 1) * a) / 2
            term = a / x ** (2 * k)
            if abs(term) > last:
                break
            q += term
            w += term / (2 * k + 2)
            last = abs(term)
        return q / x**3, w / x**2

    @staticmethod
    def taylor(y: Real, f0: Real, q0: Real, w0: Real) -> tuple[list[Real], list[Real], list[Real]]:
        """Taylor coefficients of f, Q and W at y."""
        f, q, w = [f0], [q0], [w0]
        for n in range(ORDER):
            square = mp.fsum(f[i] * f[n - i] for i in range(n + 1))
            w.append(q[n] / (n + 1))
            f.append((2 * y * f[n] + (2 * f[n - 1] if n else 2 / mp.sqrt(mp.pi))) / (n + 1))
            q.append((2 * y * q[n] + (2 * q[n - 1] if n else 0) + square) / (n + 1))
        return f, q, w

    def __call__(self, y: Real) -> tuple[Real, Real]:
        """(Q(y), W(y)), or both times e^{-2y²} where y > 0."""
        if y <= START:
            return self.asymptotic(-y)
        if y > 26:
            return self.large(y)
        at, _, q, w = self.steps[min(int(mp.floor((y - START) * STEP_INVERSE)), len(self.steps) - 1)]
        scale = mp.exp(-2 * y * y) if y > 0 else 1
        return scale * mp.polyval(q[::-1], y - at), scale * mp.polyval(w[::-1], y - at)

    @staticmethod
    def large(y: Real) -> tuple[Real, Real]:
        """Series of the scaled functions in 1/y², where f = 2 e^{y²} but for a part of e^{-y²}."""
        q = w = mp.mpf(0)
        b, c, last = mp.mpf(2), mp.mpf(0), mp.inf
        for k in range(160):
            if k:
                b = (2 * k - 1) * b / 2
            c = (b + 2 * k * c) / 4
            term = b / y ** (2 * k)
            if abs(term) > last:
                break
            q += term
            w += c / y ** (2 * k)
            last = abs(term)
        return q / y, w / y**2


def fit(function: Callable[[Real], Real], low: Real, high: Real, degree: int) -> list[float]:
    """Coefficients, lowest first, of the interpolant at Chebyshev nodes, in s in [-1, 1]."""
    n = degree + 1
    angles = [(2 * j + 1) * mp.pi / (2 * n) for j in range(n)]
    values = [function((low + high) / 2 + (high - low) / 2 * mp.cos(a)) for a in angles]
    total = [mp.mpf(0)] * n
    previous, current = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]  # Chebyshev polynomials as monomials
    for k in range(n):
        coefficient = 2 * mp.fsum(v * mp.cos(k * a) for v, a in zip(values, angles, strict=True)) / n
        polynomial = previous if k == 0 else current
        for i, c in enumerate(polynomial):
            total[i] += c * coefficient / (2 if k == 0 else 1)
        if k >= 1:
            following = [mp.mpf(0)] + [2 * c for c in current]
            for i, c in enumerate(previous):
                following[i] -= c
            previous, current = current, following
    return [float(c) for c in total]


def pieces(function: Callable[[Real], Real]) -> NDArray[np.float64]:
    """Piecewise interpolants on [0, EDGE]."""
    width = mp.mpf(EDGE) / PIECES
    return np.array([fit(function, i * width, (i + 1) * width, DEGREE) for i in range(PIECES)])


def tail(function: Callable[[Real], Real], degree: int) -> NDArray[np.float64]:
    """Interpolant of `function`, finite at infinity, in s = 2 EDGE²/x² - 1."""
    return np.array(fit(lambda t: function(1 / mp.sqrt(t)), mp.mpf(0), mp.mpf(1) / EDGE**2, degree))


def make() -> dict[str, NDArray[np.float64]]:
    """All tables, by name."""
    mp.dps = 60
    moment = SecondMoment(26)
    sqrt_pi = mp.sqrt(mp.pi)
    simple = {"erfcx": erfcx, "erfcx_k": erfcx_k, "erfcx_h": erfcx_h, "erfcx_int": erfcx_int, "f_int": f_int}
    tables = {name: pieces(function) for name, function in simple.items()}
    tables |= {
        "erfcx_tail": tail(lambda x: sqrt_pi * x * erfcx(x), 9),
        "erfcx_k_tail": tail(lambda x: sqrt_pi * 2 * x**2 * erfcx_k(x), 9),
        "erfcx_h_tail": tail(lambda x: sqrt_pi * x**3 * erfcx_h(x), 9),
        "erfcx_int_tail": tail(lambda x: sqrt_pi * erfcx_int(x) - mp.log(x), 9),
        "f_int_tail": tail(lambda y: y * f_int(y), 11),
        "w": pieces(lambda x: moment(-x)[1]),
        "q": pieces(lambda x: moment(-x)[0]),
        "big_w": pieces(lambda y: moment(y)[1]),
        "big_q": pieces(lambda y: moment(y)[0]),
        "w_tail": tail(lambda x: moment(-x)[1] * x**2, 9),
        "q_tail": tail(lambda x: moment(-x)[0] * x**3, 9),
        "big_w_tail": tail(lambda y: moment(y)[1] * y**2, 11),
        "big_q_tail": tail(lambda y: moment(y)[0] * y, 11),
    }

    def log_remainder(t: Real) -> Real:
        x = 4 * (1 + t) / (1 - t)
        return sqrt_pi * erfcx_int(x) - mp.log(1 + x / 4)

    tables["log_remainder"] = np.array(fit(log_remainder, mp.mpf(-1), mp.mpf(1), 24))
    return tables


if __name__ == "__main__":
    np.savez(PATH, allow_pickle=False, **make())
