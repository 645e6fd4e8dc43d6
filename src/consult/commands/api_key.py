"""Keys for partners' apps on the command line."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from consult.commands import run_async
from consult.errors import ConsultError
from consult.settings import Settings

Result = TypeVar("Result")
BY = "command line"


@click.group("api-key")
def api_key() -> None:
    """Keys with which partners' apps send responses (docs/API.md)."""


@api_key.command("add")
@click.argument("name")
@click.option("--survey", required=True, metavar="SLUG", help="The survey that it is for.")
def add(name: str, survey: str) -> None:
    """Make a key for the partner NAME; it is shown once."""
    from consult import clock
    from consult.accounts.passwords import token_hash
    from consult.api import store
    from consult.database import WriteSession

    if not re.fullmatch(r"\S(.{0,78}\S)?", name) or not name.isprintable():
        raise ConsultError("Give the partner a name of 1 to 80 characters.")
    key = secrets.token_urlsafe(32)

    async def work(session: WriteSession) -> None:
        await store.add(session, name, survey, token_hash(key), by=BY, now=clock.now())

    _writing(work)
    click.echo(f"{name} may send responses to '{survey}'.")
    click.echo(f"Key, shown this once: {key}")


@api_key.command("revoke")
@click.argument("name")
@click.option("--survey", required=True, metavar="SLUG")
def revoke(name: str, survey: str) -> None:
    """End the key of NAME for a survey."""
    from consult import clock
    from consult.api import store
    from consult.database import WriteSession

    async def work(session: WriteSession) -> None:
        await store.revoke(session, name, survey, by=BY, now=clock.now())

    _writing(work)
    click.echo(f"The key of {name} for '{survey}' opens nothing any more.")


@api_key.command("list")
def list_() -> None:
    """Every key: whose, for what, since when, and whether it still opens."""
    from consult.api import store
    from consult.database import WriteSession

    async def work(session: WriteSession) -> list[store.Key]:
        return await store.keys(session)

    for key in _writing(work):
        ended = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in use"
        click.echo(f"{key.survey}  {key.name}  made {key.made_at:%Y-%m-%d}  {ended}")


def _writing(work: Callable[..., Awaitable[Result]]) -> Result:
    from consult import services
    from consult.database import Database

    async def run(url: str) -> Result:
        database = Database(url)
        try:
            async with database.writing() as session:
                return await work(session)
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        return run_async(run(url))
