"""Solutions: against dense computations, limits of the literature, and identities that hold exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

import meanfield as mf
from meanfield.dmft.potential import Potential
from tests.reference.dmft_dense import VALUES, solution, variance


@pytest.mark.parametrize("g", VALUES)
def test_against_the_dense_computation(g):
    """c0 to 1e-8 and λ to 1e-5 were asked for."""
    found = mf.dmft.solve(g)
    c0, exponent, half_width = VALUES[g]
    assert found.c0 == pytest.approx(c0, rel=1e-12)
    assert found.lyapunov == pytest.approx(exponent, abs=1e-7, rel=1e-7)
    assert found.half_width == pytest.approx(half_width, rel=1e-8)
    assert abs(found.zero_mode) < 1e-8


def test_the_dense_computation_gives_its_values():
    np.testing.assert_allclose(solution(1.5), VALUES[1.5], rtol=1e-9)
    assert variance(3.0) == pytest.approx(VALUES[3.0][0], rel=1e-14)


def test_near_onset():
    """λ → ε²/2 and c → ε sech(ετ/√3) (Sompolinsky, Crisanti & Sommers 1988, below their Eq. 13)."""
    ratios = []
    for epsilon in (0.01, 0.001):
        found = mf.dmft.solve(1 + epsilon)
        ratios.append(found.lyapunov / (epsilon**2 / 2) - 1)
        lags = np.array([0.0, 1.0, 3.0]) / epsilon
        law = epsilon / np.cosh(lags * epsilon / 3**0.5)
        np.testing.assert_allclose(found.autocovariance(lags), law, rtol=5 * epsilon)
    assert abs(ratios[1]) < 0.004
    assert ratios[0] / ratios[1] == pytest.approx(10, rel=0.1)  # what is left is of order ε


def test_far_from_onset():
    """c0/g² → 2(1 - 2/π), that of φ = sign (ibid.)."""
    gaps = [mf.dmft.solve(g, "erf").c0 / g**2 - 2 * (1 - 2 / np.pi) for g in (20.0, 40.0)]
    assert abs(gaps[1]) < 1e-2
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize("g", [1.01, 1.3, 2.0, 6.0, 10.0])
@pytest.mark.parametrize("phi", ["tanh", "erf"])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_zero_mode_has_energy_zero(g, phi, noise):
    found = mf.dmft.solve(g, phi, noise=noise)
    assert abs(found.zero_mode) < 1e-7
    assert found.lyapunov_error < 1e-7


@pytest.mark.parametrize(
    ("phi", "options"),
    [
        ("tanh", {"g": 2.0}),
        ("tanh", {"g": 2.0, "bias": 0.4}),
        ("tanh", {"g": 1.5, "noise": 0.7}),
        ("threshold-linear", {"g": 1.8, "bias": 1.0, "mean_coupling": -3.0}),
        ("threshold-linear", {"g": 1.2, "bias": 1.0, "mean_coupling": -3.0, "noise": 0.5}),
        ("tanh", {"g": 3.0, "bias": 0.4, "fixed_indegree": True}),
    ],
)
def test_the_autocovariance_obeys_its_equation(phi, options):
    """c'' = c - g² f(c) at every lag, by finite differences; c'(0+) = -σ²; u = I + m <φ>."""
    found = mf.dmft.solve(phi=phi, **options)
    potential = Potential.at(found.population, found.c0)
    lags = found.half_width * np.array([0.2, 0.7, 1.0, 2.0, 4.0])
    step = 1e-3 * found.half_width
    left, middle, right = (found.autocovariance(lags + d) for d in (-step, 0.0, step))
    np.testing.assert_allclose((left - 2 * middle + right) / step**2, potential.force(middle), atol=2e-4 * found.c0)
    assert (found.autocovariance(step) - found.autocovariance(0.0)) / step == pytest.approx(
        -(found.population.noise**2), abs=2e-3 * found.c0
    )
    assert found.autocovariance(0.0) == pytest.approx(found.c0, rel=1e-14)
    assert found.autocovariance(1e6) == pytest.approx(found.c_inf, rel=1e-9, abs=1e-12)
    assert found.autocovariance(found.half_width) == pytest.approx((found.c0 + found.c_inf) / 2, rel=1e-9)
    p = found.population
    assert found.mean_input == pytest.approx(p.bias + p.mean_coupling * found.rate, abs=1e-12)
    spectrum_at_zero = 2 * quad(lambda t: found.autocovariance(t) - found.c_inf, 0, 60 * found.half_width, limit=400)[0]
    force = (
        2
        * quad(
            lambda t: float(potential.force(np.array(found.autocovariance(t)))), 0, 60 * found.half_width, limit=400
        )[0]
    )
    assert force == pytest.approx(2 * p.noise**2, abs=1e-5 * found.c0)  # ∫ c'' dτ = -2 c'(0+)
    assert spectrum_at_zero > 0


def test_below_onset_the_network_is_silent():
    found = mf.dmft.solve(0.6)
    assert (found.c0, found.kind, found.lyapunov) == (0.0, "fixed point", pytest.approx(-0.4))
    assert math.isinf(found.half_width)
    assert found.autocovariance(2.0) == 0.0


def test_weak_noise_changes_little_and_lowers_the_exponent():
    free, driven = mf.dmft.solve(1.8), mf.dmft.solve(1.8, noise=0.02)
    assert driven.c0 == pytest.approx(free.c0, rel=1e-5)
    assert 0 < free.lyapunov - driven.lyapunov < 1e-3


def test_noise_alone_is_an_ornstein_uhlenbeck_process():
    found = mf.dmft.solve(0.0, noise=0.7)
    np.testing.assert_allclose(found.autocovariance([0.0, 0.5, 2.0]), 0.49 * np.exp([0.0, -0.5, -2.0]), rtol=1e-9)
    assert found.lyapunov == pytest.approx(-1.0, abs=1e-5)  # a square root of E0 = 1


@pytest.mark.parametrize("noise", [0.05, 0.5, 1.0])
def test_two_lines(noise):
    """On its line λ = 0 and c0 = g² <φ²>; the local line lies below (Schuecker, Goedeke & Helias 2018)."""
    local, chaos = mf.dmft.local_instability(noise=noise), mf.dmft.chaos_onset(noise=noise)
    assert 1 < local < chaos
    at_chaos, between = mf.dmft.solve(chaos, noise=noise), mf.dmft.solve(0.5 * (local + chaos), noise=noise)
    assert at_chaos.lyapunov == pytest.approx(0.0, abs=1e-8)
    assert at_chaos.local_gain > 1
    assert mf.dmft.solve(local, noise=noise).local_gain == pytest.approx(1.0, abs=1e-10)
    assert between.kind == "driven, locally unstable"
    assert mf.dmft.solve(1.05 * chaos, noise=noise).kind == "driven, chaos"
    assert mf.dmft.solve(0.95 * local, noise=noise).kind == "driven, stable"


def test_threshold_linear_networks_turn_chaotic_at_root_two():
    """With inhibition for balance (Kadmon & Sompolinsky 2015); there u = 0, and half of the neurons are active."""
    options = {"phi": "threshold-linear", "bias": 1.0, "mean_coupling": -3.0}
    below, above = (mf.dmft.solve(2**0.5 * factor, **options) for factor in (0.9999, 1.0001))
    assert below.is_static
    assert above.kind == "chaos"
    assert abs(below.mean_input) < 1e-3
    assert mf.dmft.solve(1.6, **options).c_inf > 0


def test_user_functions_and_expressions():
    sympy = pytest.importorskip("sympy")
    by_name = mf.dmft.solve(1.7)
    by_pair = mf.dmft.solve(1.7, (np.tanh, lambda x: 1 - np.tanh(x) ** 2))
    by_formula = mf.dmft.solve(1.7, sympy.tanh(sympy.Symbol("x")))
    assert by_pair.lyapunov == pytest.approx(by_name.lyapunov, rel=1e-10)
    assert by_formula.c0 == pytest.approx(by_name.c0, rel=1e-12)


def test_discrete_time():
    """λ = ln(g² <φ'²>)/2, zero at g = 1 without noise; c0 = g² <φ²> + σ²."""
    for g in (1.05, 1.5, 4.0):
        found = mf.dmft.solve_discrete(g)
        z = np.linspace(-9, 9, 4001)
        weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
        assert g**2 * weight @ np.tanh(found.c0**0.5 * z) ** 2 == pytest.approx(found.c0, rel=1e-10)
        gain = g**2 * weight @ np.cosh(found.c0**0.5 * z) ** -4.0
        assert found.lyapunov == pytest.approx(0.5 * np.log(gain), rel=1e-9)
        assert found.is_chaotic
        assert found.c_inf == pytest.approx(0.0, abs=1e-12)
    assert mf.dmft.solve_discrete(0.8).lyapunov == pytest.approx(np.log(0.8))
    assert not mf.dmft.solve_discrete(1.5, noise=1.0).is_chaotic
    assert mf.dmft.solve_discrete(0.0).lyapunov == -math.inf


def test_bad_arguments():
    for words, call in (
        ("g must not be negative", lambda: mf.dmft.solve(-1.0)),
        ("g must be finite", lambda: mf.dmft.solve(float("nan"))),
        ("noise must not be negative", lambda: mf.dmft.solve(1.5, noise=-1)),
        ("noise must be positive", lambda: mf.dmft.chaos_onset(noise=0.0)),
        ("activity diverges", lambda: mf.dmft.solve(1.5, "threshold-linear", bias=1.0)),
        ("activity diverges", lambda: mf.dmft.solve_discrete(1.5, "threshold-linear", bias=1.0)),
        ("mean input runs away", lambda: mf.dmft.solve(1.0, "threshold-linear", bias=1.0, mean_coupling=3.0)),
        ("lags must be finite", lambda: mf.dmft.solve(1.5).autocovariance(np.nan)),
    ):
        with pytest.raises(ValueError, match=words):
            call()
