"""``python -m validation filtered``: methods for filtered synapses beside simulations, in several regimes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.filtered import filtered


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation filtered",
        description="Simulate independent neurons behind Ornstein-Uhlenbeck currents, and compare the solver, the fast "
        "and the slow limit with them.",
        allow_abbrev=False,
    )
    parser.add_argument("--spikes", type=int, default=100_000, help="of a simulation, default 100000")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers, default 1")
    parser.add_argument("--json", action="store_true", help="print JSON")
    known = parser.parse_args(words)

    def command() -> int:
        found = filtered(spikes=known.spikes, rng=known.seed, progress=True)
        print(found.to_json() if known.json else found)
        return 0

    return command
