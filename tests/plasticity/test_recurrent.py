"""Plastic synapses from I to E in a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.plasticity import InhibitoryPlasticity
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=5 * ms, v_th=10 * mV, v_reset=0.0)
RULE = InhibitoryPlasticity(eta=0.05 * mV, tau=20 * ms, rho0=5 * Hz)


def network(mu=15 * mV, delay=1 * ms):
    return mf.Network(
        names=["E", "I"],
        sizes=[8000, 2000],
        neurons=LIF,
        indegree=[[160, 40]] * 2,
        weight=[[0.2 * mV, -0.1 * mV], [0.2 * mV, -1.5 * mV]],
        delay=delay,
        drives=[mf.ConstantDrive(mu=mu)],
    )


def test_the_learned_weight_makes_the_network_fire_at_the_target():
    learned = RULE.fixed_point(network())
    state = mf.solve(learned.state.network)
    assert state.rate[0] == pytest.approx(5.0, rel=1e-6)
    assert state.network.weight[0, 1] == -learned.weight[0]
    assert not learned.clipped[0]


def test_a_network_below_its_target_is_clipped_at_no_inhibition():
    learned = RULE.fixed_point(network(mu=2 * mV))
    assert learned.clipped[0]
    assert learned.weight[0] == 0
    assert learned.rate[0] < RULE.rho0


def test_relaxation_times_are_those_of_the_rates_by_finite_differences():
    learned = RULE.fixed_point(network())
    net, w, h = learned.state.network, learned.weight[0], 1e-4 * mV

    def rate(weight):
        weights = np.array(net.weight)
        weights[0, 1] = -weight
        return mf.solve(replace(net, weight=weights)).rate[0]

    slope = (rate(w + h) - rate(w - h)) / (2 * h)
    speed = -2 * RULE.eta * RULE.tau * learned.rate[1] * slope
    assert np.isclose(RULE.relaxation_time(net, learned), 1 / speed, rtol=1e-4).any()


def test_mean_dynamics_lead_to_the_fixed_point_at_the_relaxation_time():
    net = network()
    learned = RULE.fixed_point(net)
    time = float(RULE.relaxation_time(net, learned).min())  # the population's: E amplifies what E loses
    weight = RULE.trajectory(net, 0.998 * learned.weight[0], time * np.array([0.0, 1.0, 2.0, 8.0]))[:, 0]
    deviation = learned.weight[0] - weight
    assert deviation[1] / deviation[0] == pytest.approx(np.exp(-1), rel=0.05)
    assert weight[-1] == pytest.approx(learned.weight[0], rel=1e-4)


def test_longer_delays_lower_the_largest_learning_rate():
    limits = []
    for delay in (1 * ms, 4 * ms):
        learned = RULE.fixed_point(network(delay=delay))
        limits.append(RULE.max_learning_rate(learned.state.network, learned))
    assert limits[0] > limits[1] > 0


def test_unknown_and_unconnected_populations_are_refused():
    with pytest.raises(ValueError, match="unknown source 'X'"):
        RULE.fixed_point(network(), source="X")
    alone = replace(network(), indegree=[[160, 0], [160, 40]])
    with pytest.raises(ValueError, match="population E has no synapses from I"):
        RULE.fixed_point(alone)
