"""One frame over several questions: read, coded and signed off together, counted apart and over."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from consult.coding import store
from consult.coding.columns import coded_files
from consult.coding.model import Comment, Place
from consult.database import Database
from consult.datasets.imports import import_file
from consult.questionnaire.survey import Survey
from tests.conftest import published
from tests.integration.test_coding import BASE, PLACE, QUESTION, SLUG, change, three_codes, work
from tests.integration.test_dataset_pages import accounts, sign_in

pytestmark = pytest.mark.anyio
OTHER = Place(SLUG, "thanks_for_paying")
BOTH = f"{QUESTION}__codes_any"


def said(number: int) -> tuple[str, str, str]:
    """A view, and what is said to each question: some answer one, some the other, some both."""
    if number < 30:
        return "freeze", f"Dog mess by bench number {number}", ""
    if number < 50:
        return "freeze", f"Cars speed past house {number}", f"And dogs bark at number {number}"
    return "maximum", "", f"Nobody answers 101, I rang {number} times"


@pytest.fixture
async def answered(database: Database, everything: Survey, tmp_path: Path) -> None:
    """80 responses to two questions in own words."""
    await published(database, everything)
    lines = [f"id,district,view,{QUESTION},pay,{OTHER.question}"]
    for number in range(80):
        view, why, thanks = said(number)
        lines.append(f'r{number},north,{view},"{why}",25,"{thanks}"')
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(lines) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await accounts(database)


async def comments(database: Database) -> list[Comment]:
    async with database.reading() as session:
        return await store.comments(session, PLACE)


async def read(client: httpx.AsyncClient, database: Database) -> None:
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    await work(database)


async def together(client: httpx.AsyncClient, database: Database) -> None:
    await sign_in(client)
    await three_codes(client, database)
    assert (await change(client, database, "join", other=str(OTHER))).is_redirect
    await read(client, database)


async def rows(database: Database) -> tuple[list[dict[str, str]], dict[str, Any]]:
    files = await coded_files(database, SLUG)
    book = {q["id"]: q for q in json.loads(files.codebook)["questions"]}
    return list(csv.DictReader(io.StringIO(files.responses))), book


async def test_two_questions_are_coded_by_one_frame(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await together(client, database)
    found = await comments(database)
    assert sorted({c.asked for c in found}) == ["", OTHER.question]
    assert len(found) == 50 + 50
    page = (await client.get(BASE)).text
    assert "answers to 2 questions" in page
    assert "Let it go" in page
    overview = (await client.get(f"/staff/coding/{SLUG}")).text
    assert "Coded together with" in overview
    # The other question's pages are the frame's.
    assert (
        f'action="{BASE}/jobs"' in (await client.get(f"/staff/coding/{SLUG}/{OTHER.question}")).text
    )
    for path in ("next", "sample", "find?code_of=unsure"):
        shown = (await client.get(f"{BASE}/{path}")).text
        assert "It answers “" in shown or path.startswith("find"), path
    bark = (await client.post(f"{BASE}/find", data={"q": "bark", "act": "find"})).text
    assert bark.count("It answers “") == 20

    for words, code in (("dog", "c2"), ("speed", "c1"), ("101", "c3")):
        form = {"q": words, "all": "yes", "give": code, "act": "apply"}
        assert (await client.post(f"{BASE}/find", data=form)).is_redirect
    code_page = (await client.get(f"{BASE}/codes/c2")).text
    assert "50 comments" in code_page
    assert "Of each question" in code_page
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    table, book = await rows(database)
    names = [f"{QUESTION}__codes", f"{OTHER.question}__codes", BOTH]
    assert [name in book for name in names] == [True, True, True]
    assert book[BOTH]["over"] == names[:2]
    assert [book[name]["coded"]["people"] for name in names] == [50, 50, 100]
    for row in table:
        one, other, both = ([row[f"{name}.c{k}"] for k in (1, 2, 3)] for name in names)
        if "bark" in row[OTHER.question]:
            assert [one, other, both] == [["1", "0", "0"], ["0", "1", "0"], ["1", "1", "0"]]
        elif row[QUESTION] not in ("", "(not asked)"):
            assert [one, both] == [["0", "1", "0"]] * 2
            assert other in ([""] * 3, ["(not asked)"] * 3)
        else:
            assert [other, both] == [["0", "0", "1"]] * 2
    report = (await client.get("/staff/consultations/everything/report")).text
    assert report.count("was coded by a frame of 3 codes") == 3


async def test_a_question_is_let_go_of(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await together(client, database)
    again = await change(client, database, "join", other=str(OTHER))
    assert again.status_code == 422
    assert "not coded yet" in again.text
    assert (await change(client, database, "join", other="elsewhere x v1")).status_code == 422
    assert (await change(client, database, "part", other=str(OTHER))).is_redirect
    assert "Let go of" in (await client.get(f"{BASE}/history")).text
    # Until all is read again its comments wait unseen.
    bark = (await client.post(f"{BASE}/find", data={"q": "bark", "act": "find"})).text
    assert "0 comments with" in bark
    await change(client, database, "undo")
    bark = (await client.post(f"{BASE}/find", data={"q": "bark", "act": "find"})).text
    assert "20 comments with" in bark
    # A question with a frame of its own is not taken in.
    await change(client, database, "part", other=str(OTHER))
    own = f"/staff/coding/{SLUG}/{OTHER.question}"
    await client.post(own, data={"act": "add", "name": "Mine", "revision": "0"})
    assert (await change(client, database, "join", other=str(OTHER))).status_code == 422


async def test_what_was_signed_together_gives_way_to_a_frame_of_its_own(
    client: httpx.AsyncClient, database: Database, answered: None
) -> None:
    await together(client, database)
    for words, code in (("dog", "c2"), ("speed", "c1"), ("101", "c3")):
        form = {"q": words, "all": "yes", "give": code, "act": "apply"}
        await client.post(f"{BASE}/find", data=form)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    await change(client, database, "part", other=str(OTHER))
    assert BOTH in (await rows(database))[1]  # signed is signed
    own = f"/staff/coding/{SLUG}/{OTHER.question}"
    await client.post(f"{own}/jobs", data={"kind": "read"})
    await work(database)
    await client.post(own, data={"act": "add", "name": "Ringing", "revision": "0"})
    form = {"q": "101", "all": "yes", "give": "c1", "act": "apply"}
    await client.post(f"{own}/find", data=form)
    await client.post(f"{own}/jobs", data={"kind": "sign"})
    await work(database)
    _, book = await rows(database)
    assert BOTH not in book
    mine = book[f"{OTHER.question}__codes"]["options"]
    assert [option["label"]["en"] for option in mine] == ["Ringing"]
    assert len(book[f"{QUESTION}__codes"]["options"]) == 3


async def test_a_comment_goes_with_the_answer_it_was(
    client: httpx.AsyncClient, database: Database, answered: None, raw: asyncpg.Connection
) -> None:
    await together(client, database)
    both = next(c for c in await comments(database) if "bark" in c.text)
    shown = await client.post(f"{BASE}/next", data={"act": "original", "comment": str(both.id)})
    assert re.search(r"As it was written</h3>\s*<p[^>]*>And dogs bark at number \d", shown.text)
    changed = "UPDATE response SET answers = jsonb_set(answers, $1, '\"New\"') WHERE id = $2"
    await raw.execute(changed, [OTHER.question], both.response)
    left = [c for c in await comments(database) if c.response == both.response]
    assert [c.asked for c in left] == [""]
    await raw.execute("UPDATE response SET withdrawn = true, answers = '{}' WHERE id = $1",
                      both.response)  # fmt: skip
    assert both.response not in {c.response for c in await comments(database)}
