"""``python -m validation tightness``: loose and tight balance, in theory and simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, parser_for, printing
from validation.tightness import TightnessReport, tightness


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "tightness",
        "How tightly excitation and inhibition balance on each time scale, in theory and measured from "
        "currents recorded apart. Parameters of a model follow as --name value.",
    )
    add_network(parser)
    add_duration(parser, 10.0)
    add_trials(parser, 2)
    parser.add_argument("--white", action="store_true", help="theory with spike trains as of white noise")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def find() -> TightnessReport:
        network = network_from_arguments(known.network, extra)
        return tightness(network, coloured=not known.white, **options(known, "duration", "trials", "dt", "processes"))

    return printing(find, known.json)
