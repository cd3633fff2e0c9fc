"""``python -m validation nonlinear``: EIF and QIF neurons beside Brian2, alone and in networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import meanfield as mf
from validation import cross_validate
from validation.cli.common import add_duration, add_seed, add_trials, options, parser_for, printing, printing_each
from validation.nonlinear import NEURONS, REGIMES, Nonlinear, coupled, nonlinear
from validation.report import Report


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "nonlinear",
        "Simulate single EIF and QIF neurons in white noise, at several time steps, and compare rate and "
        "CV with theory. With --network, the network of Brunel (2000) of one of them instead.",
        "neurons: " + "; ".join(NEURONS) + ". regimes: " + "; ".join(REGIMES),
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
    add_duration(parser, 1.0, "of a network's trial [s]")
    add_trials(parser, 4, "of a network")
    add_seed(parser)
    known = parser.parse_args(words)

    names = known.neuron or list(NEURONS)

    def find() -> Nonlinear:
        return nonlinear(names, known.regime or list(REGIMES), **options(known, "dts", "spikes"))

    def find_networks() -> Iterator[Report]:
        for name in names:
            network = coupled(name, indegree_e=known.indegree, g=known.g, eta=known.eta)
            subject = mf.balance.uncoupled(mf.solve(network)) if known.uncoupled else network
            found = cross_validate(subject, dt=known.dts[0], **options(known, "duration", "trials"))
            yield replace(found, title=f"{name}: {found.title}", settings={"neuron": name} | found.settings)

    return printing_each(find_networks, known.json) if known.network else printing(find, known.json)
