"""The loop gain: limits and conservation laws."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms


@pytest.mark.parametrize("name", ["brunel2000", "brunel2000_b", "brunelhakim1999", "potjans2014", "bos2016"])
def test_at_zero_frequency_it_is_the_jacobian(name):
    fp = mf.solve(getattr(mf.models, name)())
    np.testing.assert_allclose(mf.loop_gain(fp, 0.0), fp.jacobian, rtol=1e-9, atol=1e-12)


def test_shape_and_conjugation():
    fp = mf.solve(mf.models.potjans2014())
    s = np.array([[10 + 50j, 3j], [1e3j, 40.0]])
    gain = mf.loop_gain(fp, s)
    assert gain.shape == (2, 2, 8, 8)
    np.testing.assert_allclose(mf.loop_gain(fp, s.conj()), gain.conj(), rtol=1e-12)
    np.testing.assert_array_equal(mf.loop_gain(fp, s[1, 0]), gain[1, 0])


def test_delay_turns_the_phase():
    short, long = (mf.solve(mf.models.brunel2000(delay=d)) for d in (1 * ms, 3 * ms))
    s = -5 + 300j
    np.testing.assert_allclose(mf.loop_gain(long, s), mf.loop_gain(short, s) * np.exp(-s * 2 * ms), rtol=1e-10)


def test_noise_of_the_network_itself_is_passed_on_at_all_frequencies():
    """At high frequency only sigma² counts: sum_j L_ij nu_j / nu_i is the share of the noise that is recurrent."""
    fp = mf.solve(mf.models.brunel2000(g=5, eta=2, delay=0.0))
    gain = mf.loop_gain(fp, 2j * np.pi * 5e6)
    share = fp.network.variance_coupling @ fp.rate / fp.sigma**2
    assert (gain @ fp.rate / fp.rate).real == pytest.approx(share, rel=0.01)


def test_frequency_outside_the_domain_is_named():
    fp = mf.solve(mf.models.brunel2000())
    with pytest.raises(ValueError, match=r"Re s >= -400 1/s"):
        mf.loop_gain(fp, -500.0)
    with pytest.raises(TypeError, match="s must be a complex number"):
        mf.loop_gain(fp, "x")
    assert mf.loop_gain(fp, 1j).dtype == complex
