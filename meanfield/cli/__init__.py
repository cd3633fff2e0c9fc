"""The command line: the only code of the library that prints.

Each command is a module with `add(commands)`, which says its arguments. Exit status: 0, 1 when a computation has no
answer (no self-consistent state), 2 for bad input.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from meanfield import __version__
from meanfield.cli import (
    balance,
    derive,
    dmft,
    edge,
    models,
    phase_diagram,
    portrait,
    solve,
    spectrum,
    stability,
    tightness,
)
from meanfield.cli.common import network_from_arguments, parse_parameters, run_command

__all__ = ["main", "network_from_arguments", "parse_parameters", "run_command"]

COMMANDS = (solve, derive, stability, phase_diagram, balance, tightness, portrait, edge, dmft, spectrum, models)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="meanfield", description="Mean-field theory of networks of spiking neurons.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"meanfield {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    known, extra = parser.parse_known_args(arguments)
    return run_command(lambda: int(known.command(known, extra)), parser.prog)
