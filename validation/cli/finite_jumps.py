"""``python -m validation finite-jumps``: how much of a gap is jumps, time step, correlation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from meanfield.neurons.lif_shot import AMPLITUDES
from validation.cli.common import add_duration, add_network, add_seed, add_trials, options, parser_for, printing
from validation.finitejumps import FiniteJumps, finite_jumps


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "finite-jumps",
        "Rates of a network of LIF neurons in theory, with white noise and with finite jumps, simulated at "
        "several time steps, and those of a neuron alone under independent trains. Parameters of a model follow as "
        "--name value.",
    )
    add_network(parser)
    parser.add_argument("--amplitudes", choices=list(AMPLITUDES), default="fixed", help="how jumps are distributed")
    parser.add_argument("--dts", type=float, nargs="+", default=[1e-4, 5e-5, 2.5e-5], help="time steps [s]")
    add_duration(parser, 2.0, "recorded time of a run [s]")
    add_trials(parser, 2, "runs a time step")
    parser.add_argument("--spikes", type=int, default=20_000, help="of the neuron alone, default 20000")
    add_seed(parser)
    known, extra = parser.parse_known_args(words)

    def find() -> FiniteJumps:
        network = network_from_arguments(known.network, extra)
        return finite_jumps(network, **options(known, "amplitudes", "dts", "duration", "trials", "spikes"))

    return printing(find, known.json)
