"""Figures of conductances: what they are drawn to show."""

from __future__ import annotations

import numpy as np
import pytest

from figures import sanzeni2022, shunting
from figures.style import plt


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_weights_that_fall_as_the_logarithm_keep_neurons_that_differ_irregular(monkeypatch):
    monkeypatch.setattr(sanzeni2022, "INDEGREES", np.array([1000, 100_000]))
    figure, table = sanzeni2022.scaling(duration=2.0)
    rate, irregularity, *_ = figure.axes
    assert rate.get_ylabel() == "rate (Hz)"
    more = [line.get_ydata() for line in irregularity.lines if line.get_linestyle() == "--"]
    (root_before, root_after), (log_before, log_after) = more
    assert root_before == pytest.approx(log_before, rel=1e-3)
    assert root_after < 0.5 < log_after
    assert "1/log K" in table


def test_shunting_divides_the_more_the_more_noise(monkeypatch):
    monkeypatch.setattr(shunting, "SHUNTS", np.linspace(0, 4, 5))
    figure, _ = shunting.shunting()
    gains = figure.axes[2]
    ends = [line.get_ydata()[-1] for line in gains.lines if len(line.get_ydata()) == 5]
    assert len(ends) == len(shunting.NOISE)
    assert (np.diff(ends) < 0).all()
    spans = figure.axes[3].lines[0].get_ydata()
    assert (np.diff(spans) > 0).all()
