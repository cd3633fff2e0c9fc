"""``python -m validation inhibition``: a network along the strength of its inhibition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validation.cli.common import add_common, add_duration, add_store, add_trials, options, parser_for, printing
from validation.inhibition import STRENGTHS, inhibition


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "inhibition",
        "Brunel's network along g: mean and variance of inhibition, rate and CV, and the g at which the "
        "mean input falls below threshold, in theory and simulation.",
    )
    parser.add_argument("--strengths", type=float, nargs="+", default=STRENGTHS, help="values of g")
    add_duration(parser, 1.0)
    add_trials(parser, 2)
    add_common(parser)
    add_store(parser)
    known = parser.parse_args(words)

    names = ("strengths", "duration", "trials", "dt", "processes", "store")
    return printing(lambda: inhibition(**options(known, *names)), known.json)
