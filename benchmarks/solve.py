"""Self-consistent rates beside NNMT 1.3.0, the call from Python included."""

from __future__ import annotations

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds
from meanfield.units import mV
from tests.reference.potjans2014_nnmt import parameters


def main() -> None:
    """Print the table."""
    from nnmt.lif import delta, exp

    print(f"{'self-consistent state':44}{'meanfield':>10}{'NNMT 1.3.0':>12}{'ratio':>12}")
    microcircuit, theirs = mf.models.potjans2014(), parameters()
    ours, nnmt = seconds(lambda: mf.solve(microcircuit), lambda: exp._firing_rates(**theirs, fixpoint_method="ODE"))
    print(row("microcircuit, 8 populations", ours, nnmt, 1, 1000))
    ours, nnmt = seconds(
        lambda: mf.solve(microcircuit),
        lambda: exp._firing_rates(**theirs, fixpoint_method="LSTSQ", nu_0=np.full(8, 5.0)),
    )
    print(row("    NNMT by least squares from near", ours, nnmt))
    brunel = mf.models.brunel2000(g=5, eta=2)
    arguments = {
        "J": brunel.weight,
        "K": brunel.indegree,
        "V_0_rel": 10 * mV,
        "V_th_rel": 20 * mV,
        "tau_m": 0.02,
        "tau_r": 0.002,
        "J_ext": np.full((2, 1), 0.1 * mV),
        "K_ext": np.full((2, 1), 1000.0),
        "nu_ext": np.array([20.0]),
    }
    ours, nnmt = seconds(lambda: mf.solve(brunel), lambda: delta._firing_rates(**arguments, fixpoint_method="ODE"))
    print(row("Brunel A, 2 populations", ours, nnmt, 1, 1000))
    every, nnmt = seconds(lambda: mf.solve_all(brunel), lambda: delta._firing_rates(**arguments, fixpoint_method="ODE"))
    print(row("    every state, with proof", every, nnmt))


if __name__ == "__main__":
    main()
