"""Loose and tight balance of a network: beta, sensitivity of the loop T(f), and correlation of currents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import meanfield as mf
from meanfield.balance import Tightness
from meanfield.units import ms
from validation.results import Simulation

FREQUENCIES = (5.0, 20.0, 50.0, 100.0)  # Hz
UNITS = {"beta": "1", "beta with threshold": "1", "E-I correlation": "1", "E-I lag": "ms"} | {
    f"T({f:g} Hz)": "1" for f in FREQUENCIES
}
SAMPLED = 100  # neurons a population whose currents are recorded


def theory(fp: mf.FixedPoint) -> Mapping[str, Sequence[float]]:
    """In linear response, by population."""
    return _values(mf.balance.tightness(fp, f=FREQUENCIES, windows=[0.01]))


def measure(simulation: Simulation) -> Mapping[str, Sequence[float]]:
    """The same of a run, of 2 s at least."""
    return _values(mf.balance.tightness(simulation))


def _values(found: Tightness) -> dict[str, Sequence[float]]:
    values: dict[str, Sequence[float]] = {
        "beta": found.beta.tolist(),
        "beta with threshold": found.beta_threshold.tolist(),
        "E-I correlation": found.peak.tolist(),
        "E-I lag": (found.peak_lag / ms).tolist(),
    }
    for f in FREQUENCIES:
        at = [float(np.interp(np.log(f), np.log(found.frequency), column)) for column in found.loop.T]
        values[f"T({f:g} Hz)"] = at
    return values
