"""Which stored results are the same: functions by what they do, packages by their sources and versions."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import math

import numpy as np
import pytest

from tests.validation.networks import needs_compiler, relay
from validation import edge, scaling, simulate_many
from validation import identity as identity_module
from validation.identity import identity, surroundings
from validation.predictions import network

SCALE = 2.0


def count(simulation, *, scale=1.0):
    return scale * sum(times.size for times in simulation.times)


def scaled(x):
    return SCALE * x


def through_scaled(x):
    return scaled(x)


def module_of(text, folder, name="summaries"):
    """A module as a user writes it and edits it, under one name."""
    path = folder / f"{name}{len(list(folder.iterdir()))}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(f, g) -> bool:
    return identity("f", f) == identity("f", g)


def test_lambdas_differ_by_what_they_do():
    assert same(lambda x: x + 1, lambda x: x + 1)
    assert not same(lambda x: x + 1, lambda x: x + 2)
    assert not same(lambda x: x + 1, lambda x: x - 1)
    assert not same(lambda x: x.rate, lambda x: x.mu)
    assert not same(lambda x, k=1: x + k, lambda x, k=2: x + k)
    assert not same(lambda x, *, k=1: x + k, lambda x, *, k=2: x + k)
    assert not same(lambda x: [y + 1 for y in x], lambda x: [y + 2 for y in x])
    assert not same(lambda x: np.mean(x), lambda x: math.fsum(x))


def test_closures_differ_by_what_they_hold():
    def add(k):
        return lambda x: x + k

    assert same(add(1), add(1))
    assert not same(add(1), add(2))
    assert not same(add(1), add(1.0))
    assert not same(add(np.arange(3)), add(np.arange(4)))
    assert not same(add({"a": [1, {2}]}), add({"a": [1, {3}]}))


def test_partials_count_with_their_arguments():
    half = functools.partial(count, scale=0.5)
    assert same(half, functools.partial(count, scale=0.5))
    assert not same(half, functools.partial(count, scale=0.25))
    assert not same(half, count)
    assert not same(functools.partial(half, 1), functools.partial(half, 2))


def test_an_edited_function_is_another(tmp_path):
    text = "K = 1\ndef helper(x):\n    return x + K\ndef summary(x):\n    return helper(x)\n"
    first = module_of(text, tmp_path).summary
    assert same(first, module_of(text, tmp_path).summary)
    assert same(first, module_of("# a comment, and other lines\n\n" + text, tmp_path).summary)
    assert not same(first, module_of(text.replace("return helper(x)", "return helper(x) + 1"), tmp_path).summary)
    assert not same(first, module_of(text.replace("x + K", "x - K"), tmp_path).summary)  # what it calls
    assert not same(first, module_of(text.replace("K = 1", "K = 2"), tmp_path).summary)  # what that refers to


def test_functions_that_call_each_other_have_an_identity(tmp_path):
    text = "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\n"
    assert same(module_of(text, tmp_path).even, module_of(text, tmp_path).even)
    assert not same(module_of(text, tmp_path).even, module_of(text, tmp_path).odd)


def test_a_global_that_changes_makes_another_function(monkeypatch):
    before = identity("f", through_scaled)
    monkeypatch.setitem(through_scaled.__globals__, "SCALE", 3.0)
    assert identity("f", through_scaled) != before


@dataclasses.dataclass(frozen=True)
class Power:
    exponent: float

    def __call__(self, x):
        return x**self.exponent

    def of(self, x):
        return x**self.exponent


def test_dataclasses_and_their_methods_have_identities():
    assert same(Power(2.0), Power(2.0))
    assert not same(Power(2.0), Power(3.0))
    assert same(Power(2.0).of, Power(2.0).of)
    assert not same(Power(2.0).of, Power(3.0).of)


def test_an_edited_class_is_another(tmp_path):
    text = (
        "class Base:\n    def half(self, x):\n        return x / 2\n"
        "class Counter(Base):\n    K = 1\n    @staticmethod\n    def of(x):\n        return x + 3\n"
        "    @property\n    def k(self):\n        return self.K\n"
        "def summary(x):\n    return Counter.of(x) + Counter().k + Counter().half(x)\n"
    )
    first = module_of(text, tmp_path).summary
    assert same(first, module_of(text, tmp_path).summary)
    for old, new in (("K = 1", "K = 2"), ("x + 3", "x + 4"), ("self.K", "-self.K"), ("x / 2", "x / 3")):
        assert not same(first, module_of(text.replace(old, new), tmp_path).summary)


def test_what_the_package_itself_uses_has_an_identity():
    cross_validation = functools.partial(network._summary, tuple(network.PREDICTIONS.values()))
    for summary in (cross_validation, scaling.summarise, edge.summarise):
        assert not same(summary, count)


def test_what_cannot_be_identified_is_refused(tmp_path):
    class Counter:
        def __call__(self, simulation):
            return 1

    counter = Counter()
    for summary, where in ((counter, "summary is"), (lambda s: counter(s), "summary's counter is")):
        with pytest.raises(TypeError, match=f"summary cannot be identified.*{where} <.*Counter object") as error:
            simulate_many([relay(0.0015)], summary=summary, duration=0.01, store=tmp_path)
        assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_sources_versions_and_target_count(monkeypatch):
    here = surroundings()
    monkeypatch.setattr(identity_module.importlib.metadata, "version", lambda name: "0.0")
    other_brian2 = surroundings()
    monkeypatch.undo()
    monkeypatch.setattr(identity_module, "missing_tools", lambda: ["make"])
    other_target = surroundings()
    monkeypatch.undo()
    monkeypatch.setattr(identity_module, "code_fingerprint", lambda: "edited")
    identity_module.sources.cache_clear()
    other_sources = surroundings()
    identity_module.sources.cache_clear()
    assert len({tuple(found) for found in (here, other_brian2, other_target, other_sources)}) == 4


@needs_compiler
def test_a_store_tells_summaries_apart(tmp_path):
    def run(summary):
        return simulate_many([relay(0.0015)], summary=summary, duration=0.1, warmup=0.0, store=tmp_path)[0]

    n = run(lambda simulation: simulation.times[0].size)
    assert n > 0
    assert run(lambda simulation: 2 * simulation.times[0].size) == 2 * n
    whole = run(count)
    assert run(functools.partial(count, scale=3.0)) == 3 * whole
    assert len(list(tmp_path.glob("*.pickle"))) == 4
    assert run(count) == whole
    assert len(list(tmp_path.glob("*.pickle"))) == 4
