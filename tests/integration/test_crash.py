"""SIGKILL of the service and of PostgreSQL while residents send: nothing confirmed may be lost.

The real programs, started as a person would: ``consult serve`` with a data folder of its own.
"""

import html
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest

from consult import postgres
from consult.respond.draft import Token
from consult.respond.visit import COOKIE
from tests.integration.launcher_helpers import query
from tests.integration.service import PATIENCE, Service

SURVEY = Path(__file__).parents[1] / "surveys/everything"
BASE = "/s/everything/en"
CLIENTS = 16
SUBMISSIONS = 500
#: After so many confirmed submissions, what is killed.
KILLS = {80: "database", 180: "everything", 280: "database", 380: "everything"}
RETRY_SECONDS = 0.2


@pytest.fixture
def service() -> Iterator[Service]:
    """A service on a folder that the server's account can reach; pytest's own are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="consult-crash-", dir="/tmp"))
    folder.chmod(0o711)
    made = Service(folder)
    yield made
    made.close()


# -- residents -----------------------------------------------------------------------------------


@dataclass
class Tally:
    """What the residents have seen, together."""

    confirmed: dict[str, str] = field(default_factory=dict)
    """Response id, as the check page named it, by the words that only this response has."""
    retries: int = 0
    retried_sends: int = 0
    started_over: int = 0
    sending: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    failed: threading.Event = field(default_factory=threading.Event)

    def add(self, name: str, amount: int = 1) -> None:
        with self.lock:
            setattr(self, name, getattr(self, name) + amount)


def words(number: int) -> str:
    """What only one resident writes."""
    return f"Resident {number}: too dear, dŵr 🚓 & <b> 100%"


def pages(number: int) -> dict[str, dict[str, str | list[str]]]:
    """A resident's way through the survey: page, what its form sends."""
    way: dict[str, dict[str, str | list[str]]] = {
        "district": {"district": ("north", "south", "elsewhere")[number % 3]},
        "band": {"band": "abcdefgh"[number % 8]},
        "view": {"view": "freeze"},
        "why_freeze": {"why_freeze": words(number)},
        "priorities": {"priorities": ["burglary", "patrols"] if number % 2 else ["patrols"]},
        "about_money": {"pay": f"{number % 10}.{number % 100:02}", "feeling": "fair"},
        "sex": {"sex": "female" if number % 2 else ""},
    }
    return way


def stored_as(number: int) -> dict[str, object]:
    """What the database must hold of a resident's answers."""
    sent = {qid: text for form in pages(number).values() for qid, text in form.items() if text}
    return sent


class StartOver(Exception):
    """The service knows nothing of what this browser began."""


class Resident:
    """A browser that tries again whenever it gets no answer, or 'not now'."""

    def __init__(self, client: httpx.Client, tally: Tally, number: int) -> None:
        self.client, self.tally, self.number = client, tally, number
        client.cookies.clear()

    def ask(
        self, method: str, path: str, data: Mapping[str, object] | None = None
    ) -> httpx.Response:
        """The answer to a request, tried until there is one."""
        sending = (method, path) == ("POST", f"{BASE}/check")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self.tally.failed.is_set():
            self.tally.add("sending", sending)
            try:
                answer = self.client.request(method, path, data=data)
                if answer.status_code < 500:
                    return answer
                assert answer.status_code != 500, answer.text
            except httpx.TransportError:
                pass
            finally:
                self.tally.add("sending", -int(sending))
            self.tally.add("retries")
            self.tally.add("retried_sends", sending)
            time.sleep(RETRY_SECONDS)
        raise AssertionError(f"no answer to {method} {path} in {PATIENCE} s")

    def respond(self) -> None:
        """Answer the whole survey, from the start again should the service have lost it."""
        while True:
            try:
                return self._respond()
            except StartOver:
                self.tally.add("started_over")
                self.client.cookies.clear()

    def _respond(self) -> None:
        started = self.ask("POST", f"{BASE}/start")
        assert started.headers["location"] == f"{BASE}/q/district"
        for page, form in pages(self.number).items():
            answer = self.ask("POST", f"{BASE}/q/{page}", form)
            if answer.status_code == 410:
                raise StartOver
            assert answer.status_code == 303, (page, answer.status_code)
        assert answer.headers["location"] == f"{BASE}/check"
        check = self.ask("GET", f"{BASE}/check")
        if check.status_code == 303:
            raise StartOver
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', check.text)
        form = {name: html.unescape(value) for name, value in fields}
        sent = self.ask("POST", f"{BASE}/check", form)
        if sent.status_code == 410:
            raise StartOver
        assert (sent.status_code, sent.headers["location"]) == (303, f"{BASE}/sent")
        token = Token.read(self.client.cookies[COOKIE])
        assert token is not None
        with self.tally.lock:
            self.tally.confirmed[words(self.number)] = str(token.receipt.response_id)


def reside(url: str, tally: Tally, numbers: Iterator[int]) -> None:
    """One client: resident after resident until there are no more."""
    with httpx.Client(base_url=url, timeout=10) as client:
        while True:
            with tally.lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                Resident(client, tally, number).respond()
            except BaseException:
                tally.failed.set()
                raise


def kill_in_flight(tally: Tally, after: int, kill: Callable[[], object]) -> None:
    """Do it once so many submissions are confirmed and another one is on its way."""
    end = time.monotonic() + PATIENCE
    while len(tally.confirmed) < after or not tally.sending:
        assert time.monotonic() < end, f"only {len(tally.confirmed)} confirmed"
        assert not tally.failed.is_set(), "a client failed"
        time.sleep(0.0005)
    kill()


def test_nothing_confirmed_is_lost_or_doubled(service: Service) -> None:
    service.command("migrate")
    assert "version 1" in service.command("survey", "publish", str(SURVEY))
    service.start()
    tally = Tally()
    numbers = iter(range(SUBMISSIONS))
    servers = {service.postmaster().pid}
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(reside, service.url, tally, numbers) for _ in range(CLIENTS)]
        try:
            for after, what in KILLS.items():
                kill = service.kill_database if what == "database" else service.kill_everything
                kill_in_flight(tally, after, kill)
                servers.add(service.postmaster().pid)
            # A short command works on the same data while the service runs.
            assert "version 1" in service.command("survey", "publish", str(SURVEY))
        except BaseException:
            tally.failed.set()
            raise
        for client in clients:
            client.result()
    took = time.monotonic() - began
    stopped = service.stop()
    rows = responses(service.data)
    print(
        f"\n{len(tally.confirmed)} confirmed, {len(rows)} stored, {tally.retries} retries "
        f"({tally.retried_sends} of a submission), {tally.started_over} started over; PostgreSQL "
        f"killed {len(KILLS)} times, the service with it {list(KILLS.values()).count('everything')}"
        f" times; {took:.1f} s, stopped in {stopped:.1f} s"
    )
    assert len(servers) == len(KILLS) + 1, "a kill did not hit"
    assert tally.retried_sends, "no submission was in flight when something was killed"
    assert tally.started_over == 0, "a page that had been saved was lost"
    assert len(tally.confirmed) == SUBMISSIONS
    ids = [str(UUID(response_id)) for response_id in tally.confirmed.values()]
    assert len(set(ids)) == SUBMISSIONS
    assert sorted(rows) == sorted(ids)  # each once: none lost, none doubled, none out of nowhere
    for number in range(SUBMISSIONS):
        assert rows[tally.confirmed[words(number)]] == stored_as(number)
    assert stopped < 10


def test_a_web_process_that_hears_nothing_keeps_nobody_from_stopping(service: Service) -> None:
    service.command("migrate")
    service.start()
    assert service.process is not None
    children = psutil.Process(service.process.pid).children()
    web = [child for child in children if child.name() != "postgres" and "serve" in child.cmdline()]
    assert web
    for process in web:
        process.suspend()
    assert service.stop() < 15


def responses(data: Path) -> dict[str, object]:
    """The answers in the database by response id, read from a server of the test's own."""
    with postgres.start(data) as server:
        rows = query(server.dsn, "SELECT id::text, answers FROM response")
    found = {row["id"]: json.loads(row["answers"]) for row in rows}
    assert len(found) == len(rows)
    return found
