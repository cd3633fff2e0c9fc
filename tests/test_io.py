"""Network files: round trips, units, and every way to get one wrong."""

from __future__ import annotations

import dataclasses
import os

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

import meanfield as mf
from meanfield.io import from_dict, parse_quantity, to_dict
from meanfield.units import ms, mV

FILE = """
[populations]
E = 8000
I = 2000
[neuron]
tau_m = "20 ms"
t_ref = "2 ms"
v_th = "20 mV"
v_reset = "10 mV"
[connections]
indegree = [[800, 200], [800, 200]]
weight = { value = [[0.1, -0.5], [0.1, -0.5]], unit = "mV" }
delay = "1.5 ms"
[[drive]]
kind = "poisson"
indegree = 800
weight = "0.1 mV"
rate = "25 Hz"
"""


@pytest.mark.parametrize("name", list(mf.models.MODELS))
def test_every_model_survives_a_round_trip(name, tmp_path):
    net = mf.models.MODELS[name]()
    mf.dump(net, tmp_path / "net.toml")
    assert mf.load(tmp_path / "net.toml") == net


@hypothesis.given(
    tau_m=st.floats(1e-4, 1.0),
    weight=st.lists(st.floats(-1e-2, 1e-2), min_size=4, max_size=4),
    delay=st.floats(0, 0.1),
    sigma=st.floats(0, 0.1),
)
def test_any_number_survives_a_round_trip(tau_m, weight, delay, sigma):
    net = mf.Network(
        names=["a", "b"],
        sizes=[3, 4],
        neurons=[mf.LIF(tau_m=tau_m, v_th=20 * mV, v_reset=0.0), mf.LIF(tau_m=0.01, v_th=1.0, v_reset=0.5)],
        indegree=[[1.5, 2], [3, 4]],
        weight=np.reshape(weight, (2, 2)),
        delay=delay,
        drives=[mf.WhiteNoiseDrive(sigma=sigma), mf.ConstantDrive(mu=[0.1, 0.2])],
    )
    assert from_dict(to_dict(net), label=net.label) == net


def test_file_means_what_it_says(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    net = mf.load(path)
    assert net.label == "mine"
    assert net.sizes == (8000, 2000)
    np.testing.assert_allclose(net.weight, [[0.1 * mV, -0.5 * mV]] * 2)
    np.testing.assert_allclose(net.delay, 1.5 * ms)
    assert net.neurons[0] == mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)


@pytest.mark.parametrize(
    "delay",
    [
        mf.UniformDelay(0.0, 3 * ms),
        mf.GaussianDelay(1.5 * ms, 0.75 * ms, low=0.1 * ms),
        mf.ExponentialDelay(2 * ms, low=1 / 3),
        [[1.5 * ms, mf.UniformDelay(0.0, 3 * ms)], [0.1 + 0.2, mf.ExponentialDelay(2 * ms)]],
    ],
)
def test_distributions_of_delays_survive_a_round_trip(delay, tmp_path):
    net = mf.models.brunel2000()
    net = dataclasses.replace(net, delay=delay)
    mf.dump(net, tmp_path / "net.toml")
    assert mf.load(tmp_path / "net.toml") == net


def test_distributions_of_delays_are_read(tmp_path):
    path = tmp_path / "net.toml"
    spread = '{ kind = "uniform", low = "0 ms", high = "3 ms" }'
    path.write_text(FILE.replace('"1.5 ms"', spread))
    uniform = mf.UniformDelay(0.0, 3 * ms)
    assert mf.load(path).delays == ((uniform, uniform),) * 2
    path.write_text(FILE.replace('"1.5 ms"', f'[["1.5 ms", {spread}], [0.002, {{ value = 3, unit = "ms" }}]]'))
    assert mf.load(path).delays == ((mf.FixedDelay(1.5 * ms), uniform), (mf.FixedDelay(0.002), mf.FixedDelay(3 * ms)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("delay =", "dealy =", "unknown key in .connections.: 'dealy'; did you mean 'delay'"),
        ("tau_m", "tau_membrane", "unknown key .*'tau_membrane'.*'tau_m'"),
        ("[populations]", "[population]", "unknown key 'population'; did you mean 'populations'"),
        ('"20 ms"', '"20 mV"', "neuron.tau_m cannot be in 'mV'"),
        ('"20 ms"', '"-20 ms"', "tau_m must be positive, got -0.02 s"),
        ('"20 ms"', '"fast"', "neuron.tau_m must be a number with a unit, such as '3 ms', got 'fast'"),
        ('"10 mV"', '"30 mV"', "v_reset"),
        ('t_ref = "2 ms"', 't_ref = "2 ms"\nmodel = "LFI"', "unknown model of .neuron. 'LFI'; did you mean 'LIF'"),
        (
            't_ref = "2 ms"',
            't_ref = "2 ms"\nmodel = ["LIF"]',
            "model of .neuron. must be one of 'LIF', .*, got .'LIF'.",
        ),
        ('kind = "poisson"', 'kind = "poison"', "unknown kind of drive.0. 'poison'; did you mean 'poisson'"),
        ('kind = "poisson"', 'kind = ["poisson"]', "kind of drive.0. must be one of 'poisson', .*, got .'poisson'."),
        ('kind = "poisson"', "kind = 5", "kind of drive.0. must be one of 'poisson', .*, got 5"),
        ('"20 ms"', '"1..2 ms"', "neuron.tau_m must be a number with a unit, such as '3 ms', got '1..2 ms'"),
        ('"20 ms"', '"2__0 ms"', "neuron.tau_m must be a number with a unit, such as '3 ms', got '2__0 ms'"),
        ('v_th = "20 mV"', "", "lacks v_th"),
        ("indegree = 800\n", "", "lacks indegree"),
        ('"20 ms"', '{ value = "20 ms", unit = "ms" }', "neuron.tau_m has a unit .*plain numbers, got '20 ms'"),
        ("[[0.1, -0.5],", '[["0.1 mV", -0.5],', "connections.weight has a unit .*got '0.1 mV'"),
        ("[[drive]]", "[drive]", "double brackets"),
        ("[[800, 200], [800, 200]]", "[[800, 200], [800]]", "rows of equal length"),
        ("[[800, 200], [800, 200]]", "[[800, 200]]", r"indegree must have shape \(2, 2\).*\(1, 2\)"),
        ('"1.5 ms"', '{ kind = "unifrom", low = 0, high = 1 }', "unknown kind 'unifrom' .*did you mean 'uniform'"),
        ('"1.5 ms"', '{ kind = "uniform", low = 0, hihg = 1 }', "unknown key .*'hihg'; did you mean 'high'"),
        ('"1.5 ms"', '{ kind = "uniform", low = 0, mean = 1 }', "unknown key in .connections.delay.: 'mean'; known: "),
        ('"1.5 ms"', '{ kind = "uniform", low = 0 }', "connections.delay. lacks high"),
        ('"1.5 ms"', '{ kidn = "uniform", low = 0 }', "unknown key in connections.delay: 'kidn'; did you mean 'kind'"),
        ('"1.5 ms"', "{ low = 0, high = 1 }", "connections.delay lacks value, or kind of distribution; known: fixed"),
        ('"1.5 ms"', '{ kind = "uniform", low = 0, high = "3 mV" }', "connections.delay.high cannot be in 'mV'"),
        ('"1.5 ms"', '[[1, { kind = "exponential", mean = "x" }], [1, 1]]', "delay.0..1..mean must be a number with"),
        ("E = 8000", "E = ", "not a TOML file"),
        ("E = 8000", "E = -5", "sizes must be positive, got -5.0"),
    ],
)
def test_mistakes_are_named(old, new, words, tmp_path):
    path = tmp_path / "net.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises((ValueError, TypeError), match=words) as error:
        mf.load(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml: there is no such file"):
        mf.load(tmp_path / "nowhere.toml")


def test_dump_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "net.toml"
    mf.dump(mf.models.brunel2000(), path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        mf.dump(dataclasses.replace(mf.models.brunel2000(), label="other"), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.toml"]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("20ms", "s", 0.02),
        ("1e-3 kHz", "Hz", 1.0),
        ("0.5", "V", 0.5),
        ("3", "1", 3.0),
        ("-.5e1 mV", "V", -0.005),
        ("10_000.", "1", 1e4),
    ],
)
def test_quantities_are_read(text, unit, value):
    assert parse_quantity("x", text, unit) == pytest.approx(value, rel=1e-15)
