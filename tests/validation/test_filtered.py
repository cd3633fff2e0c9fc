"""The experiment on filtered synapses, and their networks as programs."""

import dataclasses
import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import mV
from tests.validation.networks import small
from validation import filtered
from validation.cli import main
from validation.parameters import parameters_of
from validation.structure import structure_of


def test_networks_of_them_are_the_programs_of_filtered_lif_neurons():
    theirs = small(neurons=filtered.NEURON)
    ours = small(neurons=dataclasses.replace(small().neurons[0], tau_s=filtered.NEURON.tau_s))
    assert structure_of(theirs, 1e-4) == structure_of(ours, 1e-4)
    assert parameters_of(theirs, structure_of(theirs, 1e-4), 0.1) == parameters_of(ours, structure_of(ours, 1e-4), 0.1)


def test_the_table_compares_methods(monkeypatch, capsys):
    monkeypatch.setattr(filtered, "RATIOS", (0.5,))
    monkeypatch.setattr(filtered, "INPUTS", ((21 * mV, 4 * mV), (5 * mV, 2 * mV)))
    assert main(["filtered", "--spikes", "2000", "--json"]) == 0
    busy, silent = json.loads(capsys.readouterr().out)
    seen = busy["simulated"]["rate"]
    assert abs(busy["solver"] - seen["mean"]) < 5 * seen["error"]
    assert silent["simulated"] is None
    assert silent["solver"] < filtered.SILENT
    assert main(["filtered", "--spikes", "2000"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["filtered", "--spikes", "10"]) == 2
    assert "spikes must be at least 64" in capsys.readouterr().err


def test_crossings_within_a_step_are_seen():
    """A cubic that rises above threshold and is below it at both ends."""
    at, slope = filtered._crossing(0.9, 0.9, 1.0, -1.0, 1.0)  # 0.9 + x - x²
    assert 0.9 + at - at**2 == pytest.approx(1.0, abs=1e-9)
    assert at < 0.5
    assert slope == pytest.approx(1 - 2 * at, abs=1e-9)
    assert filtered._crossing(0.7, 0.7, 1.0, -1.0, 1.0)[0] == -1.0


def test_the_free_current_and_potential_have_their_covariances():
    """Without a threshold in reach, exact steps keep the stationary law; here its long-time limit, by their factors."""
    steps = filtered._steps(filtered.NEURON, 0.0, 1 * mV, None)
    step = np.array([[steps.decay_v, steps.gain], [0.0, steps.decay_u]])
    noise = np.array([[steps.noise_vu, steps.noise_v], [steps.noise_u, 0.0]])
    ratio = filtered.NEURON.tau_s / filtered.NEURON.tau_m
    covariance = steps.beta * ratio / (1 + ratio)
    law = np.array([[0.5 / (1 + ratio), covariance], [covariance, 1.0]])
    np.testing.assert_allclose(step @ law @ step.T + noise @ noise.T, law, rtol=1e-10)


def test_a_simulation_needs_a_current():
    with pytest.raises(ValueError, match="tau_s must be positive"):
        filtered.simulate_filtered(dataclasses.replace(filtered.NEURON, tau_s=0.0), 20 * mV, 4 * mV, rng=1)
    assert isinstance(filtered.NEURON, mf.LIFFiltered)
