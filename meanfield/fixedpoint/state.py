"""What a solver returns: self-consistent states, and the error that carries the best iterate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from meanfield._validate import FloatArray
from meanfield.network import Network


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixedPoint:
    """A self-consistent state of a network: each population's rate is what its neurons answer to it.

    Attributes
    ----------
    network : Network
        The network that it is a state of.
    rate : (P,) array
        Firing rates [Hz].
    mu, sigma : (P,) array
        Mean and amplitude of the input [V]; the free variance of the membrane potential is sigma²/2.
    residual : (P,) array
        What is left of the self-consistency equation, relative to the rate; 1e-12 or less, unless rounding in the
        network's own numbers allows no better.
    iterations : int
        Newton steps that it took.
    """

    network: Network
    rate: FloatArray
    mu: FloatArray
    sigma: FloatArray
    residual: FloatArray
    iterations: int

    @property
    def cv(self) -> FloatArray:
        """Coefficient of variation of the inter-spike intervals, (P,) array (white-noise theory).

        NaN where a population's neuron has none there (`LIFFiltered` in its slow limit): its own `cv` says why.
        """
        cv = np.full(len(self.rate), np.nan)
        for i, neuron in enumerate(self.network.neurons):
            with suppress(ValueError):
                cv[i] = neuron.cv(float(self.mu[i]), float(self.sigma[i]))
        return cv

    @property
    def gains(self) -> tuple[FloatArray, FloatArray]:
        """(d rate/d mu, d rate/d sigma²) of each population's neurons, (P,) arrays [Hz/V, Hz/V²]."""
        inputs = zip(self.network.neurons, self.mu, self.sigma, strict=True)
        answers = np.array([neuron.rate_and_gain(float(mu), float(sigma)) for neuron, mu, sigma in inputs])
        return answers[:, 1], answers[:, 2]

    @property
    def jacobian(self) -> FloatArray:
        """Derivative of the rates answered with respect to the rates that the network fires at, (P, P)."""
        by_mu, by_variance = self.gains
        network = self.network
        return by_mu[:, None] * network.mean_coupling + by_variance[:, None] * network.variance_coupling

    @property
    def index(self) -> int:
        """Sign of det(1 - jacobian): 1, or -1 for a state that is unstable whatever the delays.

        (At -1, det(1 - L(s)) is negative at s = 0 and 1 at infinity, so it has a positive root.) With refractory
        periods the indices of all states sum to 1.
        """
        return int(np.sign(np.linalg.det(np.eye(len(self.rate)) - self.jacobian)))

    def __repr__(self) -> str:
        rates = ", ".join(f"{n} {r:.6g} Hz" for n, r in zip(self.network.names, self.rate, strict=True))
        return f"FixedPoint({self.network.label}: {rates}; residual {self.residual.max():.1e})"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers by population, for JSON; None for a CV that is not there."""
        columns = {
            "rate": self.rate,
            "mu": self.mu,
            "sigma": self.sigma,
            "cv": self.cv,
            "residual": self.residual,
        }
        return {
            name: {column: None if np.isnan(values[i]) else float(values[i]) for column, values in columns.items()}
            for i, name in enumerate(self.network.names)
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FixedPointSet(Sequence[FixedPoint]):
    """The fixed points of a network, sorted by mean rate, and whether they are all there are.

    Attributes
    ----------
    network : Network
        Their network.
    states : tuple of FixedPoint
        Sorted by the mean rate over neurons.
    is_complete : bool
        True if it is proven that there is no other.
    proof : str
        How completeness was shown, or why it is not proven.
    """

    network: Network
    states: tuple[FixedPoint, ...]
    is_complete: bool
    proof: str

    @overload
    def __getitem__(self, index: int) -> FixedPoint: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FixedPoint, ...]: ...
    def __getitem__(self, index: int | slice) -> FixedPoint | tuple[FixedPoint, ...]:
        return self.states[index]

    def __len__(self) -> int:
        return len(self.states)

    def __iter__(self) -> Iterator[FixedPoint]:
        return iter(self.states)

    def __repr__(self) -> str:
        rates = "; ".join(", ".join(f"{r:.6g}" for r in state.rate) for state in self.states) or "none"
        return f"FixedPointSet({self.network.label}: rates [{rates}] Hz; {self.proof})"


class ConvergenceError(RuntimeError):
    """No self-consistent state was found.

    Attributes
    ----------
    best : FixedPoint or None
        The iterate of the smallest residual.
    reason : str
        Why there is no solution, or why it was not found.
    """

    def __init__(self, reason: str, best: FixedPoint | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.best = best

    def __reduce__(self) -> tuple[Any, ...]:
        return ConvergenceError, (self.reason, self.best)
