"""A poll in a frame of another site: no cookie, no state, one response a person."""

import re
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from consult.consultations import store as consultations
from consult.database import Database
from consult.poll.model import embeddable
from consult.poll.pages import seed_of
from consult.questionnaire import order
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.gate.rate import RATES, Rate
from consult.respond.gate.signals import TRAP
from tests.conftest import SURVEYS, published
from tests.integration.test_staff import sign_in, staff

__all__ = ["staff"]
pytestmark = pytest.mark.anyio
BASE = "/poll/poll/en"


@pytest.fixture
async def poll(database: Database) -> Survey:
    survey = load(SURVEYS / "poll")
    await published(database, survey)
    return survey


def id_in(page: str) -> str:
    found = re.search(r'name="id" value="([0-9a-f-]{36})"', page)
    assert found is not None
    return found[1]


async def rows(database: Database) -> list[tuple[str, str, object]]:
    query = "SELECT id::text, language, answers FROM response ORDER BY language"
    async with database.reading() as session:
        return [tuple(row) for row in (await session.execute(text(query))).all()]


async def test_an_answer_is_stored_once_however_often_it_is_sent(
    client: httpx.AsyncClient, database: Database, poll: Survey
) -> None:
    page = await client.get(BASE)
    form = {"id": id_in(page.text), "matters": "other", "matters_other": "Lights"}
    for _ in range(2):
        sent = await client.post(BASE, data=form, headers={"sec-fetch-site": "same-origin"})
        assert (sent.status_code, sent.headers["location"]) == (303, f"{BASE}/thanks")
        assert "set-cookie" not in sent.headers
    # Back, and another answer from the same form: what was sent first counts.
    changed = await client.post(BASE, data={**form, "matters": "roads"})
    assert changed.headers["location"] == f"{BASE}/thanks"
    answers = {"matters": "other", "matters_other": "Lights"}
    assert await rows(database) == [(form["id"], "en", answers)]
    assert "We read <strong>every</strong> answer" in (await client.get(f"{BASE}/thanks")).text
    assert not client.cookies
    async with database.reading() as session:
        seed = (await session.execute(text("SELECT order_seed FROM response"))).scalar_one()
    assert seed == seed_of(UUID(form["id"]))


async def test_only_the_listed_hosts_may_frame_it_and_nothing_else_may_be_framed(
    client: httpx.AsyncClient, poll: Survey
) -> None:
    page = await client.get(BASE)
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'self' www.example.org localhost:8099;" in f"{policy};"
    assert "script-src 'self'" in policy
    assert "x-frame-options" not in page.headers
    assert page.headers["cross-origin-resource-policy"] == "cross-origin"
    assert page.headers["cache-control"] == "no-store"
    other = await client.get("/s/poll/en")
    assert other.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
    from_elsewhere = await client.post(BASE, headers={"sec-fetch-site": "cross-site"})
    assert from_elsewhere.status_code == 403


async def test_slips_are_said_and_the_language_switches_with_what_was_typed(
    client: httpx.AsyncClient, database: Database, poll: Survey
) -> None:
    page = await client.get(BASE)
    form = {"id": id_in(page.text)}
    missing = await client.post(BASE, data=form)
    assert missing.status_code == 422
    assert "Select an answer" in missing.text
    assert id_in(missing.text) == form["id"]
    typed = {**form, "matters": "other", "matters_other": "Goleuadau"}
    welsh = await client.post(BASE, data={**typed, "language": "cy"})
    assert '<html lang="cy"' in welsh.text
    assert 'value="Goleuadau"' in welsh.text
    assert id_in(welsh.text) == form["id"]
    assert (await client.post("/poll/poll/cy", data=typed)).status_code == 303
    assert [row[1] for row in await rows(database)] == ["cy"]
    tampered = await client.post(BASE, data={"id": "7", "matters": "roads"})
    assert tampered.status_code == 303
    assert len(await rows(database)) == 2


async def test_options_come_in_the_order_that_is_stored(
    client: httpx.AsyncClient, poll: Survey
) -> None:
    for _ in range(4):
        page = (await client.get(BASE)).text
        shown = re.findall(r'type="radio" value="(\w+)"', page)
        question = poll.questions["matters"]
        expected = order.options(question, seed_of(UUID(id_in(page))))  # type: ignore[arg-type]
        assert shown == [option.code for option in expected]


async def test_machines_are_flagged_and_floods_sent_away(
    client: httpx.AsyncClient, database: Database, poll: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (await client.get(BASE)).text
    assert f'name="{TRAP}"' in page
    await client.post(BASE, data={"matters": "roads", TRAP: "Buy now"})
    monkeypatch.setitem(RATES, "send", Rate(1, 1, 1))
    sent = [(await client.post(BASE, data={"matters": "roads"})).status_code for _ in range(3)]
    assert sent == [303, 303, 429]
    async with database.reading() as session:
        flags = (await session.execute(text("SELECT flags FROM response"))).scalars().all()
    assert sorted(flags) == [[], ["burst"], ["honeypot"]]


async def test_a_closed_poll_says_so_and_takes_nothing(
    client: httpx.AsyncClient, database: Database, poll: Survey
) -> None:
    form = {"id": id_in((await client.get(BASE)).text), "matters": "roads"}
    async with database.writing() as session:
        await consultations.change_stage(session, "poll", "close", by="t", reason="Enough")
    assert "This survey is closed" in (await client.get(BASE)).text
    assert "This survey is closed" in (await client.post(BASE, data=form)).text
    assert await rows(database) == []


async def test_what_is_no_poll_is_not_found(
    client: httpx.AsyncClient, open_survey: Survey, poll: Survey
) -> None:
    assert (await client.get("/poll/everything/en")).status_code == 404
    assert (await client.get("/poll/poll/fr")).status_code == 404
    assert (await client.get("/poll/nothing/en")).status_code == 404
    assert embeddable(poll)
    for update in ({"access": "soft"}, {"sensitive": True}, {"embed_on": ()}):
        definition = poll.definition.model_copy(update=update)
        assert not embeddable(replace(poll, definition=definition))


async def test_staff_copy_the_lines(
    client: httpx.AsyncClient, database: Database, poll: Survey, staff: None
) -> None:
    await sign_in(client, "designer@example.org")
    assert "/staff/polls/poll" in (await client.get("/staff/consultations/poll")).text
    page = (await client.get("/staff/polls/poll")).text
    assert "&lt;iframe src=&#34;http://consult.test/poll/poll/ur&#34;" in page
    assert "www.example.org, localhost:8099" in page
