"""Spectra of random matrices: time and memory over n, dense and sparse, and how near the edge is to the law."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.timing import words
from meanfield.randommatrix import Circular, Resolvent, SparseEI, edge_excess, growth, spectrum
from meanfield.randommatrix.memory import size_words

DENSE = (500, 1000, 2000)
SPARSE = (10_000, 100_000, 1_000_000)
INDEGREE = (40, 10)
VECTORS = (60, 150)  # of Arnoldi's basis, for an edge that is dense in eigenvalues
RESOLVENT = 1000


def main() -> None:
    """Print the tables."""
    dense()
    sparse()
    edge()
    matrix = Circular(0.9).sample(RESOLVENT, rng=1)
    resolvent, took, _ = measured(lambda: Resolvent(matrix))
    _, each, _ = measured(lambda: [resolvent.sigma(1.0 + 0.1j * k) for k in range(20)])
    print(f"pseudospectrum, n = {RESOLVENT}: Schur form {words(took)}, then {words(each / 20)} a point")


def dense() -> None:
    """All eigenvalues, and the largest beside what is expected at that n."""
    print(row("all eigenvalues, dense", "n", "time", "memory", "max |λ|", "expected"))
    for n in DENSE:
        matrix = Circular().sample(n, rng=1)
        found, took, peak = measured(partial(spectrum, matrix))
        law = edge_excess(n)
        print(row("", n, words(took), size(peak), f"{found.radius:.4f}", f"{1 + law.mean:.4f} ± {law.std:.4f}"))


def sparse() -> None:
    """Radius by growth, and an outlier by Arnoldi's method."""
    print(row("sparse, 50 entries a row", "n", "time", "memory", "found", "law"))
    for n in SPARSE:
        net = SparseEI(sizes=(n * 4 // 5, n // 5), indegree=INDEGREE, weight=(0.08, -0.08))
        matrix = net.sample(rng=1)
        entries = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
        print(row("  the matrix", n, "", size(entries), "", ""))
        top, took, peak = measured(partial(spectrum, matrix, "modulus", k=1, vectors=20, restarts=1))
        outlier = f"{top.eigenvalues[0].real:.6f}" if top.is_converged else "not converged"
        print(row("  outlier, then radius", n, words(took), size(peak), outlier, f"{net.modes[0].real:.6f}"))
        assert top.bulk is not None
        print(row("", "", "", "", f"{top.bulk.radius:.4f} ± {top.bulk.error:.4f}", f"{net.radius:.4f}"))


def edge() -> None:
    """The outermost eigenvalues of a disc without outliers, and its radius by growth alone."""
    net = SparseEI(sizes=(80_000, 20_000), indegree=INDEGREE, weight=(0.08, -0.32))
    matrix, law = net.sample(rng=1), edge_excess(1e5)
    print(row("edge, sparse, n = 100,000", "vectors", "time", "memory", "max |λ|/R", "expected"))
    for vectors in VECTORS:
        top, took, peak = measured(partial(spectrum, matrix, "modulus", k=2, vectors=vectors, restarts=20))
        largest = f"{top.radius / net.radius:.4f}" if top.is_converged else "not converged"
        print(row("", vectors, words(took), size(peak), largest, f"{1 + law.mean:.4f} ± {law.std:.4f}"))
    found, took, peak = measured(partial(growth, matrix))
    measure = f"{found.radius / net.radius:.4f} ± {found.error / net.radius:.4f}"
    print(row("  radius/R by growth", 8, words(took), size(peak), measure, "1"))


def row(*cells: object) -> str:
    """A line of a table."""
    widths = (30, 9, 10, 11, 18, 18)
    return "".join(
        f"{cell!s:{'<' if k == 0 else '>'}{width}}" for k, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )


def measured(call: Callable[[], Any]) -> tuple[Any, float, int]:
    """What a call returns, its time, and the most memory it took at once beside what there was."""
    tracemalloc.start()
    start = time.perf_counter()
    answer = call()
    took = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return answer, took, peak


def size(number: float) -> str:
    """Bytes in words."""
    return size_words(number) if number >= 2**30 else f"{number / 2**20:.1f} MiB"


if __name__ == "__main__":
    main()
