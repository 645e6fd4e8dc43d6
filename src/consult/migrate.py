"""Bringing a database's schema up to date."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

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
