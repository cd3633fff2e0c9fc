"""The README tells the truth: its code runs, its numbers are those computed, its network file loads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import meanfield as mf
from meanfield.io import from_dict

README = (Path(__file__).parents[1] / "README.md").read_text()


def block(language: str, containing: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return next(text for text in blocks if containing in text)


def test_thirty_lines_run_and_say_what_is_so():
    code = block("python", "import meanfield")
    assert len(code.splitlines()) <= 30
    names: dict[str, object] = {}
    exec(code.split("from validation")[0], names)
    assert names["lif"].rate(0.015, 0.005) == pytest.approx(9.46, abs=0.005)
    assert names["lif"].log_rate(0.0, 0.0001) == pytest.approx(-39991, abs=0.5)
    np.testing.assert_allclose(names["fp"].rate, 37.95, atol=0.005)
    assert len(names["states"]) == 3
    assert names["states"].is_complete
    assert names["st"].is_stable
    assert names["st"].rightmost == pytest.approx(-135 + 781j, abs=1)
    assert names["st"].frequency == pytest.approx(124, abs=0.5)
    assert len(names["line"]) > 10
    assert names["ds"].sizes["g"] == 3
    assert names["edge"] == pytest.approx(0.592, abs=5e-4)
    assert names["chaos"] == pytest.approx(0.0467, abs=5e-5)


def test_what_follows_runs_and_says_what_is_so():
    names: dict[str, object] = {}
    exec(block("python", "import meanfield").split("states =")[0] + block("python", "mf.LIFFiltered("), names)
    assert names["slow"].rate(0.015, 0.005) == pytest.approx(3.62, abs=0.005)
    np.testing.assert_allclose(names["jumps"], 5.97, atol=0.005)
    np.testing.assert_allclose(mf.solve(names["low"]).rate, 6.52, atol=0.005)
    np.testing.assert_allclose(names["shunted"], 33.7, atol=0.05)
    np.testing.assert_allclose(names["cv"], 0.42, atol=0.01)
    np.testing.assert_allclose(names["fp"].cv, 0.68, atol=0.005)
    assert names["tight"].verdict == "loose"
    np.testing.assert_allclose(names["tight"].beta, 0.181, atol=5e-4)
    np.testing.assert_allclose(names["spread"], 22.4, atol=0.05)
    np.testing.assert_allclose(names["cut"].net, 0.087, atol=5e-4)


def test_network_file_is_brunels():
    net = from_dict(tomllib.loads(block("toml", "populations")))
    expected = mf.models.brunel2000(g=5, eta=2)
    np.testing.assert_array_equal(net.weight, expected.weight)
    np.testing.assert_allclose(mf.solve(net).rate, mf.solve(expected).rate, rtol=1e-12)


def test_commands_are_the_two():
    lines = re.findall(r"^python3\.11 -m venv .*$", README, flags=re.MULTILINE)
    assert len(lines) == 2
    assert "python -m figures brunel2000" in lines[0]
    assert "pytest" in lines[1]
