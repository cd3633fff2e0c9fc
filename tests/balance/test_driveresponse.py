"""How fast networks follow their drive, against closed forms, limits, and other ways to the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

import meanfield as mf
from meanfield.units import Hz, ms, mV

SPREAD = mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)


@pytest.fixture(scope="module")
def brunel():
    """Network of strong inhibition with fixed delays, stable."""
    return mf.solve(mf.models.brunel2000(g=8, eta=2))


@pytest.fixture(scope="module")
def binary():
    return mf.solve(mf.models.vanvreeswijk1998(K=400, m0=0.1))


def test_binary_networks_follow_as_their_linear_equations_say(binary):
    """tau m' = (G - 1) m + a: m(t) = (1 - e^{At}) m(inf), with neither delays nor anything instantaneous."""
    tau = np.array([neuron.tau for neuron in binary.network.neurons])
    gain, direct = mf.loop_gain(binary, 0.0).real, mf.balance.drive_response(binary, 0.0)
    matrix = (gain - np.eye(2)) / tau[:, None]
    t = np.linspace(1, 60, 60) * ms
    final = direct.real
    exact = np.array([final - expm(matrix * x) @ final for x in t])
    found = mf.balance.step_response(binary, t, resolution=2e-6)
    np.testing.assert_allclose(found.final, final, rtol=1e-10)
    np.testing.assert_allclose(found.rate, exact, rtol=0, atol=1e-6 * np.abs(final).max())


def test_latency_of_binary_networks_is_that_of_their_states(binary):
    state = mf.binary.stationary_state(binary.network)
    np.testing.assert_allclose(binary.rate, state.activity, rtol=1e-6)
    np.testing.assert_allclose(mf.balance.latency(binary), state.latency(), rtol=1e-5)


def test_at_late_times_the_rates_are_those_of_the_changed_network(brunel):
    """The final change is the difference of two fixed points, found without any response function."""
    network, h = brunel.network, 1e-4
    drive = network.drives[0]

    def rate(factor: float):
        return mf.solve(replace(network, drives=(replace(drive, rate=drive.rate * factor),))).rate

    final = (rate(1 + h) - rate(1 - h)) / (2 * h)
    found = mf.balance.step_response(brunel, [0.0, 0.3])
    np.testing.assert_allclose(found.final, final, rtol=1e-6)
    np.testing.assert_allclose(found.rate[1], final, rtol=1e-5)


def test_until_the_first_spike_returns_the_network_is_as_its_neurons_alone(brunel):
    alone = mf.solve(mf.balance.uncoupled(brunel))
    delay = float(brunel.network.delay.min())
    t = np.array([0.05, 0.3, 0.6, 0.9]) * delay
    network, neurons = mf.balance.step_response(brunel, t), mf.balance.step_response(alone, t)
    np.testing.assert_allclose(network.rate, neurons.rate, rtol=1e-6)
    later = [mf.balance.step_response(fp, [3 * delay]).rate[0, 0] for fp in (brunel, alone)]
    assert later[0] < 0.9 * later[1]


def test_neurons_begin_as_the_square_root_of_time():
    """A step of the mean: d rate = (rate sqrt2/sigma) 2 sqrt(t/(pi tau)) d mu, from the response ~ (s tau)^(-1/2)."""
    network = replace(
        mf.models.brunel2000(),
        indegree=np.zeros((2, 2)),
        drives=(mf.ConstantDrive(mu=12 * mV), mf.WhiteNoiseDrive(sigma=8 * mV)),
    )
    fp = mf.solve(network)
    t = np.array([1e-5, 4e-5])
    found = mf.balance.step_response(fp, t, resolution=5e-7).rate[:, 0] / (12 * mV)
    law = fp.rate[0] * np.sqrt(2) / fp.sigma[0] * 2 * np.sqrt(t / (np.pi * 20 * ms))
    np.testing.assert_allclose(found, law, rtol=0.05)
    closer = np.abs(found / law - 1)
    assert closer[0] < 0.6 * closer[1]  # what is left is of the next order, ~ sqrt(t)


def test_a_step_of_the_variance_acts_at_once():
    """Rates jump by rate delta sigma²/sigma² where synapses have no filter."""
    fp = mf.solve(mf.models.brunel2000(g=8, eta=2, delay=SPREAD))
    drive = fp.network.drives[0]
    variance = 20 * ms * float((drive.indegree * drive.weight**2 * drive.rate)[0])
    found = [mf.balance.step_response(fp, [5 * w], resolution=w).rate[0, 0] for w in (1e-6, 2.5e-7)]
    jump = fp.rate[0] * variance / fp.sigma[0] ** 2
    extrapolated = 2 * found[1] - found[0]  # the rest ~ sqrt(t)
    assert extrapolated == pytest.approx(jump, rel=0.02)


def test_latency_is_the_area_above_the_step_response(brunel):
    for fp in (brunel, mf.solve(mf.balance.uncoupled(brunel))):
        t = np.linspace(0, 0.3, 30_001)
        found = mf.balance.step_response(fp, t)
        area = np.trapezoid(1 - found.normalised, t, axis=0)
        np.testing.assert_allclose(found.latency, area, rtol=0, atol=2e-5)


def test_sinusoids_are_the_transform_of_the_step(brunel):
    """H(s) = s times the transform of the step response, at a frequency where both lag and gain matter."""
    t = np.linspace(0, 0.4, 80_001)
    found = mf.balance.step_response(brunel, t)
    s = 20.0 + 2j * np.pi * 40
    moving = found.rate[:, 0] - found.final[0]
    transform = found.final[0] + s * np.trapezoid(moving * np.exp(-s * t), t)
    assert transform == pytest.approx(complex(mf.balance.drive_response(brunel, s)[0]), rel=2e-3)


def test_balance_makes_the_rise_as_fast_as_one_over_k():
    """The drive grows as sqrt(K) and neurons begin as sqrt(t): the rise time falls as 1/K, for K to infinity."""
    network = mf.models.brunel2000(g=8, eta=4, weight=0.2 * mV, delay=SPREAD, epsilon=0.05)
    found = mf.balance.response_times(network, [1000, 4000, 16_000])
    rise, alone = found.of("rise_time")
    ratios = rise[:-1, 0] / rise[1:, 0]
    assert ratios[0] > 3
    assert alone[:, 0] / alone[0, 0] == pytest.approx(np.ones(3), rel=0.03)
    assert (alone > 50 * rise).all()
    final, by_neurons = found.of("final")
    assert final[2, 0] == pytest.approx(found.network[2].state.rate[0], rel=0.05)  # rates are proportional to the drive
    growth = by_neurons[1:, 0] / by_neurons[:-1, 0]
    np.testing.assert_allclose(growth, 2.0, rtol=0.05)  # those of neurons alone grow as sqrt(K)


def test_uncoupled_neurons_have_the_input_of_the_network(brunel):
    alone = mf.solve(mf.balance.uncoupled(brunel))
    for name in ("rate", "mu", "sigma", "cv"):
        np.testing.assert_allclose(getattr(alone, name), getattr(brunel, name), rtol=1e-9)


def test_what_cannot_be_is_refused(brunel):
    with pytest.raises(ValueError, match=r"drive must be the number of one of the 1 drives, from 0, got 1"):
        mf.balance.drive_response(brunel, 0.0, drive=1)
    with pytest.raises(ValueError, match="fp must be a stable state"):
        mf.balance.step_response(mf.solve(mf.models.brunel2000(g=6, eta=4)))
    with pytest.raises(ValueError, match="t must not be negative"):
        mf.balance.step_response(brunel, [-1 * ms, 1 * ms])
    with pytest.raises(ValueError, match="resolution must be at least"):
        mf.balance.step_response(brunel, resolution=1e-8)
    with pytest.raises(ValueError, match="K must not be larger than N"):
        mf.balance.response_times(brunel.network, [100_000])
    undriven = replace(
        brunel.network, drives=(*brunel.network.drives, mf.PoissonDrive(indegree=0, weight=0, rate=5 * Hz))
    )
    with pytest.raises(ValueError, match="population E does not answer to the drive"):
        mf.balance.latency(mf.solve(undriven), drive=1)
