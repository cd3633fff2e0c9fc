"""The experiment on filtered synapses, and their networks as programs."""

import dataclasses
import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import mV
from tests.validation.networks import small
from validation import filtered, strongdrive
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
    assert silent["solver"] < 1e-4
    assert main(["filtered", "--spikes", "2000"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["filtered", "--spikes", "10"]) == 2
    assert "spikes must be at least 64" in capsys.readouterr().err


def test_strong_drive_is_answered_as_simulated(monkeypatch, capsys):
    monkeypatch.setattr(strongdrive, "POINTS", strongdrive.POINTS[3:4])
    assert main(["filtered", "--strong-drive", "--spikes", "20000", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["method"] == "chain"
    seen = found["simulated"]["rate"]
    assert abs(found["rate"] - seen["mean"]) < 4 * seen["error"]
    for answer in found["answers"]:
        assert abs(complex(*answer["theory"]) - complex(*answer["simulated"])) < 4 * answer["error"]
    assert main(["filtered", "--strong-drive", "--spikes", "2000"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8


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
    ratio = filtered.NEURON.tau_s / filtered.NEURON.tau_m
    covariance = steps.beta * ratio / (1 + ratio)
    law = np.array([[0.5 / (1 + ratio), covariance], [covariance, 1.0]])
    first = [steps.decay_v, steps.decay_u, steps.gain, steps.noise_u, steps.noise_vu, steps.noise_v]
    for decay_v, decay_u, gain, noise_u, noise_vu, noise_v in [first, *steps.longer[:, 1:7]]:
        step = np.array([[decay_v, gain], [0.0, decay_u]])
        noise = np.array([[noise_vu, noise_v], [noise_u, 0.0]])
        np.testing.assert_allclose(step @ law @ step.T + noise @ noise.T, law, rtol=1e-10)


def test_longer_steps_change_nothing_but_the_time_it_takes(monkeypatch):
    seen = [filtered.simulate_filtered(filtered.NEURON, 16 * mV, 4 * mV, spikes=60_000, rng=2)]
    monkeypatch.setattr(filtered, "LONGER", ())
    seen.append(filtered.simulate_filtered(filtered.NEURON, 16 * mV, 4 * mV, spikes=10_000, rng=3))
    for a, b in zip(*[(one.rate, one.cv) for one in seen], strict=True):
        assert abs(a.mean - b.mean) < 4 * np.hypot(a.error, b.error)


def test_a_simulation_needs_a_current():
    with pytest.raises(ValueError, match="tau_s must be positive"):
        filtered.simulate_filtered(dataclasses.replace(filtered.NEURON, tau_s=0.0), 20 * mV, 4 * mV, rng=1)
    assert isinstance(filtered.NEURON, mf.LIFFiltered)
