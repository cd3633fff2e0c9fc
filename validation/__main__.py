"""``python -m validation NAME|NET.toml`` and its experiments: theory against simulation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments, run_command
from meanfield.io import parse_quantity
from validation import SimulationUnavailable, cross_validate
from validation.edge import STEP, WEIGHTS, edge
from validation.heterogeneity import compare_distributions
from validation.oscillations import FAST, SIZES, SLOW, oscillations, to_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    experiment = EXPERIMENTS.get(words[0]) if words else None
    command = experiment(words[1:]) if experiment else _cross_validation(words)
    try:
        return run_command(command, "python -m validation")
    except SimulationUnavailable as error:
        print(f"skipped: {error}", file=sys.stderr)
        return 3
    except RuntimeError as error:  # a program that failed
        print(f"python -m validation: {error}", file=sys.stderr)
        return 1


def _cross_validation(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation",
        description="Solve a model or a network file, simulate it, and print both. Parameters of a model follow as "
        "--name value, for example: python -m validation brunel2000 --g 5 --eta 2",
        epilog="python -m validation oscillations: simulation across the Hopf lines of Brunel's network; "
        "python -m validation edge: through the edge of chaos of Ostojic's; "
        "python -m validation rate-distribution: rates over neurons.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=4, help="independent runs, default 4")
    _add_common(parser)
    parser.add_argument("--check-dt", action="store_true", help="simulate again with half the time step")
    known, extra = parser.parse_known_args(words)

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

    return command


def _oscillations(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation oscillations",
        description="Simulate Brunel's network across its Hopf lines, with in-degrees fixed and the number of neurons "
        "varied: the fast oscillation (g = 6) and the slow one (g = 4.5), both by default.",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="the fast oscillation")
    parser.add_argument("--slow", action="store_true", help="the slow oscillation")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of neurons")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    _add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = []
        for crossing, wanted in ((FAST, known.fast), (SLOW, known.slow)):
            if wanted or not (known.fast or known.slow):
                found.append(
                    oscillations(
                        crossing,
                        sizes=known.sizes,
                        trials=known.trials,
                        dt=known.dt,
                        rng=known.seed,
                        processes=known.processes,
                        store=known.store,
                        progress=True,
                    )
                )
                if not known.json:
                    print(found[-1], flush=True)
        if known.json:
            print(to_json(found))
        return 0

    return command


def _rate_distribution(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation rate-distribution",
        description="Distribution of rates over neurons, in theory and simulated. Parameters of a model follow as "
        "--name value, for example: python -m validation rate-distribution brunel2000 --g 5 --eta 1",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--connections", default="Erdős-Rényi", help='"Erdős-Rényi" (default) or "fixed indegree"')
    parser.add_argument("--threshold-std", default="0mV", help="of the thresholds over neurons, as 1mV, default 0")
    parser.add_argument("--duration", type=float, default=10.0, help="recorded time of a trial [s], default 10")
    parser.add_argument("--trials", type=int, default=3, help="independent networks, default 3")
    _add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = compare_distributions(
            network_from_arguments(known.network, extra),
            connections=known.connections,
            threshold_std=parse_quantity("--threshold-std", known.threshold_std, "V"),
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command


def _edge(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation edge",
        description="Simulate Ostojic's network over the strength of its synapses, through the edge of chaos that "
        "random-matrix theory has for it: rates, slow fluctuations, Fano factors and correlations beside theory.",
        allow_abbrev=False,
    )
    parser.add_argument("--weights", nargs="+", metavar="J", help="weights, as 0.2mV, default: ten from 0.1 to 0.8 mV")
    parser.add_argument("--size", type=int, default=10_000, help="number of neurons, default 10000")
    parser.add_argument("--duration", type=float, default=5.0, help="recorded time of a trial [s], default 5")
    parser.add_argument("--trials", type=int, default=4, help="independent networks, default 4")
    parser.add_argument("--theory-time", type=float, default=4000.0, help="of the coloured state [s], default 4000")
    _add_common(parser, STEP)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        weights = [parse_quantity("--weights", text, "V") for text in known.weights] if known.weights else WEIGHTS
        found = edge(
            weights,
            size=known.size,
            trials=known.trials,
            duration=known.duration,
            theory_time=known.theory_time,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            store=known.store,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command


def _add_common(parser: argparse.ArgumentParser, dt: float = 1e-4) -> None:
    parser.add_argument("--dt", type=float, default=dt, help=f"time step [s], default {dt:g}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=None, help="runs at the same time, default: one a core")
    parser.add_argument("--json", action="store_true", help="print JSON")


EXPERIMENTS = {"oscillations": _oscillations, "edge": _edge, "rate-distribution": _rate_distribution}


if __name__ == "__main__":
    sys.exit(main())
