"""Families of networks: the parameters of a model by name, for phase diagrams and continuation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from meanfield._validate import check_known
from meanfield.models import MODELS
from meanfield.network import Network


class Family:
    """A function from named parameters to networks.

    Attributes
    ----------
    names : tuple of str
        Parameters that it takes.
    label : str
        Its name in messages and files.
    """

    def __init__(self, make: Callable[..., Network], label: str, names: tuple[str, ...]) -> None:
        self._make, self.label, self.names = make, label, names

    def unit(self, name: str) -> str:
        """SI unit of a parameter."""
        return "1"

    def __call__(self, **parameters: Any) -> Network:
        """Return the network with these parameters."""
        return self._make(**parameters)


def family(model: Any) -> Family:
    """Return the family of networks of a model: a function that returns a Network, or the name of a model."""
    if isinstance(model, Family):
        return model
    if isinstance(model, str):
        check_known("model", [model], list(MODELS))
        model = MODELS[model]
    return Family(model, model.__name__, tuple(inspect.signature(model).parameters))
