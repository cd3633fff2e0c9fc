"""``python -m validation critical-weight``: J_c of Ostojic's network in theory, of Jacobians and of spikes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.io import parse_quantity
from validation.cli.common import add_common, add_duration, add_store, add_trials, options, parser_for, printing
from validation.crossvalidation import cross_validate
from validation.edge import STEP
from validation.predictions.edge import WEIGHTS, CriticalWeight
from validation.report import Report


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "critical-weight",
        "The weight at the edge of chaos of Ostojic's network: theory by variant beside sampled Jacobians, "
        "and the weight at which rates begin to fluctuate slowly beside spiking networks.",
    )
    parser.add_argument("--weights", nargs="+", metavar="J", help="to simulate, as 0.2mV, default: seven to 0.6 mV")
    parser.add_argument("--no-spikes", action="store_true", help="theory and sampled Jacobians alone")
    parser.add_argument("--size", type=int, default=10_000, help="number of neurons, default 10000")
    add_duration(parser, 2.0)
    add_trials(parser, 3, "independent networks")
    parser.add_argument("--theory-time", type=float, default=1500.0, help="of the coloured state [s], default 1500")
    add_common(parser, STEP)
    add_store(parser)
    known = parser.parse_args(words)

    def find() -> Report:
        given = [parse_quantity("--weights", text, "V") for text in known.weights] if known.weights else WEIGHTS
        subject = CriticalWeight(size=known.size, weights=() if known.no_spikes else given)
        return cross_validate(
            subject, **options(known, "duration", "trials", "theory_time", "dt", "processes", "store")
        )

    return printing(find, known.json)
