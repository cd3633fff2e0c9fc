"""Parameters by name, for phase diagrams and continuation: a `Family` is a network as a function of its parameters.

The parameters of a model of the literature, or of any function that returns a network, are the function's own. Those of
a network are its parts::

    weight[E,I]  weight[*,I]  weight[E,*]    onto E from I, onto all from I, onto E from all; and so indegree, delay
    delay                                    of all connections
    tau_m  tau_m[E]                          of all neurons, of E; and so t_ref, v_th, v_reset, tau_s
    drive0.rate  drive0.rate[E]              of the first drive; and so indegree, weight, mu, sigma, as it has them
    weight_scale                             a factor of all recurrent weights
"""

from __future__ import annotations

import inspect
import itertools
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_known, check_scalar, nearest
from meanfield.delays import is_delay
from meanfield.models import MODELS, build
from meanfield.network import Network

WEIGHT_SCALE = "weight_scale"
_MATRICES = ("weight", "indegree", "delay")
_ALL = slice(None)
# What a word in a name is measured in; of several words the last decides.
_UNITS_OF_WORDS = (
    dict.fromkeys(("tau", "t", "delay"), "s")
    | dict.fromkeys(("v", "mu", "sigma", "weight"), "V")
    | {"rate": "Hz", "indegree": "1", "spread": "1", "scale": "1"}
)
_PARTS = re.compile(r"(?P<base>[^\[]*)(?:\[(?P<populations>.*)\])?")


class Family(ABC):
    """A network as a function of named parameters; made by `family`, and picklable.

    Attributes
    ----------
    label : str
        Name of the model, or label of the network.
    names : tuple of str
        Names of the parameters.
    """

    __slots__ = ()

    label: str
    names: tuple[str, ...]

    @abstractmethod
    def __call__(self, **values: Any) -> Network:
        """Return the network with these values, in SI units; what is not named stays as it is.

        Raises
        ------
        ValueError, TypeError
            For an unknown name (the nearest known one is named), and as the model or `Network`.
        """

    def check_name(self, name: str) -> None:
        """Raise ValueError for what is no parameter, naming the nearest one that is."""
        check_known(f"parameter of {self.label}:", [name], self.names)

    def unit(self, name: str) -> str:
        """Return the SI unit of a parameter, 's', 'V', 'Hz' or '1', by the words of its name.

        Of a parameter whose name says nothing of the kind, such as g, that is '1'.
        """
        self.check_name(name)
        words = _PARTS.fullmatch(name)["base"].rpartition(".")[2].split("_")  # type: ignore[index]
        units = [_UNITS_OF_WORDS[word] for word in words if word in _UNITS_OF_WORDS]
        return units[-1] if units else "1"

    def check_axis(self, name: str, values: Any) -> FloatArray:
        """Return the values of a parameter along an axis, checked, as a new array.

        Parameters
        ----------
        name : str
        values : (n,) array
            In SI units, or a Brian2 quantity.

        Raises
        ------
        ValueError, TypeError
            For an unknown parameter, and for values that are not numbers, not finite, none, or not one-dimensional.
        """
        self.check_name(name)
        axis = check(f"axis {name}", values, self.unit(name))
        if axis.ndim != 1:
            raise ValueError(f"axis {name} must be a list of numbers (1-D), got shape {axis.shape}")
        if axis.size == 0:
            raise ValueError(f"axis {name} is empty: it needs one value at least")
        return axis


def family(model: Callable[..., Network] | Network | Family | str | os.PathLike[str]) -> Family:
    """Return a network as a function of its parameters.

    Parameters
    ----------
    model : callable, Network, str or path-like
        A function that returns a network (one of a module, if the family is to be pickled), the name of a model in
        `meanfield.models`, a network, or the path of a TOML file of one. A family is returned as it is.

    Raises
    ------
    ValueError, FileNotFoundError
        For an unknown model or file, as `meanfield.models.build`.
    TypeError
        For anything else.

    Examples
    --------
    >>> brunel = family("brunel2000")
    >>> brunel.names[:2], brunel.unit("delay")
    (('g', 'eta'), 's')
    >>> inhibition = family(brunel(g=4))
    >>> float(inhibition(**{"weight[*,I]": -0.5e-3}).weight[0, 1])
    -0.0005
    """
    if isinstance(model, Family):
        return model
    if isinstance(model, Network):
        return NetworkFamily(model)
    if isinstance(model, (str, os.PathLike)):
        name = os.fspath(model)
        return ModelFamily(MODELS[name]) if name in MODELS else NetworkFamily(build(name))
    if callable(model):
        return ModelFamily(model)
    raise TypeError(f"model must be a function, the name of a model, a network or the path of a file, got {model!r}")


@dataclass(frozen=True, slots=True)
class ModelFamily(Family):
    """The networks of a function; see `family`."""

    model: Callable[..., Network]
    label: str = field(init=False, repr=False, compare=False)
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        function = getattr(self.model, "func", self.model)  # of a functools.partial
        object.__setattr__(self, "label", getattr(function, "__name__", type(function).__name__))
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        parameters = inspect.signature(self.model).parameters.values()
        names = tuple(p.name for p in parameters if p.kind in named and not isinstance(p.default, str))
        object.__setattr__(self, "names", names)

    def __call__(self, **values: Any) -> Network:
        """See `Family`."""
        for name in values:
            self.check_name(name)
        network = self.model(**values)
        if not isinstance(network, Network):
            raise TypeError(f"{self.label} must return a Network, got {network!r}")
        return network


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: a field of the network (owner None), of its neurons (-1) or of drive k, and its entries."""

    field: str
    owner: int | None
    entries: tuple[int | slice, ...]

    @property
    def breadth(self) -> int:
        """Number of axes it goes along."""
        return sum(isinstance(entry, slice) for entry in self.entries)


_NEURONS = -1


@dataclass(frozen=True, slots=True)
class NetworkFamily(Family):
    """The variants of a network; see `family`. Where two names overlap, the narrower one holds: tau_m[E] over tau_m."""

    network: Network
    label: str = field(init=False, repr=False, compare=False)
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _places: Mapping[str, _Place] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = dict(_places(self.network))
        object.__setattr__(self, "label", self.network.label)
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "names", (*places, WEIGHT_SCALE))

    def check_name(self, name: str) -> None:
        """See `Family`; a wrong population is named as such."""
        if name in self._places or name == WEIGHT_SCALE:
            return
        parts = _PARTS.fullmatch(name)
        bases = {known.partition("[")[0] for known in self._places}
        if parts and parts["base"] in bases and parts["populations"]:
            populations = parts["populations"].split(",")
            check_known(f"population in {name!r}:", populations, [*self.network.names, "*"])
        matrices = [f"{matrix}[target,source]" for matrix in _MATRICES]
        listed = [*matrices, *(known for known in self.names if "[" not in known)]
        raise ValueError(f"unknown parameter of {self.label}: {name!r}; {nearest(name, self.names, listed)}")

    def __call__(self, **values: Any) -> Network:
        """See `Family`."""
        for name, value in values.items():
            self.check_name(name)
            if not (is_delay(value) and name.startswith("delay")):
                check_scalar(name, value, self.unit(name))
        scale = values.pop(WEIGHT_SCALE, 1.0)
        settings = sorted(((self._places[name], v) for name, v in values.items()), key=lambda s: -s[0].breadth)
        changes = self._matrices(settings) | {"neurons": self._neurons(settings), "drives": self._drives(settings)}
        if scale != 1.0:
            changes["weight"] = changes.get("weight", self.network.weight) * float(scale)
        return replace(self.network, **changes)

    def _matrices(self, settings: list[tuple[_Place, Any]]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for place, value in settings:
            if place.owner is None:
                matrix = changed.get(place.field)
                if matrix is None:
                    matrix = np.array(getattr(self.network, place.field))
                if is_delay(value):
                    matrix = matrix.astype(object)
                matrix[place.entries] = value
                changed[place.field] = matrix
        return changed

    def _neurons(self, settings: list[tuple[_Place, Any]]) -> list[Any]:
        words: list[dict[str, float]] = [{} for _ in self.network.neurons]
        for place, value in settings:
            if place.owner == _NEURONS:
                for i in np.arange(len(words))[place.entries].reshape(-1):
                    words[i][place.field] = float(value)
        pairs = zip(self.network.neurons, words, strict=True)  # all at once: threshold and reset are checked together
        return [replace(neuron, **changed) if changed else neuron for neuron, changed in pairs]  # type: ignore[type-var]

    def _drives(self, settings: list[tuple[_Place, Any]]) -> list[Any]:
        drives = list(self.network.drives)
        for place, value in settings:
            if place.owner is not None and place.owner != _NEURONS:
                array = np.array(getattr(drives[place.owner], place.field))
                array[place.entries] = value
                changed: Any = {place.field: array}
                drives[place.owner] = replace(drives[place.owner], **changed)
        return drives


def _places(network: Network) -> Iterator[tuple[str, _Place]]:
    """Names of the parameters of a network, and where their values go."""
    populations = list(enumerate(network.names))
    everywhere: list[tuple[int | slice, str]] = [*populations, (_ALL, "*")]
    for matrix in _MATRICES:
        for (i, target), (j, source) in itertools.product(everywhere, everywhere):
            if (target, source) != ("*", "*"):
                yield f"{matrix}[{target},{source}]", _Place(matrix, None, (i, j))
    yield "delay", _Place("delay", None, (_ALL, _ALL))
    own = [_numbers(neuron) for neuron in network.neurons]
    for name in dict.fromkeys(itertools.chain(*own)):
        if all(name in numbers for numbers in own):
            yield name, _Place(name, _NEURONS, (_ALL,))
        yield from ((f"{name}[{p}]", _Place(name, _NEURONS, (i,))) for i, p in populations if name in own[i])
    for k, drive in enumerate(network.drives):
        for f in fields(drive):
            yield f"drive{k}.{f.name}", _Place(f.name, k, (_ALL,))
            yield from ((f"drive{k}.{f.name}[{p}]", _Place(f.name, k, (i,))) for i, p in populations)


def _numbers(neuron: Any) -> list[str]:
    """Names of the fields of a neuron that are numbers and can be set."""
    if not is_dataclass(neuron):
        return []
    return [f.name for f in fields(neuron) if f.init and isinstance(getattr(neuron, f.name), (int, float))]
