"""`solve` finds a self-consistent state, `solve_all` every one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from meanfield._validate import FloatArray, check
from meanfield.fixedpoint.complete import enclose_all, rate_limits
from meanfield.fixedpoint.homotopy import follow_coupling
from meanfield.fixedpoint.lumping import lump
from meanfield.fixedpoint.newton import LONG, RUNAWAY, fixed_point_of, newton
from meanfield.fixedpoint.search import high_rates, search_with_deflation
from meanfield.fixedpoint.state import ConvergenceError, FixedPoint, FixedPointSet
from meanfield.fixedpoint.transfer import is_lif, pack
from meanfield.network import Network, check_network

_MAX_STATES = 64


def solve(network: Network, *, start: Any = None) -> FixedPoint:
    """Find a self-consistent state of a network by globalised Newton iteration with analytic gains.

    Parameters
    ----------
    network : Network
    start : float or (P,) array, optional
        Rates to start from [Hz]; 0 by default, which leads to the quietest state in most networks that have several.
        `solve_all` finds them all.

    Returns
    -------
    FixedPoint

    Raises
    ------
    ConvergenceError
        If the network has no self-consistent state (proven for one or two populations of LIF neurons) or none was
        found. It carries the best iterate and the reason.
    ValueError, TypeError
        For a start that is negative, not finite, or of the wrong shape.

    Notes
    -----
    If the pseudo-transient Newton iteration fails from the start given and from higher rates, the state is followed
    from the uncoupled network (`homotopy`); for one or two populations the complete search of `solve_all` decides.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> fp.rate.round(2)
    array([37.95, 37.95])
    """
    check_network(network)
    n = network.n_populations
    state = np.empty((4, n))
    if start is None:
        state[0] = 0.0
    else:
        state[0] = check("start", start, "Hz", nonnegative=True, shape=(n,), shape_words="(one rate a population)")
    fixed_point, status = newton(network, state)
    if fixed_point is not None:
        return fixed_point
    return _solve_again(network, state, status)


def solve_all(network: Network, *, near: Sequence[ArrayLike] = ()) -> FixedPointSet:
    """Find every self-consistent state of a network.

    For LIF neurons in one or two populations (or in more, of which some answer alike) the search is exhaustive:
    interval bounds on rates and gains discard every box of rates that cannot hold a state, and prove that each of the
    others holds exactly one. For more populations, or other neurons, Newton iterations with deflation start from many
    places, and the result says that completeness is not proven.

    Parameters
    ----------
    network : Network
    near : sequence of (P,) arrays
        Rates [Hz] to begin with besides the usual places, such as the states of a similar network; they matter only
        where the search is not exhaustive.

    Returns
    -------
    FixedPointSet
        Sorted by mean rate; `is_complete` and `proof` say whether these are all. It may be empty (runaway without
        refractoriness).

    Examples
    --------
    >>> import meanfield as mf
    >>> states = mf.solve_all(mf.models.brunel2000(g=3.5, eta=0.8))
    >>> [round(float(state.rate[0]), 2) for state in states], states.is_complete
    ([0.0, 3.6, 126.58], True)
    """
    check_network(network)
    if _can_be_searched_exhaustively(network):
        return _solve_exhaustively(network)
    shape, words = (network.n_populations,), "(one rate a population)"
    starts = [check("near", rate, "Hz", nonnegative=True, shape=shape, shape_words=words) for rate in near]
    states = search_with_deflation(network, starts)
    return FixedPointSet(
        network=network,
        states=_sorted(network, states),
        is_complete=False,
        proof="completeness is not proven (many starts with deflation)",
    )


def _solve_again(network: Network, best: FloatArray, status: int) -> FixedPoint:
    """Other starts, then the homotopy or the complete search; the error if all of them fail."""
    n = network.n_populations
    top = high_rates(network)
    for level in (0.02, 0.2, 0.9):
        state = np.empty((4, n))
        state[0] = level * top
        fixed_point, _ = newton(network, state)
        if fixed_point is not None:
            return fixed_point
    if _can_be_searched_exhaustively(network):
        states = _solve_exhaustively(network)
        if states.states:
            return states[0]
        found = "has no self-consistent state" if states.is_complete else "no self-consistent state found"
        reason = f"{network.label}: {found}; {states.proof}"
        raise ConvergenceError(reason, fixed_point_of(network, best, 0))
    for start in (np.zeros(n), 0.01 * top, 0.3 * top):
        near = follow_coupling(network, start)
        if near is not None:
            state = np.empty((4, n))
            state[0] = near
            fixed_point, _ = newton(network, state)
            if fixed_point is not None:
                return fixed_point
    if status == RUNAWAY:
        why = "the rates run away, and nothing else was found"
    else:
        why = f"the smallest relative residual reached is {best[3].max():.1e}"
    raise ConvergenceError(f"{network.label}: no self-consistent state found; {why}", fixed_point_of(network, best, 0))


def _can_be_searched_exhaustively(network: Network) -> bool:
    """True for LIF neurons in one or two populations, or in more that answer alike."""
    return is_lif(network) and lump(pack(network))[0].shape[0] <= 2


def _solve_exhaustively(network: Network) -> FixedPointSet:
    lumped, group = lump(pack(network))
    limits, nothing_beyond = rate_limits(lumped)
    lumped_boxes = np.empty((_MAX_STATES, 2, lumped.shape[0]))
    found, undecided, examined = enclose_all(lumped, limits, lumped_boxes)
    boxes = lumped_boxes[:, :, group]
    states: list[FixedPoint] = []
    unpolished = 0
    for low, high in boxes[: found + undecided]:
        state = np.empty((4, network.n_populations))
        state[0] = 0.5 * (low + high)
        fixed_point, _ = newton(network, state, LONG)
        if fixed_point is None or (fixed_point.rate < low).any() or (fixed_point.rate > high).any():
            unpolished += 1
        elif not any(np.allclose(fixed_point.rate, other.rate, rtol=1e-9, atol=2e-9) for other in states):
            states.append(fixed_point)
    doubts = []
    if examined < 0:
        doubts.append(f"the search stopped after {-examined} boxes")
    if undecided:
        doubts.append(f"{undecided} narrow boxes hold a degenerate or nearly degenerate state, or none")
    if unpolished > undecided:
        doubts.append("a state that is proven to exist could not be refined")
    if all(neuron.t_ref > 0 for neuron in network.neurons) and not doubts and not _indices_sum_to_one(states):
        doubts.append("the indices of the states do not sum to 1 as they must with refractory periods")
    if not nothing_beyond:
        doubts.append("states of rates above 1 MHz could not be excluded")
    if doubts:
        proof = "completeness is not proven: " + "; ".join(doubts)
    elif states:
        proof = f"complete: proven by interval bounds on {abs(examined)} boxes"
    else:
        proof = f"proven by interval bounds on {abs(examined)} boxes (the rates run away)"
    return FixedPointSet(network=network, states=_sorted(network, states), is_complete=not doubts, proof=proof)


def _indices_sum_to_one(states: list[FixedPoint]) -> bool:
    """Brouwer's condition on a complete set, a check on the proof; True where a gain is infinite."""
    try:
        return sum(state.index for state in states) == 1
    except ValueError:
        return True


def _sorted(network: Network, states: list[FixedPoint]) -> tuple[FixedPoint, ...]:
    sizes = np.asarray(network.sizes)
    return tuple(sorted(states, key=lambda state: float(sizes @ state.rate)))
