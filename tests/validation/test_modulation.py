"""Drives that change in time."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import LIF, needs_brian2, needs_compiler, same, small
from validation import Modulation, simulate
from validation.response import jackknife, predicted, sinusoids, square, step_value

DRIVEN = mf.Network(  # neurons that only hear
    names=["E", "I"],
    sizes=[400, 100],
    neurons=LIF,
    indegree=np.zeros((2, 2)),
    weight=np.zeros((2, 2)),
    drives=[
        mf.PoissonDrive(indegree=100, weight=0.4 * mV, rate=25 * Hz),
        mf.PoissonDrive(indegree=100, weight=-0.4 * mV, rate=5 * Hz),
    ],
)


@needs_brian2
@needs_compiler
def test_a_course_of_no_depth_leaves_every_spike_where_it_was():
    plain = simulate(small(), duration=0.3, rng=2)
    course = Modulation(course=[1.0, -1.0], bin_width=10 * ms, depth=0.0)
    assert same(plain, simulate(small(), duration=0.3, rng=2, modulation=course))


@needs_brian2
@needs_compiler
def test_inputs_follow_the_course_from_the_end_of_the_warm_up():
    """Bins repeat; each drive has its own depth. The mean input of each bin is that of the drive there."""
    course = Modulation(course=[0.5, -0.5, 1.0], bin_width=20 * ms, depth=[1.0, -0.4])
    run = simulate(DRIVEN, duration=1.2, warmup=0.07, rng=1, modulation=course, currents=400, current_bin=20 * ms)
    for part, mean, depth in ((run.currents.excitation[0], 20 * mV, 1.0), (run.currents.inhibition[0], -4 * mV, -0.4)):
        found = part.mean(axis=0).reshape(-1, 3).mean(axis=0)
        rate = {1.0: 2500.0, -0.4: 500.0}[depth]
        error = abs(mean) / np.sqrt(rate * 0.02 * 400 * 20)
        np.testing.assert_allclose(found, mean * (1 + depth * np.array([0.5, -0.5, 1.0])), atol=6 * error)


def test_what_cannot_be_a_course_is_refused():
    with pytest.raises(ValueError, match="course must have 1 to 10000 bins, got shape"):
        Modulation(course=np.zeros(10_001), bin_width=1 * ms, depth=0.1)
    with pytest.raises(ValueError, match="bin_width must be positive"):
        Modulation(course=[1.0], bin_width=0.0, depth=0.1)
    course = Modulation(course=[1.0, -2.0], bin_width=1 * ms, depth=0.6)
    with pytest.raises(
        ValueError, match=r"rates must not be negative: depth times course must be at least -1, got -1.2"
    ):
        course.parameters(DRIVEN, 0.0, 1e-4)
    with pytest.raises(ValueError, match=r"bin_width must be at least one time step, 0.01 s, got 0.001 s"):
        Modulation(course=[1.0, 0.0], bin_width=1 * ms, depth=0.1).parameters(DRIVEN, 0.0, 1e-2)


def test_prediction_for_a_slow_course_is_the_static_answer():
    fp = mf.solve(DRIVEN)
    final = mf.balance.drive_response(fp, 0.0).real[0]
    slow = Modulation(course=np.cos(2 * np.pi * np.arange(1000) / 1000), bin_width=0.05, depth=[0.1, 0.0])
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
