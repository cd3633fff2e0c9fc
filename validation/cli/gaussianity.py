"""``python -m validation gaussianity``: what a neuron's input is like, and what taking it for Gaussian costs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common
from validation.gaussianity import gaussianity


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation gaussianity",
        description="Simulate a model or a network file, record inputs of its neurons, and replay them to neurons "
        "outside: as they were, made Gaussian with the same spectrum, made white, and both. Parameters of a model "
        "follow as --name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--neurons", type=int, default=400, help="whose inputs are recorded, default 400")
    parser.add_argument("--duration", type=float, default=2.0, help="recorded time of a trial [s], default 2")
    parser.add_argument("--trials", type=int, default=3, help="independent networks, default 3")
    add_common(parser, 5e-5)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = gaussianity(
            network_from_arguments(known.network, extra),
            neurons=known.neurons,
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
