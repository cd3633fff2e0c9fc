"""The kernels to as many digits as wanted, slowly, with mpmath: what the fast ones are certified against.

Formulas are the definitions, or closed forms that the fast kernels do not use, at a working precision raised above
every cancellation. `siegert_integral_by_quadrature` checks the closed form by the definition itself.
"""

from __future__ import annotations

from typing import Any

from mpmath import mp

Real = Any  # an mpmath number, or what it can be made from


def f(u: Real) -> Real:
    """e^{u²}(1 + erf u)."""
    u = mp.mpf(u)
    if u < -60:  # mpmath's erfc spends time on exponents here; the asymptotic series is exact to any digits wanted
        x, term, total = -u, mp.mpf(1), mp.mpf(1)
        for k in range(1, 400):
            term *= -(2 * k - 1) / (2 * x * x)
            total += term
            if abs(term) < mp.eps:
                break
        return total / (x * mp.sqrt(mp.pi))
    return mp.exp(u * u) * mp.erfc(-u)


def f_antiderivative(x: Real) -> Real:
    """Integral of f from 0 to x: sqrt(pi)/2 erfi(x) + x²/sqrt(pi) 2F2(1, 1; 3/2, 2; x²)."""
    x = mp.mpf(x)
    if x < -15:
        total, term = mp.log(-2 * x) + mp.euler / 2, mp.mpf(1)
        for k in range(1, 300):
            term *= -(2 * k - 1) / (2 * x * x)
            total -= term / (2 * k)
            if abs(term) < mp.eps:
                break
        return -total / mp.sqrt(mp.pi)
    with mp.extradps(int(0.9 * float(x) ** 2) + 10 if x < 0 else 10):
        return mp.sqrt(mp.pi) / 2 * mp.erfi(x) + x * x / mp.sqrt(mp.pi) * mp.hyp2f2(1, 1, 1.5, 2, x * x)


def siegert_integral(y_th: Real, dy: Real) -> Real:
    """Integral of f from y_th - dy to y_th, unscaled."""
    y, d = mp.mpf(y_th), mp.mpf(dy)
    with mp.extradps(40):
        return f_antiderivative(y) - f_antiderivative(y - d)


def siegert_integral_by_quadrature(y_th: Real, dy: Real) -> Real:
    """The same by adaptive quadrature of the definition."""
    y, d = mp.mpf(y_th), mp.mpf(dy)
    cuts = {y - d, y} | {mp.mpf(c) for c in (-1000, -100, -10, -3, -1, 0, 1, 3, 6, 10, 20, 30) if y - d < c < y}
    if y > 1:
        cuts |= {y - k / y for k in (1, 2, 5, 10, 20) if k / y < d}
    return mp.quad(f, sorted(cuts))


def rate(y_th: Real, dy: Real, tau_m: Real, t_ref: Real) -> Real:
    """Firing rate, 1/(t_ref + tau_m sqrt(pi) I)."""
    return 1 / (mp.mpf(t_ref) + mp.mpf(tau_m) * mp.sqrt(mp.pi) * siegert_integral(y_th, dy))


def gains(y_th: Real, dy: Real, tau_m: Real, t_ref: Real) -> tuple[Real, Real]:
    """(sigma d rate/d mu, sigma d rate/d sigma)."""
    y, d = mp.mpf(y_th), mp.mpf(dy)
    with mp.extradps(40):
        weight = rate(y, d, tau_m, t_ref) ** 2 * mp.mpf(tau_m) * mp.sqrt(mp.pi)
        return weight * (f(y) - f(y - d)), weight * (y * f(y) - (y - d) * f(y - d))


def cv(y_th: Real, dy: Real, tau_m: Real, t_ref: Real) -> Real:
    """Coefficient of variation, from the double integral with its order exchanged.

    W(y) - W(r) = integral of erfc(-v)² e^{v²} [g(y) - g(max(v, r))] dv up to y, with g = sqrt(pi)/2 erfi.
    """
    y, d = mp.mpf(y_th), mp.mpf(dy)
    r = y - d

    def between(v: Real) -> Real:  # integral of e^{x² - y²} from max(v, r) to y
        low = max(v, r)
        if y < -8 or low < -8 or (y - low) * (1 + abs(y)) < 0.1:
            return mp.quad(lambda x: mp.exp(x * x - y * y), [low, y])
        return mp.sqrt(mp.pi) / 2 * (mp.erfi(y) - mp.erfi(low)) * mp.exp(-y * y)

    def integrand(v: Real) -> Real:
        return f(v) ** 2 * mp.exp(-v * v) * between(v) * mp.exp(y * y)

    reach = max(abs(r), 1)
    cuts = {r - 40 / reach - 6, r - 5 / reach, r - 1 / reach, r, y} | {mp.mpf(c) for c in range(-8, 40, 2) if r < c < y}
    if y > 1:
        cuts |= {y - k / y for k in (1, 3, 10) if k / y < d}
    second = mp.quad(integrand, sorted(cuts))
    return rate(y, d, tau_m, t_ref) * mp.mpf(tau_m) * mp.sqrt(2 * mp.pi * second)
