"""``python -m validation conductance``: single neurons of conductances, and theories of their rate."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield._validate import check_known
from validation.conductance import REGIMES, conductance


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation conductance",
        description="Simulate single neurons of conductance synapses under Poisson spikes, and print the error of each "
        "theory of their rate, by regime.",
        epilog="regimes: " + "; ".join(REGIMES),
        allow_abbrev=False,
    )
    parser.add_argument("--regime", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--spikes", type=int, default=100_000, help="about how many of each neuron, default 100000")
    parser.add_argument("--nodes", type=int, default=8, help="values of each filtered conductance, default 8")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    known = parser.parse_args(words)

    def command() -> int:
        check_known("regime", known.regime or [], tuple(REGIMES))
        found = conductance(known.regime or tuple(REGIMES), spikes=known.spikes, rng=known.seed, nodes=known.nodes)
        print(found.to_json() if known.json else found)
        return 0

    return command
