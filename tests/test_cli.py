"""The command line: what it prints, and one line and exit status 2 for whatever a user gets wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import meanfield as mf
from meanfield.cli import main


def run(capsys, *words):
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_solve_prints_the_state(capsys):
    status, out, err = run(capsys, "solve", "brunel2000", "--g", "5", "--eta", "2")
    assert (status, err) == (0, "")
    assert "37.9497" in out


def test_solve_json_is_the_state(capsys):
    status, out, _ = run(capsys, "solve", "brunel2000", "--g=4.5", "--eta=0.9", "--json")
    state = mf.solve(mf.models.brunel2000(g=4.5, eta=0.9))
    assert status == 0
    assert json.loads(out)["states"][0]["E"]["rate"] == state.rate[0]


def test_solve_all_says_whether_it_is_complete(capsys):
    status, out, _ = run(capsys, "solve", "brunel2000", "--g", "3.5", "--eta", "0.8", "--all", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["is_complete"]
    assert len(answer["states"]) == 3


def test_a_file_is_a_network_too(capsys, tmp_path):
    mf.dump(mf.models.brunelhakim1999(), tmp_path / "net.toml")
    status, out, _ = run(capsys, "solve", str(tmp_path / "net.toml"))
    assert status == 0
    assert "brunelhakim1999" in out


def test_values_are_read_in_their_units_or_as_si(capsys):
    answers = [
        run(capsys, "solve", "brunel2000", "--json", "--tau_m", tau_m, "--weight", weight)
        for tau_m, weight in (("15ms", "0.2 mV"), ("0.015", "2e-4"), ("15000 us", "200uV"))
    ]
    state = mf.solve(mf.models.brunel2000(tau_m=0.015, weight=2e-4))
    for status, out, _ in answers:
        assert status == 0
        assert json.loads(out)["states"][0]["E"]["rate"] == pytest.approx(state.rate[0], rel=1e-12)


def test_models_are_listed(capsys):
    status, out, _ = run(capsys, "models")
    assert status == 0
    assert all(name in out for name in mf.models.MODELS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("solve", "brunel200"), "unknown model 'brunel200'; did you mean 'brunel2000'?"),
        (("solve", "brunel2000", "--gee", "5"), "unknown parameter of brunel2000: 'gee'"),
        (("solve", "brunel2000", "--g", "five"), "g must be a plain number, such as '3', got 'five'"),
        (("solve", "brunel2000", "--g", "5ms"), "g cannot be in 'ms' (got '5ms'); it has no unit"),
        (("solve", "brunel2000", "--delay", "2mV"), "delay cannot be in 'mV' (got '2mV'); known units: s, ks, ms"),
        (("solve", "brunel2000", "--delay", "2mV"), "a plain number is in s"),
        (("solve", "potjans2014", "--external-rate=8ms"), "external_rate cannot be in 'ms' (got '8ms')"),
        (("solve", "brunel2000", "--delay", "1..2 ms"), "delay must be a number with a unit, such as '3 ms'"),
        (("solve", "brunel2000", "--g"), "--g lacks its value"),
        (("solve", "brunel2000", "stray"), "unexpected argument 'stray'"),
        (("solve", "brunel2000", "--g", "nan"), "g must be a plain number, such as '3', got 'nan'"),
        (("solve", "brunel2000", "--tau_m", "-20ms"), "must be positive, got -0.02 s"),
        (("solve", "brunel2000", "--v_reset", "25mV"), "v_reset"),
        (("solve", "nowhere.toml"), "nowhere.toml: there is no such file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    status, out, err = run(capsys, *words)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_no_state_is_status_1(capsys):
    status, _, err = run(capsys, "solve", "brunel2000", "--g", "2", "--eta", "1.5", "--t_ref", "0")
    assert status == 1
    assert "run away" in err
    assert err.count("\n") == 1


def test_version_from_a_fresh_process():
    out = subprocess.run(
        [sys.executable, "-m", "meanfield.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == f"meanfield {mf.__version__}"
