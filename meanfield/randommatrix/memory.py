"""What fits in memory."""

from __future__ import annotations

import os


def available_memory() -> int:
    """Bytes of memory that can be had; where that is not known, those of the machine."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def require_memory(name: str, value: int, needed: int) -> None:
    """Raise ValueError if `needed` bytes, which `value` of the argument `name` takes, cannot be had."""
    free = available_memory()
    if needed > free:
        raise ValueError(f"{name} = {value} needs {needed / 2**30:.1f} GiB of memory, {free / 2**30:.1f} GiB are free")
