"""``meanfield tightness``: how loosely or tightly excitation and inhibition balance."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from meanfield.balance.tightness import tightness
from meanfield.cli.common import network_from_arguments
from meanfield.fixedpoint import solve
from meanfield.fluctuations import coloured_spectrum


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "tightness",
        help="loose or tight balance: what is left of excitation and inhibition on each time scale",
        description="Mean net input over excitation, residual in windows of 1 ms to 10 s, sensitivity of the loop, "
        "spectrum and coherence, correlation of excitation and inhibition, and the time scale below which balance is "
        "lost. Parameters as for solve, for example: meanfield tightness brunel2000 --g 5 --eta 2.",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--coloured", action="store_true", help="with the spectra that spike trains make themselves")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    state = solve(network_from_arguments(known.network, extra))
    found = tightness(state, auto_spectra=coloured_spectrum(state) if known.coloured else None)
    print(json.dumps(found.to_dict(), indent=2) if known.json else found)
    return 0
