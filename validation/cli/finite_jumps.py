"""``python -m validation finite-jumps``: how much of a gap is jumps, time step, correlation."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from meanfield.cli import network_from_arguments
from meanfield.neurons.lif_shot import AMPLITUDES
from validation.finitejumps import finite_jumps


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m validation finite-jumps",
        description="Rates of a network of LIF neurons in theory, with white noise and with finite jumps, simulated at "
        "several time steps, and those of a neuron alone under independent trains. Parameters of a model follow as "
        "--name value.",
        allow_abbrev=False,
    )
    parser.add_argument("network", metavar="NET.toml|MODEL")
    parser.add_argument("--amplitudes", choices=list(AMPLITUDES), default="fixed", help="how jumps are distributed")
    parser.add_argument("--dts", type=float, nargs="+", default=[1e-4, 5e-5, 2.5e-5], help="time steps [s]")
    parser.add_argument("--duration", type=float, default=2.0, help="recorded time of a run [s], default 2")
    parser.add_argument("--trials", type=int, default=2, help="runs a time step, default 2")
    parser.add_argument("--spikes", type=int, default=20_000, help="of the neuron alone, default 20000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    known, extra = parser.parse_known_args(words)

    def command() -> int:
        found = finite_jumps(
            network_from_arguments(known.network, extra),
            amplitudes=known.amplitudes,
            dts=known.dts,
            duration=known.duration,
            trials=known.trials,
            spikes=known.spikes,
            rng=known.seed,
            progress=True,
        )
        print(found.to_json() if known.json else found)
        return 0

    return command
