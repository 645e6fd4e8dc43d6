"""Where a questionnaire begins: the list, a blank one, a template, a file, a published survey."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from consult import clock
from consult.consultations import store as consultations
from consult.designing import store, tree, uploads, view
from consult.designing.edits import with_word
from consult.designing.shell import DESIGNERS, AnyRequest, after, show
from consult.errors import ConsultError
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine
from consult.questionnaire.model import SLUG
from consult.questionnaire.problems import SurveyError
from consult.questionnaire.survey import Survey
from consult.settings import shipped
from consult.web.inject import Config, Db
from consult.web.posted import form_of

#: Names that addresses of the designer have for themselves.
OURS = frozenset({"new", "open"})


@get("/staff/surveys", opt={"who": DESIGNERS})
async def listing(request: AnyRequest, database: Db, settings: Config) -> Response[Any]:
    """Questionnaires being designed, and published ones that can be opened."""
    async with database.reading() as session:
        drafts = await store.listed(session)
        published = await consultations.all_current(session)
    names = {draft.slug for draft in drafts}
    numbers = {version.survey.slug: version.number for version in published}
    lines = [
        {
            "slug": draft.slug,
            "title": view.title_of(draft.document, draft.slug),
            "body": draft.document.definition.get("body", ""),
            "questions": sum(1 for _ in tree.spots(draft.document)),
            "saved": clock.spoken(draft.revision.at),
            "by": store.called(draft.revision.by),
            "published": numbers.get(draft.slug),
        }
        for draft in drafts
    ]
    others = [
        {"slug": v.survey.slug, "title": v.survey.words[v.survey.languages[0]].title, "n": v.number}
        for v in published
        if v.survey.slug not in names
    ]
    return show(request, settings, "list", "Questionnaires", lines=lines, others=others)


def templates() -> dict[str, Path]:
    """Folders of questionnaires to begin from, by their names."""
    root = shipped("surveys")
    found = [*root.glob("templates/*/survey.yaml"), *root.glob("*/survey.yaml")]
    return {path.parent.name: path.parent for path in sorted(found, key=lambda p: len(p.parts))}


def _offered() -> list[dict[str, str]]:
    offered = []
    for name, folder in templates().items():
        try:
            document = Document.from_folder(folder)
        except SurveyError:
            continue
        offered.append({"value": name, "text": view.title_of(document, name)})
    return sorted(offered, key=lambda item: item["text"])


@get("/staff/surveys/new", opt={"who": DESIGNERS})
async def new_form(request: AnyRequest, settings: Config) -> Response[Any]:
    """Blank, from a template, or from a file."""
    return _new(request, settings, {})


def _new(
    request: AnyRequest, settings: Any, typed: Mapping[str, str], error: str = ""
) -> Response[Any]:
    return show(
        request,
        settings,
        "new",
        "Error: New questionnaire" if error else "New questionnaire",
        status=422 if error else 200,
        templates=_offered(),
        typed=typed,
        errors=error.split("\n") if error else [],
    )


async def sent(request: Request[Any, Any, Any]) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """A form's texts, and the files that came with it. Raises 400."""
    try:
        form = await request.form()
    except (LookupError, UnicodeError):
        raise ClientException("the form cannot be read") from None
    texts, files = {}, []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append((value.filename or "", await value.read()))
        else:
            text = str(value).replace("\x00", "")
            texts[name] = text if name.startswith("file:") else text.strip()
    return texts, files


@post("/staff/surveys/new", opt={"who": DESIGNERS}, status_code=303)
async def new(request: AnyRequest, database: Db, settings: Config) -> Response[Any]:
    """Make a questionnaire."""
    typed, files = await sent(request)
    me = request.state.staff.email
    try:
        # A file can take seconds to read: not on the loop that residents' pages are on.
        document, summary, notes = await to_thread.run_sync(_made, typed, files)
        title = typed.get("title") or view.title_of(document, "")
        slug = typed.get("slug") or _slug(title)
        refuse_name(slug)
        document = uploads.renamed(document, slug)
        if typed.get("title"):
            first = next(iter(document.languages), "en")
            document = with_word(document, first, ("title",), typed["title"][:300])
        if typed.get("body"):
            document = replace(
                document, definition={**document.definition, "body": typed["body"][:300]}
            )
        async with database.writing() as session:
            await _refuse_published(session, slug)
            await store.create(session, slug, document, summary, by=me, now=clock.now())
    except ConsultError as error:
        return _new(request, settings, typed, str(error))
    if notes:
        return show(
            request, settings, "notes", "What could not be carried over", notes=notes, slug=slug
        )
    return after(f"/staff/surveys/{slug}")


def _made(
    typed: Mapping[str, str], files: list[tuple[str, bytes]]
) -> tuple[Document, str, tuple[str, ...]]:
    """What to begin with, how it is called in the history, and what to tell about it."""
    match typed.get("how", "blank"):
        case "template":
            folder = templates().get(typed.get("template", ""))
            if folder is None:
                raise ConsultError("Choose the template to begin from.")
            return Document.from_folder(folder), f"Begun from {folder.name}", ()
        case "file":
            made = uploads.read(files)
            return made.document, f"Begun from {files[0][0]}", made.notes
    if not typed.get("title"):
        raise ConsultError("Give the questionnaire a title: people see it first.")
    definition = {"survey": "", "body": "", "languages": ["en"], "pages": []}
    return Document(definition, {"en": {"title": typed["title"][:300]}}), "Begun", ()


def _slug(title: str) -> str:
    return tree.name_from(title, set(), "survey", letter=False).replace("_", "-")


def refuse_name(slug: str) -> None:
    """Refuse a name that no survey can have. Raises ConsultError."""
    if not re.fullmatch(SLUG, slug) or len(slug) > 80 or slug in OURS:
        raise ConsultError(
            f"‘{slug}’ cannot be a survey's name. Use small letters, digits and hyphens, "
            "at most 80."
        )


async def _refuse_published(session: Any, slug: str) -> None:
    if slug in {v.survey.slug for v in await consultations.all_current(session)}:
        raise ConsultError(
            f"A survey called ‘{slug}’ is published. Open it from the list, or choose another name."
        )


@post("/staff/surveys/open", opt={"who": DESIGNERS}, status_code=303)
async def open_published(request: AnyRequest, database: Db) -> Response[Any]:
    """A published survey as a questionnaire to go on with."""
    form = await form_of(request)
    slug = form.get("slug", [""])[0]
    async with database.writing() as session:
        if not await store.exists(session, slug):
            version = await consultations.current(session, slug)
            summary = f"Version {version.number} as it was published"
            me = request.state.staff.email
            document = of_survey(version.survey)
            await store.create(session, slug, document, summary, by=me, now=clock.now())
    return after(f"/staff/surveys/{slug}")


def of_survey(survey: Survey) -> Document:
    """A published survey as a document: the shipped files where they say the same."""
    folder = shipped("surveys") / survey.slug
    if (folder / "survey.yaml").is_file():
        shipped_document = Document.from_folder(folder)
        found = examine(shipped_document, survey.slug)
        if found.survey and found.survey.content_hash == survey.content_hash:
            return shipped_document
    return as_document(survey)


def as_document(survey: Survey) -> Document:
    """A survey as the document that says just what it says: two can be held side by side."""
    definition = survey.definition.model_dump(mode="json", exclude_defaults=True)
    definition["languages"] = list(survey.definition.languages)
    definition["pages"] = [_entry(entry) for entry in definition["pages"]]
    words = {
        language: held.model_dump(mode="json", exclude_defaults=True)
        for language, held in survey.words.items()
    }
    return Document(_numbers(definition), words, survey.population)


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """A page as people write it: a question alone without its page, options by their codes."""
    questions = [_question(question) for question in entry.get("questions", [])]
    if len(questions) == 1 and questions[0]["id"] == entry["id"] and set(entry) <= {
        "id", "part", "section", "questions",
    }:  # fmt: skip
        own = {key: value for key, value in entry.items() if key not in ("id", "questions")}
        return {**questions[0], **own}
    return {**entry, **({"questions": questions} if questions else {})}


def _question(question: dict[str, Any]) -> dict[str, Any]:
    made = dict(question)
    for key in ("options", "rows"):
        if key in made:
            made[key] = tree.short(made[key])
    return made


def _numbers(data: Any, key: str = "") -> Any:
    """Decimals, which JSON holds as text, as numbers."""
    numeric = {"minimum", "maximum", "step", "band_d"}
    if isinstance(data, dict):
        return {
            name: _numbers(value, "step" if key == "rises" else name)
            for name, value in data.items()
        }
    if isinstance(data, list):
        return [_numbers(item) for item in data]
    if key in numeric and isinstance(data, str) and re.fullmatch(r"-?\d+(\.\d+)?", data):
        return float(data) if "." in data else int(data)
    return data


HANDLERS = [listing, new_form, new, open_published]
