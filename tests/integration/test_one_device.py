"""Several people at one device, and several tabs of one: nobody sends, sees or loses another's."""

import asyncio
import csv
import io
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from consult import clock
from consult.app import create_app
from consult.consultations import store as consultations
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.visit import COOKIE, LEFT
from consult.settings import Settings, shipped
from tests.conftest import SURVEYS, published
from tests.integration.test_respond import hidden
from tests.integration.test_safe import BASE, WAY, answer, code_of, send

pytestmark = pytest.mark.anyio
NEUTRAL = "https://www.example.org/weather"


@pytest.fixture
async def survey(database: Database) -> Survey:
    loaded = load(SURVEYS / "sensitive")
    await published(database, loaded)
    return loaded


# -- the page of one person, the cookie of the next ------------------------------------------------


async def test_a_page_left_open_is_not_sent_as_the_next_persons(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, *WAY)
    question = hidden((await client.get(f"{BASE}/q/why_not")).text)
    check = hidden((await client.get(f"{BASE}/check")).text)
    await send(client)
    await client.post(f"{BASE}/finish")
    await answer(client, "lives")  # the next person, in the same browser
    for path, form in (("check", check), ("q/why_not", question | WAY["why_not"])):
        late = await client.post(f"{BASE}/{path}", data=form)
        assert late.status_code == 410, path
        assert "He still lives" not in (await client.get(f"{BASE}/q/why_not")).text
    assert await raw.fetchval("SELECT count(*) FROM response") == 1
    assert await raw.fetchval("SELECT count(*) FROM draft") == 1


async def test_a_correction_in_one_tab_does_not_take_what_another_tab_sends(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    await client.post(f"{BASE}/finish")
    await answer(client, *(WAY | {"helped": {"helped": "yes"}}))
    others = hidden((await client.get(f"{BASE}/check")).text)
    asked = await client.get(f"{BASE}/receipt")
    assert "found again only with a code" in asked.text
    await client.post(f"{BASE}/receipt", data={"code": receipt, "do": "correct"})
    assert (await client.post(f"{BASE}/check", data=others)).status_code == 410
    [row] = await raw.fetch("SELECT revision, answers FROM response")
    assert row["revision"] == 1
    assert "He still lives here" in row["answers"]


async def test_whoever_has_a_code_is_not_warned_of_losing_answers(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, "lives")
    assert "found again only with a code" in (await client.get(f"{BASE}/return")).text
    await code_of(client)
    assert "found again only with a code" not in (await client.get(f"{BASE}/return")).text


async def test_withdrawing_another_response_leaves_what_was_begun_here(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    await client.post(f"{BASE}/finish")
    await answer(client, "lives")
    sure = {"code": receipt, "do": "withdraw", "sure": "1"}
    assert "have been withdrawn" in (await client.post(f"{BASE}/receipt", data=sure)).text
    again = await client.post(f"{BASE}/receipt", data=sure)
    assert "These answers were withdrawn" in again.text
    assert (await client.get(f"{BASE}/q/helped")).status_code == 200


# -- leaving ---------------------------------------------------------------------------------------


async def test_back_does_not_show_what_a_receipt_opened_before_leaving(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    code = hidden((await client.get(f"{BASE}/receipt")).text) | {"code": receipt}
    assert "He still lives here" in (await client.post(f"{BASE}/receipt", data=code)).text
    await client.get(f"{BASE}/leave")
    again = await client.post(f"{BASE}/receipt", data=code)  # the back button, without a script
    assert (again.status_code, again.headers["location"]) == (303, NEUTRAL)
    # Whoever comes back on purpose asks for the page anew, and may.
    fresh = hidden((await client.get(f"{BASE}/receipt")).text) | {"code": receipt}
    assert "He still lives here" in (await client.post(f"{BASE}/receipt", data=fresh)).text


async def test_a_script_that_left_does_not_keep_out_who_comes_back(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, "lives")
    code = await code_of(client)
    before = hidden((await client.get(f"{BASE}/return")).text) | {"code": code}
    client.cookies.clear()
    # The script's own mark, where its word to the server was lost on the way.
    client.cookies.set(LEFT, "9" * 13, domain="consult.test", path="/s/sensitive")
    assert (await client.post(f"{BASE}/return", data=before)).headers["location"] == NEUTRAL
    fresh = hidden((await client.get(f"{BASE}/return")).text) | {"code": code}
    let_in = await client.post(f"{BASE}/return", data=fresh)
    assert let_in.headers["location"] == f"{BASE}/resume"


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("path", ["leave", "away", "finish"])
async def test_nobody_who_leaves_waits_for_the_database(
    path: str, seen: bool, survey: Survey, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seen:
        async with database.reading() as session:
            await consultations.current(session, survey.slug)
    else:
        monkeypatch.setattr(consultations, "_last_known", {})  # a process that has just started
    app = create_app(Settings(secure_cookies=False), "postgresql://nobody@127.0.0.1:9/nowhere")
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as client:
            client.cookies.set(COOKIE, "a" * 64, domain="consult.test", path="/s/sensitive")
            method = "GET" if path == "away" else "POST"
            gone = await client.request(method, f"{BASE}/{path}")
            if path == "away" and not seen:
                assert gone.status_code == 503  # nothing of a survey is on that page
                return
            assert gone.status_code == 303
            assert COOKIE not in client.cookies
            if path != "finish":
                assert LEFT in client.cookies
                known = NEUTRAL if seen else "https://www.bbc.co.uk/weather"
                assert gone.headers["location"] == known


async def test_leaving_what_can_be_no_survey_sets_no_cookie(client: httpx.AsyncClient) -> None:
    for name in ("No%20Survey", "a;b=c", "%0d%0aset-cookie:x=1"):
        for path in ("leave", "finish"):
            answer = await client.post(f"/s/{name}/en/{path}")
            assert answer.status_code == 404
            assert "set-cookie" not in answer.headers


# -- correcting ------------------------------------------------------------------------------------


async def test_what_was_answered_in_time_still_counts_when_another_part_is_corrected(
    client: httpx.AsyncClient,
    database: Database,
    raw: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    survey = load(shipped("surveys") / "west-mercia-plan-2013")
    await published(database, survey)
    base = f"/s/{survey.slug}/en"
    monkeypatch.setattr(clock, "now", lambda: datetime(2013, 1, 20, 12, tzinfo=UTC))
    here = (await client.post(f"{base}/start")).headers["location"]
    given = {"area": {"area": "shropshire"}, "precept": {"precept_level": "same"}}
    while not here.endswith("/check"):
        page = here.rpartition("/")[2]
        here = (await client.post(here, data=given.get(page, {}))).headers["location"]
    form = hidden((await client.get(here)).text)
    await client.post(here, data=form)
    receipt = (await client.get(f"{base}/sent")).text.split('consult-receipt" dir="ltr">')[1][:24]
    # The precept's part has closed, the plan's has not.
    monkeypatch.setattr(clock, "now", lambda: datetime(2013, 2, 10, 12, tzinfo=UTC))
    await client.post(f"{base}/receipt", data={"code": receipt, "do": "correct"})
    await client.post(f"{base}/q/plan", data={"agree_plan": "agree", "change": "1"})
    form = hidden((await client.get(f"{base}/check")).text)
    once, twice = await asyncio.gather(*(client.post(f"{base}/check", data=form) for _ in "12"))
    assert (once.status_code, twice.status_code) == (303, 303)
    [row] = await raw.fetch("SELECT closed_parts, answers, revision FROM response")
    assert row["closed_parts"] == []
    assert row["revision"] == 2  # pressed twice, corrected once
    files = await dataset_files(database, survey.slug)
    [counted] = csv.DictReader(io.StringIO(files.responses))
    assert (counted["precept_level"], counted["agree_plan"]) == ("same", "agree")


async def test_a_corrected_answer_asks_what_it_opens(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, *(WAY | {"helped": {"helped": "yes"}}))
    await client.post(f"{BASE}/q/helped", data={"helped": "yes", "change": "1"})
    receipt = await send(client)
    begun = await client.post(f"{BASE}/receipt", data={"code": receipt, "do": "correct"})
    assert begun.headers["location"] == f"{BASE}/check"
    opened = await client.post(f"{BASE}/q/helped", data={"helped": "no", "change": "1"})
    assert opened.headers["location"] == f"{BASE}/q/why_not"
    assert (await client.get(f"{BASE}/check")).headers["location"] == f"{BASE}/q/why_not"
