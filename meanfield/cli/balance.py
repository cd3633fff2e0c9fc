"""``meanfield balance``: the balanced state of a network."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from meanfield.balance.report import balance_table, symbolic
from meanfield.balance.scaling import check_sparse
from meanfield.balance.solve import solve
from meanfield.cli.common import network_from_arguments


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "balance",
        help="the balanced state at large indegree, its conditions and corrections",
        description="Rates at which excitation and inhibition cancel at large indegree K, every condition for that "
        "with its margin, corrections in 1/sqrt(K), and the self-consistent state. Parameters as for solve, for "
        "example: meanfield balance brunel2000 --g 6 --eta 4. Exit status 1 where no balanced state exists.",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL", nargs="?")
    command.add_argument("--symbolic", action="store_true", help="two populations in symbols, by sympy")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    if known.symbolic:
        if known.network or extra or known.json:
            raise ValueError("--symbolic is of any two populations and takes no network and no other option")
        print(symbolic())
        return 0
    if known.network is None:
        raise ValueError("balance needs a network, NET.toml or a model's name, or --symbolic")
    network = network_from_arguments(known.network, extra)
    check_sparse(network)
    answer = solve(network)
    if not known.json:
        answer.require()
        print(balance_table(answer))
        return 0
    print(json.dumps(answer.to_dict(), indent=2))
    return 0 if answer.exists else 1
