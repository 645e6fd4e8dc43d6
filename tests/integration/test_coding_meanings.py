"""A new version gives a question another meaning: what was coded stays with the earlier one."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from consult.coding import store
from consult.coding.columns import coded_files
from consult.coding.model import Place
from consult.database import Database
from consult.datasets.imports import import_file
from tests.integration.test_coding import (
    BASE,
    PLACE,
    QUESTION,
    SLUG,
    answered,  # noqa: F401  a fixture
    code_all,
    comments,
    read,
    three_codes,
    work,
)
from tests.integration.test_dataset_pages import sign_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("answered")]
EARLIER, SINCE = f"{QUESTION}__v1", Place(SLUG, QUESTION, 2)


async def signed_off(client: httpx.AsyncClient, database: Database) -> None:
    """Comments coded by a person, with a quotation and some of the check sample, signed off."""
    await read(client, database)
    await three_codes(client, database)
    for word, code in (("dog", "c2"), ("speed", "c1")):
        form = {"q": word, "all": "yes", "give": code, "act": "apply"}
        await client.post(f"{BASE}/find", data=form)
    sample = (await client.get(f"{BASE}/sample")).text
    one = re.search(r'name="comment" value="([^"]+)"', sample)
    if one:
        sent = {"act": "save", "comment": one.group(1), "code": "c3"}
        await client.post(f"{BASE}/sample", data=sent)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)


async def turned_round(client: httpx.AsyncClient, meaning: str) -> None:
    """The question worded anew in the designer, and published."""
    await sign_in(client, "designer")
    opened = await client.post("/staff/surveys/open", data={"slug": SLUG})
    base = opened.headers["location"].partition("?")[0]
    question = (await client.get(f"{base}/questions/{QUESTION}")).text
    edit = {f"words/en/questions/{QUESTION}/ask": "What would you freeze instead?"}
    edit["base"] = re.findall(r'name="base" value="(\d+)"', question)[0]
    assert (await client.post(f"{base}/field", data=edit)).status_code == 200
    page = (await client.get(f"{base}/publish")).text
    form = {"base": re.findall(r'name="base" value="(\d+)"', page)[0], "why": "Turned round"}
    done = await client.post(f"{base}/publish", data={**form, f"meaning.{QUESTION}": meaning})
    assert done.status_code == 303, done.text[-2000:]
    await sign_in(client)


async def rows(database: Database) -> tuple[list[dict[str, str]], dict[str, Any]]:
    files = await coded_files(database, SLUG)
    book = {q["id"]: q for q in json.loads(files.codebook)["questions"]}
    return list(csv.DictReader(io.StringIO(files.responses))), book


def codes(row: dict[str, str], question: str) -> list[str]:
    return [row[f"{question}__codes.c{k}"] for k in (1, 2, 3)]


async def test_signed_codes_stay_with_the_earlier_meaning(
    client: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    await signed_off(client, database)
    sample = (await client.get(f"{BASE}/agreement")).text
    before, _ = await rows(database)
    await turned_round(client, "apart")
    after, book = await rows(database)
    assert f"{QUESTION}__codes" not in book
    assert [book[f"{EARLIER}__codes"][key] for key in ("versions", "type")] == [[1], "choices"]
    assert book[f"{EARLIER}__codes"]["coded"]["of"] == EARLIER
    assert [codes(row, EARLIER) for row in after] == [codes(row, QUESTION) for row in before]
    assert any("1" in codes(row, EARLIER) for row in after)
    report = (await client.get("/staff/consultations/everything/report")).text
    assert "was coded by a frame of 3 codes, which was signed off on" in report
    # Its pages are the earlier meaning's; the question itself begins anew.
    overview = (await client.get(f"/staff/coding/{SLUG}")).text
    assert f'href="{BASE}__v1"' in overview
    assert "As it was asked until version 1" in overview
    assert "Signed off" in (await client.get(f"{BASE}__v1")).text
    assert (await client.get(f"{BASE}__v1/agreement")).text == sample.replace(BASE, f"{BASE}__v1")
    assert "have not been read yet" in (await client.get(BASE)).text
    assert (await client.get(f"{BASE}/progress")).status_code == 404
    assert (await client.get(f"{BASE}__v1/progress")).json()["step"] == "Done"

    file = tmp_path / "later.csv"
    said = [f'n{k},{("north", "south")[k % 2]},freeze,"The cost of {k} cars"' for k in range(14)]
    file.write_text("\n".join(["id,district,view,why_freeze", *said]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await read(client, database)
    async with database.reading() as session:
        new = await store.comments(session, SINCE)
        assert (await store.head(session, SINCE)).number == 0
    assert (len(new), len(await comments(database))) == (14, 62)
    # The earlier frame is one to start from; what the new meaning is coded as is its own.
    page = (await client.get(BASE)).text
    assert f'value="own:{PLACE}"' in page
    await client.post(BASE, data={"act": "start", "revision": "0", "source": f"own:{PLACE}"})
    form = {"q": "cars", "all": "yes", "give": "c3", "act": "apply"}
    await client.post(f"{BASE}/find", data=form)
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    both, book = await rows(database)
    assert book[f"{QUESTION}__codes"]["versions"] == [2]
    for row in both:
        own = codes(row, QUESTION)
        if row["survey_version"] == "2":
            assert codes(row, EARLIER) == ["(not asked)"] * 3
            assert own == (["0", "0", "1"] if row["view"] == "freeze" else ["(not asked)"] * 3)
        else:
            assert own == ["(not asked)"] * 3
    waves = await client.get(f"{BASE}/waves", params={"wave": str(PLACE)})
    assert "Speeding" in waves.text
    # The earlier meaning can still be worked on.
    form = {"q": "101", "all": "yes", "give": "c3", "act": "apply"}
    done = await client.post(f"{BASE}__v1/find", data=form)
    assert done.headers["location"].startswith(f"{BASE}__v1/find?code_of=c3&done=")
    assert (await client.post(f"{BASE}__v1/jobs", data={"kind": "read"})).status_code == 303
    await work(database)
    assert len(await comments(database)) == 62


async def test_with_the_same_meaning_nothing_moves(
    client: httpx.AsyncClient, database: Database
) -> None:
    await signed_off(client, database)
    before, _ = await rows(database)
    await turned_round(client, "same")
    after, book = await rows(database)
    assert book[f"{QUESTION}__codes"]["versions"] == [1, 2]
    assert [codes(row, QUESTION) for row in after] == [codes(row, QUESTION) for row in before]
    assert "__v" not in (await client.get(f"/staff/coding/{SLUG}")).text
    await code_all(client, database, 2)
