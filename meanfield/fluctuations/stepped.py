"""A network as it is simulated: spikes of finite size, in steps of time. States, loop gain and spectra.

The density p of membrane potentials on a grid goes through the steps of a simulation: the membrane leaks, Poisson
spikes move it by their weights, and what is above threshold leaves, to come back at the reset after the refractory
period:

    p(k + 1) = T p(k) + e_r F(k - n_ref),     F(k) = o · p(k),

with F the probability of a spike, T and o the parts of (jumps)(leak) that end below and above threshold. In white-noise
theory, the limit of small weights and short steps, an inhibitory spike makes neurons fire at once, through the variance
that it adds; here it cannot, which matters where oscillations are fast and inhibitory weights are not small beside the
distance to threshold (Richardson & Swarbrick 2010, Phys. Rev. Lett. 105; Helias, Deger, Rotter & Diesmann 2010, PLoS
Comput. Biol. 6, for what finite weights do to a response).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_complex, check, check_scalar
from meanfield.fixedpoint.state import ConvergenceError, FixedPoint
from meanfield.fixedpoint.transfer import is_lif
from meanfield.fluctuations.spectra import inverse_of_one_minus, propagate
from meanfield.network import Network, PoissonDrive, WhiteNoiseDrive
from meanfield.neurons.lif import LIF
from meanfield.response import ComplexArray

_POINTS_A_JUMP = 2  # of the grid, in the smallest jump
_FEWEST_POINTS, _MOST_POINTS = 400, 2400  # from the lowest potential to threshold
_DEVIATIONS = 7.0  # of the free potential below its mean, or below the reset, where the grid begins
_NEGLIGIBLE = 1e-15  # probabilities of jumps: far below, they are what the Fourier transform rounds
_MOST_ITERATIONS = 30
_TOLERANCE = 1e-10  # of rates, relative
_SLOW = 1e-4  # frequencies below this share of the rate are the limit 0
_LONGEST_STEP = 1e-3  # s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SteppedState:
    """A self-consistent state of a network of LIF neurons as it is simulated in steps of time.

    Attributes
    ----------
    state : FixedPoint
        The state of white-noise theory it began with.
    dt : float
        The step [s].
    rate : (P,) array
        Firing rates [Hz].
    cv : (P,) array
        Coefficients of variation of the inter-spike intervals, for Poisson input.
    """

    state: FixedPoint
    dt: float
    rate: FloatArray
    cv: FloatArray
    _chains: tuple[_Chain, ...]

    def loop_gain(self, s: Any) -> ComplexArray:
        """Loop gain at complex frequencies `s` (...) [1/s], (..., P, P); what `meanfield.loop_gain` is without steps.

        Raises
        ------
        ValueError
            Where |Im s| is above pi/dt, the highest frequency there is in steps.
        """
        s = as_complex("s", s, "1/s")
        if np.abs(s.imag).max(initial=0.0) > math.pi / self.dt * (1.0 + 1e-12):
            raise ValueError(f"|Im s| must be at most pi/dt = {math.pi / self.dt:.6g} 1/s, got {s.tolist()!r}")
        answers, _ = self._answers(s.reshape(-1))
        return self._delayed(answers, s.reshape(-1)).reshape((*s.shape, *answers.shape[1:]))

    def spectra(self, f: Any) -> FloatArray:
        """Spectra of single neurons' spike trains, (..., P) [Hz] at frequencies `f` (...) [Hz]."""
        f = self._frequencies(f)
        _, intervals = self._answers(2j * np.pi * f.reshape(-1))
        return self._renewal(intervals).reshape((*f.shape, -1))

    def power_spectra(self, f: Any) -> ComplexArray:
        """Spectra and cross-spectra of the population rates, (..., P, P) [Hz]; as `meanfield.power_spectra`.

        That the state is stable is not tested: see `mode`.
        """
        f = self._frequencies(f)
        s = 2j * np.pi * f.reshape(-1)
        answers, intervals = self._answers(s)
        sources = self._renewal(intervals) / np.array(self.state.network.sizes)
        found = propagate(inverse_of_one_minus(self._delayed(answers, s)), sources)
        return found.reshape((*f.shape, *found.shape[1:]))

    def mode(self, near: complex) -> complex:
        """Root s [1/s] of det(1 - L(s)) that Newton's method finds from `near`, such as `stability(fp).rightmost`.

        Raises
        ------
        ConvergenceError
            If it finds none.
        """
        s, step = complex(near), 1e-3 * (1.0 + abs(near))
        for _ in range(_MOST_ITERATIONS):
            points = np.array([s, s + step, s - step])
            here, after, before = np.linalg.det(np.eye(self.rate.size) - self.loop_gain(points))
            if after == before:
                break
            change = complex(here * 2.0 * step / (after - before))
            s -= change * min(1.0, 0.3 * abs(s) / max(abs(change), 1e-300))
            if abs(change) < 1e-7 * (1.0 + abs(s)):
                return s
            if abs(s.imag) > math.pi / self.dt or abs(s.real) > 0.5 / self.dt:
                break
        raise ConvergenceError(f"no root of det(1 - L(s)) was found from {near!r} 1/s", self.state)

    def _frequencies(self, given: Any) -> FloatArray:
        f: FloatArray = check("f", given, "Hz")
        if np.abs(f).max(initial=0.0) > 0.5 / self.dt * (1.0 + 1e-12):
            raise ValueError(f"f must be at most 1/(2 dt) = {0.5 / self.dt:.6g} Hz, got {float(np.abs(f).max())!r} Hz")
        return f

    def _answers(self, s: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
        """Rates answered to one more spike a second from each source (F, P, P), transforms of intervals (F, P)."""
        n = self.rate.size
        answers, intervals = np.empty((s.size, n, n), dtype=complex), np.empty((s.size, n), dtype=complex)
        slow = 2.0 * math.pi * _SLOW * float(self.rate.min())  # at 0 both the flux and what it renews are 0
        is_slow = np.abs(s) < slow
        s = np.where(is_slow, 1j * slow, s)
        first = [next(k for k in range(i + 1) if self._chains[k] is self._chains[i]) for i in range(n)]
        for i, k in enumerate(first):
            if k < i:
                answers[:, i], intervals[:, i] = answers[:, k], intervals[:, k]
                continue
            for m, z in enumerate(np.exp(s * self.dt).tolist()):
                answers[m, i], intervals[m, i] = self._chains[i].answer(z, self.dt)
        answers[is_slow] = answers[is_slow].real
        return answers, intervals

    def _delayed(self, answers: ComplexArray, s: ComplexArray) -> ComplexArray:
        """The loop gain: answers to all synapses of a connection, delayed."""
        network = self.state.network
        delays = np.array([[delay.transform(s) for delay in row] for row in network.delays])
        present = network.indegree * (network.weight != 0.0)
        return np.asarray(answers * present * np.moveaxis(delays, -1, 0))

    def _renewal(self, intervals: ComplexArray) -> FloatArray:
        """Spectra of renewal processes."""
        return np.asarray(self.rate * (1.0 - np.abs(intervals) ** 2) / np.abs(1.0 - intervals) ** 2)

    def __repr__(self) -> str:
        rows = zip(self.state.network.names, self.rate, strict=True)
        words = ", ".join(f"{name} {rate:.4g} Hz" for name, rate in rows)
        return f"SteppedState({self.state.network.label}, dt = {self.dt:g} s: {words})"


def stepped_state(fp: FixedPoint, dt: float = 1e-4) -> SteppedState:
    """Self-consistent rates of a network of LIF neurons with finite weights, simulated in steps of time.

    Takes the network as `validation.simulate` does: in each step the membrane leaks, then the spikes that arrive are
    added, then the threshold is looked at; input that arrives in the refractory period is lost. Spike trains are taken
    as Poisson and independent, as in white-noise theory; what differs is that weights are finite, and time has steps.

    Parameters
    ----------
    fp : FixedPoint
        A state of a network of LIF neurons, where to begin; without synaptic filters, driven by Poisson trains and
        constant currents.
    dt : float
        The step [s], at most 1 ms.

    Returns
    -------
    SteppedState
        With `loop_gain`, `spectra`, `power_spectra` and the critical `mode`.

    Raises
    ------
    ConvergenceError
        If Newton's method finds no state near `fp`.
    ValueError, TypeError
        For neurons other than LIF, filtered synapses, a white-noise drive, a population without noisy input, or a step
        that does not fit.

    Notes
    -----
    Densities have 400 to 2400 points; halving their spacing moves rates in Brunel's network by 3e-5 and modes by 0.1/s.
    There a state takes 0.3 to 1 s, and each frequency some milliseconds for each kind of neurons.

    In Brunel's network at g = 6, where an inhibitory spike is worth -0.6 mV, white-noise theory has fast oscillations
    from eta = 3.26, this theory from 4.24 in steps of 0.1 ms and from 3.78 in steps of 0.025 ms. Frequencies of
    simulated networks of 20,000 to 40,000 neurons below that line are within 4% of this theory's (docs/validation.rst).

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=4.5, eta=0.95))
    >>> stepped = mf.stepped_state(fp)
    >>> print(f"{fp.rate[0]:.2f} Hz, {stepped.rate[0]:.1f} Hz")  # simulated: 8.9 Hz
    9.69 Hz, 9.2 Hz
    """
    if not isinstance(fp, FixedPoint):
        raise TypeError(f"fp must be a FixedPoint, as mf.solve returns, got {fp!r}")
    network = fp.network
    dt = check_scalar("dt", dt, "s", positive=True)
    if dt > _LONGEST_STEP:
        raise ValueError(f"dt must be at most 1 ms, got {dt!r} s")
    _refuse(network)
    rate = fp.rate.copy()
    for _ in range(_MOST_ITERATIONS):
        chains = _chains(network, rate, fp, dt)
        answered = np.array([chain.rate for chain in chains])
        if np.abs(answered - rate).max() <= _TOLERANCE * rate.max():
            cv = np.array([chain.cv(dt) for chain in chains])
            return SteppedState(state=fp, dt=dt, rate=answered, cv=cv, _chains=chains)
        state = SteppedState(state=fp, dt=dt, rate=rate, cv=rate, _chains=chains)
        slope = np.eye(rate.size) - state.loop_gain(0.0).real
        rate = np.maximum(rate + np.linalg.solve(slope, answered - rate), 0.3 * rate)
    raise ConvergenceError(f"{network.label}: no state in steps of {dt:g} s was found near the one given", fp)


def _refuse(network: Network) -> None:
    if not is_lif(network):
        raise TypeError("stepped_state steps LIF neurons: every population of the network must be of meanfield.LIF")
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if neuron.tau_s > 0.0:  # type: ignore[attr-defined]
            raise ValueError(f"population {name}: synapses must not be filtered, got tau_s = {neuron.tau_s!r} s")  # type: ignore[attr-defined]
    for drive in network.drives:
        if isinstance(drive, WhiteNoiseDrive) and drive.sigma.any():
            raise ValueError(f"drives must be Poisson trains or constant, got {drive!r}")


def _chains(network: Network, rate: FloatArray, fp: FixedPoint, dt: float) -> tuple[_Chain, ...]:
    """The density of each population at these rates; populations that are alike share it."""
    known: dict[Any, _Chain] = {}
    out = []
    for i, neuron in enumerate(network.neurons):
        assert isinstance(neuron, LIF)
        constant = sum(float(drive.mu[i]) for drive in network.drives if hasattr(drive, "mu"))
        arrivals = [
            (float(k * r), float(j)) for k, r, j in zip(network.indegree[i], rate, network.weight[i], strict=True)
        ]
        for drive in network.drives:
            if isinstance(drive, PoissonDrive):
                arrivals.append((float(drive.indegree[i] * drive.rate[i]), float(drive.weight[i])))
        if not any(r > 0.0 and j != 0.0 for r, j in arrivals):
            raise ValueError(f"population {network.names[i]}: it gets no spikes, and fires without noise or not at all")
        key = neuron, tuple(arrivals), constant
        if key not in known:  # the grid is that of the state at which it began: rates then change smoothly
            lowest = min(neuron.v_reset, float(fp.mu[i])) - _DEVIATIONS * float(fp.sigma[i]) / math.sqrt(2.0)
            known[key] = _Chain.of(neuron, constant, arrivals, rate.size, lowest, dt)
        out.append(known[key])
    return tuple(out)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chain:
    """One population's density on a grid, with what its steps need.

    `band` is T in the form of `scipy.linalg.solve_banded`; `sources` (n, S) and `direct` (S,) are what one more spike
    a second from each source adds to a step's density and to its probability of a spike.
    """

    rate: float
    band: FloatArray
    lower: int
    upper: int
    over: FloatArray  # o
    entry: FloatArray  # e_r
    wait: int  # steps
    sources: FloatArray
    direct: FloatArray

    @classmethod
    def of(
        cls,
        neuron: LIF,
        constant: float,
        arrivals: Sequence[tuple[float, float]],
        n_sources: int,
        lowest: float,
        dt: float,
    ) -> _Chain:
        """The stationary density; the first `n_sources` of `arrivals` (rate, jump) are those that may change."""
        width = neuron.v_th - lowest
        smallest = min(abs(jump) for rate, jump in arrivals if rate > 0.0 and jump != 0.0)
        step = min(max(smallest / _POINTS_A_JUMP, width / _MOST_POINTS), width / _FEWEST_POINTS)
        n = math.ceil(width / step)
        jumps = _jumps(arrivals, step, dt)
        above = len(jumps) // 2
        v = neuron.v_th + (np.arange(n + above) - n + 0.5) * step  # threshold lies between two points
        leaked = constant + (v[:n] - constant) * math.exp(-dt / neuron.tau_m)
        matrix = _spread(jumps, (leaked - v[0]) / step, n + above)
        transition, over = matrix[:n], matrix[n:].sum(axis=0)
        entry = _spread(np.ones(1), np.array([(neuron.v_reset - v[0]) / step]), n)[:, 0]
        rows, columns = np.nonzero(transition)
        lower, upper = int(max((rows - columns).max(), 0)), int(max((columns - rows).max(), 0))
        band = np.zeros((lower + upper + 1, n))
        band[upper + rows - columns, columns] = transition[rows, columns]
        wait = round(neuron.t_ref / dt)
        chain = cls(
            rate=0.0,
            band=band,
            lower=lower,
            upper=upper,
            over=over,
            entry=entry,
            wait=wait,
            sources=np.empty((n, 0)),
            direct=np.empty(0),
        )
        density = chain.resolve(1.0, entry[:, None])[:, 0].real
        a_step = 1.0 / (density.sum() + wait)
        after = matrix @ (density * a_step)
        moved = np.stack([_moved(after, jump / step) - after for _, jump in arrivals[:n_sources]], axis=1) * dt
        return replace(chain, rate=a_step / dt, sources=moved[:n], direct=moved[n:].sum(axis=0))

    def resolve(self, z: complex, right: Any) -> Any:
        """(z - T)^{-1} applied to columns."""
        from scipy.linalg import solve_banded

        band = -self.band.astype(complex)
        band[self.upper] += z
        return solve_banded((self.lower, self.upper), band, right, overwrite_ab=True, check_finite=False)

    def answer(self, z: complex, dt: float) -> tuple[ComplexArray, complex]:
        """Rates answered to one more spike a second from each source, (S,), and the transform of the intervals."""
        columns = self.resolve(z, np.column_stack([self.sources, self.entry]).astype(complex))
        through = self.over @ columns
        interval = complex(through[-1] * z ** (-self.wait))
        return (through[:-1] + self.direct) / (1.0 - interval) / dt, interval

    def cv(self, dt: float) -> float:
        """Coefficient of variation of the intervals, from their transform near 0."""
        omega = 2.0 * math.pi * _SLOW * self.rate * dt
        interval = self.answer(cmath.exp(1j * omega), dt)[1]
        return math.sqrt((1.0 - abs(interval) ** 2) / abs(1.0 - interval) ** 2)


def _shares(position: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    """The point nearest to a fractional position, and the shares of it and its neighbours that keep two moments.

    >>> middle, shares = _shares(2.75)
    >>> [float(share) for share in shares], float(sum((middle + k - 1) * share for k, share in enumerate(shares)))
    ([0.15625, 0.9375, -0.09375], 2.75)
    """
    middle = np.rint(position)
    d = position - middle
    return middle, (0.5 * d * (d - 1.0), 1.0 - d * d, 0.5 * d * (d + 1.0))


def _jumps(arrivals: Sequence[tuple[float, float]], step: float, dt: float) -> FloatArray:
    """Weights of the sum of the jumps in a step, on the grid: an odd number of points about 0."""
    reach = sum(abs(jump) * (rate * dt + 12.0 * math.sqrt(rate * dt) + 12.0) for rate, jump in arrivals if rate > 0.0)
    half = 1 << math.ceil(math.log2(reach / step + 4.0))
    phase = -2j * math.pi * np.fft.fftfreq(2 * half)
    exponent = np.zeros(2 * half, dtype=complex)
    for rate, jump in arrivals:
        middle, shares = _shares(jump / step)
        one = sum(share * np.exp(phase * (middle + k - 1.0)) for k, share in enumerate(shares))
        exponent += rate * dt * (one - 1.0)
    found = np.fft.fftshift(np.fft.ifft(np.exp(exponent)).real)
    found[np.abs(found) < _NEGLIGIBLE] = 0.0
    far = int(np.abs(np.flatnonzero(found) - half).max())
    kept = found[half - far : half + far + 1]
    return np.asarray(kept / kept.sum())


def _spread(kernel: FloatArray, positions: Any, n: int) -> FloatArray:
    """Matrix (n, positions) that puts mass at fractional grid positions, spread by a kernel about 0.

    What would fall off is kept at the end of the grid.
    """
    matrix = np.zeros((n, positions.size))
    columns = np.arange(positions.size)
    middle, shares = _shares(positions)
    half = kernel.size // 2
    for k, share in enumerate(shares):
        rows = middle.astype(int) + k - 1
        for offset in np.flatnonzero(kernel) - half:
            np.add.at(matrix, (np.clip(rows + offset, 0, n - 1), columns), kernel[half + offset] * share)
    return matrix


def _moved(density: FloatArray, by: float) -> FloatArray:
    """A density moved by a fractional number of points; what would leave the grid stays at its end."""
    return np.asarray(_spread(np.ones(1), np.arange(density.size) + float(by), density.size) @ density)
