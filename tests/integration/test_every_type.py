"""Questions of every type over HTTP, without JavaScript: postcodes, quotas, orders of chance."""

import csv
import html
import io
import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from consult.consultations import store as consultations
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.imports import import_file
from consult.errors import ConsultError
from consult.questionnaire import order
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.areas import read_areas
from consult.respond.draft import Token
from consult.respond.store import load_areas
from consult.respond.visit import COOKIE
from tests.conftest import SURVEYS, published

pytestmark = pytest.mark.anyio
BASE = "/s/every-type/en"
ANSWERS: dict[str, dict[str, str | list[str]]] = {
    "agree": {"agree": "yes"},
    "home": {"home.postcode": " cv21  1aa "},
    "band": {"band": "c"},
    "rise": {"rise": "7.50"},
    "work": {"work": "something_else", "work_something_else": "Vet 🐄"},
    "heard": {"heard": ["radio", "other"], "heard_other": "اردو"},
    "since": {"since.day": "29", "since.month": "2", "since.year": "2024"},
    "first": {"first.1": "patrols", "first.2": "roads"},
    "share": {"share.roads": "7", "share.burglary": "", "share.patrols": "3"},
    "best_1": {"best_1.best": "roads", "best_1.worst": "patrols"},
    "best_2": {"best_2.best": "roads", "best_2.worst": "youth"},
    "best_3": {"best_3.best": "roads", "best_3.worst": "youth"},
    "best_4": {"best_4.best": "youth", "best_4.worst": "patrols"},
    "safe_day": {"safe_day": "very"},
    "safe_night": {"safe_night": "not_at_all"},
    "plate": {"plate": "AB12 CDE"},
    "why_unsafe": {"why_unsafe": "No lights"},
    "both": {"read": "yes", "name_of_road": "A46"},
}


@pytest.fixture
async def survey(database: Database) -> Survey:
    """The survey of every type, open, with a lookup file of two lines."""
    loaded = load(SURVEYS / "every-type")
    await published(database, loaded)
    areas = read_areas("a.csv", b"postcode,area\nCV21 1AA,rugby\nCV34,warwick\nCV35,nowhere\n")
    async with database.writing() as session:
        await load_areas(session, "areas", areas)
    return loaded


async def walk(client: httpx.AsyncClient, changed: dict[str, dict[str, str]] | None = None) -> str:
    """Answer every page as it comes; the address of the last answer."""
    sent = await client.post(f"{BASE}/start")
    for _ in range(30):
        here = sent.headers["location"]
        if "/q/" not in here:
            return here
        page = here.rpartition("/")[2]
        form = (changed or {}).get(page) or ANSWERS[page]
        sent = await client.post(here, data=form)
        assert sent.status_code == 303, (page, re.findall(r"error-message.*?</p>", sent.text, re.S))
    raise AssertionError("the survey does not end")


async def carried(client: httpx.AsyncClient) -> dict[str, str]:
    """The hidden fields of the check page."""
    page = await client.get(f"{BASE}/check")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return {name: html.unescape(value) for name, value in fields.items()}


async def send(client: httpx.AsyncClient) -> httpx.Response:
    """Send from the check page."""
    return await client.post(f"{BASE}/check", data=await carried(client))


async def rows_of(database: Database) -> list[dict[str, str]]:
    files = await dataset_files(database, "every-type")
    return list(csv.DictReader(io.StringIO(files.responses, newline="")))


async def test_every_type_is_answered_reviewed_stored_exported_and_imported(
    client: httpx.AsyncClient, database: Database, survey: Survey, tmp_path: Path
) -> None:
    assert await walk(client) == f"{BASE}/check"
    check = (await client.get(f"{BASE}/check")).text
    for said in ("Vet 🐄", "29/02/2024", "1. Patrols", "Roads: 7", "£7.50", "CV21 1", "اردو"):
        assert said in check, said
    # As words: salts of the page are hexadecimal, and hold it by chance one time in fifty.
    assert not re.search(r"CV21\W*1AA|\b1AA\b", check.upper())
    seed = Token.read(client.cookies[COOKIE])
    assert seed is not None
    assert (await send(client)).headers["location"] == f"{BASE}/sent"
    [row] = await rows_of(database)
    assert row["order_seed"] == str(seed.seed)
    expected = {
        "agree": "yes", "home": "rugby", "home_sector": "CV21 1", "band": "c", "rise": "7.50",
        "work": "something_else", "work_something_else": "Vet 🐄", "heard.radio": "1",
        "heard.paper": "0", "heard_other": "اردو", "since": "2024-02-29", "first.patrols": "1",
        "first.roads": "2", "first.burglary": "", "share.roads": "7", "share.burglary": "0",
        "best_1.best": "roads", "best_1.worst": "patrols", "safe_night": "not_at_all",
        "plate": "AB12 CDE", "why_unsafe": "No lights", "read": "yes",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    files = await dataset_files(database, "every-type")
    exported = tmp_path / "out.csv"
    exported.write_text(files.responses, encoding="utf-8", newline="")
    done = await import_file(database, "every-type", exported, "paper", by="test")
    assert (done.stored, done.again) == (0, 1)


async def test_a_postcode_is_never_kept(
    client: httpx.AsyncClient, database: Database, survey: Survey
) -> None:
    await client.post(f"{BASE}/start")
    await client.post(f"{BASE}/q/agree", data={"agree": "yes"})
    home = f"{BASE}/q/home"
    for typed, said in (("CV99 9ZZ", "do not know this postcode"), ("nonsense", "full postcode")):
        answer = await client.post(home, data={"home.postcode": typed})
        assert answer.status_code == 422
        assert said in answer.text
        assert typed in answer.text  # shown again, to be mended
        assert typed not in (await client.get(home)).text  # and gone from the draft
    # An area of the file that the survey does not know, and no postcode but an area.
    assert (await client.post(home, data={"home.postcode": "CV35 1AA"})).status_code == 422
    assert (await client.post(home, data={"home": "warwick"})).status_code == 303
    # By district; then sent again as the page stands: the sector stays with its area.
    assert (await client.post(home, data={"home.postcode": "CV34 5AB"})).status_code == 303
    await client.post(home, data={"home.postcode": "", "home": "warwick"})
    assert await walk(client, {"home": {"home": "warwick"}}) == f"{BASE}/check"
    await send(client)
    [row] = await rows_of(database)
    assert (row["home"], row["home_sector"]) == ("warwick", "CV34 5")
    async with database.reading() as session:
        stored = str((await session.execute(text("SELECT answers FROM response"))).scalar_one())
    assert "5AB" not in stored


async def test_another_area_takes_its_sector_away(
    client: httpx.AsyncClient, database: Database, survey: Survey
) -> None:
    await walk(client)
    await client.post(f"{BASE}/q/home", data={"home": "elsewhere", "change": "1"})
    await send(client)
    [row] = await rows_of(database)
    assert (row["home"], row["home_sector"]) == ("elsewhere", "")


@pytest.mark.parametrize(
    ("page", "form", "said"),
    [
        ("agree", {}, "Tick the box if you agree"),
        ("rise", {"rise": "7.3"}, "in steps of £0.5"),
        ("rise", {"rise": "21"}, "Enter 20.00 or less"),
        ("since", {"since.day": "30", "since.month": "2", "since.year": "2024"}, "real date"),
        ("since", {"since.day": "3", "since.year": "2024"}, "must include a month"),
        ("since", {"since.day": "3", "since.month": "3", "since.year": "24"}, "four numbers"),
        ("since", {"since.day": "1", "since.month": "1", "since.year": "1899"}, "on or after"),
        ("first", {"first.1": "roads", "first.2": "roads"}, "different answer"),
        ("first", {"first.2": "roads"}, "in order, from the first"),
        ("first", {"first.1": "nothing"}, "from the options listed"),
        ("share", {"share.roads": "7"}, "add up to 10; now they add up to 7"),
        ("share", {"share.roads": "-1", "share.patrols": "11"}, "whole numbers from 0 to 10"),
        ("best_1", {"best_1.best": "roads"}, "one for each of the two"),
        ("best_1", {"best_1.best": "roads", "best_1.worst": "roads"}, "two different"),
        ("best_1", {"best_1.best": "youth", "best_1.worst": "roads"}, "options listed"),
        ("plate", {"plate": "12345678"}, "in the form that is asked for"),
        ("work", {"work": "something_else", "work_something_else": "x" * 201}, "200 characters"),
    ],
)
async def test_a_slip_is_said_at_its_place_and_typed_text_stays(
    client: httpx.AsyncClient, survey: Survey, page: str, form: dict[str, str], said: str
) -> None:
    await client.post(f"{BASE}/start")
    await client.post(f"{BASE}/q/agree", data={"agree": "yes"})
    answer = await client.post(f"{BASE}/q/{page}", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    # The summary's link leads to a field that is there.
    [target] = re.findall(r'<a href="#([^"]+)"', answer.text)[1:2]
    assert f'id="{target}"' in answer.text
    for value in form.values():
        if value in {"7.3", "30", "1899", "12345678", "-1"}:
            assert f'value="{value}"' in answer.text


async def test_every_respondent_has_an_order_of_their_own_that_stays(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    seen: set[tuple[str, ...]] = set()
    for _ in range(12):
        client.cookies.clear()
        await client.post(f"{BASE}/start")
        token = Token.read(client.cookies[COOKIE])
        assert token is not None
        await client.post(f"{BASE}/q/agree", data={"agree": "yes"})
        first = re.findall(r'name="heard" type="checkbox" value="(\w+)"', (
            await client.get(f"{BASE}/q/heard")).text)  # fmt: skip
        again = re.findall(r'name="heard" type="checkbox" value="(\w+)"', (
            await client.get(f"{BASE}/q/heard")).text)  # fmt: skip
        assert first == again
        heard = survey.questions["heard"]
        assert first == [o.code for o in order.options(heard, token.seed)]  # type: ignore[arg-type]
        seen.add(tuple(first))
    assert len(seen) == 2  # radio and paper change places, the others are fixed


async def test_a_full_quota_thanks_who_comes_after(
    client: httpx.AsyncClient, database: Database, survey: Survey
) -> None:
    farmer = {"work": {"work": "farmer"}}
    for _ in range(2):
        client.cookies.clear()
        assert await walk(client, farmer) == f"{BASE}/check"
        assert (await send(client)).headers["location"] == f"{BASE}/sent"
    client.cookies.clear()
    assert await walk(client, farmer) == f"{BASE}/enough"
    page = await client.get(f"{BASE}/enough")
    assert "heard from enough people" in page.text
    assert (await client.get(f"{BASE}/check")).headers["location"] == f"{BASE}/enough"
    # Whoever is no farmer goes on.
    await client.post(f"{BASE}/q/work", data={"work": "nurse"})
    assert await walk(client, {"work": {"work": "nurse"}}) == f"{BASE}/check"
    assert len(await rows_of(database)) == 2
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count FROM quota"))).scalar_one() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "first line must be"),
        (b"area,postcode\n", "first line must be"),
        (b"postcode,area\n", "has 0 postcodes"),
        (b"postcode,area\nCV21,rugby\nrubbish,rugby\n", "line 3: the first cell is no postcode"),
        (b"postcode,area\nCV21,Rugby Town\n", "line 2: the area must be the code"),
        (b"postcode,area\nCV21\n", "line 2: the area must be the code"),
        (b"postcode,area\nCV21,a\nCV21,b\n", "line 3: this postcode stands there before"),
        (b"postcode,area\n\xff\xfe,a\n", "UTF-8"),
    ],
)
async def test_a_lookup_file_that_cannot_be_used_is_named(content: bytes, said: str) -> None:
    with pytest.raises(ConsultError, match=said):
        read_areas("areas.csv", content)


async def test_a_consultation_is_closed_reopened_and_unpublished_with_a_reason(
    client: httpx.AsyncClient, database: Database, survey: Survey
) -> None:
    async def change(action: str, reason: str = "test") -> None:
        async with database.writing() as session:
            await consultations.change_stage(
                session, "every-type", action, by="sian@example.org", reason=reason  # type: ignore[arg-type]
            )  # fmt: skip

    await walk(client)
    fields = await carried(client)
    with pytest.raises(ConsultError, match="Say why"):
        await change("close", "  ")
    await change("close", "Enough heard")
    late = await client.post(f"{BASE}/check", data=fields)
    assert late.headers["location"] == BASE
    assert "closed" in (await client.get(BASE)).text.lower()
    with pytest.raises(ConsultError, match="closed consultation cannot close; it can reopen"):
        await change("close")
    await change("reopen", "The library asked for a week more")
    # Nothing that was typed is gone.
    assert (await client.get(f"{BASE}/check")).status_code == 200
    await change("unpublish", "A wrong figure")
    assert (await client.get(BASE)).status_code == 404
    with pytest.raises(ConsultError, match="draft consultation cannot reopen"):
        await change("reopen")
    await published(database, survey)
    assert (await send(client)).headers["location"] == f"{BASE}/sent"
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT action, reason FROM audit ORDER BY id"))).all()
    told = [tuple(row) for row in rows if row.action.startswith("consultation.")]
    assert told == [
        ("consultation.close", "Enough heard"),
        ("consultation.reopen", "The library asked for a week more"),
        ("consultation.unpublish", "A wrong figure"),
    ]
