"""What every neuron model keeps, whatever it is: one test for all that `meanfield.io` knows by name."""

import dataclasses

import numpy as np
import pytest

import meanfield as mf
from meanfield.io import _FIELD_UNITS, NEURON_MODELS, dump, load
from meanfield.neurons.base import DynamicNeuron, SpectralNeuron
from meanfield.neurons.receptors import receptors_of
from meanfield.units import ms, mV

MEMBRANE = {"tau_m": 20 * ms, "t_ref": 2 * ms, "v_reset": 10 * mV}
LIF = mf.LIF(**MEMBRANE, v_th=20 * mV)
CONDUCTANCE = mf.LIFConductance(
    **MEMBRANE, v_th=20 * mV, e_e=70 * mV, e_i=-5 * mV, weight_e=0.2 * mV, weight_i=-0.4 * mV
)
NEURONS = {
    "LIF": LIF,
    "LIF of fast synapses": dataclasses.replace(LIF, tau_s=0.5 * ms),
    "LIFFiltered": mf.LIFFiltered(**MEMBRANE, v_th=20 * mV, tau_s=5 * ms),
    "EIF": mf.EIF(**MEMBRANE, v_t=20 * mV, delta_t=2 * mV, v_peak=40 * mV),
    "QIF": mf.QIF(**MEMBRANE, v_t=20 * mV, delta_t=2 * mV, v_th=18 * mV, v_peak=80 * mV),
    "LIFConductance": CONDUCTANCE,
    "LIFConductance, jumps": dataclasses.replace(CONDUCTANCE, jumps="finite"),
    "LIFConductance, filtered": dataclasses.replace(CONDUCTANCE, tau_e=3 * ms, tau_i=6 * ms),
    "LIFShot": mf.LIFShot(**MEMBRANE, v_th=20 * mV, weight_e=0.2 * mV, weight_i=-0.7 * mV),
    "LIFShot, exponential": mf.LIFShot(
        **MEMBRANE, v_th=20 * mV, weight_e=0.2 * mV, weight_i=-0.7 * mV, amplitudes="exponential"
    ),
    "Binary": mf.Binary(tau=10 * ms, v_th=20 * mV),
}
POINTS = [(12 * mV, 5 * mV), (17 * mV, 3 * mV), (23 * mV, 4 * mV)]  # far below threshold, below, above
# Of a solver that is not exact: relative error that a difference of two of its values may have. (Gains of filtered
# conductances are those at fixed values of the conductances, which move with the input; at 0.005 Hz they differ most.)
ACCURACY = {
    "LIFFiltered": 2e-4,
    "LIFShot": 1e-4,
    "LIFShot, exponential": 1e-5,
    "LIFConductance, jumps": 1e-3,
    "LIFConductance, filtered": 0.03,
}
CORRELATED = {"LIFFiltered", "LIFConductance, filtered"}  # intervals: counts vary by more, or less, than CV²
# Each model beside the one that it becomes at the end of its range, how far it then may be from it.
LIMITS = {
    "fast synapses that are fast enough": (dataclasses.replace(LIF, tau_s=1e-10 * ms), LIF, 1e-5),
    "filters that are fast enough": (mf.LIFFiltered(**MEMBRANE, v_th=20 * mV, tau_s=2e-5 * ms), LIF, 5e-3),
    "jumps that are small": (
        mf.LIFShot(**MEMBRANE, v_th=20 * mV, weight_e=0.01 * mV, weight_i=-0.01 * mV),
        LIF,
        2e-2,
    ),
    "a sharp upstroke": (mf.EIF(**MEMBRANE, v_t=20 * mV, delta_t=1e-3 * mV, v_peak=21 * mV), LIF, 1e-2),
    "reversal potentials far away": (dataclasses.replace(CONDUCTANCE, e_e=1e5 * mV, e_i=-1e5 * mV), LIF, 3e-3),
}

every_neuron = pytest.mark.parametrize("name", NEURONS)


def test_no_model_is_forgotten():
    assert {type(neuron) for neuron in NEURONS.values()} == set(NEURON_MODELS.values())


@every_neuron
def test_it_speaks_the_protocol(name):
    neuron = NEURONS[name]
    assert isinstance(neuron, DynamicNeuron)
    for method in (neuron.rate, neuron.log_rate, neuron.cv):
        assert isinstance(method(*POINTS[0]), float)
        assert np.shape(method(np.full((2, 1), 15 * mV), np.full(3, 4 * mV))) == (2, 3)
    assert np.exp(neuron.log_rate(*POINTS[1])) == pytest.approx(neuron.rate(*POINTS[1]), rel=1e-9)


@every_neuron
def test_rate_rises_with_mu(name):
    rates = np.array([NEURONS[name].rate(mu, 4 * mV) for mu in np.arange(8, 30, 2) * mV])
    assert (np.diff(rates) > 0).all()
    assert (rates > 0).all()
    assert (rates < 1 / NEURONS[name].t_ref).all()


@every_neuron
@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_gain_is_the_derivative_of_the_rate(name, mu, sigma):
    """By central differences of the fourth order, whose error at this step is some 1e-9."""
    neuron, h = NEURONS[name], 0.02 * mV

    def derivative(rate):
        return (8 * (rate(h) - rate(-h)) - (rate(2 * h) - rate(-2 * h))) / (12 * h)

    tolerance = ACCURACY.get(name, 1e-6)
    by_mu, by_sigma = neuron.gain(mu, sigma)
    assert by_mu == pytest.approx(derivative(lambda x: neuron.rate(mu + x, sigma)), rel=tolerance)
    assert by_sigma == pytest.approx(derivative(lambda x: neuron.rate(mu, sigma + x)), rel=tolerance)
    rate, again, by_variance = neuron.rate_and_gain(mu, sigma)
    assert rate == pytest.approx(neuron.rate(mu, sigma), rel=1e-12)
    assert again == pytest.approx(by_mu, rel=1e-12)
    assert by_variance == pytest.approx(by_sigma / (2 * sigma), rel=1e-12)


@every_neuron
@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_slow_response_is_the_gain(name, mu, sigma):
    neuron = NEURONS[name]
    _, by_mu, by_variance = neuron.rate_and_gain(mu, sigma)
    at_rest = neuron.response(0.0, mu, sigma)
    tolerance = ACCURACY.get(name, 1e-9)
    assert complex(at_rest[0]) == pytest.approx(by_mu, rel=tolerance)
    assert complex(at_rest[1]) == pytest.approx(by_variance, rel=tolerance, abs=tolerance * by_mu / sigma)
    s = 3.0 + 400j  # what answers a real input is real
    above, below = neuron.response(s, mu, sigma), neuron.response(np.conj(s), mu, sigma)
    np.testing.assert_allclose(np.conj(above), below, rtol=1e-9)


@every_neuron
def test_it_answers_as_far_as_it_says(name):
    """Integrals over frequency end where the first of a network's neurons does."""
    neuron = NEURONS[name]
    if not hasattr(neuron, "largest"):
        pytest.skip("says nothing")
    mu, sigma = POINTS[1]
    assert np.isfinite(neuron.response(1j * neuron.largest, mu, sigma)).all()
    with pytest.raises(ValueError, match="s must be"):
        neuron.response(1.01j * neuron.largest, mu, sigma)


def change_units(neuron, volt, second):
    """The same neuron in other units, its parameters told by the units that files give them."""
    factor = {"V": volt, "s": second, "Hz": 1 / second, "1": 1.0}
    return dataclasses.replace(
        neuron,
        **{
            f.name: getattr(neuron, f.name) * factor[_FIELD_UNITS[f.name]]
            for f in dataclasses.fields(neuron)
            if f.init and f.name in _FIELD_UNITS
        },
    )


@every_neuron
@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_units_do_not_matter(name, mu, sigma):
    neuron, volt, second = NEURONS[name], 10.0, 1 / 3
    other = change_units(neuron, volt, second)
    tolerance = ACCURACY.get(name, 1e-8)
    time, its_time = neuron.tau_m, other.tau_m
    assert other.rate(volt * mu, volt * sigma) * its_time == pytest.approx(neuron.rate(mu, sigma) * time, rel=tolerance)
    assert other.cv(volt * mu, volt * sigma) == pytest.approx(neuron.cv(mu, sigma), rel=tolerance)
    s = 40 + 300j
    mine, its = neuron.response(s, mu, sigma), other.response(s / second, volt * mu, volt * sigma)
    assert complex(its[0]) * its_time * volt == pytest.approx(complex(mine[0]) * time, rel=tolerance)


@every_neuron
def test_spectrum_ends_at_rate_cv_squared_and_at_the_rate(name):
    neuron = NEURONS[name]
    if not isinstance(neuron, SpectralNeuron):
        pytest.skip("no spectrum")
    if name in CORRELATED:
        pytest.skip("its intervals are correlated: at 0 it is the rate times the Fano factor")
    mu, sigma = POINTS[1]
    rate, cv = neuron.rate(mu, sigma), neuron.cv(mu, sigma)
    assert neuron.spectrum(0.0, mu, sigma) == pytest.approx(rate * cv**2, rel=ACCURACY.get(name, 1e-6))
    assert neuron.spectrum(1e5, mu, sigma) == pytest.approx(rate, rel=1e-2)


@every_neuron
@pytest.mark.parametrize("method", ["rate", "log_rate", "cv", "gain"])
@pytest.mark.parametrize(
    ("mu", "sigma", "words"),
    [(np.nan, 5 * mV, "mu"), (15 * mV, np.inf, "sigma"), (15 * mV, -5 * mV, "sigma"), ("15", 5 * mV, "mu")],
)
def test_bad_input_is_named(name, method, mu, sigma, words):
    with pytest.raises((ValueError, TypeError), match=words):
        getattr(NEURONS[name], method)(mu, sigma)


@every_neuron
def test_a_network_of_it_is_solved_and_reads_back(name, tmp_path):
    neuron = NEURONS[name]
    scale = 10 * mV / neuron.tau_m / 100  # weight that makes inhibition a few mV at rates of 10 Hz (or 0.5)
    weight = -scale * neuron.t_ref
    if receptors := receptors_of(neuron):
        rates = receptors.rates(19 * mV, 4 * mV)
        weights = receptors.weight_e, receptors.weight_i
        drives = [mf.PoissonDrive(indegree=1, weight=w, rate=r) for w, r in zip(weights, rates, strict=True)]
        weight = receptors.weight_i
    elif getattr(neuron, "tau_s", 0.0) > 0:  # the same moments from spikes, since all input is to be filtered
        drives = [mf.PoissonDrive(indegree=1, weight=16 / 19 * mV, rate=19**2 / 16 / neuron.tau_m)]
    else:
        drives = [mf.ConstantDrive(mu=19 * mV), mf.WhiteNoiseDrive(sigma=4 * mV)]
    network = mf.Network(
        names=["I"],
        sizes=[1000],
        neurons=neuron,
        indegree=[[100]],
        weight=[[weight]],
        delay=1.5 * ms,
        drives=drives,
    )
    fp = mf.solve(network)
    assert fp.rate[0] == pytest.approx(neuron.rate(fp.mu[0], fp.sigma[0]), rel=1e-8)
    assert fp.rate[0] < neuron.rate(19 * mV, fp.sigma[0])
    dump(network, tmp_path / "network.toml")
    again = load(tmp_path / "network.toml")
    assert again.neurons == network.neurons
    assert mf.solve(again).rate[0] == pytest.approx(fp.rate[0], rel=1e-12)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_models_meet_at_the_ends_of_their_ranges(limit, mu, sigma):
    one, other, tolerance = LIMITS[limit]
    assert one.rate(mu, sigma) == pytest.approx(other.rate(mu, sigma), rel=tolerance)
    assert one.cv(mu, sigma) == pytest.approx(other.cv(mu, sigma), rel=tolerance)
    s = 2j * np.pi * 20.0
    ours, theirs = complex(one.response(s, mu, sigma)[0]), complex(other.response(s, mu, sigma)[0])
    assert abs(ours - theirs) < 10 * tolerance * abs(theirs)
