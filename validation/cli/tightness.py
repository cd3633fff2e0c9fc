"""``python -m validation tightness``: loose and tight balance, in theory and simulation."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common
from validation.report import without_nan
from validation.tightness import tightness


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation tightness",
        description="How tightly excitation and inhibition balance on each time scale, in theory and measured from "
        "currents recorded apart. Parameters of a model follow as --name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=10.0, help="recorded time of a trial [s], default 10")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    parser.add_argument("--white", action="store_true", help="theory with spike trains as of white noise")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = tightness(
            network_from_arguments(known.network, extra),
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            coloured=not known.white,
            rng=known.seed,
            processes=known.processes,
            progress=True,
        )
        print(json.dumps(without_nan(found.to_dict()), indent=2) if known.json else found)
        return 0

    return command
