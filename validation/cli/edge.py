"""``python -m validation edge``: through the edge of chaos of Ostojic's network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.io import parse_quantity
from validation.cli.common import add_common, add_duration, add_store, add_trials, options, parser_for, printing
from validation.edge import STEP, WEIGHTS, Edge, edge


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "edge",
        "Simulate Ostojic's network over the strength of its synapses, through the edge of chaos that "
        "random-matrix theory has for it: rates, slow fluctuations, Fano factors and correlations beside theory.",
    )
    parser.add_argument("--weights", nargs="+", metavar="J", help="weights, as 0.2mV, default: ten from 0.1 to 0.8 mV")
    parser.add_argument("--size", type=int, default=10_000, help="number of neurons, default 10000")
    add_duration(parser, 5.0)
    add_trials(parser, 4, "independent networks")
    parser.add_argument("--theory-time", type=float, default=4000.0, help="of the coloured state [s], default 4000")
    add_common(parser, STEP)
    add_store(parser)
    known = parser.parse_args(words)

    def find() -> Edge:
        weights = [parse_quantity("--weights", text, "V") for text in known.weights] if known.weights else WEIGHTS
        return edge(weights, **options(known, "size", "duration", "trials", "theory_time", "dt", "processes", "store"))

    return printing(find, known.json)
