"""What the commands share: exit status, networks and parameters from words, figures."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from meanfield.balance import BalanceError
from meanfield.fixedpoint import ConvergenceError
from meanfield.models import build
from meanfield.network import Network
from meanfield.stability import StabilityError

BAD_INPUT = 2
NO_ANSWER = 1


def run_command(command: Callable[[], int], program: str) -> int:
    """Run `command`, turning what a user can cause into one line on stderr and an exit status."""
    try:
        return command()
    except (BalanceError, ConvergenceError, StabilityError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return NO_ANSWER
    except (ValueError, TypeError, OSError) as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130


def network_from_arguments(name: str, extra: Sequence[str]) -> Network:
    """Build the network of a command line: a model's name or a file, and what is left, ``--g 5 --delay 2ms``.

    Raises
    ------
    ValueError
        For a word that is no ``--parameter value``, and as `meanfield.models.build`, which reads the values.
    """
    return build(name, parse_parameters(extra))


def parse_parameters(words: Sequence[str]) -> dict[str, str]:
    """Take ``["--g", "5", "--delay=2ms"]`` apart.

    >>> parse_parameters(["--g", "5", "--delay=2ms"])
    {'g': '5', 'delay': '2ms'}
    """
    parameters: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise ValueError(f"unexpected argument {word!r}; parameters are given as --name value")
        name, equals, value = word[2:].partition("=")
        if not equals:
            if not rest:
                raise ValueError(f"parameter --{name} lacks its value")
            value = rest.pop(0)
        parameters[name.replace("-", "_")] = value
    return parameters


def no_more(extra: Sequence[str]) -> None:
    """Raise ValueError for a word that the command has no use for."""
    if extra:
        raise ValueError(f"unexpected argument {extra[0]!r}")


def save(figure: Any, path: Path) -> None:
    """Write a figure; its file has its name only when it is complete."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as directory:
        temporary = Path(directory) / path.name
        figure.savefig(temporary, dpi=160)
        os.replace(temporary, path)
