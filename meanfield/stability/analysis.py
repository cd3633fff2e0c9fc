"""Is a stationary state stable, and what destroys it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._compiled import interpreted
from meanfield._validate import check_scalar
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import is_lif
from meanfield.neurons.lif_dynamics import LEFTMOST
from meanfield.response import ComplexArray, Linearised, linearise, loop_gain
from meanfield.stability import characteristic as _characteristic
from meanfield.stability import roots as _roots
from meanfield.stability.lumping import lump_linearised

_LEFTMOST_COUNT = -0.95  # of Re s tau_m; the winding count holds right of -1/tau_m
_NEAR = 1e-6  # relative; a line is moved by this off a root that lies on it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stability:
    """Linear stability of a stationary state.

    Attributes
    ----------
    state : FixedPoint
        The state.
    is_stable : bool
        True if no root has a positive real part: perturbations of all populations' rates die out.
    rightmost : complex or None
        The root of det(1 - L(s)) with the largest real part [1/s], Im s >= 0. None if none is found as far left as
        the neurons' response is known (Re s = -8/tau_m). Right of `line` it is proven by the count, left of it found.
    frequency : float
        Of the rightmost root, its imaginary part without sign over 2 pi [Hz]; NaN without one.
    kind : str
        "stable", "fold" (a real root is rightmost: rates run away) or "Hopf" (a pair: they oscillate).
    roots : (n,) complex array
        Every root right of `line` [1/s] with Im s >= 0, by decreasing real part; conjugates are left out.
    line : float
        Real part [1/s] right of which all roots are known.
    count : int
        Number of roots right of `line` by the winding count, conjugates included.
    bandwidth : float
        Frequency [Hz] to which the count goes; infinite if it is certain that no root lies beyond.
    """

    state: FixedPoint
    is_stable: bool
    rightmost: complex | None
    roots: ComplexArray
    line: float
    count: int
    bandwidth: float

    @property
    def frequency(self) -> float:
        """Imaginary part of the rightmost root, without its sign, over 2 pi [Hz]."""
        return math.nan if self.rightmost is None else abs(self.rightmost.imag) / (2.0 * math.pi)

    @property
    def kind(self) -> str:
        """What destroys the state: "fold" or "Hopf", or "stable"."""
        if self.is_stable:
            return "stable"
        return "Hopf" if self.rightmost is not None and self.rightmost.imag > 0 else "fold"

    def __repr__(self) -> str:
        if self.rightmost is None:
            return f"Stability({self.state.network.label}: {self.kind}, no root right of {self.line:g}/s)"
        root = f"{self.rightmost.real:.6g}/s at {self.frequency:.6g} Hz"
        return f"Stability({self.state.network.label}: {self.kind}, rightmost root {root})"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        root = self.rightmost
        return {
            "is_stable": self.is_stable,
            "kind": self.kind,
            "rightmost": None if root is None else [root.real, root.imag],
            "frequency": None if root is None else self.frequency,
            "roots": [[float(z.real), float(z.imag)] for z in self.roots],
            "line": self.line,
            "count": self.count,
            "bandwidth": None if math.isinf(self.bandwidth) else self.bandwidth,
        }


class StabilityError(RuntimeError):
    """The number of roots right of the line could not be determined, or not all of them were found."""


def stability(fp: FixedPoint, *, line: float = 0.0) -> Stability:
    """Linear stability of a stationary state of a network with delays.

    The roots of det(1 - L(s)) right of `line` are counted by the winding of a function that has no poles there, along a
    path whose steps are refined until its phase cannot hide a turn; then each is found, by Muller's method from the
    minima along the line, and where that leaves some out, by bisection of the plane with counts.

    Parameters
    ----------
    fp : FixedPoint
        A state, as from `solve` or `solve_all`.
    line : float
        Real part [1/s]; at least -0.95/tau_m of the slowest neuron (0 or more for neurons other than LIF).

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        If `line` is too far left, or a population fires without noise, about which there is no linear response.
    StabilityError
        If the roots found are not as many as counted.

    Examples
    --------
    >>> import meanfield as mf
    >>> mf.stability(mf.solve(mf.models.brunel2000(g=6, eta=4)))      # Brunel (2000), fig. 8 B: fast oscillations
    Stability(brunel2000(g=6, eta=4): Hopf, rightmost root 51.4976/s at 190.209 Hz)
    >>> mf.stability(mf.solve(mf.models.brunel2000(g=5, eta=2))).is_stable
    True
    """
    line, leftmost, search, state = _problem(fp, line)
    number, found, top, whole = _search(search, state, line, leftmost)
    unstable = number if line == 0.0 else _search(search, state, 0.0, leftmost)[0]
    right = found[found.real > line]
    rightmost = complex(found[0]) if found.size else None
    return Stability(
        state=fp,
        is_stable=unstable == 0,
        rightmost=rightmost,
        roots=right,
        line=line,
        count=number,
        bandwidth=math.inf if whole else top / (2.0 * math.pi),
    )


def number_right_of(fp: FixedPoint, line: float) -> int:
    """Number of roots right of `line` [1/s], conjugates included; errors as `stability`."""
    line, leftmost, search, state = _problem(fp, line)
    return _search(search, state, line, leftmost)[0]


def _problem(fp: FixedPoint, line: float) -> tuple[float, float, Any, Any]:
    """(line, how far left of it roots may be looked for, the search, and the state that it takes)."""
    if not isinstance(fp, FixedPoint):
        raise TypeError(f"fp must be a FixedPoint, as mf.solve returns, got {fp!r}")
    line = check_scalar("line", line, "Hz")
    compiled = is_lif(fp.network)
    tau_m = max(neuron.tau_m for neuron in fp.network.neurons)
    furthest = _LEFTMOST_COUNT / tau_m if compiled else 0.0
    if line < furthest:
        raise ValueError(f"line must be at least {furthest:.6g} 1/s for this network, got {line!r} 1/s")
    if compiled:
        return line, 0.99 * LEFTMOST / tau_m, _roots.right_of, lump_linearised(linearise(fp))
    # where neurons do not answer left of the axis, a little to either side of it has to do
    leftmost = max(0.99 * getattr(neuron, "leftmost", -1e-3) for neuron in fp.network.neurons)
    return line, leftmost, _interpreted_search(fp), _as_arrays(fp)


def _search(search: Any, state: Any, line: float, leftmost: float) -> tuple[int, ComplexArray, float, bool]:
    samples = np.empty((2, _roots.CAPACITY), dtype=complex)
    roots = np.empty(_roots.MOST_ROOTS, dtype=complex)
    at = line
    for attempt in range(4):
        number, found, top, whole = search(state, at, leftmost, samples, roots)
        if number >= 0:
            break
        at = line + _NEAR * (attempt + 1) * (abs(line) + 10.0)
    else:
        raise StabilityError(f"the roots right of {line:g}/s could not be counted: one lies on the line")
    known = roots[:found][np.argsort(-roots[:found].real)]
    if _roots.multiplicity(known, known.size, at, math.inf if whole else top) != number:
        raise StabilityError(f"{number} roots lie right of {line:g}/s, found were {known.round(6).tolist()} [1/s]")
    return number, known, top, whole


def _as_arrays(fp: FixedPoint) -> Linearised:
    """What the search needs to know of a state besides the loop gain."""
    network = fp.network
    nothing = np.zeros((network.n_populations, 6))
    coupling = network.mean_coupling, network.variance_coupling
    return Linearised(*coupling, network.packed_delays, nothing, fp.rate, fp.mu, fp.sigma)


def _interpreted_search(fp: FixedPoint) -> Any:
    """The same search as Python, over the loop gain of neurons that are not compiled; it holds right of the axis."""

    def loop_matrix(_: Any, s: complex, answers: Any, out: Any) -> None:
        out[:] = loop_gain(fp, s)
        answers[:] = 1.0

    return interpreted(_roots.right_of, _characteristic, _roots, loop_matrix=loop_matrix)
