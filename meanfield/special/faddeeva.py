"""The scaled complementary error function at complex arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from meanfield._compiled import jit

_TERMS = 64
_L = math.sqrt(_TERMS / math.sqrt(2.0))


def _coefficients() -> Any:
    """Coefficients of Weideman's expansion, the Fourier transform of e^{-t²}(L² + t²) at t = L tan(theta/2)."""
    n = 2 * _TERMS
    theta = np.pi * np.arange(-n + 1, n) / n
    t = _L * np.tan(0.5 * theta)
    values = np.concatenate([[0.0], np.exp(-t * t) * (_L * _L + t * t)])
    transformed = np.fft.fft(np.fft.fftshift(values)).real / (2 * n)
    return np.ascontiguousarray(transformed[1 : _TERMS + 1])


_A = _coefficients()


@jit
def erfcx_complex(z: Any) -> Any:
    """e^{z²} erfc(z) for complex z with Re z >= 0 (Weideman 1994, SIAM J. Numer. Anal. 31, eq. 38); errors 1e-14."""
    quotient = (_L - z) / (_L + z)
    total = 0.0j
    for k in range(_TERMS - 1, -1, -1):
        total = total * quotient + _A[k]
    return 2.0 * total / (_L + z) ** 2 + (1.0 / math.sqrt(math.pi)) / (_L + z)
