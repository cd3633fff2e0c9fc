"""Several populations with gains of their own (Aljadeff, Stern & Sharpee 2015).

c_a'' = c_a - Σ_b S_ab <φφ>_b and u_a = I_a + Σ_b M_ab <φ>_b, where S_ab = α_b g_ab² and M_ab = α_b m_ab; with fixed
in-degrees <φφ>_b - <φ>_b² in place of <φφ>_b. There is no potential; the equations are solved by collocation along the
orbit of one population, from which those of the others are followed continuously.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.polynomial.legendre import legval, legvander
from scipy.linalg import eigvals
from scipy.optimize import brentq

from meanfield._validate import FloatArray, as_si, check
from meanfield.dmft.gaussian import kernel, moments
from meanfield.dmft.nonlinearities import Nonlinearity, nonlinearity
from meanfield.dmft.orbit import NODES, Orbit, _differentiation, _lobatto, orbit
from meanfield.dmft.potential import Population, Potential, chaotic_or_driven_variance, largest_static_variance

_STEP = 1e-6  # relative, of finite differences
_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What populations receive.

    Attributes
    ----------
    fractions : (P,) array
        α_b.
    spread, mean : (P, P) array
        S and M, [target, source].
    bias, noise : (P,) array
    phi : Nonlinearity
    fixed_indegree : bool
        Whether the rows of J have equal sums over each population.
    """

    fractions: FloatArray
    spread: FloatArray
    mean: FloatArray
    bias: FloatArray
    noise: FloatArray
    phi: Nonlinearity
    fixed_indegree: bool = False

    @property
    def gains(self) -> FloatArray:
        """g_ab."""
        return np.asarray(np.sqrt(self.spread / self.fractions))

    @property
    def means(self) -> FloatArray:
        """m_ab."""
        return np.asarray(self.mean / self.fractions)

    @property
    def count(self) -> int:
        """Number of populations."""
        return int(self.bias.size)

    def towards(self, other: Blocks, part: float) -> Blocks:
        """The blocks this far on the way to another set."""

        def mixed(a: FloatArray, b: FloatArray) -> FloatArray:
            return (1.0 - part) * a + part * b

        radii = [np.abs(eigvals(matrix)).max() for matrix in (self.spread, other.spread)]
        spread = mixed(self.spread, other.spread)  # of the radius between theirs: else chaos might end on the way
        return replace(
            self,
            spread=spread * (((1.0 - part) * radii[0] + part * radii[1]) / np.abs(eigvals(spread)).max()),
            mean=mixed(self.mean, other.mean),
            bias=mixed(self.bias, other.bias),
            noise=mixed(self.noise, other.noise),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationsSolution:
    """Stationary statistics, an entry for each population; see `Solution`.

    Attributes
    ----------
    blocks : Blocks
        What was solved.
    mean_input, rate, c0, c_inf : ndarray
        (P,).
    local_gain : float
        Largest eigenvalue of S_ab <φ'²>_b.
    lyapunov, zero_mode : float
        Exponent of the whole network, and the energy found for the mode c'(τ), which is exactly 0.
    """

    blocks: Blocks
    mean_input: FloatArray
    rate: FloatArray
    c0: FloatArray
    c_inf: FloatArray
    local_gain: float
    lyapunov: float
    zero_mode: float
    _path: Orbit | None = field(default=None, repr=False, compare=False)
    _shapes: FloatArray | None = field(default=None, repr=False, compare=False)

    @property
    def is_chaotic(self) -> bool:
        """Whether the exponent is positive."""
        return self.lyapunov > 0.0

    @property
    def half_width(self) -> FloatArray:
        """Lag at which each c_a is halfway between c0 and c_inf, (P,); infinite for a static state."""
        found = np.full(self.c0.size, math.inf)
        if self._path is None:
            return found
        for a, half in enumerate(0.5 * (self.c0 + self.c_inf)):

            def above(lag: float, a: int = a, half: float = half) -> float:
                return float(self.autocovariance(lag)[a] - half)

            found[a] = brentq(above, 0.0, float(self._path.time[-1]), xtol=1e-12)
        return found

    def autocovariance(self, lags: Any) -> FloatArray:
        """c_a(τ), an array of P rows of the shape of `lags`."""
        array = np.abs(as_si("lags", lags, "1"))
        if not np.isfinite(array).all():
            raise ValueError("lags must be finite")
        if self._path is None or self._shapes is None:
            return np.broadcast_to(self.c0.reshape(-1, *[1] * array.ndim), (self.c0.size, *array.shape)).copy()
        x = 2.0 * self._path.coordinate(array) / self._path.s[-1] - 1.0
        found: FloatArray = np.asarray(legval(x, self._shapes.T))
        return found


def solve_populations(
    gains: Any,
    fractions: Any,
    phi: Any = "tanh",
    *,
    means: Any = 0.0,
    bias: Any = 0.0,
    noise: Any = 0.0,
    fixed_indegree: bool = False,
) -> PopulationsSolution:
    """Solve for populations: the entries of J from b to a have variance g_ab²/N and mean m_ab/N.

    Parameters
    ----------
    gains, means : array_like
        g_ab and m_ab, (P, P), [target, source].
    fractions : array_like
        α_b, parts of the N neurons, (P,); their sum is 1.
    phi : as of `meanfield.dmft.solve`
    bias, noise : float or array_like
        I_a and σ_a, (P,).
    fixed_indegree : bool
        Each row of J has the same sum over each population, as of networks with fixed in-degrees.

    Raises
    ------
    ValueError, TypeError
        For bad arguments; if activity diverges, or the populations cannot be followed from one that is like them all.

    Examples
    --------
    >>> found = solve_populations([[1.0, 2.0], [0.5, 1.5]], [0.5, 0.5])
    >>> bool(found.is_chaotic), found.c0.shape
    (True, (2,))
    """
    alpha = check("fractions", fractions, "1", positive=True)
    if alpha.ndim != 1 or abs(alpha.sum() - 1.0) > 1e-9:
        raise ValueError(f"fractions must be parts of the neurons whose sum is 1, got {fractions!r}")
    shape = (alpha.size, alpha.size)
    g = check("gains", gains, "1", nonnegative=True, shape=shape, shape_words="[target, source]")
    goal = Blocks(
        fractions=alpha,
        spread=alpha * g**2,
        mean=alpha * check("means", means, "1", shape=shape, shape_words="[target, source]"),
        bias=check("bias", bias, "1", shape=(alpha.size,)),
        noise=check("noise", noise, "1", nonnegative=True, shape=(alpha.size,)),
        phi=nonlinearity(phi),
        fixed_indegree=bool(fixed_indegree),
    )
    return _followed(goal)


def _followed(goal: Blocks) -> PopulationsSolution:
    """Follow the state from one population, whose gain and input are those of the leading direction."""
    leading = _perron(goal.spread)
    if goal.phi.value(np.zeros(1))[0] != 0.0 or goal.mean.any() or goal.bias.any():
        leading = np.full(goal.count, 1.0 / goal.count)
    scale = math.sqrt(max(np.abs(eigvals(goal.spread)).max(), 0.0))
    one = Population(
        g=scale,
        phi=goal.phi,
        noise=float((leading @ goal.noise**2) ** 0.5),
        bias=float(leading @ goal.bias),
        mean_coupling=float(leading @ goal.mean.sum(axis=1)),
        fixed_indegree=goal.fixed_indegree,
    )
    c0 = chaotic_or_driven_variance(one, largest_static_variance(one))
    if c0 is None:
        return _static(goal, one)
    potential = Potential.at(one, c0)
    path = orbit(potential, one.noise, NODES)
    p = goal.count
    start = replace(
        goal,
        spread=np.tile(goal.spread.mean(axis=0) / goal.spread.mean(axis=0).sum() * scale**2, (p, 1)),
        mean=np.tile(np.full(p, one.mean_coupling / p), (p, 1)),
        bias=np.full(p, one.bias),
        noise=np.full(p, one.noise),
    )
    state = np.concatenate([np.tile(path.c, p), np.full(p, potential.mean_input)])
    done, stride = 0.0, 0.25
    while done < 1.0:
        part = min(1.0, done + stride)
        found = _newton(start.towards(goal, part), path, state)
        if found is None:
            stride /= 2.0
            if stride < 1e-3:
                raise ValueError(f"the populations could not be followed beyond {done:.3g} of the way from equal ones")
        else:
            state, done, stride = found, part, 1.5 * stride
    return _solution(goal, path, state)


def _perron(matrix: FloatArray) -> FloatArray:
    """Leading left eigenvector of a matrix without negative entries, of sum 1."""
    values, vectors = np.linalg.eig(matrix.T)
    vector = np.abs(vectors[:, int(np.argmax(values.real))].real)
    weights: FloatArray = vector / vector.sum()
    return weights


def _static(goal: Blocks, one: Population) -> PopulationsSolution:
    """The state that does not move, by iteration from that of one population."""
    p = goal.count
    variance = np.full(p, largest_static_variance(one))
    u = np.full(p, one.mean_input(float(variance[0])))
    for _ in range(10_000):
        found = np.array([moments(goal.phi, float(m), float(v)) for m, v in zip(u, variance, strict=True)])
        squares = found[:, 1] - goal.fixed_indegree * found[:, 0] ** 2
        new_u, new_variance = goal.bias + goal.mean @ found[:, 0], goal.spread @ squares
        change = np.abs(new_u - u).max() + np.abs(new_variance - variance).max()
        u, variance = 0.5 * (u + new_u), 0.5 * (variance + new_variance)
        if change < 1e-13 * (1.0 + np.abs(u).max() + variance.max()):
            break
    else:
        raise ValueError("the static state of the populations was not found by iteration")
    gain = float(np.abs(eigvals(goal.spread * found[:, 2])).max())
    if gain > 1.0 + 1e-9:
        raise ValueError("the populations could not be followed: equal ones are static, but they are not")
    return PopulationsSolution(
        blocks=goal,
        mean_input=u,
        rate=found[:, 0],
        c0=variance,
        c_inf=variance,
        local_gain=gain,
        lyapunov=math.sqrt(gain) - 1.0,
        zero_mode=0.0,
    )


def _newton(blocks: Blocks, path: Orbit, state: FloatArray) -> FloatArray | None:
    """Newton's method; None if it does not converge, or ends where nothing moves."""
    p, n = blocks.count, path.s.size
    for _ in range(12):
        try:
            residual, jacobian = _equations(blocks, path, state)
        except ValueError:  # a variance that is not positive
            return None
        size = float(np.abs(residual).max())
        if not np.isfinite(size):
            return None
        change = np.linalg.solve(jacobian, residual)
        state = state - change
        if (state[: p * n : n] <= 0.0).any():
            return None
        if np.abs(change).max() < _TOLERANCE * np.abs(state).max():
            c = state[: p * n].reshape(p, n)
            return state if (c[:, 0] - c[:, -1] > 1e-6 * c[:, 0]).any() else None
    return None


def _equations(blocks: Blocks, path: Orbit, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals at nodes and of the means, and their derivatives by c at the nodes and by u."""
    p, n = blocks.count, path.s.size
    c, u = state[: p * n].reshape(p, n), state[p * n :]
    d = _differentiation(n) / (0.5 * path.s[-1]) / path.pace[:, None]
    second = d @ d
    second[0], second[-1] = d[0], 0.0  # c' at lag zero, and rest at the end
    inner = np.ones(n)
    inner[0] = 0.0
    residual, jacobian = np.zeros(p * n + p), np.zeros((p * n + p, p * n + p))
    for a in range(p):
        rows = slice(a * n, (a + 1) * n)
        residual[rows] = second @ c[a] - inner * c[a]
        residual[a * n] += blocks.noise[a] ** 2
        jacobian[rows, rows] = second - np.diag(inner)
    residual[p * n :] = u - blocks.bias
    jacobian[p * n :, p * n :] = np.eye(p)
    for b in range(p):
        value, slope, by_c0, by_u, rate = _responses(blocks.phi, float(u[b]), c[b])
        if blocks.fixed_indegree:  # covariances in place of products
            value, by_c0, by_u = (x - y for x, y in zip((value, by_c0, by_u), _squared(rate), strict=True))
        for a in range(p):
            rows, s = slice(a * n, (a + 1) * n), blocks.spread[a, b]
            residual[rows] += s * inner * value
            jacobian[rows, b * n : (b + 1) * n] += s * np.diag(inner * slope)
            jacobian[rows, b * n] += s * inner * by_c0
            jacobian[rows, p * n + b] += s * inner * by_u
            residual[p * n + a] -= blocks.mean[a, b] * rate[0]
            jacobian[p * n + a, b * n] -= blocks.mean[a, b] * rate[1]
            jacobian[p * n + a, p * n + b] -= blocks.mean[a, b] * rate[2]
    return residual, jacobian


def _responses(
    phi: Nonlinearity, u: float, c: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, tuple[float, float, float]]:
    """<φφ> along c with its derivatives by c, by c0 at fixed c, and by u; and <φ> with those by c0 and u."""
    c0 = float(c[0])
    found = kernel(phi, u, c0)
    dc, du = _STEP * c0, _STEP * math.sqrt(c0)
    inside = np.minimum(c, c0)
    wider, narrower = kernel(phi, u, c0 + dc), kernel(phi, u, c0 - dc)
    right, left = kernel(phi, u + du, c0), kernel(phi, u - du, c0)
    by_c0 = (wider.value(inside) - narrower.value(np.minimum(inside, c0 - dc))) / (2 * dc)
    by_u = (right.value(inside) - left.value(inside)) / (2 * du)
    rate = (found.mean, (wider.mean - narrower.mean) / (2 * dc), (right.mean - left.mean) / (2 * du))
    return found.value(inside), found.slope(inside), by_c0, by_u, rate


def _squared(rate: tuple[float, float, float]) -> tuple[float, float, float]:
    """<φ>² and its derivatives, from those of <φ>."""
    mean, by_c0, by_u = rate
    return mean**2, 2.0 * mean * by_c0, 2.0 * mean * by_u


def _solution(blocks: Blocks, path: Orbit, state: FloatArray) -> PopulationsSolution:
    p, n = blocks.count, path.s.size
    c, u = state[: p * n].reshape(p, n), state[p * n :]
    kernels = [kernel(blocks.phi, float(u[a]), float(c[a, 0])) for a in range(p)]
    slopes = np.array([k.slope(np.minimum(row, row[0])) for k, row in zip(kernels, c, strict=True)])
    d = _differentiation(n) / (0.5 * path.s[-1]) / path.pace[:, None]
    squares = [float(k.value(row[:1])[0]) for k, row in zip(kernels, c, strict=True)]
    squares = [square - blocks.fixed_indegree * k.mean**2 for square, k in zip(squares, kernels, strict=True)]
    forces = c[:, 0] - blocks.spread @ squares
    moving = blocks.noise.any()
    robin = forces / (c @ d[0]) if moving else np.zeros(p)
    energy = _ground(blocks, path, slopes, np.zeros(p), odd=False)
    shapes = np.asarray(np.linalg.solve(legvander(_lobatto(n)[0], n - 1), c.T).T, dtype=np.float64)
    return PopulationsSolution(
        blocks=blocks,
        mean_input=u,
        rate=np.array([k.mean for k in kernels]),
        c0=c[:, 0].copy(),
        c_inf=c[:, -1].copy(),
        local_gain=float(np.abs(eigvals(blocks.spread * slopes[:, 0])).max()),
        lyapunov=math.sqrt(1.0 - energy) - 1.0,
        zero_mode=_ground(blocks, path, slopes, robin, odd=not moving),
        _path=path,
        _shapes=shapes,
    )


def _ground(blocks: Blocks, path: Orbit, slopes: FloatArray, robin: FloatArray, *, odd: bool) -> float:
    """Least eigenvalue of -∂² + 1 - S <φ'φ'>, a matrix over populations."""
    p, n = blocks.count, path.s.size
    half = 0.5 * float(path.s[-1])
    _, weights = _lobatto(n)
    d = _differentiation(n) / half
    stiffness = d.T @ ((half * weights / path.pace)[:, None] * d) / (half * weights * path.pace)[:, None]
    operator = np.zeros((p, n, p, n))
    for a in range(p):
        operator[a, :, a, :] = stiffness + np.eye(n)
        operator[a, 0, a, 0] += robin[a] / (half * weights[0] * path.pace[0])
        for b in range(p):
            operator[a, :, b, :] -= blocks.spread[a, b] * np.diag(slopes[b])
    first = 1 if odd else 0
    kept = operator[:, first:, :, first:].reshape(p * (n - first), -1)
    return float(eigvals(kept).real.min())
