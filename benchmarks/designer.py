"""How fast the designer saves a keystroke in a long survey, beside an empty request, over HTTP.

    python -m benchmarks.designer [--questions 200] [--times 200]

Starts PostgreSQL and the service by itself. What is timed goes over real HTTP on 127.0.0.1, one
request after another on one connection: ``/health`` (an empty request that asks the database one
thing), a keystroke saved and checked, and the page of problems.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable

import httpx

from benchmarks.serving import running
from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.designing import store
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
    with running(lambda url: fill(url, document)) as address:
        measure(address, asked.times, document)


if __name__ == "__main__":
    main()
