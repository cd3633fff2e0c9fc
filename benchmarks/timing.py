"""Timing by turns: machines are noisy, so both sides of a ratio run alternately and the fastest of each counts."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(*candidates: Callable[[], object], repeats: int = 5, at_least: float = 0.02) -> list[float]:
    """Return the time of one call of each candidate, the least over `repeats` turns, after one call unmeasured.

    Calls shorter than `at_least` seconds are repeated within a turn until they take as long.
    """
    calls = []
    for candidate in candidates:
        candidate()
        start = time.perf_counter()
        candidate()
        once = time.perf_counter() - start
        calls.append(max(1, int(at_least / max(once, 1e-9))))
    best = [float("inf")] * len(candidates)
    for _ in range(repeats):
        for k, candidate in enumerate(candidates):
            start = time.perf_counter()
            for _ in range(calls[k]):
                candidate()
            best[k] = min(best[k], (time.perf_counter() - start) / calls[k])
    return best


def words(value: float) -> str:
    """A time in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def row(what: str, ours: float, theirs: float, per: int = 1, goal: float | None = None) -> str:
    """One line of a table: time of ours and of theirs per item, and the ratio, beside the goal."""
    ratio = theirs / ours
    aim = f"   (goal {goal:g})" if goal else ""
    return f"{what:44}{words(ours / per):>10}{words(theirs / per):>12}{ratio:11.4g}x{aim}"
