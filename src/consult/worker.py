"""Work that no request waits for: forgetting what need not be kept, sending, long jobs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from consult import clock
from consult.accounts import store as accounts
from consult.calling.tidying import forget_numbers
from consult.coding.machine import code_the_rest, sign
from consult.coding.reading import read
from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.inviting import sending
from consult.jobs import running
from consult.respond import keeping
from consult.respond.draft import DRAFTS_KEPT
from consult.settings import Settings

logger = logging.getLogger("consult.worker")
ROUND = timedelta(minutes=10)
#: The jobs that pages ask for.
WORKS: Mapping[str, running.Work] = {"read": read, "machine": code_the_rest, "sign": sign}


def works(settings: Settings) -> Mapping[str, running.Work]:
    """What does them in this installation."""
    return {**WORKS, "read": partial(read, endpoint=settings.names)}


async def tidy(database: Database, now: datetime) -> tuple[int, int]:
    """Forget old drafts, expired sign-ins (returns how many of each) and numbers rung no more."""
    async with database.writing() as session:
        drafts = await keeping.purge_drafts(session, clock.today(now - DRAFTS_KEPT))
        sign_ins = await accounts.purge(session, now)
        await forget_numbers(session, now)
    return drafts, sign_ins


async def run(database: Database, settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Send what waits, do jobs, tidy every ten minutes, until told to stop (SIGTERM, SIGINT)."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for order in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(order, stop.set)
    await asyncio.gather(
        _tidying(database, stop),
        sending.run(database, settings, stop),
        running.run(database, works(settings), stop),
    )
    await database.close()


async def _tidying(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            drafts, sign_ins = await tidy(database, clock.now())
            logger.info("forgot %s drafts and %s sign-ins", drafts, sign_ins)
        except DatabaseUnavailable as error:
            logger.warning("database unavailable (%s); trying again later", error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), ROUND.total_seconds())
