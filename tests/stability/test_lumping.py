"""Populations that answer alike are one: the characteristic function and the roots are the same."""

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.response import linearise
from meanfield.stability.characteristic import characteristic
from meanfield.stability.lumping import lump_linearised
from meanfield.stability.roots import CAPACITY, MOST_ROOTS, multiplicity, right_of
from meanfield.units import mV


def roots_of(state):
    samples, roots = np.empty((2, CAPACITY), complex), np.empty(MOST_ROOTS, complex)
    number, found, top, _ = right_of(state, 0.0, -395.0, samples, roots)
    assert multiplicity(roots, found, 0.0, top) == number
    right = roots[:found][roots[:found].real > 0]
    return number, right[np.argsort(-right.real)]


@pytest.mark.parametrize("parameters", [(6, 4), (4.5, 0.9), (3, 2), (2, 0.5)])
def test_brunel_lumps_to_one_population_with_the_same_roots(parameters):
    for fp in mf.solve_all(mf.models.brunel2000(*parameters)):
        state = linearise(fp)
        lumped = lump_linearised(state)
        assert lumped.mu.size == 1
        for s in np.random.default_rng(1).uniform(-45, 2000, 20) + 1j * np.linspace(0, 3000, 20):
            assert characteristic(lumped, s)[0] == pytest.approx(characteristic(state, s)[0], rel=1e-12)
        number, roots = roots_of(state)
        lumped_number, lumped_roots = roots_of(lumped)
        assert lumped_number == number
        assert lumped_roots == pytest.approx(roots, rel=1e-9)


def test_two_of_three_populations():
    weight = np.array([[0.1, -0.5, -0.3], [0.1, -0.5, -0.3], [0.2, -0.4, -0.6]]) * mV
    lif = mf.LIF(tau_m=0.02, t_ref=0.002, v_th=20 * mV, v_reset=10 * mV)
    net = mf.Network(
        names=["E", "P", "S"],
        sizes=[8000, 1000, 1000],
        neurons=lif,
        indegree=[[800, 100, 100]] * 3,
        weight=weight,
        delay=[[0.001, 0.001, 0.002]] * 3,
        drives=mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=20.0),
    )
    state = linearise(mf.solve(net))
    lumped = lump_linearised(state)
    assert lumped.mu.size == 2
    for s in (0.0j, 30 + 400j, -20 + 1500j):
        assert characteristic(lumped, s)[0] == pytest.approx(characteristic(state, s)[0], rel=1e-12)


def test_delays_that_differ_within_a_group_keep_populations_apart():
    net = mf.models.brunel2000(5, 2)
    apart = dataclasses.replace(net, delay=[[0.001, 0.002]] * 2)
    assert lump_linearised(linearise(mf.solve(apart))).mu.size == 2
    silent = dataclasses.replace(apart, weight=[[0.1 * mV, 0.0]] * 2)  # no synapses, no delay
    assert lump_linearised(linearise(mf.solve(silent))).mu.size == 1
