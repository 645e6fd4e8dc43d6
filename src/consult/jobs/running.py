"""Doing what was asked for, one job after another.

A job whose worker was killed is begun again by the next one, from its start: what it writes, it
writes in one transaction at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from consult.database import Database
from consult.errors import ConsultError, DatabaseUnavailable
from consult.jobs import store
from consult.jobs.store import Job
from consult.log import failure

logger = logging.getLogger("consult.jobs")
#: Seconds between looks for a job, and between signs of life of one that runs.
EVERY, BEAT = 1.0, 3.0
UNKNOWN = "Something went wrong that nobody had thought of. The service's log says where."

#: Says how much is done, and what is done next.
Progress = Callable[[float, str], Awaitable[None]]
Work = Callable[[Database, Job, Progress], Awaitable[None]]


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
    finally:
        beating.cancel()
    async with database.writing() as session:
        if problem:
            await store.tell(session, job.id, state="failed", step=problem)
        else:
            await store.tell(session, job.id, state="done", share=1.0, step="Done")
    return True


async def _done(database: Database, job: Job, work: Work) -> str:
    """Do a job; why it could not be done."""

    async def progress(share: float, step: str) -> None:
        async with database.writing() as session:
            await store.tell(session, job.id, share=share, step=step)

    try:
        await work(database, job, progress)
    except DatabaseUnavailable:
        raise
    except ConsultError as error:
        return str(error)
    except Exception as error:
        logger.error("a job (%s) failed: %s", job.kind, failure(error))
        return UNKNOWN
    return ""


async def _beat(database: Database, job: Job) -> None:
    while True:
        await asyncio.sleep(BEAT)
        with contextlib.suppress(DatabaseUnavailable):
            async with database.writing() as session:
                await store.tell(session, job.id)
