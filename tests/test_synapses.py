"""Networks of conductance synapses: self-consistency, the limit of currents, diagrams, refusals."""

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import Hz, ms, mV
from validation.cli import main

NET = mf.models.brunel2000(g=5, eta=2)
REVERSALS = {"e_e": 70 * mV, "e_i": -5 * mV}


def test_state_is_self_consistent():
    state = mf.solve(mf.with_conductances(NET, **REVERSALS))
    rate = state.rate[0]
    neuron = state.network.neurons[0]
    assert (neuron.weight_e, neuron.weight_i) == pytest.approx((0.1 * mV, -0.5 * mV))
    external = 20 * Hz
    moments = neuron.receptors.moments(1000 * (rate + external), 250 * rate)
    assert neuron.rate(*moments) == pytest.approx(rate, rel=1e-10)
    assert state.network.neurons[1] == neuron


def test_reversals_far_away_make_currents():
    far = mf.with_conductances(NET, e_e=1e6 * mV, e_i=-1e6 * mV)
    assert mf.solve(far).rate[0] == pytest.approx(mf.solve(NET).rate[0], rel=1e-4)
    assert mf.stability(mf.solve(far)).rightmost == pytest.approx(mf.stability(mf.solve(NET)).rightmost, rel=1e-2)


def test_filtered_conductances_slow_the_network_down():
    fast, slow = (
        mf.solve(mf.with_conductances(NET, **REVERSALS, tau_e=tau, tau_i=tau, nodes=6)) for tau in (0.0, 3 * ms)
    )
    assert slow.residual.max() < 1e-9
    assert slow.rate[0] < fast.rate[0]


def test_a_phase_diagram_runs():
    found = mf.phase_diagram(
        lambda g, eta: mf.with_conductances(mf.models.brunel2000(g=g, eta=eta), **REVERSALS), g=[5.0, 6.0], eta=[2.0]
    )
    rates = np.asarray(found["rate"])
    assert np.nanmin(rates) > 1.0


def test_a_constant_drive_becomes_the_current_of_the_neurons():
    driven = dataclasses.replace(NET, drives=(*NET.drives, mf.ConstantDrive(mu=2 * mV)))
    made = mf.with_conductances(driven, **REVERSALS)
    assert [neuron.mu_0 for neuron in made.neurons] == pytest.approx([2 * mV, 2 * mV])
    assert mf.solve(made).rate[0] > mf.solve(mf.with_conductances(NET, **REVERSALS)).rate[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": [[0.1 * mV, -0.5 * mV], [0.2 * mV, -0.5 * mV]]}, "excitatory weights onto population I"),
        ({"drives": (mf.WhiteNoiseDrive(sigma=1 * mV),)}, "WhiteNoiseDrive"),
        ({"neurons": mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=1 * ms)}, "tau_s"),
    ],
)
def test_what_has_no_conductance_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        mf.with_conductances(dataclasses.replace(NET, **change), **REVERSALS)


def test_the_command_line_sets_methods_beside_simulation(capsys):
    assert main(["conductance", "--regime", "filtered, mean above threshold", "--spikes", "2000", "--nodes", "6"]) == 0
    table = capsys.readouterr().out
    assert "LIFConductance" in table
    assert len(table.splitlines()) == 2
    assert main(["conductance", "--regime", "nonsense"]) == 2
