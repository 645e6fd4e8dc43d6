"""Real apps for the launcher's tests to start and kill.

Run as a program this is such an app: it starts the database of a folder, says so in a line of JSON
and then does as its mode says. As a module it starts that program and looks at processes.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from consult import postgres
from consult.postgres import host, processes

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def account_nobody() -> host.Account:
    """The unprivileged account the tests use as a second person."""
    import pwd

    entry = pwd.getpwnam("nobody")
    return host.Account("nobody", entry.pw_uid, entry.pw_gid, (), switch=True)


def interpreter(account: host.Account | None) -> str:
    """A Python that the account can run too, where this machine has one of our version."""
    if account is None or not host.blocked(Path(sys.executable).resolve(), account):
        return sys.executable
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return shutil.which(name, path="/usr/bin:/usr/local/bin") or sys.executable


class App:
    """The program below, running."""

    def __init__(self, folder: Path, mode: str = "wait", *, nobody: bool = False, **env: str):
        account = account_nobody() if nobody else None
        source = Path(postgres.__file__).parents[2]
        # Another Python of our version takes our packages, never our standard library.
        packages = [path for path in sys.path if path.endswith("-packages")]
        path = os.pathsep.join([str(source), *packages])
        self.read: list[int] = []
        arguments = [str(folder), mode, *(["nobody"] if nobody else [])]
        self.process = subprocess.Popen(
            [interpreter(account), "-B", __file__, *arguments],
            env={**os.environ, "PYTHONPATH": path, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self) -> dict[str, Any]:
        """The next thing it says."""
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        if not text:
            assert self.process.stderr is not None
            raise AssertionError(f"the app ended: {self.process.stderr.read()}")
        answer: dict[str, Any] = json.loads(text)
        if "committed" in answer:
            self.read.append(answer["committed"])
        return answer

    def kill(self, *also: int) -> list[int]:
        """SIGKILL it, and others at the same moment; the rows it had said were committed."""
        for pid in [self.pid, *also]:
            os.kill(pid, signal.SIGKILL)
        return self.committed()

    def committed(self) -> list[int]:
        """All the rows that it said were committed, once it has ended."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.endswith("}\n") and "committed" in (line := json.loads(text)):
                self.read.append(line["committed"])
        self.process.wait(20)
        return self.read

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=20)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that must happen, and fail when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def servers_on(data: Path) -> list[psutil.Process]:
    """The postmasters (not their children) that work on the folder."""
    found = processes.processes_on(data)
    ids = {process.pid for process in found}
    masters = []
    for process in found:
        with suppress(psutil.NoSuchProcess):  # ended since
            if process.ppid() not in ids:
                masters.append(process)
    return masters


def query(dsn: str, *statements: str) -> list[Any]:
    """Run statements over a connection of their own; the rows of the last one."""

    async def work() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            rows: list[Any] = await connection.fetch(statements[-1])
            return rows
        finally:
            await connection.close()

    return asyncio.run(work())


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def write_for_ever(dsn: str) -> None:
    """Commit a row and only then say so, again and again."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)")
    start = await connection.fetchval("SELECT coalesce(max(n), 0) + 1 FROM written")
    for n in range(start, start + 1_000_000):
        await connection.execute("INSERT INTO written VALUES ($1)", n)
        say(committed=n)


def become_nobody() -> None:
    """Drop root for good, as a person without any right would run the app.

    All imports are done by now, so this works even where nobody cannot reach our packages.
    """
    account = account_nobody()
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)


def main(folder: str, mode: str, user: str = "") -> None:
    if user:
        become_nobody()
    if mode == "orphan":
        sys.executable = ""  # without a Python to ask for it, no signal at the parent's death
    try:
        server = postgres.start(Path(folder), progress=lambda text: say(progress=text))
    except postgres.LauncherError as problem:
        say(error=type(problem).__name__, message=str(problem))
        return
    if mode == "fork" and os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    say(ready=server.pid, dsn=server.dsn, uid=os.geteuid())
    if mode == "write":
        asyncio.run(write_for_ever(server.dsn))
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
