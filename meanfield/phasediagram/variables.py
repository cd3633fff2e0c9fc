"""What a phase diagram holds at each point: one table, which evaluation, stores and datasets all follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield.phasediagram.classes import CLASSES, NONE
from meanfield.randommatrix.jacobian import DEFAULT

MAX_STATES = 5  # a network of two LIF populations has three, rarely five
Values = dict[str, NDArray[Any]]
_CRITERIA = "Criteria are in the documentation of meanfield.phasediagram.classes"
_MEANINGS = " ".join(name.replace(" ", "_") for name in CLASSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of the dataset.

    Attributes
    ----------
    dims : tuple of str
        Its dimensions after those of the grid: "state", "population", both or none.
    dtype : str
        "float64", "int8", "bool" or "str"; strings are objects in NumPy and of variable length in a store.
    missing : float, int, bool or str
        The value where a point failed or has no such state; also what is read where nothing was computed yet.
    unit, long_name, description : str
        Written into the dataset; a unit of "" is left out.
    attrs : mapping of str to Any
        Further attributes, such as CF's flag_values and flag_meanings.
    """

    dims: tuple[str, ...] = ()
    dtype: str
    missing: Any
    unit: str = ""
    long_name: str
    description: str
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes in the names of the CF conventions."""
        units = {"units": self.unit} if self.unit else {}
        return units | {"long_name": self.long_name, "description": self.description} | dict(self.attrs)

    def shape(self, n_populations: int) -> tuple[int, ...]:
        """Lengths of `dims`."""
        lengths = {"state": MAX_STATES, "population": n_populations}
        return tuple(lengths[dim] for dim in self.dims)

    def empty(self, leading: tuple[int, ...], n_populations: int) -> NDArray[Any]:
        """An array with leading dimensions, full of `missing`."""
        dtype = object if self.dtype == "str" else self.dtype
        return np.full(leading + self.shape(n_populations), self.missing, dtype=dtype)


def _of_state(unit: str, long_name: str, description: str) -> Variable:
    return Variable(
        dims=("state", "population"),
        dtype="float64",
        missing=np.nan,
        unit=unit,
        long_name=long_name,
        description=f"{description}; states are sorted by mean rate, NaN beyond n_states",
    )


VARIABLES: dict[str, Variable] = {
    "rate": _of_state("Hz", "firing rate", "Self-consistent rate of each population"),
    "mu": _of_state("V", "mean input", "Mean of the input, threshold and rest in the same volts"),
    "sigma": _of_state("V", "input fluctuations", "Amplitude of the input noise; the free variance is sigma²/2"),
    "cv": _of_state("1", "coefficient of variation", "CV of the inter-spike intervals, white-noise theory"),
    "is_mean_driven": Variable(
        dims=("state", "population"),
        dtype="int8",
        missing=-1,
        long_name="regime",
        description="1 where the mean input is above threshold (mean-driven), 0 where it is not (fluctuation-driven)",
        attrs={"flag_values": [-1, 0, 1], "flag_meanings": "none fluctuation_driven mean_driven"},
    ),
    "n_unstable": Variable(
        dims=("state",),
        dtype="int16",
        missing=-1,
        unit="1",
        long_name="number of unstable modes",
        description="Roots of det(1 - L(s)) with positive real part, by a winding count; -1 where it is not known",
    ),
    "growth_rate": Variable(
        dims=("state",),
        dtype="float64",
        missing=np.nan,
        unit="1/s",
        long_name="growth rate",
        description="Real part of the rightmost root found beside the axis",
    ),
    "frequency": Variable(
        dims=("state",),
        dtype="float64",
        missing=np.nan,
        unit="Hz",
        long_name="frequency",
        description="Imaginary part of the rightmost root over 2 pi",
    ),
    "radius": Variable(
        dims=("state",),
        dtype="float64",
        missing=np.nan,
        unit="1",
        long_name="radius of the effective Jacobian",
        description="Of the disc of eigenvalues of the neurons' effective coupling; the edge of chaos is at 1. See "
        "meanfield.randommatrix.effective_jacobian; NaN where a gain is infinite",
        attrs={"variant": DEFAULT},
    ),
    "state_class": Variable(
        dims=("state",),
        dtype="int8",
        missing=NONE,
        long_name="class of the state",
        description=_CRITERIA,
        attrs={"flag_values": list(range(len(CLASSES))), "flag_meanings": _MEANINGS},
    ),
    "class": Variable(
        dtype="int8",
        missing=-1,
        long_name="class",
        description="That of the only state that is no saddle, or bistable; -1 where the point failed. " + _CRITERIA,
        attrs={"flag_values": [-1, *range(len(CLASSES))], "flag_meanings": "failed " + _MEANINGS},
    ),
    "n_states": Variable(
        dtype="int8",
        missing=-1,
        unit="1",
        long_name="number of states",
        description="Fixed points found at this point; -1 where it failed or was not computed",
    ),
    "is_complete": Variable(
        dtype="bool",
        missing=False,
        long_name="completeness",
        description="True where it is proven that there is no other state",
    ),
    "reason": Variable(
        dtype="str",
        missing="not computed",
        long_name="reason",
        description="Why the point failed, or why its states may not be all; empty where all is well",
    ),
}


def failed(n: int, n_populations: int, reason: str) -> Values:
    """Values of n points that failed for one reason."""
    values = {name: variable.empty((n,), n_populations) for name, variable in VARIABLES.items()}
    values["reason"][:] = reason
    return values


def conform(values: Values, n: int, n_populations: int) -> Values:
    """Check that values of n points have the variables and shapes of the table, and give them its dtypes.

    Where every point failed the evaluation need not know the number of populations; those shapes are mended.

    Raises
    ------
    ValueError
        For a variable that is missing, unknown or of another shape.
    """
    if set(values) != set(VARIABLES):
        odd = sorted(set(values) ^ set(VARIABLES))
        raise ValueError(f"an evaluation must return {', '.join(VARIABLES)}; missing or unknown: {', '.join(odd)}")
    all_failed = bool((np.asarray(values["n_states"]) < 0).all())
    conformed = {}
    for name, variable in VARIABLES.items():
        array = np.asarray(values[name])
        expected = variable.empty((n,), n_populations)
        if array.shape != expected.shape:
            if not (all_failed and "population" in variable.dims):
                raise ValueError(f"{name} must have shape {expected.shape}, got {array.shape}")
            array = expected
        conformed[name] = array.astype(expected.dtype)
    return conformed
