"""Spectra of the population rates of a finite network about a stable state.

Each neuron fires as in the stationary state, independently of the others, and answers linearly to what the fluctuations
of the network do to its input (Lindner, Doiron & Longtin 2005, Phys. Rev. E 72; Helias, Tetzlaff & Diesmann 2014,
PLoS Comput. Biol. 10; Bos, Diesmann & Helias 2016, PLoS Comput. Biol. 12): x = L x + xi, so that

    C(f) = (1 - L)^{-1} D (1 - L)^{-†},   D = diag(S_i/N_i),   L = L(2 pi i f),

with S_i the spectrum of one neuron's spike train and N_i the size of its population.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.fixedpoint.state import FixedPoint
from meanfield.neurons.base import SpectralNeuron
from meanfield.response import ComplexArray, loop_gain
from meanfield.stability import stability


def power_spectra(fp: FixedPoint, f: Any, *, auto_spectra: Any = None, check_stability: bool = True) -> ComplexArray:
    """Spectra and cross-spectra of the population rates of a finite network, in linear response.

    C_ij(f) is the Fourier transform, integral of e^{-2 pi i f tau} d tau, of the covariance function
    <x_i(t + tau) x_j(t)> of the population rates x, which are spikes per neuron and second. It is two-sided: the
    variance of x_i is the integral of C_ii over negative and positive f. C(-f) is the conjugate of C(f).

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    f : float or (...) array
        Frequencies [Hz], of either sign.
    auto_spectra : ColouredSpectrum or (..., P) array, optional
        Spectra of one neuron's spike train [Hz], as `coloured_spectrum` finds them, or values at `f`; default is the
        renewal process that white-noise theory gives, `neuron.spectrum`.
    check_stability : bool
        False leaves out the test that the state is stable. (About an unstable state fluctuations grow until linear
        response no longer holds, and the formula, though finite, is no spectrum of anything.)

    Returns
    -------
    (..., P, P) complex array
        C [Hz² / Hz = Hz]: Hermitian and positive; with frequency it goes to rate/N on the diagonal where synapses are
        filtered (with jumps of the membrane potential some of the response is instantaneous and stays).

    Raises
    ------
    ValueError
        For an unstable state, an `f` beyond what the response covers (|2 pi f| tau_m <= 1e6), or a population that
        fires without noise.
    TypeError
        For neurons without a linear response or a spectrum.

    Notes
    -----
    Simulated (12,500 neurons, g = 5, eta = 2) the spectrum agrees within 25% below the resonance and on its upper
    flank, to 200 Hz; the resonance itself is half as high, and beyond 200 Hz there is twice the power.

    Examples
    --------
    >>> import numpy as np, meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> f = np.arange(1.0, 400.0)
    >>> spectrum = mf.power_spectra(fp, f)[:, 0, 0].real
    >>> float(f[spectrum.argmax()])     # the network resonates: mf.stability(fp).frequency is 124 Hz
    123.0
    """
    f = check("f", f, "Hz")
    if check_stability:
        require_stable(fp)
    sources = single_spectra(fp, f, auto_spectra) / np.array(fp.network.sizes)
    return propagate(transfer(fp, f), sources)


def require_stable(fp: FixedPoint) -> None:
    """Raise ValueError if the state is unstable."""
    found = stability(fp)
    if not found.is_stable:
        root = found.roots[0]
        how = f"{found.kind}: perturbations grow by {root.real:.4g}/s at {found.frequency:.4g} Hz"
        raise ValueError(
            f"fp must be a stable state: {fp.network.label} is not ({how}), so its fluctuations have no spectra; "
            f"power_spectra(..., check_stability=False) evaluates the formula all the same"
        )


def neuron_spectra(fp: FixedPoint, f: FloatArray) -> FloatArray:
    """Spectra of single neurons' spike trains in white noise, (..., P) [Hz] at frequencies `f` (...) [Hz]."""
    network = fp.network
    out = np.empty((*f.shape, network.n_populations))
    inputs = list(zip(network.neurons, fp.mu.tolist(), fp.sigma.tolist(), strict=True))
    for i, (neuron, mu, sigma) in enumerate(inputs):
        if not isinstance(neuron, SpectralNeuron):
            words = f"{type(neuron).__name__} has no method spectrum(f, mu, sigma)"
            raise TypeError(f"population {network.names[i]}: {words}")
        first = inputs.index(inputs[i])  # populations that are alike share their spectrum
        if first < i:
            out[..., i] = out[..., first]
            continue
        try:
            out[..., i] = neuron.spectrum(f, mu, sigma)
        except ValueError as error:
            raise ValueError(f"population {network.names[i]}: {error}") from None
    return out


def transfer(fp: FixedPoint, f: FloatArray) -> ComplexArray:
    """(1 - L)^{-1} at frequencies `f` (...), (..., P, P): what the network makes of its sources."""
    return inverse_of_one_minus(loop_gain(fp, 2j * np.pi * f))


def inverse_of_one_minus(gain: ComplexArray) -> ComplexArray:
    """(1 - L)^{-1} of a loop gain, (..., P, P)."""
    return np.asarray(np.linalg.inv(np.eye(gain.shape[-1]) - gain), dtype=np.complex128)


def propagate(matrix: ComplexArray, sources: FloatArray) -> ComplexArray:
    """Return M diag(sources) M†, exactly Hermitian; (..., P, P)."""
    half = matrix * np.sqrt(sources)[..., None, :]
    product: ComplexArray = half @ half.conj().swapaxes(-1, -2)  # rounded as the processor's BLAS happens to
    return 0.5 * (product + product.conj().swapaxes(-1, -2))


def single_spectra(fp: FixedPoint, f: FloatArray, auto_spectra: Any = None) -> FloatArray:
    """Spectra of single neurons' spike trains, (..., P) [Hz]: white-noise theory's, or those given.

    A `ColouredSpectrum` is flat beyond the frequencies that it has, where spike trains are as Poisson's.
    """
    if auto_spectra is None:
        return neuron_spectra(fp, f)
    if hasattr(auto_spectra, "at"):
        return np.asarray(auto_spectra.at(np.minimum(np.abs(f), auto_spectra.f[-1])))
    shape = (*f.shape, fp.network.n_populations)
    return check("auto_spectra", auto_spectra, "Hz", nonnegative=True, shape=shape, shape_words="(f, population)")
