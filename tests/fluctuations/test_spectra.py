"""Population spectra: limits, symmetries, an exactly solvable network, resonance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms, mV
from tests.fluctuations.networks import SIZE, STRENGTH, TAU, brunel, hawkes, uncoupled
from tests.networks import with_split_excitation

F = np.array([0.0, 0.5, 7.0, 60.0, 130.0, 400.0, 3000.0])


def test_without_coupling_it_is_that_of_independent_neurons():
    fp = uncoupled()
    spectra = mf.power_spectra(fp, F)
    for i, (neuron, size) in enumerate(zip(fp.network.neurons, fp.network.sizes, strict=True)):
        expected = neuron.spectrum(F, fp.mu[i], fp.sigma[i]) / size
        np.testing.assert_allclose(spectra[:, i, i], expected, rtol=1e-12)
    assert (spectra[:, 0, 1] == 0).all()


def test_hermitian_positive_and_conjugate_at_negative_frequency():
    spectra = mf.power_spectra(brunel(), F)
    np.testing.assert_array_equal(spectra, spectra.conj().swapaxes(1, 2))
    assert (np.linalg.eigvalsh(spectra) > 0).all()
    np.testing.assert_allclose(mf.power_spectra(brunel(), -F), spectra.conj(), rtol=1e-10)


def test_shape_follows_f():
    fp = brunel()
    assert mf.power_spectra(fp, 10.0).shape == (2, 2)
    grid = mf.power_spectra(fp, F[:6].reshape(2, 3))
    assert grid.shape == (2, 3, 2, 2)
    np.testing.assert_allclose(grid[1, 0], mf.power_spectra(fp, F[3]), rtol=1e-12)


def test_high_frequencies_are_poisson_behind_filters():
    """With filtered synapses the loop gain vanishes and every spike is its own: rate/N."""
    net = mf.models.brunel2000(g=5, eta=2)
    fp = mf.solve(dataclasses.replace(net, neurons=dataclasses.replace(net.neurons[0], tau_s=1 * ms), delay=0.2 * ms))
    spectra = mf.power_spectra(fp, 1e6)
    np.testing.assert_allclose(spectra.diagonal().real, fp.rate / net.sizes, rtol=2e-3)
    assert abs(spectra[0, 1]) < 1e-2 * spectra[0, 0].real


@pytest.mark.parametrize("delay", [0.0, 2 * ms])
def test_hawkes_network_is_exact(delay):
    fp = hawkes(delay=delay)
    s = 2j * np.pi * F
    gain = -STRENGTH * np.exp(-s * delay) / (1 + s * TAU)
    expected = fp.rate[0] / SIZE / abs(1 - gain) ** 2
    np.testing.assert_allclose(mf.power_spectra(fp, F)[:, 0, 0], expected, rtol=1e-12)


def test_spectra_are_inverse_to_the_size_at_fixed_indegree():
    net = mf.models.brunel2000(g=5, eta=2)
    double = dataclasses.replace(net, sizes=[2 * n for n in net.sizes])
    np.testing.assert_allclose(
        2 * mf.power_spectra(mf.solve(double), F), mf.power_spectra(mf.solve(net), F), rtol=1e-9, atol=1e-12
    )


def test_splitting_a_population_leaves_its_spectrum():
    net = mf.models.brunel2000(g=5, eta=2)
    split = with_split_excitation(net, 0.3)
    join = np.array([[0.3, 0.7, 0.0], [0.0, 0.0, 1.0]])
    joined = join @ mf.power_spectra(mf.solve(split), F) @ join.T
    np.testing.assert_allclose(joined, mf.power_spectra(mf.solve(net), F), rtol=1e-8)


@pytest.mark.parametrize(("g", "eta", "within"), [(5, 2, 0.02), (6, 3.2, 0.002)])
def test_spectrum_peaks_at_the_rightmost_root(g, eta, within):
    """Near the Hopf line, (6, 3.2), very sharply; in the asynchronous state (5, 2), too."""
    fp = brunel(g, eta)
    frequency = mf.stability(fp).frequency
    f = np.linspace(0.7, 1.3, 2001) * frequency
    peak = f[mf.power_spectra(fp, f)[:, 0, 0].real.argmax()]
    assert peak == pytest.approx(frequency, rel=within)


def test_unstable_state_has_no_spectra():
    fp = brunel(6, 4)
    with pytest.raises(ValueError, match=r"not \(Hopf: perturbations grow by 51.5/s at 190.2 Hz\)"):
        mf.power_spectra(fp, F)
    assert mf.power_spectra(fp, F, check_stability=False).shape == (7, 2, 2)


def test_auto_spectra_replace_the_renewal_process():
    fp = uncoupled()
    given = np.ones((7, 2)) * [3.0, 5.0]
    spectra = mf.power_spectra(fp, F, auto_spectra=given)
    np.testing.assert_allclose(spectra[:, 1, 1], 5.0 / fp.network.sizes[1], rtol=1e-14)
    with pytest.raises(ValueError, match=r"auto_spectra must have shape \(7, 2\)"):
        mf.power_spectra(fp, F, auto_spectra=np.ones((3, 2)))


def test_what_cannot_be_is_named():
    fp = brunel()
    with pytest.raises(ValueError, match="f must be finite, got nan Hz"):
        mf.power_spectra(fp, [1.0, np.nan])
    with pytest.raises(ValueError, match="at most"):
        mf.power_spectra(fp, 1e9)
    with pytest.raises(TypeError, match="fp must be a FixedPoint"):
        mf.power_spectra("state", 1.0)
    with pytest.raises(ValueError, match="population E: sigma is too small"):
        mf.power_spectra(uncoupled_without_noise(), 1.0, check_stability=False)


def uncoupled_without_noise():
    fp = uncoupled()
    return dataclasses.replace(fp, mu=np.array([30 * mV, 30 * mV]), sigma=np.zeros(2))
