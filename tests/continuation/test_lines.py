"""Lines and branches: every point solves its equations, lines meet where theory says, numbers of states agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

import meanfield as mf
from meanfield.continuation import SpecialPoint, line_near
from meanfield.continuation.arclength import CorrectionError, correct, jacobian
from meanfield.units import Hz, ms, mV
from tests.fluctuations.networks import TAU, linear_inhibition

BOUNDS = {"g": (3.3, 4.6), "eta": (0.55, 1.1)}


@pytest.fixture(scope="module")
def fold():
    return mf.fold_line(mf.models.brunel2000, "g", "eta", start=(3.6, 0.75), bounds=BOUNDS)


@pytest.fixture(scope="module")
def slow_hopf():
    return mf.hopf_line(mf.models.brunel2000, "g", "eta", start=(4.4, 0.93), bounds={"g": (3.3, 6), "eta": (0.55, 1.1)})


def states(line):
    """States on the line, found afresh from its rates."""
    for k in range(0, len(line), max(1, len(line) // 12)):
        net = mf.models.brunel2000(**{name: float(values[k]) for name, values in line.parameters.items()})
        yield (
            mf.FixedPoint(
                network=net,
                rate=line.rate[k],
                mu=net.input_moments(line.rate[k])[0],
                sigma=net.input_moments(line.rate[k])[1],
                residual=np.zeros(2),
                iterations=0,
            ),
            line.frequency[k],
        )


def test_fold_line_is_where_states_meet(fold):
    for fp, _ in states(fold):
        answered = [n.rate(m, s) for n, m, s in zip(fp.network.neurons, fp.mu.tolist(), fp.sigma.tolist(), strict=True)]
        np.testing.assert_allclose(answered, fp.rate, rtol=1e-6)
        assert abs(np.linalg.det(np.eye(2) - fp.jacobian)) < 1e-7


def test_hopf_line_has_an_imaginary_root(slow_hopf):
    for fp, frequency in states(slow_hopf):
        matrix = np.eye(2) - mf.loop_gain(fp, 2j * math.pi * frequency)
        assert abs(np.linalg.det(matrix)) < 1e-6


def test_number_of_states_changes_by_two_across_the_fold_line(fold):
    g, eta = fold.parameters["g"], fold.parameters["eta"]
    for k in np.flatnonzero((fold.rate[:, 0] > 5) & (eta > 0.6))[::20]:
        below, above = (
            len(mf.solve_all(mf.models.brunel2000(g=float(g[k]), eta=float(eta[k]) + e))) for e in (-2e-3, 2e-3)
        )
        assert above - below == 2


def test_cusp_is_the_last_point_with_three_states(fold):
    """Beyond the cusp in g there is one state at every eta; just before it there are three."""
    (cusp,) = [point for point in fold.special if point.kind == "cusp"]
    assert cusp.parameters["g"] == pytest.approx(fold.parameters["g"].max(), abs=1e-4)

    def most(g):
        at = cusp.parameters["eta"] + np.linspace(-2e-3, 2e-3, 81)
        return max(len(mf.solve_all(mf.models.brunel2000(g=g, eta=float(eta)))) for eta in at)

    assert most(cusp.parameters["g"] - 0.01) == 3
    assert most(cusp.parameters["g"] + 0.01) == 1


def test_hopf_line_ends_on_the_fold_line_in_bogdanov_takens_points(fold, slow_hopf):
    ends = [p for p in slow_hopf.special if p.kind == "Bogdanov-Takens"]
    on_fold = [p for p in fold.special if p.kind == "Bogdanov-Takens"]
    assert len(ends) == len(on_fold) == 2
    for point in ends:
        nearest = min(on_fold, key=lambda p: abs(p.parameters["g"] - point.parameters["g"]))
        assert point.parameters == pytest.approx(nearest.parameters, abs=1e-4)
        assert point.rate == pytest.approx(nearest.rate, rel=1e-3)


def test_zero_hopf_point_lies_on_both_lines(fold):
    fast = mf.hopf_line(mf.models.brunel2000, "g", "eta", start=(3.7, 0.85), bounds=BOUNDS)
    here = [p for p in fast.special if p.kind == "zero-Hopf"]
    there = [p for p in fold.special if p.kind == "zero-Hopf"]
    assert here
    for point in here:
        nearest = min(there, key=lambda p: abs(p.other_frequency - point.frequency))
        assert nearest.other_frequency == pytest.approx(point.frequency, rel=1e-3)
        assert point.parameters == pytest.approx(nearest.parameters, abs=1e-3)


def test_double_hopf_point_has_two_imaginary_pairs(slow_hopf):
    points = [p for p in slow_hopf.special if p.kind == "double-Hopf"]
    assert points
    for point in points[-2:]:
        fps = mf.solve_all(mf.models.brunel2000(**point.parameters))
        fp = min(fps, key=lambda s: abs(s.rate[0] - point.rate[0]))
        roots = mf.stability(fp, line=-5.0).roots
        for frequency in (point.frequency, point.other_frequency):
            root = roots[np.argmin(abs(roots.imag / (2 * math.pi) - frequency))]
            assert abs(root.real) < 0.5
            assert root.imag / (2 * math.pi) == pytest.approx(frequency, rel=1e-2)


def test_fast_line_separates_stable_from_unstable():
    line = mf.hopf_line(mf.models.brunel2000, "g", "eta", start=(6, 3.2), bounds={"g": (5, 8), "eta": (2, 4)})
    assert 155 < line.frequency.min() < line.frequency.max() < 195
    for k in range(3, len(line) - 3, 10):
        g, eta = (float(line.parameters[name][k]) for name in ("g", "eta"))
        below, above = (mf.stability(mf.solve(mf.models.brunel2000(g=g, eta=eta + e))) for e in (-0.02, 0.02))
        assert below.is_stable
        assert above.kind == "Hopf"


def test_linear_inhibition_has_the_hopf_line_of_theory():
    """omega tau = -tan(omega D), strength = sqrt(1 + omega² tau²)."""
    bounds = {"strength": (1.5, 12), "delay": (1 * ms, 8 * ms)}
    line = mf.hopf_line(linear_inhibition, "strength", "delay", start=(4.0, 4 * ms), bounds=bounds)
    omega = 2 * math.pi * line.frequency
    np.testing.assert_allclose(line.parameters["strength"], np.sqrt(1 + (omega * TAU) ** 2), rtol=1e-6)
    np.testing.assert_allclose(np.tan(omega * line.parameters["delay"]), -omega * TAU, rtol=1e-5)
    assert len(line) > 20


def test_branch_goes_through_its_folds():
    followed = mf.branch(mf.models.brunel2000, "eta", start=0.6, bounds=(0.5, 1.2), g=3.7)
    folds = sorted(p.parameters["eta"] for p in followed.special if p.kind == "fold")
    assert len(folds) == 2
    for eta in np.linspace(0.55, 1.15, 13):
        if min(abs(eta - f) for f in folds) > 1e-3:
            crossings = np.count_nonzero(np.diff(np.sign(followed.parameter - eta)))
            assert crossings == len(mf.solve_all(mf.models.brunel2000(g=3.7, eta=float(eta))))
    hopf = [p for p in followed.special if p.kind == "Hopf"]
    assert hopf
    for point in hopf[:2]:
        fps = mf.solve_all(mf.models.brunel2000(g=3.7, **point.parameters))
        fp = min(fps, key=lambda s: abs(s.rate[0] - point.rate[0]))
        assert abs(np.linalg.det(np.eye(2) - mf.loop_gain(fp, 2j * math.pi * point.frequency))) < 1e-2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x": "gg"}, "unknown parameter of brunel2000 'gg'; did you mean 'g'"),
        ({"y": "g"}, "the two parameters must differ, got 'g' twice"),
        ({"bounds": {"g": (7, 8)}}, "start g must lie within its bounds 7.0 to 8.0, got 6.0"),
        ({"bounds": {"h": (7, 8)}}, "unknown parameter in bounds 'h'"),
        ({"start": (6,)}, "start must give 2 values"),
        ({"start": (6, math.nan)}, "start eta must be finite"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        mf.hopf_line(mf.models.brunel2000, **({"x": "g", "y": "eta", "start": (6, 3.2)} | arguments))


def test_no_line_is_said_so():
    with pytest.raises(mf.ConvergenceError, match="no fold line was found from g = 6, eta = 2"):
        mf.fold_line(mf.models.brunel2000, "g", "eta", start=(6, 2), bounds={"g": (5.5, 7), "eta": (1.5, 2.5)})


def inhibition_of_jumps(rate, delay):
    """An inhibitory population, whose spikes make jumps of half a millivolt."""
    lif = mf.LIF(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV)
    drives = [mf.PoissonDrive(indegree=1000, weight=0.5 * mV, rate=rate)]
    net = mf.Network(
        names=["I"], sizes=[1000], neurons=lif, indegree=[[200]], weight=[[-0.5 * mV]], delay=delay, drives=drives
    )
    return mf.with_finite_jumps(net)


def test_line_of_neurons_that_are_not_compiled():
    """Finite jumps: on the line a mode is critical, and on the side of longer delays it grows."""
    guess = SpecialPoint(
        kind="Hopf", parameters={"rate": 4 * Hz, "delay": 1.5 * ms}, rate=np.array([12.3]), frequency=210.0
    )
    bounds = {"rate": (3.8 * Hz, 4.2 * Hz), "delay": (1 * ms, 2.5 * ms)}
    line = line_near(inhibition_of_jumps, "Hopf", [guess], bounds=bounds)
    assert line.ends == ("rate reaches 3.8", "rate reaches 4.2") or line.ends == (
        "rate reaches 4.2",
        "rate reaches 3.8",
    )
    assert not line.unstable.any()
    for k in (2, len(line) // 2, -3):
        rate, delay = (float(line.parameters[name][k]) for name in ("rate", "delay"))
        fp = mf.solve(inhibition_of_jumps(rate, delay))
        assert fp.rate == pytest.approx(line.rate[k], rel=1e-7)
        assert abs(1.0 - mf.loop_gain(fp, 2j * math.pi * line.frequency[k])[0, 0]) < 1e-6
        assert mf.stability(mf.solve(inhibition_of_jumps(rate, delay - 0.02 * ms))).is_stable
        assert mf.stability(mf.solve(inhibition_of_jumps(rate, delay + 0.02 * ms))).kind == "Hopf"


def sphere_and_saddle(u):
    """Two equations in three unknowns: a curve."""
    return np.array([u @ u - 1.0, u[0] * u[1] - 0.3 * u[2]])


def test_derivatives_of_a_point_nearby_lead_to_the_same_solution_in_fewer_residuals():
    calls = []

    def counted(u):
        calls.append(u)
        return sphere_and_saddle(u)

    start, across = np.array([0.9, 0.15, 0.4]), np.array([0.1, 1.0, 0.2])
    newton = correct(counted, start, across)
    by_newton = len(calls)
    calls.clear()
    nearby = correct(counted, start, across, derivatives=jacobian(sphere_and_saddle, start + 0.02))
    np.testing.assert_allclose(nearby, newton, atol=1e-9)
    np.testing.assert_allclose(sphere_and_saddle(nearby), 0.0, atol=1e-9)
    assert len(calls) < 0.6 * by_newton
    wrong = correct(counted, start, across, derivatives=np.array([[1.0, 5.0, -3.0], [-2.0, 0.1, 0.3]]))
    np.testing.assert_allclose(wrong, newton, atol=1e-9)  # Newton's method stands behind them
    with pytest.raises(CorrectionError, match="neighbourhood"):
        correct(counted, start + 3.0, across, derivatives=jacobian(sphere_and_saddle, start))
