"""``python -m validation shot``: single neurons under finite jumps, and theories of their rate."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.amplitudes import REGIMES, shot
from validation.cli.common import add_seed


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation shot",
        description="Simulate single neurons under Poisson spikes of finite size, fixed and exponentially distributed, "
        "and print the error of each theory of their rate, by regime.",
        epilog="regimes: " + "; ".join(REGIMES),
        allow_abbrev=False,
    )
    parser.add_argument("--regime", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--spikes", type=int, default=60_000, help="about how many of each neuron, default 60000")
    parser.add_argument("--dts", type=float, nargs="+", default=[1e-4, 2e-5], help="time steps [s]")
    add_seed(parser)
    known = parser.parse_args(words)

    def command() -> int:
        regimes = known.regime or tuple(REGIMES)
        found = shot(regimes, spikes=known.spikes, dts=known.dts, rng=known.seed, progress=True)
        print(found.to_json() if known.json else found)
        return 0

    return command
