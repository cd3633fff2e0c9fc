"""``meanfield edge``: the edge of chaos of a network."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from meanfield.cli.common import network_from_arguments
from meanfield.fixedpoint import solve, solve_all
from meanfield.randommatrix.report import edge_report


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "edge",
        help="radius of the effective Jacobian: inside or beyond the edge of chaos",
        description="Radius and outliers of the effective coupling of single neurons, and the factor on all recurrent "
        "weights for a radius of 1. Parameters as for solve: meanfield edge ostojic2014 --weight 0.5mV",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--all", action="store_true", help="of every fixed point")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    network = network_from_arguments(known.network, extra)
    states = list(solve_all(network)) if known.all else [solve(network)]
    report = edge_report(states)
    print(json.dumps(report.to_dict(), indent=2) if known.json else report)
    return 0
