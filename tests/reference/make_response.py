"""Reference values of the linear response, from parabolic cylinder functions of complex order at 50 digits and more.

Independent of the package: python-flint's enclosures of Kummer's functions, at a precision that is raised until the
results have 100 correct bits. Writes response.npz; takes some ten minutes.

    python tests/reference/make_response.py [processes]
"""

from __future__ import annotations

import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from flint import acb, arb, ctx

POINTS = 8_001
BITS = 100  # of the results


def g(s: acb, y: arb, negative: bool) -> acb:
    """e^{y²/2} D_{-s}(-sqrt(2) y), DLMF 12.7: by U to the left of 0, by M to the right."""
    half, x = acb(1) / 2, acb(y * y)
    if negative:
        return acb(2) ** (-s / 2) * x.hypgeom_u(s / 2, half)
    even = x.hypgeom_1f1(s / 2, half) * ((s + 1) / 2).rgamma()
    odd = 2 * acb(y) * x.hypgeom_1f1((s + 1) / 2, 3 * half) * (s / 2).rgamma()
    return acb(2) ** (-s / 2) * acb(arb.pi().sqrt()) * (even + odd)


def response(y: float, d: float, s: complex, z: float) -> tuple[complex, complex, complex]:
    """(T_1, T_2, g(r)/g(y)), as in meanfield.special.response, for arguments that are exact."""
    precision = 200
    while precision < 100_000:
        ctx.prec = precision
        at = acb(arb(s.real), arb(s.imag))
        threshold, reset = arb(y), arb(y) - arb(d)
        values = [[g(at + k, x, bool(x < 0)) for k in range(3)] for x in (threshold, reset)]
        (y_0, y_1, y_2), (r_0, r_1, r_2) = values
        whole = y_0 - (-at * acb(arb(z))).exp() * r_0
        first = acb(2).sqrt() * at * (y_1 - r_1) / whole / (1 + at)
        second = at * (at + 1) * (y_2 - r_2) / whole / (2 + at)
        ratio = r_0 / y_0
        if min(v.rel_accuracy_bits() for v in (first, second, ratio)) > BITS:
            return complex(first), complex(second), complex(ratio)
        precision *= 2
    raise RuntimeError(f"no digits at {y}, {d}, {s}, {z}")


def points() -> np.ndarray:
    """Rows of y, d, Re s, Im s, z: a third each on the axis, right of it, and in strips left of it."""
    rng = np.random.default_rng(20261123)
    rows = []
    for k in range(POINTS):
        y = rng.uniform(-100, 30) if k % 2 else rng.uniform(-6, 12)
        d = 10.0 ** rng.uniform(-4, 2.1) if k % 4 < 2 else rng.uniform(0.5, 20)
        z = (0.0, 0.1, rng.uniform())[rng.integers(3)]
        size = 10.0 ** rng.uniform(-5, np.log10(12_600))  # 100 kHz at tau_m = 20 ms
        s = 1j * size
        if k % 3 == 1:
            s = size * np.exp(1j * rng.uniform(-np.pi / 2, np.pi / 2))
        elif k % 3 == 2:
            s = complex(-rng.uniform(0, 0.5 if k % 2 else 8.0), size)
        rows.append((y, d, s.real, s.imag, z))
    return np.array(rows)


def values(row: np.ndarray) -> tuple[complex, complex, complex]:
    """Reference of one row."""
    y, d, real, imaginary, z = map(float, row)
    return response(y, d, complex(real, imaginary), z)


def main() -> None:
    """Compute and write."""
    rows = points()
    with Pool(int(sys.argv[1]) if len(sys.argv) > 1 else 2) as pool:
        answers = []
        for k, answer in enumerate(pool.imap(values, rows, chunksize=50)):
            answers.append(answer)
            if k % 1000 == 999:
                print(k + 1, "of", len(rows), flush=True)
    np.savez_compressed(Path(__file__).with_name("response.npz"), points=rows, values=np.array(answers))


if __name__ == "__main__":
    main()
