"""The edge of chaos of a network of spiking neurons: the random matrix that its single neurons' rates obey.

About a self-consistent state, neuron i answers to small slow changes of the rates of the others with
delta rate_i = sum_j G_ij delta rate_j, where a synapse of weight J_ij changes mean and variance of the input
(Ostojic 2014, Nat. Neurosci. 17):

    G_ij = tau_m,i (J_ij n_mu,i + J_ij² n_sigma²,i),

n_mu and n_sigma² the derivatives of the neurons' stationary rate. Of K random synapses out of N_j neurons the entries
of G have mean (K/N_j) G_ij and variance (K/N_j)(1 - K/N_j) G_ij². So its spectrum lies within a disc whose squared
radius R² is the largest eigenvalue of [K_ij G_ij²], and at P outliers, the eigenvalues of [K_ij G_ij], which are those
of the populations' own loop gain. In rate dynamics rate' = -rate + G rate the homogeneous state loses its stability
at R = 1.

What this is not: a theory of spiking dynamics. Each neuron is replaced by its stationary rate, so that nothing is said
about the spiking noise that neurons make for each other, and simulation finds no transition at R = 1 (Engelken,
Farkhooi, Hansel, van Vreeswijk & Wolf 2016, F1000Research 5, 2043; ``python -m validation edge`` and docs/edge.rst).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meanfield._compiled import jit
from meanfield._validate import FloatArray, check_choice
from meanfield.fixedpoint import ConvergenceError, FixedPoint, solve
from meanfield.neurons.lif import lif_rate_and_gain
from meanfield.parameters import Family, family

VARIANTS = {
    "mean": "a synapse changes the mean input alone, R² = sum K (tau J n_mu)²",
    "mean+variance": "a synapse changes mean and variance of the input, R² = sum K G²",
    "1-p": "mean and variance, and a pair is connected once at most with probability p, R² = (1-p) sum K G²",
}
DEFAULT = "mean+variance"
_SCAN = 33  # values between the bounds of a critical weight
_PASSES = 1e-6  # of the radius from 1 at a root: not so at a jump from one state to another
_MOST_SQUARINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EffectiveJacobian:
    """The effective coupling of a state's neurons, as an ensemble of random matrices.

    Attributes
    ----------
    state : FixedPoint
    variant : str
        A key of `VARIANTS`.
    coupling : (P, P) array
        G, what a synapse adds to the target's rate for a change of the source's, [target, source], no unit.
    radius : float
        R of the disc that most eigenvalues are in; the edge of chaos is at 1.
    modes : (P,) complex array
        Eigenvalues of [K G], by falling real part: those of the populations' mean rates. With fixed in-degrees they
        are eigenvalues of each matrix G, within the disc too; of Erdős-Rényi graphs only outside it, as `outliers`.
    """

    state: FixedPoint
    variant: str
    coupling: FloatArray
    radius: float
    modes: NDArray[np.complex128]

    @property
    def outliers(self) -> NDArray[np.complex128]:
        """The modes outside the disc."""
        return self.modes[np.abs(self.modes) > self.radius]

    @property
    def abscissa(self) -> float:
        """Largest real part of the spectrum."""
        return float(max(self.radius, self.modes.real.max()))

    @property
    def verdict(self) -> str:
        """What becomes of the state in rate dynamics.

        "inside" the edge of chaos; "beyond" it, the disc reaching over 1; or "rates unstable", where an outlier does
        alone: the populations' mean rates run away, as at a saddle.
        """
        if self.radius >= 1.0:
            return "beyond"
        return "inside" if self.abscissa < 1.0 else "rates unstable"

    @property
    def moments(self) -> dict[str, FloatArray]:
        """Of the Gaussian ensemble whose entries have the same: the arguments of `BlockGaussian`.

        `fractions` (P,) of the neurons, `mean` and `std` (P, P), the number N of neurons times the mean of an entry
        and sqrt(N) times its standard deviation, [target, source].
        """
        network = self.state.network
        sizes = np.array(network.sizes, dtype=float)
        n = sizes.sum()
        probability = network.indegree / sizes
        spread = probability * (1.0 - probability) if self.variant == "1-p" else probability
        return {
            "fractions": sizes / n,
            "mean": n * probability * self.coupling,
            "std": np.sqrt(n * spread) * np.abs(self.coupling),
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; complex numbers as pairs."""
        return {
            "variant": self.variant,
            "radius": self.radius,
            "abscissa": self.abscissa,
            "modes": [[float(mode.real), float(mode.imag)] for mode in self.modes],
            "outliers": [[float(mode.real), float(mode.imag)] for mode in self.outliers],
            "verdict": self.verdict,
        }


def effective_jacobian(fp: FixedPoint, variant: str = DEFAULT) -> EffectiveJacobian:
    """Return the effective coupling of single neurons about a state, as an ensemble of random matrices.

    Parameters
    ----------
    fp : FixedPoint
        Of any number of populations.
    variant : str
        "mean", "mean+variance" or "1-p"; see `VARIANTS`. They agree to first order in J, and none is exact at the
        strong synapses at which the radius passes 1. "1-p" is for networks where no two neurons are connected twice;
        where sources are drawn with replacement, as in `validation.simulate`, the variance has no such factor.

    Returns
    -------
    EffectiveJacobian

    Raises
    ------
    ValueError
        For an unknown variant, more synapses than neurons to come from if it is "1-p", and infinite gains.
    TypeError
        For what is no FixedPoint.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.ostojic2014(weight=0.2e-3))
    >>> [round(effective_jacobian(fp, variant).radius, 3) for variant in VARIANTS]
    [0.803, 0.756, 0.717]
    """
    if not isinstance(fp, FixedPoint):
        raise TypeError(f"fp must be a FixedPoint, as meanfield.solve returns, got {fp!r}")
    check_choice("variant", variant, VARIANTS)
    network = fp.network
    by_mu, by_variance = fp.gains
    if variant == "mean":
        by_variance = np.zeros_like(by_variance)
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    coupling = tau_m[:, None] * (network.weight * by_mu[:, None] + network.weight**2 * by_variance[:, None])
    squares = network.indegree * coupling**2
    if variant == "1-p":
        squares = squares * (1.0 - _probability(fp))
    modes = np.linalg.eigvals(network.indegree * coupling).astype(complex)
    return EffectiveJacobian(
        state=fp,
        variant=variant,
        coupling=coupling,
        radius=math.sqrt(perron_root(squares)),
        modes=modes[np.argsort(-modes.real, kind="stable")],
    )


def _probability(fp: FixedPoint) -> FloatArray:
    network = fp.network
    probability: FloatArray = network.indegree / np.array(network.sizes, dtype=float)
    if (probability > 1.0).any():
        i, j = (int(k) for k in np.argwhere(probability > 1.0)[0])
        raise ValueError(
            f'variant "1-p" needs in-degrees of at most the number of neurons, {network.names[i]} gets '
            f"{network.indegree[i, j]:g} synapses from the {network.sizes[j]} neurons of {network.names[j]}"
        )
    return probability


def critical_weight(
    model: Any,
    parameter: str = "weight",
    *,
    bounds: tuple[float, float],
    variant: str = DEFAULT,
    **fixed: Any,
) -> float:
    """Return the smallest value of a parameter at which the radius passes 1.

    Parameters
    ----------
    model : callable, Network, str or path-like
        As `meanfield.parameters.family` takes it.
    parameter : str
        Of the model, by default the weight J; "weight_scale" of a network scales all its recurrent weights.
    bounds : (float, float)
        Where to look, both positive, in 32 geometric steps. Two passes within a step are missed, and so is a jump
        of the radius, where the state that `solve` finds vanishes.
    variant : str
        As of `effective_jacobian`.
    **fixed
        Other parameters.

    Returns
    -------
    float
        In SI units, to a relative 1e-12.

    Raises
    ------
    ValueError
        If the radius does not pass 1 between the bounds, saying what it is; for unknown parameters and bounds that are
        not positive and ascending.
    ConvergenceError
        If no value has a self-consistent state.

    Examples
    --------
    >>> [round(1e3 * critical_weight("ostojic2014", bounds=(1e-4, 1e-3), variant=v), 2) for v in VARIANTS]
    [0.39, 0.49, 0.59]
    """
    check_choice("variant", variant, VARIANTS)
    members = family(model)
    low, high = members.check_axis(parameter, list(bounds))
    if not 0.0 < low < high:
        raise ValueError(f"bounds of {parameter} must be positive and ascending, got ({low:g}, {high:g})")
    return first_pass(states_of(members, parameter, fixed), parameter, (low, high), variant)


def states_of(members: Family, parameter: str, fixed: Mapping[str, Any]) -> Callable[[float], FixedPoint | None]:
    """The state for each value of a parameter, computed once; None where there is none."""

    @cache
    def state(value: float) -> FixedPoint | None:
        try:
            return solve(members(**{**fixed, parameter: value}))
        except ConvergenceError:
            return None

    return state


def first_pass(
    state: Callable[[float], FixedPoint | None], parameter: str, bounds: tuple[float, float], variant: str
) -> float:
    """`critical_weight` of the states that are given."""
    from scipy.optimize import brentq

    def excess(value: float) -> float:
        found = state(value)
        return math.nan if found is None else effective_jacobian(found, variant).radius - 1.0

    low, high = bounds

    values = np.geomspace(low, high, _SCAN).tolist()
    found = [excess(values[0])]
    for before, value in itertools.pairwise(values):
        found.append(excess(value))
        if found[-2] * found[-1] <= 0.0:  # false where there is no state
            root = float(brentq(excess, before, value, xtol=1e-300, rtol=1e-12))
            if abs(excess(root)) < _PASSES:
                return root
    known = [x + 1.0 for x in found if not math.isnan(x)]
    if not known:
        raise ConvergenceError(f"no self-consistent state was found for {parameter} from {low:g} to {high:g}")
    without = f", and no state was found for {len(found) - len(known)} of {len(found)} values"
    raise ValueError(
        f"the radius does not pass 1 for {parameter} from {low:g} to {high:g}: it is from {min(known):.4g} to "
        f"{max(known):.4g}{without if len(known) < len(found) else ''}"
    )


@jit
def effective_radius(packed: Any, neurons: Any, mu: Any, sigma: Any) -> Any:
    """Radius of a state of LIF neurons, "mean+variance"; NaN where a gain is infinite.

    `packed` as `fixedpoint.transfer.pack` packs it, `neurons` as `response.pack_neurons`.
    """
    n = mu.size
    squares = np.empty((n, n))
    for i in range(n):
        p = neurons[i]
        _, by_mu, by_variance = lif_rate_and_gain(mu[i], sigma[i], p[0], p[1], p[2], p[3], p[4])
        if not (by_mu < math.inf):
            return math.nan
        for j in range(n):
            mean, variance = packed[i, j], packed[i, n + j]  # tau K J and tau K J²
            answer = by_mu + variance / mean * by_variance if mean != 0.0 else 0.0
            squares[i, j] = p[0] * variance * answer * answer
    return math.sqrt(perron_root(squares))


@jit
def perron_root(matrix: Any) -> Any:
    """Spectral radius of a matrix without negative entries, by squaring it: |A^m|^(1/m), m = 2^k."""
    n = matrix.shape[0]
    if n == 1:
        return matrix[0, 0]
    if n == 2:
        half = 0.5 * (matrix[0, 0] - matrix[1, 1])
        middle = 0.5 * (matrix[0, 0] + matrix[1, 1])
        return middle + math.sqrt(half * half + matrix[0, 1] * matrix[1, 0])
    power = matrix.copy()
    logarithm = 0.0
    weight = 1.0
    previous = np.empty((n, n))
    for _ in range(_MOST_SQUARINGS):
        scale = power.max()
        if scale == 0.0:
            return 0.0
        logarithm += weight * math.log(scale)
        power /= scale
        if weight < 1.0 and np.abs(power - previous).max() <= 1e-15:  # every further squaring would scale by as much
            return math.exp(logarithm + weight * math.log(scale))
        previous[:] = power
        power = previous @ previous
        weight *= 0.5
    return math.exp(logarithm)
