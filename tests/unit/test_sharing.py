"""Work shared by many: each gets their own result, and nobody a neighbour's error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from consult.errors import DatabaseUnavailable
from consult.sharing import LANES, MOST, Shared


class Doubling:
    """Doubles numbers in batches; refuses negative ones, and is away for a thousand."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, items: list[int]) -> Sequence[int]:
        self.batches.append(items)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        if 1000 in items:
            raise DatabaseUnavailable
        if min(items) < 0:
            raise ValueError(min(items))
        return [2 * item for item in items]


def _ask(*items: int) -> tuple[Doubling, list[object]]:
    work = Doubling()

    async def all_at_once() -> list[object]:
        shared = Shared(work)
        return list(await asyncio.gather(*map(shared.put, items), return_exceptions=True))

    return work, asyncio.run(all_at_once())


def test_each_gets_their_own_result() -> None:
    count = 3 * MOST
    work, results = _ask(*range(count))
    assert results == [2 * item for item in range(count)]
    assert len(work.batches) < count / 10
    assert max(map(len, work.batches)) <= MOST
    assert work.most_at_once <= LANES


def test_one_alone_does_not_wait_for_others() -> None:
    work, results = _ask(4)
    assert (work.batches, results) == ([[4]], [8])


def test_one_that_cannot_be_done_takes_no_neighbour_with_it() -> None:
    _, results = _ask(1, 2, -3, 4)
    assert [results[0], results[1], results[3]] == [2, 4, 8]
    assert isinstance(results[2], ValueError)


def test_everybody_hears_that_the_database_is_away() -> None:
    _, results = _ask(1, 1000)
    assert all(isinstance(result, DatabaseUnavailable) for result in results)


def test_whoever_has_gone_keeps_nobody_waiting() -> None:
    async def leave() -> int:
        shared = Shared(Doubling())
        gone, there = shared.put(1), shared.put(2)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await there

    assert asyncio.run(leave()) == 4


def test_what_is_asked_the_moment_all_lanes_end_is_done_too() -> None:
    async def hand_in_hand() -> int:
        ready = asyncio.Event()

        async def work(items: list[int]) -> Sequence[int]:
            await ready.wait()
            return items

        shared = Shared(work)

        async def two_after_another() -> int:
            return await shared.put(1) + await shared.put(10)

        first = asyncio.create_task(two_after_another())
        await asyncio.sleep(0.001)
        others = [shared.put(100)]  # the other lane
        await asyncio.sleep(0.001)
        ready.set()
        await asyncio.gather(*others)
        return await asyncio.wait_for(first, 5)

    assert asyncio.run(hand_in_hand()) == 11
