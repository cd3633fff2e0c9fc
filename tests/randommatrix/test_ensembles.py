"""Laws of the ensembles: identities between them, limits, and eigenvalues of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import i0

from meanfield.randommatrix import BlockGaussian, Circular, Columns, Elliptic, LowRank, RowColumn, SparseEI
from meanfield.randommatrix.profile import Profile

N = 800
TWO = BlockGaussian(fractions=[0.5, 0.5], std=np.sqrt([[1.0, 0.2], [4.0, 0.5]]))
THREE = BlockGaussian(fractions=[0.3, 0.3, 0.4], std=np.sqrt([[1, 0.1, 2], [0.1, 3, 1], [0.5, 0.2, 0.01]]))
EI = Columns([0.8, 0.2], std=[0.5, 2.0])


def eigenvalues(ensemble, n=N, seed=1):
    matrix = ensemble.sample(n, rng=seed)
    return np.linalg.eigvals(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def distance(ensemble, values):
    """Kolmogorov's, between the law of |z| and a sample."""
    r = np.sort(np.abs(values))
    ranks = np.arange(r.size + 1) / r.size
    expected = ensemble.cdf(r)
    return max(np.abs(expected - ranks[1:]).max(), np.abs(expected - ranks[:-1]).max())


ROWS = RowColumn(row=np.linspace(0.2, 2.0, 400), column=np.linspace(1.5, 0.3, 400) ** 2)


@pytest.mark.parametrize("ensemble", [Circular(1.5), TWO, THREE, EI, ROWS], ids=["circular", "2", "3", "EI", "rows"])
def test_eigenvalues_of_a_sample_follow_the_law(ensemble):
    """Eigenvalues repel: their number within r fluctuates by far less than sqrt(n)."""
    values = eigenvalues(ensemble)
    assert distance(ensemble, values) < 1.0 / math.sqrt(N)
    assert np.abs(values).max() == pytest.approx(ensemble.radius, rel=0.06)
    wrong = Circular(ensemble.radius * 1.15)
    assert distance(wrong, values) > 1.5 / math.sqrt(N)  # what the test would see


@pytest.mark.parametrize("ensemble", [Circular(1.5), TWO, THREE, EI, ROWS], ids=["circular", "2", "3", "EI", "rows"])
def test_density_is_the_derivative_of_the_cdf(ensemble):
    r, weights = np.polynomial.legendre.leggauss(60)
    r, weights = 0.5 * ensemble.radius * (r + 1), 0.5 * ensemble.radius * weights
    assert weights @ (2 * np.pi * r * ensemble.density(r)) == pytest.approx(1.0, abs=2e-4)
    h = 1e-4 * ensemble.radius
    middle = 0.6 * ensemble.radius
    slope = (ensemble.cdf(middle + h) - ensemble.cdf(middle - h)) / (2 * h)
    assert 2 * np.pi * middle * ensemble.density(middle) == pytest.approx(slope, rel=1e-6)
    assert ensemble.cdf(0.0) == 0.0
    assert type(ensemble.cdf(0.3)) is type(ensemble.density(0.3)) is float
    assert ensemble.cdf(2 * ensemble.radius) == 1.0
    assert ensemble.density(2 * ensemble.radius) == 0.0
    assert ensemble.density(0.0) == pytest.approx(ensemble.density(1e-3 * ensemble.radius), rel=1e-4)


def test_one_class_is_the_circular_law():
    r = np.linspace(0, 1.5, 7)
    for ensemble in (Circular(1.5), Columns([0.3, 0.7], std=1.5), RowColumn(row=np.full(5, 3.0), column=0.5)):
        assert ensemble.radius == pytest.approx(1.5)
        assert ensemble.cdf(r) == pytest.approx((r / 1.5) ** 2)
    split = BlockGaussian([0.25, 0.25, 0.5], std=1.5)  # alike by value, not by construction
    assert Profile.of(split.fractions, split.profile.variance + 1e-9 * np.eye(3)).cdf(r[:-1]) == pytest.approx(
        (r[:-1] / 1.5) ** 2, abs=1e-8
    )


def test_columns_by_the_formula_of_rajan_and_abbott():
    """<d²/(r² + d² G)> = 1 and F = 1 - G for columns of standard deviation d."""
    d2 = np.array([0.25, 4.0])
    for r in (0.1, 0.5, 0.9):
        g = 1.0 - EI.cdf(r)
        assert np.array([0.8, 0.2]) @ (d2 / (r**2 + d2 * g)) == pytest.approx(1.0, rel=1e-10)


def test_classes_that_do_not_reach_each_other():
    """A block triangular profile: the union of its diagonal blocks, each with its own disc."""
    one_way = BlockGaussian([0.4, 0.6], std=[[1.0, 0.0], [1.0, 2.0]])
    r = np.array([0.2, 0.5, 1.0, 1.3])
    first = np.minimum(r**2 / 0.4, 1.0)  # variance 1/N over 0.4 N neurons
    assert one_way.cdf(r) == pytest.approx(0.4 * first + 0.6 * r**2 / 2.4)
    assert one_way.radius == pytest.approx(math.sqrt(2.4))
    assert one_way.henrici == pytest.approx(math.sqrt(0.16 + 0.24 + 1.44 - 0.4 * 0.2 - 0.6 * 1.2))
    assert distance(one_way, eigenvalues(one_way, n=600)) < 1.0 / math.sqrt(600)
    chain = BlockGaussian([0.5, 0.5], std=[[0.0, 0.0], [1.0, 0.0]])
    assert chain.radius == 0.0
    assert chain.cdf([0.0, 0.1]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("fractions", [[0.2, 0.5, 0.3], [0.01, 0.01, 0.98]])
def test_the_general_law_near_the_centre_and_near_the_edge(fractions):
    ensemble = BlockGaussian(fractions, std=THREE.std)
    r = ensemble.radius * np.array([0.0, 1e-6, 1e-3, 0.5, 0.99, 1 - 1e-6, 1 - 1e-12, 1.0])
    share, density = ensemble.cdf(r), ensemble.density(r)
    assert (np.diff(share) >= 0).all()
    assert share[[0, -1]].tolist() == [0.0, 1.0]
    assert share[1] == pytest.approx(math.pi * r[1] ** 2 * density[0], rel=1e-4)
    assert 1 - share[5] == pytest.approx(2 * math.pi * r[5] * (ensemble.radius - r[5]) * density[5], rel=1e-4)
    assert density[6] == pytest.approx(density[5], rel=1e-4)
    assert ensemble.cdf(r[::-1]).tolist() == share[::-1].tolist()


def test_general_and_rank_one_solutions_agree():
    a, b = np.array([1.0, 0.3, 2.0]), np.array([0.5, 1.5, 0.2])
    fractions = np.array([0.2, 0.5, 0.3])
    exact = Profile.of(fractions, np.outer(a, b))
    bent = Profile.of(fractions, np.outer(a, b) * (1 + 1e-9 * np.eye(3)))
    r = np.linspace(0.05, 0.95, 7) * exact.radius
    assert bent.cdf(r) == pytest.approx(exact.cdf(r), rel=1e-6)
    assert bent.density(r) == pytest.approx(exact.density(r), rel=1e-6)


def test_gains_on_either_side_have_one_spectrum():
    slopes = [0.5, 1.7]
    left, right = TWO.with_gain(slopes), TWO.with_gain(slopes, side="right")
    assert left.radius == pytest.approx(right.radius)
    r = np.linspace(0.1, 0.9, 4) * left.radius
    assert left.cdf(r) == pytest.approx(right.cdf(r))
    per_neuron = np.linspace(0, 1, 50)
    for side in ("left", "right"):
        assert RowColumn(np.ones(50), 1.2).with_gain(per_neuron, side).radius == pytest.approx(
            1.2 * math.sqrt((per_neuron**2).mean())
        )


@pytest.mark.parametrize(("mean", "exists"), [(2.5, True), (0.6, False)])
def test_a_mean_makes_an_outlier_where_it_leaves_the_disc(mean, exists):
    ensemble = Circular(std=1.0, mean=mean)
    values = eigenvalues(ensemble)
    outside = values[np.abs(values) > 1.25]
    assert len(ensemble.outliers) == len(outside) == int(exists)
    if exists:
        assert outside[0] == pytest.approx(mean, abs=4 / math.sqrt(N))
        assert ensemble.abscissa == mean
        assert ensemble.critical_coupling(gain=0.5) == pytest.approx(2 / mean)
        assert ensemble.critical_std() == 0.0
    else:
        assert ensemble.abscissa == 1.0
        assert ensemble.critical_std(gain=0.5) == pytest.approx(2.0)


@pytest.mark.parametrize("mean", [[[12.0, -14.0], [2.0, 4.0]], [[40.0, -40.0], [40.0, -40.0]], 0.0])
def test_zero_row_sums_leave_the_eigenvalues_of_mean_and_deviations(mean):
    """J M = 0: the spectrum of W = M + J is that of M and that of J, also if rows of the mean differ."""
    n = 200
    held = BlockGaussian([0.5, 0.5], mean=mean, std=TWO.std, zero_row_sum=True)
    w = held.sample(n, rng=1)
    m = np.kron(np.broadcast_to(mean, (2, 2)) / n, np.ones((n // 2, n // 2)))
    j = w - m
    np.testing.assert_allclose(j @ m, 0.0, atol=1e-11)
    np.testing.assert_allclose(j.sum(axis=1), 0.0, atol=1e-11)
    z = 3.0 + 0.5j
    one = np.eye(n)
    both = np.linalg.det(one - w / z)
    assert both == pytest.approx(np.linalg.det(one - m / z) * np.linalg.det(one - j / z), rel=1e-8)
    assert (held.outlier_scatter(n) == 0.0).all()


def test_zero_row_sums_hold_balanced_rows_in_the_disc():
    """Without them a mean of order sqrt(N) with zero total scatters eigenvalues outside (Rajan & Abbott 2006)."""
    strong = math.sqrt(N)
    columns = {"fractions": [0.8, 0.2], "mean": [strong, -4 * strong], "std": [1.0, 1.0]}
    free, held = Columns(**columns), Columns(**columns, zero_row_sum=True)
    assert free.modes.size == 0
    assert np.abs(eigenvalues(free)).max() > 1.5
    assert np.abs(eigenvalues(held)).max() < 1.1
    np.testing.assert_allclose(held.sample(N, rng=1).sum(axis=1), 0.0, atol=1e-9)


@pytest.mark.parametrize("tau", [-1.0, -0.6, 0.0, 0.5, 1.0])
def test_ellipse(tau):
    ensemble = Elliptic(std=1.2, reciprocity=tau)
    values = eigenvalues(ensemble)
    assert values.real.max() == pytest.approx(ensemble.abscissa, abs=0.12)
    assert values.imag.max() == pytest.approx(ensemble.axes[1], abs=0.12)
    assert distance(ensemble, values) < 1.0 / math.sqrt(N)
    symmetric = np.linalg.eigvalsh((lambda w: 0.5 * (w + w.T))(ensemble.sample(N, rng=2)))
    assert symmetric.max() == pytest.approx(ensemble.numerical_abscissa, abs=0.05)


def test_reciprocity_moves_the_outlier():
    ensemble = Elliptic(std=1.0, reciprocity=0.6, mean=2.5)
    values = eigenvalues(ensemble)
    assert values.real.max() == pytest.approx(2.5 + 0.6 / 2.5, abs=0.1)
    assert ensemble.outliers[0] == pytest.approx(2.74)
    assert ensemble.with_gain(2.0).outliers[0] == pytest.approx(2 * 2.74)


@pytest.mark.parametrize(("tau", "mean"), [(0.6, 0.9), (0.6, 0.1), (-0.5, 0.8), (-0.5, -0.9), (0.0, 0.7)])
def test_critical_std_puts_the_spectrum_at_the_edge(tau, mean):
    factor = Elliptic(0.8, tau, mean).critical_std()
    at = Elliptic(0.8 * factor, tau, mean)
    assert at.abscissa == pytest.approx(1.0)
    assert all(Elliptic(x * at.std, tau, mean).abscissa < 1.0 for x in (0.01, 0.5, 0.999))
    assert Elliptic(1.0, tau, mean=1.2).critical_std() == 0.0


def test_what_becomes_of_a_mode_is_said():
    inside, outside = Elliptic(1.0, 0.5, mean=0.9), Elliptic(1.0, 0.5, mean=1.1)
    assert not inside.candidates[0].exists
    assert outside.candidates[0].exists  # though within the ellipse's longer axis
    assert outside.candidates[0].value == pytest.approx(1.1 + 0.5 / 1.1)
    assert outside.candidates[0].why == "|mode| = 1.1 is above 1"


def eigenvalue_near(matrix, z):
    """By inverse iteration from both sides."""
    n = len(matrix)
    x, y = np.ones(n, complex), np.ones(n, complex)
    for _ in range(4):
        shifted = matrix - (z + 1e-9) * np.eye(n)
        x, y = np.linalg.solve(shifted, x), np.linalg.solve(shifted.T, y)
        x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
        z = (y @ matrix @ x) / (y @ x)
    return z


SCATTERED = {
    "circular": (Circular(1.0, mean=2.5), 200),
    "blocks": (BlockGaussian([0.3, 0.7], mean=[[3, -1], [2.5, 0.5]], std=[[1, 0.3], [0.5, 0.2]]), 200),
    "columns": (Columns([0.8, 0.2], mean=[7.0, -16.0], std=[0.5, 1.0]), 200),
    "erdos-renyi": (SparseEI(sizes=(160, 40), indegree=(32, 8), weight=(0.12, -0.17), rule="erdos-renyi"), 200),
    "outdegree": (SparseEI(sizes=(160, 40), indegree=(32, 8), weight=(0.12, -0.17), rule="fixed outdegree"), 200),
}


@pytest.mark.parametrize(("ensemble", "n"), SCATTERED.values(), ids=SCATTERED)
def test_scatter_of_the_outlier(ensemble, n):
    trials = 80
    place = ensemble.outliers[0]
    found = np.empty(trials, complex)
    for k in range(trials):
        matrix = ensemble.sample(n, rng=k)
        found[k] = eigenvalue_near(matrix.toarray() if hasattr(matrix, "toarray") else matrix, place)
    scatter = ensemble.outlier_scatter(n)[0]
    assert found.std() == pytest.approx(scatter, rel=4 / math.sqrt(2 * trials))
    assert abs(found.mean() - place) < 4 * scatter / math.sqrt(trials) + 2 * ensemble.radius / n


def test_low_rank_of_two():
    rng = np.random.default_rng(3)
    left, right = rng.standard_normal((2, N, 2))
    left += 2 * right @ np.array([[0.0, -1.0], [1.0, 0.0]])
    for bulk in (Circular(0.7), Elliptic(0.7, 0.5)):
        ensemble = LowRank(bulk, left, right)
        values = eigenvalues(ensemble)
        found = values[np.abs(values) > 1.4]
        assert np.sort_complex(found) == pytest.approx(np.sort_complex(ensemble.outliers), abs=0.25)
        assert len(found) == 2


@pytest.mark.parametrize("rule", ["fixed indegree", "fixed outdegree", "erdos-renyi"])
def test_sparse_networks(rule):
    net = SparseEI(sizes=(720, 180), indegree=(72, 18), weight=(0.06, -0.32), rule=rule)
    matrix = net.sample(rng=1)
    assert matrix.max() == 0.06  # nobody is connected twice
    assert matrix.min() == -0.32
    values = np.linalg.eigvals(matrix.toarray())
    k = int(np.argmin(np.abs(values - net.modes[0])))
    exact = rule == "fixed indegree"
    assert abs(values[k] - net.modes[0]) < (1e-9 if exact else 6 * net.radius / math.sqrt(net.n))
    assert distance(net, np.delete(values, k)) < 1.0 / math.sqrt(net.n)
    incoming = np.diff(matrix.indptr)
    assert (np.ptp(incoming) == 0) == exact
    outgoing = np.bincount(matrix.indices, minlength=net.n)
    assert (np.ptp(outgoing[:720]) <= 1) == (rule == "fixed outdegree")


def test_the_critical_point_stays_as_connectivity_grows():
    net = SparseEI(sizes=(8000, 2000), indegree=(800, 200), weight=(0.01, -0.05))
    for factor in (0.1, 10, 1000):
        assert net.scaled(factor, "1/sqrt(K)").radius == pytest.approx(net.radius, rel=1e-12)
        assert net.scaled(factor, "1/K").radius == pytest.approx(net.radius / math.sqrt(factor), rel=1e-12)
        assert net.scaled(factor, "constant").radius == pytest.approx(net.radius * math.sqrt(factor), rel=1e-12)
        assert net.scaled(factor, "1/sqrt(K)").modes == pytest.approx(net.modes * math.sqrt(factor))
    for scaling in ("constant", "1/K"):
        k = net.critical_indegree(scaling)
        assert net.scaled(k / 1000, scaling).radius == pytest.approx(1.0, rel=2e-3)  # synapses are whole
    assert net.critical_indegree("1/sqrt(K)") == math.inf


def test_transients_and_departure_from_normality():
    t = np.linspace(0, 5, 6)
    assert Circular(0.9).transient(t) == pytest.approx(np.exp(-2 * t) * i0(2 * 0.9 * t), rel=1e-12)
    assert Circular(0.9).henrici == pytest.approx(0.9 / math.sqrt(2), rel=1e-9)
    assert Elliptic(1.0, 1.0).numerical_abscissa == 2.0
    # <|x|²> = |e^{(W-1)t}|_F²/N of a sample
    from scipy.linalg import expm

    for ensemble in (TWO, EI, ROWS):
        w = ensemble.sample(N, rng=4)
        assert ensemble.transient(1.5) == pytest.approx(np.linalg.norm(expm(1.5 * (w - np.eye(N)))) ** 2 / N, rel=0.02)
        values = np.linalg.eigvals(w)
        departure = math.sqrt((np.linalg.norm(w) ** 2 - (np.abs(values) ** 2).sum()) / N)
        assert ensemble.henrici == pytest.approx(departure, rel=0.02)


@pytest.mark.parametrize("tau", [-1.0, -0.5, 0.0, 0.4, 1.0])
def test_transients_of_reciprocal_matrices(tau):
    from scipy.linalg import expm

    ensemble, n = Elliptic(0.9, tau), 400
    w = ensemble.sample(n, rng=3)
    for t in (1.0, 3.0):
        energy = np.linalg.norm(expm(t * (w - np.eye(n)))) ** 2 / n
        assert ensemble.transient(t) == pytest.approx(energy, rel=0.05)
    assert ensemble.transient([0.0, 2.0]).shape == (2,)
    departure = math.sqrt(max(np.linalg.norm(w) ** 2 - (np.abs(np.linalg.eigvals(w)) ** 2).sum(), 0.0) / n)
    assert ensemble.henrici == pytest.approx(departure, rel=0.02, abs=1e-6)
    t = np.array([0.5, 4.0])
    if tau == -1.0:  # rotation: no growth
        assert ensemble.transient(t) == pytest.approx(np.exp(-2 * t))
    if tau == 0.0:
        assert ensemble.transient(t) == pytest.approx(Circular(0.9).transient(t), rel=1e-12)


def test_numerical_abscissa():
    assert Circular(0.7).numerical_abscissa == pytest.approx(0.7 * math.sqrt(2.0), rel=1e-12)
    assert Circular(1.0, mean=2.0).numerical_abscissa == pytest.approx(2.25, rel=1e-9)  # 2 + 1/2/2
    assert Elliptic(1.0, 0.0, mean=2.0).numerical_abscissa == pytest.approx(2.25)
    few = RowColumn(row=[0.2, 1.0, 2.0], column=[1.5, 0.7, 0.3])
    dense = Profile.of(np.full(3, 1 / 3), np.outer(few.row**2, few.column**2))
    assert few.numerical_abscissa == pytest.approx(dense.symmetric_edge(), rel=1e-9)
    rows_and_means = BlockGaussian([0.3, 0.7], mean=[[3, -1], [2.5, 0.5]], std=[[1, 0.3], [0.5, 0.2]])
    for ensemble in (TWO, THREE, EI, ROWS, rows_and_means):
        w = ensemble.sample(N, rng=5)
        largest = np.linalg.eigvalsh(0.5 * (w + w.T))[-1]
        assert ensemble.numerical_abscissa == pytest.approx(largest, rel=0.04)
        assert ensemble.numerical_abscissa >= ensemble.abscissa * (1 - 1e-9)


def test_gains_on_a_low_rank_matrix():
    u = np.ones(100)
    for bulk, slopes in ((TWO, [0.5, 2.0]), (RowColumn(np.ones(50)), np.linspace(0, 1, 50)), (Elliptic(0.5, 0.3), 0.7)):
        ensemble = LowRank(bulk, 2 * u, u)
        full = np.repeat(slopes, 50) if bulk is TWO else np.tile(slopes, 2) if np.ndim(slopes) else np.full(100, slopes)
        for side in ("left", "right"):
            scaled = ensemble.with_gain(slopes, side)
            assert scaled.modes[0] == pytest.approx(2 * full.mean())
            assert scaled.radius == pytest.approx(bulk.with_gain(slopes).radius)


def test_gains_on_a_sparse_network():
    net = SparseEI(sizes=(800, 200), indegree=(80, 20), weight=(0.1, -0.3))
    assert net.with_gain([2.0, 0.5]).weight == pytest.approx((0.2, -0.15))
    assert net.with_gain(3.0, "left").radius == pytest.approx(3 * net.radius)
    with pytest.raises(ValueError, match="slopes must be alike on the left"):
        net.with_gain([2.0, 0.5], "left")


def test_the_sample_is_decided_by_the_seed():
    for ensemble in (TWO, Elliptic(1.0, 0.3), EI):
        assert (ensemble.sample(50, rng=7) == ensemble.sample(50, rng=7)).all()
        assert (ensemble.sample(50, rng=7) != ensemble.sample(50, rng=8)).any()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BlockGaussian([0.5, 0.6]), r"fractions must sum to 1, got 1\.1"),
        (lambda: BlockGaussian([1.0, 0.0]), r"fractions must be positive, got 0\.0"),
        (lambda: BlockGaussian([0.5, 0.5], std=-1.0), r"std must not be negative, got -1\.0"),
        (lambda: BlockGaussian([0.5, 0.5], mean=np.ones((3, 3))), r"mean must have shape \(2, 2\)"),
        (lambda: BlockGaussian([0.5, 0.5], mean=math.nan), "mean must be finite, got nan"),
        (lambda: Elliptic(1.0, reciprocity=1.2), r"reciprocity must be a correlation, from -1 to 1, got 1\.2"),
        (lambda: Elliptic(1.0, 0.2).with_gain([1.0, 2.0]), "slopes of an Elliptic ensemble must be one number"),
        (lambda: RowColumn([1.0, 2.0], [1.0, 2.0, 3.0]), "row and column must be of one length"),
        (lambda: LowRank(Circular(1.0, mean=2.0), np.ones(4), np.ones(4)), "bulk must have zero mean"),
        (lambda: LowRank(ROWS, np.ones(5), np.ones(5)).with_gain(0.5), "a multiple of the bulk's 400 neurons, got 5"),
        (lambda: SparseEI(sizes=(10, 5), indegree=(20, 1), weight=(1, -1)), "indegree of E must be at most the number"),
        (lambda: SparseEI(sizes=(10, 5), indegree=(2, 1), weight=(1, -1), rule="random"), "rule"),
        (lambda: Circular().sample(10**6), r"n = 1000000 needs 14901\.2 GiB of memory"),
        (lambda: TWO.sample(1), "n must be large enough for a neuron of each class, got 1"),
        (lambda: Circular().cdf(-1.0), r"r must be finite and not negative, got -1\.0"),
        (lambda: Circular().critical_coupling(gain=0.0), r"gain must be positive, got 0\.0"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()
