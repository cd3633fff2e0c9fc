"""``python -m validation NAME|NET.toml`` and ``python -m validation oscillations``: theory against simulation."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

import meanfield as mf
from meanfield.cli import network_from_arguments, run_command
from validation import SimulationUnavailable, cross_validate
from validation import scaling as scaling_experiment
from validation.oscillations import FAST, SIZES, SLOW, oscillations, to_json
from validation.portrait import portrait


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    experiments = {"oscillations": _oscillations, "scaling": _scaling, "portrait": _portrait}
    experiment = experiments.get(words[0]) if words else None
    command = _cross_validation(words) if experiment is None else experiment(words[1:])
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
        epilog="Also: python -m validation oscillations, simulation across the Hopf lines of Brunel's network; "
        "python -m validation scaling, excitation and inhibition over the indegree; python -m validation portrait NET, "
        "the portrait of a network in theory and simulation.",
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


def _scaling(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation scaling",
        description="Excitation, inhibition, their sum and the variance over the indegree K, in theory and simulation, "
        "with weights that go as a power of K: -0.5 is balance; -1 lets fluctuations die, at 0 all grow.",
        allow_abbrev=False,
    )
    parser.add_argument("--exponents", type=float, nargs="+", default=[-0.5], help="of the weights, default -0.5")
    parser.add_argument("--indegrees", type=int, nargs="+", default=scaling_experiment.INDEGREES, help="values of K")
    parser.add_argument("--size", type=int, default=scaling_experiment.NEURONS, help="neurons, default 12500")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    _add_common(parser)
    parser.add_argument("--store", help="directory that keeps each run, to go on from after an interruption")
    known = parser.parse_args(words)

    def command() -> int:
        found = []
        for exponent in known.exponents:
            found.append(
                scaling_experiment.scaling(
                    exponent=exponent,
                    indegrees=known.indegrees,
                    size=known.size,
                    trials=known.trials,
                    duration=known.duration,
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
            print(scaling_experiment.to_json(found))
        return 0

    return command


def _portrait(words: Sequence[str]) -> Callable[[], int]:
    parser = argparse.ArgumentParser(
        prog="python -m validation portrait",
        description="Portrait of a model or a network file in theory and in simulation: irregularity, correlation, "
        "synchrony, and what that is called. Parameters of a model follow as --name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--duration", type=float, default=1.0, help="recorded time of a trial [s], default 1")
    parser.add_argument("--trials", type=int, default=2, help="independent runs, default 2")
    _add_common(parser)
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        network = network_from_arguments(known.network, extra)
        theory = mf.portrait(network)
        simulated = portrait(
            network,
            duration=known.duration,
            trials=known.trials,
            dt=known.dt,
            rng=known.seed,
            processes=known.processes,
            progress=True,
        )
        both = (theory, simulated)
        print(json.dumps([one.to_dict() for one in both], indent=2) if known.json else "\n\n".join(map(str, both)))
        return 0

    return command


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dt", type=float, default=1e-4, help="time step [s], default 0.0001")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=None, help="runs at the same time, default: one a core")
    parser.add_argument("--json", action="store_true", help="print JSON")


if __name__ == "__main__":
    sys.exit(main())
