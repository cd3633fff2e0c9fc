"""Balance over the indegree: powers of K, and how fast networks follow their drive, beside simulated networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._validate import check_whole
from meanfield.balance import ResponseTimes, Scaling, power_law
from meanfield.balance.scaling import QUANTITIES
from meanfield.units import ms
from validation.crossvalidation import cross_validate
from validation.report import Report, Row
from validation.response import follow
from validation.scaling import simulate_scaling

_TIMES = {"gain": ("Hz", 1.0), "rise": ("ms", ms), "peak": ("1", 1.0), "latency": ("ms", ms)}


@cross_validate.register
def cross_validate_scaling(
    scaling: Scaling, *, duration: float = 1.0, trials: int = 2, dt: float = 0.1 * ms, **options: Any
) -> Report:
    """Compare the powers of K of `meanfield.balance.scaling` with those of simulated networks.

    Parameters
    ----------
    scaling : meanfield.balance.Scaling
    trials : int
        Independent runs at each K, 2 at least; powers are fitted in each.
    duration, dt, **options
        As of `simulate_many`.

    Returns
    -------
    Report
        Powers of K of excitation, inhibition, net input and variance, of the first population.

    Raises
    ------
    ValueError, TypeError
        For fewer than 2 trials, and as of `simulate_many`.
    """
    trials = check_whole("trials", trials, at_least=2)
    found = simulate_scaling(scaling, trials=trials, duration=duration, dt=dt, **options)
    expected = scaling.exponents()
    name = scaling.networks[0].names[0]
    rows = []
    for quantity in QUANTITIES:
        values = np.abs([[one[quantity] for one in trial] for trial in found])  # (K, trials)
        powers = [power_law(scaling.indegree, column).value for column in values.T]
        rows.append(Row.of(f"power of {quantity}", expected[quantity][0].value, powers, population=name))
    degrees = ", ".join(f"{k:g}" for k in scaling.indegree)
    return Report(
        title=f"J ~ K^{scaling.exponent:g}, K = {degrees}: {trials} trials of {duration:g} s",
        settings={"indegree": scaling.indegree.tolist(), "exponent": scaling.exponent, "trials": trials}
        | {"duration": duration, "dt": dt},
        rows=tuple(rows),
    )


@cross_validate.register
def cross_validate_response_times(
    times: ResponseTimes,
    *,
    depth: float = 0.2,
    duration: float = 4.0,
    trials: int = 1,
    dt: float = 0.1 * ms,
    **options: Any,
) -> Report:
    """Compare linear response to a step of the drive with simulated networks, and with their neurons uncoupled.

    Parameters
    ----------
    times : meanfield.balance.ResponseTimes
        Of the first drive, which is a Poisson drive.
    depth, duration, trials, dt, **options
        As of `validation.response.follow`.

    Returns
    -------
    Report
        d rate / d ln(drive), rise time, peak and latency at each K, network and neurons alone, through the same bins;
        errors are over periods of the drive.

    Raises
    ------
    ValueError, TypeError
        As of `validation.response.follow`.
    """
    found = follow(times, depth=depth, duration=duration, trials=trials, dt=dt, **options)
    rows = []
    for one in found:
        for name, (unit, scale) in _TIMES.items():
            theory, measured = one.values[name]
            rows.append(
                Row(
                    prediction=name,
                    population=f"{one.label}, K = {one.indegree:g}",
                    unit=unit,
                    theory=theory / scale,
                    simulation=measured.mean / scale,
                    error=measured.error / scale,
                )
            )
    degrees = ", ".join(f"{k:g}" for k in times.indegree)
    return Report(
        title=f"drive up and down by {depth:g}, J ~ K^{times.exponent:g}, K = {degrees}",
        settings={"indegree": times.indegree.tolist(), "exponent": times.exponent, "depth": depth}
        | {"trials": trials, "duration": duration, "dt": dt},
        rows=tuple(rows),
        notes=("rise: with jumps of finite size, and steps of finite length, part of the response comes at once",),
    )
