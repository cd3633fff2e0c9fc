"""Axes, fixed parameters and blocks."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.parameters import family
from meanfield.phasediagram.grid import make_grid
from tests.phasediagram import models


def grid_of(block=None, **parameters):
    return make_grid(family("brunel2000"), parameters, block)


@pytest.mark.parametrize(
    ("shape", "block"), [((7,), None), ((7,), 3), ((7, 5), (3, 2)), ((200, 200), None), ((1, 9, 4), 2), ((3, 3), 100)]
)
def test_blocks_cover_every_point_once(shape, block):
    names = ("g", "eta", "delay")
    axes = {name: np.sort(np.random.default_rng(1).random(n)) for name, n in zip(names, shape, strict=False)}
    grid = grid_of(block, **axes)
    seen = np.zeros(shape, dtype=int)
    for k in range(grid.n_blocks):
        seen[grid.region(k)] += 1
        points = grid.points(k)
        expected = np.meshgrid(*axes.values(), indexing="ij")
        for values, full in zip(points.values(), expected, strict=True):
            np.testing.assert_array_equal(values.reshape(grid.block_shape(k)), full[grid.region(k)])
    assert (seen == 1).all()
    assert grid.n_points == np.prod(shape)


def test_points_are_numbered_in_c_order():
    grid = grid_of(g=[1, 2], eta=[3, 4, 5])
    assert grid.point(4) == {"g": 2.0, "eta": 4.0}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"gg": [1, 2]}, "unknown parameter of brunel2000: 'gg'; did you mean 'g'"),
        ({"g": []}, "axis g is empty"),
        ({"g": [[1.0]]}, "one dimension, got shape"),
        ({"g": [1, np.nan]}, "g must be finite, got nan at index 1"),
        ({"g": [1.0], "delay": np.inf}, "delay must be finite, got inf"),
        ({"g": 5.0}, "at least one axis"),
        ({"g": [1.0], "tau_m": -1.0}, "no network at any point tried: tau_e must be positive"),
    ],
)
def test_bad_axes_are_named(parameters, words):
    with pytest.raises(ValueError, match=words):
        mf.phase_diagram("brunel2000", **parameters)


@pytest.mark.parametrize(
    ("block", "words"), [(0, "1 or more, got 0"), (1.5, "got 1.5"), ((1, 2, 3), "block must be one number or 2")]
)
def test_bad_blocks_are_named(block, words):
    with pytest.raises(ValueError, match=words):
        grid_of(block, g=[1, 2], eta=[1, 2])


def test_an_axis_may_not_hide_a_variable():
    def model(sigma):
        return mf.models.brunel2000(g=sigma)

    with pytest.raises(ValueError, match="axis sigma has the name of a variable"):
        mf.phase_diagram(model, sigma=[1.0, 2.0])


def test_a_model_that_returns_no_network_is_named():
    with pytest.raises(ValueError, match=r"must return a Network, got 1\.0"):
        mf.phase_diagram(models.broken_result, g=[1.0])
    with pytest.raises(ValueError, match="did you mean 'brunel2000'"):
        mf.phase_diagram("brunell2000", g=[1.0])


@pytest.mark.parametrize(
    ("engine", "words"), [("serail", "unknown engine 'serail'; did you mean 'serial'"), ("tcp:host", "tcp://host:port")]
)
def test_unknown_engines_are_named(engine, words):
    with pytest.raises(ValueError, match=words):
        mf.phase_diagram("brunel2000", engine=engine, g=[1.0])


def test_something_else_is_no_engine():
    with pytest.raises(TypeError, match="engine must be"):
        mf.phase_diagram("brunel2000", engine=3, g=[1.0])
