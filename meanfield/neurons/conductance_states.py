"""A leaky neuron whose conductances are filtered spikes: a flow of V for each of their values.

The conductances g_e and g_i take the values of `shot_noise`, k for a pair of them, between which they move as L has it;
given them, V relaxes to the reversal potential of the whole, dV/dt = A_k - B_k V. So the density obeys

    dP_k/dt = -d/dV [(A_k - B_k V) P_k] + (P L)_k

with nothing flowing in through threshold, and what flows out put back at the reset after t_ref, in which the
conductances go on to move. It is solved on cells of V with upwind fluxes, for which the first spike has the
block-tridiagonal M; two widths of the cells are extrapolated to none. The error is then that of the number of values:
at threshold those that rise end at once, and P_k has a jump over k.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._validate import FloatArray
from meanfield.neurons.shot_noise import ShotNoise, shot_noise

_CELLS = 20  # from reset to threshold, at least
_MOST_CELLS = 80
_FINE = 0.2  # of the standard deviation of V
_WIDER = 1.15  # a cell below the reset than the one above it
_SILENT = 1e6  # s; a mean interval beyond this is lost in roundings
_FAR = 7.0  # standard deviations below the mean, where cells end


class ConductanceStates:
    """The stationary state at given rates of spikes, on one grid; and what follows from it.

    `synapses` are (area of a spike's conductance in units of the membrane's own times tau_m, reversal potential, tau,
    rate), excitatory and inhibitory; on the refined grid cells are half as wide.
    """

    def __init__(self, membrane: Any, synapses: Any, nodes: int, *, refined: bool):
        tau_m, self.t_ref, _, _, mu_0 = membrane
        noises, total, pull = [], [], []
        for area, reversal, tau, rate in synapses:
            noise = shot_noise(rate * tau, nodes)
            noises.append(noise)
            total.append(area / tau * noise.values)
            pull.append(area / tau * noise.values * reversal)
        self.noises: list[ShotNoise] = noises
        self.taus = [tau for *_, tau, _ in synapses]
        self.root = np.kron(noises[0].root, noises[1].root)
        b = (1.0 / tau_m + np.add.outer(*total)).ravel()
        a = (mu_0 / tau_m + np.add.outer(*pull)).ravel()
        self.generator = _sum(*(noise.generator / tau for noise, tau in zip(noises, self.taus, strict=True)))
        one = np.eye(nodes)
        self.by_rate = np.kron(noises[0].by_nu, one), np.kron(one, noises[1].by_nu)
        faces, self.reset = _faces(membrane, synapses, float((a / b).min()), refined)
        self.h = np.diff(faces)
        velocity = a - b * faces[:, None]
        self.up, self.down = np.maximum(velocity, 0.0), np.minimum(velocity, 0.0)
        self.up[0] = self.down[0] = self.down[-1] = 0.0
        self.out = np.flatnonzero(self.up[-1] > 0.0)
        self._solve()

    def _solve(self) -> None:
        self.inverses = self._factor(0.0)
        self.refractory = self._moved(self.t_ref)
        if self.out.size == 0:  # no values of the conductances pull V above threshold
            self.rate = 0.0
            return
        back = self._density(self.inverses, self._put_back(self.refractory[:, self.out]))
        fluxes = self._flux(back)  # out, per unit of a flux put back
        values, vectors = np.linalg.eig(fluxes)
        flux = vectors[:, np.argmax(values.real)].real
        flux /= self.root[self.out] @ flux
        self.p = back @ flux
        self.mean = float(np.einsum("jk,k->", self.p, self.root))  # time without t_ref from spike to spike
        self.rate = 1.0 / (self.t_ref + self.mean) if 0.0 < self.mean < _SILENT else 0.0
        self.flux = flux

    def cv(self) -> float:
        """Coefficient of variation of the intervals."""
        first = self._backward(np.broadcast_to(self.root, self.p.shape))
        second = 2.0 * self._backward(first)
        start = self._put_back((self.refractory[:, self.out] @ self.flux)[:, None])[..., 0]
        mean, square = float((start * first).sum()), float((start * second).sum())
        return math.sqrt(max(square - mean * mean, 0.0)) * self.rate

    def response(self, s: complex) -> tuple[complex, complex, complex, complex]:
        """(d rate/d r_e, d rate/d r_i, <e^{-s t}> of the intervals, 1/(1 + H)) at s.

        H is the transform of the rate of spikes after a spike.
        """
        inverses = self._factor(s)
        back = self._density(inverses, self._put_back(np.exp(-s * self.t_ref) * self.refractory[:, self.out]))
        weight, returned = self.root[self.out], self._flux(back)
        waiting = self.t_ref if abs(s) * self.t_ref < 1e-8 else (1.0 - np.exp(-s * self.t_ref)) / s
        mass = np.einsum("jkm,k->m", back, self.root) + waiting * weight
        matrix = np.vstack([np.eye(self.out.size) - returned, mass[None] / self.mean])  # the last keeps the mass
        answers = []
        for change in self.by_rate:
            source = self.p @ change.T + self._put_back(self._changed(change, s)[:, None])[..., 0]
            found = self._density(inverses, source[..., None])
            right = np.concatenate([self._flux(found)[:, 0], -np.einsum("jkm,k->m", found, self.root) / self.mean])
            flux = np.linalg.lstsq(matrix, right, rcond=None)[0]
            answers.append(complex(weight @ flux) * self.rate)
        interval = complex(weight @ (returned @ self.flux))
        after = 0.0 if s == 0.0 else complex(weight @ np.linalg.solve(matrix[:-1], returned @ self.flux))
        return answers[0], answers[1], interval, 0.0 if s == 0.0 else 1.0 / (1.0 + after)

    def _factor(self, s: complex) -> list[Any]:
        """Inverses of the pivots of s + M, M on masses of cells, from below."""
        base = (s.real if s == 0.0 else s) * np.eye(self.root.size) - self.generator
        inverses: list[Any] = []
        for j, h in enumerate(self.h):
            pivot = base + np.diag((self.up[j + 1] - self.down[j]) / h)
            if j:
                pivot = pivot - (self.up[j] / self.h[j - 1])[:, None] * inverses[-1] * (-self.down[j] / h)
            inverses.append(np.linalg.inv(pivot))
        return inverses

    def _density(self, inverses: list[Any], source: Any) -> Any:
        """Masses of the cells, (cells, k, columns), from sources of that shape."""
        found = np.empty(source.shape, dtype=np.result_type(source, inverses[0]))
        for j, inverse in enumerate(inverses):
            right = source[j]
            if j:
                right = right + (self.up[j] / self.h[j - 1])[:, None] * found[j - 1]
            found[j] = inverse @ right
        for j in range(len(inverses) - 2, -1, -1):
            found[j] += inverses[j] @ ((-self.down[j + 1] / self.h[j + 1])[:, None] * found[j + 1])
        return found

    def _backward(self, source: Any) -> Any:
        """Solve with the transpose of M."""
        n = len(self.inverses)
        found = np.empty((n, self.root.size))
        carried = np.zeros(self.root.size)
        for j in range(n):
            found[j] = source[j] + carried
            if j < n - 1:
                carried = (-self.down[j + 1] / self.h[j + 1]) * (self.inverses[j].T @ found[j])
        for j in range(n - 1, -1, -1):
            right = found[j]
            if j < n - 1:
                right = right + (self.up[j + 1] / self.h[j]) * found[j + 1]
            found[j] = self.inverses[j].T @ right
        return found

    def _flux(self, density: Any) -> Any:
        """Flux through threshold, (out, columns)."""
        return (self.up[-1] / self.h[-1])[self.out, None] * density[-1][self.out]

    def _put_back(self, flux: Any) -> Any:
        """Sources at the reset, of what falls in the cell below and of what rises in the cell above."""
        source = np.zeros((self.h.size, *flux.shape), dtype=flux.dtype)
        rises = self.up[self.reset] > 0.0
        source[self.reset][rises], source[self.reset - 1][~rises] = flux[rises], flux[~rises]
        return source

    def _moved(self, time: float) -> FloatArray:
        """How the conductances move in a time."""
        from scipy.linalg import expm

        parts = (expm(noise.generator * (time / tau)) for noise, tau in zip(self.noises, self.taus, strict=True))
        return np.asarray(np.kron(*parts), dtype=np.float64)

    def _changed(self, change: Any, s: complex) -> Any:
        """What a change of the generator during the refractory period adds to what is put back."""
        if self.t_ref == 0.0:
            return np.zeros(self.root.size)
        points, weights = np.polynomial.legendre.leggauss(5)
        start = np.zeros(self.root.size)
        start[self.out] = self.flux
        added = np.zeros(self.root.size, dtype=complex if s else float)
        for age, weight in zip(0.5 * self.t_ref * (1.0 + points), 0.5 * self.t_ref * weights, strict=True):
            left = self.t_ref - age
            added = added + weight * np.exp(-s * left) * (self._moved(left) @ (change @ (self._moved(age) @ start)))
        return added


def _sum(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.kron(a, np.eye(b.shape[0])) + np.kron(np.eye(a.shape[0]), b)


def free_spread(membrane: Any, synapses: Any) -> tuple[float, float]:
    """Mean and standard deviation of V without threshold, with the driving forces at the mean."""
    mean, tau_0 = _total(membrane, synapses)
    variance = sum(
        0.5 * rate * (area * (reversal - mean)) ** 2 * tau_0 / (1.0 + tau / tau_0)
        for area, reversal, tau, rate in synapses
    )
    return mean, math.sqrt(variance)


@lru_cache(maxsize=6)
def states(membrane: Any, synapses: Any, nodes: int) -> tuple[ConductanceStates, ConductanceStates]:
    """On both grids."""
    coarse, fine = (ConductanceStates(membrane, synapses, nodes, refined=refined) for refined in (False, True))
    return coarse, fine


def rate_and_cv(membrane: Any, synapses: Any, nodes: int, *, cv: bool) -> tuple[float, float]:
    """Rate [Hz], extrapolated in its logarithm, and the CV if asked for (else 0); a silent neuron has (0, 1)."""
    coarse, fine = states(membrane, synapses, nodes)
    if coarse.rate == 0.0 or fine.rate == 0.0:
        return 0.0, 1.0
    return _extrapolated(coarse.rate, fine.rate), 2.0 * fine.cv() - coarse.cv() if cv else 0.0


def answers(membrane: Any, synapses: Any, nodes: int, s: complex) -> tuple[complex, ...]:
    """(rate, d rate/d r_e, d rate/d r_i, transform of the intervals, 1/(1 + H)) at s, extrapolated."""
    coarse, fine = states(membrane, synapses, nodes)
    if coarse.rate == 0.0 or fine.rate == 0.0:
        return 0.0, 0.0, 0.0, 0.0, 1.0
    rough, good = coarse.response(s), fine.response(s)
    rate = _extrapolated(coarse.rate, fine.rate)
    by = [rate * (2.0 * b / fine.rate - a / coarse.rate) for a, b in zip(rough[:2], good[:2], strict=True)]
    return rate, *by, *(2.0 * b - a for a, b in zip(rough[2:], good[2:], strict=True))


def _extrapolated(coarse: float, fine: float) -> float:
    return fine * fine / coarse


def _total(membrane: Any, synapses: Any) -> tuple[float, float]:
    """Potential that the mean conductances pull to, and the time constant."""
    tau_m, *_, mu_0 = membrane
    total = 1.0 / tau_m + sum(area * rate for area, _, _, rate in synapses)
    return (mu_0 / tau_m + sum(area * rate * reversal for area, reversal, _, rate in synapses)) / total, 1.0 / total


def _faces(membrane: Any, synapses: Any, lowest: float, refined: bool) -> tuple[FloatArray, int]:
    """Faces of the cells from below, and the index of the one at the reset; refined, each cell is halved."""
    _, _, v_th, v_reset, _ = membrane
    mean, std = free_spread(membrane, synapses)
    _, tau_0 = _total(membrane, synapses)
    path = min(1.0, *(math.sqrt(tau / tau_0) for _, _, tau, _ in synapses))  # V moves while a conductance lasts
    cells = int(np.clip(math.ceil((v_th - v_reset) / (_FINE * path * std + 1e-300)), _CELLS, _MOST_CELLS))
    h = (v_th - v_reset) / cells
    depth = max(v_reset - max(lowest, mean - _FAR * std), h)  # where nothing goes further down
    widths = [h]
    while sum(widths) < depth:
        widths.append(_WIDER * widths[-1])
    faces = np.concatenate([v_reset - np.cumsum(widths)[::-1], np.linspace(v_reset, v_th, cells + 1)])
    if refined:
        faces = np.sort(np.concatenate([faces, 0.5 * (faces[1:] + faces[:-1])]))
    return faces, (2 if refined else 1) * len(widths)
