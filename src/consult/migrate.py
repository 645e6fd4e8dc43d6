"""Bringing a database's schema up to date."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from consult.database import asyncpg_url
from consult.errors import ConsultError
from consult.settings import shipped


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    made = Config()
    made.set_main_option("script_location", str(shipped("migrations")))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return made


def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; nothing happens where it is there already."""
    command.upgrade(config(url), "head")


async def assert_current(url: str) -> None:
    """Refuse to serve a database whose schema is not the newest. Raises ConsultError."""
    newest = ScriptDirectory.from_config(config(url)).get_current_head()
    engine = create_async_engine(asyncpg_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    await engine.dispose()
    if found != newest:
        raise ConsultError(
            f"The database is at revision {found or 'none'} and this version needs {newest}. "
            "Run 'consult migrate' first."
        )
