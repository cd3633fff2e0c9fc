"""Binary networks beyond the mean activity: quenched heterogeneity, correlations, balance of currents, tracking.

A neuron's input has a part that lasts, since it depends on which sources the neuron has and how active each of them is,
and a part that fluctuates in time (van Vreeswijk & Sompolinsky 1998, Neural Comput. 10, secs. 5 and 6):

    temporal = sum K J² (m - q) + noise,    beta = sum K J² b,

with q the mean over neurons of m_i², and b = q where connections are sparse (K far below N), (1 - K/N) q where each
pair is connected with probability K/N, q - m² with equal indegrees; alpha = temporal + beta is the whole variance over
neurons and time. (With equal indegrees and the same drive all neurons are alike: q = m² and beta = 0.)
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
