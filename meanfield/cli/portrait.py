"""``meanfield portrait``: how irregular, correlated and rhythmic a network is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from meanfield.balance.portrait import portrait
from meanfield.cli.common import network_from_arguments


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "portrait",
        help="how irregular, correlated and rhythmic the activity is",
        description="CV, CV2, LV, Fano factor, correlation, synchrony, peak of the spectrum, and the verdict AI, AR, "
        "SI or SR with its criteria. Parameters as for solve, for example: meanfield portrait brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--white", action="store_true", help="without the CV in coloured noise, which takes seconds")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    answer = portrait(network_from_arguments(known.network, extra), coloured=not known.white)
    print(json.dumps(answer.to_dict(), indent=2) if known.json else answer)
    return 0
