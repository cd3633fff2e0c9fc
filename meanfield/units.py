"""Units as plain SI floats: ``20 * ms`` is ``0.02`` (seconds).

Every quantity in meanfield is a float, or an array of floats, in SI units.

>>> from meanfield.units import ms, mV, Hz
>>> 20 * ms, 0.1 * mV, 5 * Hz
(0.02, 0.0001, 5.0)
"""

second = s = 1.0
ms = 1e-3
us = 1e-6
volt = V = 1.0
mV = 1e-3
uV = 1e-6
hertz = Hz = 1.0
kHz = 1e3
siemens = S = 1.0
mS = 1e-3
nS = 1e-9
ampere = A = 1.0
nA = 1e-9
pA = 1e-12
farad = F = 1.0
pF = 1e-12
ohm = 1.0
Mohm = 1e6

__all__ = [
    "A",
    "F",
    "Hz",
    "Mohm",
    "S",
    "V",
    "ampere",
    "farad",
    "hertz",
    "kHz",
    "mS",
    "mV",
    "ms",
    "nA",
    "nS",
    "ohm",
    "pA",
    "pF",
    "s",
    "second",
    "siemens",
    "uV",
    "us",
    "volt",
]
