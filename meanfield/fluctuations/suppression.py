"""How far the network's feedback suppresses its own fluctuations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fluctuations.spectra import inverse_of_one_minus, propagate, require_stable, single_spectra
from meanfield.response import loop_gain

REPLAYS = ("independent", "recorded")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseSuppression:
    """Power of the population rates with feedback, and with the feedback replaced by a replay.

    Attributes
    ----------
    f : (F,) array
        Frequencies [Hz].
    recurrent : (F, P) array
        Spectra of the population rates of the intact network [Hz], as the diagonal of `power_spectra`.
    feedforward : (F, P) array
        Spectra of the same populations driven by the replay [Hz].
    """

    f: FloatArray
    recurrent: FloatArray
    feedforward: FloatArray

    @property
    def ratio(self) -> FloatArray:
        """Power with feedback over power without, (F, P): below 1 where feedback suppresses fluctuations."""
        return self.recurrent / self.feedforward


def noise_suppression(
    fp: FixedPoint, f: Any, *, replay: str = "independent", auto_spectra: Any = None
) -> NoiseSuppression:
    """Compare the fluctuations of a recurrent network with those of its feedforward replay.

    After Tetzlaff, Helias, Einevoll & Diesmann (2012, PLoS Comput. Biol. 8). The feedback is cut: each neuron gets,
    through the very synapses that it has (so that inputs are shared as before), the spike trains of neurons that do
    not hear it. Mean, variance and spectrum of what one neuron gets are unchanged, and so are its rate, its response
    and its own noise; only the loop is open. With q the population rates of the senders, independent of the noise xi,

        intact:       x = L x + xi,    C  = (1 - L)^{-1} D (1 - L)^{-†},     D = diag(S_i/N_i),
        feedforward:  x = L q + xi,    C' = D + L Q L†.

    - `replay="independent"`: senders are independent of each other, with the auto-spectra of the network's neurons
      (their spike trains shuffled between realisations): Q = D. For one population C/C' = 1/(|1 - L|² (1 + |L|²)).
    - `replay="recorded"`: senders are the neurons of another realisation of the network, with all their correlations:
      Q = C. For one population C/C' = 1/(|1 - L|² + |L|²).

    These are the two that the paper perturbs: correlations within the feedback, and between the feedback and what
    drives the population. Inhibitory feedback, Re L < 0, makes both ratios less than 1. With several populations the
    loops that are suppressed are the eigenmodes of L of negative real part; a population is suppressed by what it has
    of them, and its ratio to the recorded replay may be near or above 1 although the mode is suppressed, since its
    own noise xi_i then is no longer part of what it hears. Independent neurons without any shared input would have
    the power D; a ratio to that, |1 - L|^{-2} for one population, mixes the effect of shared input, which raises the
    power, with that of feedback.

    Parameters
    ----------
    fp : FixedPoint
        A stable state.
    f : (F,) array
        Frequencies [Hz].
    replay : str
        "independent" or "recorded".
    auto_spectra : ColouredSpectrum or (F, P) array, optional
        As in `power_spectra`.

    Returns
    -------
    NoiseSuppression

    Raises
    ------
    ValueError, TypeError
        As `power_spectra`, and for an unknown replay.

    Examples
    --------
    >>> import meanfield as mf
    >>> fp = mf.solve(mf.models.brunel2000(g=5, eta=2))
    >>> mf.noise_suppression(fp, [1.0, 10.0]).ratio[:, 0].round(4)
    array([0.173, 0.188])
    """
    check_replay(replay)
    f = np.atleast_1d(check("f", f, "Hz"))
    if f.ndim != 1:
        raise ValueError(f"f must be one-dimensional, got shape {f.shape}")
    require_stable(fp)
    gain = loop_gain(fp, 2j * np.pi * f)
    sources = single_spectra(fp, f, auto_spectra) / np.array(fp.network.sizes)
    recurrent = propagate(inverse_of_one_minus(gain), sources)
    if replay == "independent":
        driven = propagate(gain, sources)
    else:
        driven = gain @ recurrent @ gain.conj().swapaxes(-1, -2)
    diagonal = np.arange(gain.shape[-1])
    return NoiseSuppression(
        f=f,
        recurrent=recurrent[:, diagonal, diagonal].real,
        feedforward=sources + driven[:, diagonal, diagonal].real,
    )


def check_replay(replay: str) -> None:
    """Raise ValueError for what is no kind of replay."""
    if replay not in REPLAYS:
        raise ValueError(f"replay must be one of {', '.join(map(repr, REPLAYS))}, got {replay!r}")
