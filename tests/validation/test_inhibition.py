"""The report along g: powers and crossing of a simulation that is exactly as theory."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import meanfield as mf
import validation.inhibition as experiment


def as_theory(networks, **options):
    """What `summarise` would find."""
    out = []
    for network in networks:
        fp = mf.solve(network)
        inhibition = mf.balance.mean_parts(network, fp.rate)[1][0]
        out.append(
            {
                "rate": fp.rate[0],
                "cv": fp.cv[0],
                "distance": network.neurons[0].v_th - fp.mu[0],
                "variance": fp.sigma[0] ** 2 / 2.0,
                "mean_inhibition": -inhibition / fp.rate[0],
                "variance_inhibition": network.variance_coupling[0, 1] / 2.0,
            }
        )
    return out


def test_powers_and_crossing_are_those_of_theory(monkeypatch):
    monkeypatch.setattr(experiment, "simulate_many", as_theory)
    monkeypatch.setattr(mf, "coloured_spectrum", lambda fp: SimpleNamespace(cv=fp.cv))
    found = experiment.inhibition(strengths=(4.5, 5.0, 5.5, 6.0, 7.0))
    assert found.powers["mean_inhibition"].value == pytest.approx(1.0, abs=1e-9)
    assert found.powers["variance_inhibition"].value == pytest.approx(2.0, abs=1e-9)
    assert found.crossing.mean == pytest.approx(found.crossing_theory, abs=0.01)  # a cubic over steps of 0.5
    columns = found._theory()
    for name, estimates in found.measured.items():
        np.testing.assert_allclose([e.mean for e in estimates], columns[name], rtol=1e-9)
    assert "mean input at threshold" in str(found)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="strengths must be two rising values"):
        experiment.inhibition(strengths=(6.0, 5.0))
    with pytest.raises(ValueError, match="either side of the threshold"):
        experiment.inhibition(strengths=(6.0, 7.0))
    with pytest.raises(ValueError, match="trials must be at least 2"):
        experiment.inhibition(trials=1)
