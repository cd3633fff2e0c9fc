"""Estimates from simulations of binary networks, with standard errors over blocks of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_whole
from validation.binary import BinarySimulation

BLOCKS = 20


def mean_and_error(values: FloatArray, blocks: int = BLOCKS) -> tuple[Any, Any]:
    """Mean over time, the first axis, and its standard error from the scatter of block means."""
    blocks = check_whole("blocks", blocks, at_least=2)
    length = values.shape[0] // blocks
    if length < 1:
        raise ValueError(f"blocks must be at most the number of steps, {values.shape[0]}, got {blocks}")
    means = values[: blocks * length].reshape(blocks, length, *values.shape[1:]).mean(axis=1)
    return means.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(blocks)


def rates(simulation: BinarySimulation) -> tuple[FloatArray, FloatArray]:
    """Mean activities, (P,), and their standard errors."""
    return mean_and_error(simulation.activity)


def pair_covariances(simulation: BinarySimulation) -> tuple[FloatArray, FloatArray]:
    """Mean covariance of two different neurons, (P, P), and its standard error: from the population activities.

    Var(m_a) N_a² is the sum of N_a variances, N_a (m - q) in all, and of N_a (N_a - 1) covariances.
    """
    deviation = simulation.activity - simulation.activity.mean(axis=0)
    population, error = mean_and_error(deviation[:, :, None] * deviation[:, None, :])
    sizes = np.array(simulation.network.sizes)
    own = (simulation.rate - simulation.overlap) / sizes
    index = np.arange(sizes.size)
    pairs = population.copy()
    pairs[index, index] = (pairs[index, index] - own) / (1.0 - 1.0 / sizes)
    return pairs, error


def pair_correlations(simulation: BinarySimulation) -> tuple[FloatArray, FloatArray]:
    """`pair_covariances` over the mean variances of single neurons, and the standard error, (P, P)."""
    pairs, error = pair_covariances(simulation)
    single = simulation.rate - simulation.overlap
    scale = np.sqrt(np.outer(single, single))
    return pairs / scale, error / scale


def current_correlation(
    simulation: BinarySimulation, population: int, first: Sequence[int], second: Sequence[int]
) -> tuple[float, float]:
    """Correlation of the currents from `first` and from `second` onto two neurons of a population, and its error.

    The mean covariance over all pairs of the neurons recorded, over their mean variances.
    """
    found = simulation.inputs[population].astype(float)
    n = found.shape[1]
    if n < 2:
        raise ValueError(f"a correlation of pairs needs two neurons recorded or more, got {n}")
    one, other = (found[:, :, list(group)].sum(axis=2) for group in (first, second))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    pairs = (one.sum(axis=1) * other.sum(axis=1) - (one * other).sum(axis=1)) / (n * (n - 1))
    scale = float(np.sqrt((one**2).mean() * (other**2).mean()))
    mean, error = mean_and_error(pairs)
    return float(mean) / scale, float(error) / scale


def state_correlations(simulation: BinarySimulation, population: int, shift: int = 0) -> FloatArray:
    """Correlations of the states of all pairs of the neurons recorded; one of each pair is turned `shift` steps."""
    states = simulation.states[population].astype(float)
    states = states[:, states.std(axis=0) > 0.0]
    standard = (states - states.mean(axis=0)) / states.std(axis=0)
    matrix = standard.T @ np.roll(standard, shift, axis=0) / standard.shape[0]
    return np.asarray(matrix[np.triu_indices(matrix.shape[0], 1)])
