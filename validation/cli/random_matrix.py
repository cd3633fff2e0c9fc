"""``python -m validation random-matrix``: the law of an ensemble beside eigenvalues of samples."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from validation.cli.common import add_seed, add_trials, options, parser_for, printing
from validation.crossvalidation import cross_validate

ENSEMBLES = ("circular", "elliptic", "blocks", "sparse")


def parse(words: Sequence[str]) -> Callable[[], int]:
    """Read the words of a command line; returns what runs it."""
    parser = parser_for(
        "random-matrix",
        "Radius, abscissa and outliers of an ensemble of random matrices in theory, and of samples: "
        "circular (--std --mean), elliptic (and --reciprocity), blocks (--fractions, and --std and --mean with a row "
        "for each target, separated by commas) or sparse (excitatory and inhibitory: --sizes --indegree --weight "
        "--rule). For example: python -m validation random-matrix blocks --fractions 0.5 0.5 --std 1,0.5 2,0.7",
    )
    parser.add_argument("ensemble", choices=ENSEMBLES)
    parser.add_argument("--std", nargs="+", default=["1"], help="sqrt(N) times the standard deviation of an entry")
    parser.add_argument("--mean", nargs="+", default=["0"], help="N times the mean of an entry")
    parser.add_argument("--reciprocity", type=float, default=0.0, help="correlation of W_ij and W_ji")
    parser.add_argument("--fractions", nargs="+", type=float, default=[0.8, 0.2], help="share of each class")
    parser.add_argument("--sizes", nargs=2, type=int, default=[800, 200], help="neurons, E and I")
    parser.add_argument("--indegree", nargs=2, type=int, default=[80, 20], help="synapses onto a neuron, E and I")
    parser.add_argument("--weight", nargs=2, type=float, default=[0.1, -0.5], help="of a synapse, E and I")
    parser.add_argument("--rule", default="fixed indegree", help="or 'fixed outdegree', 'erdos-renyi'")
    parser.add_argument("--n", type=int, help="size of a matrix, default 1000; of sparse ones that of --sizes")
    add_trials(parser, 8, "matrices")
    add_seed(parser)
    known = parser.parse_args(words)

    return printing(lambda: cross_validate(_ensemble(known), **options(known, "n", "trials")), known.json)


def _ensemble(known: argparse.Namespace) -> Any:
    from meanfield.randommatrix import BlockGaussian, Circular, Elliptic, SparseEI

    if known.ensemble == "sparse":
        sizes, indegree, weight = (tuple(pair) for pair in (known.sizes, known.indegree, known.weight))
        return SparseEI(sizes=sizes, indegree=indegree, weight=weight, rule=known.rule)
    std, mean = _numbers("--std", known.std), _numbers("--mean", known.mean)
    if known.ensemble == "blocks":
        return BlockGaussian(known.fractions, mean=mean, std=std)
    if known.ensemble == "elliptic":
        return Elliptic(std, known.reciprocity, mean)
    return Circular(std, mean)


def _numbers(name: str, words: Sequence[str]) -> Any:
    """A number, or rows of numbers."""
    try:
        rows = [[float(text) for text in word.split(",")] for word in words]
    except ValueError:
        raise ValueError(f"{name} must be a number, or rows such as 1,0.5 2,0.7, got {' '.join(words)!r}") from None
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{name} must have rows of one length, got {' '.join(words)!r}")
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
