"""The rule's fixed points, relaxation and limits for a tuned neuron."""

from __future__ import annotations

import numpy as np
import pytest

import meanfield as mf
from meanfield.plasticity import InhibitoryPlasticity, TunedNeuron
from meanfield.units import Hz, ms, mV
from tests.validation.networks import needs_compiler
from validation import LearnedRate, cross_validate
from validation.learning import simulate_tuned

LIF = mf.LIF(tau_m=20 * ms, t_ref=5 * ms, v_th=10 * mV, v_reset=0.0)
RULE = InhibitoryPlasticity(eta=0.03 * mV, tau=20 * ms, rho0=5 * Hz)


def tuned(mu_ext=6 * mV, groups=4, **changed):
    weight = 0.2 * mV * (0.3 + 1.1 / (1 + (np.arange(groups) - 1.0) ** 4))
    values = {
        "neuron": LIF,
        "excitatory_indegree": 200,
        "excitatory_weight": weight,
        "inhibitory_indegree": 50,
        "rate": 4 + 16 * np.eye(groups),
        "mu_ext": mu_ext,
    }
    return TunedNeuron(**(values | changed))


@pytest.mark.parametrize(("mu_ext", "clips"), [(6 * mV, False), (0.0, False), (-4 * mV, True), (-8 * mV, True)])
def test_fixed_point_is_where_the_mean_dynamics_lead(mu_ext, clips):
    """Where some stimuli lack excitation, some weights are clipped at 0."""
    neuron = tuned(mu_ext)
    learned = RULE.fixed_point(neuron)
    long = RULE.trajectory(neuron, np.zeros(4), [5e3])[-1]
    np.testing.assert_allclose(learned.weight, long, atol=2e-5 * mV)
    drift = RULE.drift(neuron, learned.weight)
    assert (drift[learned.clipped] <= 0).all()
    assert np.abs(drift[~learned.clipped]).max(initial=0.0) < 1e-8 * RULE.eta
    assert learned.clipped.any() == clips
    if not clips:
        np.testing.assert_allclose(learned.rate, RULE.rho0, rtol=1e-6)


def test_a_silent_neuron_loses_all_inhibition():
    learned = RULE.fixed_point(tuned(-30 * mV), start=1 * mV)
    assert learned.clipped.all()
    assert not learned.weight.any()
    with pytest.raises(ValueError, match="all weights are clipped"):
        RULE.relaxation_time(tuned(-30 * mV), learned)


def test_the_largest_weight_holds():
    rule = InhibitoryPlasticity(eta=RULE.eta, tau=RULE.tau, rho0=RULE.rho0, w_max=0.1 * mV)
    learned = rule.fixed_point(tuned())
    assert (learned.weight == 0.1 * mV).all()
    assert (learned.rate > RULE.rho0).all()


def test_slopes_are_derivatives():
    neuron, w = tuned(), np.array([0.1, 0.5, 0.2, 0.3]) * mV
    _, slopes = neuron.rate_and_slopes(w)
    h = 1e-4 * mV
    numeric = [(neuron.firing_rate(w + h * e) - neuron.firing_rate(w - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(slopes, np.transpose(numeric), rtol=1e-6)
    np.testing.assert_allclose(neuron.weight_response(1e-9j, w).real, slopes, rtol=1e-6)


def test_relaxation_time_of_one_group_is_the_formula_and_what_the_dynamics_show():
    neuron = TunedNeuron(
        neuron=LIF, excitatory_indegree=800, excitatory_weight=0.2 * mV, inhibitory_indegree=200, rate=[[5.0]]
    )
    learned = RULE.fixed_point(neuron)
    (time,) = RULE.relaxation_time(neuron, learned)
    _, slopes = neuron.rate_and_slopes(learned.weight)
    k = -slopes[0, 0] / 200  # gain of one synapse's weight
    assert time == pytest.approx(1 / (k * 200 * 2 * RULE.eta * RULE.tau * 5.0), rel=1e-12)
    at = time * np.linspace(0, 3, 7)
    deviation = (RULE.trajectory(neuron, 0.999 * learned.weight, at) - learned.weight)[:, 0]
    fitted = -1 / np.polyfit(at, np.log(-deviation), 1)[0]
    assert fitted == pytest.approx(time, rel=1e-2)


def test_fewer_stimuli_than_groups_move_weights_along_their_rates():
    neuron = tuned(rate=[[4.0, 8.0, 4.0, 20.0]])
    start = np.array([0.1, 0.0, 0.2, 0.0]) * mV
    moved = RULE.fixed_point(neuron, start=start).weight - start
    np.testing.assert_allclose(moved / moved[0], [1, 2, 1, 5], rtol=1e-6)


def test_delays_of_inhibition_limit_the_learning_rate():
    neuron = tuned()
    learned = RULE.fixed_point(neuron)
    limits = [RULE.max_learning_rate(neuron, learned, delay=delay) for delay in (1 * ms, 5 * ms, 20 * ms)]
    assert limits[0] > limits[1] > limits[2] > RULE.eta
    slow = InhibitoryPlasticity(eta=RULE.eta / 4, tau=RULE.tau, rho0=RULE.rho0)
    np.testing.assert_allclose(
        RULE.rate_fluctuation(neuron, learned), 2 * slow.rate_fluctuation(neuron, learned), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: InhibitoryPlasticity(eta=0.0, tau=0.02, rho0=5.0), "eta must be positive, got 0.0 V"),
        (lambda: tuned(probability=[0.5, 0.5, 0.5, 0.5]), "probability must sum to 1"),
        (lambda: tuned(rate=[1.0, 2.0]), "rate must have shape"),
        (lambda: RULE.fixed_point(tuned(), start=-1.0), "start must not be negative"),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@needs_compiler
def test_a_simulated_neuron_relaxes_as_the_mean_dynamics_do():
    neuron = TunedNeuron(
        neuron=LIF, excitatory_indegree=400, excitatory_weight=0.2 * mV, inhibitory_indegree=100, rate=[[10.0]]
    )
    rule = InhibitoryPlasticity(eta=0.01 * mV, tau=20 * ms, rho0=5 * Hz)
    run = simulate_tuned(neuron, rule, duration=60.0, copies=8, rng=4)
    theory = rule.trajectory(neuron, [0.0], run.t)[:, 0]
    mean, error = run.weight[:, :, 0].mean(axis=1), run.weight[:, :, 0].std(axis=1, ddof=1) / np.sqrt(8)
    early = (run.t > 0) & (theory < 0.8 * theory[-1])
    assert early.any()
    assert (np.abs(mean - theory)[early] < 4 * error[early] + 0.05 * theory[early]).all()
    rate, rate_error = run.rate(30.0, 1)
    expected = rule.rho0 + rule.rate_offset(neuron, rule.fixed_point(neuron))
    # Beyond four standard errors: jumps of finite size, which theory takes for a diffusion.
    assert rate == pytest.approx(expected, abs=4 * float(rate_error[0]) + 0.15)
    assert abs(rate[0] - rule.rho0) > 4 * rate_error[0]


@needs_compiler
def test_cross_validation_of_the_learned_rate():
    """The rate that is learned, above the target by what correlations add, which is more than the errors."""
    neuron = TunedNeuron(
        neuron=LIF, excitatory_indegree=400, excitatory_weight=0.2 * mV, inhibitory_indegree=100, rate=[[10.0]]
    )
    rule = InhibitoryPlasticity(eta=0.01 * mV, tau=20 * ms, rho0=5 * Hz)
    found = cross_validate(LearnedRate(rule=rule, system=neuron), duration=60.0, trials=8, rng=5)
    rate, weight = found["learned rate", "stimulus 1"], found["learned weight", ""]
    assert rate.simulation == pytest.approx(rate.theory, abs=4 * rate.error + 0.15)  # 0.15: as above
    assert rate.simulation > rule.rho0 + 4 * rate.error
    assert weight.simulation == pytest.approx(weight.theory, rel=0.1)


def test_what_learns_must_be_what_it_is_said_to_be():
    with pytest.raises(TypeError, match="system must be a TunedNeuron or a Network, got 'network'"):
        LearnedRate(rule=RULE, system="network")
    with pytest.raises(ValueError, match="trials must be at least 2"):
        cross_validate(LearnedRate(rule=RULE, system=tuned()), trials=1)
