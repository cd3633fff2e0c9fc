"""``python -m validation portrait``: how irregular and correlated a network is, in theory and simulation."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

import meanfield as mf
from meanfield.cli import network_from_arguments
from validation.cli.common import add_common
from validation.portrait import portrait


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation portrait",
        description="Portrait of a model or a network file in theory and in simulation: irregularity, correlation, "
        "synchrony, and what that is called. Parameters of a model follow as --name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        network = network_from_arguments(known.network, extra)
        theory = mf.portrait(network)
        simulated = portrait(
            network,
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            progress=True,
        )
        both = (theory, simulated)
        print(json.dumps([one.to_dict() for one in both], indent=2) if known.json else "\n\n".join(map(str, both)))
        return 0

    return command
