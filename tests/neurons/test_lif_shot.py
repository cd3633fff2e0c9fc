"""Finite jumps: closed forms, the diffusion as their limit, and simulations from event to event."""

import dataclasses

import numpy as np
import pytest
from numpy.polynomial import legendre

import meanfield as mf
from meanfield.neurons.lif_shot import AMPLITUDES
from meanfield.neurons.shot_panels import FIXED
from meanfield.neurons.shot_state import ShotState
from meanfield.units import Hz, ms, mV
from validation.parameters import parameters_of
from validation.shot import single_neuron
from validation.structure import structure_of

MEMBRANE = {"tau_m": 20 * ms, "t_ref": 2 * ms, "v_th": 20 * mV, "v_reset": 10 * mV}
SHOT = mf.LIFShot(**MEMBRANE, weight_e=1 * mV, weight_i=-2 * mV)
EXPONENTIAL = dataclasses.replace(SHOT, amplitudes="exponential")


class ClosedForm:
    """Exponential amplitudes by transforms: Richardson & Swarbrick (2010), of mu_0 = 0 and rates of spikes in 1/tau_m.

    The transform of the density of V obeys a first-order equation; that it is finite at k = 1/a gives the rate as an
    integral over k, of 1/Z_0(k) = (1 - a k)^R_e (1 + b k)^R_i. Gauss's points on panels halved towards both ends.
    """

    def __init__(self, neuron, rate_e, rate_i):
        self.a, self.b, self.tau = neuron.weight_e, -neuron.weight_i, neuron.tau_m
        self.t_ref, self.theta, self.x_r = neuron.t_ref / neuron.tau_m, neuron.v_th, neuron.v_reset
        self.rates = rate_e * neuron.tau_m, rate_i * neuron.tau_m
        halves = 0.5 ** np.arange(1, 45)
        edges = np.unique(np.concatenate([[0.0], halves, np.linspace(0, 1, 41), 1 - halves, [1.0]])) / self.a
        x, w = legendre.leggauss(16)
        self.k = (edges[:-1, None] + 0.5 * np.diff(edges)[:, None] * (1 + x)).ravel()
        self.w = (0.5 * np.diff(edges)[:, None] * w).ravel()
        log_inverse = self.rates[0] * np.log1p(-self.a * self.k) + self.rates[1] * np.log1p(self.b * self.k)
        self.inverse_z = np.exp(log_inverse)
        self.at_reset = np.exp(log_inverse + self.k * self.x_r)
        self.at_theta = np.exp(log_inverse + self.k * self.theta) / (1 - self.a * self.k)
        # S(k), the integral from k to 1/a: within a panel by the integral of the interpolating polynomial
        integrand = ((self.at_theta - self.at_reset) / self.k).reshape(-1, x.size)
        h = 0.5 * np.diff(edges)[:, None]
        to_coefficients = np.linalg.inv(legendre.legvander(x, x.size - 1))
        from_right = np.stack([legendre.legint(row, lbnd=1) for row in np.eye(x.size)])
        tails = -h * (integrand @ to_coefficients.T @ from_right @ legendre.legvander(x, x.size).T)
        whole = (h * w * integrand).sum(axis=1)
        self.tail = (tails + (whole[::-1].cumsum()[::-1] - whole)[:, None]).ravel()
        self.time = whole.sum()

    def rate(self):
        return 1 / (self.time + self.t_ref) / self.tau

    def cv(self):
        second = 2 * (self.w / self.k * (self.time * self.at_theta - self.tail)).sum()
        return np.sqrt(second - self.time**2) / (self.time + self.t_ref)

    def responses(self, s):
        """(d rate/d r_e, d rate/d r_i, <e^{-st}> of the intervals) at s [1/s]."""
        q = s * self.tau
        power = self.w * self.k ** (q - 1)
        scale = (power * self.at_theta).sum()
        f = (power * self.at_reset).sum() / scale * np.exp(-q * self.t_ref)
        up, down = self.a * self.k / (1 - self.a * self.k), -self.b * self.k / (1 + self.b * self.k)
        spikes = self.rate() * self.tau / scale / (1 - f)
        return spikes * (power * up * self.tail).sum(), spikes * (power * down * self.tail).sum(), f


@pytest.mark.parametrize(("rate_e", "rate_i"), [(1100, 150), (600, 0.0), (3000, 1200)])
def test_exponential_amplitudes_have_a_closed_form(rate_e, rate_i):
    exact = ClosedForm(EXPONENTIAL, rate_e, rate_i)
    moments = EXPONENTIAL.receptors.moments(rate_e, rate_i)
    assert EXPONENTIAL.rate(*moments) == pytest.approx(exact.rate(), rel=1e-8)
    assert EXPONENTIAL.cv(*moments) == pytest.approx(exact.cv(), rel=1e-7)
    assert EXPONENTIAL.rate_error(*moments) < 1e-7
    for s in (30.0 + 60j, 80.0 + 200j):  # where the integrals over real k do not cancel
        by_e, by_i, transform = exact.responses(s)
        assert complex(EXPONENTIAL.isi_transform(s, *moments)) == pytest.approx(transform, rel=1e-7, abs=1e-9)
        ours = EXPONENTIAL.receptors.by_rates(*EXPONENTIAL.response(s, *moments))
        assert complex(ours[0]) == pytest.approx(by_e, rel=1e-6)
        assert complex(ours[1]) == pytest.approx(by_i, rel=1e-6)


@pytest.mark.parametrize("amplitudes", ["fixed", "exponential"])
def test_the_error_falls_as_the_size_of_jumps(amplitudes):
    """Towards the diffusion, at fixed mean and variance of the input, rate and response converge as J."""
    lif, noise = mf.LIF(**MEMBRANE), np.sqrt(2.0) if amplitudes == "exponential" else 1.0
    mu, sigma, s = 15 * mV, 4 * mV, 2j * np.pi * 10
    errors = []
    for weight in (0.1 * mV, 0.05 * mV, 0.025 * mV):
        shot = mf.LIFShot(**MEMBRANE, weight_e=weight, weight_i=-3 * weight, amplitudes=amplitudes)
        ours = shot.rate(mu, sigma), complex(shot.response(s, mu, sigma)[0])
        theirs = lif.rate(mu, noise * sigma), complex(lif.response(s, mu, noise * sigma)[0])
        errors.append(np.abs(np.array(ours) / np.array(theirs) - 1))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(1.0, abs=0.15)
    assert abs(orders[1, 0] - 1.0) < abs(orders[0, 0] - 1.0)
    assert shot.cv(mu, sigma) == pytest.approx(lif.cv(mu, noise * sigma), rel=2e-3)


def test_a_drifting_neuron_without_spikes_is_a_clock():
    clock = dataclasses.replace(SHOT, mu_0=25 * mV)
    lif = mf.LIF(**MEMBRANE)
    assert clock.rate(0.0, 0.0) == pytest.approx(lif.rate(25 * mV, 0.0), rel=1e-9)
    assert clock.cv(0.0, 0.0) == pytest.approx(0.0, abs=1e-4)


def test_one_large_jump_is_a_spike():
    """Jumps that each bring V to threshold: intervals are t_ref and an exponential waiting time."""
    relay = dataclasses.replace(SHOT, weight_e=30 * mV)
    mu, sigma = relay.receptors.moments(40 * Hz, 0.0)
    assert relay.rate(mu, sigma) == pytest.approx(1 / (1 / 40 + 2 * ms), rel=1e-9)
    assert relay.cv(mu, sigma) == pytest.approx(1 / (1 + 40 * 2 * ms), rel=1e-8)
    assert relay.receptors.by_rates(*relay.response(0.0, mu, sigma))[0] == pytest.approx((1 / 1.08) ** 2, rel=1e-8)
    at_rest = relay.receptors.by_rates(*relay.response(2j * np.pi * 50, 0.0, 0.0))
    assert at_rest[0] == pytest.approx(1.0, rel=1e-6)  # at vanishing rates, each spike is answered by one


@pytest.mark.parametrize(
    "neuron",
    [
        SHOT,
        EXPONENTIAL,
        dataclasses.replace(SHOT, weight_e=3 * mV, weight_i=-1.3 * mV),
        dataclasses.replace(SHOT, mu_0=24 * mV, weight_e=2 * mV),
    ],
    ids=["fixed", "exponential", "large", "drift"],
)
def test_simulation_from_event_to_event(neuron):
    rates = (100.0, 300.0) if neuron.mu_0 else (1000.0, 150.0)
    train = single_neuron(neuron, *rates, spikes=40_000, rng=5)
    moments = neuron.receptors.moments(*rates)
    rate, error = train.rate
    assert abs(rate - neuron.rate(*moments)) < 3.3 * error
    cv, error = train.cv
    assert abs(cv - neuron.cv(*moments)) < 3.3 * error
    transform, error = train.transform(2 * np.pi * 30)
    assert abs(transform - neuron.isi_transform(2j * np.pi * 30, *moments)) < 3.3 * error


@pytest.mark.parametrize("which", [0, 1])
def test_response_to_modulated_spikes_of_one_kind(which):
    """Fixed jumps of an incommensurate size; a modulation as weak as its harmonic can bear."""
    neuron, rates, frequency, depth = dataclasses.replace(SHOT, weight_i=-1.7 * mV), (1200.0, 150.0), 30.0, [0.0, 0.0]
    depth[which] = (0.05, 0.3)[which]
    train = single_neuron(
        neuron, *rates, spikes=100_000, depth_e=depth[0], depth_i=depth[1], frequency=frequency, rng=2
    )
    moments = neuron.receptors.moments(*rates)
    gain = neuron.receptors.by_rates(*neuron.response(2j * np.pi * frequency, *moments))[which]
    amplitude, error = train.first_harmonic(2 * np.pi * frequency)
    assert abs(amplitude) > 8 * error
    assert abs(amplitude - gain * depth[which] * rates[which]) < 3.3 * error


@pytest.mark.parametrize("neuron", [SHOT, EXPONENTIAL, dataclasses.replace(SHOT, weight_i=0.0)])
def test_few_and_many_frequencies_are_those_of_the_plain_equation(neuron):
    """In a band for few, in Hessenberg's form for many: both are (L - s)^-1 as a dense solver has it."""
    kind, moments = AMPLITUDES[neuron.amplitudes], (20.0, 4.0)
    s = np.array([1e-3j, 2.0 + 1j, -0.3 + 5j, 100j])
    few, many = (ShotState(kind, neuron._shape, moments, 16.0, 1.0) for _ in range(2))
    assert bool(few._banded[3]) == (kind == FIXED)
    found = np.concatenate([few.transforms(one) for one in s[:, None]], axis=1)
    left = np.concatenate([few._at_reset[None], few._by])
    shifted = few._matrix[None] - s[:, None, None] * np.eye(few.size)
    exact = left @ np.linalg.solve(shifted, np.broadcast_to(-few._one[:, None], (s.size, few.size, 1)))
    np.testing.assert_allclose(found, exact[:, :, 0].T, rtol=1e-10)
    together = many.transforms(np.concatenate([s, 1j * np.arange(1, 60)]))
    np.testing.assert_allclose(together[:, : s.size], found, rtol=1e-10)


def test_inputs_and_frequencies_broadcast():
    """Several inputs at several s, s = 0 among them, are those one at a time."""
    s = np.array([0.0, 20j, 300j])
    mu = np.array([[14 * mV], [16 * mV]])
    both = SHOT.response(s, mu, 5 * mV)
    for i, k in np.ndindex(2, 3):
        alone = SHOT.response(s[k], float(mu[i, 0]), 5 * mV)
        assert [part[i, k] for part in both] == pytest.approx(alone, rel=1e-9)


def test_rare_spikes_keep_their_relative_accuracy():
    quiet = dataclasses.replace(SHOT, weight_e=0.2 * mV, weight_i=-1 * mV)
    mu, sigma = 5 * mV, 1.5 * mV
    assert quiet.log_rate(mu, sigma) < -80
    assert quiet.rate_error(mu, sigma) < 1e-3
    h = 0.01 * mV
    slope = (quiet.log_rate(mu + h, sigma) - quiet.log_rate(mu - h, sigma)) / (2 * h)
    assert quiet.gain(mu, sigma)[0] / quiet.rate(mu, sigma) == pytest.approx(slope, rel=1e-3)
    below = quiet.log_rate(3 * mV, 1 * mV)  # to leading order
    assert -1e4 < below < -100


def test_the_gap_at_low_rates():
    """Brunel (2000), fig. 8 D: 6.5 Hz in a diffusion, 5.8 Hz simulated; finite jumps alone make most of it."""
    network = mf.models.brunel2000(g=4.5, eta=0.9)
    shot = mf.solve(mf.with_finite_jumps(network))
    assert mf.solve(network).rate[0] == pytest.approx(6.517, abs=1e-3)
    assert shot.rate[0] == pytest.approx(5.972, abs=1e-3)
    stability = mf.stability(shot)
    assert stability.kind == "Hopf"
    assert stability.frequency == pytest.approx(26.3, abs=0.1)  # of the diffusion 29.0 Hz


def test_networks_of_finite_jumps_are_checked():
    network = mf.models.brunel2000(g=5, eta=2)
    shot = mf.with_finite_jumps(network)
    assert shot.neurons[0].weight_i == pytest.approx(-0.5 * mV)
    with pytest.raises(ValueError, match=r"population E must be those of its receptors, weight_i"):
        dataclasses.replace(shot, weight=shot.weight * [1.0, 1.1])
    with pytest.raises(ValueError, match="mu_0"):
        dataclasses.replace(shot, drives=[mf.ConstantDrive(mu=1 * mV)])
    with pytest.raises(ValueError, match="PoissonDrive"):
        dataclasses.replace(shot, drives=[mf.WhiteNoiseDrive(sigma=1 * mV)])
    with pytest.raises(ValueError, match="one size"):
        mf.with_finite_jumps(dataclasses.replace(network, weight=[[0.1 * mV, -0.5 * mV], [0.2 * mV, -0.5 * mV]]))
    with pytest.raises(ValueError, match="has LIFShot"):
        mf.with_finite_jumps(shot)
    constant = mf.with_finite_jumps(dataclasses.replace(network, drives=[*network.drives, mf.ConstantDrive(mu=1e-3)]))
    assert constant.neurons[1].mu_0 == 1e-3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight_i": 1e-3}, "weight_i must not be positive"),
        ({"weight_e": 0.0}, "weight_e must be positive"),
        ({"amplitudes": "gaussian"}, "unknown amplitudes"),
        ({"v_reset": 20 * mV}, "v_reset must be below"),
        ({"mu_0": np.inf}, "mu_0 must be finite"),
    ],
)
def test_bad_parameters_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(SHOT, **change)


def test_moments_that_no_spikes_have_are_named():
    with pytest.raises(ValueError, match=r"weight_e must be at most sigma²/mu = 6\.66667e-05 V"):
        SHOT.rate(15 * mV, 1 * mV)
    with pytest.raises(ValueError, match="Re s >="):
        SHOT.response(-100.0, 15 * mV, 5 * mV)


def test_a_network_is_simulated_as_that_of_lif_neurons():
    network = mf.models.brunel2000(g=5, eta=2)
    shot = mf.with_finite_jumps(dataclasses.replace(network, drives=[*network.drives, mf.ConstantDrive(mu=1 * mV)]))
    structure = structure_of(shot, 1e-4)
    assert structure == structure_of(network, 1e-4)
    theirs, ours = (parameters_of(n, structure, 0.1) for n in (network, shot))
    assert ours.pop("population0.mu_constant") == 1 * mV
    assert ours.items() <= (theirs | {"population1.mu_constant": 1 * mV}).items()
    drawn = structure_of(mf.with_finite_jumps(network, amplitudes="exponential"), 1e-4)
    assert drawn == dataclasses.replace(structure, amplitudes=("exponential", "exponential"))


def test_steps_make_rates_a_little_lower():
    """Spikes of a step that cancel do not cross the threshold."""
    rates = 1000.0, 150.0
    exact = SHOT.rate(*SHOT.receptors.moments(*rates))
    in_steps, error = single_neuron(SHOT, *rates, spikes=40_000, dt=0.5 * ms, rng=3).rate
    assert 0.94 * exact < in_steps < exact - 2 * error
    exact = EXPONENTIAL.rate(*EXPONENTIAL.receptors.moments(*rates))
    in_steps, error = single_neuron(EXPONENTIAL, *rates, spikes=40_000, dt=0.02 * ms, rng=3).rate
    assert in_steps == pytest.approx(exact, abs=3 * error)
    with pytest.raises(ValueError, match="does not fire"):
        single_neuron(SHOT, 0.0, 100.0)
