"""``python -m validation shot``: single neurons under finite jumps, and theories of their rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validation.amplitudes import REGIMES, shot
from validation.cli.common import add_seed, options, parser_for, printing


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "shot",
        "Simulate single neurons under Poisson spikes of finite size, fixed and exponentially distributed, "
        "and print the error of each theory of their rate, by regime.",
        epilog="regimes: " + "; ".join(REGIMES),
    )
    parser.add_argument("--regime", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--spikes", type=int, default=60_000, help="about how many of each neuron, default 60000")
    parser.add_argument("--dts", type=float, nargs="+", default=[1e-4, 2e-5], help="time steps [s]")
    add_seed(parser)
    known = parser.parse_args(words)

    regimes = known.regime or tuple(REGIMES)
    return printing(lambda: shot(regimes, **options(known, "spikes", "dts")), known.json)
