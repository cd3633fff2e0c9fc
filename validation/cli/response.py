"""``python -m validation response``: how fast networks follow their drive, over the indegree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validation.cli.common import add_common, add_duration, add_store, add_trials, options, parser_for, printing
from validation.response import INDEGREES, NEURONS, response


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "response",
        "A drive that goes up and down as a square wave, and as a sum of sinusoids: how fast the rates of "
        "networks follow it over the indegree K, with weights ~ 1/sqrt(K), and how fast their neurons alone, at the "
        "same rate and noise; linear response beside simulation.",
    )
    parser.add_argument("--indegrees", type=int, nargs="+", default=INDEGREES, help="values of K")
    parser.add_argument("--depth", type=float, default=0.2, help="relative change of the drive, default 0.2")
    parser.add_argument("--size", type=int, default=NEURONS, help=f"neurons, default {NEURONS}")
    add_trials(parser, 1, "independent runs of each kind")
    add_duration(parser, 4.0)
    add_common(parser)
    add_store(parser)
    known = parser.parse_args(words)

    names = ("indegrees", "depth", "size", "duration", "trials", "dt", "processes", "store")
    return printing(lambda: response(**options(known, *names)), known.json)
