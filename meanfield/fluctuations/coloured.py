"""The network's own spike trains as the noise that its neurons get: states consistent to second order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.fixedpoint.state import ConvergenceError, FixedPoint
from meanfield.fixedpoint.transfer import is_lif
from meanfield.fluctuations.spectra import neuron_spectra
from meanfield.fluctuations.surrogate import Trains, simulate

_SHORTEST_PERIOD = 0.8  # s
_SPIKES_A_PERIOD = 10.0
_MOST_STEPS = 1 << 19
_FEWEST_NEURONS = 40
_SLOWEST = 1e-3  # Hz
_CLOSE = 2.0  # standard errors between one iteration and the next
_SETTLED = 3  # iterations in a row that are so close


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColouredSpectrum:
    """A state whose neurons get noise of the spectrum that they themselves produce.

    Attributes
    ----------
    state : FixedPoint
        The state of white-noise theory it began with.
    rate : (P,) array
        Firing rates [Hz].
    cv : (P,) array
        Coefficients of variation of the inter-spike intervals.
    f : (F,) array
        Frequencies [Hz], from 0 in equal steps.
    spectra : (F, P) array
        Spectra of single neurons' spike trains [Hz], two-sided; at f = 0 the limit.
    rate_error, cv_error : (P,) array
        Statistical standard errors, from the number of spikes simulated.
    spectra_error : float
        Statistical standard error of the spectra at one frequency, relative.
    iterations : int
        Number of simulations it took.
    """

    state: FixedPoint
    rate: FloatArray
    cv: FloatArray
    f: FloatArray
    spectra: FloatArray
    rate_error: FloatArray
    cv_error: FloatArray
    spectra_error: float
    iterations: int

    @property
    def error(self) -> dict[str, Any]:
        """Statistical standard errors by name: "rate" [Hz], "cv", and "spectra" (relative)."""
        return {"rate": self.rate_error, "cv": self.cv_error, "spectra": self.spectra_error}

    def at(self, f: Any) -> FloatArray:
        """Spectra at frequencies `f` [Hz], linearly between those known; (..., P) [Hz]. ValueError beyond them."""
        f = np.abs(check("f", f, "Hz"))
        if f.max(initial=0.0) > self.f[-1]:
            raise ValueError(f"f must be at most {self.f[-1]:.6g} Hz, got {float(f.max())!r} Hz")
        return np.stack([np.interp(f, self.f, column) for column in self.spectra.T], axis=-1)

    def __repr__(self) -> str:
        rows = zip(self.state.network.names, self.rate, self.cv, strict=True)
        words = ", ".join(f"{name} {rate:.4g} Hz, CV {cv:.3f}" for name, rate, cv in rows)
        return f"ColouredSpectrum({self.state.network.label}: {words})"


def coloured_spectrum(
    fp: FixedPoint,
    *,
    duration: float = 2000.0,
    dt: float = 1e-4,
    rng: Any = 0,
    max_iterations: int = 30,
) -> ColouredSpectrum:
    """Self-consistent rates, CVs and spike-train spectra of a network, noise not taken as white.

    White-noise theory takes the input of a neuron for a diffusion, as if its presynaptic neurons were Poisson. They
    are not: their spectrum S_j dips below the rate at low frequencies, so that

        S_in,i(f) = sum_j K_ij J_ij² S_j(f) + white noise from outside.

    How a neuron with a threshold answers to such noise has no closed form. As Dummer, Wieland & Lindner (2014, Front.
    Comput. Neurosci. 8; see also Vellmer & Lindner 2019, Phys. Rev. Research 1) this simulates representative neurons
    in Gaussian noise of that spectrum, measures the spectrum of their spike trains, feeds it back, and repeats until
    nothing changes beyond the statistical error. Rates, and with them the mean input, are iterated along by Newton
    steps with the gains of white-noise theory. Inputs of different neurons are taken as independent.

    Parameters
    ----------
    fp : FixedPoint
        A state of a network of LIF neurons; where to begin.
    duration : float
        Time simulated in each iteration [s], summed over the neurons of a population that run side by side.
    dt : float
        Time step [s], at most 0.1 ms; refractory periods are rounded to it.
    rng : int or numpy Generator
        The same random numbers serve every iteration.
    max_iterations : int
        Simulations after which to give up.

    Returns
    -------
    ColouredSpectrum

    Raises
    ------
    ConvergenceError
        If it does not settle (the iteration need not contract where synapses are strong).
    ValueError, TypeError
        For neurons other than LIF, a step or a duration that does not fit.

    Notes
    -----
    With the defaults Brunel's network takes seconds, the microcircuit of eight populations about a minute. The
    statistical error is that of the number of spikes, rate times duration: 0.3% of the CV for Brunel's network at
    38 Hz. Of populations slower than 0.2 Hz intervals beyond a minute are lost.

    In Brunel's network (g = 5, eta = 2) the CV is 0.42 (white-noise theory 0.675, simulated network 0.43). With
    synapses of 0.5 mV and more, where neurons fire in bursts, input is skewed rather than Gaussian, and rates are 40%
    too high (``python -m validation gaussianity``, docs/edge.rst).
    """
    if not isinstance(fp, FixedPoint):
        raise TypeError(f"fp must be a FixedPoint, as mf.solve returns, got {fp!r}")
    if not is_lif(fp.network):
        raise TypeError(
            "coloured_spectrum simulates LIF neurons: every population of the network must be of meanfield.LIF"
        )
    duration = check_scalar("duration", duration, "s", positive=True)
    dt = check_scalar("dt", dt, "s", positive=True)
    if dt > 1e-4 * (1.0 + 1e-9):
        raise ValueError(f"dt must be at most 0.1 ms = 0.0001 s, got {dt!r} s")
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1, got {max_iterations!r}")
    n = _steps(fp, dt)
    neurons = max(_FEWEST_NEURONS, round(duration / (n * dt)))
    f = np.arange(n // 2 + 1) / (n * dt)
    groups = _alike(fp)
    seeds = np.random.SeedSequence(int(np.random.default_rng(rng).integers(2**63))).spawn(len(groups))
    newton = np.asarray(np.linalg.inv(np.eye(fp.rate.size) - fp.jacobian), dtype=np.float64)
    rate, spectra = fp.rate, neuron_spectra(fp, f)
    history: list[list[Trains]] = []
    for iteration in range(1, max_iterations + 1):
        trains = _respond(fp, rate, spectra, dt, neurons, groups, seeds)
        history.append(trains)
        answer = np.array([t.rate for t in trains])
        spectra = np.stack([t.spectrum for t in trains], axis=1)
        if _settled(history):
            return ColouredSpectrum(
                state=fp,
                rate=answer,
                cv=np.array([t.cv for t in trains]),
                f=f,
                spectra=spectra,
                rate_error=_amplified(newton, np.array([t.rate_error for t in trains]), groups),
                cv_error=np.array([t.cv_error for t in trains]),
                spectra_error=1.0 / math.sqrt(neurons),
                iterations=iteration,
            )
        rate = np.maximum(rate + newton @ (answer - rate), 0.5 * rate)
        spectra = spectra * (rate / np.maximum(answer, _SLOWEST))  # their level is that of the rates
    raise ConvergenceError(
        f"rates and CVs still change by more than {_CLOSE:g} standard errors after {max_iterations} iterations: "
        f"last rates {answer.round(4).tolist()} Hz, CVs {[round(t.cv, 4) for t in trains]}",
        fp,
    )


def _steps(fp: FixedPoint, dt: float) -> int:
    """Steps of a period, a power of two: as long as the slowest neurons need for some spikes, within reason."""
    slowest = max(float(fp.rate.min()), _SLOWEST)
    period = max(_SHORTEST_PERIOD, _SPIKES_A_PERIOD / slowest)
    return min(
        1 << math.ceil(math.log2(period / dt)), max(_MOST_STEPS, 1 << math.ceil(math.log2(_SHORTEST_PERIOD / dt)))
    )


def _amplified(newton: FloatArray, error: FloatArray, groups: list[list[int]]) -> FloatArray:
    """Errors of the rates that the network makes of those of its neurons; one simulation errs alike for its group."""
    by_group = np.stack([newton[:, group] @ error[group] for group in groups])
    return np.asarray(np.abs(by_group).sum(axis=0))


def _alike(fp: FixedPoint) -> list[list[int]]:
    """Populations by groups that get the same input, and are simulated once."""
    network = fp.network
    groups: dict[Any, list[int]] = {}
    for i, neuron in enumerate(network.neurons):
        rows = network.mean_coupling[i], network.variance_coupling[i]
        outside = float(network.mu_ext[i]), float(network.variance_ext[i])
        groups.setdefault((neuron, *(row.tobytes() for row in rows), *outside), []).append(i)
    return list(groups.values())


def _respond(
    fp: FixedPoint, rate: FloatArray, spectra: FloatArray, dt: float, neurons: int, groups: Any, seeds: Any
) -> list[Trains]:
    """Simulate each population in the input that the network has at these rates and spectra."""
    network = fp.network
    out: list[Any] = [None] * network.n_populations
    mu = network.mean_coupling @ rate + network.mu_ext
    for group, seed in zip(groups, seeds, strict=True):
        i = group[0]
        neuron: Any = network.neurons[i]
        noise = (spectra @ network.variance_coupling[i] + network.variance_ext[i]) / neuron.tau_m
        again = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)  # spawns the same children each time
        trains = simulate(neuron, float(mu[i]), noise, dt, neurons, again)
        for member in group:
            out[member] = trains
    return out


def _settled(history: list[list[Trains]]) -> bool:
    if len(history) <= _SETTLED:
        return False
    return all(
        abs(now.rate - before.rate) <= _CLOSE * math.hypot(now.rate_error, before.rate_error)
        and abs(now.cv - before.cv) <= _CLOSE * math.hypot(now.cv_error, before.cv_error)
        for k in range(1, _SETTLED + 1)
        for now, before in zip(history[-k], history[-k - 1], strict=True)
    )
