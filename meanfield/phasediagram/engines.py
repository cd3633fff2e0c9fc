"""Where blocks are computed: here, in processes of this machine, or on a dask.distributed cluster.

An engine yields each block as soon as it is there, in any order. It has a worker that died replaced and its block
computed again up to three times; a block that outlives no worker is `Lost`. Closing the generator stops the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import pickle
import signal
import time
import traceback
import uuid
from collections import Counter, deque
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, runtime_checkable

from meanfield._validate import FloatArray, nearest
from meanfield.phasediagram.task import Evaluation
from meanfield.phasediagram.variables import Values

MAX_REPEATS = 3  # of a block whose worker died; dask's own default for this too
Jobs = Mapping[int, Mapping[str, FloatArray]]


@dataclass(frozen=True, slots=True)
class Lost:
    """A block that could not be computed, and why."""

    reason: str


Answers = Generator[tuple[int, Values | Lost], None, None]


@runtime_checkable
class Engine(Protocol):
    """Computes blocks of points."""

    def run(self, evaluation: Evaluation, jobs: Jobs) -> Answers:
        """Yield (number, values) of each block of `jobs`; an exception of `evaluation` is raised."""


@dataclass(frozen=True, slots=True)
class Serial:
    """One block after the other, in this process."""

    def run(self, evaluation: Evaluation, jobs: Jobs) -> Answers:
        """Yield blocks in order."""
        for k, points in jobs.items():
            yield k, evaluation(points)


def resolve(engine: Any) -> Engine:
    """Return the engine that a word, an address or an engine itself stands for.

    Raises
    ------
    ValueError, TypeError
        For an unknown word, or something that is no engine.
    """
    known: dict[str, type[Engine]] = {"serial": Serial, "processes": Processes}
    if isinstance(engine, str):
        if engine in known:
            return known[engine]()
        if "://" in engine:
            return Dask(engine)
        hint = nearest(engine, known)
        raise ValueError(f"unknown engine {engine!r}; {hint} (or a scheduler's address, 'tcp://host:port')")
    if isinstance(engine, Engine) and not isinstance(engine, type):
        return engine
    raise TypeError(f"engine must be a word, a scheduler's address or an engine, got {engine!r}")


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine, `n` of them, by default one a core.

    They are started afresh ("spawn"), since a fork of a process with threads may hang. Each ends with this process,
    however that ends.
    """

    n: int | None = None

    def __post_init__(self) -> None:
        if self.n is not None and (isinstance(self.n, bool) or not isinstance(self.n, int) or self.n < 1):
            raise ValueError(f"the number of processes must be a whole number, 1 or more, got {self.n!r}")

    def run(self, evaluation: Evaluation, jobs: Jobs) -> Answers:
        """Yield blocks as they come."""
        try:
            pickled = pickle.dumps(evaluation)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ValueError(_cannot_travel(error)) from None
        queue = deque(jobs)
        deaths: Counter[int] = Counter()
        workers: dict[Connection, _Worker] = {}
        left = len(queue)
        try:
            for _ in range(min(left, self.n or _cores())):
                _Worker(pickled, workers)
            while left:
                for connection in wait(list(workers)):
                    worker = workers[connection]  # type: ignore[index]
                    k = worker.job
                    try:
                        answer = worker.answer()
                    except _Died as died:
                        worker.stop()
                        if k is not None:
                            deaths[k] += 1
                            if deaths[k] <= MAX_REPEATS:
                                queue.appendleft(k)
                            else:
                                left -= 1
                                yield k, Lost(f"the worker process ended {deaths[k]} times at this block, {died}")
                        if queue:
                            _Worker(pickled, workers)
                        continue
                    if queue:  # before this answer is written, so that nobody waits
                        worker.start(queue[0], jobs[queue.popleft()])
                    if answer is not None and k is not None:
                        left -= 1
                        yield k, answer
        finally:
            for worker in list(workers.values()):
                worker.stop()


class _Died(Exception):
    """A worker ended by itself."""


class _Worker:
    """A process, its end of a pipe, and the block it is at; in `workers` by its pipe."""

    def __init__(self, pickled: bytes, workers: dict[Connection, _Worker]) -> None:
        context = multiprocessing.get_context("spawn")
        self.job: int | None = None
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # so that its death ends the pipe
        self._workers = workers
        self._is_ready = False
        workers[self._connection] = self
        self._send(pickled)

    def start(self, job: int, points: Mapping[str, FloatArray]) -> None:
        """Hand over a block."""
        self.job = job
        self._send(points)

    def answer(self) -> Values | None:
        """What it sent: None when it is ready to begin, then the values of a block; or raise what it raised."""
        try:
            kind, content = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            if not self._is_ready:
                raise RuntimeError(
                    f"a worker process ended before it began (exit status {code}); a script that uses processes needs "
                    f"its main part under: if __name__ == '__main__':"
                ) from None
            how = f"by signal {-code}" if code is not None and code < 0 else f"with exit status {code}"
            raise _Died(f"the last time {how}") from None
        if kind == "error":
            raise content
        self._is_ready = True
        self.job = None
        values: Values | None = content
        return values

    def stop(self) -> None:
        """End the process, whatever it is at."""
        del self._workers[self._connection]
        self._connection.close()
        self._process.terminate()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def _send(self, content: Any) -> None:
        with contextlib.suppress(OSError):  # it died; the pipe's end says so when it is waited for
            self._connection.send(content)


def _serve(connection: Connection) -> None:
    """A worker: blocks in, values out, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one stops the others
    try:
        try:
            evaluation = pickle.loads(connection.recv())
        except Exception as error:
            connection.send(("error", ValueError(_cannot_travel(error))))
            return
        connection.send(("ready", None))
        while True:
            points = connection.recv()
            try:
                reply = ("values", evaluation(points))
            except Exception as error:
                reply = ("error", _portable(error))
            connection.send(reply)
    except (EOFError, OSError):
        pass  # nobody is there to compute for


def _portable(error: Exception) -> Exception:
    """The error itself if it can be sent, else its words."""
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:
        return RuntimeError("".join(traceback.format_exception_only(error)).strip())


def _cannot_travel(error: Exception) -> str:
    return f"the model cannot be sent to another process; define it at the top level of a module ({error})"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Dask:
    """The workers of a dask.distributed scheduler at `address`, which must answer within `timeout` seconds.

    Workers need the same version of this package (a worker with another is an error), but no common file system: blocks
    come back over the network and are written here.
    """

    address: str
    timeout: float = 10.0

    def run(self, evaluation: Evaluation, jobs: Jobs) -> Answers:
        """Yield blocks as they come; ConnectionError if the scheduler or its workers are not there."""
        distributed = _distributed()
        with self._client(distributed) as client:
            run = uuid.uuid4().hex  # another client of this scheduler may compute the same
            futures = {
                client.submit(evaluation, points, key=f"phase-diagram-{run}-{k}", pure=False): k
                for k, points in jobs.items()
            }
            try:
                for future in distributed.as_completed(futures, loop=client.loop):
                    yield futures[future], self._result(future, distributed)
                    future.release()
            finally:
                if client.status == "running":
                    client.cancel(list(futures))

    def _client(self, distributed: Any) -> Any:
        end = time.monotonic() + self.timeout
        try:
            with ThreadPoolExecutor(1) as thread:  # a notebook has an event loop of its own in this one
                thread.submit(asyncio.run, self._shake_hands(distributed)).result()
            client = distributed.Client(self.address, timeout=self.timeout, set_as_default=False)
        except (OSError, ValueError) as error:
            why = f" ({_one_line(error)})" if str(error) else ""
            raise ConnectionError(
                f"no dask scheduler answers at {self.address} within {self.timeout:g} s{why}"
            ) from None
        try:
            client.wait_for_workers(1, timeout=max(end - time.monotonic(), 0.1))
        except (OSError, TimeoutError):
            client.close()
            raise ConnectionError(
                f"the dask scheduler at {self.address} has no worker after {self.timeout:g} s"
            ) from None
        return client

    async def _shake_hands(self, distributed: Any) -> None:
        """Connect once: `Client` itself waits for ever for somebody who listens and says nothing."""
        arguments = distributed.Security().get_connection_args("client")
        async with asyncio.timeout(self.timeout):
            await (await distributed.comm.connect(self.address, timeout=self.timeout, **arguments)).close()

    def _result(self, future: Any, distributed: Any) -> Values | Lost:
        try:
            values: Values = future.result(timeout=60)
            return values
        except distributed.KilledWorker as error:
            return Lost(f"the dask workers that computed this block were killed: {_one_line(error)}")
        except (distributed.CancelledError, OSError) as error:
            raise ConnectionError(f"lost the dask scheduler at {self.address} ({_one_line(error)})") from None


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise ModuleNotFoundError("a dask scheduler needs dask.distributed: pip install 'meanfield[cluster]'") from None
    return distributed


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
