"""All states at many points of parameter space, their stability and class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from meanfield._compiled import over_cores
from meanfield._validate import FloatArray
from meanfield.fixedpoint import solve_all
from meanfield.fixedpoint.lumping import lump
from meanfield.fixedpoint.transfer import is_lif, pack
from meanfield.network import Network
from meanfield.phasediagram.classes import classify_points, classify_states
from meanfield.phasediagram.states import COMPLETE, INCOMPLETE, UNCERTAIN, UNKNOWN, evaluate_points
from meanfield.phasediagram.variables import MAX_STATES, Values, failed
from meanfield.randommatrix import effective_jacobian
from meanfield.response import pack_neurons
from meanfield.stability import StabilityError, stability

_WORTH_A_THREAD = 8  # points
_VERDICTS = {
    INCOMPLETE: "completeness is not proven: a degenerate or nearly degenerate state",
    UNCERTAIN: f"more than {MAX_STATES} states",
}


def evaluate(model: Callable[..., Network], points: Mapping[str, FloatArray]) -> Values:
    """Find every state at each of n points, and what becomes of it.

    Parameters
    ----------
    model : callable
        Returns a Network for parameters given by name, always of the same populations.
    points : mapping of str to (n,) array
        Values of the parameters.

    Returns
    -------
    dict of str to (n, ...) array
        The variables of `VARIABLES`, of one number P of populations; P is 0 if no point makes a network. A point whose
        parameters raise an error has n_states -1 and the error's words in `reason`.
    """
    n = len(next(iter(points.values())))
    networks: list[Network | None] = []
    reasons = []
    for k in range(n):
        try:
            networks.append(model(**{name: float(values[k]) for name, values in points.items()}))
            reasons.append("")
        except Exception as error:  # whatever a model raises belongs to the parameters
            networks.append(None)
            reasons.append(_words(error))
    first = next((network for network in networks if network is not None), None)
    values = failed(n, 0 if first is None else first.n_populations, "")
    values["reason"][:] = reasons
    if first is None:
        return values
    quick = [k for k, network in enumerate(networks) if network is not None and _is_quick(network)]
    unsolved = _solve_compiled(networks, quick, values)
    slow = [k for k, network in enumerate(networks) if network is not None and (k in unsolved or k not in set(quick))]
    _solve_side_by_side(networks, slow, values)
    _classify(networks, np.asarray(first.sizes, dtype=float), values)
    return values


def _is_quick(network: Network) -> bool:
    """True where the compiled search applies: LIF neurons with refractory periods, in at most two kinds."""
    return is_lif(network) and all(n.t_ref > 0 for n in network.neurons) and lump(pack(network))[0].shape[0] <= 2


def _solve_compiled(networks: list[Network | None], quick: list[int], values: Values) -> set[int]:
    """Enter the states of the points `quick`; returns those that it could not solve."""
    chosen = [network for k in quick if (network := networks[k]) is not None]
    if not chosen:
        return set()
    packed = np.stack([pack(network) for network in chosen])
    delays = np.stack([network.packed_delays for network in chosen])
    neurons = np.stack([pack_neurons(network) for network in chosen])
    sizes = np.asarray(chosen[0].sizes, dtype=float)
    n, n_populations = packed.shape[:2]
    found = np.full((4, n, MAX_STATES, n_populations), np.nan)
    modes = np.full((4, n, MAX_STATES), np.nan)
    counts = np.zeros((2, n), dtype=np.int64)
    rest = packed, delays, neurons, sizes, found, modes, counts
    over_cores(evaluate_points, (np.arange(n),), *rest, out=np.empty(n), worth=_WORTH_A_THREAD)
    for name, part in zip(("rate", "mu", "sigma", "cv"), found, strict=True):
        values[name][quick] = part
    _enter_modes(values, quick, modes[0], modes[1], modes[2])
    values["radius"][quick] = modes[3]
    values["n_states"][quick] = np.minimum(counts[0], MAX_STATES)
    values["is_complete"][quick] = counts[1] == COMPLETE
    for k, verdict in zip(quick, counts[1], strict=True):
        values["reason"][k] = _VERDICTS.get(int(verdict), "")
    return {
        k
        for k, count, verdict in zip(quick, *counts, strict=True)
        if count == 0 or verdict not in (COMPLETE, *_VERDICTS)
    }


def _enter_modes(values: Values, rows: Any, number: FloatArray, growth: FloatArray, omega: FloatArray) -> None:
    values["n_unstable"][rows] = np.where(np.isfinite(number), number, UNKNOWN)
    values["growth_rate"][rows] = growth
    values["frequency"][rows] = np.abs(omega) / (2.0 * np.pi)


def _solve_side_by_side(networks: Sequence[Any], rows: list[int], values: Values) -> None:
    """Enter the states of the points `rows`, each searched for from its neighbours' states, too.

    There and back, so that a branch that any point has found is looked for at all others of the block that it reaches:
    to what every point finds by itself this can only add. (No start of a point's own is left out for its neighbours'
    states: all of them together take 5 ms for eight populations, its stability ten times as long.)
    """
    for first_time, order in ((True, rows), (False, rows[::-1])):
        before: list[FloatArray] = []
        for k in order:
            known = _states_of(values, k)
            if first_time or len(known) < min(len(before), MAX_STATES):
                values["reason"][k] = _solve_one(networks[k], values, k, [*known, *before])
            before = _states_of(values, k)


def _states_of(values: Values, k: int) -> list[FloatArray]:
    """Rates of the states entered for point k."""
    return list(values["rate"][k, : max(int(values["n_states"][k]), 0)])


def _solve_one(network: Network, values: Values, k: int, near: list[FloatArray]) -> str:
    """Enter the states of a network into row k of `values`; returns the reason, empty if all is well."""
    try:
        found = solve_all(network, near=near)
        columns = [(state.rate, state.mu, state.sigma, state.cv) for state in found[:MAX_STATES]]
    except Exception as error:
        return _words(error)
    if not columns and not found.is_complete:  # a search that ends without a state says nothing of the network
        values["n_states"][k] = -1
        return f"no state was found; {found.proof}"
    modes = np.full((3, MAX_STATES), np.nan)
    for i, (state, column) in enumerate(zip(found[:MAX_STATES], columns, strict=True)):
        for name, value in zip(("rate", "mu", "sigma", "cv"), column, strict=True):
            values[name][k, i] = value
        with suppress(ValueError):  # a gain may be infinite
            values["radius"][k, i] = effective_jacobian(state).radius
        try:
            answer = stability(state)
        except (StabilityError, ValueError, TypeError):
            continue
        root = complex(np.nan, np.nan) if answer.rightmost is None else answer.rightmost
        modes[:, i] = answer.count, root.real, root.imag
    _enter_modes(values, k, modes[0], modes[1], modes[2])
    values["n_states"][k] = len(columns)
    if len(found) > MAX_STATES:
        return f"{len(found)} states, of which the {MAX_STATES} of lowest rate are kept"
    values["is_complete"][k] = found.is_complete
    return "" if found.is_complete else found.proof


def _classify(networks: list[Network | None], sizes: FloatArray, values: Values) -> None:
    delay = np.array([0.0 if net is None else net.effective_delay for net in networks])
    threshold = np.array([[np.nan] * sizes.size if net is None else [m.v_th for m in net.neurons] for net in networks])
    with np.errstate(invalid="ignore"):
        driven = values["mu"] > threshold[:, None, :]
    values["is_mean_driven"][:] = np.where(np.isfinite(values["mu"]), driven, -1)
    kinds = classify_states(values["rate"], values["cv"], values["n_unstable"], values["frequency"], sizes, delay)
    values["state_class"][:] = kinds
    values["class"][:] = np.where(values["n_states"] < 0, -1, classify_points(kinds))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
