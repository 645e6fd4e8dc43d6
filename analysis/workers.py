"""Work on parts of a file by several processes, here or on the machines of a Dask cluster.

Parts are asked for as others are done, and what comes of them is in their order: however many
work, memory holds a few parts, and the result is the same.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from analysis.errors import DataError

Part = TypeVar("Part")
Done = TypeVar("Done")
Shared = TypeVar("Shared")

AHEAD = 2
"""Parts that wait for each process, so that none waits for a part."""

ANSWERS = "10s"
"""How long a scheduler may take to answer."""

_shared: Any = None


@contextmanager
def mapping(
    work: Callable[[Shared, Part], Done], shared: Shared, scheduler: str | None = None
) -> Iterator[Callable[[Iterable[Part]], Iterator[Done]]]:
    """A function that gives `work(shared, part)` of each part, in order.

    `scheduler` is the address of a Dask scheduler (`tcp://…`); without it there is a process for
    each core. `shared` is sent once. Raises DataError where no scheduler answers.
    """
    if scheduler is None:
        with _processes(work, shared) as submit:
            yield lambda parts: _in_order(submit, parts, _cores() + AHEAD)
        return
    with _cluster(work, shared, scheduler) as (submit, processes):
        yield lambda parts: _in_order(submit, parts, processes * AHEAD)


def alone(work: Callable[[], Done]) -> Done:
    """What `work` gives, done by a process of its own, which takes the memory it needed with it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work).result()


def _in_order(submit: Callable[[Part], Any], parts: Iterable[Part], most: int) -> Iterator[Any]:
    waiting: deque[Any] = deque()
    for part in parts:
        waiting.append(submit(part))
        while len(waiting) > most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _processes(
    work: Callable[[Any, Part], Any], shared: Any
) -> Iterator[Callable[[Part], Future[Any]]]:
    # There is a process for each core already.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    # Spawned: a forked process has the locks of threads that it does not have.
    with ProcessPoolExecutor(
        _cores(), mp_context=get_context("spawn"), initializer=_receive, initargs=(shared,)
    ) as pool:
        yield lambda part: pool.submit(_worked, work, part)


def _receive(shared: Any) -> None:
    global _shared
    _shared = shared


def _worked(work: Callable[[Any, Part], Done], part: Part) -> Done:
    return work(_shared, part)


@contextmanager
def _cluster(
    work: Callable[[Any, Part], Any], shared: Any, scheduler: str
) -> Iterator[tuple[Callable[[Part], Any], int]]:
    try:
        import distributed
    except ImportError:
        raise DataError(
            "--scheduler needs Dask, which is not installed. Install consult[dask]."
        ) from None
    try:
        connect: Any = distributed.Client  # it has no types
        client = connect(scheduler, timeout=ANSWERS, set_as_default=False)
    except (OSError, ValueError):
        raise DataError(
            f"No Dask scheduler answers at {scheduler}. Start one with “dask scheduler”, and "
            "workers with “dask worker”, on which consult is installed too."
        ) from None
    with client:
        there = client.scatter(shared, broadcast=True, hash=False)
        processes = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        yield lambda part: client.submit(work, there, part, pure=False), processes
