"""``meanfield spectrum``: a given matrix beside the law of matrices like it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from meanfield.cli.common import no_more, save
from meanfield.io import parse_quantity
from meanfield.randommatrix.analysis import Analysis, analyse
from meanfield.randommatrix.matrices import load_labels, load_matrix

PICTURES = (".png", ".pdf", ".svg")


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "spectrum",
        help="eigenvalues of a matrix beside the law of matrices like it",
        description="Statistics of a coupling matrix by classes of neurons, its eigenvalues beside those that random "
        "matrix theory predicts, and where it lies relative to the edge of chaos of x' = -x + gain W x. The matrix is "
        "[target, source], from a .npy, .npz (NumPy or scipy.sparse) or Matrix Market file. For example: "
        "meanfield spectrum W.npz --labels labels.npy --gain 1.2 --out spectrum.png",
        allow_abbrev=False,
    )
    command.add_argument("matrix", type=Path, metavar="MATRIX")
    command.add_argument("--labels", type=Path, metavar="FILE", help="class of each neuron, .npy or a label a line")
    command.add_argument("--gain", metavar="G", default="1", help="slope of the neurons' transfer function")
    command.add_argument(
        "--part", metavar="PART", help="of the spectrum: all, or the outermost by modulus or real part; default: by n"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--out", type=Path, metavar="FIGURE", help="draw the spectrum, .png, .pdf or .svg")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    no_more(extra)
    if known.out is not None:
        _check_picture(known.out)
    gain = parse_quantity("--gain", known.gain, "1")
    matrix = load_matrix(known.matrix)
    labels = None if known.labels is None else load_labels(known.labels)
    found = analyse(matrix, labels, gain, part=known.part)
    if known.out is not None:
        _draw(found, known.matrix.name, gain, known.out)
    print(json.dumps(found.to_dict(), indent=2) if known.json else found)
    return 0


def _check_picture(path: Path) -> None:
    if find_spec("matplotlib") is None:
        raise ValueError("--out draws with matplotlib, which is not installed (pip install matplotlib)")
    if path.suffix not in PICTURES:
        raise ValueError(f"--out must be a {', '.join(PICTURES)} file, got {path}")
    if not path.parent.is_dir():
        raise ValueError(f"--out {path}: there is no directory {path.parent}")


def _draw(found: Analysis, name: str, gain: float, path: Path) -> None:
    from matplotlib.figure import Figure  # without pyplot: no display is asked for

    from meanfield import plotting

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = plotting.spectrum(figure.subplots(), found)
    axes.set_title(name if gain == 1.0 else f"{name}, gain {gain:g}", loc="left", fontsize="medium")
    save(figure, path)
