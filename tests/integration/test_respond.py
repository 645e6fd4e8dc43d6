"""A resident's journey over HTTP, without JavaScript."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.database import Database
from consult.questionnaire.survey import Survey

pytestmark = pytest.mark.anyio
BASE = "/s/everything/en"
#: A way through the survey: page, what its form sends.
ANSWERS: dict[str, dict[str, str | list[str]]] = {
    "district": {"district": "north"},
    "band": {"band": "c"},
    "view": {"view": "freeze"},
    "why_freeze": {"why_freeze": "Too dear\r\nfor us 🚓 اردو <b>&"},
    "priorities": {"priorities": ["roads", "patrols"]},
    "roads_more": {"roads_more": "7"},
    "about_money": {"pay": "1,2.50".replace(",", ""), "feeling": "fair"},
    "thanks_for_paying": {"thanks_for_paying": ""},
    "sex": {"sex": ""},
}


async def begin(client: httpx.AsyncClient, base: str = BASE) -> str:
    """Press Start; the address it leads to."""
    answer = await client.post(f"{base}/start")
    assert answer.status_code == 303
    return answer.headers["location"]


async def go(
    client: httpx.AsyncClient, pages: Mapping[str, Mapping[str, str | Sequence[str]]]
) -> str:
    """Send pages one after another, following where each leads; the last address."""
    here = ""
    for page, form in pages.items():
        answer = await client.post(f"{BASE}/q/{page}", data=dict(form))
        assert answer.status_code == 303, (page, answer.status_code, answer.text[-1500:])
        here = answer.headers["location"]
    return here


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


async def finish(client: httpx.AsyncClient) -> httpx.Response:
    """Send from the check page."""
    page = await client.get(f"{BASE}/check")
    assert page.status_code == 200
    return await client.post(f"{BASE}/check", data=hidden(page.text))


async def stored(database: Database) -> list[dict[str, object]]:
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT * FROM response"))).mappings().all()
    return [dict(row) for row in rows]


async def test_an_answer_travels_to_the_database(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    assert await begin(client) == f"{BASE}/q/district"
    pages = list(ANSWERS)
    for number, page in enumerate(pages):
        shown = await client.get(f"{BASE}/q/{page}")
        assert shown.status_code == 200
        assert shown.headers["cache-control"] == "no-store"
        leads_to = await go(client, {page: ANSWERS[page]})
        after = pages[number + 1 : number + 2]
        assert leads_to == (f"{BASE}/q/{after[0]}" if after else f"{BASE}/check")
    check = await client.get(f"{BASE}/check")
    assert "No rise, £257.52 a year" in check.text  # band C of £289.71: 8/9
    assert "Too dear" in check.text
    assert "<b>&" not in check.text
    answer = await finish(client)
    assert answer.headers["location"] == f"{BASE}/sent"
    sent = await client.get(f"{BASE}/sent")
    assert re.search(r">([0-9A-Z]{4}-){4}[0-9A-Z]{4}</strong>", sent.text)
    [row] = await stored(database)
    assert row["answers"] == {
        "district": "north",
        "band": "c",
        "view": "freeze",
        "why_freeze": "Too dear\nfor us 🚓 اردو <b>&",
        "priorities": ["roads", "patrols"],
        "roads_more": "7",
        "pay": "12.50",
        "feeling": "fair",
    }
    assert (row["channel"], row["language"]) == ("web", "en")
    assert row["received_on"] == clock.today(clock.now())
    async with database.reading() as session:
        drafts = await session.execute(text("SELECT count(*) FROM draft"))
    assert drafts.scalar_one() == 0


async def test_sending_twice_in_every_way_stores_one(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await begin(client)
    await go(client, ANSWERS)
    page = hidden((await client.get(f"{BASE}/check")).text)
    first = await client.post(f"{BASE}/check", data=page)
    again = await client.post(f"{BASE}/check", data=page)  # refresh, second tab, double click
    assert first.headers["location"] == again.headers["location"] == f"{BASE}/sent"
    assert (await client.get(f"{BASE}/sent")).text == (await client.get(f"{BASE}/sent")).text
    assert len(await stored(database)) == 1


async def test_a_person_may_answer_for_the_next_in_the_house(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    for _ in range(2):
        assert await begin(client) == f"{BASE}/q/district"
        await go(client, ANSWERS)
        await finish(client)
    assert len(await stored(database)) == 2


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    missing = await client.post(f"{BASE}/q/district", data={})
    assert missing.status_code == 422
    assert "<title>Error: Question 1" in missing.text
    assert 'href="#district"' in missing.text
    assert "Select an answer" in missing.text
    await go(client, {p: ANSWERS[p] for p in ("district", "band", "view", "why_freeze")})
    both = await client.post(
        f"{BASE}/q/priorities", data={"priorities": ["roads", "none_of_these"]}
    )
    assert both.status_code == 422
    assert both.text.count("checked") == 2
    await go(client, {"priorities": ANSWERS["priorities"]})
    word = await client.post(f"{BASE}/q/roads_more", data={"roads_more": 'sev"en'})
    assert word.status_code == 422
    assert "Enter a number, like 12" in word.text
    assert 'value="sev&#34;en"' in word.text
    too_long = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": "x" * 201})
    assert too_long.status_code == 422
    assert "x" * 201 in too_long.text


async def test_fifty_thousand_words_are_kept_on_the_page(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    await go(client, {p: ANSWERS[p] for p in ("district", "band", "view")})
    words = "rise " * 50_000
    answer = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": words})
    assert answer.status_code == 422
    assert "must be 200 characters or fewer; it has 249,999" in answer.text
    assert words.strip() in answer.text


async def test_routing_must_not_lose_answers(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await begin(client)
    await go(client, ANSWERS)
    change = {"view": {"view": "maximum", "change": "1"}}
    assert await go(client, change) == f"{BASE}/check"
    check = (await client.get(f"{BASE}/check")).text
    assert "Too dear" not in check.split("<form")[0]
    change = {"view": {"view": "freeze", "change": "1"}}
    assert await go(client, change) == f"{BASE}/check"
    assert "Too dear" in (await client.get(f"{BASE}/check")).text
    await go(client, {"view": {"view": "maximum", "change": "1"}})
    await finish(client)
    [row] = await stored(database)
    answers = row["answers"]
    assert isinstance(answers, dict)
    assert answers["why_freeze"].startswith("Too dear")  # kept, though it is off the path


async def test_a_change_that_opens_a_question_asks_it(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    way = {p: form for p, form in ANSWERS.items() if p != "why_freeze"}
    assert await go(client, {**way, "view": {"view": "maximum"}}) == f"{BASE}/check"
    leads_to = await go(client, {"view": {"view": "freeze", "change": "1"}})
    assert leads_to == f"{BASE}/q/why_freeze"


async def test_language_that_does_not_reset_midway(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    await go(client, {p: ANSWERS[p] for p in ("district", "band", "view", "why_freeze")})
    await go(client, {"priorities": ANSWERS["priorities"]})
    switch = await client.post(f"{BASE}/q/roads_more", data={"roads_more": "sev", "language": "cy"})
    assert switch.headers["location"] == "/s/everything/cy/q/roads_more"
    page = await client.get(switch.headers["location"])
    assert '<html lang="cy"' in page.text
    assert "Faint o ffyrdd" in page.text
    assert 'value="sev"' in page.text
    assert "Parhau" in page.text or "Continue" not in page.text


async def test_off_the_path_and_unknown_pages_lead_back(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    for page in ("why_freeze", "nonsense"):
        answer = await client.get(f"{BASE}/q/{page}")
        assert answer.headers["location"] == f"{BASE}/q/district"
    early = await client.get(f"{BASE}/check")
    assert early.headers["location"] == f"{BASE}/q/district"
    assert (await client.get("/s/nothing/en")).status_code == 404
    assert (await client.get("/s/everything/fr")).status_code == 404


async def test_without_cookies_the_start_page_says_so(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    client.cookies.clear()
    lost = await client.get(f"{BASE}/q/district")
    page = await client.get(lost.headers["location"])
    assert "Allow cookies" in page.text
    late = await client.post(f"{BASE}/q/district", data={"district": "north"})
    assert late.status_code == 410


async def test_a_forged_cookie_or_answers_do_no_harm(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await begin(client)
    await go(client, ANSWERS)
    page = hidden((await client.get(f"{BASE}/check")).text)
    for answers in ('{"district": ["nowhere"]}', "not json", '{"x": 3}', "[]"):
        await client.post(f"{BASE}/check", data={**page, "answers": answers})
    rows = await stored(database)
    assert len(rows) <= 1
    for row in rows:
        assert row["answers"]["district"] == "north"  # type: ignore[index]
    client.cookies.set("consult_answers", "zz", path="/s/everything")
    assert (await client.get(BASE)).status_code == 200


async def test_a_draft_in_the_database_shows_nothing(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await begin(client)
    await go(client, {p: ANSWERS[p] for p in ("district", "band", "view", "why_freeze")})
    async with database.reading() as session:
        [row] = (await session.execute(text("SELECT * FROM draft"))).mappings().all()
    assert b"Too dear" not in row["sealed"]
    assert b"north" not in row["sealed"]
    token = client.cookies["consult_answers"]
    assert token not in str(row["id"]).replace("-", "")
    assert set(row) == {"id", "survey_slug", "sealed", "change", "touched_on"}


# -- time ------------------------------------------------------------------------------------------


async def test_before_it_opens_and_after_it_closes(
    client: httpx.AsyncClient, open_survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2019, 12, 31, tzinfo=UTC))
    page = await client.get(BASE)
    assert "It opens at 9am on Wednesday 1 January 2020" in page.text
    assert "Start now" not in page.text
    assert await begin(client) == BASE
    monkeypatch.setattr(clock, "now", lambda: datetime(2099, 1, 11, tzinfo=UTC))
    page = await client.get(BASE)
    assert "closed at 5pm on Saturday 10 January 2099" in page.text
    assert await begin(client) == BASE


@pytest.mark.parametrize(("minutes", "taken"), [(-1, True), (29, True), (31, False)])
async def test_a_draft_begun_in_time_may_be_sent_within_the_grace(
    minutes: int,
    taken: bool,
    client: httpx.AsyncClient,
    open_survey: Survey,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closes = open_survey.closes
    assert closes == datetime(2099, 1, 10, 17, tzinfo=UTC)  # winter: London is on UTC
    monkeypatch.setattr(clock, "now", lambda: closes - timedelta(minutes=5))
    await begin(client)
    await go(client, ANSWERS)
    page = hidden((await client.get(f"{BASE}/check")).text)
    monkeypatch.setattr(clock, "now", lambda: closes + timedelta(minutes=minutes))
    answer = await client.post(f"{BASE}/check", data=page)
    assert answer.headers["location"] == (f"{BASE}/sent" if taken else BASE)
    assert len(await stored(database)) == taken


async def test_a_draft_begun_after_the_deadline_has_no_grace(
    client: httpx.AsyncClient, open_survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: open_survey.closes + timedelta(minutes=1))
    assert await begin(client) == BASE


# -- failure ---------------------------------------------------------------------------------------


async def test_forms_from_other_sites_are_refused(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.test"}):
        answer = await client.post(f"{BASE}/start", headers=headers)
        assert answer.status_code == 403
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://consult.test"}):
        assert (await client.post(f"{BASE}/start", headers=headers)).status_code == 303


async def test_the_check_page_carries_the_answers(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    await go(client, ANSWERS)
    page = hidden((await client.get(f"{BASE}/check")).text)
    assert json.loads(page["answers"])["roads_more"] == ["7"]
