"""Migrations run up, down and up again, match the tables, and protect what must not change."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from consult.database import Database
from consult.errors import ConsultError
from consult.migrate import assert_current, config, upgrade
from consult.questionnaire.survey import Survey
from consult.settings import shipped
from tests.conftest import published

pytestmark = pytest.mark.anyio


def test_up_check_down_up(empty_database_url: str) -> None:
    setup = config(empty_database_url)
    command.upgrade(setup, "head")
    command.check(setup)
    command.downgrade(setup, "base")
    command.upgrade(setup, "head")
    command.check(setup)


def test_revisions_have_readable_numbers() -> None:
    names = sorted(p.name for p in (shipped("migrations") / "versions").glob("*.py"))
    assert [name[:5] for name in names] == [f"{n:04}_" for n in range(1, len(names) + 1)]


async def test_an_old_schema_is_not_served(empty_database_url: str) -> None:
    with pytest.raises(ConsultError, match="consult migrate"):
        await assert_current(empty_database_url)


async def test_the_newest_schema_is_served(database_url: str) -> None:
    await assert_current(database_url)


def test_upgrading_twice_is_harmless(database_url: str) -> None:
    upgrade(database_url)


@pytest.mark.parametrize(
    "statement", ["UPDATE survey_version SET number = 9", "DELETE FROM survey_version"]
)
async def test_a_published_version_cannot_be_changed(
    statement: str, database: Database, everything: Survey
) -> None:
    await published(database, everything)
    with pytest.raises(IntegrityError, match="never changed"):
        async with database.writing() as session:
            await session.execute(text(statement))


async def test_publishing_is_numbered_hashed_and_idempotent(
    database: Database, everything: Survey
) -> None:
    first = await published(database, everything)
    again = await published(database, everything)
    assert (first.number, again.id) == (1, first.id)
    assert first.survey == everything
    assert first.survey.content_hash == everything.content_hash
    words = everything.words["en"].model_copy(update={"title": "Everything, mended"})
    changed = Survey(everything.definition, {**everything.words, "en": words})
    second = await published(database, changed)
    assert second.number == 2
    assert second.survey.content_hash != first.survey.content_hash
    async with database.reading() as session:
        events = await session.execute(text("SELECT actor, subject FROM audit ORDER BY id"))
        assert events.all() == [("test", "everything version 1"), ("test", "everything version 2")]


async def test_a_read_session_cannot_write(database: Database) -> None:
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError, match="read-only"):
        async with database.reading() as session:
            await session.execute(
                text("INSERT INTO consultation (slug, stage) VALUES ('x', 'draft')")
            )
