"""Phase diagrams: every state over a grid of parameters, as an `xarray.Dataset` that survives interruptions."""

from meanfield.phasediagram.diagram import phase_diagram
from meanfield.phasediagram.lines import boundaries

__all__ = ["boundaries", "phase_diagram"]
