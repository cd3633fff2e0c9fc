"""The distribution of rates over neurons, as `rate_distribution` finds it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, as_si, check, check_rng, check_scalar, check_whole
from meanfield.fixedpoint import FixedPoint
from meanfield.heterogeneity.spread import Spread, gauss_hermite, indegree_std
from meanfield.network import Network

FARTHEST = 9.0  # standard deviations, where densities end
_GRID = 129
_MONOTONE = 4.0  # standard deviations, within which rates have to increase
_HALVINGS = 38
_SETTLED = 1e-11  # standard deviations
_SLOPE = 1e-3  # standard deviations, of differences


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """A log-normal distribution: log nu, nu in Hz, is normal with mean `log_mean` and standard deviation `log_std`."""

    log_mean: float
    log_std: float

    @property
    def mean(self) -> float:
        """Mean [Hz]."""
        return math.exp(self.log_mean + 0.5 * self.log_std**2)

    @property
    def std(self) -> float:
        """Standard deviation [Hz]."""
        return self.mean * math.sqrt(math.expm1(self.log_std**2))

    def density(self, nu: Any) -> Any:
        """Density [1/Hz] at rates `nu` [Hz] above 0."""
        nu = check("nu", nu, "Hz", positive=True)
        z = (np.log(nu) - self.log_mean) / self.log_std
        return _plain(np.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * self.log_std * nu))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RateDistribution:
    """Firing rates over neurons in a state of a network with quenched heterogeneity.

    Attributes
    ----------
    network : Network
    homogeneous : FixedPoint
        The state of the same network without heterogeneity.
    connections : str
        "sparse", "Erdős-Rényi" or "fixed indegree".
    rate : (P,) array
        Mean rates over neurons <nu> [Hz].
    second_moment : (P,) array
        <nu²> [Hz²].
    mu, sigma : (P,) array
        Mean of the input, and root of the mean of sigma², over neurons [V].
    covariance : (P, 3, 3) array
        Of (mu, sigma², v_th) over neurons [V, V², V].
    nodes : int
        Gauss-Hermite nodes.
    quadrature_error : float
        What doubling them changes of log <nu> and of <nu²>/<nu>².
    """

    network: Network
    homogeneous: FixedPoint
    connections: str
    rate: FloatArray
    second_moment: FloatArray
    mu: FloatArray
    sigma: FloatArray
    covariance: FloatArray
    nodes: int
    quadrature_error: float

    @property
    def std(self) -> FloatArray:
        """Standard deviation of the rates over neurons, (P,) [Hz]."""
        return np.asarray(np.sqrt(np.maximum(self.second_moment - self.rate**2, 0.0)))

    @property
    def mu_std(self) -> FloatArray:
        """Standard deviation Delta over neurons of the mean input, (P,) [V]."""
        return np.asarray(np.sqrt(self.covariance[:, 0, 0]))

    def log_moments(self, population: int = 0) -> tuple[float, float, float]:
        """Mean, standard deviation and skewness of the natural logarithm of the rates in Hz.

        Raises
        ------
        ValueError
            If neurons are exactly silent, as without noise.
        """
        spread = self.spread(population)
        z, weights = spread.nodes(self.nodes)
        log_rate = np.broadcast_to(spread.log_rate(z), weights.shape)
        if not np.isfinite(log_rate).all():
            raise ValueError(f"neurons of {self.network.names[population]} are silent: their rates have no logarithm")
        mean = float(weights @ log_rate)
        variance = float(weights @ (log_rate - mean) ** 2)
        if spread.n_axes == 0:
            return mean, 0.0, 0.0
        return mean, math.sqrt(variance), float(weights @ (log_rate - mean) ** 3) / variance**1.5

    def lognormal(self, population: int = 0) -> LogNormal:
        """Log-normal approximation: log rate linear in the input about its mean (Roxin et al. 2011).

        `log_mean` is log nu(mu, sigma), `log_std` is Delta d log nu/d mu where the mean input alone differs. Exact for
        an exponential transfer function.

        Raises
        ------
        ValueError
            If all neurons have the same rate, or one with the mean input is silent.
        """
        spread = self._varying(population)
        if spread.slope == 0.0:
            raise ValueError(f"a neuron of {self.network.names[population]} with the mean input is silent")
        return LogNormal(log_mean=float(spread.log_rate(np.zeros(spread.n_axes))), log_std=spread.slope)

    def cdf(self, nu: Any, population: int = 0) -> Any:
        """Fraction of a population's neurons whose rate is at most `nu` [Hz]; of the shape of `nu`."""
        from scipy.special import ndtr

        nu = as_si("nu", nu, "Hz")
        if self.spread(population).n_axes == 0:
            return _plain((nu >= self.rate[population]).astype(float))
        z, weights, _ = self._along(nu, population)
        return _plain((weights @ ndtr(z)).reshape(nu.shape))

    def density(self, nu: Any, population: int = 0) -> Any:
        """Density over neurons [1/Hz] at rates `nu` [Hz] above 0; of the shape of `nu`.

        By change of variables, phi(z) dz/d nu, averaged over what is orthogonal to z.
        """
        nu = check("nu", nu, "Hz", positive=True)
        spread = self._varying(population)
        z, weights, across = self._along(nu, population)
        before, after = (_log_rate(spread, z + shift, across) for shift in (-_SLOPE, _SLOPE))
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (after - before) / (2.0 * _SLOPE)
            density = np.exp(-0.5 * z * z) / (np.sqrt(2.0 * np.pi) * slope)
        density[~((np.abs(z) < FARTHEST) & (slope > 0.0))] = 0.0
        return _plain((weights @ density).reshape(nu.shape) / nu)

    def quantile(self, p: Any, population: int = 0) -> Any:
        """Rate [Hz] that a fraction `p` of the neurons, 0 < p < 1, does not exceed; of the shape of `p`."""
        from scipy.special import ndtri

        p = as_si("p", p, "1")
        if not ((p > 0.0) & (p < 1.0)).all():
            raise ValueError(f"p must be between 0 and 1, got {p!r}")
        spread = self.spread(population)
        if spread.n_axes == 0:
            return _plain(np.full(p.shape, self.rate[population]))
        wanted = ndtri(p)
        z = wanted.copy() if wanted.ndim else np.array(wanted)
        for _ in range(20):  # what is orthogonal to z moves quantiles little: this contracts
            fraction = np.clip(self.cdf(_on_axis(spread, z), population), 1e-16, 1.0 - 1e-16)
            moved = wanted - ndtri(fraction)
            z = np.clip(z + moved, -FARTHEST, FARTHEST)
            if (np.abs(moved) <= _SETTLED).all():
                break
        return _plain(_on_axis(spread, z))

    def silent_fraction(self, below: float, population: int = 0) -> float:
        """Share of neurons whose rate is at most `below` [Hz]."""
        return float(self.cdf(below, population))

    def gini(self, population: int = 0) -> float:
        """Gini coefficient of the rates, int F(1 - F) d nu/<nu>: 0 if all are the same, near 1 if few neurons fire."""
        spread = self.spread(population)
        if spread.n_axes == 0:
            return 0.0
        z, weights = np.polynomial.legendre.leggauss(_GRID)
        z = FARTHEST * z
        fraction = np.asarray(self.cdf(_on_axis(spread, z), population))
        slope = (_on_axis(spread, z + _SLOPE) - _on_axis(spread, z - _SLOPE)) / (2.0 * _SLOPE)
        return float(FARTHEST * weights @ (fraction * (1.0 - fraction) * slope) / self.rate[population])

    def sample(self, n: int, population: int = 0, *, rng: Any) -> FloatArray:
        """Rates [Hz] of `n` neurons drawn at random, (n,)."""
        n = check_whole("n", n, at_least=1)
        spread = self.spread(population)
        drawn = check_rng(rng).standard_normal((spread.n_axes, n))
        return np.array(np.broadcast_to(spread.rate(drawn), (n,)))

    def sample_counts(self, n: int, duration: float, population: int = 0, *, rng: Any) -> FloatArray:
        """Spike counts in `duration` [s] of `n` neurons drawn at random, (n,).

        Normal about rate times duration, with CV² times that as variance, which holds for many spikes; rounded, and not
        negative.
        """
        n = check_whole("n", n, at_least=1)
        duration = check_scalar("duration", duration, "s", positive=True)
        generator, spread = check_rng(rng), self.spread(population)
        z = generator.standard_normal((spread.n_axes, n))
        mean = spread.rate(z) * duration
        noise = spread.cv(z) * np.sqrt(mean) * generator.standard_normal(n)
        return np.asarray(np.maximum(np.rint(mean + noise), 0.0))

    def rate_given_indegree(self, indegree: Any, source: int, population: int = 0) -> Any:
        """Mean rate [Hz] of the neurons with `indegree` synapses from population `source`; of the shape of `indegree`.

        Their input lies (k - K) (tau_m J, tau_m J²) <nu> from the mean, and varies as that of all neurons less what
        the in-degree brings.

        Raises
        ------
        ValueError
            Where in-degrees are all the same.
        """
        indegree = check("indegree", indegree, "1", nonnegative=True)
        std = self._indegree_std(population, source)
        given = (indegree - self.network.indegree[population, source]) / std
        return _plain(self._given(population, source, given.ravel()).reshape(indegree.shape))

    def indegree_correlation(self, source: int, population: int = 0) -> float:
        """Correlation over neurons of their rates and their numbers of synapses from population `source`."""
        self._indegree_std(population, source)
        z, weights = gauss_hermite(self.nodes)
        return float(weights @ (z * self._given(population, source, z)) / self.std[population])

    def spread(self, population: int = 0) -> Spread:
        """The population's rates as a function of standard normal variables."""
        mu, sigma = float(self.mu[population]), float(self.sigma[population])
        return Spread.of(self.network.neurons[population], mu, sigma**2, self.covariance[population])

    def _varying(self, population: int) -> Spread:
        spread = self.spread(population)
        if spread.n_axes == 0:
            raise ValueError(f"all neurons of {self.network.names[population]} have the same rate")
        return spread

    def _indegree_std(self, population: int, source: int) -> float:
        std = float(indegree_std(self.network, self.connections)[population, source])
        if std == 0.0:
            names = self.network.names
            raise ValueError(f"all neurons of {names[population]} have the same in-degree from {names[source]}")
        return std

    def _given(self, population: int, source: int, z: FloatArray) -> FloatArray:
        """Mean rate where an in-degree lies z standard deviations from its mean, (n,)."""
        network = self.network
        neuron, weight = network.neurons[population], float(network.weight[population, source])
        moved = neuron.tau_m * self._indegree_std(population, source) * float(self.rate[source])
        direction = moved * np.array([weight, weight**2, 0.0])
        left = self.covariance[population] - np.outer(direction, direction)
        mean = np.array([self.mu[population], self.sigma[population] ** 2])
        inputs = mean[:, None] + direction[:2, None] * z
        inputs[1] = np.maximum(inputs[1], 0.0)
        rates = [Spread.of(neuron, float(m), float(v), left).moments(self.nodes)[0] for m, v in inputs.T]
        return np.array(rates)

    def _along(self, nu: FloatArray, population: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Where along z_1 neurons have the rates `nu`, (m, n), with the weights (m,) and places (r - 1, m) across."""
        spread = self._varying(population)
        places, weights = spread.nodes(1)
        across = places[1:]
        grid = np.linspace(-FARTHEST, FARTHEST, _GRID)
        table = _log_rate(spread, np.broadcast_to(grid, (weights.size, _GRID)), across)
        inner = table[:, np.abs(grid) <= _MONOTONE]
        if (inner[:, 1:] < inner[:, :-1]).any():
            raise ValueError(
                f"rates in {self.network.names[population]} do not increase along the spread of inputs: it is too wide"
            )
        table = np.maximum.accumulate(table, axis=1)
        with np.errstate(divide="ignore"):
            wanted = np.log(np.maximum(nu.ravel(), 0.0))
        place = np.array([np.searchsorted(row, wanted, side="right") for row in table])
        low, high = grid[np.clip(place - 1, 0, _GRID - 1)], grid[np.clip(place, 0, _GRID - 1)]
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above = _log_rate(spread, middle, across) > wanted
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        z = np.where(place == 0, -np.inf, np.where(place == _GRID, np.inf, 0.5 * (low + high)))
        return z, weights, across


def _log_rate(spread: Spread, z: FloatArray, across: FloatArray) -> FloatArray:
    """Logarithm of the rates at z (m, n) along the gradient and `across` (r - 1, m) it."""
    z = np.clip(z, -FARTHEST, FARTHEST)
    return spread.log_rate(np.stack([z, *(np.broadcast_to(row[:, None], z.shape) for row in across)]))


def _on_axis(spread: Spread, z: FloatArray) -> FloatArray:
    """Rates along the gradient through the mean."""
    return spread.rate(np.stack([z, *(np.zeros_like(z),) * (spread.n_axes - 1)]))


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value
