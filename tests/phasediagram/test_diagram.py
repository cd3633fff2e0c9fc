"""The dataset: values against the solver, failures, and what is recorded."""

from __future__ import annotations

import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.phasediagram.variables import MAX_STATES, VARIABLES, conform, failed
from tests.phasediagram import models

G, ETA = np.array([3.5, 5.0, 6.0]), np.array([0.8, 2.0])


def test_every_state_of_every_point_is_the_solvers():
    ds = mf.phase_diagram("brunel2000", g=G, eta=ETA, delay=2e-3)
    assert ds.rate.dims == ("g", "eta", "state", "population")
    for i, g in enumerate(G):
        for j, eta in enumerate(ETA):
            states = mf.solve_all(mf.models.brunel2000(g=g, eta=eta))
            here = ds.isel(g=i, eta=j)
            assert int(here.n_states) == len(states)
            assert bool(here.is_complete) == states.is_complete
            for name in ("rate", "mu", "sigma", "cv"):
                expected = np.full((MAX_STATES, 2), np.nan)
                expected[: len(states)] = [getattr(state, name) for state in states]
                np.testing.assert_array_equal(here[name].values, expected)


def test_the_dataset_says_what_it_is():
    ds = mf.phase_diagram(models.runaway, eta=ETA, g=G, t_ref=1e-3)
    assert list(ds.sizes) == ["eta", "g", "state", "population"]
    assert list(ds.population.values) == ["E", "I"]
    assert ds.attrs["model"] == "runaway"
    assert json.loads(ds.attrs["fixed_parameters"]) == {"t_ref": "0.001"}
    assert ds.attrs["meanfield_version"] == mf.__version__
    assert ds.rate.attrs["units"] == "Hz"
    for name, variable in VARIABLES.items():
        assert ds[name].attrs["long_name"] == variable.long_name
    for axis in ("g", "eta"):
        assert "units" in ds[axis].attrs


def test_a_failed_point_has_its_reason_and_no_number():
    with pytest.warns(UserWarning, match="2 of 6 points failed.*g must not be above 6"):
        ds = mf.phase_diagram(models.fussy, g=[4.0, 5.0, 7.0], eta=ETA)
    bad = ds.sel(g=7.0)
    assert (bad.n_states == -1).all()
    assert not bad.is_complete.any()
    assert set(bad.reason.values) == {"ValueError: g must not be above 6, got 7.0"}
    for name in ("rate", "mu", "sigma", "cv"):
        assert np.isnan(bad[name]).all()
    assert (ds.sel(g=[4.0, 5.0]).reason == "").all()
    assert (ds.sel(g=[4.0, 5.0]).n_states > 0).all()


def test_no_state_is_not_a_failure():
    """Without refractory periods a network without inhibition runs away, which is a proven answer."""
    ds = mf.phase_diagram(models.runaway, g=[0.0], eta=[2.0], t_ref=0.0)
    assert int(ds.n_states[0, 0]) == 0
    assert bool(ds.is_complete[0, 0])
    assert ds.reason.values[0, 0] == ""


def test_states_that_may_not_be_all_say_so():
    ds = mf.phase_diagram("potjans2014", g=[4.0])
    assert ds.n_states.values[0] >= 1
    assert not ds.is_complete.values[0]
    assert "not proven" in ds.reason.values[0]


def test_points_with_other_populations_fail():
    with pytest.warns(UserWarning, match="are not those of other points: E, I"):
        ds = mf.phase_diagram(models.growing, g=[5.0, 7.0], eta=[1.0])
    assert ds.n_states.values.tolist() == [[1], [-1]]


def test_a_distribution_may_be_a_fixed_parameter():
    def model(g, shape=None):
        return mf.models.brunel2000(g=g, delay=shape.expectation)

    from meanfield.delays import UniformDelay

    ds = mf.phase_diagram(model, g=[5.0], shape=UniformDelay(low=0.0, high=3e-3))
    assert "UniformDelay(low=0.0, high=0.003)" in ds.attrs["fixed_parameters"]


def test_an_evaluation_must_follow_the_table():
    values = failed(3, 2, "why")
    assert conform(values, 3, 2)["rate"].shape == (3, MAX_STATES, 2)
    assert conform(failed(3, 0, "why"), 3, 2)["rate"].shape == (3, MAX_STATES, 2)  # nobody knew the populations
    with pytest.raises(ValueError, match="unknown: extra"):
        conform(values | {"extra": np.zeros(3)}, 3, 2)
    with pytest.raises(ValueError, match=r"must have shape \(4"):
        conform(values, 4, 2)
    values["n_states"][0] = 1
    with pytest.raises(ValueError, match="rate must have shape"):
        conform(values, 3, 1)
