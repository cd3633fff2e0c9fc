"""Pictures: every class present is named, lines are told apart by their style, labels carry units."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

import meanfield as mf
from meanfield import plotting
from meanfield.units import ms, mV


@pytest.fixture(scope="module")
def dataset():
    return mf.phase_diagram("brunel2000", g=np.linspace(3, 8, 6), eta=np.linspace(0.5, 4, 6))


def made_up_line(kind, frequency, unstable=0, **parameters):
    n = len(frequency)
    return mf.Line(
        kind=kind,
        parameters={name: np.asarray(values, dtype=float) for name, values in parameters.items()},
        rate=np.ones((n, 2)),
        frequency=np.asarray(frequency, dtype=float),
        delay=np.full(n, 2 * ms),
        unstable=np.broadcast_to(unstable, n),
        special=(),
        ends=("", ""),
    )


def words_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_legend_names_the_classes_present_and_no_other(dataset):
    axes = plotting.phase_diagram(Figure().subplots(), dataset)
    meanings = dict(
        zip(dataset["class"].attrs["flag_values"], dataset["class"].attrs["flag_meanings"].split(), strict=True)
    )
    assert {word.replace(" ", "_") for word in words_of(axes)} == {meanings[v] for v in np.unique(dataset["class"])}


def test_colour_at_a_point_is_that_of_its_class(dataset):
    axes = plotting.phase_diagram(Figure().subplots(), dataset)
    (mesh,) = axes.collections[:1]
    drawn = np.asarray(mesh.get_array()).reshape(6, 6)
    np.testing.assert_array_equal(drawn, dataset["class"].values.T)
    assert len(set(plotting.CLASS_COLOURS.values())) == len(plotting.CLASS_COLOURS)


def test_axes_are_labelled_in_the_units_of_the_field():
    found = mf.phase_diagram("brunel2000", delay=[1 * ms, 3 * ms], g=[5.0, 6.0])
    axes = plotting.phase_diagram(Figure().subplots(), found)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("delay (ms)", "g")
    assert axes.xaxis.get_major_formatter()(0.002, None) == "2"


def test_three_axes_are_refused():
    found = mf.phase_diagram("brunel2000", g=[5.0], eta=[2.0], gamma=[0.25])
    with pytest.raises(ValueError, match="two axes, this one has 3: g, eta, gamma"):
        plotting.phase_diagram(Figure().subplots(), found)


@pytest.mark.parametrize(
    ("kind", "frequency", "name"), [("fold", 0.0, "fold"), ("Hopf", 49.0, "slow Hopf"), ("Hopf", 51.0, "fast Hopf")]
)
def test_kinds_of_lines_have_styles(kind, frequency, name):
    """At a delay of 2 ms the border between slow and fast, a tenth of a cycle in a delay, is 50 Hz."""
    axes = plotting.line(Figure().subplots(), made_up_line(kind, [frequency] * 3, g=[1, 2, 3], eta=[1, 1, 1]))
    assert words_of(axes) == [name]
    assert axes.lines[0].get_linestyle() == plotting.LINE_STYLES[name]


def test_a_line_that_turns_from_slow_to_fast_is_drawn_in_both_styles_and_whole():
    line = made_up_line("Hopf", [20, 40, 60, 80], g=[1, 2, 3, 4], eta=[1, 1, 1, 1])
    axes = plotting.line(Figure().subplots(), line)
    assert words_of(axes) == ["slow Hopf", "fast Hopf"]
    assert {x for drawn in axes.lines for x in drawn.get_xdata()} == {1.0, 2.0, 3.0, 4.0}


def test_a_line_is_thin_where_other_modes_grow():
    line = made_up_line("fold", [0.0] * 4, [0, 0, 2, 2], g=[1, 2, 3, 4], eta=[1, 1, 1, 1])
    thick, thin = plotting.line(Figure().subplots(), line).lines
    assert thick.get_linewidth() > thin.get_linewidth()
    assert math.isclose(thick.get_xdata()[-1], thin.get_xdata()[0])


def test_special_and_published_points_are_marked_and_named():
    bounds = {"g": (3.8, 5), "eta": (0.5, 1)}
    line = mf.fold_line("brunel2000", "g", "eta", start=(3.9, 0.83), bounds=bounds)
    axes = plotting.points(plotting.line(Figure().subplots(), line), {"D": (4.5, 0.9)}, "published")
    assert {"fold", "cusp", "Bogdanov-Takens", "published"} <= set(words_of(axes))
    assert [text.get_text() for text in axes.texts] == ["D"]
    (cusp,) = [p for p in line.special if p.kind == "cusp"]
    marked = [(drawn.get_xdata()[0], drawn.get_ydata()[0]) for drawn in axes.lines if drawn.get_marker() == "^"]
    assert marked == [tuple(cusp.parameters.values())]


def test_edge_of_chaos_is_drawn_where_the_radius_is_one():
    weights = np.linspace(0.1, 0.9, 9) * mV
    found = mf.phase_diagram("ostojic2014", weight=weights, g=[4.8, 5.0, 5.2])
    axes = plotting.edge(Figure().subplots(), found)
    (line,) = axes.lines
    assert words_of(axes) == ["random-matrix edge (mean+variance)"]
    assert line.get_linestyle() not in plotting.LINE_STYLES.values()
    at_five = line.get_xdata()[np.argmin(abs(line.get_ydata() - 5.0))]  # a row of the grid
    exact = mf.randommatrix.critical_weight("ostojic2014", bounds=(0.1 * mV, 0.9 * mV))
    assert at_five == pytest.approx(exact, abs=2e-3 * mV)


def test_no_edge_where_the_radius_stays_below_one_and_none_along_a_fold(dataset):
    assert float(dataset.radius.max()) < 1
    assert not plotting.edge(Figure().subplots(), dataset).lines
    jump = dataset.copy()
    jump["n_states"] = jump["n_states"].where(jump.g < 5, 3)
    jump["radius"] = jump["radius"].where(jump.g < 5, 2.0)
    assert not plotting.edge(Figure().subplots(), jump).lines


def test_a_spectrum_is_drawn_with_its_disc_and_its_outliers():
    found = mf.randommatrix.analyse(mf.randommatrix.Circular(0.6, mean=1.5).sample(200, rng=1))
    axes = plotting.spectrum(Figure().subplots(), found)
    assert words_of(axes) == ["eigenvalues", "outliers", "predicted disc", "predicted outliers", "edge of stability"]
    drawn = {line.get_label(): line for line in axes.lines}
    assert drawn["eigenvalues"].get_xdata().size == 200
    points = drawn["predicted disc"].get_xydata() - [found.blocks.centre, 0]
    np.testing.assert_allclose(np.hypot(*points.T), found.radius)
    assert drawn["predicted outliers"].get_xdata()[0] == pytest.approx(1.5, abs=0.15)


def test_pseudospectra_and_delayed_boundaries_are_drawn():
    rm = mf.randommatrix
    grid = np.linspace(-2, 2, 9)
    axes = plotting.pseudospectrum(Figure().subplots(), rm.pseudospectrum(np.diag([0.5, -0.5]), grid, grid), [0.2, 1.0])
    assert len(axes.collections[0].get_paths()) == 2
    (curve,) = plotting.delayed_boundary(Figure().subplots(), rm.delayed_boundary(1.0), 0.5).lines
    assert np.hypot(curve.get_xdata(), curve.get_ydata()).min() == pytest.approx(1.0)
