"""Binary networks beyond the mean activity: quenched heterogeneity, correlations, balance of currents, tracking.

A neuron's input has a part that lasts, since it depends on which sources the neuron has and how active each of them is,
and a part that fluctuates in time (van Vreeswijk & Sompolinsky 1998, Neural Comput. 10, secs. 5 and 6):

    alpha = sum K J² (m - c m²) + noise     whole variance of the input over neurons and time,
    beta  = sum K J² (q - c m²)             what of it lasts, with q the mean over neurons of m_i²,

and c by connections: 0 where they are sparse (K far below N), K/N where each pair is connected with probability K/N,
1 where every neuron has the same indegree. Connections carry no delay here.

(With the same indegree everywhere and the same drive all neurons are alike: q = m² and beta = 0.)
"""

from meanfield.binary.correlations import BinaryCorrelations, finite_size_state, pair_correlations
from meanfield.binary.state import CONNECTIONS, BinaryState, stationary_state
from meanfield.binary.tracking import track

__all__ = [
    "CONNECTIONS",
    "BinaryCorrelations",
    "BinaryState",
    "finite_size_state",
    "pair_correlations",
    "stationary_state",
    "track",
]
