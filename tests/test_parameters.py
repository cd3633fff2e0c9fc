"""Parameters by name: each changes what its name says and nothing else."""

from __future__ import annotations

import dataclasses
import functools
import pickle

import numpy as np
import pytest

import meanfield as mf
from meanfield.parameters import family
from meanfield.units import Hz, ms, mV

SPREAD = mf.UniformDelay(0.0, 3 * ms)
NET = mf.Network(
    names=["E", "I"],
    sizes=[800, 200],
    neurons=[
        mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
        mf.LIF(tau_m=10 * ms, t_ref=1 * ms, v_th=18 * mV, v_reset=8 * mV),
    ],
    indegree=[[80, 20], [70, 30]],
    weight=[[0.1 * mV, -0.5 * mV], [0.2 * mV, -0.6 * mV]],
    delay=[[1 * ms, 2 * ms], [3 * ms, 4 * ms]],
    drives=[
        mf.PoissonDrive(indegree=80, weight=0.1 * mV, rate=[20 * Hz, 30 * Hz]),
        mf.ConstantDrive(mu=[5 * mV, 6 * mV]),
        mf.WhiteNoiseDrive(sigma=1 * mV),
    ],
    label="mine",
)


def parts(net: mf.Network) -> dict[str, np.ndarray]:
    """Everything of a network that a parameter may change, as arrays."""
    found = {name: getattr(net, name) for name in ("weight", "indegree", "delay")}
    for name in ("tau_m", "t_ref", "v_th", "v_reset", "tau_s"):
        found[name] = np.array([getattr(neuron, name) for neuron in net.neurons])
    for k, drive in enumerate(net.drives):
        found |= {f"drive{k}.{f.name}": getattr(drive, f.name) for f in dataclasses.fields(drive)}
    return found


@pytest.mark.parametrize("name", [name for name in family(NET).names if name != "weight_scale"])
def test_a_parameter_changes_what_its_name_says_and_nothing_else(name):
    base, _, inside = name.rstrip("]").partition("[")
    # no value is refused: each neuron keeps its threshold above its reset, and white noise has no filtered synapses
    value = {"tau_s": 0.0, "v_reset": 7 * mV}.get(base, 19 * mV)
    before, after = parts(NET), parts(family(NET)(**{name: value}))
    entries = tuple("EI".index(p) if p in ("E", "I") else slice(None) for p in inside.split(",")) if inside else ...
    expected = before[base].copy()
    expected[entries] = value
    np.testing.assert_array_equal(after.pop(base), expected)
    del before[base]
    for other, kept in before.items():
        np.testing.assert_array_equal(after[other], kept)


def test_names_are_those_of_the_parts():
    names = family(NET).names
    some = {"weight[E,I]", "weight[*,I]", "weight[E,*]", "indegree[I,E]", "delay[I,I]", "delay", "tau_m", "tau_s[I]"}
    assert some | {"drive0.rate", "drive0.weight[E]", "drive1.mu", "drive2.sigma", "weight_scale"} <= set(names)
    assert not {"weight", "weight[*,*]", "drive1.rate", "drive3.mu", "_shift"} & set(names)
    assert len(set(names)) == len(names)


def test_scale_multiplies_all_recurrent_weights_after_others_are_set():
    changed = family(NET)(**{"weight_scale": 2.0, "weight[E,I]": -1 * mV})
    np.testing.assert_allclose(changed.weight, [[0.2 * mV, -2 * mV], [0.4 * mV, -1.2 * mV]], rtol=1e-15)
    assert changed.drives == NET.drives


def test_the_narrower_name_holds_in_any_order():
    values = {"tau_m[E]": 5 * ms, "tau_m": 7 * ms, "delay[E,I]": 1 * ms, "delay[*,I]": 2 * ms, "delay": 9 * ms}
    for items in (values.items(), reversed(values.items())):
        changed = family(NET)(**dict(items))
        assert [neuron.tau_m for neuron in changed.neurons] == [5 * ms, 7 * ms]
        np.testing.assert_array_equal(changed.delay, [[9 * ms, 1 * ms], [9 * ms, 2 * ms]])


def test_threshold_and_reset_move_together():
    changed = family(NET)(v_th=5 * mV, v_reset=1 * mV)
    assert {(n.v_th, n.v_reset) for n in changed.neurons} == {(5 * mV, 1 * mV)}


def test_delays_are_numbers_or_distributions():
    spread = family(NET)(**{"delay[E,I]": SPREAD})
    assert spread.delays[0] == (mf.FixedDelay(1 * ms), SPREAD)
    assert family(spread)(**{"delay[E,I]": 2 * ms}) == NET
    assert family(spread)(**{"delay[I,I]": 5 * ms}).delays[0][1] == SPREAD
    assert family(NET)(delay=SPREAD).delays == ((SPREAD,) * 2,) * 2


@pytest.mark.parametrize("name", list(mf.models.MODELS))
def test_models_have_the_parameters_of_their_functions(name):
    by_name, by_function = family(name), family(mf.models.MODELS[name])
    assert by_name == by_function
    assert by_name.label == name
    assert by_name.names == tuple(mf.models.parameter_defaults(name))
    assert by_name() == mf.models.MODELS[name]()


def test_model_parameters_reach_the_model():
    assert family("brunel2000")(g=6, eta=4, delay=SPREAD) == mf.models.brunel2000(6, 4, delay=SPREAD)
    fixed = family(functools.partial(mf.models.brunel2000, eta=3.0))
    assert fixed.label == "brunel2000"
    assert fixed(g=6) == mf.models.brunel2000(6, 3)


def test_files_are_networks(tmp_path):
    mf.dump(NET, tmp_path / "net.toml")
    for path in (tmp_path / "net.toml", str(tmp_path / "net.toml")):
        assert family(path) == family(NET)
        assert family(path)() == NET
        assert family(path).label == "mine"


@pytest.mark.parametrize("model", ["brunel2000", NET], ids=str)
def test_families_are_pickled(model):
    made = family(model)
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert again.names == made.names
    assert again(v_th=25 * mV) == made(v_th=25 * mV)
    assert family(made) is made
    assert hash(again) == hash(made)


@pytest.mark.parametrize(
    ("model", "units"),
    [
        ("brunel2000", {"g": "1", "eta": "1", "weight": "V", "indegree_e": "1", "tau_m": "s", "t_ref": "s"}),
        ("brunel2000_b", {"weight_e": "V", "tau_i": "s", "delay_ei": "s", "v_reset": "V", "epsilon": "1"}),
        ("brunelhakim1999", {"mu_ext": "V", "sigma_ext": "V", "size": "1", "indegree": "1", "v_th": "V"}),
        ("bos2016", {"external_rate": "Hz", "delay_spread": "1", "tau_s": "s", "delay_i": "s"}),
        (NET, {"weight[E,I]": "V", "indegree[*,I]": "1", "delay": "s", "tau_m[E]": "s", "weight_scale": "1"}),
        (NET, {"drive0.rate": "Hz", "drive0.weight[E]": "V", "drive0.indegree": "1", "drive1.mu": "V"}),
    ],
)
def test_units(model, units):
    assert {name: family(model).unit(name) for name in units} == units


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        ("brunel2000", "gg", "unknown parameter of brunel2000: 'gg'; did you mean 'g'"),
        ("brunel2000", "label", "unknown parameter of brunel2000: 'label'"),
        ("brunel2000_b", "label", "unknown parameter of brunel2000_b: 'label'"),
        (NET, "wieght[E,I]", r"unknown parameter of mine: 'wieght\[E,I\]'; did you mean 'weight\[E,I\]'"),
        (NET, "weight[E,X]", r"unknown population in 'weight\[E,X\]': 'X'; known: E, I, \*"),
        (NET, "tau_m[e]", r"unknown population in 'tau_m\[e\]': 'e'"),
        (NET, "weight[E]", r"unknown parameter of mine: 'weight\[E\]'; did you mean 'weight\[[EI],E\]'"),
        (NET, "weight", "unknown parameter of mine: 'weight'; did you mean 'weight"),
        (NET, "tau_m[E", r"unknown parameter of mine: 'tau_m\[E'; did you mean 'tau_m\[E\]'"),
        (NET, "drive7.rate", "unknown parameter of mine: 'drive7.rate'; did you mean 'drive0.rate'"),
        (NET, "xyzzy", r"unknown parameter of mine: 'xyzzy'; known: weight\[target,source\], indegree\[target,sou"),
    ],
)
def test_unknown_names_are_refused(model, name, words):
    made = family(model)
    for ask in (lambda: made(**{name: 1.0}), lambda: made.unit(name), lambda: made.check_axis(name, [1.0])):
        with pytest.raises(ValueError, match=words):
            ask()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "axis g is empty"),
        ([1.0, np.nan], "axis g must be finite, got nan at index 1"),
        ([[1.0]], r"axis g must be a list of numbers \(1-D\), got shape \(1, 1\)"),
        (3.0, r"axis g must be a list of numbers \(1-D\), got shape \(\)"),
        (["a"], "axis g must be a number or an array in plain numbers"),
        (None, "axis g must be a number or an array"),
    ],
)
def test_bad_axes_are_refused(values, words):
    with pytest.raises((ValueError, TypeError), match=words):
        family("brunel2000").check_axis("g", values)


def test_axes_are_new_float_arrays():
    given = np.linspace(0, 8, 5)
    axis = family("brunel2000").check_axis("g", given)
    np.testing.assert_array_equal(axis, given)
    assert axis is not given
    assert family("brunel2000").check_axis("g", range(3)).dtype == float


@pytest.mark.parametrize(
    ("model", "values", "words"),
    [
        (NET, {"weight[E,I]": "x"}, r"weight\[E,I\] must be a number or an array in V, got 'x'"),
        (NET, {"weight[E,I]": [1, 2]}, r"weight\[E,I\] must be a single number in V, got shape \(2,\)"),
        (NET, {"tau_m": SPREAD}, "tau_m must be a number or an array in s"),
        (NET, {"delay": -1 * ms}, "delay must not be negative, got -0.001 s"),
        (NET, {"v_th": 9 * mV}, "v_reset"),
        ("brunel2000", {"g": -1}, "g must not be negative"),
        (lambda: None, {}, "<lambda> must return a Network, got None"),
    ],
)
def test_bad_values_are_refused(model, values, words):
    with pytest.raises((ValueError, TypeError), match=words):
        family(model)(**values)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("brunel200", "unknown model 'brunel200'; did you mean 'brunel2000'"),
        ("nowhere.toml", r"nowhere\.toml: there is no such file"),
        (42, "model must be a function, the name of a model, a network or the path of a file, got 42"),
    ],
)
def test_what_is_no_model_is_refused(model, words):
    with pytest.raises((ValueError, TypeError, FileNotFoundError), match=words):
        family(model)
