"""What happens to a network as its indegree K grows and synapses weaken as a power of it.

With J ~ 1/sqrt(K) excitation and inhibition grow as sqrt(K), and what is left of them and the variance stay of the
order of 1. With J ~ 1/K the means stay and fluctuations die; with constant J all grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.fixedpoint import solve as solve_state
from meanfield.network import ConstantDrive, Drive, Network, PoissonDrive, check_network
from meanfield.stability import stability

QUANTITIES = ("excitation", "inhibition", "net", "variance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponent:
    """p of value ~ K^p, and its standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ± {self.error:.2g}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaling:
    """States of a network over its indegree.

    Attributes
    ----------
    indegree : (n,) array
        K.
    exponent : float
        Of the weights, J ~ K^exponent.
    networks : tuple of Network
    rate, cv : (n, P) array
        Firing rates [Hz]; coefficients of variation in white-noise theory.
    excitation, inhibition, net : (n, P) array
        Mean inputs of either sign and their sum mu [V].
    variance : (n, P) array
        Of the free membrane potential, sigma²/2 [V²].
    is_stable : (n,) bool array
        With delays, at each K.
    """

    indegree: FloatArray
    exponent: float
    networks: tuple[Network, ...]
    rate: FloatArray
    cv: FloatArray
    excitation: FloatArray
    inhibition: FloatArray
    net: FloatArray
    variance: FloatArray
    is_stable: Any

    def exponents(self) -> dict[str, tuple[Exponent, ...]]:
        """Powers of K fitted to what `QUANTITIES` names, by population; errors are those of the straight line."""
        columns = {name: np.abs(getattr(self, name)) for name in QUANTITIES}
        return {
            name: tuple(power_law(self.indegree, values[:, k]) for k in range(values.shape[1]))
            for name, values in columns.items()
        }


def scaled(network: Network, indegree: float, exponent: float = -0.5, *, sizes: Any = None) -> Network:
    """A network with its indegrees times r = K/K_0, and its weights times r^exponent.

    K_0 is the largest indegree within the network. The external drive scales along, so that its mean goes as the
    recurrent one, r^(1 + exponent): indegrees and weights of Poisson trains as those within, a constant drive as its
    mean; the rates of the trains and white noise stay. Indegrees become whole numbers.

    Parameters
    ----------
    network : Network
    indegree : float
        K, what the largest indegree becomes.
    exponent : float
        -1/2 for balance, -1 for weights whose fluctuations die, 0 for constant weights.
    sizes : sequence of P int, optional
        Numbers of neurons; the network's own by default.

    Raises
    ------
    ValueError
        For an indegree below 1 or larger than the population that it is drawn from, or if nobody is connected.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.balance.scaled(mf.models.brunel2000(), 4000)
    >>> net.indegree[0].tolist(), (net.weight[0] * 1e3).round(3).tolist()
    ([4000.0, 1000.0], [0.05, -0.25])
    """
    check_network(network)
    indegree = check_scalar("indegree", indegree, "1", positive=True)
    exponent = check_scalar("exponent", exponent, "1")
    largest = float(network.indegree.max())
    if largest <= 0.0:
        raise ValueError(f"network must have synapses to scale, {network.label} has none")
    ratio = indegree / largest
    found = replace(
        network,
        indegree=np.rint(network.indegree * ratio),
        weight=network.weight * ratio**exponent,
        drives=tuple(_scaled_drive(drive, ratio, exponent) for drive in network.drives),
        sizes=network.sizes if sizes is None else sizes,
        label=f"{network.label}, K = {indegree:g}, J ~ K^{exponent:g}",
    )
    if indegree < 1.0:
        raise ValueError(f"indegree must be at least 1, got {indegree!r}")
    check_sparse(found)
    return found


def check_sparse(network: Network) -> None:
    """Raise ValueError if a neuron has more synapses from a population than that has neurons."""
    for name, size, most in zip(network.names, network.sizes, network.indegree.max(axis=0), strict=True):
        if most > size:
            raise ValueError(
                f"indegree K must not be larger than N: {network.label} has K = {most:g} synapses a neuron from the "
                f"N = {size} neurons of {name}"
            )


def scaling(network: Network, indegrees: Sequence[float], exponent: float = -0.5) -> Scaling:
    """States of a network over its indegree, weights going as K^exponent, everything else fixed.

    Parameters
    ----------
    network : Network
    indegrees : sequence of float
        Values of K, two at least, as `scaled` takes them.
    exponent : float
        Of the weights.

    Returns
    -------
    Scaling

    Raises
    ------
    ValueError, TypeError
        As `scaled`; for fewer than two values.
    ConvergenceError
        If there is no state at some K.

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.balance.scaling(mf.models.brunel2000(g=8, eta=20), [2000, 4000, 8000])
    >>> print(found.exponents()["inhibition"][0])
    0.541 ± 0.0036
    """
    degrees = check("indegrees", indegrees, "1", positive=True)
    if degrees.ndim != 1 or np.unique(degrees).size < 2:
        raise ValueError(f"indegrees must be two different numbers at least, got {indegrees!r}")
    networks = tuple(scaled(network, k, exponent) for k in degrees.tolist())
    states = [solve_state(net) for net in networks]
    parts = np.array([mean_parts(net, fp.rate) for net, fp in zip(networks, states, strict=True)])
    return Scaling(
        indegree=degrees,
        exponent=float(exponent),
        networks=networks,
        rate=np.array([fp.rate for fp in states]),
        cv=np.array([fp.cv for fp in states]),
        excitation=parts[:, 0],
        inhibition=parts[:, 1],
        net=np.array([fp.mu for fp in states]),
        variance=np.array([fp.sigma**2 / 2.0 for fp in states]),
        is_stable=np.array([stability(fp).is_stable for fp in states]),
    )


def mean_parts(network: Network, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Excitatory and inhibitory part of the mean input at `rate` [Hz], (P,), (P,) [V]; they add up to mu."""
    terms = [network.mean_coupling * rate, *_external_means(network)]
    every = np.column_stack(terms)
    return np.maximum(every, 0.0).sum(axis=1), np.minimum(every, 0.0).sum(axis=1)


def power_law(indegree: FloatArray, values: FloatArray, errors: FloatArray | None = None) -> Exponent:
    """Fit p of values ~ indegree^p; the error is that of the line's residuals, or of the values' errors if given."""
    x, y = np.log(indegree), np.log(values)
    weight = np.ones_like(y) if errors is None else (values / errors) ** 2
    centred = x - weight @ x / weight.sum()
    spread = float(weight @ centred**2)
    slope = float((weight * centred) @ y) / spread
    if errors is not None:
        return Exponent(value=slope, error=spread**-0.5)
    left = y - y.mean() - slope * centred
    freedom = max(x.size - 2, 1)
    return Exponent(value=slope, error=float(np.sqrt(left @ left / freedom / spread)))


def _scaled_drive(drive: Drive, ratio: float, exponent: float) -> Drive:
    if isinstance(drive, PoissonDrive):
        return replace(drive, indegree=drive.indegree * ratio, weight=drive.weight * ratio**exponent)
    if isinstance(drive, ConstantDrive):
        return replace(drive, mu=drive.mu * ratio ** (1.0 + exponent))
    return drive


def _external_means(network: Network) -> list[FloatArray]:
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    means = []
    for drive in network.drives:
        if isinstance(drive, PoissonDrive):
            means.append(tau_m * drive.indegree * drive.weight * drive.rate)
        elif isinstance(drive, ConstantDrive):
            means.append(drive.mu)
    return means
