"""``python -m validation``: experiments that set theory against simulation.

Each experiment is a module with `parse(words)`, which returns what runs it; a word that names none is a network.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from meanfield.cli import run_command
from validation.cli import (
    conductance,
    critical_weight,
    edge,
    filtered,
    finite_jumps,
    gaussianity,
    inhibition,
    lyapunov,
    network,
    nonlinear,
    oscillations,
    portrait,
    random_matrix,
    rate_distribution,
    rate_network,
    response,
    scaling,
    shot,
    suppression,
    tightness,
)
from validation.compiler import SimulationUnavailable

EXPERIMENTS = {
    "oscillations": (oscillations, "simulation across the Hopf lines of Brunel's network"),
    "edge": (edge, "through the edge of chaos of Ostojic's network"),
    "random-matrix": (random_matrix, "law of an ensemble beside eigenvalues of samples"),
    "rate-network": (rate_network, "dynamical mean-field theory beside simulated rate networks"),
    "critical-weight": (critical_weight, "J_c of Ostojic's network: theory, Jacobians and spikes"),
    "lyapunov": (lyapunov, "full Lyapunov spectra of rate networks over their size"),
    "scaling": (scaling, "excitation, inhibition and variance over the indegree"),
    "response": (response, "how fast networks follow a drive that changes, over the indegree"),
    "suppression": (suppression, "fluctuations with feedback, and with the feedback cut"),
    "inhibition": (inhibition, "mean, variance, rate and CV over the strength of inhibition"),
    "tightness": (tightness, "what is left of excitation and inhibition on each time scale"),
    "conductance": (conductance, "single neurons of conductance synapses, and theories of their rate"),
    "rate-distribution": (rate_distribution, "rates over neurons that differ in in-degree or threshold"),
    "gaussianity": (gaussianity, "inputs replayed as they were, Gaussian and white"),
    "filtered": (filtered, "neurons behind filtered synapses, methods against simulations"),
    "nonlinear": (nonlinear, "EIF and QIF neurons at several time steps, and networks of them"),
    "finite-jumps": (finite_jumps, "what finite jumps, the time step and correlations do to a network's rate"),
    "shot": (shot, "single neurons under finite jumps, fixed or drawn, and theories of their rate"),
    "portrait": (portrait, "how irregular, correlated and rhythmic a network is"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in EXPERIMENTS:
        command = EXPERIMENTS[words[0]][0].parse(words[1:])
    else:
        command = network.parse(words, {name: about for name, (_, about) in EXPERIMENTS.items()})
    try:
        return run_command(command, "python -m validation")
    except SimulationUnavailable as error:
        print(f"skipped: {error}", file=sys.stderr)
        return 3
    except RuntimeError as error:  # a program that failed
        print(f"python -m validation: {error}", file=sys.stderr)
        return 1
