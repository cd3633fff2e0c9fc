"""How all figures look, and how they are saved."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # figures are files; no display is needed
import matplotlib.pyplot as plt

plt.rcParams.update(
    {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "legend.fontsize": 8,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 160,
        "pdf.fonttype": 42,
    }
)


def save(figure: Any, name: str, out: Path, formats: Sequence[str]) -> list[Path]:
    """Write a figure in each format; a file has its name only when it is complete."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for extension in formats:
        path = out / f"{name}.{extension}"
        with tempfile.TemporaryDirectory(dir=out, prefix=".saving-") as directory:
            temporary = Path(directory) / path.name
            figure.savefig(temporary)
            os.replace(temporary, path)
        written.append(path)
    plt.close(figure)
    return written
