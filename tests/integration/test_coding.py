"""From comments to signed codes over HTTP: reading, the frame, coding, finding, agreement."""

import asyncio
import csv
import io
import re
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from consult.coding import store
from consult.coding.columns import coded_dataset, coded_files
from consult.coding.frame import Code, Frame
from consult.coding.model import Comment, Place
from consult.database import Database
from consult.datasets.frozen import freeze, thawed
from consult.datasets.imports import import_file
from consult.jobs import running
from consult.jobs import store as jobs
from consult.questionnaire.survey import Survey
from consult.worker import WORKS
from tests.conftest import published
from tests.integration.test_dataset_pages import accounts, sign_in

pytestmark = pytest.mark.anyio
SLUG, QUESTION = "everything", "why_freeze"
PLACE = Place(SLUG, QUESTION)
BASE = f"/staff/coding/{SLUG}/{QUESTION}"
SAID = {
    "Speeding": ["Cars speed past the school", "Too much speeding on our road",
                 "Speeding drivers need cameras", "A speed limit that nobody keeps"],
    "Dogs": ["Dog mess on the pavement", "Fine the owners of dogs", "Dogs off the lead in the park",
             "Dog mess by the bench again"],
    "Calls": ["Nobody answers 101", "I rang 101 and waited an hour", "The phone was not answered",
              "Waited long for a call back"],
}  # fmt: skip


FILLER = (
    "honestly terrible lately since Easter nobody cares",
    "week after week it only gets worse here",
    "my mother is eighty and worries",
    "it was never so when we moved in",
    "please do something before winter comes",
)


def comment(number: int) -> str:
    kind = list(SAID.values())[number % 3]
    return f"{kind[number // 3 % 4]}, {FILLER[number // 12]}, that is my word"


@pytest.fixture
async def answered(database: Database, everything: Survey, tmp_path: Path) -> None:
    """60 responses with comments on three things, one that says nothing, one with a name."""
    await published(database, everything)
    rows = [f'r{n},{("north", "south")[n % 2]},freeze,"{comment(n)}"' for n in range(60)]
    rows += [
        "r60,north,freeze,n/a",
        'r61,south,freeze,"My neighbour Sarah Whitfield speeds, ring 07700 900123"',
    ]
    rows += [f"r{n},north,maximum," for n in range(62, 70)]
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze", *rows]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await accounts(database)


async def work(database: Database) -> None:
    while await running.do_next(database, WORKS):
        pass


async def read(client: httpx.AsyncClient, database: Database) -> None:
    await sign_in(client)
    answer = await client.post(f"{BASE}/jobs", data={"kind": "read"})
    assert (answer.status_code, answer.headers["location"]) == (303, BASE)
    await work(database)


async def revision(database: Database) -> str:
    async with database.reading() as session:
        return str((await store.head(session, PLACE)).number)


async def change(
    client: httpx.AsyncClient, database: Database, act: str, **form: Any
) -> httpx.Response:
    sent = {"act": act, "revision": await revision(database), **form}
    return await client.post(BASE, data=sent)


async def three_codes(client: httpx.AsyncClient, database: Database) -> None:
    for name, said in SAID.items():
        done = await change(client, database, "add", name=name, description=" ".join(said))
        assert done.status_code == 303, done.text


async def code_all(client: httpx.AsyncClient, database: Database, count: int) -> None:
    """Code comments as a person would who knows what each is about."""
    for _ in range(count):
        page = await client.get(f"{BASE}/next")
        one, code = asked(page.text)
        done = await client.post(f"{BASE}/next", data={"act": "save", "comment": one, "code": code})
        assert done.headers["location"].startswith(f"{BASE}/next?saved=1"), done.text


def asked(page: str) -> tuple[str, str]:
    """The comment of a page, and the code it should have."""
    one = re.search(r'name="comment" value="([^"]+)"', page)
    words = re.search(r'class="coding-comment"[^>]*>(.*?)</blockquote>', page, re.DOTALL)
    assert one
    assert words
    said = re.sub("<[^>]+>", "", words.group(1)).lower()
    code = "c2" if "dog" in said else "c1" if "speed" in said else "c3"
    return one.group(1), code


async def comments(database: Database) -> list[Comment]:
    async with database.reading() as session:
        return await store.comments(session, PLACE)


async def audit(raw: asyncpg.Connection) -> set[str]:
    rows = await raw.fetch("SELECT action FROM audit WHERE action LIKE 'coding.%'")
    return {row["action"] for row in rows}


async def test_reading_sets_apart_and_takes_names_out(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await sign_in(client)
    assert "have not been read yet" in (await client.get(BASE)).text
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    waiting = await client.get(BASE)
    assert "Waiting to begin" in waiting.text
    told = (await client.get(f"{BASE}/progress")).json()
    assert told["under_way"]
    await raw.execute("UPDATE job SET asked_at = asked_at - interval '1 minute'")
    assert "whether its worker runs" in (await client.get(BASE)).text
    await work(database)
    assert not (await client.get(f"{BASE}/progress")).json()["under_way"]
    found = await comments(database)
    assert len(found) == 62
    assert [c.text for c in found if c.apart] == ["n/a"]
    assert not any("Whitfield" in c.text or "07700" in c.text for c in found)
    page = (await client.get(BASE)).text
    assert "8 without an answer" in page
    assert "Take the chosen into the frame" in page
    apart = (await client.get(f"{BASE}/find?code_of=apart")).text
    assert "Not read: says nothing" in apart
    overview = (await client.get(f"/staff/coding/{SLUG}")).text
    assert f'href="{BASE}"' in overview


async def test_a_second_click_finds_the_first_ones_job(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await sign_in(client)
    await asyncio.gather(*(client.post(f"{BASE}/jobs", data={"kind": "read"}) for _ in range(5)))
    assert await raw.fetchval("SELECT count(*) FROM job") == 1
    assert (await client.post(f"{BASE}/jobs", data={"kind": "x"})).status_code == 404


async def test_a_job_whose_worker_was_killed_is_begun_again(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await sign_in(client)
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    async with database.writing() as session:
        taken = await jobs.take(session)
    assert taken
    assert taken.left(taken.asked_at) == ""
    assert not await running.do_next(database, WORKS)  # it has a worker
    await raw.execute("UPDATE job SET beat_at = beat_at - interval '1 minute', share = 0.5")
    assert await running.do_next(database, WORKS)
    assert len(await comments(database)) == 62
    assert await raw.fetchval("SELECT state FROM job") == "done"


async def test_a_job_that_fails_says_why(
    client: httpx.AsyncClient, database: Database, everything: Survey, raw: asyncpg.Connection
) -> None:
    await published(database, everything)
    await accounts(database)
    await read(client, database)
    assert "Nobody has answered this question yet" in (await client.get(BASE)).text
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("Sarah Whitfield")

    assert await running.do_next(database, {"sign": broken})
    page = (await client.get(BASE)).text
    assert running.UNKNOWN.split(".")[0] in page
    assert "Whitfield" not in page
    assert await raw.fetchval("SELECT count(*) FROM job WHERE state = 'failed'") == 2


async def test_the_frame_is_changed_taken_back_and_never_over_somebody_elses(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    await three_codes(client, database)
    assert (await change(client, database, "merge", code=["c2", "c3"])).status_code == 303
    page = (await client.get(BASE)).text
    assert "Merged “Dogs” and “Calls” into “Dogs”" in page
    assert "in-c3" not in page
    # Somebody who saw an earlier state.
    late = await client.post(BASE, data={"act": "delete", "code": "c1", "revision": "3"})
    assert late.status_code == 422
    assert "has changed the frame meanwhile: Merged" in late.text
    await change(client, database, "undo")
    assert "in-c3" in (await client.get(BASE)).text
    for _ in range(3):
        await change(client, database, "undo")
    empty = await change(client, database, "undo")
    assert empty.status_code == 422
    assert "nothing to take back" in empty.text
    history = (await client.get(f"{BASE}/history")).text
    assert history.count("Took back") == 4
    await change(client, database, "start", source="file:warwickshire-2016-concerns")
    assert "Firearms licensing" in (await client.get(BASE)).text
    frame = list(csv.DictReader(io.StringIO((await client.get(f"{BASE}/frame.csv")).text)))
    assert len(frame) == 8
    assert {"coding.read", "coding.frame"} <= await audit(raw)


async def test_a_frame_starts_from_a_file(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    for content, says in (
        (b"name\nRoads\n,\n", "Line 3 has no name"), (b"\xff\xfe", "not in UTF-8"),
        (b"colour\nred\n", "first line must be"),
    ):  # fmt: skip
        sent = {"act": "start", "revision": await revision(database)}
        file = {"file": ("frame.csv", content, "text/csv")}
        answer = await client.post(BASE, data=sent, files=file)
        assert answer.status_code == 422
        assert says in answer.text
    sent = {"act": "start", "revision": await revision(database)}
    file = {"file": ("frame.csv", "\ufeffname\nRoads\nپولیس 🚓\n".encode(), "text/csv")}
    assert (await client.post(BASE, data=sent, files=file)).status_code == 303
    assert "پولیس 🚓" in (await client.get(BASE)).text
    assert (await change(client, database, "start", source="own:nowhere x")).status_code == 422


async def test_comments_are_coded_and_the_machine_learns(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    assert (await client.get(f"{BASE}/next")).status_code == 303  # no frame yet
    await three_codes(client, database)
    await code_all(client, database, 12)
    page = (await client.get(f"{BASE}/next")).text
    assert "12 of 61 comments coded by people" in page
    assert "% likely" in page
    one, _ = asked(page)
    nothing = await client.post(f"{BASE}/next", data={"act": "save", "comment": one})
    assert nothing.status_code == 422
    assert "Choose one or more codes" in nothing.text
    assert asked(nothing.text)[0] == one
    passed = await client.post(f"{BASE}/next", data={"act": "pass", "comment": one})
    assert asked((await client.get(passed.headers["location"])).text)[0] != one
    await client.post(f"{BASE}/next", data={"act": "none", "comment": one})
    back = await client.post(f"{BASE}/next", data={"act": "undo"})
    assert one in back.headers["location"]
    await client.post(f"{BASE}/jobs", data={"kind": "machine"})
    await work(database)
    async with database.reading() as session:
        machine = await store.assignments(session, PLACE, machine=True)
    assert len(machine) == 61 - 12
    texts = {c.id: c.text.lower() for c in await comments(database)}
    right = sum(said.codes == (asked_of(texts[one]),) for one, said in machine.items())
    assert right >= 40
    assert all(said.by == "" and said.confidence is not None for said in machine.values())
    assert {"coding.assign", "coding.machine", "coding.undo"} <= await audit(raw)


def asked_of(said: str) -> str:
    return "c2" if "dog" in said else "c1" if "speed" in said else "c3"


async def test_finding_and_coding_many_at_once(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    page = (await client.post(f"{BASE}/find", data={"q": "DOG", "act": "find"})).text
    # What somebody wrote is in no address.
    assert "comments with" not in (await client.get(f"{BASE}/find", params={"q": "dog"})).text
    assert "20 comments with “DOG”" in page
    assert '<mark class="coding-word">Dog</mark>' in page
    nowhere = await client.post(f"{BASE}/find", data={"q": "100%_", "act": "find"})
    assert "0 comments with" in nowhere.text
    form = {"q": "dog", "all": "yes", "give": "c2", "act": "preview"}
    preview = await client.post(f"{BASE}/find", data=form)
    assert "to 20 comments" in preview.text
    async with database.reading() as session:
        assert not await store.assignments(session, PLACE)
    done = await client.post(f"{BASE}/find", data={**form, "act": "apply"})
    assert done.headers["location"] == f"{BASE}/find?code_of=c2&done=20"
    listed = (await client.get(done.headers["location"])).text
    assert "20 comments were coded" in listed
    again = await client.post(f"{BASE}/find", data=form)
    assert "20 have it already" in again.text
    like = str((await comments(database))[0].id)
    near = (await client.get(f"{BASE}/find", params={"like": like})).text
    assert "like this one" in near
    theme = await client.get(f"{BASE}/find?theme=t1")
    assert "in the candidate" in theme.text
    for bad, says in (
        ({"q": "dog", "give": "c2"}, "Choose one or more comments"),
        ({"q": "dog", "all": "yes"}, "Choose the code"),
    ):
        answer = await client.post(f"{BASE}/find", data=bad)
        assert answer.status_code == 422
        assert says in answer.text
    await client.post(f"{BASE}/next", data={"act": "undo"})
    async with database.reading() as session:
        assert not await store.assignments(session, PLACE)


async def test_copies_are_coded_together(
    client: httpx.AsyncClient, database: Database, everything: Survey, tmp_path: Path
) -> None:
    letter = "We ask you to freeze the council tax this year because families cannot pay any more"
    rows = [f'r{n},north,freeze,"{letter if n < 12 else comment(n)}"' for n in range(40)]
    await published(database, everything)
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze", *rows]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await accounts(database)
    await read(client, database)
    await three_codes(client, database)
    one = next(c for c in await comments(database) if "families" in c.text and c.first is None)
    page = (await client.get(f"{BASE}/next?comment={one.id}")).text
    assert "Also the 11 others with the same words" in page
    sent = {"act": "save", "comment": str(one.id), "code": "c3", "copies": "yes"}
    await client.post(f"{BASE}/next", data=sent)
    async with database.reading() as session:
        assert len(await store.assignments(session, PLACE)) == 12


async def test_the_check_sample_and_signing_off(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    assert "Nobody has coded a comment by this frame yet" in (await client.get(BASE)).text
    await code_all(client, database, 9)
    assert "Nobody has coded a comment of the" in (await client.get(f"{BASE}/agreement")).text
    for _ in range(12):
        page = (await client.get(f"{BASE}/sample")).text
        assert "likely" not in page
        one, code = asked(page)
        sent = {"act": "save", "comment": one, "code": code}
        assert (await client.post(f"{BASE}/sample", data=sent)).status_code == 303
    assert (await client.post(f"{BASE}/sample", data={"comment": "x"})).status_code == 404
    async with database.writing() as session:
        # A second coder who differs in one of ten.
        blind = await store.coded_blind(session, PLACE)
        first = {one: next(iter(many.values())).codes for one, many in blind.items()}
        other = dict(list(first.items())[:10])
        other[next(iter(other))] = ("c1", "c2", "c3")
        await store.assign(session, PLACE, other, by="bob@example.org", frame=3, blind=True)
    page = (await client.get(f"{BASE}/agreement")).text
    assert "over 10 comments that two people coded" in page
    assert "Over 12 comments of the" in page
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    async with database.reading() as session:
        head = await store.head(session, PLACE)
    assert head.signed
    assert head.agreement
    assert head.agreement["coded"] == 12
    assert 0.5 < head.agreement["people"]["alpha"] < 1
    report = (await client.get("/staff/consultations/everything/report")).text
    assert "was coded by a frame of 3 codes, which was signed off on" in report
    assert "On 12 comments drawn by chance" in report
    assert "Krippendorff’s alpha" in report
    assert 'id="comments-2"' not in report  # of the other question alone
    # A later change is not reported before it is signed off.
    await change(client, database, "rename", code="c1", name="Fast cars")
    assert "Fast cars" not in (await client.get("/staff/consultations/everything/report")).text
    undo = await change(client, database, "undo")
    assert undo.status_code == 303


async def test_codes_are_columns_of_every_dataset(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    before = await coded_files(database, SLUG)
    assert "__codes" not in before.codebook
    await code_all(client, database, 9)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    files = await coded_files(database, SLUG)
    rows = list(csv.DictReader(io.StringIO(files.responses)))
    own = [[row[f"{QUESTION}__codes.c{k}"] for k in (1, 2, 3)] for row in rows]
    assert sum(cells == ["", "", ""] for cells in own) == 1  # “n/a”
    assert sum(cells == ["(not asked)"] * 3 for cells in own) == 8
    for row, cells in zip(rows, own, strict=True):
        if "dog" in row[QUESTION].lower():
            assert cells[1] == "1"
    frozen = await freeze(database, await coded_dataset(database, SLUG), by="test")
    kept = await thawed(database, SLUG, frozen.number)
    assert f"{QUESTION}__codes.c1" in kept.responses
    assert "my word" not in kept.responses
    for kind in ("xlsx", "sav", "parquet"):
        assert (await client.get(f"/staff/datasets/{SLUG}/now/{kind}")).status_code == 200


async def test_a_codes_page_and_its_quotations(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    await client.post(f"{BASE}/find", data={"q": "dog", "all": "yes", "give": "c2", "act": "apply"})
    page = (await client.get(f"{BASE}/codes/c2")).text
    assert "20 comments" in page
    assert "Who says so" in page
    assert "District" in page
    one = re.search(r'name="comment" value="([^"]+)"', page)
    assert one
    own = next(c for c in await comments(database) if str(c.id) == one.group(1))
    for passage, says in (
        ("Words that nobody wrote at all here", "in the words of the comment"),
        (own.text[:5], "letters"),
    ):
        sent = {"act": "approve", "comment": str(own.id), "passage": passage}
        answer = await client.post(f"{BASE}/codes/c2", data=sent)
        assert answer.status_code == 422
        assert says in answer.text
    sent = {"act": "approve", "comment": str(own.id), "passage": own.text[:40]}
    assert (await client.post(f"{BASE}/codes/c2", data=sent)).status_code == 303
    # Of each code and of its contrary more than ten, whatever the machine makes of the rest.
    speed = {"q": "speed", "all": "yes", "give": "c1", "act": "apply"}
    await client.post(f"{BASE}/find", data=speed)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    report = (await client.get("/staff/consultations/everything/report")).text
    assert f"<blockquote><p>{own.text[:40].strip()}" in report
    await client.post(f"{BASE}/codes/c2", data={"act": "withdraw", "comment": str(own.id)})
    assert "None is approved" in (await client.get(f"{BASE}/codes/c2")).text
    assert (await client.get(f"{BASE}/codes/c9")).status_code == 404


async def test_what_was_said_of_an_answer_goes_with_it(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    await three_codes(client, database)
    await client.post(f"{BASE}/find", data={"q": "dog", "all": "yes", "give": "c2", "act": "apply"})
    ids = [c.id for c in await comments(database) if "dog" in c.text.lower()]
    changed = "UPDATE response SET answers = jsonb_set(answers, '{why_freeze}', '\"New\"')"
    async with database.writing() as session:
        await session.execute(text(f"{changed} WHERE id = :one"), {"one": ids[0]})
        await session.execute(
            text("UPDATE response SET withdrawn = true, answers = '{}' WHERE id = :one"),
            {"one": ids[1]},
        )
        other = "UPDATE response SET answers = jsonb_set(answers, '{district}', '\"south\"')"
        await session.execute(text(f"{other} WHERE id = :one"), {"one": ids[2]})
    left = {c.id for c in await comments(database)}
    assert ids[0] not in left
    assert ids[1] not in left
    assert ids[2] in left
    assert await raw.fetchval("SELECT count(*) FROM assignment") == 18
    # A page that was open meanwhile says so, and loses nothing else.
    late = await client.post(
        f"{BASE}/next", data={"act": "save", "comment": str(ids[1]), "code": "c2"}
    )
    assert late.status_code == 409
    assert "taken back or changed" in late.text
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    await work(database)
    assert ids[0] in {c.id for c in await comments(database)}
    async with database.reading() as session:
        assert len(await store.assignments(session, PLACE)) == 18


async def test_what_was_taken_out_is_shown_to_who_asks_and_that_is_kept(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    await three_codes(client, database)
    one = next(c for c in await comments(database) if "[NAME]" in c.text)
    page = (await client.get(f"{BASE}/next?comment={one.id}")).text
    assert "Whitfield" not in page
    assert "coding.original" not in await audit(raw)
    shown = await client.post(f"{BASE}/next", data={"act": "original", "comment": str(one.id)})
    assert "Sarah Whitfield" in shown.text
    assert "coding.original" in await audit(raw)


async def test_letters_that_many_sent_are_shown_with_where_they_differ(
    client: httpx.AsyncClient, database: Database, everything: Survey, tmp_path: Path
) -> None:
    letter = (
        "I write to ask the Commissioner to keep the rural crime team because our farms and"
        " villages have lost {} machines this year and nobody came when we rang"
    )
    rows = [f'r{n},north,freeze,"{letter.format(("two", "many")[n > 8])}"' for n in range(14)]
    rows += [f'r{n},south,freeze,"{comment(n)}"' for n in range(14, 50)]
    await published(database, everything)
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze", *rows]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await accounts(database)
    await read(client, database)
    assert "14 comments came in" in (await client.get(BASE)).text
    page = (await client.get(f"{BASE}/campaigns")).text
    assert "14 copies" in page
    assert 'have lost <mark class="coding-word">two</mark> machines' in page


async def test_a_frame_is_carried_to_the_next_wave(
    client: httpx.AsyncClient, database: Database, answered: None, everything: Survey
) -> None:
    await read(client, database)
    await three_codes(client, database)
    for word, code in (("speed", "c1"), ("dog", "c2")):
        form = {"q": word, "all": "yes", "give": code, "act": "apply"}
        await client.post(f"{BASE}/find", data=form)
    assert "No other question has a code frame" in (await client.get(f"{BASE}/waves")).text
    last_year = await store_frame_of_last_year(database)
    page = await client.get(f"{BASE}/waves", params={"wave": str(last_year)})
    assert page.status_code == 200
    assert "Speeding" in page.text
    assert ">New<" in page.text
    assert ">Gone<" in page.text
    assert (await client.get(f"{BASE}/waves?wave=nowhere x")).status_code == 404


async def store_frame_of_last_year(database: Database) -> Place:
    """The frame of another question, from which Dogs are missing and which has Parks besides."""
    place = Place(SLUG, "thanks_for_paying")
    frame = Frame((Code("c1", "Speeding"), Code("c3", "Calls"), Code("c9", "Parks")), 10)
    async with database.writing() as session:
        await store.change(session, place, 0, frame, "Made", by="test")
    return place


async def test_who_takes_an_answer_back_while_it_is_read_is_not_written_back(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    found = await comments(database)
    async with database.reading() as session:
        before = await store.states(session, SLUG)
        reading = await store.reading(session, PLACE)
    assert reading
    async with database.writing() as session:
        gone = "UPDATE response SET withdrawn = true, answers = '{}' WHERE id = :one"
        await session.execute(text(gone), {"one": found[0].id})
        new = "UPDATE response SET answers = jsonb_set(answers, '{why_freeze}', '\"New\"')"
        await session.execute(text(f"{new} WHERE id = :one"), {"one": found[1].id})
    async with database.writing() as session:
        await store.keep_reading(session, PLACE, found, reading, before)
    left = {c.id for c in await comments(database)}
    assert left == {c.id for c in found[2:]}


async def test_words_of_who_took_them_back_are_on_no_page(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    async with database.reading() as session:
        reading = await store.reading(session, PLACE)
    assert reading
    example = next(one for theme in reading.themes for one in theme["examples"])
    said = next(c.text for c in await comments(database) if str(c.id) == example["id"])
    said = said[example["start"] : example["end"]]
    assert said in (await client.get(BASE)).text
    gone = "UPDATE response SET withdrawn = true, answers = '{}' WHERE id = $1::uuid"
    await raw.execute(gone, example["id"])
    assert said not in (await client.get(BASE)).text
    assert await raw.fetchval("SELECT count(*) FROM reading WHERE themes::text LIKE $1",
                              f"%{said}%") == 0  # fmt: skip


async def test_what_is_signed_stays_until_it_is_signed_again(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    # A number that was taken back is not given again.
    await change(client, database, "add", name="Potholes")
    await change(client, database, "undo")
    await change(client, database, "add", name="Praise")
    async with database.reading() as session:
        assert (await store.head(session, PLACE)).frame.codes[-1].id == "c5"
    await code_all(client, database, 9)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    before = (await coded_files(database, SLUG)).responses
    await code_all(client, database, 3)
    dogs = {"q": "dog", "all": "yes", "give": "c1", "act": "apply"}
    await client.post(f"{BASE}/find", data=dogs)
    assert (await coded_files(database, SLUG)).responses == before
    await client.post(f"{BASE}/jobs", data={"kind": "machine"})
    await work(database)
    page = (await client.get(BASE)).text
    assert "Sign again" in page
    assert "Sign off again" in page
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    assert (await client.post(f"{BASE}/jobs", data={"kind": "read"})).status_code == 409
    await work(database)
    assert (await coded_files(database, SLUG)).responses != before


async def test_an_answer_off_the_path_is_counted_nowhere(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await read(client, database)
    await three_codes(client, database)
    await code_all(client, database, 9)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    one = (await comments(database))[0].id
    await raw.execute(
        "UPDATE response SET answers = jsonb_set(answers, '{view}', '\"maximum\"') WHERE id = $1",
        one,
    )
    rows = csv.DictReader(io.StringIO((await coded_files(database, SLUG)).responses))
    row = next(row for row in rows if row["id"] == str(one))
    assert {row[QUESTION], row[f"{QUESTION}__codes.c1"]} == {"(not asked)"}
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    await work(database)
    assert one not in {c.id for c in await comments(database)}


async def test_a_comment_given_a_whole_is_not_asked_again(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    await change(client, database, "split", code="c1", parts="Cameras\nLimits")
    one, _ = asked((await client.get(f"{BASE}/next")).text)
    await client.post(f"{BASE}/next", data={"act": "save", "comment": one, "code": "c1"})
    assert asked((await client.get(f"{BASE}/next")).text)[0] != one


async def test_two_people_at_one_comment(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    page = (await client.get(f"{BASE}/next")).text
    one, _ = asked(page)
    async with database.writing() as session:
        said = {comment.id: ("c1",) for comment in await store.comments(session, PLACE)
                if str(comment.id) == one}  # fmt: skip
        await store.assign(session, PLACE, said, by="bob@example.org", frame=3)
    late = {"act": "save", "comment": one, "code": "c2", "last": ""}
    told = await client.post(f"{BASE}/next", data=late)
    assert told.status_code == 422
    assert "bob@example.org has coded this comment meanwhile" in told.text
    last = re.search(r'name="last" value="([^"]+)"', told.text)
    assert last
    again = await client.post(f"{BASE}/next", data={**late, "last": last.group(1)})
    assert again.status_code == 303
    double = await client.post(f"{BASE}/next", data={**late, "last": last.group(1)})
    assert double.headers["location"].startswith(f"{BASE}/next?saved=1")
    # Bob's stays when somebody else takes theirs back.
    await client.post(f"{BASE}/next", data={"act": "undo"})
    async with database.reading() as session:
        [left] = (await store.assignments(session, PLACE)).values()
    assert (left.by, left.codes) == ("bob@example.org", ("c1",))


async def test_what_was_said_blind_or_signed(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    first, code = asked((await client.get(f"{BASE}/sample")).text)
    await client.post(f"{BASE}/sample", data={"act": "save", "comment": first, "code": code})
    assert asked((await client.get(f"{BASE}/sample")).text)[0] != first
    await client.post(f"{BASE}/sample", data={"act": "undo"})
    assert asked((await client.get(f"{BASE}/sample")).text)[0] == first
    await code_all(client, database, 6)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    signed = await client.post(f"{BASE}/next", data={"act": "undo"})
    assert "nothing of yours to take back" in signed.text


async def test_only_analysts_code(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    paths = [
        "",
        "/next",
        "/find",
        "/sample",
        "/agreement",
        "/waves",
        "/history",
        "/frame.csv",
        "/progress",
    ]
    for path in paths:
        answer = await client.get(f"{BASE}{path}")
        assert answer.headers["location"].startswith("/staff/sign-in")
    await sign_in(client, "designer")
    assert {(await client.get(f"{BASE}{path}")).status_code for path in paths} == {403}
    assert {
        (await client.post(f"{BASE}{path}", data={})).status_code
        for path in ("", "/jobs", "/next", "/find", "/sample", "/codes/c1")
    } == {403}


async def test_addresses_of_nothing(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await read(client, database)
    await three_codes(client, database)
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in (
        "/staff/coding/nothing", f"/staff/coding/{SLUG}/district", f"{BASE}/next?comment=x",
        f"{BASE}/next?comment={nobody}", f"{BASE}/find?like={nobody}", f"{BASE}/find?like=x",
        "/staff/coding/everything/nothing/progress",
    ):  # fmt: skip
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(f"{BASE}/find?code_of=c77")).status_code == 409
