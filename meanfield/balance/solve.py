"""The balanced state: the linear equations of large indegree, what they ask for, and corrections at finite indegree.

With K synapses a neuron of weights ~ 1/sqrt(K) the mean input, W nu + X with W = tau_m K J (`Network.mean_coupling`)
and X the external mean, is a difference of terms of the order of sqrt(K). For rates that are neither 0 nor the highest
it must cancel: nu = -W^-1 X, whatever the transfer function (van Vreeswijk & Sompolinsky 1996, 1998). What is left of
the order of 1 is the mean mu at which the neurons, in the noise sigma that these rates make, fire at them; so

    nu_{n+1} = W^-1 (mu(nu_n) - X),        nu_0 = -W^-1 X,

gains one order of 1/sqrt(K) a step. The distance of the mean to the threshold is thus smaller than excitation and
inhibition by 1/sqrt(K).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_whole
from meanfield.balance.conditions import Condition, below_ceiling, determinant, existence, no_growing_mode
from meanfield.network import Network, check_network
from meanfield.neurons.base import Neuron

_SINGULAR = 1e-12  # relative; a determinant that rounding alone could make


class BalanceError(RuntimeError):
    """The network has no balanced state; the message says which inequality fails and by how much.

    Attributes
    ----------
    reason : str
    failed : tuple of Condition
    """

    def __init__(self, reason: str, failed: tuple[Condition, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failed = failed

    def __reduce__(self) -> tuple[Any, ...]:
        return BalanceError, (self.reason, self.failed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """The balanced state of a network at large indegree, and what it takes.

    Attributes
    ----------
    network : Network
    rate : (P,) array
        Rates of the linear equations [Hz]; negative where there is no such state (see `exists`).
    conditions : tuple of Condition
        Inequalities for existence, then for stability; stability with time constants only where the state exists.
    groups : tuple of tuple of int
        Populations that answer alike and are one in the equations.
    time_constants : (P,) array
        With which rates follow their inputs [s].
    mu, sigma, gain : (P,) array or None
        Mean and amplitude of the input [V] that make neurons fire at `rate`, and d rate/d mu [Hz/V] there; None without
        a state.
    """

    network: Network
    rate: FloatArray
    conditions: tuple[Condition, ...]
    groups: tuple[tuple[int, ...], ...]
    time_constants: FloatArray
    mu: FloatArray | None
    sigma: FloatArray | None
    gain: FloatArray | None

    @property
    def failed(self) -> tuple[Condition, ...]:
        """Conditions that do not hold."""
        return tuple(condition for condition in self.conditions if not condition.holds)

    @property
    def exists(self) -> bool:
        """Whether all rates are positive and below the highest possible."""
        return all(condition.kind != "existence" for condition in self.failed)

    @property
    def is_stable(self) -> bool:
        """Whether it exists and is stable as rates follow their inputs; `mf.stability` has the delays."""
        return not self.failed

    @property
    def jacobian(self) -> FloatArray:
        """Of the rates of the groups, alpha W/tau [1/s], at the network's own indegree; its leading part."""
        self.require()
        assert self.gain is not None
        first = [group[0] for group in self.groups]
        coupling, _ = lumped(self.network, self.groups)
        return np.asarray((self.gain / self.time_constants)[first][:, None] * coupling)

    @property
    def critical_ratio(self) -> float | None:
        """Ratio tau_I/tau_E of the second to the first of two groups beyond which it oscillates; None if there is none.

        At given gains the trace of `jacobian` is negative for tau_I/tau_E < alpha_I |W_II|/(alpha_E W_EE).
        """
        if not self.exists or len(self.groups) != 2:
            return None
        trace = self.jacobian.diagonal() * self.time_constants[[group[0] for group in self.groups]]
        return float(-trace[1] / trace[0]) if trace[0] > 0.0 else None

    def require(self) -> None:
        """Raise BalanceError, with what fails and by how much, if there is no balanced state."""
        if not self.exists:
            bad = [condition for condition in self.failed if condition.kind == "existence"]
            raise BalanceError(
                f"{self.network.label} has no balanced state: {'; '.join(map(str, bad))} "
                f"(linear rates {', '.join(self._rates())})",
                tuple(bad),
            )

    def corrected(self, order: int = 1) -> FloatArray:
        """Rates to the given order in 1/sqrt(K), (P,) [Hz]; order 0 is `rate`.

        Raises
        ------
        BalanceError
            If there is no balanced state, or a correction takes a rate out of what neurons can fire at: the indegree
            is too small for the expansion.
        ValueError, TypeError
            If `order` is no whole number from 0.
        """
        self.require()
        order = check_whole("order", order, at_least=0)
        rate = self.rate
        for step in range(order):
            rate = _one_order_more(self.network, self.groups, rate)
            if not ((rate > 0.0) & (rate < ceilings(self.network))).all():
                rates = ", ".join(f"{r:.4g}" for r in rate)
                raise BalanceError(
                    f"the correction of order {step + 1} gives rates {rates} Hz: the indegree of {self.network.label} "
                    f"is too small for the expansion"
                )
        return rate

    def _rates(self) -> list[str]:
        return [f"{name} {rate:.4g} Hz" for name, rate in zip(self.network.names, self.rate, strict=True)]

    def __repr__(self) -> str:
        words = "stable" if self.is_stable else "exists, unstable" if self.exists else "does not exist"
        return f"Balance({self.network.label}: {', '.join(self._rates())}; {words})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""

        def by_name(values: FloatArray | None) -> dict[str, float] | None:
            return None if values is None else dict(zip(self.network.names, map(float, values), strict=True))

        return {
            "network": self.network.label,
            "exists": self.exists,
            "is_stable": self.is_stable,
            "rate": by_name(self.rate),
            "mu": by_name(self.mu),
            "sigma": by_name(self.sigma),
            "critical_ratio": self.critical_ratio,
            "conditions": [condition.to_dict() for condition in self.conditions],
        }


def solve(network: Network, *, time_constants: Any = None) -> Balance:
    """Solve the balance equations W nu + X = 0 of a network, and say whether their solution exists and is stable.

    All external means count as of the order of sqrt(K), and all neuron models serve that tell their rate. Populations
    that answer alike (the same neurons, couplings and drives, as in Brunel's model A) are one.

    Parameters
    ----------
    network : Network
    time_constants : float or (P,) array, optional
        With which rates follow their inputs [s]; the membrane's tau_m by default. They decide, with the gains, on
        stability.

    Returns
    -------
    Balance
        Also where no balanced state exists; its `conditions` say why, and `Balance.require` raises.

    Raises
    ------
    BalanceError
        If the equations have no unique solution (a singular W, as without recurrent synapses).
    ValueError, TypeError
        For time constants that are not positive; for what is no network.

    Notes
    -----
    Stability is that of d nu_i/dt = (phi_i(W nu + X) - nu_i)/tau_i at large K, without delays: van Vreeswijk &
    Sompolinsky (1998, sec. 6). Of two populations it asks for det W > 0 and for tau_I/tau_E below `critical_ratio`.
    `mf.stability` has the delays and the neurons' own dynamics in it, at finite K.

    Examples
    --------
    >>> import meanfield as mf
    >>> balance = mf.balance.solve(mf.models.brunel2000(g=6, eta=2))
    >>> balance
    Balance(brunel2000(g=6, eta=2): E 40 Hz, I 40 Hz; stable)
    >>> print(mf.balance.solve(mf.models.brunel2000(g=3, eta=2)).failed[0])
    inhibition dominates: 0 > W_E+I fails: 0 against 0.0005 V s, by 0.0005 V s
    """
    check_network(network)
    groups = alike(network)
    coupling, drive = lumped(network, groups)
    tau = np.array([neuron.tau_m for neuron in network.neurons])
    if time_constants is not None:
        words = "(one entry a population)"
        tau = check("time_constants", time_constants, "s", positive=True, shape=tau.shape, shape_words=words)
    names = ["+".join(network.names[i] for i in group) for group in groups]
    # Hadamard's bound: without cancellation |det W| is of the order of the product of the lengths of its rows.
    bound = float(np.prod(np.linalg.norm(coupling, axis=1)))
    if not abs(np.linalg.det(coupling)) > _SINGULAR * bound:
        raise BalanceError(
            f"the balance equations of {network.label} have no unique solution: det W = 0 for populations "
            f"{', '.join(names)} (W = tau_m K J)"
        )
    by_group = np.asarray(np.linalg.solve(coupling, -drive), dtype=np.float64)
    rate = spread(network, groups, by_group)
    first = [group[0] for group in groups]
    found = existence(names, coupling, drive, by_group)
    found += below_ceiling(names, by_group, ceilings(network)[first])
    found += [determinant(names, coupling)] if len(groups) > 1 else []
    mu = sigma = gain = None
    if all(condition.holds for condition in found if condition.kind == "existence"):
        mu, sigma = inputs_for(network, rate)
        pairs = zip(network.neurons, mu.tolist(), sigma.tolist(), strict=True)
        gain = np.array([neuron.rate_and_gain(m, s)[1] for neuron, m, s in pairs])
        found.append(no_growing_mode(names, (gain / tau)[first][:, None] * coupling))
    return Balance(
        network=network,
        rate=rate,
        conditions=tuple(found),
        groups=groups,
        time_constants=tau,
        mu=mu,
        sigma=sigma,
        gain=gain,
    )


def ceilings(network: Network) -> FloatArray:
    """Highest rate of each population's neurons, 1/t_ref or a model's own `max_rate`, (P,) [Hz]; infinite without."""
    limits = [1.0 / neuron.t_ref if neuron.t_ref > 0.0 else math.inf for neuron in network.neurons]
    own = [getattr(neuron, "max_rate", limit) for neuron, limit in zip(network.neurons, limits, strict=True)]
    return np.array(own, dtype=float)


def alike(network: Network) -> tuple[tuple[int, ...], ...]:
    """Populations that have the same input and the same neurons, grouped in order."""
    rows = np.column_stack(
        [network.mean_coupling, network.variance_coupling, network.mu_ext, network.variance_ext]
    ).tolist()
    groups: list[list[int]] = []
    for i, neuron in enumerate(network.neurons):
        for group in groups:
            if rows[group[0]] == rows[i] and network.neurons[group[0]] == neuron:
                group.append(i)
                break
        else:
            groups.append([i])
    return tuple(map(tuple, groups))


def lumped(network: Network, groups: Sequence[Sequence[int]]) -> tuple[FloatArray, FloatArray]:
    """Coupling W [V s] and drive X [V] of the groups."""
    first = [group[0] for group in groups]
    rows = network.mean_coupling[first]
    return np.column_stack([rows[:, list(group)].sum(axis=1) for group in groups]), network.mu_ext[first]


def spread(network: Network, groups: Sequence[Sequence[int]], by_group: FloatArray) -> FloatArray:
    """Values of groups as values of populations."""
    values = np.empty(network.n_populations)
    for group, value in zip(groups, by_group, strict=True):
        values[list(group)] = value
    return values


def inputs_for(network: Network, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means at which neurons fire at `rate` in the noise that these rates make, and that noise: (P,), (P,) [V]."""
    sigma = network.input_moments(rate)[1]
    triples = zip(network.neurons, rate.tolist(), sigma.tolist(), strict=True)
    return np.array([mean_for(neuron, r, s) for neuron, r, s in triples]), sigma


def mean_for(neuron: Neuron, rate: float, sigma: float) -> float:
    """Mean input [V] at which a neuron fires at `rate` [Hz] in noise of amplitude `sigma` [V]."""
    from scipy.optimize import brentq  # not at import: it would double the time of `import meanfield`

    target = math.log(rate)

    def excess(mu: float) -> float:
        return max(float(neuron.log_rate(mu, sigma)), -1e300) - target  # a finite number where it is silent

    scale = max(sigma, 1e-3 * abs(neuron.v_th), 1e-9)
    low, high = neuron.v_th - scale, neuron.v_th + scale
    while excess(low) > 0.0:
        low -= (scale := 2.0 * scale)
    while excess(high) < 0.0:
        high += (scale := 2.0 * scale)
        if scale > 1e6 * (abs(neuron.v_th) + sigma):
            raise BalanceError(f"no mean input makes {type(neuron).__name__} fire at {rate:.6g} Hz")
    return float(brentq(excess, low, high, xtol=1e-15, rtol=1e-14, maxiter=500))


def _one_order_more(network: Network, groups: Sequence[Sequence[int]], rate: FloatArray) -> FloatArray:
    coupling, drive = lumped(network, groups)
    mu, _ = inputs_for(network, rate)
    by_group = np.linalg.solve(coupling, mu[[group[0] for group in groups]] - drive)
    return spread(network, groups, np.asarray(by_group, dtype=np.float64))
