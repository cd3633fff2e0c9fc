"""``python -m validation NAME|NET.toml``: theory against simulation, as a table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from meanfield.cli import network_from_arguments, run_command
from validation import SimulationUnavailable, cross_validate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m validation",
        description="Solve a model or a network file, simulate it, and print both. Parameters of a model follow as "
        "--name value, for example: python -m validation brunel2000 --g 5 --eta 2",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=4, help="independent runs, default 4")
    parser.add_argument("--dt", type=float, default=1e-4, help="time step [s], default 0.0001")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=None, help="runs at the same time, default: one a core")
    parser.add_argument("--check-dt", action="store_true", help="simulate again with half the time step")
    parser.add_argument("--json", action="store_true", help="print JSON")
    known, extra = parser.parse_known_args(arguments)

    def command() -> int:
        network = network_from_arguments(known.network, extra)
        report = cross_validate(
            network,
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            check_dt=known.check_dt,
            progress=True,
        )
        print(report.to_json() if known.json else report)
        return 0

    try:
        return run_command(command, "python -m validation")
    except SimulationUnavailable as error:
        print(f"skipped: {error}", file=sys.stderr)
        return 3
    except RuntimeError as error:  # a program that failed
        print(f"python -m validation: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
