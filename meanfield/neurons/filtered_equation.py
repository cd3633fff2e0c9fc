"""The leaky neuron behind filtered noise, for any time constant: an integral equation on its threshold.

The stationary Fokker-Planck equation in (V, x) has an absorbing threshold where V rises and no condition where it
falls. Paths between the boundaries are Gaussian, so that the equation can be brought onto threshold, as with boundary
integrals: let a path that reaches threshold leave a sink there and go on freely. The density P of all paths is then

    P = C p + integral over t > 0 of (G_t from reset - G_t from threshold) J,

p the stationary density of free paths, G_t theirs after a time t, and J(u) the flux of spikes at synaptic current u.
That nothing is above threshold reads P = 0 on its upper side: with w = beta u - theta > 0 the velocity there,

    J(u)/w + integral over t and u' of (G_t(theta, u | theta, u') - G_t(theta, u | reset, u')) J(u') = C p(theta, u),

a Fredholm equation of the second kind in one variable (velocities reached, not potentials). The paths from reset begin
t_ref after the spike, in which u goes on. C = 1 - rate t_ref is the probability not to be refractory, and is also found
below threshold, which adds an equation that holds where p(theta) is too small to fix anything (neurons that fire
regularly); an unknown multiple of a fixed profile takes up the error of discretisation that the two leave.

With weights e^{-st} the same kernels give the intervals' moments and, to a displaced path or a larger covariance, the
linear response. Half-range expansions of this problem, and the shift that it gives for fast synapses: Fourcaud & Brunel
(2002), Neural Comput. 14; Schuecker, Diesmann & Helias (2015), Phys. Rev. E 92.
"""

from __future__ import annotations

import cmath
import math
from typing import Any, NamedTuple

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.neurons.filtered_kernels import Paths, add_density, add_perturbation, contract, fill
from meanfield.neurons.filtered_paths import (
    covariances,
    modulated_covariances,
    polynomials,
    time_nodes,
    weights,
)
from meanfield.neurons.panels import solve_in_place
from meanfield.special.siegert import erfcx

FIRST, LAST = 2e-5, 18.0  # of times, in units of T and of max(1, T)
WIDEST = 6.5  # standard deviations of u
FEWEST, MOST = 20, 120  # nodes in u
MOST_TIMES = 1500
STEP = 0.1  # of the logarithm of times: relative errors of rates some 1e-6
FINEST = 0.015


class Neuron(NamedTuple):
    """A neuron and its input without units: T, threshold, reset, refractory period."""

    ratio: float
    level: float
    reset: float
    t_ref: float


class Equation(NamedTuple):
    """The discretised equation, and the flux that solves it."""

    neuron: Neuron
    excess: FloatArray  # (N,), u less that at which velocity at threshold is 0
    columns: FloatArray  # (N,), weights of the integral over u
    velocity: FloatArray  # (N,)
    shape: FloatArray  # (N,), p at threshold, of which a factor e^height is taken out
    profile: FloatArray  # (N,), what takes up the error
    height: float
    scale: float  # logarithm of the unit of the flux
    below: float  # probability of a free path to be below threshold
    above: float  # to be above, in that unit
    around: Paths
    from_reset: Paths
    flux: FloatArray  # (N,), in the unit e^scale
    by_density: tuple[FloatArray, FloatArray]  # (5, K, N) each
    by_below: tuple[FloatArray, FloatArray]  # (2, K)


@jit
def first_passage(neuron: Any, reach: Any) -> Any:
    """Time from reset to threshold at a constant u = `reach`, which is the least; 0 if it does not get there."""
    ratio, level, reset, _ = neuron
    drive = reach * math.sqrt(0.5 / ratio)
    return math.log1p((level - reset) / (drive - level)) if drive > level else 0.0


@jit
def resolution(neuron: Any) -> Any:
    """Number of nodes in u: enough for the spread that u gains between two spikes."""
    ratio, level, _, t_ref = neuron
    zero = level * math.sqrt(2.0 * ratio)
    low = max(zero, -WIDEST)
    length = max(zero + WIDEST / math.sqrt(1.0 + ratio), WIDEST) - low
    interval = first_passage(neuron, 2.5)
    if interval == 0.0:
        return FEWEST
    spread = math.sqrt(-math.expm1(-2.0 * (interval + t_ref) / ratio))
    return max(FEWEST, 4 * int(0.425 * length / spread + 1.0))


@jit
def gauss_points(n: Any) -> Any:
    """Gauss's points and weights in (0, 1), by Newton's method."""
    points, weight = np.empty(n), np.empty(n)
    for i in range(n):
        x = math.cos(math.pi * (i + 0.75) / (n + 0.5))
        slope = 1.0
        for _ in range(100):
            before, now = 1.0, x
            for k in range(2, n + 1):
                before, now = now, ((2 * k - 1) * x * now - (k - 1) * before) / k
            slope = n * (before - x * now) / (1.0 - x * x)
            change = now / slope
            x -= change
            if abs(change) < 1e-15:
                break
        points[n - 1 - i], weight[n - 1 - i] = 0.5 * (1.0 + x), 1.0 / ((1.0 - x * x) * slope * slope)
    return points, weight


@jit
def _paths(neuron: Any, excess: Any, start: Any, t_ref: Any, times: Any) -> Any:
    n = excess.size
    covariance = covariances(times, neuron.ratio, t_ref)
    coefficients = polynomials(times)
    w = np.empty(times.size, np.complex128)
    weights(times, coefficients, 0.0j, 0.0, w)
    density, below = np.empty((times.size, n, n)), np.empty((times.size, n))
    fill(neuron.ratio, t_ref, neuron.level, start, times, covariance, excess, density, below)
    return Paths(
        neuron.ratio, t_ref, neuron.level, start, times, covariance, coefficients, w.real.copy(), density, below
    )


@jit
def _arrival(neuron: Any, highest: Any, last: Any) -> Any:
    """Time before which no path comes from reset to threshold."""
    ratio, level, reset, _ = neuron
    early, late = 1e-9, last
    for _ in range(50):
        t = math.sqrt(early * late)
        needed = math.sqrt(2.0 * ratio) * (reset - (level - reset) / math.expm1(-t))
        if needed > highest + 2.0:
            early = t
        else:
            late = t
    return max(FIRST * ratio, 0.4 * early)


@jit
def _times_from_reset(neuron: Any, step: Any) -> Any:
    ratio, level, reset, _ = neuron
    last = LAST * max(1.0, ratio)
    highest = max(level * math.sqrt(2.0 * ratio) + WIDEST / math.sqrt(1.0 + ratio), WIDEST)
    return time_nodes(_arrival(neuron, highest, last), last, step, ratio, level - reset)


@jit
def is_resolvable(neuron: Neuron) -> Any:
    """Whether the equation is of a size that is worth it: it grows as noise becomes weak."""
    return resolution(neuron) <= MOST and _times_from_reset(neuron, STEP).size <= MOST_TIMES


@jit
def time_step(neuron: Neuron, nodes: Any) -> Any:
    """Step of the logarithm of times: finer where neurons fire regularly, or spikes follow while u hardly changes.

    Then little tells solutions apart, by which the error of the integrals over time is divided. (Constants measured:
    rates, gains and CV at `STEP` of a neuron that is not regular have errors of 1e-6 to 1e-5, and others beside it.)
    """
    interval = first_passage(neuron, 0.0)
    if interval == 0.0:
        return STEP
    sd = math.sqrt(covariances(np.full(1, interval), neuron.ratio, np.inf)[0, 0])
    cv = sd / (-neuron.level * (interval + neuron.t_ref))  # in weak noise
    step = min(max(min(5.0 * math.sqrt(interval) / nodes, 1.2 * cv), FINEST), STEP)
    while step < STEP and _times_from_reset(neuron, step).size > MOST_TIMES:
        step = min(1.2 * step, STEP)
    return step


@jit
def discretise(neuron: Neuron, nodes: Any, step: Any) -> Equation:
    """Set up and solve the equation on `nodes` Gauss points in u, with times `step` apart in their logarithm."""
    points, point_weights = gauss_points(nodes)
    ratio, level, reset, t_ref = neuron
    beta, narrow = math.sqrt(0.5 / ratio), 1.0 + ratio
    zero = level / beta
    low = max(zero, -WIDEST)
    high = max(zero + WIDEST / math.sqrt(narrow), WIDEST)
    if low == zero:  # the flux begins as w^(3/2)
        excess, columns = (high - low) * points**2, 2.0 * (high - low) * points * point_weights
    else:
        excess, columns = low - zero + (high - low) * points, (high - low) * point_weights
    last = LAST * max(1.0, ratio)
    around = _paths(neuron, excess, level, 0.0, time_nodes(FIRST * ratio, last, step, ratio, 0.0))
    times = _times_from_reset(neuron, step)
    from_reset = _paths(neuron, excess, reset, t_ref, times)
    height = -level * level * narrow
    scale = height if level > 0.0 else 0.0
    shape = np.exp(-0.5 * narrow * excess**2) * (narrow / (math.sqrt(2.0) * math.pi))
    z = level * math.sqrt(narrow)
    above = 0.5 * erfcx(z) if level > 0.0 else 0.5 * math.erfc(z)
    below = 0.5 * math.erfc(-z)
    profile = np.exp(-0.5 * ((excess + zero) ** 2 - max(low, 0.0) ** 2))
    flux = np.zeros(nodes)
    by_density = np.zeros((5, around.t.size, nodes)), np.zeros((5, times.size, nodes))
    by_below = np.zeros((2, around.t.size)), np.zeros((2, times.size))
    equation = Equation(
        neuron,
        excess,
        columns,
        beta * excess,
        shape,
        profile,
        height,
        scale,
        below,
        above,
        around,
        from_reset,
        flux,
        by_density,
        by_below,
    )
    matrix = transform_matrix(equation, 0.0j)
    right = np.zeros(nodes + 1, np.complex128)
    right[:nodes] = shape * math.exp(height - scale)
    right[nodes] = above
    solve_in_place(matrix, right)
    flux[:] = right[:nodes].real
    return equation


@jit
def transform_matrix(equation: Equation, s: Any) -> Any:
    """The equation's matrix (N + 1, N + 1) for fluxes that vary as e^{st}; its last column takes up errors."""
    n = equation.excess.size
    t_ref = equation.neuron.t_ref
    matrix = np.zeros((n + 1, n + 1), np.complex128)
    stationary = equation.shape * math.exp(equation.height)
    add_density(equation.around, s, 1.0, equation.columns, stationary, equation.below, matrix)
    add_density(equation.from_reset, s, -1.0, equation.columns, stationary, equation.below, matrix)
    z = s * t_ref
    refractory = t_ref if abs(z) < 1e-12 else (1.0 - cmath.exp(-z)) / s
    above = equation.above * math.exp(equation.scale)
    for i in range(n):
        for j in range(n):
            matrix[i, j] += refractory * stationary[i] * equation.columns[j]
        matrix[i, i] += 1.0 / equation.velocity[i]
        matrix[i, n] = equation.profile[i]
        matrix[n, i] += refractory * above * equation.columns[i]
    return matrix


@jit
def scaled_rate(equation: Equation) -> Any:
    """Rate in units of e^scale."""
    return np.dot(equation.flux, equation.columns)


@jit
def prepare(equation: Equation) -> None:
    """Sum the kernels' derivatives over the flux, for `response`."""
    starts = equation.flux * equation.columns
    contract(equation.around, equation.excess, starts, equation.by_density[0], equation.by_below[0])
    contract(equation.from_reset, equation.excess, starts, equation.by_density[1], equation.by_below[1])


@jit
def response(equation: Equation, s: Any) -> Any:
    """Answers, in units of e^scale, to e^{st} on mu [sigma] through the filter, and on sigma² [sigma²]."""
    n = equation.excess.size
    neuron = equation.neuron
    ratio, narrow = neuron.ratio, 1.0 + neuron.ratio
    beta = math.sqrt(0.5 / ratio)
    level = neuron.level
    variance, covariance = 0.5 / narrow, beta * ratio / narrow
    determinant = variance / narrow
    i11, i12, i22 = 1.0 / determinant, -covariance / determinant, variance / determinant
    m = 1.0 / (1.0 + s * ratio)
    h = m / (1.0 + s)
    _, still, _ = modulated_covariances(1.0, s, ratio, 0.0)
    free = np.zeros((2, n + 1), np.complex128)  # changes of p and of `below`
    for i in range(n):
        u = level / beta + equation.excess[i]
        a_v, a_u = i11 * level + i12 * u, i12 * level + i22 * u
        p = equation.shape[i]
        free[0, i] = p * (h * a_v + m / beta * a_u)
        free[1, i] = (
            0.5 * p * (still[0] * (a_v * a_v - i11) + 2.0 * still[1] * (a_v * a_u - i12) + still[2] * (a_u * a_u - i22))
        )
    normal = math.sqrt(narrow / math.pi)
    free[0, n] = -h * normal
    free[1, n] = -0.5 * still[0] * level / variance * normal
    rate = scaled_rate(equation)
    true = math.exp(equation.height)
    right = free * (math.exp(equation.height - equation.scale) - true * neuron.t_ref * rate)
    limit = free * (true * rate)
    add_perturbation(equation.from_reset, s, 1.0, equation.by_density[1], equation.by_below[1], limit, right)
    add_perturbation(equation.around, s, -1.0, equation.by_density[0], equation.by_below[0], limit, right)
    right[:, n] *= -1.0
    answers = np.zeros(2, np.complex128)
    matrix = transform_matrix(equation, s)
    for k in range(2):
        flux = right[k].copy()
        solve_in_place(matrix.copy(), flux)
        for i in range(n):
            answers[k] += flux[i] * equation.columns[i]
    return answers


@jit
def squared_variation(equation: Equation) -> Any:
    """CV² of single intervals, from the moments of the first passage that begins as a stationary spike leaves it."""
    n = equation.excess.size
    t_ref = equation.neuron.t_ref
    rate = scaled_rate(equation)
    unit = math.exp(equation.scale)
    mean = 1.0 / rate - t_ref * unit
    stationary = equation.shape * math.exp(equation.height)
    absorbed = np.zeros((n + 1, n + 1), np.complex128)
    add_density(equation.around, 0.0j, 1.0, equation.columns, stationary, equation.below, absorbed)
    matrix = np.zeros((n + 2, n + 2))
    right = np.zeros(n + 2)
    for i in range(n):
        for j in range(n):
            matrix[i, j] = absorbed[i, j].real
        matrix[i, i] += 1.0 / equation.velocity[i]
        matrix[i, n] = -equation.shape[i] * math.exp(equation.height - equation.scale)
        matrix[i, n + 1] = equation.profile[i]
        matrix[n, i] = equation.columns[i]
        matrix[n + 1, i] = -absorbed[n, i].real
    matrix[n + 1, n] = equation.above
    starts = equation.flux * equation.columns / rate
    for paths, sign in ((equation.around, 1.0), (equation.from_reset, -1.0)):
        total = 0.5 * paths.t[0] ** 2
        early = total if paths.start < paths.level else 0.0
        for k in range(paths.t.size):
            w = paths.weight[k] * paths.t[k]
            total += w
            for j in range(n):
                for i in range(n):
                    right[i] += sign * unit * w * paths.density[k, i, j] * starts[j]
                right[n + 1] += sign * unit * w * paths.below[k, j] * starts[j]
        mass = np.sum(starts)
        for i in range(n):
            right[i] -= sign * unit * total * mass * stationary[i]
        right[n + 1] += sign * unit * mass * (early - total * equation.below)
    right[n] = -mean
    solve_in_place(matrix, right)
    return (-2.0 * right[n] - mean * mean) * rate * rate


@jit
def spectrum(equation: Equation, s: Any) -> Any:
    """Power spectrum of the spikes at s = i omega, not 0, in units of e^scale: from the rate after a spike."""
    n = equation.excess.size
    rate = scaled_rate(equation)
    stationary = equation.shape * math.exp(equation.height)
    again = np.zeros((n + 1, n + 1), np.complex128)
    add_density(equation.from_reset, s, 1.0, equation.columns, stationary, equation.below, again)
    late = cmath.exp(-s * equation.neuron.t_ref) / s
    right = np.zeros(n + 1, np.complex128)
    for i in range(n + 1):
        for j in range(n):
            right[i] += again[i, j] * equation.flux[j] / rate
        right[i] += late * (stationary[i] if i < n else equation.above * math.exp(equation.scale))
    solve_in_place(transform_matrix(equation, s), right)
    after = 0.0j
    for i in range(n):
        after += right[i] * equation.columns[i]
    return rate * (1.0 + 2.0 * after.real)
