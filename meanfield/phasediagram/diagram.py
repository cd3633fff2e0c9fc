"""`phase_diagram`: all states of a model over a grid of its parameters."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from meanfield.network import Network
from meanfield.parameters import family
from meanfield.phasediagram.dataset import dataset
from meanfield.phasediagram.engines import Engine, Lost, resolve
from meanfield.phasediagram.grid import Grid, make_grid
from meanfield.phasediagram.identity import networks_digest, record_of, source_of
from meanfield.phasediagram.store import MemoryStore, Store, ZarrStore
from meanfield.phasediagram.task import BoundModel, Evaluation, evaluation_of, sample_indices
from meanfield.phasediagram.variables import failed

if TYPE_CHECKING:
    import xarray as xr


def phase_diagram(
    model: Callable[..., Network] | str,
    *,
    store: str | os.PathLike[str] | None = None,
    engine: str | Engine = "serial",
    progress: bool = False,
    block: int | Sequence[int] | None = None,
    **axes: Any,
) -> xr.Dataset:
    """Compute every state of a model over a grid of its parameters.

    Parameters
    ----------
    model : callable or str
        A function that returns a Network for parameters given by name, or the name of one in `meanfield.models`.
    store : path, optional
        Keep each block of points in a zarr store at this path as soon as it is computed. A run that was interrupted,
        by whatever, goes on from there and gives what it would have given without interruption.
    engine : str or Engine
        "serial"; "processes" (as many as there are cores, or `engines.Processes(n)`; a script that uses it needs its
        main part under ``if __name__ == "__main__":``); or the address of a dask.distributed scheduler,
        "tcp://host:port" (also `engines.Dask(address)`; needs the extra ``cluster``).
    progress : bool
        Show a progress bar with an estimate of the time left on stderr (needs tqdm).
    block : int or sequence of int, optional
        Points along each axis of what is computed, stored and lost at a time; by default at most 512 points.
    **axes
        Parameters of the model: arrays are the axes of the grid, in this order, and single values are fixed; SI units.

    Returns
    -------
    xarray.Dataset
        Over the axes, "state" and "population": `rate` [Hz], `mu`, `sigma` [V] and `cv` of each state, sorted by
        mean rate and NaN beyond the number of states `n_states`; `is_complete`; and `reason`. A point that failed has
        n_states -1, NaN in every float and its reason; a warning tells how many there are.

    Raises
    ------
    ValueError, TypeError
        For an unknown parameter (the nearest is named), an axis that is empty or not finite, parameters for which no
        point makes a network, an unknown engine, and a store that holds another run (its differences are named), is
        something else, or is in use.
    ConnectionError
        If a scheduler does not answer, has no workers, or is lost on the way; what was computed is in the store.

    Notes
    -----
    A store belongs to the model's own source, its networks at some points, parameters, axes, block and the code of
    this package; it is refused if any of these differs. Blocks that failed because their worker process ended four
    times are computed again when the run is repeated.

    Examples
    --------
    >>> import meanfield as mf
    >>> ds = mf.phase_diagram("brunel2000", g=[3.5, 5.0], eta=[0.8, 2.0])
    >>> ds.n_states.values
    array([[3, 1],
           [1, 1]], dtype=int8)
    >>> round(float(ds.rate.sel(g=5, eta=2, state=0, population="E")), 2)
    37.95
    """
    runner = resolve(engine)
    members = family(model)
    grid = make_grid(members, axes, block)
    bound = BoundModel(members, grid.fixed)
    evaluation = evaluation_of(bound, grid)
    record = record_of(
        label=members.label,
        source=source_of(model),
        networks=networks_digest(bound, [grid.point(index) for index in sample_indices(grid.n_points, 5)]),
        populations=evaluation.populations,
        grid=grid,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    kept: Store = MemoryStore(grid, record) if store is None else ZarrStore(store, grid, record)
    with kept:
        _compute(runner, evaluation, grid, kept, progress)
        result = dataset(kept.read(), kept.record)
    _warn_of_failures(result)
    return result


def _compute(runner: Engine, evaluation: Evaluation, grid: Grid, store: Store, progress: bool) -> None:
    """Compute and keep the blocks that are missing."""
    todo = store.missing()
    sizes = {k: len(next(iter(grid.points(k).values()))) for k in todo}
    if not todo:
        return
    with (
        _progress_bar(progress, grid.n_points, grid.n_points - sum(sizes.values())) as advance,
        closing(runner.run(evaluation, {k: grid.points(k) for k in todo})) as answers,
    ):
        for k, values in answers:
            if isinstance(values, Lost):
                store.write(k, failed(sizes[k], len(evaluation.populations), values.reason), final=False)
            else:
                store.write(k, values)
            advance(sizes[k])


@contextmanager
def _progress_bar(progress: bool, total: int, done: int) -> Iterator[Callable[[int], object]]:
    if not progress:
        yield lambda n: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        raise ModuleNotFoundError("progress=True needs tqdm (pip install tqdm)") from None
    with tqdm(total=total, initial=done, desc="phase diagram", unit="points") as bar:
        yield bar.update


def _warn_of_failures(result: xr.Dataset) -> None:
    is_failed = result.n_states.values < 0
    if is_failed.any():
        first = result.reason.values[is_failed][0]
        warnings.warn(
            f"{is_failed.sum()} of {is_failed.size} points failed (n_states is -1, `reason` says why), "
            f"the first of them: {first}",
            stacklevel=3,
        )
