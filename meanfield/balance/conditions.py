"""Inequalities with numbers: what must hold for a balanced state to exist and to be stable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An inequality left > right, and its two numbers.

    Attributes
    ----------
    name : str
        What it is for, such as "positive rate of E".
    inequality : str
        In symbols.
    left, right : float
        In `unit`.
    unit : str
    kind : str
        "existence" or "stability"; a criterion of a portrait has that of its verdict.
    """

    name: str
    inequality: str
    left: float
    right: float
    unit: str
    kind: str

    @property
    def holds(self) -> bool:
        """Whether left > right."""
        return self.left > self.right

    @property
    def margin(self) -> float:
        """Left - right, in `unit`; negative by as much as it fails."""
        return self.left - self.right

    @property
    def relative_margin(self) -> float:
        """The margin over the larger of both sides; -1 to 1 where they have one sign, 0 where both vanish."""
        size = max(abs(self.left), abs(self.right))
        return self.margin / size if size > 0 else 0.0

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit != "1" else ""
        verdict = "holds" if self.holds else "fails"
        numbers = f"{self.left:.4g} against {self.right:.4g}{unit}"
        share = f"{abs(self.relative_margin):.1%}" if self.left * self.right > 0 else f"{abs(self.margin):.4g}{unit}"
        return f"{self.name}: {self.inequality} {verdict}: {numbers}, by {share}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain = {name: getattr(self, name) for name in ("name", "inequality", "left", "right", "unit", "kind")}
        return plain | {"holds": self.holds, "margin": self.margin, "relative_margin": self.relative_margin}


def existence(names: Sequence[str], coupling: FloatArray, drive: FloatArray, rate: FloatArray) -> list[Condition]:
    """Conditions for the rates that cancel coupling @ rate + drive to be positive.

    Those of one and two populations are inequalities between couplings W [V s] and drives X [V]: with the sign of
    det W they are equivalent to the signs of the rates.
    """
    if len(names) == 1:
        drives = Condition(
            name=f"positive drive of {names[0]}",
            inequality=f"X_{names[0]} > 0",
            left=float(drive[0]),
            right=0.0,
            unit="V",
            kind="existence",
        )
        inhibits = Condition(
            name="inhibition dominates",
            inequality=f"0 > W_{names[0]}",
            left=0.0,
            right=float(coupling[0, 0]),
            unit="V s",
            kind="existence",
        )
        return [drives, inhibits]
    if len(names) == 2:
        return [_positive_of_two(names, coupling, drive, k) for k in range(2)]
    return [
        Condition(
            name=f"positive rate of {name}",
            inequality=f"-(W^-1 X)_{name} > 0",
            left=float(r),
            right=0.0,
            unit="Hz",
            kind="existence",
        )
        for name, r in zip(names, rate, strict=True)
    ]


def _positive_of_two(names: Sequence[str], coupling: FloatArray, drive: FloatArray, k: int) -> Condition:
    """Positive rate of population k of two: the sign of its numerator in Cramer's rule is that of det W."""
    a, b, o = names[k], names[1 - k], 1 - k
    w = coupling
    left, right = w[k, o] * drive[o], w[o, o] * drive[k]
    words = [f"X_{b} W_{a}{b}", f"X_{a} W_{b}{b}"]
    if left <= 0.0 and right <= 0.0:  # products with inhibition, written with its strength
        left, right = -right, -left
        words = [f"X_{a} |W_{b}{b}|", f"X_{b} |W_{a}{b}|"]
    if np.linalg.det(w) < 0.0:
        left, right, words = right, left, words[::-1]
    return Condition(
        name=f"positive rate of {a}",
        inequality=f"{words[0]} > {words[1]}",
        left=float(left),
        right=float(right),
        unit="V² s",
        kind="existence",
    )


def below_ceiling(names: Sequence[str], rate: FloatArray, ceiling: FloatArray) -> list[Condition]:
    """Conditions for the rates to stay below the highest that the neurons can fire at."""
    return [
        Condition(
            name=f"rate of {name} below its maximum",
            inequality=f"1/t_ref_{name} > nu_{name}",
            left=float(most),
            right=float(r),
            unit="Hz",
            kind="existence",
        )
        for name, r, most in zip(names, rate, ceiling, strict=True)
        if np.isfinite(most)
    ]


def determinant(names: Sequence[str], coupling: FloatArray) -> Condition:
    """The condition for no real mode to grow, whatever gains and time constants are: det(-W) > 0."""
    w, n = coupling, len(names)
    if n == 1:
        left, right, words = 0.0, float(w[0, 0]), f"0 > W_{names[0]}"
    elif n == 2:
        left, right = -float(w[0, 1] * w[1, 0]), -float(w[0, 0] * w[1, 1])
        (a, b) = names
        words = f"W_{b}{a} |W_{a}{b}| > W_{a}{a} |W_{b}{b}|"
    else:
        left, right, words = float(np.linalg.det(-w)), 0.0, "det(-W) > 0"
    return Condition(
        name="determinant", inequality=words, left=left, right=right, unit=f"(V s)^{n}" if n > 1 else "V s",
        kind="stability",
    )  # fmt: skip


def no_growing_mode(names: Sequence[str], jacobian: FloatArray) -> Condition:
    """The condition for no mode to grow, as rates follow their inputs with their time constants."""
    if len(names) == 2:  # with a positive determinant, the trace decides
        return Condition(
            name="trace",
            inequality="alpha_{1} |W_{1}{1}|/tau_{1} > alpha_{0} W_{0}{0}/tau_{0}".format(*names),
            left=-float(jacobian[1, 1]),
            right=float(jacobian[0, 0]),
            unit="1/s",
            kind="stability",
        )
    rightmost = float(np.linalg.eigvals(jacobian).real.max())
    return Condition(
        name="eigenvalues",
        inequality="0 > max Re eig(alpha W/tau)",
        left=0.0,
        right=rightmost,
        unit="1/s",
        kind="stability",
    )
