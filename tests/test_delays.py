"""Delay distributions: transforms against integrals of the densities, samples, limits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from meanfield.delays import ExponentialDelay, FixedDelay, GaussianDelay, UniformDelay
from meanfield.special.faddeeva import erfcx_complex
from meanfield.units import ms

DELAYS = [
    FixedDelay(1.5 * ms),
    UniformDelay(0.0, 3 * ms),
    UniformDelay(1 * ms, 1 * ms),
    GaussianDelay(1.5 * ms, 0.75 * ms),
    GaussianDelay(0.1 * ms, 2 * ms, low=0.1 * ms),
    GaussianDelay(1.5 * ms, 0.01 * ms),
    GaussianDelay(1.5 * ms, 0.0),
    ExponentialDelay(2 * ms, low=0.5 * ms),
]
S = [0.0, 1j, 300.0, -80 + 900j, 1200 - 2000j, -100 + 60_000j, 628_000j]


@pytest.mark.parametrize("delay", DELAYS, ids=str)
@pytest.mark.parametrize("s", S)
def test_transform_is_that_of_the_density(delay, s):
    """Averages over the quantiles of each density, by mpmath."""
    with mpmath.workdps(30):
        z = mpmath.mpc(s)
        match delay:
            case UniformDelay(low, high) if high > low:
                expected = (mpmath.exp(-z * low) - mpmath.exp(-z * high)) / (z * (high - low)) if s else mpmath.mpf(1)
            case GaussianDelay(mean, std, low) if std > 0:
                m, t = mpmath.mpf(mean), mpmath.mpf(std)
                root = mpmath.sqrt(2) * t  # complete the square, then the two tails
                tail = mpmath.erfc((z * t**2 - (m - low)) / root)
                expected = mpmath.exp(-m * z + (t * z) ** 2 / 2) * tail / mpmath.erfc((low - m) / root)
            case ExponentialDelay(mean, low):
                expected = mpmath.exp(-z * low) / (1 + z * mean)
            case _:
                expected = mpmath.exp(-z * delay.expectation)
        assert delay.transform(s) == pytest.approx(complex(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("delay", [UniformDelay(low=0.0, high=1e-3), ExponentialDelay(mean=1e-3)], ids=str)
def test_what_seeds_nothing_is_refused(delay):
    with pytest.raises(TypeError, match=r"rng must be a numpy Generator or a whole number .*, got 'x'"):
        delay.sample(3, rng="x")


@pytest.mark.parametrize("delay", DELAYS, ids=str)
def test_sample_has_the_transform(delay):
    """The empirical mean of e^{-s d} is within five standard errors of it."""
    drawn = delay.sample(200_000, rng=3)
    assert drawn.min() >= 0
    for s in (0.0, 500.0, 700j):
        values = np.exp(-s * drawn)
        error = values.std() / np.sqrt(values.size)
        assert abs(values.mean() - delay.transform(s)) <= 5 * error + 1e-12
    assert drawn.mean() == pytest.approx(delay.expectation, abs=5 * drawn.std() / np.sqrt(drawn.size) + 1e-15)


@pytest.mark.parametrize("delay", DELAYS, ids=str)
def test_slope_at_zero_is_the_mean(delay):
    step = 1e-3
    slope = (delay.transform(-step) - delay.transform(step)) / (2 * step)
    assert slope.real == pytest.approx(delay.expectation, rel=1e-8)


def test_transform_broadcasts():
    s = np.array([[0.0, 1j], [2j, 3.0]])
    answer = UniformDelay(0.0, 3 * ms).transform(s)
    assert answer.shape == (2, 2)
    assert answer[1, 0] == UniformDelay(0.0, 3 * ms).transform(2j)


def test_complex_error_function():
    rng = np.random.default_rng(1)
    for _ in range(300):
        z = complex(abs(rng.normal()), rng.normal()) * 10 ** rng.uniform(-3, 3)
        with mpmath.workdps(30 + int(abs(z) ** 2) if abs(z) < 20 else 30):
            expected = mpmath.exp(mpmath.mpc(z) ** 2) * mpmath.erfc(mpmath.mpc(z))
        assert erfcx_complex(z) == pytest.approx(complex(expected), rel=1e-13)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: FixedDelay(-1 * ms), "FixedDelay delay must not be negative, got -0.001 s"),
        (lambda: UniformDelay(2 * ms, 1 * ms), "UniformDelay high must not be below low = 0.002 s, got 0.001 s"),
        (lambda: GaussianDelay(float("nan"), 1 * ms), "GaussianDelay mean must be finite, got nan s"),
        (lambda: GaussianDelay(1 * ms, 1 * ms, low=2 * ms), "GaussianDelay mean must not be below low"),
        (lambda: ExponentialDelay("x"), "ExponentialDelay mean must be a number"),
    ],
)
def test_bad_parameters_are_named(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()
