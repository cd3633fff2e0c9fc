"""``python -m validation filtered``: methods for filtered synapses beside simulations, in several regimes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from validation.filtered import filtered
from validation.strongdrive import strong_drive


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation filtered",
        description="Simulate independent neurons behind Ornstein-Uhlenbeck currents, and compare the solver, the fast "
        "and the slow limit with them.",
        allow_abbrev=False,
    )
    parser.add_argument("--strong-drive", action="store_true", help="far above threshold, with responses, instead")
    parser.add_argument("--spikes", type=int, default=None, help="of a simulation; default 100000, strong drive 400000")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers, default 1")
    parser.add_argument("--json", action="store_true", help="print JSON")
    known = parser.parse_args(words)

    def command() -> int:
        experiment, spikes = (strong_drive, 400_000) if known.strong_drive else (filtered, 100_000)
        found = experiment(spikes=spikes if known.spikes is None else known.spikes, rng=known.seed, progress=True)
        print(found.to_json() if known.json else found)
        return 0

    return command
