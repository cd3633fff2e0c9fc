"""``python -m validation scaling``: excitation and inhibition over the indegree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from validation.cli.common import add_common, add_duration, add_store, add_trials, options, parser_for, printing_each
from validation.scaling import INDEGREES, NEURONS, ScalingReport, scaling


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "scaling",
        "Excitation, inhibition, their sum and the variance over the indegree K, in theory and simulation, "
        "with weights that go as a power of K: -0.5 is balance; -1 lets fluctuations die, at 0 all grow.",
    )
    parser.add_argument("--exponents", type=float, nargs="+", default=[-0.5], help="of the weights, default -0.5")
    parser.add_argument("--indegrees", type=int, nargs="+", default=INDEGREES, help="values of K")
    parser.add_argument("--size", type=int, default=NEURONS, help="neurons, default 12500")
    add_trials(parser, 2)
    add_duration(parser, 1.0)
    add_common(parser)
    add_store(parser)
    known = parser.parse_args(words)

    def find() -> Iterator[ScalingReport]:
        names = ("indegrees", "size", "duration", "trials", "dt", "processes", "store")
        for exponent in known.exponents:
            yield scaling(exponent=exponent, **options(known, *names))

    return printing_each(find, known.json)
