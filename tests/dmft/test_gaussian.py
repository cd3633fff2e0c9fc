"""Gaussian averages: against tensor quadrature, closed forms, and each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from meanfield.dmft.gaussian import kernel, moments
from meanfield.dmft.nonlinearities import ERF, TANH, THRESHOLD_LINEAR, PiecewiseLinear, Smooth, nonlinearity, saturating

LOGISTIC = Smooth("logistic", lambda x: 1 / (1 + np.exp(-x)), lambda x: 0.25 / np.cosh(x / 2) ** 2)
SMOOTH = [(TANH, 0.0), (TANH, 0.4), (ERF, 0.0), (ERF, -0.3), (LOGISTIC, 0.0), (LOGISTIC, 1.5)]
BENT = [(THRESHOLD_LINEAR, 0.0), (THRESHOLD_LINEAR, -0.7), (saturating(-0.5, 1.0), 0.2)]


def tensor_average(function, mean, variance, c):
    """<function(x) function(y)>, by a trapezoidal rule in the common and the private part."""
    z = np.linspace(-8.5, 8.5, 801)
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    inner = function(mean + np.sqrt(c) * z[:, None] + np.sqrt(variance - c) * z) @ weight
    return weight @ inner**2


@pytest.mark.parametrize(("phi", "mean"), SMOOTH)
@pytest.mark.parametrize("variance", [0.05, 1.0, 9.0])
def test_smooth_kernels_are_tensor_quadratures(phi, mean, variance):
    found = kernel(phi, mean, variance)
    for part in (0.2, 0.8):
        c = part * variance
        assert float(found.value(np.array(c))) == pytest.approx(tensor_average(phi.value, mean, variance, c), abs=1e-12)
        assert float(found.slope(np.array(c))) == pytest.approx(tensor_average(phi.slope, mean, variance, c), abs=1e-12)


@pytest.mark.parametrize(("phi", "mean"), SMOOTH + BENT)
def test_at_full_correlation_kernels_are_moments(phi, mean):
    found = kernel(phi, mean, 2.0)
    average, square, slope = moments(phi, mean, 2.0)
    assert found.mean == pytest.approx(average, abs=1e-14)
    assert float(found.value(np.array(0.0))) == pytest.approx(average**2, abs=1e-14)
    assert float(found.value(np.array(2.0))) == pytest.approx(square, rel=1e-11)
    assert float(found.slope(np.array(2.0))) == pytest.approx(slope, rel=1e-10)


@pytest.mark.parametrize(("phi", "mean"), SMOOTH + BENT)
def test_price_theorem(phi, mean):
    """Slope and integral are those of the value."""
    found = kernel(phi, mean, 1.5)
    for end in (0.3, 1.2, 1.5):
        area, _ = quad(lambda c: float(found.value(np.array(c))), 0.0, end, epsabs=1e-13)
        rise, _ = quad(lambda c: float(found.slope(np.array(c))), 0.0, end, epsabs=1e-13)
        assert float(found.integral(np.array(end))) == pytest.approx(area, abs=1e-11)
        difference = found.value(np.array(end)) - found.value(np.array(0.0))
        assert float(difference) == pytest.approx(rise, abs=1e-9)


def test_arc_cosine_law():
    rho = np.array([0.0, 0.3, 0.9, 1.0])
    law = (np.sqrt(1 - rho**2) + rho * (np.pi - np.arccos(rho))) / (2 * np.pi)
    np.testing.assert_allclose(kernel(THRESHOLD_LINEAR, 0.0, 3.0).value(3.0 * rho), 3.0 * law, rtol=1e-13)


@pytest.mark.parametrize(("phi", "mean"), BENT)
def test_moments_of_what_bends(phi, mean):
    def average(function):
        edges = [mean - 14, *phi.knots, mean + 14]
        density = [
            quad(lambda x: function(x) * np.exp(-((x - mean) ** 2) / 4) / np.sqrt(4 * np.pi), a, b, epsabs=1e-13)[0]
            for a, b in itertools.pairwise(edges)
        ]
        return sum(density)

    expected = [average(phi.value), average(lambda x: phi.value(x) ** 2), average(lambda x: phi.slope(x) ** 2)]
    np.testing.assert_allclose(moments(phi, mean, 2.0), expected, rtol=1e-9)


def test_a_bend_in_a_smooth_function_is_refused():
    bent = nonlinearity((lambda x: np.maximum(x - 0.01, 0.0), lambda x: (x > 0.01) * 1.0))
    with pytest.raises(ValueError, match=r"not smooth enough.*PiecewiseLinear"):
        kernel(bent, 0.0, 1.0)


def test_bad_nonlinearities_are_one_clear_line():
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    for wrong, error, words in (
        (np.tanh, TypeError, "phi lacks its derivative"),
        ((np.tanh, np.tanh), ValueError, "the derivative of phi is"),
        ((lambda x: x / 0.0 if np.ndim(x) == 0 else np.full(x.shape, np.nan), np.cos), ValueError, "must be finite"),
        ((lambda x: 1.0, np.cos), ValueError, "array of the shape"),
        ("tan", ValueError, "did you mean 'tanh'"),
        (sympy.tanh(x * y), ValueError, "in one symbol"),
        (sympy.Function("F")(x), ValueError, "lacks its derivative"),
        (sympy.Abs(x), ValueError, "must be smooth"),
        (3, TypeError, "phi must be a name"),
    ):
        with pytest.raises(error, match=words):
            nonlinearity(wrong)
    with pytest.raises(ValueError, match="ascending"):
        PiecewiseLinear("bad", (1.0, 0.0), (1.0, 1.0))
    with pytest.raises(ValueError, match="bends must be one for each"):
        PiecewiseLinear("bad", (0.0,), (1.0, 1.0))


def test_a_symbolic_tanh_is_tanh():
    sympy = pytest.importorskip("sympy")
    phi = nonlinearity(sympy.tanh(sympy.Symbol("x")))
    np.testing.assert_allclose(phi.slope(np.linspace(-3, 3, 7)), TANH.slope(np.linspace(-3, 3, 7)), rtol=1e-12)
