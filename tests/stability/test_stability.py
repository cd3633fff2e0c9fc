"""Roots of det(1 - L(s)): published points, an exactly solvable neuron, symmetries, counts on a dense grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import lambertw

import meanfield as mf
from meanfield.units import ms, mV
from tests.fluctuations.networks import TAU, brunel, hawkes
from tests.networks import with_split_excitation


def distance(fp, s):
    """|det(1 - L(s))| through the public loop gain."""
    return abs(np.linalg.det(np.eye(len(fp.rate)) - mf.loop_gain(fp, s)))


@pytest.mark.parametrize(
    ("g", "eta", "kind", "frequency"),
    [(6, 4, "Hopf", 190), (5, 2, "stable", None), (4.5, 0.9, "Hopf", 29), (3, 2, "Hopf", None)],
)
def test_points_of_brunel_2000(g, eta, kind, frequency):
    """Figure 8 A to D, D = 1.5 ms."""
    found = mf.stability(brunel(g, eta))
    assert found.kind == kind
    assert found.is_stable == (kind == "stable")
    if frequency:
        assert found.frequency == pytest.approx(frequency, rel=0.01)


@pytest.mark.parametrize("name", ["brunel2000", "brunel2000_b", "brunelhakim1999", "potjans2014", "bos2016"])
def test_roots_are_roots(name):
    fp = mf.solve(getattr(mf.models, name)())
    found = mf.stability(fp, line=-20.0)
    assert found.count == sum(1 if root.imag == 0 else 2 for root in found.roots)
    for root in found.roots:
        assert distance(fp, root) < 1e-9 * max(1.0, distance(fp, root * (1 + 1e-3)) * 1e3)
    assert all(np.diff(found.roots.real) <= 0)


@pytest.mark.parametrize(("g", "eta"), [(6, 4), (4.5, 0.9), (4.2, 1.0), (5, 2), (8, 4), (3, 2)])
def test_count_is_that_of_a_dense_grid(g, eta):
    """Winding of det(1 - L) along the axis in steps of 0.25 Hz, closed where the loop gain is small."""
    fp = brunel(g, eta)
    s = 2j * np.pi * np.arange(0.0, 20_000.0, 0.25)
    gain = mf.loop_gain(fp, s)
    values = (1 - gain[:, 0, 0]) * (1 - gain[:, 1, 1]) - gain[:, 0, 1] * gain[:, 1, 0]
    phase = np.unwrap(np.angle(values))
    eigenvalues = np.linalg.eigvals(gain[-1])
    assert abs(eigenvalues).max() < 1
    winding = (np.angle(1 - eigenvalues).sum() - (phase[-1] - phase[0])) / np.pi
    assert mf.stability(fp).count == pytest.approx(winding, abs=0.01)


@pytest.mark.parametrize("strength", [0.5, 3.0, 5.0, 12.0])
def test_linear_inhibition_with_delay_has_the_roots_of_lambert(strength):
    """tau r' = -r - k r(t - D): s = -1/tau + W_n(-(k D/tau) e^{D/tau})/D."""
    delay = 3 * ms
    found = mf.stability(hawkes(strength, delay=delay))
    n = np.arange(-20, 21)
    exact = -1 / TAU + lambertw(-strength * delay / TAU * math.exp(delay / TAU), n) / delay
    exact = np.sort_complex(exact[(exact.real > 0) & (exact.imag >= 0)])[::-1]
    assert found.count == 2 * exact.size
    np.testing.assert_allclose(found.roots, exact, rtol=1e-9)


def test_splitting_a_population_adds_no_unstable_root():
    fp = brunel(6, 4)
    whole, parts = mf.stability(fp), mf.stability(mf.solve(with_split_excitation(fp.network)))
    assert parts.count == whole.count
    np.testing.assert_allclose(parts.roots, whole.roots, rtol=1e-8)


@pytest.mark.parametrize(("g", "eta"), [(3.0, 0.0), (2.0, 0.5), (4.5, 0.9), (3.8, 1.0)])
def test_parity_of_the_count_is_the_index(g, eta):
    """det(1 - L(0)) is negative exactly where the number of unstable roots is odd."""
    for fp in mf.solve_all(mf.models.brunel2000(g=g, eta=eta)):
        assert (-1) ** mf.stability(fp).count == fp.index


def test_delay_destabilises_inhibition():
    """Without delay inhibition is stable; with more delay the oscillation is slower (Brunel & Hakim 1999)."""
    states = [mf.solve(mf.models.brunelhakim1999(delay=d)) for d in (1 * ms, 2 * ms, 4 * ms)]
    frequencies = [mf.stability(fp).frequency for fp in states]
    assert frequencies == sorted(frequencies, reverse=True)
    assert mf.stability(mf.solve(mf.models.brunelhakim1999(delay=0.01 * ms))).is_stable


def test_roots_move_continuously_across_the_line():
    """A root found right of a line left of the axis is the one that crosses it later."""
    before, after = (mf.stability(brunel(4.3, eta), line=-30.0) for eta in (0.95, 0.94))
    assert before.rightmost == pytest.approx(after.rightmost, rel=0.1)


def test_silent_network_is_stable():
    found = mf.stability(mf.solve_all(mf.models.brunel2000(g=3, eta=0))[0])
    assert found.is_stable
    assert found.rightmost is None
    assert math.isnan(found.frequency)


def test_bad_input_is_named():
    with pytest.raises(TypeError, match="fp must be a FixedPoint"):
        mf.stability(mf.models.brunel2000())
    with pytest.raises(ValueError, match=r"line must be at least -47\.5 1/s"):
        mf.stability(brunel(5, 2), line=-100.0)
    with pytest.raises(ValueError, match=r"line must be finite"):
        mf.stability(brunel(5, 2), line=math.nan)
    noiseless = mf.Network(
        names=["I"],
        sizes=[100],
        neurons=mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV),
        indegree=[[0]],
        weight=[[0]],
        drives=[mf.ConstantDrive(mu=25 * mV)],
    )
    with pytest.raises(ValueError, match="population I: sigma is too small"):
        mf.stability(mf.solve(noiseless))


@pytest.mark.parametrize("delay", [mf.ExponentialDelay(1.5 * ms), mf.UniformDelay(0.0, 3 * ms)])
@pytest.mark.parametrize(("g", "eta"), [(1.632653, 1.53846), (2.44898, 1.53846)])
def test_a_narrow_resonance_at_the_neurons_own_rate_is_counted(delay, g, eta):
    """Far above threshold with little noise; a root near i 2 pi rate, found by secants alone, is among the roots."""
    fp = mf.solve_all(mf.models.brunel2000(g=g, eta=eta, delay=delay))[-1]

    def det(s):
        return np.linalg.det(np.eye(2) - mf.loop_gain(fp, complex(s)))

    a, b = 50 + 2j * math.pi * fp.rate[0], 60 + 2j * math.pi * fp.rate[0]
    for _ in range(30):
        if abs(b - a) < 1e-7:
            break
        a, b = b, b - det(b) * (b - a) / (det(b) - det(a))
    assert b.real > 1
    answer = mf.stability(fp)
    assert not answer.is_stable
    assert min(abs(answer.roots - b)) < 1e-3
