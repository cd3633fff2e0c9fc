"""The Gaussian spread of a population's inputs over neurons, and averages over it.

What differs between neurons is x = (mu, sigma², v_th), in [V, V², V] from the population's mean. In-degrees and rates
of sources move mu and sigma² together: a neuron with S_j the sum of the rates over its synapses from population j has

    mu = mu_ext + tau_m sum_j J_j S_j,   sigma² = sigma²_ext + tau_m sum_j J_j² S_j.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from meanfield._validate import FloatArray
from meanfield.network import Network, PoissonDrive
from meanfield.neurons.base import Neuron
from meanfield.neurons.lif import LIF

CONNECTIONS = ("sparse", "Erdős-Rényi", "fixed indegree")
ACROSS = 5  # nodes in each direction in which the rate has no gradient
_SLOPE_STEP = 1e-2  # standard deviations, of differences
_NEGLIGIBLE = 1e-13  # of the variance
_LEAST_WEIGHT = 1e-20  # of a node; extreme inputs are not asked for in vain
_LEAST_WIDTH = 1e-3  # of v_th - v_reset, below which no threshold comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """What differs between neurons.

    Attributes
    ----------
    connections : str
        One of `CONNECTIONS`.
    mu_std, threshold_std : (P,) array
        Standard deviations of the mean drive and of the threshold [V].
    drive_indegree_std : (P,) array
        Standard deviation of the number of synapses of each Poisson drive.
    """

    connections: str
    mu_std: FloatArray
    threshold_std: FloatArray
    drive_indegree_std: FloatArray


def indegree_std(network: Network, connections: str) -> FloatArray:
    """Standard deviation of the in-degrees, (P, P): of a Poisson or binomial number, or 0."""
    if connections == "fixed indegree":
        return np.zeros_like(network.indegree)
    filling = network.indegree / np.array(network.sizes) if connections == "Erdős-Rényi" else 0.0
    return np.asarray(np.sqrt(network.indegree * (1.0 - filling)))


def summed_variance(network: Network, connections: str, rate: FloatArray, second_moment: FloatArray) -> FloatArray:
    """Variance over neurons of the sum S of the rates over a neuron's synapses, (P, P) [Hz²], [target, source].

    With binomial in-degrees each of N sources is there with probability K/N: N (K/N)(1 - K/N) <nu²>. With K synapses
    from sources drawn with replacement, K (<nu²> - <nu>²).
    """
    if connections == "fixed indegree":
        return np.asarray(network.indegree * (second_moment - rate**2))
    return np.asarray(indegree_std(network, connections) ** 2 * second_moment)


def input_covariance(
    network: Network, heterogeneity: Heterogeneity, rate: FloatArray, second_moment: FloatArray
) -> FloatArray:
    """Covariance over neurons of (mu, sigma², v_th), (P, 3, 3)."""
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    weight = network.weight
    summed = tau_m[:, None] ** 2 * summed_variance(network, heterogeneity.connections, rate, second_moment)
    covariance = np.zeros((len(rate), 3, 3))
    for a, b, power in ((0, 0, 2), (0, 1, 3), (1, 1, 4)):
        covariance[:, a, b] = (summed * weight**power).sum(axis=1)
        for drive in network.drives:
            if isinstance(drive, PoissonDrive):
                spread = tau_m * heterogeneity.drive_indegree_std * drive.rate
                covariance[:, a, b] += spread**2 * drive.weight**power
    covariance[:, 1, 0] = covariance[:, 0, 1]
    covariance[:, 0, 0] += heterogeneity.mu_std**2
    covariance[:, 2, 2] = heterogeneity.threshold_std**2
    return covariance


@dataclass(frozen=True, slots=True)
class Spread:
    """Rates of a population's neurons as a function of independent standard normal variables z.

    The first of them is along the gradient of log rate, so that the rate depends on the others to second order only.

    Attributes
    ----------
    neuron : Neuron
    mean : (3,) array
        Means of mu and sigma², and 0 for the threshold, which counts from the neuron's.
    axes : (3, r) array
        What a unit of each z changes.
    slope : float
        d log rate/d z_1 at the mean.
    """

    neuron: Neuron
    mean: FloatArray
    axes: FloatArray
    slope: float

    @classmethod
    def of(cls, neuron: Neuron, mu: float, variance: float, covariance: FloatArray) -> Spread:
        """Find the principal axes of a covariance, then turn them."""
        mean = np.array([mu, variance, 0.0])
        scale = np.sqrt(np.diag(covariance))
        present = np.where(scale > 0.0, scale, 1.0)
        eigenvalues, vectors = np.linalg.eigh(covariance / np.outer(present, present))
        kept = eigenvalues > _NEGLIGIBLE
        columns = present[:, None] * vectors[:, kept] * np.sqrt(eigenvalues[kept])
        if columns.shape[1] == 0:
            return cls(neuron, mean, np.zeros((3, 0)), 0.0)
        trial = cls(neuron, mean, columns, 0.0)
        steps = _SLOPE_STEP * np.eye(columns.shape[1])
        with np.errstate(invalid="ignore"):
            gradient = (trial.log_rate(steps) - trial.log_rate(-steps)) / (2.0 * _SLOPE_STEP)
        slope = float(np.linalg.norm(gradient))
        if not (np.isfinite(slope) and slope > 0.0):  # silent at the mean: along mu - v_th
            gradient, slope = columns[0] - columns[2], 0.0
        turned, upper = np.linalg.qr(np.column_stack([gradient, np.eye(len(gradient))]))
        turned[:, 0] *= np.sign(upper[0, 0])
        return cls(neuron, mean, columns @ turned, slope)

    @property
    def n_axes(self) -> int:
        """Number r of variables."""
        return int(self.axes.shape[1])

    def _inputs(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and amplitude of the inputs at z, (r, ...) array.

        A LIF neuron whose threshold alone is higher is one of the same threshold in other units of V - v_reset.
        """
        x = np.tensordot(self.axes, z, axes=1)
        mu = self.mean[0] + x[0]
        sigma = np.sqrt(np.maximum(self.mean[1] + x[1], 0.0))
        if isinstance(self.neuron, LIF) and self.axes[2].any():
            width = self.neuron.v_th - self.neuron.v_reset
            unit = width / np.maximum(width + x[2], _LEAST_WIDTH * width)
            return self.neuron.v_reset + (mu - self.neuron.v_reset) * unit, sigma * unit
        return mu, sigma

    def rate(self, z: FloatArray) -> FloatArray:
        """Rates [Hz] of the neurons at z, (r, ...) array."""
        return np.asarray(self.neuron.rate(*self._inputs(z)))

    def log_rate(self, z: FloatArray) -> FloatArray:
        """Their logarithm."""
        return np.asarray(self.neuron.log_rate(*self._inputs(z)))

    def cv(self, z: FloatArray) -> FloatArray:
        """Coefficients of variation of their inter-spike intervals."""
        return np.asarray(self.neuron.cv(*self._inputs(z)))

    def nodes(self, along: int) -> tuple[FloatArray, FloatArray]:
        """Gauss-Hermite nodes (r, n) and weights (n,), with `along` of them in the direction of the gradient."""
        z: FloatArray = np.zeros((0, 1))
        weights: FloatArray = np.ones(1)
        for k in range(self.n_axes):
            x, w = gauss_hermite(along if k == 0 else ACROSS)
            z = np.vstack([np.repeat(z, x.size, axis=1), np.tile(x, z.shape[1])[None]])
            weights = np.asarray(np.outer(weights, w).reshape(-1), dtype=float)
        return z, weights

    def moments(self, along: int) -> FloatArray:
        """First and second moment of the rates, (2,) [Hz, Hz²]."""
        z, weights = self.nodes(along)
        rate = np.broadcast_to(self.rate(z), weights.shape)
        return np.array([weights @ rate, weights @ rate**2])


def gauss_hermite(n: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the average over a standard normal variable, without those that weigh nothing."""
    from scipy.special import roots_hermitenorm

    nodes, weights = roots_hermitenorm(n)
    weights /= weights.sum()
    kept = weights > _LEAST_WEIGHT
    return nodes[kept], weights[kept]
