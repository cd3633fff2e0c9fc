"""Kernels against 50-digit values, at 24,000 points and the named traps; no tolerance but the promised one."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from mpmath import mp

from meanfield import special
from meanfield.special import reference
from meanfield.special.make_tables import SecondMoment
from meanfield.special.polynomials import TABLES
from tests.reference import make_kernels

TAU_M, T_REF = make_kernels.TAU_M, make_kernels.T_REF
SMALLEST = 1e-300  # Hz; below it the doubles themselves run out


@pytest.fixture(scope="module")
def values() -> dict[str, np.ndarray]:
    with np.load(Path(make_kernels.PATH)) as file:
        return {name: file[name] for name in file.files}


def worst(computed, exact) -> float:
    return float(np.max(np.abs(computed - exact) / np.abs(exact)))


def test_points_cover_the_domain_and_the_traps(values):
    y, d = values["y"], values["d"]
    assert y.size >= 20_000
    assert y.min() < -9000
    assert y.max() > 36.9
    assert d.min() < 2e-8
    assert d.max() > 9e3
    assert np.sum(y == 0) > 100
    assert np.sum(y - d == 0) > 100
    assert np.sum((d == 2 * y) & (y > 0)) > 100


def test_scaled_integral(values):
    assert worst(special.scaled_siegert_integral(values["y"], values["d"]), values["integral"]) <= 1e-14


@pytest.mark.parametrize(("t_ref", "name"), [(0.0, "rate"), (T_REF, "rate_ref")])
def test_rate_down_to_1e_300(values, t_ref, name):
    normal = values[name] > SMALLEST
    assert np.sum(values[name] < 1e-200) > 100  # the far tail is among the points
    computed = special.rate(values["y"], values["d"], TAU_M, t_ref)
    assert worst(computed[normal], values[name][normal]) <= 1e-14


@pytest.mark.parametrize(("t_ref", "name"), [(0.0, "log_rate"), (T_REF, "log_rate_ref")])
def test_log_rate_everywhere(values, t_ref, name):
    computed = special.log_rate(values["y"], values["d"], TAU_M, t_ref)
    assert values[name].min() < -1300  # far below the logarithm of the smallest double
    # a logarithm near 0 has no relative digits: an absolute error of 1e-14 is that of the rate
    assert np.max(np.abs(computed - values[name]) / np.maximum(np.abs(values[name]), 1.0)) <= 1e-14


@pytest.mark.parametrize(("position", "name"), [(0, "by_mu_ref"), (1, "by_sigma_ref")])
def test_gains(values, position, name):
    normal = values["rate_ref"] > SMALLEST
    computed = special.gains(values["y"], values["d"], TAU_M, T_REF)[position]
    assert worst(computed[normal], values[name][normal]) <= 1e-14


@pytest.mark.parametrize(("t_ref", "name"), [(0.0, "cv"), (T_REF, "cv_ref")])
def test_cv(values, t_ref, name):
    assert worst(special.isi_cv(values["y"], values["d"], TAU_M, t_ref), values[name]) <= 1e-13


def test_cv_against_the_double_integral(values):
    computed = special.isi_cv(values["cv_y"], values["cv_d"], TAU_M, T_REF)
    assert worst(computed, values["cv_quadrature"]) <= 1e-13


def test_stored_values_are_what_the_script_computes_today(values):
    """A random part of the file, computed again: the file is neither stale nor taken from the kernels."""
    with mp.workdps(60):
        moment = SecondMoment(26)
    for k in np.random.default_rng().choice(values["y"].size, 40, replace=False):
        row = make_kernels.values(float(values["y"][k]), float(values["d"][k]), moment)
        stored = [values[name][k] for name in make_kernels.COLUMNS]
        np.testing.assert_allclose(row, stored, rtol=3e-16)


@pytest.mark.parametrize(("y", "d"), [(0.5, 1.0), (-3.0, 4.0), (8.0, 3.0), (30.0, 0.5), (-200.0, 50.0), (2.0, 1e-6)])
def test_reference_closed_form_is_the_definition(y, d):
    with mp.workdps(30):
        by_quadrature = reference.siegert_integral_by_quadrature(y, d)
        assert abs(reference.siegert_integral(y, d) / by_quadrature - 1) < mp.mpf("1e-22")


def test_tables_are_what_the_script_makes():
    """One row of every table, made again."""
    from meanfield.special import make_tables as tables

    with mp.workdps(60):
        for name, function in (("erfcx", tables.erfcx), ("erfcx_int", tables.erfcx_int), ("f_int", tables.f_int)):
            for i in (0, 63, 127):
                width = mp.mpf(tables.EDGE) / tables.PIECES
                made = tables.fit(function, i * width, (i + 1) * width, tables.DEGREE)
                assert made == TABLES[name][i].tolist()


def test_derivatives_of_the_rate_are_the_gains():
    """sigma d rate/d mu = -d rate/d y at a fixed dy; sigma d rate/d sigma = -(y d/dy + dy d/d dy) rate."""
    with mp.workdps(40):
        for y, d in [(1.0, 2.0), (-2.0, 1.0), (5.0, 3.0)]:
            by_y = mp.diff(lambda u, d=d: reference.rate(u, d, TAU_M, T_REF), y)
            by_d = mp.diff(lambda u, y=y: reference.rate(y, u, TAU_M, T_REF), d)
            by_mu, by_sigma = special.gains(y, d, TAU_M, T_REF)
            assert by_mu == pytest.approx(float(-by_y), rel=1e-13)
            assert by_sigma == pytest.approx(float(-(y * by_y + d * by_d)), rel=1e-13)


def test_limits_of_the_cv():
    assert special.isi_cv(12.0, 20.0, TAU_M) == pytest.approx(1.0, abs=1e-12)  # rare escapes are a Poisson process
    # far above threshold, a perfect integrator: CV² = sigma²/(2 mu) ... /(v_th - v_r) -> d/(2 y²)
    y, d = -1e4, 1e-2
    assert special.isi_cv(y, d, TAU_M) ** 2 == pytest.approx(1 / (-y * d), rel=1e-3)


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(
    y=st.floats(-1e12, 1e3), log_d=st.floats(-30, 12), tau_m=st.floats(1e-4, 1.0), t_ref=st.floats(0.0, 0.1)
)
def test_no_nan_and_no_surprise_anywhere(y, log_d, tau_m, t_ref):
    d = 10.0**log_d
    rate = special.rate(y, d, tau_m, t_ref)
    assert rate >= 0
    assert rate <= (1 / t_ref if t_ref > 0 else np.inf) * (1 + 4e-16)
    assert np.isfinite(special.log_rate(y, d, tau_m, t_ref))
    by_mu, by_sigma = special.gains(y, d, tau_m, t_ref)
    assert by_mu >= 0
    assert by_sigma >= 0
    assert special.isi_cv(y, d, tau_m, t_ref) >= 0
    assert special.rate(y + 0.1, d, tau_m, t_ref) <= rate * (1 + 1e-14)  # a higher threshold slows


def test_scalars_in_floats_out_and_arrays_broadcast():
    assert type(special.rate(1.0, 2.0, 0.02)) is float
    assert type(special.siegert_integral(1.0, 2.0)) is float
    assert special.rate(np.zeros((3, 1)), [1.0, 2.0], 0.02).shape == (3, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1.0, 0.0, 0.02), "dy must be positive, got 0.0"),
        ((np.nan, 1.0, 0.02), "y_th must be finite, got nan"),
        ((1.0, 1.0, -0.02), "tau_m must be positive, got -0.02 s"),
        ((1.0, 1.0, 0.02, -1.0), "t_ref must not be negative, got -1.0 s"),
        (([1.0, 2.0], [1.0, 2.0, 3.0], 0.02), "must broadcast"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        special.rate(*arguments)
