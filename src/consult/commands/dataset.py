"""Datasets on the command line: written to files, frozen, listed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from consult.commands import only, run_async
from consult.settings import Settings

if TYPE_CHECKING:
    from consult.database import Database
    from consult.datasets.files import DatasetFiles
    from consult.datasets.store import Frozen

Result = TypeVar("Result")
BY = "command line"


@click.command("export")
@click.argument("survey_slug", metavar="SURVEY")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def responses_export(survey_slug: str, output: Path) -> None:
    """Write a survey's responses to FILE (.csv, .xlsx, .sav, .parquet).

    Beside it: codebook.json, manifest.json and, where there are margins, population.csv.
    """
    only(output, {".csv", ".xlsx", ".sav", ".parquet"})
    from consult.datasets.exports import export, refuse_another

    refuse_another(survey_slug, output.parent)

    async def work(database: Database) -> DatasetFiles:
        from consult.coding.columns import coded_files

        return await coded_files(database, survey_slug)

    export(_with_database(work), output)
    click.echo(f"Wrote {output} and codebook.json beside it.")


@click.group()
def dataset() -> None:
    """Frozen datasets: what a report was published from, for good."""


@dataset.command("freeze")
@click.argument("survey_slug", metavar="SURVEY")
@click.option(
    "--with-comments",
    is_flag=True,
    help="Keep what people wrote in their own words too. They may name themselves and others, "
    "and nobody can take a frozen comment back.",
)
def freeze(survey_slug: str, with_comments: bool) -> None:
    """Keep a survey's responses as they stand now, to publish from."""

    async def work(database: Database) -> Frozen:
        from consult.coding.columns import coded_dataset
        from consult.datasets import frozen

        made = await coded_dataset(database, survey_slug)
        return await frozen.freeze(database, made, by=BY, with_comments=with_comments)

    made = _with_database(work)
    click.echo(f"Frozen as dataset {made.number} of '{survey_slug}', on {made.day}.")


@dataset.command("list")
@click.argument("survey_slug", metavar="[SURVEY]", required=False)
def list_(survey_slug: str | None) -> None:
    """The frozen datasets of a survey, or of all."""

    async def work(database: Database) -> list[Frozen]:
        from consult.datasets import store

        async with database.reading() as session:
            return await store.all_frozen(session, survey_slug)

    for one in _with_database(work):
        rows = json.loads(one.manifest)["rows"]
        click.echo(f"{one.slug}  {one.number}  {one.day}  {rows} responses")


@dataset.command("export")
@click.argument("survey_slug", metavar="SURVEY")
@click.argument("number", type=click.IntRange(1))
@click.option("-o", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
def export_frozen(survey_slug: str, number: int, folder: Path) -> None:
    """Write the files of a frozen dataset into a folder."""

    async def work(database: Database) -> DatasetFiles:
        from consult.datasets.frozen import thawed

        return await thawed(database, survey_slug, number)

    from consult.datasets.exports import export

    export(_with_database(work), folder / "responses.csv")
    click.echo(f"Wrote dataset {number} of '{survey_slug}' into {folder}.")


def _with_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    from consult import services
    from consult.database import Database

    async def run(url: str) -> Result:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        return run_async(run(url))
