"""M + L J R: against the laws that it contains, closed forms, and eigenvalues of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from meanfield.randommatrix import MLJR, Circular, RowColumn


def test_without_structure_it_is_the_circular_law():
    law = MLJR(0.0, std=1.5)
    r = np.array([0.0, 0.4, 1.0, 1.4, 1.6])
    assert law.radius == pytest.approx(1.5)
    assert law.abscissa == pytest.approx(1.5)
    assert law.cdf(r) == pytest.approx(Circular(1.5).cdf(r))
    assert law.density(r) == pytest.approx(Circular(1.5).density(r))
    assert law.critical_std() == pytest.approx(1 / 1.5)
    assert law.contains([1.4j, -1.6]).tolist() == [True, False]


def test_diagonal_l_and_r_are_rows_and_columns():
    row, column = np.linspace(0.3, 2.0, 30), np.linspace(1.5, 0.4, 30)
    known = RowColumn(row, column)
    r = np.linspace(0.1, 0.95, 5) * known.radius
    for law in (MLJR(0.0, row, column), MLJR(0.0, np.diag(row)).with_gain(column, "right")):
        assert law.radius == pytest.approx(known.radius)
        assert law.cdf(r) == pytest.approx(known.cdf(r), abs=1e-10)
        assert law.density(r) == pytest.approx(known.density(r), rel=1e-9)


@pytest.mark.parametrize("w", [0.5, 3.0])
def test_feedforward_pairs(w):
    """<1/s²> = 1/r² + w²/(2 r⁴), so that R² = (1 + sqrt(1 + 2 w²))/2."""
    law = MLJR([[0.0, w], [0.0, 0.0]], repeated=True)
    assert law.radius == pytest.approx(math.sqrt((1 + math.sqrt(1 + 2 * w**2)) / 2))
    r, weights = np.polynomial.legendre.leggauss(40)
    r = 0.5 * law.radius * (r + 1)
    within = 2 * math.pi * r * law.density(r)
    assert 0.5 * law.radius * weights @ within == pytest.approx(1.0, abs=1e-6)
    h = 1e-4
    slope = (law.cdf(r[20] + h) - law.cdf(r[20] - h)) / (2 * h)
    assert within[20] == pytest.approx(slope, rel=1e-6)


def test_a_long_chain_fills_the_disc_beyond_its_weight():
    """<1/s²> of an endless chain is std²/(r² - w²); a finite one lacks terms at its ends."""
    radii = [MLJR(np.diag(np.full(n - 1, 1.0), 1), std=0.5, repeated=True).radius for n in (10, 20, 40)]
    gaps = math.sqrt(1.25) - np.array(radii)
    assert gaps[0] > 1.8 * gaps[1] > 0
    assert gaps[1] > 1.8 * gaps[2] > 0


def excitation_and_inhibition():
    """Schur form of excitatory-inhibitory pairs: small eigenvalues, large feedforward weight."""
    return MLJR(np.array([[0.3, 2.5], [0.0, -0.6]]), left=[1.0, 0.5], right=[0.8, 1.3], std=0.7, repeated=True)


def test_eigenvalues_of_a_sample_follow_the_law():
    law, n = excitation_and_inhibition(), 700
    values = np.linalg.eigvals(law.sample(n, rng=2))
    for r in (0.4, 0.8, 1.1):
        assert law.cdf(r) == pytest.approx((np.abs(values) < r).mean(), abs=1 / math.sqrt(n))
    assert np.abs(values).max() == pytest.approx(law.radius, rel=0.05)
    assert values.real.max() == pytest.approx(law.abscissa, rel=0.05)
    x, y = np.meshgrid(np.linspace(0.0, 1.6, 33)[:-1] + 0.025, np.linspace(-1.6, 1.6, 65)[:-1] + 0.025)
    right_half = law.density(x + 1j * y).sum() * 0.05**2  # the law is not that of a disc
    assert right_half == pytest.approx((values.real > 0).mean(), abs=1.5 / math.sqrt(n))


def test_islands_about_two_eigenvalues():
    law = MLJR(np.diag([0.0, 3.0]), std=0.8, repeated=True)
    assert law.cdf(1.5) == pytest.approx(0.5, abs=1e-9)
    assert not law.contains(1.5)
    assert law.contains([0.2, 2.8]).all()
    assert len(law.outliers) == 0


def test_an_isolated_eigenvalue_is_an_outlier_only_if_single():
    u = np.full((40, 1), 1 / math.sqrt(40))
    law = MLJR(2.0 * u @ u.T, std=1.0)
    assert law.outliers == pytest.approx([2.0])
    assert law.radius == pytest.approx(math.sqrt(39 / 40))
    assert law.abscissa == pytest.approx(2.0)
    assert law.critical_coupling(gain=0.25) == pytest.approx(2.0)
    inside = MLJR(0.8 * u @ u.T, std=1.0)
    assert len(inside.outliers) == 0
    assert "not below 1" in inside.candidates[0].why


def test_critical_std_puts_the_support_at_the_edge():
    law = excitation_and_inhibition()
    factor = law.critical_std(gain=0.5)
    at = MLJR(law.mean, law.left, law.right, law.std * factor, repeated=True)
    assert at.abscissa == pytest.approx(2.0, rel=1e-6)
    assert at.critical_coupling(0.5) == pytest.approx(1.0, rel=1e-6)
    assert law.critical_std(gain=4.0) == 0.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MLJR(np.ones((2, 3))), r"mean must be a square matrix of 2 neurons, got shape \(2, 3\)"),
        (lambda: MLJR(np.eye(2), left=[1.0, 0.0]), "left must be invertible"),
        (lambda: MLJR(np.eye(2), right=[1.0, 2.0, 3.0]), "must be a square matrix of 3 neurons|must have shape"),
        (lambda: MLJR([[math.nan]]), "mean must be finite, got nan"),
        (lambda: MLJR(0.0, std=0.0), r"std must be positive, got 0\.0"),
        (lambda: MLJR([1.0, 2.0]), "mean must be a square matrix or a number"),
        (lambda: MLJR(np.eye(3)).sample(6), "n must be the size of mean, 3, got 6"),
        (lambda: MLJR(np.eye(3), repeated=True).sample(7), "n must be a multiple of the size of mean, 3, got 7"),
        (lambda: MLJR(0.0).density(math.inf), "z must be finite"),
        (lambda: MLJR(0.0).cdf(-1.0), r"r must not be negative, got -1\.0"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()
