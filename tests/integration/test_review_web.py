"""What a hostile or unlucky browser sends: odd addresses, odd forms, many tries at once."""

import asyncio
import html
import json
import re

import httpx
import pytest
from sqlalchemy import text

from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.questionnaire.answers import LongText
from consult.questionnaire.survey import Survey
from consult.respond.visit import preferred
from consult.web.security import HEADERS
from tests.conftest import published

pytestmark = pytest.mark.anyio
BASE = "/s/everything/en"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARTS = {"content-type": "multipart/form-data; boundary=x"}
ANSWERS = {"district": "north", "view": "freeze", "why_freeze": "Too dear"}


async def walk(client: httpx.AsyncClient) -> dict[str, str]:
    """Answer up to the check page; what its form carries."""
    at = (await client.post(f"{BASE}/start")).headers["location"]
    while "/q/" in at:
        page = at.rpartition("/")[2]
        answer = await client.post(at, data={page: ANSWERS.get(page, "")})
        assert answer.status_code == 303, answer.text
        at = answer.headers["location"]
    found = re.findall(r'name="(\w+)" value="([^"]*)"', (await client.get(at)).text)
    return {name: html.unescape(value) for name, value in found}


async def rows(database: Database) -> list[dict[str, object]]:
    async with database.reading() as session:
        return list((await session.execute(text("SELECT answers FROM response"))).scalars())


@pytest.mark.parametrize("path", ["/nothing/at/all/here", "/s/everything/en/start", "/static/"])
async def test_answers_to_wrong_addresses_carry_the_headers_too(
    path: str, client: httpx.AsyncClient, open_survey: Survey
) -> None:
    answer = await client.get(path)
    assert answer.status_code in {404, 405}
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize(
    "path", ["/s/a%00b/en", "/static/a%00.js", "/static/" + "a" * 5000, "/s/" + "a" * 5000]
)
async def test_addresses_nothing_can_look_up_are_not_found(
    path: str, client: httpx.AsyncClient
) -> None:
    assert (await client.get(path)).status_code == 404


async def test_forms_keep_their_origin(client: httpx.AsyncClient, open_survey: Survey) -> None:
    # With "no-referrer" browsers send "Origin: null", which is refused as another site's.
    assert (await client.get(BASE)).headers["referrer-policy"] == "same-origin"
    refused = await client.post(f"{BASE}/start", headers={"origin": "null"})
    assert refused.status_code == 403


async def test_the_way_back_from_signing_in_is_one_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/staff/consultations/x%26y%23z%0d%0aa:b")
    assert answer.headers["location"] == (
        "/staff/sign-in?next=/staff/consultations/x%26y%23z%0D%0Aa%3Ab"
    )


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (FORM, b"district=%00&district=%ed%a0%80&%%%&=1", 422),
        (FORM, b"district=\xff\xfe", 422),
        (
            PARTS,
            b'--x\r\nContent-Disposition: form-data; name="district"\r\n\r\n\xff\r\n--x--',
            400,
        ),
        (
            PARTS,
            b'--x\r\nContent-Disposition: form-data; name="district"\r\n'
            b"Content-Type: text/plain; charset=zz\r\n\r\nnorth\r\n--x--",
            400,
        ),
        (
            PARTS,
            b'--x\r\nContent-Disposition: form-data; name="district"; filename="north"\r\n\r\n'
            b"north\r\n--x--",
            422,
        ),
        (PARTS, b"--x", 400),
        (FORM, b"district=" + b"x" * 11_000_000, 413),
    ],
)
async def test_forms_that_cannot_be_read_are_refused_and_not_failed_over(
    headers: dict[str, str],
    body: bytes,
    status: int,
    client: httpx.AsyncClient,
    open_survey: Survey,
) -> None:
    await client.post(f"{BASE}/start")
    answer = await client.post(f"{BASE}/q/district", content=body, headers=headers)
    assert answer.status_code == status


async def test_sign_in_with_what_no_database_holds(client: httpx.AsyncClient) -> None:
    answer = await client.post("/staff/sign-in", data={"email": "a\x00@b", "password": "\x00"})
    assert answer.status_code == 422


async def test_answers_that_cannot_be_stored_are_mended_or_left_out(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    carried = await walk(client)
    whole = json.loads(carried["answers"])
    whole["why_freeze"] = ["half \ud800 and \x00 none"]
    answer = await client.post(f"{BASE}/check", data={**carried, "answers": json.dumps(whole)})
    assert answer.headers["location"] == f"{BASE}/sent"
    [row] = await rows(database)
    assert row["why_freeze"] == "half ? and  none"


async def test_a_deep_tree_for_answers_is_left_out(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    carried = await walk(client)
    answer = await client.post(f"{BASE}/check", data={**carried, "answers": "[" * 100_000})
    assert answer.headers["location"] == f"{BASE}/sent"
    [row] = await rows(database)
    assert row["why_freeze"] == "Too dear"


async def test_twenty_sends_at_once_store_one_response(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    carried = await walk(client)
    sent = await asyncio.gather(*(client.post(f"{BASE}/check", data=carried) for _ in range(20)))
    assert {answer.headers["location"] for answer in sent} == {f"{BASE}/sent"}
    assert len(await rows(database)) == 1


async def test_pages_sent_at_once_are_all_kept(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await client.post(f"{BASE}/start")
    await client.post(f"{BASE}/q/district", data={"district": "north"})
    forms = {"band": "c", "view": "maximum", "sex": "female"}
    await asyncio.gather(*(client.post(f"{BASE}/q/{p}", data={p: v}) for p, v in forms.items()))
    for page, value in forms.items():
        shown = (await client.get(f"{BASE}/q/{page}")).text
        assert re.search(rf'value="{value}" checked', shown), page


async def test_going_back_after_sending_says_that_it_was_sent(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    carried = await walk(client)
    await client.post(f"{BASE}/check", data=carried)
    for page in ("q/district", "check"):
        answer = await client.get(f"{BASE}/{page}")
        assert answer.headers["location"] == f"{BASE}/sent"


async def test_answers_are_not_sent_under_questions_that_changed_unseen(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    carried = await walk(client)
    words = open_survey.words["en"].model_copy(update={"title": "Reworded"})
    changed = Survey(
        open_survey.definition, {**open_survey.words, "en": words}, open_survey.population
    )
    await published(database, changed)
    answer = await client.post(f"{BASE}/check", data=carried)
    assert answer.headers["location"] == f"{BASE}/check"
    assert await rows(database) == []
    again = {**carried, "version": "2"}
    answer = await client.post(f"{BASE}/check", data=again)
    assert answer.headers["location"] == f"{BASE}/sent"


async def test_every_page_of_questions_has_one_heading(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    # A page of a statement alone, without a heading of its own; and one with a heading of which
    # only one question is asked.
    pages = []
    for page in open_survey.pages:
        if page.id != "about_money":
            pages.append(page)
            continue
        note, pay, feeling = page.questions
        pages.append(page.model_copy(update={"id": "note_alone", "questions": (note,)}))
        hidden = feeling.model_copy(update={"when": 'district == "south"'})
        pages.append(page.model_copy(update={"questions": (pay, hidden)}))
    definition = open_survey.definition.model_copy(update={"pages": tuple(pages)})
    await published(database, Survey(definition, open_survey.words, open_survey.population))
    await walk(client)
    for path in ("district", "note_alone", "about_money"):
        shown = (await client.get(f"{BASE}/q/{path}")).text
        assert shown.count("<h1") == 1, path


async def test_wrong_passwords_sent_at_once_count_each(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.writing() as session:
        hashed = passwords.hashed("correct-horse-battery")
        await put_staff(session, "a@example.org", "analyst", hashed, by="test")
    wrong = {"email": "a@example.org", "password": "wrong-wrong-wrong"}
    tries = await asyncio.gather(
        *(client.post("/staff/sign-in", data=wrong) for _ in range(passwords.TRIES))
    )
    assert {answer.status_code for answer in tries} == {422}
    right = {"email": "a@example.org", "password": "correct-horse-battery"}
    assert (await client.post("/staff/sign-in", data=right)).status_code == 422


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("cy", "cy"),
        ("en;q=0.5, cy;q=0.9", "cy"),
        ("fr, cy; q=0.4", "cy"),
        ("cy-GB,en;q=0.9", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("", "en"),
        (";;,q=x,cy;q=much", "en"),
    ],
)
async def test_the_language_a_browser_ranks_highest(accepted: str, language: str) -> None:
    assert preferred(accepted, ("en", "cy")) == language


def test_text_is_kept_as_typed() -> None:
    question = LongText(id="x", type="long_text")
    for words in ("{precept.now} %(x)s {{ 7*7 }}", "\u202eright to left", "=SUM(A1)"):
        assert question.parse([words]) == words


async def test_a_page_that_is_not_there_says_so_in_the_language_asked(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    welsh = await client.get("/s/nothing/cy/q/x")
    assert welsh.status_code == 404
    assert '<html lang="cy"' in welsh.text
    assert "Heb ganfod y dudalen" in welsh.text
    assert "Page not found" in (await client.get("/s/nothing/en")).text
