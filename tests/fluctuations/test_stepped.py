"""States in steps of time: the limit of small weights and steps, neurons simulated one by one, sums and slopes."""

from __future__ import annotations

import cmath
import dataclasses
import math

import numpy as np
import pytest

import meanfield as mf
from meanfield.fluctuations.stepped import _Chain
from meanfield.units import Hz, ms, mV
from tests.fluctuations.networks import Hawkes, brunel

DT = 0.1 * ms


@pytest.fixture(scope="module")
def slow():
    return mf.stepped_state(brunel(g=4.5, eta=0.95), DT)


def one(rate_e, rate_i=0.0, weight=0.2 * mV, size=1000, delay=1.5 * ms):
    """One population, driven by excitatory and inhibitory trains from outside and next to nothing from within."""
    return mf.Network(
        names=["E"],
        sizes=[size],
        neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV),
        indegree=[[100]],
        weight=[[1e-3 * weight]],
        delay=delay,
        drives=[
            mf.PoissonDrive(indegree=1, weight=weight, rate=rate_e),
            mf.PoissonDrive(indegree=1, weight=-weight, rate=rate_i),
        ],
    )


@pytest.mark.parametrize(("weight", "dt"), [(0.05 * mV, 2.5e-5), (0.025 * mV, 6.25e-6)])
def test_small_weights_are_white_noise_watched_in_steps(weight, dt):
    """A threshold looked at in steps is as one higher by 0.5826 sigma sqrt(dt/tau_m), to first order in dt.

    Broadie, Glasserman & Kou (1997).
    """
    rate, balance = (5 * mV) ** 2 / (20 * ms * weight**2), 15 * mV / (20 * ms * weight)
    net = dataclasses.replace(one((rate + balance) / 2, (rate - balance) / 2, weight), indegree=[[0]])
    fp = mf.solve(net)
    assert (fp.mu[0], fp.sigma[0]) == pytest.approx((15 * mV, 5 * mV))
    higher = dataclasses.replace(net.neurons[0], v_th=20 * mV + 0.5826 * 5 * mV * math.sqrt(dt / (20 * ms)))
    found = mf.stepped_state(fp, dt)
    assert found.rate[0] == pytest.approx(higher.rate(15 * mV, 5 * mV), rel=4 * dt / (20 * ms))
    assert found.cv[0] == pytest.approx(higher.cv(15 * mV, 5 * mV), rel=4 * dt / (20 * ms))


def test_rate_and_cv_are_those_of_simulated_neurons(slow):
    """1000 neurons, step by step, in the Poisson input that the state has."""
    rng, n, steps, skip = np.random.default_rng(1), 1000, 15_000, 3000
    net = slow.state.network
    rate_e = 1000 * (slow.rate[0] + float(np.ravel(net.drives[0].rate)[0]))
    rate_i, leak = 250 * slow.rate[0], math.exp(-DT / (20 * ms))
    v, last, counts = np.full(n, 10 * mV), np.full(n, -1000), np.zeros(n)
    for step in range(steps):
        awake = step - last > 20
        jumps = net.weight[0, 0] * rng.poisson(rate_e * DT, n) + net.weight[0, 1] * rng.poisson(rate_i * DT, n)
        v = np.where(awake, v * leak + jumps, v)
        fired = awake & (v > 20 * mV)
        v[fired] = 10 * mV
        if step >= skip:
            counts += fired
        last[fired] = step
    rates = counts / ((steps - skip) * DT)
    assert slow.rate[0] == pytest.approx(rates.mean(), abs=3.5 * rates.std() / math.sqrt(n))
    fano = counts.var() / counts.mean()  # CV² in the limit of long windows, which 1.2 s is not quite
    assert slow.cv[0] ** 2 == pytest.approx(fano, abs=3.5 * fano * math.sqrt(2 / n) + 0.05)


def test_answer_to_slow_changes_is_the_slope_of_the_rate():
    """The derivative by each of two rates of spikes, as the difference of two stationary densities."""
    lif, rates = one(1.0).neurons[0], (8000.0, 1500.0)

    def chain(e, i):
        return _Chain.of(lif, 0.0, [(e, 0.2 * mV), (i, -0.5 * mV)], 2, -15 * mV, DT)

    answers, _ = chain(*rates).answer(cmath.exp(1e-6j), DT)
    e, i = rates
    slopes = [chain(e + 1, i).rate - chain(e - 1, i).rate, chain(e, i + 1).rate - chain(e, i - 1).rate]
    np.testing.assert_allclose(2 * answers.real, slopes, rtol=1e-5)
    assert chain(*rates).answer(cmath.exp(1e-12j), DT)[1] == pytest.approx(1.0, abs=1e-9)  # every interval ends


def test_spectrum_begins_at_the_cv_and_ends_at_the_rate(slow):
    f = np.array([0.0, 3000.0])
    first, last = slow.spectra(f)
    np.testing.assert_allclose(first, slow.rate * slow.cv**2, rtol=1e-6)
    np.testing.assert_allclose(last, slow.rate, rtol=0.02)


def test_mode_is_a_root_and_the_spectrum_peaks_there(slow):
    root = slow.mode(-20 + 240j)
    determinant = np.linalg.det(np.eye(2) - slow.loop_gain(root))
    assert abs(determinant) < 1e-6
    f = np.linspace(25.0, 50.0, 51)
    power = slow.power_spectra(f)
    assert abs(f[power[:, 0, 0].real.argmax()] - root.imag / (2 * math.pi)) < 2.0
    np.testing.assert_allclose(power, power.conj().swapaxes(-1, -2))
    np.testing.assert_allclose(slow.power_spectra(-f), power.conj(), rtol=1e-9)


def test_inhibition_of_finite_weight_does_not_make_neurons_fire_at_once():
    """White noise answers instantaneously to any spike, through sigma²; here only what excites does."""
    stepped = mf.stepped_state(brunel(g=6, eta=2.2), DT)
    excitation, inhibition = stepped._chains[0].direct / DT  # spikes in the very step of one more spike that arrives
    assert inhibition < 0 < excitation
    net = stepped.state.network
    _, by_variance = net.neurons[0].response(2j * math.pi * 1e5, stepped.state.mu[0], stepped.state.sigma[0])
    assert (0.02 * net.weight[0, 1] ** 2 * by_variance).real > 0  # white noise: the other way


def test_populations_that_are_alike_share_their_density(slow):
    assert slow.rate[0] == slow.rate[1]
    assert slow._chains[0] is slow._chains[1]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"neurons": mf.LIF(tau_m=0.02, v_th=0.02, v_reset=0.01, tau_s=1e-3)}, ValueError, "must not be filtered"),
        ({"drives": [mf.ConstantDrive(mu=0.03)], "indegree": [[0]]}, ValueError, "population E: it gets no spikes"),
        ({"drives": [mf.WhiteNoiseDrive(sigma=5e-3)]}, ValueError, "drives must be Poisson trains or constant"),
        (
            {"neurons": Hawkes(1000.0, 10 * ms)},
            TypeError,
            "meanfield.LIF",
        ),
    ],
)
def test_what_cannot_be_stepped_is_refused(change, error, words):
    net = one(4400.0)
    fp = mf.solve(net)
    fp = dataclasses.replace(fp, network=dataclasses.replace(net, **change))
    with pytest.raises(error, match=words):
        mf.stepped_state(fp)


def test_bad_arguments_are_named(slow):
    with pytest.raises(TypeError, match="must be a FixedPoint"):
        mf.stepped_state(one(1 * Hz))
    with pytest.raises(ValueError, match="dt must be at most 1 ms, got"):
        mf.stepped_state(slow.state, 0.01)
    with pytest.raises(ValueError, match="f must be at most 1/"):
        slow.spectra(6000.0)
    with pytest.raises(ValueError, match=r"\|Im s\| must be at most"):
        slow.loop_gain(1e5j)
    alone = dataclasses.replace(one(4400.0), indegree=[[0]])
    with pytest.raises(mf.ConvergenceError, match="no root of det"):
        mf.stepped_state(mf.solve(alone), DT).mode(100j)
