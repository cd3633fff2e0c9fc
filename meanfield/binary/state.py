"""Stationary states of binary networks: activity and its heterogeneity over neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_si, check, check_choice
from meanfield.fixedpoint import ConvergenceError, solve
from meanfield.network import Network, check_network
from meanfield.neurons.binary import Binary

CONNECTIONS = ("sparse", "Erdős-Rényi", "fixed indegree")
_MOST_STEPS = 20_000
_TOLERANCE = 1e-14
_SETTLED = 1e-11  # rounding of inputs of the order of sqrt(K) leaves no more in the largest networks
_NORMAL = 1.0 / np.sqrt(2.0 * np.pi)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinaryState:
    """A stationary state of a network of P populations of binary neurons.

    Attributes
    ----------
    network : Network
    connections : str
        "sparse", "Erdős-Rényi" or "fixed indegree".
    activity : (P,) array
        Mean activity m.
    overlap : (P,) array
        Order parameter q: the mean over neurons of the square of a neuron's activity.
    mu : (P,) array
        Mean of the input.
    variance : (P,) array
        Variance alpha of the input, over neurons and time.
    quenched_variance : (P,) array
        Its part beta over neurons, of the input's average over time.
    correlated_variance : (P,) array
        What correlations between a neuron's sources add to `variance`; 0 unless `finite_size_state` made the state.
    """

    network: Network
    connections: str
    activity: FloatArray
    overlap: FloatArray
    mu: FloatArray
    variance: FloatArray
    quenched_variance: FloatArray
    correlated_variance: FloatArray

    @property
    def tau(self) -> FloatArray:
        """Mean time between updates, (P,) [s]."""
        return taus(self.network)

    @property
    def coupling(self) -> FloatArray:
        """d m_i / d m_j, (P, P): what activities do to activities, by the mean and by the variance of the input."""
        network = self.network
        dilution = 1.0 - 2.0 * exclusion(network, self.connections) * self.activity
        return _coupling(network, self.mu, self.variance, dilution)

    @property
    def jacobian(self) -> FloatArray:
        """A of d(delta m)/dt = A delta m, (P, P) [1/s]."""
        return (self.coupling - np.eye(self.activity.size)) / self.tau[:, None]

    @property
    def is_stable(self) -> bool:
        """True if all eigenvalues of `jacobian` have negative real parts."""
        return bool((np.linalg.eigvals(self.jacobian).real < 0.0).all())

    @property
    def critical_tau_ratio(self) -> float:
        """For two populations: tau_1/tau_0 at which the state begins to oscillate; infinite if it never does.

        The trace of `jacobian` vanishes there: (coupling_00 - 1)/tau_0 = (1 - coupling_11)/tau_1.

        Raises
        ------
        ValueError
            For another number of populations, or where the determinant is not positive (rates then run away whatever
            the times).
        """
        if self.activity.size != 2:
            raise ValueError(f"a critical ratio of times needs two populations, the network has {self.activity.size}")
        gain = self.coupling
        determinant = float(np.linalg.det(np.eye(2) - gain))
        if determinant <= 0.0:
            raise ValueError(f"the state is unstable whatever the times: det(1 - coupling) = {determinant:.6g}")
        if gain[0, 0] <= 1.0:
            return float("inf")
        return float((1.0 - gain[1, 1]) / (gain[0, 0] - 1.0))

    def latency(self, drive: Any = None) -> FloatArray:
        """Mean delay with which activities follow a small change of the drive, (P,) [s].

        The integral of 1 - delta m(t)/delta m(infinity) after a step, which is also by how much activity lags behind
        a slow ramp: [A^-2 b]_i / [-A^-1 b]_i with b the direct effect of the drive. It falls as 1/sqrt(K) in balanced
        networks; without recurrent connections it is tau.

        Parameters
        ----------
        drive : (P,) array, optional
            Direction of the change of the mean input; default is the one of the external input, `network.mu_ext`.
        """
        n = self.activity.size
        given = self.network.mu_ext if drive is None else drive
        direction = check("drive", given, "V", shape=(n,), shape_words="(one entry a population)")
        by_mu = _gains(self.network, self.mu, self.variance)[0]
        settled = np.linalg.solve(self.jacobian, by_mu * direction / self.tau)
        if not (settled != 0.0).all():
            raise ValueError(f"drive must change the activity of every population, got {direction}")
        return np.asarray(-np.linalg.solve(self.jacobian, settled) / settled)

    def activity_cdf(self, m: Any, population: int = 0) -> Any:
        """Fraction of a population's neurons whose activity is at most `m`; array of the shape of `m`.

        A neuron whose lasting input is z standard deviations from the mean has the activity
        H((v_th - mu - sqrt(beta) z)/sqrt(alpha - beta)).
        """
        from scipy.special import ndtr, ndtri

        temporal, lasting, above = self._distribution(population)
        answer = ndtr((np.sqrt(temporal) * ndtri(_fraction(m)) - above) / np.sqrt(lasting))
        return float(answer) if np.ndim(answer) == 0 else answer

    def activity_density(self, m: Any, population: int = 0) -> Any:
        """Density over neurons of the activity `m`, 0 < m < 1; array of the shape of `m`."""
        from scipy.special import ndtri

        temporal, lasting, above = self._distribution(population)
        x = ndtri(_fraction(m))
        z = (np.sqrt(temporal) * x - above) / np.sqrt(lasting)
        answer = np.sqrt(temporal / lasting) * np.exp(0.5 * (x * x - z * z))
        return float(answer) if np.ndim(answer) == 0 else answer

    def _distribution(self, population: int) -> tuple[float, float, float]:
        lasting = float(self.quenched_variance[population])
        if not lasting > 1e-10 * self.variance[population]:  # rounding
            raise ValueError("all neurons of the population have the same activity: there is no density")
        above = float(self.mu[population] - self.network.neurons[population].v_th)
        return float(self.variance[population]) - lasting, lasting, above

    def __repr__(self) -> str:
        pairs = zip(self.network.names, self.activity, self.overlap, strict=True)
        words = ", ".join(f"{name} m = {m:.6g}, q = {q:.6g}" for name, m, q in pairs)
        return f"BinaryState({self.network.label}, {self.connections}: {words})"


def stationary_state(network: Network, *, connections: str = "sparse", start: Any = None) -> BinaryState:
    """Find activities and their heterogeneity in a network of binary neurons.

    Parameters
    ----------
    network : Network
        Of `Binary` neurons.
    connections : str
        "sparse" (as `solve`), "Erdős-Rényi" or "fixed indegree"; see `meanfield.binary`.
    start : (P,) array, optional
        Activities to start from; default is the state of `solve`.

    Returns
    -------
    BinaryState

    Raises
    ------
    TypeError
        For other neurons.
    ValueError
        For K above N, or an unknown kind of connections.
    ConvergenceError
        As `solve`, and if the corrections destroy the state.

    Notes
    -----
    m = H((v_th - mu)/sqrt(alpha)), and m - q = 2 T(h, sqrt((1 - r)/(1 + r))) with Owen's function T,
    h = (v_th - mu)/sqrt(alpha) and r = beta/alpha the correlation of a neuron's inputs at two distant times (the
    probability that both exceed threshold is q). The frozen state, q = m, solves this too where there is no noise; the
    iteration begins at q = m² and increases q to the least solution.

    Examples
    --------
    >>> import meanfield as mf
    >>> state = mf.binary.stationary_state(mf.models.vanvreeswijk1998(K=1000, m0=0.1))
    >>> state.activity.round(4), state.overlap.round(4)
    (array([0.0587, 0.0787]), array([0.0051, 0.0087]))
    """
    check_network(network)
    check_choice("connections", connections, CONNECTIONS)
    for name, neuron in zip(network.names, network.neurons, strict=True):
        if not isinstance(neuron, Binary):
            raise TypeError(f"neurons must be Binary, population {name} has {type(neuron).__name__}")
    return corrected_state(network, connections, solve(network, start=start).rate, np.zeros(network.n_populations))


def corrected_state(
    network: Network, connections: str, near: FloatArray, added: FloatArray, overlap: FloatArray | None = None
) -> BinaryState:
    """Return the state near activities `near`, if the variance in time of the input is larger by `added`, (P,).

    The search for q begins at `overlap`, m² by default.
    """
    excluded, diluted = exclusion(network, connections), network.variance_coupling * _filling(network, connections)
    m = np.array(near)
    overlap = m * m if overlap is None else overlap
    for _ in range(_MOST_STEPS):
        shift = added - diluted @ overlap
        if excluded.any() or shift.any():
            m = _newton(network, excluded, m, shift)
        mu, variance = moments(network, excluded, m, shift)
        before = overlap
        overlap, temporal = _heterogeneity(network, m, mu, variance, added, overlap)
        if not diluted.any() or (np.abs(overlap - before) <= _SETTLED).all():
            break
    else:
        raise ConvergenceError(f"{network.label}: activities and q did not settle in {_MOST_STEPS} iterations")
    return BinaryState(
        network=network,
        connections=connections,
        activity=m,
        overlap=overlap,
        mu=mu,
        variance=variance,
        quenched_variance=np.maximum(variance - temporal, 0.0),
        correlated_variance=added,
    )


def taus(network: Network) -> FloatArray:
    """Mean times between updates, (P,) [s]."""
    return np.array([neuron.tau for neuron in network.neurons])  # type: ignore[attr-defined]


def exclusion(network: Network, connections: str) -> FloatArray:
    """The factor of -m² in the variance of the input, (P, P): 1 where all indegrees are the same, else 0."""
    return np.full(network.indegree.shape, 1.0 if connections == "fixed indegree" else 0.0)


def _filling(network: Network, connections: str) -> FloatArray:
    """The factor of -q in the variance of the input, (P, P): K/N in Erdős-Rényi networks, else 0."""
    filling = network.indegree / np.array(network.sizes)
    if connections != "fixed indegree" and (filling > 1.0).any():
        i, j = (int(k) for k in np.argwhere(filling > 1.0)[0])
        names = network.names
        raise ValueError(
            f"indegree must not exceed the size of its source: {names[i]} has {network.indegree[i, j]:g} synapses from "
            f"{names[j]}, which has {network.sizes[j]} neurons"
        )
    return filling if connections == "Erdős-Rényi" else np.zeros_like(filling)


def moments(network: Network, excluded: FloatArray, m: FloatArray, added: Any = 0.0) -> tuple[FloatArray, FloatArray]:
    """Mean and variance alpha of the input at activities `m`."""
    mu = network.mean_coupling @ m + network.mu_ext
    variance = (network.variance_coupling * (m - excluded * m * m)).sum(axis=1) + network.variance_ext + added
    return mu, np.maximum(variance, 0.0)


def answers(network: Network, mu: FloatArray, variance: FloatArray) -> FloatArray:
    """Activities that neurons answer to their input."""
    inputs = zip(network.neurons, mu.tolist(), np.sqrt(variance).tolist(), strict=True)
    return np.array([neuron.rate(mean, width) for neuron, mean, width in inputs])


def _gains(network: Network, mu: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    inputs = zip(network.neurons, mu.tolist(), np.sqrt(variance).tolist(), strict=True)
    gains = np.array([neuron.rate_and_gain(mean, width)[1:] for neuron, mean, width in inputs])
    return gains[:, 0], gains[:, 1]


def _coupling(network: Network, mu: FloatArray, variance: FloatArray, dilution: FloatArray) -> FloatArray:
    by_mu, by_variance = _gains(network, mu, variance)
    return np.asarray(
        by_mu[:, None] * network.mean_coupling + by_variance[:, None] * network.variance_coupling * dilution
    )


def _newton(network: Network, excluded: FloatArray, m: FloatArray, added: FloatArray) -> FloatArray:
    """Newton's method from the activities `m`, its steps kept within (0, 1)."""
    for _ in range(100):
        mu, variance = moments(network, excluded, m, added)
        coupling = _coupling(network, mu, variance, 1.0 - 2.0 * excluded * m)
        step = np.linalg.solve(np.eye(m.size) - coupling, answers(network, mu, variance) - m)
        inside = 0.5 * np.where(step < 0.0, m, 1.0 - m)
        m = m + step * min(1.0, float((inside / np.maximum(np.abs(step), 1e-300)).min()))
        if (np.abs(step) <= 1e-13 * m).all():
            return m
    raise ConvergenceError(f"{network.label}: the state of sparse connections has none near it with corrections")


def _heterogeneity(
    network: Network, m: FloatArray, mu: FloatArray, variance: FloatArray, added: FloatArray, overlap: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(q, alpha - beta), from a q nearby: see `stationary_state`."""
    from scipy.special import owens_t

    spread = np.sqrt(np.where(variance > 0.0, variance, 1.0))
    h = np.where(variance > 0.0, (np.array([neuron.v_th for neuron in network.neurons]) - mu) / spread, np.inf)
    changing = np.maximum(m - overlap, 0.1 * m * (1.0 - m))  # m - q; away from 0, where all is frozen
    for _ in range(_MOST_STEPS):
        temporal = np.clip(network.variance_coupling @ changing + network.variance_ext + added, 0.0, variance)
        ratio = temporal / np.maximum(2.0 * variance - temporal, 1e-300)
        new = 2.0 * owens_t(h, np.sqrt(ratio))
        moved = np.abs(new - changing).max()
        changing = new
        if moved <= _TOLERANCE:
            return m - changing, temporal
    raise ConvergenceError(f"{network.label}: the heterogeneity q did not settle in {_MOST_STEPS} iterations")


def _fraction(m: Any) -> FloatArray:
    value = as_si("m", m, "1")
    if not ((value > 0.0) & (value < 1.0)).all():
        raise ValueError(f"m must be between 0 and 1, got {m!r}")
    return value
