"""How fast a network follows its drive as its indegree K grows, beside its neurons without each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.balance.driveresponse import StepResponse, step_response, uncoupled
from meanfield.balance.scaling import scaled
from meanfield.fixedpoint import solve as solve_state
from meanfield.network import Network


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResponseTimes:
    """How fast a network follows its drive, over its indegree K; and its neurons by themselves, `uncoupled`.

    Attributes
    ----------
    indegree : (n,) array
        K.
    exponent : float
        Of the weights, J ~ K^exponent.
    network, alone : tuple of n StepResponse
        Of the network, and of its neurons at the same mean and variance of the input, uncoupled.
    """

    indegree: FloatArray
    exponent: float
    network: tuple[StepResponse, ...]
    alone: tuple[StepResponse, ...]

    def of(self, name: str) -> tuple[FloatArray, FloatArray]:
        """An attribute of `StepResponse` by K and population, of the network and of its neurons alone, (n, P) each."""
        both = [np.array([getattr(found, name) for found in each]) for each in (self.network, self.alone)]
        return both[0], both[1]


def response_times(network: Network, indegrees: Any, exponent: float = -0.5, *, drive: int = 0) -> ResponseTimes:
    """Step responses of a network over its indegree K, weights going as K^exponent, everything else fixed.

    Parameters
    ----------
    network : Network
    indegrees : sequence of float
        Values of K, as `meanfield.balance.scaled` takes them.
    exponent : float
        Of the weights; -1/2 for balance.
    drive : int
        As of `drive_response`.

    Returns
    -------
    ResponseTimes

    Raises
    ------
    ValueError, TypeError
        As `scaled` and `step_response`, also where the state is unstable at some K.
    ConvergenceError
        If there is no state at some K.

    Examples
    --------
    >>> import meanfield as mf
    >>> delay = mf.ExponentialDelay(low=1e-4, mean=2e-3)
    >>> net = mf.models.brunel2000(g=8, eta=4, weight=2e-4, delay=delay)
    >>> network, alone = mf.balance.response_times(net, [400, 6400]).of("rise_time")
    >>> (network[:, 0] * 1e3).round(2).tolist(), (alone[:, 0] * 1e3).round(1).tolist()  # ms
    ([0.17, 0.01], [5.2, 5.3])
    """
    degrees = np.atleast_1d(check("indegrees", indegrees, "1", positive=True))
    states = [solve_state(scaled(network, k, exponent)) for k in degrees.tolist()]
    return ResponseTimes(
        indegree=degrees,
        exponent=float(exponent),
        network=tuple(step_response(fp, drive=drive) for fp in states),
        alone=tuple(step_response(solve_state(uncoupled(fp)), drive=drive) for fp in states),
    )
