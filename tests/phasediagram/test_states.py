"""The compiled evaluation: against one network at a time, and the classes of the literature's points."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.fixedpoint import FixedPointSet
from meanfield.phasediagram import points
from meanfield.phasediagram.classes import CLASSES, classify_points
from meanfield.phasediagram.engines import Processes, Serial
from meanfield.phasediagram.points import evaluate
from meanfield.phasediagram.variables import MAX_STATES
from meanfield.units import ms
from tests.phasediagram.models import three_kinds


def name(dataset, **point):
    return CLASSES[int(dataset["class"].sel(**point, method="nearest"))]


@pytest.mark.parametrize(
    "ranges", [((4, 8), (0.9, 4)), ((0, 4), (0.3, 1.2)), ((3.4, 4.2), (0.65, 0.9)), ((0, 4), (1, 4))]
)
def test_every_point_is_what_a_cold_start_finds(ranges):
    """Random points against solve_all and stability, each network on its own."""
    rng = np.random.default_rng(4)
    points = {key: rng.uniform(*ends, 25) for key, ends in zip(("g", "eta"), ranges, strict=True)}
    values = evaluate(mf.models.brunel2000, points)
    for k in range(25):
        found = mf.solve_all(mf.models.brunel2000(g=points["g"][k], eta=points["eta"][k]))
        assert values["n_states"][k] == len(found)
        assert values["is_complete"][k] == found.is_complete
        for i, fp in enumerate(found):
            np.testing.assert_allclose(values["rate"][k, i], fp.rate, rtol=1e-9, atol=1e-300)
            np.testing.assert_allclose(values["cv"][k, i], fp.cv, rtol=1e-9)
            stability = mf.stability(fp)
            assert values["n_unstable"][k, i] == stability.count
            if 0 < stability.count % 4 == 2 and stability.count == 2:
                assert values["frequency"][k, i] == pytest.approx(stability.frequency, rel=1e-6)
                assert values["growth_rate"][k, i] == pytest.approx(stability.rightmost.real, rel=1e-4)


def test_brunel_2000_regions():
    """Figure 2: the four regions where the paper has them, its points A to D (fig. 8) and the quiescent corner."""
    dataset = mf.phase_diagram("brunel2000", g=[2.0, 3.0, 4.5, 5.0, 6.0, 7.0], eta=[0.5, 0.9, 2.0, 4.0])
    assert name(dataset, g=3, eta=2) == "SR"
    assert name(dataset, g=6, eta=4) == "SI fast"
    assert name(dataset, g=5, eta=2) == "AI"
    assert name(dataset, g=4.5, eta=0.9) == "SI slow"
    assert name(dataset, g=7, eta=0.5) == "quiescent"
    assert name(dataset, g=2, eta=0.5) == "bistable"
    assert dataset.is_complete.all()


def test_spread_of_delays_makes_fast_oscillations_stable():
    """Brunel (2000), fig. 7: delays from 0 to 3 ms in place of 1.5 ms."""
    spread = mf.phase_diagram("brunel2000", g=[6.0], eta=[4.0], delay=mf.UniformDelay(0.0, 3 * ms))
    assert name(spread, g=6, eta=4) == "AI"


def test_regime_is_that_of_the_mean_input():
    dataset = mf.phase_diagram("brunel2000", g=[3.0, 6.0], eta=[2.0])
    mean_driven = dataset.is_mean_driven.isel(eta=0, state=0, population=0).values
    assert mean_driven.tolist() == [1, 0]
    assert float(dataset.mu.isel(g=0, eta=0, state=0, population=0)) > 0.02


def test_two_kinds_of_neurons_are_solved_as_well():
    points = {"g_e": np.array([4.0, 5.0]), "g_i": np.array([4.5, 5.5])}
    values = evaluate(mf.models.brunel2000_b, points)
    for k in range(2):
        found = mf.solve_all(mf.models.brunel2000_b(g_e=points["g_e"][k], g_i=points["g_i"][k]))
        np.testing.assert_allclose(values["rate"][k, : len(found)], [fp.rate for fp in found], rtol=1e-8)
        assert values["n_unstable"][k, 0] == mf.stability(found[0]).count


def test_networks_beyond_the_compiled_search_go_one_by_one():
    values = evaluate(mf.models.potjans2014, {"g": np.array([4.0])})
    found = mf.solve_all(mf.models.potjans2014(g=4.0))
    np.testing.assert_allclose(values["rate"][0, 0], found[0].rate, rtol=1e-9)
    assert "not proven" in values["reason"][0]
    assert values["n_unstable"][0, 0] == mf.stability(found[0]).count


@pytest.mark.parametrize(("proven", "n_states"), [(False, -1), (True, 0)])
def test_where_a_search_finds_nothing_only_a_proof_says_that_there_is_none(monkeypatch, proven, n_states):
    def nothing(network, near):
        return FixedPointSet(network=network, states=(), is_complete=proven, proof="what was done")

    monkeypatch.setattr(points, "solve_all", nothing)
    values = evaluate(mf.models.potjans2014, {"g": np.array([4.0])})
    assert values["n_states"][0] == n_states
    assert values["reason"][0] == ("" if proven else "no state was found; what was done")
    assert values["class"][0] == (CLASSES.index("none") if proven else -1)


def test_class_of_a_point():
    kinds = {kind: CLASSES.index(kind) for kind in CLASSES}
    states = [["AI", "none"], ["quiescent", "saddle"], ["quiescent", "SR"], ["none", "none"], ["AI", "unknown"]]
    codes = np.array([[kinds[kind] for kind in row] for row in states], dtype=np.int8)
    expected = ["AI", "quiescent", "bistable", "none", "unknown"]
    assert [CLASSES[c] for c in classify_points(codes)] == expected


def test_radius_is_that_of_the_effective_jacobian():
    points = {"weight": np.array([0.3e-3, 0.7e-3]), "g": np.array([5.0, 4.2])}
    values = evaluate(mf.models.ostojic2014, points)
    for k in range(2):
        fp = mf.solve(mf.models.ostojic2014(weight=points["weight"][k], g=points["g"][k]))
        assert values["radius"][k, 0] == pytest.approx(mf.randommatrix.effective_jacobian(fp).radius, rel=1e-9)
    assert np.isnan(values["radius"][:, 1:]).all()
    one_by_one = evaluate(mf.models.potjans2014, {"g": np.array([4.0])})
    fp = mf.solve(mf.models.potjans2014())
    assert one_by_one["radius"][0, 0] == pytest.approx(mf.randommatrix.effective_jacobian(fp).radius, rel=1e-9)


def test_neighbours_starts_add_states_and_lose_none():
    """Beside a search from cold at each point; each found is a state, and each of the search's is among them."""
    rates = np.linspace(2.0, 10.0, 12)[3:8]
    weight = 2.0e-3 / 6.875
    values = evaluate(three_kinds, {"weight": np.full(5, weight), "drive": rates})
    more = 0
    for k, rate in enumerate(rates):
        network = three_kinds(weight, rate)
        found = values["rate"][k, : values["n_states"][k]]
        cold = [state.rate for state in mf.solve_all(network)]
        if len(cold) < MAX_STATES:
            for state in cold:
                assert any(np.allclose(state, other, rtol=1e-6, atol=1e-9) for other in found)
        for state in found:
            assert mf.solve(network, start=state).rate == pytest.approx(state, rel=1e-8, abs=1e-9)
        more += len(found) > len(cold)
    assert more > 0


def test_neighbours_starts_do_not_depend_on_where_a_run_was_interrupted_or_on_the_engine(tmp_path):
    """Points begin at neighbours of their own block alone."""
    axes = {"weight": np.array([2.0e-3, 2.1e-3]) / 6.875, "drive": np.linspace(4.2, 7.1, 6), "block": 2}
    reference = mf.phase_diagram(three_kinds, **axes)

    class Interrupted:
        def run(self, evaluation, jobs):
            for n, answer in enumerate(Serial().run(evaluation, jobs)):
                if n == 1:
                    raise KeyboardInterrupt
                yield answer

    with pytest.raises(KeyboardInterrupt):
        mf.phase_diagram(three_kinds, store=tmp_path / "run", engine=Interrupted(), **axes)
    resumed = mf.phase_diagram(three_kinds, store=tmp_path / "run", engine=Processes(1), **axes)
    xr.testing.assert_identical(resumed.drop_attrs(), reference.drop_attrs())
