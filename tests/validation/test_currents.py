"""Excitation and inhibition recorded apart."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms, mV
from tests.validation.networks import needs_brian2
from validation import simulate

NETWORK = mf.models.brunel2000(g=5, eta=2, indegree_e=200, weight=0.2 * mV)

pytestmark = needs_brian2


def test_recorded_currents_add_up_to_the_input_and_change_no_spike():
    plain = simulate(NETWORK, duration=0.2, rng=3)
    found = simulate(NETWORK, duration=0.2, rng=3, currents=20, current_bin=1 * ms)
    for i in range(2):
        np.testing.assert_array_equal(plain.times[i], found.times[i])
        excitation, inhibition = found.currents.excitation[i], found.currents.inhibition[i]
        assert excitation.shape == (20, 200)
        assert (excitation >= 0).all()
        assert (inhibition <= 0).all()
        np.testing.assert_allclose(found.currents.net[i].mean(axis=1), found.mu[i][:20], rtol=1e-9)


def test_a_recording_without_separate_currents_says_so():
    with pytest.raises(ValueError, match="recorded no separate currents"):
        _ = simulate(NETWORK, duration=0.05, rng=3).currents
