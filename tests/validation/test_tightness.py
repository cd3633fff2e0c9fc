"""Tightness of a simulated network within its standard errors."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from tests.validation.networks import needs_brian2
from tests.validation.test_currents import NETWORK
from validation import simulate
from validation.tightness import tightness

pytestmark = needs_brian2


def test_currents_of_a_simulation_are_as_tight_as_in_theory():
    """Of linear response in coloured noise: the residual in windows, and T(f) below the resonance of the network."""
    simulation = simulate(NETWORK, duration=6.0, rng=3, currents=20, current_bin=0.5e-3)
    measured = mf.balance.tightness(simulation)
    state = mf.solve(NETWORK)
    spectra = mf.coloured_spectrum(state, duration=200.0)
    theory = mf.balance.tightness(state, f=measured.frequency, windows=measured.window, auto_spectra=spectra)
    np.testing.assert_allclose(measured.net, [mu[:20].mean() for mu in simulation.mu], rtol=1e-9)
    long = measured.window >= 10e-3
    z = (measured.residual - theory.residual) / np.hypot(measured.errors["residual"], 0.02)  # 2%: of the theory itself
    assert np.abs(z[long]).max() < 4.0
    slow = measured.frequency < 60.0
    z = (measured.loop - theory.loop) / measured.errors["loop"]
    assert np.abs(z[slow]).max() < 4.5
    assert abs(z[slow].mean()) < 1.0


def test_theory_and_simulation_stand_side_by_side(monkeypatch):
    monkeypatch.setattr("validation.tightness.SAMPLED", 20)  # a program that is there
    found = tightness(NETWORK, duration=2.0, trials=1, coloured=False, processes=1)
    np.testing.assert_array_equal(found.theory.frequency, found.simulation.frequency)
    assert set(found.simulation.errors) >= {"beta", "residual", "loop", "residual_spectrum", "coherence", "peak"}
    words = str(found)
    assert "E theory" in words
    assert "E simulation" in words
    assert "nan" not in words


def test_what_has_no_theory_or_is_too_short_is_refused_before_it_is_simulated():
    with pytest.raises(ValueError, match="must be a stable state"):
        tightness(mf.models.brunel2000(g=6, eta=4))
    with pytest.raises(ValueError, match="duration must be at least 2 s"):
        tightness(NETWORK, duration=1.0)


def test_a_simulation_without_separate_currents_says_so():
    with pytest.raises(ValueError, match="recorded no separate currents"):
        mf.balance.tightness(simulate(NETWORK, duration=0.05, rng=3))
