"""Stability with delays and filters: Lambert's W, ordinary differential equations, and the delay's limits."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import lambertw

from meanfield.delays import ExponentialDelay, FixedDelay, GaussianDelay, UniformDelay
from meanfield.randommatrix import delayed_boundary

MODULI = st.floats(0.05, 20.0)
ANGLES = st.floats(-math.pi, math.pi)


@settings(max_examples=40, deadline=None)
@given(delay=st.floats(0.02, 50.0), modulus=MODULI, angle=ANGLES)
def test_rightmost_mode_of_a_pure_delay_is_lamberts(delay, modulus, angle):
    eigenvalue = cmath.rect(modulus, angle)
    branches = [-1 + lambertw(eigenvalue * delay * math.exp(delay), k) / delay for k in range(-3, 4)]
    expected = max(z.real for z in branches)
    assert delayed_boundary(delay).rightmost(eigenvalue).real == pytest.approx(expected, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(modulus=MODULI, angle=ANGLES, mean=st.floats(0.05, 5.0), tau_s=st.sampled_from([0.0, 0.3]))
def test_exponential_delays_are_one_more_filter(modulus, angle, mean, tau_s):
    """(1+s)(1+s tau_s)(1+s mean) = λ is a polynomial."""
    eigenvalue = cmath.rect(modulus, angle)
    polynomial = np.poly1d([1.0, 1.0]) * np.poly1d([mean, 1.0]) * np.poly1d([tau_s, 1.0]) - eigenvalue
    boundary = delayed_boundary(ExponentialDelay(mean), tau_s=tau_s)
    assert boundary.rightmost(eigenvalue).real == pytest.approx(polynomial.roots.real.max(), abs=1e-6)


@pytest.mark.parametrize(
    "delay", [FixedDelay(1.0), UniformDelay(0.2, 1.8), GaussianDelay(1.0, 0.4), ExponentialDelay(0.7, 0.3)]
)
@pytest.mark.parametrize("tau_s", [0.0, 0.5])
def test_modes_solve_the_equation_and_are_counted(delay, tau_s):
    boundary = delayed_boundary(delay, tau_s=tau_s)
    for eigenvalue in (-4.0, 0.5, 2.0, 3j, -1 + 2j):
        s = boundary.rightmost(eigenvalue)
        assert boundary.eigenvalue(s) == pytest.approx(eigenvalue, rel=1e-6)
        assert (s.real > 0) == (boundary.unstable_count(eigenvalue) > 0)
        assert boundary.unstable_count(eigenvalue, s.real - 1e-4) >= 1


def test_without_delay_the_boundary_is_the_line_of_real_part_one():
    boundary = delayed_boundary()
    frequency, curve = boundary.curve(2.0)
    np.testing.assert_allclose(curve, 1 + 2j * np.pi * frequency, rtol=1e-12)
    assert boundary.critical_radius(-1.5).value == pytest.approx(2.5)
    assert boundary.critical_gain(-1.0).value == math.inf
    assert boundary.critical_gain(0.5 + 3j).value == pytest.approx(2.0)
    assert boundary.rightmost(0.5 + 3j) == pytest.approx(-0.5 + 3j)


@pytest.mark.parametrize("delay", [0.1, 1.0, 10.0, UniformDelay(0.5, 3.0)])
@pytest.mark.parametrize("tau_s", [0.0, 2.0])
def test_a_disc_about_zero_is_lost_at_radius_one_whatever_the_delay(delay, tau_s):
    boundary = delayed_boundary(delay, tau_s=tau_s)
    loss = boundary.critical_radius()
    assert (loss.value, loss.frequency, loss.eigenvalue) == (1.0, 0.0, 1.0)
    edge = 0.999 * np.exp(2j * np.pi * np.arange(8) / 8)
    assert not any(boundary.unstable_count(z) for z in edge)
    assert boundary.is_stable(0.999)
    assert not boundary.is_stable(1.001)


@pytest.mark.parametrize("delay", [0.05, 0.5, 1.0, 5.0])
def test_an_inhibitory_outlier_oscillates_at_the_hopf_point(delay):
    """tan(ωd) = -ω in (π/2, π)/d and |λ| = sqrt(1+ω²)."""
    from scipy.optimize import brentq

    omega = brentq(lambda w: w * delay + math.atan(w) - math.pi, 1e-9, math.pi / delay)
    loss = delayed_boundary(delay).critical_gain(-1.0)
    assert loss.frequency == pytest.approx(omega / (2 * math.pi), rel=1e-9)
    assert loss.value == pytest.approx(math.hypot(1, omega), rel=1e-9)
    boundary = delayed_boundary(delay)
    assert boundary.is_stable(0.9, [-0.999 * loss.value])
    assert not boundary.is_stable(0.9, [-1.001 * loss.value])


def test_units_of_time_are_those_of_the_arguments():
    in_tau, in_seconds = delayed_boundary(0.1, tau_s=0.25), delayed_boundary(0.002, tau=0.02, tau_s=0.005)
    assert in_seconds.critical_gain(-1).value == pytest.approx(in_tau.critical_gain(-1).value)
    assert in_seconds.critical_gain(-1).frequency * 0.02 == pytest.approx(in_tau.critical_gain(-1).frequency)
    assert in_seconds.rightmost(-5.0) * 0.02 == pytest.approx(in_tau.rightmost(-5.0), rel=1e-8)


def test_a_disc_off_the_centre_meets_the_curve_first_where_its_edge_is_unstable():
    boundary, centre = delayed_boundary(1.0), -1.2
    loss = boundary.critical_radius(centre)
    assert loss.frequency > 0.0
    assert abs(loss.eigenvalue - centre) == pytest.approx(loss.value)
    ring = np.exp(2j * np.pi * np.arange(200) / 200)
    assert not any(boundary.unstable_count(z) for z in centre + 0.999 * loss.value * ring)
    assert any(boundary.unstable_count(z) for z in centre + 1.003 * loss.value * ring)
    with pytest.raises(ValueError, match="unstable eigenvalue itself"):
        boundary.critical_radius(-3.0)


def test_the_boundary_agrees_with_a_simulation():
    """tau x' = -x + λ x(t-d), integrated, just inside and just outside."""
    delay, dt = 1.0, 2e-3
    critical = delayed_boundary(delay).critical_gain(-1.0).value
    growth = []
    for factor in (0.95, 1.05):
        lag, steps = round(delay / dt), round(60 / dt)
        x = np.empty(steps + lag + 1)
        x[: lag + 1] = 1.0
        for k in range(lag, lag + steps):  # Heun's method
            slope = -x[k] - factor * critical * x[k - lag]
            ahead = -(x[k] + dt * slope) - factor * critical * x[k + 1 - lag]
            x[k + 1] = x[k] + 0.5 * dt * (slope + ahead)
        early, late = (np.abs(x[lag + round(t / dt) :][: round(8 / dt)]).max() for t in (20, 50))
        growth.append(math.log(late / early) / 30)
    rates = [delayed_boundary(delay).rightmost(-factor * critical).real for factor in (0.95, 1.05)]
    np.testing.assert_allclose(growth, rates, atol=2e-3)


def test_bad_input():
    with pytest.raises(ValueError, match="tau must be positive"):
        delayed_boundary(1.0, tau=0.0)
    with pytest.raises(ValueError, match="delay must not be negative"):
        delayed_boundary(-1.0)
    with pytest.raises(ValueError, match="outlier must be finite and not 0"):
        delayed_boundary(1.0).critical_gain(0.0)
