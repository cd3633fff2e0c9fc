"""The phase diagram of Brunel (2000) under other synapses: what it is drawn to show."""

from __future__ import annotations

import pickle

import pytest

import meanfield as mf
from figures import brunel2000_synapses
from figures.style import plt


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("model", brunel2000_synapses.PANELS.values())
def test_models_can_be_sent_to_processes(model):
    assert pickle.loads(pickle.dumps(model))(5.0, 2.0).neurons[0] == model(5.0, 2.0).neurons[0]


def test_filtering_alone_ends_the_fast_oscillation():
    """Of Brunel's network B, g = 6 and eta = 4, at 190 Hz in white noise."""
    states = {model.__name__: mf.solve(model(6.0, 4.0)) for model in brunel2000_synapses.PANELS.values()}
    found = {name: mf.stability(state) for name, state in states.items()}
    assert found["filtered"].is_stable
    for name in ("finite_jumps", "conductances"):
        assert found[name].kind == "Hopf"
        assert 180 < found[name].frequency < 220


@pytest.mark.filterwarnings("ignore:.*a finer grid may help")  # lines of A, on a grid of 5 x 3
def test_panels_share_axes_and_classes(monkeypatch):
    monkeypatch.setattr(brunel2000_synapses, "WHITE_POINTS", (5, 3))
    monkeypatch.setattr(brunel2000_synapses, "POINTS", (3, 2))
    monkeypatch.setattr(brunel2000_synapses, "ENGINE", "serial")
    monkeypatch.setattr(brunel2000_synapses, "PANELS", {"D  conductances": brunel2000_synapses.conductances})
    figure, table, _ = brunel2000_synapses.synapses()
    white, other = figure.axes[:2]
    assert white.get_xlim() == other.get_xlim() == (0.0, 8.0)
    assert "g" in figure.axes[2].get_xlabel()
    shares = [line.partition(": ")[2].split(", ") for line in table.splitlines()[1:]]
    assert [sum(int(part.rsplit(" ", 1)[1]) for part in row) for row in shares] == pytest.approx([100, 100], abs=2)
