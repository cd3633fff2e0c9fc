"""EIF neurons beside threshold integration in NumPy (Richardson 2007), vectorised over inputs or frequencies."""

from __future__ import annotations

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds
from meanfield.units import ms, mV

NEURON = mf.EIF(tau_m=20 * ms, t_ref=2 * ms, v_t=20 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)
STEP = 0.01 * mV  # usual in the literature
LOWEST = -40 * mV


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Potentials in the middle of steps from the peak downwards, and where the flux has been reset."""
    v = np.arange(NEURON.v_peak - 0.5 * STEP, LOWEST, -STEP)
    return v, v > NEURON.v_reset


def stationary(mu: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and densities (steps, inputs), by steps that are exact for a constant drift."""
    v, above = grid()
    spike = NEURON.delta_t * np.exp((v - NEURON.v_t) / NEURON.delta_t)
    p = np.zeros((v.size, mu.size))
    now = np.zeros(mu.size)
    for k in range(v.size):
        g = -2.0 * (mu - v[k] + spike[k]) / sigma**2 * STEP
        factor = np.exp(g)
        now = now * factor + (2.0 * NEURON.tau_m / sigma**2 * STEP * (factor - 1.0) / g if above[k] else 0.0)
        p[k] = now
    rate = 1.0 / (NEURON.t_ref + p.sum(axis=0) * STEP)
    return rate, p * rate


def response(omega: np.ndarray, mu: float, sigma: float) -> np.ndarray:
    """Response to mu, by the two solutions of the density's equation that the flux through the peak joins."""
    v, _ = grid()
    p_0 = stationary(np.array([mu]), sigma)[1]
    spike = NEURON.delta_t * np.exp((v - NEURON.v_t) / NEURON.delta_t)
    reset = int(np.argmin(np.abs(v - NEURON.v_reset)))
    tau, s = NEURON.tau_m, 1j * omega
    p, flux = np.zeros((2, omega.size), complex), np.zeros((2, omega.size), complex)
    flux[0] = 1.0  # of a unit of rate; the other one is driven
    for k in range(v.size):
        g = -2.0 * (mu - v[k] + spike[k]) / sigma**2 * STEP
        factor = np.exp(g)
        source = 2.0 / sigma**2 * STEP * (factor - 1.0) / g
        p_next = p * factor + source * tau * flux
        p_next[1] -= source * p_0[k, 0]
        flux = flux + STEP * s * p
        if k == reset:
            flux[0] -= np.exp(-s * NEURON.t_ref)
        p = p_next
    return -flux[1] / flux[0]


def main() -> None:
    """Print the table."""
    print(f"{'EIF':44}{'meanfield':>10}{'NumPy':>12}{'ratio':>12}")
    one, many = np.array([15 * mV]), np.linspace(0, 30, 200) * mV
    ours, theirs = seconds(lambda: NEURON.rate(15 * mV, 5 * mV), lambda: stationary(one, 5 * mV), repeats=3)
    print(row("rate, one", ours, theirs, 1, 20))
    ours, theirs = seconds(lambda: NEURON.rate(many, 5 * mV), lambda: stationary(many, 5 * mV), repeats=3)
    print(row("rate, 200 at once, each", ours, theirs, 200))
    for n in (1, 200):
        omega = 2 * np.pi * np.linspace(5, 500, n)
        ours, theirs = seconds(
            lambda w=omega: NEURON.response(1j * w, 15 * mV, 5 * mV),
            lambda w=omega: response(w, 15 * mV, 5 * mV),
            repeats=3,
        )
        print(row(f"response, {n} frequencies at once, each", ours, theirs, n, 20 if n == 1 else None))
    exact = NEURON.rate(15 * mV, 5 * mV), NEURON.response(2j * np.pi * 5, 15 * mV, 5 * mV)[0]
    errors = (
        abs(stationary(one, 5 * mV)[0][0] / exact[0] - 1),
        abs(response(np.array([2 * np.pi * 5]), 15 * mV, 5 * mV)[0] / exact[1] - 1),
    )
    print(f"    NumPy's error at steps of 0.01 mV: rate {errors[0]:.1e}, response {errors[1]:.1e}; ours below 1e-10")


if __name__ == "__main__":
    main()
