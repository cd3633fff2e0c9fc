"""Self-consistent noise: white input gives back theory, the network's own gives the network's CV."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.fluctuations.coloured import _amplified
from meanfield.units import ms
from tests.fluctuations.networks import brunel, hawkes, uncoupled


def test_white_noise_gives_back_theory():
    """Without recurrent input one simulation is exact: rate, CV and spectrum within their errors, plus 0.3% of dt."""
    fp = uncoupled()
    found = mf.coloured_spectrum(fp, duration=400.0, rng=2)
    assert (abs(found.rate - fp.rate) < 4 * found.rate_error + 3e-3 * fp.rate).all()
    assert (abs(found.cv - fp.cv) < 4 * found.cv_error + 3e-3).all()
    f = found.f[1:1600]
    for i, neuron in enumerate(fp.network.neurons):
        ratio = found.at(f)[:, i] / neuron.spectrum(f, fp.mu[i], fp.sigma[i])
        np.testing.assert_allclose(ratio.reshape(-1, 13).mean(axis=1), 1.0, atol=5 * found.spectra_error / 13**0.5)


def test_populations_simulated_as_one_err_as_one():
    """E and I of Brunel's network are alike: the error of their rate is that of a single population's loop."""
    jacobian, error = np.array([[3.0, -7.0], [3.0, -7.0]]), np.array([0.2, 0.2])
    found = _amplified(np.linalg.inv(np.eye(2) - jacobian), error, [[0, 1]])
    np.testing.assert_allclose(found, 0.2 / (1.0 - (3.0 - 7.0)), rtol=1e-12)
    apart = _amplified(np.linalg.inv(np.eye(2) - jacobian), error, [[0], [1]])
    assert (apart > found).all()


def test_brunel_network_has_the_cv_of_its_simulation():
    """Simulated with 12,500 neurons, 4 s: CV 0.428, rates 37.5 and 37.6 Hz; white-noise theory says 0.675.

    Spike-train spectra of 1500 of its excitatory neurons, averaged over bands [Hz], in segments of 0.8 s, which leak
    some power into the lowest band.
    """
    fp = brunel()
    found = mf.coloured_spectrum(fp, duration=500.0)
    assert found.cv == pytest.approx(0.428, abs=0.03)
    assert found.rate == pytest.approx(37.6, rel=0.02)
    assert (fp.cv > 0.67).all()
    for low, high, simulated in ((1.25, 5, 6.7), (5, 15, 8.6), (15, 35, 22.0), (35, 45, 37.8), (45, 75, 37.5)):
        assert found.at(np.linspace(low, high, 50))[:, 0].mean() == pytest.approx(simulated, rel=0.15)
    assert found.cv[0] == found.cv[1]  # alike, and simulated once


def test_spectrum_at_zero_is_the_cv_of_nearly_independent_intervals():
    found = mf.coloured_spectrum(uncoupled(), duration=400.0)
    slow = found.at(np.linspace(0.5, 3, 20)).mean(axis=0)
    np.testing.assert_allclose(slow, found.rate * found.cv**2, rtol=0.15)


def test_filtered_synapses_are_simulated_not_approximated():
    """With tau_s = 0.5 ms the shift of thresholds is good to some percent."""
    net = mf.models.brunel2000(g=5, eta=2)
    lif = dataclasses.replace(net.neurons[0], tau_s=0.5 * ms)
    drive = mf.PoissonDrive(indegree=1000, weight=net.weight[0, 0], rate=11.0)
    fp = mf.solve(dataclasses.replace(net, neurons=lif, indegree=np.zeros((2, 2)), drives=[drive]))
    found = mf.coloured_spectrum(fp, duration=300.0)
    np.testing.assert_allclose(found.rate, fp.rate, rtol=0.05)


def test_same_seed_same_numbers():
    one, two = (mf.coloured_spectrum(uncoupled(), duration=50.0, rng=5) for _ in range(2))
    np.testing.assert_array_equal(one.spectra, two.spectra)
    assert one.error["cv"].tolist() == two.cv_error.tolist()


def test_what_cannot_be_is_named():
    with pytest.raises(TypeError, match=r"every population of the network must be of meanfield\.LIF"):
        mf.coloured_spectrum(hawkes())
    with pytest.raises(ValueError, match=r"dt must be at most 0\.1 ms"):
        mf.coloured_spectrum(brunel(), dt=1 * ms)
    with pytest.raises(mf.ConvergenceError, match="after 1 iterations"):
        mf.coloured_spectrum(brunel(), duration=40.0, max_iterations=1)
    found = mf.coloured_spectrum(uncoupled(), duration=40.0)
    with pytest.raises(ValueError, match="f must be at most 5000 Hz"):
        found.at(6000.0)
