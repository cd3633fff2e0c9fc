"""A leaky neuron whose conductances are filtered spikes: a flow of V for each of their values.

The conductances g_e and g_i take the values of `shot_noise`, k for a pair of them, between which they move as L has it;
given them, V relaxes to the reversal potential of the whole, dV/dt = A_k - B_k V. So the density obeys

    dP_k/dt = -d/dV [(A_k - B_k V) P_k] + (P L)_k

with nothing flowing in through threshold, and what flows out put back at the reset after t_ref, in which the
conductances go on to move; `conductance_cells` solves it. At threshold the values that rise end at once, and P_k has a
jump over k, so that a rate depends on where that is between two values. It is therefore taken at several positions of
the values (a lattice of phases of the two conductances), spread evenly about the most probable pair of conductances at
which V rests on threshold, and averaged.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from meanfield._compiled import small_matrices
from meanfield._validate import FloatArray
from meanfield.neurons.conductance_cells import Cells
from meanfield.neurons.shot_noise import ShotNoise, shot_noise

_PHASES = 21  # a Fibonacci number: steps of a neighbour of it make an even lattice
_STEP = 13  # or 8, of which the gain differs more from differences of the rate
_FEWEST = 4  # values of a conductance
_CELLS = 8  # from reset to threshold
_DOUBLINGS = 2  # of them, at most
_WIDEST = 1.6  # cell, in standard deviations of V
_SILENT = 1e6  # s; a mean interval beyond this is lost in roundings
_FAR = 6.0  # standard deviations below the mean, where cells end


class ConductanceStates:
    """The stationary state at given rates of spikes, for each phase; and what follows from it.

    `synapses` are (area of a spike's conductance in units of the membrane's own times tau_m, reversal potential, tau,
    rate), excitatory and inhibitory.
    """

    def __init__(self, membrane: Any, synapses: Any, nodes: int):
        tau_m, self.t_ref, _, _, mu_0 = membrane
        phases = (np.outer(np.arange(_PHASES), (1, _STEP)) + 0.5) / _PHASES % 1.0
        noises, total, pull = [], [], []
        places = _at_threshold(membrane, synapses)
        numbers = _numbers(membrane, synapses, nodes)
        for (area, reversal, tau, rate), phase, place, n in zip(synapses, phases.T, places, numbers, strict=True):
            noise = shot_noise(rate * tau, n, phase, place)
            noises.append(noise)
            total.append(area / tau * noise.values)
            pull.append(area / tau * noise.values * reversal)
        self.noises: list[ShotNoise] = noises
        self.taus = [tau for *_, tau, _ in synapses]
        one_e, one_i = np.eye(numbers[0]), np.eye(numbers[1])
        self.root = _kron(noises[0].root[..., None], noises[1].root[..., None])[..., 0]
        b = (1.0 / tau_m + total[0][:, :, None] + total[1][:, None]).reshape(_PHASES, -1)
        a = (mu_0 / tau_m + pull[0][:, :, None] + pull[1][:, None]).reshape(_PHASES, -1)
        first, second = (noise.generator / tau for noise, tau in zip(noises, self.taus, strict=True))
        faces, self.reset = _faces(membrane, synapses)
        self.cells = Cells(a, b, _kron(first, one_i) + _kron(one_e, second), faces)
        self.by_rate = _kron(noises[0].by_nu, one_i), _kron(one_e, noises[1].by_nu)
        self._solve()

    def _solve(self) -> None:
        self.rates = np.zeros(_PHASES)
        self.rate = 0.0
        if not (self.cells.up[:, -1] > 0.0).any(axis=1).all():  # of some rule, no values pull V above threshold
            return
        self.refractory = self._moved(self.t_ref)
        back = self.cells.solve(0.0, self._put_back(self.refractory))
        # What flows out for what flowed out before keeps the mass: the left null vector of 1 - it is the root.
        start = self.root[..., None]
        flux = np.linalg.solve(np.eye(self.root.shape[1]) - self.cells.flux(back) + start * self.root[:, None], start)
        self.flux = flux
        self.p = [np.einsum("mlkq,mqc->mlkc", density, flux) for density in back]
        self.mean = self.cells.mass(self.p, self.root)[:, 0]  # time without t_ref from spike to spike
        if ((self.mean > 0.0) & (self.mean < _SILENT)).all():
            self.rates = 1.0 / (self.t_ref + self.mean)
            self.rate = float(self.rates.mean())

    def cv(self) -> float:
        """Coefficient of variation of the intervals."""
        second = 2.0 * self.cells.mass(self.cells.solve(0.0, self.cells.within(self.p)), self.root)[:, 0]
        return float(self._over_spikes(np.sqrt(np.maximum(second - self.mean**2, 0.0)) * self.rates))

    def response(self, s: complex) -> tuple[complex, complex, complex, complex]:
        """(d rate/d r_e, d rate/d r_i, <e^{-s t}> of the intervals, 1/(1 + H)) at s.

        H is the transform of the rate of spikes after a spike.
        """
        sources = [
            self._sum(self.cells.within(self.p, change), self._put_back(self._changed(axis, s)))
            for axis, change in enumerate(self.by_rate)
        ]
        returning = self._put_back(np.exp(-s * self.t_ref) * self.refractory if s else self.refractory)
        found = self.cells.solve(s, [np.concatenate(cell, axis=-1) for cell in zip(returning, *sources, strict=True)])
        flux, mass = self.cells.flux(found), self.cells.mass(found, self.root)
        returned, caused = flux[..., :-2], flux[..., -2:]
        waiting = self.t_ref if abs(s) * self.t_ref < 1e-8 else (1.0 - np.exp(-s * self.t_ref)) / s
        out = (self.cells.up[:, -1] > 0.0) * self.root
        held, moved = (mass[:, :-2] + waiting * out) / self.mean[:, None], mass[:, -2:] / self.mean[:, None]
        # Mass is kept: with that equation added to the others they determine the flux at s = 0 as well.
        one = np.eye(self.root.shape[1])
        matrix = one - returned + self.root[..., None] * held[:, None]
        answer = np.linalg.solve(matrix, caused - self.root[..., None] * moved[:, None])
        by_e, by_i = np.einsum("mk,mkc->mc", self.root, answer).T * self.rates
        again = returned @ self.flux
        interval = self._over_spikes(np.einsum("mk,mk->m", self.root, again[..., 0]))
        if not s:
            return by_e.mean(), by_i.mean(), interval, 0.0
        after = np.linalg.solve(one - returned, again)[..., 0]
        return by_e.mean(), by_i.mean(), interval, 1.0 / (1.0 + self._over_spikes((self.root * after).sum(axis=1)))

    def _over_spikes(self, values: Any) -> Any:
        """Mean over the phases, each as often as it fires."""
        return (self.rates @ values / self.rates.sum()).item()

    def _put_back(self, mass: Any) -> list[Any]:
        """Sources at the reset, of what falls in the cell below and of what rises in the cell above."""
        return self.cells.at_face(self.reset, mass)

    @staticmethod
    def _sum(a: list[Any], b: list[Any]) -> list[Any]:
        return [x + y for x, y in zip(a, b, strict=True)]

    def _moved(self, time: float) -> FloatArray:
        """How the conductances move in a time, (m, K, K)."""
        moved: FloatArray = _kron(self._one_moved(0, time), self._one_moved(1, time))
        return moved

    def _one_moved(self, axis: int, time: float) -> FloatArray:
        from scipy.linalg import expm

        return np.asarray(expm(self.noises[axis].generator * (time / self.taus[axis])), dtype=np.float64)

    def _changed(self, axis: int, s: complex) -> Any:
        """What a change of one generator in the refractory period adds to what is put back, (m, K, 1).

        The integral of e^{-s (t_ref - t)} e^{L (t_ref - t)} L' e^{L t} is a corner of the exponential of a block matrix
        (Van Loan 1978, IEEE Trans. Autom. Control 23).
        """
        from scipy.linalg import expm

        noise, tau = self.noises[axis], self.taus[axis]
        n = noise.values.shape[1]
        block = np.zeros((noise.values.shape[0], 2 * n, 2 * n), dtype=complex if s else float)
        block[:, n:, n:] = noise.generator / tau
        block[:, :n, :n] = noise.generator / tau - (s if s else 0.0) * np.eye(n)
        block[:, :n, n:] = noise.by_nu
        parts = [self._one_moved(other, self.t_ref) for other in range(2)]
        corner = expm(block * self.t_ref)[:, :n, n:]
        return _kron(*(corner if other == axis else parts[other] for other in range(2))) @ self.flux


def _kron(a: Any, b: Any) -> Any:
    """Kronecker's product of the last two dimensions."""
    a, b = np.asarray(a), np.asarray(b)
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    *rest, i, k, j, q = product.shape
    return product.reshape(*rest, i * k, j * q)


def free_spread(membrane: Any, synapses: Any) -> tuple[float, float]:
    """Mean and standard deviation of V without threshold, with the driving forces at the mean."""
    mean, tau_0 = _total(membrane, synapses)
    variance = sum(
        0.5 * rate * (area * (reversal - mean)) ** 2 * tau_0 / (1.0 + tau / tau_0)
        for area, reversal, tau, rate in synapses
    )
    return mean, math.sqrt(variance)


@lru_cache(maxsize=6)
def states(membrane: Any, synapses: Any, nodes: int) -> ConductanceStates:
    """The state of a neuron of such a membrane and such synapses."""
    return ConductanceStates(membrane, synapses, nodes)


def rate_and_cv(membrane: Any, synapses: Any, nodes: int, *, cv: bool) -> tuple[float, float]:
    """Rate [Hz], and the CV if asked for (else 0); a silent neuron has (0, 1)."""
    with small_matrices():
        found = states(membrane, synapses, nodes)
        if found.rate == 0.0:
            return 0.0, 1.0
        return found.rate, found.cv() if cv else 0.0


@lru_cache(maxsize=1024)
def answers(membrane: Any, synapses: Any, nodes: int, s: complex) -> tuple[complex, ...]:
    """(rate, d rate/d r_e, d rate/d r_i, transform of the intervals, 1/(1 + H)) at s."""
    with small_matrices():
        found = states(membrane, synapses, nodes)
        if found.rate == 0.0:
            return 0.0, 0.0, 0.0, 0.0, 1.0
        return found.rate, *found.response(s)


def _total(membrane: Any, synapses: Any) -> tuple[float, float]:
    """Potential that the mean conductances pull to, and the time constant."""
    tau_m, *_, mu_0 = membrane
    total = 1.0 / tau_m + sum(area * rate for area, _, _, rate in synapses)
    return (mu_0 / tau_m + sum(area * rate * reversal for area, reversal, _, rate in synapses)) / total, 1.0 / total


def _at_threshold(membrane: Any, synapses: Any) -> list[float]:
    """Most probable conductances, in standard deviations from their means, with which V rests on threshold."""
    _, _, v_th, *_ = membrane
    mean, tau_0 = _total(membrane, synapses)
    velocity = (mean - v_th) / tau_0
    by_each = [area * math.sqrt(0.5 * rate / tau) * (reversal - v_th) for area, reversal, tau, rate in synapses]
    square = sum(x * x for x in by_each)
    return [-velocity * x / square if square > 0.0 else 0.0 for x in by_each]


def _numbers(membrane: Any, synapses: Any, nodes: int) -> tuple[int, int]:
    """Numbers of values: `nodes` of the conductance that moves V more at threshold, fewer of the other.

    By how much each moves V is taken from the neuron, as if excitation and inhibition cancelled, so that numbers do not
    change with the input.
    """
    _, _, v_th, *_ = membrane
    square_e, square_i = (abs(area * (reversal - v_th)) / tau for area, reversal, tau, _ in synapses)
    ratio = math.sqrt(square_e / square_i) if square_i > 0.0 else math.inf
    fewer = int(np.clip(math.ceil(nodes * min(ratio, 1.0 / ratio if ratio > 0.0 else math.inf)), _FEWEST, nodes))
    return (fewer, nodes) if ratio < 1.0 else (nodes, fewer)


def _faces(membrane: Any, synapses: Any) -> tuple[FloatArray, int]:
    """Faces of the cells from below, and the index of the one at the reset: finest at threshold, and at the reset.

    Their number changes with the width of the distribution only by doublings, so that rates are smooth in the input.
    """
    _, _, v_th, v_reset, _ = membrane
    mean, std = free_spread(membrane, synapses)
    distance = v_th - v_reset
    wide = 2.0 * distance / (_WIDEST * std * _CELLS + 1e-300)
    cells = _CELLS * 2 ** int(np.clip(math.ceil(math.log2(wide)), 0, _DOUBLINGS)) if wide > 0.0 else _CELLS
    above = v_th - distance * np.linspace(1.0, 0.0, cells + 1) ** 2
    first, below = float(above[1] - above[0]), cells // 2 + 1
    depth = max(v_reset - (mean - _FAR * std), first)
    widths = np.full(below, depth / below)
    if depth > below * first:
        low, high = 1.0, depth / first
        for _ in range(60):  # the ratio of widths
            ratio = 0.5 * (low + high)
            low, high = (ratio, high) if first * float((ratio ** np.arange(below)).sum()) < depth else (low, ratio)
        widths = first * ratio ** np.arange(below)
    return np.concatenate([v_reset - np.cumsum(widths)[::-1], above]), below
