"""What is sent to where blocks are computed: a model with its fixed parameters, and what to make of a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meanfield._validate import FloatArray
from meanfield.network import Network
from meanfield.phasediagram.identity import code_fingerprint
from meanfield.phasediagram.points import evaluate
from meanfield.phasediagram.variables import Values, conform

if TYPE_CHECKING:
    from meanfield.parameters import Family
    from meanfield.phasediagram.grid import Grid


@dataclass(frozen=True, slots=True)
class BoundModel:
    """A family of networks with some parameters fixed; called with the others."""

    family: Family
    fixed: Mapping[str, Any]

    def __call__(self, **parameters: float) -> Network:
        return self.family(**self.fixed, **parameters)


@dataclass(frozen=True, slots=True)
class PopulationCheck:
    """A model all of whose networks have the same populations: any other is an error."""

    model: BoundModel
    populations: tuple[str, ...]

    def __call__(self, **parameters: float) -> Network:
        network = self.model(**parameters)
        if network.names != self.populations:
            raise ValueError(
                f"the populations {', '.join(network.names)} are not those of other points: "
                f"{', '.join(self.populations)}"
            )
        return network


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Computes blocks, here or in another process: a callable that can be pickled.

    It refuses to run where another version of the code is installed.
    """

    model: PopulationCheck
    code: str

    @property
    def populations(self) -> tuple[str, ...]:
        """Names of the populations."""
        return self.model.populations

    def __call__(self, points: Mapping[str, FloatArray]) -> Values:
        if code_fingerprint() != self.code:
            raise RuntimeError(
                f"this worker has another version of meanfield (code {code_fingerprint()}) than the one that asks "
                f"(code {self.code}); install the same on both"
            )
        n = len(next(iter(points.values())))
        return conform(evaluate(self.model, points), n, len(self.populations))


def evaluation_of(model: BoundModel, grid: Grid) -> Evaluation:
    """Prepare the evaluation of a grid; the populations are those of the first point tried that makes a network.

    Raises
    ------
    ValueError
        If none of these points makes a network; with the words of the first error.
    """
    first: Exception | None = None
    for index in sample_indices(grid.n_points, 100):
        try:
            network = model(**grid.point(index))
        except Exception as error:
            first = first or error
            continue
        if not isinstance(network, Network):
            raise TypeError(f"the model must return a meanfield.Network, got {network!r}")
        return Evaluation(PopulationCheck(model, network.names), code_fingerprint())
    raise ValueError(f"{model.family.label} makes no network at any point tried: {first}") from first


def sample_indices(n: int, most: int) -> list[int]:
    """Up to `most` of the numbers below n, evenly spread, the first and the last among them.

    >>> sample_indices(10, 3), sample_indices(2, 3)
    ([0, 4, 9], [0, 1])
    """
    if n <= most:
        return list(range(n))
    return [i * (n - 1) // (most - 1) for i in range(most)]
