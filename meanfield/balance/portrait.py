"""Portrait of a network's activity: how irregular, how correlated, how rhythmic, and what that is called.

The verdict is one of
    AI   asynchronous irregular,      AR   asynchronous regular,
    SI   synchronous irregular,       SR   synchronous regular,
irregular where the mean CV over neurons is 0.5 or more (as in `meanfield.phasediagram.classes`), synchronous in theory
where the asynchronous state is unstable; "quiescent" below 0.1 Hz.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray
from meanfield.balance.conditions import Condition
from meanfield.fixedpoint import FixedPoint, solve
from meanfield.fluctuations import coloured_spectrum, correlations, power_spectra
from meanfield.network import Network
from meanfield.phasediagram.classes import IRREGULAR_CV, QUIET_RATE
from meanfield.stability import Stability, stability

WINDOW = 5e-3  # s, of counts for correlation and synchrony
SAMPLE = 1000  # neurons that synchrony is of, since it depends on their number
BAND = (1.0, 1000.0)  # Hz, where the spectrum's peak is looked for
_QUANTILES = 400
_UNITS = {"rate": "Hz"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """What a network's activity looks like; prints as a table.

    Attributes
    ----------
    network : Network
    source : str
        "theory" or "simulation".
    values : mapping of str to (P,) array
        rate [Hz], cv, CV2, LV, Fano factor, correlation and synchrony (Golomb and Rinzel's chi, of 1000 neurons) of
        counts in 5 ms; in theory also the CV of coloured noise. What is not defined, such as the fluctuations of an
        unstable state, is not there.
    errors : mapping of str to (P,) array
        Standard errors, of what has them.
    peak : float or None
        Frequency [Hz] at which the spectrum of the rate of all neurons is largest (where the state is unstable, that
        of the growing mode); None if it has no maximum in between 1 and 1000 Hz.
    verdict : str
        AI, AR, SI, SR or quiescent.
    criteria : tuple of Condition
        What the verdict is by, with numbers.
    notes : tuple of str
    """

    network: Network
    source: str
    values: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    peak: float | None
    verdict: str
    criteria: tuple[Condition, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = f"{self.network.label}, {self.source}: {self.verdict}"
        lines = [head, f"{'':22}" + "".join(f"{name:>22}" for name in self.network.names)]
        for name, column in self.values.items():
            unit = f" ({_UNITS[name]})" if name in _UNITS else ""
            errors = self.errors.get(name)
            words = [f"{value:.4g}" for value in column]
            if errors is not None:
                words = [f"{word} ± {error:.2g}" for word, error in zip(words, errors, strict=True)]
            lines.append(f"{name + unit:22}" + "".join(f"{word:>22}" for word in words))
        lines.append(f"{'spectrum peak (Hz)':22}{'none' if self.peak is None else format(self.peak, '.4g'):>22}")
        return "\n".join([*lines, *map(str, self.criteria), *(f"* {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        names = self.network.names

        def by_name(columns: Mapping[str, FloatArray]) -> dict[str, dict[str, float]]:
            return {name: dict(zip(names, map(float, column), strict=True)) for name, column in columns.items()}

        return {
            "network": self.network.label,
            "source": self.source,
            "verdict": self.verdict,
            "peak": self.peak,
            "values": by_name(self.values),
            "errors": by_name(self.errors),
            "criteria": [criterion.to_dict() for criterion in self.criteria],
            "notes": list(self.notes),
        }


def portrait(network: Network, *, coloured: bool = True) -> Portrait:
    """Portrait of a network in theory; `validation.portrait` makes that of its simulation.

    Rates and CV are those of white noise, CV2 and LV of its renewal process; Fano factor (of long windows), correlation
    and synchrony are of linear response, for a network of its size. The verdict is by the CV in the coloured noise that
    the network makes for itself if that is asked for, else by that in white noise, which is higher.

    Parameters
    ----------
    network : Network
    coloured : bool
        Whether to find the CV of coloured noise, which takes seconds (`coloured_spectrum`).

    Returns
    -------
    Portrait

    Raises
    ------
    ConvergenceError
        If there is no state, or coloured noise has none.

    Examples
    --------
    >>> import meanfield as mf
    >>> mf.portrait(mf.models.brunel2000(g=5, eta=2), coloured=False).verdict
    'AI'
    >>> mf.portrait(mf.models.brunel2000(g=6, eta=4), coloured=False).verdict       # oscillates at 190 Hz
    'SI'
    """
    fp = solve(network)
    answer = stability(fp)
    values: dict[str, FloatArray] = {"rate": fp.rate, "cv": fp.cv}
    errors: dict[str, FloatArray] = {}
    if (fp.rate > 0.0).all():
        local = [
            local_variations(neuron, float(m), float(s), float(r))
            for neuron, m, s, r in zip(network.neurons, fp.mu, fp.sigma, fp.rate, strict=True)
        ]
        values |= {"CV2": np.array([one[0] for one in local]), "LV": np.array([one[1] for one in local])}
    notes: list[str] = []
    cv, word = fp.cv, "CV"
    if coloured and (fp.rate > 0.0).all():
        found = coloured_spectrum(fp)
        values["cv, coloured noise"] = cv = found.cv
        errors["cv, coloured noise"] = found.cv_error
        word = "CV in coloured noise"
    peak: float | None = answer.frequency if answer.kind == "Hopf" else None
    if answer.is_stable and (fp.rate > 0.0).all():
        values |= _fluctuations(fp)
        peak = _peak(fp)
    elif not answer.is_stable:
        notes.append("the asynchronous state is unstable: its rates and CV are no longer those of the network")
    mean_rate, mean_cv = mean_over_neurons(network, fp.rate), mean_over_neurons(network, cv)
    criteria = (asynchronous(answer), *common_criteria(mean_rate, mean_cv, word))
    verdict = verdict_of(criteria)
    white = mean_over_neurons(network, fp.cv)
    if (white >= IRREGULAR_CV) != (mean_cv >= IRREGULAR_CV):
        notes.append(f"by the CV of white noise, {white:.3f}, it would be the other of regular and irregular")
    return Portrait(
        network=network,
        source="theory",
        values=values,
        errors=errors,
        peak=peak,
        verdict=verdict,
        criteria=criteria,
        notes=tuple(notes),
    )


def asynchronous(answer: Stability) -> Condition:
    """The criterion of theory for asynchrony: perturbations decay."""
    rightmost = -np.inf if answer.rightmost is None else answer.rightmost.real
    return Condition(
        name="asynchronous",
        inequality="0 > Re s of the rightmost root",
        left=0.0,
        right=float(rightmost),
        unit="1/s",
        kind="asynchronous",
    )


def common_criteria(mean_rate: float, mean_cv: float, word: str) -> tuple[Condition, Condition]:
    """Criteria of activity and irregularity, by means over neurons."""
    active = Condition(
        name="active", inequality="mean rate > 0.1 Hz", left=mean_rate, right=QUIET_RATE, unit="Hz", kind="active"
    )
    irregular = Condition(
        name="irregular",
        inequality=f"mean {word} > 0.5",
        left=mean_cv,
        right=IRREGULAR_CV,
        unit="1",
        kind="irregular",
    )
    return active, irregular


def verdict_of(criteria: tuple[Condition, ...]) -> str:
    """AI, AR, SI or SR, or quiescent, by criteria of the kinds asynchronous, active and irregular."""
    holds = {criterion.kind: criterion.holds for criterion in criteria}
    if not holds["active"]:
        return "quiescent"
    return ("A" if holds["asynchronous"] else "S") + ("I" if holds["irregular"] else "R")


def mean_over_neurons(network: Network, values: FloatArray) -> float:
    """Mean of values by population over all neurons."""
    sizes = np.array(network.sizes, dtype=float)
    return float(sizes @ values / sizes.sum())


def local_variations(neuron: Any, mu: float, sigma: float, rate: float) -> tuple[float, float]:
    """(CV2, LV) of the renewal process of a neuron in white noise.

    Means of 2|I' - I|/(I' + I) (Holt et al. 1996) and of 3 ((I' - I)/(I' + I))² (Shinomoto et al. 2003) over
    independent intervals I, I': over pairs of the distribution's quantiles.
    """
    end = 30.0 / rate
    t = np.concatenate([[0.0], np.geomspace(1e-5 / rate, end, 4000)])
    density = np.maximum(neuron.isi_density(t, mu, sigma), 0.0)
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(t))])
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES * cumulative[-1]
    intervals = np.interp(levels, cumulative, t)
    a, b = intervals[:, None], intervals[None, :]
    relative = np.abs(a - b) / (a + b)
    return float(2.0 * relative.mean()), float(3.0 * (relative**2).mean())


def _fluctuations(fp: FixedPoint) -> dict[str, FloatArray]:
    long, short = correlations(fp), correlations(fp, WINDOW)
    pairs = short.covariance.diagonal()
    n = np.minimum(np.array(fp.network.sizes), SAMPLE)
    synchrony = np.sqrt(np.maximum(short.variance + (n - 1.0) * pairs, 0.0) / (n * short.variance))
    return {"Fano factor": long.fano, "correlation": short.correlation.diagonal(), "synchrony": synchrony}


def _peak(fp: FixedPoint) -> float | None:
    f = np.geomspace(*BAND, 600)
    share = np.array(fp.network.sizes) / sum(fp.network.sizes)
    power = np.einsum("i,fij,j->f", share, power_spectra(fp, f), share).real
    highest = int(power.argmax())
    return float(f[highest]) if 0 < highest < f.size - 1 else None
