"""How derivations read, as text and LaTeX, and how they are imported."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import sympy as sp

import meanfield as mf
from meanfield.derivations import DERIVATIONS, derive


@pytest.mark.parametrize("name", DERIVATIONS)
def test_text_and_latex_hold_every_step(name):
    derivation = derive(name)
    text, latex = derivation.text(), derivation.latex()
    assert text.startswith(derivation.title)
    assert f"\n{len(derivation.steps)}. " in text
    assert "`" not in text + latex
    assert latex.count(r"\item") == len(derivation.steps) + len(derivation.assumptions)
    assert latex.count(r"\[") == len(derivation.steps) + len(derivation.result) == latex.count(r"\]")
    words = re.sub(r"\$[^$]*\$|\\\[.*\\\]|\\(item|begin|end|section\*|paragraph)", "", latex)
    assert not set(r"\_^%&#~$<>") & set(words)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_no_equation_collapsed_to_a_truth_value(name):
    derivation = derive(name)
    for equation in (*(step.equation for step in derivation.steps), *derivation.result):
        assert isinstance(equation, sp.core.relational.Relational), equation


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="unknown derivation 'hof'; did you mean 'hopf'"):
        derive("hof")
    with pytest.raises(ValueError, match="unknown quantity of hopf: 'k_d'; did you mean 'k_c'"):
        derive("hopf").function("k_d")


def test_quantities_cannot_be_changed():
    with pytest.raises(TypeError):
        derive("hopf").quantities["k_c"] = 0


def test_sympy_is_imported_on_demand():
    code = (
        "import sys, meanfield as mf; assert 'sympy' not in sys.modules; assert 'derivations' in dir(mf); "
        "assert mf.derivations.derive('hopf').name == 'hopf'; assert 'sympy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'derivation'"):
        _ = mf.derivation
