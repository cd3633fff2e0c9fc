"""The experiment on EIF and QIF neurons: single ones beside theory, and what its table says."""

import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms, mV
from tests.validation.networks import needs_compiler
from validation import nonlinear, simulate
from validation.cli import main
from validation.statistics import Estimate
from validation.structure import structure_of

SHARP, SOFT, QUADRATIC = nonlinear.NEURONS


@needs_compiler
def test_neurons_fire_as_theory_says():
    """Rates and CVs over inputs within their standard errors; steps of 0.1 ms change less than those."""
    regimes = ["noise-driven", "at threshold", "mean-driven"]
    found = nonlinear.nonlinear([SOFT], regimes, dts=[0.1 * ms], spikes=8000, rng=3)
    z = np.array([[row.z(row.steps[0]), row.z_cv(row.steps[0])] for row in found.rows])
    assert (np.abs(z) < 3.5).all()
    assert np.sum(z**2) < 22.5  # of six: exceeded once in a thousand
    assert all(row.steps[0].rate.error < 0.012 * row.rate for row in found.rows)


def test_one_program_serves_all_inputs_of_a_model():
    def structures(name):
        points = [nonlinear._point(name, regime) for regime in nonlinear.REGIMES]
        return {structure_of(nonlinear.uncoupled(*point), 1e-4) for point in points}

    assert structures(SHARP) == structures(SOFT)
    assert len(structures(SHARP) | structures(QUADRATIC)) == 2


def test_networks_differ_in_their_neurons_alone():
    ours, brunel = nonlinear.coupled(SOFT), mf.models.brunel2000(g=5, eta=2)
    assert ours.neurons == (nonlinear.NEURONS[SOFT],) * 2
    assert ours.sizes == brunel.sizes
    small = nonlinear.coupled(SOFT, indegree_e=200)
    assert small.sizes == (2000, 500)
    rates = np.array([10.0, 10.0])
    for net in (ours, small):
        recurrent = net.input_moments(rates)[1] ** 2 - net.input_moments(0 * rates)[1] ** 2
        assert recurrent == pytest.approx(brunel.input_moments(rates)[1] ** 2 - brunel.input_moments(0 * rates)[1] ** 2)


def test_the_table(monkeypatch, capsys):
    """A simulation that is 1% low, of an error of 0.5%."""

    def simulated(name, regime, dt, spikes, seed):
        neuron, mu, sigma = nonlinear._point(name, regime)
        rate, cv = neuron.rate(mu, sigma), neuron.cv(mu, sigma)
        return nonlinear.Step(dt=dt, late=0.01 / rate, rate=Estimate(0.99 * rate, 0.005 * rate), cv=Estimate(cv, 0.01))

    monkeypatch.setattr(nonlinear, "_simulate", simulated)
    words = ["nonlinear", "--neuron", QUADRATIC, "--regime", "loud noise"]
    assert main([*words, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert [step["dt"] for step in row["steps"]] == [1e-4, 2e-5]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].count("-1.00%  -2.0  -0.0") == 2  # z- as late as it is low


def test_spikes_are_late_by_parts_of_a_step():
    """Half a step where steps follow the upstroke; more where it outruns them, and in proportion to the step."""
    late = {
        name: nonlinear.lateness(neuron, neuron.v_th + 6 * mV, 0.02 * ms) / (0.02 * ms)
        for name, neuron in nonlinear.NEURONS.items()
    }
    assert late[QUADRATIC] == pytest.approx(0.5, abs=0.03)
    assert 0.8 < late[SOFT] < 1.2 < late[SHARP] < 1.6
    sharp = nonlinear.NEURONS[SHARP]
    finer = nonlinear.lateness(sharp, sharp.v_th + 6 * mV, 0.01 * ms) / (0.01 * ms)
    assert finer == pytest.approx(late[SHARP], rel=0.05)


@needs_compiler
def test_neurons_without_noise_are_late_as_computed():
    """The program itself: intervals of neurons that fire like clocks."""
    neuron, dt = nonlinear.NEURONS[SOFT], 0.1 * ms
    net = nonlinear.uncoupled(neuron, neuron.v_th + 6 * mV, 1e-6 * mV)
    run = simulate(net, duration=2.0, dt=dt, rng=1)
    interval = np.mean(np.diff(run.times[0][run.indices[0] == 0]))
    exact = 1 / neuron.rate(neuron.v_th + 6 * mV, 0.0)
    assert interval - exact == pytest.approx(nonlinear.lateness(neuron, neuron.v_th + 6 * mV, dt), abs=0.6 * dt)
    assert interval > exact + 0.3 * dt


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--neuron", "EIF"], "unknown neuron 'EIF'"),
        (["--regime", "noisy"], "unknown regime 'noisy'"),
        (["--spikes", "100"], "spikes must be at least 2000"),
        (["--network", "--neuron", "LIF"], "unknown neuron 'LIF'"),
    ],
)
def test_bad_words(words, complaint, capsys):
    assert main(["nonlinear", *words]) == 2
    assert complaint in capsys.readouterr().err
