"""Running many networks: `simulate_many`, in parallel, and resumed where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

import meanfield as mf
from meanfield._validate import check_whole
from meanfield.io import to_dict
from validation.compiler import missing_tools, program_for, require_brian2
from validation.identity import identity, surroundings
from validation.modulation import Modulation
from validation.results import Simulation
from validation.simulation import Disorder, check_recording, check_times, draw_seeds, simulate_seed


def simulate_many(
    networks: Sequence[mf.Network],
    *,
    summary: Callable[[Simulation], Any],
    duration: float = 1.0,
    warmup: float = 0.2,
    dt: float = 1e-4,
    connections: str = "fixed indegree",
    threshold_std: Any = 0.0,
    rng: Any = 1,
    currents: int = 0,
    current_bin: float | None = None,
    modulation: Modulation | Sequence[Modulation | None] | None = None,
    processes: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> list[Any]:
    """Simulate many networks, several at a time, and keep a summary of each.

    Parameters
    ----------
    networks : sequence of meanfield.Network
    summary : callable of Simulation
        What to keep of a run.
    duration, warmup, dt, connections, threshold_std, rng, currents, current_bin
        As of `simulate`; every run has a seed of its own.
    modulation : Modulation, or a sequence with one or None a network, optional
        As of `simulate`.
    processes : int, optional
        Simulations that run at the same time, each a process with results of its own; as many as there are cores by
        default, and one without a compiler.
    store : path, optional
        A directory where each summary is kept as soon as it is there; a run that was interrupted goes on from it. A
        summary belongs to its network, times and seed, to what the summary function does (its code, constants and
        all that it refers to), to the sources of meanfield and of this package, to the versions of Brian2 and NumPy,
        and to whether the simulation was compiled: anything else is computed anew. The files are pickles: use only
        stores of your own.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    list
        ``summary(simulation)`` for each network, in order.

    Raises
    ------
    ValueError, TypeError, SimulationUnavailable
        As of `simulate`; also for less than one process, or no whole number of them, and TypeError for a
        summary function that cannot be told from others, if there is a store.
    """
    duration, warmup, dt = check_times(duration, warmup, dt)
    recording = check_recording(currents, current_bin, duration, dt)
    modulations = (
        [modulation] * len(networks) if modulation is None or isinstance(modulation, Modulation) else modulation
    )
    disorders = [Disorder.of(network, connections, threshold_std) for network in networks]
    if processes is not None:
        processes = check_whole("processes", processes, at_least=1)
    seeds = [draw_seeds(seed, 1)[0] for seed in draw_seeds(rng, len(networks))]  # run k is simulate(rng=its seed)
    paths: list[Path | None] = [None] * len(networks)
    if store is not None:
        require_brian2()
        Path(store).mkdir(parents=True, exist_ok=True)
        common = [duration, warmup, dt, recording, identity("summary", summary), *surroundings()]
        for k, (network, seed, disorder, course) in enumerate(
            zip(networks, seeds, disorders, modulations, strict=True)
        ):
            driven = [] if course is None else course.to_list()
            paths[k] = Path(store) / f"{_key(network, seed, *astuple(disorder), *common, *driven)}.pickle"
    results = {k: pickle.loads(path.read_bytes()) for k, path in enumerate(paths) if path and path.exists()}
    todo = [k for k in range(len(networks)) if k not in results]
    announce = partial(tqdm.write, file=sys.stderr) if progress else None  # stdout may be read by machines
    if missing_tools():
        processes = 1  # Brian2's runtime is one a process
    else:
        structures = {disorders[k].structure(networks[k], dt, recording[0], modulations[k] is not None) for k in todo}
        for structure in structures:
            program_for(structure, announce=announce)
    stopped = threading.Event()

    def go_on() -> None:
        if stopped.is_set():
            raise InterruptedError("another simulation failed, or the run was interrupted")

    def one(k: int) -> Any:
        found = simulate_seed(
            networks[k],
            duration,
            warmup,
            dt,
            seeds[k],
            disorders[k],
            recording=recording,
            modulation=modulations[k],
            after_part=go_on,
        )
        result = summary(found)
        _keep(result, paths[k])
        return result

    with (
        tqdm(total=len(networks), initial=len(results), disable=not progress, desc="simulations") as bar,
        ThreadPoolExecutor(processes or os.cpu_count()) as pool,  # a thread waits for its binary
    ):
        jobs = {pool.submit(one, k): k for k in todo}
        try:
            for job in as_completed(jobs):
                results[jobs[job]] = job.result()
                bar.update()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [results[k] for k in range(len(networks))]


def _keep(result: Any, path: Path | None) -> None:
    """Write a result under another name and rename it, so that what has its name is whole."""
    if path is not None:
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(pickle.dumps(result))
        os.replace(temporary, path)


def _key(network: mf.Network, *rest: Any) -> str:
    return hashlib.sha256(json.dumps([to_dict(network), *rest]).encode()).hexdigest()[:24]
