"""``python -m figures PAPER [--panel 8C] [--out DIR] [--format pdf,png]``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from meanfield._validate import check_known
from meanfield.cli import run_command

PAPERS = (
    "ahmadian2015",
    "aljadeff2015",
    "balance_response",
    "balance_scaling",
    "boerlin2013",
    "bos2016",
    "brunel2000",
    "brunel2000_synapses",
    "brunelhakim1999",
    "chance2002",
    "edge_scaling",
    "fourcaud2002",
    "kadmon2015",
    "ostojic2014",
    "portrait",
    "rajan2006",
    "renart2010",
    "richardson2004",
    "richardson2010",
    "roxin2011",
    "sanzeni2022",
    "schuecker2015",
    "schuecker2018",
    "shunting",
    "sompolinsky1988",
    "tetzlaff2012",
    "tightness",
    "vanvreeswijk1998",
    "vogels2011",
)
FORMATS = ("pdf", "png", "svg")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m figures", description="Regenerate the figures of a paper.", allow_abbrev=False
    )
    parser.add_argument("paper", metavar="PAPER", help=", ".join(PAPERS))
    parser.add_argument("--panel", action="append", default=[], help="one panel, such as 8C, or one figure, such as 8")
    parser.add_argument("--out", type=Path, default=Path("out"), help="directory to write to, default: out")
    parser.add_argument("--format", default="pdf,png", help="comma-separated, default: pdf,png")
    known = parser.parse_args(arguments)

    def command() -> int:
        check_known("paper", [known.paper], PAPERS)
        formats = known.format.split(",")
        check_known("format", formats, FORMATS)
        module = importlib.import_module(f"figures.{known.paper}")
        for panel in known.panel:
            if not any(name.startswith(panel) for name in module.NAMES):
                check_known("panel", [panel], module.NAMES)
        written, table, notice = module.draw(known.panel, known.out, formats)
        if notice:
            print(notice, file=sys.stderr)
        for line in (*filter(None, [table]), *written):
            print(line)
        return 0

    return run_command(command, "python -m figures")


if __name__ == "__main__":
    sys.exit(main())
