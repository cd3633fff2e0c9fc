"""Spike-coding networks: the tight limit of balance, in which every spike corrects a read-out.

A linear decoder reads J variables from N spike trains o(t),

    d x̂/dt = -lambda_d x̂ + Γ o,        d r/dt = -lambda_d r + lambda_d o,   x̂ = Γ r/lambda_d,

and a neuron fires only if that lowers the loss |x - x̂|² + nu |r|_1 + mu |r|², where dx/dt = A x + c(t). Then
V_i = Γ_iᵀ(x - x̂) - mu lambda_d r_i is a membrane potential, T_i = (|Γ_i|² + nu lambda_d + mu lambda_d²)/2 its
threshold, and the decoder gives all weights (Boerlin, Machens & Denève 2013, eqs. 5 to 11). Excitation and inhibition
cancel down to the error of the code, which falls as 1/N where a code of independent spikes falls as 1/√N.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from meanfield._validate import FloatArray, as_si, check, check_rng, check_scalar, check_whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpikeCodingNetwork:
    """A network of leaky integrate-and-fire neurons derived from a decoder.

    The weights are those of

        dV/dt = -leak V + input c(t) + slow r(t) - fast o(t),    a spike at V = threshold,

    in units of the loss: V, thresholds and fast weights have those of |Γ|². What is left out is Γᵀ(A + leak)(x - x̂),
    of the order of the coding error; it vanishes for A = -leak. The paper leaves the small term
    mu lambda_d (lambda_d - leak) of the slow weights out, too, which is kept here.

    Parameters
    ----------
    decoder : (J, N) array
        Γ: what a spike of each neuron adds to the read-out.
    dynamics : (J, J) array, optional
        A [1/s]; by default -decay, so that the network encodes the input filtered as a spike is, without slow weights.
    decay : float
        lambda_d, of the read-out [1/s].
    leak : float, optional
        lambda_V, of the membrane [1/s]; `decay` by default.
    linear_cost : float
        nu [s], on the summed rates.
    quadratic_cost : float
        mu [s²], on the squared rates; spreads spikes over neurons.

    Examples
    --------
    >>> net = SpikeCodingNetwork(decoder=[[0.1, -0.1]], decay=10.0)
    >>> net.threshold
    array([0.005, 0.005])
    >>> net.fast.round(3)
    array([[ 0.01, -0.01],
           [-0.01,  0.01]])
    """

    decoder: FloatArray
    dynamics: FloatArray = None  # type: ignore[assignment]  # filled in
    decay: float
    leak: float = None  # type: ignore[assignment]  # filled in
    linear_cost: float = 0.0
    quadratic_cost: float = 0.0

    if TYPE_CHECKING:  # what is accepted is wider than what is kept

        def __init__(
            self,
            *,
            decoder: ArrayLike,
            decay: float,
            dynamics: ArrayLike | None = None,
            leak: float | None = None,
            linear_cost: float = 0.0,
            quadratic_cost: float = 0.0,
        ) -> None: ...

    def __post_init__(self) -> None:
        decoder = check("decoder", self.decoder, "1")
        if decoder.ndim != 2 or decoder.size == 0:
            raise ValueError(f"decoder must have shape (variables, neurons), got shape {decoder.shape}")
        silent = np.flatnonzero(~decoder.any(axis=0))
        if silent.size:
            raise ValueError(f"decoder must have a weight for every neuron, got zeros for neuron {silent[0]}")
        decay = check_scalar("decay", self.decay, "Hz", positive=True)
        j = decoder.shape[0]
        given = -decay * np.eye(j) if self.dynamics is None else self.dynamics
        leak = decay if self.leak is None else check_scalar("leak", self.leak, "Hz", nonnegative=True)
        values = {
            "decoder": decoder,
            "dynamics": check("dynamics", given, "Hz", shape=(j, j), shape_words="(variables, variables)"),
            "decay": decay,
            "leak": leak,
            "linear_cost": check_scalar("linear_cost", self.linear_cost, "s", nonnegative=True),
            "quadratic_cost": check_scalar("quadratic_cost", self.quadratic_cost, "1", nonnegative=True),
        }
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def n_neurons(self) -> int:
        """Number N of neurons."""
        return int(self.decoder.shape[1])

    @property
    def threshold(self) -> FloatArray:
        """(N,): half of what a spike of the neuron would cost where the read-out is right."""
        length = (self.decoder**2).sum(axis=0)
        return np.asarray(0.5 * (length + self.linear_cost * self.decay + self.quadratic_cost * self.decay**2))

    @property
    def fast(self) -> FloatArray:
        """(N, N), [target, source]: what a spike takes from each potential at once, Γᵀ Γ + mu lambda_d²."""
        return self.decoder.T @ self.decoder + self.quadratic_cost * self.decay**2 * np.eye(self.n_neurons)

    @property
    def slow(self) -> FloatArray:
        """(N, N), [target, source]: weights of the filtered spikes r, Γᵀ (A + lambda_d) Γ/lambda_d + a term of mu."""
        prediction = self.dynamics + self.decay * np.eye(len(self.dynamics))
        own = self.quadratic_cost * self.decay * (self.decay - self.leak)
        return self.decoder.T @ prediction @ self.decoder / self.decay + own * np.eye(self.n_neurons)

    @property
    def input(self) -> FloatArray:
        """(N, J): weights of the input c(t), Γᵀ."""
        return self.decoder.T.copy()

    def filtered(self, times: Any, indices: Any, at: Any) -> FloatArray:
        """Filtered spike trains r(t), of spikes up to and with t.

        Parameters
        ----------
        times, indices : (M,) array
            Spikes [s] and their neurons.
        at : (T,) array
            Times to read at [s], ascending.

        Returns
        -------
        (T, N) array [Hz]

        Raises
        ------
        ValueError
            For times that do not ascend or neurons that are not there.
        """
        return self.decay * _exponential(times, indices, at, np.eye(self.n_neurons), self.decay)

    def decode(self, times: Any, indices: Any, at: Any) -> FloatArray:
        """Read-out x̂(t), (T, J); arguments as of `filtered`."""
        return _exponential(times, indices, at, self.decoder.T, self.decay)

    def loss(self, x: Any, rates: Any) -> Any:
        """|x - Γ r/lambda_d|² + nu |r|_1 + mu |r|² at `x` (..., J) and filtered spikes `rates` (..., N) [Hz]."""
        x, rates = as_si("x", x, "1"), as_si("rates", rates, "Hz")
        error = x - rates @ self.decoder.T / self.decay
        costs = self.linear_cost * np.abs(rates).sum(-1) + self.quadratic_cost * (rates**2).sum(-1)
        return (error**2).sum(-1) + costs

    def potential(self, x: Any, rates: Any) -> FloatArray:
        """V = Γᵀ(x - Γ r/lambda_d) - mu lambda_d r, (..., N); a spike of neuron i changes the loss by 2 (T_i - V_i)."""
        x, rates = as_si("x", x, "1"), as_si("rates", rates, "Hz")
        error = x - rates @ self.decoder.T / self.decay
        return np.asarray(error @ self.decoder - self.quadratic_cost * self.decay * rates)

    def poisson_error(self, rate: Any) -> FloatArray:
        """Standard deviation of the read-out of independent Poisson trains of the same rates, (J,).

        Campbell's theorem: the variance is Γ² nu/(2 lambda_d). With Γ ~ 1/N at fixed rates it falls as 1/√N.

        Parameters
        ----------
        rate : float or (N,) array
            Firing rates [Hz].
        """
        rate = check("rate", rate, "Hz", nonnegative=True, shape=(self.n_neurons,), shape_words="(one a neuron)")
        return np.asarray(np.sqrt(self.decoder**2 @ rate / (2.0 * self.decay)))

    @property
    def coding_error(self) -> float:
        """Standard deviation |Γ|/√12 of the read-out of one variable by neurons of one decoding weight.

        Without costs, noise and delay one neuron fires whenever the error is |Γ|/2 and makes it -|Γ|/2, so that the
        error is uniform between the two while the variable changes little from spike to spike.

        Raises
        ------
        ValueError
            For several variables, decoding weights of different size, or costs, which need a simulation.
        """
        sizes = np.abs(self.decoder)
        if len(sizes) > 1 or np.ptp(sizes) > 1e-12 * sizes.max() or self.linear_cost or self.quadratic_cost:
            raise ValueError("coding_error is known for one variable, decoding weights of one size and no costs")
        return float(sizes[0, 0] / np.sqrt(12.0))


def random_decoder(n_variables: int, n_neurons: int, *, size: float, rng: Any = 1) -> FloatArray:
    """Decoding weights of random direction and the same length `size`/N, (J, N); one variable gets both signs in turn.

    Raises
    ------
    TypeError, ValueError
        For numbers of variables or neurons that are not positive, or a size that is not.
    """
    n_variables = check_whole("n_variables", n_variables, at_least=1)
    n_neurons = check_whole("n_neurons", n_neurons, at_least=1)
    size = check_scalar("size", size, "1", positive=True)
    if n_variables == 1:
        directions = np.where(np.arange(n_neurons) % 2, -1.0, 1.0)[None, :]
    else:
        directions = check_rng(rng).normal(size=(n_variables, n_neurons))
        directions /= np.sqrt((directions**2).sum(axis=0))
    return size / n_neurons * directions


def _exponential(times: Any, indices: Any, at: Any, jumps: FloatArray, decay: float) -> FloatArray:
    """Sum over spikes of jumps[index] e^{-decay (t - time)} at the times `at`, (T, K)."""
    times, at = as_si("times", times, "s"), as_si("at", at, "s")
    indices = np.asarray(indices)
    if (np.diff(times) < 0).any() or (np.diff(at) < 0).any():
        raise ValueError("times must ascend, those of spikes and those to read at")
    if indices.shape != times.shape or (indices.size and not 0 <= indices.min() <= indices.max() < len(jumps)):
        raise ValueError(f"indices must be one neuron from 0 to {len(jumps) - 1} a spike")
    read = np.zeros((at.size, jumps.shape[1]))
    upto = np.searchsorted(times, at, side="right")
    state, before, first = np.zeros(jumps.shape[1]), 0.0, 0
    for k, (t, last) in enumerate(zip(at, upto, strict=True)):
        state = state * np.exp(-decay * (t - before))
        state += np.exp(-decay * (t - times[first:last])) @ jumps[indices[first:last]]
        read[k], before, first = state, t, last
    return read
