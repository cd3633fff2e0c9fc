"""The balanced state: limits and identities of the linear equations, orders of corrections, conditions that fail."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

import meanfield as mf
from meanfield.balance.solve import mean_for
from meanfield.cli import main
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
WEIGHT = np.array([[1.0, -2.0], [1.0, -1.8]]) * mV / 10
EXTERNAL = np.array([1.0, 0.85]) * mV / 10


def network(indegree=100, weight=WEIGHT, external=EXTERNAL, neurons=LIF):
    n = len(weight)
    base = mf.Network(
        names=["E", "I", "S"][:n],
        sizes=[10**9] * n,
        neurons=neurons,
        indegree=np.full((n, n), 100),
        weight=weight,
        drives=[mf.PoissonDrive(indegree=100, weight=external, rate=20 * Hz)],
    )
    return mf.balance.scaled(base, indegree)


@dataclass(frozen=True)
class Threshold:
    """A rate neuron: threshold-linear in its mean input, noise or not."""

    tau_m: float = 10 * ms
    t_ref: float = 0.0
    v_th: float = 5 * mV
    slope: float = 2e3  # Hz/V

    def rate(self, mu, sigma):
        return max(self.slope * (mu - self.v_th), 0.0)

    def log_rate(self, mu, sigma):
        return float(np.log(self.rate(mu, sigma))) if mu > self.v_th else -np.inf

    def cv(self, mu, sigma):
        return 0.0

    def gain(self, mu, sigma):
        return self.slope * (mu > self.v_th), 0.0

    def rate_and_gain(self, mu, sigma):
        return self.rate(mu, sigma), self.slope * (mu > self.v_th), 0.0


def test_rates_cancel_the_mean_input():
    found = mf.balance.solve(network())
    assert found.exists
    np.testing.assert_allclose(found.network.input_moments(found.rate)[0], 0.0, atol=1e-15)


def test_rates_do_not_depend_on_the_indegree():
    np.testing.assert_allclose(mf.balance.solve(network(100)).rate, mf.balance.solve(network(10**6)).rate, rtol=1e-12)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_each_correction_gains_an_order_of_one_over_root_k(order):
    errors = []
    for indegree in (10**6, 10**8):
        net = network(indegree)
        limit = mf.balance.solve(net)
        errors.append(np.abs(limit.corrected(order) - mf.solve(net, start=limit.rate).rate).max())
    assert np.log(errors[0] / errors[1]) / np.log(10) == pytest.approx(order + 1, abs=0.15)


def test_one_correction_is_exact_where_the_neuron_is_linear_and_gains_large():
    """Of nu = a (mu - v_th) the exact state is (1/a - W)^-1 (X - v_th); the corrections are its Neumann series."""
    net = network(10**6, neurons=Threshold())
    found, neuron = mf.balance.solve(net), Threshold()
    exact = np.linalg.solve(np.eye(2) / neuron.slope - net.mean_coupling, net.mu_ext - neuron.v_th)
    np.testing.assert_allclose(found.corrected(12), exact, rtol=1e-9)


def test_the_mean_input_is_the_inverse_of_the_rate():
    for rate in (1e-3, 1.0, 80.0, 450.0):
        assert LIF.rate(mean_for(LIF, rate, 4 * mV), 4 * mV) == pytest.approx(rate, rel=1e-10)


def test_three_populations_are_linear_algebra():
    weight = np.array([[1.0, -2.0, -0.2], [1.0, -1.8, 0.0], [0.9, -0.1, -1.5]]) * mV / 10
    net = network(weight=weight, external=np.array([1.0, 0.85, 0.1]) * mV / 10)
    found = mf.balance.solve(net)
    np.testing.assert_allclose(found.rate, -np.linalg.inv(net.mean_coupling) @ net.mu_ext, rtol=1e-12)
    assert found.exists == (found.rate > 0).all()


@pytest.mark.parametrize("external", [(1.0, 0.85), (1.0, 0.95), (0.2, 0.85), (1.0, 1.2), (0.0, 1.0)])
@pytest.mark.parametrize("j_ei", [-2.0, -1.5])
def test_conditions_say_the_signs_of_the_rates(external, j_ei):
    weight = np.array([[1.0, j_ei], [1.0, -1.8]]) * mV / 10
    found = mf.balance.solve(network(weight=weight, external=np.array(external) * mV / 10))
    signs = [c.holds for c in found.conditions if c.name.startswith("positive rate")]
    assert signs == (found.rate > 0).tolist()


def test_a_failing_inequality_is_named_with_its_margin():
    found = mf.balance.solve(network(external=np.array([0.5, 0.85]) * mV / 10))
    (first, *_) = found.failed
    assert first.name == "positive rate of E"
    assert first.relative_margin == pytest.approx(0.5 * 1.8 / (0.85 * 2.0) - 1.0)
    with pytest.raises(mf.balance.BalanceError, match=r"positive rate of E: .* fails"):
        found.require()


def test_the_critical_ratio_is_where_an_eigenvalue_crosses():
    free = mf.balance.solve(network())
    ratio = free.critical_ratio
    for factor, stable in ((0.99, True), (1.01, False)):
        found = mf.balance.solve(network(), time_constants=[10 * ms, 10 * ms * ratio * factor])
        assert found.is_stable == stable
        assert (np.linalg.eigvals(found.jacobian).real.max() < 0) == stable


def test_without_recurrence_there_is_no_unique_solution():
    with pytest.raises(mf.balance.BalanceError, match="no unique solution"):
        mf.balance.solve(replace(network(), weight=np.zeros((2, 2))))


def test_weights_of_one_over_root_k_balance_and_others_do_not():
    base = mf.models.brunel2000(g=8, eta=4, weight=0.2 * mV, delay=0.1 * ms)
    degrees = np.array([1e6, 1e7, 1e8])
    base = replace(base, sizes=[10**9] * 2)
    powers = {p: mf.balance.scaling(base, degrees, p).exponents() for p in (-0.5, -1.0)}
    for name, power in (("excitation", 0.5), ("inhibition", 0.5), ("net", 0.0), ("variance", 0.0)):
        assert powers[-0.5][name][0].value == pytest.approx(power, abs=0.003)
    assert powers[-1.0]["variance"][0].value == pytest.approx(-1.0, abs=0.05)
    assert powers[-1.0]["excitation"][0].value == pytest.approx(0.0, abs=0.05)


def test_a_power_law_is_recovered():
    k = np.array([100.0, 300.0, 1000.0])
    assert mf.balance.power_law(k, 3 * k**0.5).value == pytest.approx(0.5)
    assert mf.balance.power_law(k, 3 * k**0.5, 0.1 * k**0.5).value == pytest.approx(0.5)


def test_more_synapses_than_neurons_are_refused():
    with pytest.raises(ValueError, match="K = 20000 synapses a neuron from the N = 10000 neurons of E"):
        mf.balance.scaled(mf.models.brunel2000(), 20_000)


def test_parts_add_up_to_the_mean():
    fp = mf.solve(mf.models.brunel2000(g=6, eta=2))
    np.testing.assert_allclose(np.add(*mf.balance.mean_parts(fp.network, fp.rate)), fp.mu, rtol=1e-12)


def test_at_given_rates_the_mean_falls_as_g_and_the_variance_rises_as_its_square():
    g = np.array([4.0, 5.0, 8.0])
    mu, sigma = np.transpose([mf.models.brunel2000(g=one).input_moments(30 * Hz) for one in g], (1, 0, 2))
    falls, rises = mu[:, 0], sigma[:, 0] ** 2
    np.testing.assert_allclose(np.diff(falls) / np.diff(g), -20 * ms * 250 * 0.1 * mV * 30 * Hz, rtol=1e-9)
    np.testing.assert_allclose(np.diff(rises) / np.diff(g**2), 20 * ms * 250 * (0.1 * mV) ** 2 * 30 * Hz, rtol=1e-9)


def test_at_the_crossing_the_mean_is_at_threshold():
    found = mf.balance.crossing(mf.models.brunel2000, (4.5, 6), eta=2)
    assert found.state.mu[0] == pytest.approx(20 * mV, rel=1e-8)
    assert not found.is_jump
    with pytest.raises(ValueError, match="either side of the threshold"):
        mf.balance.crossing(mf.models.brunel2000, (6, 7), eta=2)


def test_portraits_have_the_verdicts_of_brunel():
    for (g, eta), verdict in {(3, 2): "SR", (6, 4): "SI", (5, 2): "AI"}.items():
        assert mf.portrait(mf.models.brunel2000(g=g, eta=eta), coloured=False).verdict == verdict


def test_local_variations_of_rare_escapes_are_those_of_a_poisson_process():
    lif = mf.LIF(tau_m=20 * ms, v_th=20 * mV, v_reset=10 * mV)
    mu, sigma = 8 * mV, 5 * mV
    cv2, lv = mf.balance.portrait.__globals__["local_variations"](lif, mu, sigma, lif.rate(mu, sigma))
    assert cv2 == pytest.approx(1.0, abs=0.02)
    assert lv == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("balance", "brunel2000", "--g", "3"), 1, "inhibition dominates: 0 > W_E+I fails"),
        (("balance", "brunel2000", "--epsilon", "3"), 2, "K must not be larger than N"),
        (("balance",), 2, "needs a network"),
    ],
)
def test_the_command_line_says_what_is_wrong_in_a_line(capsys, words, status, message):
    assert main(list(words)) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
