"""Spectra of the excitatory and of the inhibitory current that one neuron of a finite network gets, in linear response.

A neuron of population i sums K_ij spike trains of population j, drawn with replacement from N_j: of two of its synapses
a share 1/N_j has one source. With S_j the spectrum of one spike train on its own, C the spectra of the population
rates (`power_spectra`) and D_ij = <e^{-2 pi i f d_ij}>, and in units of the mean input, tau_m K J = W,

    S_jj' = W_ij W_ij' D_ij D*_ij' C_jj' + delta_jj' (W_ij²/K_ij) [S_j (1 - 1/N_j) + C_jj (1 - |D_ij|²)].

The first term is what all neurons of the population share, the second what is the neuron's own. Poisson trains from
outside add tau_m² K J² nu each. Excitation is the sum over j and j' of positive weight, inhibition that over negative
weight, and their cross-spectrum that over one of each; the net current has S_E + S_I + 2 Re S_EI.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.fixedpoint import FixedPoint
from meanfield.fluctuations.integrals import seen_through_window
from meanfield.fluctuations.spectra import power_spectra as spectra_of_rates
from meanfield.fluctuations.spectra import require_stable, single_spectra
from meanfield.network import Network, PoissonDrive
from meanfield.neurons.lif_dynamics import LARGEST
from meanfield.response import ComplexArray


class CurrentSpectra(NamedTuple):
    """Two-sided spectra of the currents of one neuron of each population [V² s]."""

    excitation: FloatArray  # (F, P)
    inhibition: FloatArray  # (F, P)
    cross: ComplexArray  # (F, P): transform over t of <E(t' + t) I(t')>; negative where they cancel
    closed: FloatArray  # (F, P): of the recurrent input that neurons share
    open: FloatArray  # (F, P): of the same if neurons fired independently


def current_spectra(fp: FixedPoint, f: FloatArray, auto_spectra: Any = None) -> CurrentSpectra:
    """Spectra of the currents about a stable state (that it is stable is not checked here), at `f` (F,) [Hz]."""
    network = fp.network
    single = single_spectra(fp, f, auto_spectra)
    rates = spectra_of_rates(fp, f, auto_spectra=auto_spectra, check_stability=False)
    sizes = np.array(network.sizes, dtype=float)
    weighted = mean_weights(network, f)
    own = _per_synapse(network) * (
        single[:, None, :] * (1.0 - 1.0 / sizes)
        + _diagonal(rates)[:, None, :] * (1.0 - np.abs(weights_of_delays(network, f)) ** 2)
    )
    positive = network.weight > 0.0
    shared = {
        (a, b): np.einsum("fij,fjk,fik->fi", weighted * one, rates, (weighted * other).conj())
        for a, one in (("E", positive), ("I", ~positive))
        for b, other in (("E", positive), ("I", ~positive))
        if a <= b
    }
    white = external_noise(network)
    return CurrentSpectra(
        excitation=shared["E", "E"].real + (own * positive).sum(axis=2) + white[0],
        inhibition=shared["I", "I"].real + (own * ~positive).sum(axis=2) + white[1],
        cross=shared["E", "I"],
        closed=shared["E", "E"].real + shared["I", "I"].real + 2.0 * shared["E", "I"].real,
        open=(np.abs(weighted) ** 2 * (single / sizes)[:, None, :]).sum(axis=2),
    )


def loop_sensitivity(fp: FixedPoint, f: Any, *, auto_spectra: Any = None) -> FloatArray:
    """How much of a fluctuation of its own input the closed loop leaves, T(f).

    The network's neurons are noisy, and their noise xi = x - L x makes fluctuations of the recurrent input
    sum_j W_ij D_ij x_j. T_i is the amplitude of these in the intact network over that which xi alone would make,

        T_i² = (w C w†)/(w diag(S/N) w†),   w_j = W_ij D_ij(f),   C = (1 - L)^{-1} diag(S/N) (1 - L)^{-†}.

    Where all populations have the same input it is |1 - lambda|^{-1}, with lambda the eigenvalue of L that is not zero:
    |1 + G e^{-i omega d}/(1 + i omega tau)|^{-1} of a loop of gain G. It is then also the share that is left of any
    current common to all neurons. Balance is tight where T << 1, and lost where T nears 1; above 1 the loop amplifies.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    f : (F,) array
        Frequencies [Hz].
    auto_spectra : ColouredSpectrum or (F, P) array, optional
        As in `mf.power_spectra`; matters only where populations have different input.

    Returns
    -------
    (F, P) array
        By population whose input it is; 1 for one without recurrent input.

    Raises
    ------
    ValueError, TypeError
        As `mf.power_spectra`.

    Examples
    --------
    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> mf.balance.loop_sensitivity(fp, [1.0, 100.0])[:, 0].round(3)
    array([0.317, 1.49 ])
    >>> gain = np.linalg.eigvals(mf.loop_gain(fp, 2j * np.pi * 100.0))
    >>> print(round(1 / min(abs(1 - gain)), 3))
    1.49
    """
    f = np.atleast_1d(check("f", f, "Hz"))
    if f.ndim != 1:
        raise ValueError(f"f must be one-dimensional, got shape {f.shape}")
    require_stable(fp)
    found = current_spectra(fp, f, auto_spectra)
    return amplitude_ratio(found.closed, found.open)


def amplitude_ratio(closed: FloatArray, open_: FloatArray) -> FloatArray:
    """Square root of a ratio of powers; 1 where there is neither."""
    return np.asarray(np.sqrt(np.where(open_ > 0.0, closed, 1.0) / np.where(open_ > 0.0, open_, 1.0)))


def through_windows(
    fp: FixedPoint, windows: FloatArray, lags: FloatArray, lag_bin: float, auto_spectra: Any = None
) -> tuple[FloatArray, FloatArray]:
    """Covariances of the currents averaged over windows, and of E with I at lags.

    Returns
    -------
    (W, P, 3) array
        Variances of E and of I, and their covariance [V²].
    (L, P) array
        <E(t) I(t + lag)> in bins of `lag_bin` [V²].
    """
    network = fp.network
    n = network.n_populations
    longest = 2.0 * float(network.mean_delay.max())
    top = LARGEST / (2.0 * np.pi * max(neuron.tau_m for neuron in network.neurons))
    white = poisson_level(network, fp.rate if auto_spectra is None else auto_spectra.rate)

    def spectra(f: FloatArray) -> Any:
        found = current_spectra(fp, f, auto_spectra)
        return np.concatenate([found.excitation - white[0], found.inhibition - white[1], found.cross], axis=1)

    def cross(f: FloatArray) -> Any:
        return current_spectra(fp, f, auto_spectra).cross

    zero = np.zeros(1)
    seen = np.array([seen_through_window(spectra, zero, w, longest, top)[0] for w in windows.tolist()])
    seen = seen.reshape(-1, 3, n)
    seen[:, :2] += white / windows[:, None, None]
    return seen.swapaxes(1, 2), seen_through_window(cross, -lags, lag_bin, longest, top)


def mean_weights(network: Network, f: FloatArray) -> ComplexArray:
    """What a modulation of the population rates does to the mean input, W_ij D_ij(f): (F, P, P) [V s]."""
    return np.asarray(network.mean_coupling * weights_of_delays(network, f))


def weights_of_delays(network: Network, f: FloatArray) -> ComplexArray:
    """D_ij(f) = <e^{-2 pi i f d_ij}>, (F, P, P)."""
    s = 2j * np.pi * f
    return np.moveaxis(np.array([[delay.transform(s) for delay in row] for row in network.delays]), -1, 0)


def external_noise(network: Network) -> FloatArray:
    """Spectrum of the excitatory and of the inhibitory Poisson input from outside, (2, P) [V² s]."""
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    out = np.zeros((2, network.n_populations))
    for drive in network.drives:
        if isinstance(drive, PoissonDrive):
            power = tau_m**2 * drive.indegree * drive.weight**2 * drive.rate
            out += np.where([drive.weight > 0.0, drive.weight <= 0.0], power, 0.0)
    return out


def poisson_level(network: Network, rate: FloatArray) -> FloatArray:
    """Spectra of both currents if all trains were independent Poisson trains of `rate`, (2, P) [V² s]."""
    own = _per_synapse(network) * rate * (1.0 - 1.0 / np.array(network.sizes))
    positive = network.weight > 0.0
    return np.asarray(external_noise(network) + [(own * positive).sum(axis=1), (own * ~positive).sum(axis=1)])


def _per_synapse(network: Network) -> FloatArray:
    """tau_m² K J², (P, P) [V² s²]."""
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    return np.asarray(tau_m[:, None] * network.variance_coupling)


def _diagonal(matrices: ComplexArray) -> FloatArray:
    index = np.arange(matrices.shape[-1])
    return np.asarray(matrices[:, index, index].real)
