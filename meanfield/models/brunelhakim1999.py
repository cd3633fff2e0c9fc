"""An inhibitory network that oscillates faster than its neurons fire: Brunel & Hakim (1999), Neural Comput. 11."""

from __future__ import annotations

import math

from meanfield._validate import check_scalar
from meanfield.delays import Delay
from meanfield.network import ConstantDrive, Network, WhiteNoiseDrive
from meanfield.neurons.lif import LIF
from meanfield.units import ms, mV


def brunelhakim1999(
    mu_ext: float = 25 * mV,
    sigma_ext: float = 1 * mV,
    *,
    weight: float = 0.1 * mV,
    indegree: float = 1000,
    size: float = 5000,
    tau_m: float = 20 * ms,
    t_ref: float = 2 * ms,
    v_th: float = 20 * mV,
    v_reset: float = 10 * mV,
    delay: float | Delay = 2 * ms,
) -> Network:
    """One population of sparsely connected inhibitory LIF neurons under a noisy external drive.

    Parameters
    ----------
    mu_ext, sigma_ext : float
        Mean and amplitude of the external input [V], white and independent for every neuron.
    weight : float
        J > 0; an inhibitory spike lowers the membrane potential by J [V].
    indegree, size : float
        Synapses C a neuron and number N of neurons.
    tau_m, t_ref, v_th, v_reset, delay
        As in `brunel2000`.

    Returns
    -------
    Network
        Population I.

    Examples
    --------
    >>> brunelhakim1999().names
    ('I',)
    """
    mu_ext = check_scalar("mu_ext", mu_ext, "V")
    sigma_ext = check_scalar("sigma_ext", sigma_ext, "V", nonnegative=True)
    weight = check_scalar("weight", weight, "V", positive=True)
    size = check_scalar("size", size, "1", positive=True)
    return Network(
        names=("I",),
        sizes=(math.floor(size + 0.5),),
        neurons=LIF(tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset),
        indegree=[[indegree]],
        weight=[[-weight]],
        delay=delay,
        drives=[ConstantDrive(mu=mu_ext), WhiteNoiseDrive(sigma=sigma_ext)],
        label=f"brunelhakim1999(mu_ext={mu_ext / mV:g} mV, sigma_ext={sigma_ext / mV:g} mV)",
    )
