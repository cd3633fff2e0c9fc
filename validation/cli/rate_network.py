"""``python -m validation rate-network``: dynamical mean-field theory beside simulated rate networks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.cli.common import add_seed
from validation.crossvalidation import cross_validate


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation rate-network",
        description="Variance, half-width of the autocovariance and Lyapunov exponent of a random rate network "
        "x' = -x + J phi(x) + I + noise: dynamical mean-field theory and simulated networks. For example: "
        "python -m validation rate-network --g 1.5 --n 250 500 1000",
        allow_abbrev=False,
    )
    parser.add_argument("--g", type=float, required=True, help="sqrt(N) times the standard deviation of a coupling")
    parser.add_argument("--phi", default="tanh", help="tanh (default), erf, or threshold-linear")
    parser.add_argument("--noise", type=float, default=0.0, metavar="SIGMA", help="of white noise 2 sigma^2 delta(t)")
    parser.add_argument("--bias", type=float, default=0.0, help="constant input I")
    parser.add_argument("--mean-coupling", type=float, default=0.0, metavar="M", help="N times the mean of a coupling")
    parser.add_argument("--map", action="store_true", help="discrete time, x(t+1) = J phi(x(t)) + I + noise")
    parser.add_argument("--n", type=int, nargs="+", default=[1000], help="neurons, or several sizes, default 1000")
    parser.add_argument("--trials", type=int, default=8, help="networks of each size, default 8")
    parser.add_argument("--duration", type=float, help="recorded time constants, default: 100, or 30 half-widths")
    parser.add_argument("--dt", type=float, default=0.2, help="time step in time constants, default 0.2")
    add_seed(parser)
    known = parser.parse_args(words)

    def command() -> int:
        from meanfield import dmft

        solve = dmft.solve_discrete if known.map else dmft.solve
        found = solve(known.g, known.phi, noise=known.noise, bias=known.bias, mean_coupling=known.mean_coupling)
        report = cross_validate(
            found,
            n=known.n,
            trials=known.trials,
            duration=known.duration,
            dt=known.dt,
            rng=known.seed,
            progress=True,
        )
        print(report.to_json() if known.json else report)
        return 0

    return command
