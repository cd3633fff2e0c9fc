"""Drives that change in time."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms
from tests.validation.networks import needs_brian2, needs_compiler, same, small
from validation import Modulation, cross_validate, simulate
from validation.response import jackknife, predicted, sinusoids, square, step_value

ALONE = mf.balance.uncoupled(mf.solve(small()))  # three drives


@needs_brian2
@needs_compiler
def test_a_course_of_no_depth_leaves_every_spike_where_it_was():
    plain = simulate(small(), duration=0.3, rng=2)
    course = Modulation(course=[1.0, -1.0], bin_width=10 * ms, depth=0.0)
    assert same(plain, simulate(small(), duration=0.3, rng=2, modulation=course))


@needs_brian2
@needs_compiler
def test_rates_follow_the_course_from_the_end_of_the_warm_up():
    """Bins repeat, whole or not within the warm-up, and each drive has its own depth: as linear response predicts."""
    levels = np.repeat([0.5, -0.5, 1.0, 0.0], [20, 20, 20, 40])
    course = Modulation(course=levels, bin_width=1 * ms, depth=[0.08, 0.0, 0.0])
    run = simulate(ALONE, duration=6.0, warmup=0.0733, rng=1, modulation=course)
    bins = np.floor(np.concatenate(run.times) / ms + 1e-6).astype(int)
    by_period = np.bincount(bins, minlength=6000).reshape(-1, 20, 5).sum(axis=2) / (500 * 5e-3)
    expected = predicted(mf.solve(ALONE), course).reshape(20, 5).mean(axis=1)
    found, error = by_period.mean(axis=0), by_period.std(axis=0, ddof=1) / np.sqrt(len(by_period))
    difference = found - found.mean() - (expected - expected.mean())
    assert np.ptp(expected) > 20 * error.mean()  # so that a shift would be seen
    assert (difference**2 / error**2).mean() < 4
    still = Modulation(course=levels, bin_width=1 * ms, depth=[0.0, 0.0, 0.0])
    assert same(run, run)
    assert not same(run, simulate(ALONE, duration=6.0, warmup=0.0733, rng=1, modulation=still))


@needs_brian2
@needs_compiler
def test_cross_validation_of_response_times():
    times = mf.balance.response_times(small(), [40])
    found = cross_validate(times, duration=2.0, depth=0.1, rng=2)
    for label in ("network", "alone"):
        gain = found["gain", f"{label}, K = 40"]
        assert gain.simulation == pytest.approx(gain.theory, rel=0.3)
        assert gain.error > 0
    latency = found["latency", "alone, K = 40"]
    assert latency.simulation == pytest.approx(latency.theory, abs=max(4 * latency.error, 1.0))
    assert found["latency", "network, K = 40"].theory < latency.theory


def test_cross_validation_of_powers(monkeypatch):
    """What is simulated is replaced by powers that are known."""
    theory = mf.balance.scaling(mf.models.brunel2000(g=8, eta=4), [1000, 4000])
    powers = {"excitation": 0.5, "inhibition": 0.6, "net": -0.1, "variance": 0.0}

    def known(scaling, *, trials, **_):
        return [[{name: k**p for name, p in powers.items()} for _ in range(trials)] for k in scaling.indegree]

    monkeypatch.setattr("validation.predictions.balance.simulate_scaling", known)
    found = cross_validate(theory, trials=2)
    for name, power in powers.items():
        row = found[f"power of {name}", "E"]
        assert row.simulation == pytest.approx(power, abs=1e-12)
        assert row.theory == theory.exponents()[name][0].value


def test_what_cannot_be_a_course_is_refused():
    with pytest.raises(ValueError, match="course must have 1 to 10000 bins, got shape"):
        Modulation(course=np.zeros(10_001), bin_width=1 * ms, depth=0.1)
    with pytest.raises(ValueError, match="bin_width must be positive"):
        Modulation(course=[1.0], bin_width=0.0, depth=0.1)
    course = Modulation(course=[1.0, -2.0], bin_width=1 * ms, depth=0.6)
    with pytest.raises(
        ValueError, match=r"rates must not be negative: depth times course must be at least -1, got -1.2"
    ):
        course.parameters(ALONE, 0.0, 1e-4)
    with pytest.raises(ValueError, match=r"bin_width must be at least one time step, 0.01 s, got 0.001 s"):
        Modulation(course=[1.0, 0.0], bin_width=1 * ms, depth=0.1).parameters(ALONE, 0.0, 1e-2)


def test_prediction_for_a_slow_course_is_the_static_answer():
    fp = mf.solve(ALONE)
    final = mf.balance.drive_response(fp, 0.0).real[0]
    slow = Modulation(course=np.cos(2 * np.pi * np.arange(1000) / 1000), bin_width=0.05, depth=[0.1, 0.0, 0.0])
    np.testing.assert_allclose(predicted(fp, slow), fp.rate[0] + 0.1 * final * slow.course, rtol=0, atol=2e-3 * final)


def test_values_of_a_step_are_those_of_an_exponential():
    """1 - e^{-t/tau}, averaged over bins: rise tau ln 2, no peak above 1, latency tau."""
    dt, tau, half = 1e-4, 3e-3, 500
    edges = np.arange(half + 1) * dt
    share = 1 + tau / dt * np.diff(np.exp(-edges / tau))
    rate = 20 + 0.2 * 30 * np.concatenate([2 * share - 1, 1 - 2 * share])
    values = {name: step_value(rate, name=name, depth=0.2, dt=dt) for name in ("gain", "rise", "peak", "latency")}
    assert values["gain"] == pytest.approx(30, rel=1e-5)
    assert values["rise"] == pytest.approx(tau * np.log(2), rel=2e-3)
    assert values["peak"] == pytest.approx(1, abs=1e-5)
    assert values["latency"] == pytest.approx(tau, rel=1e-3)


def test_courses_are_what_they_say():
    steps = square(0.2, 3, 1e-4)
    assert steps.depth.tolist() == [0.2, 0.0, 0.0]
    assert steps.course.sum() == 0
    waves = sinusoids(0.2, 1, 1e-4)
    f = np.fft.rfftfreq(waves.course.size, 1e-4)
    amplitudes = 2 * np.abs(np.fft.rfft(waves.course)) / waves.course.size
    np.testing.assert_allclose(f[amplitudes > 1e-9], [5, 10, 20, 40, 80, 160])
    np.testing.assert_allclose(amplitudes[amplitudes > 1e-9], 0.5)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    rng = np.random.default_rng(1)
    periods = rng.normal(3.0, 1.0, (1000, 1))
    found = jackknife(lambda x: float(x[0]), periods)
    assert found.mean == pytest.approx(periods.mean())
    assert found.error == pytest.approx(1 / np.sqrt(1000), rel=0.6)  # of ten groups
