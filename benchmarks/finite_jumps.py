"""LIFShot beside a plain NumPy master equation: potentials on a grid, jumps of whole steps of it, decay upwind."""

from __future__ import annotations

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds
from meanfield.neurons.shot_state import shot_state
from meanfield.units import ms, mV

NEURON = mf.LIFShot(tau_m=20 * ms, t_ref=2 * ms, v_th=20 * mV, v_reset=10 * mV, weight_e=0.2 * mV, weight_i=-0.8 * mV)
MU, SIGMA = 15 * mV, 4 * mV
LOWEST = -10 * mV


def on_a_grid(step: float) -> float:
    """The rate, from the mean time to threshold at the points of a grid: one dense system of equations."""
    v = np.arange(LOWEST + step, NEURON.v_th - 0.5 * step, step)
    n = v.size
    rates = np.array(NEURON.receptors.rates(MU, SIGMA)) * NEURON.tau_m
    generator = np.zeros((n, n))
    at = np.arange(n)
    for rate, weight in zip(rates, (NEURON.weight_e, NEURON.weight_i), strict=True):
        onto = np.maximum(at + round(weight / step), 0)
        generator[at, at] -= rate
        inside = onto < n
        generator[at[inside], onto[inside]] += rate
    speed = v / step
    towards = np.clip(at - np.sign(v).astype(int), 0, n - 1)
    generator[at, at] -= np.abs(speed)
    generator[at, towards] += np.abs(speed)
    time = np.linalg.solve(generator, -np.ones(n))[round((NEURON.v_reset - LOWEST) / step) - 1]
    return float(1.0 / (NEURON.t_ref + NEURON.tau_m * time))


def ours() -> float:
    """The rate anew, not the one that is kept from the last call."""
    shot_state.cache_clear()
    return float(NEURON.rate(MU, SIGMA))


def main() -> None:
    """Print the table; the grid is of the first order in its steps."""
    print(f"{'LIFShot':44}{'meanfield':>10}{'NumPy':>12}{'ratio':>12}")
    exact, errors = NEURON.rate(MU, SIGMA), []
    for step in (0.1 * mV, 0.05 * mV, 0.02 * mV):
        mine, theirs = seconds(ours, lambda step=step: on_a_grid(step), repeats=3)
        print(row(f"rate, grid of {step / mV:g} mV", mine, theirs))
        errors.append(f"{abs(on_a_grid(step) / exact - 1):.1e}")
    print(f"    errors of the grid: {', '.join(errors)}; ours, estimated: {NEURON.rate_error(MU, SIGMA):.1e}")


if __name__ == "__main__":
    main()
