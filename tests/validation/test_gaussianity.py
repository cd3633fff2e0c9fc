"""Inputs replayed: a neuron outside of the network does what the one within does; changes do what they are meant to."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import needs_brian2
from validation import simulate
from validation.gaussianity import _new_phases, gaussianity, replay

NETWORK = mf.models.brunel2000(g=5, eta=2, indegree_e=200, weight=0.2 * mV)
UNCOUPLED = mf.Network(
    names=["E"],
    sizes=[200],
    neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
    indegree=[[0]],
    weight=[[0.0]],
    delay=1 * ms,
    drives=[mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=9.5 * Hz)],
)

pytestmark = needs_brian2


def test_a_neuron_outside_fires_as_the_one_within():
    run = simulate(NETWORK, duration=0.5, rng=3, currents=100, current_bin=1e-4)
    found = replay(run)
    assert found.replayed == pytest.approx(found.recorded, rel=0.02)  # the start differs: a spike or none in 0.5 s


def test_white_gaussian_input_is_that_of_theory():
    """Independent Poisson input of small jumps: all four inputs are alike, and Siegert's rate is theirs.

    But for the step of 0.1 ms, in which the potential may have been above threshold: 0.58 sqrt(dt/tau_m) sigma higher
    bounds (Broadie, Glasserman & Kou 1997).
    """
    found = gaussianity(UNCOUPLED, neurons=200, duration=1.5, trials=2, dt=1e-4).values
    fp = mf.solve(UNCOUPLED)
    late = 0.5826 * np.sqrt(0.1 / 20) * fp.sigma[0]
    neuron = dataclasses.replace(fp.network.neurons[0], v_th=20 * mV + late)
    for name in ("recorded", "replayed", "gaussian", "shuffled", "shuffled_gaussian"):
        assert found[name].mean == pytest.approx(neuron.rate(fp.mu[0], fp.sigma[0]), rel=0.05)
    spikes = 1000 * 9.5 * 0.01  # in 10 ms: moments of their number are those of Poisson's distribution
    assert found["skewness"].mean == pytest.approx(spikes**-0.5, abs=4 * found["skewness"].error)
    assert found["excess_kurtosis"].mean == pytest.approx(1 / spikes, abs=0.05)
    assert found["variance_modulation"].mean == pytest.approx(np.sqrt(2 / 200), rel=0.25)


def test_new_phases_keep_the_spectrum_and_make_it_gaussian():
    rng = np.random.default_rng(1)
    jumps = (rng.random((5, 4000)) < 0.01) * 1.0
    other = _new_phases(jumps, rng)
    np.testing.assert_allclose(np.abs(np.fft.rfft(other)), np.abs(np.fft.rfft(jumps)), atol=1e-9)
    standard = (other - other.mean()) / other.std()
    assert abs((standard**4).mean() - 3.0) < 0.3
    assert ((jumps - jumps.mean()) ** 4).mean() / jumps.std() ** 4 > 50


@pytest.mark.parametrize(
    ("run", "error", "words"),
    [
        (lambda: simulate(NETWORK, duration=0.05, currents=10, current_bin=1e-3), ValueError, "must be the time step"),
        (lambda: simulate(NETWORK, duration=0.05), ValueError, "recorded no separate currents"),
    ],
)
def test_what_cannot_be_replayed(run, error, words):
    with pytest.raises(error, match=words):
        replay(run())
