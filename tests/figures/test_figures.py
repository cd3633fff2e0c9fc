"""Figures: drawn with theory alone where nothing can be simulated, refused in one line where the input is wrong."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import meanfield as mf
from figures import brunel2000, brunel2000_phases, brunelhakim1999, ostojic2014, rates
from figures.__main__ import main
from figures.style import plt
from meanfield.phasediagram.classes import CLASSES


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_figure_1_draws_every_branch():
    figure = brunel2000.figure_1()
    rate, cv = figure.axes
    states = mf.solve_all(mf.models.brunel2000(g=2.0, eta=0.8))
    assert len(states) == 3
    at_two = [
        line.get_ydata()[list(line.get_xdata()).index(2.0)] for line in rate.lines if 2.0 in list(line.get_xdata())
    ]
    assert all(any(abs(y - state.rate[0]) < 1e-9 for y in at_two) for state in states)
    assert rate.get_ylabel() == "firing rate (Hz)"
    assert "CV" in cv.get_ylabel()


def test_figure_7_shows_what_delays_do(monkeypatch, recwarn):
    """Delays spread evenly over 0 to 3 ms keep network B, which all delays of 1.5 ms make oscillate, stable."""
    monkeypatch.setattr(brunel2000_phases, "POINTS", (13, 9))
    delays = {name: brunel2000_phases.FIGURE_7[name] for name in list(brunel2000_phases.FIGURE_7)[::2]}
    monkeypatch.setattr(brunel2000_phases, "FIGURE_7", delays)
    figure = brunel2000_phases.figure_7()
    fixed, uniform, *_ = figure.axes
    assert (fixed.get_title(loc="left"), uniform.get_title(loc="left")) == tuple(delays)
    classes = [np.asarray(axes.collections[0].get_array()).reshape(9, 13) for axes in (fixed, uniform)]
    at_b = [CLASSES[int(found[-1, 9])] for found in classes]  # g = 6, eta = 4
    assert at_b == ["SI fast", "AI"]
    for axes in (fixed, uniform):
        assert [text.get_text() for text in axes.texts] == ["A", "B", "C", "D"]
    recwarn.clear()  # the grid is coarse: not every line can be followed


def test_the_inhibitory_networks_hopf_line_and_its_frequency(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(brunelhakim1999, "POINTS", (12, 9))
    assert main(["brunelhakim1999", "--out", str(tmp_path), "--format", "png"]) == 0
    assert "Hopf line: mu_ext 20.6 to 38.7 mV" in capsys.readouterr().out
    assert (tmp_path / "brunelhakim1999_phases.png").exists()


def test_spectra_of_the_microcircuit_name_its_modes(tmp_path, capsys):
    assert main(["bos2016", "--out", str(tmp_path), "--format", "png"]) == 0
    captured = capsys.readouterr()
    frequencies = [float(line.split()[0]) for line in captured.out.splitlines()[1:3]]
    assert frequencies == pytest.approx([284, 73], abs=3)
    assert "unstable state" in captured.err
    assert (tmp_path / "bos2016_spectra.png").exists()


def test_feedback_suppresses_slow_fluctuations(tmp_path, capsys):
    assert main(["tetzlaff2012", "--out", str(tmp_path), "--format", "png"]) == 0
    ratios = [float(line.rsplit(" ", 1)[1]) for line in capsys.readouterr().out.splitlines()[1:4]]
    assert max(ratios) < 0.25
    assert (tmp_path / "tetzlaff2012_suppression.png").exists()


def test_theory_and_figure_without_a_compiler(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert main(["brunel2000", "--panel", "8C", "--out", str(tmp_path), "--format", "png"]) == 0
    captured = capsys.readouterr()
    assert "37.95" in captured.out
    assert "theory only, nothing is simulated: no make and no g++" in captured.err
    assert (tmp_path / "brunel2000_figure8_8C.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["brunel200"], "unknown paper 'brunel200'; did you mean 'brunel2000'?"),
        (["brunel2000", "--panel", "9Z"], "unknown panel '9Z'"),
        (["brunel2000", "--format", "jpgg"], "unknown format 'jpgg'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, words, message):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_maps_of_ostojic_show_the_edge_beside_the_hopf_lines(monkeypatch, tmp_path, recwarn):
    monkeypatch.setattr(ostojic2014, "POINTS", (9, 9))
    figure = ostojic2014.maps()
    ours, brunel, weak, strong = figure.axes
    label = "random-matrix edge (mean+variance)"
    assert [label in [line.get_label() for line in axes.lines] for axes in (ours, brunel, weak, strong)] == [
        True,
        True,
        False,  # at J = 0.1 mV the radius stays below 0.8
        True,
    ]
    assert "random-matrix edge (1-p)" in [line.get_label() for line in ours.lines]
    assert "fast Hopf" in [line.get_label() for line in brunel.lines]
    recwarn.clear()  # the grid is coarse: not every line can be followed


def test_rates_of_ostojic_without_a_compiler(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert main(["ostojic2014", "--panel", "rates", "--out", str(tmp_path), "--format", "png"]) == 0
    assert "theory only, nothing is simulated: no make and no g++" in capsys.readouterr().err
    assert (tmp_path / "ostojic2014_rates.png").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [("sompolinsky1988", "theory  networks"), ("schuecker2018", "sigma = 0.5"), ("kadmon2015", "lambda  networks")],
)
def test_rate_networks_are_drawn_beside_theory(name, words, monkeypatch, tmp_path, capsys):
    module = importlib.import_module(f"figures.{name}")
    monkeypatch.setattr(module, "SIZE", 40)
    monkeypatch.setattr(module, "SIMULATED", module.SIMULATED[-2:])
    monkeypatch.setattr(rates, "DURATION", 60.0)
    for constant, value in (("SIZES", {30: 2, 40: 2}), ("SHOWN", module.SIMULATED[-1:] * 2)):
        if hasattr(module, constant):
            monkeypatch.setattr(module, constant, value)
    assert main([name, "--out", str(tmp_path), "--format", "png"]) == 0
    assert words in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.png"))) == 1
