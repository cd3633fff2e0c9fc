"""Collocation on panels, solved side by side without pivots, beside dense linear algebra."""

from math import factorial

import numpy as np
import pytest

from meanfield.neurons.panels import INTEGRATE, POINTS, N, collocate, collocate_complex

PANELS = 70  # more than are solved at once, and no multiple of it


def case(stiffest):
    """(a, h, f, right side): drifts up to `stiffest` over a panel, some of them negative and as slow as panels are."""
    rng = np.random.default_rng(1)
    a, h = 3.0, rng.uniform(0.1, 1.0, PANELS)
    exponent = 10.0 ** rng.uniform(-2.0, np.log10(stiffest), PANELS)
    exponent[::3] = -rng.uniform(0.0, 1.5, exponent[::3].size)
    f = exponent / (a * h) * np.exp(0.5 * np.outer(POINTS, rng.uniform(-1, 1, PANELS)))
    return a, h, f, rng.uniform(-1, 1, (2, N, PANELS))


@pytest.mark.parametrize("stiffest", [10.0, 1e8])
def test_real_panels(stiffest):
    a, h, f, right = case(stiffest)
    found = right.copy()
    collocate(a, h, f, found)
    for k in range(PANELS):
        matrix = np.eye(N) + a * h[k] * INTEGRATE * f[:, k]
        expected = np.linalg.solve(matrix, right[:, :, k].T).T
        np.testing.assert_allclose(found[:, :, k], expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("s", [0.0j, 2.0j, -0.5 + 1.0j, 30.0 + 400.0j])
def test_complex_panels(s):
    a, h, f, right = case(1e4)
    h = np.minimum(h, 1.5 / np.sqrt(a * abs(s) + 1e-300))  # as panels are
    real, imaginary = right.copy(), np.zeros_like(right)
    collocate_complex(a, s, h, f, real, imaginary)
    for k in range(PANELS):
        matrix = np.eye(N) + a * h[k] * (INTEGRATE * f[:, k] - h[k] * s * INTEGRATE @ INTEGRATE)
        expected = np.linalg.solve(matrix, right[:, :, k].T).T
        np.testing.assert_allclose((real + 1j * imaginary)[:, :, k], expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("h", [0.5, 5.0, 50.0])
def test_the_far_end_is_the_approximant_of_pade(h):
    """Of e^-h by polynomials of degree 7 over 8, and so of order 15 (Hairer & Wanner, sec. IV.3)."""

    def polynomial(degree, x):
        others = 2 * N - 1
        return sum(
            factorial(others - i)
            * factorial(degree)
            * x**i
            / (factorial(others) * factorial(i) * factorial(degree - i))
            for i in range(degree + 1)
        )

    rows = np.ones((1, N, 1))
    collocate(1.0, np.array([h]), np.ones((N, 1)), rows)
    assert rows[0, -1, 0] == pytest.approx(polynomial(N - 1, -h) / polynomial(N, h), rel=1e-9, abs=1e-14)
