"""From the rates of all populations to the rates that their neurons answer: one side of self-consistency.

`transfer_of` turns a network into a function of plain arrays and the array that it needs. Networks of LIF neurons
get a compiled function; any other neuron model is called as Python, through its public protocol.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from meanfield._compiled import jit
from meanfield._validate import FloatArray
from meanfield.network import Network
from meanfield.neurons.lif import LIF, lif_rate_and_gain

# evaluate(network, rate, transferred, jacobian, moments) fills the last three, of shapes (P,), (P, P) and (2, P)
Evaluate = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], None]


@jit
def lif_transfer(network: Any, rate: Any, transferred: Any, jacobian: Any, moments: Any) -> None:
    """Rates that LIF populations answer to `rate`, and their derivatives; `network` as `pack_lif` packs it."""
    n = rate.size
    for i in range(n):
        row = network[i]
        mu = row[2 * n]
        variance = row[2 * n + 1]
        for j in range(n):
            mu += row[j] * rate[j]
            variance += row[n + j] * rate[j]
        sigma = math.sqrt(variance)
        tau_m, t_ref, v_th, v_reset, shift = (
            row[2 * n + 2],
            row[2 * n + 3],
            row[2 * n + 4],
            row[2 * n + 5],
            row[2 * n + 6],
        )
        transferred[i], by_mu, by_variance = lif_rate_and_gain(mu, sigma, tau_m, t_ref, v_th, v_reset, shift)
        moments[0, i] = mu
        moments[1, i] = sigma
        for j in range(n):
            connected = row[j] != 0.0 or row[n + j] != 0.0  # at threshold without noise the gains are infinite
            jacobian[i, j] = by_mu * row[j] + by_variance * row[n + j] if connected else 0.0


def is_lif(network: Network) -> bool:
    """True if all neurons are LIF, so that the compiled functions apply."""
    return all(type(neuron) is LIF for neuron in network.neurons)


def pack(network: Network) -> FloatArray:
    """Pack a network of P populations into one (P, 2P + 7) array, a row a population.

    Columns: tau_m K J, tau_m K J², external mu and sigma², and of a LIF tau_m, t_ref, v_th, v_reset, shift.
    """
    packed = network._memo.get("packed")
    if packed is None:
        n = network.n_populations
        packed = network._memo["packed"] = np.zeros((n, 2 * n + 7))
        packed[:, :n] = network.mean_coupling
        packed[:, n : 2 * n] = network.variance_coupling
        packed[:, 2 * n] = network.mu_ext
        packed[:, 2 * n + 1] = network.variance_ext
        for row, neuron in zip(packed, network.neurons, strict=True):
            if isinstance(neuron, LIF):
                row[2 * n + 2 :] = neuron.tau_m, neuron.t_ref, neuron.v_th, neuron.v_reset, neuron.shift
    return packed


def first_alike(network: Network) -> list[int]:
    """For each population the first one with the same neurons and the same input, itself if there is none before it.

    Those fire at one rate in every state, as in `lumping`, whatever their neurons are.
    """
    packed = pack(network)
    first: list[int] = []
    for i, neuron in enumerate(network.neurons):
        others = (j for j in first if network.neurons[j] == neuron and np.array_equal(packed[j], packed[i]))
        first.append(next(others, i))
    return first


def transfer_of(network: Network) -> Evaluate:
    """Return the function `evaluate` of a network, to be called with `pack(network)`."""
    if is_lif(network):
        return lif_transfer
    first = first_alike(network)

    def evaluate(
        packed: FloatArray,
        rate: FloatArray,
        transferred: FloatArray,
        jacobian: FloatArray,
        moments: FloatArray,
    ) -> None:
        moments[0] = network.mean_coupling @ rate + network.mu_ext
        moments[1] = np.sqrt(network.variance_coupling @ rate + network.variance_ext)
        for i, neuron in enumerate(network.neurons):
            if first[i] < i:
                same = first[i]
                transferred[i], jacobian[i], moments[:, i] = transferred[same], jacobian[same], moments[:, same]
                continue
            mu, sigma = float(moments[0, i]), float(moments[1, i])
            try:
                transferred[i], by_mu, by_variance = neuron.rate_and_gain(mu, sigma)
            except ValueError:  # at threshold without noise, where the compiled functions say infinity
                transferred[i], by_mu, by_variance = neuron.rate(mu, sigma), math.inf, math.inf
            means, variances = network.mean_coupling[i], network.variance_coupling[i]
            connected = (means != 0.0) | (variances != 0.0)
            jacobian[i] = 0.0
            with np.errstate(invalid="ignore"):  # infinite of both signs; the solver refuses a NaN as it does infinity
                jacobian[i, connected] = by_mu * means[connected] + by_variance * variances[connected]

    return evaluate


def rates_and_jacobian(network: Network, rate: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the rates answered to `rate`, (P,) [Hz], their derivatives, (P, P), and the moments, (2, P) [V]."""
    n = network.n_populations
    transferred, jacobian, moments = np.empty(n), np.empty((n, n)), np.empty((2, n))
    transfer_of(network)(pack(network), rate, transferred, jacobian, moments)
    return transferred, jacobian, moments
