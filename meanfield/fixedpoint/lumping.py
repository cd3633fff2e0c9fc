"""Populations that answer alike are one: an exact reduction.

Two populations with the same neurons, the same rows of couplings and the same drives get the same input whatever the
rates are, so in every state they fire at the same rate. Brunel's network (model A) is of one population to this end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._compiled import jit


@jit
def lump(packed: Any) -> Any:
    """(packed network of the lumped populations, group of each population), from `transfer.pack`'s array."""
    n = packed.shape[0]
    group = np.empty(n, dtype=np.int64)
    first = np.empty(n, dtype=np.int64)
    groups = 0
    for i in range(n):
        group[i] = -1
        for g in range(groups):
            alike = True
            for m in range(packed.shape[1]):
                alike = alike and packed[i, m] == packed[first[g], m]
            if alike:
                group[i] = g
        if group[i] < 0:
            group[i] = groups
            first[groups] = i
            groups += 1
    lumped = np.zeros((groups, 2 * groups + 7))
    for g in range(groups):
        row = packed[first[g]]
        for j in range(n):
            lumped[g, group[j]] += row[j]
            lumped[g, groups + group[j]] += row[n + j]
        lumped[g, 2 * groups :] = row[2 * n :]
    return lumped, group
