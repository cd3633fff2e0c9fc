"""Statistics against Elephant to the digit, and against processes whose statistics are known."""

from __future__ import annotations

import numpy as np
import pytest

from validation import notes
from validation import statistics as st

RNG = np.random.default_rng(0)


def gamma_trains(n: int, shape: float, rate: float, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Stationary renewal trains with gamma intervals, of CV 1/sqrt(shape)."""
    return notes.gamma_trains(n, rate, shape**-0.5, duration, RNG)


TRAINS = gamma_trains(60, 2.0, 20.0, 10.0)


def by_neuron(times, indices, n):
    return [times[indices == k] for k in range(n)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Elephant's own dependencies
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["cv", "cv2", "lv"])
def test_irregularity_is_elephants_to_the_digit(name):
    elephant = pytest.importorskip("elephant.statistics")
    times, indices = TRAINS
    intervals = st.Intervals.of(times, indices)
    ours = {"cv": st.cvs, "cv2": st.cv2s, "lv": st.lvs}[name](intervals, 60)
    theirs = [
        {"cv": elephant.cv, "cv2": elephant.cv2, "lv": elephant.lv}[name](np.diff(train))
        for train in by_neuron(times, indices, 60)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("shape", [1.0, 4.0, 10.0])
def test_cv_and_fano_factor_of_renewal_trains(shape):
    """CV = 1/sqrt(shape); LV = 3/(2 shape + 1); the Fano factor tends to CV² in long windows."""
    times, indices = gamma_trains(400, shape, 50.0, 20.0)
    intervals = st.Intervals.of(times, indices)
    for values, expected in (
        (st.cvs(intervals, 400), 1 / np.sqrt(shape)),
        (st.lvs(intervals, 400), 3 / (2 * shape + 1)),
    ):
        estimate = st.Estimate.of(values)
        assert abs(estimate.mean - expected) < 4 * estimate.error + 1e-3  # 1e-3: bias of 1000 intervals
    counts = st.counts_in_windows(times, indices, 400, 20.0, 1.0)
    fano = st.Estimate.of(st.fano_factors(counts) * 20 / 19)
    second_order = (1 / shape + (1 - 1 / shape**2) / 6 / 50) if shape > 1 else 1.0  # Cox (1962), stationary renewal
    assert abs(fano.mean - second_order) < 4 * fano.error


def test_spectrum_of_poisson_is_flat_at_rate_over_n():
    n, rate, duration = 200, 30.0, 50.0
    times = np.sort(RNG.uniform(0, duration, RNG.poisson(n * rate * duration)))
    edges, activity = st.population_rate(times, n, duration, 1e-3)
    assert edges.size == activity.size + 1
    _, power, error = st.rate_spectrum(activity, 1e-3, 0.5)
    z = (power - rate / n) / error
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert np.sqrt(np.mean(z**2)) < 1.3


def test_correlation_of_trains_with_shared_spikes():
    """Trains that keep each spike of a mother with probability p have correlation p."""
    n, p = 50, 0.3
    mother = np.sort(RNG.uniform(0, 400.0, 8000))
    kept = RNG.random((n, mother.size)) < p
    times, indices = np.tile(mother, n)[kept.ravel()], np.nonzero(kept)[0]
    counts = st.counts_in_windows(times, indices, n, 400.0, 0.1)
    assert st.pairwise_correlation(counts) == pytest.approx(p, abs=0.02)
    matrix = np.corrcoef(counts)
    assert st.pairwise_correlation(counts) == pytest.approx(matrix[~np.eye(n, dtype=bool)].mean(), rel=1e-10)


def test_synchrony_of_independent_and_of_identical_trains():
    counts = RNG.poisson(3.0, (400, 5000)).astype(float)
    assert st.synchrony(counts) == pytest.approx(1 / np.sqrt(400), rel=0.05)
    assert st.synchrony(np.tile(counts[:1], (7, 1))) == pytest.approx(1.0)


def test_neurons_with_too_few_spikes_are_left_out():
    times, indices = np.array([0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.9]), np.array([0, 0, 0, 0, 0, 0, 1])
    intervals = st.Intervals.of(times, indices)
    assert st.cvs(intervals, 3).shape == (1,)
    assert st.cvs(st.Intervals.of(np.empty(0), np.empty(0, int)), 3).shape == (0,)
    assert np.isnan(st.Estimate.of([]).mean)
    assert np.isnan(st.pairwise_correlation(np.zeros((3, 10))))


def test_windows_hold_every_spike_once():
    times, indices = TRAINS
    counts = st.counts_in_windows(times, indices, 60, 10.0, 0.01)
    assert counts.shape == (60, 1000)
    assert counts.sum() == times.size
    np.testing.assert_array_equal(counts.sum(axis=1) / 10.0, st.rates(indices, 60, 10.0))


def test_segment_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="segment must"):
        st.rate_spectrum(np.ones(100), 1e-3, 0.09)


@pytest.mark.parametrize(("shape", "rate"), [(0.5, 5.0), (1.0, 20.0), (6.0, 30.0)])
def test_surrogate_trains_are_stationary_and_have_their_rate(shape, rate):
    """The rate is that asked for, in the first tenth of the time as in the last: no trace of the start is left."""
    times, _ = gamma_trains(2000, shape, rate, 2.0)
    expected = 2000 * rate * 0.2
    for count in (np.sum(times < 0.2), np.sum(times >= 1.8)):
        assert abs(count - expected) < 4 * np.sqrt(expected * max(1.0, 1 / shape))


def test_errors_over_blocks_are_the_scatter_of_repetitions():
    """Of many Poisson runs, the deviations from the true rate, in errors that one run gives, are about standard."""
    z = []
    for _ in range(60):
        times, indices = gamma_trains(20, 1.0, 25.0, 4.0)
        found = st.over_blocks(times, indices, 20, 4.0, n_blocks=20)
        z.append((found["rate"].mean - 25.0) / found["rate"].error)
    assert abs(np.mean(z)) < 4 / np.sqrt(60)
    assert 0.7 < np.std(z) < 1.4  # Student's t with 19 degrees of freedom: 1.06 ± 0.1


def test_blocks_keep_the_means_of_the_whole_run():
    times, indices = TRAINS
    whole, blocks = st.of_trains(times, indices, 60, 10.0), st.over_blocks(times, indices, 60, 10.0, n_blocks=5)
    assert {name: estimate.mean for name, estimate in blocks.items()} == whole
    assert whole["rate"] == times.size / 60 / 10.0
    assert all(estimate.error > 0 for estimate in blocks.values())
    with pytest.raises(ValueError, match="n_blocks must be at least 2"):
        st.over_blocks(times, indices, 60, 10.0, n_blocks=1)


def test_a_silent_population_has_a_rate_and_no_more():
    found = st.of_trains(np.empty(0), np.empty(0, np.int32), 10, 1.0)
    assert found.pop("rate") == 0.0
    assert all(np.isnan(value) for value in found.values())
