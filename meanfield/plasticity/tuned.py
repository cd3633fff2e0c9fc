"""A neuron whose excitation is tuned to stimuli, with one plastic inhibitory weight a group of synapses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meanfield._validate import FloatArray, check
from meanfield.neurons.base import DynamicNeuron, Neuron


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TunedNeuron:
    """A neuron that hears G groups of inputs, whose rates depend on which of S stimuli is shown.

    Group g has `excitatory_indegree[g]` synapses of fixed weight and `inhibitory_indegree[g]` plastic ones of a common
    weight w_g >= 0 (the jump -w_g a spike), all of them Poisson with the rate of the group. Stimulus s is shown for
    the fraction `probability[s]` of time, each time long against the membrane's time constant, so that

        mu_s = mu_ext + tau_m sum_g (K_E J_E - K_I w)_g r_sg,   sigma_s² = tau_m sum_g (K_E J_E² + K_I w²)_g r_sg.

    Parameters
    ----------
    neuron : Neuron
    excitatory_indegree, excitatory_weight : (G,) array
        Synapses K and jumps J [V].
    inhibitory_indegree : (G,) array
    rate : (S, G) array
        Rate of each group's inputs under each stimulus [Hz].
    probability : (S,) array, optional
        Fractions of time, which sum to 1; equal ones by default.
    mu_ext : float
        Constant input [V].
    """

    neuron: Neuron
    excitatory_indegree: FloatArray
    excitatory_weight: FloatArray
    inhibitory_indegree: FloatArray
    rate: FloatArray
    probability: FloatArray = None  # type: ignore[assignment]  # filled in
    mu_ext: float = 0.0

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            neuron: Neuron,
            excitatory_indegree: ArrayLike,
            excitatory_weight: ArrayLike,
            inhibitory_indegree: ArrayLike,
            rate: ArrayLike,
            probability: ArrayLike | None = None,
            mu_ext: float = 0.0,
        ) -> None: ...

    def __post_init__(self) -> None:
        if not isinstance(self.neuron, Neuron):
            raise TypeError(f"neuron must be a neuron model such as meanfield.LIF, got {self.neuron!r}")
        rate = check("rate", self.rate, "Hz", nonnegative=True)
        if rate.ndim != 2 or rate.size == 0:
            raise ValueError(f"rate must have shape (stimuli, groups), got shape {rate.shape}")
        s, g = rate.shape
        words = "(one entry a group)"
        weight = check("excitatory_weight", self.excitatory_weight, "V", shape=(g,), shape_words=words)
        probability = np.full(s, 1.0 / s) if self.probability is None else self.probability
        probability = check(
            "probability", probability, "1", nonnegative=True, shape=(s,), shape_words="(one a stimulus)"
        )
        if abs(probability.sum() - 1.0) > 1e-9:
            raise ValueError(f"probability must sum to 1 over stimuli, got a sum of {probability.sum():.12g}")
        values = {"rate": rate, "excitatory_weight": weight, "probability": probability}
        for name in ("excitatory_indegree", "inhibitory_indegree"):
            given = getattr(self, name)
            values[name] = check(name, given, "1", nonnegative=True, shape=(g,), shape_words=words)
        values["mu_ext"] = check("mu_ext", self.mu_ext, "V", shape=())
        for name, value in values.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "mu_ext", float(values["mu_ext"]))

    @property
    def n_stimuli(self) -> int:
        """Number S of stimuli."""
        return int(self.rate.shape[0])

    @property
    def n_groups(self) -> int:
        """Number G of groups."""
        return int(self.rate.shape[1])

    def input_moments(self, weight: Any) -> tuple[FloatArray, FloatArray]:
        """(mu, sigma) [V] under each stimulus, (S,) arrays, at inhibitory weights (G,) [V]."""
        w = check("weight", weight, "V", nonnegative=True, shape=(self.n_groups,), shape_words="(one entry a group)")
        tau, k_e, k_i, j = self.neuron.tau_m, self.excitatory_indegree, self.inhibitory_indegree, self.excitatory_weight
        mu = self.mu_ext + tau * self.rate @ (k_e * j - k_i * w)
        return mu, np.sqrt(tau * self.rate @ (k_e * j**2 + k_i * w**2))

    def firing_rate(self, weight: Any) -> FloatArray:
        """Firing rate under each stimulus, (S,) [Hz]."""
        mu, sigma = self.input_moments(weight)
        return np.asarray(self.neuron.rate(mu, sigma))

    def rate_and_slopes(self, weight: Any) -> tuple[FloatArray, FloatArray]:
        """Firing rate, (S,) [Hz], and its derivatives by the inhibitory weights, (S, G) [Hz/V]."""
        mu, sigma = self.input_moments(weight)
        rate, by_mu, by_variance = self.neuron.rate_and_gain(mu, sigma)
        w = np.asarray(weight, dtype=float)
        reach = self.neuron.tau_m * self.inhibitory_indegree * self.rate
        return rate, reach * (2.0 * np.outer(by_variance, w) - np.asarray(by_mu)[:, None])

    def synapse_response(self, s: Any, weight: Any) -> NDArray[np.complex128]:
        """How a spike of one inhibitory synapse changes the rate, (S, G) [no unit] at complex `s` [1/s].

        Its Laplace transform, tau_m (-w n_mu(s) + w² n_sigma²(s)) with the neuron's linear responses.
        """
        neuron = self.neuron
        if not isinstance(neuron, DynamicNeuron):
            raise TypeError(f"{type(neuron).__name__} has no linear response")
        mu, sigma = self.input_moments(weight)
        by_mu, by_variance = (np.asarray(answer)[:, None] for answer in neuron.response(s, mu, sigma))
        w = np.asarray(weight, dtype=float)
        return np.asarray(neuron.tau_m * (w**2 * by_variance - w * by_mu), dtype=complex)

    def weight_response(self, s: complex, weight: Any) -> NDArray[np.complex128]:
        """Linear response of the rate to the weights, (S, G) [Hz/V] at complex `s` [1/s]; `rate_and_slopes` at 0."""
        neuron = self.neuron
        if not isinstance(neuron, DynamicNeuron):
            raise TypeError(f"{type(neuron).__name__} has no linear response")
        mu, sigma = self.input_moments(weight)
        by_mu, by_variance = (np.asarray(answer)[:, None] for answer in neuron.response(s, mu, sigma))
        w = np.asarray(weight, dtype=float)
        reach = neuron.tau_m * self.inhibitory_indegree * self.rate
        return np.asarray(reach * (2.0 * w * by_variance - by_mu), dtype=complex)
