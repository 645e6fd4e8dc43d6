"""``consult areas``: which area each postcode is in."""

from __future__ import annotations

from pathlib import Path

import click

from consult.commands import only, run_async
from consult.settings import Settings


@click.group()
def areas() -> None:
    """Lookup files for questions that find an area by its postcode."""


@areas.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lookup", default="areas", show_default=True, help="What surveys call it.")
def areas_load(file: Path, lookup: str) -> None:
    """Load FILE (.csv: postcode,area) in place of the lookup of that name."""
    from consult import services
    from consult.accounts.store import record
    from consult.database import Database
    from consult.respond.areas import read_areas
    from consult.respond.store import load_areas

    only(file, {".csv"})
    found = read_areas(file.name, file.read_bytes())

    async def work(url: str) -> None:
        database = Database(url)
        async with database.writing() as session:
            await load_areas(session, lookup, found)
            record(session, "command line", "areas.load", lookup, f"{len(found)} postcodes")
        await database.close()

    with services.running_database(Settings.from_environment()) as url:
        run_async(work(url))
    click.echo(f"{len(found):,} postcodes are in lookup '{lookup}'.")
