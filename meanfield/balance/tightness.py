"""Loose and tight balance: how much of excitation inhibition cancels, in the mean and on each time scale.

Two meanings are in use. By strength (Ahmadian & Miller 2021, Neuron 109) balance is tight where the net input is much
smaller than excitation, beta << 1, and loose where both are comparable. By time (Denève & Machens 2016, Nat. Neurosci.
19) it is tight where excitation and inhibition cancel from moment to moment, and loose where only their means do: that
is the business of the loop, whose sensitivity T(f) is what it leaves of a fluctuation at frequency f.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check
from meanfield.balance.conditions import Condition
from meanfield.balance.currents import amplitude_ratio, current_spectra, loop_powers, through_windows
from meanfield.balance.recorded import Moments, band_frequencies, check_simulations, mean_of, moments_by_block
from meanfield.balance.scaling import mean_parts
from meanfield.fixedpoint import FixedPoint, solve
from meanfield.fluctuations.spectra import require_stable
from meanfield.network import Network
from meanfield.units import ms

WINDOWS: FloatArray = np.array([x * ms for x in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)])
FREQUENCIES: FloatArray = np.geomspace(1.0, 1000.0, 145)  # Hz
LAG_BIN = 1 * ms
LAGS: FloatArray = np.array([k * LAG_BIN for k in range(-50, 51)])
TIGHT = 0.1  # of beta and of T at low frequency: below, they are "much smaller than 1"
LOST = 0.5  # of T: half the amplitude of a fluctuation is left
_DERIVED = (
    "excitation", "inhibition", "net", "beta", "beta_threshold", "excitation_std", "inhibition_std", "net_std",
    "residual", "loop", "shared", "residual_spectrum", "coherence", "correlation", "peak", "peak_lag", "slow",
    "lost_above",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tightness:
    """How tightly excitation and inhibition balance, by population; prints as a table.

    Currents are in units of the mean input [V], as `Network.input_moments`, and are those of one neuron: what Poisson
    trains and constant currents from outside bring is in the part of its sign, white noise in none.

    Attributes
    ----------
    network : Network
    source : str
        "theory" or "simulation".
    excitation, inhibition : (P,) array
        Means E > 0 and I < 0 [V].
    window : (W,) array
        T [s].
    excitation_std, inhibition_std, net_std : (W, P) array
        Standard deviations of both and of their sum, averaged over windows of length T [V].
    frequency : (F,) array
        [Hz]
    loop : (F, P) array
        Sensitivity T(f), as of `loop_sensitivity`: what the loop leaves of the fluctuations that rates hear.
    shared : (F, P) array
        The same of the net current alone: amplitude of the recurrent current that neurons share, over that of neurons
        that fire independently.
    residual_spectrum : (F, P) array
        S_net/(S_E + S_I): 1 where E and I fluctuate independently, 0 where they cancel.
    coherence : (F, P) array
        |S_EI|²/(S_E S_I), from 0 to 1.
    lag : (L,) array
        [s]
    correlation : (L, P) array
        Correlation of E(t) with -I(t + lag) in bins of 1 ms: positive where they cancel, at a positive lag if
        inhibition follows excitation.
    errors : mapping of str to array
        Standard errors of a simulation, by the names of what they belong to; empty in theory.
    """

    network: Network
    source: str
    excitation: FloatArray
    inhibition: FloatArray
    window: FloatArray
    excitation_std: FloatArray
    inhibition_std: FloatArray
    net_std: FloatArray
    frequency: FloatArray
    loop: FloatArray
    shared: FloatArray
    residual_spectrum: FloatArray
    coherence: FloatArray
    lag: FloatArray
    correlation: FloatArray
    errors: Mapping[str, FloatArray]

    @property
    def net(self) -> FloatArray:
        """Mean net input E + I, measured from rest, (P,) [V]."""
        return self.excitation + self.inhibition

    @property
    def beta(self) -> FloatArray:
        """|net|/E without the threshold, (P,): what is left is measured from rest."""
        return np.asarray(np.abs(self.net) / self.excitation)

    @property
    def beta_threshold(self) -> FloatArray:
        """|net - v_th|/E with the threshold, (P,): what the leak takes at threshold counts as cancelled, too."""
        threshold = np.array([neuron.v_th for neuron in self.network.neurons])
        return np.asarray(np.abs(self.net - threshold) / self.excitation)

    @property
    def residual(self) -> FloatArray:
        """Standard deviation of the net over that of E and I in windows, net/sqrt(E² + I²), (W, P).

        1 where E and I fluctuate independently, less where they cancel.
        """
        return np.asarray(self.net_std / np.hypot(self.excitation_std, self.inhibition_std))

    @property
    def peak(self) -> FloatArray:
        """Highest correlation of E with -I over lags, (P,)."""
        return np.asarray(self.correlation.max(axis=0))

    @property
    def peak_lag(self) -> FloatArray:
        """The lag of the peak [s], (P,), from a parabola through it and its neighbours; positive: I follows E."""
        columns = [_vertex(self.lag, column) for column in self.correlation.T]
        return np.array(columns)

    @property
    def mean_loop(self) -> FloatArray:
        """T(f) averaged over neurons, (F,)."""
        share = np.array(self.network.sizes, dtype=float)
        return np.asarray(self.loop @ share / share.sum())

    @property
    def slow(self) -> float:
        """T averaged over neurons at the lowest frequency."""
        return float(self.mean_loop[0])

    @property
    def lost_above(self) -> float:
        """Frequency [Hz] at which T, averaged over neurons, reaches 1/2 as it rises to its peak: balance is lost above.

        0 if it is 1/2 or more at all frequencies up to its peak, infinite if it stays below.
        """
        return _crossing(self.frequency, self.mean_loop)

    @property
    def time_scale(self) -> float:
        """1/(2 pi lost_above) [s]: on shorter time scales balance is lost; infinite if on all."""
        lost = self.lost_above
        return 1.0 / (2.0 * np.pi * lost) if lost > 0.0 else np.inf

    @property
    def criteria(self) -> tuple[Condition, ...]:
        """What the verdict is by, with numbers."""
        share = np.array(self.network.sizes, dtype=float)
        beta = float(self.beta @ share / share.sum())
        slow = f"T({self.frequency[0]:.3g} Hz)"
        rows = (
            ("balanced means", "1/2 > beta", LOST, beta, "balance"),
            ("tight means", f"{TIGHT:g} > beta", TIGHT, beta, "tight"),
            ("tight fluctuations", f"{TIGHT:g} > {slow}", TIGHT, self.slow, "tight"),
        )
        return tuple(
            Condition(name=name, inequality=words, left=left, right=right, unit="1", kind=kind)
            for name, words, left, right, kind in rows
        )

    @property
    def verdict(self) -> str:
        """One of "tight", "loose" and "unbalanced", by means over neurons.

        Tight asks for beta, without the threshold, and T at the lowest frequency below 0.1; unbalanced is a beta of 1/2
        or more.
        """
        if not all(criterion.holds for criterion in self.criteria if criterion.kind == "balance"):
            return "unbalanced"
        return "tight" if all(criterion.holds for criterion in self.criteria) else "loose"

    @property
    def sentence(self) -> str:
        """The verdict, and the time scale below which balance is lost."""
        lost = self.lost_above
        if lost == 0.0:
            return f"{self.verdict}; fluctuations of no time scale are halved: T({self.frequency[0]:.3g} Hz) >= 1/2"
        if not np.isfinite(lost):
            return f"{self.verdict}; fluctuations are halved at least up to {self.frequency[-1]:.4g} Hz"
        return (
            f"{self.verdict}; balance is lost above {self.with_error('lost_above', '.4g')} Hz, on time scales below "
            f"{self.time_scale / ms:.3g} ms, where the loop leaves more than half of a fluctuation"
        )

    def with_error(self, name: str, style: str = ".4g") -> str:
        """A number as text, with its standard error if it has one."""
        error = self.errors.get(name)
        words = format(getattr(self, name), style)
        return words if error is None else f"{words} ± {float(error):.2g}"

    def __str__(self) -> str:
        from meanfield.balance.report import tightness_table

        return tightness_table(self)

    def __repr__(self) -> str:
        return f"Tightness({self.network.label}, {self.source}: {self.sentence})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; what is infinite is None."""
        arrays = {
            name: np.asarray(getattr(self, name)) for name in (*_DERIVED, "time_scale", "window", "frequency", "lag")
        }
        return {
            "network": self.network.label,
            "populations": list(self.network.names),
            "source": self.source,
            "verdict": self.verdict,
            "criteria": [criterion.to_dict() for criterion in self.criteria],
            **{name: _plain(value) for name, value in arrays.items()},
            "errors": {name: _plain(value) for name, value in self.errors.items()},
        }


def tightness(x: Any, *, f: Any = None, windows: Any = None, auto_spectra: Any = None) -> Tightness:
    """How loosely or tightly excitation and inhibition balance, in theory or in simulations.

    Theory is linear response about a stable state, for a network of its size; see `meanfield.balance.currents` for the
    spectra of one neuron's currents, and `loop_sensitivity` for T(f). From simulations the same is measured: currents
    of the neurons recorded, and T(f) from all spikes (with the loop gain of the state as weights, which cancels where
    inputs are alike but for the response to variance), with standard errors by the jackknife over ten blocks of time of
    each simulation.

    Parameters
    ----------
    x : Network, FixedPoint, or simulation or list of simulations
        A simulation has recorded currents: ``validation.simulate(..., currents=100, current_bin=0.5*ms)``.
    f : (F,) array, optional
        Frequencies of theory [Hz], positive and rising; 1 Hz to 1 kHz by default. A simulation has its own, bands
        of 10%, from 2 Hz (or 20 over its duration) to half the highest that its bins resolve.
    windows : (W,) array, optional
        Lengths T [s], rising; 1 ms to 10 s by default, in a simulation up to a tenth of its duration.
    auto_spectra : ColouredSpectrum, optional
        Of theory: spectra of single spike trains as `mf.coloured_spectrum` finds them, rather than of white noise.

    Returns
    -------
    Tightness

    Raises
    ------
    ValueError
        For an unstable state, a population without excitation or without fluctuations, a simulation without separate
        currents, one that is shorter than 2 s or whose bins do not fit in 1 ms.
    TypeError
        For neurons without a spectrum, and for what is neither network nor simulation.

    Examples
    --------
    >>> import meanfield as mf
    >>> found = mf.balance.tightness(mf.models.brunel2000(g=5, eta=2), f=[1, 10, 30, 60, 100], windows=[0.01, 1])
    >>> found.verdict, round(found.lost_above, 1)
    ('loose', 25.5)
    >>> found.beta.round(3), found.beta_threshold.round(4), found.loop[:, 0].round(2)
    (array([0.181, 0.181]), array([0.0088, 0.0088]), array([0.39, 0.41, 0.52, 0.83, 2.16]))
    """
    if isinstance(x, Network):
        x = solve(x)
    if isinstance(x, FixedPoint):
        frequency = FREQUENCIES if f is None else _rising("f", f, "Hz")
        lengths = WINDOWS if windows is None else _rising("windows", windows, "s")
        return _of_state(x, frequency, lengths, auto_spectra)
    if f is not None or auto_spectra is not None:
        raise ValueError("f and auto_spectra are of theory; a simulation has its own frequencies and spectra")
    simulations = list(x) if isinstance(x, list | tuple) else [x]
    if not simulations:
        raise ValueError("tightness needs one simulation at least, got an empty list")
    network = check_simulations(simulations)
    longest = min(simulation.duration for simulation in simulations) / 10.0
    lengths = WINDOWS[longest * (1.0 + 1e-9) >= WINDOWS] if windows is None else _rising("windows", windows, "s")
    if not lengths[-1] <= longest * (1.0 + 1e-9):
        raise ValueError(
            f"windows must be at most a tenth of the duration of a simulation, {longest:g} s, got {lengths[-1]:g} s"
        )
    frequency, state = band_frequencies(simulations[0]), solve(network)
    blocks = [block for one in simulations for block in moments_by_block(one, state, lengths, LAGS, LAG_BIN)]

    def made(moments: Moments, errors: Mapping[str, FloatArray] | None = None) -> Tightness:
        return _of_moments(network, "simulation", lengths, frequency, moments, errors or {})

    return made(mean_of(blocks), _jackknife(made, blocks))


def _of_state(fp: FixedPoint, f: FloatArray, windows: FloatArray, auto_spectra: Any) -> Tightness:
    if auto_spectra is not None and not hasattr(auto_spectra, "at"):
        raise TypeError(f"auto_spectra must be a ColouredSpectrum, which has all frequencies, got {auto_spectra!r}")
    require_stable(fp)
    spectra = current_spectra(fp, f, auto_spectra=auto_spectra)
    every = np.append(windows, LAG_BIN)
    seen, lags = through_windows(fp, every, LAGS, LAG_BIN, auto_spectra)
    moments = Moments(
        means=np.array(mean_parts(fp.network, fp.rate)),
        windows=seen[:-1],
        spectra=np.stack([spectra.excitation, spectra.inhibition, spectra.cross], axis=-1),
        loop=loop_powers(fp, f, auto_spectra),
        lags=lags,
        bins=seen[-1, :, :2],
    )
    return _of_moments(fp.network, "theory", windows, f, moments, {})


def _of_moments(
    network: Network,
    source: str,
    windows: FloatArray,
    f: FloatArray,
    moments: Moments,
    errors: Mapping[str, FloatArray],
) -> Tightness:
    e, i, both = np.moveaxis(moments.windows, -1, 0)
    power_e, power_i = moments.spectra[..., 0].real, moments.spectra[..., 1].real
    cross = moments.spectra[..., 2]
    for k, name in enumerate(network.names):
        if not moments.means[0, k] > 0.0:
            raise ValueError(f"population {name} of {network.label} has no excitatory input: beta is not defined")
        if not (power_e + power_i)[:, k].min() > 0.0:
            raise ValueError(f"the input of population {name} of {network.label} does not fluctuate")
    both_fluctuate = (power_e > 0.0) & (power_i > 0.0)
    return Tightness(
        network=network,
        source=source,
        excitation=moments.means[0],
        inhibition=moments.means[1],
        window=windows,
        excitation_std=np.sqrt(np.maximum(e, 0.0)),
        inhibition_std=np.sqrt(np.maximum(i, 0.0)),
        net_std=np.sqrt(np.maximum(e + i + 2.0 * both, 0.0)),
        frequency=f,
        loop=amplitude_ratio(moments.loop[..., 0], moments.loop[..., 1]),
        shared=amplitude_ratio(moments.loop[..., 2], moments.loop[..., 3]),
        residual_spectrum=(power_e + power_i + 2.0 * cross.real) / (power_e + power_i),
        coherence=np.where(both_fluctuate, np.abs(cross) ** 2 / np.where(both_fluctuate, power_e * power_i, 1.0), 0.0),
        lag=LAGS,
        correlation=_correlation(moments),
        errors=errors,
    )


def _correlation(moments: Moments) -> FloatArray:
    scale = np.sqrt(moments.bins.prod(axis=1))
    return np.asarray(-moments.lags / np.where(scale > 0.0, scale, np.inf))


def _jackknife(made: Callable[[Moments], Tightness], blocks: list[Moments]) -> dict[str, FloatArray]:
    """Standard errors of everything, from leaving out one block at a time."""
    n = len(blocks)
    left_out = [made(mean_of(blocks[:k] + blocks[k + 1 :])) for k in range(n)]
    errors = {}
    for name in _DERIVED:
        values = np.array([getattr(one, name) for one in left_out])
        if np.isfinite(values).all():
            errors[name] = np.sqrt((n - 1) * values.var(axis=0))
    return errors


def _rising(name: str, values: Any, unit: str) -> FloatArray:
    found = np.atleast_1d(check(name, values, unit, positive=True))
    if found.ndim != 1 or not found.size or (np.diff(found) <= 0.0).any():
        raise ValueError(f"{name} must be rising values [{unit}], one at least, got {values!r}")
    return found


def _crossing(f: FloatArray, values: FloatArray) -> float:
    """Where `values` last rise through LOST below their maximum, between two frequencies by a power law."""
    peak = int(values.argmax())
    if values[peak] < LOST:
        return float("inf")
    below = np.flatnonzero(values[:peak] < LOST)
    if not below.size:
        return 0.0
    k = int(below[-1])
    share = np.log(LOST / values[k]) / np.log(values[k + 1] / values[k])
    return float(f[k] * (f[k + 1] / f[k]) ** share)


def _vertex(x: FloatArray, y: FloatArray) -> float:
    """Where the parabola through the highest of equidistant values and its neighbours is highest."""
    k = int(y.argmax())
    if not 0 < k < y.size - 1:
        return float(x[k])
    bend = y[k - 1] - 2.0 * y[k] + y[k + 1]
    return float(x[k] if bend == 0.0 else x[k] + 0.5 * (y[k - 1] - y[k + 1]) / bend * (x[1] - x[0]))


def _plain(values: Any) -> Any:
    """Nested lists of floats; None for what is infinite."""
    return None if np.ndim(values) == 0 and not np.isfinite(values) else np.asarray(values).tolist()
