"""Analysts' pages for datasets: downloads, freezing, reports of what was frozen, and who may."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from analysis import dataset as datasets
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.datasets.imports import import_file
from consult.questionnaire.survey import Survey
from consult.reporting.datasets import KINDS
from tests.conftest import published

pytestmark = pytest.mark.anyio
PASSWORD = "correct-horse-battery"  # noqa: S105 - of a test's own accounts
PAGE = "/staff/datasets/everything"


@pytest.fixture
async def answered(database: Database, everything: Survey, tmp_path: Path) -> None:
    """The survey with 60 responses, and an analyst and a designer."""
    await published(database, everything)
    rows = [
        f"r{n},{('north', 'south')[n % 2]},{('freeze', 'maximum')[n % 3 == 0]},Words of {n}"
        for n in range(60)
    ]
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze", *rows]) + "\n")
    await import_file(database, "everything", file, "paper", by="test")
    await accounts(database)


async def accounts(database: Database) -> None:
    async with database.writing() as session:
        for role in ("designer", "analyst"):
            hashed = passwords.hashed(PASSWORD)
            await put_staff(session, f"{role}@example.org", role, hashed, by="test")


async def sign_in(client: httpx.AsyncClient, role: str = "analyst") -> None:
    form = {"email": f"{role}@example.org", "password": PASSWORD}
    assert (await client.post("/staff/sign-in", data=form)).status_code == 303


def unpacked(answer: httpx.Response, folder: Path) -> Path:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(folder)
    return folder


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_file_is_read_back_alike(
    client: httpx.AsyncClient, answered: None, tmp_path: Path, kind: str
) -> None:
    await sign_in(client)
    folder = unpacked(await client.get(f"{PAGE}/now/{kind}"), tmp_path / kind)
    names = {file.name for file in folder.iterdir()}
    assert names == {f"responses.{kind}", "codebook.json", "manifest.json", "population.csv"}
    read = datasets.read(folder / f"responses.{kind}", folder / "codebook.json")
    assert len(read) == 60
    assert read.distinct("district") == ["north", "south"]
    assert read.manifest.sha256 == json.loads((folder / "manifest.json").read_text())["sha256"]


async def test_a_frozen_dataset_stays_as_it_is(
    client: httpx.AsyncClient, database: Database, answered: None, tmp_path: Path
) -> None:
    await sign_in(client)
    answer = await client.post(PAGE, data={})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    report, packed = await client.get(f"{PAGE}/1/report"), await client.get(f"{PAGE}/1/csv")
    assert "Words of" not in unpacked(packed, tmp_path / "1").joinpath("responses.csv").read_text()
    async with database.writing() as session:
        await session.execute(text("DELETE FROM response WHERE answers ->> 'district' = 'north'"))
    again = await client.get(f"{PAGE}/1/report")
    assert (again.text, (await client.get(f"{PAGE}/1/csv")).content) == (
        report.text, packed.content,
    )  # fmt: skip
    assert "Frozen dataset</dt><dd>1</dd>" in report.text
    await client.post(PAGE, data={"comments": "yes"})
    second = unpacked(await client.get(f"{PAGE}/2/csv"), tmp_path / "2")
    assert "Words of" in second.joinpath("responses.csv").read_text()
    page = (await client.get(PAGE)).text
    assert page.index(">2</th>") < page.index(">1</th>")
    async with database.reading() as session:
        told = "SELECT actor FROM audit WHERE action = 'dataset.freeze'"
        assert set((await session.execute(text(told))).scalars()) == {"analyst@example.org"}


async def test_the_weighting_report_is_that_of_the_command_line(
    client: httpx.AsyncClient, answered: None
) -> None:
    await sign_in(client)
    page = await client.get(f"{PAGE}/now/weighting")
    assert page.status_code == 200
    assert "Who was under- and over-represented" in page.text
    assert "default-src" in page.headers["content-security-policy"]


async def test_only_analysts_see_datasets(client: httpx.AsyncClient, answered: None) -> None:
    paths = ["", "/now/csv", "/now/weighting", "/1/report"]
    for path in paths:
        answer = await client.get(f"{PAGE}{path}")
        assert answer.headers["location"].startswith("/staff/sign-in")
    await sign_in(client, "designer")
    assert [(await client.get(f"{PAGE}{path}")).status_code for path in paths] == [403] * 4
    assert (await client.post(PAGE, data={})).status_code == 403
    assert PAGE not in (await client.get("/staff/consultations/everything")).text


async def test_what_there_is_not_is_said(
    client: httpx.AsyncClient, database: Database, everything: Survey
) -> None:
    await published(database, everything)
    await accounts(database)
    await sign_in(client)
    assert "Nobody has answered yet" in (await client.get(PAGE)).text
    answer = await client.post(PAGE, data={})
    assert answer.status_code == 422
    assert "nothing to freeze" in answer.text
    for path, status in (
        ("/now/exe", 404), ("/x/csv", 404), ("/-1/csv", 404), ("/7/csv", 409),
        ("/99999999999/csv", 404), ("/7/report", 409), ("/now/weighting", 409), ("/now/csv", 200),
    ):  # fmt: skip
        assert (await client.get(f"{PAGE}{path}")).status_code == status, path
    assert (await client.get("/staff/datasets/nothing")).status_code == 404
