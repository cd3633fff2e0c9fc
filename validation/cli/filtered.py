"""``python -m validation filtered``: methods for filtered synapses beside simulations, in several regimes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validation.cli.common import add_seed, options, parser_for, printing
from validation.filtered import Filtered, filtered
from validation.strongdrive import StrongDrive, strong_drive


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "filtered",
        "Simulate independent neurons behind Ornstein-Uhlenbeck currents, and compare the solver, the fast "
        "and the slow limit with them.",
    )
    parser.add_argument("--strong-drive", action="store_true", help="far above threshold, with responses, instead")
    parser.add_argument("--spikes", type=int, default=None, help="of a simulation; default 100000, strong drive 400000")
    add_seed(parser)
    known = parser.parse_args(words)

    def find() -> Filtered | StrongDrive:
        experiment, spikes = (strong_drive, 400_000) if known.strong_drive else (filtered, 100_000)
        return experiment(spikes=spikes if known.spikes is None else known.spikes, **options(known))

    return printing(find, known.json)
