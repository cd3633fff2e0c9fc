"""What a derivation is, and how it reads as text and as LaTeX."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sympy as sp

from meanfield._validate import check_known

_WIDTH = 100
_QUOTED = re.compile(r"`(\w+)`")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence that says what is done, and the equation that it gives.

    Attributes
    ----------
    text : str
        Plain words; a symbol in backquotes is set as the equations set it.
    equation : sympy object
        An equation or an inequality.
    """

    text: str
    equation: sp.Basic


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derivation:
    """A result of the theory and the way there.

    Attributes
    ----------
    name, title : str
        What `derive` calls it, and a line that says what it shows.
    assumptions : tuple of str
        Where it starts from, with the units; symbols in backquotes.
    steps : tuple of Step
        In order.
    result : tuple of sympy objects
        The equations that it arrives at.
    quantities : mapping of str to sympy expression
        The final expressions by name, for `function`.
    """

    name: str
    title: str
    assumptions: tuple[str, ...]
    steps: tuple[Step, ...]
    result: tuple[sp.Basic, ...]
    quantities: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantities", MappingProxyType(dict(self.quantities)))

    def function(self, quantity: str) -> Callable[..., Any]:
        """Return a final expression as a numerical function of its symbols.

        Parameters
        ----------
        quantity : str
            A key of `quantities`.

        Returns
        -------
        callable
            Takes keyword arguments named as the symbols, floats or arrays that broadcast (floats only where the
            expression holds an integral, which SciPy then evaluates). It is the formula as it stands: where that
            cancels or overflows, the rest of the package does not.

        Raises
        ------
        ValueError
            For an unknown quantity; the nearest known one is named.
        """
        check_known(f"quantity of {self.name}:", [quantity], list(self.quantities))
        expression = self.quantities[quantity]
        arguments = sorted(expression.free_symbols, key=str)
        numeric: Callable[..., Any] = sp.lambdify(arguments, expression, modules="scipy")
        return numeric

    def text(self) -> str:
        """Readable plain text, equations drawn with Unicode."""
        lines = [self.title, "=" * len(self.title), "", "Assumptions"]
        for assumption in self.assumptions:
            lines += _wrapped("  - ", _words(assumption, _pretty_symbol))
        for number, step in enumerate(self.steps, 1):
            lines += ["", *_wrapped(f"{number}. ", _words(step.text, _pretty_symbol)), "", _pretty(step.equation)]
        lines += ["", "Result"]
        for equation in self.result:
            lines += ["", _pretty(equation)]
        return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines())

    def latex(self) -> str:
        """A LaTeX section, to be input into a document that loads amsmath."""
        lines = [rf"\section*{{{self.title}}}", r"\paragraph{Assumptions}", r"\begin{itemize}"]
        lines += [rf"\item {_words(assumption, _latex_symbol)}" for assumption in self.assumptions]
        lines += [r"\end{itemize}", r"\begin{enumerate}"]
        for step in self.steps:
            lines += [rf"\item {_words(step.text, _latex_symbol)}", _latex_display(step.equation)]
        lines += [r"\end{enumerate}", r"\paragraph{Result}", *map(_latex_display, self.result)]
        return "\n".join(lines)


def equation(left: Any, right: Any) -> sp.Basic:
    """Return left = right as it stands: sympy would turn an identity into ``True``."""
    return sp.Eq(left, right, evaluate=False)


def _words(sentence: str, symbol: Callable[[str], str]) -> str:
    return _QUOTED.sub(lambda match: symbol(match[1]), sentence)


def _pretty_symbol(name: str) -> str:
    return str(sp.pretty(sp.Symbol(name), use_unicode=True))


def _latex_symbol(name: str) -> str:
    return f"${sp.latex(sp.Symbol(name))}$"


def _wrapped(head: str, sentence: str) -> list[str]:
    return textwrap.wrap(sentence, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _pretty(expression: sp.Basic) -> str:
    return textwrap.indent(sp.pretty(expression, use_unicode=True, wrap_line=False), " " * 6)


def _latex_display(expression: sp.Basic) -> str:
    return rf"\[ {sp.latex(expression)} \]"
