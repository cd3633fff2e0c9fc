"""What fits in memory."""

from __future__ import annotations

import os
from pathlib import Path


def available_memory() -> int:
    """Bytes of memory that can be had, by the system and the control group; where not known, those of the machine."""
    found = []
    try:
        with open("/proc/meminfo") as file:
            found += [int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:")]
    except OSError:
        pass
    try:
        limit, used = (Path("/sys/fs/cgroup", name).read_text() for name in ("memory.max", "memory.current"))
        found.append(max(int(limit) - int(used), 0))
    except (OSError, ValueError):  # no control groups, or no limit
        pass
    return min(found) if found else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_memory(what: str, needed: float, instead: str = "") -> None:
    """Raise ValueError if `needed` bytes cannot be had; says what needs them, and what to do `instead`."""
    free = available_memory()
    if needed > free:
        words = f"; {instead}" if instead else ""
        raise ValueError(f"{what} needs {size_words(needed)} of memory, {size_words(free)} are free{words}")


def require_memory(name: str, value: int, needed: float) -> None:
    """Raise ValueError if `needed` bytes, which `value` of the argument `name` takes, cannot be had."""
    check_memory(f"{name} = {value}", needed)


def size_words(size: float) -> str:
    """A number of bytes in words.

    >>> size_words(3 * 2**29)
    '1.5 GiB'
    """
    return f"{size / 2**30:.1f} GiB"
