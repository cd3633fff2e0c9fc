"""``python -m validation rate-distribution``: rates over the neurons of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from meanfield.io import parse_quantity
from validation.cli.common import add_common, add_duration, add_network, add_trials, options, parser_for, printing
from validation.heterogeneity import Comparison, compare_distributions


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "rate-distribution",
        "Distribution of rates over neurons, in theory and simulated. Parameters of a model follow as "
        "--name value, for example: python -m validation rate-distribution brunel2000 --g 5 --eta 1",
    )
    add_network(parser)
    parser.add_argument("--connections", default="Erdős-Rényi", help='"Erdős-Rényi" (default) or "fixed indegree"')
    parser.add_argument("--threshold-std", default="0mV", help="of the thresholds over neurons, as 1mV, default 0")
    add_duration(parser, 10.0)
    add_trials(parser, 3, "independent networks")
    add_common(parser)
    known, extra = parser.parse_known_args(words)

    def find() -> Comparison:
        return compare_distributions(
            network_from_arguments(known.network, extra),
            threshold_std=parse_quantity("--threshold-std", known.threshold_std, "V"),
            **options(known, "connections", "duration", "trials", "dt", "processes"),
        )

    return printing(find, known.json)
