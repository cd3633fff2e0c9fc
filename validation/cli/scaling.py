"""``python -m validation scaling``: excitation and inhibition over the indegree."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.cli.common import add_common
from validation.scaling import INDEGREES, NEURONS, scaling, to_json


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation scaling",
        description="Excitation, inhibition, their sum and the variance over the indegree K, in theory and simulation, "
        "with weights that go as a power of K: -0.5 is balance; -1 lets fluctuations die, at 0 all grow.",
        allow_abbrev=False,
    )
    parser.add_argument("--exponents", type=float, nargs="+", default=[-0.5], help="of the weights, default -0.5")
    parser.add_argument("--indegrees", type=int, nargs="+", default=INDEGREES, help="values of K")
    parser.add_argument("--size", type=int, default=NEURONS, help="neurons, default 12500")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = []
        for exponent in known.exponents:
            found.append(
                scaling(
                    exponent=exponent,
                    indegrees=known.indegrees,
                    size=known.size,
                    trials=known.trials,
                    duration=known.duration,
                    dt=known.dt,
                    rng=known.seed,
                    processes=known.processes,
                    store=known.store,
                    progress=True,
                )
            )
            if not known.json:
                print(found[-1], flush=True)
        if known.json:
            print(to_json(found))
        return 0

    return command
