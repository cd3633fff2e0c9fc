"""Binary networks under a drive that changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.binary.state import answers, exclusion, moments, stationary_state, taus
from meanfield.fixedpoint import ConvergenceError
from meanfield.network import ConstantDrive, Network


def track(network: Network, times: Any, mu_ext: Any, *, start: Any = None) -> FloatArray:
    """Activities under a drive that changes: tau_i dm_i/dt = -m_i + H((v_th - mu_i)/sqrt(alpha_i)).

    Parameters
    ----------
    network : Network
        Of `Binary` neurons; its own external mean is replaced by `mu_ext`.
    times : (T,) array
        Increasing [s].
    mu_ext : (T, P) array
        External mean input at those times, linear in between.
    start : (P,) array, optional
        Activities at the first time; default is the stationary state there.

    Returns
    -------
    (T, P) array
        Exact for infinite populations of sparse connections, also for finite K.
    """
    from scipy.integrate import solve_ivp

    n = network.n_populations
    times = check("times", times, "s")
    drive = check("mu_ext", mu_ext, "V", shape=(times.size, n), shape_words="(a row a time)")
    if times.ndim != 1 or times.size < 2 or not (np.diff(times) > 0.0).all():
        raise ValueError("times must be two or more that increase")
    noise = tuple(d for d in network.drives if not isinstance(d, ConstantDrive))
    at_start = replace(network, drives=(*noise, ConstantDrive(mu=drive[0])))
    state = stationary_state(at_start) if start is None else None
    first = state.activity if state else check("start", start, "1", shape=(n,), shape_words="(one a population)")
    excluded, tau = exclusion(network, "sparse"), taus(network)
    own = at_start.mu_ext - drive[0]

    def change(t: float, m: FloatArray) -> FloatArray:
        external = own + np.array([np.interp(t, times, column) for column in drive.T])
        mu, variance = moments(network, excluded, np.clip(m, 0.0, 1.0))
        answered = answers(network, mu - network.mu_ext + external, variance)
        return np.asarray((answered - m) / tau)

    longest = float(np.diff(times).max())
    found = solve_ivp(change, times[[0, -1]], first, "LSODA", times, rtol=1e-8, atol=1e-10, max_step=longest)
    if not found.success:
        raise ConvergenceError(f"{network.label}: the activities could not be followed: {found.message}")
    return np.asarray(found.y.T)
