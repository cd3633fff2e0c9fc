"""Rates of the microcircuit by NNMT 1.3.0, for ``potjans2014_nnmt.json``.

Independent of meanfield: the parameters are written out from Potjans & Diesmann (2014), the solver is NNMT's.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

PATH = Path(__file__).with_name("potjans2014_nnmt.json")


def parameters() -> dict[str, object]:
    """Arguments of NNMT's rate functions; volts, seconds, hertz."""
    sizes = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
    probability = np.array(
        [
            [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
            [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
            [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
            [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
            [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
            [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
            [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
            [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
        ]
    )
    indegree = np.log(1 - probability) / np.log(1 - 1 / np.outer(sizes, sizes)) / sizes[:, None]
    jump = 87.8e-12 * 0.5e-3 / 250e-12
    weight = np.tile(np.array([jump, -4 * jump] * 4), (8, 1))
    weight[0, 2] *= 2
    return {
        "J": weight,
        "K": indegree,
        "V_0_rel": 0.0,
        "V_th_rel": 0.015,
        "tau_m": 0.01,
        "tau_r": 0.002,
        "tau_s": 0.0005,
        "J_ext": np.full((8, 1), jump),
        "K_ext": np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])[:, None],
        "nu_ext": np.array([8.0]),
    }


def main() -> None:
    """Write the file."""
    from nnmt.lif import exp

    rates = exp._firing_rates(**parameters(), fixpoint_method="LSTSQ", nu_0=np.full(8, 5.0))
    PATH.write_text(json.dumps({"nnmt": "1.3.0", "rate": list(rates)}, indent=2) + "\n")


if __name__ == "__main__":
    main()
