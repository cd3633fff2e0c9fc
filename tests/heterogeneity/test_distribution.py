"""Rates over neurons: limits in which everything is known, Monte Carlo, and what has to hold in any network."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

import meanfield as mf
from meanfield.heterogeneity.spread import gauss_hermite
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
EIF = mf.EIF(tau_m=20 * ms, t_ref=2 * ms, v_t=18 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)


@dataclass(frozen=True)
class Curve:
    """A neuron whose rate is a function of mu alone: linear or exponential, 5 Hz at mu = 0, slope per 10 mV."""

    exponential: bool
    tau_m: float = 20 * ms
    t_ref: float = 0.0
    v_th: float = 20 * mV

    def rate(self, mu, sigma):
        x = np.asarray(mu) / (10 * mV) + 0.0 * np.asarray(sigma)
        answer = 5.0 * (np.exp(x) if self.exponential else 1.0 + x)
        return float(answer) if answer.ndim == 0 else answer

    def log_rate(self, mu, sigma):
        if self.exponential:
            return np.log(5.0) + np.asarray(mu) / (10 * mV) + 0.0 * np.asarray(sigma)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log(np.maximum(self.rate(mu, sigma), 0.0))

    def cv(self, mu, sigma):
        return 1.0 + 0.0 * np.asarray(mu)

    def rate_and_gain(self, mu, sigma):
        rate = self.rate(mu, sigma)
        return rate, (rate if self.exponential else 5.0) / (10 * mV), 0.0

    def gain(self, mu, sigma):
        return self.rate_and_gain(mu, sigma)[1:]


def pair(neurons=LIF, **changes) -> mf.Network:
    """An E-I network of low rates."""
    words = {
        "names": ["E", "I"],
        "sizes": [2000, 500],
        "neurons": neurons,
        "indegree": [[200, 50], [200, 50]],
        "weight": [[0.2 * mV, -1.2 * mV]] * 2,
        "drives": [mf.PoissonDrive(indegree=500, weight=0.2 * mV, rate=[9.5 * Hz, 10 * Hz])],
    }
    return mf.Network(**(words | changes))


def alone(neuron, mu=0.0, **words) -> mf.RateDistribution:
    """One population without synapses."""
    net = mf.Network(
        names=["X"],
        sizes=[100],
        neurons=neuron,
        indegree=[[0]],
        weight=[[0]],
        drives=[mf.ConstantDrive(mu=mu), mf.WhiteNoiseDrive(sigma=5 * mV)],
    )
    return mf.rate_distribution(net, **words)


@pytest.mark.parametrize("connections", mf.heterogeneity.CONNECTIONS)
def test_without_spread_it_is_the_homogeneous_state(connections):
    net = pair()
    if connections == "fixed indegree":
        found = mf.rate_distribution(net, connections=connections)
    else:  # synapses that all are there, or count for nothing
        net = pair(sizes=[200, 50], indegree=[[200, 50], [200, 50]])
        found = mf.rate_distribution(net, connections="Erdős-Rényi")
    np.testing.assert_allclose(found.rate, mf.solve(net).rate, rtol=1e-9)
    assert (found.std == 0.0).all()
    assert found.gini() == 0.0
    assert found.cdf([0.9 * found.rate[0], 1.1 * found.rate[0]]).tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="the same rate"):
        found.density(5.0)
    with pytest.raises(ValueError, match="same rate"):
        found.lognormal()


def test_a_small_spread_does_little_to_second_order():
    """The mean moves by nu'' Delta²/2, the standard deviation is nu' Delta."""
    neuron, sigma, delta = LIF, 5 * mV, 0.01 * mV
    found = alone(neuron, 15 * mV, mu_std=delta)
    step = 0.01 * mV
    low, middle, high = (neuron.rate(15 * mV + mu, sigma) for mu in (-step, 0.0, step))
    assert found.std[0] == pytest.approx((high - low) / (2 * step) * delta, rel=1e-3)
    assert found.rate[0] - middle == pytest.approx((high - 2 * middle + low) / step**2 * delta**2 / 2, rel=1e-3)


def test_a_linear_transfer_function_gives_a_gaussian():
    found = alone(Curve(exponential=False), mu_std=2 * mV)
    assert found.rate[0] == pytest.approx(5.0, rel=1e-12)
    assert found.std[0] == pytest.approx(1.0, rel=1e-12)
    nu = np.array([2.5, 4.0, 5.0, 7.0])
    np.testing.assert_allclose(found.cdf(nu), ndtr(nu - 5.0), atol=1e-9)
    np.testing.assert_allclose(found.density(nu), np.exp(-0.5 * (nu - 5.0) ** 2) / np.sqrt(2 * np.pi), rtol=1e-4)


def test_an_exponential_transfer_function_gives_a_lognormal():
    """Without recurrence and with it, where the mean rate solves nu = 5 e^{mu + Delta²/2}."""
    curve = Curve(exponential=True)
    net = mf.Network(
        names=["I"],
        sizes=[2000],
        neurons=curve,
        indegree=[[100]],
        weight=[[-0.8 * mV]],
        drives=[mf.ConstantDrive(mu=10 * mV)],
    )
    for found in (alone(curve, mu_std=6 * mV), mf.rate_distribution(net)):
        s = float(found.mu_std[0]) / (10 * mV)
        expected = mf.heterogeneity.LogNormal(log_mean=np.log(5.0) + float(found.mu[0]) / (10 * mV), log_std=s)
        assert found.rate[0] == pytest.approx(expected.mean, rel=1e-9)
        assert found.std[0] == pytest.approx(expected.std, rel=1e-8)
        np.testing.assert_allclose(found.log_moments(), (expected.log_mean, s, 0.0), atol=1e-9)
        assert found.lognormal().log_std == pytest.approx(s, rel=1e-9)
        assert found.gini() == pytest.approx(2 * ndtr(s / np.sqrt(2)) - 1, rel=1e-7)
        p = np.array([0.01, 0.3, 0.9])
        np.testing.assert_allclose(found.quantile(p), np.exp(expected.log_mean + s * ndtri(p)), rtol=1e-9)
        nu = expected.mean * np.exp(s * np.array([-2.0, 0.0, 1.0]))
        np.testing.assert_allclose(found.density(nu), expected.density(nu), rtol=1e-7)
    tau_j = curve.tau_m * 0.8 * mV
    assert found.mu_std[0] == pytest.approx(tau_j * np.sqrt(100 * 0.95 * found.second_moment[0]), rel=1e-9)


@pytest.mark.parametrize("neurons", [LIF, [EIF, LIF]], ids=["LIF", "EIF and LIF"])
def test_moments_and_quantiles_are_those_of_neurons_that_are_drawn(neurons):
    """Sums over Bernoulli synapses of sources' rates, drawn one by one, give back the distribution they come from."""
    net = pair(neurons)
    found = mf.rate_distribution(net)
    rng, n = np.random.default_rng(2), 4000
    pools = [found.sample(size, j, rng=rng) for j, size in enumerate(net.sizes)]
    for pool, mean, second in zip(pools, found.rate, found.second_moment, strict=True):  # a pool of these very moments
        pool -= pool.mean()
        pool *= np.sqrt(second - mean**2) / pool.std()
        pool += mean
    for i, neuron in enumerate(net.neurons):
        mu, variance = np.full(n, net.mu_ext[i]), np.full(n, net.variance_ext[i])
        for j, pool in enumerate(pools):
            there = rng.random((n, pool.size), dtype=np.float32) < net.indegree[i, j] / pool.size
            mu += neuron.tau_m * net.weight[i, j] * (there @ pool)
            variance += neuron.tau_m * net.weight[i, j] ** 2 * (there @ pool)
        drawn = neuron.rate(mu, np.sqrt(variance))
        error = drawn.std() / np.sqrt(n)
        assert drawn.mean() == pytest.approx(found.rate[i], abs=4 * error)
        spread = np.sqrt(((drawn - drawn.mean()) ** 2).var() / n) / (2 * drawn.std())
        assert drawn.std() == pytest.approx(found.std[i], abs=4 * spread)
        for p in (0.1, 0.5, 0.9):
            assert (drawn <= found.quantile(p, i)).mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n) + 5e-3)
        covariance = np.cov(mu, variance)
        np.testing.assert_allclose(found.covariance[i, :2, :2], covariance, rtol=0.12)


def test_a_threshold_of_its_own_is_a_neuron_of_that_threshold():
    """Also beside a spread of the drive, by quadrature over neurons of other thresholds."""
    found = alone(LIF, 15 * mV, threshold_std=1.0 * mV, mu_std=0.5 * mV)
    x, weights = gauss_hermite(24)
    rates = np.array([replace(LIF, v_th=20 * mV + 1.0 * mV * t).rate(15 * mV + 0.5 * mV * x, 5 * mV) for t in x])
    both = np.outer(weights, weights)
    assert found.rate[0] == pytest.approx((both * rates).sum(), rel=1e-6)
    assert found.second_moment[0] == pytest.approx((both * rates**2).sum(), rel=1e-6)


def test_cdf_density_and_quantile_belong_together():
    found = mf.rate_distribution(pair(), threshold_std=0.7 * mV)
    for population in (0, 1):
        p = np.array([0.02, 0.5, 0.97])
        np.testing.assert_allclose(found.cdf(found.quantile(p, population), population), p, atol=1e-9)
        nu = np.geomspace(1e-4, 400, 3001)
        density = found.density(nu, population)
        assert np.trapezoid(density, nu) == pytest.approx(1.0, abs=2e-5)
        assert np.trapezoid(density * nu, nu) == pytest.approx(found.rate[population], rel=2e-5)
        assert np.trapezoid(density * nu**2, nu) == pytest.approx(found.second_moment[population], rel=2e-5)
        assert found.silent_fraction(1.0, population) == found.cdf(1.0, population)
        sample = np.sort(found.sample(200_000, population, rng=3))
        share = (np.arange(sample.size) + 0.5) / sample.size
        assert 2 * (share @ sample) / sample.sum() - 1 == pytest.approx(found.gini(population), abs=2e-3)


def test_rates_given_the_indegree_average_to_all_rates():
    """The law of total expectation, and Stein's lemma for the correlation in a small spread."""
    found = mf.rate_distribution(pair())
    for source in (0, 1):
        k, filling = found.network.indegree[0, source], 0.1
        z, weights = gauss_hermite(16)
        rate = found.rate_given_indegree(k + np.sqrt(k * (1 - filling)) * z, source)
        assert weights @ rate == pytest.approx(found.rate[0], rel=1e-8)
        correlation = found.indegree_correlation(source)
        assert correlation == pytest.approx(weights @ (z * rate) / found.std[0], rel=1e-8)
        assert np.sign(correlation) == np.sign(found.network.weight[0, source])
    linear = alone(Curve(exponential=False), mu_std=1 * mV)
    with pytest.raises(ValueError, match="same in-degree"):
        linear.rate_given_indegree(3.0, 0)


def test_variance_of_the_drive_adds_what_it_says():
    net = pair(indegree=np.zeros((2, 2)))
    found = mf.rate_distribution(net, drive_indegree_std=np.sqrt(500))
    expected = 20 * ms * 0.2 * mV * np.sqrt(500) * np.array([9.5, 10])
    np.testing.assert_allclose(found.mu_std, expected, rtol=1e-12)


def test_heterogeneity_raises_rates_where_the_transfer_function_is_convex():
    """And the sparse limit has more of it than a finite population: 1 against 1 - K/N."""
    net = pair()
    sparse, random = (mf.rate_distribution(net, connections=c) for c in ("sparse", "Erdős-Rényi"))
    assert (sparse.std > random.std).all()
    assert (random.rate > random.homogeneous.rate).all()
    large = mf.rate_distribution(replace(net, sizes=[2_000_000, 500_000]))
    np.testing.assert_allclose(large.rate, sparse.rate, rtol=1e-3)


def test_quadrature_converges_without_noise():
    """Rates then begin with a square root, the hardest case; the share of silent neurons is that below threshold."""
    net = mf.Network(
        names=["X"], sizes=[9], neurons=LIF, indegree=[[0]], weight=[[0]], drives=[mf.ConstantDrive(mu=21 * mV)]
    )
    found = mf.rate_distribution(net, mu_std=2 * mV)
    x = np.linspace(-10, 10, 2_000_001)
    rates = LIF.rate(21 * mV + 2 * mV * x, 0.0)
    exact = np.trapezoid(rates * np.exp(-0.5 * x * x), x) / np.sqrt(2 * np.pi)
    assert found.rate[0] == pytest.approx(exact, rel=5e-3)
    assert found.quadrature_error > 1e-9  # and says so
    assert found.silent_fraction(0.0) == pytest.approx(ndtr(-0.5), abs=1e-9)
    with pytest.raises(ValueError, match="silent"):
        found.log_moments()


def test_neurons_that_differ_fire_where_the_mean_one_is_silent():
    silent = mf.Network(
        names=["X"],
        sizes=[500],
        neurons=LIF,
        indegree=[[50]],
        weight=[[-0.2 * mV]],
        drives=[mf.ConstantDrive(mu=18 * mV)],
    )
    assert mf.rate_distribution(silent).rate[0] == 0.0
    found = mf.rate_distribution(silent, mu_std=2 * mV)
    assert found.homogeneous.rate[0] == 0.0
    sample = found.sample(400_000, rng=1)
    assert sample.mean() == pytest.approx(
        found.rate[0], abs=4 * sample.std() / np.sqrt(sample.size) + 0.01 * found.rate[0]
    )
    assert (sample <= 1e-9).mean() == pytest.approx(found.silent_fraction(1e-9), abs=4e-3)


def test_a_state_that_heterogeneity_destroys_is_reported():
    """Rates rise with the spread until the state of low rates meets an unstable one."""
    weight = [[0.2 * mV, -1.0 * mV], [0.25 * mV, -1.1 * mV]]
    drive = mf.PoissonDrive(indegree=500, weight=0.2 * mV, rate=[9 * Hz, 10 * Hz])
    with pytest.raises(mf.ConvergenceError, match=r"followed to 0.4[0-9] of the spread's variance") as caught:
        mf.rate_distribution(pair(weight=weight, indegree=[[200, 50], [150, 60]], drives=[drive]), connections="sparse")
    assert caught.value.best.rate[0] == pytest.approx(4.17, abs=0.01)


def test_it_follows_the_state_given():
    net = mf.models.brunel2000(g=3.5, eta=0.8)
    states = mf.solve_all(net)
    assert mf.rate_distribution(states[2]).rate[0] > 100 > 10 > mf.rate_distribution(states[0]).rate[0]


@pytest.mark.parametrize(
    ("words", "error", "match"),
    [
        ({"connections": "random"}, ValueError, "unknown connections 'random'"),
        ({"mu_std": -1 * mV}, ValueError, "mu_std must not be negative"),
        ({"threshold_std": 5 * mV}, ValueError, "threshold_std must not exceed 0.3 of v_th"),
        ({"drive_indegree_std": [1, 2, 3]}, ValueError, "drive_indegree_std must have shape"),
    ],
)
def test_bad_input_is_named(words, error, match):
    with pytest.raises(error, match=match):
        mf.rate_distribution(pair(), **words)


def test_networks_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"indegree must not exceed the size of its source: E has 200 synapses from E"):
        mf.rate_distribution(pair(sizes=[100, 500]))
    with pytest.raises(TypeError, match="threshold_std is of LIF neurons, population E has EIF"):
        mf.rate_distribution(pair([EIF, LIF]), threshold_std=1 * mV)
    with pytest.raises(TypeError, match="Binary"):
        mf.rate_distribution(mf.models.vanvreeswijk1998(K=1000, m0=0.1))
    with pytest.raises(TypeError, match="network must be"):
        mf.rate_distribution(3)
