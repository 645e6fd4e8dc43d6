"""The command line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from consult import __version__
from consult.errors import ConsultError, DatabaseUnavailable, NotFound
from consult.settings import SettingError, Settings

Result = TypeVar("Result")
CHANNELS = ["paper", "telephone", "kiosk", "meeting", "letter", "web"]


@click.group()
@click.version_option(__version__, prog_name="consult")
def cli() -> None:
    """Consultations from question to report."""


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


# -- services ------------------------------------------------------------------------------------


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def demo(port: int | None, no_browser: bool) -> None:
    """A database, sample consultations with responses, everything running."""
    from consult.demo import run

    run(Settings.from_environment(), port, open_browser=not no_browser)


@cli.command()
def serve() -> None:
    """Serve pages (settings from the environment; see docs/SETTINGS.md)."""
    from consult import log, services
    from consult.migrate import assert_current

    log.configure()
    settings = Settings.from_environment()
    with services.running_database(settings, attach=False) as url:
        if settings.database_url is None:
            from consult.migrate import upgrade

            upgrade(url)
        _run(assert_current(url))
        services.serve_web(settings, url)


@cli.command()
def worker() -> None:
    """Do the work that no request waits for."""
    from consult import log
    from consult.database import Database
    from consult.worker import run

    log.configure()
    _run(run(Database(_database_url())))


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from consult import services
    from consult.migrate import upgrade

    with services.running_database(Settings.from_environment()) as url:
        upgrade(url)
    click.echo("The database is up to date.")


def _database_url() -> str:
    url = Settings.from_environment().database_url
    if url is None:
        raise ConsultError("Set DATABASE_URL, for example postgresql://user:password@host/name.")
    return url


# -- staff ---------------------------------------------------------------------------------------


@cli.group()
def staff() -> None:
    """People who run consultations."""


@staff.command("add")
@click.argument("email")
@click.option(
    "--role", required=True, type=click.Choice(["designer", "analyst", "interviewer", "admin"])
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def staff_add(email: str, role: Any, password_stdin: bool) -> None:
    """Add EMAIL, or give them a new role and password."""
    from consult import services
    from consult.accounts import passwords
    from consult.accounts.store import put_staff
    from consult.database import Database

    email = email.strip().lower()
    if "@" not in email[1:-1] or len(email) > 254 or not email.isprintable() or " " in email:
        raise ConsultError(f"'{email}' is no email address.")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else passwords.new_password()
    hashed = passwords.hashed(password)

    async def work(url: str) -> None:
        database = Database(url)
        async with database.writing() as session:
            await put_staff(session, email, role, hashed, by="command line")
        await database.close()

    with services.running_database(Settings.from_environment()) as url:
        _run(work(url))
    click.echo(f"{email} may sign in as {role}.")
    if not password_stdin:
        click.echo(f"Password, shown this once: {password}")


# -- surveys -------------------------------------------------------------------------------------


@cli.group()
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
        version = _run(work(url))
    click.echo(f"{loaded.slug} version {version.number} is published at /s/{loaded.slug}")


# -- responses and reports -----------------------------------------------------------------------


@cli.group()
def responses() -> None:
    """Responses in and out."""


@responses.command("import")
@click.argument("survey_slug", metavar="SURVEY")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, type=click.Choice(CHANNELS))
def responses_import(survey_slug: str, file: Path, channel: str) -> None:
    """Store the responses in FILE (.csv): all of them, or none and every bad row named."""
    from consult import services
    from consult.database import Database
    from consult.datasets.imports import Imported, import_file

    _only(file, {".csv"})

    async def work(url: str) -> Imported:
        database = Database(url)
        try:
            return await import_file(database, survey_slug, file, channel, by="command line")
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        done = _run(work(url))
    again = f"; {done.again} had been stored before" if done.again else ""
    click.echo(f"Stored {done.stored} responses{again}.")


@responses.command("export")
@click.argument("survey_slug", metavar="SURVEY")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def responses_export(survey_slug: str, output: Path) -> None:
    """Write a survey's responses to a .csv file, with codebook.json and population.csv beside."""
    from consult import services

    _only(output, {".csv"})
    with services.running_database(Settings.from_environment()) as url:
        files = _run(_dataset(url, survey_slug))
    _write(output, files.responses)
    _write(output.parent / "codebook.json", files.codebook)
    if files.population:
        _write(output.parent / "population.csv", files.population)
    click.echo(f"Wrote {output} and codebook.json beside it.")


async def _dataset(url: str, survey_slug: str) -> Any:
    from consult.database import Database
    from consult.datasets.files import dataset_files

    database = Database(url)
    try:
        return await dataset_files(database, survey_slug)
    finally:
        await database.close()


@cli.command()
@click.argument("consultation")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def report(consultation: str, output: Path) -> None:
    """Write the summary report of CONSULTATION as .html."""
    from consult import services
    from consult.database import Database
    from consult.reporting.reports import consultation_report

    _only(output, {".html"})

    async def work(url: str) -> str:
        database = Database(url)
        try:
            return await consultation_report(database, consultation)
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        html = _run(work(url))
    _write(output, html)
    click.echo(f"Wrote {output}.")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())  # no translation of line ends: bytes are compared
    except OSError as error:
        raise ConsultError(f"{file} cannot be written: {error.strerror}.") from None


def _only(file: Path, endings: set[str]) -> None:
    if file.suffix.lower() not in endings:
        known = " or ".join(sorted(endings))
        raise click.UsageError(f"'{file.name}': this command takes {known} files.")


class _Analysis(click.Group):
    """The commands of ``python -m analysis``, loaded only when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._group.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._group.get_command(ctx, cmd_name)

    @property
    def _group(self) -> click.Group:
        from analysis.__main__ import cli as analysis

        return analysis


cli.add_command(_Analysis("analyse", help="The same as python -m analysis."))


def main() -> None:
    """Run a command; what a person can mend is said in a line, with exit code 1."""
    from consult.questionnaire.problems import SurveyError

    try:
        cli(standalone_mode=True)
    except DatabaseUnavailable as error:
        sys.exit(f"consult: the database does not answer ({error}). Check that it runs.")
    except NotFound as error:
        sys.exit(f"consult: there is no '{error}' here. Publish it first, or check its name.")
    except (ConsultError, SettingError, SurveyError) as error:
        sys.exit(f"consult: {error}")
    except Exception as error:
        # Loaded by now if a database was asked anything; other commands start without it.
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        if state not in {"42P01", "42703"}:  # no such table, no such column
            raise
        sys.exit("consult: the database is not up to date. Run 'consult migrate' first.")


if __name__ == "__main__":
    main()
