"""Commands told wrong things: one line that says why, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from consult import clock
from consult.consultations.store import publish
from consult.database import Database
from consult.datasets.imports import ImportRefused, import_file
from consult.errors import ConsultError
from consult.questionnaire.survey import Survey


def consult(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "consult", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["report", "x", "-o", "x.html"], {"DATABASE_URL": "postgresql://u:p@127.0.0.1:abc/x"}),
        (["report", "x", "-o", "x.html"], {"DATABASE_URL": "postgresql://[::1"}),
        (["serve"], {"CONSULT_PORT": "²"}),
        (["serve"], {"CONSULT_LOG_LEVEL": "silly"}),
        (["staff", "add", "a" * 300 + "@b.c", "--role", "admin"], {}),
        (["staff", "add", "a b@c", "--role", "admin"], {}),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(
    arguments: list[str], environment: dict[str, str]
) -> None:
    done = consult(*arguments, **environment)
    assert done.returncode == 1
    assert done.stderr.startswith("consult: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_without_tables_is_said_in_a_line(
    empty_database_url: str, tmp_path: Path
) -> None:
    for command in (["report", "x"], ["responses", "export", "x"]):
        output = tmp_path / f"x.{'html' if command[0] == 'report' else 'csv'}"
        done = consult(*command, "-o", str(output), DATABASE_URL=empty_database_url)
        assert done.returncode == 1
        assert done.stderr == (
            "consult: the database is not up to date. Run 'consult migrate' first.\n"
        )


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["Bad / name", "a" * 81, ""])
async def test_a_consultation_has_a_name_that_an_address_can_hold(
    name: str, database: Database, everything: Survey
) -> None:
    with pytest.raises(ConsultError, match="cannot be a consultation's name"):
        async with database.writing() as session:
            await publish(session, everything, name, by="test", reason="", now=clock.now())


@pytest.mark.anyio
async def test_a_survey_stays_in_its_consultation(database: Database, open_survey: Survey) -> None:
    with pytest.raises(ConsultError, match="belongs to consultation 'everything'"):
        async with database.writing() as session:
            await publish(session, open_survey, "another", by="test", reason="", now=clock.now())


@pytest.mark.anyio
async def test_two_batches_numbered_alike_are_not_taken_for_one(
    database: Database, open_survey: Survey, tmp_path: Path
) -> None:
    first, second = tmp_path / "monday.csv", tmp_path / "tuesday.csv"
    first.write_text("id,district\n1,north\n2,south\n")
    second.write_text("id,district\n3,north\n1,south\n")
    done = await import_file(database, "everything", first, "paper", by="test")
    assert (done.stored, done.again) == (2, 0)
    with pytest.raises(ImportRefused, match="row 2, id: a response with this id and other answers"):
        await import_file(database, "everything", second, "paper", by="test")
    done = await import_file(database, "everything", first, "paper", by="test")
    assert (done.stored, done.again) == (0, 2)  # row 3 of the second file was not kept either


def test_publishing_a_changed_survey_asks_what_answers_still_mean(
    database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    (folder / "survey.yaml").write_text(
        "survey: live\nbody: B\nlanguages: [en]\ncloses: 2099-01-01T17:00\n"
        "pages:\n  - {id: view, type: number}\n  - {id: age, type: number}\n"
    )
    words = "title: T\nsummary: S\nquestions:\n  view: {ask: View?}\n  age: {ask: Age?}\n"
    (folder / "en.yaml").write_text(words)

    def publish_(*more: str) -> subprocess.CompletedProcess[str]:
        return consult("survey", "publish", str(folder), *more, DATABASE_URL=database_url)

    assert publish_("--apart", "view").returncode == 0  # nothing before it
    (folder / "en.yaml").write_text(words.replace("View?", "Your view?").replace("Age?", "Years?"))
    refused = publish_("--apart", "age")
    assert refused.returncode == 1
    assert "view: The question: ‘View?’ became ‘Your view?’" in refused.stderr
    assert "--same" in refused.stderr
    assert "no such" not in refused.stderr
    strange = publish_("--same", "--apart", "town")
    assert "--apart town: that question has not changed" in strange.stderr
    assert "version 2 is published" in publish_("--same", "--apart", "age").stdout
    assert publish_().stdout.count("version 2") == 1  # the same content is that version already
