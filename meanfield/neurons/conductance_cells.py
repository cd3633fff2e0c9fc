"""Densities that V carries along, solved on cells of V by polynomials (a discontinuous Galerkin method).

For each k of K values, the density P_k(V) moves with the velocity a_k - b_k V, and from value to value by a generator:

    s P_k + d/dV [(a_k - b_k V) P_k] - (P L)_k = source,

with nothing flowing in through the ends. In a cell of width h, P_k = sum_l q_kl P_l(x)/h with Legendre's polynomials
P_l, x from -1 to 1, tested with the same; what crosses a face is the density upwind of it. So mass is kept to rounding,
and what flows out is right to a high order in h (fluxes converge twice as fast as densities). Only masses upwind of a
face pass it, K of them: from the lowest cell to the highest one, each cell is eliminated with the K from above as
unknowns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._compiled import on_all_cores
from meanfield._validate import FloatArray

DEGREE = 2  # of the polynomials
_L = DEGREE + 1
SIGNS = (-1.0) ** np.arange(_L)  # P_l(-1); P_l(1) = 1
MASS = 1.0 / (2.0 * np.arange(_L) + 1.0)  # half the integral of P_l²


def _derivatives() -> tuple[FloatArray, FloatArray]:
    """Integrals of P_i' P_l and of x P_i' P_l."""
    legendre = np.polynomial.legendre
    x, weights = legendre.leggauss(_L + 1)
    values = legendre.legvander(x, DEGREE).T
    slopes = np.array([legendre.legval(x, legendre.legder(np.eye(_L)[i])) if i else 0.0 * x for i in range(_L)])
    return (slopes * weights) @ values.T, (slopes * weights * x) @ values.T


_SLOPE, _SLOPE_X = _derivatives()


class Cells:
    """Cells of V for m problems at once, which have the faces in common.

    `a`, `b` are (m, K), `generator` (m, K, K) as it acts on columns, `faces` (C + 1,) from below. Densities and sources
    are lists over the cells of (m, l, K, columns).
    """

    def __init__(self, a: FloatArray, b: FloatArray, generator: FloatArray, faces: FloatArray):
        self.h = np.diff(faces)
        velocity = a[:, None] - b[:, None] * faces[:, None]  # (m, C + 1, K)
        self.up, self.down = np.maximum(velocity, 0.0), np.minimum(velocity, 0.0)
        self.up[:, 0] = self.down[:, 0] = self.down[:, -1] = 0.0
        self.shape = a.shape
        self._generator = generator
        middle, half = 0.5 * (velocity[:, 1:] + velocity[:, :-1]), 0.5 * np.diff(velocity, axis=1)
        within = (  # (m, C, K, i, l): what each value's flow does within a cell
            self.up[:, 1:, :, None, None]
            - self.down[:, :-1, :, None, None] * np.outer(SIGNS, SIGNS)
            - middle[..., None, None] * _SLOPE
            - half[..., None, None] * _SLOPE_X
        )
        self._own = within / self.h[:, None, None, None]

    def solve(self, s: complex, sources: list[Any]) -> list[Any]:
        """Densities at `s`, from sources (tested with P_i) of any number of columns."""
        kind = np.result_type(s if s else 0.0, *sources)
        found = [np.empty(source.shape, kind) for source in sources]
        on_all_cores(self._solve_some, self.shape[0], s, sources, found)
        return found

    def _solve_some(self, some: slice, s: complex, sources: list[Any], out: list[Any]) -> None:
        """Fill `out` with the densities of some of the m problems."""
        sources, kind = [source[some] for source in sources], out[0].dtype
        up, down, own = self.up[some], self.down[some], self._own[some]
        m, k = up.shape[0], self.shape[1]
        n, values, above = self.h.size, np.arange(k), np.zeros((m, _L, k, k), kind)
        still = (s if s else 0.0) * np.eye(k) - self._generator[some]
        passed: list[Any] = []
        found: list[Any] = []
        for j in range(n):
            matrix = np.zeros((m, _L, k, _L, k), kind)
            for i in range(_L):
                matrix[:, i, :, i] += MASS[i] * still
            matrix[:, :, values, :, values] += own[:, j].transpose(1, 0, 2, 3)
            right = np.array(sources[j], dtype=kind)
            if j:
                rises = up[:, j, :, None] / self.h[j - 1]
                back = rises * passed[-1].sum(axis=1)  # of what comes from above, what returns
                matrix += (SIGNS[:, None] * SIGNS)[:, None, :, None] * back[:, None, :, None, :]
                right += SIGNS[:, None, None] * (rises * found[-1].sum(axis=1))[:, None]
            if j < n - 1:
                above[:] = 0.0
                above[:, :, values, values] = down[:, j + 1, None] / self.h[j + 1]
                right = np.concatenate([above, right], axis=-1)
            solved = np.linalg.solve(matrix.reshape(m, _L * k, _L * k), right.reshape(m, _L * k, -1))
            solved = solved.reshape(m, _L, k, -1)
            if j < n - 1:
                passed.append(solved[..., :k])
                solved = solved[..., k:]
            found.append(solved)
        for j in range(n - 2, -1, -1):
            falls = np.einsum("l,mlkc->mkc", SIGNS, found[j + 1])
            found[j] = found[j] - (passed[j].reshape(m, _L * k, k) @ falls).reshape(m, _L, k, -1)
        for density, solved in zip(out, found, strict=True):
            density[some] = solved

    def flux(self, densities: list[Any]) -> Any:
        """What flows out through the highest face, (m, K, columns)."""
        return (self.up[:, -1] / self.h[-1])[..., None] * densities[-1].sum(axis=1)

    def at_face(self, face: int, mass: Any) -> list[Any]:
        """Sources of masses (m, K, columns) that are put on a face within, to flow away from it."""
        m, k, columns = mass.shape
        sources = [np.zeros((m, _L, k, columns), mass.dtype) for _ in self.h]
        rises = (self.up[:, face] > 0.0)[..., None]
        sources[face][:] = SIGNS[:, None, None] * np.where(rises, mass, 0.0)[:, None]
        sources[face - 1][:] = np.where(rises, 0.0, mass)[:, None]
        return sources

    @staticmethod
    def within(densities: list[Any], change: Any = None) -> list[Any]:
        """Densities as sources, moved by `change` (m, K, K) if given."""
        if change is not None:
            densities = [np.einsum("mkq,mlqc->mlkc", change, density) for density in densities]
        return [MASS[:, None, None] * density for density in densities]

    @staticmethod
    def mass(densities: list[Any], root: FloatArray) -> Any:
        """Mass of densities of probability over `root` (m, K), (m, columns)."""
        return np.einsum("mkc,mk->mc", sum(density[:, 0] for density in densities), root)
