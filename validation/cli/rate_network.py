"""``python -m validation rate-network``: dynamical mean-field theory beside simulated rate networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validation.cli.common import add_seed, add_trials, options, parser_for, printing
from validation.crossvalidation import cross_validate
from validation.report import Report


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "rate-network",
        "Variance, half-width of the autocovariance and Lyapunov exponent of a random rate network "
        "x' = -x + J phi(x) + I + noise: dynamical mean-field theory and simulated networks. For example: "
        "python -m validation rate-network --g 1.5 --n 250 500 1000",
    )
    parser.add_argument("--g", type=float, required=True, help="sqrt(N) times the standard deviation of a coupling")
    parser.add_argument("--phi", default="tanh", help="tanh (default), erf, or threshold-linear")
    parser.add_argument("--noise", type=float, default=0.0, metavar="SIGMA", help="of white noise 2 sigma^2 delta(t)")
    parser.add_argument("--bias", type=float, default=0.0, help="constant input I")
    parser.add_argument("--mean-coupling", type=float, default=0.0, metavar="M", help="N times the mean of a coupling")
    parser.add_argument("--map", action="store_true", help="discrete time, x(t+1) = J phi(x(t)) + I + noise")
    parser.add_argument("--n", type=int, nargs="+", default=[1000], help="neurons, or several sizes, default 1000")
    add_trials(parser, 8, "networks of each size")
    parser.add_argument("--duration", type=float, help="recorded time constants, default: 100, or 30 half-widths")
    parser.add_argument("--dt", type=float, default=0.2, help="time step in time constants, default 0.2")
    add_seed(parser)
    known = parser.parse_args(words)

    def find() -> Report:
        from meanfield import dmft

        solve = dmft.solve_discrete if known.map else dmft.solve
        found = solve(known.g, known.phi, noise=known.noise, bias=known.bias, mean_coupling=known.mean_coupling)
        return cross_validate(found, **options(known, "n", "trials", "duration", "dt"))

    return printing(find, known.json)
