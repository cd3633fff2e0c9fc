"""The map between moments of an input and rates of excitatory and inhibitory spikes."""

import numpy as np
import pytest

from meanfield.neurons.receptors import Receptors, check_weights, receptors_of
from meanfield.units import Hz, ms, mV

RECEPTORS = Receptors(tau_m=20 * ms, weight_e=0.1 * mV, weight_i=-0.45 * mV)
EXCITATION = Receptors(tau_m=20 * ms, weight_e=0.1 * mV, weight_i=0.0)


def test_rates_and_moments_are_inverse():
    rate_e, rate_i = np.array([[0.0], [3e3], [9e4]]) * Hz, np.array([0.0, 1e3, 2e4]) * Hz
    back = RECEPTORS.rates(*RECEPTORS.moments(rate_e, rate_i))
    assert back[0] == pytest.approx(np.broadcast_to(rate_e, (3, 3)), rel=1e-12, abs=1e-7)
    assert back[1] == pytest.approx(np.broadcast_to(rate_i, (3, 3)), rel=1e-12, abs=1e-7)


def test_derivatives_go_by_the_transpose():
    """Of any function of the rates; here nu = f(r_e, r_i) with known derivatives, complex as at a frequency."""

    def nu(rate_e, rate_i):
        return np.exp(1e-5 * rate_e) * (1 + 2e-5j * rate_i)

    rate_e, rate_i = 4e4, 6e3
    by_e, by_i = 1e-5 * nu(rate_e, rate_i), 2e-5j * np.exp(1e-5 * rate_e)
    by_mu, by_variance = RECEPTORS.by_moments(by_e, by_i)
    mu, sigma = RECEPTORS.moments(rate_e, rate_i)
    for h_mu, h_variance in ((1e-7, 0.0), (0.0, 1e-9)):
        sides = [nu(*RECEPTORS.rates(mu + k * h_mu, np.sqrt(sigma**2 + k * h_variance))) for k in (1, -1)]
        expected = by_mu * h_mu + by_variance * h_variance
        assert (sides[0] - sides[1]) / 2 == pytest.approx(expected, rel=1e-6)
    assert RECEPTORS.by_rates(by_mu, by_variance) == pytest.approx((by_e, by_i), rel=1e-12)


def test_without_inhibition_the_mean_says_all():
    mu, sigma = EXCITATION.moments(3e3, 0.0)
    assert EXCITATION.rates(mu, sigma) == pytest.approx((3e3, 0.0))
    by_mu, by_variance = EXCITATION.by_moments(2.0, 7.0)
    assert by_variance == 0.0
    assert EXCITATION.by_rates(by_mu, by_variance)[0] == pytest.approx(2.0)


def test_roundings_are_forgiven_and_nothing_else():
    mu, sigma = RECEPTORS.moments(3e3, 0.0)
    assert RECEPTORS.rates(mu, sigma * (1 - 1e-9))[1] == 0.0
    with pytest.raises(ValueError, match=r"mu = .* sigma = .*weight_e must be at most"):
        RECEPTORS.rates(mu, sigma * (1 - 1e-4))
    with pytest.raises(ValueError, match="weight_i must be at least"):
        RECEPTORS.rates(-5 * mV, 0.1 * mV)
    with pytest.raises(ValueError, match="without inhibition sigma"):
        EXCITATION.rates(mu, sigma * 1.01)
    assert RECEPTORS.rates(0.0, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize(("field", "value"), [("weight_e", 0.0), ("weight_e", -1e-4), ("weight_i", 1e-4)])
def test_weights_have_their_signs(field, value):
    weights = {"weight_e": 1e-4, "weight_i": -1e-4} | {field: value}
    with pytest.raises(ValueError, match=field):
        Receptors(tau_m=20 * ms, **weights)


def test_weights_of_a_network_are_those_of_the_receptors():
    check_weights("E", RECEPTORS, np.array([0.1 * mV * (1 + 1e-12), -0.45 * mV]), "weight")
    with pytest.raises(ValueError, match=r"population E .* weight_i = -0.00045.* V: weight has -0.0005 V"):
        check_weights("E", RECEPTORS, np.array([-0.5 * mV]), "weight")
    with pytest.raises(ValueError, match=r"weight_i = 0\.0 V"):
        check_weights("E", EXCITATION, np.array([-0.5 * mV]), "weight")
    assert receptors_of(object()) is None
