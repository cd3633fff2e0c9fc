"""``meanfield stability``: is a state stable, and what destroys it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from meanfield.cli.common import NO_ANSWER, network_from_arguments
from meanfield.fixedpoint import solve, solve_all
from meanfield.io import parse_quantity
from meanfield.stability import Stability, stability


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "stability",
        help="is a state stable, and what destroys it",
        description="Linear stability of the self-consistent states: the roots of det(1 - L(s)) right of a line. "
        "Parameters as for solve, for example: meanfield stability brunel2000 --g 6 --eta 4 --delay uniform:0ms:3ms "
        "(or gaussian:MEAN:STD, exponential:MEAN)",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--all", action="store_true", help="of every fixed point")
    command.add_argument("--line", metavar="X", default="0", help="real part [1/s] right of which all roots are listed")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    network = network_from_arguments(known.network, extra)
    states = list(solve_all(network)) if known.all else [solve(network)]
    answers = [stability(state, line=parse_quantity("--line", known.line, "1")) for state in states]
    if known.json:
        found = [
            state.to_dict() | {"stability": answer.to_dict()} for state, answer in zip(states, answers, strict=True)
        ]
        print(json.dumps({"network": network.label, "states": found}, indent=2))
    else:
        print("\n\n".join([network.label, *map(stability_table, answers)]))
    return 0 if answers else NO_ANSWER


def stability_table(answer: Stability) -> str:
    """Stability of a state as plain text: its rates, what becomes of it, and a line a root."""
    rates = ", ".join(
        f"{name} {rate:.6g} Hz" for name, rate in zip(answer.state.network.names, answer.state.rate, strict=True)
    )
    verdict = "stable" if answer.is_stable else f"unstable ({answer.kind})"
    lines = [f"{rates}: {verdict}"]
    if answer.rightmost is not None:
        lines.append(f"rightmost root {answer.rightmost.real:.6g}/s at {answer.frequency:.6g} Hz")
    lines.append(f"{answer.count} roots right of {answer.line:g}/s, conjugates included")
    lines += [f"{root.real:>14.6g}/s {root.imag / (2.0 * np.pi):>12.6g} Hz" for root in answer.roots]
    return "\n".join(lines)
