"""Alembic's entry point: one transaction, with limits on how long it may wait for a lock."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import consult.coding.tables
import consult.datasets.tables
import consult.inviting.tables
import consult.jobs.tables  # noqa: F401  their tables belong to the schema too
from consult.database import asyncpg_url
from consult.tables import metadata


def run(connection: Connection) -> None:
    """Migrate over ``connection``."""
    # A migration that waits for a lock would make every other query wait behind it.
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect and migrate."""
    url = asyncpg_url(context.config.get_main_option("sqlalchemy.url") or "")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(run_online())
