"""``python -m validation rate-distribution``: rates over the neurons of a network."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from meanfield.io import parse_quantity
from validation.cli.common import add_common
from validation.heterogeneity import compare_distributions


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation rate-distribution",
        description="Distribution of rates over neurons, in theory and simulated. Parameters of a model follow as "
        "--name value, for example: python -m validation rate-distribution brunel2000 --g 5 --eta 1",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--connections", default="Erdős-Rényi", help='"Erdős-Rényi" (default) or "fixed indegree"')
    parser.add_argument("--threshold-std", default="0mV", help="of the thresholds over neurons, as 1mV, default 0")
    parser.add_argument("--duration", type=float, default=10.0, help="recorded time of a trial [s], default 10")
    parser.add_argument("--trials", type=int, default=3, help="independent networks, default 3")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = compare_distributions(
            network_from_arguments(known.network, extra),
            connections=known.connections,
            threshold_std=parse_quantity("--threshold-std", known.threshold_std, "V"),
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
