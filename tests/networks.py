"""Networks for the tests of several rooms."""

from __future__ import annotations

import numpy as np

import meanfield as mf


def with_split_excitation(net, part=0.5):
    """Brunel's network with E in two, `part` of it and the rest, of the same inputs: the same by other names."""
    which, share = [0, 0, 1], np.array([part, 1 - part, 1.0])
    (drive,) = net.drives
    return mf.Network(
        names=["E1", "E2", "I"],
        sizes=[round(x) for x in share * np.take(net.sizes, which)],
        neurons=[net.neurons[k] for k in which],
        indegree=share * net.indegree[np.ix_(which, which)],
        weight=net.weight[np.ix_(which, which)],
        delay=net.delay[np.ix_(which, which)],
        drives=[mf.PoissonDrive(**{name: getattr(drive, name)[which] for name in ("indegree", "weight", "rate")})],
    )
