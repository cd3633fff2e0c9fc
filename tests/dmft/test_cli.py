"""``meanfield dmft``."""

from __future__ import annotations

import json

import pytest

import meanfield as mf
from meanfield.cli import main


def test_the_table_and_the_figure(capsys, tmp_path):
    assert main(["dmft", "--g", "1.5", "--out", str(tmp_path / "c.png")]) == 0
    out = capsys.readouterr().out
    assert "tanh, g = 1.5, noise = 0: chaos" in out
    assert "variance c0              0.7476863806" in out
    assert (tmp_path / "c.png").stat().st_size > 5000


def test_json_is_the_solution(capsys):
    assert main(["dmft", "--g", "1.5", "--phi", "erf", "--noise", "0.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == mf.dmft.solve(1.5, "erf", noise=0.5).to_dict()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--g", "-1"], "g must not be negative"),
        (["--g", "1.5", "--phi", "tan"], "did you mean 'tanh'"),
        (["--g", "1.5", "--out", "c.gif"], "--out must end in .png, .pdf, .svg, got c.gif"),
        (["--g", "1.5", "--phi", "relu", "--bias", "1"], "activity diverges"),
        (["--g", "1.5", "surplus"], "unexpected argument"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, words):
    assert main(["dmft", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
