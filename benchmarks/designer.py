"""How fast the designer saves a keystroke in a long survey, beside an empty request, over HTTP.

    python benchmarks/designer.py [--questions 200] [--times 200]

Starts PostgreSQL and the service by itself. What is timed goes over real HTTP on 127.0.0.1, one
request after another on one connection: ``/health`` (an empty request that asks the database one
thing), a keystroke saved and checked, and the page of problems.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from consult import clock, postgres
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.designing import store
from consult.migrate import upgrade
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine

PASSWORD = "only-for-the-benchmark"  # noqa: S105  its database is gone with it
EMAIL = "designer@example.org"


def survey(questions: int) -> Document:
    """A survey of that many questions, every fifth with a condition on the two before it."""
    pages, words = [], {}
    for n in range(questions):
        page = {"id": f"q{n}", "type": "choice", "options": ["a", "b", "c", "dont_know"]}
        if n % 5 == 4:
            page["when"] = f'q{n - 1} == "a" && q{n - 2} != "b"'
        pages.append(page)
        words[f"q{n}"] = {
            "ask": f"How do you feel about thing number {n} where you live?",
            "hint": "We ask so that every part of the county is heard.",
            "short": f"Thing {n}",
            "options": {"a": "Very good", "b": "Fair", "c": "Poor", "dont_know": "Don't know"},
        }
    definition = {
        "survey": "long", "body": "Benchmark", "languages": ["en"], "pages": pages,
        "closes": "2099-01-01T09:00",
    }  # fmt: skip
    texts = {"title": "A long survey", "summary": "It is long.", "questions": words}
    document = Document(definition, {"en": texts})
    return Document.from_texts(document.as_texts())


async def fill(url: str, document: Document) -> None:
    """The survey as a draft, and somebody who may edit it."""
    database = Database(url)
    async with database.writing() as session:
        await put_staff(session, EMAIL, "designer", passwords.hashed(PASSWORD), by="benchmark")
        await store.create(session, "long", document, "Begun", by=EMAIL, now=clock.now())
    await database.close()


def timed(times: int, work: Callable[[int], object]) -> list[float]:
    """Milliseconds of each, the first few left out."""
    for n in range(10):
        work(n)
    found = []
    for n in range(times):
        began = time.perf_counter()
        work(n + 10)
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def line(name: str, found: list[float], empty: float) -> None:
    """A row of the table."""
    middle, late = found[len(found) // 2], found[int(len(found) * 0.95)]
    print(f"{name:<34}{middle:>8.1f}{late:>8.1f}{late / empty:>8.1f}")


def measure(address: str, times: int, document: Document) -> None:
    """Time it, and print."""
    with httpx.Client(base_url=address, timeout=30) as client:
        client.post("/staff/sign-in", data={"email": EMAIL, "password": PASSWORD})
        base, revision = "/staff/surveys/long", 1

        def keystroke(n: int) -> None:
            nonlocal revision
            field = f"words/en/questions/q{n % 20}/ask"
            form = {"base": revision, "question": f"q{n % 20}", field: f"How do you feel? {n}"}
            said = client.post(f"{base}/field", data=form).json()
            assert not said["clashes"], said  # noqa: S101  else nothing was timed
            revision = said["revision"]

        health = timed(times, lambda n: client.get("/health").raise_for_status())
        empty = health[int(len(health) * 0.95)]
        print(f"{'milliseconds':<34}{'median':>8}{'p95':>8}{'ratio':>8}")
        line("empty request (/health)", health, empty)
        line("keystroke saved and checked", timed(times, keystroke), empty)
        line(
            "page of one question",
            timed(times // 4, lambda n: client.get(f"{base}/questions/q{n}")),
            empty,
        )
        line("overview", timed(times // 4, lambda n: client.get(base)), empty)
    gc.collect()
    gc.freeze()  # as the service does
    line(
        "the check alone, in this process", timed(times, lambda n: examine(document, "long")), empty
    )


def main() -> None:
    """Start everything, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--times", type=int, default=200)
    asked = parser.parse_args()
    document = survey(asked.questions)
    with (
        tempfile.TemporaryDirectory(prefix="consult-benchmark-") as folder,
        socket.socket() as probe,
    ):
        Path(folder).chmod(0o755)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = postgres.start(Path(folder))
        try:
            upgrade(server.dsn)
            asyncio.run(fill(server.dsn, document))
            environment = os.environ | {
                "DATABASE_URL": server.dsn, "CONSULT_PORT": str(port),
                "CONSULT_INSECURE_COOKIES": "1",
            }  # fmt: skip
            command = [sys.executable, "-m", "consult", "serve"]
            service = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603  ours
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(address)
                measure(address, asked.times, document)
            finally:
                service.terminate()
                service.wait(20)
        finally:
            server.stop()


def wait_for(address: str) -> None:
    """Until the service answers."""
    for _ in range(300):
        try:
            httpx.get(f"{address}/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The service did not answer within half a minute.")


if __name__ == "__main__":
    main()
