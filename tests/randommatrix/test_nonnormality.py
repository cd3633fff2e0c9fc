"""Numerical abscissa, departure from normality, pseudospectra, Kreiss constant and transients, beside the theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.linalg import expm
from scipy.sparse.linalg import aslinearoperator

from meanfield.randommatrix import (
    Circular,
    Resolvent,
    henrici_departure,
    kreiss_bound,
    mean_energy,
    numerical_abscissa,
    pseudospectrum,
    transient,
)

G = 0.9
N = 200


@pytest.fixture(scope="module")
def matrix():
    return Circular(G).sample(N, rng=1)


def test_numerical_abscissa_of_the_circular_law(matrix):
    assert numerical_abscissa(matrix) == pytest.approx(math.sqrt(2) * G, rel=3 * N ** (-2 / 3))
    assert numerical_abscissa(sp.csr_array(matrix)) == pytest.approx(numerical_abscissa(matrix), rel=1e-8)


def test_departure_from_normality(matrix):
    assert henrici_departure(matrix) == pytest.approx(1 / math.sqrt(2), abs=0.02)
    rotation, _ = np.linalg.qr(matrix)
    assert henrici_departure(rotation) < 1e-6
    assert henrici_departure(np.zeros((3, 3))) == 0.0
    assert henrici_departure(sp.csr_array(np.diag(np.ones(9), 1))) == 1.0


@pytest.mark.parametrize("z", [0.3, 1.0, 1.2, 0.5 + 0.5j, -3.0, 1j])
def test_smallest_singular_value(matrix, z):
    expected = np.linalg.svd(z * np.eye(N) - matrix, compute_uv=False)[-1]
    assert Resolvent(matrix).sigma(z) == pytest.approx(expected, rel=1e-4)


def test_the_resolvent_of_a_normal_matrix_is_the_distance():
    values = np.array([1.0, -2.0, 0.5])
    found = pseudospectrum(np.diag(values), np.linspace(-3, 2, 7), [-1.0, 0.0, 1.0])
    z = found.real + 1j * found.imag[:, None]
    np.testing.assert_allclose(found.sigma, np.abs(z[..., None] - values).min(axis=-1), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(found.sigma[0], found.sigma[2])
    assert found.abscissa(1e-300) == -math.inf


def test_pseudospectra_of_a_complex_matrix_are_not_mirrored():
    found = pseudospectrum(np.diag([1j, 2j]), [0.0], [-1.0, 1.0])
    np.testing.assert_allclose(found.sigma[:, 0], [2.0, 0.0], atol=1e-14)


def test_resolvent_of_the_circular_law_outside_the_disc(matrix):
    """‖(z-W)^{-1}‖_F²/n = 1/(|z|² - g²) there."""
    z = 1.3
    inverse = np.linalg.inv(z * np.eye(N) - matrix)
    assert np.linalg.norm(inverse) ** 2 / N == pytest.approx(1 / (z**2 - G**2), rel=0.05)
    assert Resolvent(matrix).norm(z) == pytest.approx(np.linalg.norm(inverse, 2), rel=1e-4)


def test_kreiss_bound_is_below_the_largest_transient(matrix):
    bound, z = kreiss_bound(matrix)
    assert z.real > 0
    assert 1.0 < bound <= transient(matrix, np.linspace(0, 8, 81)).amplification * (1 + 1e-4)


def test_kreiss_constant_of_a_feedforward_pair():
    """Of [[0, b], [0, 0]] the resolvent is explicit: maximise x σ_max/(x+1)²."""
    b = 30.0
    x = np.geomspace(1e-2, 1e2, 20_001)
    blocks = (
        np.stack([x + 1, np.full_like(x, b), 0 * x, x + 1], axis=1).reshape(-1, 2, 2) / ((x + 1) ** 2)[:, None, None]
    )
    expected = (x * np.linalg.norm(blocks, 2, axis=(1, 2))).max()
    assert kreiss_bound([[0.0, b], [0.0, 0.0]])[0] == pytest.approx(expected, rel=1e-3)


def test_kreiss_bound_of_normal_and_of_unstable_matrices():
    assert kreiss_bound(np.diag([-1.0, 0.5]))[0] == 1.0
    assert kreiss_bound(np.diag([2.0, 0.0]))[0] == math.inf


def test_transients_have_the_energy_of_the_theory(matrix):
    times = np.linspace(0, 2, 9)
    found = transient(matrix, times)
    np.testing.assert_allclose(found.energy, Circular(G).transient(times), rtol=0.1, atol=1e-3)
    slope = np.diff(np.log(transient(matrix, [0.0, 1e-4]).norm))[0] / 1e-4
    assert slope == pytest.approx(numerical_abscissa(matrix) - 1, abs=1e-3)


def test_transients_of_a_sparse_matrix_by_random_starts(matrix):
    mean, error = mean_energy(sp.csr_array(matrix), [0.0, 1.0, 2.0], rng=2)
    exact = transient(matrix, [0.0, 1.0, 2.0]).energy
    assert (np.abs(mean - exact) <= 4 * error + 1e-12).all()


def test_norm_of_a_transient_by_iteration_is_the_svd():
    w = Circular(0.8).sample(320, rng=3)  # above the size where the norm is iterated
    assert transient(w, [2.0]).norm[0] == pytest.approx(np.linalg.norm(expm(2 * (w - np.eye(320))), 2), rel=1e-6)


def test_bad_input():
    with pytest.raises(ValueError, match="times must be a list that rises"):
        transient(np.eye(2), [1.0, 0.5])
    with pytest.raises(ValueError, match="LinearOperator does not tell"):
        numerical_abscissa(aslinearoperator(np.eye(3)))
