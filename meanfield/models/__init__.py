"""The literature's networks, one function each, and the look-up by name that command lines use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from meanfield._validate import check_known, nearest
from meanfield.models.brunel2000 import brunel2000, brunel2000_b
from meanfield.models.brunelhakim1999 import brunelhakim1999
from meanfield.models.potjans2014 import bos2016, potjans2014
from meanfield.network import Network

MODELS: dict[str, Callable[..., Network]] = {
    model.__name__: model for model in (brunel2000, brunel2000_b, brunelhakim1999, potjans2014, bos2016)
}


def build(name: str, parameters: Mapping[str, Any] | None = None) -> Network:
    """Return the network that `name` stands for: a model of the literature, or a TOML file.

    Parameters
    ----------
    name : str
        A key of `MODELS`, or the path of a network file (anything that ends in ``.toml`` or exists).
    parameters : mapping of str to float, optional
        Keyword arguments of the model; a file takes none.

    Raises
    ------
    ValueError
        For an unknown model or parameter (the nearest known one is named), or parameters for a file.
    FileNotFoundError
        If a file is named and does not exist.

    Examples
    --------
    >>> build("brunel2000", {"g": 6}).names
    ('E', 'I')
    """
    parameters = dict(parameters or {})
    if name in MODELS:
        model = MODELS[name]
        check_known(f"parameter of {name}:", parameters, list(inspect.signature(model).parameters))
        return model(**parameters)
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        from meanfield.io import load

        if parameters:
            raise ValueError(f"{name} is a file and takes no parameters, got {', '.join(parameters)}")
        return load(path)
    raise ValueError(f"unknown model {name!r}; {nearest(name, MODELS)} (or give the path of a .toml file)")


def parameter_defaults(name: str) -> dict[str, float]:
    """Return the parameters of a model and their defaults, in SI units.

    >>> parameter_defaults("brunel2000")["eta"]
    2.0
    """
    check_known("model", [name], list(MODELS))
    signature = inspect.signature(MODELS[name])
    return {p.name: float(p.default) for p in signature.parameters.values() if p.name != "label"}


__all__ = ["MODELS", "bos2016", "brunel2000", "brunel2000_b", "brunelhakim1999", "build", "potjans2014"]
