"""``meanfield solve``: self-consistent states."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from meanfield.cli.common import NO_ANSWER, network_from_arguments
from meanfield.fixedpoint import FixedPoint, solve, solve_all
from meanfield.units import mV


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "solve",
        help="self-consistent states of a network",
        description="Self-consistent rates of a model (meanfield models lists them) or of a network file. "
        "Parameters of a model follow as --name value, for example: meanfield solve brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    command.add_argument("network", metavar="NET.toml|MODEL")
    command.add_argument("--all", action="store_true", help="every fixed point, and whether that is proven")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    network = network_from_arguments(known.network, extra)
    if known.all:
        states = solve_all(network)
        found, proof = list(states), states.proof
        answer: dict[str, Any] = {"is_complete": states.is_complete, "proof": proof}
    else:
        found, proof, answer = [solve(network)], "", {}
    if known.json:
        answer |= {"network": network.label, "states": [state.to_dict() for state in found]}
        print(json.dumps(answer, indent=2))
    else:
        print("\n\n".join([network.label, *map(state_table, found)] + ([proof] if proof else [])))
    return 0 if found else NO_ANSWER


def state_table(state: FixedPoint) -> str:
    """A fixed point as a plain-text table, a line a population."""
    width = max(len("population"), *map(len, state.network.names))
    lines = [f"{'population':<{width}} {'rate (Hz)':>12} {'mu (mV)':>10} {'sigma (mV)':>10} {'CV':>7} {'residual':>9}"]
    columns = zip(
        state.network.names,
        state.rate,
        state.mu / mV,
        state.sigma / mV,
        state.cv,
        state.residual,
        strict=True,
    )
    for name, rate, mu, sigma, cv, residual in columns:
        lines.append(f"{name:<{width}} {rate:>12.6g} {mu:>10.4f} {sigma:>10.4f} {cv:>7.4f} {residual:>9.1e}")
    return "\n".join(lines)
