"""A given matrix against the law: statistics, predictions with their errors, verdicts."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from meanfield.randommatrix import BlockGaussian, Circular, Elliptic, SparseEI, analyse, edge_excess, fit_blocks, growth

BLOCKS = BlockGaussian([0.7, 0.3], mean=[[3.2, -2.0], [2.0, -2.5]], std=[[0.5, 0.9], [0.4, 1.1]])
LABELS = np.repeat([0, 1], [210, 90])


@pytest.fixture(scope="module")
def matrix():
    return BLOCKS.sample(300, rng=1)


def test_moments_of_blocks_are_those_of_the_ensemble(matrix):
    found = fit_blocks(matrix, LABELS)
    assert (np.abs(found.mean - BLOCKS.mean) < 4 * found.mean_error).all()
    assert (np.abs(found.std**2 / BLOCKS.std**2 - 1) < 4 * found.variance_error).all()
    np.testing.assert_allclose(found.variance_error, np.sqrt(2 / np.outer([210, 90], [210, 90])), rtol=0.15)
    np.testing.assert_allclose(found.reciprocity, 0.0, atol=0.06)
    np.testing.assert_array_equal(found.probability, 1.0)


def test_moments_do_not_depend_on_storage_or_on_order(matrix):
    dense, sparse = fit_blocks(matrix, LABELS), fit_blocks(sp.csr_array(matrix), LABELS)
    order = np.random.default_rng(2).permutation(300)
    mixed = fit_blocks(matrix[np.ix_(order, order)], LABELS[order])
    for name in ("mean", "std", "variance_error", "reciprocity", "dispersion"):
        np.testing.assert_allclose(getattr(sparse, name), getattr(dense, name), rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(getattr(mixed, name), getattr(dense, name), rtol=1e-8, atol=1e-12)


def test_prediction_and_spectrum_agree(matrix):
    found = analyse(matrix, LABELS)
    assert abs(found.radius - BLOCKS.radius) < 4 * found.radius_error
    (predicted,), (actual,) = found.outliers, found.actual_outliers
    assert abs(actual - predicted) < 4 * found.outlier_errors[0]
    assert found.distance < 1.5 / np.sqrt(300)
    assert (found.verdict, found.is_stable) == ("rates unstable", False)


def test_errors_are_those_of_repeated_samples():
    ensemble, n = Circular(0.8, mean=1.2), 200
    results = [analyse(ensemble.sample(n, rng=k)) for k in range(40)]
    radii = np.array([r.radius for r in results])
    assert radii.std() == pytest.approx(results[0].radius_error, rel=0.4)
    gaps = np.array([np.abs(r.spectrum.eigenvalues - r.outliers[0]).min() for r in results if r.outliers.size])
    assert np.sqrt(np.mean(gaps**2)) == pytest.approx(np.mean([r.outlier_errors[0] for r in results]), rel=0.35)
    edges = np.array([np.sort(np.abs(r.spectrum.eigenvalues))[-2] for r in results])
    law = results[0].excess
    assert edges.mean() == pytest.approx(0.8 * (1 + law.mean), abs=0.8 * law.std)


def test_gain_scales_the_columns(matrix):
    gains = np.linspace(0.5, 1.5, 300)
    assert analyse(matrix, LABELS, 2.0).radius == pytest.approx(2 * analyse(matrix, LABELS).radius)
    by_hand = analyse(matrix * gains, LABELS)
    found = analyse(sp.csr_array(matrix), LABELS, gains)
    assert found.radius == pytest.approx(by_hand.radius)
    np.testing.assert_allclose(np.sort(found.spectrum.eigenvalues.real), np.sort(by_hand.spectrum.eigenvalues.real))


@pytest.mark.parametrize(("g", "verdict"), [(0.8, "inside"), (1.0, "undecided"), (1.25, "beyond")])
def test_verdicts_on_either_side_of_the_edge(g, verdict):
    assert analyse(Circular(g).sample(500, rng=3)).verdict == verdict


def test_verdicts_are_seldom_wrong():
    """At any g, a matrix that is called inside is unstable in less than 5 of 100 cases, and the reverse."""
    wrong = 0
    for k, g in enumerate(np.linspace(0.85, 1.2, 60)):
        found = analyse(Circular(g).sample(150, rng=k))
        wrong += (found.verdict == "inside" and not found.is_stable) or (found.verdict == "beyond" and found.is_stable)
    assert wrong <= 3


def test_reciprocity_makes_an_ellipse():
    ensemble = Elliptic(std=0.6, reciprocity=0.4)
    found = analyse(ensemble.sample(500, rng=4))
    np.testing.assert_allclose(found.half_axes, ensemble.axes, rtol=0.02)
    assert found.distance < 1.5 / np.sqrt(500)
    assert "correlated by τ = 0.4" in found.remarks[0]


def test_a_diagonal_moves_the_centre():
    w = Circular(0.5).sample(300, rng=5)
    found = analyse(w - 1.5 * np.eye(300))
    assert found.blocks.centre == pytest.approx(-1.5, abs=0.02)
    assert found.edge == pytest.approx(analyse(w).edge - 1.5, abs=0.02)
    assert not found.actual_outliers.size


def test_sparse_networks_show_how_they_were_connected():
    settings = {"sizes": (400, 100), "indegree": (40, 10), "weight": (0.05, -0.25)}
    labels = np.repeat(["E", "I"], [400, 100])
    fixed, random = (
        analyse(SparseEI(**settings, rule=rule).sample(rng=6), labels) for rule in ("fixed indegree", "erdos-renyi")
    )
    np.testing.assert_allclose(fixed.blocks.dispersion, 0.0, atol=0.02)
    assert fixed.blocks.ensemble.zero_row_sum
    np.testing.assert_allclose(random.blocks.dispersion, 1.0, atol=0.3)
    np.testing.assert_allclose(random.blocks.probability, 0.1, atol=0.01)
    law = SparseEI(**settings)
    for found in (fixed, random):
        assert abs(found.radius - law.radius) < 0.05 * law.radius
    assert fixed.blocks.names == ("E", "I")


def test_in_degrees_that_vary_more_are_remarked():
    rng = np.random.default_rng(7)
    p = np.clip(rng.gamma(2.0, 0.05, 200), 0, 1)
    w = sp.csr_array((rng.random((200, 200)) < p[:, None]) * 0.05)
    assert any("in-degrees vary" in remark for remark in analyse(w).remarks)


def test_large_matrices_are_judged_by_their_edge():
    net = SparseEI(sizes=(6400, 1600), indegree=(40, 10), weight=(0.05, -0.2))
    found = analyse(net.sample(rng=8), np.repeat([0, 1], [6400, 1600]))
    assert found.spectrum.part == "real"
    assert found.distance is None
    assert found.verdict == "inside"
    assert abs(found.spectrum.bulk.radius - found.radius) < 4 * found.spectrum.bulk.error + 4 * found.radius_error


def test_edge_cases():
    nothing = analyse(np.zeros((20, 20)))
    assert (nothing.radius, nothing.verdict, nothing.is_stable) == (0.0, "inside", True)
    assert growth(np.zeros((5, 5))).radius == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.eye(20), [0, 1]), r"labels must be one a neuron, 20, got shape \(2,\)"),
        ((np.eye(20), [0] * 19 + [1]), "at least 2 neurons, got 1 of class '1'"),
        ((np.eye(20), [np.nan] * 20), "labels must be finite"),
        ((np.eye(20), None, np.ones(3)), r"gain must have shape \(20,\)"),
        ((np.eye(5),), "at least 10 rows"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        analyse(*arguments)


def test_complex_matrices_have_no_such_law():
    with pytest.raises(TypeError, match="must be real"):
        analyse(1j * np.eye(20))


@pytest.mark.parametrize("tau", [0.5, -0.5])
def test_the_edge_of_an_ellipse_at_finite_size(tau):
    """Mean of the outermost eigenvalue of 40 matrices, within its error and 0.3 standard deviations of one."""
    ensemble = Elliptic(1.0, tau)
    values = [np.linalg.eigvals(ensemble.sample(150, rng=seed)) for seed in range(40)]
    for of, law, measured in (
        ("modulus", ensemble.radius, [np.abs(v).max() for v in values]),
        ("real", ensemble.bulk_abscissa, [v.real.max() for v in values]),
    ):
        excess = ensemble.edge_excess(150, of)
        std = np.std(measured, ddof=1)
        assert abs(np.mean(measured) - law * (1 + excess.mean)) < (3 / 40**0.5 + 0.3) * std
        assert excess.low < excess.mean < excess.high


def test_a_disc_is_an_ellipse_of_equal_axes_and_a_line_has_no_edge():
    for of in ("modulus", "real"):
        assert edge_excess(500, of, ratio=1.0 + 1e-9).mean == pytest.approx(edge_excess(500, of).mean, rel=1e-5)
        assert Elliptic(0.7, 0.0).edge_excess(500, of) == edge_excess(500, of)
    with pytest.raises(ValueError, match="all eigenvalues on a line"):
        Elliptic(1.0, 1.0).edge_excess(500)
    with pytest.raises(ValueError, match="too narrow for the law of the edge at n = 100"):
        Elliptic(1.0, 0.9).edge_excess(100)
