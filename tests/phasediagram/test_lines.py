"""Lines through a phase diagram: they lie where the grid changes, each is there once, what fails is said."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.continuation import Line
from meanfield.phasediagram.lines import _is_known
from meanfield.units import ms, mV


@pytest.fixture(scope="module")
def brunel():
    dataset = mf.phase_diagram("brunel2000", g=np.linspace(3.6, 8, 23), eta=np.linspace(0.6, 4, 18))
    with np.testing.suppress_warnings() as quiet:  # the lips of the slow line are thinner than this grid's steps
        quiet.filter(UserWarning, "pairs of neighbouring points")
        return dataset, mf.boundaries("brunel2000", dataset)


def test_brunels_lines_are_found_once_each(brunel):
    _, lines = brunel
    assert [line.kind for line in lines].count("fold") == 1
    fast = [line for line in lines if line.kind == "Hopf" and 150 < line.frequency.min() < line.frequency.max() < 200]
    assert len(fast) == 1
    middles = [tuple(round(float(v[len(line) // 2]), 3) for v in line.parameters.values()) for line in lines]
    assert len(set(middles)) == len(lines)


def test_lines_stay_within_the_axes(brunel):
    dataset, lines = brunel
    for line in lines:
        for name, values in line.parameters.items():
            assert dataset[name].min() - 1e-9 <= values.min()
            assert values.max() <= dataset[name].max() + 1e-9


def test_the_fast_line_separates_stable_from_oscillating_points(brunel):
    """At each g the lowest state is stable at every eta below the line and oscillates at every eta above it."""
    dataset, lines = brunel
    fast = next(line for line in lines if line.kind == "Hopf" and line.frequency.min() > 150)
    order = np.argsort(fast.parameters["g"])
    for g in dataset.g.values[dataset.g.values > fast.parameters["g"].min() + 0.01]:
        at = np.interp(g, fast.parameters["g"][order], fast.parameters["eta"][order])
        column = dataset.n_unstable.sel(g=g, state=0)
        assert (column.values[dataset.eta.values > at + 0.02] == 2).all()
        assert (column.values[(dataset.eta.values < at - 0.02) & (dataset.eta.values > 1.1)] == 0).all()


def test_lines_say_how_many_other_modes_grow(brunel):
    _, lines = brunel
    for line in lines:
        assert line.unstable.shape == line.frequency.shape
        np.testing.assert_allclose(line.delay, 1.5 * ms)
    assert any((line.unstable == 0).all() for line in lines)


def test_an_axis_may_run_downwards_and_be_a_delay():
    dataset = mf.phase_diagram("brunel2000", delay=np.linspace(3, 1, 6) * ms, eta=np.linspace(2, 4, 5), g=6.0)
    lines = mf.boundaries("brunel2000", dataset, g=6.0)
    assert lines
    assert {line.kind for line in lines} == {"Hopf"}
    for line in lines:
        np.testing.assert_allclose(line.delay, line.parameters["delay"])


def test_the_inhibitory_network_has_its_one_line():
    dataset = mf.phase_diagram(
        "brunelhakim1999", mu_ext=np.linspace(15, 35, 9) * mV, sigma_ext=np.linspace(1, 6, 6) * mV
    )
    (line,) = mf.boundaries("brunelhakim1999", dataset)
    assert line.kind == "Hopf"
    assert (line.rate[:, 0] < 0.2 * line.frequency).all()  # faster than its neurons


def test_other_fixed_parameters_and_other_numbers_of_axes_are_refused(brunel):
    dataset, _ = brunel
    with pytest.raises(ValueError, match="computed with no fixed parameters, got"):
        mf.boundaries("brunel2000", dataset, delay=2 * ms)
    with pytest.raises(ValueError, match="two axes, this phase diagram has 1: g"):
        mf.boundaries("brunel2000", mf.phase_diagram("brunel2000", g=[5.0, 6.0]))


def test_one_line_of_points_has_no_boundaries():
    assert mf.boundaries("brunel2000", mf.phase_diagram("brunel2000", g=[5.0, 6.0], eta=[2.0])) == []


def test_what_cannot_be_followed_is_said_so(brunel, monkeypatch):
    dataset, _ = brunel

    def fails(*_, **__):
        raise mf.ConvergenceError("no")

    monkeypatch.setattr("meanfield.phasediagram.lines.line_near", fails)
    with pytest.warns(UserWarning, match="on no line that could be followed, the first near g = "):
        assert mf.boundaries("brunel2000", dataset) == []


def straight(start, end, n=21):
    """A Hopf line of 100 Hz from one point of the plane to another."""
    share = np.linspace(0.0, 1.0, n)[:, None]
    x, y = ((1 - share) * start + share * end).T
    rate, frequency = np.ones((n, 1)), np.full(n, 100.0)
    empty = {"delay": np.zeros(n), "unstable": np.zeros(n, dtype=int), "special": (), "ends": ("", "")}
    return Line(kind="Hopf", parameters={"x": x, "y": y}, rate=rate, frequency=frequency, **empty)


def test_a_line_that_meets_another_half_way_is_not_that_line():
    """Of the same frequency where they meet, as lines of one instability of several states are."""
    axes = {name: np.arange(21.0) for name in ("x", "y")}
    along, across = (straight(np.array(a), np.array(b)) for a, b in (([0, 10], [20, 10]), ([10, 0], [10, 20])))
    assert not _is_known(across, [along], axes)
    part = straight(np.array([4.0, 10.2]), np.array([17.0, 10.2]))
    assert _is_known(part, [across, along], axes)
    assert not _is_known(along, [part], axes)
