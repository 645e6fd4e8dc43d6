"""After two hundred journeys: what people said is where it belongs, and nowhere else.

Every answer, name, contact detail, code and address is marked; then the database, PostgreSQL's own
files, and every log are searched for the marks. The service has no metrics and no traces to search.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import httpx
import pytest

from consult import postgres
from consult.respond.visit import COOKIE
from tests.conftest import SURVEYS
from tests.integration.service import Service
from tests.integration.test_respond import hidden

JOURNEYS = 200
BASE = "/s/sensitive/en"
#: Where the requests come from, and what a proxy would say.
SENDER, FORWARDED = "127.77.1.9", "203.0.113.77"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    folder = Path(tempfile.mkdtemp(prefix="consult-leaks-", dir="/tmp"))
    folder.chmod(0o711)
    made = Service(folder)
    made.environment |= {"CONSULT_LOG_LEVEL": "DEBUG", "CONSULT_RATE_LIMITS": "off"}
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


class Person:
    """One journey, with marks of its own."""

    def __init__(self, url: str, number: int) -> None:
        self.number = number
        self.client = httpx.Client(
            base_url=url,
            timeout=30,
            transport=httpx.HTTPTransport(local_address=SENDER),
            headers={"x-forwarded-for": FORWARDED, "user-agent": "MarkedBrowser/7"},
        )
        self.secrets: list[str] = []

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(f"{BASE}{path}", data=form)

    def answer(self, mark: str) -> None:
        self.post("/start", safe="1")
        self.secrets.append(self.client.cookies[COOKIE])
        self.post("/q/lives", lives=("north", "south")[self.number % 2])
        self.post("/q/helped", helped="no")
        self.post("/q/why_not", why_not=f"{mark}{self.number:04}")
        self.post("/q/amount", amount=f"SLIP{mark}")  # a slip, with its error page
        self.post("/q/amount", amount="3")

    def ask_code(self) -> None:
        self.post("/later")
        page = self.client.get(f"{BASE}/later").text
        found = re.search(r'consult-code" dir="ltr">([^<]+)<', page)
        assert found
        self.secrets += [found[1], found[1].replace("-", "")]

    def send(self) -> str:
        page = self.client.get(f"{BASE}/check").text
        self.post("/check", **hidden(page))
        sent = self.client.get(f"{BASE}/sent").text
        found = re.search(r'consult-receipt" dir="ltr">([^<]+)<', sent)
        assert found
        self.secrets += [found[1], found[1].replace("-", "")]
        return found[1]

    def go(self) -> list[str]:
        """The journey; what only this browser may know."""
        kind = self.number % 4
        if kind == 0:  # never sent
            self.answer("UNSENT")
            self.ask_code()
            self.post("/return", code="WRONG-CODE-TYPED")
            self.client.get(f"{BASE}/leave")
        elif kind == 1:  # withdrawn
            self.answer("WITHDRAWN")
            receipt = self.send()
            self.post("/receipt", code=receipt, do="withdraw", sure="1")
        else:
            self.answer("ANSWER")
            receipt = self.send()
            self.client.get(f"{BASE}/copy/html")
            name, reach = f"NAME{self.number:04}", f"reach{self.number:04}@x.org"
            self.post("/updates", name=name, reach=reach, purposes="updates")
            self.client.get(f"{BASE}/q/nowhere")
            self.client.get("/s/no-such-survey/en")
            if kind == 3:
                self.post("/receipt", code=receipt, do="correct")
                self.post("/q/helped", helped="yes", change="1")
                self.send()
        self.client.close()
        return self.secrets


async def tables(url: str) -> dict[str, str]:
    """Every table as a dump has it."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    held = {}
    for (name,) in names:
        rows = await connection.fetch(f'SELECT * FROM "{name}"')
        held[name] = "\n".join(str(list(row.values())) for row in rows)
    await connection.close()
    return held


def test_marks_are_found_where_they_belong_and_nowhere_else(service: Service) -> None:
    service.command("migrate")
    service.command("survey", "publish", str(SURVEYS / "sensitive"))
    service.start()
    with ThreadPoolExecutor(4) as pool:
        secrets = list(pool.map(lambda n: Person(service.url, n).go(), range(JOURNEYS)))
    service.stop()
    with postgres.start(service.data) as server:
        held = asyncio.run(tables(server.dsn))
    sent = [n for n in range(JOURNEYS) if n % 4 in (2, 3)]
    # Where they belong.
    assert all(f"ANSWER{n:04}" in held["response"] for n in sent)
    assert all(
        f"NAME{n:04}" in held["contact"] and f"reach{n:04}@" in held["contact"] for n in sent
    )
    corrected = [n for n in sent if n % 4 == 3]
    assert held["superseded"].count("ANSWER") == len(corrected)
    # And nowhere else.
    for name, rows in held.items():
        if name not in {"response", "superseded"}:
            assert "ANSWER" not in rows, name
        if name != "contact":
            assert "NAME0" not in rows, name
            assert "reach0" not in rows, name
        for mark in ("UNSENT", "WITHDRAWN", "SLIP", "WRONG", SENDER, FORWARDED, "MarkedBrowser"):
            assert mark not in rows, (name, mark)
    everywhere = "\n".join(held.values())
    for secret in {text for one in secrets for text in one}:
        assert secret not in everywhere
    # The day is all there is of a time in what came from respondents.
    for name in ("response", "superseded", "contact", "draft", "return_code"):
        assert "datetime.datetime" not in held[name]
    look_into_files(service, secrets)


def look_into_files(service: Service, secrets: list[list[str]]) -> None:
    """Every file of the data folder, PostgreSQL's log and journal too, and the service's log."""
    logs = [path for path in service.folder.rglob("*") if path.is_file() and "log" in path.name]
    assert service.folder / "serve.log" in logs
    said = "".join(path.read_text(errors="replace") for path in logs)
    assert "DEBUG" in said or "INFO" in said
    for mark in ("ANSWER", "UNSENT", "WITHDRAWN", "SLIP", "NAME0", "reach0", "WRONG-CODE",
                 SENDER, FORWARDED, "MarkedBrowser", "no-such-survey"):  # fmt: skip
        assert mark not in said, mark
    tokens = {text for one in secrets for text in one}
    assert not [token for token in tokens if token in said]
    # Nothing that was never sent, no token, code or sender, in any byte of PostgreSQL's files.
    wanted = [mark.encode() for mark in ("UNSENT0", SENDER, FORWARDED, "MarkedBrowser")]
    some = [text.encode() for one in secrets[:20] for text in one]
    for path in service.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for mark in (*wanted, *some):
                assert mark not in content, (path.name, mark)
