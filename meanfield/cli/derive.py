"""``meanfield derive``: derivations of the theory."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from meanfield.cli.common import no_more


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "derive",
        help="derivations of the theory, step by step",
        description="A derivation of the theory, computed by sympy: assumptions, steps, result.",
        allow_abbrev=False,
    )
    command.add_argument("name", metavar="NAME", nargs="?")
    command.add_argument("--latex", action="store_true", help="print a section for a LaTeX document")
    command.add_argument("--list", action="store_true", help="list the names and what they show")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    from meanfield.derivations import derive, titles  # imports sympy

    no_more(extra)
    if known.list:
        width = max(map(len, titles()))
        print("\n".join(f"{name:<{width}}  {title}" for name, title in titles().items()))
        return 0
    if known.name is None:
        raise ValueError(f"derive needs the name of a derivation; known: {', '.join(titles())}")
    derivation = derive(known.name)
    print(derivation.latex() if known.latex else derivation.text())
    return 0
