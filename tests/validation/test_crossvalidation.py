"""Predictions of ensembles, rate networks and edges in one table; what decides which, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.randommatrix import MLJR, BlockGaussian, Circular, Elliptic, LowRank, RowColumn, SparseEI
from tests.validation.networks import small
from validation import CriticalWeight, cross_validate
from validation.cli import main
from validation.predictions.edge import crossing, measured_critical_weight
from validation.predictions.network import PREDICTIONS
from validation.predictions.rates import half_width
from validation.ratenetwork import indegree_weights


def test_sets_of_predictions_have_a_number_for_each_population():
    fp = mf.solve(small())
    for one in PREDICTIONS.values():
        theory = one.theory(fp)
        assert set(theory) >= set(one.units)
        for name in set(one.units) - {"g0", "V_0"}:  # of conductances
            assert len(theory[name]) == 2
            assert np.isfinite(theory[name]).all()


@pytest.mark.parametrize(
    ("subject", "options", "kind", "words"),
    [
        ("brunel2000", {}, TypeError, "subject must be a meanfield.Network, an ensemble"),
        (small(), {"predictions": ["stat"]}, ValueError, "did you mean 'state'"),
        (small(), {"predictions": "state"}, ValueError, "predictions must be names"),
        (Circular(), {"trials": 1}, ValueError, "trials must be at least 2"),
        (Circular(), {"n": 3}, ValueError, "n must be at least 10"),
        (Circular(), {"n": 10_000_000}, ValueError, "GiB of memory"),
        (mf.dmft.solve(1.5), {"trials": 1}, ValueError, "trials must be at least 2"),
        (mf.dmft.solve(1.5), {"n": [100, 5]}, ValueError, "n must be at least 10"),
        (mf.dmft.solve(1.5), {"n": 50, "duration": -1.0}, ValueError, "duration must be positive"),
        (CriticalWeight(weights=()), {"trials": 1}, ValueError, "trials must be at least 2"),
    ],
)
def test_bad_input(subject, options, kind, words):
    with pytest.raises(kind, match=words):
        cross_validate(subject, **options)


@pytest.mark.parametrize(
    "ensemble",
    [
        Circular(1.5, mean=3.0),
        BlockGaussian([0.5, 0.5], mean=[[3.0, -4.0], [4.0, 0.0]], std=np.sqrt([[1.0, 0.2], [4.0, 0.5]])),
        SparseEI(sizes=(160, 40), indegree=(40, 10), weight=(0.08, -0.02)),
        Elliptic(1.0, 0.5, mean=2.0),
        Elliptic(1.0, -0.5, mean=2.0),
    ],
    ids=["one outlier", "a pair", "an exact one", "long ellipse", "high ellipse"],
)
def test_ensembles_agree_with_their_samples_and_wrong_ones_do_not(ensemble):
    found = cross_validate(ensemble, n=200, trials=12, rng=3)
    assert all(abs(row.z) < 4 for row in found.rows if "share" not in row.prediction), str(found)
    for row in found.rows:
        if "share" in row.prediction:
            assert row.theory == pytest.approx(row.simulation, abs=4 * row.error + 1 / 200)
    wrong = found["largest |λ|", ""]
    assert abs(1.1 * wrong.theory - wrong.simulation) > 4 * wrong.error
    assert (found["outlier", "1"] if not ensemble.outliers.imag.any() else found["outlier Im", "1"]).error > 0
    assert json.loads(found.to_json())["trials"] == 12


def test_large_sparse_ensembles_are_measured_without_all_eigenvalues():
    net = SparseEI(sizes=(4200, 1000), indegree=(80, 20), weight=(0.05, -0.02))
    found = cross_validate(net, trials=3, rng=1)
    assert [row.prediction for row in found.rows] == ["radius of the disc", "outlier"]
    assert found["radius of the disc", ""].simulation == pytest.approx(net.radius, rel=0.02)
    assert found["outlier", "1"].simulation == pytest.approx(3.6, rel=1e-3)


def test_a_driven_rate_network_is_that_of_theory():
    found = cross_validate(mf.dmft.solve(1.2, noise=1.0), n=300, trials=6, duration=60.0, warmup=20.0, rng=2)
    assert [row.prediction for row in found.rows] == ["mean x", "rate", "c0", "half-width", "Lyapunov exponent"]
    for row in found.rows:
        assert abs(row.theory - row.simulation) < 4 * row.error + 2 / 300, str(found)
    exponent = found["Lyapunov exponent", ""]
    other = mf.dmft.solve(1.35, noise=1.0).lyapunov
    assert abs(other - exponent.simulation) > 4 * exponent.error + 2 / 300


def test_a_map_is_that_of_theory():
    found = cross_validate(mf.dmft.solve_discrete(2.0, noise=0.5), n=300, trials=5, duration=100, warmup=20, rng=2)
    assert "c_inf" in {row.prediction for row in found.rows}
    for row in found.rows:
        assert abs(row.theory - row.simulation) < 4 * row.error + 5 / 300, str(found)


def test_several_sizes_say_how_theory_is_approached():
    found = cross_validate(mf.dmft.solve(2.0), n=[60, 240], trials=8, duration=60.0, warmup=20.0, rng=1)
    gaps = [found["Lyapunov exponent", f"N = {n}"].z for n in (60, 240)]
    assert gaps[0] > 3
    assert any("is multiplied by: Lyapunov exponent 0." in note for note in found.notes)


@pytest.mark.slow
def test_a_dale_network_of_two_populations_is_that_of_theory():
    """Excitatory and inhibitory neurons that receive differently, in sparse networks and Gaussian ones."""
    indegrees, strengths, fractions = [[160, 80]] * 2, [[0.055, -0.22], [0.07, -0.25]], [0.7, 0.3]
    gains, means = mf.dmft.dale(indegrees, strengths, fractions, n=900)
    theory = mf.dmft.solve_populations(
        gains, fractions, mf.dmft.saturating(0.0, 2.0), means=means, bias=1.0, fixed_indegree=True
    )
    assert theory.is_chaotic

    def sparse(n, rng):
        return indegree_weights([round(0.7 * n), round(0.3 * n)], indegrees, strengths, rng=rng)

    for weights in (None, sparse):
        found = cross_validate(theory, n=900, trials=4, duration=60.0, warmup=40.0, weights=weights, rng=3)
        assert {row.population for row in found.rows} == {"0", "1", ""}
        for row in found.rows[:-1]:  # of the order of 1/N and, in sparse ones, 1/K from theory
            scale = theory.c0.min() ** 0.5 if row.prediction == "mean x" else row.theory  # means cancel to near 0
            assert abs(row.theory - row.simulation) < 4 * row.error + 0.1 * scale, str(found)
        assert 0.0 < found["Lyapunov exponent", ""].simulation < theory.lyapunov  # finite networks are below


def test_half_width_is_interpolated():
    lags = np.arange(200) * 0.1
    assert half_width(lags, np.exp(-lags)) == pytest.approx(np.log(2.0), abs=1e-3)
    assert half_width(lags, np.linspace(1.0, 0.0, 200)) == pytest.approx(0.5 * lags[-1])
    assert np.isnan(half_width(lags, np.ones(200)))


def test_sampled_jacobians_have_the_critical_weight_of_theory():
    from meanfield.randommatrix import critical_weight
    from validation.edge import network

    for variant in ("mean", "mean+variance"):
        theory = critical_weight(network, bounds=(1e-4, 1e-3), variant=variant, size=1500)
        found = [measured_critical_weight(1.05 * theory, 1500, variant, seed) for seed in range(5)]
        error = np.std(found, ddof=1) / 5**0.5
        assert error < 0.02 * theory
        assert np.mean(found) == pytest.approx(theory, abs=4 * error)


def test_a_crossing_has_the_error_of_its_neighbours():
    x, values, errors = np.array([1.0, 2.0, 3.0]), np.array([-2.0, -1.0, 1.0]), np.array([1.0, 0.1, 0.1])
    assert crossing(x, values, errors) == (2.5, pytest.approx(np.hypot(0.05, 0.05) / 2.0))
    with pytest.raises(ValueError, match="does not turn positive for weights from 1 to 3 mV"):
        crossing(x, values - 2.0, errors)
    for bad, words in (({"weights": [1e-4]}, "two at least"), ({"size": 1000}, "size must be at least 1001")):
        with pytest.raises(ValueError, match=words):
            CriticalWeight(**bad)


@pytest.mark.parametrize(
    ("words", "status", "out"),
    [
        ("random-matrix elliptic --reciprocity 0.5 --mean 2 --n 60 --trials 2", 0, "outlier 1"),
        ("random-matrix blocks --fractions 0.5 0.5 --std 1,0.5 2,0.7 --n 60 --trials 2", 0, "share within 0.5 R"),
        ("random-matrix sparse --sizes 80 20 --indegree 16 4 --trials 2", 0, "largest Re"),
        ("random-matrix elliptic --reciprocity 1.5", 2, "reciprocity must be a correlation, from -1 to 1, got 1.5"),
        ("random-matrix blocks --std 1,x", 2, "--std must be a number, or rows"),
        ("random-matrix blocks --std 1 1,2", 2, "rows of one length"),
        ("rate-network --g 1.5 --n 60 --trials 2 --duration 20 --json", 0, '"prediction": "half-width"'),
        ("rate-network --g 1.5 --map --n 60 --trials 2", 0, "c_inf"),
        ("rate-network --g -1", 2, "g must not be negative"),
        ("lyapunov --g 2 --n 20 30 --trials 2 --duration 20", 0, "dimension/N"),
        ("lyapunov --g 2 --n 1 --trials 2", 2, "n must be at least 2"),
        ("critical-weight --size 900 --no-spikes", 2, "size must be at least 1001"),
    ],
)
def test_command_lines(capsys, words, status, out):
    assert main(words.split()) == status
    found = capsys.readouterr()
    assert out in (found.err if status else found.out)


@pytest.mark.parametrize(
    ("ensemble", "n", "words"),
    [
        (MLJR([[0.0, 2.0], [0.0, 0.0]], repeated=True), 100, "not known for MLJR"),
        (RowColumn(row=np.linspace(0.5, 1.5, 60), column=1.2), 240, "the law's"),
        (LowRank(Circular(0.5), left=np.full(80, 2.0), right=np.ones(80)), None, "the law's"),
    ],
    ids=["M + LJR", "rows", "low rank"],
)
def test_ensembles_that_have_sizes_of_their_own(ensemble, n, words):
    found = cross_validate(ensemble, n=n, trials=3, rng=1)
    assert words in found.notes[0]
    for row in found.rows:
        if "share" in row.prediction:
            assert row.theory == pytest.approx(row.simulation, abs=4 * row.error + 0.05)
    assert found["largest |λ|", ""].simulation == pytest.approx(ensemble.radius, rel=0.15)
