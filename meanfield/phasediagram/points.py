"""All states at many points of parameter space."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meanfield._validate import FloatArray
from meanfield.fixedpoint import solve_all
from meanfield.network import Network
from meanfield.phasediagram.variables import MAX_STATES, Values, failed


def evaluate(model: Callable[..., Network], points: Mapping[str, FloatArray]) -> Values:
    """Find every state at each of n points.

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
    n_populations = next((network.n_populations for network in networks if network is not None), 0)
    values = failed(n, n_populations, "")
    for k, network in enumerate(networks):
        if network is not None:
            reasons[k] = _enter_states(network, values, k)
        values["reason"][k] = reasons[k]
    return values


def _enter_states(network: Network, values: Values, k: int) -> str:
    """Enter the states of a network into row k of `values`; returns the reason, empty if all is well."""
    try:
        found = solve_all(network)
        columns = [(state.rate, state.mu, state.sigma, state.cv) for state in found[:MAX_STATES]]
    except Exception as error:
        return _words(error)
    for i, column in enumerate(columns):
        for name, value in zip(("rate", "mu", "sigma", "cv"), column, strict=True):
            values[name][k, i] = value
    values["n_states"][k] = len(columns)
    if len(found) > MAX_STATES:
        return f"{len(found)} states, of which the {MAX_STATES} of lowest rate are kept"
    values["is_complete"][k] = found.is_complete
    return "" if found.is_complete else found.proof


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
