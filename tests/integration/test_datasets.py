"""Responses out to files and back in."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.imports import ImportRefused, import_file
from consult.errors import ConsultError
from consult.questionnaire.answers import Choice, LongText
from consult.questionnaire.model import Survey
from tests.conftest import published

pytestmark = pytest.mark.anyio
HEADER = "id,district,view,why_freeze,priorities.roads,priorities.burglary,priorities.patrols"
GOOD = f"""{HEADER},priorities.none_of_these,pay
a1,north,freeze,"Too, dear
really",1,0,0,0,12.5
a2,South,maximum,left over,0,1,1,0,
a3,,,,,,,,
"""


def write(folder: Path, content: str | bytes, name: str = "paper.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


async def rows_of(database: Database) -> dict[str, dict[str, str]]:
    files = await dataset_files(database, "everything")
    return {row["pay"]: row for row in csv.DictReader(io.StringIO(files.responses))}


async def count(database: Database) -> int:
    async with database.reading() as session:
        return int((await session.execute(text("SELECT count(*) FROM response"))).scalar_one())


async def test_paper_forms_come_in_once_and_go_out_as_they_came(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    file = write(tmp_path, GOOD)
    done = await import_file(database, "everything", file, "paper", by="test")
    assert (done.stored, done.again) == (3, 0)
    done = await import_file(database, "everything", file, "paper", by="test")
    assert (done.stored, done.again) == (0, 3)
    files = await dataset_files(database, "everything")
    rows = list(csv.DictReader(io.StringIO(files.responses)))
    freeze = next(row for row in rows if row["view"] == "freeze")
    assert freeze["why_freeze"] == "Too, dear\nreally"
    assert (freeze["priorities.roads"], freeze["priorities.patrols"]) == ("1", "0")
    assert (freeze["pay"], freeze["channel"]) == ("12.50", "paper")
    rise = next(row for row in rows if row["view"] == "maximum")
    assert rise["district"] == "south"
    assert rise["why_freeze"] == "(not asked)"  # kept in the database, counted nowhere
    blank = next(row for row in rows if row["view"] == "")
    assert blank["why_freeze"] == "(not asked)"
    assert blank["priorities.roads"] == ""


async def test_an_export_is_a_valid_import(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    await import_file(database, "everything", write(tmp_path, GOOD), "paper", by="test")
    files = await dataset_files(database, "everything")
    exported = write(tmp_path, files.responses, "responses.csv")
    done = await import_file(database, "everything", exported, "paper", by="test")
    assert (done.stored, done.again) == (0, 3)


async def test_the_codebook_says_all_that_analysis_needs(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    book = json.loads((await dataset_files(database, "everything")).codebook)
    assert book["survey"] == {
        "slug": "everything",
        "version": 1,
        "content_hash": everything.content_hash,
    }
    questions = {q["id"]: q for q in book["questions"]}
    assert questions["view"]["text"]["en"] == "What should happen in your district?"
    assert questions["view"]["options"][1]["label"]["cy"].startswith("Codiad o £14 y flwyddyn")
    assert questions["priorities"]["columns"][0] == {"name": "priorities.roads", "option": "roads"}
    assert questions["why_freeze"]["conditional"]
    assert questions["feeling"]["nets"][0]["codes"] == ["good", "fair"]
    assert "money_note" not in questions


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (b"id,district\n1,\xff\xfe", "CSV UTF-8"),
        ("id,id\n1,2\n", "two columns called id"),
        ("id,district\n1,north,extra\n", "row 1: it has more or fewer cells"),
        ("id,district\n1,moon\n", "row 1, district: Use one of north, south, elsewhere"),
        ("id,colour\n1,red\n", "column colour: survey everything has no such question"),
        ("id,pay\n1,twelve\n", "row 1, pay: Enter a number"),
        ("id,priorities.roads\n1,yes\n", "row 1, priorities.roads: Write 1 for chosen"),
        ("id,district\n1,north\n1,south\n", "row 2, id: the same id stands in row 1"),
        ("id,received_on\n1,1/2/2025\n", "row 1, received_on: Write the day as 2025-01-31"),
        ("id,language\n1,fr\n", "row 1, language: Use one of en, cy"),
        ('id,district\n1,"north\n', "Mend that line"),
    ],
)
async def test_bad_files_are_refused_whole_and_by_name(
    content: str | bytes, said: str, database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    file = write(tmp_path, content)
    with pytest.raises(ImportRefused) as caught:
        await import_file(database, "everything", file, "paper", by="test")
    assert said in str(caught.value)
    assert "paper.csv" in str(caught.value)
    assert await count(database) == 0


async def test_one_bad_row_stores_none_and_every_bad_row_is_named(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    rows = [f"{n},{'moon' if n in (700, 1500) else 'north'}" for n in range(1, 2001)]
    file = write(tmp_path, "id,district\n" + "\n".join(rows) + "\n")
    with pytest.raises(ImportRefused, match="row 700, district") as caught:
        await import_file(database, "everything", file, "paper", by="test")
    assert "row 1500" in str(caught.value)
    assert "moon" not in str(caught.value)
    assert await count(database) == 0


async def test_a_version_keeps_its_own_meaning(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    await import_file(database, "everything", write(tmp_path, GOOD), "paper", by="test")
    words = everything.words["en"].model_copy(update={"title": "Mended"})
    await published(database, Survey(everything.definition, {**everything.words, "en": words}))
    late = write(tmp_path, "id,district\nb1,north\n", "late.csv")
    await import_file(database, "everything", late, "telephone", by="test")
    files = await dataset_files(database, "everything")
    versions = [row["survey_version"] for row in csv.DictReader(io.StringIO(files.responses))]
    assert sorted(versions) == ["1", "1", "1", "2"]


async def test_what_a_later_version_no_longer_asks_stays_in_the_dataset(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    await published(database, everything)
    await import_file(database, "everything", write(tmp_path, GOOD), "paper", by="test")
    definition = everything.definition
    pages = []
    for page in definition.pages:
        question = page.questions[0]
        if question.id == "view":
            assert isinstance(question, Choice)
            kept = [option for option in question.options if option.code != "maximum"]
            question = question.model_copy(update={"options": tuple(kept)})
            page = page.model_copy(update={"questions": (question,)})
        if question.id != "priorities" and question.when is None:
            pages.append(page)
    later = definition.model_copy(update={"pages": tuple(pages)})
    await published(database, Survey(later, everything.words))
    late = write(tmp_path, "id,district\nb1,north\n", "late.csv")
    await import_file(database, "everything", late, "telephone", by="test")
    files = await dataset_files(database, "everything")
    book = {q["id"]: q for q in json.loads(files.codebook)["questions"]}
    assert [o["code"] for o in book["view"]["options"]] == ["freeze", "dont_know", "maximum"]
    assert book["view"]["options"][2]["label"]["en"].startswith("A rise of")
    rows = list(csv.DictReader(io.StringIO(files.responses)))
    assert sorted(row["view"] for row in rows) == ["", "", "freeze", "maximum"]
    assert sorted(row["priorities.roads"] for row in rows) == ["", "(not asked)", "0", "1"]
    # The export still comes back: columns of questions gone are only refused with answers in them.
    again = write(tmp_path, files.responses.replace(rows[0]["id"], "new-1"), "again.csv")
    with pytest.raises(ImportRefused, match=r"column priorities\.roads"):
        await import_file(database, "everything", again, "paper", by="test")


async def test_a_question_keeps_its_type(database: Database, everything: Survey) -> None:
    await published(database, everything)
    pages = [
        page.model_copy(update={"questions": (LongText(id="band", type="long_text"),)})
        if page.id == "band"
        else page
        for page in everything.pages
    ]
    changed = everything.definition.model_copy(update={"pages": tuple(pages), "precept": None})
    with pytest.raises(ConsultError, match="'band' is of another type than in version 1"):
        await published(database, Survey(changed, everything.words))
