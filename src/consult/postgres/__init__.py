"""The embedded PostgreSQL: started as a direct child, safe after a crash of either, and durable.

    with postgres.start(postgres.data_folder(), progress=print) as server:
        engine = create_async_engine(server.url)

In the data folder: ``postgres`` (PostgreSQL's own folder), ``postgres.log``, ``consult.lock``,
``pg_hba.conf`` and ``pg_ident.conf`` (written at every start), ``socket`` unless its path is too
long for one, and ``programs`` where the wheel's own cannot be reached by the server's account.

There is no TCP and no password: whoever connects is who the kernel says they are ("peer"), and only
the user who started the server is let in. The app's role ``consult`` is no superuser.

Tested on Linux. On macOS everything but the server's ending with a killed app should hold, and the
next start stops what is left; Windows is refused, with the advice to give DATABASE_URL.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote

import asyncpg

from consult.postgres.cluster import Programs, find_programs, make_cluster, write_access
from consult.postgres.host import (
    Account,
    AlreadyHeld,
    FolderLock,
    LauncherError,
    Say,
    data_folder,
    prepare_folder,
    server_account,
    socket_folder,
)
from consult.postgres.processes import clear_leavings, recovering, spawn

__all__ = [
    "AlreadyHeld",
    "LauncherError",
    "NotDurable",
    "Server",
    "assert_durable",
    "data_folder",
    "start",
]

RECOVERY_SECONDS = 60.0
STOP_FAST_SECONDS = 10.0
STOP_IMMEDIATE_SECONDS = 10.0
LOG_BYTES = 10_000_000
LOG_LINES = 20

# Given on the command line, so that no file can change them. What residents write must not reach a
# log: an error's text and its detail may quote a value, so errors go to the client alone, and a
# crashed backend's statement is a detail of the crash's line, which "terse" leaves out.
_FIXED = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "log",  # above error and warning: log, fatal and panic are written
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "off",
    "log_disconnections": "off",
}
# fsync, synchronous_commit and full_page_writes are not here on purpose: they are asserted, so that
# whoever turned one off learns of it instead of wondering why their setting has no effect.


class NotDurable(LauncherError):
    """The server may lose what it has acknowledged."""


class Connection(Protocol):
    """What is needed of an asyncpg connection."""

    async def fetch(self, query: str) -> list[Any]: ...


async def assert_durable(connection: Connection, *, checksums: bool = True) -> None:
    """Refuse a server that may lose or silently damage a committed answer.

    For an asyncpg connection (SQLAlchemy: ``(await c.get_raw_connection()).driver_connection``).
    ``checksums=False`` suits a server given by DATABASE_URL, whose owner chose them or not.
    ``synchronous_commit`` may be any level that waits for this server's own disk, so all but off.
    """
    needed = ["fsync", "synchronous_commit", "full_page_writes"]
    needed += ["data_checksums"] if checksums else []
    query = "SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in needed)
    values = (await connection.fetch(query))[0]
    wrong = [name for name in needed if values[name] == "off"]
    if not wrong:
        return
    remedy = (
        "Turn it on with: pg_checksums --enable"
        if wrong == ["data_checksums"]
        else "Turn it on: look in postgresql.auto.conf, postgresql.conf and for ALTER ROLE or "
        "DATABASE … SET"
    )
    raise NotDurable(
        f"PostgreSQL runs with {' and '.join(f'{name}=off' for name in wrong)}, so an answer it "
        f"has acknowledged could be lost or damaged. {remedy}; then start again."
    )


class _Child:
    """A postgres process and the thread that starts, outlives and waits for it.

    Linux sends the parent-death signal when the *thread* that started the child ends. start() may
    be called in a passing worker thread, so a thread of the child's own starts it.
    """

    def __init__(self, begin: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.ended = threading.Event()
        self._begun = threading.Event()
        self._problem: BaseException | None = None
        threading.Thread(target=self._keep, args=(begin,), daemon=True, name="postgres").start()
        self._begun.wait()
        if self._problem is not None:
            raise LauncherError(f"Cannot start PostgreSQL: {self._problem}") from self._problem

    def _keep(self, begin: Callable[[], subprocess.Popen[bytes]]) -> None:
        try:
            self.process = begin()
        except BaseException as problem:  # handed to the caller, in whose thread it belongs
            self._problem = problem
            return
        finally:
            self._begun.set()
        self.process.wait()
        self.ended.set()

    def stop(self) -> None:
        """Fast shutdown; if it takes too long, immediate; then by force. Recovery heals both."""
        deadline = time.monotonic() + STOP_FAST_SECONDS
        self._send(signal.SIGINT)
        while not self.ended.wait(0.02) and time.monotonic() < deadline:
            if recovering(self.process.pid):
                break
        self._send(signal.SIGQUIT)
        if not self.ended.wait(STOP_IMMEDIATE_SECONDS):
            self._send(signal.SIGKILL)
            self.ended.wait()

    def _send(self, order: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(order)  # which does nothing once it has ended


class Server:
    """A running embedded PostgreSQL; made by ``start``. A context manager: leaving it stops it.

    ``url`` is for SQLAlchemy with asyncpg, ``dsn`` for asyncpg itself and ``psql``; neither holds a
    secret, and both stay the same over ``restart()``.
    """

    def __init__(
        self,
        folder: Path,
        lock: FolderLock,
        account: Account,
        programs: Programs,
        settings: Mapping[str, str],
        say: Say,
    ) -> None:
        self.folder = folder
        self.data = folder / "postgres"
        self.log = folder / "postgres.log"
        self.sockets = socket_folder(folder, account)
        query = f"host={quote(str(self.sockets), safe='/')}&port={_FIXED['port']}"
        self.dsn = f"postgresql://consult@/consult?{query}"
        self.url = f"postgresql+asyncpg://consult@/consult?{query}"
        self._lock, self._account, self._programs, self._say = lock, account, programs, say
        self._settings = settings
        self._owner = os.getpid()
        self._busy = threading.RLock()
        self._child: _Child | None = None
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """The process id of the server, dead or alive."""
        if self._child is None:
            raise LauncherError("PostgreSQL has been stopped.")
        return self._child.process.pid

    def alive(self) -> bool:
        """Whether the server's process lives; if not, ``restart()``."""
        return self._child is not None and not self._child.ended.is_set()

    def restart(self) -> None:
        """Start the server again, stopping it first if it lives; returns when it has recovered."""
        with self._busy:
            if not self._lock.held:
                raise LauncherError("This server has been stopped for good; start a new one.")
            self._end_child()
            self._launch()

    def stop(self) -> None:
        """Stop the server and let the data folder go. Harmless when repeated."""
        if os.getpid() != self._owner:
            return  # a forked child of the app ends; the server is not its own
        with self._busy:
            self._end_child()
            if self.sockets.parent != self.folder:
                with suppress(OSError):
                    self.sockets.rmdir()
            self._lock.release()
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop()

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _launch(self) -> None:
        clear_leavings(self.data, self.sockets, self._say)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        try:
            self._child = _Child(self._begin)
            self._await_ready(self._child)
            _run(self._check)
        except BaseException:  # Ctrl-C too: no server may stay behind
            self._end_child()
            raise
        self._lock.announce(self.url)

    def _begin(self) -> subprocess.Popen[bytes]:
        """Start postgres itself, not through pg_ctl, so that it is our own child."""
        place = '"' + str(self.sockets).replace('"', '""') + '"'
        settings = {
            **_FIXED,
            "unix_socket_directories": place,
            "hba_file": str(self.folder / "pg_hba.conf"),
            "ident_file": str(self.folder / "pg_ident.conf"),
            **self._settings,
        }
        argv = [str(self._programs.folder / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        log = os.open(self.log, flags, 0o600)
        try:
            # Should we be killed, the kernel asks the server for a fast, clean shutdown.
            return spawn(
                argv,
                self._account,
                signal.SIGINT,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        finally:
            os.close(log)

    def _await_ready(self, child: _Child) -> None:
        """Wait until the server says it is ready, which after a crash follows its recovery.

        Its pid file tells; connecting too early would fill the log with refusals.
        """
        started = time.monotonic()
        told = False
        while not self._says_ready(child.process.pid):
            waited = time.monotonic() - started
            if child.ended.is_set():
                raise LauncherError(f"PostgreSQL ended while it started. {self._log_tail()}")
            if waited > RECOVERY_SECONDS:
                raise LauncherError(
                    f"PostgreSQL was not ready after {RECOVERY_SECONDS:.0f} seconds. "
                    f"{self._log_tail()}"
                )
            if waited > 2 and not told:
                self._say("PostgreSQL is recovering; this can take a minute")
                told = True
            child.ended.wait(0.005 if waited < 1 else 0.1)

    def _says_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    async def _check(self) -> None:
        """Connect as the app will, and see that what is committed will stay."""
        connection = await asyncpg.connect(self.dsn, timeout=RECOVERY_SECONDS)
        try:
            await assert_durable(connection)
        finally:
            await connection.close()

    def _log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return f"The end of {self.log}:\n" + "\n".join(lines)


def start(
    folder: Path,
    *,
    progress: Say | None = None,
    settings: Mapping[str, str] | None = None,
) -> Server:
    """Start the PostgreSQL of a data folder, making the database when the folder is new.

    Blocks until the server is ready, a recovery from a crash included; from async code call it by
    ``asyncio.to_thread``. ``progress`` is told, in a line of English, of each step that takes time
    or that somebody may wonder about. ``settings`` are PostgreSQL's, meant for tests.

    Raises AlreadyHeld when another process holds the folder, NotDurable when the server is set to
    lose data, and LauncherError, with the remedy, for all else.
    """
    say: Say = progress or (lambda _: None)
    account = server_account()
    folder = prepare_folder(folder, account)
    lock = FolderLock(folder)
    try:
        programs = find_programs(folder, account, say)
        make_cluster(folder, programs, account, say)
        write_access(folder, account)
        server = Server(folder, lock, account, programs, settings or {}, say)
    except BaseException:
        lock.release()
        raise
    try:
        server.restart()
    except BaseException:
        server.stop()
        raise
    return server


def _run(work: Callable[[], Any]) -> None:
    """Run async work to its end from sync code, even where an event loop already runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(work())).result()
