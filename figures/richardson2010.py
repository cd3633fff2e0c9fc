"""Richardson & Swarbrick (2010), Firing-rate response of a neuron receiving excitatory and inhibitory shot noise.

Rates over the mean input for jumps of several sizes at the same mean and variance, inhibitory ones four times the
excitatory, beside the diffusion: A jumps of a fixed size, B exponentially distributed ones, as in the paper; simulated
from event to event. C the response to a modulated rate of excitatory spikes, which in shot noise does not fall to zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from figures.style import plt, save
from meanfield.units import ms, mV
from validation.shot import single_neuron

NAMES = ("A", "B", "C")
MEMBRANE = {"tau_m": 20 * ms, "t_ref": 2 * ms, "v_th": 20 * mV, "v_reset": 10 * mV}
WEIGHTS = (0.1 * mV, 0.4 * mV, 0.8 * mV)
COLOURS = ("#0072B2", "#E69F00", "#009E73")
SIGMA = 5 * mV  # of the diffusion
MEANS = np.linspace(4, 26, 45) * mV
MARKED = np.array([10, 13, 16, 19, 22, 25]) * mV  # simulated, with the larger jumps (small ones are many)
SPIKES = 4_000


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the panels named, all if none is; returns the files written, the table, and a notice (or "")."""
    wanted = [name for name in NAMES if not panels or name in panels]
    figure, axes = plt.subplots(1, len(wanted), figsize=(3.3 * len(wanted), 3.0), squeeze=False)
    rows: list[str] = []
    for axis, name in zip(axes[0], wanted, strict=True):
        if name == "C":
            _responses(axis)
        else:
            rows += _rates(axis, "fixed" if name == "A" else "exponential")
    head = [f"{'jumps':14}{'J [mV]':>8}{'mu [mV]':>9}{'theory':>10}{'simulated':>18}{'z':>7}"] if rows else []
    return save(figure, "richardson2010", out, formats), "\n".join(head + rows), ""


def _neuron(weight: float, amplitudes: str) -> mf.LIFShot:
    return mf.LIFShot(**MEMBRANE, weight_e=weight, weight_i=-4 * weight, amplitudes=amplitudes)


def _sigma(amplitudes: str) -> float:
    """The sigma of the spikes whose noise is that of a diffusion of SIGMA: <A²> = 2 J² if they are exponential."""
    return SIGMA if amplitudes == "fixed" else SIGMA / np.sqrt(2.0)


def _possible(weight: float, amplitudes: str, means: Any) -> Any:
    return means[weight * means <= 0.999 * _sigma(amplitudes) ** 2]


def _rates(axis: Any, amplitudes: str) -> list[str]:
    rows, sigma = [], _sigma(amplitudes)
    for weight, colour in zip(WEIGHTS, COLOURS, strict=True):
        neuron = _neuron(weight, amplitudes)
        means = _possible(weight, amplitudes, MEANS)
        axis.semilogy(means / mV, neuron.rate(means, sigma), color=colour, label=f"{weight / mV:.1f} mV")
        marked = _possible(weight, amplitudes, MARKED) if weight > WEIGHTS[0] else ()
        for mu in tqdm(marked, desc=f"{amplitudes} jumps of {weight / mV:.1f} mV"):
            train = single_neuron(neuron, *map(float, neuron.receptors.rates(mu, sigma)), spikes=SPIKES, rng=1)
            rate, error = train.rate
            theory = neuron.rate(mu, sigma)
            axis.errorbar(mu / mV, rate, 2 * error, fmt="o", ms=3.5, color=colour, mfc="white")
            rows.append(
                f"{amplitudes:14}{weight / mV:8.1f}{mu / mV:9.1f}{theory:10.3f}{rate:10.3f} ± {error:5.3f}"
                f"{(rate - theory) / error:7.1f}"
            )
    axis.semilogy(MEANS / mV, mf.LIF(**MEMBRANE).rate(MEANS, SIGMA), "k--", lw=1, label="diffusion")
    axis.set(xlabel="mean input (mV)", ylabel="firing rate (Hz)", ylim=(0.02, 100))
    axis.set_title(f"{'A' if amplitudes == 'fixed' else 'B'}  {amplitudes} amplitudes")
    axis.legend(title="jumps of", loc="lower right")
    return rows


def _responses(axis: Any) -> None:
    frequencies = np.geomspace(0.5, 1000, 120)
    mu, s = 16 * mV, 2j * np.pi * frequencies
    for weight, colour in zip(WEIGHTS, COLOURS, strict=True):
        neuron = _neuron(weight, "fixed")
        answer = neuron.receptors.by_rates(*neuron.response(s, mu, SIGMA))[0] / weight
        axis.loglog(frequencies, np.abs(answer) * mV, color=colour)
    by_mu, _ = mf.LIF(**MEMBRANE).response(s, mu, SIGMA)
    axis.loglog(frequencies, MEMBRANE["tau_m"] * np.abs(by_mu) * mV, "k--", lw=1)
    axis.set(xlabel="frequency (Hz)", ylabel="response to excitatory spikes,\nd rate/(J d rate$_e$) (1/mV)")
    axis.set_title("C  fixed amplitudes, mean 16 mV")
