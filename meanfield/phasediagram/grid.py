"""The grid of a phase diagram: axes, fixed parameters, and the blocks of points that are computed at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from meanfield._validate import FloatArray, check_known
from meanfield.phasediagram.variables import VARIABLES

if TYPE_CHECKING:
    from meanfield.parameters import Family

LARGEST_BLOCK = 512  # points; what a kill loses, a second or less for two populations
FEWEST_BLOCKS = 64  # of large enough grids, so that processes share the work evenly


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The points of a phase diagram, in blocks numbered in C order.

    Attributes
    ----------
    axes : dict of str to (n,) array
        Values of each axis, SI units, in the order of the dimensions.
    units : dict of str to str
        Unit of each axis.
    fixed : dict of str to Any
        Parameters that are the same everywhere: floats, or objects such as a distribution of delays.
    block : tuple of int
        Points along each axis in a block.
    """

    axes: dict[str, FloatArray]
    units: dict[str, str]
    fixed: dict[str, Any]
    block: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(values.size for values in self.axes.values())

    @property
    def n_points(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return math.prod(self._blocks)

    @property
    def _blocks(self) -> tuple[int, ...]:
        return tuple(-(-n // edge) for n, edge in zip(self.shape, self.block, strict=True))

    def region(self, k: int) -> tuple[slice, ...]:
        """Where block k lies in an array over the grid."""
        at = np.unravel_index(k, self._blocks)
        return tuple(
            slice(int(i) * edge, min((int(i) + 1) * edge, n))
            for i, edge, n in zip(at, self.block, self.shape, strict=True)
        )

    def block_shape(self, k: int) -> tuple[int, ...]:
        """Points along each axis in block k; blocks at the far ends may be smaller."""
        return tuple(part.stop - part.start for part in self.region(k))

    def points(self, k: int) -> dict[str, FloatArray]:
        """Coordinates of the points of block k, (n,) arrays in C order."""
        parts = [values[part] for values, part in zip(self.axes.values(), self.region(k), strict=True)]
        return {
            name: np.ascontiguousarray(array).reshape(-1)
            for name, array in zip(self.axes, np.meshgrid(*parts, indexing="ij"), strict=True)
        }

    def point(self, index: int) -> dict[str, float]:
        """Coordinates of one point, by its index in C order."""
        at = np.unravel_index(index, self.shape)
        return {name: float(values[i]) for (name, values), i in zip(self.axes.items(), at, strict=True)}


def make_grid(family: Family, parameters: Mapping[str, Any], block: int | Sequence[int] | None = None) -> Grid:
    """Check parameters of a model and lay out a grid over those that are arrays.

    Raises
    ------
    ValueError, TypeError
        For a name that is no parameter of the model (the nearest is named), no axis at all, an axis that is empty,
        has more than one dimension or a value that is not finite, a name that a variable of the result has, and a
        block that is no positive whole number, or one an axis.
    """
    check_known(f"parameter of {family.label}:", parameters, family.names)
    axes: dict[str, FloatArray] = {}
    fixed: dict[str, Any] = {}
    for name, value in parameters.items():
        if _is_one_value(value):
            fixed[name] = _fixed_value(family, name, value)
        else:
            axes[name] = _axis(family, name, value)
    if not axes:
        raise ValueError("a phase diagram needs at least one axis, such as g=numpy.linspace(0, 8, 200); got none")
    shape = tuple(values.size for values in axes.values())
    return Grid(
        axes=axes,
        units={name: family.unit(name) for name in axes},
        fixed=fixed,
        block=_default_block(shape) if block is None else _given_block(block, shape),
    )


def _is_one_value(value: Any) -> bool:
    """True for a number, and for an object that is no sequence, such as a distribution of delays."""
    return (
        isinstance(value, str) or not (hasattr(value, "__len__") or hasattr(value, "__array__")) or np.ndim(value) == 0
    )


def _fixed_value(family: Family, name: str, value: Any) -> Any:
    try:
        float(value)
    except (TypeError, ValueError):
        return value
    return float(family.check_axis(name, np.reshape(value, (1,)))[0])


def _axis(family: Family, name: str, value: Any) -> FloatArray:
    if name in VARIABLES or name in ("state", "population"):
        raise ValueError(f"axis {name} has the name of a variable of the dataset; rename the parameter of the model")
    if np.ndim(value) != 1:
        raise ValueError(f"axis {name} must have one dimension, got shape {np.shape(value)}")
    if len(value) == 0:
        raise ValueError(f"axis {name} is empty; give at least one value")
    return np.array(family.check_axis(f"{name}", value), dtype=np.float64)


def _given_block(block: int | Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    edges = tuple(block) if isinstance(block, Sequence) else (block,) * len(shape)
    if len(edges) != len(shape):
        raise ValueError(f"block must be one number or {len(shape)} (one an axis), got {len(edges)}")
    for edge in edges:
        if isinstance(edge, bool) or not isinstance(edge, int | np.integer) or edge < 1:
            raise ValueError(f"block must be whole numbers of points, 1 or more, got {edge!r}")
    return tuple(min(int(edge), n) for edge, n in zip(edges, shape, strict=True))


def _default_block(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Edges by halving the longest until a block is small enough; the same for every engine, so that runs resume.

    >>> _default_block((200, 200)), _default_block((5, 4))
    ((13, 25), (1, 1))
    """
    edges = list(shape)
    target = min(LARGEST_BLOCK, max(1, math.prod(shape) // FEWEST_BLOCKS))
    while math.prod(edges) > target:
        longest = edges.index(max(edges))
        edges[longest] = -(-edges[longest] // 2)
    return tuple(edges)
