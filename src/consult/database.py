"""Sessions on PostgreSQL: reading ones that cannot write, and writing ones that commit here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from consult.errors import ConsultError, DatabaseUnavailable

#: A database that answers slower than this is down for the person who waits.
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30


class ReadSession(AsyncSession):
    """Reads; PostgreSQL refuses a write."""


class WriteSession(AsyncSession):
    """Reads and writes, within one transaction."""


class Database:
    """The database of one process.

    ``reading()`` and ``writing()`` are the only ways in. ``writing()`` is the one place that
    commits: when its block has ended without an error the transaction is committed, and whatever
    keeps it from being confirmed comes out as DatabaseUnavailable.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(
            asyncpg_url(url),
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=10,
            pool_timeout=CONNECT_SECONDS,
            connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
        )
        self._read_engine = self.engine.execution_options(postgresql_readonly=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A read-only transaction. Raises DatabaseUnavailable."""
        with_session = ReadSession(self._read_engine, expire_on_commit=False)
        async with _available(), with_session as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A transaction, committed at its end. Raises DatabaseUnavailable."""
        with_session = WriteSession(self.engine, expire_on_commit=False)
        async with _available(), with_session as session, session.begin():
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as why:
        if isinstance(why, DBAPIError) and not _connection_failed(why):
            raise
        # No "from why": a database error's text can hold the row it was about.
        raise DatabaseUnavailable(type(why).__name__) from None


#: Classes of SQLSTATE for a server that is not to be had: 08 connection, 28 sign-in refused, 3D no
#: such database (one being restored), 53 no resources, 55 not accepting anyone, 57 shutting down.
_AWAY = {"08", "28", "3D", "53", "55", "57"}


def _connection_failed(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state[:2] in _AWAY


def asyncpg_url(url: str) -> str:
    """``url`` with the driver this project uses. Raises ConsultError."""
    for scheme in ("postgresql+asyncpg://", "postgresql://", "postgres://"):
        if url.startswith(scheme):
            made = "postgresql+asyncpg://" + url.removeprefix(scheme)
            with suppress(ArgumentError, ValueError):
                make_url(made)
                urlsplit(made).port  # noqa: B018  a port that is no number is noticed here
                return made
    raise ConsultError(
        "DATABASE_URL is no PostgreSQL address. Write it like postgresql://user:password@host/name."
    )


def plain_url(url: str) -> str:
    """``url`` for asyncpg itself."""
    return asyncpg_url(url).replace("postgresql+asyncpg://", "postgresql://", 1)
