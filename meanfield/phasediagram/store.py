"""Where blocks are kept: in memory, or in a zarr store from which an interrupted run goes on.

Zarr, because each chunk is a file of its own, written under another name and renamed: a kill at any moment costs the
blocks that were being computed and nothing else. A netCDF file is one HDF5 file, which a kill while it is written can
leave unreadable as a whole.

A store is an ordinary zarr group (format 3), one chunk a block, that `xarray.open_zarr` reads at any time; what is not
computed reads as failed. Beside the arrays, the subgroup ``.meanfield`` holds ``record.json`` (model, parameters, axes
and code of the run), ``lock``, and ``blocks/K`` for each block K of which all variables are written.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from meanfield.phasediagram.dataset import attributes_of, coordinates
from meanfield.phasediagram.grid import Grid
from meanfield.phasediagram.identity import differences
from meanfield.phasediagram.variables import VARIABLES, Values

_OURS = ".meanfield"


class Store(Protocol):
    """Keeps blocks; a context manager that holds the store while blocks are written."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What is known about the run."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def missing(self) -> list[int]:
        """Blocks that are not there yet."""

    def write(self, k: int, values: Values, *, final: bool = True) -> None:
        """Keep the values of block k; unless `final`, it still counts as missing."""

    def read(self) -> Values:
        """Every variable over the whole grid."""


class MemoryStore:
    """Arrays in memory."""

    def __init__(self, grid: Grid, record: Mapping[str, Any]) -> None:
        self.record = record
        self._grid = grid
        n = len(record["populations"])
        self._arrays = {name: variable.empty(grid.shape, n) for name, variable in VARIABLES.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def missing(self) -> list[int]:
        """All blocks."""
        return list(range(self._grid.n_blocks))

    def write(self, k: int, values: Values, *, final: bool = True) -> None:
        """Keep the values of block k."""
        _write(self._arrays, self._grid, k, values)

    def read(self) -> Values:
        """Every variable over the whole grid."""
        return self._arrays


class ZarrStore:
    """A zarr store at a path, made or found there.

    Raises
    ------
    ValueError
        If something else is at `path`, or a store of another run (each difference is named), or if another process
        has it. Nothing is overwritten.
    """

    def __init__(self, path: str | os.PathLike[str], grid: Grid, record: Mapping[str, Any]) -> None:
        self._path = Path(path)
        self._grid = grid
        if not self._path.exists() or (self._path.is_dir() and not any(self._path.iterdir())):
            _create(self._path, grid, record)
        self.record: Mapping[str, Any] = _read_record(self._path)
        found = differences(self.record, record)
        if found:
            raise ValueError(f"store {self._path} holds another run: {'; '.join(found)}. Choose another path")
        self._lock = _Lock(self._path)

    def __enter__(self) -> Self:
        import zarr

        self._lock.take()
        group = zarr.open_group(self._path, mode="r+")
        self._arrays: dict[str, Any] = {name: group[name] for name in VARIABLES}
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def missing(self) -> list[int]:
        """Blocks without a marker."""
        done = {path.name for path in (self._path / _OURS / "blocks").iterdir()}
        return [k for k in range(self._grid.n_blocks) if str(k) not in done]

    def write(self, k: int, values: Values, *, final: bool = True) -> None:
        """Write every variable of block k, then its marker: an empty file, which is there or is not."""
        _write(self._arrays, self._grid, k, values)
        if final:
            (self._path / _OURS / "blocks" / str(k)).touch()

    def read(self) -> Values:
        """Every variable over the whole grid."""
        return {
            name: self._arrays[name][...].astype(object if variable.dtype == "str" else variable.dtype)
            for name, variable in VARIABLES.items()
        }


def _write(arrays: Mapping[str, Any], grid: Grid, k: int, values: Values) -> None:
    region, shape = grid.region(k), grid.block_shape(k)
    for name, array in arrays.items():
        array[region] = values[name].reshape(shape + values[name].shape[1:])


def _create(path: Path, grid: Grid, record: Mapping[str, Any]) -> None:
    """Make a whole store under another name and rename it, so that no kill leaves half of one."""
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
    try:
        temporary.chmod(0o755)
        _create_arrays(temporary, grid, record)
        (temporary / _OURS / "blocks").mkdir()
        (temporary / _OURS / "record.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
        temporary.rename(path)  # onto nothing, or an empty directory
    except OSError:
        if not (path / _OURS).is_dir():  # else another process was quicker, and its record will be compared
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _create_arrays(path: Path, grid: Grid, record: Mapping[str, Any]) -> None:
    import zarr

    n = len(record["populations"])
    group = zarr.open_group(path, mode="w", zarr_format=3, attributes=attributes_of(record))
    group.create_group(_OURS)
    for name, variable in VARIABLES.items():
        rest = variable.shape(n)
        group.create_array(
            name,
            shape=grid.shape + rest,
            chunks=grid.block + rest,
            dtype=variable.dtype,
            fill_value=variable.missing,
            dimension_names=tuple(grid.axes) + variable.dims,
            attributes=variable.attributes,
        )
    for name, (values, attributes) in coordinates(record).items():
        dtype = "str" if values.dtype == object else values.dtype
        array = group.create_array(
            name, shape=values.shape, dtype=dtype, dimension_names=(name,), attributes=attributes
        )
        array[:] = values
    with warnings.catch_warnings():  # zarr: consolidated metadata are not in the specification of format 3 yet
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(path)


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((path / _OURS / "record.json").read_bytes())
    except (OSError, ValueError):
        what = "a directory of something else" if path.is_dir() else "a file"
        raise ValueError(
            f"store {path} is {what}, not a store of a phase diagram; nothing was written. Choose another path"
        ) from None
    return record


class _Lock:
    """One process at a time writes to a store.

    The operating system ends the lock with its process, however that ends, so a file left behind by a kill blocks
    nobody; the process and host written into it are for the message. On a file system without locks two runs would
    compute the same blocks twice, which costs time and harms nothing.
    """

    def __init__(self, path: Path) -> None:
        self._store = path
        self._file: Any = None

    def take(self) -> None:
        import fcntl  # Windows has none, and shall import the rest

        file = open(self._store / _OURS / "lock", "a+", encoding="utf-8")  # noqa: SIM115 (kept open)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            file.close()
            raise ValueError(f"store {self._store} is in use by {owner}; wait for it, or choose another path") from None
        except OSError:
            pass
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()
