"""``python -m validation inhibition``: a network along the strength of its inhibition."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from validation.cli.common import add_common
from validation.inhibition import STRENGTHS, inhibition
from validation.report import without_nan


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation inhibition",
        description="Brunel's network along g: mean and variance of inhibition, rate and CV, and the g at which the "
        "mean input falls below threshold, in theory and simulation.",
        allow_abbrev=False,
    )
    parser.add_argument("--strengths", type=float, nargs="+", default=STRENGTHS, help="values of g")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = inhibition(
            strengths=known.strengths,
            trials=known.trials,
            duration=known.duration,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            store=known.store,
            progress=True,
        )
        print(json.dumps(without_nan(found.to_dict()), indent=2) if known.json else found)
        return 0

    return command
