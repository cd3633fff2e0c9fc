"""The literature's networks, one function each, and the look-up by name that command lines use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from meanfield._validate import check_known, nearest
from meanfield.models.brunel2000 import brunel2000, brunel2000_b
from meanfield.models.brunelhakim1999 import brunelhakim1999
from meanfield.models.ostojic2014 import ostojic2014
from meanfield.models.potjans2014 import bos2016, potjans2014
from meanfield.models.vanvreeswijk1998 import renart2010, vanvreeswijk1998
from meanfield.network import Network

MODELS: dict[str, Callable[..., Network]] = {
    model.__name__: model
    for model in (
        brunel2000,
        brunel2000_b,
        brunelhakim1999,
        ostojic2014,
        potjans2014,
        bos2016,
        vanvreeswijk1998,
        renart2010,
    )
}
# What parameters are measured in; a name means the same in every model.
_PARAMETERS = {
    "1": "delay_spread g g_e g_i eta eta_e eta_i gamma epsilon indegree indegree_e size "
    "K m0 p drive_e drive_i j_e j_i j_ee j_ei j_ie j_ii theta theta_e theta_i",
    "s": "tau tau_m tau_e tau_i tau_s t_ref delay delay_e delay_i delay_ee delay_ei delay_ie delay_ii",
    "V": "v_th v_reset weight weight_e weight_i mu_ext sigma_ext",
    "Hz": "external_rate",
}
_UNITS = {name: unit for unit, names in _PARAMETERS.items() for name in names.split()}

# Networks that a paper simulates, by the names it gives them; parameters that are not named are at their defaults.
PUBLISHED: dict[str, tuple[str, dict[str, dict[str, float]]]] = {
    "brunel2000": (
        "Brunel (2000), fig. 8",
        {
            "A": {"g": 3.0, "eta": 2.0},
            "B": {"g": 6.0, "eta": 4.0},
            "C": {"g": 5.0, "eta": 2.0},
            "D": {"g": 4.5, "eta": 0.9},
        },
    ),
}


def build(name: str, parameters: Mapping[str, Any] | None = None) -> Network:
    """Return the network that `name` stands for: a model of the literature, or a TOML file.

    Parameters
    ----------
    name : str
        A key of `MODELS`, or the path of a network file (anything that ends in ``.toml`` or exists).
    parameters : mapping of str to float or str, optional
        Keyword arguments of the model, as numbers in SI units or as text with a unit (``"2 ms"``; text without one
        is SI too) and delays also as ``"uniform:0ms:3ms"``; a file takes none.

    Raises
    ------
    ValueError
        For an unknown model or parameter (the nearest known one is named), a text that is no number or whose unit
        does not fit its parameter, or parameters for a file.
    FileNotFoundError
        If a file is named and does not exist.

    Examples
    --------
    >>> build("brunel2000", {"g": 6, "delay": "2 ms"}).names
    ('E', 'I')
    """
    from meanfield.io import load, parse_parameter

    parameters = dict(parameters or {})
    if name in MODELS:
        model = MODELS[name]
        check_known(f"parameter of {name}:", parameters, list(inspect.signature(model).parameters))
        units = parameter_units(name)
        texts = {key: value for key, value in parameters.items() if isinstance(value, str) and key in units}
        return model(**parameters | {key: parse_parameter(key, text, units[key]) for key, text in texts.items()})
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        if parameters:
            raise ValueError(f"{name} is a file and takes no parameters, got {', '.join(parameters)}")
        return load(path)
    raise ValueError(f"unknown model {name!r}; {nearest(name, MODELS)} (or give the path of a .toml file)")


def parameter_defaults(name: str) -> dict[str, float]:
    """Return the parameters of a model and their defaults, in SI units.

    >>> parameter_defaults("brunel2000")["eta"]
    2.0
    """
    return {p.name: float(p.default) for p in _parameters(name)}


def parameter_units(name: str) -> dict[str, str]:
    """Return what each parameter of a model is measured in: s, V, Hz, or 1 for plain numbers.

    >>> parameter_units("brunel2000")["delay"]
    's'
    """
    return {p.name: _UNITS[p.name] for p in _parameters(name)}


def _parameters(name: str) -> list[inspect.Parameter]:
    check_known("model", [name], list(MODELS))
    return [p for p in inspect.signature(MODELS[name]).parameters.values() if p.name != "label"]


__all__ = [
    "MODELS",
    "PUBLISHED",
    "bos2016",
    "brunel2000",
    "brunel2000_b",
    "brunelhakim1999",
    "build",
    "ostojic2014",
    "potjans2014",
    "renart2010",
    "vanvreeswijk1998",
]
