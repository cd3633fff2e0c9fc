"""Networks whose neurons differ: what is connected, what arrives, and how rates are distributed."""

from __future__ import annotations

import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.heterogeneity.spread import Heterogeneity, input_covariance
from meanfield.units import ms, mV
from tests.validation.networks import needs_compiler, small
from validation import simulate
from validation.__main__ import main
from validation.heterogeneity import compare_distributions, measured_rates

THRESHOLDS = 1.0 * mV


def network(**changes) -> mf.Network:
    """Small jumps and noise of its own, so that correlations and the size of jumps matter little."""
    words = {
        "names": ["E", "I"],
        "sizes": [3000, 750],
        "neurons": mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
        "indegree": [[200, 50], [200, 50]],
        "weight": [[0.1 * mV, -0.6 * mV]] * 2,
        "delay": 1.5 * ms,
        "drives": [mf.ConstantDrive(mu=16 * mV), mf.WhiteNoiseDrive(sigma=4 * mV)],
    }
    return mf.Network(**(words | changes))


@pytest.fixture(scope="module")
def run():
    return simulate(network(), duration=4.0, connections="Erdős-Rényi", threshold_std=THRESHOLDS, rng=5)


@needs_compiler
def test_indegrees_are_binomial(run):
    for i, size in enumerate(run.network.sizes):
        for j, (k, n) in enumerate(zip(run.network.indegree[i], run.network.sizes, strict=True)):
            found, variance = run.indegree[i][:, j], k * (1 - k / n)
            assert found.shape == (size,)
            assert found.mean() == pytest.approx(k, abs=4 * np.sqrt(variance / size))
            assert found.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / size))


@needs_compiler
def test_inputs_spread_over_neurons_as_rates_of_sources_say(run):
    """An identity: the mean input is the sum of what the sources fired, so their measured <nu²> gives its variance."""
    rates = [0.5 * sum(measured_rates(run, i)) for i in (0, 1)]
    mean, second = (np.array([(r**p).mean() for r in rates]) for p in (1, 2))
    none = np.zeros(2)
    kind = Heterogeneity(connections="Erdős-Rényi", mu_std=none, threshold_std=none, drive_indegree_std=none)
    expected = input_covariance(run.network, kind, mean, second)[:, 0, 0]
    for i, size in enumerate(run.network.sizes):
        assert run.mu[i].var() == pytest.approx(expected[i], rel=4 * np.sqrt(2 / size))


@needs_compiler
def test_rates_are_distributed_as_in_theory():
    """To four standard errors over networks, and 3% for what theory leaves out: jumps, and correlations in time."""
    found = compare_distributions(network(), threshold_std=THRESHOLDS, duration=3.0, trials=4)
    assert {row.population for row in found.rows} == {"E", "I"}
    for row in found.rows:
        if row.prediction in ("mean", "std", "std log rate") or row.prediction.startswith("corr"):
            assert abs(row.theory - row.simulation) <= 4 * row.error + 0.03 * abs(row.theory), row
    assert found["mean", "E"].theory < found.limits[0]  # in steps thresholds are crossed later


@needs_compiler
def test_fixed_indegrees_are_all_the_same():
    run = simulate(small(), duration=0.05)
    assert [np.unique(found, axis=0).tolist() for found in run.indegree] == [[[40, 10]], [[40, 10]]]


@needs_compiler
def test_the_command_prints_theory_beside_simulation(tmp_path, capsys):
    path = tmp_path / "net.toml"
    mf.dump(network(sizes=[600, 200]), path)
    words = ["rate-distribution", str(path), "--threshold-std", "1mV", "--duration", "1", "--trials", "2"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "quantile 0.95 I (Hz)" in text
    assert "rate without heterogeneity (Hz)" in text
    assert main([*words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["prediction"] for row in rows} >= {"mean", "std", "std log rate", "quantile 0.5", "corr. with K from I"}


def test_a_measured_distribution_is_wider_than_that_of_rates():
    """By the noise of counts, CV² nu/T."""
    found = mf.rate_distribution(network(), threshold_std=THRESHOLDS)
    counts = found.sample_counts(400_000, 5.0, rng=1) / 5.0
    z = np.random.default_rng(2).standard_normal((found.spread().n_axes, 400_000))
    noise = (found.spread().cv(z) ** 2 * found.spread().rate(z)).mean() / 5.0
    rounding = 1 / (12 * 25)
    assert counts.var() == pytest.approx(found.std[0] ** 2 + noise + rounding, rel=0.02)


@pytest.mark.parametrize(
    ("words", "error", "match"),
    [
        ({"connections": "sparse"}, ValueError, "unknown connections 'sparse'"),
        ({"threshold_std": -1.0}, ValueError, "threshold_std must not be negative"),
    ],
)
def test_bad_words_are_named(words, error, match):
    with pytest.raises(error, match=match):
        simulate(small(), **words)


def test_networks_that_cannot_be_are_named():
    with pytest.raises(ValueError, match="E has 40 synapses from E, which has 30 neurons"):
        simulate(small(sizes=[30, 100]), connections="Erdős-Rényi")
    eif = mf.EIF(tau_m=20 * ms, v_t=18 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)
    with pytest.raises(TypeError, match="threshold_std is of LIF neurons, population E has EIF"):
        simulate(small(neurons=eif), threshold_std=1 * mV)
    with pytest.raises(ValueError, match="trials must be at least 2"):
        compare_distributions(small(), trials=1)
