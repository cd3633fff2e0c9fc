"""The command line: the only code of the library that prints.

Exit status: 0, 1 when a computation has no answer (no self-consistent state), 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from meanfield import __version__
from meanfield.fixedpoint import ConvergenceError, FixedPoint, solve, solve_all
from meanfield.models import MODELS, build, parameter_defaults
from meanfield.network import Network
from meanfield.units import mV

BAD_INPUT = 2
NO_ANSWER = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _parser()
    known, extra = parser.parse_known_args(arguments)
    return run_command(lambda: int(known.command(known, extra)), parser.prog)


def run_command(command: Callable[[], int], program: str) -> int:
    """Run `command`, turning what a user can cause into one line on stderr and an exit status."""
    try:
        return command()
    except ConvergenceError as error:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meanfield", description="Mean-field theory of networks of spiking neurons.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"meanfield {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    solve_command = commands.add_parser(
        "solve",
        help="self-consistent states of a network",
        description="Self-consistent rates of a model (meanfield models lists them) or of a network file. "
        "Parameters of a model follow as --name value, for example: meanfield solve brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    solve_command.add_argument("network", metavar="NET.toml|MODEL")
    solve_command.add_argument("--all", action="store_true", help="every fixed point, and whether that is proven")
    solve_command.add_argument("--json", action="store_true", help="print JSON")
    solve_command.set_defaults(command=_solve)
    derive_command = commands.add_parser(
        "derive",
        help="derivations of the theory, step by step",
        description="A derivation of the theory, computed by sympy: assumptions, steps, result.",
        allow_abbrev=False,
    )
    derive_command.add_argument("name", metavar="NAME", nargs="?")
    derive_command.add_argument("--latex", action="store_true", help="print a section for a LaTeX document")
    derive_command.add_argument("--list", action="store_true", help="list the names and what they show")
    derive_command.set_defaults(command=_derive)
    models_command = commands.add_parser("models", help="list the models of the literature and their parameters")
    models_command.add_argument("--json", action="store_true", help="print JSON")
    models_command.set_defaults(command=_models)
    return parser


def _solve(known: argparse.Namespace, extra: Sequence[str]) -> int:
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


def _derive(known: argparse.Namespace, extra: Sequence[str]) -> int:
    from meanfield.derivations import derive, titles  # imports sympy

    if extra:
        raise ValueError(f"unexpected argument {extra[0]!r}")
    if known.list:
        width = max(map(len, titles()))
        print("\n".join(f"{name:<{width}}  {title}" for name, title in titles().items()))
        return 0
    if known.name is None:
        raise ValueError(f"derive needs the name of a derivation; known: {', '.join(titles())}")
    derivation = derive(known.name)
    print(derivation.latex() if known.latex else derivation.text())
    return 0


def _models(known: argparse.Namespace, extra: Sequence[str]) -> int:
    if extra:
        raise ValueError(f"unexpected argument {extra[0]!r}")
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


if __name__ == "__main__":
    sys.exit(main())
