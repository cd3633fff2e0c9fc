"""Where a network lies relative to the edge of chaos, in numbers and in words: what ``meanfield edge`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

from meanfield.fixedpoint import ConvergenceError, FixedPoint
from meanfield.network import Network
from meanfield.parameters import WEIGHT_SCALE, family
from meanfield.randommatrix.jacobian import VARIANTS, EffectiveJacobian, effective_jacobian, first_pass, states_of

FACTORS = (0.1, 10.0)  # of all weights, between which the critical one is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    """The effective Jacobians of a network's states.

    Attributes
    ----------
    network : Network
    jacobians : tuple of dict of str to EffectiveJacobian
        By state, then variant; without "1-p" where a neuron gets more synapses than there are neurons to send them.
    factors : dict of str to float or None
        By variant: of all recurrent weights, to bring the state that `solve` finds to radius 1; None if there is none
        from 0.1 to 10.
    """

    network: Network
    jacobians: tuple[dict[str, EffectiveJacobian], ...]
    factors: dict[str, float | None]

    def __str__(self) -> str:
        lines = [self.network.label]
        for found in self.jacobians:
            state = next(iter(found.values())).state
            rates = ", ".join(f"{n} {r:.6g} Hz" for n, r in zip(self.network.names, state.rate, strict=True))
            lines += ["", rates, f"{'variant':<14} {'radius':>8}  {'verdict':<15} outliers"]
            for variant, jacobian in found.items():
                outliers = ", ".join(_number(mode) for mode in jacobian.outliers) or "none"
                lines.append(f"{variant:<14} {jacobian.radius:8.4f}  {jacobian.verdict:<15} {outliers}")
        lines += ["", "factor on all recurrent weights for a radius of 1:"]
        for variant, factor in self.factors.items():
            words = f"none from {FACTORS[0]:g} to {FACTORS[1]:g}" if factor is None else f"{factor:.4g}"
            lines.append(f"{variant:<14} {words}")
        lines.append("(inside or beyond the edge of chaos of rate dynamics; spiking networks change gradually there)")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        states = []
        for found in self.jacobians:
            state = next(iter(found.values())).state
            states.append(state.to_dict() | {"edge": {v: jacobian.to_dict() for v, jacobian in found.items()}})
        return {"network": self.network.label, "states": states, "critical_factor": self.factors}


def edge_report(states: Sequence[FixedPoint]) -> EdgeReport:
    """Return the effective Jacobians of some states of one network, by all variants that apply to it.

    Raises
    ------
    ConvergenceError
        Without a state.
    ValueError
        Where a gain is infinite.
    """
    if not states:
        raise ConvergenceError("there is no self-consistent state, and so nothing that has a radius")
    network = states[0].network
    variants = [v for v in VARIANTS if v != "1-p" or (network.indegree <= network.sizes).all()]
    return EdgeReport(
        network=network,
        jacobians=tuple({v: effective_jacobian(state, v) for v in variants} for state in states),
        factors=_factors(network, variants),
    )


def _factors(network: Network, variants: Sequence[str]) -> dict[str, float | None]:
    """The critical factor above 1 if there is one, else below."""
    state = states_of(family(network), WEIGHT_SCALE, {})
    found: dict[str, float | None] = dict.fromkeys(variants)
    for variant, bounds in product(variants, ((FACTORS[0], 1.0), (1.0, FACTORS[1]))):
        with suppress(ValueError, ConvergenceError):
            found[variant] = first_pass(state, WEIGHT_SCALE, bounds, variant)
    return found


def _number(mode: complex) -> str:
    return f"{mode.real:.4g}" if mode.imag == 0.0 else f"{mode.real:.4g}{mode.imag:+.4g}i"
