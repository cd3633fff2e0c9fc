"""Fluctuations of finite networks about a stable state: spectra, correlations, and what feedback does to them."""

from meanfield.fluctuations.coloured import ColouredSpectrum, coloured_spectrum
from meanfield.fluctuations.correlations import Correlations, correlations, cross_correlation
from meanfield.fluctuations.spectra import power_spectra
from meanfield.fluctuations.stepped import SteppedState, stepped_state
from meanfield.fluctuations.suppression import NoiseSuppression, noise_suppression
from meanfield.fluctuations.windowed import WindowedNoise, windowed_noise

__all__ = [
    "ColouredSpectrum",
    "Correlations",
    "NoiseSuppression",
    "SteppedState",
    "WindowedNoise",
    "coloured_spectrum",
    "correlations",
    "cross_correlation",
    "noise_suppression",
    "power_spectra",
    "stepped_state",
    "windowed_noise",
]
