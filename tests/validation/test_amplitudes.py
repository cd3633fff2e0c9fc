"""Jumps of exponentially distributed amplitudes in simulated networks: how they are drawn, and what they do."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import meanfield as mf
import validation
from meanfield.units import Hz, ms, mV
from tests.validation.networks import compiled, needs_compiler, small
from validation import compiler, simulate
from validation.amplitudes import shot
from validation.cli import main
from validation.equations import input_step
from validation.finitejumps import with_noise
from validation.structure import structure_of

MEMBRANE = {"tau_m": 20 * ms, "t_ref": 2 * ms, "v_th": 20 * mV, "v_reset": 10 * mV}
FIXED = mf.LIFShot(**MEMBRANE, weight_e=1 * mV, weight_i=-2 * mV)
EXPONENTIAL = dataclasses.replace(FIXED, amplitudes="exponential")
SAMPLES = 100_000
HARNESS = """
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
static double _rand(int) {{ return 0.3; }}
#include "{source}"
int main(int argc, char **argv) {{
    for (int k = 0; k < {samples}; k++) printf("%.17g\\n", amplitude_sum(atof(argv[1]), 0));
}}
"""


def kolmogorov(values, cumulative):
    """Largest distance of two distribution functions, times sqrt(n); 2.2 is exceeded once in 10,000 times."""
    p = cumulative(np.sort(values))
    steps = np.arange(values.size + 1) / values.size
    return np.sqrt(values.size) * max((steps[1:] - p).max(), (p - steps[:-1]).max())


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    source = Path(validation.__file__).with_name("amplitudes.cpp")
    return compiled(tmp_path_factory.mktemp("amplitudes"), HARNESS.format(source=source, samples=SAMPLES))


@needs_compiler
@pytest.mark.parametrize("number", [0, 1, 3, 16, 17, 100])
def test_sums_of_amplitudes_have_the_gamma_distribution(sampler, number):
    output = subprocess.run([sampler, str(number)], capture_output=True, text=True, check=True).stdout
    sums = np.array(output.split(), dtype=float)
    assert sums.size == SAMPLES
    if number == 0:
        assert not sums.any()
        return
    assert kolmogorov(sums, lambda x: special.gammainc(number, x)) < 2.2
    assert sums.mean() == pytest.approx(number, abs=4 * np.sqrt(number / SAMPLES))
    pairs = (sums[1:] - number) * (sums[:-1] - number)
    assert abs(pairs.mean()) < 4 * number / np.sqrt(SAMPLES)  # one draw tells nothing of the next


def test_fixed_jumps_are_the_program_that_they_were():
    """Amplitudes are part of the structure, and change the text of their own population alone."""
    fixed = mf.with_finite_jumps(small())
    mixed = dataclasses.replace(
        fixed, neurons=[dataclasses.replace(fixed.neurons[0], amplitudes="exponential"), fixed.neurons[1]]
    )
    plain, drawn = structure_of(small(), 1e-4), structure_of(mixed, 1e-4)
    assert structure_of(fixed, 1e-4) == plain
    assert drawn.amplitudes == ("exponential", "fixed")
    assert "amplitude_sum" in input_step(drawn, 0)
    assert input_step(drawn, 1) == input_step(plain, 1)


@needs_compiler
def test_each_synapse_draws_an_amplitude_for_each_spike():
    """What listeners receive from one clock, spike by spike: exponential of mean weight, each listener for itself."""
    n, weight = 40, 0.5 * mV
    clock = mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=20 * mV, v_reset=0.0)
    listener = mf.LIFShot(
        tau_m=20 * ms, v_th=1.0, v_reset=0.0, weight_e=weight, weight_i=-1 * mV, amplitudes="exponential"
    )
    net = mf.Network(
        names=["clock", "listener"],
        sizes=[1, n],
        neurons=[clock, listener],
        indegree=[[0, 0], [1, 0]],
        weight=[[0, 0], [weight, 0]],
        delay=1.5 * ms,
        drives=[mf.ConstantDrive(mu=[25 * mV, 0.0])],
    )
    run = simulate(net, duration=3.0, currents=n, rng=3)
    jumps = run.currents.excitation[1] * 0.1 * ms / (20 * ms) / weight
    jumps = jumps[:, jumps.any(axis=0)]
    assert jumps.shape[1] == pytest.approx(run.times[0].size, abs=1)
    assert (jumps > 0).all()
    assert kolmogorov(jumps.ravel(), lambda x: -np.expm1(-x)) < 2.2
    correlation = np.corrcoef(jumps)[np.triu_indices(n, 1)]
    assert abs(correlation.mean()) < 4 / np.sqrt(correlation.size * jumps.shape[1])
    later = (jumps[:, 1:] - 1) * (jumps[:, :-1] - 1)
    assert abs(later.mean()) < 4 / np.sqrt(later.size)


@needs_compiler
def test_uncoupled_neurons_fire_as_theory_says(monkeypatch):
    """Both kinds of amplitudes in one program, at steps of 0.02 ms; one kind's theory is not the other's."""
    monkeypatch.setattr(compiler, "_build_in_fresh_process", built_once(compiler._build_in_fresh_process))
    neurons = 700
    for rate_e, rate_i, duration in ((1000 * Hz, 150 * Hz, 2.0), (1500 * Hz, 300 * Hz, 0.8)):
        net = mf.Network(
            names=["fixed", "exponential"],
            sizes=[neurons, neurons],
            neurons=[FIXED, EXPONENTIAL],
            indegree=np.zeros((2, 2)),
            weight=np.zeros((2, 2)),
            drives=[
                mf.PoissonDrive(indegree=1, weight=1 * mV, rate=rate_e),
                mf.PoissonDrive(indegree=1, weight=-2 * mV, rate=rate_i),
            ],
        )
        run = simulate(net, duration=duration, warmup=0.2, dt=0.02 * ms, rng=1)
        moments = FIXED.receptors.moments(rate_e, rate_i)
        theory = [neuron.rate(*moments) for neuron in (FIXED, EXPONENTIAL)]
        assert theory[1] > 1.1 * theory[0]
        for i, expected in enumerate(theory):
            counts = np.bincount(run.indices[i], minlength=neurons) / run.duration
            error = counts.std() / np.sqrt(neurons)
            assert error < 0.01 * expected
            assert counts.mean() == pytest.approx(expected, abs=3 * error), net.names[i]
            mean, variance = run.mu[i].mean(), (run.sigma[i] ** 2).mean()
            assert mean == pytest.approx(moments[0], rel=0.005)
            assert variance == pytest.approx(moments[1] ** 2, rel=0.01)  # of spikes of mean amplitude, both kinds


def built_once(build):
    """`build`, which fails the test if it is called twice."""
    calls = []

    def checked(*words):
        calls.append(words)
        if len(calls) > 1:
            pytest.fail("compiled again")
        return build(*words)

    return checked


def test_without_a_compiler_amplitudes_are_drawn_too(monkeypatch):
    net = mf.with_finite_jumps(small(sizes=[40, 10], indegree=[[4, 1], [4, 1]]), amplitudes="exponential")
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="without compiling"):
        run = simulate(net, duration=0.2, warmup=0.05, rng=1)
    mu, sigma = net.input_moments(run.rate)
    assert run.mu[0].mean() == pytest.approx(mu[0], rel=0.01)
    assert (run.sigma[0] ** 2).mean() == pytest.approx(sigma[0] ** 2, rel=0.05)


def test_regimes_are_set_beside_their_theories(monkeypatch):
    """Few spikes, without a compiler: both kinds of amplitudes are near their own theory and far from the other's."""
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="without compiling"):
        table = shot(["1 mV, below threshold"], spikes=1000, dts=[1e-4], rng=2)
    for row in table.rows:
        assert abs(row.z) < 4
        other = "fixed" if row.amplitudes == "exponential" else "exponential"
        assert abs(row.rates[other] - row.limit.mean) > 4 * row.limit.error
    assert [row.amplitudes for row in table.rows] == ["fixed", "exponential"]
    assert "below threshold" in str(table)
    assert len(json.loads(table.to_json())) == 2


def test_unknown_regimes_are_named(capsys):
    assert main(["shot", "--regime", "none"]) == 2
    assert "regime" in capsys.readouterr().err


def test_a_diffusion_of_drawn_amplitudes_has_twice_the_variance():
    net = small()
    rate = np.array([7.0, 9.0])
    (mu, sigma), (same, larger) = (n.input_moments(rate) for n in (net, with_noise(net, 2.0)))
    assert same == pytest.approx(mu, rel=1e-12)
    assert larger == pytest.approx(np.sqrt(2) * sigma, rel=1e-12)
