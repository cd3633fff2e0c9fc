"""The loop gain of a network: what its rates answer to a small change of its rates, at complex frequency.

Near a stationary state, delta rate_i(s) = sum_j L_ij(s) delta rate_j(s) with

    L_ij(s) = <e^{-s d_ij}> (tau_i K_ij J_ij n_mu,i(s) + tau_i K_ij J_ij² n_sigma²,i(s)),

n_mu and n_sigma² the responses of the neurons (Brunel & Hakim 1999; Brunel 2000, app. B; Lindner, Doiron & Longtin
2005). The state is stable where all roots of det(1 - L(s)) have negative real parts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meanfield._compiled import jit, over_cores
from meanfield._validate import FloatArray, as_complex
from meanfield.delays import delay_transform
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import is_lif
from meanfield.network import Network
from meanfield.neurons.base import DynamicNeuron
from meanfield.neurons.lif_dynamics import FINE, frequencies, lif_response, problem_words, response_problem

ComplexArray = NDArray[np.complex128]


def highest_frequency(network: Network) -> float:
    """Frequency [Hz] up to which the responses of all neurons are known, see `DynamicNeuron`."""
    largest = [float(getattr(neuron, "largest", 1e6 / neuron.tau_m)) for neuron in network.neurons]
    return min(largest) / (2.0 * np.pi)


class Linearised(NamedTuple):
    """A network of LIF neurons about a state, as arrays for compiled code."""

    mean_coupling: FloatArray  # (P, P) [V s]
    variance_coupling: FloatArray  # (P, P) [V² s]
    delays: FloatArray  # (P, P, 4), as Delay.packed
    neurons: FloatArray  # (P, 6): tau_m, t_ref, v_th, v_reset, shift, tau_s
    rate: FloatArray  # (P,) [Hz]
    mu: FloatArray  # (P,) [V]
    sigma: FloatArray  # (P,) [V]


def pack_neurons(network: Network) -> FloatArray:
    """Parameters of LIF neurons, (P, 6)."""
    rows = [(n.tau_m, n.t_ref, n.v_th, n.v_reset, n.shift, n.tau_s) for n in network.neurons]  # type: ignore[attr-defined]
    return np.array(rows)


def linearise(fp: FixedPoint) -> Linearised:
    """Pack a state of a LIF network for compiled code.

    Raises
    ------
    ValueError
        If a population has no linear response there; names it.
    """
    network = fp.network
    for name, neuron, mu, sigma in zip(network.names, network.neurons, fp.mu, fp.sigma, strict=True):
        problem = response_problem(mu, sigma, neuron.v_th, neuron.v_reset, neuron.shift)  # type: ignore[attr-defined]
        if problem != FINE:
            raise ValueError(f"population {name}: {problem_words(problem, float(mu), float(sigma))}")
    arrays = (
        network.mean_coupling,
        network.variance_coupling,
        network.packed_delays,
        pack_neurons(network),
        fp.rate,
        fp.mu,
        fp.sigma,
    )
    return Linearised(*(np.array(array) for array in arrays))  # copies: compiled once, not for read-only arrays again


@jit
def responses(state: Linearised, s: Any, out: Any) -> None:
    """Fill `out` (3, P) with the responses to mu and sigma² and the function of their poles; equals share them."""
    for i in range(state.mu.size):
        k = 0
        while k < i and not _alike(state, i, k):
            k += 1
        if k < i:
            out[0, i], out[1, i], out[2, i] = out[0, k], out[1, k], out[2, k]
            continue
        n = state.neurons[i]
        out[0, i], out[1, i], out[2, i] = lif_response(
            s, state.mu[i], state.sigma[i], n[0], n[1], n[2], n[3], n[4], n[5]
        )


@jit
def _alike(state: Linearised, i: Any, k: Any) -> Any:
    alike = state.mu[i] == state.mu[k] and state.sigma[i] == state.sigma[k]
    for m in range(state.neurons.shape[1]):
        alike = alike and state.neurons[i, m] == state.neurons[k, m]
    return alike


@jit
def loop_matrix(state: Linearised, s: Any, answers: Any, out: Any) -> None:
    """Fill `out` (P, P) with L(s), and `answers` (3, P) with the neurons' responses."""
    responses(state, s, answers)
    n = state.mu.size
    for i in range(n):
        for j in range(n):
            coupling = state.mean_coupling[i, j] * answers[0, i] + state.variance_coupling[i, j] * answers[1, i]
            if coupling == 0.0:
                out[i, j] = 0.0
                continue
            d = state.delays[i, j]
            out[i, j] = coupling * delay_transform(s, d[0], d[1], d[2], d[3])


@jit
def _loop_gains(s: Any, state: Linearised, out: Any) -> None:
    n = state.mu.size
    answers = np.empty((3, n), dtype=np.complex128)
    matrix = np.empty((n, n), dtype=np.complex128)
    for k in range(s.size):
        loop_matrix(state, s[k], answers, matrix)
        out[:, :, k] = matrix


def loop_gain(fp: FixedPoint, s: Any) -> ComplexArray:
    """Loop gain L(s) of a network about a stationary state.

    Parameters
    ----------
    fp : FixedPoint
        The state.
    s : complex or (...) array
        Complex frequency [1/s]; Re s >= -8/tau_m for LIF neurons.

    Returns
    -------
    (..., P, P) complex array
        L[target, source], no unit. At s = 0 it is `fp.jacobian`.

    Raises
    ------
    ValueError
        For an `s` outside the neurons' domain, or a state about which they have no linear response.

    Examples
    --------
    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> bool(np.allclose(mf.loop_gain(fp, 0.0), fp.jacobian, rtol=1e-10))
    True
    """
    s = as_complex("s", s, "1/s")
    network = fp.network
    n = network.n_populations
    flat = np.ascontiguousarray(s).reshape(-1)
    if is_lif(network):
        state = linearise(fp)
        frequencies(flat, float(state.neurons[:, 0].max()))
        out = np.empty((n, n, flat.size), dtype=complex)
        over_cores(_loop_gains, (flat,), state, out=out, worth=256)
    else:
        answers = distinct_responses(fp, flat)
        out = np.stack([_row(fp, i, flat, answers[i]) for i in range(n)])
    return np.moveaxis(out, -1, 0).reshape((*s.shape, n, n))


def distinct_responses(fp: FixedPoint, s: ComplexArray) -> list[tuple[Any, Any]]:
    """Responses of each population, by the protocol of its neurons; populations in one state share them."""
    network = fp.network
    known: dict[Any, tuple[Any, Any]] = {}
    keys = list(zip(network.neurons, fp.mu.tolist(), fp.sigma.tolist(), strict=True))
    for name, (neuron, mu, sigma) in zip(network.names, keys, strict=True):
        if (neuron, mu, sigma) not in known:
            if not isinstance(neuron, DynamicNeuron):
                raise TypeError(f"population {name}: {type(neuron).__name__} has no linear response")
            known[neuron, mu, sigma] = neuron.response(s, mu, sigma)
    return [known[key] for key in keys]


def _row(fp: FixedPoint, i: int, s: ComplexArray, answer: tuple[Any, Any]) -> ComplexArray:
    """One population's row of L(s), (P, n)."""
    network = fp.network
    by_mu, by_variance = answer
    delays = np.stack([network.delays[i][j].transform(s) for j in range(network.n_populations)])
    coupling = network.mean_coupling[i][:, None] * by_mu + network.variance_coupling[i][:, None] * by_variance
    return np.asarray(coupling * delays)
