"""What feedback does to fluctuations, in counting windows: population rates, pairs of neurons, and pairs of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check_scalar
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fluctuations.coloured import ColouredSpectrum
from meanfield.fluctuations.correlations import SHORTEST, pair_spectra, spectra_in_window, train_rates
from meanfield.fluctuations.spectra import propagate, require_stable, single_spectra
from meanfield.fluctuations.suppression import check_replay
from meanfield.network import PoissonDrive
from meanfield.response import loop_gain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowedNoise:
    """Fluctuations of spike counts and inputs in windows of length T, by population.

    Attributes
    ----------
    window : float
        T [s].
    power : (P,) array
        T times the variance of the population rate in a window [Hz]; rate/N for independent Poisson neurons.
    correlation : (P,) array
        Correlation coefficient of the counts of two neurons of a population.
    excitation, inhibition, net : (P,) array
        Correlation coefficient of the excitatory inputs of two neurons of a population, of their inhibitory inputs, and
        of all of their input, of spikes; 0 without any.
    """

    window: float
    power: FloatArray
    correlation: FloatArray
    excitation: FloatArray
    inhibition: FloatArray
    net: FloatArray


def windowed_noise(
    fp: FixedPoint, window: float, *, replay: str | None = None, auto_spectra: ColouredSpectrum | None = None
) -> WindowedNoise:
    """Fluctuations with feedback intact, or cut and replaced by a replay, in linear response.

    With c the covariances of different senders and w_ij = K_ij J_ij e^{-2 pi i f d_ij}, two neurons of population i
    hear inputs of covariance w c w† + sum_j K_ij² J_ij² S_j/N_j: what senders have in common, and what is shared since
    the senders are the same. One neuron's input has the variance w c w† + sum_j K_ij J_ij² S_j and that of its drive.
    In an intact balanced network the first nearly cancels the second (Renart et al. 2010; Tetzlaff et al. 2012); a
    replay of independent trains leaves the second. A replay of recorded trains has the inputs of the intact network,
    but what the neurons that hear it do of themselves is not fed back.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    window : float
        T [s].
    replay : str, optional
        None for the intact network, or "independent" or "recorded" as in `noise_suppression`.
    auto_spectra : ColouredSpectrum, optional
        As in `correlations`.

    Returns
    -------
    WindowedNoise

    Raises
    ------
    ValueError, TypeError
        As `correlations`, and for an unknown replay.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> intact, cut = mf.windowed_noise(fp, 0.05), mf.windowed_noise(fp, 0.05, replay="independent")
    >>> (cut.power / intact.power).round(1).tolist()
    [4.1, 6.6]
    >>> [f"{found.net[0]:.4f}" for found in (intact, cut)]  # of inputs: how little is left of shared sources
    ['0.0253', '0.0873']
    """
    if replay is not None:
        check_replay(replay)
    window = check_scalar("window", window, "s", positive=True)
    if window < SHORTEST:
        raise ValueError(f"window must be at least {SHORTEST:g} s, got {window!r} s")
    require_stable(fp)
    network = fp.network
    rate = train_rates(fp, auto_spectra)
    sizes, n = np.array(network.sizes), rate.size
    largest = float((network.indegree * np.abs(network.weight)).max()) or 1.0
    alike = np.concatenate([sizes, np.full(3 * n, sizes.mean() / largest**2), np.ones(n)])  # all of the order of a rate
    signs = (np.maximum(network.weight, 0.0), np.minimum(network.weight, 0.0), network.weight)

    def spectra(f: FloatArray) -> Any:
        """Of pairs of counts (P), of pairs of inputs of either sign and of both (3P), of single trains (P)."""
        single = single_spectra(fp, f, auto_spectra)
        among = pair_spectra(fp, f, auto_spectra)
        heard = np.zeros_like(among) if replay == "independent" else among
        if replay is None:
            pairs = among
        else:
            gain = loop_gain(fp, 2j * np.pi * f)
            pairs = propagate(gain, single / sizes) + gain @ heard @ gain.conj().swapaxes(-1, -2)
        delays = np.array([[d.transform(2j * np.pi * f) for d in row] for row in network.delays])
        columns = [np.diagonal(pairs, axis1=-2, axis2=-1)]
        for weight in signs:
            w = (network.indegree * weight)[..., None] * delays
            columns.append(np.einsum("ijf,fjk,ikf->fi", w, heard, w.conj()))
        return np.concatenate([*columns, single - rate], axis=1) * alike  # what a Poisson process has is added by hand

    seen = window * spectra_in_window(fp, spectra, np.zeros(1), window)[0] / alike
    pairs, inputs, single = seen[:n], seen[n : 4 * n].reshape(3, n), rate + seen[4 * n :]
    found = []
    for common, weight, external in zip(inputs, signs, _external(fp), strict=True):
        shared = (network.indegree * weight) ** 2 @ (single / sizes)
        variance = common + network.indegree * weight**2 @ single + external
        found.append(np.where(variance > 0.0, (common + shared) / np.where(variance > 0.0, variance, 1.0), 0.0))
    return WindowedNoise(
        window=window,
        power=single / sizes + pairs,
        correlation=pairs / (single + pairs),
        excitation=found[0],
        inhibition=found[1],
        net=found[2],
    )


def _external(fp: FixedPoint) -> FloatArray:
    """Variance that the Poisson drives of either sign, and both, bring to a neuron's input, (3, P) [V² Hz]."""
    parts = np.zeros((3, fp.rate.size))
    for drive in fp.network.drives:
        if isinstance(drive, PoissonDrive):
            variance = drive.indegree * drive.weight**2 * drive.rate
            parts += np.stack([variance * (drive.weight > 0), variance * (drive.weight < 0), variance])
    return parts
