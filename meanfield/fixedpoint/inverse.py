"""The inverse problem: which external rate makes a network fire as wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.network import Network, PoissonDrive


def external_rate_for(network: Network, target_rate: Any, *, drive: int = 0) -> FloatArray:
    """Return the rates of a Poisson drive for which `target_rate` is self-consistent.

    Given all rates within the network, each population's input depends on its own external rate alone, so that the
    problem falls apart into P monotone ones, each solved by bracketing.

    Parameters
    ----------
    network : Network
    target_rate : float or (P,) array
        Firing rates wanted [Hz]; positive.
    drive : int
        Which of `network.drives` to set; a `PoissonDrive` of excitatory (positive) weight.

    Returns
    -------
    (P,) array
        Rates of the external trains [Hz].

    Raises
    ------
    ValueError
        If the target is not reachable: below what the rest of the input makes a population fire, or above
        1/t_ref; if the drive is not Poissonian and excitatory.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.models.brunel2000(g=5, eta=2)
    >>> mf.external_rate_for(net, mf.solve(net).rate).round(6)
    array([20., 20.])
    """
    from scipy.optimize import brentq  # here, since it would double the time of `import meanfield`

    n = network.n_populations
    target = check("target_rate", target_rate, "Hz", positive=True, shape=(n,), shape_words="(one rate a population)")
    if not 0 <= drive < len(network.drives):
        raise ValueError(f"drive must be the index of one of the {len(network.drives)} drives, got {drive}")
    poisson = network.drives[drive]
    if not isinstance(poisson, PoissonDrive):
        raise ValueError(f"drive {drive} must be a PoissonDrive, got {type(poisson).__name__}")
    if not ((poisson.weight > 0) & (poisson.indegree > 0)).all():
        raise ValueError(f"drive {drive} must excite every population, got weights {poisson.weight} V")
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    mean = tau_m * poisson.indegree * poisson.weight  # d mu / d external rate
    variance = mean * poisson.weight
    mu = network.mean_coupling @ target + network.mu_ext - mean * poisson.rate
    sigma2 = network.variance_coupling @ target + network.variance_ext - variance * poisson.rate
    rates = np.empty(n)
    for i, (name, neuron) in enumerate(zip(network.names, network.neurons, strict=True)):

        def excess(rate: float, i: int = i, neuron: Any = neuron) -> float:
            moments = mu[i] + mean[i] * rate, np.sqrt(max(sigma2[i] + variance[i] * rate, 0.0))
            log_rate = neuron.log_rate(float(moments[0]), float(moments[1]))
            return float(max(log_rate, -1e300) - np.log(target[i]))

        limit = 1.0 / neuron.t_ref if neuron.t_ref > 0 else np.inf
        if target[i] >= limit:
            raise ValueError(f"target_rate of {name} must be below 1/t_ref = {limit:g} Hz, got {target[i]:g} Hz")
        if excess(0.0) > 0:
            silent = neuron.rate(float(mu[i]), float(np.sqrt(max(sigma2[i], 0.0))))
            raise ValueError(
                f"target_rate of {name} must be at least {silent:g} Hz, its rate without this drive, "
                f"got {target[i]:g} Hz"
            )
        high = max(abs(mu[i]) + neuron.v_th, 1e-3) / mean[i]
        while excess(high) < 0:
            high *= 2.0
        rates[i] = brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=8.9e-16, maxiter=500)
    return rates
