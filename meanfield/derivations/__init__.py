"""The theory behind the numbers, derived step by step by sympy.

Each module of this package is one derivation with the same parts: `NAME`, `TITLE`, `ASSUMPTIONS`, and `build()`, which
computes the steps. What is written by hand is the model that a derivation starts from and the words; the equations
after it are what sympy makes of it. The tests compare the results with the numerical code.

It is reached as `meanfield.derivations`; sympy is imported with it, not with `meanfield`.
"""

from __future__ import annotations

from functools import cache

from meanfield._validate import check_known
from meanfield.derivations import balance, critical_inhibition, cv, hopf, linearised, siegert
from meanfield.derivations.derivation import Derivation, Step

__all__ = ["DERIVATIONS", "Derivation", "Step", "derive", "titles"]

DERIVATIONS = {module.NAME: module for module in (linearised, critical_inhibition, hopf, balance, siegert, cv)}


@cache
def derive(name: str) -> Derivation:
    """Derive a result of the theory.

    Parameters
    ----------
    name : str
        ``linearised``, ``critical-inhibition``, ``hopf``, ``balance``, ``siegert`` or ``cv``.

    Returns
    -------
    Derivation

    Raises
    ------
    ValueError
        For an unknown name; the nearest known one is named.

    Examples
    --------
    >>> g_c = derive("critical-inhibition").function("g_c")
    >>> round(g_c(C_E=1000, C_I=250, J=0.1e-3, alpha=50), 6)
    3.2
    """
    check_known("derivation", [name], list(DERIVATIONS))
    derivation: Derivation = DERIVATIONS[name].build()
    return derivation


def titles() -> dict[str, str]:
    """Names and titles of all derivations, without deriving them."""
    return {name: module.TITLE for name, module in DERIVATIONS.items()}
