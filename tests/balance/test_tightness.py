"""Loose and tight: identities of linear response, quadrature by other means, and estimates of what is known."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import meanfield as mf
from meanfield.balance.currents import current_spectra, external_noise, poisson_level
from meanfield.balance.tightness import WINDOWS
from meanfield.cli import main
from meanfield.units import Hz, ms, mV

LIF = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
SPREAD = mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)
LOOSE = mf.models.brunel2000(g=5, eta=2, delay=SPREAD)
F = np.array([1.0, 10.0, 80.0, 300.0])
FEW = {"f": F, "windows": [1 * ms, 100 * ms]}


def feedforward(weight=0.2 * mV, k=40, n=50):
    """A population with input from outside alone, and one that hears it."""
    return mf.Network(
        names=["senders", "hearers"],
        sizes=[n, 1000],
        neurons=LIF,
        indegree=[[0, 0], [k, 0]],
        weight=[[0, 0], [weight, 0]],
        delay=1.5 * ms,
        drives=[mf.PoissonDrive(indegree=1000, weight=[0.1 * mV, 0.05 * mV], rate=12 * Hz)],
    )


def test_of_one_input_the_sensitivity_is_that_of_the_one_loop():
    fp = mf.solve(LOOSE)
    gain = np.trace(mf.loop_gain(fp, 2j * np.pi * F), axis1=1, axis2=2)
    loop = mf.balance.loop_sensitivity(fp, F)
    np.testing.assert_allclose(loop, np.abs(1.0 / (1.0 - gain))[:, None] * [1.0, 1.0], rtol=1e-9)
    np.testing.assert_allclose(mf.balance.tightness(fp, **FEW).loop, loop, rtol=1e-12)


def test_of_an_inhibitory_population_it_is_one_over_one_plus_the_gain():
    fp = mf.solve(mf.models.brunelhakim1999(mu_ext=25 * mV, sigma_ext=5 * mV))
    gain = mf.loop_gain(fp, 2j * np.pi * F)[:, 0, 0]
    np.testing.assert_allclose(mf.balance.loop_sensitivity(fp, F)[:, 0], np.abs(1.0 / (1.0 - gain)), rtol=1e-9)


def test_without_a_loop_nothing_is_cancelled():
    fp = mf.solve(feedforward())
    np.testing.assert_allclose(mf.balance.loop_sensitivity(fp, F), 1.0, rtol=1e-12)


def test_synapses_that_share_a_source_fire_together():
    """Of K sources drawn with replacement from N, the sum over senders of (synapses)² is K + K (K - 1)/N on average."""
    k, n, weight = 40, 50, 0.2 * mV
    fp = mf.solve(feedforward(weight, k, n))
    found = current_spectra(fp, F).excitation[:, 1]
    of_one = LIF.spectrum(F, fp.mu[0], fp.sigma[0])
    outside = LIF.tau_m**2 * 1000 * (0.05 * mV) ** 2 * 12 * Hz
    expected = LIF.tau_m**2 * weight**2 * (k + k * (k - 1) / n) * of_one + outside
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_excitation_alone_is_not_balanced():
    found = mf.balance.tightness(feedforward(), **FEW)
    np.testing.assert_allclose(found.beta, 1.0, rtol=1e-12)
    np.testing.assert_allclose(found.residual, 1.0, rtol=1e-9)
    np.testing.assert_allclose(found.coherence, 0.0)
    assert found.verdict == "unbalanced"
    assert found.lost_above == 0.0
    assert found.time_scale == np.inf
    assert json.loads(json.dumps(found.to_dict()))["time_scale"] is None


def test_at_high_frequency_currents_are_as_of_poisson_trains():
    network = mf.models.brunel2000(g=5, eta=2, delay=SPREAD)
    filtered = replace(
        network, neurons=mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, tau_s=1 * ms)
    )
    fp = mf.solve(filtered)
    high = np.array([1e5])
    spectra = current_spectra(fp, high)
    level = poisson_level(filtered, fp.rate)
    np.testing.assert_allclose([spectra.excitation[0], spectra.inhibition[0]], level, rtol=1e-3)
    assert (level >= external_noise(filtered)).all()


@pytest.mark.parametrize("window", [5 * ms, 100 * ms])
def test_windows_integrate_the_spectrum(window):
    """Against the trapezoid's rule on the spectrum less its white part, whose share is exact."""
    fp = mf.solve(LOOSE)
    f = np.linspace(0.0, 20.0 / window, 40_001)[1:]
    level = poisson_level(fp.network, fp.rate)[0, 0]
    weight = np.sinc(f * window) ** 2
    inside = 2.0 * np.trapezoid((current_spectra(fp, f).excitation[:, 0] - level) * weight, f)
    found = mf.balance.tightness(fp, f=F, windows=[window]).excitation_std[0, 0] ** 2
    assert found == pytest.approx(level / window + inside, rel=3e-3)


def test_in_long_windows_the_residual_is_that_of_slow_fluctuations():
    found = mf.balance.tightness(LOOSE, f=[1e-2], windows=[30.0])
    np.testing.assert_allclose(found.residual[0] ** 2, found.residual_spectrum[0], rtol=2e-3)


def test_the_threshold_is_in_one_beta_and_not_in_the_other():
    fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    found = mf.balance.tightness(LOOSE, **FEW)
    excitation = mf.balance.mean_parts(fp.network, fp.rate)[0]
    np.testing.assert_allclose(found.beta, fp.mu / excitation, rtol=1e-9)
    np.testing.assert_allclose(found.beta_threshold, np.abs(fp.mu - 20 * mV) / excitation, rtol=1e-9)


def test_stronger_inhibition_is_tighter_and_holds_at_higher_frequencies():
    loose = mf.balance.tightness(LOOSE, windows=[0.1])
    tight = mf.balance.tightness(mf.models.brunel2000(g=12, eta=8, weight=0.2 * mV, delay=SPREAD), windows=[0.1])
    assert (loose.verdict, tight.verdict) == ("loose", "tight")
    assert tight.slow < loose.slow
    assert tight.lost_above > loose.lost_above
    assert tight.mean_loop[np.searchsorted(tight.frequency, tight.lost_above)] == pytest.approx(0.5, abs=0.03)


def test_large_k_tightens_as_one_over_root_k():
    delay = mf.ExponentialDelay(low=0.0, mean=2 * ms)  # with any fixed part it oscillates from some K on
    base = replace(mf.models.brunel2000(g=8, eta=4, weight=0.2 * mV, delay=delay), sizes=[10**9, 10**9])
    slow = [mf.balance.loop_sensitivity(mf.solve(mf.balance.scaled(base, k)), [1e-3])[0, 0] for k in (1e5, 1e7)]
    assert slow[0] / slow[1] == pytest.approx(10.0, rel=0.03)


def test_an_unstable_state_has_no_fluctuations():
    with pytest.raises(ValueError, match="must be a stable state"):
        mf.balance.tightness(mf.models.brunel2000(g=6, eta=4))


@pytest.mark.parametrize("words", [{"f": [10.0, 1.0]}, {"f": [0.0, 1.0]}, {"windows": [1.0, 0.1]}, {"windows": []}])
def test_frequencies_and_windows_rise(words):
    with pytest.raises(ValueError, match=next(iter(words))):
        mf.balance.tightness(LOOSE, **words)


def test_other_things_have_no_tightness():
    with pytest.raises(TypeError, match="Network, a FixedPoint, or a simulation with recorded currents"):
        mf.balance.tightness(3.0)


def recording(duration=10.0, bin_width=0.5 * ms, lag=3 * ms, share=0.8, neurons=20, seed=1):
    """Poisson spikes; of each neuron white excitation, and inhibition that is `share` of it later, and noise."""
    rng = np.random.default_rng(seed)
    network = replace(LOOSE, sizes=[60, 40], indegree=[[20, 5], [20, 5]])
    bins, shift = round(duration / bin_width), round(lag / bin_width)
    times, indices, excitation, inhibition = [], [], [], []
    for size in network.sizes:
        spikes = np.sort(rng.uniform(0, duration, rng.poisson(30 * size * duration)))
        times.append(spikes)
        indices.append(rng.integers(size, size=spikes.size))
        e = rng.standard_normal((neurons, bins))
        own = rng.standard_normal((neurons, bins))
        excitation.append((100 + 20 * e) * mV)
        inhibition.append((-90 - 20 * (share * np.roll(e, shift, axis=1) + np.sqrt(1 - share**2) * own)) * mV)
    currents = SimpleNamespace(bin_width=bin_width, excitation=tuple(excitation), inhibition=tuple(inhibition))
    return SimpleNamespace(
        network=network, duration=duration, times=tuple(times), indices=tuple(indices), currents=currents
    )


def z_scores(found, name, expected):
    return np.abs(getattr(found, name) - expected) / found.errors[name]


def test_a_delayed_copy_is_measured_within_its_errors():
    lag, share = 3 * ms, 0.8
    found = mf.balance.tightness(recording(lag=lag, share=share))
    assert z_scores(found, "beta", 0.1).max() < 4.5
    assert z_scores(found, "peak", share).max() < 4.5
    np.testing.assert_allclose(found.peak_lag, lag, atol=0.05 * ms)
    overlap = np.maximum(1.0 - lag / found.window, 0.0)[:, None]  # of a window with the same window a lag later
    assert z_scores(found, "residual", np.sqrt(1.0 - share * overlap)).max() < 5.0
    assert found.window[-1] == 1.0


def test_coherence_and_residual_spectrum_are_measured_within_their_errors():
    found = mf.balance.tightness(recording(lag=0.0, share=0.8))
    assert z_scores(found, "coherence", 0.64).max() < 5.0
    assert z_scores(found, "residual_spectrum", 0.2).max() < 5.0


def test_independent_trains_have_a_sensitivity_of_one():
    found = mf.balance.tightness([recording(seed=2), recording(seed=3)])
    for name in ("loop", "shared"):
        z = (getattr(found, name) - 1.0) / found.errors[name]
        assert np.abs(z).max() < 5.0
        assert 0.3 < z.std() < 2.0  # the errors are neither far too large nor too small


def test_recordings_that_do_not_do_are_refused():
    with pytest.raises(ValueError, match="windows must be at most a tenth"):
        mf.balance.tightness(recording(), windows=[2.0])
    with pytest.raises(ValueError, match="duration must be at least 2 s"):
        mf.balance.tightness(recording(duration=1.0))
    with pytest.raises(ValueError, match="current_bin must fit a whole number of times"):
        mf.balance.tightness(recording(bin_width=0.4 * ms))
    with pytest.raises(ValueError, match="of theory"):
        mf.balance.tightness(recording(), f=[1.0])
    with pytest.raises(ValueError, match="of one network"):
        mf.balance.tightness([recording(), SimpleNamespace(**(vars(recording()) | {"network": LOOSE}))])


def test_windows_by_default_are_from_a_millisecond_to_ten_seconds():
    assert (WINDOWS[0], WINDOWS[-1]) == (1 * ms, 10.0)


def test_the_command_line_tells_the_verdict(capsys, tmp_path):
    mf.dump(LOOSE, tmp_path / "net.toml")
    assert main(["tightness", str(tmp_path / "net.toml")]) == 0
    out = capsys.readouterr().out
    assert "theory: loose; balance is lost above" in out
    assert main(["tightness", "brunel2000", "--g", "6", "--eta", "4"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_json_has_what_the_noun_has(capsys, tmp_path):
    mf.dump(LOOSE, tmp_path / "net.toml")
    assert main(["tightness", str(tmp_path / "net.toml"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose(answer["loop"], mf.balance.loop_sensitivity(mf.solve(LOOSE), answer["frequency"]))
    assert answer["verdict"] == "loose"


def test_balance_tells_beta(capsys):
    assert main(["balance", "brunel2000", "--g", "6", "--eta", "2"]) == 0
    assert "|mu - v_th|/E there" in capsys.readouterr().out
