"""The two lines of a driven network: where perturbations first grow, and where they keep growing (chaos).

Schuecker, Goedeke & Helias (2018): local instability at g² <φ'²> = 1, chaos at c0 = g² <φ²>, where c'' at lag zero
changes sign. Between them perturbations grow at first and die all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from meanfield._validate import check_scalar
from meanfield.dmft.gaussian import Kernel, kernel
from meanfield.dmft.nonlinearities import nonlinearity
from meanfield.dmft.potential import Potential

_LARGEST = 1e4  # variances beyond are not looked at


def local_instability(phi: Any = "tanh", *, noise: Any) -> float:
    """Gain g at which g² <φ'²> = 1 in the driven state.

    Parameters
    ----------
    phi, noise
        As of `meanfield.dmft.solve`; noise must be positive.

    Raises
    ------
    ValueError, TypeError
        For bad arguments, or if there is none.

    Examples
    --------
    >>> round(local_instability("tanh", noise=0.5), 4)
    1.3713
    """

    def gain(found: Kernel) -> float:
        return 1.0 / math.sqrt(float(found.slope(np.array([found.variance]))[0]))

    return _gain_on_line(gain, phi, noise, "local instability")


def chaos_onset(phi: Any = "tanh", *, noise: Any) -> float:
    """Gain g at which c0 = g² <φ²> and the largest Lyapunov exponent is zero.

    Parameters
    ----------
    phi, noise
        As of `local_instability`.

    Raises
    ------
    ValueError, TypeError
        As `local_instability`.

    Examples
    --------
    >>> round(chaos_onset("tanh", noise=0.5), 4)
    1.6741
    """

    def gain(found: Kernel) -> float:
        return math.sqrt(found.variance / float(found.value(np.array([found.variance]))[0]))

    return _gain_on_line(gain, phi, noise, "transition to chaos")


def _gain_on_line(gain: Callable[[Kernel], float], phi: Any, noise: Any, what: str) -> float:
    """Gain on a line that is given by the gain at each c0: the c0 that this noise has there is looked for."""
    function, sigma = nonlinearity(phi), check_scalar("noise", noise, "1", positive=True)

    def excess(c0: float) -> float:
        found = kernel(function, 0.0, c0)
        return Potential(found, gain(found), 0.0, 0.0).excess(sigma)

    low = high = sigma**2  # the noise alone would give as much: excess < 0
    while excess(high) <= 0.0:
        low, high = high, 1.5 * high
        if high > _LARGEST:
            raise ValueError(
                f"no {what} of phi = {function.name} at noise = {noise!r} up to a variance of {_LARGEST:g}"
            )
    if low == high:  # already the noise's own variance is enough: g = 0
        return 0.0
    return gain(kernel(function, 0.0, float(brentq(excess, low, high, xtol=1e-300, rtol=1e-14))))
