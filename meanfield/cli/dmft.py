"""``meanfield dmft``: dynamical mean-field theory of rate networks."""

from __future__ import annotations

from typing import Any


def add(commands: Any) -> None:
    """Say the arguments, as the room does."""
    from meanfield.dmft.cli import add  # the room loads scipy.optimize

    add(commands)
