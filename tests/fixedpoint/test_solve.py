"""`solve` and `solve_all` against identities of self-consistency, published values and topology."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import meanfield as mf
from meanfield.fixedpoint.homotopy import follow_coupling
from meanfield.fixedpoint.lumping import lump
from meanfield.fixedpoint.search import search_with_deflation
from meanfield.fixedpoint.transfer import pack
from meanfield.units import Hz, ms, mV
from tests.fixedpoint.random_networks import random_network
from tests.networks import with_split_excitation


@pytest.mark.parametrize(
    ("g", "eta", "published"),  # Brunel (2000), Fig. 8 B, C, D: rates from theory, in Hz
    [(6, 4, 55.8), (5, 2, 38.0), (4.5, 0.9, 6.5)],
)
def test_brunel_2000_published_rates(g, eta, published):
    state = mf.solve(mf.models.brunel2000(g=g, eta=eta))
    np.testing.assert_allclose(state.rate, published, atol=0.06)
    assert state.residual.max() <= 1e-12


@pytest.mark.parametrize("model", [mf.models.potjans2014, mf.models.bos2016, mf.models.brunelhakim1999])
def test_state_is_self_consistent_by_the_public_functions(model):
    state = mf.solve(model())
    mu, sigma = state.network.input_moments(state.rate)
    np.testing.assert_allclose(state.mu, mu, rtol=1e-12)
    np.testing.assert_allclose(state.sigma, sigma, rtol=1e-12)
    answered = [n.rate(m, s) for n, m, s in zip(state.network.neurons, mu, sigma, strict=True)]
    np.testing.assert_allclose(state.rate, answered, rtol=3e-12)
    assert state.residual.max() <= 1e-12


def test_microcircuit_rates_are_those_of_the_field():
    """Potjans & Diesmann's network as NNMT solves it, from parameters written out independently."""
    theirs = json.loads((Path(__file__).parents[1] / "reference" / "potjans2014_nnmt.json").read_text())["rate"]
    np.testing.assert_allclose(mf.solve(mf.models.potjans2014()).rate, theirs, rtol=1e-6)


def test_uncoupled_network_fires_as_its_neuron():
    lif = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    net = mf.Network(
        names=["X"],
        sizes=[100],
        neurons=lif,
        indegree=[[0]],
        weight=[[0.0]],
        drives=[mf.ConstantDrive(mu=18 * mV), mf.WhiteNoiseDrive(sigma=5 * mV)],
    )
    assert mf.solve(net).rate[0] == pytest.approx(lif.rate(18 * mV, 5 * mV), rel=1e-14)
    assert mf.solve(net).cv[0] == pytest.approx(lif.cv(18 * mV, 5 * mV), rel=1e-12)


def test_changing_units_of_voltage_changes_nothing():
    net = mf.models.brunel2000(g=4.5, eta=0.9)
    lif = net.neurons[0]
    scaled = dataclasses.replace(
        net,
        neurons=mf.LIF(tau_m=lif.tau_m, t_ref=lif.t_ref, v_th=1e3 * lif.v_th, v_reset=1e3 * lif.v_reset),
        weight=1e3 * net.weight,
        drives=[dataclasses.replace(net.drives[0], weight=1e3 * net.drives[0].weight)],
    )
    np.testing.assert_allclose(mf.solve(scaled).rate, mf.solve(net).rate, rtol=1e-11)


def test_splitting_a_population_changes_nothing():
    """E in two halves with the same inputs is the same network: 2 and 3 populations must agree."""
    net = mf.models.brunel2000(g=5, eta=2)
    split = with_split_excitation(net)
    np.testing.assert_allclose(mf.solve(split).rate, mf.solve(net).rate[[0, 0, 1]], rtol=1e-11)


def test_every_state_of_brunel_is_found_and_proven():
    """Left of g = 4 Brunel's network has a quiescent or low state, a saddle, and one near saturation."""
    states = mf.solve_all(mf.models.brunel2000(g=3.5, eta=0.8))
    assert states.is_complete
    assert len(states) == 3
    assert [s.index for s in states] == [1, -1, 1]
    assert all(s.residual.max() <= 1e-12 for s in states)


def test_quiescent_state_without_drive():
    states = mf.solve_all(mf.models.brunel2000(g=3, eta=0))
    assert states.is_complete
    assert states[0].rate.tolist() == [0.0, 0.0]
    assert mf.solve(mf.models.brunel2000(g=3, eta=0)).rate.tolist() == [0.0, 0.0]


def test_one_population_excitatory_is_bistable_and_proven():
    lif = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    net = mf.Network(
        names=["E"],
        sizes=[1000],
        neurons=lif,
        indegree=[[1000]],
        weight=[[0.1 * mV]],
        drives=[mf.ConstantDrive(mu=5 * mV), mf.WhiteNoiseDrive(sigma=3 * mV)],
    )
    states = mf.solve_all(net)
    assert states.is_complete
    assert len(states) == 3
    rates = np.linspace(0, 500, 200_001)  # every sign change of a dense scan
    mu = net.mean_coupling[0, 0] * rates + 5 * mV
    sigma = np.sqrt(net.variance_coupling[0, 0] * rates + (3 * mV) ** 2)
    difference = lif.rate(mu, sigma) - rates
    crossings = rates[:-1][np.diff(np.sign(difference)) != 0]
    np.testing.assert_allclose([s.rate[0] for s in states], crossings, atol=0.003)


def test_runaway_without_refractoriness_is_proven():
    """mu grows faster than the rate can: 1 < K J / (v_th - v_reset), so rates have no bound and no state exists."""
    lif = mf.LIF(tau_m=20 * ms, t_ref=0.0, v_th=20 * mV, v_reset=10 * mV)
    net = mf.Network(
        names=["E"],
        sizes=[1000],
        neurons=lif,
        indegree=[[1000]],
        weight=[[0.1 * mV]],
        drives=[mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=15 * Hz)],
    )
    states = mf.solve_all(net)
    assert states.is_complete
    assert len(states) == 0
    with pytest.raises(mf.ConvergenceError, match="run away") as error:
        mf.solve(net)
    assert error.value.best.rate.shape == (1,)
    assert pickle.loads(pickle.dumps(error.value)).reason == error.value.reason


@pytest.mark.parametrize("block", range(8))
def test_random_networks_of_two_populations(block):
    """2,000 random networks: every set is complete, agrees with `solve`, and has the right topological degree.

    With refractory periods the rates map a rectangle into itself, so the indices sum to 1 (Brouwer); a state
    missed or counted twice would break the sum. Without them `solve` must succeed exactly where a state exists.
    """
    rng = np.random.default_rng(block)
    for _ in range(250):
        net = random_network(rng)
        states = mf.solve_all(net)
        assert states.is_complete, states.proof
        assert all(s.residual[s.rate > 1e-9].max(initial=0) <= 1e-12 for s in states)
        if all(n.t_ref > 0 for n in net.neurons):
            assert sum(s.index for s in states) == 1
        if len(states):
            found = mf.solve(net)
            assert any(np.allclose(found.rate, s.rate, rtol=1e-8, atol=0) for s in states)
        else:
            with pytest.raises(mf.ConvergenceError, match="no self-consistent state"):
                mf.solve(net)


def test_search_with_deflation_finds_what_is_proven_to_exist():
    """Three populations that are Brunel's two, in the bistable regime."""
    two = mf.models.brunel2000(g=3.5, eta=0.8)
    three = with_split_excitation(two)
    expected = [s.rate[0] for s in mf.solve_all(two)]
    searched = sorted(state.rate[0] for state in search_with_deflation(three))
    np.testing.assert_allclose(searched, expected, rtol=1e-9)
    alike = sorted(state.rate[0] for state in search_with_deflation(two))  # from fewer starts: both populations are one
    np.testing.assert_allclose(alike, expected, rtol=1e-9)
    lumped = mf.solve_all(three)  # as populations that answer alike, which is one problem of one population
    assert lumped.is_complete
    np.testing.assert_allclose([s.rate[0] for s in lumped], expected, rtol=1e-9)


def test_lumping_leaves_the_states_as_they_are():
    """Brunel's two populations as one, and as two whose neurons differ by a part in 1e15: proven either way."""
    net = mf.models.brunel2000(g=3.5, eta=0.8)
    other = dataclasses.replace(net.neurons[1], tau_m=net.neurons[1].tau_m * (1 + 1e-15))
    apart = dataclasses.replace(net, neurons=[net.neurons[0], other])
    lumped, group = lump(pack(net))
    assert lumped.shape[0] == 1
    assert group.tolist() == [0, 0]
    assert lump(pack(apart))[0].shape[0] == 2
    for one, two in zip(mf.solve_all(net), mf.solve_all(apart), strict=True):
        np.testing.assert_allclose(one.rate, two.rate, rtol=1e-9)
    assert "not proven" in mf.solve_all(mf.models.potjans2014()).proof


def test_networks_of_many_populations():
    """Random networks of 20 populations: with refractory periods a state exists, so it must be found."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        n = 20
        inhibitory = rng.random(n) < 0.2
        inhibitory[-1] = True
        weight = np.where(inhibitory, -rng.uniform(4, 7), 1.0) * 0.15 * mV
        net = mf.Network(
            names=[str(i) for i in range(n)],
            sizes=[1000] * n,
            neurons=mf.LIF(tau_m=10 * ms, t_ref=2 * ms, v_th=15 * mV, v_reset=0.0),
            indegree=rng.uniform(50, 400, (n, n)) * 8 / n,
            weight=np.tile(weight, (n, 1)),
            drives=[mf.PoissonDrive(indegree=1, weight=0.15 * mV, rate=rng.uniform(8000, 16000, n))],
        )
        assert mf.solve(net).residual.max() <= 1e-12


@dataclasses.dataclass(frozen=True)
class Wrapped:
    """A LIF neuron that the compiled code does not know: any neuron model of the protocol must do."""

    lif: mf.LIF

    tau_m = property(lambda self: self.lif.tau_m)
    t_ref = property(lambda self: self.lif.t_ref)
    v_th = property(lambda self: self.lif.v_th)

    def rate(self, mu, sigma):
        return self.lif.rate(mu, sigma)

    def log_rate(self, mu, sigma):
        return self.lif.log_rate(mu, sigma)

    def cv(self, mu, sigma):
        return self.lif.cv(mu, sigma)

    def gain(self, mu, sigma):
        return self.lif.gain(mu, sigma)

    def rate_and_gain(self, mu, sigma):
        return self.lif.rate_and_gain(mu, sigma)


@pytest.mark.parametrize("model", [mf.models.brunel2000, mf.models.potjans2014])
def test_neurons_of_other_models_are_solved_through_their_protocol(model):
    net = model()
    other = dataclasses.replace(net, neurons=[Wrapped(neuron) for neuron in net.neurons])
    np.testing.assert_allclose(mf.solve(other).rate, mf.solve(net).rate, rtol=1e-11)
    states = mf.solve_all(other)
    assert not states.is_complete
    assert len(states) == 1


@pytest.mark.parametrize("start", [0.0, 5.0, 200.0])
def test_following_the_coupling_leads_to_a_state(start):
    """The solver of last resort, on its own: through the fold of a bistable network, and for 8 populations."""
    for net in (mf.models.brunel2000(g=3.5, eta=0.8), mf.models.brunel2000(), mf.models.potjans2014()):
        near = follow_coupling(net, np.full(net.n_populations, start))
        assert near is not None
        refined = mf.solve(net, start=near)
        np.testing.assert_allclose(refined.rate, near, rtol=0.2, atol=0.5)


def test_following_the_coupling_of_a_runaway_network_ends():
    lif = mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV)
    net = mf.Network(
        names=["E"],
        sizes=[10],
        neurons=lif,
        indegree=[[1000]],
        weight=[[0.1 * mV]],
        drives=[mf.PoissonDrive(indegree=1000, weight=0.1 * mV, rate=15 * Hz)],
    )
    assert follow_coupling(net, np.zeros(1)) is None


def test_at_threshold_without_noise_the_neuron_is_silent():
    """The gain is infinite there; an unconnected population must not mind."""
    lif = mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV)
    drive = mf.ConstantDrive(mu=20 * mV)
    net = mf.Network(names=["X"], sizes=[1], neurons=lif, indegree=[[0]], weight=[[0.0]], drives=drive)
    assert mf.solve(net).rate[0] == 0.0
    with pytest.raises(ValueError, match="gain is infinite"):
        mf.sensitivity(mf.solve(net))


@pytest.mark.parametrize("solver", [mf.solve, mf.solve_all])
def test_a_rate_below_the_normal_doubles_is_not_proven_away(solver):
    """One population at some 1e-300 Hz and less: bounds have no relative digits there."""
    neuron = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    for mu in np.linspace(-6.6, -7.3, 60) * mV:  # y_th about 26.5 to 27.3: rates from 1e-303 Hz to 0
        net = mf.Network(
            names=["loud", "silent"],
            sizes=[10, 10],
            neurons=neuron,
            indegree=[[10, 10], [0, 0]],
            weight=[[0.01 * mV, -0.01 * mV], [0.0, 0.0]],
            drives=[mf.ConstantDrive(mu=[25 * mV, mu]), mf.WhiteNoiseDrive(sigma=[2 * mV, 1 * mV])],
        )
        assert net.n_populations == 2
        answer = solver(net)
        if isinstance(answer, mf.FixedPointSet):
            assert len(answer) == 1
            assert answer.is_complete


@pytest.mark.parametrize("solver", [mf.solve, mf.solve_all])
def test_what_is_no_network_is_refused(solver):
    with pytest.raises(TypeError, match=r"network must be a meanfield\.Network"):
        solver("brunel2000")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mf.models.brunel2000(g="five"), "g must be a number .*got 'five'"),
        (lambda: mf.models.brunel2000(eta=-1), "eta must not be negative, got -1.0"),
        (lambda: mf.models.brunelhakim1999(mu_ext=[1, 2]), "mu_ext must be a single number in V"),
        (lambda: mf.models.potjans2014(delay_e=-1), "delay_e must not be negative, got -1.0 s"),
        (lambda: mf.LIF(tau_m=None, v_th=1, v_reset=0), "tau_m must be a number .*got None"),
    ],
)
def test_bad_parameters_of_models_are_named(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


@pytest.mark.parametrize("start", [-1.0, np.nan, [1.0, 2.0, 3.0]])
def test_bad_start_is_refused(start):
    with pytest.raises(ValueError, match="start must"):
        mf.solve(mf.models.brunel2000(), start=start)
