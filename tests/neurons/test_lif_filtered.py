"""Filtered synapses of any time constant: asymptotics, identities, convergence, simulation, and bad input."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from scipy.integrate import quad

import meanfield as mf
from meanfield.cli.solve import state_table
from meanfield.neurons import filtered_equation
from meanfield.neurons.adiabatic import noise_free
from meanfield.neurons.filtered_equation import Neuron, discretise, resolution, scaled_rate
from meanfield.neurons.filtered_paths import covariances, modulated_covariances
from meanfield.units import ms, mV
from validation.filtered import simulate_filtered, simulate_response

NEURON = mf.LIFFiltered(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=5 * ms)
MU, SIGMA = 17 * mV, 4 * mV
RATIOS = [0.01, 0.1, 1.0, 10.0]


def with_ratio(ratio, **changes):
    return dataclasses.replace(NEURON, tau_s=ratio * NEURON.tau_m, **changes)


@pytest.mark.parametrize("t_ref", [0.0, 2 * ms])
def test_fast_synapses_shift_threshold_and_reset_by_what_the_current_remembers(t_ref):
    """The first order in sqrt(tau_s/tau_m) is that of Fourcaud & Brunel (2002), to which half-range theory gives alpha.

    Their reset is shifted since the current of a spike is still there; after t_ref e^{-t_ref/tau_s} of it is left.
    """
    departures = []
    for ratio in (1e-3, 1e-4):
        neuron = with_ratio(ratio, t_ref=t_ref)
        white = mf.LIF(tau_m=20 * ms, t_ref=t_ref, v_th=20 * mV, v_reset=10 * mV)
        shift = mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=neuron.tau_s).shift * SIGMA
        forgotten = 1.0 - math.exp(-t_ref / neuron.tau_s)
        shifted = dataclasses.replace(white, v_th=20 * mV + shift, v_reset=10 * mV + shift * (1.0 - forgotten))
        expected = shifted.rate(MU, SIGMA) - white.rate(MU, SIGMA)
        departures.append((neuron.rate(MU, SIGMA) - white.rate(MU, SIGMA)) / expected - 1.0)
    assert abs(departures[1]) < 5e-3
    assert departures[0] / departures[1] == pytest.approx(math.sqrt(10.0), rel=0.25)  # the next order


def test_slow_synapses_are_adiabatic_to_first_order_in_their_inverse():
    differences = []
    for ratio in (25.0, 50.0, 100.0):
        neuron = with_ratio(ratio)
        slow = dataclasses.replace(neuron, method="slow").rate(25 * mV, 6 * mV)
        differences.append(neuron.rate(25 * mV, 6 * mV) / slow - 1.0)
    assert abs(differences[2]) < 1e-4
    assert abs(differences[0]) > abs(differences[1]) > abs(differences[2])


@pytest.mark.parametrize("z_th", [0.1, 5.0, 20.0, 100.0, 1e4])
def test_slow_rates_below_threshold_are_the_tail_of_the_current(z_th):
    width, sd = 10 * mV, 0.3 * mV  # x = z sd, in units of 1/z_th above threshold
    slow = with_ratio(1e3, method="slow")
    mu, sigma = 20 * mV - z_th * sd, sd * math.sqrt(2e3)

    def term(y):
        return math.exp(-y - 0.5 * (y / z_th) ** 2) / (2 * ms + 20 * ms * math.log1p(width * z_th / (sd * y)))

    pieces = (0.0, 1e-6, 1e-3, 0.1, 1.0, 10.0, 60.0)
    tail = sum(quad(term, a, b, epsabs=0.0, epsrel=1e-12)[0] for a, b in itertools.pairwise(pieces))
    expected = math.log(tail / (z_th * math.sqrt(2 * math.pi))) - 0.5 * z_th**2
    assert slow.log_rate(mu, sigma) == pytest.approx(expected, rel=1e-12, abs=1e-10)


@pytest.mark.parametrize("z_th", [-1e9, -100.0, -14.0, -5.0, 0.0, 5.0, 12.0, 100.0, 1e9])
def test_slow_rates_take_few_points_however_weak_noise_is(z_th):
    assert noise_free(z_th, abs(z_th) + 1.0, NEURON.tau_m, NEURON.t_ref)[0].size < 2500


def test_slow_rates_in_vanishing_noise_are_those_without():
    slow = with_ratio(1e3)
    for mu in (21 * mV, 100 * mV):
        for sigma in (1e-3 * mV, 1e-6 * mV):
            without = slow.rate_and_gain(mu, 0.0)[:2]
            np.testing.assert_allclose(slow.rate_and_gain(mu, sigma)[:2], without, rtol=1e-6)
    assert slow.rate(15 * mV, 1e-6 * mV) == 0.0
    assert slow.log_rate(15 * mV, 1e-6 * mV) == pytest.approx(-1e3 * (5e6) ** 2, rel=1e-12)


@pytest.mark.parametrize(("tau_s", "mu", "sigma"), [(3.0, 22.0, 5.0), (1.99, 20.5, 2.0), (1.0, 20.05, 0.1)])
def test_slow_intervals_vary_as_the_current_does(tau_s, mu, sigma):
    neuron = dataclasses.replace(NEURON, tau_s=tau_s)
    cv = neuron.cv(mu * mV, sigma * mV)
    assert neuron.solve(mu * mV, sigma * mV).method == "slow"
    seen = simulate_filtered(neuron, mu * mV, sigma * mV, spikes=60_000, dt=0.2 * ms, rng=1)
    assert abs(cv - seen.cv.mean) < 3 * seen.cv.error
    assert seen.cv.error < 0.03 * cv


def test_slow_and_exact_cv_meet():
    neuron = with_ratio(100.0)
    exact, slow = (n.cv(25 * mV, 6 * mV) for n in (neuron, dataclasses.replace(neuron, method="slow")))
    assert neuron.solve(25 * mV, 6 * mV).method in ("solver", "chain")
    assert slow == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(
    ("tau_s", "mu", "sigma"),
    [(0.2, 20.0, 0.02), (0.2, 20.02, 0.02), (3.0, 20.5, 5.0), (20.0, 15.0, 1e-6)],
)
def test_slow_cv_is_refused_where_silence_counts_or_the_current_moves(tau_s, mu, sigma):
    neuron = dataclasses.replace(NEURON, tau_s=tau_s)
    assert neuron.solve(mu * mV, sigma * mV).method == "slow"
    with pytest.raises(ValueError, match=r"'slow' has no CV at mu = 0\.0"):
        neuron.cv(mu * mV, sigma * mV)


def test_networks_of_slow_synapses_without_cv_are_solved():
    state = mf.solve(dataclasses.replace(mf.models.brunel2000(g=6, eta=4), neurons=with_ratio(1.0, method="slow")))
    assert (state.rate > 0).all()
    assert np.isnan(state.cv).all()
    assert json.loads(json.dumps(state.to_dict(), allow_nan=False))["E"]["cv"] is None
    assert "nan" in state_table(state)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("mu", "sigma"), [(10.0, 8.0), (15.0, 5.0), (21.0, 4.0), (25.0, 2.0), (25.0, 8.0)])
def test_finer_discretisations_change_less_than_the_error_says(ratio, mu, sigma):
    solved = with_ratio(ratio).solve(mu * mV, sigma * mV)
    neuron = Neuron(ratio, (20.0 - mu) / sigma, (10.0 - mu) / sigma, 0.1)
    fine = discretise(neuron, resolution(neuron) + 24, 0.06)
    rate = scaled_rate(fine) * math.exp(fine.scale) / NEURON.tau_m
    assert solved.method == ("chain" if (ratio, sigma) == (10.0, 2.0) else "solver")
    assert abs(solved.rate - rate) < min(solved.error, 3e-5 * rate)


def test_intervals_without_memory_make_a_renewal_process():
    """Where t_ref is far above tau_s the spectrum, made of all spikes, ends at rate CV², made of single intervals."""
    neuron = with_ratio(0.005)
    rate, cv = neuron.rate(MU, SIGMA), neuron.cv(MU, SIGMA)
    assert neuron.spectrum(0.0, MU, SIGMA) == pytest.approx(rate * cv**2, rel=2e-4)
    remembers = with_ratio(5.0)
    fano = remembers.spectrum(0.0, 21 * mV, SIGMA) / remembers.rate(21 * mV, SIGMA)
    assert (
        fano > 1.5 * remembers.cv(21 * mV, SIGMA) ** 2
    )  # slow currents make long and short intervals follow each other
    assert neuron.spectrum(2e4, MU, SIGMA) == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize("ratio", [0.1, 1.0, 4.0])
def test_simulation_agrees(ratio):
    neuron = with_ratio(ratio)
    seen = simulate_filtered(neuron, 19 * mV, SIGMA, spikes=12_000, rng=2)
    assert abs(neuron.rate(19 * mV, SIGMA) - seen.rate.mean) < 4 * seen.rate.error
    assert abs(neuron.cv(19 * mV, SIGMA) - seen.cv.mean) < 4 * seen.cv.error
    assert seen.rate.error < 0.02 * seen.rate.mean


@pytest.mark.parametrize(("by", "amplitude"), [("mu", 1.5 * mV), ("sigma²", (2 * mV) ** 2)])
def test_simulated_response_agrees(by, amplitude):
    frequency = 25.0
    answer = NEURON.response(2j * np.pi * frequency, 21 * mV, SIGMA)[0 if by == "mu" else 1]
    seen, error = simulate_response(NEURON, 21 * mV, SIGMA, frequency, by=by, amplitude=amplitude, spikes=30_000, rng=4)
    assert abs(seen.real - answer.real) < 4 * error
    assert abs(seen.imag - answer.imag) < 4 * error
    assert error < 0.15 * abs(answer)


def test_response_to_fast_synapses_is_that_of_white_noise():
    fast, white = with_ratio(1e-5), mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    s = 2j * np.pi * np.array([0.0, 10.0, 100.0]) - 5.0
    for ours, theirs in zip(fast.response(s, MU, SIGMA), white.response(s, MU, SIGMA), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.02)


def test_response_converges_up_to_high_frequencies():
    neuron = Neuron(0.25, 0.5, -1.5, 0.1)
    answers = []
    for nodes, step in ((24, 0.1), (40, 0.06)):
        equation = discretise(neuron, nodes, step)
        filtered_equation.prepare(equation)
        answers.append([filtered_equation.response(equation, s) for s in (3j, 30j, 300j, -0.4 + 2j)])
    np.testing.assert_allclose(answers[0], answers[1], rtol=2e-3)


@pytest.mark.parametrize("ratio", [0.03, 0.99999, 7.0])
def test_covariances_are_integrals_of_exponentials(ratio):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        exact = mpmath.mpf(ratio)
        slope = mpmath.sqrt(1 / (2 * exact)) / (1 - 1 / exact)
        times = np.array([1e-4, 0.1, 2.0]) * ratio

        def integral(rate, t):
            return (1 - mpmath.exp(-rate * t)) / rate

        for s in (0.0, 3.0j):
            for k, t in enumerate(map(mpmath.mpf, times)):
                e = [integral(rate + mpmath.mpc(s), t) for rate in (2 / exact, 1 + 1 / exact, mpmath.mpf(2))]
                expected = [
                    complex(2 / exact * term)
                    for term in (slope**2 * (e[0] - 2 * e[1] + e[2]), slope * (e[0] - e[1]), e[0])
                ]
                tolerance = 1e-3 if abs(ratio - 1) < 1e-4 and s != 0.0 else 1e-7
                found = (
                    covariances(times, ratio, 0.0)[:3, k]
                    if s == 0.0
                    else modulated_covariances(times[k], s, ratio, 0.0)[0]
                )
                np.testing.assert_allclose(found, expected, rtol=tolerance)


def test_rates_that_underflow_have_logarithms():
    neuron = with_ratio(10.0)
    logs = neuron.log_rate(np.array([10.0, 5.0, 0.0, -10.0]) * mV, 2 * mV)
    assert (np.diff(logs) < 0).all()
    assert logs[-1] < -2000
    # far below threshold spikes are the upward crossings of a Gaussian process (Rice 1945)
    level = 15.0
    rice = -(level**2) * 11.0 - math.log(2 * math.pi * math.sqrt(10.0) * NEURON.tau_m)
    assert neuron.log_rate(-10 * mV, 2 * mV) == pytest.approx(rice, abs=1e-3)


def test_weak_noise_and_none():
    neuron = NEURON
    assert neuron.rate(25 * mV, 0.0) == pytest.approx(1 / (2 * ms + 20 * ms * math.log(3)), rel=1e-12)
    assert neuron.rate(15 * mV, 0.0) == 0.0
    assert neuron.solve(25 * mV, 0.0).method == "white"
    slow = with_ratio(10.0)
    weak = slow.solve(25 * mV, 0.2 * mV)
    assert weak.method == "chain"
    assert weak.rate == pytest.approx(neuron.rate(25 * mV, 0.0), rel=1e-4)
    mu, sigma = 20.005 * mV, 0.02 * mV  # threshold is within one standard deviation of a current that hardly moves
    between = slow.solve(mu, sigma)
    assert between.method == "slow"
    assert between.rate == pytest.approx(slow.rate(mu, 3 * sigma), rel=0.1)
    with pytest.raises(ValueError, match=r"noise is too weak for the solver at mu = 0\.020005"):
        dataclasses.replace(slow, method="solver").rate(mu, sigma)
    with pytest.raises(ValueError, match="no response there"):
        slow.response(1j, mu, sigma)
    white = dataclasses.replace(neuron, tau_s=0.0)
    assert white.rate(MU, SIGMA) == mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV).rate(MU, SIGMA)


def test_limits_say_how_far_they_are_from_the_solver():
    fast = with_ratio(0.1, method="fast")
    answer = fast.solve(15 * mV, 5 * mV)
    assert answer.method == "fast"
    assert answer.rate == mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=2 * ms).rate(
        15 * mV, 5 * mV
    )
    assert answer.error == pytest.approx(abs(answer.rate - with_ratio(0.1).rate(15 * mV, 5 * mV)), rel=1e-9)
    slow = with_ratio(10.0, method="slow")
    h = 0.001 * mV
    _, by_mu, by_variance = slow.rate_and_gain(MU, SIGMA)
    assert by_mu == pytest.approx((slow.rate(MU + h, SIGMA) - slow.rate(MU - h, SIGMA)) / (2 * h), rel=1e-4)
    by_sigma = (slow.rate(MU, SIGMA + h) - slow.rate(MU, SIGMA - h)) / (2 * h)
    assert by_variance == pytest.approx(by_sigma / (2 * SIGMA), rel=1e-4)
    assert slow.solve(MU, SIGMA).method == "slow"


def test_arrays_are_what_scalars_are():
    mu, sigma = np.array([[12.0], [22.0]]) * mV, np.array([0.0, 2.0, 6.0]) * mV
    rates, variations = NEURON.rate(mu, sigma), NEURON.cv(mu, sigma)
    for i in range(2):
        for j in range(3):
            assert rates[i, j] == NEURON.rate(float(mu[i, 0]), float(sigma[j]))
            assert variations[i, j] == NEURON.cv(float(mu[i, 0]), float(sigma[j]))
    answers = NEURON.response(10j, mu, sigma[1:])
    assert answers[1][1, 0] == NEURON.response(10j, float(mu[1, 0]), float(sigma[1]))[1]


def test_networks_are_solved_and_their_stability_known():
    network = dataclasses.replace(mf.models.brunel2000(g=6, eta=4), neurons=with_ratio(0.1))
    state = mf.solve(network)
    assert state.rate[0] == pytest.approx(with_ratio(0.1).rate(state.mu[0], state.sigma[0]), rel=1e-10)
    assert mf.stability(state).is_stable  # in white noise it oscillates at 190 Hz
    column = dataclasses.replace(
        mf.models.potjans2014(),
        neurons=mf.LIFFiltered(tau_m=10 * ms, t_ref=2 * ms, v_th=15 * mV, v_reset=0.0, tau_s=0.5 * ms),
    )
    shifted = mf.solve(mf.models.potjans2014())
    np.testing.assert_allclose(mf.solve(column).rate, shifted.rate, rtol=0.2)


def test_networks_tend_to_the_shift_of_fast_synapses_without_refractoriness():
    """Brunel's network C: what filters take off its rate over what the shift says, 1 - O(sqrt(tau_s)) for t_ref = 0."""

    def ratio(t_ref: float, tau_s: float) -> float:
        white = mf.models.brunel2000(g=5, eta=2, t_ref=t_ref)
        membrane = {name: getattr(white.neurons[0], name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}
        kinds = [kind(**membrane, tau_s=tau_s) for kind in (mf.LIFFiltered, mf.LIF)]
        filtered, shifted = (mf.solve(dataclasses.replace(white, neurons=kind)).rate[0] for kind in kinds)
        return (filtered - mf.solve(white).rate[0]) / (shifted - mf.solve(white).rate[0])

    away = [1.0 - ratio(0.0, tau_s * ms) for tau_s in (0.02, 0.08)]
    assert 0.01 < away[0] < 0.025
    assert away[1] / away[0] == pytest.approx(2.0, rel=0.05)
    assert ratio(2 * ms, 0.02 * ms) > 1.5  # the current forgets the spike before the reset


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tau_s": -1 * ms}, "tau_s must not be negative"),
        ({"method": "quick"}, "unknown method 'quick'"),
        ({"method": "fast"}, r"for tau_s/tau_m from 0 to 0\.1, got tau_s = 0\.005 s at tau_m = 0\.02 s"),
        ({"method": "slow"}, "'slow' is for tau_s/tau_m of at least 1, got tau_s = 0.005 s at tau_m"),
        (
            {"method": "solver", "tau_s": 3.0},
            "'solver' is for tau_s/tau_m from 1e-06 to 100, got tau_s = 3.0 s at tau_m = 0.02 s",
        ),
        ({"v_reset": 21 * mV}, "v_reset must be below v_th"),
    ],
)
def test_bad_parameters_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(NEURON, **changes)


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="Re s >= -25 1/s"):
        NEURON.response(-30.0, MU, SIGMA)
    slow = with_ratio(10.0, method="slow")
    with pytest.raises(ValueError, match="'slow' has no CV"):
        slow.cv(MU, SIGMA)
    with pytest.raises(ValueError, match="'slow' has no response"):
        slow.response(1j, MU, SIGMA)
    with pytest.raises(ValueError, match="'slow' has no spectrum"):
        slow.spectrum(1.0, MU, SIGMA)


def test_what_is_out_of_the_solvers_range_is_said_to_be():
    words = r"solver is for tau_s/tau_m from 1e-06 to 100, not for tau_s = {!r} s at tau_m = 0\.02 s: no {}"
    for tau_s in (3.0, 1e-9):
        with pytest.raises(ValueError, match=words.format(tau_s, "spectrum")):
            dataclasses.replace(NEURON, tau_s=tau_s).spectrum(1.0, MU, SIGMA)
    with pytest.raises(ValueError, match=words.format(3.0, "response")):
        dataclasses.replace(NEURON, tau_s=3.0).response(1j, MU, SIGMA)


def test_very_fast_synapses_are_compared_with_white_noise():
    fast = dataclasses.replace(NEURON, tau_s=1e-9, method="fast").solve(MU, SIGMA)
    white = dataclasses.replace(NEURON, tau_s=0.0).rate(MU, SIGMA)
    assert fast.error == pytest.approx(abs(fast.rate - white), rel=1e-12)
    assert 0.0 < fast.error < 1e-3 * fast.rate


def test_frequencies_and_shapes_are_named():
    two, three = np.full(2, SIGMA), np.zeros(3)
    with pytest.raises(ValueError, match=r"^s, mu and sigma must broadcast, got shapes \(3,\), \(\) and \(2,\)$"):
        NEURON.response(three, MU, two)
    with pytest.raises(ValueError, match=r"^f, mu and sigma must broadcast, got shapes \(3,\), \(\) and \(2,\)$"):
        NEURON.spectrum(three, MU, two)
    with pytest.raises(ValueError, match=r"^mu and sigma must broadcast, got shapes \(3,\) and \(2,\)$"):
        NEURON.rate(three, two)
    for f in (math.nan, [1.0, math.inf]):
        with pytest.raises(ValueError, match="f must be finite"):
            NEURON.spectrum(f, MU, SIGMA)
