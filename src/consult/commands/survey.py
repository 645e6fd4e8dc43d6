"""``consult survey``: questionnaires as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consult.commands import only, run_async, write_bytes, write_text
from consult.errors import ConsultError, NotFound
from consult.settings import Settings

if TYPE_CHECKING:
    from consult.database import WriteSession
    from consult.questionnaire.paper import Layout
    from consult.questionnaire.paths import Way
    from consult.questionnaire.survey import Survey


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
@click.option("--language", help="Of a .pdf or .html: which of the survey's (the first).")
@click.option(
    "--layout",
    type=click.Choice(["standard", "large", "easy"]),
    help="Of a .pdf: standard, large print or easy read.",
)
@click.option(
    "--fonts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Of a .pdf: a folder of fonts, for scripts that the system has none for.",
)
def survey_export(
    folder: Path, output: Path, language: str | None, layout: Layout | None, fonts: Path | None
) -> None:
    """Write the survey in FOLDER as another file; its ending says which.

    .pdf is a paper questionnaire and .html a preview of the whole, .xlsx an XLSForm, .json a form
    of SurveyJS, .xml DDI and .csv a data dictionary.
    """
    from consult.questionnaire import paper
    from consult.questionnaire.formats import exports
    from consult.questionnaire.loading import load

    only(output, set(exports.WRITERS))
    ending = output.suffix.lower()
    if (layout or fonts) and ending != ".pdf":
        raise click.UsageError("--layout and --fonts are for .pdf files.")
    if language and ending not in {".pdf", ".html"}:
        raise click.UsageError("--language is for .pdf and .html files; the others hold them all.")
    survey = load(folder)
    if ending == ".pdf":
        written = paper.export_pdf(survey, language, layout or "standard", fonts)
    elif ending == ".html":
        written = paper.export_html(survey, language)
    else:
        written = exports.write(survey, output.name)
    write_bytes(output, written.content)
    for note in written.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"Wrote {output}.")


@survey.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--consultation", help="The consultation it belongs to (the survey's own name).")
@click.option("--reason", default="", help="Why this version is published.")
@click.option("--same", is_flag=True, help="Earlier answers still mean the same.")
@click.option("--apart", multiple=True, metavar="QUESTION", help="Its earlier answers do not.")
def survey_publish(
    folder: Path, consultation: str | None, reason: str, same: bool, apart: tuple[str, ...]
) -> None:
    """Publish the survey in FOLDER as a version that never changes.

    Where questions changed since the version in use, say whether the answers given until now
    still mean the same: --same, and --apart for each question whose answers do not.
    """
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
                apart=await _kept_apart(session, loaded, same, apart),
            )
        await database.close()
        return version

    with services.running_database(Settings.from_environment()) as url:
        version = run_async(work(url))
    click.echo(f"{loaded.slug} version {version.number} is published at /s/{loaded.slug}")


async def _kept_apart(
    session: WriteSession, survey: Survey, same: bool, apart: tuple[str, ...]
) -> set[str]:
    """The questions whose earlier answers are kept apart. Raises ConsultError if nobody said."""
    from consult.consultations.store import current
    from consult.questionnaire import changes

    try:
        before = (await current(session, survey.slug)).survey
    except NotFound:
        return set()
    found = changes.changes(before, survey)
    strange = sorted(set(apart) - {change.question for change in found})
    if strange:
        raise ConsultError(f"--apart {strange[0]}: that question has not changed.")
    decided = {change.question: "same" for change in found} if same else {}
    decided |= dict.fromkeys(apart, "apart")
    kept, undecided = changes.apart(found, decided)
    if undecided:
        told = "\n".join(
            f"  {change.question}: {sentence}"
            for change in undecided
            for sentence in change.sentences
        )
        raise ConsultError(
            f"These questions have changed since the version in use:\n{told}\nSay --same if the "
            "answers given until now still mean the same, and --apart QUESTION where they do not."
        )
    return kept


@survey.command("paths")
@click.argument("folder", type=click.Path(path_type=Path))
def survey_paths(folder: Path) -> None:
    """Say what the survey in FOLDER asks of whom: paths, minutes, reading age, what is around."""
    from consult.questionnaire.loading import load
    from consult.questionnaire.paths import around, paths, reading_ages
    from consult.respond.visit import NEUTRAL

    survey = load(folder)
    found = paths(survey)
    told = [
        ("Shortest path", f"{len(found.shortest.pages)} pages, {_chosen(found.shortest)}"),
        ("Longest path", f"{len(found.longest.pages)} pages, {_chosen(found.longest)}"),
        ("Minutes", f"{found.quickest / 60:.0f} to {found.slowest / 60:.0f}, estimated"),
    ]
    for language, age in reading_ages(survey).items():
        measured = "no measure for this language" if age is None else f"{age:.0f}"
        told.append(("Reading age", f"{measured} ({language})"))
    for what, text in [*told, *around(survey, NEUTRAL)]:
        click.echo(f"{what + ':':<15}{text}")
    if not found.whole:
        click.echo("There are too many ways through to walk them all; these are the first.")
    for question in found.unreachable:
        click.echo(f"Nobody can be asked: {question}")
    if found.unreachable:
        sys.exit(1)


def _chosen(way: Way) -> str:
    answers = [f"{qid} = {_said(value)}" for qid, value in way.answers.items()]
    return "whatever is answered" if not answers else f"with {', '.join(answers)}"


def _said(value: object) -> str:
    if value is None:
        return "no answer"
    return " and ".join(value) if isinstance(value, tuple) else str(value)


@survey.command("sets")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("question")
@click.option("--sets", "count", type=click.IntRange(1, 40), help="How many sets.")
def survey_sets(folder: Path, question: str, count: int | None) -> None:
    """Make the sets of the best–worst QUESTION and write them into survey.yaml in FOLDER."""
    from consult.questionnaire.document import Document
    from consult.questionnaire.maxdiff import with_sets

    try:
        made, summary = with_sets(Document.from_folder(folder), question, count)
    except ValueError as error:
        raise ConsultError(str(error)) from None
    write_text(folder / "survey.yaml", made.as_texts()["survey.yaml"])
    click.echo(summary)


@survey.command("schema")
@click.option("-o", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
def survey_schema(folder: Path) -> None:
    """Write the JSON Schemas of survey.yaml and of a language's file, for editors."""
    from consult.questionnaire.schema import schemas

    for name, text in schemas().items():
        write_text(folder / name, text)
        click.echo(f"Wrote {folder / name}.")


# -- translations --------------------------------------------------------------------------------


@survey.group("translations")
def translations() -> None:
    """What is translated, what is missing or stale, and files for translators."""


@translations.command("list")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--accept", is_flag=True, help="Take every translation to be of today's text.")
def translations_list(folder: Path, accept: bool) -> None:
    """List what of FOLDER's languages is missing or stale; exit 1 if anything is."""
    from consult.questionnaire import translation
    from consult.questionnaire.document import Document

    document = Document.from_folder(folder)
    source = translation.source_language(document)
    wanting = 0
    for language in [code for code in document.words if code != source]:
        if accept:
            document = translation.accept(document, language)
            write_text(folder / f"{language}.yaml", document.as_texts()[f"{language}.yaml"])
        for entry in translation.status(document, language):
            if entry.state != "translated":
                wanting += 1
                click.echo(f"{language}: {entry.state:<8} {entry.key}")
    if wanting:
        click.echo(f"{wanting} text{'s' if wanting > 1 else ''} to look at")
        sys.exit(1)
    click.echo("Everything is translated.")


@translations.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("language")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def translations_export(folder: Path, language: str, output: Path) -> None:
    """Write a .po file of FOLDER's texts for a translator into LANGUAGE."""
    from consult.questionnaire.document import Document
    from consult.questionnaire.translation import to_po

    only(output, {".po"})
    write_text(output, to_po(Document.from_folder(folder), language).decode())
    click.echo(f"Wrote {output}.")


@translations.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("language")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def translations_import(folder: Path, language: str, file: Path) -> None:
    """Take the translations of a .po FILE into FOLDER; say what was not taken."""
    from consult.questionnaire.document import Document
    from consult.questionnaire.translation import from_po, status

    only(file, {".po"})
    document = Document.from_folder(folder)
    document, notes = from_po(document, language, file.name, file.read_bytes())
    for name, text in document.as_texts().items():
        if name in {f"{language}.yaml", "survey.yaml"}:
            write_text(folder / name, text)
    for note in notes:
        click.echo(note, err=True)
    left = sum(entry.state != "translated" for entry in status(document, language))
    click.echo(f"{left} texts are still to translate." if left else "Everything is translated.")
