"""Firing rates that differ from neuron to neuron (Roxin, Brunel, Hansel, Mongillo & van Vreeswijk 2011).

The number of a neuron's synapses, the rates of its sources, its threshold and its drive are drawn once ("quenched").
Over neurons the mean input is then Gaussian, and since rates grow faster than linearly with it where fluctuations drive
the spikes, rates are skewed: log-normal where the rate is exponential in the mean input.
"""

from meanfield.heterogeneity.distribution import LogNormal, RateDistribution
from meanfield.heterogeneity.selfconsistency import rate_distribution
from meanfield.heterogeneity.spread import CONNECTIONS

__all__ = ["CONNECTIONS", "LogNormal", "RateDistribution", "rate_distribution"]
