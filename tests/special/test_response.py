"""The dimensionless response: against parabolic cylinder functions at high precision, its limits and its equation."""

from __future__ import annotations

import cmath

import mpmath
import numpy as np
import pytest

from meanfield.special import gains, rate
from meanfield.special.liouville_green import slope
from meanfield.special.parabolic import left
from meanfield.special.response import first_passage, response
from tests.reference.make_response import BLOCKS, COLUMNS, PATH, PREFIXES
from tests.reference.make_response import response as reference

with np.load(PATH) as _file:
    MAIN, STRIP = ({name: _file[prefix + name] for name in COLUMNS} for prefix in PREFIXES)


def errors(data, kind):
    """Relative errors of T_1 and T_2, or of the interval transform f and of 1 - f, at every point."""
    found = np.empty((len(data["y"]), 2))
    rows = zip(*(data[name].tolist() for name in COLUMNS), strict=True)
    for k, (y, d, z, s, first, second, log_rho) in enumerate(rows):
        if kind == "response":
            a, b, _ = response(y, d, s, z)
            found[k] = abs(a / first - 1), abs(b / second - 1)
        else:
            log_f = log_rho - s * z
            f, rest = first_passage(y, d, s, z)
            small = log_f.real < -650
            found[k, 0] = 0.0 if small else abs(f / cmath.exp(log_f) - 1) / max(1.0, abs(log_f))
            expected = -complex(mpmath.expm1(log_f))
            found[k, 1] = abs(rest / expected - 1)
    return found


def test_reference_is_whole():
    s = MAIN["s"]
    assert len(s) == BLOCKS * 1050
    assert (abs(s) > 6000).sum() > 500
    assert ((s.real < 0).sum(), (s.real == 0).sum() > 6000) == (len(s) // 3, True)
    assert len(STRIP["s"]) > 2000
    assert MAIN["y"].min() < -99
    assert MAIN["y"].max() > 29


def test_reference_is_reproduced():
    """A random handful, computed again; and some by mpmath's own parabolic cylinder functions."""
    for k in np.random.default_rng(8).integers(0, len(MAIN["y"]), 8):
        y, d, z, s, *expected = (MAIN[name][k].item() for name in COLUMNS)
        np.testing.assert_allclose([complex(v) for v in reference(y, d, z, s)[:3]], expected, rtol=1e-15)
    usual = (abs(MAIN["y"]) < 5) & (MAIN["d"] < 8) & (MAIN["d"] > 0.5) & (abs(MAIN["s"]) < 30) & (abs(MAIN["s"]) > 0.1)
    for k in np.flatnonzero(usual)[:12]:
        y, d, z, s, first, second, _ = (MAIN[name][k].item() for name in COLUMNS)
        with mpmath.workdps(40):
            at = mpmath.mpc(s)
            (y_0, y_1, y_2), (r_0, r_1, r_2) = (
                [mpmath.exp(v**2 / 2) * mpmath.pcfd(-at - n, -mpmath.sqrt(2) * v) for n in range(3)]
                for v in (mpmath.mpf(y), mpmath.mpf(y) - mpmath.mpf(d))
            )
            whole = y_0 - mpmath.exp(-at * z) * r_0
            assert complex(mpmath.sqrt(2) * at * (y_1 - r_1) / (1 + at) / whole) == pytest.approx(first, rel=1e-14)
            assert complex(at * (at + 1) * (y_2 - r_2) / (2 + at) / whole) == pytest.approx(second, rel=1e-14)


@pytest.mark.parametrize("data", [MAIN, STRIP], ids=["main", "strip"])
def test_response_at_every_point(data):
    """All below 1e-11, 99.9% below 1e-12, for y in [-100, 30], |s| to 12,600 (100 kHz), and Re s to -2."""
    found = errors(data, "response")
    assert np.isfinite(found).all()
    for column in found.T:
        assert column.max() < 1e-11
        assert np.quantile(column, 0.999) < 1e-12


@pytest.mark.parametrize("data", [MAIN, STRIP], ids=["main", "strip"])
def test_first_passage_at_every_point(data):
    found = errors(data, "first passage")
    assert found[:, 0].max() < 1e-11  # of f, per unit of its logarithm
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
