"""A given matrix plus a random one between two given ones, W = M + L J R (Ahmadian, Fumarola & Miller 2015)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, as_complex, check, check_choice, check_rng, check_scalar, check_whole
from meanfield.randommatrix.base import SIDES, ComplexArray, Ensemble, Outlier, by_falling_real_part
from meanfield.randommatrix.memory import require_memory
from meanfield.randommatrix.profile import plain

_RAYS, _STEPS = 33, 64  # on which the edge of the support is looked for
_ANGLES = 64
_CHUNK = 2**24  # bytes of matrices at a time


@dataclass(frozen=True, eq=False)
class MLJR(Ensemble):
    """W = mean + left J right, the entries of J independent: what randomness makes of a given, non-normal structure.

    Parameters
    ----------
    mean : (N, N) array or float
        M; a number stands for so many times the identity.
    left, right : float, (N,) or (N, N) array
        L and R, numbers and rows of numbers on the diagonal; they must be invertible.
    std : float
        sqrt(N) times the standard deviation of an entry of J.
    repeated : bool
        Whether the matrices are one of many equal blocks on the diagonal of M, L and R, so that each of the N
        eigenvalues of `mean` is that of many; otherwise an isolated one makes an outlier.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, L or R that cannot be inverted, std that is not positive.

    Notes
    -----
    With M_z = L^{-1}(z - M)R^{-1}/std, of singular values s_i, eigenvalues lie where <1/s²> >= 1. The
    density is (1/pi) d/dz* of (1/N) tr (RL)^{-1} M_z†(M_z M_z† + g²)^{-1}, where <1/(s² + g²)> = 1; the derivative is
    taken in closed form here. It takes a singular value decomposition a point, 9 ms for N = 100, and `radius` some
    thousand solutions of linear equations, 2 s. The law is that of many repetitions; one matrix of N neurons follows it
    up to 1/N. Parts of the support narrower than 1/64 of the norms may be missed by `radius` and `abscissa`.

    Examples
    --------
    Pairs of neurons, the first driven by the second with weight 2: R² = (1 + sqrt(1 + 2 w²))/2.

    >>> pairs = MLJR([[0.0, 2.0], [0.0, 0.0]], repeated=True)
    >>> round(pairs.radius, 6), round(pairs.density(0.5), 6)
    (1.414214, 0.108066)
    """

    mean: FloatArray
    left: FloatArray | float = 1.0
    right: FloatArray | float = 1.0
    std: float = 1.0
    repeated: bool = False

    def __post_init__(self) -> None:
        given = {name: check(name, getattr(self, name), "1") for name in ("mean", "left", "right")}
        size = max((array.shape[0] for array in given.values() if array.ndim), default=1)
        if given["mean"].ndim == 1:
            raise ValueError(f"mean must be a square matrix or a number, got shape {given['mean'].shape}")
        for name, array in given.items():
            if array.ndim < 2:
                words = "(one a neuron)"
                array = np.diag(check(name, array, "1", shape=(size,), shape_words=words))
            if array.shape != (size, size):
                raise ValueError(f"{name} must be a square matrix of {size} neurons, got shape {array.shape}")
            if name != "mean" and not np.linalg.cond(array) < 1e12:
                raise ValueError(f"{name} must be invertible: slopes of 0 are a limit, for which give small ones")
            object.__setattr__(self, name, array)
        object.__setattr__(self, "std", check_scalar("std", self.std, "1", positive=True))

    @property
    def size(self) -> int:
        """N of `mean`."""
        return len(self.mean)

    @cached_property
    def modes(self) -> ComplexArray:
        """Eigenvalues of M that are not 0."""
        values = self._eigenvalues
        return by_falling_real_part(values[np.abs(values) > 1e-12 * np.linalg.norm(self.mean)])

    @cached_property
    def radius(self) -> float:
        """Largest |z| in the support, outliers left out."""
        angles = np.linspace(0.0, math.pi, _RAYS)  # M is real: the lower half plane mirrors the upper
        return self._farthest(lambda a: (0.0, np.exp(1j * a)), angles, lambda z: np.abs(z))

    @cached_property
    def bulk_abscissa(self) -> float:
        """Largest real part in the support, outliers left out."""
        heights = np.linspace(0.0, self.radius, _RAYS)
        return self._farthest(lambda y: (1j * y, np.ones_like(y)), heights, lambda z: z.real)

    @cached_property
    def candidates(self) -> tuple[Outlier, ...]:
        """What becomes of each simple eigenvalue of M: outside the support of the others it stays where it is."""
        found = []
        for mode, spread in self._spreads:
            exists = spread < 1.0
            why = f"<1/s²> of the rest is {spread:.6g}, {'below' if exists else 'not below'} 1"
            found.append(Outlier(mode, mode, exists, why))
        return tuple(found)

    def contains(self, z: ArrayLike) -> NDArray[np.bool_]:
        """Whether points are in the support of the spectrum."""
        points = as_complex("z", z, "1")
        return (self._support(points.ravel(), self.left) >= 1.0).reshape(points.shape)

    def density(self, z: ArrayLike) -> Any:
        """Eigenvalues an area over N at complex points `z`.

        g² <..> terms: (1/pi N) [g² tr E P E† Q + |tr E M_z† Q²|²/tr Q²], E = dM_z/dz, Q = (M_z M_z† + g²)^{-1} and P
        likewise of M_z† M_z.
        """

        def at(s: FloatArray, e: NDArray[Any], g2: FloatArray) -> FloatArray:
            q = 1.0 / (s**2 + g2[:, None])
            first = g2 * (q[:, :, None] * np.abs(e) ** 2 * q[:, None, :]).sum(axis=(1, 2))
            inner = (np.einsum("zii->zi", e) * s * q**2).sum(axis=1)
            found: FloatArray = (first + np.abs(inner) ** 2 / (q**2).sum(axis=1)) / (math.pi * self.size)
            return np.where(g2 > 0.0, found, 0.0)

        return plain(self._by_singular_values(z, at).real)

    def cdf(self, r: ArrayLike) -> Any:
        """Share of the eigenvalues with |z| < r: a contour integral of the resolvent's mean trace."""
        r = check("r", r, "1", nonnegative=True)
        angles = (np.arange(_ANGLES) + 0.5) * math.pi / _ANGLES
        z = r[..., None] * np.exp(1j * angles)

        def trace(s: FloatArray, e: NDArray[Any], g2: FloatArray) -> NDArray[Any]:
            found: NDArray[Any] = (np.einsum("zii->zi", e) * s / (s**2 + g2[:, None])).mean(axis=1)
            return found

        return plain(np.clip((z * self._by_singular_values(z, trace)).real.mean(axis=-1), 0.0, 1.0))

    def with_gain(self, slopes: ArrayLike, side: str = "left") -> MLJR:
        """The ensemble of diag(slopes) W or W diag(slopes), a slope for each neuron."""
        slopes = check("slopes", slopes, "1", shape=(self.size,), shape_words="(one a neuron)")
        if check_choice("side", side, SIDES) == "left":
            rows = slopes[:, None]
            return MLJR(rows * self.mean, rows * self.left, self.right, self.std, self.repeated)
        return MLJR(self.mean * slopes, self.left, self.right * slopes, self.std, self.repeated)

    def critical_std(self, gain: float = 1.0) -> float:
        """Factor on the random part at which the support reaches the edge; 0 if M alone is beyond it.

        There <1/s²> is 1 at a point with real part 1/gain: its largest value on that line is the square of 1/factor.
        """
        from scipy.optimize import minimize_scalar

        edge = 1.0 / check_scalar("gain", gain, "1", positive=True)
        if (self._eigenvalues.real >= edge).any():
            return 0.0
        heights = np.linspace(0.0, 2.0 * float(np.linalg.norm(self.mean, 2)) + edge, 4 * _RAYS)

        def factor(left: Any) -> float:
            def largest(y: Any) -> FloatArray:
                return self._support(edge + 1j * np.atleast_1d(y), left)

            coarse = largest(heights)
            best = int(np.argmax(coarse))
            around = (heights[max(best - 1, 0)], heights[min(best + 1, heights.size - 1)])
            fine = minimize_scalar(lambda y: -largest(y)[0], bounds=around, options={"xatol": 1e-8})
            return 1.0 / math.sqrt(max(coarse[best], -fine.fun))

        found = factor(self._without([mode for mode, spread in self._spreads if spread < 1.0]))
        # outliers that the grown disc has taken up count as others do
        return factor(self._without([mode for mode, spread in self._spreads if spread * found**2 < 1.0]))

    def sample(self, n: int, *, rng: Any = None) -> FloatArray:
        """Draw a matrix; n is the size of `mean`, or a multiple of it if that is repeated."""
        n = check_whole("n", n, at_least=1)
        copies, rest = divmod(n, self.size)
        if rest or (copies != 1 and not self.repeated):
            words = "a multiple of the size" if self.repeated else "the size"
            raise ValueError(f"n must be {words} of mean, {self.size}, got {n}")
        require_memory("n", n, 3 * 8 * n * n)
        matrix = check_rng(rng).standard_normal((n, n)) * (self.std / math.sqrt(n))
        matrix = (self.left @ matrix.reshape(copies, self.size, n)).reshape(n, n)
        matrix = (matrix.reshape(n, copies, self.size) @ self.right).reshape(n, n)
        for first in range(0, n, self.size):
            matrix[first : first + self.size, first : first + self.size] += self.mean
        return matrix

    @cached_property
    def _eigenvalues(self) -> ComplexArray:
        return np.linalg.eigvals(self.mean).astype(complex)

    @cached_property
    def _simple(self) -> ComplexArray:
        """Eigenvalues of M that are single, none if M is repeated."""
        values = self._eigenvalues
        if self.repeated or self.size == 1:
            return values[:0]
        gaps = np.abs(values[:, None] - values) + np.diag(np.full(self.size, math.inf))
        return by_falling_real_part(values[gaps.min(axis=1) > 1e-6 * np.linalg.norm(self.mean)])

    @cached_property
    def _spreads(self) -> tuple[tuple[complex, float], ...]:
        """Each simple eigenvalue of M, and <1/s²> of the rest there."""
        return tuple((complex(m), float(self._support(np.array([m]), self._without([m]))[0])) for m in self._simple)

    def _without(self, modes: Any) -> NDArray[Any]:
        """L behind the projection that takes the eigenvectors of these modes out of (z - M)^{-1}."""
        if not len(modes):
            return np.asarray(self.left)
        values, right = np.linalg.eig(self.mean)
        chosen = [int(np.argmin(np.abs(values - mode))) for mode in modes]
        # left vectors one by one: those of the other eigenvalues may be as good as parallel
        dual, left = np.linalg.eig(self.mean.T)
        rows = left[:, [int(np.argmin(np.abs(dual - mode))) for mode in modes]].T
        columns = right[:, chosen]
        found: NDArray[Any] = self.left - columns @ np.linalg.solve(rows @ columns, rows @ self.left)
        return found

    def _support(self, z: NDArray[Any], left: Any) -> FloatArray:
        """<1/s²> at points (Z,), inf at eigenvalues of M."""
        z = self._beside_modes(z)
        found = np.empty(z.size)
        for at in self._chunks(z.size):
            shifted = z[at, None, None] * np.eye(self.size) - self.mean
            resolvent = self.right @ np.linalg.solve(shifted, np.broadcast_to(left, shifted.shape))
            found[at] = self.std**2 * (np.abs(resolvent) ** 2).sum(axis=(1, 2)) / self.size
        return found

    def _by_singular_values(self, z: ArrayLike, law: Callable[..., NDArray[Any]]) -> NDArray[Any]:
        """`law(s, U† E V, g²)` at points of any shape."""
        given = as_complex("z", z, "1")
        if not np.isfinite(given).all():
            raise ValueError("z must be finite")
        points = self._beside_modes(given.ravel())
        inverse_left, inverse_right = np.linalg.inv(self.left) / self.std, np.linalg.inv(self.right)
        derivative = inverse_left @ inverse_right
        found = np.empty(points.size, dtype=complex)
        for at in self._chunks(points.size):
            shifted = points[at, None, None] * np.eye(self.size) - self.mean
            u, s, v = np.linalg.svd(inverse_left @ shifted @ inverse_right)
            e = u.conj().transpose(0, 2, 1) @ derivative @ v.conj().transpose(0, 2, 1)
            found[at] = law(s, e, _regulariser(s))
        return found.reshape(given.shape)

    def _beside_modes(self, z: NDArray[Any]) -> NDArray[Any]:
        """The points, none of them an eigenvalue of M."""
        scale = float(np.abs(self._eigenvalues).max()) + self.std
        near = np.abs(z[:, None] - self._eigenvalues).min(axis=1) < 1e-10 * scale
        return np.where(near, z + 1e-8 * scale, z)

    def _chunks(self, count: int) -> list[slice]:
        step = max(1, _CHUNK // (16 * self.size**2))
        return [slice(first, first + step) for first in range(0, count, step)]

    def _farthest(
        self, ray: Callable[[Any], tuple[Any, Any]], where: FloatArray, height: Callable[[Any], Any]
    ) -> float:
        """Largest height of the support's edge on rays (origin, direction), the best of `where` refined.

        Inwards in steps from where <1/s²> < 1 by the norms; parts of the support narrower than a step may be missed.
        """
        from scipy.optimize import brentq, minimize_scalar

        left = self._without([c.mode for c in self.candidates if c.exists])
        norms = [float(np.linalg.norm(x, 2)) for x in (self.mean, left, self.right)]
        bound = (norms[0] + self.std * norms[1] * norms[2]) * (1.0 + 1e-9)
        step = bound / _STEPS

        def crossing(x: float, start: float) -> float:
            origin, direction = ray(x)

            def depth(t: float) -> float:  # nearly linear in t
                return float(1.0 - self._support(np.atleast_1d(origin + t * direction), left)[0] ** -0.5)

            outer = start
            while depth(outer - step) < 0.0:
                outer -= step
                if outer < -bound:
                    return -math.inf
            if depth(outer) >= 0.0:  # the edge is farther out than at the neighbour
                return crossing(x, outer + step)
            root = brentq(depth, outer - step, outer, xtol=1e-13 * bound, rtol=1e-12)
            return float(height(origin + root * direction))

        origins, directions = ray(where)
        inner = np.full(where.size, -math.inf)
        for t in np.arange(_STEPS - 1, -_STEPS - 1, -1) * step:
            open_ = np.flatnonzero(np.isinf(inner))
            inner[open_[self._support((origins + t * directions)[open_], left) >= 1.0]] = t
            if np.isfinite(inner).all():
                break
        reached = np.flatnonzero(np.isfinite(inner))
        heights = height((origins + inner * directions)[reached])
        likely = reached[heights >= heights.max() - step]
        edges = [crossing(where[k], inner[k] + step) for k in likely]
        best = likely[int(np.argmax(edges))]
        around = (where[max(best - 1, 0)], where[min(best + 1, where.size - 1)])
        start = inner[best] + step
        fine = minimize_scalar(lambda x: -crossing(x, start), bounds=around, options={"xatol": 1e-6})
        return float(max(*edges, -fine.fun))


def _regulariser(s: FloatArray) -> FloatArray:
    """g² >= 0 with <1/(s² + g²)> = 1, for singular values (Z, N); 0 outside the support.

    By Newton's method from below: k of the terms are at least 1/(s_k² + g²), so that g² >= k/N - s_k².
    """
    square = np.sort(s**2, axis=1)
    g2 = np.maximum((np.arange(1, s.shape[1] + 1) / s.shape[1] - square).max(axis=1), 0.0)
    with np.errstate(divide="ignore"):
        inside = (1.0 / square).mean(axis=1) > 1.0
    for _ in range(100):
        terms = 1.0 / (square[inside] + g2[inside, None])
        change = (terms.mean(axis=1) - 1.0) / (terms**2).mean(axis=1)
        g2[inside] += np.maximum(change, 0.0)
        if (change <= 1e-14 * g2[inside]).all():
            break
    return np.where(inside, g2, 0.0)
