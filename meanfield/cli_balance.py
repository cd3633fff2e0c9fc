"""The command lines of balance: ``meanfield balance`` and ``meanfield portrait``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from meanfield.balance import portrait, solve
from meanfield.balance.report import balance_table, symbolic
from meanfield.balance.scaling import check_sparse
from meanfield.network import Network

Build = Callable[[str, Sequence[str]], Network]


def add(commands: Any, build: Build) -> None:
    """Add both commands to a parser's; `build` makes the network of a command line."""
    balance = commands.add_parser(
        "balance",
        help="the balanced state at large indegree, its conditions and corrections",
        description="Rates at which excitation and inhibition cancel at large indegree K, every condition for that "
        "with its margin, corrections in 1/sqrt(K), and the self-consistent state. Parameters as for solve, for "
        "example: meanfield balance brunel2000 --g 6 --eta 4. Exit status 1 where no balanced state exists.",
        allow_abbrev=False,
    )
    balance.add_argument("network", metavar="NET.toml|MODEL", nargs="?")
    balance.add_argument("--symbolic", action="store_true", help="two populations in symbols, by sympy")
    balance.add_argument("--json", action="store_true", help="print JSON")
    balance.set_defaults(command=lambda known, extra: _balance(known, extra, build))
    picture = commands.add_parser(
        "portrait",
        help="how irregular, correlated and rhythmic the activity is",
        description="CV, CV2, LV, Fano factor, correlation, synchrony, peak of the spectrum, and the verdict AI, AR, "
        "SI or SR with its criteria. Parameters as for solve, for example: meanfield portrait brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    picture.add_argument("network", metavar="NET.toml|MODEL")
    picture.add_argument("--white", action="store_true", help="without the CV in coloured noise, which takes seconds")
    picture.add_argument("--json", action="store_true", help="print JSON")
    picture.set_defaults(command=lambda known, extra: _portrait(known, extra, build))


def _balance(known: argparse.Namespace, extra: Sequence[str], build: Build) -> int:
    if known.symbolic:
        if known.network or extra or known.json:
            raise ValueError("--symbolic is of any two populations and takes no network and no other option")
        print(symbolic())
        return 0
    if known.network is None:
        raise ValueError("balance needs a network, NET.toml or a model's name, or --symbolic")
    network = build(known.network, extra)
    check_sparse(network)
    answer = solve(network)
    if not known.json:
        answer.require()
        print(balance_table(answer))
        return 0
    print(json.dumps(answer.to_dict(), indent=2))
    return 0 if answer.exists else 1


def _portrait(known: argparse.Namespace, extra: Sequence[str], build: Build) -> int:
    answer = portrait(build(known.network, extra), coloured=not known.white)
    print(json.dumps(answer.to_dict(), indent=2) if known.json else answer)
    return 0
