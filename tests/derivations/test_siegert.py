"""Rate, gains, density and CV as derived, against the kernels."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, special

import meanfield as mf
from meanfield.derivations import derive
from meanfield.units import ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)

POINTS = [(15 * mV, 5 * mV), (19 * mV, 2 * mV), (22 * mV, 6 * mV), (10 * mV, 8 * mV)]
OF_LIF = {"V_th": LIF.v_th, "V_r": LIF.v_reset, "tau_m": LIF.tau_m}


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_siegert_rate_and_gains(mu, sigma):
    derivation = derive("siegert")
    rate = derivation.function("rate")(mu=mu, sigma=sigma, t_ref=LIF.t_ref, **OF_LIF)
    assert rate == pytest.approx(LIF.rate(mu, sigma), rel=1e-9)
    gains = [derivation.function(name)(mu=mu, sigma=sigma, nu=rate, **OF_LIF) for name in ("gain_mu", "gain_sigma")]
    np.testing.assert_allclose(gains, LIF.gain(mu, sigma), rtol=1e-7)  # the formula's 1 + erf cancels at y_r = -4.5


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_stationary_density_is_normalised_and_has_the_flux(mu, sigma):
    y_th, y_r = (LIF.v_th - mu) / sigma, (LIF.v_reset - mu) / sigma
    nu = LIF.rate(mu, sigma)
    numbers = {"nu": nu, "tau_m": LIF.tau_m, "y_th": y_th}
    above, below = (derive("siegert").function(name) for name in ("density", "density_below"))
    mass = integrate.quad(lambda u: above(u=u, **numbers), y_r, y_th)[0]
    mass += integrate.quad(lambda u: below(u=u, y_r=y_r, **numbers), -np.inf, y_r)[0]
    assert mass == pytest.approx(1 - nu * LIF.t_ref, rel=1e-8)
    assert above(u=y_th, **numbers) == pytest.approx(0, abs=1e-12)
    slope = -above(u=y_th - 1e-6, **numbers) / 1e-6
    assert -slope / 2 == pytest.approx(nu * LIF.tau_m, rel=1e-4)


def test_without_noise():
    numbers = {"mu": 25 * mV, "t_ref": LIF.t_ref, **OF_LIF}
    assert derive("siegert").function("rate_noiseless")(**numbers) == pytest.approx(LIF.rate(25 * mV, 0.0), rel=1e-12)


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_cv(mu, sigma):
    """The inner integral from -8 on, below which it is less than e^{-64}: SciPy's quad overflows at -infinity."""
    expression = derive("cv").quantities["cv_squared"].subs(-sp.oo, -8)
    limits = {"y_th": (LIF.v_th - mu) / sigma, "y_r": (LIF.v_reset - mu) / sigma}
    values = limits | {"nu": LIF.rate(mu, sigma), "tau_m": LIF.tau_m}
    squared = sp.lambdify(sorted(expression.free_symbols, key=str), expression, modules="scipy")(**values)
    assert np.sqrt(squared) == pytest.approx(LIF.cv(mu, sigma), rel=1e-7)


def test_slope_of_the_first_passage_time():
    slope = derive("cv").function("mean_slope")(u=-0.7, tau_m=LIF.tau_m)
    assert slope == pytest.approx(-np.sqrt(np.pi) * LIF.tau_m * special.erfcx(0.7), rel=1e-12)
