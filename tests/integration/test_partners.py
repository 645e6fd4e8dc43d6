"""One partner's responses: rationed, flagged, and set aside as a whole though nobody sees whose."""

import csv
import io
from collections import Counter
from dataclasses import replace
from typing import Any

import anyio.to_thread
import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.accounts import passwords
from consult.accounts.passwords import token_hash
from consult.accounts.store import put_staff
from consult.api import store
from consult.api.pages import OWN_WORDS
from consult.app import create_app
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.imports import import_file
from consult.errors import ConsultError
from consult.questionnaire.survey import Survey
from consult.respond.gate import rate
from consult.respond.gate.rate import RATES, Limits, Rate
from consult.settings import Settings
from tests.integration.test_api import ADDRESS, body, run, said, stored

pytestmark = pytest.mark.anyio
LONG = "No lights on the path by the river, all winter long"
TICKED = {"district": "north", "view": "maximum"}
SAID = {"district": "north", "view": "freeze", "why_freeze": LONG}


@pytest.fixture
async def keys(database: Database, open_survey: Survey) -> None:
    """A key each for three partners, one of which refused to be linked."""
    async with database.writing() as session:
        for name in ("ashdown", "birch", "unlinked"):
            await store.add(
                session, name, open_survey.slug, token_hash(name), by="test", now=clock.now(),
                linked=name != "unlinked",
            )  # fmt: skip


async def post(client: httpx.AsyncClient, key: str, sent: Any) -> httpx.Response:
    return await client.post(ADDRESS, json=sent, headers={"authorization": f"Bearer {key}"})


async def send(client: httpx.AsyncClient, key: str, count: int = 1) -> list[str]:
    """Responses of people who ticked boxes; their ids."""
    bodies = [body(TICKED) for _ in range(count)]
    for one in bodies:
        assert (await post(client, key, one)).status_code == 201
    return [one["id"] for one in bodies]


async def flags(database: Database) -> Counter[str]:
    return Counter(" ".join(row["flags"]) for row in await stored(database))


# -- how many --------------------------------------------------------------------------------------


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three at once, two more with a mark, then none."""
    monkeypatch.setitem(RATES, "by_key", Rate(3, 60, 2))


async def test_a_flood_by_one_key_is_marked_then_told_to_wait(
    client: httpx.AsyncClient, database: Database, keys: None, narrow: None
) -> None:
    await send(client, "ashdown", 5)
    assert await flags(database) == {"": 3, "burst": 2}
    late = body(TICKED)
    answer = await post(client, "ashdown", late)
    assert said(answer, 429)["type"].endswith(":too-many")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert len(await stored(database)) == 5
    await send(client, "birch")  # another partner does not wait for it
    assert "burst" not in (await stored(database))[-1]["flags"]


async def test_a_key_that_opens_nothing_takes_nobodys_allowance(
    client: httpx.AsyncClient, database: Database, keys: None, narrow: None
) -> None:
    for _ in range(9):
        said(await post(client, "guess", body(TICKED)), 401)
    await send(client, "ashdown", 3)
    assert await flags(database) == {"": 3}


async def test_limits_that_are_off_let_everything_pass(
    database: Database, database_url: str, keys: None, narrow: None
) -> None:
    app = create_app(replace(Settings(), rate_limits=False), database_url)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as open_:
            await send(open_, "ashdown", 8)
    assert await flags(database) == {"": 8}


def test_a_village_passes_unmarked() -> None:
    limits = Limits()
    assert all(limits.take("by_key", "partner") for _ in range(3_000))


# -- twice -----------------------------------------------------------------------------------------


async def test_the_same_words_under_two_ids_are_flagged(
    client: httpx.AsyncClient, database: Database, keys: None
) -> None:
    assert len(LONG) >= OWN_WORDS
    first = body(SAID)
    for key, sent, status in (
        ("ashdown", {**first, "survey_version": 9}, 422),  # not stored, so nothing was said yet
        ("ashdown", first, 201),
        ("ashdown", first, 200),
        ("birch", body(SAID), 201),  # another partner's campaign
        ("ashdown", body({**SAID, "view": "maximum"}), 201),  # other boxes
        ("ashdown", body(TICKED), 201),
        ("ashdown", body(TICKED), 201),  # two people who ticked the same
        ("ashdown", body({**SAID, "why_freeze": LONG[: OWN_WORDS - 1]}), 201),
        ("ashdown", body({**SAID, "why_freeze": LONG[: OWN_WORDS - 1]}), 201),  # "too dear"
    ):
        assert (await post(client, key, sent)).status_code == status
    assert set(await flags(database)) == {""}
    again = body(SAID)
    assert (await post(client, "ashdown", again)).status_code == 201
    [row] = [row for row in await stored(database) if row["flags"]]
    assert (str(row["id"]), row["flags"]) == (again["id"], ["repeated"])


def test_what_was_said_is_remembered_for_hours_and_in_no_words() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    assert not limits.repeated("partner", LONG, "1")
    assert limits.repeated("partner", LONG, "2")
    limits.unsaid("partner", LONG, "2")  # that of another response is kept
    assert limits.repeated("partner", LONG, "2")
    assert "partner" not in repr(vars(limits))
    assert LONG not in repr(vars(limits))
    now[0] += rate.KEPT + 1
    assert not limits.repeated("partner", LONG, "2")


# -- set aside -------------------------------------------------------------------------------------


async def dataset(database: Database) -> dict[str, dict[str, str]]:
    files = await dataset_files(database, "everything")
    assert "source" not in files.responses.splitlines()[0]
    for name in ("ashdown", "birch", "unlinked"):
        assert name not in files.responses
        assert name not in files.codebook
    return {row["id"]: row for row in csv.DictReader(io.StringIO(files.responses))}


async def set_aside(database: Database, name: str, reason: str = "Key leaked", **how: Any) -> None:
    async with database.writing() as session:
        await store.set_aside(session, name, "everything", reason, by="analyst", **how)


@pytest.fixture
async def sent(client: httpx.AsyncClient, keys: None) -> dict[str, list[str]]:
    """Who sent which, as nobody can know it from outside the database."""
    return {key: await send(client, key, 12) for key in ("ashdown", "birch", "unlinked")}


async def test_one_partners_responses_are_flagged_as_a_whole_and_no_longer(
    client: httpx.AsyncClient, database: Database, sent: dict[str, list[str]]
) -> None:
    before, rows = await dataset(database), await stored(database)
    await set_aside(database, "ashdown")
    after = await dataset(database)
    assert {one for one, row in after.items() if row["flags"]} == set(sent["ashdown"])
    assert {row["flags"] for row in after.values()} == {"", "set_aside"}
    assert await stored(database) == rows  # not a byte of a response was changed
    [late] = await send(client, "ashdown")  # it was under way
    assert (await dataset(database))[late]["flags"] == "set_aside"
    await set_aside(database, "ashdown", "It was another's", back=True)
    assert {k: v for k, v in (await dataset(database)).items() if k != late} == before
    async with database.reading() as session:
        events = (await session.execute(text("SELECT action, subject, reason FROM audit"))).all()
    assert [tuple(event) for event in events][-2:] == [
        ("api_key.set_aside", "everything ashdown", "Key leaked"),
        ("api_key.take_back", "everything ashdown", "It was another's"),
    ]


async def test_a_flag_joins_what_was_noticed_before_and_survives_an_import(
    client: httpx.AsyncClient, database: Database, sent: dict[str, list[str]], tmp_path: Any
) -> None:
    for _ in range(2):
        await post(client, "ashdown", body(SAID))
    await set_aside(database, "ashdown")
    files = await dataset_files(database, "everything")
    assert Counter(row["flags"] for row in csv.DictReader(io.StringIO(files.responses))) == {
        "": 24, "set_aside": 13, "repeated set_aside": 1,
    }  # fmt: skip
    file = tmp_path / "responses.csv"
    file.write_text(files.responses)
    done = await import_file(database, "everything", file, "web", by="test")
    assert (done.stored, done.again) == (0, 38)


async def test_nothing_is_set_aside_that_would_point_at_somebody(
    client: httpx.AsyncClient, database: Database, sent: dict[str, list[str]]
) -> None:
    async with database.writing() as session:
        await store.add(session, "few", "everything", token_hash("few"), by="test", now=clock.now())
    await send(client, "few", 9)
    for name, reason, refusal in (
        ("few", "Key leaked", "Fewer than 10 responses"),
        ("unlinked", "Key leaked", "made unlinked"),
        ("nobody", "Key leaked", "has no key"),
        ("ashdown", " ", "Say why"),
    ):
        with pytest.raises(ConsultError, match=refusal):
            await set_aside(database, name, reason)
    assert {row["flags"] for row in (await dataset(database)).values()} == {""}
    await send(client, "few")
    await set_aside(database, "few")


async def test_of_an_unlinked_key_nothing_is_kept_with_a_response(
    database: Database, sent: dict[str, list[str]]
) -> None:
    linked = {str(row["id"]): row["source"] is not None for row in await stored(database)}
    assert {one for one, there in linked.items() if there} == {*sent["ashdown"], *sent["birch"]}


async def test_the_commands_say_it_in_round_numbers(
    database_url: str,
    client: httpx.AsyncClient,
    sent: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def command(*arguments: str) -> str:
        return await anyio.to_thread.run_sync(lambda: run(*arguments))

    here = ("--survey", "everything")
    assert "let the partner tell" in await command("add", "Told", *here)
    assert "let the partner tell" not in await command("add", "Free", *here, "--unlinked")
    await command("set-aside", "ashdown", *here, "--reason", "Key leaked")
    listed = {line.split()[1]: line for line in (await command("list")).splitlines()}
    assert "about 10 responses" in listed["ashdown"]
    assert listed["ashdown"].endswith("set aside")
    assert listed["Told"].endswith("fewer than 10 responses")
    assert listed["Free"].endswith("responses not linked")
    await command("set-aside", "ashdown", *here, "--reason", "Ours after all", "--back")
    assert "set aside" not in await command("list")


# -- the page --------------------------------------------------------------------------------------

PAGE = "/staff/partners/everything"


async def sign_in(client: httpx.AsyncClient, database: Database, role: str) -> None:
    email, password = f"{role}@example.org", "correct-horse-battery"
    async with database.writing() as session:
        await put_staff(session, email, role, passwords.hashed(password), by="test")
    form = {"email": email, "password": password}
    assert (await client.post("/staff/sign-in", data=form)).status_code == 303


async def test_an_analyst_sets_aside_and_counts_again_on_a_page(
    client: httpx.AsyncClient, database: Database, sent: dict[str, list[str]]
) -> None:
    await sign_in(client, database, "analyst")
    assert PAGE in (await client.get("/staff/consultations/everything")).text
    shown = (await client.get(PAGE)).text
    assert shown.count("about 10 responses") == 2
    assert "responses not linked" in shown
    assert not any(one in shown for some in sent.values() for one in some)
    for form, told in (
        ({"do": "aside", "reason": "Key leaked"}, "Select a partner"),
        ({"do": "aside", "partner": "birch", "reason": " "}, "Say why"),
        ({"do": "aside", "partner": "unlinked", "reason": "Key leaked"}, "made unlinked"),
    ):
        answer = await client.post(PAGE, data=form)
        assert answer.status_code == 422
        assert told in answer.text
    form = {"do": "aside", "partner": "birch", "reason": "Key leaked"}
    assert (await client.post(PAGE, data=form)).headers["location"] == PAGE
    assert {k for k, row in (await dataset(database)).items() if row["flags"]} == set(sent["birch"])
    assert "set aside" in (await client.get(PAGE)).text
    assert (await client.post(PAGE, data={**form, "do": "back"})).status_code == 303
    assert {row["flags"] for row in (await dataset(database)).values()} == {""}
    async with database.reading() as session:
        query = "SELECT actor, reason FROM audit WHERE action LIKE 'api_key.%a%' ORDER BY id DESC"
        last = (await session.execute(text(query))).first()
    assert last == ("analyst@example.org", "Key leaked")
    assert (await client.get("/staff/partners/nothing")).status_code == 404


async def test_nobody_else_sees_that_page(
    client: httpx.AsyncClient, database: Database, keys: None
) -> None:
    assert (await client.get(PAGE)).status_code in {303, 401, 403}
    await sign_in(client, database, "designer")
    assert (await client.get(PAGE)).status_code == 403
    assert (await client.post(PAGE, data={"do": "aside"})).status_code == 403
    assert PAGE not in (await client.get("/staff/consultations/everything")).text
