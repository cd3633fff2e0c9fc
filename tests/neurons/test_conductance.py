"""Neurons of conductances: their equation's integral, limits of fast and slow conductances, simulation, identities."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

import meanfield as mf
from meanfield.neurons.shot_noise import shot_noise
from meanfield.units import ms, mV
from validation.conductance import simulate_neuron

DELTA = mf.LIFConductance(
    tau_m=20 * ms,
    t_ref=2 * ms,
    v_th=20 * mV,
    v_reset=10 * mV,
    e_e=70 * mV,
    e_i=-5 * mV,
    weight_e=0.2 * mV,
    weight_i=-0.4 * mV,
)
STRONG = dataclasses.replace(DELTA, weight_e=0.5 * mV, weight_i=-1.5 * mV)
FILTERED = dataclasses.replace(STRONG, tau_e=5 * ms, tau_i=5 * ms)


@pytest.mark.parametrize("spikes", [(12_000.0, 5_000.0), (6_000.0, 500.0), (5_500.0, 0.0), (60_000.0, 40_000.0)])
def test_rate_and_cv_are_integrals_over_the_potential(spikes):
    """Of the Fokker-Planck equation with Itô's drift, in V itself: T = int_reset^th dx int^x dy 2 tau/s2(y) e^{..}."""
    rate_e, rate_i = spikes
    v = np.linspace(-4.9999 * mV, 20 * mV, 400_001)
    b_e, b_i = 0.2 / 55, 0.4 / 20
    e, i = 20 * ms * rate_e * b_e * (70 * mV - v), 20 * ms * rate_i * b_i * (-5 * mV - v)
    f = -v + e + i
    s2 = e * b_e * (70 * mV - v) + i * b_i * (-5 * mV - v)
    phi = cumulative_trapezoid(2 * f / s2, v, initial=0)
    phi -= phi.max()
    survived = np.exp(-np.minimum(phi - phi[-1], 700.0))
    above = v >= DELTA.v_reset

    def passage(source):
        """Mean of `source` over the way up: the solution of f y' + s2 y''/2 = -source."""
        inner = cumulative_trapezoid(2 * source / s2 * np.exp(phi - phi[-1]), v, initial=0) * survived
        ahead = cumulative_trapezoid(inner, v, initial=0)
        return ahead[-1] - ahead

    first = passage(np.full_like(v, 20 * ms))
    second = passage(2 * 20 * ms * first)
    start = np.argmax(above)
    time = first[start]
    moments = DELTA.receptors.moments(rate_e, rate_i)
    assert DELTA.rate(*moments) == pytest.approx(1 / (DELTA.t_ref + time), rel=2e-5)
    cv = math.sqrt(second[start] - time**2) / (DELTA.t_ref + time)
    assert DELTA.cv(*moments) == pytest.approx(cv, rel=1e-4)


def test_without_spikes_a_current_alone_drives_it():
    neuron = dataclasses.replace(DELTA, mu_0=25 * mV)
    assert neuron.rate(0.0, 0.0) == pytest.approx(1 / (2 * ms + 20 * ms * math.log(15 / 5)), rel=1e-9)
    assert DELTA.rate(0.0, 0.0) == 0.0


PHASES = (np.arange(13) + 0.5) / 13


@pytest.mark.parametrize("nu", [0.3, 3.0, 40.0])
@pytest.mark.parametrize("place", [-1.0, 2.0])
def test_shot_noise_has_its_cumulants_and_relaxes_by_powers(nu, place):
    noise = shot_noise(nu, 8, PHASES, place)
    weight, h = noise.root**2, noise.values - nu
    moments = [(weight * h**k).sum(axis=1) for k in range(5)]
    for moment, expected in zip(moments, [1, 0, nu / 2, nu / 3], strict=False):
        np.testing.assert_allclose(moment, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moments[4] - 3 * moments[2] ** 2, nu / 4, rtol=1e-8)
    decay = np.sort(np.linalg.eigvals(noise.generator).real)[:, ::-1]
    np.testing.assert_allclose(decay, np.tile(-np.arange(8), (13, 1)), atol=1e-8)
    # more spikes: the mean grows by the jumps, E[h]' = 1 for each unit of nu
    growth = np.einsum("mi,mij,mj->m", noise.root * noise.values, noise.by_nu, noise.root)
    np.testing.assert_allclose(growth, 1.0, rtol=1e-10)


def test_rules_of_all_phases_sweep_the_line_and_have_no_place_of_their_own():
    """Nodes of a phase are between those of its neighbours; the mean over phases has the tail that one rule misses."""
    nu, x = 1e4, 1.3  # nearly Gaussian, with a skewness of 1/150
    noise = shot_noise(nu, 6, (np.arange(501) + 0.5) / 501, x)
    assert (np.diff(noise.values, axis=0) > 0).all()
    assert (noise.values[-1, :-1] < noise.values[0, 1:]).all()
    tails = [(noise.root[k] ** 2)[noise.values[k] > nu + x * math.sqrt(nu / 2)].sum() for k in range(501)]
    skewness = (nu / 3) / (nu / 2) ** 1.5
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    tail = math.erfc(x / math.sqrt(2)) / 2 + skewness / 6 * (x * x - 1) * density
    assert np.ptp(tails) > 2 * tail
    assert np.mean(tails) == pytest.approx(tail, rel=0.02)


def test_slow_conductances_are_a_mixture_of_neurons_without_noise():
    slow = dataclasses.replace(FILTERED, tau_e=2.0, tau_i=2.0, weight_e=5 * mV, weight_i=-5 * mV, t_ref=0.0)
    # at 2 s and these weights, a few spikes in a time constant: conductances vary as much as fast ones of many
    rate_e, rate_i = 5_000.0 / 10, 1_500.0 / 10
    area_e, area_i = -math.log1p(-5 / 55), -math.log1p(-5 / 20)
    e, i = (shot_noise(r * 2.0, 16, PHASES, 0.0) for r in (rate_e, rate_i))
    pairs = np.ix_(range(13), range(16), range(13), range(16))
    g_e = 20 * ms * area_e / 2.0 * np.broadcast_to(e.values[:, :, None, None], (13, 16, 13, 16))[pairs]
    g_i = 20 * ms * area_i / 2.0 * np.broadcast_to(i.values, (13, 16, 13, 16))[pairs]
    total = 1 + g_e + g_i
    v = (g_e * 70 * mV + g_i * -5 * mV) / total
    fires = v > 20 * mV
    rates = np.zeros_like(v)
    rates[fires] = total[fires] / (20 * ms * np.log((v[fires] - 10 * mV) / (v[fires] - 20 * mV)))
    expected = np.einsum("mk,nq,mknq->", e.root**2, i.root**2, rates) / 13**2
    assert expected > 1.0
    assert slow.rate(*slow.receptors.moments(rate_e, rate_i)) == pytest.approx(expected, rel=0.01)


def test_fast_conductances_are_instantaneous_ones():
    """The difference falls as the square root of the time constant (Fourcaud & Brunel 2002).

    Towards instantaneous conductances of finite jumps, which at these weights the diffusion overestimates by 10%.
    """
    spikes = (7_500.0, 1_800.0)
    moments = STRONG.receptors.moments(*spikes)
    rates = [dataclasses.replace(STRONG, tau_e=tau * ms, tau_i=tau * ms).rate(*moments) for tau in (0.4, 0.1, 0.025)]
    near, nearer = np.diff(rates)
    assert 1.7 < near / nearer < 3
    run = simulate_neuron(STRONG, *spikes, duration=300.0, rng=1)
    limit = rates[-1] + nearer**2 / (near - nearer)
    assert limit == pytest.approx(run.rate, abs=3 * run.rate_error + 0.02 * run.rate)
    assert STRONG.rate(*moments) > 1.07 * run.rate


@pytest.mark.parametrize(
    ("neuron", "spikes"),
    [(FILTERED, (7_500.0, 1_800.0)), (dataclasses.replace(FILTERED, tau_e=8 * ms, tau_i=3 * ms), (7_500.0, 1_700.0))],
)
def test_it_is_as_simulated(neuron, spikes):
    run = simulate_neuron(neuron, *spikes, duration=400.0, rng=1)
    moments = neuron.receptors.moments(*spikes)
    assert neuron.rate(*moments) == pytest.approx(run.rate, abs=3 * run.rate_error + 0.02 * run.rate)
    assert neuron.cv(*moments) == pytest.approx(run.cv, abs=0.03)


def test_jumps_of_finite_size_are_as_simulated():
    spikes = (7_500.0, 1_800.0)
    moments = STRONG.receptors.moments(*spikes)
    neuron = dataclasses.replace(STRONG, jumps="finite")
    run = simulate_neuron(STRONG, *spikes, duration=300.0, rng=1)
    assert neuron.rate(*moments) == pytest.approx(run.rate, abs=3 * run.rate_error + 0.005 * run.rate)
    assert neuron.cv(*moments) == pytest.approx(run.cv, abs=0.02)
    h = 1.0
    found = neuron.receptors.by_rates(*neuron.rate_and_gain(*moments)[1:])
    rates = [
        [neuron.rate(*neuron.receptors.moments(7500 + e, 1800 + i)) for e, i in ((-x, -y), (x, y))]
        for x, y in ((h, 0), (0, h))
    ]
    assert found == pytest.approx([(b - a) / (2 * h) for a, b in rates], rel=1e-4)
    assert abs(neuron.isi_transform(1e-3, *moments) - (1 - 1e-3 / neuron.rate(*moments))) < 1e-6


@pytest.mark.parametrize("mu_0", [20.001, 20.04, 21.0, 25.0])
def test_with_few_spikes_a_current_above_threshold_fires_it_as_without_noise(mu_0):
    """As spikes go to none: the time that the membrane takes from reset to threshold."""
    neuron = dataclasses.replace(STRONG, jumps="finite", mu_0=mu_0 * mV)
    alone = 1 / (2 * ms + 20 * ms * math.log((mu_0 - 10) / (mu_0 - 20)))
    assert neuron.rate(0.0, 0.0) == pytest.approx(alone, rel=1e-9)
    differences = [neuron.rate(*neuron.receptors.moments(r, r)) - alone for r in (0.02, 0.01)]
    assert abs(differences[0]) < 0.01 * alone
    assert differences[1] == pytest.approx(differences[0] / 2, rel=0.02)


def test_jumps_with_a_current_above_threshold_are_as_simulated():
    neuron = dataclasses.replace(STRONG, jumps="finite", mu_0=25 * mV)
    spikes = (500.0, 100.0)
    run = simulate_neuron(neuron, *spikes, duration=1000.0, rng=1)
    assert run.rate_error < 0.0015 * run.rate
    assert neuron.rate(*neuron.receptors.moments(*spikes)) == pytest.approx(run.rate, abs=3 * run.rate_error)


def test_a_current_may_pass_threshold_without_a_step_of_the_rate():
    """Between many spikes there is no time to drift across, however fine the grid: it is not seen how far above."""
    rates = [
        neuron.rate(*neuron.receptors.moments(300.0, 300.0))
        for neuron in (dataclasses.replace(STRONG, jumps="finite", mu_0=mu_0 * mV) for mu_0 in (19.999, 20.0, 20.001))
    ]
    assert np.diff(rates) == pytest.approx(np.full(2, 1e-3 * rates[1]), rel=0.5)


def test_finite_jumps_become_small():
    """The difference to the diffusion is proportional to the jumps, at the same V_0 and noise."""
    gaps = []
    for size in (1.0, 0.5):
        small = dataclasses.replace(DELTA, weight_e=size * 0.2 * mV, weight_i=-size * 0.4 * mV)
        # noise as at size 1 from 1/size² as many spikes, their mean undone by a current and reversals further away
        far = 55 * mV / size
        small = dataclasses.replace(small, e_e=15 * mV + far, e_i=15 * mV - 20 * mV / size, weight_e=size * 0.2 * mV)
        rate_e, rate_i = 8_000.0 / size**2, 1_500.0 / size**2
        pull = 20 * ms * (rate_e * small.weight_e + rate_i * small.weight_i)
        small = dataclasses.replace(small, mu_0=28 * mV - pull)
        moments = small.receptors.moments(rate_e, rate_i)
        finite = dataclasses.replace(small, jumps="finite").rate(*moments)
        gaps.append(1 - finite / small.rate(*moments))
    assert gaps[0] > gaps[1] > 0
    assert gaps[1] < 0.65 * gaps[0]


def test_instantaneous_conductances_of_small_jumps_are_as_simulated():
    spikes = (45_000.0, 6_000.0)
    neuron = dataclasses.replace(DELTA, weight_e=0.05 * mV, weight_i=-0.1 * mV)
    run = simulate_neuron(neuron, *spikes, duration=20.0, rng=1)
    moments = neuron.receptors.moments(*spikes)
    assert neuron.rate(*moments) == pytest.approx(run.rate, abs=3 * run.rate_error + 0.01 * run.rate)
    assert neuron.cv(*moments) == pytest.approx(run.cv, abs=0.02)


def test_response_of_filtered_conductances():
    """Slow answers are derivatives of the rate; fast ones fall by the synapse and by the membrane."""
    spikes = np.array([7_500.0, 1_800.0])
    moments = FILTERED.receptors.moments(*spikes)
    gain = FILTERED.receptors.by_rates(*FILTERED.rate_and_gain(*moments)[1:])
    for own, step in zip(gain, np.diag(0.01 * spikes), strict=True):
        below, above = (FILTERED.rate(*FILTERED.receptors.moments(*(spikes + x * step))) for x in (-1, 1))
        assert own == pytest.approx((above - below) / (2 * step.sum()), rel=0.02)
    assert gain[0] > 0 > gain[1]
    nearly = FILTERED.response(1e-3, *moments)
    np.testing.assert_allclose(nearly, FILTERED.rate_and_gain(*moments)[1:], rtol=1e-3)
    fast = [abs(FILTERED.response(2j * np.pi * f, *moments)[0]) for f in (100.0, 1000.0)]
    assert fast[1] < 0.1 * fast[0]


def test_spectrum_of_filtered_conductances_is_coloured():
    moments = FILTERED.receptors.moments(7_500.0, 1_800.0)
    rate = FILTERED.rate(*moments)
    slow, fast = FILTERED.spectrum([0.0, 1e4], *moments)
    assert fast == pytest.approx(rate, rel=1e-3)
    assert 0.5 * rate < slow < 2 * rate
    assert abs(FILTERED.isi_transform(2.0, *moments)) == pytest.approx(math.exp(-2.0 / rate), rel=0.05)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"e_e": 5 * mV}, "e_e must be above threshold"),
        ({"e_i": 21 * mV}, "e_i must be below"),
        ({"v_ref": 80 * mV}, "e_e must be above"),
        ({"tau_e": -1 * ms}, "tau_e must not be negative"),
        ({"tau_e": 3 * ms}, "tau_e and tau_i"),
        ({"weight_e": -0.1 * mV}, "weight_e"),
        ({"weight_i": -30 * mV}, "weight_i must be nearer to 0 than the distance -0.02 V"),
        ({"weight_i": 0.1 * mV}, "weight_i"),
        ({"jumps": "huge"}, "jumps"),
        ({"nodes": 3.5}, "nodes"),
        ({"nodes": 40}, "nodes"),
        ({"v_reset": 20 * mV}, "v_reset must be below"),
        ({"tau_m": 0.0}, "tau_m must be positive"),
    ],
)
def test_bad_input_is_one_clear_line(change, words):
    with pytest.raises(ValueError, match=words) as error:
        dataclasses.replace(DELTA, **change)
    assert "\n" not in str(error.value)


def test_what_it_cannot_answer_is_refused():
    moments = FILTERED.receptors.moments(7_500.0, 1_800.0)
    with pytest.raises(ValueError, match="Re s >= 0"):
        FILTERED.response(-1.0, *moments)
    with pytest.raises(ValueError, match="no rates of spikes"):
        DELTA.rate(20 * mV, 1 * mV)


SHOT = mf.LIFShot(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV, weight_e=0.5 * mV, weight_i=-1 * mV)


@pytest.mark.parametrize("neuron", [DELTA, FILTERED, SHOT])
def test_shapes_that_differ_are_named(neuron):
    mu, sigma = np.zeros(3), np.ones(2) * mV
    for ask in (neuron.rate, neuron.cv, neuron.gain, lambda mu, sigma: neuron.response(1j, mu, sigma)):
        with pytest.raises(ValueError, match=r"mu and sigma must broadcast, got shapes \(3,\) and \(2,\)"):
            ask(mu, sigma)
    with pytest.raises(ValueError, match="mu and sigma must broadcast"):
        DELTA.effective(mu, sigma)


MEMBRANE = {name: getattr(DELTA, name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}


@pytest.mark.parametrize(("tau_s", "mu", "sigma"), [(0.2, 21, 4), (2, 15, 5), (5, 15, 5), (20, 15, 5), (20, 25, 8)])
def test_currents_of_equal_time_constants_and_small_weights_are_filtered_noise(tau_s, mu, sigma):
    filtered = mf.LIFFiltered(**MEMBRANE, tau_s=tau_s * ms)
    tau = {"tau_e": tau_s * ms, "tau_i": tau_s * ms}
    currents = mf.LIFConductance.currents(**MEMBRANE, **tau, weight_e=0.01 * mV, weight_i=-0.01 * mV)
    assert currents.rate(mu * mV, sigma * mV) == pytest.approx(filtered.rate(mu * mV, sigma * mV), rel=2e-3)


@pytest.mark.parametrize("taus", [(2.0, 10.0), (10.0, 2.0)])
def test_currents_of_different_time_constants_against_simulation(taus):
    tau_e, tau_i = (tau * ms for tau in taus)
    neuron = mf.LIFConductance.currents(**MEMBRANE, tau_e=tau_e, tau_i=tau_i, weight_e=0.1 * mV, weight_i=-0.5 * mV)
    mu, sigma = 21 * mV, 4 * mV
    run = simulate_neuron(neuron, *neuron.receptors.rates(mu, sigma), duration=1000.0, rng=3)
    assert run.rate_error < 0.005 * run.rate
    assert abs(neuron.rate(mu, sigma) - run.rate) < 3 * run.rate_error + 0.005 * run.rate
    assert neuron.cv(mu, sigma) == pytest.approx(run.cv, rel=0.03)


def test_free_moments_of_currents_are_those_of_their_postsynaptic_potentials():
    """Campbell's theorem over the potential that a spike makes, integrated numerically."""
    taus, weights = (2 * ms, 10 * ms), (0.1 * mV, -0.5 * mV)
    neuron = mf.LIFConductance.currents(
        **MEMBRANE, tau_e=taus[0], tau_i=taus[1], weight_e=weights[0], weight_i=weights[1], mu_0=1 * mV
    )
    spikes = (20_000.0, 2_000.0)
    t, tau_m = np.linspace(0, 0.4, 400_001), MEMBRANE["tau_m"]
    mean, variance = 1 * mV, 0.0
    for tau, weight, rate in zip(taus, weights, spikes, strict=True):
        potential = weight * tau_m / (tau_m - tau) * (np.exp(-t / tau_m) - np.exp(-t / tau))
        mean += rate * np.trapezoid(potential, t)
        variance += rate * np.trapezoid(potential**2, t)
    found = neuron.free_moments(*neuron.receptors.moments(*spikes))
    assert found == pytest.approx((mean, math.sqrt(variance)), rel=1e-4)


@pytest.mark.parametrize("change", [{}, {"jumps": "finite"}, {"tau_e": 5 * ms, "tau_i": 5 * ms}])
def test_without_spikes_nothing_responds(change):
    neuron = dataclasses.replace(STRONG, **change)
    assert neuron.gain(0.0, 0.0) == (0.0, 0.0)
    assert neuron.response(10j, 0.0, 0.0) == (0.0, 0.0)
    assert neuron.isi_transform(10.0, 0.0, 0.0) == 0.0
    np.testing.assert_array_equal(neuron.spectrum([0.0, 10.0], 0.0, 0.0), 0.0)
    mu, sigma = neuron.receptors.moments(7_500.0, 1_800.0)
    both = neuron.gain([0.0, mu], [0.0, sigma])
    assert np.transpose(both)[1] == pytest.approx(neuron.gain(mu, sigma), rel=1e-12)
    np.testing.assert_array_equal(np.transpose(both)[0], 0.0)
    firing = dataclasses.replace(neuron, mu_0=25 * mV)
    with pytest.raises(ValueError, match="sigma must be positive"):
        firing.gain(0.0, 0.0)


def test_a_curve_may_begin_without_spikes():
    curve = mf.synaptic_curve(STRONG, np.linspace(0, 9000, 10), 0.0)
    assert curve.rate[0] == curve.slope[0] == 0.0
    assert curve.rate[-1] > 1.0


@pytest.mark.parametrize("jumps", ["small", "finite"])
@pytest.mark.parametrize("spikes", [(1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.01, 0.0), (30.0, 10.0)])
def test_with_very_few_spikes_nothing_responds(jumps, spikes):
    neuron = dataclasses.replace(DELTA, weight_e=0.5 * mV, weight_i=-1 * mV, jumps=jumps)
    moments = neuron.receptors.moments(*spikes)
    assert neuron.rate(*moments) == pytest.approx(0.0, abs=1e-9)
    for answer in (*neuron.gain(*moments), *neuron.response(10j, *moments), neuron.spectrum(10.0, *moments)):
        assert abs(answer) == 0.0


def test_currents_must_have_time_constants():
    with pytest.raises(ValueError, match="tau_i must be positive"):
        mf.LIFConductance.currents(**MEMBRANE, weight_e=0.1 * mV, weight_i=-0.5 * mV, tau_e=2 * ms, tau_i=0.0)
    with pytest.raises(ValueError, match="tau_e must be positive"):
        mf.with_filtered_currents(mf.models.brunel2000(), tau_e=0.0, tau_i=2 * ms)


def test_a_network_of_filtered_currents_is_that_of_filtered_noise():
    """Brunel's network at one time constant; its weights are small."""
    net = mf.models.brunel2000(g=5, eta=2)
    currents = mf.with_filtered_currents(net, tau_e=2 * ms, tau_i=2 * ms, nodes=6)
    filtered = dataclasses.replace(net, neurons=mf.LIFFiltered(**MEMBRANE, tau_s=2 * ms))
    states = mf.solve(currents), mf.solve(filtered)
    assert states[0].rate == pytest.approx(states[1].rate, rel=0.02)
