"""Simulated conductance synapses: what a step does, single neurons beside spike-to-spike simulation, a network."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from tests.validation.networks import LIF, needs_compiler, small
from validation import compiler, cross_validate, reversals, simulate
from validation.conductance import simulate_neuron
from validation.equations import input_step, membrane
from validation.parameters import parameters_of
from validation.structure import structure_of

REVERSALS = {"e_e": 70 * mV, "e_i": -5 * mV}
JUMPS = mf.LIFConductance(
    tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, **REVERSALS, weight_e=1 * mV, weight_i=-2 * mV
)
FILTERED = dataclasses.replace(JUMPS, weight_e=0.4 * mV, weight_i=-0.8 * mV, tau_e=3 * ms, tau_i=6 * ms)


def after_step(neuron, v, n_e, n_i):
    """V [V] after `n_e` and `n_i` spikes arrived in one step: the statements of the program, run."""
    state = reversals.parameters(neuron) | {"v": v, "excitation_sum": 0.0, "t": 0.0, "t_record": 0.0, "exp": np.exp}
    state |= {"excitation": n_e * neuron.weight_e, "inhibition": n_i * neuron.weight_i, "not_refractory": True}
    exec("\n".join(reversals.step(filtered=False)), state)
    return state["v"]


def test_spikes_of_one_receptor_act_one_after_the_other_exactly():
    b_e, b_i = 1 / 55, 2 / 20
    v = 14 * mV
    assert after_step(JUMPS, v, 3, 0) == pytest.approx(70 * mV - (1 - b_e) ** 3 * (70 * mV - v), rel=1e-12)
    assert after_step(JUMPS, v, 0, 2) == pytest.approx(-5 * mV + (1 - b_i) ** 2 * (v + 5 * mV), rel=1e-12)
    assert after_step(JUMPS, 15 * mV, 1, 0) == pytest.approx(16 * mV, rel=1e-12)  # v_ref: the weight itself


def test_a_step_is_the_mean_over_all_orders_of_its_spikes():
    """Exactly for one of each, to third order in the areas for more; excitation first is wrong in the second."""

    def errors(n_e, n_i, scale):
        neuron = dataclasses.replace(JUMPS, weight_e=scale * mV, weight_i=-2 * scale * mV)
        b, to, v, ends = (scale / 55, 2 * scale / 20), (70 * mV, -5 * mV), 14 * mV, []
        for order in itertools.permutations([0] * n_e + [1] * n_i):
            u = v
            for receptor in order:
                u += b[receptor] * (to[receptor] - u)
            ends.append(u)  # the first order has excitation first
        exact = np.mean(ends)
        return np.array([after_step(neuron, v, n_e, n_i) - exact, ends[0] - exact])

    assert abs(errors(1, 1, 1.0)[0]) < 1e-15
    for numbers in ((2, 1), (3, 2)):
        ours, excitation_first = np.log2(errors(*numbers, 0.1) / errors(*numbers, 0.05))
        assert ours == pytest.approx(3, abs=0.1)
        assert excitation_first == pytest.approx(2, abs=0.1)


def test_without_inhibition_nothing_is_pulled_to_its_reversal():
    alone = dataclasses.replace(JUMPS, weight_i=0.0)
    assert after_step(alone, 15 * mV, 1, 0) == pytest.approx(16 * mV, rel=1e-12)


def test_filtered_conductances_have_the_area_of_instantaneous_ones():
    fast, slow = (
        reversals.parameters(dataclasses.replace(FILTERED, tau_e=a, tau_i=b)) for a, b in ((0, 0), (3e-3, 6e-3))
    )
    assert slow["area_e"] * slow["tau_e"] == pytest.approx(fast["area_e"] * 20 * ms)
    assert slow["area_i"] * slow["tau_i"] == pytest.approx(fast["area_i"] * 20 * ms)


def test_only_conductances_tell_receptors_apart():
    """The text of a population without conductances is the same beside one that has them, and the structure tells."""
    mixed = small(neurons=[dataclasses.replace(JUMPS, weight_e=0.4 * mV), LIF])
    plain = small()
    a, b = structure_of(mixed, 1e-4), structure_of(plain, 1e-4)
    assert (a.drifts, b.drifts) == (("LIFConductance", "LIF"), ("LIF", "LIF"))
    assert membrane(a, 1) == membrane(b, 1)
    assert input_step(a, 1) == input_step(b, 1)
    assert "reversal" not in membrane(b, 0) + input_step(b, 0) + repr(parameters_of(plain, b, 0.1))


@needs_compiler
def test_uncoupled_neurons_fire_as_from_spike_to_spike(monkeypatch):
    """Steps of 0.02 ms; the theory of finite jumps is not asked, but the same process without steps."""
    net = mf.Network(
        names=["jumps", "filtered"],
        sizes=[700, 700],
        neurons=[JUMPS, FILTERED],
        indegree=np.zeros((2, 2)),
        weight=np.zeros((2, 2)),
        drives=[
            mf.PoissonDrive(indegree=1, weight=[1 * mV, 0.4 * mV], rate=[2500 * Hz, 5500 * Hz]),
            mf.PoissonDrive(indegree=1, weight=[-2 * mV, -0.8 * mV], rate=[800 * Hz, 800 * Hz]),
        ],
    )
    duration = 1.0
    run = simulate(net, duration=duration, warmup=0.1, dt=0.02 * ms, rng=1)
    for i, (neuron, spikes) in enumerate(((JUMPS, (2500, 800)), (FILTERED, (5500, 800)))):
        exact = simulate_neuron(neuron, *spikes, duration=1000.0, rng=2)
        counts = np.bincount(run.indices[i], minlength=700) / duration
        error = np.hypot(counts.std() / np.sqrt(700), exact.rate_error)
        assert counts.mean() == pytest.approx(exact.rate, abs=3 * error), net.names[i]
        assert error < 0.008 * exact.rate
        arrived = run.received[i].mean(axis=0)
        assert arrived == pytest.approx(spikes, abs=4 * np.sqrt(max(spikes) / 700))
    monkeypatch.setattr(compiler, "_build_in_fresh_process", lambda *_: pytest.fail("compiled again"))
    others = [dataclasses.replace(neuron, e_e=25 * mV) for neuron in (JUMPS, FILTERED)]  # half the pull at threshold
    other = simulate(dataclasses.replace(net, neurons=others), duration=0.3, warmup=0.1, dt=0.02 * ms, rng=1)
    assert (other.rate < 0.7 * run.rate).all()


@needs_compiler
def test_a_network_beside_its_theory():
    """Instantaneous excitatory and filtered inhibitory neurons: rows that have a meaning, spikes that arrive."""
    made = mf.with_conductances(small(), **REVERSALS)
    neurons = [made.neurons[0], dataclasses.replace(made.neurons[1], tau_e=4 * ms, tau_i=4 * ms, nodes=4)]
    net = dataclasses.replace(made, neurons=neurons)
    report = cross_validate(net, duration=1.0, trials=3, rng=1, processes=1)
    assert {row.prediction for row in report.rows} == {"rate", "g0", "V_0", "cv"}
    for i, name in enumerate(net.names):
        simulated = {p: report[p, name].simulation for p in ("rate", "g0", "V_0")}
        assert simulated["rate"] > 1
        rates = np.array([report["rate", n].simulation for n in net.names])
        g0, _, v_0 = net.neurons[i].effective(*(float(m[i]) for m in net.input_moments(rates)))
        assert simulated["g0"] == pytest.approx(float(g0), rel=0.005)
        assert simulated["V_0"] == pytest.approx(float(v_0) / mV, rel=0.005)


def test_without_a_compiler_conductances_run_too(monkeypatch):
    made = mf.with_conductances(small(sizes=[40, 10], indegree=[[4, 1], [4, 1]]), **REVERSALS)
    monkeypatch.setenv("PATH", "")
    with pytest.warns(UserWarning, match="without compiling"):
        run = simulate(made, duration=0.1, warmup=0.05, rng=1)
    external = 100 * 50.0
    assert run.received[0][:, 0].mean() == pytest.approx(external + 4 * run.rate[0], rel=0.02)


def test_other_populations_leave_conductances_out():
    from validation.predictions import state

    fp = mf.solve(small())
    assert state.theory(fp)["g0"] == [None, None]
    assert None not in state.theory(fp)["sigma"]
