"""What the command lines of experiments share."""

from __future__ import annotations

import argparse


def add_common(parser: argparse.ArgumentParser, dt: float = 1e-4) -> None:
    """Add time step, seed, processes and --json."""
    parser.add_argument("--dt", type=float, default=dt, help=f"time step [s], default {dt:g}")
    parser.add_argument("--processes", type=int, default=None, help="runs at the same time, default: one a core")
    add_seed(parser)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add seed and --json."""
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
