"""Networks as TOML files: `load` and `dump`.

A quantity is a number in SI units, a string with a unit (``"20 ms"``), or a table with an array and its unit
(``{ value = [[0.1, -0.5]], unit = "mV" }``). A delay, or an entry of its matrix, may be a distribution
(``{ kind = "uniform", low = "0 ms", high = "3 ms" }``).
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_choice, check_known, nearest
from meanfield.delays import DISTRIBUTIONS, Delay, FixedDelay, kind_of, parameters_of
from meanfield.network import ConstantDrive, Drive, Network, PoissonDrive, WhiteNoiseDrive
from meanfield.neurons.base import Neuron
from meanfield.neurons.binary import Binary
from meanfield.neurons.lif import LIF
from meanfield.neurons.lif_conductance import LIFConductance
from meanfield.neurons.lif_filtered import LIFFiltered
from meanfield.neurons.lif_shot import LIFShot
from meanfield.neurons.nonlinear import EIF, QIF

NEURON_MODELS: dict[str, type] = {
    "LIF": LIF,
    "LIFFiltered": LIFFiltered,
    "EIF": EIF,
    "QIF": QIF,
    "LIFShot": LIFShot,
    "LIFConductance": LIFConductance,
    "Binary": Binary,
}
DRIVES: dict[str, type] = {"poisson": PoissonDrive, "constant": ConstantDrive, "white_noise": WhiteNoiseDrive}

_PREFIXES = {"": 1.0, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
_UNITS = {base: {prefix + base: factor for prefix, factor in _PREFIXES.items()} for base in ("s", "V", "Hz", "S")} | {
    "1": {"1": 1.0}
}
_FIELD_UNITS = {
    "tau": "s",
    "tau_m": "s",
    "t_ref": "s",
    "tau_s": "s",
    "v_th": "V",
    "v_reset": "V",
    "v_t": "V",
    "delta_t": "V",
    "v_peak": "V",
    "e_e": "V",
    "e_i": "V",
    "v_ref": "V",
    "tau_e": "s",
    "tau_i": "s",
    "nodes": "1",
    "indegree": "1",
    "weight": "V",
    "weight_e": "V",
    "weight_i": "V",
    "delay": "s",
    "rate": "Hz",
    "mu": "V",
    "mu_0": "V",
    "sigma": "V",
}
_WRITTEN_UNITS = {"s": "ms", "V": "mV", "Hz": "Hz", "S": "nS", "1": "1"}
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_QUANTITY = re.compile(rf"\s*([-+]?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]*)\s*")


def load(path: str | os.PathLike[str]) -> Network:
    """Read a network from a TOML file.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Network

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError, TypeError
        For what is not TOML, an unknown key (the nearest known one is named), a missing key, a unit that does not fit,
        and whatever `Network` refuses; the message begins with the path.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "network.toml"
    >>> _ = path.write_text('''
    ... [populations]
    ... E = 8000
    ... I = 2000
    ... [neuron]
    ... tau_m = "20 ms"
    ... t_ref = "2 ms"
    ... v_th = "20 mV"
    ... v_reset = "10 mV"
    ... [connections]
    ... indegree = [[800, 200], [800, 200]]     # [target][source]
    ... weight = { value = [[0.1, -0.5], [0.1, -0.5]], unit = "mV" }
    ... delay = "1.5 ms"
    ... [[drive]]
    ... kind = "poisson"
    ... indegree = 800
    ... weight = "0.1 mV"
    ... rate = "25 Hz"
    ... ''')
    >>> load(path).names
    ('E', 'I')
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode()
        return from_dict(tomllib.loads(text), label=path.stem)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not a TOML file: {error}") from None
    except (ValueError, TypeError) as error:
        raise type(error)(f"{path}: {error}") from None


def dump(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network to a TOML file that `load` reads back equal.

    The file appears under its name only when it is complete.

    Parameters
    ----------
    network : Network
    path : path-like
    """
    import tomli_w

    path = Path(path)
    text = tomli_w.dumps(to_dict(network))
    handle, temporary = tempfile.mkstemp(dir=path.parent or ".", prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def from_dict(table: Mapping[str, Any], *, label: str = "network") -> Network:
    """Build a network from the nested tables of a TOML file; errors as `load`."""
    check_known("key", table, ["label", "populations", "neuron", "connections", "drive"])
    populations = _table(table, "populations")
    names = list(populations)
    connections = _table(table, "connections")
    check_known("key in [connections]:", connections, ["indegree", "weight", "delay"])
    for key in ("indegree", "weight"):
        if key not in connections:
            raise ValueError(f"[connections] lacks {key}")
    drives = table.get("drive", [])
    if not isinstance(drives, list):
        raise ValueError("a drive is written as [[drive]], with double brackets")
    matrices = {
        key: _delay("connections.delay", value)
        if key == "delay"
        else _quantity(f"connections.{key}", value, _FIELD_UNITS[key])
        for key, value in connections.items()
    }
    return Network(
        label=str(table.get("label", label)),
        names=names,
        sizes=[populations[name] for name in names],
        neurons=_neurons(_table(table, "neuron"), names),
        drives=[_drive(drive, index) for index, drive in enumerate(drives)],
        **matrices,
    )


def to_dict(network: Network) -> dict[str, Any]:
    """Return a network as the nested tables that `from_dict` reads."""
    if len(set(network.neurons)) == 1:
        neuron: dict[str, Any] = _written_fields(network.neurons[0])
    else:
        neuron = {name: _written_fields(n) for name, n in zip(network.names, network.neurons, strict=True)}
    kinds = {cls: kind for kind, cls in DRIVES.items()}
    return {
        "label": network.label,
        "populations": dict(zip(network.names, network.sizes, strict=True)),
        "neuron": neuron,
        "connections": {key: _written(getattr(network, key), key) for key in ("indegree", "weight")}
        | {"delay": _written_delay(network)},
        "drive": [
            {"kind": kinds[type(drive)]} | {f.name: _written(getattr(drive, f.name), f.name) for f in fields(drive)}
            for drive in network.drives
        ],
    }


def parse_quantity(name: str, text: str, unit: str) -> float:
    """Read ``"20 ms"`` as SI, given that `unit` (s, V, Hz, S or 1) is what `name` is measured in.

    >>> parse_quantity("tau_m", "20 ms", "s")
    0.02
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        kind = "plain number, such as '3'" if unit == "1" else f"number with a unit, such as '3 {_WRITTEN_UNITS[unit]}'"
        raise ValueError(f"{name} must be a {kind}, got {text!r}")
    number, word = match.groups()
    return float(number) * _factor(name, word, unit, text)


def parse_parameter(name: str, text: str, unit: str) -> float | Delay:
    """Read a parameter as `parse_quantity`, or a distribution of delays such as ``uniform:0ms:3ms``.

    After the kind come its parameters in their order: ``uniform:LOW:HIGH``, ``gaussian:MEAN:STD[:LOW]``,
    ``exponential:MEAN[:LOW]``.

    >>> parse_parameter("delay", "uniform:1ms:3ms", "s")
    UniformDelay(low=0.001, high=0.003)
    """
    kind, colon, rest = text.partition(":")
    if not colon or not name.startswith("delay"):
        return parse_quantity(name, text, unit)
    names = [f.name for f in fields(DISTRIBUTIONS[kind])] if kind in DISTRIBUTIONS else []
    parts = rest.split(":")
    if names and len(parts) > len(names):
        raise ValueError(f"{name} of kind {kind} has the parameters {', '.join(names)}, got {text!r}")
    return _distribution(name, {"kind": kind, **dict(zip(names, parts, strict=False))})


def _factor(name: str, word: str, unit: str, given: Any) -> float:
    known = _UNITS[unit]
    if not word:
        return 1.0  # a bare number is SI
    if word not in known:
        hint = "it has no unit" if unit == "1" else f"known units: {', '.join(known)}; a plain number is in {unit}"
        raise ValueError(f"{name} cannot be in {word!r} (got {given!r}); {hint}")
    return known[word]


def _quantity(name: str, value: Any, unit: str) -> float | FloatArray:
    if isinstance(value, bool) or value is None:
        raise TypeError(f"{name} must be a number, got {value!r}")
    if isinstance(value, str):
        return parse_quantity(name, value, unit)
    if isinstance(value, Mapping):
        check_known(f"key in {name}:", value, ["value", "unit"])
        if "value" not in value:
            raise ValueError(f"{name} lacks value")
        word = str(value.get("unit", ""))
        if word:
            _check_plain(name, value["value"])
        return np.asarray(_quantity(name, value["value"], unit)) * _factor(name, word, unit, word)
    if isinstance(value, list):
        parts = [_quantity(name, item, unit) for item in value]
        try:
            return np.array(parts, dtype=float)
        except ValueError:
            raise ValueError(f"{name} must have rows of equal length, got {value!r}") from None
    if isinstance(value, (int, float)):
        return float(value)
    raise TypeError(f"{name} must be a number, got {value!r}")


def _delay(name: str, value: Any) -> Any:
    """A quantity, a distribution, or nested lists of both."""
    if isinstance(value, list) and any(_is_distribution(item) for item in _entries(value)):
        return [_delay(f"{name}[{k}]", item) for k, item in enumerate(value)]
    return _distribution(name, value) if _is_distribution(value) else _quantity(name, value, "s")


def _entries(value: Any) -> Iterator[Any]:
    for item in value if isinstance(value, list) else [value]:
        yield from _entries(item) if isinstance(item, list) else [item]


def _is_distribution(value: Any) -> bool:
    return isinstance(value, Mapping) and "value" not in value


def _distribution(name: str, table: Mapping[str, Any]) -> Delay:
    kind = table.get("kind")
    if kind is None:
        known = dict.fromkeys(f.name for cls in DISTRIBUTIONS.values() for f in fields(cls))
        check_known(f"key in {name}:", table, ["kind", *known, "value", "unit"])
        raise ValueError(f"{name} lacks value, or kind of distribution; known: {', '.join(DISTRIBUTIONS)}")
    if kind not in DISTRIBUTIONS:
        raise ValueError(f"unknown kind {kind!r} of {name}; {nearest(str(kind), DISTRIBUTIONS)}")
    delay: Delay = _build(DISTRIBUTIONS[kind], {k: v for k, v in table.items() if k != "kind"}, name, ["kind"])
    return delay


def _check_plain(name: str, value: Any) -> None:
    """Raise ValueError for a value with a unit of its own inside a table that has one."""
    if isinstance(value, (str, Mapping)):
        raise ValueError(f"{name} has a unit for its table, so its values must be plain numbers, got {value!r}")
    for item in value if isinstance(value, list) else ():
        _check_plain(name, item)


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    if key not in table:
        raise ValueError(f"the section [{key}] is missing")
    if not isinstance(table[key], Mapping):
        raise ValueError(f"[{key}] must be a section, got {table[key]!r}")
    section: Mapping[str, Any] = table[key]
    return section


def _neurons(table: Mapping[str, Any], names: list[str]) -> Neuron | list[Neuron]:
    if not any(isinstance(value, Mapping) and "value" not in value for value in table.values()):
        return _neuron(table, "neuron")
    check_known("population in [neuron]:", table, names)
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(f"[neuron.{missing[0]}] is missing")
    return [_neuron(_table(table, name), f"neuron.{name}") for name in names]


def _neuron(table: Mapping[str, Any], where: str) -> Neuron:
    model = check_choice(f"model of [{where}]", table.get("model", "LIF"), NEURON_MODELS)
    neuron: Neuron = _build(NEURON_MODELS[model], {k: v for k, v in table.items() if k != "model"}, where, ["model"])
    return neuron


def _drive(table: Any, index: int) -> Drive:
    where = f"drive[{index}]"
    if not isinstance(table, Mapping):
        raise ValueError(f"{where} must be a section [[drive]], got {table!r}")
    kind = check_choice(f"kind of {where}", table.get("kind", "poisson"), DRIVES)
    drive: Drive = _build(DRIVES[kind], {k: v for k, v in table.items() if k != "kind"}, where, ["kind"])
    return drive


def _build(cls: type, table: Mapping[str, Any], where: str, also: list[str]) -> Any:
    known = [f for f in fields(cls) if f.init]
    check_known(f"key in [{where}]:", table, [f.name for f in known] + also)
    for f in known:
        if f.name not in table and f.default is MISSING and f.default_factory is MISSING:
            raise ValueError(f"[{where}] lacks {f.name}")
    units = dict.fromkeys(table, "s") if cls in DISTRIBUTIONS.values() else _FIELD_UNITS
    words = _words_of(cls)
    return cls(**{k: v if k in words else _quantity(f"{where}.{k}", v, units[k]) for k, v in table.items()})


def _words_of(cls: type) -> set[str]:
    """Fields that hold a word and no quantity, which the class itself checks."""
    return {f.name for f in fields(cls) if isinstance(f.default, str)}


def _written_fields(neuron: Any) -> dict[str, Any]:
    written: dict[str, Any] = {"model": type(neuron).__name__}
    values = {f.name: getattr(neuron, f.name) for f in fields(neuron) if f.init}
    words = _words_of(type(neuron))
    return written | {name: value if name in words else _written(value, name) for name, value in values.items()}


def _written_delay(network: Network) -> Any:
    if network.delay.dtype != object:
        return _written(network.delay, "delay")
    if len(set(network.delay.flat)) == 1:
        return _written_distribution(network.delay.flat[0])
    return [[_written_distribution(delay) for delay in row] for row in network.delays]


def _written_distribution(delay: Delay) -> Any:
    if isinstance(delay, FixedDelay):
        return _written(delay.delay, "delay")
    return {"kind": kind_of(delay)} | {k: _written(v, "delay") for k, v in parameters_of(delay).items()}


def _written(value: Any, name: str) -> Any:
    """A quantity in the unit people write it in, if it reads back as the same number, else in SI."""
    unit = _FIELD_UNITS[name]
    array = np.asarray(value, dtype=float)
    if array.ndim and (array == array.flat[0]).all():
        array = array.flat[0]  # all the same: `load` broadcasts it again
        if name in ("indegree", "weight") and np.ndim(value) == 2:
            array = np.asarray(value, dtype=float)
    if unit == "1":
        whole = np.rint(array)
        return (whole.astype(int) if (whole == array).all() else np.asarray(array)).tolist()
    written_unit = _WRITTEN_UNITS[unit]
    factor = _UNITS[unit][written_unit]
    scaled = np.vectorize(lambda x: _short(x, factor))(array)
    if not (scaled * factor == array).all():
        return {"value": np.asarray(array).tolist(), "unit": unit} if np.ndim(array) else float(array)
    if np.ndim(array) == 0:
        return f"{float(scaled)!r} {written_unit}"
    return {"value": scaled.tolist(), "unit": written_unit}


def _short(value: float, factor: float) -> float:
    """The shortest decimal x with x * factor == value, else value / factor."""
    for digits in range(1, 18):
        candidate = float(f"{value / factor:.{digits}g}")
        if candidate * factor == value:
            return candidate
    return float(value / factor)
