"""Networks and a neuron for the tests of fluctuations."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

import meanfield as mf
from meanfield.units import ms, mV


class Hawkes:
    """Poisson spikes of rate alpha mu, mu filtered with one time constant: linear, so linear response is exact."""

    t_ref, v_th = 0.0, 0.0

    def __init__(self, alpha, tau_m):
        self.alpha, self.tau_m = alpha, tau_m

    def rate(self, mu, sigma):
        return self.alpha * max(mu, 0.0)

    def log_rate(self, mu, sigma):
        return math.log(self.rate(mu, sigma))

    def cv(self, mu, sigma):
        return 1.0

    def gain(self, mu, sigma):
        return self.alpha, 0.0

    def rate_and_gain(self, mu, sigma):
        return self.rate(mu, sigma), self.alpha, 0.0

    def response(self, s, mu, sigma):
        return self.alpha / (1 + s * self.tau_m), 0.0 * s

    def spectrum(self, f, mu, sigma):
        return np.full(np.shape(f), self.rate(mu, sigma))


TAU, STRENGTH, SIZE = 10 * ms, 2.0, 500


def linear_inhibition(strength=STRENGTH, delay=0.0, size=SIZE):
    """One population with feedback L(s) = -strength e^{-s delay}/(1 + s TAU)."""
    neuron = Hawkes(1000.0, TAU)
    return mf.Network(
        names=["I"],
        sizes=[size],
        neurons=neuron,
        indegree=[[100]],
        weight=[[-strength / (100 * TAU * neuron.alpha)]],
        delay=delay,
        drives=[mf.ConstantDrive(mu=30 * mV)],
    )


def hawkes(*args, **parameters):
    """The state of `linear_inhibition`."""
    return mf.solve(linear_inhibition(*args, **parameters))


def brunel(g=5, eta=2, **parameters):
    return mf.solve(mf.models.brunel2000(g=g, eta=eta, **parameters))


def uncoupled(**changes):
    """Brunel's neurons with noise from outside alone."""
    net = mf.models.brunel2000()
    drives = [mf.ConstantDrive(mu=[18 * mV, 21 * mV]), mf.WhiteNoiseDrive(sigma=5 * mV)]
    return mf.solve(dataclasses.replace(net, indegree=np.zeros((2, 2)), drives=drives, **changes))
