"""The equations that continuation follows: states, folds and Hopf points of a family of networks.

Unknowns are the rates, the frequency where there is one, and the free parameters, each in units of its own scale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from meanfield._validate import FloatArray
from meanfield.continuation.arclength import OutsideError
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import is_lif, rates_and_jacobian
from meanfield.network import Network
from meanfield.response import linearise, loop_gain
from meanfield.stability.characteristic import characteristic

Family = Callable[..., Network]
_REMEMBERED = 16  # networks


class System:
    """A family of networks with one or two free parameters.

    Attributes
    ----------
    names : tuple of str
        The free parameters.
    scale : (P + n,) array
        Units of the rates [Hz], then of the free parameters (and, with `with_frequency`, of omega [1/s] between).
    """

    def __init__(
        self,
        family: Family,
        names: Sequence[str],
        fixed: Mapping[str, Any],
        scale: FloatArray,
        n_populations: int,
        with_frequency: bool = False,
    ) -> None:
        self.family, self.names, self.fixed = family, tuple(names), dict(fixed)
        self.scale, self.n, self.with_frequency = scale, n_populations, with_frequency
        self._recent: dict[tuple[float, ...], Network] = {}

    def network(self, u: FloatArray) -> Network:
        """Return the network at a point; OutsideError where the model refuses the parameters."""
        parameters = self.parameters(u)
        key = tuple(parameters.values())
        if key not in self._recent:  # derivatives by the rates ask for the same one again and again
            try:
                network = self.family(**self.fixed, **parameters)
            except ValueError as error:
                raise OutsideError(str(error)) from None
            if len(self._recent) > _REMEMBERED:
                self._recent.clear()
            self._recent[key] = network
        return self._recent[key]

    def parameters(self, u: FloatArray) -> dict[str, float]:
        """Free parameters at a point."""
        values = (u * self.scale)[-len(self.names) :]
        return {name: float(value) for name, value in zip(self.names, values, strict=True)}

    def rate(self, u: FloatArray) -> FloatArray:
        """Rates at a point, (P,) [Hz]."""
        rate: FloatArray = (u * self.scale)[: self.n]
        return rate

    def omega(self, u: FloatArray) -> float:
        """Angular frequency at a point [1/s]."""
        return float(u[self.n] * self.scale[self.n])

    def point(self, rate: Any, parameters: Sequence[float], omega: float | None = None) -> FloatArray:
        """Unknowns from their values."""
        middle = [] if omega is None else [omega]
        return np.asarray(np.concatenate([rate, middle, parameters]) / self.scale)

    def state(self, u: FloatArray) -> FixedPoint:
        """Return the state at a point, with its residual as it is."""
        network, rate = self.network(u), np.maximum(self.rate(u), 0.0)
        transferred, _, moments = rates_and_jacobian(network, rate)
        residual = np.abs(transferred - rate) / np.maximum(np.maximum(rate, transferred), 1e-300)
        return FixedPoint(network=network, rate=rate, mu=moments[0], sigma=moments[1], residual=residual, iterations=0)

    def _self_consistency(self, u: FloatArray) -> tuple[FloatArray, FixedPoint, FloatArray]:
        rate = self.rate(u)
        network = self.network(u)
        tiny = 1e-9 * float(self.scale[: self.n].max())
        if (rate < -1e3 * tiny).any():
            raise OutsideError("a rate reaches 0")
        moments_rate = np.maximum(rate, 0.0)  # differences around a silent state
        transferred, jacobian, moments = rates_and_jacobian(network, moments_rate)
        if not (np.isfinite(transferred).all() and np.isfinite(jacobian).all()):
            raise OutsideError("a gain is infinite")
        state = FixedPoint(
            network=network,
            rate=moments_rate,
            mu=moments[0],
            sigma=moments[1],
            residual=np.zeros(self.n),
            iterations=0,
        )
        return (rate - transferred) / self.scale[: self.n], state, jacobian

    def states(self, u: FloatArray) -> FloatArray:
        """Residual of a state: rate - answered rate, (P,)."""
        return self._self_consistency(u)[0]

    def rate_jacobian(self, u: FloatArray) -> FloatArray:
        """Derivative of `states` by the scaled rates, (P, P)."""
        _, _, jacobian = self._self_consistency(u)
        scale = self.scale[: self.n]
        return np.eye(self.n) - jacobian * scale[None, :] / scale[:, None]

    def fold(self, u: FloatArray) -> FloatArray:
        """Residual of a fold: a state, and det(1 - L(0)) = 0, (P + 1,)."""
        residual, _, jacobian = self._self_consistency(u)
        return np.append(residual, np.linalg.det(np.eye(self.n) - jacobian))

    def hopf(self, u: FloatArray) -> FloatArray:
        """Residual of a Hopf point: a state, and det(1 - L(i omega)) = 0, (P + 2,)."""
        residual, state, _ = self._self_consistency(u)
        value = determinant(state, 1j * self.omega(u))
        return np.concatenate([residual, [value.real, value.imag]])


def determinant(state: FixedPoint, s: complex) -> complex:
    """det(1 - L(s)) of a network at a state; OutsideError where there is no linear response."""
    try:
        if is_lif(state.network):
            return complex(characteristic(linearise(state), complex(s))[0])
        return complex(np.linalg.det(np.eye(len(state.rate)) - loop_gain(state, s)))
    except ValueError as error:
        raise OutsideError(str(error)) from None
