"""Oscillations: analysis of signals whose spectrum and synchrony are known, and a small network across the line."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.integrate import trapezoid

from tests.validation.networks import needs_compiler
from validation import oscillations as osc
from validation import rhythm
from validation import statistics as st
from validation.cli import main
from validation.oscillation_theory import stepped_boundary


def focus(damping, frequency, noise, duration, step, rng):
    """Real part of z' = (-damping + 2 pi i frequency) z + noise, exactly, from its stationary state; (n,)."""
    n = round(duration / step)
    factor = np.exp((-damping + 2j * math.pi * frequency) * step)
    scale = math.sqrt(noise / (2 * damping) * (1 - abs(factor) ** 2))
    kicks = scale * (rng.standard_normal(n) + 1j * rng.standard_normal(n)) / math.sqrt(2)
    z = np.empty(n, complex)
    z[0] = kicks[0] / math.sqrt(1 - abs(factor) ** 2)
    for k in range(1, n):
        z[k] = factor * z[k - 1] + kicks[k]
    return z.real


@pytest.mark.parametrize(("damping", "frequency"), [(15.0, 170.0), (60.0, 150.0), (150.0, 150.0), (25.0, 32.0)])
def test_fit_finds_the_root_of_a_noisy_focus(damping, frequency):
    """Re z has the variance D/(4 damping) and the roots -damping ± 2 pi i frequency."""
    noise, segment, step = 50.0, 0.5, 5e-4
    signal = focus(damping, frequency, noise, 60.0, step, np.random.default_rng(1))
    f, power = rhythm.segment_spectra(signal * step, 1, step, segment)
    power = power * np.sinc(f * step) ** 2  # the signal is a sample, not a mean over the bin
    found = rhythm.fit_resonance(f, power.mean(axis=0), len(power), (frequency / 2, 2 * frequency))
    natural = math.hypot(damping, 2 * math.pi * frequency)
    w = 2 * math.pi * np.linspace(1.0, 2 * frequency, 100_000)
    exact = (w**2 + natural**2) / ((natural**2 - w**2) ** 2 + 4 * damping**2 * w**2)
    assert abs(found.peak - w[exact.argmax()] / (2 * math.pi)) < 4 * found.peak_error
    assert found.peak_error < 0.03 * frequency
    leakage = 1 / segment  # a segment widens the line
    assert abs(found.damping - damping) < 4 * found.damping_error + leakage
    assert found.damping_error < 0.3 * damping
    variance = rhythm.band_variance(f, power, 0.0, (0.0, 1e4))
    estimate = st.Estimate.of(variance)
    assert abs(estimate.mean - noise / (4 * damping)) < 4 * estimate.error + 0.05 * estimate.mean


def test_band_variance_of_a_sinusoid_is_half_its_squared_amplitude():
    t = np.arange(4000) * 5e-4
    f, power = rhythm.segment_spectra(3.0 * np.sin(2 * math.pi * 100.0 * t) * 5e-4, 1, 5e-4, 0.5)
    variance = rhythm.band_variance(f, power * np.sinc(f * 5e-4) ** 2, 0.0, (50.0, 200.0))
    np.testing.assert_allclose(variance, 4.5, rtol=1e-9)
    with pytest.raises(ValueError, match="segment must"):
        rhythm.segment_spectra(t, 1, 5e-4, 3.0)


def poisson_trains(n_neurons, rate, duration, rng):
    times = np.sort(rng.uniform(0, duration, rng.poisson(n_neurons * rate * duration)))
    return times, rng.integers(0, n_neurons, times.size)


def test_chi_of_independent_trains_falls_as_one_over_root_n():
    rng = np.random.default_rng(2)
    for n in (100, 1600):
        assert rhythm.chi(*poisson_trains(n, 20.0, 20.0, rng), n, 20.0, 5e-3) == pytest.approx(n**-0.5, rel=0.06)


def test_chi_is_that_of_the_matrix_of_counts():
    times, indices = poisson_trains(50, 30.0, 4.0, np.random.default_rng(3))
    indices[indices == 7] = 8  # one is silent
    counts = st.counts_in_windows(times, indices, 50, 4.0, 5e-3)
    assert rhythm.chi(times, indices, 50, 4.0, 5e-3) == pytest.approx(st.synchrony(counts), rel=1e-12)
    assert math.isnan(rhythm.chi(times[:0], indices[:0], 50, 4.0, 5e-3))
    train = np.repeat(times[:200], 5), np.tile(np.arange(5), 200)
    assert rhythm.chi(*train, 5, 4.0, 5e-3) == pytest.approx(1.0)


def test_spectrum_of_independent_trains_has_no_variance_above_its_floor():
    times, _ = poisson_trains(500, 30.0, 40.0, np.random.default_rng(4))
    counts = np.bincount(np.floor(times / 5e-4).astype(int), minlength=80_000)
    f, power = rhythm.segment_spectra(counts, 500, 5e-4, 0.5)
    floor = counts.sum() / 500 / 40.0 / 500
    shaped = power * np.sinc(f * 5e-4) ** 2  # white noise in bins is flat, whatever their width
    variance = st.Estimate.of(rhythm.band_variance(f, shaped, floor, (50.0, 300.0)))
    assert abs(variance.mean) < 4 * variance.error
    assert variance.error < 0.05 * floor * 500


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_exponent_of_a_power_law(exponent):
    sizes = np.array([5e3, 1e4, 2e4])
    variance = np.stack([3.0 * sizes**-exponent, 5.0 * sizes**-exponent])
    found, error = rhythm.scaling_exponent(sizes, variance, 0.1 * variance)
    np.testing.assert_allclose(found, exponent, atol=1e-12)
    np.testing.assert_allclose(error, 0.1 / math.sqrt(2 * math.log(2) ** 2))


@pytest.mark.parametrize(("a", "b", "n"), [(-3.0, 2.0, 50.0), (0.0, 1.0, 10.0), (0.5, 2.0, 30.0), (-40.0, 1e-3, 3.0)])
def test_mean_intensity_is_the_integral(a, b, n):
    top = max(0.0, a / b) + 40.0 / max(math.sqrt(n * b), -n * a)
    intensity = np.linspace(0.0, top, 400_001)
    exponent = n * (a * intensity - b * intensity**2 / 2)
    density = np.exp(exponent - exponent.max())
    expected = trapezoid(density * intensity) / trapezoid(density)
    assert rhythm.mean_intensity(a, b, n) == pytest.approx(expected, rel=1e-6)


def normal_form_data(rng, noise=0.05):
    parameter = np.repeat([2.0, 2.5, 3.0, 3.5, 4.0, 4.5], 3)
    sizes = np.tile([5e3, 1e4, 2e4], 6)
    exact = rhythm.mean_intensity(0.02 * (parameter - 3.4), 0.03, sizes)
    return parameter, sizes, exact * np.exp(noise * rng.standard_normal(exact.size)), noise * exact


def test_boundary_of_a_network_that_obeys_the_normal_form():
    """Both ways to read the boundary find it, to within errors that mean what they say."""
    rng, z, crossed = np.random.default_rng(5), [], []
    for _ in range(12):
        parameter, sizes, intensity, error = normal_form_data(rng)
        fit = rhythm.fit_normal_form(parameter, sizes, intensity, error)
        z.append((fit.boundary - 3.4) / fit.error)
        shape = (6, 3)
        crossed.append(rhythm.crossing(parameter[::3], sizes[:3], intensity.reshape(shape), error.reshape(shape)))
    assert abs(np.mean(z)) < 4 / math.sqrt(12)
    assert 0.4 < np.std(z) < 1.8
    assert abs(np.mean([one.mean for one in crossed]) - 3.4) < 0.1
    assert all(abs(one.mean - 3.4) < 5 * one.error + 0.1 for one in crossed)


def test_no_boundary_where_all_is_asynchronous():
    sizes = np.array([5e3, 1e4, 2e4])
    variance = np.stack([1 / sizes] * 4)
    assert math.isnan(rhythm.crossing(np.arange(4.0), sizes, variance, 0.1 * variance).mean)


def test_finite_weights_in_steps_have_what_is_simulated_below_the_fast_line():
    """12,500 neurons at g = 6, eta = 2.2, four runs (docs/validation.rst); white noise has 75/s and 1.62e5."""
    found = osc.predict_stepped(6.0, 2.2, (88.1, 352.4), 1e-4)
    assert found.damping == pytest.approx(171, abs=2 * 10)
    assert found.peak == pytest.approx(151.7, rel=0.05)
    assert found.fluctuation == pytest.approx(9.19e4, rel=0.1)
    assert found.rate == pytest.approx(25.92, rel=0.01)


def test_boundary_of_finite_weights_in_steps_is_where_damping_ends():
    boundary = stepped_boundary(4.5, (0.95, 0.88), 1e-4)
    below, above = (osc.predict_stepped(4.5, boundary + e, (16.0, 64.0), 1e-4) for e in (0.01, -0.01))
    assert below.damping > 0 > above.damping
    assert math.isnan(above.peak)
    assert abs(below.peak - below.frequency) < 2.0
    assert math.isnan(stepped_boundary(4.5, (1.1, 0.95), 1e-4))


@pytest.mark.parametrize(("crossing", "eta", "hertz"), [(osc.FAST, 3.255, 176.2), (osc.SLOW, 0.9126, 31.8)])
def test_boundary_of_theory(crossing, eta, hertz):
    found, frequency = osc.hopf_point(crossing)
    assert found == pytest.approx(eta, rel=1e-3)
    assert frequency == pytest.approx(hertz, rel=1e-3)
    stable = [osc.predict(crossing.g, eta, (10.0, 300.0)).damping > 0 for eta in (crossing.etas[0], crossing.etas[-1])]
    assert stable == [True, False]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sizes", "5000"], "sizes must be 2"),
        (["--sizes", "1000", "5000"], "above 1250"),
        (["--trials", "0"], "trials"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    assert main(["oscillations", *words]) == 2
    assert message in capsys.readouterr().err


QUICK = osc.Crossing(name="fast", g=6.0, etas=(1.5, 4.5), bracket=(2.5, 4.0), duration=1.0, segment=0.25, window=1e-3)


@needs_compiler
def test_variance_falls_with_n_below_the_line_and_not_above_it(capsys, monkeypatch):
    monkeypatch.setattr("validation.cli.oscillations.FAST", QUICK)
    assert main(["oscillations", "--fast", "--sizes", "2500", "5000", "--trials", "2", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    below, above = found["exponents"]
    assert below["mean"] > 0.6
    assert above["mean"] < 0.4
    assert (below["mean"] - above["mean"]) > 3 * math.hypot(below["error"], above["error"])
    last = found["measurements"][-1]
    assert last["resonance"]["peak"] == pytest.approx(186, abs=10)
    assert last["amplitude"] > 1
    assert [p["fluctuation"] is None for p in found["predictions"]] == [False, True]
