"""``python -m validation response``: how fast networks follow their drive, over the indegree."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.cli.common import add_common
from validation.response import INDEGREES, NEURONS, response


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation response",
        description="A drive that goes up and down as a square wave, and as a sum of sinusoids: how fast the rates of "
        "networks follow it over the indegree K, with weights ~ 1/sqrt(K), and how fast their neurons alone, at the "
        "same rate and noise; linear response beside simulation.",
        allow_abbrev=False,
    )
    parser.add_argument("--indegrees", type=int, nargs="+", default=INDEGREES, help="values of K")
    parser.add_argument("--depth", type=float, default=0.2, help="relative change of the drive, default 0.2")
    parser.add_argument("--size", type=int, default=NEURONS, help=f"neurons, default {NEURONS}")
    parser.add_argument("--trials", type=int, default=1, help="independent runs of each kind, default 1")
    parser.add_argument("--duration", type=float, default=4.0, help="recorded time of a trial [s], default 4")
    add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = response(
            indegrees=known.indegrees,
            depth=known.depth,
            size=known.size,
            trials=known.trials,
            duration=known.duration,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            store=known.store,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
