"""Dense, slow dynamical mean-field theory for φ = tanh, which shares nothing with meanfield.

c0 solves c0² = 2 g² var(log cosh x), x gaussian of variance c0, with mpmath at 30 digits. f'(c) = <φ'(x) φ'(y)> is a
tensor trapezoidal rule, interpolated; c'' = -V' is integrated by an explicit Runge-Kutta method, its tail continued as
an exponential; λ is found by shooting for the even ground state. ``python -m tests.reference.dmft_dense`` prints
VALUES: {g: (c0, λ, half-width)}.
"""

from __future__ import annotations

import mpmath
import numpy as np
from numpy.polynomial import Chebyshev
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

VALUES: dict[float, tuple[float, float, float]] = {
    1.01: (0.010115912805571196, 4.8245999936469275e-05, 232.23227762157666),
    1.1: (0.11106318936988815, 0.0037124060909849987, 26.611711558402554),
    1.5: (0.7476863805533981, 0.04674621952326263, 7.846055425062777),
    2.0: (1.9248054137370583, 0.11245810962701341, 5.36101879913729),
    3.0: (5.4463260830424645, 0.23546096403709882, 4.083658691490802),
    5.0: (16.96404570238192, 0.43369758891814403, 3.4547675747768314),
    10.0: (71.36809158128268, 0.7734299142928616, 3.1429284575602896),
}


def variance(g: float) -> float:
    """c0 to 15 digits."""
    with mpmath.workdps(30):

        def excess(c0):
            s = mpmath.sqrt(c0)
            ends = [0, 1 / s, 4 / s, 12 + 1 / s] if s > 0.2 else [0, 2, 6, 12]

            def mean(power):
                def integrand(z):
                    return mpmath.log(mpmath.cosh(s * z)) ** power * mpmath.npdf(z)

                return 2 * mpmath.quad(integrand, sorted({min(e, mpmath.mpf(14)) for e in ends}))

            return c0**2 - 2 * g**2 * (mean(2) - mean(1) ** 2)

        guess = (g - 1) * (1 + 0.5 * (g - 1)) if g < 2 else 0.7268 * g**2 - 1.2
        return float(mpmath.findroot(excess, (guess, guess * 1.01), tol=1e-20))


def slope_function(c0: float) -> Chebyshev:
    """f' as a function of the angle arcsin(c/c0)."""
    z = np.linspace(-9.0, 9.0, int(18 * 16 * max(1.0, np.sqrt(c0))) + 1)
    weight = np.exp(-(z**2) / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)

    def at(angle):
        c = c0 * np.sin(angle)
        inner = np.zeros_like(z)
        for noise, w in zip(z, weight, strict=True):
            inner += w / np.cosh(np.sqrt(c) * z + np.sqrt(max(c0 - c, 0.0)) * noise) ** 2
        return weight @ inner**2

    return Chebyshev.interpolate(lambda a: np.array([at(x) for x in np.atleast_1d(a)]), 48, domain=[0.0, np.pi / 2])


def solution(g: float) -> tuple[float, float, float]:
    """c0, λ and half-width."""
    c0 = variance(g)
    slope = slope_function(c0)
    angles = Chebyshev.basis(1, domain=[0.0, np.pi / 2])
    nodes = np.linspace(0, np.pi / 2, 400)
    cosine = Chebyshev.fit(nodes, c0 * np.cos(nodes), 30, domain=angles.domain)
    value = (slope * cosine).integ(lbnd=0.0)  # f = ∫ f' dc over the angle; f(0) = 0

    def angle(c):
        return np.arcsin(np.clip(c / c0, 0.0, 1.0))

    def fall(_, state):
        return [state[1], state[0] - g**2 * value(angle(state[0]))]

    def deep(_, state):
        return state[0] - 1e-4 * c0

    deep.terminal = True
    rate = np.sqrt(1 - g**2 * slope(0.0))
    tight = {"rtol": 1e-12, "atol": 1e-14 * c0}
    run = solve_ivp(fall, (0, 60 / rate), [c0, 0.0], "DOP853", events=deep, dense_output=True, **tight)
    end = run.t[-1]
    half = brentq(lambda t: run.sol(t)[0] - c0 / 2, 0, end, xtol=1e-12)

    def c(t):
        return run.sol(t)[0] if t < end else run.y[0, -1] * np.exp(-rate * (t - end))

    def miss(energy):
        def wave(t, psi):
            return [psi[1], (1 - g**2 * slope(angle(c(t))) - energy) * psi[0]]

        far = solve_ivp(wave, (0, end), [1.0, 0.0], "DOP853", rtol=1e-11, atol=1e-13)
        return far.y[1, -1] + np.sqrt(rate**2 - energy) * far.y[0, -1]

    energies = -np.geomspace(1e-6, min(g**2, 20.0), 40)
    signs = [miss(energy) for energy in energies]
    first = max(k for k in range(39) if signs[k] * signs[k + 1] < 0)  # the lowest change of sign is the ground state
    ground = brentq(miss, energies[first], energies[first + 1], xtol=1e-13)
    return c0, float(np.sqrt(1 - ground) - 1), half


if __name__ == "__main__":
    for gain in VALUES:
        print(f"    {gain}: {solution(gain)!r},")
