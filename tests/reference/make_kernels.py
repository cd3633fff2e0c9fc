"""Make ``kernels.npz``: 50-digit values at 24,000 points, rounded to double. ``python -m tests.reference.make_kernels``

Siegert integral, rates and gains come from the hypergeometric closed form of `meanfield.special.reference`; the CV from
differences of W integrated by Taylor series at 60 digits; `cv_quadrature` at a few points from the double integral.
About five minutes on two cores. A test recomputes a random part of the file.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from mpmath import mp

from meanfield.special import reference
from meanfield.special.make_tables import SecondMoment

PATH = Path(__file__).with_name("kernels.npz")
TAU_M = 0.02
T_REF = 0.002
DIGITS = 50
N = 24_000
COLUMNS = ("integral", "rate", "rate_ref", "log_rate", "log_rate_ref", "by_mu_ref", "by_sigma_ref", "cv", "cv_ref")


def points(n: int = N, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Threshold y_th in [-1e4, 37] and distance of the reset in [1e-8, 1e4], with the named traps among them."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.5, rng.uniform(-8, 37, n), -(10.0 ** rng.uniform(-6, 4, n)))
    y = np.where(rng.random(n) < 0.25, rng.uniform(-4, 6, n), y)
    d = np.where(rng.random(n) < 0.6, 10.0 ** rng.uniform(-8, 4, n), 10.0 ** rng.uniform(-1.5, 1.5, n))
    trap = rng.integers(0, 40, n)
    positive = np.abs(y)
    y = np.where(trap < 3, positive % 37, y)
    d = np.where((trap == 0) & (y > 1e-8), 2 * y, d)  # |y_th| = |y_r|
    d = np.where((trap == 1) & (y > 1e-8), y, d)  # y_r = 0
    y = np.where(trap == 2, 0.0, y)  # y_th = 0
    return y, np.clip(d, 1e-8, 1e4)


def values(y: float, d: float, moment: SecondMoment) -> list[float]:
    """One row of the table, in the order of `COLUMNS`."""
    with mp.workdps(DIGITS):
        integral = reference.siegert_integral(y, d)
        scale = mp.exp(-(mp.mpf(max(y, 0.0)) ** 2))
        mean_interval = mp.mpf(TAU_M) * mp.sqrt(mp.pi) * integral
        rates = [1 / (mp.mpf(t) + mean_interval) for t in (0.0, T_REF)]
        by_mu, by_sigma = reference.gains(y, d, TAU_M, T_REF)
    with mp.workdps(60):
        w = second_moment(mp.mpf(y), moment) - second_moment(mp.mpf(y) - mp.mpf(d), moment)
        cvs = [rate * mp.mpf(TAU_M) * mp.sqrt(2 * mp.pi * w) for rate in rates]
    row = [integral * scale, *rates, *(mp.log(rate) for rate in rates), by_mu, by_sigma, *cvs]
    return [float(value) for value in row]


def second_moment(y, moment: SecondMoment):
    """W(y), unscaled."""
    w = moment(y)[1]
    return w * mp.exp(2 * y * y) if y > 0 else w


def cv_points() -> tuple[np.ndarray, np.ndarray]:
    """The few points where the double integral itself is done."""
    y = np.array([0.3, 3.0, 10.0, 25.0, -2.0, -30.0, 5.0, -1.0, 1.0, 0.0, 2.0, 36.0])
    d = np.array([1.2, 2.0, 1.0, 5.0, 3.0, 10.0, 1e-5, 1e-6, 50.0, 300.0, 4.0, 30.0])
    return y, d


def _chunk(pair: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    with mp.workdps(60):
        moment = SecondMoment(26)
    return np.array([values(float(y), float(d), moment) for y, d in zip(*pair, strict=True)])


def _quadrature(pair: tuple[float, float]) -> float:
    with mp.workdps(30):
        return float(reference.cv(*pair, TAU_M, T_REF))


def main() -> None:
    """Write the file."""
    y, d = points()
    with ProcessPoolExecutor(2) as pool:
        rows = np.concatenate(list(pool.map(_chunk, zip(np.array_split(y, 8), np.array_split(d, 8), strict=True))))
        cv_y, cv_d = cv_points()
        quadrature = list(pool.map(_quadrature, zip(cv_y.tolist(), cv_d.tolist(), strict=True)))
    columns = dict(zip(COLUMNS, rows.T, strict=True))
    np.savez_compressed(PATH, y=y, d=d, cv_y=cv_y, cv_d=cv_d, cv_quadrature=quadrature, **columns)


if __name__ == "__main__":
    main()
