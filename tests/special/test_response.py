"""The dimensionless response: against parabolic cylinder functions at high precision, its limits and its equation."""

from __future__ import annotations

import cmath
from pathlib import Path

import numpy as np
import pytest

from meanfield.special import gains, rate
from meanfield.special.liouville_green import slope
from meanfield.special.parabolic import left
from meanfield.special.response import first_passage, response
from tests.reference.make_response import POINTS, points, values

DATA = np.load(Path(__file__).parents[1] / "reference" / "response.npz")


def errors(kind):
    """Relative errors of T_1 and T_2, or of the first-passage transform, at every point."""
    found = np.empty((len(DATA["points"]), 2))
    for k, ((y, d, real, imaginary, z), (first, second, ratio)) in enumerate(
        zip(DATA["points"].tolist(), DATA["values"].tolist(), strict=True)
    ):
        s = complex(real, imaginary)
        if kind == "response":
            a, b, _ = response(y, d, s, z)
            found[k] = abs(a / first - 1), abs(b / second - 1)
        else:
            expected = ratio * cmath.exp(-s * z)
            f, rest = first_passage(y, d, s, z)
            smallest = 1e-290
            found[k, 0] = abs(f - expected) / abs(expected) if abs(expected) > smallest else 0.0
            found[k, 1] = abs(rest - (1 - expected)) / max(abs(1 - expected), 1e-3)
    return found


def test_reference_is_whole():
    assert DATA["points"].shape == (POINTS, 5)
    np.testing.assert_array_equal(DATA["points"], points())
    s = DATA["points"][:, 2] + 1j * DATA["points"][:, 3]
    assert (s.real < -0.5).sum() > 1000
    assert (abs(s) > 6000).sum() > 200


def test_reference_is_reproduced():
    """A random handful, computed again."""
    for k in np.random.default_rng(8).integers(0, POINTS, 5):
        np.testing.assert_allclose(values(DATA["points"][k]), DATA["values"][k], rtol=1e-15)


def test_response_at_thousands_of_points():
    """All below 1e-11, 99.9% below 1e-12, for y in [-100, 30], |s| to 12,600 (100 kHz), and Re s to -8."""
    found = errors("response")
    assert np.isfinite(found).all()
    for column in found.T:
        assert column.max() < 1e-11
        assert np.quantile(column, 0.999) < 1e-12


def test_first_passage_at_thousands_of_points():
    found = errors("first passage")
    assert found[:, 0].max() < 1e-11
    assert found[:, 1].max() < 1e-10


@pytest.mark.parametrize("z", [0.0, 0.1])
def test_at_zero_frequency_it_is_the_static_gain(z):
    rng = np.random.default_rng(2)
    for _ in range(2000):
        y, d = rng.uniform(-100, 30), 10.0 ** rng.uniform(-4, 2)
        nu = rate(y, d, 1.0, z)
        if nu < 1e-290:
            continue
        by_mu, by_sigma = gains(y, d, 1.0, z)
        first, second, _ = response(y, d, 0j, z)
        assert first == pytest.approx(by_mu / nu, rel=1e-10)
        assert second == pytest.approx(by_sigma / (2 * nu), rel=1e-10)


def test_high_frequency_laws():
    """T_1 -> sqrt(2/s), T_2 -> 1, whatever the neuron (Brunel & Hakim 1999; Brunel et al. 2001)."""
    for y, d, z in [(0.5, 2.0, 0.1), (-3.0, 4.0, 0.0), (6.0, 1.0, 0.1), (-0.1, 0.05, 0.1)]:
        first, second, _ = response(y, d, 1e9j, z)
        assert first == pytest.approx(cmath.sqrt(2 / 1e9j), rel=3e-4)
        assert second == pytest.approx(1.0, rel=3e-4)


def test_conjugate_frequencies_have_conjugate_responses():
    rng = np.random.default_rng(3)
    for _ in range(200):
        y, d, s = rng.uniform(-50, 20), rng.uniform(0.1, 10), complex(rng.uniform(-5, 50), rng.uniform(0, 500))
        for a, b in zip(response(y, d, s, 0.1), response(y, d, s.conjugate(), 0.1), strict=True):
            assert b == pytest.approx(a.conjugate(), rel=1e-12)


def test_zeros_of_the_denominator_are_the_poles():
    """h vanishes where the inter-spike interval's transform is 1, the modes of renewal; T diverges there."""
    y, d, z = -8.0, 2.0, 0.1  # a regular neuron: its modes are near the axis
    s = 2j * np.pi * rate(y, d, 1.0, z)
    for _ in range(30):
        step = 1e-6
        slope_of_h = (response(y, d, s + step, z)[2] - response(y, d, s - step, z)[2]) / (2 * step)
        s -= response(y, d, s, z)[2] / slope_of_h
    assert s.real < 0
    assert first_passage(y, d, s, z)[0] == pytest.approx(1.0, abs=1e-9)
    assert abs(response(y, d, s + 1e-9, z)[0]) > 1e4


def test_functions_solve_their_equation():
    """g'' = 2 y g' + 2 s g through the recurrence, and the Liouville-Green slope its Riccati equation."""
    rng = np.random.default_rng(4)
    for _ in range(100):
        y, s = -rng.uniform(0, 30), complex(rng.uniform(-5, 20), rng.uniform(-25, 25))
        g, g_1, g_2, g_3 = left(y, s)
        assert (s + 1) * g_2 - np.sqrt(2) * y * g_1 == pytest.approx(g, rel=1e-12)
        assert (s + 2) * g_3 - np.sqrt(2) * y * g_2 == pytest.approx(g_1, rel=1e-11)
        y, s, h = rng.uniform(-10, 10), complex(rng.uniform(0, 50), rng.uniform(100, 1000)), 1e-4
        q = slope(y, s)
        derivative = (slope(y + h, s) - slope(y - h, s)) / (2 * h)
        assert derivative + q * q == pytest.approx(2 * y * q + 2 * s, rel=1e-6)
