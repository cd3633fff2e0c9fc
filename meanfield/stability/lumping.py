"""Populations that answer alike are one: an exact reduction of the linear response.

Where two populations have the same neurons in the same state, and the same rows of couplings and delays, the rows of
1 - L(s) for them differ by a unit matrix only: det(1 - L) is that of the network in which they are one. Of each pair of
equal factors h(s) that cancel the poles one is left, so that the phase along a line turns less, and is sampled less.
Brunel's network (model A) is of one population to this end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield.response import Linearised


@jit
def lump_linearised(state: Any) -> Any:
    """The network with populations that answer alike as one; as it is where their delays forbid that."""
    n = state.mu.size
    group = np.empty(n, dtype=np.int64)
    first = np.empty(n, dtype=np.int64)
    groups = 0
    for i in range(n):
        group[i] = -1
        for g in range(groups):
            if group[i] < 0 and _answers_alike(state, i, first[g]):
                group[i] = g
        if group[i] < 0:
            group[i] = groups
            first[groups] = i
            groups += 1
    if groups == n:
        return state
    mean, variance = np.zeros((groups, groups)), np.zeros((groups, groups))
    delays = np.zeros((groups, groups, 4))
    for g in range(groups):
        known = np.zeros(groups, dtype=np.bool_)
        row = first[g]
        for j in range(n):
            if state.mean_coupling[row, j] == 0.0 and state.variance_coupling[row, j] == 0.0:
                continue
            h = group[j]
            if known[h] and np.any(delays[g, h] != state.delays[row, j]):
                return state
            delays[g, h] = state.delays[row, j]
            known[h] = True
            mean[g, h] += state.mean_coupling[row, j]
            variance[g, h] += state.variance_coupling[row, j]
    chosen = first[:groups]
    return Linearised(
        mean,
        variance,
        delays,
        state.neurons[chosen],
        state.rate[chosen],
        state.mu[chosen],
        state.sigma[chosen],
    )


@jit
def _answers_alike(state: Any, i: Any, k: Any) -> Any:
    return (
        state.mu[i] == state.mu[k]
        and state.sigma[i] == state.sigma[k]
        and np.all(state.neurons[i] == state.neurons[k])
        and np.all(state.mean_coupling[i] == state.mean_coupling[k])
        and np.all(state.variance_coupling[i] == state.variance_coupling[k])
        and np.all(state.delays[i] == state.delays[k])
    )
