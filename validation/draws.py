"""Numbers that a program draws by functions of its own: C++ in a file each, and the same in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def drawing_function(function: Any, n_arguments: int, name: str, source: str, numbers: str) -> Any:
    """Make a Brian2 function that is `function` in Python and `name` of the file `source` in C++; `numbers` feed it."""
    from brian2.core.functions import DEFAULT_FUNCTIONS, Function

    made = Function(function, arg_units=[1] * n_arguments, return_unit=1, stateless=False, auto_vectorise=True)
    made.implementations.add_implementation(
        "cpp",
        code=Path(__file__).with_name(source).read_text(),
        name=name,
        dependencies={f"_{numbers}": DEFAULT_FUNCTIONS[numbers]},
    )
    made.implementations.add_numpy_implementation(function)
    return made


def truncated_normal(mean: Any, std: Any, low: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    drawn = mean + std * np.random.randn(len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - as below
    while (short := drawn < low).any():
        drawn[short] = mean + std * np.random.randn(short.sum())  # noqa: NPY002
    return drawn


def amplitude_sum(number: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    return np.random.gamma(number, size=len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - as below


def poisson_number(mean: Any, slot: Any, vectorisation_idx: Any) -> Any:
    """The same in Python, for the runtime target."""
    return np.random.poisson(mean, size=len(np.atleast_1d(vectorisation_idx)))  # noqa: NPY002 - Brian2 seeds this one
