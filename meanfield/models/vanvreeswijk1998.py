"""Balanced networks of binary neurons: van Vreeswijk & Sompolinsky (1998), Neural Comput. 10; Renart et al. (2010)."""

from __future__ import annotations

import math

import numpy as np

from meanfield._validate import check_scalar
from meanfield.network import ConstantDrive, Network, WhiteNoiseDrive
from meanfield.neurons.binary import Binary
from meanfield.units import ms


def vanvreeswijk1998(
    K: float = 1000,
    m0: float = 0.1,
    *,
    drive_e: float = 1.0,
    drive_i: float = 0.8,
    j_e: float = 2.0,
    j_i: float = 1.8,
    theta_e: float = 1.0,
    theta_i: float = 0.7,
    tau_e: float = 10 * ms,
    tau_i: float = 9 * ms,
    size: float = 10_000,
) -> Network:
    """Excitatory and inhibitory binary neurons with weights of the order of 1/sqrt(K).

    Weights are 1/sqrt(K) from E and -j_e/sqrt(K), -j_i/sqrt(K) from I onto E and I; the external input is
    sqrt(K) m0 times drive_e or drive_i, the same for all neurons of a population.

    Parameters
    ----------
    K : float
        Synapses a neuron from each of the two populations.
    m0 : float
        Activity of the external population, 0 to 1.
    drive_e, drive_i : float
        External weights E and I of the paper, times sqrt(K).
    j_e, j_i : float
        Inhibitory weights J_E and J_I, times sqrt(K).
    theta_e, theta_i : float
        Thresholds.
    tau_e, tau_i : float
        Mean times between updates [s]. The paper has tau_i = 0.9 in units of tau_e.
    size : float
        Neurons of each population; the paper's theory has size far above K.

    Returns
    -------
    Network
        Populations E and I; its rates are activities, see `meanfield.Binary`.

    Notes
    -----
    For K to infinity m_E = (j_i E - j_e I) m0/(j_e - j_i), m_I = (E - I) m0/(j_e - j_i), provided that
    E/I > j_e/j_i > 1. At K = 1000 activities are far from that still: use `meanfield.solve`.

    Examples
    --------
    >>> import meanfield as mf
    >>> mf.solve(vanvreeswijk1998(K=1000, m0=0.1)).rate.round(4)
    array([0.0587, 0.0787])
    """
    K = check_scalar("K", K, "1", positive=True)
    m0 = check_scalar("m0", m0, "1", nonnegative=True)
    if m0 > 1.0:
        raise ValueError(f"m0 must be an activity between 0 and 1, got {m0!r}")
    plain = {"drive_e": drive_e, "drive_i": drive_i, "j_e": j_e, "j_i": j_i}
    drive_e, drive_i, j_e, j_i = (check_scalar(name, x, "1", nonnegative=True) for name, x in plain.items())
    theta_e, theta_i = check_scalar("theta_e", theta_e, "1"), check_scalar("theta_i", theta_i, "1")
    size = math.floor(check_scalar("size", size, "1", positive=True) + 0.5)
    root = math.sqrt(K)
    return Network(
        names=("E", "I"),
        sizes=(size, size),
        neurons=[Binary(tau=tau_e, v_th=theta_e), Binary(tau=tau_i, v_th=theta_i)],
        indegree=[[K, K], [K, K]],
        weight=np.array([[1.0, -j_e], [1.0, -j_i]]) / root,
        drives=[ConstantDrive(mu=root * m0 * np.array([drive_e, drive_i]))],
        label=f"vanvreeswijk1998(K={K:g}, m0={m0:g})",
    )


def renart2010(
    size: float = 2000,
    m0: float = 0.1,
    *,
    p: float = 0.2,
    drive_e: float = 5.0,
    drive_i: float = 4.0,
    j_ee: float = 5.0,
    j_ie: float = 5.0,
    j_ei: float = 10.0,
    j_ii: float = 9.0,
    theta: float = 1.0,
    tau: float = 10 * ms,
) -> Network:
    """Densely connected binary neurons that share much of their input: populations E, I and external X.

    Each pair is connected with probability p, with a weight of j/sqrt(size). X is a population of independent neurons,
    whose input is noise alone and whose activity is m0; E and I share what they send.

    Parameters
    ----------
    size : float
        Neurons N of each of the three populations.
    m0 : float
        Activity of X, between 0 and 1, not included.
    p : float
        Probability of a connection.
    drive_e, drive_i : float
        Weights from X, times sqrt(N).
    j_ee, j_ie, j_ei, j_ii : float
        Weights between E and I, j_[target][source], times sqrt(N); those from I enter with a minus sign.
    theta : float
        Threshold of E and I.
    tau : float
        Mean time between updates [s].

    Returns
    -------
    Network
        Populations E, I and X.

    Notes
    -----
    Structure, p and scaling are those of Renart et al. (2010), Science 327, 587; the weights have the ratios of van
    Vreeswijk & Sompolinsky (1998), and were not compared with the paper's supplement.

    Examples
    --------
    >>> renart2010(size=1000).names
    ('E', 'I', 'X')
    """
    size = math.floor(check_scalar("size", size, "1", positive=True) + 0.5)
    m0, p = check_scalar("m0", m0, "1", positive=True), check_scalar("p", p, "1", positive=True)
    for name, value in (("m0", m0), ("p", p)):
        if value >= 1.0:
            raise ValueError(f"{name} must be between 0 and 1, got {value!r}")
    theta = check_scalar("theta", theta, "1")
    weights = [[j_ee, -j_ei, drive_e], [j_ie, -j_ii, drive_i], [0.0, 0.0, 0.0]]
    names = ("j_ee", "j_ei", "drive_e", "j_ie", "j_ii", "drive_i")
    for name, value in zip(names, (j_ee, j_ei, drive_e, j_ie, j_ii, drive_i), strict=True):
        check_scalar(name, value, "1", nonnegative=True)
    neuron = Binary(tau=tau, v_th=theta)
    return Network(
        names=("E", "I", "X"),
        sizes=(size, size, size),
        neurons=[neuron, neuron, Binary(tau=tau, v_th=_upper_quantile(m0))],
        indegree=[[p * size] * 3] * 2 + [[0.0] * 3],
        weight=np.array(weights) / math.sqrt(size),
        drives=[WhiteNoiseDrive(sigma=np.array([0.0, 0.0, 1.0]))],
        label=f"renart2010(size={size}, m0={m0:g})",
    )


def _upper_quantile(probability: float) -> float:
    """Threshold that unit normal noise exceeds with a probability."""
    from scipy.special import ndtri

    return -float(ndtri(probability))
