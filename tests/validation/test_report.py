"""The report: what it holds, what it says of deviations, and the command line around it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms, mV
from tests.validation.networks import needs_compiler, small
from validation import cross_validate
from validation.cli import main
from validation.report import to_json


def uncoupled(**changes) -> mf.Network:
    lif = mf.LIF(tau_m=0.02, t_ref=0.002, v_th=20 * mV, v_reset=10 * mV)
    words = {
        "names": ["X"],
        "sizes": [2000],
        "neurons": lif,
        "indegree": [[0]],
        "weight": [[0.0]],
        "drives": [mf.ConstantDrive(mu=19 * mV), mf.WhiteNoiseDrive(sigma=5 * mV)],
    }
    return mf.Network(**(words | changes))


@pytest.fixture(scope="module")
def report():
    return cross_validate(small(), duration=1.0, trials=3, rng=1)


@needs_compiler
def test_every_prediction_is_there_for_every_population(report):
    state = mf.solve(small())
    assert {(row.prediction, row.population) for row in report.rows} == {
        (prediction, population) for prediction in ("rate", "mu", "sigma", "cv") for population in "EI"
    }
    assert report["rate", "E"].theory == state.rate[0]
    assert report["sigma", "I"].theory == pytest.approx(state.sigma[1] / mV)
    for row in report.rows:
        assert row.error > 0
        assert row.z == pytest.approx((row.theory - row.simulation) / row.error)
        assert row.difference == pytest.approx(100 * (row.theory - row.simulation) / row.simulation)


@needs_compiler
def test_report_in_every_form(report):
    assert "rate E (Hz)" in str(report)
    table = json.loads(report.to_json())
    assert len(table["rows"]) == 8
    assert table["trials"] == 3
    frame = report.to_dataframe()
    assert list(frame["prediction"].unique()) == ["rate", "mu", "sigma", "cv"]
    with pytest.raises(KeyError):
        report["rate", "X"]


def test_json_has_no_word_for_what_is_not_finite():
    found = json.loads(to_json({"a": (1.5, float("nan")), "b": [-np.inf, 2, "x"], "c": complex(1, np.inf)}))
    assert found == {"a": [1.5, None], "b": [None, 2, "x"], "c": [1.0, None]}


@needs_compiler
def test_agreement_within_error_where_theory_is_exact():
    """Uncoupled neurons, many small external jumps: mu and sigma to their error, nothing to explain about them."""
    drive = mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=12.0)
    net = uncoupled(sizes=[500], drives=[drive])
    found = cross_validate(net, duration=1.0, trials=8, rng=2)
    assert abs(found["mu", "X"].z) < 5
    assert abs(found["sigma", "X"].z) < 5
    assert not any("sigma is" in note for note in found.notes)


@needs_compiler
def test_the_time_step_is_named_with_the_rate_that_it_makes():
    """White noise on uncoupled neurons: only the time step tells simulation from theory, and the note says so."""
    found = cross_validate(uncoupled(), duration=4.0, trials=4, rng=3)
    row = found["rate", "X"]
    assert row.z > 3
    (note,) = [note for note in found.notes if "looked at once a step" in note]
    moved = float(re.search(r"X ([0-9.]+) Hz", note)[1])
    assert abs(row.simulation - moved) < 0.1 * abs(row.simulation - row.theory)
    assert not any("not Poisson" in note or "jumps of up to" in note or "fluctuates" in note for note in found.notes)


@needs_compiler
def test_short_trains_are_named_with_the_cv_that_they_would_show():
    found = cross_validate(uncoupled(drives=[mf.ConstantDrive(mu=14 * mV), mf.WhiteNoiseDrive(sigma=5 * mV)]), rng=4)
    row = found["cv", "X"]
    assert 4 < found["rate", "X"].simulation < 8
    assert row.difference > 10  # uncoupled white noise: theory's CV is right, the estimate from 1 s is not
    (note,) = [note for note in found.notes if "short trains" in note]
    biased = float(re.search(r"X \S+ as ([0-9]\.[0-9]+)", note)[1])
    assert abs(row.simulation - biased) < 0.3 * (row.theory - row.simulation)


@needs_compiler
def test_what_the_grid_rounds_is_named():
    net = small(indegree=[[40.4, 10], [40, 10]], delay=[[1.5 * ms, 1.5 * ms], [0.0, 1.53 * ms]])
    found = cross_validate(net, duration=0.2, trials=2)
    text = " ".join(found.notes)
    assert "whole numbers, up to 0.4 from" in text
    assert "whole time steps, delays of one at least: up to 0.1 ms" in text
    assert "whole" not in " ".join(cross_validate(small(), duration=0.2, trials=2).notes)


@needs_compiler
def test_half_the_time_step_is_compared(capsys):
    found = cross_validate(uncoupled(), duration=2.0, trials=2, check_dt=True)
    words = re.search(r"Time step 0.1 to 0.05 ms changes the rate: X ([0-9.]+) ± \S+ to ([0-9.]+) ±", found.notes[-1])
    coarse, fine = float(words[1]), float(words[2])
    assert coarse < fine < found["rate", "X"].theory


@needs_compiler
@pytest.mark.slow
def test_brunels_asynchronous_state_at_full_size():
    """N = 12,500: rates to 2%, and the CV that white noise overestimates (the paper's pitfall), with its reason."""
    found = cross_validate(mf.models.brunel2000(g=5, eta=2), duration=1.0, trials=2, rng=3)
    assert found["rate", "E"].simulation == pytest.approx(37.6, abs=0.6)
    assert found["rate", "E"].theory == pytest.approx(37.95, abs=0.005)
    assert found["cv", "E"].theory == pytest.approx(0.675, abs=0.001)
    assert found["cv", "E"].simulation == pytest.approx(0.42, abs=0.015)
    assert any("not Poisson" in note for note in found.notes)


def test_one_trial_is_refused():
    with pytest.raises(ValueError, match="trials must be at least 2"):
        cross_validate(small(), trials=1)


@pytest.mark.parametrize("words", [{"trials": 2.5}, {"rng": "x"}])
def test_wrong_types_are_named(words):
    (name, value) = next(iter(words.items()))
    with pytest.raises(TypeError, match=f"{name} must be a .*whole number.*, got {value!r}"):
        cross_validate(small(), **words)


@needs_compiler
def test_command_line(capsys, tmp_path):
    mf.dump(small(), tmp_path / "net.toml")
    assert main([str(tmp_path / "net.toml"), "--duration", "0.3", "--trials", "2", "--json"]) == 0
    assert np.isfinite([row["theory"] for row in json.loads(capsys.readouterr().out)["rows"]]).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["brunel200"], "did you mean 'brunel2000'"),
        (["brunel2000", "--etta", "2"], "unknown parameter"),
        (["brunel2000", "--trials", "1"], "trials must be at least 2"),
        (["brunel2000", "--duration", "-1"], "duration must be positive"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len([line for line in err.splitlines() if "python -m validation" in line]) == 1


def test_without_a_compiler_a_large_network_is_skipped_in_words(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert main(["brunel2000", "--trials", "2"]) == 3
    assert "skipped: no make and no g++" in capsys.readouterr().err


@needs_compiler
def test_a_failing_program_is_one_line_and_status_1(capsys, tmp_path, monkeypatch):
    from validation import simulation

    original = simulation.parameters_of
    monkeypatch.setattr(simulation, "parameters_of", lambda *a: original(*a) | {"population0.nonsense": 1.0})
    mf.dump(small(), tmp_path / "net.toml")
    assert main([str(tmp_path / "net.toml"), "--duration", "0.1", "--trials", "2"]) == 1
    assert "python -m validation: the simulation of network failed" in capsys.readouterr().err


def test_without_brian2_the_command_line_skips_in_words(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["brunel2000", "--trials", "2"]) == 3
    assert "skipped: Brian2 is not installed" in capsys.readouterr().err
