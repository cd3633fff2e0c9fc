"""``python -m validation suppression``: fluctuations with feedback, and with the feedback cut."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common
from validation.suppression import suppression


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation suppression",
        description="Simulate a model or a network file, and replay its spikes, as they were and made independent, to "
        "neurons that it does not hear: variance of the population rates, correlations of spike counts and of inputs, "
        "in theory and simulation. Parameters of a model follow as --name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--window", type=float, default=0.05, help="of counts and inputs [s], default 0.05")
    parser.add_argument("--duration", type=float, default=3.0, help="recorded time of a trial [s], default 3")
    parser.add_argument("--trials", type=int, default=3, help="independent networks, default 3")
    parser.add_argument("--white", action="store_true", help="theory with the spike trains of white-noise input")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = suppression(
            network_from_arguments(known.network, extra),
            window=known.window,
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            coloured=not known.white,
            rng=known.seed,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
