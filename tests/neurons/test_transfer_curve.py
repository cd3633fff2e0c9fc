"""Transfer curves: curves whose changes are known, Holt & Koch (1997), Chance et al. (2002)."""

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
MU = np.linspace(-40, 120, 641) * mV


def curve(drive, rate, slope):
    return mf.TransferCurve(drive=drive, rate=rate, slope=slope, unit="Hz")


def test_inverse_and_gain_are_those_of_the_neuron():
    found = mf.transfer_curve(LIF, MU, 5 * mV)
    drives = found.drive_at([0.5, 2.0, 17.0, 100.0])
    np.testing.assert_allclose(LIF.rate(drives, 5 * mV), [0.5, 2.0, 17.0, 100.0], rtol=1e-6)
    np.testing.assert_allclose(found.gain(17.0), LIF.gain(found.drive_at(17.0), 5 * mV)[0], rtol=1e-4)
    assert found.span() == pytest.approx(found.drive_at(40.0) - found.drive_at(2.0), rel=1e-14)


def test_decibels_of_a_hyperbola():
    """rate = drive/(drive + 1): S90/S10 is 81, here up to what the curve's end cuts off."""
    drive = np.geomspace(1e-4, 1e6, 4000)
    found = curve(drive, 50 * drive / (drive + 1), 50 / (drive + 1) ** 2)
    assert found.decibels() == pytest.approx(10 * np.log10(81), rel=1e-3)


def test_a_shift_is_a_shift_and_a_stretch_a_stretch():
    first = mf.transfer_curve(LIF, MU, 5 * mV)
    moved = mf.TransferCurve(drive=MU + 3 * mV, rate=first.rate, slope=first.slope, unit="V")
    change = first.change_to(moved)
    assert change.shift == pytest.approx(3 * mV, rel=1e-10)
    assert (change.gain, change.range, change.subtractive_part) == pytest.approx((1, 1, 1), rel=1e-9)
    assert change.remainder < 1e-9
    foot = first.drive_at(2.0)
    stretched = mf.TransferCurve(drive=foot + 2 * (MU - foot), rate=first.rate, slope=first.slope / 2, unit="V")
    change = first.change_to(stretched)
    assert change.shift == pytest.approx(0.0, abs=1e-9 * mV)
    assert (change.gain, change.range) == pytest.approx((0.5, 2.0), rel=1e-9)
    assert change.subtractive_part == pytest.approx(0.0, abs=1e-9)
    assert change.remainder < 1e-6


def test_shunting_without_noise_subtracts():
    """Holt & Koch (1997): at high rates by shunt ((v_th + v_reset)/2 - e_shunt), and the gain stays."""
    wide = np.linspace(0, 500, 2001) * mV
    first, shunted = (mf.transfer_curve(LIF, wide, shunt=g, e_shunt=-5 * mV) for g in (0.0, 1.0))
    change = first.change_to(shunted, low=250, high=400)
    assert change.shift == pytest.approx(20 * mV, rel=0.02)
    assert change.gain == pytest.approx(1, abs=2e-3)
    assert change.range == pytest.approx(1, abs=2e-3)


def test_shunting_with_noise_divides():
    first, shunted = (mf.transfer_curve(LIF, MU, 20 * mV, shunt=g) for g in (0.0, 1.0))
    change = first.change_to(shunted)
    assert change.subtractive_part < 0.1
    assert change.gain < 0.8
    assert change.range > 1.2
    total = 2.0
    mu = 15 * mV  # the shunted neuron itself
    other = dataclasses.replace(LIF, tau_m=LIF.tau_m / total)
    at = np.searchsorted(MU, mu)
    assert shunted.rate[at] == pytest.approx(other.rate(MU[at] / total, 20 * mV / total**0.5), rel=1e-12)


def test_background_of_balanced_spikes_divides():
    """Chance, Abbott & Reyes (2002): more excitation and inhibition together lower the gain."""
    neuron = mf.LIFConductance(
        tau_m=20 * ms,
        t_ref=2 * ms,
        v_th=20 * mV,
        v_reset=10 * mV,
        e_e=70 * mV,
        e_i=-10 * mV,
        weight_e=0.4 * mV,
        weight_i=-1.2 * mV,
    )
    drive = np.linspace(-60, 100, 81) * mV
    curves = [mf.current_curve(neuron, drive, k * 4000 * Hz, k * 1700 * Hz) for k in (0.5, 1, 2)]
    gains = [one.gain(9.0) for one in curves]
    spans = [one.span() for one in curves]
    assert gains[0] > gains[1] > gains[2]
    assert spans[0] < spans[1] < spans[2]
    at = curves[1].drive_at(10.0)
    there = dataclasses.replace(neuron, mu_0=at)
    assert there.rate(*neuron.receptors.moments(4000.0, 1700.0)) == pytest.approx(10.0, rel=1e-4)


def test_curve_over_spikes():
    neuron = mf.LIFConductance(
        tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV, e_e=70 * mV, e_i=-10 * mV, weight_e=0.4 * mV, weight_i=-1.2 * mV
    )
    found = mf.synaptic_curve(neuron, np.linspace(500, 8000, 76), 500.0)
    assert found.unit == "Hz"
    h = 1.0
    numerical = [neuron.rate(*neuron.receptors.moments(3000.0 + d, 500.0)) for d in (-h, h)]
    at = np.searchsorted(found.drive, 3000.0)
    assert found.slope[at] == pytest.approx((numerical[1] - numerical[0]) / (2 * h), rel=1e-6)
    assert found.decibels() > 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mf.transfer_curve(LIF, MU[::-1], 5 * mV), "mu must be rising"),
        (lambda: mf.transfer_curve(LIF, MU, 5 * mV, shunt=-1), "shunt must not be negative"),
        (lambda: mf.transfer_curve(dataclasses.replace(LIF, tau_s=1 * ms), MU, shunt=1), "a shunt can be added"),
        (lambda: mf.transfer_curve(LIF, MU, 5 * mV).drive_at(1e5), "rate must be within the curve"),
        (lambda: mf.transfer_curve(LIF, MU, 20 * mV).decibels(low=0.01), "positive drives"),
        (lambda: mf.transfer_curve(LIF, MU, 5 * mV).span(40, 2), "low must be below high"),
        (lambda: mf.current_curve(LIF, MU, 1.0, 1.0), "receptors"),
        (lambda: mf.synaptic_curve(LIF, [1.0, 2.0]), "receptors"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()
