"""Drives that change in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import FloatArray, check, check_scalar

MOST_BINS = 10_000  # entries of the table in a program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Modulation:
    """A course of the Poisson drives of a network: drive k has its rates times 1 + depth[k] course(t).

    Parameters
    ----------
    course : (B,) array
        Values in bins, which begin at the end of the warm-up and repeat; before it the end of the course comes, so
        that the network is in its rhythm.
    bin_width : float
        Width of a bin [s], one time step at least.
    depth : float or (D,) array
        One for each Poisson drive in the order of `network.drives`; a single one is that of all.

    Raises
    ------
    ValueError, TypeError
        For an empty or too long course, and what is not finite.
    """

    course: FloatArray
    bin_width: float
    depth: FloatArray

    def __post_init__(self) -> None:
        course = check("course", self.course, "1")
        if course.ndim != 1 or not 0 < course.size <= MOST_BINS:
            raise ValueError(f"course must have 1 to {MOST_BINS} bins, got shape {course.shape}")
        object.__setattr__(self, "course", course)
        object.__setattr__(self, "bin_width", check_scalar("bin_width", self.bin_width, "s", positive=True))
        object.__setattr__(self, "depth", check("depth", self.depth, "1"))

    def parameters(self, network: mf.Network, warmup: float, dt: float) -> dict[str, Any]:
        """Values of the program's variables; ValueError for a course that no drive can follow, or bins below a step."""
        drives = sum(isinstance(drive, mf.PoissonDrive) for drive in network.drives)
        if not drives:
            raise ValueError(f"a modulation needs a Poisson drive, {network.label} has none")
        depth = check("depth", self.depth, "1", shape=(drives,), shape_words="(one a Poisson drive)")
        least = float((1.0 + depth[:, None] * self.course).min())
        if least < 0.0:
            raise ValueError(f"rates must not be negative: depth times course must be at least -1, got {least - 1.0:g}")
        if self.bin_width < 0.999 * dt:
            raise ValueError(f"bin_width must be at least one time step, {dt:g} s, got {self.bin_width:g} s")
        values: dict[str, Any] = {"course.values": np.resize(self.course, MOST_BINS)}
        for i in range(network.n_populations):
            group = f"population{i}"
            values |= {f"{group}.course_bin": self.bin_width, f"{group}.course_bins": float(self.course.size)}
            values[f"{group}.course_start"] = (round(warmup / dt) - 0.5) * dt
            values |= {f"{group}.drive_depth{k}": float(d) for k, d in enumerate(depth)}
        return values

    def to_list(self) -> list[Any]:
        """Plain values, which tell one modulation from another."""
        return [self.course.tolist(), self.bin_width, self.depth.tolist()]
