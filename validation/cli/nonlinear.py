"""``python -m validation nonlinear``: EIF and QIF neurons beside Brian2, alone and in networks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import meanfield as mf
from validation import cross_validate
from validation.cli.common import add_seed
from validation.nonlinear import NEURONS, REGIMES, coupled, nonlinear


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation nonlinear",
        description="Simulate single EIF and QIF neurons in white noise, at several time steps, and compare rate and "
        "CV with theory. With --network, the network of Brunel (2000) of one of them instead.",
        epilog="neurons: " + "; ".join(NEURONS) + ". regimes: " + "; ".join(REGIMES),
        allow_abbrev=False,
    )
    parser.add_argument("--neuron", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--regime", action="append", help="one of those below, repeatable; default: all")
    parser.add_argument("--dts", type=float, nargs="+", default=[1e-4, 2e-5], help="time steps [s], default 1e-4 2e-5")
    parser.add_argument("--spikes", type=int, default=40_000, help="about how many at each point, default 40000")
    parser.add_argument("--network", action="store_true", help="networks of the neurons, at the first time step")
    parser.add_argument("--indegree", type=int, default=1000, help="of a network, excitatory; N is 12.5 times it")
    parser.add_argument("--g", type=float, default=5.0, help="of a network: strength of inhibition, default 5")
    parser.add_argument("--eta", type=float, default=2.0, help="of a network: rate of its drive, default 2")
    parser.add_argument("--uncoupled", action="store_true", help="with --network: independent trains in their place")
    parser.add_argument("--duration", type=float, default=1.0, help="of a network's trial [s], default 1")
    parser.add_argument("--trials", type=int, default=4, help="of a network, default 4")
    add_seed(parser)
    known = parser.parse_args(words)

    def command() -> int:
        names = known.neuron or list(NEURONS)
        if not known.network:
            found = nonlinear(
                names,
                known.regime or list(REGIMES),
                dts=known.dts,
                spikes=known.spikes,
                rng=known.seed,
                progress=True,
            )
            print(found.to_json() if known.json else found)
            return 0
        for name in names:
            network = coupled(name, indegree_e=known.indegree, g=known.g, eta=known.eta)
            report = cross_validate(
                mf.balance.uncoupled(mf.solve(network)) if known.uncoupled else network,
                duration=known.duration,
                trials=known.trials,
                dt=known.dts[0],
                rng=known.seed,
                progress=True,
            )
            print(report.to_json() if known.json else f"{name}\n{report}\n")
        return 0

    return command
