"""Doing what was asked for, one job after another.

A job whose worker was killed, or gave no sign of life for long, is begun again by the next one.
What came of it is written once: by whose it still is, in the transaction that says “done”.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from consult.database import Database, WriteSession
from consult.errors import ConsultError, DatabaseUnavailable
from consult.jobs import store
from consult.jobs.store import Job, Lost
from consult.log import failure

logger = logging.getLogger("consult.jobs")
#: Seconds between looks for a job, and between signs of life of one that runs.
EVERY, BEAT = 1.0, 3.0
UNKNOWN = "Something went wrong that nobody had thought of. The service's log says where."

#: Says how much is done, and what is done next.
Progress = Callable[[float, str], Awaitable[None]]
#: Writes what came of a job.
Keep = Callable[[WriteSession], Awaitable[None]]
#: Does a job, and says how to write what came of it; by itself it writes nothing.
Work = Callable[[Database, Job, Progress], Awaitable[Keep]]


async def run(database: Database, works: Mapping[str, Work], stop: asyncio.Event) -> None:
    """Do what is asked until told to stop."""
    while not stop.is_set():
        done = False
        with contextlib.suppress(DatabaseUnavailable):  # the worker's other part says so
            done = await do_next(database, works)
        if not done:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)


async def do_next(database: Database, works: Mapping[str, Work]) -> bool:
    """Do the job that has waited longest; whether there was one. Raises DatabaseUnavailable."""
    async with database.writing() as session:
        job = await store.take(session)
    if job is None:
        return False
    beating = asyncio.create_task(_beat(database, job))
    try:
        problem = await _done(database, job, works[job.kind])
        if problem:
            async with database.writing() as session:
                await store.tell(session, job, state="failed", step=problem)
    except Lost:
        logger.warning("a job (%s) was taken over by another worker", job.kind)
    finally:
        beating.cancel()
    return True


async def _done(database: Database, job: Job, work: Work) -> str:
    """Do a job and write what came of it; why it could not be done. Raises Lost."""

    async def progress(share: float, step: str) -> None:
        async with database.writing() as session:
            await store.tell(session, job, share=share, step=step)

    try:
        keep = await work(database, job, progress)
        async with database.writing() as session:
            await store.hold(session, job)
            await keep(session)
            await store.tell(session, job, state="done", share=1.0, step="Done")
    except (DatabaseUnavailable, Lost):
        raise
    except ConsultError as error:
        return str(error)
    except Exception as error:
        logger.error("a job (%s) failed: %s", job.kind, failure(error))
        return UNKNOWN
    return ""


async def _beat(database: Database, job: Job) -> None:
    with contextlib.suppress(Lost):  # whoever does the job is told as well
        while True:
            await asyncio.sleep(BEAT)
            with contextlib.suppress(DatabaseUnavailable):
                async with database.writing() as session:
                    await store.tell(session, job)
