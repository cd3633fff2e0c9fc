"""Compiled evaluation of many networks of LIF neurons: all states, their CV, and what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield.fixedpoint.complete import enclose_all
from meanfield.fixedpoint.lumping import lump
from meanfield.fixedpoint.newton import CONVERGED, LONG, MAX_ITERATIONS, pseudo_transient_newton
from meanfield.neurons.lif import lif_cv
from meanfield.neurons.lif_dynamics import FINE, LEFTMOST, response_problem
from meanfield.randommatrix.jacobian import effective_radius
from meanfield.response import Linearised
from meanfield.stability.lumping import lump_linearised
from meanfield.stability.roots import CAPACITY, MOST_ROOTS, beside

UNKNOWN = -1  # number of unstable modes
COMPLETE, INCOMPLETE, UNPOLISHED, UNCERTAIN = 0, 1, 2, 3
_CAPACITY = 64


@jit
def find_states(packed: Any, states: Any) -> Any:
    """Every state of a network whose neurons have refractory periods and which lumps to one or two populations.

    Fills `states` (capacity, 3, P) with rates, mu and sigma; returns (number, COMPLETE or what is wrong).
    """
    lumped, group = lump(packed)
    m, n = lumped.shape[0], packed.shape[0]
    top = 1.0 / lumped[:, 2 * m + 3]
    boxes = np.empty((_CAPACITY, 2, m))
    found, undecided, examined = enclose_all(lumped, top, boxes)
    verdict = INCOMPLETE if examined < 0 or undecided > 0 else COMPLETE
    count = 0
    state = np.empty((4, n))
    for k in range(found + undecided):
        for i in range(n):
            state[0, i] = 0.5 * (boxes[k, 0, group[i]] + boxes[k, 1, group[i]])
        status, _ = pseudo_transient_newton(packed, state, LONG, MAX_ITERATIONS)
        inside = status == CONVERGED
        for i in range(n):
            inside = inside and boxes[k, 0, group[i]] <= state[0, i] <= boxes[k, 1, group[i]]
        if not inside:
            verdict = max(verdict, UNPOLISHED if k < found else INCOMPLETE)
            continue
        known = False
        for other in range(count):  # boxes overlap a little
            same = True
            for i in range(n):
                same = same and abs(states[other, 0, i] - state[0, i]) <= 1e-9 * state[0, i] + 2e-9
            known = known or same
        if known:
            continue
        if count < states.shape[0]:
            states[count] = state[:3]
            count += 1
        else:
            verdict = UNCERTAIN
    return count, verdict


@jit
def examine(
    packed: Any, delays: Any, neurons: Any, rate: Any, mu: Any, sigma: Any, samples: Any, roots: Any, cv: Any
) -> Any:
    """Fill `cv`; returns (unstable modes, real part and imaginary part of the rightmost root), NaN where there is none.

    The number of modes is UNKNOWN where the winding count is not certain or there is no linear response.
    """
    n = rate.size
    known = True
    slowest = 0.0
    for i in range(n):
        p = neurons[i]
        cv[i] = lif_cv(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])
        known = known and response_problem(mu[i], sigma[i], p[2], p[3], p[4]) == FINE
        slowest = max(slowest, p[0])
    if not known:
        return UNKNOWN, np.nan, np.nan
    state = Linearised(packed[:, :n].copy(), packed[:, n : 2 * n].copy(), delays, neurons, rate, mu, sigma)
    number, found, _ = beside(lump_linearised(state), 0.0, 0.99 * LEFTMOST / slowest, samples, roots)
    best = -1
    for k in range(found):
        if best < 0 or roots[k].real > roots[best].real:
            best = k
    if best < 0 or (number > 0 and roots[best].real < 0.0):
        return number, np.nan, np.nan
    if number == 0 and roots[best].real > 0.0:  # what was counted is not what was found
        return UNKNOWN, np.nan, np.nan
    return number, roots[best].real, roots[best].imag


@jit
def evaluate_points(
    which: Any, packed: Any, delays: Any, neurons: Any, sizes: Any, values: Any, modes: Any, counts: Any, out: Any
) -> None:
    """All of the above for the points `which` [k]; `out` only tells threads how the work is split.

    `packed` (n, P, 2P + 7), `delays` (n, P, P, 4), `neurons` (n, P, 6); fills `values` (4, n, S, P) with rate, mu,
    sigma and CV, `modes` (4, n, S) with number, growth rate and angular frequency of growing modes and the radius of
    the effective Jacobian, `counts` (2, n) with the number of states and the verdict. States are sorted by the mean
    rate over neurons.
    """
    most = values.shape[2]
    n = packed.shape[1]
    states = np.empty((_CAPACITY, 3, n))
    samples = np.empty((2, CAPACITY), dtype=np.complex128)
    roots = np.empty(MOST_ROOTS, dtype=np.complex128)
    cv = np.empty(n)
    for k in which:
        count, verdict = find_states(packed[k], states)
        mean = np.array([np.dot(sizes, states[i, 0]) for i in range(count)])
        order = np.argsort(mean)
        counts[0, k], counts[1, k] = count, verdict
        for i in range(min(count, most)):
            rate, mu, sigma = states[order[i], 0].copy(), states[order[i], 1].copy(), states[order[i], 2].copy()
            values[0, k, i], values[1, k, i], values[2, k, i] = rate, mu, sigma
            answer = examine(packed[k], delays[k], neurons[k], rate, mu, sigma, samples, roots, cv)
            modes[0, k, i], modes[1, k, i], modes[2, k, i] = answer
            modes[3, k, i] = effective_radius(packed[k], neurons[k], mu, sigma)
            values[3, k, i] = cv
    out[:] = 0.0
