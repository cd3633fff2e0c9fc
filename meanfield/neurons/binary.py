"""The binary neuron of van Vreeswijk and Sompolinsky: active or not, decided anew at random times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import log_ndtr, ndtr

from meanfield._validate import FloatArray, as_complex, as_si, check_scalar

_NORMAL = 1.0 / math.sqrt(2.0 * math.pi)
_FARTHEST = 39.0  # standard deviations from threshold beyond which no gain is a normal double


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """Binary neuron: at the events of a Poisson process it becomes active if its input exceeds threshold, else not.

    What stands in a `Network` of binary neurons for what spiking neurons have:

    - `rate` is the activity m, the fraction of time that a neuron is active, between 0 and 1, no unit;
    - `weight` J is what an active source adds to the input for as long as it is active, in the unit of `v_th`;
    - so mu = sum K J m and sigma² = sum K J² m, the whole variance of the input, over neurons and over time (not twice
      the variance of a potential, as for LIF neurons), for sparse random connections; `meanfield.binary` has the
      corrections for other connections and tells the two parts of the variance apart;
    - `ConstantDrive` adds to the input; `WhiteNoiseDrive` adds a Gaussian number of standard deviation sigma that is
      drawn anew at every update.

    No membrane integrates the input, so `tau_m` is 1 and drops out of the moments, and `t_ref` is 1, the inverse of the
    highest activity. Time enters by the response, 1/(1 + s tau).

    Parameters
    ----------
    tau : float
        Mean time between updates [s].
    v_th : float
        Threshold, in a unit of choice that weights and drives share (it counts as V where units are checked).

    Raises
    ------
    ValueError, TypeError
        For a tau that is not positive, NaN, infinity, or a Brian2 quantity of the wrong dimension.

    References
    ----------
    van Vreeswijk & Sompolinsky (1996), Science 274; (1998), Neural Comput. 10, eq. 3.3: m = H(-u/sqrt(alpha)), u the
    mean input above threshold, alpha its variance, H(x) = erfc(x/sqrt 2)/2.

    Examples
    --------
    >>> neuron = Binary(tau=0.01, v_th=1.0)
    >>> neuron.rate(1.0, 0.5), neuron.rate(2.0, 0.0)
    (0.5, 1.0)
    """

    tau: float
    v_th: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tau", check_scalar("tau", self.tau, "s", positive=True))
        object.__setattr__(self, "v_th", check_scalar("v_th", self.v_th, "V"))

    @property
    def tau_m(self) -> float:
        """1: the input is not integrated over time, moments are sums over active sources."""
        return 1.0

    @property
    def t_ref(self) -> float:
        """1, the inverse of the highest activity."""
        return 1.0

    def rate(self, mu: Any, sigma: Any) -> Any:
        """Activity m = H((v_th - mu)/sigma); without noise 1 above threshold and 0 up to it."""
        return _plain(ndtr(self._distance(mu, sigma)))

    def log_rate(self, mu: Any, sigma: Any) -> Any:
        """Natural logarithm of the activity, also where that underflows."""
        return _plain(log_ndtr(self._distance(mu, sigma)))

    def cv(self, mu: Any, sigma: Any) -> Any:
        """CV of the intervals between activations, sqrt(m² + (1 - m)²), if the input is drawn anew at every update.

        Times spent active and inactive are then exponential, with means tau/(1 - m) and tau/m. Input that lasts from
        update to update makes it larger.
        """
        m = np.asarray(self.rate(mu, sigma))
        return _plain(np.sqrt(m * m + (1.0 - m) ** 2))

    def gain(self, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """(d m/d mu, d m/d sigma); as `rate_and_gain`."""
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        return by_mu, _plain(2.0 * np.asarray(as_si("sigma", sigma, "V")) * by_variance)

    def rate_and_gain(self, mu: Any, sigma: Any) -> tuple[Any, Any, Any]:
        """(m, d m/d mu, d m/d sigma²).

        Raises
        ------
        ValueError
            At mu = v_th with sigma = 0, where the gain is infinite.
        """
        y = self._distance(mu, sigma)
        width = np.asarray(as_si("sigma", sigma, "V"))
        if ((width == 0.0) & (np.asarray(mu) == self.v_th)).any():
            raise ValueError(f"the gain is infinite at mu = v_th = {self.v_th!r} V without noise")
        finite = np.abs(y) < _FARTHEST
        level = np.where(finite, y, 0.0)
        divisor = np.where(finite, width, 1.0)
        by_mu = np.where(finite, _NORMAL * np.exp(-0.5 * level**2) / divisor, 0.0)
        return _plain(ndtr(y)), _plain(by_mu), _plain(-0.5 * by_mu * level / divisor)

    def response(self, s: Any, mu: Any, sigma: Any) -> tuple[Any, Any]:
        """Response (d m/d mu, d m/d sigma²) to inputs that vary as e^{st}: the gains over 1 + s tau.

        Parameters
        ----------
        s : complex or array
            Complex frequency [1/s], Re s > -1/tau. Broadcasts.
        mu, sigma : float or array
            Mean and standard deviation of the stationary input.

        Raises
        ------
        ValueError
            For Re s at or left of the pole -1/tau.
        """
        s = as_complex("s", s, "1/s")
        if (s.real * self.tau <= -1.0).any():
            raise ValueError(f"s must be right of -1/tau = {-1.0 / self.tau:.6g} 1/s, got Re s = {s.real.min():.6g}")
        _, by_mu, by_variance = self.rate_and_gain(mu, sigma)
        follows = 1.0 / (1.0 + s * self.tau)
        return _plain_complex(by_mu * follows), _plain_complex(by_variance * follows)

    def _distance(self, mu: Any, sigma: Any) -> FloatArray:
        """(mu - v_th)/sigma; infinite without noise."""
        mean, width = as_si("mu", mu, "V"), as_si("sigma", sigma, "V")
        if not np.isfinite(mean).all():
            raise ValueError(f"mu must be finite, got {mu!r}")
        if not (np.isfinite(width) & (width >= 0.0)).all():
            raise ValueError(f"sigma must be finite and not negative, got {sigma!r}")
        above = np.asarray(mean - self.v_th)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.where(np.asarray(width) == 0.0, np.where(above > 0.0, np.inf, -np.inf), above / width)


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else np.asarray(value)


def _plain_complex(value: Any) -> Any:
    return complex(value) if np.ndim(value) == 0 else np.asarray(value)
