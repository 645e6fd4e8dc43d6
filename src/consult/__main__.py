"""The command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from consult import __version__
from consult.commands import (
    api_key,
    areas,
    dataset,
    languages,
    only,
    run_async,
    survey,
    write_text,
)
from consult.errors import ConsultError, DatabaseUnavailable, NotFound
from consult.settings import SettingError, Settings

CHANNELS = ["paper", "telephone", "kiosk", "meeting", "letter", "web"]


@click.group()
@click.version_option(__version__, prog_name="consult")
def cli() -> None:
    """Consultations from question to report."""


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
        run_async(assert_current(url))
        services.serve_web(settings, url)


@cli.command()
def worker() -> None:
    """Do the work that no request waits for."""
    from consult import log
    from consult.database import Database
    from consult.worker import run

    log.configure()
    run_async(run(Database(_database_url()), Settings.from_environment()))


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
        run_async(work(url))
    click.echo(f"{email} may sign in as {role}.")
    if not password_stdin:
        click.echo(f"Password, shown this once: {password}")


# -- surveys and areas ----------------------------------------------------------------------------

cli.add_command(survey.survey)
cli.add_command(areas.areas)
cli.add_command(languages.languages)
cli.add_command(api_key.api_key)


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

    only(file, {".csv"})

    async def work(url: str) -> Imported:
        database = Database(url)
        try:
            return await import_file(database, survey_slug, file, channel, by="command line")
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        done = run_async(work(url))
    again = f"; {done.again} had been stored before" if done.again else ""
    click.echo(f"Stored {done.stored} responses{again}.")


responses.add_command(dataset.responses_export)
cli.add_command(dataset.dataset)


@cli.command()
@click.argument("consultation")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--dataset", "frozen", type=click.IntRange(1), help="Of a frozen dataset, by its number."
)
def report(consultation: str, output: Path, frozen: int | None) -> None:
    """Write the summary report of CONSULTATION as .html."""
    from consult import services
    from consult.database import Database
    from consult.reporting.reports import consultation_report

    only(output, {".html"})

    async def work(url: str) -> str:
        database = Database(url)
        try:
            return await consultation_report(database, consultation, frozen)
        finally:
            await database.close()

    with services.running_database(Settings.from_environment()) as url:
        html = run_async(work(url))
    write_text(output, html)
    click.echo(f"Wrote {output}.")


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
