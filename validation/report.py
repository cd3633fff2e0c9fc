"""Theory against simulation: the table that `cross_validate` returns, whatever is compared."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from validation import statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One prediction: theory, simulation with its standard error over trials, and the difference."""

    prediction: str
    population: str
    unit: str
    theory: float
    simulation: float
    error: float

    @classmethod
    def of(cls, prediction: str, theory: float, trials: Any, *, population: str = "", unit: str = "1") -> Row:
        """From the value of each trial."""
        found = statistics.Estimate.of(trials)
        return cls(
            prediction=prediction,
            population=population,
            unit=unit,
            theory=float(theory),
            simulation=found.mean,
            error=found.error,
        )

    def with_error_of_at_least(self, error: float) -> Row:
        """The row with an error of simulation no less than this: such as that of rounding, where all trials agree."""
        return replace(self, error=max(self.error, error))

    @property
    def label(self) -> str:
        """Its name in a table."""
        unit = f" ({self.unit})" if self.unit != "1" else ""
        return f"{self.prediction} {self.population}".strip() + unit

    @property
    def difference(self) -> float:
        """(theory - simulation)/simulation in percent; NaN where the simulation measured nothing or 0."""
        return 100 * (self.theory - self.simulation) / self.simulation if self.simulation else float("nan")

    @property
    def z(self) -> float:
        """(theory - simulation) in standard errors of the simulation."""
        return (self.theory - self.simulation) / self.error if self.error > 0 else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `cross_validate` found; prints as a table.

    Attributes
    ----------
    title : str
        What was compared.
    settings : dict
        Of the simulation: such as duration [s], trials and dt [s] of spiking networks, n and trials of matrices.
    rows : tuple of Row
        By prediction, and of every population within each.
    measured : dict
        Statistics without a prediction, by population (of spiking networks: CV2, LV, Fano factor, correlation,
        synchrony).
    notes : tuple of str
        Where theory and simulation differ, and what the measurements say about why.
    """

    title: str
    settings: dict[str, Any]
    rows: tuple[Row, ...]
    measured: dict[str, dict[str, statistics.Estimate]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: tuple[str, str]) -> Row:
        """The row of (prediction, population); the population is "" where there is only one."""
        for row in self.rows:
            if (row.prediction, row.population) == key:
                return row
        raise KeyError(key)

    def __str__(self) -> str:
        names = [row.label for row in self.rows]
        width = max(16, *(len(name) + 1 for name in names))
        lines = [self.title, f"{'':{width}}{'theory':>12}{'simulation':>14}{'± error':>10}{'difference':>12}{'z':>8}"]
        for name, row in zip(names, self.rows, strict=True):
            difference = f"{row.difference:11.1f}%"
            lines.append(
                f"{name:{width}}{row.theory:12.4g}{row.simulation:14.4g}{row.error:10.2g}{difference}{row.z:8.1f}"
            )
        for population, found in self.measured.items():
            words = ", ".join(f"{name} {estimate}" for name, estimate in found.items())
            lines.append(f"measured in {population}: {words}")
        return "\n".join([*lines, *(f"* {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        rows = [asdict(row) | {"difference": row.difference, "z": row.z} for row in self.rows]
        measured = {p: {k: asdict(e) for k, e in found.items()} for p, found in self.measured.items()}
        return self.settings | {"rows": rows, "measured": measured, "notes": list(self.notes)}

    def to_json(self) -> str:
        """JSON text; a value that could not be measured is null."""
        return to_json(self.to_dict())

    def to_dataframe(self) -> Any:
        """The rows as a pandas DataFrame (pandas is not a dependency)."""
        import pandas

        return pandas.DataFrame(self.to_dict()["rows"])


def to_json(plain: Any) -> str:
    """JSON text of plain values: null for what is not finite, and a complex number as [real, imaginary]."""
    return json.dumps(_for_json(plain), indent=2)


def _for_json(value: Any) -> Any:
    """Replace what JSON has no word for."""
    if isinstance(value, dict):
        return {k: _for_json(v) for k, v in value.items()}
    if isinstance(value, complex):
        value = [value.real, value.imag]
    if isinstance(value, (list, tuple)):
        return [_for_json(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
