"""``python -m validation gaussianity``: what a neuron's input is like, and what taking it for Gaussian costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, parser_for, printing
from validation.gaussianity import Gaussianity, gaussianity


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "gaussianity",
        "Simulate a model or a network file, record inputs of its neurons, and replay them to neurons "
        "outside: as they were, made Gaussian with the same spectrum, made white, and both. Parameters of a model "
        "follow as --name value.",
    )
    add_network(parser)
    parser.add_argument("--neurons", type=int, default=400, help="whose inputs are recorded, default 400")
    add_duration(parser, 2.0)
    add_trials(parser, 3, "independent networks")
    add_common(parser, 5e-5)
    known, extra = parser.parse_known_args(words)

    def find() -> Gaussianity:
        network = network_from_arguments(known.network, extra)
        return gaussianity(network, **options(known, "neurons", "duration", "trials", "dt"))

    return printing(find, known.json)
