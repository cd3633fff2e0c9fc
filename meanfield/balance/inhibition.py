"""The strength of inhibition: it lowers the mean input as -g and raises the variance as g².

Where the mean falls below threshold, spikes are no longer driven by the mean but by fluctuations, and become irregular.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.balance.scaling import mean_parts
from meanfield.fixedpoint import FixedPoint, solve
from meanfield.parameters import family


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inhibition:
    """States of a network along a parameter, the strength of inhibition by default.

    Attributes
    ----------
    name : str
        Of the parameter.
    value : (n,) array
        Its values, in SI units.
    names : tuple of str
        Of the P populations.
    rate, cv : (n, P) array
        [Hz]; white-noise theory.
    excitation, inhibition, mu : (n, P) array
        Mean inputs [V]; mu is their sum.
    variance : (n, P) array
        sigma²/2 of the free membrane potential [V²].
    distance : (n, P) array
        Threshold less mu [V]: positive where fluctuations drive the spikes.
    """

    name: str
    value: FloatArray
    names: tuple[str, ...]
    rate: FloatArray
    cv: FloatArray
    excitation: FloatArray
    inhibition: FloatArray
    mu: FloatArray
    variance: FloatArray
    distance: FloatArray

    @property
    def is_fluctuation_driven(self) -> Any:
        """(n, P) bool array."""
        return self.distance > 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossing:
    """Where the mean input of a population passes the threshold.

    Attributes
    ----------
    name, value
        The parameter and where [SI].
    population : str
    state : FixedPoint
        On the side of `value` where fluctuations drive.
    is_jump : bool
        True if the state jumps across the threshold there, from one branch to another.
    """

    name: str
    value: float
    population: str
    state: FixedPoint
    is_jump: bool


def inhibition(model: Any, values: Any, *, name: str = "g", **fixed: Any) -> Inhibition:
    """States of a model along the strength of inhibition.

    At given rates the mean input is linear in g, and the variance is so in g²; in the network rates fall with g, too.

    Parameters
    ----------
    model : callable, str or Network
        As of `mf.branch`, such as `mf.models.brunel2000`.
    values : (n,) array
        Of the parameter.
    name : str
        Of the parameter.
    **fixed
        Other parameters of the model.

    Returns
    -------
    Inhibition

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.balance.inhibition(mf.models.brunel2000, [4.5, 6.0], eta=2)
    >>> found.is_fluctuation_driven[:, 0].tolist(), found.cv[:, 0].round(2).tolist()
    ([False, True], [0.6, 0.76])
    """
    values = np.atleast_1d(check(name, values, "1" if name == "g" else family(model).unit(name)))
    states = [_state(model, name, value, fixed) for value in values.tolist()]
    parts = np.array([mean_parts(fp.network, fp.rate) for fp in states])
    mu = np.array([fp.mu for fp in states])
    threshold = np.array([[neuron.v_th for neuron in fp.network.neurons] for fp in states])
    return Inhibition(
        name=name,
        value=values,
        names=states[0].network.names,
        rate=np.array([fp.rate for fp in states]),
        cv=np.array([fp.cv for fp in states]),
        excitation=parts[:, 0],
        inhibition=parts[:, 1],
        mu=mu,
        variance=np.array([fp.sigma**2 / 2.0 for fp in states]),
        distance=threshold - mu,
    )


def crossing(
    model: Any, bounds: tuple[float, float], *, name: str = "g", population: int = 0, **fixed: Any
) -> Crossing:
    """Find where a network passes from mean-driven to fluctuation-driven: mu = v_th.

    Parameters
    ----------
    model, name, **fixed
        As of `inhibition`.
    bounds : (float, float)
        Values of the parameter on either side.
    population : int
        Whose mean input.

    Returns
    -------
    Crossing

    Raises
    ------
    ValueError
        If both bounds lie on the same side; both distances to threshold are named.

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.balance.crossing(mf.models.brunel2000, (4.5, 6), eta=2)
    >>> print(f"g = {found.value:.4f}: {found.state.rate[0]:.2f} Hz, CV {found.state.cv[0]:.3f}")
    g = 5.1808: 33.87 Hz, CV 0.695
    """
    low, high = (float(x) for x in check("bounds", bounds, "1", shape=(2,)))
    ends = [_state(model, name, value, fixed) for value in (low, high)]
    if not 0 <= population < ends[0].network.n_populations:
        raise ValueError(f"population must be from 0 to {ends[0].network.n_populations - 1}, got {population}")
    distances = [_distance(state, population) for state in ends]
    if distances[0] * distances[1] > 0.0:
        raise ValueError(
            f"bounds must lie on either side of the threshold: at {name} = {low:g} and {high:g} the mean input is "
            f"{distances[0] * 1e3:.4g} and {distances[1] * 1e3:.4g} mV below it"
        )
    state = ends[1] if distances[1] > 0.0 else ends[0]
    rising = distances[1] > distances[0]
    while high - low > 1e-10 * max(abs(low), abs(high)):
        middle = 0.5 * (low + high)
        at = _state(model, name, middle, fixed)
        below = _distance(at, population) > 0.0
        state = at if below else state
        low, high = (low, middle) if below == rising else (middle, high)
    return Crossing(
        name=name,
        value=0.5 * (low + high),
        population=state.network.names[population],
        state=state,
        is_jump=abs(_distance(state, population)) > 1e-5 * abs(state.network.neurons[population].v_th),
    )


def _state(model: Any, name: str, value: float, fixed: dict[str, Any]) -> FixedPoint:
    return solve(family(model)(**fixed, **{name: value}))


def _distance(state: FixedPoint, population: int) -> float:
    return float(state.network.neurons[population].v_th - state.mu[population])
