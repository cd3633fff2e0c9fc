"""Filtered synapses where V surely rises to threshold: a chain beside the equation, limits, and simulation."""

import dataclasses
import math

import numpy as np
import pytest

import meanfield as mf
from meanfield.neurons.filtered_chain import (
    MODES,
    NODES,
    SURE,
    build,
    chain_response,
    chain_spectrum,
    chain_variation,
    follow_flux,
)
from meanfield.neurons.filtered_equation import (
    Neuron,
    discretise,
    prepare,
    resolution,
    response,
    scaled_rate,
    spectrum,
    squared_variation,
)
from meanfield.neurons.filtered_paths import covariances
from meanfield.units import ms, mV
from validation.filtered import simulate_filtered, simulate_response

NEURON = mf.LIFFiltered(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=5 * ms)


def with_ratio(ratio, **changes):
    return dataclasses.replace(NEURON, tau_s=ratio * NEURON.tau_m, **changes)


def chain_of(neuron, modes=MODES, nodes=NODES):
    chain = build(neuron, modes, nodes)
    follow_flux(chain)
    return chain


def at_seam(ratio, t_ref, crossing):
    """A neuron that crosses in a time `crossing` of tau_m without noise, and is at the border of the two methods."""
    level = -SURE * math.sqrt(0.5 / ratio)
    return Neuron(ratio, level, level * math.exp(crossing), t_ref)


@pytest.mark.parametrize(
    ("ratio", "t_ref", "crossing"),
    [(0.02, 0.1, 0.5), (0.02, 0.1, 0.03), (0.25, 0.1, 0.1), (0.25, 0.1, 0.03), (0.25, 0.0, 0.5), (1.0, 0.1, 0.1)],
)
def test_chain_and_equation_agree_where_one_follows_the_other(ratio, t_ref, crossing):
    neuron = at_seam(ratio, t_ref, crossing)
    chain, equation = chain_of(neuron), discretise(neuron, resolution(neuron), 0.03)
    prepare(equation)
    unit = math.exp(equation.scale)
    rate = scaled_rate(equation) * unit
    assert chain.flux[0] == pytest.approx(rate, rel=1e-6)
    assert chain_variation(chain) == pytest.approx(math.sqrt(squared_variation(equation)), rel=5e-5)
    for s in (0.0j, -0.2 + 1.0j, 2j * math.pi * 0.5 * rate, 2j * math.pi * rate):
        ours, theirs = chain_response(chain, s), response(equation, s) * unit
        size = np.maximum(abs(ours), [0.0, abs(ours[0])])  # sigma² may hardly move the rate at all
        assert (abs(ours - theirs) < 2e-4 * size).all()
        if s.imag > 0.0:
            assert chain_spectrum(chain, s.imag * 1j) == pytest.approx(spectrum(equation, s.imag * 1j) * unit, rel=1e-4)


@pytest.mark.parametrize(("mu", "sigma"), [(800.0, 10.0), (200.0, 16.0), (40.0, 2.0), (21.0, 0.01)])
@pytest.mark.parametrize("t_ref", [0.0, 2 * ms])
@pytest.mark.parametrize("ratio", [0.05, 0.25, 1.5, 60.0])
def test_modes_and_times_are_enough(mu, sigma, t_ref, ratio):
    neuron = Neuron(ratio, (20.0 - mu) / sigma, (10.0 - mu) / sigma, t_ref / NEURON.tau_m)
    if neuron.level > -SURE * math.sqrt(0.5 / ratio):
        pytest.skip("not of the chain")
    chain, fine = chain_of(neuron), chain_of(neuron, MODES + 12, NODES + 70)
    rate = fine.flux[0]
    assert chain.flux[0] == pytest.approx(rate, rel=5e-8)
    assert chain_variation(chain) == pytest.approx(chain_variation(fine), rel=1e-7)
    gain = chain_response(fine, 0.0j)[0].real
    for s in (0.0j, -0.4 / max(1.0, ratio) + 2.0j, 1.94j * math.pi * rate, 5j * math.pi * rate, 20.0 + 20.0j):
        ours, theirs = chain_response(chain, s), chain_response(fine, s)
        size = np.maximum(abs(theirs), 1e-2 * gain)
        assert (abs(ours - theirs) < [2e-5, 2e-4] * size).all()


@pytest.mark.parametrize(("mu", "sigma"), [(300 * mV, 14 * mV), (800 * mV, 10 * mV), (45 * mV, 2 * mV)])
@pytest.mark.parametrize("t_ref", [0.0, 2 * ms])
def test_gain_is_the_derivative_of_the_rate_and_the_slow_response(mu, sigma, t_ref):
    neuron = dataclasses.replace(NEURON, t_ref=t_ref)
    rate, by_mu, by_variance = neuron.rate_and_gain(mu, sigma)
    assert neuron.solve(mu, sigma).method == "chain"
    assert rate == neuron.rate(mu, sigma)
    h = 1e-3 * mu

    def derivative(f, h):
        return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)

    assert by_mu == pytest.approx(derivative(lambda x: neuron.rate(mu + x, sigma), h), rel=1e-6)
    found = derivative(lambda x: neuron.rate(mu, math.sqrt(sigma**2 + x)), 0.05 * sigma**2)
    assert by_variance == pytest.approx(found, rel=1e-4, abs=1e-7 * by_mu / sigma)
    slow = neuron.response(0.0, mu, sigma)
    assert slow[0] == pytest.approx(by_mu, rel=1e-12)
    assert slow[1] == pytest.approx(by_variance, rel=1e-12)


@pytest.mark.parametrize("ratio", [0.001, 0.1, 1.0, 20.0])
@pytest.mark.parametrize("mu", [24 * mV, 60 * mV, 500 * mV])
def test_in_weak_noise_intervals_vary_by_the_integral_of_the_current(ratio, mu):
    """Time of crossing = what the current adds to V until then, over the velocity at threshold."""
    neuron, sigma = with_ratio(ratio), 1e-3 * mV
    crossing = math.log((mu - 10 * mV) / (mu - 20 * mV))
    sd = sigma * math.sqrt(covariances(np.array([crossing]), ratio, np.inf)[0, 0])
    interval = neuron.t_ref + neuron.tau_m * crossing
    assert neuron.rate(mu, sigma) == pytest.approx(1.0 / interval, rel=1e-6)
    assert neuron.cv(mu, sigma) == pytest.approx(neuron.tau_m * sd / (mu - 20 * mV) / interval, rel=1e-5)


def test_without_memory_of_the_current_intervals_are_independent():
    neuron = with_ratio(0.005)
    mu, sigma = 60 * mV, 0.5 * mV
    rate, cv = neuron.rate(mu, sigma), neuron.cv(mu, sigma)
    assert neuron.solve(mu, sigma).method == "chain"
    assert neuron.spectrum(0.0, mu, sigma) == pytest.approx(rate * cv**2, rel=1e-3)
    assert neuron.spectrum(1e6, mu, sigma) == pytest.approx(rate, rel=1e-5)


def test_fast_inputs_change_the_velocity_at_threshold():
    """What is at threshold is rate over velocity, and mu adds to that velocity through the filter."""
    mu, sigma = 400 * mV, 1 * mV
    s = 1j * NEURON.largest
    answer = NEURON.response(s, mu, sigma)[0] * (1.0 + s * NEURON.tau_s)
    assert answer == pytest.approx(NEURON.rate(mu, sigma) / (mu - 20 * mV), rel=1e-4)


def test_the_rate_rises_to_that_of_refractoriness_across_both_seams():
    mu = np.geomspace(25.0, 5000.0, 60) * mV
    answers = [NEURON.solve(m, 10 * mV) for m in mu]
    assert [answer.method for answer in answers] == sorted((answer.method for answer in answers), reverse=True)
    assert {answer.method for answer in answers} == {"solver", "chain"}
    assert all(answer.error < 5e-5 * answer.rate for answer in answers)
    rates = np.array([answer.rate for answer in answers])
    assert (np.diff(rates) > 0).all()
    assert rates[-1] == pytest.approx(1 / (2 * ms + 20 * ms * math.log(4990 / 4980)), rel=1e-5)
    without = dataclasses.replace(NEURON, t_ref=0.0)
    assert without.rate(5000 * mV, 10 * mV) == pytest.approx(1 / (20 * ms * math.log(4990 / 4980)), rel=1e-3)


@pytest.mark.parametrize(("mu", "sigma"), [(200 * mV, 100 * mV), (300 * mV, 14 * mV), (26 * mV, 1.2 * mV)])
def test_simulation_agrees_far_above_threshold_in_strong_and_in_weak_noise(mu, sigma):
    """In strong noise by the equation, whose times are closer there."""
    seen = simulate_filtered(NEURON, mu, sigma, spikes=40_000, rng=3)
    assert abs(NEURON.rate(mu, sigma) - seen.rate.mean) < 4 * seen.rate.error
    assert abs(NEURON.cv(mu, sigma) - seen.cv.mean) < 4 * seen.cv.error
    assert seen.rate.error < 5e-3 * seen.rate.mean


@pytest.mark.parametrize(("by", "amplitude"), [("mu", 10 * mV), ("sigma²", 100 * mV**2)])
def test_simulated_response_agrees_far_above_threshold(by, amplitude):
    mu, sigma, frequency = 300 * mV, 14 * mV, 185.0
    neuron = with_ratio(0.1)
    answer = neuron.response(2j * np.pi * frequency, mu, sigma)[0 if by == "mu" else 1]
    seen, error = simulate_response(neuron, mu, sigma, frequency, by=by, amplitude=amplitude, spikes=60_000, rng=5)
    assert abs(seen.real - answer.real) < 4 * error
    assert abs(seen.imag - answer.imag) < 4 * error
    assert error < 0.25 * abs(answer)
