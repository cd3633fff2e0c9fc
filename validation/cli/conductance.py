"""``python -m validation conductance``: single neurons of conductances, and theories of their rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield._validate import check_known
from validation.cli.common import add_seed, parser_for, printing
from validation.conductance import REGIMES, ConductanceTable, conductance


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "conductance",
        "Simulate single neurons of conductance synapses under Poisson spikes, and print the error of each "
        "theory of their rate, by regime.",
        epilog="regimes: " + "; ".join(REGIMES),
    )
    parser.add_argument("--regime", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--spikes", type=int, default=100_000, help="about how many of each neuron, default 100000")
    parser.add_argument("--nodes", type=int, default=8, help="values of each filtered conductance, default 8")
    add_seed(parser)
    known = parser.parse_args(words)

    def find() -> ConductanceTable:
        check_known("regime", known.regime or [], tuple(REGIMES))
        return conductance(known.regime or tuple(REGIMES), spikes=known.spikes, rng=known.seed, nodes=known.nodes)

    return printing(find, known.json)
