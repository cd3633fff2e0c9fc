"""What theory says of an oscillation of Brunel's network: white-noise theory, and that of finite weights in steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

import meanfield as mf
from meanfield._validate import FloatArray
from validation import rhythm

_FREQUENCIES = 400  # of spectra, in the band


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Theory at one eta: rate [Hz], damping -Re s [1/s] and frequency |Im s|/2 pi [Hz] of the critical root.

    `peak` [Hz] is where the spectrum of a finite network is largest, and `fluctuation` is N V/nu [Hz] of that spectrum,
    as in `Measurement`; both are NaN where the state is unstable.
    """

    eta: float
    rate: float
    damping: float
    frequency: float
    peak: float
    fluctuation: float


def predict(g: float, eta: float, band: tuple[float, float]) -> Prediction:
    """White-noise theory at one point."""
    fp = mf.solve(mf.models.brunel2000(g=g, eta=eta))
    stability = mf.stability(fp)
    root = complex(math.nan, math.nan) if stability.rightmost is None else stability.rightmost
    return _prediction(eta, fp, fp.rate, root, mf.power_spectra if stability.is_stable else None, band)


def predict_stepped(g: float, eta: float, band: tuple[float, float], dt: float) -> Prediction:
    """Theory of finite weights in steps of time at one point: the mode that is white-noise theory's rightmost."""
    fp = mf.solve(mf.models.brunel2000(g=g, eta=eta))
    state = mf.stepped_state(fp, dt)
    near = mf.stability(fp).rightmost
    root = complex(math.nan, math.nan) if near is None else state.mode(complex(near.real, abs(near.imag)))
    spectra = (lambda _, f: state.power_spectra(f)) if root.real < 0.0 else None
    return _prediction(eta, fp, state.rate, root, spectra, band)


def stepped_boundary(g: float, etas: Sequence[float], dt: float) -> float:
    """eta where the mode of the theory of finite weights in steps of time has no damping; NaN if nowhere on the way."""

    def damping(eta: float) -> float:
        return predict_stepped(g, eta, (1.0, 2.0), dt).damping

    ends = min(etas), max(etas)
    values = [damping(eta) for eta in ends]
    if not values[0] * values[1] < 0.0:
        return math.nan
    return float(brentq(damping, *ends, xtol=1e-3))


def _prediction(
    eta: float, fp: mf.FixedPoint, rates: FloatArray, root: complex, spectra: Any, band: tuple[float, float]
) -> Prediction:
    """Peak and fluctuation are of `spectra(fp, f)`, where it is given."""
    share = np.array(fp.network.sizes) / sum(fp.network.sizes)
    n_neurons, rate = sum(fp.network.sizes), float(share @ rates)
    peak = fluctuation = math.nan
    if spectra is not None:
        f = np.linspace(*band, _FREQUENCIES)
        power = np.einsum("i,fij,j->f", share, spectra(fp, f), share).real
        peak = _top(f, power)
        fluctuation = float(rhythm.band_variance(f, power, rate / n_neurons, band)) * n_neurons / rate
    frequency = abs(root.imag) / (2.0 * math.pi)
    return Prediction(
        eta=eta, rate=float(rates[0]), damping=-root.real, frequency=frequency, peak=peak, fluctuation=fluctuation
    )


def _top(f: FloatArray, power: FloatArray) -> float:
    """Where a spectrum is largest, by the parabola through the highest point and its neighbours."""
    k = min(max(int(power.argmax()), 1), len(f) - 2)
    before, here, after = np.log(power[k - 1 : k + 2])
    return float(f[k] + 0.5 * (f[1] - f[0]) * (before - after) / (before - 2.0 * here + after))
