"""Work that many ask for at once, done for all of them in one statement.

On closing night a thousand requests come at once: done one by one, each pays for a journey to the
database, and each write for a commit of its own. Those that come while a statement is under way
share the next one, and each is answered when that is done. Nobody waits for a timer: with nothing
under way the first goes at once, alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from consult.errors import DatabaseUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Statements under way at once: while one waits for its commit, the next is filled.
LANES = 2
#: Items in one statement.
MOST = 200


class Shared(Generic[Item, Result]):
    """One kind of work of this process, and the items that wait for it.

    ``work`` gives a result for each of the items it is given, in their order.
    """

    def __init__(self, work: Callable[[list[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._lanes: set[asyncio.Task[Any] | None] = set()

    def put(self, item: Item) -> asyncio.Future[Result]:
        """What comes of ``item``; raises what ``work`` raises for it."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._run()))
        return done

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                await self._do_together(taken)
        finally:
            # In the same breath as the last look: what is put later finds no lane, and starts one.
            self._lanes.discard(asyncio.current_task())

    async def _do_together(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            await self._do(taken)
        except DatabaseUnavailable as away:
            for _, done in taken:
                if not done.done():
                    done.set_exception(away)
        except Exception:
            # One that cannot be done must not take its neighbours with it.
            for alone in taken:
                await self._do_alone(alone)

    async def _do(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        results = await self._work([item for item, _ in taken])
        for (_, done), result in zip(taken, results, strict=True):
            if not done.done():  # whoever asked may have gone
                done.set_result(result)

    async def _do_alone(self, waiting: tuple[Item, asyncio.Future[Result]]) -> None:
        try:
            await self._do([waiting])
        except Exception as error:
            if not waiting[1].done():
                waiting[1].set_exception(error)
