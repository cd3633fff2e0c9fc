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
from meanfield.response import ComplexArray, highest_frequency, loop_gain


class CurrentSpectra(NamedTuple):
    """Two-sided spectra of the currents of one neuron of each population [V² s]."""

    excitation: FloatArray  # (F, P)
    inhibition: FloatArray  # (F, P)
    cross: ComplexArray  # (F, P): transform over t of <E(t' + t) I(t')>; negative where they cancel


def current_spectra(fp: FixedPoint, f: Any, *, auto_spectra: Any = None) -> CurrentSpectra:
    """Spectra of the excitatory and of the inhibitory current of one neuron about a stable state.

    Parameters
    ----------
    fp : FixedPoint
        That it is stable is not checked here.
    f : (F,) array
        Frequencies [Hz].
    auto_spectra : ColouredSpectrum or (F, P) array, optional
        As in `mf.power_spectra`.

    Returns
    -------
    CurrentSpectra
        In the unit of the mean input: a current that jumps of the potential of tau_m x J s(t) make.

    Raises
    ------
    ValueError, TypeError
        As `mf.power_spectra`.
    """
    f = frequencies(f)
    network = fp.network
    single = single_spectra(fp, f, auto_spectra)
    rates = spectra_of_rates(fp, f, auto_spectra=auto_spectra, check_stability=False)
    delays = transforms_of_delays(network, f)
    weighted = network.mean_coupling * delays
    own = _per_synapse(network) * (
        single[:, None, :] * (1.0 - 1.0 / np.array(network.sizes))
        + _diagonal(rates)[:, None, :] * (1.0 - np.abs(delays) ** 2)
    )
    positive = network.weight > 0.0
    white = external_noise(network)
    e, i = weighted * positive, weighted * ~positive
    return CurrentSpectra(
        excitation=power(e, rates) + (own * positive).sum(axis=2) + white[0],
        inhibition=power(i, rates) + (own * ~positive).sum(axis=2) + white[1],
        cross=np.einsum("fij,fjk,fik->fi", e, rates, i.conj()),
    )


def loop_sensitivity(fp: FixedPoint, f: Any, *, auto_spectra: Any = None) -> FloatArray:
    """How much of a fluctuation of its own input the closed loop leaves, T(f).

    Neurons are noisy, xi = x - L x, and the network hears its noise: L x is what recurrent input makes the rates do, by
    its mean and its variance, and L xi is what it would make them do if the loop were cut. T_i is the ratio of their
    amplitudes,

        T_i² = (l C l†)/(l diag(S/N) l†),   l_j = L_ij(2 pi i f),   C = (1 - L)^{-1} diag(S/N) (1 - L)^{-†}.

    Where all populations have the same input it is |1 - lambda|^{-1}, with lambda the eigenvalue of L that is not zero:
    |1 + G e^{-i omega d}/(1 + i omega tau)|^{-1} of a loop of gain G. It is then also the share that is left of what a
    current common to all neurons makes the rates do. Balance is tight where T << 1, and lost where T nears 1; above 1
    the loop amplifies.

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
    array([0.393, 2.161])
    >>> gain = np.linalg.eigvals(mf.loop_gain(fp, 2j * np.pi * 100.0))
    >>> print(round(1 / abs(1 - gain).min(), 3))
    2.161
    """
    f = frequencies(f)
    require_stable(fp)
    closed, opened = loop_powers(fp, f, auto_spectra)[..., :2].T
    return amplitude_ratio(closed.T, opened.T)


def loop_powers(fp: FixedPoint, f: FloatArray, auto_spectra: Any = None) -> FloatArray:
    """Powers of the recurrent input that neurons share, closed and open loop, (F, P, 4).

    As the rates hear it, l C l† and l diag(S/N) l† with l = L; as a current, w C w† and w diag(S/N) w† with w = W D.
    """
    rates = spectra_of_rates(fp, f, auto_spectra=auto_spectra, check_stability=False)
    return weigh(fp, f, rates, single_spectra(fp, f, auto_spectra) / np.array(fp.network.sizes))


def weigh(fp: FixedPoint, f: FloatArray, rates: ComplexArray, alone: FloatArray) -> FloatArray:
    """`loop_powers` of population rates with spectra `rates` (..., F, P, P), `alone` (..., F, P) if independent."""
    heard = loop_gain(fp, 2j * np.pi * f)
    current = fp.network.mean_coupling * transforms_of_delays(fp.network, f)
    return np.stack(
        [one for w in (heard, current) for one in (power(w, rates), np.einsum("fij,...fj->...fi", abs(w) ** 2, alone))],
        axis=-1,
    )


def power(weights: ComplexArray, rates: ComplexArray) -> FloatArray:
    """w C w† by target, (..., F, P), of weights (F, P, P) and spectra (..., F, P, P)."""
    return np.asarray(np.einsum("fij,...fjk,fik->...fi", weights, rates, weights.conj()).real)


def amplitude_ratio(closed: FloatArray, opened: FloatArray) -> FloatArray:
    """Square root of a ratio of powers; 1 where there is neither."""
    return np.asarray(np.sqrt(np.where(opened > 0.0, closed, 1.0) / np.where(opened > 0.0, opened, 1.0)))


def frequencies(f: Any) -> FloatArray:
    """Frequencies [Hz] as an array (F,); ValueError for what has more dimensions."""
    f = np.atleast_1d(check("f", f, "Hz"))
    if f.ndim != 1:
        raise ValueError(f"f must be one-dimensional, got shape {f.shape}")
    return np.asarray(f)


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
    top = highest_frequency(network)
    white = poisson_level(network, fp.rate if auto_spectra is None else auto_spectra.rate)

    def spectra(f: FloatArray) -> Any:
        found = current_spectra(fp, f, auto_spectra=auto_spectra)
        return np.concatenate([found.excitation - white[0], found.inhibition - white[1], found.cross], axis=1)

    def cross(f: FloatArray) -> Any:
        return current_spectra(fp, f, auto_spectra=auto_spectra).cross

    zero = np.zeros(1)
    seen = np.array([seen_through_window(spectra, zero, w, longest, top)[0] for w in windows.tolist()])
    seen = seen.reshape(-1, 3, n)
    seen[:, :2] += white / windows[:, None, None]
    return seen.swapaxes(1, 2), seen_through_window(cross, -lags, lag_bin, longest, top)


def transforms_of_delays(network: Network, f: FloatArray) -> ComplexArray:
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
    recurrent = np.array([(own * positive).sum(axis=1), (own * ~positive).sum(axis=1)])
    return np.asarray(external_noise(network) + recurrent)


def _per_synapse(network: Network) -> FloatArray:
    """tau_m² K J², (P, P) [V² s²]."""
    tau_m = np.array([neuron.tau_m for neuron in network.neurons])
    return np.asarray(tau_m[:, None] * network.variance_coupling)


def _diagonal(matrices: ComplexArray) -> FloatArray:
    index = np.arange(matrices.shape[-1])
    return np.asarray(matrices[:, index, index].real)
