"""``python -m validation oscillations``: across the Hopf lines of Brunel's network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from validation.cli.common import add_common, add_store, add_trials, options, parser_for, printing_each
from validation.oscillations import FAST, SIZES, SLOW, Oscillations, oscillations


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "oscillations",
        "Simulate Brunel's network across its Hopf lines, with in-degrees fixed and the number of neurons "
        "varied: the fast oscillation (g = 6) and the slow one (g = 4.5), both by default.",
    )
    parser.add_argument("--fast", action="store_true", help="the fast oscillation")
    parser.add_argument("--slow", action="store_true", help="the slow oscillation")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of neurons")
    add_trials(parser, 2)
    add_common(parser)
    add_store(parser)
    known = parser.parse_args(words)

    def find() -> Iterator[Oscillations]:
        for crossing, wanted in ((FAST, known.fast), (SLOW, known.slow)):
            if wanted or not (known.fast or known.slow):
                yield oscillations(crossing, **options(known, "sizes", "trials", "dt", "processes", "store"))

    return printing_each(find, known.json)
