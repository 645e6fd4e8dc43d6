"""A copy of the database and the telephones' own log: whose each response is cannot be told."""

import secrets
from collections.abc import Hashable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.calling import store
from consult.calling.cases import Listed
from consult.calling.sealing import Interview, seal
from consult.calling.store import Case
from consult.database import Database
from consult.inviting.keys import root_key
from consult.questionnaire.survey import Survey
from consult.settings import Settings
from tests.integration.test_calling import ANSWERS, CALLS, add, rows, take, team

__all__ = ["team"]

pytestmark = pytest.mark.anyio
SETTINGS = Settings(secret="kept apart from the database")
COUNT = 30
#: Of thirty, chance gets one right; eight once in 100,000 runs.
FEW = 8
#: Every way in which a row tells when it was written.
AGES = ("xmin::text::bigint, ctid", "ctid")


async def finished(
    browser: httpx.AsyncClient, database: Database, root: bytes
) -> tuple[UUID, UUID]:
    """The case and the response of an interview that was asked in full and is sent off."""
    case = UUID((await take(browser)).rpartition("/")[2])
    said = {name: text for page in ANSWERS.values() for name, text in page.items()}
    raw = {name: text if isinstance(text, list) else [text] for name, text in said.items()}
    asked = replace(Interview.new(clock.now(), "en"), raw=raw, seen=tuple(ANSWERS))
    async with database.writing() as session:
        sealed = seal(asked, root, case)
        await store.keep(session, Case(case, "everything"), sealed, clock.now())
    sent = await browser.post(f"{CALLS}/case/{case}/finish")
    assert sent.headers["location"] == CALLS
    return case, asked.response_id


def right(guessed: Sequence[Hashable], true: Sequence[Hashable]) -> int:
    """How many of those guesses are right."""
    return sum(one == other for one, other in zip(guessed, true, strict=True))


async def by_age(database: Database, table: str, where: str, age: str) -> list[UUID]:
    """The ids of rows in the order in which they seem to have been written."""
    query = f"SELECT id FROM {table} WHERE {where} ORDER BY {age}"
    return [row["id"] for row in await rows(database, query)]


async def test_no_order_joins_a_response_to_a_call(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    """The log of the telephones has the order, the length and the caller of every call."""
    await add(team["des"], 300)
    root = await root_key(database, SETTINGS)
    log: list[tuple[UUID, UUID]] = []
    for number in range(COUNT):
        browser = team[secrets.choice(("ann", "bea"))]
        log.append(await finished(browser, database, root))
        if number % 3 == 0:  # and one that came to nothing
            await browser.post(f"{await take(browser)}/outcome", data={"outcome": "no_answer"})
    response_of = dict(log)
    cases, responses = list(response_of), list(response_of.values())
    for age in AGES:
        found = await by_age(database, "response", "true", age)
        assert right(found, responses) < FEW, age
        assert right(found[::-1], responses) < FEW, age
    for age in AGES:
        found = await by_age(database, "telephone_case", "outcome = 'complete'", age)
        assert right(found, cases) < FEW, age
        for other in AGES:
            stored = await by_age(database, "response", "true", other)
            assert right([response_of[case] for case in found], stored) < FEW, (age, other)


async def test_nor_does_where_long_words_are_kept(database: Database, open_survey: Survey) -> None:
    """PostgreSQL keeps them in a table of their own, where they are numbered."""
    people = [Listed(f"C{n}", f"01632 96{n:04}", "", "") for n in range(COUNT)]
    responses = [uuid4() for _ in people]
    add_one = text(
        "INSERT INTO response (id, version_id, channel, language, received_on, answers) "
        "SELECT :id, max(id), 'telephone', 'en', '2025-01-01', "
        "jsonb_build_object('why_freeze', CAST(:words AS text)) FROM survey_version"
    )
    who = "ann@example.org"
    async with database.writing() as session:
        await store.add(session, "everything", people, b"r" * 32, by="t")
    for response in responses:
        async with database.writing() as session:
            await session.execute(add_one, {"id": response, "words": secrets.token_hex(3_000)})
            case = await store.take_next(session, "everything", who, clock.now())
        assert case is not None
        async with database.writing() as session:
            await store.end(session, case, "complete", by=who, response=response)
    numbered = await by_age(
        database, "response", "length(answers::text) > 6000", "pg_column_toast_chunk_id(answers)"
    )
    assert right(numbered, responses) < FEW


async def test_nothing_that_is_kept_says_who_finished_an_interview_or_when(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    """Not the audit either: its events have a time and a name, and lie in order with responses."""
    await add(team["des"], 60)
    root = await root_key(database, SETTINGS)
    tables = [
        row["table_name"]
        for row in await rows(
            database,
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
        )
    ]

    async def content() -> dict[str, set[str]]:
        return {
            table: {str(row) for row in await rows(database, f"SELECT * FROM {table}")}
            for table in tables
        }

    before = await content()
    for browser in (team["ann"], team["bea"], team["ann"]):
        await finished(browser, database, root)
    after = await content()
    assert {table for table in tables if after[table] != before[table]} == {
        "response", "telephone_case"
    }  # fmt: skip
    [kept] = await rows(
        database,
        "SELECT count(*) AS ended, count(held_by) AS who, count(held_until) AS until, "
        "count(due_at) AS due, count(sealed) AS sealed, max(attempts) AS tries "
        "FROM telephone_case WHERE state = 'final'",
    )
    assert kept == {"ended": 3, "who": 0, "until": 0, "due": 0, "sealed": 0, "tries": 1}
    # Of other calls it is written down who made them: beside those no response has a place.
    await team["ann"].post(f"{await take(team['ann'])}/outcome", data={"outcome": "refused"})
    noted = await rows(database, "SELECT reason FROM audit WHERE action = 'call.outcome'")
    assert [event["reason"] for event in noted] == ["refused"]
    # Since when each response has lain there, counted in events before it, is the same for all.
    brackets = await rows(
        database,
        "SELECT DISTINCT (SELECT count(*) FROM audit a WHERE a.xmin::text::bigint < "
        "r.xmin::text::bigint) FROM response r",
    )
    assert len(brackets) == 1


async def test_an_interviewers_own_case_comes_before_free_ones(
    database: Database, open_survey: Survey
) -> None:
    people = [Listed(f"C{n}", f"01632 96{n:04}", "", "") for n in range(8)]
    who, now = "ann@example.org", clock.now()
    async with database.writing() as session:
        await store.add(session, "everything", people, b"r" * 32, by="t")
        # Not the one that a free case's order would bring first.
        last = "SELECT id FROM telephone_case ORDER BY id DESC LIMIT 1"
        own = (await session.execute(text(last))).scalar_one()
        assert await store.hold(session, own, who, now)
    for _ in range(2):
        async with database.writing() as session:
            case = await store.take_next(session, "everything", who, now)
        assert case is not None
        assert case.id == own
