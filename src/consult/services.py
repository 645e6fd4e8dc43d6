"""The long-running parts: a database, web processes, the worker; and what stops them together."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from consult.errors import ConsultError
from consult.settings import Settings

if TYPE_CHECKING:
    from litestar import Litestar

    from consult.postgres import Server

logger = logging.getLogger("consult")
WATCH_SECONDS = 0.5
#: A service that ends within so many seconds, and so many times in a row, cannot be started.
AT_ONCE, TRIES = 5, 5
STOP_SECONDS = 10
#: Seconds after which a web process that was asked to stop is killed. One that is told so while it
#: is being started anew never hears it, and all would wait for it for ever.
WEB_STOP_SECONDS = 5


def _quiet(line: str) -> None:
    logger.info(line)


@contextmanager
def running_database(
    settings: Settings, progress: Callable[[str], None] = _quiet, *, attach: bool = True
) -> Iterator[str]:
    """The address of a PostgreSQL that will not lose what it confirms.

    ``DATABASE_URL``'s, or one started here and started again should it end. Where another
    ``consult`` runs one on the same data, a short command attaches to that (``attach``); a second
    service is told who holds it. Raises ConsultError.
    """
    if settings.database_url:
        asyncio.run(_check(settings.database_url))
        yield settings.database_url
        return
    try:
        from consult import postgres
    except ImportError as error:
        raise ConsultError(
            "There is no DATABASE_URL, and PostgreSQL's own programs are not installed "
            f"({error.name}). Set DATABASE_URL, or install consult[postgres]."
        ) from None
    try:
        server = postgres.start(postgres.data_folder(), progress=progress)
    except postgres.AlreadyHeld as held:
        if not attach or held.url is None:
            raise ConsultError(str(held)) from None
        yield held.url
        return
    except postgres.LauncherError as error:
        raise ConsultError(str(error)) from None
    with server:
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server, stop), daemon=True)
        watcher.start()
        try:
            yield server.url
        finally:
            stop.set()
            watcher.join()


async def _check(url: str) -> None:
    import asyncpg

    from consult.database import CONNECT_SECONDS, plain_url
    from consult.postgres import LauncherError, assert_durable

    try:
        connection = await asyncpg.connect(plain_url(url), timeout=CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError) as error:
        raise ConsultError(
            f"PostgreSQL at DATABASE_URL does not answer ({type(error).__name__}). "
            "Check that it runs and that the address, name and password are right."
        ) from None
    try:
        await assert_durable(connection, checksums=False)
    except LauncherError as error:
        raise ConsultError(str(error)) from None
    finally:
        await connection.close()


def _watch(server: Server, stop: threading.Event) -> None:
    """Start the server again when it has ended, until told to stop."""
    while not stop.wait(WATCH_SECONDS):
        if not server.alive():
            logger.warning("PostgreSQL ended; starting it again")
            try:
                server.restart()
            except Exception as error:
                logger.error("PostgreSQL could not be started again: %s", error)


def web_app() -> Litestar:
    """The application of one web process, from its environment."""
    from consult.app import create_app
    from consult.log import configure

    configure()
    settings = Settings.from_environment()
    if settings.database_url is None:
        raise ConsultError("A web process needs DATABASE_URL; 'consult serve' sets it.")
    app = create_app(settings, settings.database_url)
    # What is loaded by now stays. Otherwise the collector looks through all of it again and again:
    # a tenth of a millisecond for every form sent, and 70 ms at once for whoever it happens to.
    gc.collect()
    gc.freeze()
    return app


def serve_web(settings: Settings, database_url: str) -> None:
    """Serve pages until interrupted."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["DATABASE_URL"] = database_url  # the web processes read it
    short = 0
    while True:
        began = time.monotonic()
        server = Granian(
            "consult.services:web_app",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            respawn_failed_workers=True,
            workers_kill_timeout=WEB_STOP_SECONDS,
            log_access=False,  # a line per request would hold the sender's address
            log_level=LogLevels.warning,
        )
        with suppress(SystemExit):  # how it says that it gave up
            server.serve()
        if server.interrupt_signal:
            return
        # It gives up when a web process is killed twice within seconds; we try a few times more.
        short = short + 1 if time.monotonic() - began < AT_ONCE else 0
        if short == TRIES:
            raise ConsultError("The web processes end as soon as they start; the log says why.")
        logger.error("web processes were killed again and again; starting them anew")


@contextmanager
def running_worker(database_url: str) -> Iterator[None]:
    """The worker, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "consult", "worker"],
        env={**os.environ, "DATABASE_URL": database_url},
        stdin=subprocess.DEVNULL,
        # Ctrl-C is for the parent, which stops its children in order.
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
