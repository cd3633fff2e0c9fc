"""``python -m validation lyapunov``: the full Lyapunov spectrum of random rate networks over their size."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from validation.cli.common import add_duration, add_seed, add_trials, parser_for, printing
from validation.lyapunov import lyapunov_spectrum
from validation.ratenetwork import RateNetwork, gaussian_weights
from validation.report import to_json
from validation.simulation import draw_seeds
from validation.statistics import Estimate

QUANTITIES = ("largest", "sum", "dimension", "entropy")


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "lyapunov",
        "Full Lyapunov spectrum of x' = -x + J tanh(x) + noise by QR decomposition, over the size N: the "
        "largest exponent beside dynamical mean-field theory, the sum of all over N (-1 in theory), Kaplan-Yorke "
        "dimension and entropy rate over N. For example: python -m validation lyapunov --g 2 --n 100 200 400",
    )
    parser.add_argument("--g", type=float, required=True, help="sqrt(N) times the standard deviation of a coupling")
    parser.add_argument("--noise", type=float, default=0.0, metavar="SIGMA", help="of white noise 2 sigma^2 delta(t)")
    parser.add_argument("--n", type=int, nargs="+", default=[100, 200, 400], help="sizes, default 100 200 400")
    add_trials(parser, 4, "networks of each size")
    add_duration(parser, 200.0, "in time constants")
    parser.add_argument("--dt", type=float, default=0.1, help="time step in time constants, default 0.1")
    add_seed(parser)
    known = parser.parse_args(words)

    def find() -> tuple[float, dict[int, dict[str, Estimate]]]:
        from meanfield import dmft

        theory = dmft.solve(known.g, noise=known.noise).lyapunov
        seeds = draw_seeds(known.seed, len(known.n))
        return theory, {n: _estimates(known, n, seed) for n, seed in zip(known.n, seeds, strict=True)}

    return printing(
        find, known.json, table=lambda found: _table(known, *found), json=lambda found: _json(known, *found)
    )


def _estimates(known: argparse.Namespace, n: int, seed: int) -> dict[str, Estimate]:
    """Means over networks, with their errors, of what is printed."""
    found: list[tuple[float, ...]] = []
    for own in tqdm(draw_seeds(seed, known.trials), desc=f"N = {n}", leave=False):
        rng = np.random.default_rng(own)
        network = RateNetwork(weights=gaussian_weights(n, known.g, rng=rng, dtype=np.float64), noise=known.noise)
        spectrum = lyapunov_spectrum(network, duration=known.duration, dt=known.dt, rng=rng)
        exponents = spectrum.exponents
        found.append((exponents[0], exponents.mean(), spectrum.dimension / n, spectrum.entropy_rate / n))
    return {name: Estimate.of(column) for name, column in zip(QUANTITIES, np.transpose(found), strict=True)}


def _table(known: argparse.Namespace, theory: float, found: dict[int, dict[str, Estimate]]) -> str:
    heads = ("N", "largest exponent", "sum/N", "dimension/N", "entropy rate/N")
    widths = (6, 22, 24, 22, 24)
    lines = [f"tanh, g = {known.g:g}, noise = {known.noise:g}: {known.trials} networks of each size"]
    lines.append("".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)))
    for n, row in found.items():
        cells = (n, *(row[name] for name in QUANTITIES))
        lines.append("".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True)))
    lines.append(f"{'theory':>6}{theory:>22.4g}{-1:>24}")
    return "\n".join(lines)


def _json(known: argparse.Namespace, theory: float, found: dict[int, dict[str, Estimate]]) -> str:
    rows: list[dict[str, Any]] = [
        {"n": n} | {name: {"mean": e.mean, "error": e.error} for name, e in row.items()} for n, row in found.items()
    ]
    settings = {"g": known.g, "noise": known.noise, "trials": known.trials}
    return to_json(settings | {"theory": {"largest": theory, "sum": -1.0}, "sizes": rows})
