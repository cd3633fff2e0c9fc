"""What the command lines of experiments share: options that mean the same in each, and printing what was found.

A command states its parser, the options of its own, and what it computes; `options` hands the shared ones on to it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from operator import methodcaller
from typing import Any

from validation.report import to_json


def parser_for(name: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    """Parser of the words after ``python -m validation NAME``; options must be written out."""
    return argparse.ArgumentParser(
        prog=f"python -m validation {name}", description=description, epilog=epilog, allow_abbrev=False
    )


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the network: a file, or a model, whose parameters are the words that the parser does not know."""
    parser.add_argument("network", metavar="NET.toml|MODEL")


def add_duration(parser: argparse.ArgumentParser, default: float, about: str = "recorded time of a trial [s]") -> None:
    """Add the simulated time."""
    parser.add_argument("--duration", type=float, default=default, help=f"{about}, default {default:g}")


def add_trials(parser: argparse.ArgumentParser, default: int, about: str = "independent runs") -> None:
    """Add how often the experiment is done."""
    parser.add_argument("--trials", type=int, default=default, help=f"{about}, default {default}")


def add_common(parser: argparse.ArgumentParser, dt: float = 1e-4) -> None:
    """Add time step, seed, processes and --json."""
    parser.add_argument("--dt", type=float, default=dt, help=f"time step [s], default {dt:g}")
    parser.add_argument("--processes", type=int, default=None, help="runs at the same time, default: one a core")
    add_seed(parser)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add seed and --json."""
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers, default 1")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add the directory of `simulate_many`."""
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")


def options(known: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Arguments of an experiment: the named options, the seed as `rng`, and a progress bar."""
    return {name: getattr(known, name) for name in names} | {"rng": known.seed, "progress": True}


def printing(
    find: Callable[[], Any],
    as_json: bool,
    *,
    table: Callable[[Any], str] = str,
    json: Callable[[Any], str] = methodcaller("to_json"),
) -> Callable[[], int]:
    """Return the command that finds something and prints it, as a table or as JSON."""

    def command() -> int:
        found = find()
        print(json(found) if as_json else table(found))
        return 0

    return command


def printing_each(find: Callable[[], Iterator[Any]], as_json: bool) -> Callable[[], int]:
    """Return the command that prints a table as soon as it is found, or one JSON list of all."""

    def command() -> int:
        found = []
        for one in find():
            found.append(one.to_dict())
            if not as_json:
                print(one, flush=True)
        if as_json:
            print(to_json(found))
        return 0

    return command
