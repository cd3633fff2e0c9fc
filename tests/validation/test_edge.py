"""The edge of chaos: analysis of signals whose autocovariance is known, theory's numbers, and a small network."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import mV
from tests.validation.networks import needs_compiler
from validation import edge as ed
from validation import slowness
from validation.cli import main


def doubly_stochastic(n_neurons, n_bins, rate, variance, time, spread, rng):
    """Poisson counts whose rate follows an Ornstein-Uhlenbeck process about a level of its own."""
    factor = math.exp(-slowness.BIN / time)
    x = rng.standard_normal(n_neurons)
    level = spread * rng.standard_normal(n_neurons)
    counts = np.empty((n_neurons, n_bins))
    for k in range(n_bins):
        x = factor * x + math.sqrt(1 - factor**2) * rng.standard_normal(n_neurons)
        rates = rate * (1 + level + math.sqrt(variance) * x)
        counts[:, k] = rng.poisson(np.maximum(rates, 0) * slowness.BIN)
    return counts


def test_slow_rates_are_measured_as_they_were_made():
    rng = np.random.default_rng(1)
    counts = doubly_stochastic(3000, 1000, 200.0, 0.05, 0.04, 0.1, rng)
    found = slowness.fit(slowness.autocovariance(counts))
    assert found.variance == pytest.approx(0.05 * math.exp(-0.02 / 0.04), abs=0.002)
    assert found.time == pytest.approx(0.04, rel=0.1)
    assert found.plateau == pytest.approx(0.01, abs=0.001)


def test_what_all_neurons_do_together_is_no_neurons_own():
    rng = np.random.default_rng(2)
    common = 40.0 * (1 + 0.8 * np.sin(0.3 * np.arange(600)))
    counts = rng.poisson(common * slowness.BIN, (2000, 600)).astype(float)
    values = slowness.autocovariance(counts)
    error = 1 / (40.0 * slowness.BIN) / math.sqrt(2000 * 600)  # of independent Poisson counts
    assert abs(values).max() < 5 * error
    assert abs(values.mean()) < 2 * error


def test_autocovariance_is_the_sum_over_pairs_of_bins():
    rng = np.random.default_rng(3)
    counts = rng.poisson(1.0, (7, 120)).astype(float)
    own = counts - counts.mean(axis=0)
    for lag in (1, 13, 50):
        expected = np.mean(own[:, lag:] * own[:, :-lag]) * 7 / 6 / counts.mean() ** 2
        assert slowness.autocovariance(counts)[lag - 1] == pytest.approx(expected, rel=1e-10)
    with pytest.raises(ValueError, match="2 neurons and 101 bins at least"):
        slowness.autocovariance(counts[:, :100])


def test_spectrum_and_autocovariance_are_transforms_of_each_other():
    """Rate fluctuations exp(-|t|/T) have the spectrum nu + nu² v 2T/(1 + (2 pi f T)²)."""
    rate, variance, time = 20.0, 0.3, 0.03
    f = np.arange(0, 2000.0, 0.25)
    spectrum = rate + rate**2 * variance * 2 * time / (1 + (2 * np.pi * f * time) ** 2)
    values = slowness.autocovariance_of_spectrum(f, spectrum, rate)
    expected = variance * np.exp(-slowness.lags() / time)
    np.testing.assert_allclose(values[1:], expected[1:], rtol=0.01, atol=1e-5)
    found = slowness.fit(values)
    assert found.variance == pytest.approx(variance * math.exp(-0.02 / time), rel=0.01)
    assert found.time == pytest.approx(time, rel=0.01)
    assert found.plateau == pytest.approx(0.0, abs=1e-4)


def test_theory_at_one_weight():
    p = ed.predict(0.6 * mV, 10_000, theory_time=400.0)
    fp = mf.solve(mf.models.ostojic2014(weight=0.6 * mV))
    assert (p.rate, p.cv) == (fp.rate[0], fp.cv[0])
    assert list(p.radius.values()) == pytest.approx([1.1493, 1.0610, 1.0066], abs=1e-4)
    assert p.coloured_rate > 2 * p.rate  # the trains of neurons feed back
    assert p.fano > 5
    assert 0.015 < p.slow_time < 0.03


@needs_compiler
def test_a_network_leaves_mean_field_gradually(tmp_path):
    """A quarter of the size: weak synapses fit white-noise theory, strong ones do not."""
    words = {"trials": 2, "duration": 1.0, "theory_time": 200.0, "store": tmp_path}
    found = ed.edge([0.2 * mV, 0.8 * mV], size=2500, **words)
    weak, strong = found.measurements
    assert weak.rate.mean == pytest.approx(found.predictions[0].rate, rel=0.15)
    assert strong.rate.mean > 2 * found.predictions[1].rate
    assert strong.fano.mean > 5 > 1 > weak.fano.mean
    assert math.isnan(weak.slow_time.mean)
    assert strong.slow_variance.mean > 1
    assert 0.01 < strong.slow_time.mean < 0.04
    assert found.critical["mean"] == pytest.approx(0.388 * mV, rel=1e-3)
    assert "radius 1 in theory: J = 0.388 mV (mean)" in str(found)
    answer = json.loads(found.to_json())
    assert answer["measurements"][0]["slow_time"]["mean"] is None
    assert answer["size"] == 2500
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trials", "1"], "trials must be at least 2, got 1"),
        (["--duration", "0.4"], "duration must be above 0.5 s"),
        (["--size", "900"], "size must be at least 1001, got 900"),
        (["--weights", "0.2ms"], "--weights cannot be in 'ms'"),
        (["--weights=-0.2mV"], "weights must be positive"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    assert main(["edge", *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
