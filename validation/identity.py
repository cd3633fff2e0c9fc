"""What decides a stored result: the identity of a function, of the sources, and of what simulates."""

from __future__ import annotations

import builtins
import dis
import functools
import hashlib
import importlib.metadata
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

import meanfield as mf
from meanfield.phasediagram.identity import code_fingerprint
from validation.compiler import missing_tools

_HERE = Path(__file__).parent
_OUR_FOLDERS = (Path(mf.__file__).parent, _HERE)
_PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic)


def surroundings() -> list[str]:
    """What a simulation depends on besides its arguments: sources, Brian2, NumPy, and whether it is compiled."""
    target = "runtime" if missing_tools() else "compiled"
    return [sources(), importlib.metadata.version("brian2"), np.__version__, target]


@cache
def sources() -> str:
    """Hash of the sources and tables of meanfield and of this package."""
    digest = hashlib.sha256(code_fingerprint().encode())
    for path in sorted(path for path in _HERE.iterdir() if path.suffix in (".py", ".cpp", ".h")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def identity(name: str, function: Any) -> str:
    """Return a hash of all that decides what a function returns: code, constants, defaults, and what it refers to.

    Functions and values that it refers to (as a default, in a closure, as a global) count too, and so do theirs. Of
    what belongs to an installed package its name and the package's version count.

    Raises
    ------
    TypeError
        If something that it refers to cannot be identified, such as an object of a class with a state of its own.

    Examples
    --------
    >>> identity("f", lambda x: x + 1) == identity("f", lambda x: x + 2)
    False
    """
    described = repr(_describe(name, function, name, ()))
    return hashlib.sha256(described.encode()).hexdigest()


def _describe(name: str, value: Any, where: str, within: tuple[Any, ...]) -> Any:
    """Describe a value by plain values; `within` are those it is found in, which may refer to each other in circles."""
    if isinstance(value, _PLAIN):
        return type(value).__name__, repr(value)
    if any(value is outer for outer in within):
        return "circle", next(k for k, outer in enumerate(within) if outer is value)
    within = (*within, value)

    def describe(part: Any, word: str) -> Any:
        return _describe(name, part, f"{where}{word}", within)

    match value:
        case np.ndarray() if value.dtype != object:
            return "array", str(value.dtype), value.shape, hashlib.sha256(np.ascontiguousarray(value)).hexdigest()
        case list() | tuple():
            return type(value).__name__, [describe(item, f"[{k}]") for k, item in enumerate(value)]
        case set() | frozenset():
            return type(value).__name__, sorted(repr(describe(item, "{}")) for item in value)
        case Mapping():
            return type(value).__name__, [(describe(k, ""), describe(v, f"[{k!r}]")) for k, v in value.items()]
        case functools.partial():
            return "partial", describe(value.func, ".func"), describe([value.args, value.keywords], "")
        case MethodType():
            return "method", describe(value.__func__, ""), describe(value.__self__, ".__self__")
        case ModuleType():
            return "module", value.__name__, _version(value.__name__)
        case CodeType():
            return _code(value, describe)
    if isinstance(value, (FunctionType, type)) and not _is_installed(value):
        return _function(value, describe) if isinstance(value, FunctionType) else _class(value, describe)
    if isinstance(value, (FunctionType, BuiltinFunctionType, type, np.ufunc)):
        module = getattr(value, "__module__", None) or "builtins"
        return "installed", module, getattr(value, "__qualname__", value.__name__), _version(module)
    if is_dataclass(value):
        parts = [(f.name, describe(getattr(value, f.name), f".{f.name}")) for f in fields(value) if f.init]
        return "dataclass", describe(type(value), ""), parts
    raise TypeError(
        f"{name} cannot be identified, so that its results cannot be stored: {where} is {value!r}; use a function that "
        "refers to numbers, texts, arrays, other functions and modules alone"
    )


def _function(function: FunctionType, describe: Any) -> Any:
    cells = {
        name: cell.cell_contents
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    }
    found = {name: function.__globals__[name] for name in _globals(function.__code__) if name in function.__globals__}
    parts = {"defaults": function.__defaults__, "keyword defaults": function.__kwdefaults__}
    described = [(what, describe(part, f"'s {what}")) for what, part in parts.items()]
    described += [(name, describe(part, f"'s {name}")) for name, part in sorted((cells | found).items())]
    return "function", describe(function.__code__, ""), described


def _code(code: CodeType, describe: Any) -> Any:
    """Everything but names of files and numbers of lines."""
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_argcount, code.co_kwonlyargcount, code.co_flags
    return "code", sys.version_info[:2], code.co_code.hex(), names, describe(list(code.co_consts), "'s constants")


def _globals(code: CodeType) -> set[str]:
    names = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_globals(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


def _class(kind: type, describe: Any) -> Any:
    """A class by what its body makes; what it inherits counts too."""
    members = {name: _unwrapped(member) for name, member in vars(kind).items() if not _is_made_by_python(name, member)}
    return "class", kind.__qualname__, [describe(base, "") for base in kind.__bases__], describe(members, "")


def _unwrapped(member: Any) -> Any:
    match member:
        case staticmethod() | classmethod():
            return member.__func__
        case property():
            return [member.fget, member.fset, member.fdel]
        case functools.cached_property():
            return member.func
    return member


def _is_made_by_python(name: str, member: Any) -> bool:
    descriptor = isinstance(member, (MemberDescriptorType, GetSetDescriptorType))
    return descriptor or (name.startswith("__") and not isinstance(member, (FunctionType, staticmethod, classmethod)))


def _is_installed(thing: Any) -> bool:
    """Whether its name stands for it: it is found by it in this package or an installed one, which has a version."""
    module = sys.modules.get(thing.__module__)
    found = functools.reduce(lambda owner, word: getattr(owner, word, None), thing.__qualname__.split("."), module)
    if found is not thing:  # a lambda, or made within a function
        return False
    file = getattr(module, "__file__", None)
    if module is None or module is sys.modules.get("__main__"):
        return False
    if file is None:
        return module is builtins or module.__name__ in sys.builtin_module_names
    folders = [sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    return any(Path(file).is_relative_to(folder) for folder in (*_OUR_FOLDERS, *folders))


def _version(module: str) -> str:
    """Version of the package of a module; that of Python where there is none, as for its own modules."""
    package = sys.modules.get(module.partition(".")[0])
    return str(getattr(package, "__version__", sys.version))
