"""EIF neurons beside threshold integration in steps (Richardson 2007): in NumPy, vectorised over inputs or frequencies.

And beside the same steps compiled by numba, one input after another, on as many threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds, words
from meanfield._compiled import jit, over_cores
from meanfield.neurons.nonlinear import WORTH_A_THREAD
from meanfield.units import ms, mV

NEURON = mf.EIF(tau_m=20 * ms, t_ref=2 * ms, v_t=20 * mV, delta_t=2 * mV, v_peak=40 * mV, v_reset=10 * mV)
STEP = 0.01 * mV  # usual in the literature
LOWEST = -40 * mV


def grid(step: float = STEP) -> tuple[np.ndarray, np.ndarray]:
    """Potentials in the middle of steps from the peak downwards, and where the flux has been reset."""
    v = np.arange(NEURON.v_peak - 0.5 * step, LOWEST, -step)
    return v, v > NEURON.v_reset


def stationary(mu: np.ndarray, sigma: float, step: float = STEP) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and densities (steps, inputs), by steps that are exact for a constant drift."""
    v, above = grid(step)
    spike = NEURON.delta_t * np.exp((v - NEURON.v_t) / NEURON.delta_t)
    p = np.zeros((v.size, mu.size))
    now = np.zeros(mu.size)
    for k in range(v.size):
        g = -2.0 * (mu - v[k] + spike[k]) / sigma**2 * step
        factor = np.exp(g)
        now = now * factor + (2.0 * NEURON.tau_m / sigma**2 * step * (factor - 1.0) / g if above[k] else 0.0)
        p[k] = now
    rate = 1.0 / (NEURON.t_ref + p.sum(axis=0) * step)
    return rate, p * rate


@jit
def _rates(mu: Any, spike: Any, v: Any, above: Any, factors: Any, out: Any) -> None:
    """The same for one input after another; `factors` are 2/sigma² times the step, tau_m, the step and t_ref."""
    rate_of_drift, tau, step, t_ref = factors
    for i in range(mu.size):
        p, total = 0.0, 0.0
        for k in range(v.size):
            g = -rate_of_drift * (mu[i] - v[k] + spike[k])
            factor = np.exp(g)
            p *= factor
            if above[k]:
                p += rate_of_drift * tau * (factor - 1.0) / g
            total += p
        out[i] = 1.0 / (t_ref + total * step)


def compiled(mu: np.ndarray, sigma: float, step: float = STEP) -> np.ndarray:
    """Rates by compiled steps, on threads as meanfield's."""
    v, above = grid(step)
    spike = NEURON.delta_t * np.exp((v - NEURON.v_t) / NEURON.delta_t)
    out = np.empty(mu.size)
    factors = (2.0 / sigma**2 * step, NEURON.tau_m, step, NEURON.t_ref)
    over_cores(_rates, (mu,), spike, v, above, factors, out=out, worth=WORTH_A_THREAD)
    return out


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
    """Print the tables."""
    one, many = np.array([15 * mV]), np.linspace(0, 30, 200) * mV
    exact = NEURON.rate(many, 5 * mV)
    print(f"{'EIF':44}{'meanfield':>10}{'NumPy':>12}{'ratio':>12}")
    ours, theirs = seconds(lambda: NEURON.rate(15 * mV, 5 * mV), lambda: stationary(one, 5 * mV), repeats=3)
    print(row("rate, one", ours, theirs, 1, 20))
    ours, theirs, loop = seconds(
        lambda: NEURON.rate(many, 5 * mV),
        lambda: stationary(many, 5 * mV),
        lambda: compiled(many, 5 * mV),
    )
    print(row("rate, 200 at once, each", ours, theirs, 200, 20))
    for n in (1, 200):
        omega = 2 * np.pi * np.linspace(5, 500, n)
        mine, numpys = seconds(
            lambda w=omega: NEURON.response(1j * w, 15 * mV, 5 * mV),
            lambda w=omega: response(w, 15 * mV, 5 * mV),
        )
        print(row(f"response, {n} frequencies at once, each", mine, numpys, n, 20))
    print(f"\n{'the same, steps compiled by numba':44}{'meanfield':>10}{'numba':>12}{'ratio':>12}")
    print(row("rate, 200 at once, each", ours, loop, 200))
    print(f"\n{'one rate by smaller steps':44}{'error':>10}{'NumPy':>12}{'ratio':>12}")
    at, own = NEURON.rate(15 * mV, 5 * mV), seconds(lambda: NEURON.rate(15 * mV, 5 * mV))[0]
    for step in (STEP, STEP / 10, STEP / 100):
        taken = seconds(lambda h=step: stationary(one, 5 * mV, h), repeats=1)[0]
        error = abs(stationary(one, 5 * mV, step)[0][0] / at - 1)
        print(f"{f'steps of {step / mV:g} mV':44}{error:10.1e}{words(taken):>12}{taken / own:11.4g}x")
    largest = np.abs(stationary(many, 5 * mV)[0] / exact - 1).max()
    slow = np.array([2 * np.pi * 5])
    slow_error = np.abs(response(slow, 15 * mV, 5 * mV) / NEURON.response(1j * slow, 15 * mV, 5 * mV)[0] - 1)[0]
    print(
        f"    NumPy's largest error at steps of {STEP / mV:g} mV: rates {largest:.1e}, response at 5 Hz "
        f"{slow_error:.1e}; ours 1e-12, 5e-11 (tests/neurons)"
    )


if __name__ == "__main__":
    main()
