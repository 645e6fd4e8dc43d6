"""PostgreSQL stops at the worst moment: nothing is called stored that is not, nothing is lost.

The service speaks to a real PostgreSQL through a wire of ours, which stops the server when a
statement that writes passes (each is a transaction of its own, committed when it ends): before it
has arrived, at the same time, or after it was carried out and before anybody could be told.
"""

import asyncio
import html
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import psutil
import pytest

from consult import database as database_module
from consult import postgres
from consult.app import create_app
from consult.consultations import store as consultations
from consult.database import Database
from consult.migrate import upgrade
from consult.questionnaire.survey import Survey
from consult.respond.draft import Token
from consult.respond.visit import COOKIE
from consult.settings import Settings
from tests.conftest import published
from tests.integration.launcher_helpers import wait_until
from tests.integration.test_respond import ANSWERS, BASE, begin, go, hidden

pytestmark = pytest.mark.anyio
TEXT = 'Too dear\nfor us 🚓 اردو <b>& "dŵr"'
WAY = {**ANSWERS, "why_freeze": {"why_freeze": TEXT}}
#: A statement as it is prepared, with its name; and as it is run, by that name.
PREPARED = re.compile(rb"(__asyncpg_stmt_[0-9a-f]+__)\0\s*(?:WITH given|INSERT|UPDATE|DELETE)")
RUN = re.compile(rb"B....[^\0]*\0(__asyncpg_stmt_[0-9a-f]+__)\0", re.S)
Moment = Callable[["Wire", bytes], Awaitable[bool]]


# -- a PostgreSQL, and the wire to it ------------------------------------------------------------


#: "Ready for query", outside a transaction.
COMMITTED = b"Z\0\0\0\5I"


class Wire:
    """A socket that leads to PostgreSQL, and does something when a write passes, once.

    What it does says whether the connection goes on.
    """

    def __init__(self, server: postgres.Server, folder: Path, name: str) -> None:
        self.server, self.folder, self.name = server, folder, name
        self.at_commit: Moment | None = None
        self._writes: set[bytes] = set()
        self.passed = 0
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"postgresql://consult@/{self.name}?host={self.folder}&port=5432"

    @property
    def direct(self) -> str:
        """PostgreSQL's own address, for a test that looks what is there."""
        return self.server.dsn.replace("/consult?", f"/{self.name}?")

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, self.folder / ".s.PGSQL.5432")

    async def _serve(self, app: asyncio.StreamReader, to_app: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(OSError):
                server, to_server = await asyncio.open_unix_connection(
                    self.server.sockets / ".s.PGSQL.5432"
                )
                try:
                    await self._carry(app, to_app, server, to_server)
                finally:
                    to_server.close()
        finally:
            to_app.close()
            self._open.discard(task)

    async def _carry(
        self,
        app: asyncio.StreamReader,
        to_app: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        back = asyncio.create_task(_pour(server, to_app))
        try:
            while data := await app.read(65536):
                self._writes.update(PREPARED.findall(data))
                if self.at_commit is not None and self._writes & set(RUN.findall(data)):
                    at_commit, self.at_commit = self.at_commit, None
                    self.passed += 1
                    back.cancel()  # from here on the app hears only what the moment lets it
                    with suppress(asyncio.CancelledError):
                        await back
                    self._server, self._to_server = server, to_server
                    if not await at_commit(self, data):
                        return
                    back = asyncio.create_task(_pour(server, to_app))
                else:
                    to_server.write(data)
                    await to_server.drain()
        finally:
            back.cancel()

    async def deliver(self, data: bytes) -> None:
        """Let PostgreSQL have it."""
        self._to_server.write(data)
        await self._to_server.drain()

    async def reply(self) -> bytes:
        """What PostgreSQL answers, and the app does not hear."""
        return await self._server.read(65536)

    def backends(self) -> list[psutil.Process]:
        """PostgreSQL's processes that work on this database."""
        children = psutil.Process(self.server.pid).children()
        return [child for child in children if self.name in " ".join(child.cmdline())]

    async def kill_server(self) -> None:
        """SIGKILL PostgreSQL and all its processes, and see them gone."""
        master = psutil.Process(self.server.pid)
        all_of_it = [master, *master.children(recursive=True)]
        for process in all_of_it:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await self.ended()
        await asyncio.to_thread(psutil.wait_procs, all_of_it, 10)

    async def ended(self) -> None:
        """Wait until PostgreSQL has ended."""
        await asyncio.to_thread(wait_until, lambda: not self.server.alive())

    async def restart_server(self) -> None:
        await asyncio.to_thread(self.server.restart)

    async def rows(self) -> list[dict[str, object]]:
        """The responses in the database."""
        connection = await asyncpg.connect(self.direct)
        try:
            found = await connection.fetch("SELECT id::text, answers FROM response")
        finally:
            await connection.close()
        return [{"id": row["id"], "answers": json.loads(row["answers"])} for row in found]

    async def close(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[postgres.Server]:
    """A PostgreSQL that these tests may stop."""
    folder = Path(tempfile.mkdtemp(prefix="consult-commit-", dir="/tmp"))
    folder.chmod(0o711)
    server = postgres.start(folder / "data")
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def wire(own_server: postgres.Server, everything: Survey) -> AsyncIterator[Wire]:
    """A database of the test's own behind a wire, the survey published in it."""
    if not own_server.alive():
        await asyncio.to_thread(own_server.restart)
    made = Wire(own_server, Path(tempfile.mkdtemp(prefix="wire-")), f"test_{uuid4().hex[:12]}")
    connection = await asyncpg.connect(own_server.dsn)
    await connection.execute(f"CREATE DATABASE {made.name}")
    await connection.close()
    await asyncio.to_thread(upgrade, made.direct)
    database = Database(made.direct)
    await published(database, everything)
    await database.close()
    listening = await made.listen()
    yield made
    listening.close()
    await made.close()
    shutil.rmtree(made.folder)


@pytest.fixture
async def client(wire: Wire) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the service at the end of the wire."""
    app = create_app(Settings(secure_cookies=False), wire.url)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://consult.test", timeout=30
        ) as made:
            yield made


# -- moments: what happens when the write passes --------------------------------------------------


async def before_it_arrives(wire: Wire, commit: bytes) -> bool:
    """The answers are in an open transaction, and PostgreSQL dies."""
    await wire.kill_server()
    return False


async def while_it_arrives(wire: Wire, commit: bytes) -> bool:
    """Nobody can say whether PostgreSQL still carried it out."""
    await wire.deliver(commit)
    await wire.kill_server()
    return False


async def after_it_was_carried_out(wire: Wire, commit: bytes) -> bool:
    """PostgreSQL says done, and dies before anybody has heard it."""
    await wire.deliver(commit)
    assert (await wire.reply()).endswith(COMMITTED)
    await wire.kill_server()
    return False


async def the_line_goes_dead(wire: Wire, commit: bytes) -> bool:
    """PostgreSQL lives and has stored it, but the connection is cut."""
    await wire.deliver(commit)
    assert (await wire.reply()).endswith(COMMITTED)
    return False


async def orderly_shutdown(wire: Wire, commit: bytes) -> bool:
    """Somebody restarts PostgreSQL: it ends open transactions and says so."""
    os.kill(wire.server.pid, signal.SIGINT)
    await wire.ended()
    return True


MOMENTS = {
    before_it_arrives: {0},
    while_it_arrives: {0, 1},
    after_it_was_carried_out: {1},
    the_line_goes_dead: {1},
    orderly_shutdown: {0},
}


# -- what the resident sees ------------------------------------------------------------------------


def assert_not_sent(answer: httpx.Response, page: dict[str, str]) -> None:
    """It was not taken, and everything is still there to be sent again."""
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "We could not save your answers just now" in answer.text
    assert hidden(answer.text) | {"work_expires": ""} == page | {"work_expires": ""}
    shown = html.unescape(answer.text.split("<form")[0])
    for text in ("North", "No rise, £257.52 a year", TEXT, "Roads", "Patrols", "£12.50", "Fair"):
        assert text in shown, text
    assert f'action="{BASE}/check"' in answer.text
    assert "Send my answers" in answer.text


async def to_the_check_page(client: httpx.AsyncClient) -> dict[str, str]:
    """Answer everything; the hidden fields of the check page."""
    await begin(client)
    await go(client, WAY)
    page = hidden((await client.get(f"{BASE}/check")).text)
    assert set(page) == {"whose", "version", "answers", "work", "work_expires"}
    return page


async def assert_stored_once(wire: Wire, client: httpx.AsyncClient, page: dict[str, str]) -> None:
    """Sent again, and once more for good measure: one response, as it was typed."""
    for _ in range(2):
        again = await client.post(f"{BASE}/check", data=page)
        assert (again.status_code, again.headers.get("location")) == (303, f"{BASE}/sent")
    assert (await client.get(f"{BASE}/sent")).status_code == 200
    [row] = await wire.rows()
    token = Token.read(client.cookies[COOKIE])
    assert token is not None
    assert row["id"] == str(token.receipt.response_id)
    assert row["answers"] == {
        "district": "north",
        "band": "c",
        "view": "freeze",
        "why_freeze": TEXT,
        "priorities": ["roads", "patrols"],
        "roads_more": "7",
        "pay": "12.50",
        "feeling": "fair",
    }


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
async def test_a_failed_commit_is_never_called_success(
    moment: Moment, wire: Wire, client: httpx.AsyncClient
) -> None:
    page = await to_the_check_page(client)
    wire.at_commit = moment
    answer = await client.post(f"{BASE}/check", data=page)
    assert wire.passed == 1
    assert_not_sent(answer, page)
    if not wire.server.alive():
        assert_not_sent(await client.post(f"{BASE}/check", data=page), page)  # still down
        await wire.restart_server()
    assert len(await wire.rows()) in MOMENTS[moment]
    await assert_stored_once(wire, client, page)


async def test_a_commit_that_hangs_is_given_up_and_may_be_sent_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "STATEMENT_SECONDS", 1)
    monkeypatch.setattr(database_module, "CONNECT_SECONDS", 1)
    stopped: list[psutil.Process] = []

    async def hang(wire: Wire, commit: bytes) -> bool:
        stopped.extend(wire.backends())
        for process in stopped:
            process.suspend()
        await wire.deliver(commit)
        return True

    app = create_app(Settings(secure_cookies=False), wire.url)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://consult.test") as client,
    ):
        page = await to_the_check_page(client)
        wire.at_commit = hang
        try:
            answer = await asyncio.wait_for(client.post(f"{BASE}/check", data=page), 15)
            assert_not_sent(answer, page)
            # The first still hangs in PostgreSQL, and will find there is nothing left to do.
            await assert_stored_once(wire, client, page)
        finally:
            for process in stopped:
                process.resume()
        assert stopped
        await assert_stored_once(wire, client, page)


async def test_a_page_whose_commit_fails_shows_what_was_typed(
    wire: Wire, client: httpx.AsyncClient
) -> None:
    await begin(client)
    await go(client, {page: WAY[page] for page in ("district", "band", "view")})
    wire.at_commit = before_it_arrives
    answer = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": TEXT})
    assert_typed_text_is_kept(answer)
    assert "Question 4" in answer.text  # the draft had been read, so it is the page as it was
    await wire.restart_server()
    again = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": TEXT})
    assert again.headers["location"] == f"{BASE}/q/priorities"


async def test_a_page_sent_while_postgresql_is_down_shows_what_was_typed(
    wire: Wire, client: httpx.AsyncClient
) -> None:
    await begin(client)
    await go(client, {page: WAY[page] for page in ("district", "band", "view")})
    await wire.kill_server()
    for _ in range(2):
        answer = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": TEXT})
        assert_typed_text_is_kept(answer)
    await wire.restart_server()
    again = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": TEXT})
    assert again.headers["location"] == f"{BASE}/q/priorities"
    assert (
        html.escape(TEXT, quote=False).split("\n")[0]
        in (await client.get(f"{BASE}/q/why_freeze")).text
    )


def assert_typed_text_is_kept(
    answer: httpx.Response,
    action: str = f"{BASE}/q/why_freeze",
    says: str = "We could not save your answers just now",
) -> None:
    """503, and the textarea holds every character."""
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert says in answer.text
    assert f'action="{action}"' in answer.text
    inside = answer.text.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>", 1)[0]
    assert html.unescape(inside) == TEXT


async def test_answers_sent_while_postgresql_is_down_stay_on_the_page(
    wire: Wire, client: httpx.AsyncClient
) -> None:
    page = await to_the_check_page(client)
    await wire.kill_server()
    assert_not_sent(await client.post(f"{BASE}/check", data=page), page)
    await wire.restart_server()
    assert await wire.rows() == []
    await assert_stored_once(wire, client, page)


async def test_a_start_that_was_not_saved_begins_nothing(
    wire: Wire, client: httpx.AsyncClient
) -> None:
    await client.get(BASE)
    wire.at_commit = before_it_arrives
    answer = await client.post(f"{BASE}/start")
    assert_plain(answer)
    assert "set-cookie" not in answer.headers
    await wire.restart_server()
    assert await begin(client) == f"{BASE}/q/district"


async def test_a_survey_never_seen_cannot_be_shown_while_postgresql_is_down(
    wire: Wire, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consultations, "_last_known", {})  # a process that has just started
    await wire.kill_server()
    for path in (BASE, "/", "/s/everything", f"{BASE}/q/view", f"{BASE}/check", f"{BASE}/sent"):
        assert_plain(await client.get(path))
    for path in (f"{BASE}/start", f"{BASE}/q/view", f"{BASE}/check"):
        assert_plain(await client.post(path, data={"view": "freeze"}))
    assert (await client.get("/health")).status_code == 503
    await wire.restart_server()
    assert (await client.get(BASE)).status_code == 200
    assert (await client.get("/health")).text == "ok"


def assert_plain(answer: httpx.Response) -> None:
    """503 on a page that needs nothing of the survey."""
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"
    assert "Sorry, we cannot answer just now" in answer.text
