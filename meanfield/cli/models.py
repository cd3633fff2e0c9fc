"""``meanfield models``: the literature's networks and their parameters."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from meanfield.cli.common import no_more
from meanfield.models import MODELS, parameter_defaults


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser("models", help="list the models of the literature and their parameters")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    no_more(extra)
    if known.json:
        print(json.dumps({name: parameter_defaults(name) for name in MODELS}, indent=2))
        return 0
    for name, model in MODELS.items():
        print(f"{name}: {(model.__doc__ or '').strip().splitlines()[0]}")
        defaults = ", ".join(
            f"{key}={np.format_float_positional(v, trim='-')}" for key, v in parameter_defaults(name).items()
        )
        print(f"    {defaults}  (SI units)")
    return 0
