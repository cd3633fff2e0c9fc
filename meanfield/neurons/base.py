"""What all neuron models share: the answer to an input of mean mu and white noise of amplitude sigma."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Neuron(Protocol):
    """A neuron in a diffusion, tau_m dV/dt = -V + mu + sigma sqrt(tau_m) xi(t).

    `mu` and `sigma` are floats or arrays [V] that broadcast; scalars in give floats out.
    """

    @property
    def tau_m(self) -> float:
        """Membrane time constant [s]."""

    @property
    def t_ref(self) -> float:
        """Refractory period [s]."""

    @property
    def v_th(self) -> float:
        """Threshold [V]."""

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Firing rate [Hz]."""

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the rate in Hz."""

    def cv(self, mu: Any, sigma: Any) -> Any:
        """Coefficient of variation of the inter-spike intervals."""

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma) [Hz/V]."""

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(rate, d rate/d mu, d rate/d sigma²) [Hz, Hz/V, Hz/V²]."""


@runtime_checkable
class DynamicNeuron(Neuron, Protocol):
    """A neuron whose linear response is known: what stability and spectra need.

    One that has an attribute `leftmost` [1/s] answers for Re s down to it; others are asked for Re s >= 0 only.
    One that has an attribute `largest` [1/s] answers for s of modulus up to it; others are asked up to 1e6/tau_m.
    """

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d rate/d mu, d rate/d sigma²) [Hz/V, Hz/V²] to inputs that vary as e^{st}, at complex s [1/s]."""


@runtime_checkable
class SpectralNeuron(DynamicNeuron, Protocol):
    """A neuron whose spike train's spectrum is known, too: what the fluctuations of finite networks need."""

    def spectrum(self, f: Any, mu: Any, sigma: Any) -> Any:
        """Two-sided power spectrum of the spike train [Hz] at frequencies f [Hz]; arrays broadcast."""
