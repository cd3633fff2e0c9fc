"""The LIF neuron in its own units: exactness, limits, invariances, and bad input."""

from __future__ import annotations

import dataclasses
import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from mpmath import mp

import meanfield as mf
from meanfield.special import reference
from meanfield.units import ms, mV

NEURON = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)


def exact(neuron: mf.LIF, mu: float, sigma: float):
    """Rate, its two gains and the CV from the doubles given, with no rounding before 50 digits."""
    mu, sigma, v_th, v_reset = (mp.mpf(x) for x in (mu, sigma, neuron.v_th, neuron.v_reset))
    y, d = (v_th - mu) / sigma + mp.mpf(neuron.shift), (v_th - v_reset) / sigma
    rate = reference.rate(y, d, neuron.tau_m, neuron.t_ref)
    by_mu, by_sigma = reference.gains(y, d, neuron.tau_m, neuron.t_ref)
    return rate, by_mu / sigma, (by_sigma - mp.mpf(neuron.shift) * by_mu) / (2 * sigma**2)


@pytest.mark.parametrize("t_ref", [0.0, 2 * ms])
@pytest.mark.parametrize("block", range(4))
def test_rate_and_gains_are_exact_for_the_doubles_given(t_ref, block):
    """From (mu, sigma): an error of y of one rounding would be 1e-13 at y = 10; compensation leaves none of it."""
    rng = np.random.default_rng(block)
    for _ in range(150):
        sigma = 10.0 ** rng.uniform(-3, 1.3) * mV
        mu = rng.uniform(0, 40) * mV if rng.random() < 0.5 else 20 * mV + sigma * rng.uniform(-26, 5)
        v_reset = rng.choice([10.0, 15.0, 19.9, 0.0]) * mV
        neuron = mf.LIF(tau_m=20 * ms, t_ref=t_ref, v_th=20 * mV, v_reset=v_reset)
        if (20 * mV - mu) / sigma > 26:
            continue
        with mp.workdps(50):
            rate, by_mu, by_variance = exact(neuron, mu, sigma)
        computed = neuron.rate_and_gain(mu, sigma)
        # the distance (v_th - v_reset)/sigma is rounded once; the rate answers to it by at most a factor of 1
        assert computed[0] == pytest.approx(float(rate), rel=1e-14)
        assert computed[1] == pytest.approx(float(by_mu), rel=1e-14)
        assert computed[2] == pytest.approx(float(by_variance), rel=1e-14)
        assert neuron.rate(mu, sigma) == computed[0]


@pytest.mark.parametrize(("mu", "sigma"), [(15.0, 5.0), (22.0, 2.0), (5.0, 3.0), (19.0, 0.5)])
def test_filtered_synapses_shift_both_bounds(mu, sigma):
    neuron = dataclasses.replace(NEURON, tau_s=2 * ms)
    assert neuron.shift == pytest.approx(abs(float(mp.zeta(0.5))) * math.sqrt(2) / 2 * math.sqrt(0.1), rel=1e-15)
    with mp.workdps(40):
        rate, by_mu, by_variance = exact(neuron, mu * mV, sigma * mV)
    computed = neuron.rate_and_gain(mu * mV, sigma * mV)
    assert computed == pytest.approx((float(rate), float(by_mu), float(by_variance)), rel=2e-14)


def test_without_noise_the_rate_is_the_deterministic_one():
    mu = np.array([5.0, 20.0, 20.001, 25.0, 100.0]) * mV
    above = mu > 20 * mV
    expected = np.zeros(5)
    expected[above] = 1 / (2 * ms + 20 * ms * np.log((mu[above] - 10 * mV) / (mu[above] - 20 * mV)))
    np.testing.assert_allclose(NEURON.rate(mu, 0.0), expected, rtol=1e-13)
    assert NEURON.cv(25 * mV, 0.0) == 0.0
    assert NEURON.log_rate(5 * mV, 0.0) == -math.inf


@pytest.mark.parametrize("tau_s", [0.0, 2 * ms])
@pytest.mark.parametrize("mu", [5 * mV, 19.9 * mV, 20.1 * mV, 30 * mV])
def test_vanishing_noise_has_no_seam(mu, tau_s):
    """Rates, gains and CV on both sides of where the noiseless formulas take over (|y| = 1e8) agree."""
    neuron = dataclasses.replace(NEURON, tau_s=tau_s)
    seam = abs(20 * mV - mu) / 1e8
    inside, outside = 1.0000001 * seam, 0.9999999 * seam
    # the shift acts to first order in sigma, so the two sides differ by it over 2e-7 seam: 1e-15 or less
    assert neuron.rate(mu, inside) == pytest.approx(neuron.rate(mu, outside), rel=1e-12)
    assert neuron.rate_and_gain(mu, inside)[1:2] == pytest.approx(neuron.rate_and_gain(mu, outside)[1:2], rel=1e-6)
    assert neuron.cv(mu, inside) == pytest.approx(neuron.cv(mu, outside), rel=1e-6)
    assert neuron.rate(mu, 1e-300) == pytest.approx(neuron.rate(mu, 0.0), rel=1e-12)


def test_gain_without_noise_is_the_limit_of_little_noise():
    for mu in (21 * mV, 35 * mV):
        little = NEURON.rate_and_gain(mu, 1e-9)
        none = NEURON.rate_and_gain(mu, 0.0)
        assert none == pytest.approx(little, rel=1e-9)


def test_rates_far_below_the_smallest_double_have_logarithms():
    assert NEURON.rate(0.0, 0.1 * mV) == 0.0
    with mp.workdps(50):
        y, d = mp.mpf(20 * mV) / mp.mpf(0.1 * mV), mp.mpf(10 * mV) / mp.mpf(0.1 * mV)
        # escape over a high threshold: rate -> y e^{-y²}/(tau sqrt(pi)), with its series in 1/y²
        leading = -(y**2) + mp.log(y / (mp.mpf(20 * ms) * mp.sqrt(mp.pi)))
    assert d > 1
    assert NEURON.log_rate(0.0, 0.1 * mV) == pytest.approx(float(leading), rel=1e-9)


def test_change_of_units_changes_nothing():
    volts = NEURON.rate(15 * mV, 5 * mV)
    in_millivolt = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20.0, v_reset=10.0)
    assert in_millivolt.rate(15.0, 5.0) == pytest.approx(volts, rel=1e-14)
    in_millisecond = mf.LIF(tau_m=20.0, t_ref=2.0, v_th=20.0, v_reset=10.0)
    assert in_millisecond.rate(15.0, 5.0) == pytest.approx(volts / 1000, rel=1e-14)
    shifted = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=-50 * mV, v_reset=-60 * mV)
    assert shifted.rate(-55 * mV, 5 * mV) == pytest.approx(volts, rel=1e-13)
    assert shifted.cv(-55 * mV, 5 * mV) == pytest.approx(NEURON.cv(15 * mV, 5 * mV), rel=1e-13)


def test_gain_is_the_derivative_of_the_rate():
    mu, sigma, h = 17 * mV, 4 * mV, 1e-4 * mV
    by_mu, by_sigma = NEURON.gain(mu, sigma)
    numeric_mu = (NEURON.rate(mu + h, sigma) - NEURON.rate(mu - h, sigma)) / (2 * h)
    numeric_sigma = (NEURON.rate(mu, sigma + h) - NEURON.rate(mu, sigma - h)) / (2 * h)
    assert by_mu == pytest.approx(numeric_mu, rel=1e-8)
    assert by_sigma == pytest.approx(numeric_sigma, rel=1e-8)


def test_shapes():
    assert type(NEURON.rate(0.015, 0.005)) is float
    assert type(NEURON.rate(1, 1)) is float
    assert type(NEURON.gain(0.015, 0.005)[1]) is float
    assert NEURON.rate(np.full((4, 1), 0.015), np.full(3, 0.005)).shape == (4, 3)
    grid = np.full((4, 3), 0.015)
    assert all(part.shape == (4, 3) for part in NEURON.rate_and_gain(grid, 0.005))
    assert NEURON.rate(grid, 0.005)[1, 2] == NEURON.rate(0.015, 0.005)
    assert NEURON.rate(np.empty(0), 0.005).shape == (0,)


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(
    mu=st.floats(-1.0, 1.0),
    sigma=st.floats(0.0, 1.0),
    tau_m=st.floats(1e-3, 0.1),
    t_ref=st.floats(0.0, 0.01),
    v_th=st.floats(-0.1, 0.1),
    gap=st.floats(1e-6, 0.1),
    tau_s=st.floats(0.0, 0.01),
)
def test_no_nan_and_no_exception_but_the_documented_one(mu, sigma, tau_m, t_ref, v_th, gap, tau_s):
    if not v_th - gap < v_th:
        return
    neuron = mf.LIF(tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_th - gap, tau_s=tau_s)
    rate = neuron.rate(mu, sigma)
    assert 0 <= rate <= (1 / t_ref if t_ref else math.inf) * (1 + 4e-16)
    assert not math.isnan(neuron.log_rate(mu, sigma))
    assert 0 <= neuron.cv(mu, sigma) < math.inf
    if not (abs(mu - v_th) < 1e-100 and sigma < 1e-100):
        assert not any(math.isnan(x) for x in neuron.rate_and_gain(mu, sigma))
        assert neuron.rate_and_gain(mu, sigma)[1] >= 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tau_m": -20 * ms}, "tau_m must be positive, got -0.02 s"),
        ({"t_ref": -1 * ms}, "t_ref must not be negative, got -0.001 s"),
        ({"v_reset": 25 * mV}, "v_reset must be below v_th = 0.02 V, got 0.025 V"),
        ({"v_reset": 20 * mV}, "v_reset must be below v_th"),
        ({"tau_s": -1 * ms}, "tau_s must not be negative"),
        ({"v_th": np.nan}, "v_th must be finite, got nan V"),
        ({"tau_m": np.inf}, "tau_m must be finite, got inf s"),
        ({"tau_m": [0.01, 0.02]}, "tau_m must be a single number in s"),
    ],
)
def test_bad_parameters_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(NEURON, **changes)


@pytest.mark.parametrize("method", ["rate", "log_rate", "cv", "gain", "rate_and_gain"])
@pytest.mark.parametrize(
    ("mu", "sigma", "words"),
    [
        (0.01, -0.005, "sigma must not be negative, got -0.005 V"),
        (np.nan, 0.005, "mu must be finite, got nan V"),
        (0.01, np.inf, "sigma must be finite, got inf V"),
        ([0.01, np.nan], 0.005, "mu must be finite, got nan V"),
        (0.01, [0.005, -1.0], "sigma must not be negative, got -1.0 V"),
        ([0.01, 0.02], [0.1, 0.2, 0.3], r"broadcast, got shapes \(2,\) and \(3,\)"),
    ],
)
def test_bad_input_is_named(method, mu, sigma, words):
    with pytest.raises(ValueError, match=words):
        getattr(NEURON, method)(mu, sigma)


def test_infinite_gain_is_refused():
    for mu in (20 * mV, [20 * mV, 5 * mV]):
        with pytest.raises(ValueError, match="gain is infinite at mu = v_th"):
            NEURON.gain(mu, 0.0)


def test_brian2_quantities_are_taken():
    brian2 = pytest.importorskip("brian2")
    theirs = mf.LIF(tau_m=20 * brian2.ms, t_ref=2 * brian2.ms, v_th=20 * brian2.mV, v_reset=10 * brian2.mV)
    assert theirs == NEURON
    assert NEURON.rate(15 * brian2.mV, 5 * brian2.mV) == NEURON.rate(15 * mV, 5 * mV)
    with pytest.raises(TypeError, match="tau_m must be in s"):
        mf.LIF(tau_m=20 * brian2.mV, v_th=20 * mV, v_reset=0.0)
    with pytest.raises(TypeError, match="mu must be in V"):
        NEURON.rate(15 * brian2.ms, 5 * brian2.mV)
