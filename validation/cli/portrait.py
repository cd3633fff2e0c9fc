"""``python -m validation portrait``: how irregular and correlated a network is, in theory and simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import meanfield as mf
from meanfield.balance import Portrait
from meanfield.cli import network_from_arguments
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, parser_for, printing
from validation.portrait import portrait
from validation.report import to_json


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "portrait",
        "Portrait of a model or a network file in theory and in simulation: irregularity, correlation, "
        "synchrony, and what that is called. Parameters of a model follow as --name value.",
    )
    add_network(parser)
    add_duration(parser, 1.0)
    add_trials(parser, 2)
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def find() -> tuple[Portrait, Portrait]:
        network = network_from_arguments(known.network, extra)
        return mf.portrait(network), portrait(network, **options(known, "duration", "trials", "dt", "processes"))

    return printing(
        find,
        known.json,
        table=lambda both: "\n\n".join(map(str, both)),
        json=lambda both: to_json([one.to_dict() for one in both]),
    )
