"""The inverse problem: which external rate makes a network fire as wanted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_whole
from meanfield.network import Network, PoissonDrive, check_network
from meanfield.neurons.base import Neuron

_ROUNDING = 1e-12  # relative; states are solved to it, and inputs add up to it
_STEPS = 400  # of sigma where the rate need not rise with the drive
_FLOOR = -1e300  # stands for the logarithm of 0


def external_rate_for(network: Network, target_rate: Any, *, drive: int = 0) -> FloatArray:
    """Return the lowest rates of a Poisson drive for which `target_rate` is self-consistent.

    Given all rates within the network, each population's input depends on its own external rate alone, so that the
    problem falls apart into P scalar ones, each solved by bracketing.

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
        Rates of the external trains [Hz]; 0 where the target is the rate without the drive to within rounding.

    Raises
    ------
    TypeError
        If `network` is no network or `drive` no whole number.
    ValueError
        If the target is not reachable: below the least rate that the drive can give, or above 1/t_ref; if there is no
        such drive or it is not Poissonian and excitatory.

    Notes
    -----
    With fast synapses (``tau_s > 0``) noise acts against the mean: it shifts the threshold up, by sigma times `shift`.
    Where the rest of the input alone is above threshold, a weak drive then lowers the rate, and a target may be met
    twice; the lower drive is returned. The derivative of the rate by the drive has the sign of
    (1 - J shift/(2 sigma)) d rate/d mu + a positive term, so that beyond sigma = J shift/2 the rate rises.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.models.brunel2000(g=5, eta=2)
    >>> mf.external_rate_for(net, mf.solve(net).rate).round(6)
    array([20., 20.])
    """
    check_network(network)
    n = network.n_populations
    target = check("target_rate", target_rate, "Hz", positive=True, shape=(n,), shape_words="(one rate a population)")
    poisson = _excitatory_drive(network, drive)
    off = replace(poisson, rate=np.zeros(n))
    silent = replace(network, drives=tuple(off if d is poisson else d for d in network.drives))
    rates = np.empty(n)
    for i, (name, neuron) in enumerate(zip(network.names, network.neurons, strict=True)):
        mean = neuron.tau_m * float(poisson.indegree[i] * poisson.weight[i])
        terms = np.append(silent.mean_coupling[i] * target, silent.mu_ext[i])
        response = _Response(
            neuron=neuron,
            mu=float(terms.sum()),
            variance=float(silent.variance_coupling[i] @ target + silent.variance_ext[i]),
            mean=mean,
            weight=float(poisson.weight[i]),
            rounding=_ROUNDING * float(np.abs(terms).sum() + abs(neuron.v_th)) / mean,
        )
        rates[i] = response.lowest_rate_for(name, float(target[i]))
    return rates


def _excitatory_drive(network: Network, drive: int) -> PoissonDrive:
    drive = check_whole("drive", drive, at_least=0)
    if drive >= len(network.drives):
        raise ValueError(f"drive must be the index of one of the {len(network.drives)} drives, got {drive}")
    poisson = network.drives[drive]
    if not isinstance(poisson, PoissonDrive):
        raise ValueError(f"drive {drive} must be a PoissonDrive, got {type(poisson).__name__}")
    if not ((poisson.weight > 0) & (poisson.indegree > 0)).all():
        raise ValueError(f"drive {drive} must excite every population, got weights {poisson.weight} V")
    return poisson


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    """Rate of one population by the rate r of its drive: mu + mean r and variance + mean weight r go in.

    Parameters
    ----------
    mu, variance
        Of the input without the drive [V], [V²].
    mean, weight
        tau_m K J [V s] and J [V] of the drive.
    rounding
        What r may be wrong by [Hz], since the parts of mu are.
    """

    neuron: Neuron
    mu: float
    variance: float
    mean: float
    weight: float
    rounding: float

    def log_rate(self, rate: float) -> float:
        variance = max(self.variance + self.mean * self.weight * rate, 0.0)
        return max(float(self.neuron.log_rate(self.mu + self.mean * rate, math.sqrt(variance))), _FLOOR)

    def lowest_rate_for(self, name: str, target: float) -> float:
        limit = 1.0 / self.neuron.t_ref if self.neuron.t_ref > 0 else math.inf
        if target >= limit:
            raise ValueError(f"target_rate of {name} must be below 1/t_ref = {limit:g} Hz, got {target:g} Hz")

        def excess(rate: float) -> float:
            return self.log_rate(rate) - math.log(target)

        at_zero = excess(0.0)
        if abs(at_zero) <= _ROUNDING or (excess(-self.rounding) <= 0.0 <= at_zero):
            return 0.0
        bracket = self._first_crossing(excess)
        if bracket is None:
            least = math.exp(math.log(target) + min(map(excess, self._turning_rates())))
            raise ValueError(
                f"target_rate of {name} must be at least {least:g} Hz, the least rate that this drive can give, "
                f"got {target:g} Hz"
            )
        return _root(excess, *bracket)

    def _turning_rates(self) -> list[float]:
        """Drives from 0 to where the rate rises with the drive, in equal steps of sigma, and the one of least rate."""
        shift = float(getattr(self.neuron, "shift", 0.0))
        start, end = math.sqrt(self.variance), 0.5 * self.weight * shift
        if self.mu <= self.neuron.v_th or end <= start:  # below threshold all that the drive adds raises the rate
            return [0.0]
        sigma = np.linspace(start, end, _STEPS + 1)
        rates = [0.0, *((sigma[1:] ** 2 - self.variance) / (self.mean * self.weight)).tolist()]
        lowest = int(np.argmin([self.log_rate(rate) for rate in rates]))
        if 0 < lowest < _STEPS:
            rates.append(_minimum(self.log_rate, rates[lowest - 1], rates[lowest + 1]))
        return sorted(rates)

    def _first_crossing(self, excess: Callable[[float], float]) -> tuple[float, float] | None:
        rates = self._turning_rates()
        above = [excess(rate) >= 0.0 for rate in rates]
        for k in range(1, len(rates)):
            if above[k] != above[0]:
                return rates[k - 1], rates[k]
        if above[0]:
            return None
        high = max(2.0 * rates[-1], max(abs(self.mu) + abs(self.neuron.v_th), 1e-3) / self.mean)
        while excess(high) < 0.0:
            high *= 2.0
        return rates[-1], high


# scipy.optimize is imported where it is used, since it would double the time of `import meanfield`.


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-14 * high, rtol=8.9e-16, maxiter=500))


def _minimum(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import minimize_scalar

    return float(minimize_scalar(function, bounds=(low, high), method="bounded", options={"xatol": 1e-9 * high}).x)
