"""``consult survey``: questionnaires as files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from consult.commands import only, run_async, write_bytes, write_text
from consult.errors import ConsultError
from consult.settings import Settings


@click.group()
def survey() -> None:
    """Questionnaires."""


@survey.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def survey_check(paths: tuple[Path, ...]) -> None:
    """Print every problem of the surveys in PATHS: file, line, what is wrong, how to mend it."""
    from consult.questionnaire.loading import load
    from consult.questionnaire.problems import SurveyError

    count = 0
    for path in paths:
        try:
            found = load(path)
        except SurveyError as error:
            count += len(error.problems)
            click.echo(str(error))
        else:
            click.echo(f"{path}: no problems, {len(found.questions)} questions")
    if count:
        click.echo(f"{count} problem{'s' if count > 1 else ''}")
        sys.exit(1)


@survey.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
def survey_import(file: Path, folder: Path) -> None:
    """Make the form in FILE (.xlsx, .json, .lss, .txt) a survey; says what was not carried over."""
    from consult.questionnaire.formats import imports
    from consult.questionnaire.loading import load
    from consult.questionnaire.problems import SurveyError

    if folder.exists() and any(folder.iterdir()):
        raise ConsultError(f"{folder} holds files already. Name a new folder.")
    name = imports.slug_of(folder.resolve().name)
    imported = imports.read(file.name, file.read_bytes())
    for file_name, text in imports.texts(imported, name).items():
        write_text(folder / file_name, text)
    for note in imported.notes:
        click.echo(f"note: {note}")
    problems = 0
    try:
        load(folder)
    except SurveyError as error:
        problems = len(error.problems)
        click.echo(str(error))
    click.echo(f"Wrote {folder}: {len(imported.notes)} notes, {problems} problems to mend.")


@survey.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def survey_export(folder: Path, output: Path) -> None:
    """Write the survey in FOLDER as .xlsx (XLSForm), .json (SurveyJS), .xml (DDI) or .csv."""
    from consult.questionnaire.formats import exports
    from consult.questionnaire.loading import load

    only(output, set(exports.WRITERS))
    written = exports.write(load(folder), output.name)
    write_bytes(output, written.content)
    for note in written.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"Wrote {output}.")


@survey.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--consultation", help="The consultation it belongs to (the survey's own name).")
@click.option("--reason", default="", help="Why this version is published.")
def survey_publish(folder: Path, consultation: str | None, reason: str) -> None:
    """Publish the survey in FOLDER as a version that never changes."""
    from consult import clock, services
    from consult.consultations.store import Version, publish
    from consult.database import Database
    from consult.questionnaire.loading import load

    loaded = load(folder)

    async def work(url: str) -> Version:
        database = Database(url)
        async with database.writing() as session:
            version = await publish(
                session,
                loaded,
                consultation or loaded.slug,
                by="command line",
                reason=reason,
                now=clock.now(),
            )
        await database.close()
        return version

    with services.running_database(Settings.from_environment()) as url:
        version = run_async(work(url))
    click.echo(f"{loaded.slug} version {version.number} is published at /s/{loaded.slug}")
