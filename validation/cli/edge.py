"""``python -m validation edge``: through the edge of chaos of Ostojic's network."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.io import parse_quantity
from validation.cli.common import add_common
from validation.edge import STEP, WEIGHTS, edge


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation edge",
        description="Simulate Ostojic's network over the strength of its synapses, through the edge of chaos that "
        "random-matrix theory has for it: rates, slow fluctuations, Fano factors and correlations beside theory.",
        allow_abbrev=False,
    )
    parser.add_argument("--weights", nargs="+", metavar="J", help="weights, as 0.2mV, default: ten from 0.1 to 0.8 mV")
    parser.add_argument("--size", type=int, default=10_000, help="number of neurons, default 10000")
    parser.add_argument("--duration", type=float, default=5.0, help="recorded time of a trial [s], default 5")
    parser.add_argument("--trials", type=int, default=4, help="independent networks, default 4")
    parser.add_argument("--theory-time", type=float, default=4000.0, help="of the coloured state [s], default 4000")
    add_common(parser, STEP)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        weights = [parse_quantity("--weights", text, "V") for text in known.weights] if known.weights else WEIGHTS
        found = edge(
            weights,
            size=known.size,
            trials=known.trials,
            duration=known.duration,
            theory_time=known.theory_time,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            store=known.store,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
