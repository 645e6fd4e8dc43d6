"""Sessions on PostgreSQL: reading ones that cannot write, and writing ones that commit here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from consult.errors import ConsultError, DatabaseUnavailable
from consult.sharing import Item, Result, Shared

#: A database that answers slower than this is down for the person who waits.
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
#: Connections of a web process for respondents' requests, each of which holds one very briefly.
LIGHT_CONNECTIONS = 10


class ReadSession(AsyncSession):
    """Reads; PostgreSQL refuses a write."""


class WriteSession(AsyncSession):
    """Reads and writes, within one transaction."""


#: asyncpg's own connection (which has no types): what respondents' requests are made of.
Link = Any
#: Where a store's statement may run: on a connection, or within a session's transaction.
Source = Link | ReadSession | WriteSession


class Database:
    """The database of one process.

    ``reading()``, ``writing()`` and ``light()`` are the only ways in. ``writing()`` is the one
    place that commits: when its block has ended without an error the transaction is committed,
    and whatever keeps it from being confirmed comes out as DatabaseUnavailable. ``light()`` is for
    respondents' requests: each statement is a transaction of its own, committed when it returns;
    ``share()`` does in one statement what many of them ask for at once.
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
        self._url = plain_url(url)
        self._pool: asyncpg.Pool[Any] | None = None
        self._pool_lock = asyncio.Lock()
        self._shared: dict[Callable[..., Any], Shared[Any, Any]] = {}

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

    def light(self) -> Light:
        """A connection without a session, for ``async with``. Raises DatabaseUnavailable."""
        return Light(self)

    def share(
        self, work: Callable[[Database, list[Item]], Awaitable[Sequence[Result]]], item: Item
    ) -> asyncio.Future[Result]:
        """What ``work`` gives for ``item``, done with what others ask of it meanwhile.

        ``work`` is a function of a module: what is asked of the same one is done together. Raises
        DatabaseUnavailable.
        """
        shared = self._shared.get(work)
        if shared is None:
            shared = self._shared[work] = Shared(partial(work, self))
        return shared.put(item)

    async def opened(self) -> asyncpg.Pool[Any]:
        """The pool of light connections."""
        if self._pool is not None:
            return self._pool
        async with self._pool_lock:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=LIGHT_CONNECTIONS,
                    timeout=CONNECT_SECONDS,
                    command_timeout=STATEMENT_SECONDS,
                    # A light statement leaves nothing behind that would have to be reset.
                    reset=_nothing,
                )
            return self._pool

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            self._pool.terminate()
        await self.engine.dispose()


class Light:
    """A light connection for as long as a block lasts.

    A class, for every request has one: a context made of generators takes three times as long.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> Link:
        try:
            self._pool = await self._database.opened()
            self._link = await self._pool.acquire(timeout=CONNECT_SECONDS)
        except _FAILED as why:
            raise _away(why) from None
        return self._link

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self._pool.release(self._link)
        except _FAILED as why:
            raise _away(why) from None
        if isinstance(error, _FAILED):
            raise _away(error) from None


async def _nothing(link: Link) -> None:
    """What has to be done to a light connection before the next request has it."""


async def link_of(source: Source) -> Link:
    """The connection of ``source``; a session's, with its transaction begun."""
    if not isinstance(source, AsyncSession):
        return source
    connection = await source.connection()
    await connection.execute(text("SELECT 1"))  # only a statement begins the transaction
    return (await connection.get_raw_connection()).driver_connection


#: What goes wrong between us and a server; asyncpg calls a line that broke in the middle of a
#: message an internal error of its own.
_FAILED = (
    DBAPIError,
    PoolTimeout,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    try:
        yield
    except _FAILED as why:
        # No "from why": a database error's text can hold the row it was about.
        raise _away(why) from None


def _away(why: Exception) -> Exception:
    """What an error of the database comes out as: itself, where the database has answered."""
    said = why
    if isinstance(why, DBAPIError) and not _connection_failed(why):
        return why
    state = getattr(why, "sqlstate", None)
    if isinstance(why, asyncpg.PostgresError) and str(state or "08")[:2] not in _AWAY:
        return said
    return DatabaseUnavailable(type(why).__name__)


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
