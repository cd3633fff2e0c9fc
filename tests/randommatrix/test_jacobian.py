"""The effective Jacobian: against matrices that are drawn and diagonalised, the loop gain, and limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import meanfield as mf
from meanfield.fixedpoint.transfer import pack
from meanfield.randommatrix import critical_weight, effective_jacobian
from meanfield.randommatrix.jacobian import VARIANTS, effective_radius, perron_root
from meanfield.response import pack_neurons
from meanfield.units import mV

STATES = {
    "brunel2000": mf.models.brunel2000(g=5, eta=2),
    "brunel2000_b": mf.models.brunel2000_b(g_e=5, g_i=4.5),
    "brunelhakim1999": mf.models.brunelhakim1999(),
    "ostojic2014": mf.models.ostojic2014(weight=0.5 * mV),
    "potjans2014": mf.models.potjans2014(),
}


@pytest.fixture(scope="module", params=STATES)
def fp(request):
    return mf.solve(STATES[request.param])


def assert_eigenvalues(found, matrix):
    """Through the characteristic polynomial, which does not depend on their order."""
    size = abs(found).max()
    for z in size * np.exp(1j * np.arange(1.0, 6.0)) * 1.5:
        expected = np.linalg.det(z * np.eye(len(found)) - matrix)
        assert abs(np.prod(z - found) - expected) < 1e-9 * abs(expected)


def test_modes_are_those_of_the_loop_gain_at_zero_frequency(fp):
    assert_eigenvalues(effective_jacobian(fp, "mean+variance").modes, mf.loop_gain(fp, 0.0))


def test_mean_only_modes_are_those_of_the_answer_to_the_mean(fp):
    by_mu, _ = fp.gains
    assert_eigenvalues(effective_jacobian(fp, "mean").modes, by_mu[:, None] * fp.network.mean_coupling)


def test_radius_is_the_root_of_the_largest_eigenvalue_of_k_g_squared(fp):
    for variant in VARIANTS:
        found = effective_jacobian(fp, variant)
        sparse = fp.network.indegree / np.array(fp.network.sizes) if variant == "1-p" else 0.0
        squares = fp.network.indegree * found.coupling**2 * (1.0 - sparse)
        assert found.radius == pytest.approx(np.sqrt(abs(np.linalg.eigvals(squares)).max()), rel=1e-10)


def test_moments_have_the_radius_and_the_modes(fp):
    """Aljadeff et al. (2015): R² is the largest eigenvalue of [std² fractions]; modes are those of [mean fractions]."""
    for variant in VARIANTS:
        found = effective_jacobian(fp, variant)
        fractions, mean, std = found.moments.values()
        assert fractions.sum() == pytest.approx(1.0)
        assert found.radius**2 == pytest.approx(abs(np.linalg.eigvals(std**2 * fractions)).max(), rel=1e-9)
        assert_eigenvalues(found.modes, mean * fractions)


def test_compiled_radius_is_the_same(fp):
    found = effective_radius(pack(fp.network), pack_neurons(fp.network), fp.mu, fp.sigma)
    assert found == pytest.approx(effective_jacobian(fp).radius, rel=1e-10)


def test_matrices_of_a_network_with_fixed_in_degrees_have_that_radius_and_that_mode():
    """Sources with replacement, as simulated: no factor 1-p; the mode is exact though it may lie within the disc."""
    fp = mf.solve(mf.models.ostojic2014(weight=0.5 * mV, indegree_e=80))
    found = effective_jacobian(fp)
    rng = np.random.default_rng(1)
    sizes = fp.network.sizes
    matrix = np.zeros((sum(sizes), sum(sizes)))
    for i, row in enumerate(matrix):
        target = 0 if i < sizes[0] else 1
        for j, start in enumerate((0, sizes[0])):
            sources = rng.integers(start, start + sizes[j], int(fp.network.indegree[target, j]))
            row += found.coupling[target, j] * np.bincount(sources, minlength=row.size)
    eigenvalues = np.linalg.eigvals(matrix)
    distance = abs(eigenvalues[:, None] - found.modes)
    assert abs(distance[:, abs(found.modes) > 1e-9]).min() < 1e-9 * abs(found.modes).max()
    bulk = np.sort(abs(eigenvalues))[:-1]
    assert bulk[-1] == pytest.approx(found.radius, rel=0.06)  # at n = 1000 the largest is 2-4% outside
    shares = np.array(sizes) / sum(sizes)
    squares = fp.network.indegree[0] * found.coupling[0] ** 2 / shares  # N x variance of an entry, by column
    for part in (0.2, 0.5, 0.8):  # Rajan & Abbott (2006): more eigenvalues within than the circular law has
        r2 = (part * found.radius) ** 2
        outside = brentq(lambda x, r2=r2: shares @ (squares / (r2 + squares * x)) - 1, 0, 1)
        assert (bulk**2 < r2).mean() == pytest.approx(1 - outside, abs=0.03)


def test_variants_agree_for_weak_synapses():
    """mean+variance differs from mean by a relative O(J), 1-p by the constant sqrt(1-p)."""
    off = []
    for weight in (0.02 * mV, 0.01 * mV):
        fp = mf.solve(mf.models.ostojic2014(weight=weight))
        mean, both, sparse = (effective_jacobian(fp, variant).radius for variant in VARIANTS)
        assert sparse == pytest.approx(np.sqrt(0.9) * both, rel=1e-12)
        off.append(abs(both / mean - 1))
    assert 0 < off[1] < 0.75 * off[0] < 0.02


def test_relabelling_populations_changes_nothing():
    """One population split in two has the same radius, and the same mode beside zeros."""
    one = mf.models.brunelhakim1999()
    lif = one.neurons[0]
    two = mf.Network(
        names=["a", "b"],
        sizes=[2000, 3000],
        neurons=lif,
        indegree=[[400, 600]] * 2,
        weight=np.full((2, 2), one.weight[0, 0]),
        delay=2e-3,
        drives=one.drives and [mf.ConstantDrive(mu=25 * mV), mf.WhiteNoiseDrive(sigma=1 * mV)],
    )
    whole, split = (effective_jacobian(mf.solve(net)) for net in (one, two))
    assert split.radius == pytest.approx(whole.radius, rel=1e-9)
    assert sorted(abs(split.modes))[-1] == pytest.approx(abs(whole.modes[0]), rel=1e-9)


def test_critical_weights_of_ostojic():
    """Found independently by a root search over the formula: 0.39, 0.49, 0.59 mV."""
    for variant, expected in zip(VARIANTS, (0.38784, 0.49449, 0.58731), strict=True):
        weight = critical_weight("ostojic2014", bounds=(0.1 * mV, 1 * mV), variant=variant)
        assert weight == pytest.approx(expected * mV, rel=2e-5)
        fp = mf.solve(mf.models.ostojic2014(weight=weight))
        assert effective_jacobian(fp, variant).radius == pytest.approx(1.0, abs=1e-11)
        assert not effective_jacobian(fp, "mean").radius < effective_jacobian(fp, "1-p").radius


def test_scaling_all_weights_of_a_network_is_the_same_as_another_weight():
    factor = critical_weight(mf.models.ostojic2014(weight=0.1 * mV), "weight_scale", bounds=(1, 10))
    assert factor * 0.1 * mV == pytest.approx(critical_weight("ostojic2014", bounds=(0.1 * mV, 1 * mV)), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_perron_root(n):
    rng = np.random.default_rng(n)
    for _ in range(20):
        matrix = rng.random((n, n)) * (rng.random((n, n)) < 0.7) * 10.0 ** rng.uniform(-6, 6)
        expected = abs(np.linalg.eigvals(matrix)).max()
        assert perron_root(matrix) == pytest.approx(expected, rel=1e-11, abs=1e-300)
    assert perron_root(np.roll(3.0 * np.eye(n), 1, axis=0)) == pytest.approx(3.0, rel=1e-12)  # periodic
    assert perron_root(np.triu(np.ones((n, n)), 1)) == 0.0  # nilpotent


def test_bad_input_is_named():
    fp = mf.solve(STATES["brunel2000"])
    with pytest.raises(ValueError, match=r"unknown variant 'mena'; did you mean 'mean'\?"):
        effective_jacobian(fp, "mena")
    with pytest.raises(TypeError, match="fp must be a FixedPoint"):
        effective_jacobian(fp.network)
    dense = mf.solve(mf.models.ostojic2014(epsilon=1.25))
    assert effective_jacobian(dense).radius > 0
    with pytest.raises(ValueError, match="E gets 800 synapses from the 640 neurons of E"):
        effective_jacobian(dense, "1-p")
    with pytest.raises(ValueError, match=r"does not pass 1 for weight from 0\.0001 to 0\.0002: it is from 0"):
        critical_weight("ostojic2014", bounds=(0.1 * mV, 0.2 * mV))
    with pytest.raises(ValueError, match="positive and ascending"):
        critical_weight("ostojic2014", bounds=(0.0, 0.2 * mV))
    with pytest.raises(ValueError, match="did you mean 'weight'"):
        critical_weight("ostojic2014", "wieght", bounds=(0.1 * mV, 0.2 * mV))
