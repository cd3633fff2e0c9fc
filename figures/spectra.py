"""Eigenvalues over theory: what figures of random matrices share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from meanfield import plotting

POINT, LINE = "0.35", plotting.COLOURS[1]


def eigenvalues(ensemble: Any, n: int, seeds: Iterable[int]) -> np.ndarray:
    """Eigenvalues of samples of size n, one row a seed."""
    return np.array([np.linalg.eigvals(ensemble.sample(n, rng=seed)) for seed in seeds])


def cloud(axes: Any, values: Any, limit: float) -> None:
    """Eigenvalues in the complex plane, to `limit` on both axes."""
    values = np.ravel(values)
    axes.plot(values.real, values.imag, ".", color=POINT, ms=2, mew=0)
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axes.set(xlabel=r"Re $\lambda$", ylabel=r"Im $\lambda$")


def circle(axes: Any, radius: float, label: str | None = None, **style: Any) -> None:
    """The edge of a disc about 0."""
    turn = np.linspace(0.0, 2.0 * np.pi, 361)
    style = {"color": LINE, "lw": 1.3, **style}
    axes.plot(radius * np.cos(turn), radius * np.sin(turn), label=label, **style)


def radial_histogram(axes: Any, values: Any, edges: Any, colour: str, label: str | None = None) -> tuple[Any, Any]:
    """Density of eigenvalues (an area, over N) in rings, with its standard error over the rows; returns both."""
    edges = np.asarray(edges)
    shares = np.array([np.histogram(np.abs(row), edges)[0] / len(row) for row in values])
    density = shares / (np.pi * np.diff(edges**2))
    mean, error = density.mean(axis=0), density.std(axis=0, ddof=1) / np.sqrt(len(density))
    middle = np.sqrt(0.5 * (edges[1:] ** 2 + edges[:-1] ** 2))
    axes.errorbar(middle, mean, error, fmt="o", ms=3, lw=1, color=colour, label=label)
    return mean, error


def ring_means(ensemble: Any, edges: Any) -> Any:
    """Theory for those rings, by the law's cdf."""
    edges = np.asarray(edges)
    return np.diff(ensemble.cdf(edges)) / (np.pi * np.diff(edges**2))


def misfit(mean: Any, error: Any, theory: Any) -> float:
    """Root mean square of (simulated - theory)/standard error, over rings."""
    return float(np.sqrt(np.mean(((mean - theory) / error) ** 2)))
