"""``python -m benchmarks [SUITE ...]``: all suites if none is named."""

from __future__ import annotations

import argparse
import importlib
import sys

SUITES = (
    "kernels",
    "nonlinear",
    "finite_jumps",
    "solve",
    "phase_diagram",
    "spectra",
    "random_matrices",
    "simulation",
    "rate_networks",
    "binary",
)


def main() -> int:
    """Run the suites named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suite", nargs="*", help=", ".join(SUITES))
    named = parser.parse_args().suite
    unknown = [name for name in named if name not in SUITES]
    if unknown:
        parser.error(f"unknown suite {unknown[0]!r}; known: {', '.join(SUITES)}")
    for name in named or SUITES:
        importlib.import_module(f"benchmarks.{name}").main()
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
