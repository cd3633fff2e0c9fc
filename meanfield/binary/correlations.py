"""Correlations in binary networks of finite size, and how excitatory and inhibitory currents cancel.

Population activities obey, to first order about a stationary state, d(delta m)/dt = A delta m + noise, and the noise of
N neurons that switch independently has the intensity 2 (m - q)/(N tau), so that their covariance matrix C solves

    A C + C A^T + diag(2 (m - q)/(N tau)) = 0

(Ginzburg & Sompolinsky 1994, Phys. Rev. E 50; Renart et al. 2010, Science 327; Helias, Tetzlaff & Diesmann 2014, PLoS
Comput. Biol. 10, who write m (1 - m) for the variance m - q of one neuron in time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.binary.state import BinaryState, corrected_state, stationary_state
from meanfield.fixedpoint import ConvergenceError
from meanfield.network import Network

_MOST_ROUNDS = 500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinaryCorrelations:
    """Equal-time covariances in a stationary state, averages over pairs of neurons.

    Attributes
    ----------
    state : BinaryState
    population : (P, P) array
        Covariance of the population activities.
    pairs : (P, P) array
        Mean covariance of two different neurons, one of each population.
    """

    state: BinaryState
    population: FloatArray
    pairs: FloatArray

    @property
    def correlation(self) -> FloatArray:
        """Mean pairwise covariance over the mean variances of single neurons, (P, P)."""
        single = self.state.activity - self.state.overlap
        return np.asarray(self.pairs / np.sqrt(np.outer(single, single)))

    def current_covariance(self, population: int | str) -> FloatArray:
        """Mean covariance of the inputs of two neurons of one population, by sources: (P, P).

        Entry [b, c] is of the current from b of one neuron with the current from c of the other, in units of v_th².
        Shared sources are in it.
        """
        strength = self.state.network.mean_coupling[self._index(population)]
        return np.asarray(np.outer(strength, strength) * self.population)

    def current_variance(self, population: int | str) -> FloatArray:
        """Covariance over time of the inputs that one neuron has from two sources, (P, P), units of v_th²."""
        target = self._index(population)
        network, state = self.state.network, self.state
        strength = network.mean_coupling[target]
        found = np.outer(strength, strength) * self.pairs
        own = network.variance_coupling[target] * (state.activity - state.overlap)
        sizes = np.array(network.sizes)
        index = np.arange(own.size)
        found[index, index] = found[index, index] * (1.0 - 1.0 / sizes) + own
        return found

    def current_correlation(
        self, population: int | str, first: Sequence[int | str] = (), second: Sequence[int | str] = ()
    ) -> float:
        """Correlation of the currents that two neurons of one population receive.

        Parameters
        ----------
        population : int or str
            Of the two neurons.
        first, second : sequence of int or str
            Sources of the current of the one and of the other; default is all, the net current.

        Raises
        ------
        ValueError
            For an unknown population, or sources that send no current that varies.
        """
        every = range(len(self.state.network.names))
        rows = [self._index(name) for name in first] or list(every)
        columns = [self._index(name) for name in second] or list(every)
        variance = self.current_variance(population)
        norms = [float(variance[np.ix_(group, group)].sum()) for group in (rows, columns)]
        if not min(norms) > 0.0:
            raise ValueError(f"first and second must name sources whose currents vary, got {first!r} and {second!r}")
        return float(self.current_covariance(population)[np.ix_(rows, columns)].sum() / np.sqrt(norms[0] * norms[1]))

    def _index(self, population: int | str) -> int:
        names = self.state.network.names
        if isinstance(population, str) and population in names:
            return names.index(population)
        if isinstance(population, int) and 0 <= population < len(names):
            return population
        raise ValueError(f"unknown population {population!r}; known: {', '.join(names)}")


def pair_correlations(network: Network | BinaryState, *, connections: str = "sparse") -> BinaryCorrelations:
    """Covariances of a finite binary network, by linear theory.

    Parameters
    ----------
    network : Network or BinaryState
        A network of `Binary` neurons, or a state of one (then `connections` is the state's).
    connections : str
        As `stationary_state`.

    Returns
    -------
    BinaryCorrelations

    Raises
    ------
    ValueError
        If the state is unstable; also as `stationary_state`.

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.binary.pair_correlations(mf.models.renart2010(size=2000), connections="Erdős-Rényi")
    >>> print(f"{found.correlation[0, 0]:.1e}")
    1.5e-03
    """
    state = network if isinstance(network, BinaryState) else stationary_state(network, connections=connections)
    if not state.is_stable:
        root = max(np.linalg.eigvals(state.jacobian), key=lambda value: value.real)
        raise ValueError(f"the state of {state.network.label} is unstable: perturbations grow by {root.real:.4g}/s")
    sizes = np.array(state.network.sizes)
    single = state.activity - state.overlap
    population = lyapunov(state.jacobian, np.diag(2.0 * single / (sizes * state.tau)))
    own = np.diag(single / sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.where(sizes > 1, 1.0 - 1.0 / sizes, np.inf)  # a neuron alone has no partner
    pairs = population - own
    index = np.arange(sizes.size)
    pairs[index, index] /= others
    return BinaryCorrelations(state=state, population=population, pairs=pairs)


def finite_size_state(network: Network, *, connections: str = "Erdős-Rényi") -> BinaryState:
    """Stationary state of a network whose indegrees are a sizeable part of its populations.

    Neurons share sources then, and feedback cancels most of what they share: the sources of one neuron come to be
    correlated such that its input varies less in time, by about K/N of it. The covariances
    sum_bc K J K J pairs_bc are added to the variance, with the covariances of `pair_correlations` in that same state.

    Parameters
    ----------
    network : Network
        Of `Binary` neurons.
    connections : str
        As `stationary_state`.

    Returns
    -------
    BinaryState

    Raises
    ------
    ConvergenceError
        If variance and correlations do not settle; also as `pair_correlations`.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.models.vanvreeswijk1998(K=1000, m0=0.1, size=5000)
    >>> state = mf.binary.finite_size_state(net)
    >>> bool((state.correlated_variance < 0).all())
    True
    """
    state = stationary_state(network, connections=connections)
    for _ in range(_MOST_ROUNDS):
        pairs = pair_correlations(state).pairs
        index = np.arange(pairs.shape[0])
        pairs[index, index] *= 1.0 - 1.0 / np.array(network.sizes)
        coupling = network.mean_coupling
        added = np.einsum("ab,ac,bc->a", coupling, coupling, pairs)
        change = added - state.correlated_variance
        added = state.correlated_variance + 0.7 * change
        state = corrected_state(network, connections, state.activity, added, state.overlap)
        if (np.abs(change) <= 1e-10 * state.variance).all():
            return state
    raise ConvergenceError(f"{network.label}: variance and correlations did not settle in {_MOST_ROUNDS} rounds")


def lyapunov(jacobian: FloatArray, noise: FloatArray) -> FloatArray:
    """Solve A C + C A^T + D = 0 for the symmetric C, (P, P); A stable, D symmetric."""
    jacobian = check("jacobian", jacobian, "Hz")
    n = jacobian.shape[0]
    identity = np.eye(n)
    matrix = np.kron(jacobian, identity) + np.kron(identity, jacobian)
    found = np.linalg.solve(matrix, -np.asarray(noise).reshape(-1)).reshape(n, n)
    return np.asarray(0.5 * (found + found.T))
