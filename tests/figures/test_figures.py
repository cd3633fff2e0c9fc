"""Figures: drawn with theory alone where nothing can be simulated, refused in one line where the input is wrong."""

from __future__ import annotations

import importlib
import re

import numpy as np
import pytest

import meanfield as mf
from figures import (
    ahmadian2015,
    aljadeff2015,
    balance_response,
    boerlin2013,
    brunel2000,
    brunel2000_phases,
    brunelhakim1999,
    edge_scaling,
    ostojic2014,
    rajan2006,
    rates,
    renart2010,
    roxin2011,
    tetzlaff2012,
    tightness,
    vanvreeswijk1998,
    vogels2011,
)
from figures.__main__ import main
from figures.style import plt
from meanfield.phasediagram.classes import CLASSES
from validation import SimulationUnavailable
from validation.results import Simulation


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


def unavailable(*_, **__):
    raise SimulationUnavailable("no g++ found")


def test_feedback_suppresses_slow_fluctuations(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tetzlaff2012, "simulate", unavailable)
    monkeypatch.setattr(mf, "coloured_spectrum", lambda fp: None)  # of white noise
    assert main(["tetzlaff2012", "--out", str(tmp_path), "--format", "png"]) == 0
    captured = capsys.readouterr()
    ratios = [float(line.rsplit(" ", 1)[1]) for line in captured.out.splitlines()[1:4]]
    assert max(ratios) < 0.25
    assert "theory alone, no g++ found" in captured.err
    assert (tmp_path / "tetzlaff2012_suppression.png").exists()


def test_networks_rise_faster_than_their_neurons(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(balance_response, "response", unavailable)
    assert main(["balance_response", "--out", str(tmp_path), "--format", "png"]) == 0
    assert "theory alone" in capsys.readouterr().err
    assert (tmp_path / "balance_response.png").exists()
    times = balance_response.figure(None).axes[1].lines
    network, alone = (line.get_ydata() for line in times[:2])
    assert (alone > 5 * network).all()


def test_the_balanced_state_of_binary_neurons(monkeypatch, tmp_path, capsys):
    small = {"SIZE": 2500, "DRIVES": (0.2,), "INDEGREES": (400,), "CYCLES": 3, "DURATION": 0.5}
    for name, value in small.items():
        monkeypatch.setattr(vanvreeswijk1998, name, value)
    assert main(["vanvreeswijk1998", "--out", str(tmp_path), "--format", "png"]) == 0
    activity = capsys.readouterr().out.splitlines()[1].split()
    assert float(activity[2]) == pytest.approx(float(activity[1]), rel=0.1)
    assert (tmp_path / "vanvreeswijk1998_balance.png").exists()


def test_currents_of_binary_neurons_cancel(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(renart2010, "DURATIONS", {200: 4.0, 400: 4.0})
    monkeypatch.setattr(renart2010, "SHOWN", 200)
    assert main(["renart2010", "--out", str(tmp_path), "--format", "png"]) == 0
    parts = [words.split() for words in capsys.readouterr().out.splitlines()[5].split(": ")[1].split("; ")]
    simulated = [float(words[1]) for words in parts]
    assert simulated[3] < 0.3 * min(simulated[0], simulated[1])
    assert simulated[2] < -0.1
    assert (tmp_path / "renart2010_correlations.png").exists()


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


@pytest.mark.parametrize(("module", "simulation"), [(boerlin2013, "integrator"), (vogels2011, "simulate_tuned")])
def test_figures_of_simulations_alone_say_why_they_are_skipped(module, simulation, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, simulation, unavailable)
    name = module.__name__.removeprefix("figures.")
    assert main([name, "--out", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"{name}: skipped, no g++ found\n"
    assert not captured.out


def test_the_tuned_neuron_of_vogels_2011_learns_detailed_balance():
    neuron = vogels2011.tuned_neuron()
    rule = mf.plasticity.InhibitoryPlasticity(eta=3e-5, tau=0.02, rho0=5.0)
    learned = rule.fixed_point(neuron)
    np.testing.assert_allclose(learned.rate, 5.0, rtol=1e-6)
    axes = plt.figure().subplots()
    vogels2011.currents(axes, neuron, learned.weight)
    excitation, inhibition, net = (np.asarray(line.get_ydata()) for line in axes.lines[:3])
    np.testing.assert_allclose(excitation - inhibition, net, rtol=1e-9)
    assert np.argmax(inhibition) == np.argmax(excitation) == vogels2011.PREFERRED


def numbers(text):
    """Numbers of a line, in order."""
    return [float(x) for x in re.findall(r"\d+\.\d+|\d+", text)]


def test_rows_that_sum_to_zero_keep_eigenvalues_in_the_disc(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(rajan2006, "N", 300)
    monkeypatch.setattr(rajan2006, "TRIAL_N", 120)
    assert main(["rajan2006", "--out", str(tmp_path), "--format", "png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [numbers(line)[0] > 0 for line in lines[:3]] == [False, True, False]
    for line in lines[3:6]:  # a share of 300
        _, _, share, theory = numbers(line.replace("R/2", "0.5"))
        assert share == pytest.approx(theory, abs=0.04)
    assert {path.name for path in tmp_path.iterdir()} == {f"rajan2006_figure{k}.png" for k in (1, 2, 3)}


def test_a_few_excitable_neurons_bring_a_network_beyond_the_edge(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(aljadeff2015, "N", 300)
    monkeypatch.setattr(aljadeff2015, "TRIAL_N", 120)
    assert main(["aljadeff2015", "--out", str(tmp_path), "--format", "png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    radius, even = numbers(lines[1])[:2]
    assert radius > 1.0 > even
    least, most = numbers(lines[3].replace("120", ""))
    assert 0.95 < least < most < 1.2  # of the largest eigenvalue over R
    assert (tmp_path / "aljadeff2015_figure1.png").exists()


def test_eigenvalues_about_a_given_matrix(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ahmadian2015, "N", 200)
    monkeypatch.setattr(ahmadian2015, "TRIAL_N", 120)
    assert main(["ahmadian2015", "--out", str(tmp_path), "--format", "png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    radius, largest = numbers(lines[1])[:2]
    assert largest == pytest.approx(radius, rel=0.1)
    total, outside = numbers(lines[2])[:2]
    assert total == pytest.approx(1.0, abs=0.01)
    assert outside < 10.0  # per cent
    assert (tmp_path / "ahmadian2015_examples.png").exists()


def test_roxin_draws_theory_alone_where_nothing_can_be_simulated(monkeypatch, tmp_path, capsys):
    def refuse(*_, **__):
        raise SimulationUnavailable("no g++ found")

    monkeypatch.setattr(roxin2011, "simulate", refuse)
    assert main(["roxin2011", "--out", str(tmp_path), "--format", "png"]) == 0
    captured = capsys.readouterr()
    assert "theory alone, no g++ found" in captured.err
    assert "fixed indegree: mean" in captured.out
    assert (tmp_path / "roxin2011_rates.png").exists()


def test_tightness_is_drawn_by_theory_alone_where_nothing_can_be_simulated(monkeypatch, tmp_path, capsys):
    def refuse(*_, **__):
        raise SimulationUnavailable("no g++ found")

    monkeypatch.setattr(tightness, "tightness", refuse)
    monkeypatch.setattr(mf, "coloured_spectrum", lambda fp: None)  # white noise, which is there at once
    assert main(["tightness", "--out", str(tmp_path), "--format", "png"]) == 0
    captured = capsys.readouterr()
    assert "drawn without simulation: no g++ found" in captured.err
    assert "loose, theory: beta 0.181, loose; balance is lost above" in captured.out
    assert "tight, theory: beta 0.052, tight; balance is lost above" in captured.out
    assert (tmp_path / "tightness.png").exists()


def test_roxin_sets_rates_that_are_drawn_beside_theory():
    """Spike counts that come from theory's own distribution lie on its lines."""
    net = roxin2011.network()
    theory = {name: mf.rate_distribution(net, connections=name) for name in roxin2011.GRAPHS}
    figure, lines = roxin2011.rates({name: drawn_run(found) for name, found in theory.items()}, [])
    assert len(figure.axes) == 6
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)
    logarithmic = figure.axes[2]
    assert logarithmic.get_xscale() == "log"
    words = [text.get_text() for text in figure.axes[5].get_legend().get_texts()]
    simulated, exact = (float(re.search(r"0\.\d+", text).group()) for text in words[:2])  # Gini coefficients
    assert simulated == pytest.approx(exact, abs=0.03)
    assert "simulated" in lines[0]


def drawn_run(found: mf.RateDistribution) -> Simulation:
    """A run in which counts are drawn and spikes are anywhere."""
    rng, net, duration = np.random.default_rng(1), found.network, roxin2011.DURATION
    counts = [found.sample_counts(size, duration, i, rng=rng).astype(int) for i, size in enumerate(net.sizes)]
    return Simulation(
        network=net,
        duration=duration,
        warmup=0.0,
        dt=1e-4,
        seed=1,
        times=tuple(duration * rng.random(n.sum()) for n in counts),
        indices=tuple(np.repeat(np.arange(n.size), n) for n in counts),
        mu=(),
        sigma=(),
        indegree=tuple(rng.poisson(net.indegree[i], (size, 2)) for i, size in enumerate(net.sizes)),
        queue="runs",
    )


def test_the_edge_stays_where_it_is_with_weights_of_one_over_root_k(monkeypatch):
    """R over K: flat, falling and growing by the root of it, in sampled matrices; likewise of LIF networks."""
    monkeypatch.setattr(edge_scaling, "FACTORS", (0.5, 1.0))
    monkeypatch.setattr(edge_scaling, "INDEGREES", (1000.0, 4000.0))
    figure, table = edge_scaling.scaling()
    found = {}
    for row in table.splitlines()[1:]:
        name, *numbers = row.split()
        found.setdefault(name, []).append([float(number) for number in numbers])
    for name, exponent in edge_scaling.SCALINGS.items():
        few, many = found[name]
        for k, theory, sampled, error, *_ in (few, many):
            assert sampled == pytest.approx(theory, abs=5 * error), (name, k)
        assert many[2] / few[2] == pytest.approx(2 ** (exponent + 0.5), rel=0.05)
    radii = {name: rows[1][5] / rows[0][5] for name, rows in found.items()}
    assert abs(radii["1/sqrt(K)"] - 1) < 0.05
    assert radii["1/K"] < 0.8
    assert radii["constant"] > 1.2
    assert figure.axes[0].get_ylabel() == "radius R"
