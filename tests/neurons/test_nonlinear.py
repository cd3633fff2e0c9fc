"""Exponential and quadratic neurons: the LIF as a limit and as a case, independent formulas, identities."""

import dataclasses
import math

import numpy as np
import pytest
from mpmath import mp

import meanfield as mf
from meanfield.neurons.drifts import LEAKY
from meanfield.neurons.nonlinear import ThresholdIntegrated
from meanfield.neurons.partition import panel_edges
from meanfield.units import ms, mV

EIF = mf.EIF(tau_m=20 * ms, t_ref=2 * ms, v_t=20 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)
QIF = mf.QIF(tau_m=20 * ms, t_ref=2 * ms, v_t=20 * mV, delta_t=2 * mV, v_th=18 * mV, v_peak=80 * mV, v_reset=5 * mV)
LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
INPUTS = [(15, 5), (22, 4), (30, 1), (30, 0.1), (12, 2), (0, 2), (50, 20), (-20, 30), (19.9, 0.2)]


class IntegratedLIF(ThresholdIntegrated):
    """The leaky neuron through the integration that serves any drift."""

    _KIND = LEAKY
    _packed = np.array([20 * ms, 2 * ms, 20 * mV, 10 * mV, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(("mu", "sigma"), INPUTS)
def test_of_a_leaky_drift_it_is_the_exact_lif(mu, sigma):
    mu, sigma = mu * mV, sigma * mV
    ours = IntegratedLIF()
    assert ours.log_rate(mu, sigma) == pytest.approx(LIF.log_rate(mu, sigma), abs=5e-11)
    assert ours.cv(mu, sigma) == pytest.approx(LIF.cv(mu, sigma), rel=2e-10)
    s = 1j * np.array([0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6]) + np.array([0, -60, -250, 50, 50, -399, 0, 0])
    for computed, exact in zip(ours.response(s, mu, sigma), LIF.response(s, mu, sigma), strict=True):
        np.testing.assert_allclose(computed, exact, rtol=5e-11)
    exact = LIF.isi_transform(s, mu, sigma)
    np.testing.assert_allclose(ours.isi_transform(s, mu, sigma), exact, rtol=5e-11, atol=5e-11)
    f = np.array([0.0, 1e-3, 10.0, 100.0])
    np.testing.assert_allclose(ours.spectrum(f, mu, sigma), LIF.spectrum(f, mu, sigma), rtol=1e-9)


def potential(neuron, mu, v):
    """Integral of the drift over V."""
    if isinstance(neuron, mf.QIF):
        return (mu - neuron.v_th) * v + (v - neuron.v_t) ** 3 / (6 * neuron.delta_t)
    return mu * v - v * v / 2 + neuron.delta_t**2 * np.exp((v - neuron.v_t) / neuron.delta_t)


def gauss(edges):
    """Points and weights, 20 between each two edges."""
    points, weights = np.polynomial.legendre.leggauss(20)
    half = 0.5 * np.diff(edges)[:, np.newaxis]
    return (edges[:-1, np.newaxis] + half * (1 + points)).ravel(), (half * weights).ravel()


@pytest.mark.parametrize(("mu", "sigma"), [(15, 5), (22, 3), (0, 10)])
@pytest.mark.parametrize(
    "neuron",
    [
        dataclasses.replace(EIF, v_peak=30 * mV),
        dataclasses.replace(EIF, delta_t=0.05 * mV, v_peak=20.5 * mV),  # a sharp upstroke in loud noise
        dataclasses.replace(QIF, v_peak=40 * mV),
    ],
)
def test_rate_is_the_double_integral(neuron, mu, sigma):
    """1/rate = t_ref + (2 tau/sigma²) int_reset^peak dx int_0^inf dz exp(2 (Phi(x - z) - Phi(x))/sigma²)."""
    mu, sigma = mu * mV, sigma * mV
    x, by_x = gauss(np.linspace(neuron.v_reset, neuron.v_peak, 200))
    z, by_z = gauss(np.concatenate([[0.0], np.geomspace(1e-4 * sigma, 20 * sigma, 40)]))
    at = x[:, np.newaxis]
    inner = np.exp(2 * (potential(neuron, mu, at - z) - potential(neuron, mu, at)) / sigma**2) @ by_z
    time = neuron.t_ref + 2 * neuron.tau_m / sigma**2 * (by_x @ inner)
    assert neuron.rate(mu, sigma) == pytest.approx(1 / time, rel=1e-12)


@pytest.mark.parametrize(("current", "sigma"), [(1.0, 1.0), (-1.0, 1.0), (-2.0, 0.8), (0.1, 0.3)])
def test_quadratic_neuron_between_infinities(current, sigma):
    """Lindner, Longtin & Bulsara (2003): T = tau sqrt(pi) int exp(-mu z² - sigma⁴ z⁶/48) dz."""
    far = 1e6
    neuron = mf.QIF(tau_m=20 * ms, v_t=0.0, delta_t=0.5, v_th=0.0, v_peak=far, v_reset=-far)
    integral = mp.quad(
        lambda z: mp.exp(-current * z**2 - mp.mpf(sigma) ** 4 * z**6 / 48), [-mp.inf, -3, -1, 0, 1, 3, mp.inf]
    )
    expected = 20 * ms * float(mp.sqrt(mp.pi) * integral)
    assert 1 / neuron.rate(current, sigma) + 2 * 20 * ms / far == pytest.approx(expected, rel=2e-9)


@pytest.mark.parametrize("sigma", [0.2, 1.0, 3.0])
def test_quadratic_neuron_where_its_fixed_points_meet(sigma):
    """CV = 1/sqrt(3) whatever the noise (Sigeti & Horsthemke 1989), T = 2 tau sqrt(pi) (48/sigma⁴)^(1/6) Gamma(7/6)."""
    far = 1e6
    neuron = mf.QIF(tau_m=20 * ms, v_t=0.0, delta_t=0.5, v_th=0.0, v_peak=far, v_reset=-far)
    expected = 40 * ms * math.sqrt(math.pi) * (48 / sigma**4) ** (1 / 6) * math.gamma(7 / 6)
    found = 1 / neuron.rate(0.0, sigma)
    beyond = 2 * 20 * ms / far  # the way to infinity and from there, of which no variance comes
    assert found + beyond == pytest.approx(expected, rel=1e-12)
    assert neuron.cv(0.0, sigma) * found / expected == pytest.approx(1 / math.sqrt(3), rel=1e-11)


def test_without_noise_the_quadratic_neuron_takes_an_arctangent():
    mu = 19 * mV
    root = math.sqrt(2 * QIF.delta_t * (mu - QIF.v_th))
    turn = math.atan((QIF.v_peak - QIF.v_t) / root) - math.atan((QIF.v_reset - QIF.v_t) / root)
    expected = QIF.t_ref + QIF.tau_m * 2 * QIF.delta_t / root * turn
    assert 1 / QIF.rate(mu, 0.0) == pytest.approx(expected, rel=1e-9)
    assert 1 / QIF.rate(mu, 1e-9) == pytest.approx(expected, rel=1e-9)  # no seam at vanishing noise
    assert QIF.rate(17.9 * mV, 0.0) == 0.0
    assert QIF.cv(mu, 0.0) == 0.0
    assert QIF.cv(17.9 * mV, 0.0) == 1.0


def test_a_sharp_exponential_neuron_is_a_lif():
    """Noise outruns the drift up to v_t + delta_t ln(sigma²/(2 delta_t²)), which is then the threshold.

    So (rate - rate of the LIF)/delta_t grows by 2 ln 2 |d rate/d v_th| each time that delta_t is halved.
    """
    slopes = []
    for delta in 0.1 / 2.0 ** np.arange(9):
        sharp = dataclasses.replace(EIF, delta_t=delta * mV, v_peak=(20 + 20 * delta) * mV)
        slopes.append((sharp.rate(15 * mV, 5 * mV) - LIF.rate(15 * mV, 5 * mV)) / (delta * mV))
    h = 0.01 * mV
    below, above = (dataclasses.replace(LIF, v_th=20 * mV + x).rate(15 * mV, 5 * mV) for x in (-h, h))
    by_threshold = (above - below) / (2 * h)
    errors = np.diff(slopes) / (2 * math.log(2) * by_threshold) - 1
    assert abs(errors[-1]) < 0.01
    assert (np.diff(np.abs(errors)) < 0).all()


@pytest.mark.parametrize("neuron", [EIF, QIF])
@pytest.mark.parametrize(("mu", "sigma"), [(15, 5), (22, 3), (30, 1), (5, 4)])
def test_gain_is_the_derivative_of_the_rate(neuron, mu, sigma):
    mu, sigma = mu * mV, sigma * mV
    rate, by_mu, by_variance = neuron.rate_and_gain(mu, sigma)
    assert rate == pytest.approx(neuron.rate(mu, sigma), rel=1e-10)
    h = 2e-4 * sigma
    numerical = (neuron.rate(mu + h, sigma) - neuron.rate(mu - h, sigma)) / (2 * h)
    assert by_mu == pytest.approx(numerical, rel=1e-5)
    v, h = sigma**2, 2e-4 * sigma**2
    numerical = (neuron.rate(mu, math.sqrt(v + h)) - neuron.rate(mu, math.sqrt(v - h))) / (2 * h)
    assert by_variance == pytest.approx(numerical, rel=1e-5)
    assert neuron.gain(mu, sigma)[1] == pytest.approx(2 * sigma * by_variance, rel=1e-14)


@pytest.mark.parametrize("neuron", [EIF, QIF])
def test_response_is_an_analytic_function(neuron):
    """Cauchy-Riemann, by differences along and across the axis, and conjugate symmetry."""
    s, h = 20 + 300j, 0.05
    along = (neuron.response(s + h, 15 * mV, 5 * mV)[0] - neuron.response(s - h, 15 * mV, 5 * mV)[0]) / (2 * h)
    across = (neuron.response(s + 1j * h, 15 * mV, 5 * mV)[0] - neuron.response(s - 1j * h, 15 * mV, 5 * mV)[0]) / (
        2j * h
    )
    assert along == pytest.approx(across, rel=1e-6)
    assert neuron.response(s.conjugate(), 15 * mV, 5 * mV)[1] == pytest.approx(
        neuron.response(s, 15 * mV, 5 * mV)[1].conjugate(), rel=1e-12
    )


def test_exponential_neuron_at_high_frequency():
    """Responses decay as rate/(s tau delta_t) (Fourcaud-Trocmé et al. 2003) and rate/(2 s tau delta_t²).

    With T the time to infinity, tau e^{-(V - v_t)/delta_t}, an input mu moves it by -T/(tau delta_t) a unit of time,
    noise by sigma² T/(2 tau delta_t²), with variance (sigma T/delta_t)²/tau; the sum until T = 0 delays spikes.
    """
    neuron = dataclasses.replace(EIF, v_peak=80 * mV)
    s = 1j * np.array([2e4, 4e4, 8e4])
    by_mu, by_variance = neuron.response(s, 15 * mV, 5 * mV)
    law = neuron.rate(15 * mV, 5 * mV) / (s * neuron.tau_m * neuron.delta_t)
    for found, expected, most in ((by_mu, law, 4e-3), (by_variance, law / (2 * neuron.delta_t), 0.011)):
        error = np.abs(found / expected - 1)
        assert error[-1] < most
        assert (error[1:] < 0.65 * error[:-1]).all()


def test_quadratic_neuron_at_high_frequency():
    """Responses decay as rate/(s² tau² delta_t) (Fourcaud-Trocmé et al. 2003) and 3 rate/(2 s³ tau³ delta_t²).

    As above with T = 2 delta_t tau/V, up to a potential from which infinity is too close to matter.
    """
    neuron = dataclasses.replace(QIF, v_peak=1e6)
    s = 1j * np.array([1e3, 2e3, 4e3])
    by_mu, by_variance = neuron.response(s, 15 * mV, 5 * mV)
    scaled = s * neuron.tau_m
    law = neuron.rate(15 * mV, 5 * mV) / (scaled**2 * neuron.delta_t)
    for found, expected, most in ((by_mu, law, 1e-3), (by_variance, 1.5 * law / (scaled * neuron.delta_t), 5e-3)):
        error = np.abs(found / expected - 1)
        assert error[-1] < most
        assert (error[1:] < 0.4 * error[:-1]).all()


@pytest.mark.parametrize("neuron", [EIF, QIF])
def test_too_silent_for_a_response(neuron):
    """Where panels would be too many, too: the rate is zero, and so is what it answers."""
    assert neuron.rate(-20 * mV, 0.3 * mV) == 0.0
    assert neuron.response(10j, -20 * mV, 0.3 * mV) == (0.0, 0.0)


def test_spectrum_at_zero_is_rate_times_squared_cv():
    f = np.array([0.0, 0.01])
    spectrum = EIF.spectrum(f, 15 * mV, 5 * mV)
    assert spectrum[0] == pytest.approx(spectrum[1], rel=1e-5)
    assert spectrum[0] == pytest.approx(EIF.rate(15 * mV, 5 * mV) * EIF.cv(15 * mV, 5 * mV) ** 2, rel=1e-12)
    assert EIF.spectrum(5000.0, 15 * mV, 5 * mV) == pytest.approx(EIF.rate(15 * mV, 5 * mV), rel=1e-6)


@pytest.mark.parametrize("neuron", [EIF, QIF])
def test_units_do_not_matter(neuron):
    """Ten times the potentials, a third of the times."""
    potentials = {f.name for f in dataclasses.fields(neuron) if f.init} - {"tau_m", "t_ref"}
    scaled = dataclasses.replace(
        neuron,
        tau_m=neuron.tau_m / 3,
        t_ref=neuron.t_ref / 3,
        **{name: 10 * getattr(neuron, name) for name in potentials},
    )
    assert scaled.rate(150 * mV, 50 * mV) == pytest.approx(3 * neuron.rate(15 * mV, 5 * mV), rel=1e-9)
    s = 50 + 700j
    assert scaled.response(3 * s, 150 * mV, 50 * mV)[0] == pytest.approx(
        0.3 * neuron.response(s, 15 * mV, 5 * mV)[0], rel=1e-8
    )


def test_rare_spikes():
    """The logarithm of the rate where the rate underflows, by Kramers' law to its first correction."""
    mu, sigma = 0.0, 0.25 * mV
    assert EIF.rate(mu, sigma) == 0.0
    f = [mu - v + EIF.delta_t * math.exp((v - EIF.v_t) / EIF.delta_t) for v in (0.0, 27.9 * mV)]
    assert f[0] > 0 > mu - 20 * mV + EIF.delta_t
    slopes = []
    for low, high in ((-1 * mV, 10 * mV), (20 * mV, 40 * mV)):  # resting potential and the potential of no return
        for _ in range(200):
            middle = 0.5 * (low + high)
            drift = mu - middle + EIF.delta_t * math.exp((middle - EIF.v_t) / EIF.delta_t)
            low, high = (middle, high) if (drift > 0) == (low < 15 * mV) else (low, middle)
        slopes.append((low, math.exp((low - EIF.v_t) / EIF.delta_t) - 1))
    (rest, at_rest), (top, at_top) = slopes

    exponent = 2 * (potential(EIF, mu, rest) - potential(EIF, mu, top)) / sigma**2
    prefactor = math.sqrt(-at_rest * at_top) / (2 * math.pi * EIF.tau_m)
    assert EIF.log_rate(mu, sigma) == pytest.approx(math.log(prefactor) - exponent, abs=1e-3)
    assert EIF.response(10j, mu, sigma) == (0.0, 0.0)
    assert EIF.cv(mu, sigma) == pytest.approx(1.0, abs=1e-12)


def test_panels_are_few():
    """What makes it fast: the solutions are smooth over tens of panels, not thousands of steps."""
    packed = EIF._packed
    assert panel_edges(EIF._KIND, 15 * mV, 5 * mV, packed, 0.0, True, 1.0)[0].size < 80


def test_networks_of_exponential_neurons():
    """Solve and stability take any neuron; a sharp EIF network is close to Brunel's."""
    net = mf.models.brunel2000(g=6, eta=4)
    sharp = dataclasses.replace(EIF, delta_t=0.02 * mV, v_peak=20.4 * mV)
    fp, reference = mf.solve(dataclasses.replace(net, neurons=sharp)), mf.solve(net)
    assert fp.rate == pytest.approx(reference.rate, rel=0.02)
    ours, exact = mf.stability(fp), mf.stability(reference)
    assert ours.kind == exact.kind == "Hopf"
    assert ours.count == exact.count
    assert ours.frequency == pytest.approx(exact.frequency, rel=0.03)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tau_m": 0.0}, "tau_m must be positive, got 0.0 s"),
        ({"delta_t": -1 * mV}, "delta_t must be positive, got -0.001 V"),
        ({"v_peak": 15 * mV}, "v_peak must be above v_t = 0.02 V, got 0.015 V"),
        ({"v_reset": 50 * mV}, "v_reset must be below v_peak = 0.04 V, got 0.05 V"),
        ({"v_t": math.nan}, "v_t must be finite, got nan V"),
    ],
)
def test_bad_parameters(change, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(EIF, **change)


def test_bad_input():
    with pytest.raises(ValueError, match=r"sigma must be positive for the linear response, got 0\.0 V"):
        EIF.response(1j, 15 * mV, 0.0)
    with pytest.raises(ValueError, match="Re s >= -400 1/s"):
        EIF.response(-401.0, 15 * mV, 5 * mV)
    with pytest.raises(ValueError, match="mu must be finite"):
        EIF.rate(math.nan, 5 * mV)
    with pytest.raises(ValueError, match="sigma must not be negative"):
        EIF.rate(15 * mV, -5 * mV)


def test_toml(tmp_path):
    net = dataclasses.replace(mf.models.brunel2000(g=5, eta=2), neurons=[EIF, QIF])
    path = tmp_path / "net.toml"
    mf.dump(net, path)
    assert mf.load(path) == net
