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
@click.option(
    "--unlinked",
    is_flag=True,
    help="Keep nothing that says which responses came with it; they cannot be set aside then.",
)
def add(name: str, survey: str, unlinked: bool) -> None:
    """Make a key for the partner NAME; it is shown once."""
    from consult import clock
    from consult.accounts.passwords import token_hash
    from consult.api import store
    from consult.database import WriteSession

    if not re.fullmatch(r"\S(.{0,78}\S)?", name) or not name.isprintable():
        raise ConsultError("Give the partner a name of 1 to 80 characters.")
    key = secrets.token_urlsafe(32)

    async def work(session: WriteSession) -> None:
        await store.add(
            session, name, survey, token_hash(key), by=BY, now=clock.now(), linked=not unlinked
        )

    _writing(work)
    click.echo(f"{name} may send responses to '{survey}'.")
    if not unlinked:
        click.echo(
            "Its responses can be set aside as a whole. For that the database holds, unseen in "
            "exports and pages, which came with it: let the partner tell those who answer."
        )
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
    """Every key: whose, for what, since when, whether it still opens, and about how much came."""
    from consult.api import store
    from consult.database import WriteSession

    async def work(session: WriteSession) -> list[store.Key]:
        return await store.keys(session)

    for key in _writing(work):
        ended = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in use"
        aside = "  set aside" if key.set_aside else ""
        made = f"made {key.made_at:%Y-%m-%d}"
        click.echo(f"{key.survey}  {key.name}  {made}  {ended}  {key.says}{aside}")


@api_key.command("set-aside")
@click.argument("name")
@click.option("--survey", required=True, metavar="SLUG")
@click.option("--reason", required=True, help="Why; kept with what was done.")
@click.option("--back", is_flag=True, help="They count as any others again.")
def set_aside(name: str, survey: str, reason: str, back: bool) -> None:
    """Flag all responses that came from NAME: kept, and reported with and without."""
    from consult.api import store
    from consult.database import WriteSession

    async def work(session: WriteSession) -> None:
        await store.set_aside(session, name, survey, reason, by=BY, back=back)

    _writing(work)
    what = "are flagged no more" if back else "are flagged 'set_aside' in every dataset"
    click.echo(f"The responses that came from {name} to '{survey}' {what}.")


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
