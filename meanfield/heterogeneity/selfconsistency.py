"""`rate_distribution`: mean rates and their second moments, self-consistently."""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_choice
from meanfield.fixedpoint import ConvergenceError, FixedPoint, solve
from meanfield.heterogeneity.distribution import RateDistribution
from meanfield.heterogeneity.spread import CONNECTIONS, Heterogeneity, Spread, input_covariance
from meanfield.network import Network, check_network
from meanfield.neurons.binary import Binary
from meanfield.neurons.lif import LIF

NODES = (48, 96, 192, 384)
_ACCURATE = 1e-9  # of moments, by doubling the nodes
_TOLERANCE = 1e-10
_MOST_STEPS = 30
_LEAST_SCALE_STEP = 1e-3
_SILENT = 1e-100  # Hz; rates below are 0
_FAINT = np.log(1e-6)  # Hz
_DIFFERENCE = 1e-6
_WIDEST_THRESHOLD = 0.3  # threshold_std/(v_th - v_reset)


def rate_distribution(
    state: Network | FixedPoint,
    *,
    connections: str = "Erdős-Rényi",
    mu_std: Any = 0.0,
    threshold_std: Any = 0.0,
    drive_indegree_std: Any = 0.0,
) -> RateDistribution:
    """Find the distribution of firing rates over neurons of a network with quenched heterogeneity.

    Parameters
    ----------
    state : Network or FixedPoint
        Of LIF, EIF or QIF neurons. The heterogeneous state is followed from the fixed point given, or from that of
        `solve`, while the spread grows.
    connections : str
        "Erdős-Rényi": binomial in-degrees; "sparse": its limit of N far above K, Poisson in-degrees; "fixed indegree":
        K synapses onto every neuron from sources drawn with replacement, where only their rates differ.
    mu_std : float or (P,) array
        Standard deviation over neurons of the mean drive [V].
    threshold_std : float or (P,) array
        Standard deviation over neurons of the threshold, the reset being the same [V]; of LIF neurons. (Where threshold
        and reset move together, use `mu_std`.)
    drive_indegree_std : float or (P,) array
        Standard deviation over neurons of the number of synapses of each Poisson drive, sqrt(K) if it is Poisson; 0 is
        what `Network` means and `validation.simulate` does.

    Returns
    -------
    RateDistribution

    Raises
    ------
    ConvergenceError
        As `solve`; also if no heterogeneous state is connected to the homogeneous one.
    ValueError, TypeError
        For negative spreads, a threshold spread near v_th - v_reset, in-degrees above the size of a population, other
        neurons.

    Notes
    -----
    With nu(mu, sigma) the neuron's answer, <.> over neurons, and z standard normal (Roxin et al. 2011, J. Neurosci. 31;
    the second moment is q of spin glasses), all sources of population i adding up,

        <nu> = int Dz nu(mu + Delta z, sigma),   <nu²> = int Dz nu²(mu + Delta z, sigma),
        mu = mu_ext + sum tau_m K J <nu>,   Delta² = sum tau_m² J² K (1 - K/N) <nu²> + mu_std²;

    with equal in-degrees, tau_m² J² K (<nu²> - <nu>²) in place of the last sum's terms. That sigma² of a neuron varies
    with its in-degrees as well, in step with mu, is included, so that z has two or three dimensions: in networks that
    inhibition dominates it narrows the distribution (by 10% at K = 500). What is not: correlations in time, and slow
    fluctuations of the sources near the edge of chaos, where the static heterogeneity that this finds amplifies itself.

    Newton's method finds log <nu> and <nu²>/<nu>² - 1; Gauss-Hermite quadrature is refined until the moments are known
    to 1e-9 (`quadrature_error` says what was reached).

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.rate_distribution(mf.models.brunel2000(g=5, eta=2))
    >>> found.homogeneous.rate.round(2), found.rate.round(2), found.std.round(2)
    (array([37.95, 37.95]), array([38.62, 38.62]), array([22.43, 22.43]))
    """
    if not isinstance(state, FixedPoint):
        check_network(state)
    network = state.network if isinstance(state, FixedPoint) else state
    heterogeneity = _check(network, connections, mu_std, threshold_std, drive_indegree_std)
    homogeneous = state if isinstance(state, FixedPoint) else solve(network)
    n = network.n_populations
    x = np.concatenate([np.log(np.maximum(homogeneous.rate, _SILENT)), np.zeros(n)])
    x = _follow(network, heterogeneity, x, homogeneous)
    error = np.inf
    for nodes in NODES:
        x = _newton(network, heterogeneity, x, nodes, 1.0) if nodes > NODES[0] else x
        if x is None:
            raise ConvergenceError(f"{network.label}: the quadrature over neurons does not converge", homogeneous)
        error = float(np.abs(_answer(network, heterogeneity, x, 2 * nodes, 1.0) - x).max())
        if error <= _ACCURATE:
            break
    rate, second_moment = _moments(x)
    mu, variance, covariance = _inputs(network, heterogeneity, rate, second_moment, 1.0)
    return RateDistribution(
        network=network,
        homogeneous=homogeneous,
        connections=connections,
        rate=np.where(rate > 2 * _SILENT, rate, 0.0),
        second_moment=np.where(rate > 2 * _SILENT, second_moment, 0.0),
        mu=mu,
        sigma=np.sqrt(variance),
        covariance=covariance,
        nodes=nodes,
        quadrature_error=error,
    )


def _check(network: Network, connections: str, mu_std: Any, threshold_std: Any, drive_std: Any) -> Heterogeneity:
    check_choice("connections", connections, CONNECTIONS)
    shape, words = (network.n_populations,), "(one entry a population)"

    def spread(name: str, value: Any, unit: str) -> FloatArray:
        return check(name, value, unit, nonnegative=True, shape=shape, shape_words=words)

    thresholds = spread("threshold_std", threshold_std, "V")
    for name, neuron, width in zip(network.names, network.neurons, thresholds.tolist(), strict=True):
        if isinstance(neuron, Binary):
            raise TypeError(f"population {name} is Binary: meanfield.binary has its heterogeneity")
        if width > 0.0 and not isinstance(neuron, LIF):
            raise TypeError(
                f"threshold_std is of LIF neurons, population {name} has {type(neuron).__name__}: use mu_std"
            )
        if isinstance(neuron, LIF) and width > _WIDEST_THRESHOLD * (neuron.v_th - neuron.v_reset):
            raise ValueError(
                f"threshold_std must not exceed {_WIDEST_THRESHOLD:g} of v_th - v_reset = "
                f"{neuron.v_th - neuron.v_reset:g} V, got {width!r} V for population {name}"
            )
    above = np.argwhere(network.indegree > np.array(network.sizes))
    if connections == "Erdős-Rényi" and above.size:
        i, j = (int(k) for k in above[0])
        raise ValueError(
            f"indegree must not exceed the size of its source: {network.names[i]} has {network.indegree[i, j]:g} "
            f"synapses from {network.names[j]}, which has {network.sizes[j]} neurons"
        )
    return Heterogeneity(
        connections=connections,
        mu_std=spread("mu_std", mu_std, "V"),
        threshold_std=thresholds,
        drive_indegree_std=spread("drive_indegree_std", drive_std, "1"),
    )


def _moments(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """<nu> and <nu²> of the unknowns log <nu> and <nu²>/<nu>² - 1."""
    log_rate, relative_variance = x.reshape(2, -1)
    rate = np.exp(log_rate)
    return rate, rate**2 * (1.0 + relative_variance)


def _inputs(
    network: Network, heterogeneity: Heterogeneity, rate: FloatArray, second_moment: FloatArray, scale: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means of mu and sigma², and the covariance of the inputs at a fraction `scale` of what it is."""
    mu, sigma = network.input_moments(rate)
    return mu, sigma**2, scale * input_covariance(network, heterogeneity, rate, second_moment)


def _answer(network: Network, heterogeneity: Heterogeneity, x: FloatArray, nodes: int, scale: float) -> FloatArray:
    """The unknowns that the neurons answer with."""
    inputs = zip(network.neurons, *_inputs(network, heterogeneity, *_moments(x), scale), strict=True)
    found = np.array([Spread.of(neuron, float(mu), float(s2), c).moments(nodes) for neuron, mu, s2, c in inputs])
    rate = np.maximum(found[:, 0], _SILENT)
    silent = found[:, 0] <= _SILENT
    return np.concatenate([np.log(rate), np.where(silent, 0.0, np.maximum(found[:, 1] / rate**2 - 1.0, 0.0))])


def _newton(
    network: Network, heterogeneity: Heterogeneity, x: FloatArray, nodes: int, scale: float
) -> FloatArray | None:
    """Newton's method with backtracking; None if it fails."""
    n = x.size // 2

    def residual(at: FloatArray) -> FloatArray:
        return _answer(network, heterogeneity, at, nodes, scale) - at

    here = residual(x)
    for _ in range(_MOST_STEPS):
        if np.abs(here).max() <= _TOLERANCE:
            return x
        jacobian = np.array([(residual(x + step) - here) / _DIFFERENCE for step in _DIFFERENCE * np.eye(2 * n)]).T
        try:
            step = np.linalg.solve(jacobian, -here)
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(step).all():
            return None
        length = min(1.0, 1.0 / max(float(np.abs(step[:n]).max()), 1e-300))  # a factor e of the rate at most
        for _ in range(12):
            tried = x + length * step
            tried[n:] = np.maximum(tried[n:], 0.0)
            there = residual(tried)
            if np.linalg.norm(there) < np.linalg.norm(here):
                break
            length *= 0.5
        else:
            return x if np.abs(here).max() <= 1e3 * _TOLERANCE else None  # rounding allows no better
        x, here = tried, there
    return None


def _follow(network: Network, heterogeneity: Heterogeneity, x: FloatArray, homogeneous: FixedPoint) -> FloatArray:
    """Let the spread grow from nothing to what it is."""
    scale, step = 0.0, 0.25
    while scale < 1.0:
        step = min(step, 1.0 - scale)
        answered = _answer(network, heterogeneity, x, NODES[0], scale + step)
        faint = np.tile(x[: x.size // 2] < _FAINT, 2)  # neurons may fire that differ from a silent mean
        found = _newton(network, heterogeneity, np.where(faint, answered, x), NODES[0], scale + step)
        if found is not None:
            x, scale, step = found, scale + step, 2.0 * step
        elif step > _LEAST_SCALE_STEP:
            step *= 0.5
        else:
            raise ConvergenceError(
                f"{network.label}: no state with this heterogeneity is connected to the homogeneous one, which was "
                f"followed to {scale:.2g} of the spread's variance",
                homogeneous,
            )
    return x
