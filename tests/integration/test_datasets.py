"""Responses out to files and back in."""

import asyncio
import csv
import io
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from analysis import dataset as datasets
from analysis import population, weighting
from analysis.dataset import Dataset
from analysis.manifest import Exclusion
from consult import clock
from consult.consultations.store import Version, publish, versions
from consult.database import Database
from consult.datasets import files as files_
from consult.datasets import stream
from consult.datasets.codebook import codebook, columns
from consult.datasets.exports import export
from consult.datasets.files import OFF_PATH, WITHDRAWN, Made, dataset, dataset_files
from consult.datasets.imports import ImportRefused, import_file
from consult.datasets.rows import off_path, row_of
from consult.datasets.store import responses
from consult.errors import ConsultError
from consult.questionnaire.answers import Choice, LongText, Question, Text
from consult.questionnaire.loading import load
from consult.questionnaire.model import Part
from consult.questionnaire.survey import Survey
from tests.conftest import SURVEYS, published
from tests.properties.generated import surveys, values

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


# -- the dataset by the block, held to the rows one by one -----------------------------------------

WRITTEN = st.sampled_from(
    [
        "\\N",
        "",
        "a\tb\nc\\n d",
        'so "they" say, both',
        " before",
        "=1+1",
        "(not asked)",
        "\\",
        "Ŵ\\t",
    ]
)
NOTES = ("", "household", "more\\ than one", "\\N")


@st.composite
def written(draw: st.DrawFn, question: Question) -> Any:
    """A stored answer; words that a file could trip over among them."""
    if isinstance(question, Text) and draw(st.booleans()):
        return draw(WRITTEN)
    return question.store(draw(values(question)))


@st.composite
def received(draw: st.DrawFn, made: Sequence[Survey]) -> list[dict[str, Any]]:
    """Responses to the versions of a survey, with anything that a response can have."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        number = draw(st.integers(0, len(made) - 1))
        possible = list(made[number].questions.values())
        some = draw(st.lists(st.sampled_from(possible), unique_by=lambda q: q.id))
        withdrawn = draw(st.integers(0, 5)) == 0
        answers = {} if withdrawn else {q.id: draw(written(q)) for q in some}
        extra = draw(st.dictionaries(st.just("not_in_the_survey"), st.just("x")))
        found.append(
            {
                "version": number,
                "withdrawn": withdrawn,
                "channel": draw(st.sampled_from(["web", "paper"])),
                "day": draw(st.dates(date(1999, 1, 1), date(2030, 1, 1))),
                "seed": draw(st.none() | st.integers(0, 2**31 - 1)),
                "flags": draw(st.lists(st.sampled_from(["fast", "again"]), unique=True)),
                "source": draw(st.sampled_from([None, 1, 2])),
                "again": draw(st.sampled_from(NOTES)),
                "closed": draw(st.sampled_from([[], ["late"], ["early", "late"]])),
                "answers": answers | (extra if not withdrawn else {}),
            }
        )
    return found


def in_parts(survey: Survey) -> Survey:
    """``survey``, with every third page in a part of its own deadline."""
    pages = tuple(
        page.model_copy(update={"part": "late"}) if number % 3 == 2 else page
        for number, page in enumerate(survey.definition.pages)
    )
    update = {"pages": pages, "parts": (Part(id="late", closes=survey.definition.closes),)}
    words = {
        language: said.model_copy(update={"parts": {"late": "Late"}})
        for language, said in survey.words.items()
    }
    return Survey(survey.definition.model_copy(update=update), words, survey.population)


async def put(database: Database, published: Sequence[Version], rows: list[dict[str, Any]]) -> None:
    """Store responses as they are, without asking whether anybody could have sent them."""
    async with database.writing() as session:
        for row in rows:
            answers = json.dumps(row["answers"])
            await session.execute(
                text(
                    "INSERT INTO response (id, version_id, channel, language, received_on, "
                    "order_seed, flags, source, again, withdrawn, closed_parts, answers) VALUES "
                    "(:id, :version, :channel, 'en', :day, :seed, :flags, :source, :again, "
                    ":withdrawn, :closed, CAST(:answers AS jsonb))"
                ),
                row | {"id": uuid4(), "version": published[row["version"]].id, "answers": answers},
            )


async def reference(database: Database, slug: str) -> tuple[str, int]:
    """The dataset made response by response, and how many answers are not counted."""
    async with database.reading() as session:
        book = codebook(await versions(session, slug))
        said, off = io.StringIO(), 0
        writer = csv.DictWriter(said, columns(book), lineterminator="\n")
        writer.writeheader()
        async for response in responses(session, slug):
            writer.writerow(row_of(response, book))
            off += off_path(response)
    return said.getvalue(), off


async def keys(database: Database) -> None:
    """Two partners' keys, of which the responses of one are set aside."""
    async with database.writing() as session:
        await session.execute(text("INSERT INTO consultation (slug, stage) VALUES ('k', 'draft')"))
        await session.execute(text("INSERT INTO survey SELECT 'k', max(id), 1 FROM consultation"))
        await session.execute(
            text(
                "INSERT INTO api_key (key_hash, name, survey_slug, made_at, made_by, set_aside) "
                "VALUES ('a', 'one', 'k', now(), 'test', true), "
                "('b', 'two', 'k', now(), 'test', false)"
            )
        )


async def compared(
    database: Database,
    made: Sequence[Survey],
    apart: Sequence[set[str]],
    rows: list[dict[str, Any]],
) -> None:
    """Publish and store, and hold the dataset to the reference."""
    slug, published = f"s{uuid4().hex[:12]}", []
    for survey, kept in zip(made, apart, strict=True):
        named = survey.definition.model_copy(update={"survey": slug})
        async with database.writing() as session:
            version = await publish(
                session, Survey(named, survey.words, survey.population), slug, by="test",
                reason="test", now=clock.now(), apart=kept,
            )  # fmt: skip
        published.append(version)
    await put(database, published, rows)
    found, (said, off) = await dataset(database, slug), await reference(database, slug)
    assert found.files().responses == said
    if found.frame.height:
        same(found)
    assert found.exclusions == {WITHDRAWN: sum(row["withdrawn"] for row in rows)}
    assert found.omissions == (Exclusion(OFF_PATH, off, "answers"),)


def same(made: Made, kind: str = "csv") -> tuple[Dataset, Dataset]:
    """A dataset without files and the one from them, after all that they say was compared."""
    files = made.files()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export(files, folder / f"responses.{kind}")
        read = datasets.read(folder / f"responses.{kind}", folder / "codebook.json")
    own = made.as_dataset()
    assert own.ids.to_list() == read.ids.to_list()
    assert (own.codebook, own.id_col, len(own)) == (read.codebook, read.id_col, len(read))
    assert own.frame.columns == read.frame.columns
    for column in own.frame.columns:
        assert own.frame[column].to_list() == read.frame[column].to_list(), column
        assert np.array_equal(own.asked(column), read.asked(column))
        answers = read.distinct(column)
        assert own.distinct(column) == answers
        codes = [one.coded(column, answers[::-2]) for one in (own, read)]
        assert np.array_equal(*codes)
    about = (own.manifest.rows, own.manifest.exclusions, own.manifest.omissions)
    assert about == (read.manifest.rows, read.manifest.exclusions, read.manifest.omissions)
    assert set(own.manifest.sources) <= set(read.manifest.sources)
    return own, read


EVERY = [in_parts(load(SURVEYS / name)) for name in ("every-type", "everything", "sensitive")]
HELD = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@HELD
@given(data=st.data())
def test_a_dataset_by_the_block_says_what_its_rows_say(
    database_url: str, data: st.DataObject
) -> None:
    """Every type, versions that dropped and shared questions, off-path answers, parts, flags."""
    survey = data.draw(st.sampled_from(EVERY) | surveys().map(in_parts))
    pages = survey.definition.pages
    fewer = survey.definition.model_copy(update={"pages": pages[: max(1, len(pages) - 2)]})
    later = Survey(fewer, survey.words, survey.population)
    made = data.draw(st.sampled_from([[survey], [later, survey], [survey, later, survey]]))
    apart = [data.draw(st.sets(st.sampled_from([*one.questions]))) for one in made]
    rows = data.draw(received(made))
    block = data.draw(st.sampled_from([1, 300, stream.BLOCK]))

    async def run() -> None:
        database = Database(database_url)
        async with database.reading() as session:
            ready = (await session.execute(text("SELECT count(*) FROM api_key"))).scalar_one()
        if not ready:
            await keys(database)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(stream, "BLOCK", block)
            await compared(database, made, apart, rows)
        await database.close()

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
async def test_weights_without_files_are_those_from_files(
    database: Database, everything: Survey, tmp_path: Path, kind: str
) -> None:
    await published(database, everything)
    rows = [
        f"r{n},{('north', 'south', '')[n % 3]},{('female', 'male', 'prefer_not_to_say')[n % 7 % 3]}"
        f",  {n % 4 * 'words '} "
        for n in range(200)
    ]
    file = write(tmp_path, "\n".join(["id,district,sex,why_freeze", *rows]) + "\n")
    await import_file(database, "everything", file, "paper", by="test")
    made = await dataset(database, "everything")
    own, read = same(made, kind)
    margins = population.parse(made.population.encode(), "population.csv")
    usable, _ = weighting.usable(read, margins)
    assert usable is not None
    assert weighting.usable(own, margins)[0] == usable
    ours, theirs = weighting.weight(own, usable), weighting.weight(read, usable)
    assert np.array_equal(ours.weights, theirs.weights)
    assert len(np.unique(ours.weights)) > 3
    assert ours.diagnostics == theirs.diagnostics


async def test_a_survey_with_more_questions_than_postgresql_has_columns(
    database: Database, everything: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(database, everything)
    await import_file(database, "everything", write(tmp_path, GOOD), "paper", by="test")
    before = await dataset_files(database, "everything")
    monkeypatch.setattr(files_, "MOST_ANSWERS", 1)
    assert await dataset_files(database, "everything") == before
