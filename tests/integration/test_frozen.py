"""Frozen datasets give the same bytes for good; exports read back as they were given."""

import asyncio
import csv
import io
import json
import zlib
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from analysis import dataset as datasets
from analysis import weighting
from analysis.codebook import TABLED
from analysis.crosstabs import tabulate
from analysis.pipeline import report_files
from consult.__main__ import cli
from consult.consultations.store import current
from consult.database import Database
from consult.datasets import exports, spss, store
from consult.datasets.exports import export
from consult.datasets.files import WITHDRAWN, DatasetFiles, dataset, dataset_files
from consult.datasets.frozen import KEPT_APART, LEFT_OUT, freeze, thawed
from consult.datasets.imports import import_file
from consult.errors import ConsultError
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.reporting.reports import consultation_report
from consult.respond.corrections import withdraw
from tests.conftest import SURVEYS, published
from tests.properties.generated import answer_sets

pytestmark = pytest.mark.anyio
SLUG = "everything"


@pytest.fixture
async def answered(database: Database, everything: Survey, tmp_path: Path) -> Survey:
    """The survey with 60 responses, each with words of its own."""
    await published(database, everything)
    rows = [
        f"r{n},{('north', 'south')[n % 2]},{('freeze', 'maximum')[n % 3 == 0]},Words of {n},{n}.5"
        for n in range(60)
    ]
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze,pay", *rows]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    return everything


def rows_of(files: DatasetFiles) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files.responses)))


async def one_of(database: Database, district: str) -> UUID:
    async with database.reading() as session:
        query = "SELECT id FROM response WHERE answers ->> 'district' = :d ORDER BY id LIMIT 1"
        return UUID(str((await session.execute(text(query), {"d": district})).scalar_one()))


async def change(database: Database) -> None:
    """One person withdraws, another says something else."""
    async with database.writing() as session:
        assert await withdraw(session, SLUG, await one_of(database, "north"))
        await session.execute(
            text(
                'UPDATE response SET answers = answers || \'{"view": "dont_know"}\' WHERE id = :id'
            ),
            {"id": await one_of(database, "south")},
        )


async def test_what_was_published_stays_when_people_withdraw_and_correct(
    database: Database, answered: Survey, tmp_path: Path
) -> None:
    live = await consultation_report(database, SLUG)
    first = await freeze(database, await dataset(database, SLUG), by="test", with_comments=True)
    files = await thawed(database, SLUG, 1)
    report = await consultation_report(database, SLUG, 1)
    await change(database)
    assert await thawed(database, SLUG, 1) == files
    assert await consultation_report(database, SLUG, 1) == report
    assert await consultation_report(database, SLUG) != live
    second = await freeze(database, await dataset(database, SLUG), by="test", with_comments=True)
    assert (first.number, second.number) == (1, 2)
    manifest = json.loads(second.manifest)
    assert (manifest["frozen"], manifest["rows"]) == ("2", 59)
    assert manifest["exclusions"] == [{"reason": WITHDRAWN, "count": 1, "unit": "responses"}]
    # From files, as somebody who checks the report would make it.
    files.write(tmp_path)
    out = tmp_path / "out.html"
    book, targets = tmp_path / "codebook.json", tmp_path / "population.csv"
    report_files(tmp_path / "responses.csv", book, targets if targets.exists() else None, out)
    assert out.read_text() == report
    assert datasets.read(tmp_path / "responses.csv", book).manifest.frozen == "1"


async def test_nothing_in_a_frozen_dataset_leads_to_a_response(
    database: Database, answered: Survey
) -> None:
    await freeze(database, await dataset(database, SLUG), by="test")
    await freeze(database, await dataset(database, SLUG), by="test", with_comments=True)
    live = await dataset_files(database, SLUG)
    plain, full = [await thawed(database, SLUG, number) for number in (1, 2)]
    ids = [{row["id"] for row in rows_of(files)} for files in (live, plain, full)]
    assert [len(found) for found in ids] == [60, 60, 60]
    assert len(set.union(*ids)) == 180
    assert not any(row[name] for row in rows_of(full) for name in KEPT_APART)
    # In an order of chance: the same people stand elsewhere each time.
    said = [[row["pay"] for row in rows_of(files)] for files in (live, plain, full)]
    assert sorted(said[0]) == sorted(said[1]) == sorted(said[2])
    assert said[0] != said[1] != said[2]
    assert "Words of" in full.responses
    assert "Words of" not in plain.responses
    book = json.loads(plain.codebook)
    assert not {"short_text", "long_text"} & {q["type"] for q in book["questions"]}
    left = json.loads(plain.manifest)["omissions"]
    whole = json.loads(live.codebook)["questions"]
    words = len(whole) - len(book["questions"])
    assert words > 0
    assert left[1:] == [{"reason": LEFT_OUT, "count": words, "unit": "questions"}]
    assert left[:1] == json.loads(full.manifest)["omissions"]


async def test_a_frozen_dataset_cannot_be_changed_and_its_freezing_is_told(
    database: Database, answered: Survey
) -> None:
    made = await freeze(database, await dataset(database, SLUG), by="ann@example.org")
    for statement in ("UPDATE dataset SET manifest = ''", "DELETE FROM dataset"):
        with pytest.raises(IntegrityError, match="freeze a new one"):
            async with database.writing() as session:
                await session.execute(text(statement))
    async with database.reading() as session:
        audit = "SELECT actor, subject, reason FROM audit WHERE action = 'dataset.freeze'"
        told = (await session.execute(text(audit))).one()
        [listed] = await store.all_frozen(session, SLUG)
    assert tuple(told) == ("ann@example.org", "everything dataset 1", "without comments")
    assert (listed.number, listed.day, listed.responses) == (1, made.day, b"")
    assert zlib.decompress(made.responses).decode() == (await thawed(database, SLUG, 1)).responses
    assert "ann@example.org" not in f"{made.manifest}{made.codebook}"
    with pytest.raises(ConsultError, match="no frozen dataset 2"):
        await thawed(database, SLUG, 2)


async def test_nothing_is_frozen_of_nobody(database: Database, everything: Survey) -> None:
    await published(database, everything)
    with pytest.raises(ConsultError, match="nothing to freeze"):
        await freeze(database, await dataset(database, SLUG), by="test")


def test_the_commands(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def consult(*arguments: str) -> str:
        done = CliRunner().invoke(cli, arguments, env={"DATABASE_URL": database_url})
        assert done.exit_code == 0, done.output
        return done.output

    consult("survey", "publish", str(SURVEYS / SLUG))
    (tmp_path / "p.csv").write_text("id,district,view\n1,north,freeze\n2,south,maximum\n")
    consult("responses", "import", SLUG, "p.csv", "--channel", "paper")
    assert "dataset 1" in consult("dataset", "freeze", SLUG)
    assert "everything  1  20" in consult("dataset", "list")
    consult("dataset", "export", SLUG, "1", "-o", "frozen")
    names = {path.name for path in (tmp_path / "frozen").iterdir()}
    assert names >= {"responses.csv", "codebook.json", "manifest.json"}
    consult("report", SLUG, "-o", "r.html", "--dataset", "1")
    consult("responses", "export", SLUG, "-o", "out/r.sav")
    assert (tmp_path / "out" / "manifest.json").exists()


# -- exports ---------------------------------------------------------------------------------------


def same_answers(one: datasets.Dataset, other: datasets.Dataset) -> None:
    """Two datasets by their codebooks, question by question; figures as figures."""
    assert one.ids.to_list() == other.ids.to_list()
    figures = {"number", "money", "choices", "ranking", "points"}
    for question in one.codebook.questions:
        twin = other.question(question.id)
        for mine, theirs in zip(question.columns, twin.columns, strict=True):
            if question.type in figures:
                numbers = one.numbers(mine.name), other.numbers(theirs.name)
                assert np.array_equal(*numbers, equal_nan=True), mine.name
            else:
                assert one.column(mine.name).equals(other.column(theirs.name)), mine.name
            assert np.array_equal(one.asked(mine.name), other.asked(theirs.name)), mine.name


def bases(data: datasets.Dataset) -> dict[str, Any]:
    """Of each question that has a table: who was asked, who answered, and what."""
    found = {}
    for question in data.codebook.questions:
        if question.type in TABLED:
            table = tabulate(weighting.unweighted(data), question.id)
            cells = [(c.category, c.count, repr(c.estimate.value)) for c in table.everyone.cells]
            found[question.id] = (table.responses, table.asked, table.everyone.n, cells)
    return found


EVERY_TYPE = load(SURVEYS / "every-type")
FEW = settings(
    max_examples=6, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@FEW
@given(data=st.data())
def test_every_kind_of_file_reads_back_the_same(
    database_url: str, tmp_path: Path, data: st.DataObject
) -> None:
    answers = data.draw(st.lists(answer_sets(EVERY_TYPE), min_size=1, max_size=8))
    files = asyncio.run(stored(database_url, answers))
    found: dict[str, datasets.Dataset] = {}
    for kind in ("csv", "xlsx", "parquet", "sav"):
        folder = tmp_path / kind
        export(files, folder / f"r.{kind}")
        found[kind] = datasets.read(folder / f"r.{kind}", folder / "codebook.json")
        assert found[kind].manifest.sources, "the manifest tells of this very file"
    for kind in ("xlsx", "parquet", "sav"):
        same_answers(found["csv"], found[kind])
        assert bases(found["csv"]) == bases(found[kind])


async def stored(url: str, answers: list[dict[str, Any]]) -> DatasetFiles:
    database = Database(url)
    await published(database, EVERY_TYPE)
    async with database.writing() as session:
        version = await current(session, "every-type")
        await session.execute(text("DELETE FROM response"))
        for given_ in answers:
            kept = {qid: EVERY_TYPE.questions[qid].store(v) for qid, v in given_.items()}
            await session.execute(
                text(
                    "INSERT INTO response (id, version_id, channel, language, received_on, answers)"
                    " VALUES (gen_random_uuid(), :v, 'web', 'en', '2026-01-31', "
                    "CAST(:a AS jsonb))"
                ),
                {"v": version.id, "a": json.dumps(kept)},
            )
    files = await dataset_files(database, "every-type")
    await database.close()
    return files


async def test_who_was_asked_is_the_same_in_every_kind_of_file(
    database: Database, everything: Survey, tmp_path: Path
) -> None:
    """In figures, boxes and texts, and in a SAV file that nobody kept the codebook of."""
    grouped = everything.definition.model_dump(exclude_unset=True)
    for page in grouped["pages"]:
        if page["id"] in ("priorities", "sex"):
            page["when"] = 'district == "north"'
    definition = type(everything.definition).model_validate(grouped)
    await published(database, Survey(definition, everything.words, everything.population))
    rows = ["north,1,20,female", "north,1,,", "north,0,,male", "north,,,", "south,,,", "south,,,"]
    file = tmp_path / "paper.csv"
    head = "id,district,priorities.roads,roads_more,sex"
    file.write_text("\n".join([head, *(f"r{n},{row}" for n, row in enumerate(rows))]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    files = await dataset_files(database, SLUG)
    for kind in ("csv", "xlsx", "parquet", "sav"):
        folder = tmp_path / kind
        export(files, folder / f"r.{kind}")
        found = bases(datasets.read(folder / f"r.{kind}", folder / "codebook.json"))
        assert {name: found[name][:3] for name in ("priorities", "roads_more", "sex")} == {
            "priorities": (6, 4, 2),
            "roads_more": (6, 2, 1),
            "sex": (6, 4, 2),
        }
    alone = datasets.read(tmp_path / "sav" / "r.sav")
    codes = [option.code for option in alone.question("sex").options]
    assert codes == ["female", "male", "prefer_not_to_say"]
    assert bases(alone)["sex"][:3] == (6, 4, 2)
    assert bases(alone)["priorities.roads"][:3] == (6, 4, 2)


async def test_what_people_wrote_is_no_formula_and_sav_has_labels(
    database: Database, answered: Survey, tmp_path: Path
) -> None:
    import pyreadstat
    from openpyxl import load_workbook

    async with database.writing() as session:
        await session.execute(
            text("UPDATE response SET answers = answers || CAST(:a AS jsonb)"),
            {"a": json.dumps({"view": "freeze", "why_freeze": '=HYPERLINK("http://x")'})},
        )
    files = await dataset_files(database, SLUG)
    export(files, tmp_path / "r.xlsx")
    export(files, tmp_path / "again.xlsx")
    assert (tmp_path / "r.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    sheet = load_workbook(tmp_path / "r.xlsx").active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert {cell.data_type for cell in cells} == {"s", "n"}
    export(files, tmp_path / "r.sav")
    _, meta = pyreadstat.read_sav(str(tmp_path / "r.sav"), output_format="dict", user_missing=True)
    assert meta.column_names_to_labels["view"] == "What should happen in your district?"
    assert meta.variable_value_labels["view"]["freeze"]
    assert meta.variable_value_labels["priorities.roads"] == {0.0: "No", 1.0: "Yes"}


def test_names_that_spss_refuses_are_said_another_way() -> None:
    long = "a" * 64
    names = spss._names(["id", "all", "heard.not-sure", "heard.not_sure", long, f"{long}.b", "x."])
    assert names["id"] == "id"
    assert names["all"] == "v_all"
    assert len({name.lower() for name in names.values()}) == 7
    assert all(len(name) <= 64 and not name.endswith(".") for name in names.values())
    book = {"questions": [{"columns": [{"name": "heard.not-sure", "option": "not-sure"}]}]}
    [column] = spss._renamed(book, names)["questions"][0]["columns"]
    assert column == {
        "name": names["heard.not-sure"], "option": "not-sure", "column": "heard.not-sure",
    }  # fmt: skip


async def test_another_surveys_codebook_is_not_lost(
    database: Database, answered: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await dataset_files(database, SLUG)
    export(files, tmp_path / "r.csv")
    export(files, tmp_path / "r.parquet")  # the same survey again
    book = json.loads((tmp_path / "codebook.json").read_text())
    book["survey"]["slug"] = "another"
    for content, whose in ((json.dumps(book), "that of 'another'"), ("{}", "none that consult")):
        (tmp_path / "codebook.json").write_text(content)
        with pytest.raises(ConsultError, match=f"{whose}.*folder of its own"):
            export(files, tmp_path / "new.csv")
        assert (tmp_path / "codebook.json").read_text() == content
        assert not (tmp_path / "new.csv").exists()
    monkeypatch.setattr(exports, "LETTERS", 3)
    with pytest.raises(ConsultError, match="column id has an answer of 36"):
        export(files, tmp_path / "x" / "r.xlsx")
    monkeypatch.setattr(spss, "TEXT_BYTES", 3)
    with pytest.raises(ConsultError, match="column id has one of 36"):
        export(files, tmp_path / "x" / "r.sav")
