"""The service as a user meets it: its own processes, a real database, a real browser."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from consult.database import Database
from consult.demo.load import fill
from consult.questionnaire.loading import load
from consult.respond.areas import read_areas
from consult.respond.store import load_areas
from consult.settings import shipped
from tests.conftest import (
    SURVEYS,
    TEMPLATE,
    _execute,
    drop_database,
    everyone_out,
    make_database,
    published,
    url_of,
)

PASSWORD = "only-for-this-test"  # noqa: S105
ACCOUNTS = {
    "designer@example.org": "designer",
    "analyst@example.org": "analyst",
    "interviewer@example.org": "interviewer",
}
CHROMIUM = os.environ.get("CONSULT_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@dataclass(frozen=True)
class Site:
    """Where the service listens, and the database behind it."""

    address: str
    database_url: str


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def publish_everything(url: str) -> None:
    """Surveys of every question type, the templates, and one whose dates have passed, reopened."""
    database = Database(url)
    folders = [SURVEYS / name for name in ("everything", "every-type", "sensitive")]
    folders += sorted(path.parent for path in shipped("surveys").glob("templates/*/survey.yaml"))
    for folder in folders:
        await published(database, load(folder))
    past = load(shipped("surveys") / "warwickshire-precept-2023-24")
    dates = {"survey": "precept-2023-24-again", "closes": datetime(2099, 1, 1, tzinfo=UTC)}
    await published(database, replace(past, definition=past.definition.model_copy(update=dates)))
    areas = read_areas("areas.csv", b"postcode,area\nCV21 1AA,rugby\n")
    async with database.writing() as session:
        await load_areas(session, "areas", areas)
    await database.close()


def apart(work: Callable[[], object]) -> None:
    """Do ``work`` in a thread of its own: Playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The demonstration's surveys, responses and accounts, served by ``consult serve``."""
    name = f"e2e_{uuid4().hex[:12]}"
    url, port = url_of(name), free_port()
    apart(lambda: make_database(name, template=TEMPLATE))
    apart(lambda: fill(url, ACCOUNTS, PASSWORD, Console(quiet=True)))
    apart(lambda: asyncio.run(publish_everything(url)))
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "CONSULT_PORT": str(port),
        "CONSULT_INSECURE_COOKIES": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "consult", "serve"], env=environment, stdin=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        await_health(address, process)
        yield Site(address, url)
    finally:
        process.terminate()
        process.wait(20)
        apart(lambda: drop_database(name))


def await_health(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the service answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not answer within a minute")


@contextmanager
def database_away(site: Site) -> Iterator[None]:
    """Nobody gets into the service's database, and whoever is in it is put out."""
    name = urlsplit(site.database_url).path[1:]
    moved = f"{name}_away"
    out = everyone_out(name)
    apart(lambda: asyncio.run(_execute(out, f"ALTER DATABASE {name} RENAME TO {moved}")))
    try:
        yield
    finally:
        apart(lambda: asyncio.run(_execute(f"ALTER DATABASE {moved} RENAME TO {name}")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for one module: its event loop must be gone before other tests run."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()
