"""The look-up of models by name: every parameter has a unit, and no quantity of another one passes."""

from __future__ import annotations

import pytest

import meanfield as mf
from meanfield.models import MODELS, build, parameter_defaults, parameter_units

PARAMETERS = [(model, parameter) for model in MODELS for parameter in parameter_defaults(model)]
WRONG = {"1": "3 ms", "s": "3 mV", "V": "3 ms", "Hz": "3 ms"}


@pytest.mark.parametrize(("model", "parameter"), PARAMETERS)
def test_text_in_another_unit_is_refused(model, parameter):
    wrong = WRONG[parameter_units(model)[parameter]]
    with pytest.raises(ValueError, match=rf"^{parameter} cannot be in '{wrong[2:]}' \(got '{wrong}'\); "):
        build(model, {parameter: wrong})


@pytest.mark.parametrize(("model", "parameter"), PARAMETERS)
def test_a_brian2_quantity_of_another_dimension_is_refused(model, parameter):
    siemens = pytest.importorskip("brian2").siemens
    with pytest.raises(TypeError, match=r"must be in .*a quantity of dimension"):
        build(model, {parameter: 3 * siemens})


@pytest.mark.parametrize("model", MODELS)
def test_defaults_as_text_build_the_same_network(model):
    texts = {name: repr(value) for name, value in parameter_defaults(model).items()}
    assert build(model, texts) == build(model) == MODELS[model]()


def test_units_scale():
    assert build("brunel2000", {"delay": "2ms", "weight": "0.1 mV"}) == mf.models.brunel2000(delay=2e-3, weight=1e-4)


def test_a_label_is_text():
    assert build("brunel2000_b", {"label": "5 ms"}).label == "5 ms"
