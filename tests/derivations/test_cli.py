"""The command ``meanfield derive``."""

from __future__ import annotations

import re

import pytest

from meanfield.cli import main
from meanfield.derivations import derive, titles


def test_command_line_prints_text_and_latex(capsys):
    assert main(["derive", "hopf"]) == 0
    assert capsys.readouterr().out == derive("hopf").text() + "\n"
    assert main(["derive", "hopf", "--latex"]) == 0
    assert capsys.readouterr().out == derive("hopf").latex() + "\n"


def test_command_line_lists_all(capsys):
    assert main(["derive", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [tuple(re.split(r"\s{2,}", line, maxsplit=1)) for line in lines] == list(titles().items())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["derive", "critical_inhibition"],
            "unknown derivation 'critical_inhibition'; did you mean 'critical-inhibition'?",
        ),
        (["derive", "zzz"], "known: linearised, critical-inhibition"),
        (["derive"], "derive needs the name of a derivation; known: linearised"),
        (["derive", "hopf", "--tex"], "unexpected argument '--tex'"),
    ],
)
def test_command_line_refuses_in_one_line(capsys, words, message):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
