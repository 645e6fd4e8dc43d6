"""A code's figures are protected with all that is shown beside them."""

import re
from pathlib import Path

import httpx
import pytest

from analysis import pipeline
from analysis.disclosure import Rules
from consult.coding.columns import coded_dataset, coded_files
from consult.coding.frame import Code, Frame
from consult.coding.model import Place
from consult.coding.store import change as put_frame
from consult.database import Database
from tests.integration.test_coding import (
    BASE,
    QUESTION,
    SLUG,
    answered,  # noqa: F401  a fixture
    change,
    read,
    three_codes,
    work,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("answered")]
MESS, FINES = "c4", "c5"


async def coded_in_parts(client: httpx.AsyncClient, database: Database) -> None:
    """Every comment coded: of the fifteen on dogs ten on mess, five on fines."""
    await read(client, database)
    await three_codes(client, database)
    assert (await change(client, database, "split", code="c2", parts="Mess\nFines")).is_redirect
    for words, code in (
        ("speed", "c1"), ("101", "c3"), ("answered", "c3"), ("call back", "c3"), ("lead", "c3"),
        ("dog mess", MESS), ("fine the owners", FINES),
    ):  # fmt: skip
        form = {"q": words, "all": "yes", "give": code, "act": "apply"}
        assert (await client.post(f"{BASE}/find", data=form)).is_redirect


def share_of_everyone(page: str) -> str:
    [cells] = re.findall(r"Everyone who wrote</th>(.*?)</tr>", page, re.DOTALL)
    return re.findall(r"<td[^>]*>(.*?)</td>", cells)[0]


async def test_a_part_that_could_be_subtracted_is_hidden_wherever_it_is_shown(
    client: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    await coded_in_parts(client, database)
    told = {}
    for code in ("c1", "c2", MESS, FINES):
        told[code] = share_of_everyone((await client.get(f"{BASE}/codes/{code}")).text)
    assert [told[MESS], told[FINES]] == ["[c]", "[c]"]
    assert told["c1"].endswith("%")
    assert told["c2"].endswith("%")
    await client.post(f"{BASE}/jobs", data={"kind": "sign"})
    await work(database)
    report = (await client.get("/staff/consultations/everything/report")).text
    for name, hidden in (("Mess", True), ("Fines", True), ("Dogs", False), ("Speeding", False)):
        [first] = re.findall(rf"<th[^>]*>{name}</th>\s*<td[^>]*>(.*?)</td>", report, re.DOTALL)[:1]
        assert ("[c]" in first) == hidden, (name, first)
    # And so in a table that is made of the files.
    (tmp_path / "files").mkdir()
    with (await coded_files(database, SLUG)).written() as (responses, codebook, targets):
        data, _ = pipeline.prepare(responses, codebook, targets)
        (table,) = pipeline.tables(data, [f"{QUESTION}__codes"], (), Rules(10, 1))
    assert {r["category"] for r in table.rows() if r["suppressed"]} == {MESS, FINES}


async def test_other_questions_codes_are_protected_with_them(
    client: httpx.AsyncClient, database: Database
) -> None:
    await coded_in_parts(client, database)
    other = Place(SLUG, "thanks_for_paying")
    async with database.writing() as session:
        await put_frame(session, other, 0, Frame((Code("c1", "Parks"),), 2), "Made", by="test")
    signed = await coded_dataset(database, SLUG)
    assert "__codes" not in signed.codebook
    beside = await coded_dataset(database, SLUG, signed=False)
    assert f"{QUESTION}__codes.{MESS}" in beside.frame.columns
    assert "thanks_for_paying__codes.c1" in beside.frame.columns
