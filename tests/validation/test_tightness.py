"""Tightness of a simulated network within its standard errors."""

from __future__ import annotations

import numpy as np

import meanfield as mf
from tests.validation.networks import needs_brian2
from tests.validation.test_currents import NETWORK
from validation import simulate

pytestmark = needs_brian2


def test_currents_of_a_simulation_are_as_tight_as_in_theory():
    """Of linear response in coloured noise: the residual in windows, and T(f) below the resonance of the network."""
    simulation = simulate(NETWORK, duration=6.0, rng=3, currents=20, current_bin=0.5e-3)
    measured = mf.balance.tightness(simulation)
    state = mf.solve(NETWORK)
    spectra = mf.coloured_spectrum(state, duration=400.0)
    theory = mf.balance.tightness(state, f=measured.frequency, windows=measured.window, auto_spectra=spectra)
    np.testing.assert_allclose(measured.net, [mu[:20].mean() for mu in simulation.mu], rtol=1e-9)
    long = measured.window >= 10e-3
    z = (measured.residual - theory.residual) / np.hypot(measured.errors["residual"], 0.02)  # 2%: of the theory itself
    assert np.abs(z[long]).max() < 4.0
    slow = measured.frequency < 60.0
    z = (measured.loop - theory.loop) / measured.errors["loop"]
    assert np.abs(z[slow]).max() < 4.5
    assert abs(z[slow].mean()) < 1.0
