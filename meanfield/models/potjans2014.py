"""The cortical microcircuit of four layers: Potjans & Diesmann (2014), Cereb. Cortex 24, and its later variant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from meanfield._validate import FloatArray, check_scalar
from meanfield.delays import Delay, GaussianDelay
from meanfield.network import Network, PoissonDrive
from meanfield.neurons.lif import LIF
from meanfield.units import Hz, ms, mV, pA, pF

# Potjans & Diesmann (2014), tables 4 and 5. [target, source].
NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
CONNECTION_PROBABILITY = np.array(
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
EXTERNAL_INDEGREE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
CURRENT_AMPLITUDE = 87.8 * pA
CAPACITANCE = 250 * pF
SHORTEST_DELAY = 0.1 * ms
L23E, L4E, L4I = 0, 2, 3


def _mean_indegree() -> FloatArray:
    """Synapses a target neuron, from the connection probabilities with multapses (their eq. 1)."""
    pairs = np.outer(SIZES, SIZES)
    synapses = np.log1p(-CONNECTION_PROBABILITY) / np.log1p(-1.0 / pairs)
    indegree: FloatArray = synapses / SIZES[:, None]
    return indegree


def potjans2014(
    g: float = 4.0,
    external_rate: float = 8 * Hz,
    *,
    tau_m: float = 10 * ms,
    t_ref: float = 2 * ms,
    v_th: float = 15 * mV,
    v_reset: float = 0 * mV,
    tau_s: float = 0.5 * ms,
    delay_e: float | Delay = 1.5 * ms,
    delay_i: float | Delay = 0.75 * ms,
    delay_spread: float = 0.0,
) -> Network:
    """The microcircuit of Potjans & Diesmann (2014): 77,169 neurons, 8 populations, about 0.3e9 synapses.

    Parameters
    ----------
    g : float
        Strength of inhibitory synapses relative to excitatory ones.
    external_rate : float
        Rate of each external Poisson train [Hz].
    tau_m, t_ref : float
        Membrane time constant and refractory period [s].
    v_th, v_reset : float
        Threshold and reset above the resting potential [V].
    tau_s : float
        Time constant of the exponential synaptic currents [s]; 0 for jumps of the membrane potential of the same
        charge. The theory accounts for it by the shift of threshold and reset (see `LIF`).
    delay_e, delay_i : float or Delay
        Mean delays of excitatory and inhibitory synapses [s], or their distributions.
    delay_spread : float
        Standard deviation of the delays over their mean, 0.5 in the paper; they are Gaussian then, and those below
        0.1 ms drawn again. (The paper draws weights with a relative spread of 0.1; here they are at their means,
        which leaves mu as it is and lowers sigma² by 1%.)

    Returns
    -------
    Network
        Populations L23E, L23I, L4E, L4I, L5E, L5I, L6E, L6I.

    Notes
    -----
    A synaptic current of amplitude 87.8 pA that decays with 0.5 ms brings the charge of a jump of
    87.8 pA · 0.5 ms / 250 pF = 0.1756 mV; the weight stays that jump whatever `tau_s` is.

    Examples
    --------
    >>> net = potjans2014()
    >>> [round(float(k)) for k in net.indegree[0, :4]]
    [2200, 1079, 979, 468]
    """
    g = check_scalar("g", g, "1", nonnegative=True)
    by_source = [_spread("delay_e", delay_e, delay_spread), _spread("delay_i", delay_i, delay_spread)]
    jump = CURRENT_AMPLITUDE * 0.5 * ms / CAPACITANCE
    n = len(NAMES)
    inhibitory = np.arange(n) % 2 == 1
    weight = np.tile(np.where(inhibitory, -g * jump, jump), (n, 1))
    weight[L23E, L4E] *= 2
    return Network(
        names=NAMES,
        sizes=SIZES,
        neurons=LIF(tau_m=tau_m, t_ref=t_ref, v_th=v_th, v_reset=v_reset, tau_s=tau_s),
        indegree=_mean_indegree(),
        weight=weight,
        delay=[by_source * (n // 2)] * n,
        drives=[PoissonDrive(indegree=EXTERNAL_INDEGREE, weight=jump, rate=external_rate)],
        label="potjans2014",
    )


def _spread(name: str, delay: float | Delay, spread: float) -> float | Delay:
    spread = check_scalar("delay_spread", spread, "1", nonnegative=True)
    if isinstance(delay, Delay):
        if spread:
            raise ValueError(f"delay_spread must be 0 if {name} is a distribution, got {spread!r} and {delay!r}")
        return delay
    mean = check_scalar(name, delay, "s", nonnegative=True)
    return GaussianDelay(mean, spread * mean, low=SHORTEST_DELAY) if spread else mean


def bos2016(
    g: float = 4.0,
    external_rate: float = 8 * Hz,
    *,
    tau_s: float = 0.5 * ms,
    delay_e: float | Delay = 1.5 * ms,
    delay_i: float | Delay = 0.75 * ms,
    delay_spread: float = 0.0,
) -> Network:
    """The microcircuit with the changes of Bos, Diesmann & Helias (2016), PLoS Comput. Biol. 12, e1005132.

    The in-degree from L4I to L4E is 675 (795 before), and L4E gets 1780 external synapses (2100 before).

    Parameters
    ----------
    g, external_rate, tau_s, delay_e, delay_i, delay_spread
        As in `potjans2014`.

    Returns
    -------
    Network
        As `potjans2014`.

    Examples
    --------
    >>> float(bos2016().indegree[2, 3])
    675.0
    """
    net = potjans2014(g, external_rate, tau_s=tau_s, delay_e=delay_e, delay_i=delay_i, delay_spread=delay_spread)
    indegree = net.indegree.copy()
    indegree[L4E, L4I] = 675
    external_indegree = EXTERNAL_INDEGREE.astype(float)
    external_indegree[L4E] = 1780
    drive = net.drives[0]
    assert isinstance(drive, PoissonDrive)
    return replace(net, indegree=indegree, drives=(replace(drive, indegree=external_indegree),), label="bos2016")
