"""Telephone calls over HTTP: who rings whom, broken calls, and no way back to a number."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.accounts import passwords
from consult.accounts.pages import SEEN_FOR
from consult.accounts.store import put_staff
from consult.app import create_app
from consult.calling import store
from consult.calling.cases import Listed, listed
from consult.calling.model import NUMBERS_KEPT
from consult.database import Database
from consult.inviting.keys import root_key
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.settings import Settings
from consult.worker import tidy
from tests.conftest import SURVEYS, published
from tests.integration.test_commit import (
    TEXT,
    Wire,
    assert_typed_text_is_kept,
    before_it_arrives,
    client,
    own_server,
    wire,
)

__all__ = ["client", "own_server", "wire"]

pytestmark = pytest.mark.anyio
PASSWORD = "only-for-this-test"  # noqa: S105
HASH = passwords.hashed(PASSWORD)
PEOPLE = {
    "ann@example.org": "interviewer", "bea@example.org": "interviewer",
    "des@example.org": "designer", "eve@example.org": "analyst",
}  # fmt: skip
CALLS = "/staff/calls/everything"
ANSWERS: dict[str, dict[str, Any]] = {
    "district": {"district": "north"}, "band": {"band": "c"}, "view": {"view": "freeze"},
    "why_freeze": {"why_freeze": "MARKED words اردو"}, "priorities": {"priorities": ["patrols"]},
    "about_money": {"pay": "1", "feeling": "fair"}, "sex": {"sex": ""},
}  # fmt: skip


@pytest.fixture
async def team(
    database: Database, database_url: str, open_survey: Survey
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A browser for each of them, signed in."""
    async with database.writing() as session:
        for email, role in PEOPLE.items():
            await put_staff(session, email, role, HASH, by="test")  # type: ignore[arg-type]
    settings = Settings(secure_cookies=False, secret="kept apart from the database")
    app = create_app(settings, database_url)
    made: dict[str, httpx.AsyncClient] = {}
    async with app.lifespan():
        for email in PEOPLE:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://consult.test")
            form = {"email": email, "password": PASSWORD}
            assert (await client.post("/staff/sign-in", data=form)).status_code == 303
            made[email.partition("@")[0]] = client
        yield made
        for client in made.values():
            await client.aclose()


async def add(des: httpx.AsyncClient, count: int, calls: str = CALLS) -> httpx.Response:
    lines = [f"C{n},01632 96{n:04},Person {n},public" for n in range(count)]
    content = "\n".join(["case,phone,name,strand", *lines]).encode()
    return await des.post(f"{calls}/cases", files={"file": ("cases.csv", content, "text/csv")})


async def take(client: httpx.AsyncClient, calls: str = CALLS) -> str:
    """The address of the case that was given."""
    return str((await client.post(f"{calls}/next")).headers["location"])


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(query))).mappings().all()]


async def answer(client: httpx.AsyncClient, case: str, pages: list[str]) -> str:
    """Answer pages; where it leads."""
    leads = ""
    for page in pages:
        sent = await client.post(f"{case}/q/{page}", data=ANSWERS[page])
        assert sent.status_code == 303, sent.text[-1500:]
        leads = sent.headers["location"]
    return leads


async def test_an_interview_is_asked_and_stored_and_nothing_leads_back_to_the_number(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    assert "3 new cases" in (await add(team["des"], 3)).text
    ann = team["ann"]
    case = await take(ann)
    script = (await ann.get(case)).text
    number = re.search(r"01632 96\d{4}", script)
    assert number is not None
    begun = await ann.post(f"{case}/begin", data={"language": "cy"})
    assert begun.headers["location"] == f"{case}/q/district"
    page = (await ann.get(f"{case}/q/district")).text
    assert "Ym mha ardal" in page
    assert "Read every answer out" in page
    assert number[0] not in page
    assert await answer(ann, case, list(ANSWERS)) == f"{case}/check"
    assert "MARKED" in (await ann.get(f"{case}/check")).text
    for _ in range(2):  # a double click
        done = await ann.post(f"{case}/finish")
        assert done.status_code in {303, 409}
    [response] = await rows(database, "SELECT * FROM response")
    assert (response["channel"], response["language"]) == ("telephone", "cy")
    assert response["answers"]["why_freeze"] == "MARKED words اردو"
    assert response["received_on"] == clock.today(clock.now())
    ended = await rows(database, "SELECT * FROM telephone_case WHERE state = 'final'")
    assert [row["outcome"] for row in ended] == ["complete"]
    kept = {key: value for key, value in ended[0].items() if value not in ("", None, False)}
    assert set(kept) == {
        "id", "survey_slug", "reference", "phone_digest", "strand", "state", "outcome", "attempts"
    }  # fmt: skip
    assert str(response["id"]) not in str(await rows(database, "SELECT * FROM telephone_case"))
    audit = str(await rows(database, "SELECT * FROM audit"))
    for told in (ended[0]["reference"], str(ended[0]["id"]), number[0], "MARKED"):
        assert f"'{told}'" not in audit
    assert (await ann.get(case)).status_code == 409


async def test_finished_rows_lie_among_fifty_others_in_an_order_of_chance(
    database: Database, open_survey: Survey
) -> None:
    """The order in which rows are written tells nothing of the order in which calls ended."""
    people = [Listed(f"C{n}", f"01632 96{n:04}", "", "") for n in range(120)]
    now = clock.now()
    places: list[int] = []
    async with database.writing() as session:
        await store.add(session, "everything", people, b"r" * 32, by="t")
        # Sixty who finished before: among cases still open, one that ended would stand out.
        ended = "UPDATE telephone_case SET state = 'final', outcome = 'complete' WHERE id IN"
        await session.execute(text(f"{ended} (SELECT id FROM telephone_case LIMIT 60)"))
    for _ in range(12):
        async with database.writing() as session:
            case = await store.take_next(session, "everything", "ann@example.org", now)
            assert case is not None
        async with database.writing() as session:
            held = await store.held(session, "everything", case.id, "ann@example.org")
            assert held is not None
            await store.end(session, held, "complete", by="ann@example.org")
        query = f"""SELECT id, outcome FROM telephone_case WHERE xmin = (
            SELECT xmin FROM telephone_case WHERE id = '{case.id}') ORDER BY ctid"""
        crowd = await rows(database, query)
        assert [row["outcome"] for row in crowd] == ["complete"] * (store.CROWD + 1)
        written = [row["id"] for row in crowd]
        places.append(written.index(case.id))
    # Always first, always last or rising would each have a chance below one in a million.
    assert len(set(places)) > 3
    assert places != sorted(places)


async def test_a_broken_call_is_resumed_by_another_where_it_stopped(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    await add(team["des"], 1)
    ann, bea = team["ann"], team["bea"]
    case = await take(ann)
    await ann.post(f"{case}/begin", data={"language": "en"})
    leads = await answer(ann, case, ["district", "band", "view", "why_freeze"])
    assert leads == f"{case}/q/priorities"
    assert await take(ann) == case  # signed in anew, or another tab: still hers
    assert await take(bea) == f"{CALLS}?none=1"
    assert (await bea.get(f"{case}/q/band")).status_code == 409
    everything = str(await rows(database, "SELECT * FROM telephone_case, installation_key"))
    assert "MARKED" not in everything
    sent = await ann.post(f"{case}/outcome", data={"outcome": "broken_off"})
    assert sent.headers["location"] == CALLS
    assert await take(bea) == case
    assert "The call broke off" in (await bea.get(case)).text
    goes_on = await bea.post(f"{case}/begin", data={"language": "cy"})
    assert goes_on.headers["location"] == f"{case}/q/priorities"
    assert "MARKED" in (await bea.get(f"{case}/q/why_freeze")).text
    assert (await ann.get(f"{case}/q/why_freeze")).status_code == 409
    await answer(bea, case, ["priorities", "about_money", "sex"])
    await bea.post(f"{case}/finish")
    [row] = await rows(database, "SELECT language, answers FROM response")
    assert row["language"] == "cy"
    assert row["answers"]["district"] == "north"


async def test_an_interviewer_who_is_gone_holds_a_case_for_half_an_hour(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    await add(team["des"], 1)
    case = await take(team["ann"])
    async with database.writing() as session:
        later = "UPDATE telephone_case SET held_until = now() - interval '1 second'"
        await session.execute(text(later))
    assert await take(team["bea"]) == case


async def test_no_two_interviewers_get_the_same_case(
    database: Database, open_survey: Survey
) -> None:
    people = [Listed(f"C{n}", f"01632 96{n:04}", "", "") for n in range(8)]
    async with database.writing() as session:
        await store.add(session, "everything", people, b"r" * 32, by="t")

    async def one(number: int) -> object:
        async with database.writing() as session:
            case = await store.take_next(session, "everything", f"i{number}@x.org", clock.now())
            await asyncio.sleep(0.05)  # the others ask meanwhile
            return case and case.id

    taken = await asyncio.gather(*(one(number) for number in range(12)))
    given = [case for case in taken if case is not None]
    assert len(given) == len(set(given)) == 8


async def test_agreed_call_backs_come_first_and_refusals_never_again(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    await add(team["des"], 3)
    ann = team["ann"]
    agreed, refused = await take(ann), ""
    wrong = await ann.post(f"{agreed}/outcome", data={"outcome": "call_back", "day": "2020-01-01"})
    assert wrong.status_code == 422
    assert 'href="#day"' in wrong.text
    assert "Select what the call" in (await ann.post(f"{agreed}/outcome", data={})).text
    soon = (clock.now() + timedelta(days=1)).date().isoformat()
    form = {"outcome": "call_back", "day": soon, "time": "18:30"}
    assert (await ann.post(f"{agreed}/outcome", data=form)).status_code == 303
    listed = (await ann.get(CALLS)).text
    assert "6:30pm" in listed
    refused = await take(ann)
    assert refused != agreed
    await ann.post(f"{refused}/outcome", data={"outcome": "refused"})
    busy = await take(ann)
    await ann.post(f"{busy}/outcome", data={"outcome": "busy"})
    assert await take(ann) == f"{CALLS}?none=1"  # one is agreed for tomorrow, one just rung
    # They ring back themselves: taken from the list before its time.
    early = await ann.post(f"{CALLS}/take/{agreed.rpartition('/')[2]}")
    assert early.headers["location"] == agreed
    await ann.post(f"{agreed}/outcome", data={"release": "1"})
    async with database.writing() as session:
        await session.execute(text("UPDATE telephone_case SET due_at = now() - interval '1 hour'"))
    assert await take(ann) == agreed
    # The same list again brings nobody back, not even under another case number.
    assert "0 new cases. 3 were here before" in (await add(team["des"], 3)).text
    again = b"case,phone\n" + b"".join(b"D%d,+44 1632 96%04d\n" % (n, n) for n in range(3))
    sent = await team["des"].post(f"{CALLS}/cases", files={"file": ("a.csv", again, "text/csv")})
    assert "0 new cases" in sent.text
    page = (await team["eve"].get(CALLS)).text
    assert "Response rate: <strong>0.0%</strong>" in page
    assert "Take the next case" not in page


async def test_who_may_do_what(team: dict[str, httpx.AsyncClient], database: Database) -> None:
    for who in ("des", "eve"):
        assert (await team[who].post(f"{CALLS}/next")).status_code == 403
    for who in ("ann", "eve"):
        assert (await add(team[who], 1)).status_code == 403
    one = {"case": "X1", "phone": "01632 960999", "name": "Jo"}
    assert "1 new case." in (await team["des"].post(f"{CALLS}/cases", data=one)).text
    bad = await team["des"].post(f"{CALLS}/cases", data={"case": "X2", "phone": "call me"})
    assert bad.status_code == 422
    assert "It is no telephone number" in bad.text
    nothing = await team["des"].post(f"{CALLS}/cases", data={})
    assert "Choose a file" in nothing.text
    ann = team["ann"]
    assert (await ann.get(f"{CALLS}/case/nonsense")).status_code == 404
    assert (await ann.get("/staff/calls/nothing")).status_code == 404
    actions = [row["action"] for row in await rows(database, "SELECT action FROM audit")]
    assert "calls.add" in actions


async def test_every_type_is_asked_in_urdu_and_a_full_quota_ends_the_case(
    team: dict[str, httpx.AsyncClient], database: Database
) -> None:
    from tests.integration.test_every_type import ANSWERS as EVERY

    survey = load(SURVEYS / "every-type")
    await published(database, survey)
    calls = "/staff/calls/every-type"
    await add(team["des"], 4, calls)
    ann = team["ann"]
    ways = [
        ("ur", {}),
        *[("en", {"work": {"work": "farmer"}})] * 3,
    ]
    for language, changed in ways:
        case = await take(ann, calls)
        here = (await ann.post(f"{case}/begin", data={"language": language})).headers["location"]
        for _ in range(30):
            if not here.startswith(f"{case}/q/"):
                break
            page = here.rpartition("/")[2]
            assert (await ann.get(here)).status_code == 200
            form = {**EVERY, **changed, "home": {"home": "rugby"}}[page]
            here = (await ann.post(here, data=form)).headers["location"]
        assert here == f"{case}/check"
        await ann.post(f"{case}/finish")
    ended = await rows(database, "SELECT outcome FROM telephone_case ORDER BY outcome")
    assert [row["outcome"] for row in ended] == ["complete"] * 3 + ["quota_full"]
    [urdu] = await rows(database, "SELECT answers FROM response WHERE language = 'ur'")
    assert set(urdu["answers"]) == set(survey.questions) - {"home_sector"}


async def test_numbers_are_forgotten_a_month_after_the_survey_closed(
    team: dict[str, httpx.AsyncClient], database: Database, open_survey: Survey
) -> None:
    await add(team["des"], 2)
    case = await take(team["ann"])
    await team["ann"].post(f"{case}/begin", data={"language": "en"})
    closed = open_survey.closes
    await tidy(database, closed + NUMBERS_KEPT - timedelta(minutes=1))
    query = (
        "SELECT phone || name || coalesce(encode(sealed, 'hex'), '') AS rest FROM telephone_case"
    )
    assert all(row["rest"] for row in await rows(database, query))
    await tidy(database, closed + NUMBERS_KEPT + timedelta(minutes=1))
    assert [row["rest"] for row in await rows(database, query)] == ["", ""]
    actions = [row["action"] for row in await rows(database, "SELECT action FROM audit")]
    assert actions.count("calls.erase") == 1


async def test_nothing_is_asked_of_a_survey_that_is_closed(
    team: dict[str, httpx.AsyncClient], database: Database, open_survey: Survey
) -> None:
    await add(team["des"], 1)
    ann = team["ann"]
    case = await take(ann)
    past = open_survey.definition.model_copy(
        update={"closes": open_survey.closes.replace(year=2021)}
    )
    await published(database, replace(open_survey, definition=past))
    assert "not open" in (await ann.get(case)).text
    begun = await ann.post(f"{case}/begin", data={"language": "en"})
    assert begun.headers["location"] == case


async def held_case(wire: Wire, client: httpx.AsyncClient) -> str:
    """The address of a case whose interview, in Welsh, has come to the words."""
    behind = Database(wire.direct)
    root = await root_key(behind, Settings())
    async with behind.writing() as session:
        for email in ("ann@example.org", "bea@example.org"):
            await put_staff(session, email, "interviewer", HASH, by="test")
        await store.add(
            session, "everything", [listed("C0", "01632 960000", "", "")], root, by="test"
        )
    await behind.close()
    form = {"email": "ann@example.org", "password": PASSWORD}
    assert (await client.post("/staff/sign-in", data=form)).status_code == 303
    case = await take(client)
    await client.post(f"{case}/begin", data={"language": "cy"})
    await answer(client, case, ["district", "band", "view"])
    return case


async def test_an_answer_that_cannot_be_saved_stays_on_the_interviewers_page(
    wire: Wire, client: httpx.AsyncClient
) -> None:
    case = await held_case(wire, client)
    said = {"why_freeze": TEXT, "spoken": "cy"}

    def assert_kept(shown: httpx.Response) -> None:
        """503, and everything is there to be sent again, in the language of the interview."""
        assert_typed_text_is_kept(shown, f"{case}/q/why_freeze", "This answer could not be saved")
        assert 'lang="cy"' in shown.text
        assert "Parhau" in shown.text
        assert 'name="spoken" value="cy"' in shown.text

    wire.at_commit = before_it_arrives
    shown = await client.post(f"{case}/q/why_freeze", data=said)
    assert_kept(shown)
    assert "Case C0" in shown.text  # it had been read
    shown = await client.post(f"{case}/q/why_freeze", data=said | {"change": "1"})
    assert_kept(shown)
    assert "Case C0" not in shown.text
    assert 'name="change" value="1"' in shown.text
    assert (await client.get(f"{case}/q/why_freeze")).status_code == 503
    # Who was not let in a moment ago is not let in now.
    mine = client.cookies.pop("consult_staff")
    assert (await client.post(f"{case}/q/why_freeze", data=said)).status_code == 303
    client.cookies.set("consult_staff", "0" * 43)
    unknown = await client.post(f"{case}/q/why_freeze", data=said)
    assert unknown.status_code == 503
    assert "<textarea" not in unknown.text
    await wire.restart_server()
    client.cookies.set("consult_staff", mine)
    again = await client.post(f"{case}/q/why_freeze", data=said)
    assert again.headers["location"] == f"{case}/q/priorities"
    assert "Too dear" in (await client.get(f"{case}/q/why_freeze")).text


async def test_who_was_let_in_is_not_remembered_for_long_nor_after_signing_out(
    wire: Wire, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await held_case(wire, client)
    said = {"why_freeze": TEXT, "spoken": "cy"}
    mine = client.cookies["consult_staff"]
    await client.post("/staff/sign-out")
    form = {"email": "bea@example.org", "password": PASSWORD}
    await client.post("/staff/sign-in", data=form)
    await client.get(CALLS)
    await wire.kill_server()
    assert "<textarea" in (await client.post(f"{case}/q/why_freeze", data=said)).text
    later = clock.now() + SEEN_FOR + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "<textarea" not in (await client.post(f"{case}/q/why_freeze", data=said)).text
    monkeypatch.undo()
    client.cookies.set("consult_staff", mine)
    assert "<textarea" not in (await client.post(f"{case}/q/why_freeze", data=said)).text
