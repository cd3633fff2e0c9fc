"""``python -m validation suppression``: fluctuations with feedback, and with the feedback cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, parser_for, printing
from validation.suppression import Suppression, suppression


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "suppression",
        "Simulate a model or a network file, and replay its spikes, as they were and made independent, to "
        "neurons that it does not hear: variance of the population rates, correlations of spike counts and of inputs, "
        "in theory and simulation. Parameters of a model follow as --name value.",
    )
    add_network(parser)
    parser.add_argument("--window", type=float, default=0.05, help="of counts and inputs [s], default 0.05")
    add_duration(parser, 3.0)
    add_trials(parser, 3, "independent networks")
    parser.add_argument("--white", action="store_true", help="theory with the spike trains of white-noise input")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def find() -> Suppression:
        network = network_from_arguments(known.network, extra)
        return suppression(network, coloured=not known.white, **options(known, "window", "duration", "trials", "dt"))

    return printing(find, known.json)
