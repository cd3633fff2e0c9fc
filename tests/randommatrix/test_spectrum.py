"""Eigenvalues of given matrices, the radius by growth, the excess of the edge at finite n, memory and files."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp
from scipy.sparse.linalg import aslinearoperator

from meanfield.randommatrix import (
    BlockGaussian,
    Circular,
    Elliptic,
    SparseEI,
    edge_excess,
    growth,
    load_labels,
    load_matrix,
    memory,
    spectrum,
)

NET = SparseEI(sizes=(800, 200), indegree=(40, 10), weight=(0.08, -0.4))


@pytest.fixture(scope="module")
def sparse_matrix():
    return NET.sample(rng=1)


@pytest.fixture(scope="module")
def dense_spectrum(sparse_matrix):
    return spectrum(sparse_matrix, "all")


@pytest.mark.parametrize(("part", "key"), [("modulus", np.abs), ("real", np.real)])
def test_arnoldi_finds_the_outermost_of_the_dense_eigenvalues(sparse_matrix, dense_spectrum, part, key):
    found = spectrum(sparse_matrix, part, k=6)
    assert found.is_converged
    assert (found.residuals < 1e-2).all()
    expected = np.sort(key(dense_spectrum.eigenvalues))[::-1][:6]
    np.testing.assert_allclose(np.sort(key(found.eigenvalues))[::-1], expected, rtol=2e-3)
    if part == "real":
        assert found.abscissa == pytest.approx(dense_spectrum.abscissa, rel=2e-3)
    else:
        assert found.radius == pytest.approx(dense_spectrum.radius, rel=2e-3)


def test_what_has_not_converged_is_said_and_left_out(sparse_matrix):
    found = spectrum(sparse_matrix, "modulus", vectors=14, restarts=1)
    assert not found.is_converged
    assert found.eigenvalues.size < found.asked
    assert abs(found.radius - NET.radius) < 4 * found.bulk.error


def test_outliers_converge_and_the_disc_is_measured_without_them():
    w = SparseEI(sizes=(4000, 1000), indegree=(40, 10), weight=(0.08, -0.08)).sample(rng=2)
    found = spectrum(w, "modulus", restarts=1)
    assert found.eigenvalues[0] == pytest.approx(40 * 0.08 - 10 * 0.08, rel=1e-9)  # fixed in-degrees: exact
    radius = np.sqrt(40 * 0.08**2 * (1 - 40 / 4000) + 10 * 0.08**2 * (1 - 10 / 1000))
    assert abs(found.bulk.radius - radius) < 4 * found.bulk.error < 0.03


def test_a_linear_operator_is_a_matrix_too(sparse_matrix):
    known, unknown = (spectrum(m, "real", k=2, rng=3) for m in (sparse_matrix, aslinearoperator(sparse_matrix)))
    np.testing.assert_allclose(unknown.eigenvalues, known.eigenvalues, rtol=1e-8)
    small = aslinearoperator(np.diag([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(spectrum(small, "all").eigenvalues, [5, 2, 1])


def test_matrices_without_edges():
    assert spectrum(sp.csr_array((50, 50)), "modulus").radius == 0.0
    assert growth(np.diag(np.ones(9), 1)).radius == 0.0  # nilpotent
    assert spectrum(np.diag([3.0, -4.0])).radius == 4.0
    assert spectrum(np.diag([3.0, -4.0])).abscissa == 3.0


@pytest.mark.parametrize(
    "ensemble",
    [
        Circular(0.7),
        BlockGaussian([0.3, 0.7], std=[[0.5, 1.5], [0.9, 0.2]]),
        BlockGaussian([0.5, 0.5], std=[[0.0, 2.0], [1.0, 0.1]]),
    ],
)
def test_growth_is_the_radius_of_independent_entries(ensemble):
    found = growth(ensemble.sample(1000, rng=4), rng=5)
    assert abs(found.radius - ensemble.radius) < 4 * found.error
    assert found.error < 0.03 * ensemble.radius


def test_growth_comes_from_below_where_entries_are_correlated():
    ensemble = Elliptic(std=1.0, reciprocity=0.5)
    found = growth(ensemble.sample(1000, rng=6))
    assert 1.0 < found.radius < ensemble.radius
    assert found.drift > 0


@pytest.mark.parametrize("of", ["modulus", "real"])
@pytest.mark.parametrize("n", [50, 150])
def test_excess_of_the_outermost_eigenvalue(n, of):
    """Means within 0.3, widths within 0.4 of the standard deviation, beside the samples' own error."""
    rng = np.random.default_rng(7)
    values = [np.linalg.eigvals(rng.standard_normal((n, n)) / np.sqrt(n)) for _ in range(4500 // n)]
    largest = np.array([np.abs(v).max() if of == "modulus" else v.real.max() for v in values]) - 1
    law = edge_excess(n, of)
    error = law.std / np.sqrt(largest.size)
    bias = 0.05 if of == "modulus" else 0.3
    assert abs(largest.mean() - law.mean) < 4 * error + bias * law.std
    assert 0.6 * law.std < largest.std() < 1.4 * law.std
    assert law.low < law.mean < law.high


def test_excess_falls_as_the_limit_law():
    """Rider's: sqrt(γ/(4n)), γ = log(n/2π) - 2 log log n, of complex matrices; pairs counted once shift it by log 2."""
    n = 1e12
    gamma = np.log(n / (2 * np.pi)) - 2 * np.log(np.log(n))
    limit = np.sqrt(gamma / (4 * n)) + (np.euler_gamma - np.log(2)) / np.sqrt(4 * n * gamma)
    assert edge_excess(n).mean == pytest.approx(limit, rel=0.02)


def test_memory_is_asked_for_before_it_is_used(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 10**8)
    with pytest.raises(ValueError, match=r"all eigenvalues .* needs 6\.0 GiB .* 0\.1 GiB are free"):
        spectrum(sp.eye_array(20_000, format="csr"), "all")
    with pytest.raises(ValueError, match=r"Arnoldi's basis of 120 vectors of length 1000000 needs 1\.2 GiB"):
        spectrum(sp.eye_array(1_000_000, format="csr"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones((2, 3)), r"matrix must be square, got shape \(2, 3\)"),
        (np.ones(4), "matrix must be square"),
        (np.empty((0, 0)), "at least one row"),
        ([[1.0, np.nan], [0.0, 1.0]], r"matrix must be finite, got nan at index \(0, 1\)"),
        (sp.csr_array([[1.0, 0.0], [np.inf, 1.0]]), r"matrix must be finite, got inf at index \(1, 0\)"),
    ],
)
def test_what_is_no_matrix_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        spectrum(value)


def test_words_are_no_matrix():
    with pytest.raises(TypeError, match="matrix of numbers"):
        spectrum([["a", "b"], ["c", "d"]])
    with pytest.raises(ValueError, match="did you mean 'modulus'"):
        spectrum(np.eye(3), "modulis")


def test_all_formats_hold_the_same_matrix(tmp_path):
    w = sp.random_array((20, 20), density=0.2, rng=np.random.default_rng(8), format="coo")
    np.save(tmp_path / "w.npy", w.toarray())
    np.savez(tmp_path / "dense.npz", w=w.toarray())
    sp.save_npz(tmp_path / "sparse.npz", w)
    scipy.io.mmwrite(tmp_path / "w.mtx", w)
    for name in ("w.npy", "dense.npz", "sparse.npz", "w.mtx"):
        found = load_matrix(tmp_path / name)
        np.testing.assert_allclose(found if isinstance(found, np.ndarray) else found.toarray(), w.toarray())


def test_files_that_hold_no_matrix(tmp_path):
    (tmp_path / "w.npy").write_text("nothing")
    (tmp_path / "w.npz").write_text("nothing")
    (tmp_path / "w.mtx").write_text("nothing")
    np.savez(tmp_path / "two.npz", a=np.eye(2), b=np.eye(2))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    for name, message in (
        ("w.npy", "is no NumPy array"),
        ("w.npz", "is no archive of one matrix"),
        ("w.mtx", "is no Matrix Market file"),
        ("two.npz", "it holds a, b"),
        ("objects.npy", "is no NumPy array"),
        ("w.csv", "there is no such file"),
    ):
        with pytest.raises(ValueError, match=message):
            load_matrix(tmp_path / name)
    (tmp_path / "w.csv").write_text("1,2")
    with pytest.raises(ValueError, match=r"read from \.npy"):
        load_matrix(tmp_path / "w.csv")
    (tmp_path / "labels.txt").write_text("E E I")
    assert load_labels(tmp_path / "labels.txt").tolist() == ["E", "E", "I"]
