"""`cross_validate`: theory against simulation, of whatever theory says something about.

What is compared depends on the type of the first argument; each kind is a file of `validation.predictions`, which
registers its function here.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from validation.report import Report


@singledispatch
def cross_validate(subject: Any, **options: Any) -> Report:
    """Set theory against simulation, as a table.

    Parameters
    ----------
    subject
        What is simulated, and what theory predicts of it:

        - a `meanfield.Network`: rate, mean and amplitude of the input (with conductances: how large they are, and where
          they pull to) and CV of each population, against Brian2; other sets of predictions by name
          (`validation.predictions.network`);
        - an ensemble of `meanfield.randommatrix`, or an `EffectiveJacobian`: radius, abscissa and outliers, against
          eigenvalues of samples, finite sizes included (`validation.predictions.matrices`);
        - a solution of `meanfield.dmft`, of one population, of several, or in discrete time: mean, variance, half-width
          and Lyapunov exponent, against simulated rate networks (`validation.predictions.rates`);
        - a `validation.CriticalWeight`: the weight at the edge of chaos (`validation.predictions.edge`);
        - a `meanfield.balance.Scaling` or `ResponseTimes`: powers of the indegree, and how fast rates follow the drive
          (`validation.predictions.balance`);
        - a `validation.LearnedRate`: rates and weights that inhibitory plasticity leads to
          (`validation.predictions.learning`).
    **options
        `trials` (independent realisations, from which errors are), `rng` and `progress` of all; the others as the
        functions of those modules say.

    Returns
    -------
    Report

    Raises
    ------
    ValueError, TypeError
        For a subject that is none of these, and for bad options.
    """
    raise TypeError(
        "subject must be a meanfield.Network, an ensemble or EffectiveJacobian of meanfield.randommatrix, a solution "
        "of meanfield.dmft, a validation.CriticalWeight, a Scaling or ResponseTimes of meanfield.balance, or a "
        f"validation.LearnedRate, got {subject!r}"
    )
