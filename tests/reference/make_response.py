"""Make ``response.npz``: the white-noise LIF neuron's linear response, with error bounds, at 22,000 points.

``python -m tests.reference.make_response`` (python-flint; one process, two or three minutes; goes on where it stopped).

In units of tau_m, with y = (V_th - mu)/sigma, d = (V_th - V_reset)/sigma, r = y - d, z = t_ref/tau_m, complex s and
g_s(y) = exp(y^2/2) D_{-s}(-sqrt2 y), a parabolic cylinder function, g_s' = sqrt2 s g_{s+1}:

    T1 = (g'(y) - g'(r)) / ((1 + s) den),  T2 = (g''(y) - g''(r)) / (2 (2 + s) den),  den = g(y) - e^{-s z} g(r),

so that the response to mu is nu/sigma T1, to sigma^2 nu/sigma^2 T2; rho = g(r)/g(y) is the transform of the
first-passage time (Brunel & Hakim 1999; Lindner & Schimansky-Geier 2001). g comes from hypergeometric functions in ball
arithmetic, with the precision raised until the balls of T1 and T2 are small; only where |s| and |y| are both so large
that those sums cancel thousands of bits, from the integral over its saddle. No kernel of the package is used.
"""

from __future__ import annotations

import math
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from flint import acb, arb, ctx

PATH = Path(__file__).with_name("response.npz")
BLOCKS = 20
MAIN, STRIP = 1050, 105  # points of a block
LARGEST = 12_600.0  # |s|: 100 kHz at tau_m = 20 ms
BITS = 60  # of T1 and T2
POLE = 1e-3  # left of the axis, points whose denominator is this near to zero are left out
COLUMNS = ("y", "d", "z", "s", "T1", "T2", "log_rho")
PREFIXES = ("", "strip_")


class Response(NamedTuple):
    """Values at one point, as balls, and the denominator relative to what it would be without cancellation."""

    T1: acb
    T2: acb
    log_rho: acb
    denominator: float

    @property
    def error(self) -> float:
        """Bound of the relative error of T1, T2 and log rho."""
        return 2.0 ** -min(value.rel_accuracy_bits() for value in self[:3])


def _ball(middle: acb, radius: arb) -> acb:
    """`middle` with an error of `radius`."""
    error = arb(0, radius.abs_upper())
    return middle + acb(error, error)


def _lost_bits(s: complex, y: float) -> int:
    """Bits that the hypergeometric series cancels: WKB growth exp(int_0^y sqrt(y^2 + 2 s)) of terms against the sum."""

    def growth(q: complex) -> float:
        return (0.5 * abs(y) * np.sqrt(y * y + 2 * q) + q * np.arcsinh(abs(y) / np.sqrt(2 * q))).real

    return int((growth(complex(abs(s))) - math.copysign(growth(complex(s)), y)) / math.log(2)) + 40


def _good(pair: tuple[acb, acb], bits: int) -> bool:
    return all(value.is_finite() and value.rel_accuracy_bits() >= bits for value in pair)


def _by_u(s: acb, y: arb) -> tuple[acb, acb]:
    """g_s and g_{s+1} at y < 0, where they are Tricomi functions."""
    scale, half = acb(2) ** (-s / 2), acb(1) / 2
    return tuple(scale / f * acb(y * y).hypgeom_u(a, half) for a, f in ((s / 2, 1), ((s + 1) / 2, acb(2).sqrt())))


def _by_1f1(s: acb, y: arb) -> tuple[acb, acb]:
    """g_s and g_{s+1} from their even and odd part, and the derivative of both for the second."""
    x, half = acb(y * y), acb(1) / 2
    even, odd = ((s + 1) / 2).rgamma(), (s / 2).rgamma()
    scale = acb(2) ** (-s / 2) * acb(arb.pi()).sqrt()
    g = scale * (even * x.hypgeom_1f1(s / 2, half) + 2 * y * odd * x.hypgeom_1f1((s + 1) / 2, 3 * half))
    # d/dy of the even part is 2 s y M(s/2 + 1, 3/2); of the odd part, y M((s+1)/2, 3/2), it is M((s+1)/2, 1/2)
    slope = even * 2 * s * y * x.hypgeom_1f1(s / 2 + 1, 3 * half) + 2 * odd * x.hypgeom_1f1((s + 1) / 2, half)
    return g, scale * slope / (acb(2).sqrt() * s)


def _by_saddle(s: acb, y: arb, bits: int) -> tuple[acb, acb]:
    """g_s and g_{s+1} at large |s| from g_s = 1/Gamma(s) int_0^inf t^{s-1} exp(-t^2/2 + sqrt2 y t) dt.

    Trapezoidal sums on the line of steepest descent of log t; the ball is the difference of two steps, which overstates
    the error of the finer. At |s| > 300 the line may end where the integrand has decayed by `bits` and more.
    """
    linear = acb(2).sqrt() * y
    root = (2 * y * y + 4 * s).sqrt()
    t0 = (linear + root) / 2 if y > 0 else 2 * s / (root - linear)
    curvature = t0 * root
    direction = 1 / curvature.sqrt()  # so that the exponent is -v^2/2 + O(v^3)
    direction, t0 = acb(direction.real.mid(), direction.imag.mid()), acb(t0.real.mid(), t0.imag.mid())
    top = -t0 * t0 / 2 + linear * t0

    def terms(v: arb) -> tuple[acb, acb]:
        u = direction * v
        t = t0 * u.exp()
        term = (s * u - t * t / 2 + linear * t - top).exp()
        return term, term * t

    def row(start: arb, step: arb) -> tuple[acb, acb]:
        sums = [acb(0), acb(0)]
        for sign in (1, -1):
            for k in count(0 if sign > 0 else 1):
                pair = terms(start + sign * k * step)
                sums = [a + b for a, b in zip(sums, pair, strict=True)]
                if float(abs(pair[0])) < 2.0 ** (-bits - 30) and k > 4:
                    break
        return sums[0], sums[1]

    step = arb(3) / 8
    coarse = [step * value for value in row(arb(0), step)]
    for _ in range(6):
        fine = [(old + step * new) / 2 for old, new in zip(coarse, row(step / 2, step), strict=True)]
        cut = arb(2) ** -bits / 16  # the ends of the line
        pair = tuple(_ball(new, abs(new - old) + cut * abs(new)) for new, old in zip(fine, coarse, strict=True))
        if _good(pair, bits):
            break
        coarse, step = fine, step / 2
    scale = direction * (s * t0.log() + top).exp() * s.rgamma()
    return pair[0] * scale, pair[1] * scale / s


def g_pair(y: arb, s: complex, bits: int) -> tuple[acb, acb]:
    """g_s and g_{s+1} at an exact y, each to `bits` bits."""

    def at(precision: int) -> acb:
        ctx.prec = precision
        return acb(s.real, s.imag)

    lost = _lost_bits(s, float(y))
    first = bits + 40 if y < 0 else bits + 40 + lost
    if y < 0:  # the asymptotic series of U is short where it holds
        pair = _by_u(at(first), y)
        if _good(pair, bits):
            return pair
    if abs(s) > 300 and lost > 1200:
        pair = _by_saddle(at(bits + 60), y, bits)
        if _good(pair, bits):
            return pair
    for precision in (bits + 40 + lost, bits + 400 + 2 * lost, bits + 2000 + 4 * lost):
        s_ball = at(precision)
        pair = _by_u(s_ball, y) if y < 0 else _by_1f1(s_ball, y)
        if _good(pair, bits):
            return pair
    raise ArithmeticError(f"no {bits} bits of g at y = {float(y)!r}, s = {s!r}")


def response(y: float, d: float, z: float, s: complex) -> Response:
    """T1, T2 and log rho at one point, to at least `BITS` bits."""
    for bits in (160, 320, 640):
        ctx.prec = bits + 60
        r = arb(y) - arb(d)
        pairs = g_pair(arb(y), s, bits), g_pair(r, s, bits)
        ctx.prec = bits + 60
        result = _combine(arb(y), arb(d), arb(z), acb(s.real, s.imag), *pairs)
        if result.error <= 2.0**-BITS:
            return result
    raise ArithmeticError(f"no {BITS} bits of T1, T2 at y = {y!r}, d = {d!r}, z = {z!r}, s = {s!r}")


def _combine(y: arb, d: arb, z: arb, s: acb, threshold: tuple[acb, acb], reset: tuple[acb, acb]) -> Response:
    (g_y, h_y), (g_r, h_r) = threshold, reset  # g_s, g_{s+1}
    slope = acb(2).sqrt() * s
    silent = (-s * z).exp()  # the refractory time
    den = g_y - silent * g_r
    first = slope * (h_y - h_r)
    second = 2 * s * (g_y - g_r) + 2 * slope * (y * h_y - (y - d) * h_r)  # g'' = 2 y g' + 2 s g
    uncancelled = abs(slope) * d * (abs(h_y) + abs(h_r)) / 2 + abs(1 - silent) * abs(g_r)
    return Response(
        first / ((1 + s) * den),
        second / (2 * (2 + s) * den),
        (g_r / g_y).log(),
        max(float(abs(den / g_y)) / (1 + float(abs(silent * g_r / g_y))), float(abs(den) / uncancelled)),
    )


def _log_uniform(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    return np.exp(rng.uniform(math.log(low), math.log(high), n))


def _states(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, d, z: the whole box, and the usual neurons more densely."""
    kind = rng.integers(0, 3, n)
    y = np.choose(kind, [rng.uniform(-100, 30, n), rng.uniform(-8, 8, n), -_log_uniform(rng, 1e-2, 100, n)])
    d = np.where(rng.random(n) < 0.6, _log_uniform(rng, 1e-4, 130, n), rng.uniform(0.5, 20, n))
    z = np.choose(rng.integers(0, 3, n), [np.zeros(n), np.full(n, 0.1), _short(rng.uniform(0, 1, n))])
    return y, _short(d), z


def _short(x: np.ndarray) -> np.ndarray:
    """Doubles with 24 bits, which compress."""
    return x.astype(np.float32).astype(float)


def points(block: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Points of one block: on the axis, right of it and in [-0.45, 0), a third each; and those in [-2, -0.45)."""
    rng = np.random.default_rng([3, block])
    size = _log_uniform(rng, 1e-5, LARGEST, MAIN)
    angle = rng.uniform(-0.5 * math.pi, 0.5 * math.pi, MAIN) * (rng.random(MAIN) > 0.1)  # a tenth real
    third = np.arange(MAIN) % 3
    left = -np.minimum(size, 0.45) * (1 - rng.random(MAIN))
    real = _short(np.choose(third, [np.zeros(MAIN), size * np.cos(angle), left]))
    turned = np.where(rng.random(MAIN) < 0.1, -1.0, 1.0)  # a tenth below the real axis
    imag = np.choose(third, [size * turned, size * np.sin(angle), size * turned])
    main = dict(zip(COLUMNS, (*_states(rng, MAIN), real + 1j * imag), strict=False))
    real = _short(rng.uniform(-2, -0.45, STRIP))
    strip = dict(
        zip(COLUMNS, (*_states(rng, STRIP), real + 1j * _log_uniform(rng, 1e-5, LARGEST, STRIP)), strict=False)
    )
    return main, strip


def values(inputs: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns of the kept points, and for all points: the error (inf: too near to a pole, nan: failed) and seconds."""
    rows, report = [], []
    for y, d, z, s in zip(*(inputs[name].tolist() for name in COLUMNS[:4]), strict=True):
        start, error = perf_counter(), math.nan
        try:
            result = response(y, d, z, s)
            error = result.error if s.real >= 0 or result.denominator > POLE else math.inf
        except ArithmeticError as failure:
            print(failure)
        if error < 1:
            rows.append((y, d, z, s, *(complex(value) for value in result[:3])))
        report.append((error, perf_counter() - start))
    columns = dict(zip(COLUMNS, (np.array(column) for column in zip(*rows, strict=True)), strict=True))
    return columns, np.array(report)


def _stored() -> dict[str, np.ndarray]:
    if not PATH.exists():
        return {}
    with np.load(PATH) as file:
        return dict(file)


def main() -> None:
    """Compute the blocks that the file does not hold yet, and write it after each."""
    data = _stored()
    for block in range(BLOCKS):
        inputs = points(block)
        if data and np.isin(inputs[0]["y"], data["y"]).any():
            continue
        reports = []
        for prefix, part in zip(PREFIXES, inputs, strict=True):
            columns, report = values(part)
            reports.append(report)
            for name, column in columns.items():
                data[prefix + name] = np.concatenate([data.get(prefix + name, column[:0]), column])
        np.savez_compressed(PATH, **data)
        error, seconds = np.concatenate(reports).T
        print(
            f"block {block}: {np.sum(error < 1)} points, error < {np.max(error[error < 1]):.1e},",
            f"{np.sum(np.isinf(error))} at a pole, {np.sum(np.isnan(error))} failed;",
            f"{1e3 * np.mean(seconds):.1f} ms a point, at most {np.max(seconds):.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
