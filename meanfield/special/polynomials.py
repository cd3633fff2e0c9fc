"""Evaluation of the tables: piecewise polynomials on [0, 8] and their tails, by Estrin's scheme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from meanfield._compiled import fast_jit

with np.load(Path(__file__).with_name("tables.npz")) as _file:
    TABLES = {name: np.ascontiguousarray(_file[name]) for name in _file.files}

EDGE = 8.0
_PIECES_PER_UNIT = 16.0


@fast_jit
def piecewise(table: Any, x: Any) -> Any:
    """Value of a table at x in [0, 8)."""
    z = x * _PIECES_PER_UNIT
    i = np.uint64(z)
    s = (z - np.float64(i)) * 2.0 - 1.0
    s2 = s * s
    s4 = s2 * s2
    low = (table[i, 0] + table[i, 1] * s) + (table[i, 2] + table[i, 3] * s) * s2
    high = (table[i, 4] + table[i, 5] * s) + (table[i, 6] + table[i, 7] * s) * s2
    return low + (high + table[i, 8] * s4) * s4


@fast_jit
def tail(c: Any, x: Any) -> Any:
    """Value of a tail of degree 9 or 11 at x >= 8."""
    s = 128.0 / (x * x) - 1.0
    s2 = s * s
    s4 = s2 * s2
    low = (c[0] + c[1] * s) + (c[2] + c[3] * s) * s2
    high = (c[4] + c[5] * s) + (c[6] + c[7] * s) * s2
    top = c[8] + c[9] * s
    if c.size > 10:
        top += (c[10] + c[11] * s) * s2
    return low + (high + top * s4) * s4
