"""Predictions of ensembles, rate networks and edges in one table; what decides which, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import meanfield as mf
from meanfield.randommatrix import BlockGaussian, Circular, SparseEI
from tests.validation.networks import small
from validation import cross_validate
from validation.predictions.network import PREDICTIONS


def test_sets_of_predictions_have_a_number_for_each_population():
    fp = mf.solve(small())
    for one in PREDICTIONS.values():
        theory = one.theory(fp)
        assert set(theory) >= set(one.units)
        assert all(len(theory[name]) == 2 and np.isfinite(theory[name]).all() for name in one.units)


@pytest.mark.parametrize(
    ("subject", "options", "kind", "words"),
    [
        ("brunel2000", {}, TypeError, "subject must be a meanfield.Network, an ensemble"),
        (small(), {"predictions": ["stat"]}, ValueError, "did you mean 'state'"),
        (small(), {"predictions": "state"}, ValueError, "predictions must be names"),
        (Circular(), {"trials": 1}, ValueError, "trials must be at least 2"),
        (Circular(), {"n": 3}, ValueError, "n must be at least 10"),
        (Circular(), {"n": 10_000_000}, ValueError, "GiB of memory"),
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
    ],
    ids=["one outlier", "a pair", "an exact one"],
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
