"""Jobs whose workers stall: what came of one is stored once, whoever does it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from consult.database import Database, WriteSession
from consult.jobs import running, store
from consult.jobs.running import Keep, Progress
from consult.jobs.store import Job
from consult.worker import WORKS
from tests.integration.test_coding import PLACE, answered  # noqa: F401  a fixture

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("answered")]
KEPT = "SELECT count(*) FROM audit WHERE action = 'coding.read'"
PATIENCE = 60


async def ask(database: Database) -> None:
    async with database.writing() as session:
        await store.ask(session, "read", str(PLACE), by="analyst@example.org")


async def lapse(raw: asyncpg.Connection) -> None:
    """As if the worker's last sign of life were too long ago."""
    await raw.execute("UPDATE job SET beat_at = beat_at - interval '1 minute'")


@pytest.fixture
def other_worker(database_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``consult worker``, a process of its own; what it logs is in ``worker.log``."""
    with (tmp_path / "worker.log").open("wb") as log:
        made = subprocess.Popen(
            [sys.executable, "-m", "consult", "worker"],
            env=os.environ | {"DATABASE_URL": database_url},
            stderr=log,
        )
    yield made
    made.send_signal(signal.SIGCONT)
    made.terminate()
    made.wait(PATIENCE)


async def until_true(raw: asyncpg.Connection, query: str) -> None:
    end = time.monotonic() + PATIENCE
    while not await raw.fetchval(query):
        assert time.monotonic() < end, query
        await asyncio.sleep(0.02)


async def test_a_process_that_stalled_writes_nothing_over_who_took_its_job(
    database: Database,
    raw: asyncpg.Connection,
    other_worker: subprocess.Popen[bytes],
    tmp_path: Path,
) -> None:
    await ask(database)
    await until_true(raw, "SELECT share > 0 FROM job")
    other_worker.send_signal(signal.SIGSTOP)
    await lapse(raw)
    assert await running.do_next(database, WORKS)
    done = await raw.fetchrow("SELECT * FROM job")
    assert done["state"] == "done"
    other_worker.send_signal(signal.SIGCONT)
    end = time.monotonic() + PATIENCE
    while "was taken over by another worker" not in (tmp_path / "worker.log").read_text():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert await raw.fetchval(KEPT) == 1
    assert await raw.fetchrow("SELECT * FROM job") == done


async def test_who_stalls_before_its_last_transaction_has_lost_the_job(
    database: Database, database_url: str, raw: asyncpg.Connection
) -> None:
    other = Database(database_url)

    async def stalled(database: Database, job: Job, progress: Progress) -> Keep:
        keep = await WORKS["read"](database, job, progress)
        await lapse(raw)
        assert await running.do_next(other, WORKS)
        return keep

    await ask(database)
    assert await running.do_next(database, {"read": stalled})
    await other.close()
    assert await raw.fetchval(KEPT) == 1
    assert await raw.fetchval("SELECT state FROM job") == "done"


async def test_who_stalls_writes_nothing_while_the_other_is_at_it(
    database: Database, raw: asyncpg.Connection
) -> None:
    async def stalled(database: Database, job: Job, progress: Progress) -> Keep:
        keep = await WORKS["read"](database, job, progress)
        await lapse(raw)
        async with database.writing() as session:
            assert await store.take(session)
        return keep

    await ask(database)
    assert await running.do_next(database, {"read": stalled})
    assert await raw.fetchval(KEPT) == 0
    assert await raw.fetchval("SELECT state FROM job") == "running"


async def test_who_stalls_within_its_last_transaction_keeps_the_job(
    database: Database, database_url: str, raw: asyncpg.Connection
) -> None:
    other = Database(database_url)

    async def slow(database: Database, job: Job, progress: Progress) -> Keep:
        keep = await WORKS["read"](database, job, progress)
        await lapse(raw)

        async def stalled(session: WriteSession) -> None:
            await keep(session)
            assert not await running.do_next(other, WORKS)
            # Whoever asks meanwhile does not wait for it, and is left to it.
            await asyncio.wait_for(ask(other), 5)

        return stalled

    await ask(database)
    assert await running.do_next(database, {"read": slow})
    await other.close()
    assert await raw.fetchval(KEPT) == 1
    assert await raw.fetchval("SELECT array_agg(state) FROM job") == ["done"]


async def test_a_job_that_could_not_be_written_is_not_done(
    database: Database, raw: asyncpg.Connection
) -> None:
    async def broken(database: Database, job: Job, progress: Progress) -> Keep:
        keep = await WORKS["read"](database, job, progress)

        async def half(session: WriteSession) -> None:
            await keep(session)
            raise ZeroDivisionError

        return half

    await ask(database)
    assert await running.do_next(database, {"read": broken})
    assert await raw.fetchval("SELECT state FROM job") == "failed"
    assert await raw.fetchval("SELECT count(*) FROM comment") == 0
