"""Phase diagrams: every state over a grid of parameters, as an `xarray.Dataset` that survives interruptions."""

from meanfield.phasediagram.diagram import phase_diagram

__all__ = ["phase_diagram"]
