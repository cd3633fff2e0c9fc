"""Networks of populations: who is connected to whom, how strongly, and what drives them from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check
from meanfield.delays import FIXED, Delay, DelayLike, FixedDelay, delay_matrix
from meanfield.neurons.base import Neuron
from meanfield.neurons.receptors import check_weights, receptors_of

_PER_POPULATION = "(one entry a population)"
_TARGET_SOURCE = "([target, source])"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoissonDrive:
    """Independent Poisson spike trains from outside, onto every neuron.

    A neuron of population i gets `indegree[i]` independent trains of rate `rate[i]` through synapses of
    `weight[i]`; in the diffusion limit they add tau_m K J r to the mean and tau_m K J² r to sigma².

    Parameters
    ----------
    indegree : float or (P,) array
        Number K of external synapses a neuron.
    weight : float or (P,) array
        Jump J of the membrane potential a spike [V].
    rate : float or (P,) array
        Rate r of each train [Hz].
    """

    indegree: FloatArray
    weight: FloatArray
    rate: FloatArray

    if TYPE_CHECKING:  # what is accepted is wider than what is kept

        def __init__(self, *, indegree: ArrayLike, weight: ArrayLike, rate: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        _freeze(self, "indegree", check("drive indegree", self.indegree, "1", nonnegative=True))
        _freeze(self, "weight", check("drive weight", self.weight, "V"))
        _freeze(self, "rate", check("drive rate", self.rate, "Hz", nonnegative=True))

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __hash__(self) -> int:
        return _hash(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConstantDrive:
    """A constant input current, as the depolarisation `mu` [V] it causes at rest; scalar or (P,) array."""

    mu: FloatArray

    if TYPE_CHECKING:

        def __init__(self, *, mu: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        _freeze(self, "mu", check("drive mu", self.mu, "V"))

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __hash__(self) -> int:
        return _hash(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhiteNoiseDrive:
    """Gaussian white noise, independent for every neuron, of amplitude `sigma` [V]; scalar or (P,) array.

    In the convention tau_m dV/dt = -V + mu + sigma sqrt(tau_m) xi(t): the free variance is sigma²/2.
    """

    sigma: FloatArray

    if TYPE_CHECKING:

        def __init__(self, *, sigma: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        _freeze(self, "sigma", check("drive sigma", self.sigma, "V", nonnegative=True))

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __hash__(self) -> int:
        return _hash(self)


Drive = PoissonDrive | ConstantDrive | WhiteNoiseDrive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """A network of P homogeneous populations with sparse random connections, immutable.

    Each neuron of population i receives `indegree[i, j]` synapses from random neurons of population j. In the
    diffusion limit its input has the moments (Brunel 2000, eqs. 3 to 5)

        mu_i = tau_m,i [sum_j K_ij J_ij nu_j] + external,   sigma_i² = tau_m,i [sum_j K_ij J_ij² nu_j] + external.

    Variants of a network are made with `dataclasses.replace`.

    Parameters
    ----------
    names : sequence of P str
        Names of the populations, all different.
    sizes : sequence of P int
        Numbers of neurons.
    neurons : Neuron or sequence of P Neuron
        One neuron model for all populations, or one a population.
    indegree : (P, P) array
        Synapses K onto a neuron, [target, source].
    weight : (P, P) array
        Jump J of the membrane potential a spike [V], [target, source]; inhibition is negative.
    delay : float, Delay, (P, P) array, or nested list of floats and Delays
        Transmission delay [s], [target, source]: a number, or a distribution such as `UniformDelay`. Kept as an array
        of floats if all are fixed, else of Delay.
    drives : sequence of PoissonDrive, ConstantDrive or WhiteNoiseDrive
        Inputs from outside; they add up.
    label : str
        A name for figures and tables.

    Attributes
    ----------
    mean_coupling : (P, P) array
        tau_m K J, d mu / d rate [V s], [target, source].
    variance_coupling : (P, P) array
        tau_m K J², d sigma² / d rate [V² s], [target, source].
    mu_ext, variance_ext : (P,) array
        External parts of mu [V] and of sigma² [V²].

    Raises
    ------
    ValueError, TypeError
        For a shape that does not fit (both are named), NaN, infinity, a negative size, indegree or delay, or a
        Brian2 quantity of the wrong dimension; for weights and drives that are not those of a neuron's receptors.

    Examples
    --------
    >>> import meanfield as mf
    >>> from meanfield.units import ms, mV, Hz
    >>> lif = mf.LIF(tau_m=20*ms, t_ref=2*ms, v_th=20*mV, v_reset=10*mV)
    >>> net = mf.Network(names=["E", "I"], sizes=[10_000, 2_500], neurons=lif,
    ...                  indegree=[[1000, 250], [1000, 250]], weight=[[.1*mV, -.5*mV]]*2, delay=1.5*ms,
    ...                  drives=[mf.PoissonDrive(indegree=1000, weight=.1*mV, rate=20*Hz)])
    >>> mu, sigma = net.input_moments([38*Hz, 38*Hz])
    >>> [round(float(x / mV), 3) for x in (mu[0], sigma[0])]
    [21.0, 7.688]
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    neurons: tuple[Neuron, ...]
    indegree: FloatArray
    weight: FloatArray
    delay: NDArray[Any] = field(default_factory=lambda: np.zeros(()))
    drives: tuple[Drive, ...] = ()
    label: str = "network"
    mean_coupling: FloatArray = field(init=False, repr=False)
    variance_coupling: FloatArray = field(init=False, repr=False)
    mu_ext: FloatArray = field(init=False, repr=False)
    variance_ext: FloatArray = field(init=False, repr=False)
    _memo: dict[str, Any] = field(init=False, repr=False, default_factory=dict)  # derived forms, made once

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            names: Sequence[str],
            sizes: ArrayLike,
            neurons: Neuron | Sequence[Neuron],
            indegree: ArrayLike,
            weight: ArrayLike,
            delay: DelayLike = 0.0,
            drives: Drive | Sequence[Drive] = (),
            label: str = "network",
        ) -> None: ...

    def __post_init__(self) -> None:
        names = _names(self.names)
        n = len(names)
        matrix = (n, n)
        _freeze(self, "names", names)
        _freeze(self, "sizes", _sizes(self.sizes, n))
        _freeze(self, "neurons", _neurons(self.neurons, n))
        for name, unit, nonnegative in (("indegree", "1", True), ("weight", "V", False)):
            value = check(name, getattr(self, name), unit, nonnegative=nonnegative)
            if value.shape != matrix:
                raise ValueError(f"{name} must have shape {matrix} {_TARGET_SOURCE}, got shape {value.shape}")
            _freeze(self, name, value)
        _freeze(self, "delay", delay_matrix("delay", self.delay, n))
        _freeze(self, "drives", _drives(self.drives, n))
        for i in range(n):
            self._check_receptors(i)
        self._precompute()

    def _precompute(self) -> None:
        tau_m = np.array([neuron.tau_m for neuron in self.neurons])
        mu_ext = np.zeros(len(self.names))
        variance_ext = np.zeros(len(self.names))
        for drive in self.drives:
            if isinstance(drive, PoissonDrive):
                mu_ext += tau_m * drive.indegree * drive.weight * drive.rate
                variance_ext += tau_m * drive.indegree * drive.weight**2 * drive.rate
            elif isinstance(drive, ConstantDrive):
                mu_ext += drive.mu
            else:
                self._refuse_white_noise_through_filters(drive)
                variance_ext += drive.sigma**2
        with np.errstate(over="ignore", invalid="ignore"):
            variance_coupling = tau_m[:, None] * self.indegree * self.weight**2
        if not (np.isfinite(variance_coupling).all() and np.isfinite(variance_ext).all()):
            raise ValueError(f"weight is too large for its square, got up to {np.abs(self.weight).max():g} V")
        _freeze(self, "mean_coupling", tau_m[:, None] * self.indegree * self.weight)
        _freeze(self, "variance_coupling", variance_coupling)
        _freeze(self, "mu_ext", mu_ext)
        _freeze(self, "variance_ext", variance_ext)

    def _check_receptors(self, i: int) -> None:
        """Neurons with receptors are told the moments of their input for rates of spikes, of their own weights."""
        receptors = receptors_of(self.neurons[i])
        if receptors is None:
            return
        name = self.names[i]
        used = (self.indegree[i] > 0) & (self.weight[i] != 0)
        check_weights(name, receptors, self.weight[i, used], "weight")
        for k, drive in enumerate(self.drives):
            if isinstance(drive, PoissonDrive):
                used = (drive.indegree[i : i + 1] > 0) & (drive.weight[i : i + 1] != 0)
                check_weights(name, receptors, drive.weight[i : i + 1][used], f"drive {k}")
            elif (drive.mu if isinstance(drive, ConstantDrive) else drive.sigma)[i] != 0:
                kind, word = type(drive).__name__, type(self.neurons[i]).__name__
                cure = "set its mu_0" if isinstance(drive, ConstantDrive) else "use a PoissonDrive"
                raise ValueError(f"{kind} cannot drive population {name}, since {word} takes spikes: {cure}")

    def _refuse_white_noise_through_filters(self, drive: WhiteNoiseDrive) -> None:
        """White noise on the membrane and filtered noise through synapses have no common shift of threshold."""
        for name, neuron, sigma in zip(self.names, self.neurons, drive.sigma, strict=True):
            if sigma > 0 and getattr(neuron, "tau_s", 0.0) > 0:
                raise ValueError(
                    f"WhiteNoiseDrive acts on the membrane itself and cannot be combined with filtered synapses: "
                    f"population {name} has tau_s = {neuron.tau_s!r} s and drive sigma = {float(sigma)!r} V"  # type: ignore[attr-defined]
                )

    @property
    def n_populations(self) -> int:
        """Number P of populations."""
        return len(self.names)

    @property
    def delays(self) -> tuple[tuple[Delay, ...], ...]:
        """Distribution of the delays of each connection, P rows of P, [target][source]."""
        found: tuple[tuple[Delay, ...], ...] | None = self._memo.get("delays")
        if found is None:
            fixed = self.delay.dtype != object
            found = tuple(tuple(FixedDelay(d) if fixed else d for d in row) for row in self.delay.tolist())
            self._memo["delays"] = found
        return found

    @property
    def effective_delay(self) -> float:
        """Mean delay over connections [s], weighted by the strength of their mean input; 0 without connections."""
        weight = np.abs(self.mean_coupling)
        return float((weight * self.mean_delay).sum() / weight.sum()) if weight.sum() > 0 else 0.0

    @property
    def packed_delays(self) -> FloatArray:
        """Kinds and parameters of the delays, (P, P, 4), as `meanfield.delays.delay_transform` takes them."""
        return self._delays_as_arrays()[0]

    @property
    def mean_delay(self) -> FloatArray:
        """Mean delay of each connection, (P, P) [s], [target, source]."""
        return self._delays_as_arrays()[1]

    def _delays_as_arrays(self) -> tuple[FloatArray, FloatArray]:
        found: tuple[FloatArray, FloatArray] | None = self._memo.get("delay arrays")
        if found is None:
            n = self.n_populations
            if self.delay.dtype == object:
                packed = np.array([[d.packed() for d in row] for row in self.delays])
                mean = np.array([[d.expectation for d in row] for row in self.delays])
            else:  # without n² objects: a phase diagram makes many networks
                packed, mean = np.zeros((n, n, 4)), self.delay
                packed[..., 0], packed[..., 1] = FIXED, self.delay
            packed.setflags(write=False)
            mean.setflags(write=False)
            found = self._memo["delay arrays"] = (packed, mean)
        return found

    def input_moments(self, rate: Any) -> tuple[FloatArray, FloatArray]:
        """Mean and amplitude of the input of each population in the diffusion limit.

        Parameters
        ----------
        rate : float or (P,) array
            Firing rates of the populations [Hz].

        Returns
        -------
        mu, sigma : (P,) array
            [V]; the free membrane potential has mean mu and variance sigma²/2.
        """
        n = self.n_populations
        rate = check("rate", rate, "Hz", nonnegative=True, shape=(n,), shape_words=_PER_POPULATION)
        mu = self.mean_coupling @ rate + self.mu_ext
        sigma = np.sqrt(self.variance_coupling @ rate + self.variance_ext)
        return mu, sigma

    def __eq__(self, other: object) -> bool:
        return _same(self, other)

    def __hash__(self) -> int:
        return _hash(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, ({f.name: getattr(self, f.name) for f in fields(self) if f.init},)


def check_network(network: Any) -> None:
    """Raise TypeError for what is no network."""
    if not isinstance(network, Network):
        raise TypeError(f"network must be a meanfield.Network (meanfield.models has some), got {network!r}")


def _rebuild(arguments: dict[str, Any]) -> Network:
    return Network(**arguments)  # through the constructor, so that the arrays are read-only again


def _freeze(noun: Any, name: str, value: Any) -> None:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    object.__setattr__(noun, name, value)


def _same(noun: Any, other: Any) -> bool:
    if type(noun) is not type(other):
        return False
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        for a, b in ((getattr(noun, f.name), getattr(other, f.name)) for f in fields(noun) if f.init)
    )


def _hash(noun: Any) -> int:
    values = (getattr(noun, f.name) for f in fields(noun) if f.init)
    return hash(tuple(_hashable(v) if isinstance(v, np.ndarray) else v for v in values))


def _hashable(array: NDArray[Any]) -> Any:
    return tuple(array.flat) if array.dtype == object else array.tobytes()


def _names(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError(f"names must be a sequence of names, got the string {names!r}")
    if not isinstance(names, Iterable):
        raise TypeError(f"names must be a sequence of names, got {names!r}")
    names = tuple(str(name) for name in names)
    if not names:
        raise ValueError("names must name at least one population, got none")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"names must all be different, got {repeated[0]!r} more than once")
    return names


def _sizes(sizes: Any, n: int) -> tuple[int, ...]:
    array = check("sizes", sizes, "1", positive=True)
    if array.shape != (n,):
        raise ValueError(f"sizes must have shape {(n,)} {_PER_POPULATION}, got shape {array.shape}")
    if (array != np.rint(array)).any():
        bad = float(array[array != np.rint(array)][0])
        raise ValueError(f"sizes must be whole numbers of neurons, got {bad!r}")
    return tuple(int(size) for size in array)


_NEURON_TYPES: set[type] = set()  # those that were found to be; the test of a protocol is slow


def _is_neuron(thing: Any) -> bool:
    if type(thing) in _NEURON_TYPES:
        return True
    if isinstance(thing, Neuron) and not isinstance(thing, type):
        _NEURON_TYPES.add(type(thing))
        return True
    return False


def _neurons(neurons: Any, n: int) -> tuple[Neuron, ...]:
    given = neurons if isinstance(neurons, list | tuple) else (neurons,) * n if _is_neuron(neurons) else neurons
    if not isinstance(given, Sequence) or not all(map(_is_neuron, given)):
        raise TypeError(f"neurons must be a neuron model such as meanfield.LIF, or one a population, got {neurons!r}")
    if len(given) != n:
        raise ValueError(f"neurons must be one model or {n} {_PER_POPULATION}, got {len(given)}")
    return tuple(given)


def _drives(drives: Any, n: int) -> tuple[Drive, ...]:
    given = (drives,) if isinstance(drives, Drive) else drives
    if not isinstance(given, Iterable):
        raise TypeError(f"drives must be PoissonDrive, ConstantDrive or WhiteNoiseDrive, or several, got {drives!r}")
    return tuple(_broadcast_drive(drive, n) for drive in given)


def _broadcast_drive(drive: Drive, n: int) -> Drive:
    if not isinstance(drive, Drive):
        raise TypeError(f"drives must be PoissonDrive, ConstantDrive or WhiteNoiseDrive, got {drive!r}")
    broadcast = object.__new__(type(drive))  # of values that were checked when the drive was made
    for f in fields(drive):
        value = getattr(drive, f.name)
        if value.shape not in ((), (n,)):
            raise ValueError(
                f"drive {f.name} must be a scalar or have shape {(n,)} {_PER_POPULATION}, got {value.shape}"
            )
        _freeze(broadcast, f.name, np.full(n, value))
    return broadcast
