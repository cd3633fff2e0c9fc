"""``python -m validation oscillations``: across the Hopf lines of Brunel's network."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.cli.common import add_common
from validation.oscillations import FAST, SIZES, SLOW, oscillations, to_json


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation oscillations",
        description="Simulate Brunel's network across its Hopf lines, with in-degrees fixed and the number of neurons "
        "varied: the fast oscillation (g = 6) and the slow one (g = 4.5), both by default.",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="the fast oscillation")
    parser.add_argument("--slow", action="store_true", help="the slow oscillation")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of neurons")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = []
        for crossing, wanted in ((FAST, known.fast), (SLOW, known.slow)):
            if wanted or not (known.fast or known.slow):
                found.append(
                    oscillations(
                        crossing,
                        sizes=known.sizes,
                        trials=known.trials,
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
