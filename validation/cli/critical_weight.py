"""``python -m validation critical-weight``: J_c of Ostojic's network in theory, of Jacobians and of spikes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.io import parse_quantity
from validation.cli.common import add_common
from validation.crossvalidation import cross_validate
from validation.edge import STEP
from validation.predictions.edge import WEIGHTS, CriticalWeight


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation critical-weight",
        description="The weight at the edge of chaos of Ostojic's network: theory by variant beside sampled Jacobians, "
        "and the weight at which rates begin to fluctuate slowly beside spiking networks.",
        allow_abbrev=False,
    )
    parser.add_argument("--weights", nargs="+", metavar="J", help="to simulate, as 0.2mV, default: seven to 0.6 mV")
    parser.add_argument("--no-spikes", action="store_true", help="theory and sampled Jacobians alone")
    parser.add_argument("--size", type=int, default=10_000, help="number of neurons, default 10000")
    parser.add_argument("--duration", type=float, default=2.0, help="recorded time of a trial [s], default 2")
    parser.add_argument("--trials", type=int, default=3, help="independent networks, default 3")
    parser.add_argument("--theory-time", type=float, default=1500.0, help="of the coloured state [s], default 1500")
    add_common(parser, STEP)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        given = [parse_quantity("--weights", text, "V") for text in known.weights] if known.weights else WEIGHTS
        report = cross_validate(
            CriticalWeight(size=known.size, weights=() if known.no_spikes else given),
            trials=known.trials,
            duration=known.duration,
            theory_time=known.theory_time,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            store=known.store,
            progress=True,
        )
        print(report.to_json() if known.json else report)
        return 0

    return command
