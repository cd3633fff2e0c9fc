"""Families of networks: the parameters of a model by name, for phase diagrams and continuation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meanfield._validate import FloatArray, check, check_known
from meanfield.models import MODELS
from meanfield.network import Network


@dataclass(frozen=True, slots=True)
class Family:
    """The networks of one model: called with parameters it returns a Network."""

    function: Callable[..., Network]
    label: str
    names: tuple[str, ...]

    def __call__(self, **parameters: Any) -> Network:
        return self.function(**parameters)

    def unit(self, name: str) -> str:
        """Unit of a parameter."""
        check_known(f"parameter of {self.label}:", [name], self.names)
        return "1"

    def check_axis(self, name: str, values: Any) -> FloatArray:
        """Return values of a parameter as SI floats, or raise ValueError or TypeError."""
        return check(name, values, self.unit(name))


def family(model: Any) -> Family:
    """Return the family of networks of a model: a function that returns a Network, or the name of a model."""
    if isinstance(model, Family):
        return model
    if isinstance(model, str):
        check_known("model", [model], list(MODELS))
        model = MODELS[model]
    if not callable(model):
        raise TypeError(f"model must be a function that returns a meanfield.Network, or a name, got {model!r}")
    return Family(model, getattr(model, "__name__", "model"), tuple(inspect.signature(model).parameters))
