"""``python -m validation NET.toml|MODEL``: a network's theory beside its simulation."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, printing
from validation.crossvalidation import cross_validate
from validation.predictions.network import PREDICTIONS
from validation.report import Report


def parse(words: Sequence[str], experiments: dict[str, str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation",
        description="Solve a model or a network file, simulate it, and print both. Parameters of a model follow as\n"
        "--name value, for example: python -m validation brunel2000 --g 5 --eta 2",
        epilog="experiments, each with its own --help:\n"
        + "\n".join(f"  python -m validation {name:14}{about}" for name, about in experiments.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_network(parser)
    add_duration(parser, 1.0)
    add_trials(parser, 4)
    add_common(parser)
    parser.add_argument(
        "--predictions", default="state", help=f"comma-separated, of {', '.join(PREDICTIONS)}; default state"
    )
    parser.add_argument("--check-dt", action="store_true", help="simulate again with half the time step")
    known, extra = parser.parse_known_args(words)

    def find() -> Report:
        return cross_validate(
            network_from_arguments(known.network, extra),
            predictions=known.predictions.split(","),
            **options(known, "duration", "trials", "dt", "processes", "check_dt"),
        )

    return printing(find, known.json)
