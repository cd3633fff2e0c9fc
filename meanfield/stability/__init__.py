"""Linear stability: the roots of det(1 - L(s))."""

from meanfield.stability.analysis import Stability, StabilityError, stability

__all__ = ["Stability", "StabilityError", "stability"]
