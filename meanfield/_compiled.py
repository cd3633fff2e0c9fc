"""Compiled functions whose machine code is kept between runs.

Numba compiles on first use (some seconds a kernel) and can store the result. Stored beside the source it would be lost
on read-only installations, and it would go stale: numba looks at the file of a function alone, not at the functions
and tables that are compiled into it. So the code lives in a directory of its own, named by all that goes into it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import llvmlite
import numba
import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])

_WORTH_A_THREAD = 8192  # elements of a rate; some hundred microseconds of work

_ROOT = Path(__file__).parent
_COMPILED = (
    "_compiled.py",
    "delays.py",
    "special/*.py",
    "special/*.npz",
    "neurons/*.py",
    "fixedpoint/*.py",
    "response.py",
    "stability/*.py",
    "fluctuations/surrogate.py",
    "randommatrix/jacobian.py",
    "randommatrix/sparse.py",
    "phasediagram/states.py",
    "dmft/gaussian.py",
)


def _fingerprint() -> str:
    """Hash of every source and table that may be compiled, and of what compiles it."""
    digest = hashlib.sha256()
    versions = (
        sys.version,
        numba.__version__,
        llvmlite.__version__,
        platform.machine(),
        llvmlite.binding.get_host_cpu_name(),
    )
    digest.update(repr(versions).encode())
    for pattern in _COMPILED:
        for path in sorted(_ROOT.glob(pattern)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Where meanfield keeps compiled code: ``$MEANFIELD_CACHE_DIR``, else the user's cache, else a private directory.

    The last serves read-only homes. It is in the system's temporary directory, and is used only if it belongs to
    this user and nobody else can write there, since compiled code that is loaded is trusted.
    """
    chosen = os.environ.get("MEANFIELD_CACHE_DIR")
    for path in (Path(chosen) if chosen else None, Path(platformdirs.user_cache_dir("meanfield"))):
        if path is not None and _writable(path):
            return path
    private = Path(tempfile.gettempdir()) / f"meanfield-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    if _writable(private) and _is_private(private):
        return private
    return Path(tempfile.mkdtemp(prefix="meanfield-"))


def _writable(path: Path) -> bool:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def _is_private(path: Path) -> bool:
    status = path.lstat()
    owned = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and owned and not status.st_mode & 0o022


CACHE = cache_root() / "kernels" / _fingerprint()


def jit(function: Function) -> Function:
    """Compile `function` for the types it is called with, and keep the machine code.

    Division by zero gives infinity, as in NumPy; no floating-point shortcuts are allowed, since the compensated sums
    depend on every rounding.
    """
    return cast(Function, _compile(function))


def fast_jit(function: Function) -> Function:
    """As `jit`, with products and sums fused where the processor can: for polynomials."""
    return cast(Function, _compile(function, fastmath={"contract"}))


def over_cores(
    kernel: Callable[..., None], arrays: Sequence[Any], *rest: Any, out: Any, worth: int = _WORTH_A_THREAD
) -> None:
    """Call ``kernel(*arrays, *rest, out)``, in pieces on several threads of at least `worth` elements each.

    `arrays` are flat and of one length, the last axis of `out`. (Numba's own threads would abort a process that forks
    afterwards; these do not.)
    """
    n = out.shape[-1]
    pieces = min(CORES, n // worth)
    if pieces < 2:
        kernel(*arrays, *rest, out)
        return
    ends = [n * k // pieces for k in range(pieces + 1)]
    jobs = [
        _threads(os.getpid()).submit(kernel, *(array[a:b] for array in arrays), *rest, out[..., a:b])
        for a, b in pairwise(ends)
    ]
    for job in jobs:
        job.result()


def on_all_cores(function: Callable[..., None], n: int, *rest: Any) -> None:
    """Call `function(slice, *rest)` for parts of range(n), on threads of their own: for work that is NumPy's."""
    pieces = min(CORES, n)
    if pieces < 2:
        function(slice(0, n), *rest)
        return
    ends = [n * k // pieces for k in range(pieces + 1)]
    jobs = [_threads(os.getpid()).submit(function, slice(a, b), *rest) for a, b in pairwise(ends)]
    for job in jobs:
        job.result()


def small_matrices() -> AbstractContextManager[Any]:
    """Context in which BLAS takes one thread: with matrices of some hundred rows its own threads wait for each other.

    Measured with two threads on two busy cores, they take five to ten times as long.
    """
    context: AbstractContextManager[Any] = _blas().limit(limits=1, user_api="blas")
    return context


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """The threads of a process; one that was forked from another starts its own."""
    return ThreadPoolExecutor(CORES, thread_name_prefix=f"meanfield-{process}")


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    config = cast(Any, numba.config)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE)  # read while the decorator runs; other packages keep theirs
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    finally:
        config.CACHE_DIR = before


def interpreted(function: Any, *modules: ModuleType, **replaced: Any) -> Any:
    """Return a compiled function as Python, with all that it calls in `modules`, over other globals.

    For what users bring, which is Python: numba can take functions as arguments, but then keeps no machine code.
    """
    names: dict[str, Any] = {}
    for module in modules:
        names |= vars(module)
    inside = {module.__name__ for module in modules}
    for name, value in list(names.items()):
        if hasattr(value, "py_func") and value.py_func.__module__ in inside:
            names[name] = FunctionType(value.py_func.__code__, names, name)
    names |= replaced
    return names[function.py_func.__name__]
