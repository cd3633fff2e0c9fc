"""Stability of rate networks whose coupling is delayed and filtered, by the eigenvalues of the coupling.

Of tau x'(t) = -x(t) + W (k * x)(t), with a kernel k of delay and synaptic filter, a mode of eigenvalue λ of W grows as
e^{st} where

    (1 + s tau)(1 + s tau_s) = λ <e^{-sd}>,

so that the imaginary axis s = iω is the curve λ(ω) = (1+iω tau)(1+iω tau_s)/<e^{-iωd}> in the plane of eigenvalues. The
modes in that part of the plane, cut up by the curve, that 0 is in decay. Without delay and filter that is Re λ < 1.

What follows at once: |<e^{-iωd}>| <= 1, so the curve never comes nearer to 0 than 1, which it is at ω = 0. A disc about
0 loses its stability at radius 1, by λ = 1, whatever delays and filters. They matter for outliers, for discs with their
centre elsewhere, and for how fast modes decay.

One kernel for all synapses is meant. If instead each synapse has its own delay, drawn independently of its weight, the
matrix W_jk e^{-sd_jk} has outliers with <e^{-sd}> as here, but a disc of radius R at s = iω without any such factor,
as |e^{-iωd}| = 1: it loses stability at R = 1 too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from meanfield._validate import FloatArray, as_complex, check_scalar
from meanfield.delays import Delay, ExponentialDelay, FixedDelay, is_delay
from meanfield.fixedpoint import ConvergenceError

ComplexArray = NDArray[np.complex128]
_POINTS = 4001
_LARGEST_GAIN = 1e4  # of outliers: beyond, they count as stable at any gain
_FINEST = 40  # halvings of a step along the imaginary axis
_BRANCHES = np.arange(-6, 7)
_NEWTON = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Where stability is lost.

    Attributes
    ----------
    value : float
        The radius or the gain; infinite if it is never lost.
    frequency : float
        Of the mode that begins to grow, ω/2π [Hz], or cycles a unit of time if tau is 1.
    eigenvalue : complex
        Of the coupling, where the curve is met; with its conjugate.
    """

    value: float
    frequency: float
    eigenvalue: complex


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedBoundary:
    """The boundary of stability in the plane of eigenvalues: what `delayed_boundary` returns.

    Attributes
    ----------
    delay : Delay
    tau, tau_s : float
        Time constants of the units and of the synapses [s].
    """

    delay: Delay
    tau: float
    tau_s: float

    def eigenvalue(self, s: Any) -> Any:
        """λ = (1+s tau)(1+s tau_s)/<e^{-sd}>, whose mode is e^{st}, at complex s [1/s]; infinite if <e^{-sd}> = 0."""
        s = as_complex("s", s, "1")
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.asarray(self._uncoupled(s) / self._kernel.transform(s))
        return found if found.ndim else complex(found)

    def curve(self, highest: float, points: int = _POINTS) -> tuple[FloatArray, ComplexArray]:
        """Frequencies ω/2π [Hz] from -highest to highest, and the eigenvalues λ(ω)."""
        frequency = np.linspace(-1.0, 1.0, points) * check_scalar("highest", highest, "Hz", positive=True)
        return frequency, self.eigenvalue(2j * np.pi * frequency)

    def unstable_count(self, eigenvalue: complex, right_of: float = 0.0) -> int:
        """Number of modes e^{st} of one eigenvalue with Re s > `right_of` [1/s], by the argument principle.

        Raises
        ------
        ConvergenceError
            If a mode lies on the line itself.
        """
        poles = [-1.0 / tau for tau in self._filters]
        count = sum(pole > right_of for pole in poles)
        # beyond this frequency |L| < 1/2, and the phase of 1 - L returns to that of 1
        bound = abs(eigenvalue) * abs(self._kernel.transform(complex(right_of)))
        for tau in self._filters[1:]:
            bound /= max(abs(1.0 + right_of * tau), 1e-3)
        highest = 2.0 * (bound + 1.0) / self.tau

        def loop(omega: FloatArray) -> ComplexArray:
            s = right_of + 1j * omega
            return np.asarray(1.0 - eigenvalue * self._kernel.transform(s) / self._uncoupled(s))

        turn, last = _turn(loop, -highest, highest)
        return count - round((turn + last) / (2.0 * np.pi))

    def rightmost(self, eigenvalue: complex) -> complex:
        """The rightmost s [1/s] of e^{st} for one eigenvalue λ: how fast the mode decays or grows, and its frequency.

        Newton's method from the roots for one delay (Lambert's W) and from a grid; then the argument principle
        certifies that no other root is further right.

        Raises
        ------
        ConvergenceError
            If it could not be certified.
        """
        eigenvalue = complex(eigenvalue)
        if not math.isfinite(abs(eigenvalue)):
            raise ValueError(f"eigenvalue must be finite, got {eigenvalue}")
        if eigenvalue == 0.0:
            return complex(-1.0 / max(self._filters))
        roots = self._newton(eigenvalue, self._starts(eigenvalue))
        if not roots.size:
            raise ConvergenceError(f"no mode of the eigenvalue {eigenvalue:g} was found")
        found = complex(roots[np.lexsort((-roots.imag, -np.round(roots.real * self.tau, 9)))][0])
        if self.unstable_count(eigenvalue, found.real + 1e-6 / self.tau):
            raise ConvergenceError(f"the rightmost mode of the eigenvalue {eigenvalue:g} was not found")
        return found

    def is_stable(self, radius: float = 0.0, outliers: Any = (), centre: complex = 0.0) -> bool:
        """Whether all modes decay of a disc of eigenvalues and of outliers."""
        radius = check_scalar("radius", radius, "1", nonnegative=True)
        loose = np.atleast_1d(as_complex("outliers", outliers, "1"))
        disc = radius == 0.0 or (not self.unstable_count(centre) and radius < self.critical_radius(centre).value)
        return bool(disc and not any(self.unstable_count(complex(value)) for value in loose))

    def critical_radius(self, centre: complex = 0.0) -> Loss:
        """The radius at which a disc of eigenvalues about `centre` meets the curve: 1, at frequency 0, for centre 0.

        Raises
        ------
        ValueError
            If the centre itself is unstable.
        """
        centre = complex(centre)
        if self.unstable_count(centre):
            raise ValueError(f"centre {centre:g} is an unstable eigenvalue itself")
        # |λ(ω)| >= |1 + iω tau|, so further than this the curve is further away than at ω = 0
        highest = (abs(1.0 - centre) + abs(centre) + 1.0) / self.tau

        def distance(omega: Any) -> Any:
            return np.abs(self.eigenvalue(1j * np.asarray(omega)) - centre)

        sides = (0.0, highest) if centre.imag == 0.0 else (-highest, highest)
        omega = _least(distance, *sides, points=self._resolution(highest))
        return Loss(
            value=float(distance(omega)),
            frequency=omega / (2 * np.pi),
            eigenvalue=complex(self.eigenvalue(1j * omega)),
        )

    def critical_gain(self, outlier: complex) -> Loss:
        """The factor on an eigenvalue at which its mode begins to grow: the first curve point on its ray from 0.

        Infinite, with frequency 0, where the ray meets the curve nowhere below a factor of 10,000/|λ|.
        """
        outlier = complex(outlier)
        if outlier == 0.0 or not math.isfinite(abs(outlier)):
            raise ValueError(f"outlier must be finite and not 0, got {outlier}")
        direction = outlier / abs(outlier)

        def along(omega: Any) -> Any:
            return self.eigenvalue(1j * np.asarray(omega)) / direction

        slowest = 1e-6 / (self.tau + self.tau_s + self.delay.expectation)
        up = np.concatenate([[0.0], np.geomspace(slowest, _LARGEST_GAIN / self.tau, 40 * _POINTS)])
        best = Loss(value=math.inf, frequency=0.0, eigenvalue=complex(math.inf, 0.0))
        for omegas in (up, -up) if outlier.imag else (up,):
            for omega in _crossings(along, omegas):
                gain = float(along(omega).real) / abs(outlier)
                if gain < best.value:
                    best = Loss(value=gain, frequency=omega / (2 * np.pi), eigenvalue=gain * outlier)
        return best

    @property
    def _filters(self) -> list[float]:
        """Time constants of all low-pass filters: delays spread exponentially are a shortest delay and one more."""
        extra = self.delay.mean if isinstance(self.delay, ExponentialDelay) else 0.0
        return [self.tau, *(tau for tau in (self.tau_s, extra) if tau > 0.0)]

    @property
    def _kernel(self) -> Delay:
        """The delays without what `_filters` has of them: their transform exists everywhere."""
        return FixedDelay(self.delay.low) if isinstance(self.delay, ExponentialDelay) else self.delay

    def _uncoupled(self, s: Any) -> Any:
        return math.prod(1.0 + s * tau for tau in self._filters)

    def _resolution(self, highest: float) -> int:
        """Points up to a frequency [rad/s] that no turn of the curve falls between."""
        slowest = self.tau + self.tau_s + self.delay.expectation
        return int(min(max(_POINTS, 40 * highest * slowest / (2 * np.pi)), 400_000))

    def _starts(self, eigenvalue: complex) -> ComplexArray:
        """Roots for one delay and no filter, for delay and filter lumped, for no delay; and a grid about them."""
        polynomial = np.poly1d([1.0])
        for tau in self._filters:
            polynomial = polynomial * np.poly1d([tau, 1.0])
        starts = [(polynomial - eigenvalue).roots]
        low = self.delay.expectation
        for lumped in {low, low + self.tau_s} - {0.0}:
            ratio = lumped / self.tau  # W_k(x) = omega(log x + 2πik), which does not overflow
            logs = np.log(eigenvalue * ratio) + ratio + 2j * np.pi * _BRANCHES
            starts.append(-1.0 / self.tau + wrightomega(logs) / lumped)
        known = np.concatenate(starts)
        reach, height = np.ptp(known.real) + 1.0 / self.tau, np.abs(known.imag).max() + 1.0 / self.tau
        across = np.linspace(known.real.max() - reach, known.real.max() + reach, 9)
        up = np.linspace(-height, height, 41)
        starts.append((across[:, None] + 1j * up).ravel())
        found: ComplexArray = np.concatenate(starts).astype(np.complex128)
        return found

    def _newton(self, eigenvalue: complex, s: ComplexArray) -> ComplexArray:
        """Roots that Newton's method reaches."""
        step = 1e-6 / (self.tau + self.tau_s + self.delay.expectation)

        def equation(at: ComplexArray) -> ComplexArray:
            return np.asarray(self._uncoupled(at) - eigenvalue * self._kernel.transform(at), dtype=np.complex128)

        with np.errstate(all="ignore"):
            for _ in range(_NEWTON):
                value = equation(s)
                change = value * 2.0 * step / (equation(s + step) - equation(s - step))
                s = s - change
            scale = 1.0 + np.abs(self._uncoupled(s))
            good = np.isfinite(s) & (np.abs(change) * self.tau < 1e-9) & (np.abs(equation(s)) < 1e-9 * scale)
        found: ComplexArray = s[good]
        return found


def delayed_boundary(delay: Delay | float = 0.0, *, tau: float = 1.0, tau_s: float = 0.0) -> DelayedBoundary:
    """Return the boundary of stability of tau x'(t) = -x(t) + W x(t-d), in the plane of the eigenvalues of W.

    Parameters
    ----------
    delay : float or Delay
        Of every synapse [s], in units of tau if that is 1.
    tau : float
        Time constant of the units [s].
    tau_s : float
        Time constant of a synaptic low-pass filter [s], 0 for none.

    Returns
    -------
    DelayedBoundary

    Raises
    ------
    TypeError, ValueError
        For a negative delay or tau_s, or a tau that is not positive.

    Examples
    --------
    An inhibitory outlier oscillates where cos ωd = -1/λ; a disc about 0 is stable up to radius 1 with any delay.

    >>> boundary = delayed_boundary(1.0)
    >>> loss = boundary.critical_gain(-1.0)
    >>> round(loss.value, 4), round(loss.frequency, 4)
    (2.2618, 0.3229)
    >>> boundary.critical_radius().value
    1.0
    """
    if not is_delay(delay):
        delay = FixedDelay(check_scalar("delay", delay, "s", nonnegative=True))
    assert isinstance(delay, Delay)
    return DelayedBoundary(
        delay=delay,
        tau=check_scalar("tau", tau, "s", positive=True),
        tau_s=check_scalar("tau_s", tau_s, "s", nonnegative=True),
    )


def _turn(function: Callable[[FloatArray], ComplexArray], low: float, high: float) -> tuple[float, float]:
    """Change of phase along an interval, by steps that are halved until none turns far; and what closes the turn."""
    at = np.linspace(low, high, _POINTS)
    values = function(at)
    for _ in range(_FINEST):
        far = np.abs(np.angle(values[1:] / values[:-1])) > 0.7
        if not far.any():
            closing = float(np.angle(values[0] / values[-1]))
            return float(np.angle(values[1:] / values[:-1]).sum()), closing
        middle = 0.5 * (at[1:] + at[:-1])[far]
        places = np.flatnonzero(far) + 1
        at, values = np.insert(at, places, middle), np.insert(values, places, function(middle))
    raise ConvergenceError("a mode lies on the line itself")


def _least(function: Callable[[Any], Any], low: float, high: float, points: int) -> float:
    """Where a function is least: on a grid, then between the neighbours of its least point."""
    from scipy.optimize import minimize_scalar

    grid = np.linspace(low, high, points)
    values = np.where(np.isfinite(found := function(grid)), found, np.inf)
    k = int(values.argmin())
    bounds = (grid[max(k - 1, 0)], grid[min(k + 1, points - 1)])
    answer = minimize_scalar(function, bounds=bounds, method="bounded", options={"xatol": 1e-12 * (high - low)})
    return float(answer.x if answer.fun < values[k] * (1.0 - 1e-12) else grid[k])


def _crossings(function: Callable[[Any], Any], grid: FloatArray) -> list[float]:
    """Where a complex function is real and positive."""
    from scipy.optimize import brentq

    values = function(grid)
    imag = np.where(np.isfinite(values), values.imag, 0.0)
    found = [float(x) for x in grid[(np.abs(imag) <= 1e-14 * np.abs(values)) & (values.real > 0.0)]]
    for k in np.flatnonzero(imag[1:] * imag[:-1] < 0.0):
        if max(values[k].real, values[k + 1].real) > 0.0:
            root = float(
                brentq(lambda x: function(x).imag, grid[k], grid[k + 1], xtol=1e-15 * abs(grid[k + 1]) + 1e-300)
            )
            if function(root).real > 0.0:
                found.append(root)
    return found
