"""Single LIF neurons under Poisson trains of finite jumps, from event to event: no time step, no approximation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._compiled import jit
from meanfield._validate import FloatArray, check_rng, check_scalar, check_whole


@jit
def _run(rng: Any, shape: Any, rates: Any, exponential: Any, depth: Any, omega: Any, out: Any) -> None:
    """Fill `out` with spike times; shape is tau_m, t_ref, v_th, v_reset, mu_0, J_e, J_i.

    Both rates are modulated by 1 + depth_s cos(omega t), by thinning.
    """
    tau_m, t_ref, v_th, v_reset, mu_0, jump_e, jump_i = shape
    most_e, most_i = rates[0] * (1.0 + depth[0]), rates[1] * (1.0 + depth[1])
    total = most_e + most_i
    x, theta = v_reset - mu_0, v_th - mu_0
    t = 0.0
    count = 0
    while count < out.size:
        wait = rng.standard_exponential() / total if total > 0.0 else math.inf
        if theta < 0.0:  # it drifts towards threshold
            crossing = tau_m * math.log(x / theta)
            if crossing < wait:
                t += crossing
                out[count] = t
                count += 1
                t += t_ref
                x = v_reset - mu_0
                continue
        t += wait
        x *= math.exp(-wait / tau_m)
        kind = 0 if rng.random() * total < most_e else 1
        if depth[kind] > 0.0:
            share = (1.0 + depth[kind] * math.cos(omega * t)) / (1.0 + depth[kind])
            if rng.random() > share:
                continue
        size = jump_e if kind == 0 else jump_i
        if exponential:
            size *= rng.standard_exponential()
        x += size
        if x >= theta:
            out[count] = t
            count += 1
            t += t_ref
            x = v_reset - mu_0


@jit
def _jumps(rng: Any, number: Any, exponential: Any) -> Any:
    """Sum of so many amplitudes of mean 1."""
    return rng.standard_gamma(float(number)) if exponential and number > 0 else float(number)


@jit
def _run_in_steps(rng: Any, shape: Any, rates: Any, exponential: Any, dt: Any, out: Any) -> None:
    """As `_run`, with the spikes of a step added at its end, where the threshold is looked at."""
    tau_m, t_ref, v_th, v_reset, mu_0, jump_e, jump_i = shape
    fades, held = math.exp(-dt / tau_m), round(t_ref / dt)
    v, step, count = v_reset, 0, 0
    while count < out.size:
        step += 1
        v = mu_0 + (v - mu_0) * fades
        v += jump_e * _jumps(rng, rng.poisson(rates[0] * dt), exponential)
        v += jump_i * _jumps(rng, rng.poisson(rates[1] * dt), exponential)
        if v >= v_th:
            out[count] = step * dt
            count += 1
            step += held
            v = v_reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Spike times [s] of a neuron that was simulated from event to event, and what was measured of them."""

    times: FloatArray

    @property
    def intervals(self) -> FloatArray:
        """Inter-spike intervals [s]."""
        return np.diff(self.times)

    @property
    def rate(self) -> tuple[float, float]:
        """Rate [Hz] and its standard error, of a renewal process."""
        mean = self.intervals.mean()
        return float(1.0 / mean), float(self.cv[0] / mean / math.sqrt(self.intervals.size))

    @property
    def cv(self) -> tuple[float, float]:
        """Coefficient of variation and its standard error, by 40 parts of the train."""
        parts = [part.std() / part.mean() for part in np.array_split(self.intervals, 40)]
        whole = self.intervals.std() / self.intervals.mean()
        return float(whole), float(np.std(parts, ddof=1) / math.sqrt(len(parts)))

    def transform(self, omega: float) -> tuple[complex, float]:
        """<e^{-i omega t}> over intervals, and its standard error (of the modulus of the deviation)."""
        values = np.exp(-1j * omega * self.intervals)
        return complex(values.mean()), float(np.sqrt(np.mean(np.abs(values - values.mean()) ** 2) / values.size))

    def first_harmonic(self, omega: float) -> tuple[complex, float]:
        """Amplitude of the rate at omega [Hz], as in nu + Re(amplitude e^{i omega t}), and its standard error."""
        duration = self.times[-1]
        amplitude = 2.0 * np.exp(-1j * omega * self.times).sum() / duration
        return complex(amplitude), 2.0 * math.sqrt(0.5 * self.times.size) / duration


def single_neuron(
    neuron: mf.LIFShot,
    rate_e: float,
    rate_i: float,
    *,
    spikes: int = 100_000,
    depth_e: float = 0.0,
    depth_i: float = 0.0,
    frequency: float = 0.0,
    dt: float = 0.0,
    rng: Any = 1,
) -> Train:
    """Simulate a neuron under Poisson trains until it has fired `spikes` times.

    Parameters
    ----------
    neuron : LIFShot
    rate_e, rate_i : float
        Total rates of excitatory and inhibitory spikes [Hz].
    depth_e, depth_i : float
        Depth of their modulation by a cosine of `frequency` [Hz], 0 to 1.
    dt : float
        Time step [s] of a simulation in steps (of rates that are not modulated), for comparison; 0: none.

    Raises
    ------
    ValueError, TypeError
        For values that are negative, or an input that cannot make the neuron fire.
    """
    if not isinstance(neuron, mf.LIFShot):
        raise TypeError(f"neuron must be a LIFShot, got {neuron!r}")
    rates = [
        check_scalar(name, rate, "Hz", nonnegative=True) for name, rate in (("rate_e", rate_e), ("rate_i", rate_i))
    ]
    depth = np.array([check_scalar("depth", value, "1", nonnegative=True) for value in (depth_e, depth_i)])
    spikes = check_whole("spikes", spikes, at_least=100)
    if neuron.rate(*neuron.receptors.moments(*rates)) * 1e6 < 1.0:
        raise ValueError(f"the neuron does not fire at rate_e = {rates[0]!r} Hz and rate_i = {rates[1]!r} Hz")
    shape = np.array(
        [neuron.tau_m, neuron.t_ref, neuron.v_th, neuron.v_reset, neuron.mu_0, neuron.weight_e, neuron.weight_i]
    )
    times = np.empty(spikes)
    omega = 2.0 * math.pi * frequency
    exponential = neuron.amplitudes == "exponential"
    if check_scalar("dt", dt, "s", nonnegative=True) > 0.0:
        if depth.any():
            raise ValueError(
                f"steps are of rates that are not modulated, got dt = {dt!r} s and depths {depth.tolist()}"
            )
        _run_in_steps(check_rng(rng), shape, np.array(rates), exponential, dt, times)
        return Train(times=times)
    _run(check_rng(rng), shape, np.array(rates), exponential, depth, omega, times)
    return Train(times=times)
