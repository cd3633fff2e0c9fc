"""``python -m validation NET.toml|MODEL``: a network's theory beside its simulation."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common
from validation.crossvalidation import cross_validate
from validation.predictions.network import PREDICTIONS


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
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=4, help="independent runs, default 4")
    add_common(parser)
    parser.add_argument(
        "--predictions", default="state", help=f"comma-separated, of {', '.join(PREDICTIONS)}; default state"
    )
    parser.add_argument("--check-dt", action="store_true", help="simulate again with half the time step")
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        network = network_from_arguments(known.network, extra)
        report = cross_validate(
            network,
            predictions=known.predictions.split(","),
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            check_dt=known.check_dt,
            progress=True,
        )
        print(report.to_json() if known.json else report)
        return 0

    return command
